//! Directory people, presence, mail tips and mailbox settings on the wire.

use super::mail::EmailAddress;
use super::schedule::WireHours;
use super::time::WallTime;
use super::{line, some_line, word};
use crate::domain::person::{Person, PersonId};
use crate::domain::presence::{Availability, Presence, WorkPlace};
use crate::graph::standing::Licence;
use jiff::Timestamp;
use serde::Deserialize;

/// How the directory holds somebody.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireStanding {
    on_premises_sync_enabled: Option<bool>,
}

impl WireStanding {
    pub fn is_synchronised(&self) -> bool {
        self.on_premises_sync_enabled == Some(true)
    }
}

/// The licences of somebody.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireLicences {
    value: Option<Vec<WireLicence>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireLicence {
    service_plans: Option<Vec<WirePlan>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WirePlan {
    service_plan_name: Option<String>,
    provisioning_status: Option<String>,
}

impl WireLicences {
    /// What they say about a mailbox. Exchange Online's plans all begin alike.
    pub fn licence(&self) -> Licence {
        let licences = self.value.as_deref().unwrap_or_default();
        let plans = licences.iter().flat_map(|licence| licence.service_plans.as_deref().unwrap_or_default());
        let is_exchange = |plan: &&WirePlan| {
            let name = plan.service_plan_name.as_deref().unwrap_or_default();
            name.get(..10).is_some_and(|start| start.eq_ignore_ascii_case("EXCHANGE_S"))
        };
        let exchange: Vec<&WirePlan> = plans.filter(is_exchange).collect();
        let is_ready = |plan: &&WirePlan| {
            plan.provisioning_status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case("Success"))
        };
        match (licences.is_empty(), exchange.is_empty()) {
            (true, _) => Licence::None,
            (false, true) => Licence::Other,
            (false, false) if exchange.iter().any(is_ready) => Licence::Exchange,
            (false, false) => Licence::Pending,
        }
    }
}

/// Somebody the service suggests.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WirePerson {
    id: Option<String>,
    display_name: Option<String>,
    scored_email_addresses: Option<Vec<EmailAddress>>,
    job_title: Option<String>,
    department: Option<String>,
    office_location: Option<String>,
    phones: Option<Vec<WirePhone>>,
    person_type: Option<WirePersonType>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WirePhone {
    number: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WirePersonType {
    subclass: Option<String>,
}

impl WirePerson {
    /// The person; `None` without an address, and for rooms and groups. Only people of the organisation have a directory id.
    pub fn person(self) -> Option<Person> {
        let address = self
            .scored_email_addresses
            .unwrap_or_default()
            .into_iter()
            .find_map(|one| some_line(one.address.as_deref()))?;
        let id = match word(self.person_type.and_then(|kind| kind.subclass).as_deref()).as_str() {
            "organizationuser" => PersonId(self.id.filter(|id| !id.is_empty())?),
            "room" | "equipment" | "distributionlist" | "unifiedgroup" => return None,
            _ => PersonId::of_address(&address),
        };
        Some(Person {
            id,
            name: line(self.display_name.as_deref().unwrap_or_default()),
            address,
            job_title: some_line(self.job_title.as_deref()),
            department: some_line(self.department.as_deref()),
            office: some_line(self.office_location.as_deref()),
            phones: self
                .phones
                .unwrap_or_default()
                .iter()
                .filter_map(|phone| some_line(phone.number.as_deref()))
                .collect(),
        })
    }
}

/// One of the own contacts.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireContact {
    display_name: Option<String>,
    email_addresses: Option<Vec<EmailAddress>>,
    job_title: Option<String>,
    department: Option<String>,
    office_location: Option<String>,
    business_phones: Option<Vec<Option<String>>>,
    mobile_phone: Option<String>,
}

