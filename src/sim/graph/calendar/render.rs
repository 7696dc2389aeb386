//! Events as JSON: every member the service sends, times in the zone that was asked for.

use super::store::{Attendee, Details, Instance, Item, moment};
use super::{Sight, no_sight_of};
use crate::sim::company::Person;
use crate::sim::graph::odata::encode;
use crate::sim::request::{Answer, Request};
use crate::sim::zones::Zone;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// How the caller wants events written.
#[derive(Clone, Debug)]
pub(in crate::sim::graph) struct Style {
    /// The zone of `start` and `end`, under the name it was asked by.
    pub zone: Zone,
    /// Bodies as plain text.
    pub text: bool,
    /// Enum values in another letter case and members nobody documents.
    pub quirks: bool,
    /// What was applied of `Prefer`.
    pub applied: String,
}

impl Style {
    /// Reads `Prefer`.
    ///
    /// # Errors
    /// 400 `TimeZoneNotSupportedException` for a zone in neither list.
    pub fn of(request: &Request, quirks: bool) -> Result<Self, Answer> {
        let mut applied = Vec::new();
        let zone = match request.preference("outlook.timezone") {
            Some(name) => {
                let zone = zone_named(&name)?;
                applied.push(format!("outlook.timezone=\"{name}\""));
                zone
            }
            None => Zone::utc(),
        };
        let text =
            request.preference("outlook.body-content-type").is_some_and(|kind| kind.eq_ignore_ascii_case("text"));
        if text {
            applied.push("outlook.body-content-type=\"text\"".to_owned());
        }
        Ok(Self { zone, text, quirks, applied: applied.join(", ") })
    }

    /// `answer` with `Preference-Applied`, if anything was.
    pub fn stamp(&self, answer: Answer) -> Answer {
        if self.applied.is_empty() { answer } else { answer.with("Preference-Applied", &self.applied) }
    }

    /// An enum value, now and then in the letter case of older answers.
    pub fn word(&self, value: &str) -> String {
        if !self.quirks {
            return value.to_owned();
        }
        let mut letters = value.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }

    /// A `showAs` or `status`; with quirks some item has one that nobody has heard of.
    pub fn shown(&self, value: &str, number: u64) -> String {
        if self.quirks && number.is_multiple_of(13) { "unknownFutureValue".to_owned() } else { self.word(value) }
    }

    /// A `dateTimeTimeZone` in this zone.
    pub fn time(&self, at: Timestamp) -> Value {
        wall_time(at.to_zoned(self.zone.rules.clone()).datetime(), &self.zone.name)
    }
}

/// The zone of this name, or the refusal of one in neither list.
pub(in crate::sim::graph) fn zone_named(name: &str) -> Result<Zone, Answer> {
    Zone::named(name).ok_or_else(|| {
        let message = format!("The following TimeZone value is not supported: '{name}'.");
        Answer::error(400, "TimeZoneNotSupportedException", &message)
    })
}

/// A wall time as the service writes it, with seven digits behind the second. \[datetimetimezone\]
pub(in crate::sim::graph) fn wall_time(wall: DateTime, zone: &str) -> Value {
    json!({"dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S.0000000").to_string(), "timeZone": zone})
}

/// An instant as `DateTimeOffset`.
pub(in crate::sim::graph) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Writes events of one mailbox.
pub(super) struct Renderer<'a> {
    pub owner: &'a Person,
    pub style: &'a Style,
    pub sight: Sight,
}

/// What the row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Row {
    Single,
    Master,
    Occurrence(Date),
}

impl Row {
    pub(super) const fn of(instance: &Instance) -> Self {
        match instance.day {
            Some(day) => Self::Occurrence(day),
            None => Self::Single,
        }
    }
}

