//! Calendars and what stands in them.
//!
//! An event here is something to draw: a single event, an occurrence or an exception. Series masters never reach this type.
//! All-day events are dates, never instants \[event\].

use crate::domain::freebusy::Availability;
use crate::domain::mail::{Importance, Recipient};
use crate::domain::recurrence::Recurrence;
use crate::domain::time::{Span, day_start};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// An event's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub String);

/// A calendar's id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarId(pub String);

/// A calendar of the mailbox; those shared with its owner are among them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// Id.
    pub id: CalendarId,
    /// Localised name, tamed.
    pub name: String,
    /// The owner's main calendar; told by this and never by its name.
    pub is_default: bool,
    /// Events may be added and changed.
    pub can_edit: bool,
    /// Whose it is.
    pub owner: Option<Recipient>,
}

/// When an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Whole days; `end` is exclusive.
    AllDay {
        /// First day.
        start: Date,
        /// The day after the last.
        end: Date,
    },
    /// From an instant to an instant.
    Timed(Span),
}

impl When {
    /// When it begins; whole days do in `zone`.
    #[must_use]
    pub fn start(&self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::AllDay { start, .. } => day_start(*start, zone),
            Self::Timed(span) => span.start,
        }
    }

    /// When it ends; whole days do in `zone`.
    #[must_use]
    pub fn end(&self, zone: &TimeZone) -> Timestamp {
        match self {
            Self::AllDay { end, .. } => day_start(*end, zone),
            Self::Timed(span) => span.end,
        }
    }
}

/// The calendar owner's answer, or an attendee's \[event\].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Response {
    /// `none` or unknown.
    #[default]
    None,
    /// `organizer`
    Organizer,
    /// `tentativelyAccepted`
    Tentative,
    /// `accepted`
    Accepted,
    /// `declined`
    Declined,
    /// `notResponded`
    NotResponded,
}

/// Somebody (or a room) invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attendee {
    /// Who.
    pub recipient: Recipient,
    /// Optional attendees do not count when a time is looked for.
    pub is_optional: bool,
    /// A room or equipment.
    pub is_resource: bool,
    /// Their answer.
    pub response: Response,
}

/// An event as it stands in a calendar. Every string is tamed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Id of this instance.
    pub id: EventId,
    /// The calendar it stands in.
    pub calendar: CalendarId,
    /// The series it belongs to.
    pub series: Option<EventId>,
    /// Subject; may be empty.
    pub subject: String,
    /// When.
    pub when: When,
    /// How it shows to others; `None` when the service does not say.
    pub show_as: Option<Availability>,
    /// Where, in words.
    pub location: String,
    /// First characters of the text.
    pub preview: String,
    /// Cancelled by the organizer and still there.
    pub is_cancelled: bool,
    /// Private or confidential.
    pub is_private: bool,
    /// The owner organizes it.
    pub is_organizer: bool,
    /// The owner's answer.
    pub response: Response,
    /// Organizer.
    pub organizer: Option<Recipient>,
    /// Invited.
    pub attendees: Vec<Attendee>,
    /// Address of the online meeting.
    pub join_url: Option<String>,
    /// Address of the event in Outlook on the web.
    pub web_link: Option<String>,
    /// Category names.
    pub categories: Vec<String>,
    /// Importance.
    pub importance: Importance,
    /// Has attachments.
    pub has_attachments: bool,
}

/// What is known of an event beyond what lists tell; the service alone knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDetails {
    /// The event; of a series its pattern, with the times of the first day.
    pub event: Event,
    /// Its text as plain lines, tamed.
    pub body: String,
    /// Minutes before, at which it reminds; `None`: not at all.
    pub reminder: Option<u32>,
    /// How the series repeats that it is, or is a day of; `None` where it does not, or in a way that is not known here.
    pub recurrence: Option<Recurrence>,
}
