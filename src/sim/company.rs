//! The invented company of `assets/tenant.json`: who works there, where, when, and what they share.
//!
//! The file is data without dates: everything in it is placed relative to the clock when the world is built.

use serde::Deserialize;
use std::collections::BTreeMap;

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
    /// `user`, `guest`, `room`, `equipment` or `shared`; `stranger` for an account of another tenant nobody invited, and
    /// `personal` for a personal account.
    #[serde(default = "user")]
    pub kind: String,
    /// False for an account without a mailbox.
    #[serde(default = "yes")]
    pub has_mailbox: bool,
    /// The account is kept in step with a directory of the organisation's own.
    #[serde(default)]
    pub synchronised: bool,
    /// The licence: `exchange`, `pending` (with Exchange, not in force), `other` or `none`; absent: what fits `has_mailbox`.
    #[serde(default)]
    pub licence: Option<String>,
    /// IANA zone name of the mailbox.
    pub zone: String,
    /// The form in which the service tells the zone: `iana` (as without), `windows`, `custom`, or `none` where
    /// no zone was ever set.
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
    /// Whether free/busy of this outsider is answered through the other organisation.
    #[serde(default)]
    pub federated: bool,
    /// Whether the calendar holds only what the agenda says, without any filling.
    #[serde(default)]
    pub quiet: bool,
    /// The tenant a guest or stranger comes from.
    #[serde(default)]
    pub home_tenant: Option<String>,
    /// The organisation of a guest.
    #[serde(default)]
    pub company: Option<String>,
    /// How many sit in the room.
    #[serde(default)]
    pub capacity: Option<u32>,
    /// The floor of the room.
    #[serde(default)]
    pub floor: Option<i32>,
    /// Locale of the mailbox, e.g. `en-GB`; `en-US` if absent.
    #[serde(default)]
    pub language: Option<String>,
    /// What presence says.
    #[serde(default)]
    pub presence: Option<PresenceNote>,
    /// Automatic replies as stored.
    #[serde(default)]
    pub automatic_replies: Option<AutomaticReplies>,
}

impl Person {
    /// Whether the account is no part of this tenant: its directory does not know it.
    #[must_use]
    pub fn is_outsider(&self) -> bool {
        matches!(self.kind.as_str(), "stranger" | "personal")
    }
}

/// What presence says of somebody.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PresenceNote {
    /// As sent: letter case varies and unknown words occur, as with the service.
    pub availability: String,
    #[serde(default)]
    pub activity: Option<String>,
    /// The status message.
    #[serde(default)]
    pub status: Option<String>,
    /// When the status message ends, as [`crate::sim::when`] reads it.
    #[serde(default)]
    pub status_until: Option<String>,
    /// `office` or `remote`.
    #[serde(default)]
    pub place: Option<String>,
}

/// Automatic replies of somebody.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AutomaticReplies {
    /// `disabled`, `alwaysEnabled` or `scheduled`.
    pub status: String,
    /// HTML for colleagues.
    pub text: String,
    /// HTML for others, if it differs.
    #[serde(default)]
    pub external: Option<String>,
    /// `none`, `contactsOnly` or `all`.
    pub audience: String,
    /// Beginning of the period, as [`crate::sim::when`] reads it, in the zone of the person.
    #[serde(default)]
    pub start: Option<String>,
    /// End of the period.
    #[serde(default)]
    pub end: Option<String>,
}

/// An entry of the calendars, placed relative to the week.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Entry {
    /// Alias of the organizer.
    pub by: String,
    pub subject: String,
    /// Beginning, as [`crate::sim::when`] reads it, in `zone` or the organizer's; without a time it lasts whole days.
    pub start: String,
    #[serde(default)]
    pub minutes: i64,
    /// How many days an all-day entry lasts.
    #[serde(default)]
    pub days: i64,
    #[serde(default)]
    pub zone: Option<String>,
    /// Name of the zone as the organizer's program wrote it, if not the IANA one.
    #[serde(default)]
    pub zone_name: Option<String>,
    /// e.g. `weekly mon wed fri`, `every 2 weeks tue`, `monthly 15`, `monthly second thu`, `daily`, `yearly 3-15`.
    #[serde(default)]
    pub repeat: Option<String>,
    /// How many times it repeats.
    #[serde(default)]
    pub count: Option<u32>,
    /// The week after which it repeats no more, relative to this one.
    #[serde(default)]
    pub until: Option<i64>,
    /// Days without it, as [`crate::sim::when`] reads them.
    #[serde(default)]
    pub cancelled: Vec<String>,
    /// Days on which it differs.
    #[serde(default)]
    pub changed: Vec<ChangedDay>,
    /// Who is asked: alias or address → `accepted`, `tentativelyAccepted`, `declined`, `notResponded` or `none`.
    #[serde(default)]
    pub people: BTreeMap<String, String>,
    /// Who may come.
    #[serde(default)]
    pub optional: BTreeMap<String, String>,
    /// Alias of the room.
    #[serde(default)]
    pub room: Option<String>,
    /// A place that is no room.
    #[serde(default)]
    pub place: Option<String>,
    /// A Teams meeting.
    #[serde(default)]
    pub online: bool,
    /// `free`, `tentative`, `busy`, `oof` or `workingElsewhere`; `busy` if absent.
    #[serde(default)]
    pub show: Option<String>,
    /// `normal`, `personal`, `private` or `confidential`.
    #[serde(default)]
    pub sensitivity: Option<String>,
    #[serde(default)]
    pub importance: Option<String>,
    #[serde(default)]
    pub categories: Vec<String>,
    /// HTML.
    #[serde(default)]
    pub body: Option<String>,
    /// Called off by the organizer: it stays until somebody removes it.
    #[serde(default)]
    pub called_off: bool,
    /// The calendar of the organizer it is in, if not the main one.
    #[serde(default)]
    pub calendar: Option<String>,
}

/// A day of a series that differs from the others.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangedDay {
    /// The day it would have been on.
    pub on: String,
    /// When it is instead.
    #[serde(default)]
    pub start: Option<String>,
    #[serde(default)]
    pub minutes: Option<i64>,
    #[serde(default)]
    pub subject: Option<String>,
}

/// A group of the directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Group {
    /// Object id (GUID).
    pub id: String,
    /// The part of its address before the sign "at".
    pub alias: String,
    /// Shown name.
    pub name: String,
    /// Whether all people are in it.
    #[serde(default)]
    pub everybody: bool,
    /// Aliases of people and rooms in it.
    #[serde(default)]
    pub members: Vec<String>,
    /// Aliases of groups in it.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Contacts of the organisation in it.
    #[serde(default)]
    pub contacts: Vec<GroupContact>,
    /// Aliases of members who hide.
    #[serde(default)]
    pub hidden: Vec<String>,
}

/// Somebody outside whom the organisation lists.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GroupContact {
    /// Shown name.
    pub name: String,
    /// Address.
    pub mail: String,
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
    /// Groups of the directory.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// What is in the calendars.
    #[serde(default)]
    pub agenda: Vec<Entry>,
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