impl Renderer<'_> {
    /// The whole event.
    pub(super) fn event(&self, item: &Item, row: Row) -> Value {
        let day = match row {
            Row::Occurrence(day) => Some(day),
            Row::Single | Row::Master => None,
        };
        let details = item.details_on(day);
        let subject = item.subject_on(day);
        let mut event = self.stub(item, row);
        let body = self.body(details);
        let organizer = details.organizer.as_ref();
        let own = organizer.is_some_and(|(_, address)| self.owner.mail.as_deref() == Some(address.as_str()));
        let called_off = if details.called_off { "Canceled: " } else { "" };
        let rest = json!({
            "createdDateTime": instant(details.created), "lastModifiedDateTime": instant(item.modified),
            "changeKey": change_key(item), "categories": details.categories, "transactionId": details.transaction,
            "originalStartTimeZone": details.zone.name, "originalEndTimeZone": details.zone.name,
            "iCalUId": ical_uid(item, row), "reminderMinutesBeforeStart": details.reminder.unwrap_or(15), "isReminderOn": details.reminder.is_some() && !details.all_day,
            "hasAttachments": false, "subject": format!("{called_off}{subject}"), "bodyPreview": preview(&details.body),
            "body": body, "importance": self.style.word(&details.importance),
            "sensitivity": self.style.word(&details.sensitivity), "isAllDay": details.all_day,
            "isCancelled": details.called_off, "isOrganizer": own || organizer.is_none(),
            "responseRequested": details.asks, "showAs": self.style.shown(if details.called_off { "free" } else { &details.show }, item.number),
            "webLink": format!("https://outlook.office365.com/owa/?itemid={}&exvsurl=1&path=/calendar/item", encode(&item.id)),
            "onlineMeetingUrl": null, "isOnlineMeeting": details.join.is_some(),
            "onlineMeetingProvider": if details.join.is_some() { "teamsForBusiness" } else { "unknown" },
            "allowNewTimeProposals": details.proposals, "isDraft": false, "hideAttendees": false,
            "recurrence": match (&details.recurrence, row) {
                (Some(series), Row::Master) => series.json(&details.zone.name),
                _ => Value::Null,
            },
            "responseStatus": {"response": self.style.word(&details.response), "time": answered(details.created, details.answered, &details.response)},
            "location": location(details), "locations": locations(details),
            "attendees": details.attendees.iter().map(|attendee| self.attendee(details, attendee)).collect::<Vec<_>>(),
            "organizer": organizer.map_or(Value::Null, |(name, address)| address_json(name, address)),
            "onlineMeeting": details.join.as_ref().map_or(Value::Null, |join| json!({"joinUrl": join})),
        });
        merge(&mut event, rest);
        if self.style.quirks {
            event["occurrenceId"] = json!(format!("OID.{}", item.id));
            event["unheardOf@odata.type"] = json!("#microsoft.graph.notInAnySchema");
            event["unheardOf"] = json!({"depth": 1});
        }
        self.blank(details, &mut event);
        event
    }

    /// What a delta says of an occurrence, and the beginning of every event.
    pub(super) fn stub(&self, item: &Item, row: Row) -> Value {
        let details = item.details.as_ref();
        let (start, end, id, kind, master) = match row {
            Row::Single => (details.start, details.end, item.id.clone(), "singleInstance", None),
            Row::Master => (details.start, details.end, item.id.clone(), "seriesMaster", None),
            Row::Occurrence(day) => {
                let (start, end) = item.on(day).unwrap_or((details.start, details.end));
                let kind = if item.days.contains_key(&day) { "exception" } else { "occurrence" };
                (start, end, item.day_id(day), kind, Some(&item.id))
            }
        };
        let mut stub = json!({
            "@odata.etag": format!("W/\"{}\"", change_key(item)), "id": id, "type": self.style.word(kind),
            "seriesMasterId": master, "start": self.wall(details, start), "end": self.wall(details, end),
        });
        if let Row::Occurrence(day) = row {
            let planned = day.to_datetime(details.start.time());
            let rules = if details.all_day { &TimeZone::UTC } else { &details.zone.rules };
            stub["originalStart"] = json!(instant(moment(planned, rules)));
        }
        stub
    }

    /// Whole days keep their dates in every zone. \[field\]
    fn wall(&self, details: &Details, wall: DateTime) -> Value {
        if details.all_day {
            return wall_time(wall, &self.style.zone.name);
        }
        self.style.time(moment(wall, &details.zone.rules))
    }

    fn attendee(&self, details: &Details, attendee: &Attendee) -> Value {
        let mut value = address_json(&attendee.name, &attendee.address);
        value["type"] = json!(self.style.word(&attendee.kind));
        value["status"] = json!({"response": self.style.word(&attendee.response), "time": answered(details.created, attendee.answered, &attendee.response)});
        if let Some((start, end)) = attendee.proposal {
            value["proposedNewTime"] = json!({"start": self.style.time(start), "end": self.style.time(end)});
        }
        value
    }

    fn body(&self, details: &Details) -> Value {
        let mut html = details.body.clone();
        if let Some(join) = &details.join {
            html.push_str(&format!(
                "<div>________________________________________________________________________________</div>\
                 <div><b>Microsoft Teams meeting</b></div><div><a href=\"{join}\">Join the meeting now</a></div>"
            ));
        }
        if self.style.text {
            return json!({"contentType": "text", "content": plain(&html)});
        }
        let content = if html.is_empty() { html } else { format!("<html><head></head><body>{html}</body></html>") };
        json!({"contentType": "html", "content": content})
    }

    /// Takes away what the caller may not see of somebody else's event.
    fn blank(&self, details: &Details, event: &mut Value) {
        let private = no_sight_of(&details.sensitivity);
        if self.sight == Sight::Own || (self.sight == Sight::Full && !private) {
            return;
        }
        event["body"] = json!({"contentType": "html", "content": ""});
        event["bodyPreview"] = json!("");
        event["attendees"] = json!([]);
        event["onlineMeeting"] = Value::Null;
        event["organizer"] = Value::Null;
        event["categories"] = json!([]);
        if private {
            event["subject"] = json!("Private Appointment");
            event["location"] = json!({"displayName": "", "locationType": "default", "uniqueIdType": "unknown"});
            event["locations"] = json!([]);
        }
    }
}

