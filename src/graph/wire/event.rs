//! Calendars and events on the wire.

use super::mail::{WireRecipient, categories, importance_of};
use super::time::WallTime;
use super::{Several, line, said, word};
use crate::base::text::tame_link;
use crate::domain::event::{Attendee, Calendar, CalendarId, Event, EventId, Response, When};
use crate::domain::freebusy::Availability;
use crate::domain::time::Span;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireCalendar {
    id: Option<String>,
    name: Option<String>,
    is_default_calendar: Option<bool>,
    can_edit: Option<bool>,
    owner: Option<super::mail::EmailAddress>,
}

impl WireCalendar {
    /// The calendar; `None` without an id.
    pub fn calendar(self) -> Option<Calendar> {
        let owner = WireRecipient { email_address: self.owner };
        Some(Calendar {
            id: CalendarId(self.id.filter(|id| !id.is_empty())?),
            name: line(self.name.as_deref().unwrap_or_default()),
            is_default: self.is_default_calendar.unwrap_or(false),
            can_edit: self.can_edit.unwrap_or(false),
            owner: owner.recipient(),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireLocation {
    display_name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireStatus {
    response: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireAttendee {
    #[serde(rename = "type")]
    kind: Option<String>,
    email_address: Option<super::mail::EmailAddress>,
    status: Option<WireStatus>,
}

impl WireAttendee {
    fn attendee(self) -> Option<Attendee> {
        let kind = word(self.kind.as_deref());
        Some(Attendee {
            recipient: WireRecipient { email_address: self.email_address }.recipient()?,
            is_optional: kind == "optional",
            is_resource: kind == "resource",
            response: response(self.status.as_ref()),
        })
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireMeeting {
    join_url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireEvent {
    #[serde(rename = "@removed", deserialize_with = "said")]
    removed: Option<Option<serde::de::IgnoredAny>>,
    id: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    series_master_id: Option<String>,
    #[serde(deserialize_with = "said")]
    subject: Option<Option<String>>,
    body_preview: Option<String>,
    start: Option<WallTime>,
    end: Option<WallTime>,
    is_all_day: Option<bool>,
    is_cancelled: Option<bool>,
    is_organizer: Option<bool>,
    show_as: Option<String>,
    sensitivity: Option<String>,
    importance: Option<String>,
    location: Option<WireLocation>,
    organizer: Option<WireRecipient>,
    attendees: Option<Several<WireAttendee>>,
    response_status: Option<WireStatus>,
    online_meeting: Option<WireMeeting>,
    online_meeting_url: Option<String>,
    web_link: Option<String>,
    categories: Option<Vec<Option<String>>>,
    has_attachments: Option<bool>,
}

/// What sort of row an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Stands for itself.
    Whole,
    /// The pattern of a series: never drawn.
    Master,
    /// An occurrence told by its times only.
    Stub,
    /// Gone.
    Removed,
}

impl WireEvent {
    /// Its id, if it has one.
    pub fn id(&self) -> Option<EventId> {
        self.id.clone().filter(|id| !id.is_empty()).map(EventId)
    }

    /// The series it belongs to.
    pub fn series(&self) -> Option<EventId> {
        self.series_master_id.clone().filter(|id| !id.is_empty()).map(EventId)
    }

    /// What sort of row it is. Rows of a delta round tell an occurrence by its times alone [delta-query-events].
    pub fn kind(&self) -> EventKind {
        if self.removed.is_some() {
            return EventKind::Removed;
        }
        match word(self.kind.as_deref()).as_str() {
            "seriesmaster" => EventKind::Master,
            "occurrence" if self.subject.is_none() && self.series_master_id.is_some() => EventKind::Stub,
            _ => EventKind::Whole,
        }
    }

    /// When it is; `None` when its times cannot be read. An end before the start is taken for the start.
    pub fn when(&self) -> Option<When> {
        let (start, end) = (self.start.as_ref()?, self.end.as_ref()?);
        if self.is_all_day == Some(true) {
            return self.dates();
        }
        let start = start.instant()?;
        Some(When::Timed(Span { start, end: end.instant()?.max(start) }))
    }

    /// The same as dates, as they stand.
    pub fn dates(&self) -> Option<When> {
        let (start, end) = (self.start.as_ref()?.date()?, self.end.as_ref()?.date()?);
        Some(When::AllDay { start, end: end.max(start.tomorrow().ok()?) })
    }

    /// The event in `calendar`; `None` without an id or times.
    pub fn event(self, calendar: &CalendarId) -> Option<Event> {
        let join = self.online_meeting.as_ref().and_then(|meeting| meeting.join_url.as_deref());
        let join_url = join.or(self.online_meeting_url.as_deref()).and_then(tame_link);
        Some(Event {
            id: self.id()?,
            calendar: calendar.clone(),
            series: self.series(),
            when: self.when()?,
            subject: line(&self.subject.flatten().unwrap_or_default()),
            show_as: availability(self.show_as.as_deref()),
            location: line(&self.location.and_then(|location| location.display_name).unwrap_or_default()),
            preview: line(self.body_preview.as_deref().unwrap_or_default()),
            is_cancelled: self.is_cancelled.unwrap_or(false),
            is_private: matches!(word(self.sensitivity.as_deref()).as_str(), "private" | "confidential"),
            is_organizer: self.is_organizer.unwrap_or(false),
            response: response(self.response_status.as_ref()),
            organizer: self.organizer.as_ref().and_then(WireRecipient::recipient),
            attendees: attendees(self.attendees),
            join_url,
            web_link: self.web_link.as_deref().and_then(tame_link),
            categories: self.categories.map(categories).unwrap_or_default(),
            importance: importance_of(self.importance.as_deref()),
            has_attachments: self.has_attachments.unwrap_or(false),
        })
    }
}

fn attendees(several: Option<Several<WireAttendee>>) -> Vec<Attendee> {
    several.unwrap_or_default().0.into_iter().filter_map(WireAttendee::attendee).collect()
}

fn response(status: Option<&WireStatus>) -> Response {
    match word(status.and_then(|status| status.response.as_deref())).as_str() {
        "organizer" => Response::Organizer,
        "tentativelyaccepted" => Response::Tentative,
        "accepted" => Response::Accepted,
        "declined" => Response::Declined,
        "notresponded" => Response::NotResponded,
        _ => Response::None,
    }
}

/// `showAs` and the status of a schedule item; `None` for `unknown` and for words we do not know.
pub fn availability(text: Option<&str>) -> Option<Availability> {
    match word(text).as_str() {
        "free" => Some(Availability::Free),
        "tentative" => Some(Availability::Tentative),
        "busy" => Some(Availability::Busy),
        "oof" => Some(Availability::OutOfOffice),
        "workingelsewhere" => Some(Availability::WorkingElsewhere),
        _ => None,
    }
}
