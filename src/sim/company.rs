//! The invented company of `assets/tenant.json`: who works there, where, when, and what they share.
//!
//! The file is data without dates: everything in it is placed relative to the clock when the world is built.

use serde::Deserialize;

/// Somebody (or some room or shared mailbox) of the company.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Person {
    /// Object id (GUID).
    pub id: String,
    /// Short handle used inside the file and on the command line, e.g. `lena`.
    pub alias: String,
    /// Shown name.
    pub display_name: String,
    #[serde(default)]
    pub given_name: String,
    #[serde(default)]
    pub surname: String,
    /// SMTP address; `None` for an account without mail.
    pub mail: Option<String>,
    pub user_principal_name: String,
    #[serde(default)]
    pub job_title: Option<String>,
    #[serde(default)]
    pub department: Option<String>,
    #[serde(default)]
    pub office_location: Option<String>,
    #[serde(default)]
    pub mobile_phone: Option<String>,
    #[serde(default)]
    pub business_phone: Option<String>,
    /// `user`, `guest`, `room` or `shared`.
    #[serde(default = "user")]
    pub kind: String,
    /// False for an account without a mailbox.
    #[serde(default = "yes")]
    pub has_mailbox: bool,
    /// IANA zone name of the mailbox.
    pub zone: String,
    /// The form in which the service tells the zone: `iana`, `windows` or `custom`.
    #[serde(default)]
    pub zone_form: Option<String>,
    /// Working days, e.g. `["monday", …]`; empty with `work_start` absent: no working hours are set.
    #[serde(default)]
    pub work_days: Vec<String>,
    /// e.g. `09:00`.
    #[serde(default)]
    pub work_start: Option<String>,
    #[serde(default)]
    pub work_end: Option<String>,
    /// What colleagues see of the calendar: `none`, `freeBusy`, `limited` or `full`.
    #[serde(default = "free_busy")]
    pub sharing: String,
    /// Alias of the manager.
    #[serde(default)]
    pub manager: Option<String>,
}

fn user() -> String {
    "user".to_owned()
}
fn yes() -> bool {
    true
}
fn free_busy() -> String {
    "freeBusy".to_owned()
}

/// The company: its name, its directory and the people in it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Shown name of the tenant.
    pub name: String,
    /// Tenant id (GUID).
    pub tenant_id: String,
    /// Verified domains; the first is the one of the addresses.
    pub domains: Vec<String>,
    /// Everybody and every room.
    pub people: Vec<Person>,
}

impl Company {
    /// The company that is built into the program.
    ///
    /// # Panics
    /// If `assets/tenant.json` does not fit these types; a test loads it.
    #[must_use]
    pub fn load() -> Self {
        serde_json::from_str(include_str!("../../assets/tenant.json")).expect("assets/tenant.json fits its types")
    }

    /// The index of the person with this object id, user principal name, address or alias, without regard to case.
    #[must_use]
    pub fn find(&self, who: &str) -> Option<usize> {
        self.people.iter().position(|person| {
            [&person.id, &person.user_principal_name, &person.alias].iter().any(|name| name.eq_ignore_ascii_case(who))
                || person.mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(who))
        })
    }
}