fn merge(event: &mut Value, rest: Value) {
    if let (Value::Object(event), Value::Object(rest)) = (event, rest) {
        event.extend(rest);
    }
}

pub(super) fn change_key(item: &Item) -> String {
    let last = item.days.values().map(|(change, _)| *change).max().unwrap_or(0).max(item.change);
    format!("Ck{:06x}{:08x}AA==", item.number, last)
}

/// Differs for each occurrence. \[event\]
fn ical_uid(item: &Item, row: Row) -> String {
    match row {
        Row::Occurrence(day) => format!("{}{:04X}{:02X}{:02X}", item.uid, day.year(), day.month(), day.day()),
        _ => format!("{}00000000", item.uid),
    }
}

/// No answer is told as the year 1. \[event\]
fn answered(created: Timestamp, at: Option<Timestamp>, response: &str) -> String {
    match response {
        "accepted" | "declined" | "tentativelyAccepted" => instant(at.unwrap_or(created)),
        _ => "0001-01-01T00:00:00Z".to_owned(),
    }
}

fn address_json(name: &str, address: &str) -> Value {
    json!({"emailAddress": {"name": name, "address": address}})
}

fn location(details: &Details) -> Value {
    match &details.place {
        None => {
            json!({"displayName": "", "locationType": "default", "uniqueIdType": "unknown", "address": {}, "coordinates": {}})
        }
        Some(place) => match &place.address {
            Some(address) => json!({
                "displayName": place.name, "locationType": "conferenceRoom", "locationEmailAddress": address,
                "uniqueId": address, "uniqueIdType": "directory",
            }),
            None => json!({
                "displayName": place.name, "locationType": "default", "uniqueId": place.name, "uniqueIdType": "private",
            }),
        },
    }
}

fn locations(details: &Details) -> Value {
    if details.place.is_some() { json!([location(details)]) } else { json!([]) }
}

fn preview(html: &str) -> String {
    plain(html).split_whitespace().collect::<Vec<_>>().join(" ").chars().take(255).collect()
}

/// HTML without its tags, as `outlook.body-content-type="text"` gives it.
pub(in crate::sim::graph) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        let Some(close) = rest[open..].find('>') else { break };
        let tag = rest[open + 1..open + close].trim_start_matches('/').to_ascii_lowercase();
        if ["p", "br", "div", "li", "tr"].iter().any(|name| tag.split([' ', '/']).next() == Some(name))
            && !text.ends_with('\n')
            && !text.is_empty()
        {
            text.push_str("\r\n");
        }
        rest = &rest[open + close + 1..];
    }
    text.push_str(rest);
    text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}