impl WireContact {
    /// The person; `None` without an address.
    pub fn person(self) -> Option<Person> {
        let address =
            self.email_addresses.unwrap_or_default().into_iter().find_map(|one| some_line(one.address.as_deref()))?;
        let phones = self.business_phones.unwrap_or_default().into_iter().chain([self.mobile_phone]);
        Some(Person {
            id: PersonId::of_address(&address),
            name: line(self.display_name.as_deref().unwrap_or_default()),
            address,
            job_title: some_line(self.job_title.as_deref()),
            department: some_line(self.department.as_deref()),
            office: some_line(self.office_location.as_deref()),
            phones: phones.filter_map(|phone| some_line(phone.as_deref())).collect(),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireUser {
    id: Option<String>,
    display_name: Option<String>,
    mail: Option<String>,
    user_principal_name: Option<String>,
    job_title: Option<String>,
    department: Option<String>,
    office_location: Option<String>,
    business_phones: Option<Vec<Option<String>>>,
    mobile_phone: Option<String>,
}

impl WireUser {
    /// The person; `None` without an id and without an address. An account without mail keeps an empty address: its
    /// user principal name is no mailbox.
    pub fn person(self) -> Option<Person> {
        let address = line(self.mail.as_deref().unwrap_or_default());
        let principal = line(self.user_principal_name.as_deref().unwrap_or_default());
        let id =
            self.id.filter(|id| !id.is_empty()).or_else(|| Some(principal.clone()).filter(|name| !name.is_empty()))?;
        let mut phones: Vec<String> = self
            .business_phones
            .unwrap_or_default()
            .into_iter()
            .filter_map(|phone| some_line(phone.as_deref()))
            .collect();
        phones.extend(some_line(self.mobile_phone.as_deref()));
        let name = some_line(self.display_name.as_deref())
            .unwrap_or_else(|| if address.is_empty() { principal } else { address.clone() });
        Some(Person {
            id: PersonId(id),
            name,
            address,
            job_title: some_line(self.job_title.as_deref()),
            department: some_line(self.department.as_deref()),
            office: some_line(self.office_location.as_deref()),
            phones,
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireOutOfOffice {
    is_out_of_office: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireContent {
    content: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireStatusMessage {
    message: Option<WireContent>,
    expiry_date_time: Option<WallTime>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WirePresence {
    id: Option<String>,
    availability: Option<String>,
    activity: Option<String>,
    out_of_office_settings: Option<WireOutOfOffice>,
    status_message: Option<WireStatusMessage>,
    work_location: Option<WireWorkLocation>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireWorkLocation {
    work_location_type: Option<String>,
}

impl WireWorkLocation {
    fn place(&self) -> Option<WorkPlace> {
        match word(self.work_location_type.as_deref()).as_str() {
            "office" => Some(WorkPlace::Office),
            "remote" => Some(WorkPlace::Remote),
            "timeoff" => Some(WorkPlace::TimeOff),
            _ => None,
        }
    }
}

impl WirePresence {
    /// Presence with its person; `None` without an id.
    pub fn presence(self, as_of: Timestamp) -> Option<(PersonId, Presence)> {
        let id = PersonId(self.id.filter(|id| !id.is_empty())?);
        let settings = self.out_of_office_settings.unwrap_or_default();
        let activity = word(self.activity.as_deref());
        let presence = Presence {
            availability: rough(&word(self.availability.as_deref())),
            activity: activity_words(&activity, self.activity.as_deref(), self.availability.as_deref()),
            status_message: status_words(self.status_message, as_of),
            is_out_of_office: settings.is_out_of_office.unwrap_or(false) || activity == "outofoffice",
            work_place: self.work_location.as_ref().and_then(WireWorkLocation::place),
            as_of,
        };
        Some((id, presence))
    }
}

/// A status message that has not expired, as one line of text.
fn status_words(message: Option<WireStatusMessage>, as_of: Timestamp) -> String {
    let Some(message) = message else { return String::new() };
    let expiry = message.expiry_date_time.and_then(|expiry| expiry.instant());
    if expiry.is_some_and(|expiry| expiry <= as_of) {
        return String::new();
    }
    let content = message.message.and_then(|message| message.content).unwrap_or_default();
    line(&without_tags(&content))
}

/// Status messages are plain text in which mentions and breaks come as tags; nothing of them is worth more than the text.
fn without_tags(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        kept.push_str(&rest[..start]);
        let tag = &rest[start..];
        let is_tag = tag[1..].starts_with(|first: char| first.is_ascii_alphabetic() || first == '/');
        match tag.find('>') {
            Some(end) if is_tag => {
                kept.push(' ');
                rest = &tag[end + 1..];
            }
            _ => {
                kept.push('<');
                rest = &tag[1..];
            }
        }
    }
    kept.push_str(rest);
    kept.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

/// The rough state; the words vary with the age of the service and in letter case \[presence\].
fn rough(word: &str) -> Availability {
    match word {
        "available" | "availableidle" => Availability::Available,
        "busy" | "busyidle" | "focusing" | "inacall" | "inameeting" | "presenting" => Availability::Busy,
        "donotdisturb" => Availability::DoNotDisturb,
        "away" | "berightback" => Availability::Away,
        "offline" => Availability::Offline,
        _ => Availability::Unknown,
    }
}

/// The activity in words, empty where it says no more than the state. A word we do not know is shown as it came.
fn activity_words(activity: &str, came: Option<&str>, availability: Option<&str>) -> String {
    match activity {
        "" | "available" | "away" | "busy" | "donotdisturb" | "offline" | "presenceunknown" | "availableidle"
        | "busyidle" => match word(availability).as_str() {
            "focusing" => "Focusing".to_owned(),
            "inacall" => "In a call".to_owned(),
            "inameeting" => "In a meeting".to_owned(),
            "presenting" => "Presenting".to_owned(),
            "berightback" => "Be right back".to_owned(),
            _ => String::new(),
        },
        "berightback" => "Be right back".to_owned(),
        "focusing" => "Focusing".to_owned(),
        "inacall" => "In a call".to_owned(),
        "inaconferencecall" => "In a conference call".to_owned(),
        "inactive" => "Inactive".to_owned(),
        "inameeting" => "In a meeting".to_owned(),
        "offwork" => "Off work".to_owned(),
        "outofoffice" => "Out of office".to_owned(),
        "presenting" => "Presenting".to_owned(),
        "urgentinterruptionsonly" => "Urgent interruptions only".to_owned(),
        _ => line(came.unwrap_or_default()),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireReplies {
    pub message: Option<String>,
    pub scheduled_start_time: Option<WallTime>,
    pub scheduled_end_time: Option<WallTime>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireTipError {
    pub message: Option<String>,
    pub code: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireTip {
    pub email_address: Option<EmailAddress>,
    pub automatic_replies: Option<WireReplies>,
    pub mailbox_full: Option<bool>,
    pub error: Option<WireTipError>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireOwnReplies {
    pub status: Option<String>,
    pub scheduled_start_date_time: Option<WallTime>,
    pub scheduled_end_date_time: Option<WallTime>,
    pub internal_reply_message: Option<String>,
    pub external_reply_message: Option<String>,
    pub external_audience: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireSettings {
    pub time_zone: Option<String>,
    pub working_hours: Option<WireHours>,
    pub automatic_replies_setting: Option<WireOwnReplies>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence(availability: &str, activity: &str) -> Presence {
        let wire = WirePresence {
            id: Some("1".to_owned()),
            availability: Some(availability.to_owned()),
            activity: Some(activity.to_owned()),
            ..WirePresence::default()
        };
        wire.presence(Timestamp::UNIX_EPOCH).expect("an id").1
    }

    #[test]
    fn presence_words_of_both_ages_are_understood() {
        let old = presence("Busy", "InACall");
        let new = presence("inACall", "busy");
        assert_eq!((old.availability, old.activity.as_str()), (Availability::Busy, "In a call"));
        assert_eq!((new.availability, new.activity.as_str()), (Availability::Busy, "In a call"));
        assert_eq!(presence("Available", "Available").activity, "");
        assert!(presence("Offline", "OutOfOffice").is_out_of_office);
        let strange = presence("Levitating", "Hovering\u{202e}");
        assert_eq!((strange.availability, strange.activity.as_str()), (Availability::Unknown, "Hovering"));
    }

    #[test]
    fn an_expired_status_message_is_not_shown() {
        let message = |expiry: &str| {
            Some(WireStatusMessage {
                message: Some(WireContent { content: Some("Back <at>soon</at> &amp; rested 1 < 2".to_owned()) }),
                expiry_date_time: Some(WallTime {
                    date_time: Some(expiry.to_owned()),
                    time_zone: Some("UTC".to_owned()),
                }),
            })
        };
        let now: Timestamp = "2026-11-23T10:00:00Z".parse().expect("an instant");
        assert_eq!(status_words(message("2026-11-23T09:00:00.0000000"), now), "");
        let shown = status_words(message("2026-11-23T11:00:00.0000000"), now);
        assert_eq!(shown.split_whitespace().collect::<Vec<_>>().join(" "), "Back soon & rested 1 < 2");
    }
}
