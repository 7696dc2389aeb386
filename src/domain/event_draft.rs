//! Events as a person writes them, changes of events, and the setting of automatic replies.
//!
//! Times are wall times with their zone beside them, as they were typed: a meeting at nine stays at nine when clocks change. All-day
//! events are dates. Must stay true: what a change does not name stays as it is. Deliberately absent: the service's names for any
//! of it.

use crate::domain::event::{Attendee, When};
use crate::domain::freebusy::Availability;
use crate::domain::mail::Recipient;
use crate::domain::recurrence::Recurrence;
use crate::domain::time::{Span, Zone, add_days, days_between, instant_of};
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// When an event shall be.
#[derive(Clone, Debug, PartialEq)]
pub enum EventTime {
    /// Whole days; `end` is exclusive.
    AllDay {
        /// First day.
        start: Date,
        /// The day after the last.
        end: Date,
    },
    /// From a wall time to a wall time in `zone`.
    Timed {
        /// First minute.
        start: DateTime,
        /// The minute after the last.
        end: DateTime,
        /// The zone both are meant in; one whose rules we know.
        zone: Zone,
    },
}

impl EventTime {
    /// The day on which it begins, as it was typed.
    #[must_use]
    pub fn first_day(&self) -> Date {
        match self {
            Self::AllDay { start, .. } => *start,
            Self::Timed { start, .. } => start.date(),
        }
    }

    /// The same on another day, as long as it is.
    #[must_use]
    pub fn on(&self, day: Date) -> Self {
        let by = days_between(self.first_day(), day);
        match self {
            Self::AllDay { start, end } => Self::AllDay { start: add_days(*start, by), end: add_days(*end, by) },
            Self::Timed { start, end, zone } => Self::Timed {
                start: add_days(start.date(), by).to_datetime(start.time()),
                end: add_days(end.date(), by).to_datetime(end.time()),
                zone: zone.clone(),
            },
        }
    }

    /// As it is drawn. A zone without rules counts as UTC: nobody can be asked here.
    #[must_use]
    pub fn when(&self) -> When {
        match self {
            Self::AllDay { start, end } => When::AllDay { start: *start, end: *end },
            Self::Timed { start, end, zone } => {
                let rules = zone.rules.clone().unwrap_or(TimeZone::UTC);
                When::Timed(Span { start: instant_of(*start, &rules), end: instant_of(*end, &rules) })
            }
        }
    }
}

/// Somebody to invite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitee {
    /// Who.
    pub recipient: Recipient,
    /// They may stay away.
    pub is_optional: bool,
    /// A room or equipment.
    pub is_resource: bool,
}

impl From<&Attendee> for Invitee {
    /// Who is invited already, to be invited again; their answer is theirs.
    fn from(attendee: &Attendee) -> Self {
        Self {
            recipient: attendee.recipient.clone(),
            is_optional: attendee.is_optional,
            is_resource: attendee.is_resource,
        }
    }
}

/// A new event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventDraft {
    /// Subject.
    pub subject: String,
    /// When.
    pub time: EventTime,
    /// Where, in words; may be empty.
    pub location: String,
    /// Who is invited; empty: an appointment of one's own.
    pub attendees: Vec<Invitee>,
    /// With an online meeting.
    pub is_online: bool,
    /// The text, plain.
    pub body: String,
    /// How it shows to others.
    pub show_as: Availability,
    /// Minutes before, at which to remind; `None`: not at all.
    pub reminder: Option<u32>,
    /// Private.
    pub is_private: bool,
    /// How it repeats, if it does; it begins on a day of its pattern.
    pub recurrence: Option<Recurrence>,
}

impl EventDraft {
    /// An appointment of one's own at `time`, busy, with the usual reminder.
    #[must_use]
    pub const fn new(subject: String, time: EventTime) -> Self {
        Self {
            subject,
            time,
            location: String::new(),
            attendees: Vec::new(),
            is_online: false,
            body: String::new(),
            show_as: Availability::Busy,
            reminder: Some(15),
            is_private: false,
            recurrence: None,
        }
    }
}

/// What changes in an event; `None`: stays as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventChange {
    /// Subject.
    pub subject: Option<String>,
    /// When.
    pub time: Option<EventTime>,
    /// Where.
    pub location: Option<String>,
    /// All who are invited from now on.
    pub attendees: Option<Vec<Invitee>>,
    /// With an online meeting, or without.
    pub is_online: Option<bool>,
    /// The text, plain.
    pub body: Option<String>,
    /// How it shows to others.
    pub show_as: Option<Availability>,
    /// The reminder; `Some(None)`: none.
    pub reminder: Option<Option<u32>>,
    /// Category names.
    pub categories: Option<Vec<String>>,
    /// How it repeats from now on; said together with `time`. For an event that stands alone, or for all of a series.
    pub recurrence: Option<Recurrence>,
}

impl EventChange {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether all that changes can be seen in an event as it is listed; only then can be told whether it was reached.
    #[must_use]
    pub const fn is_seen(&self) -> bool {
        self.body.is_none() && self.reminder.is_none() && self.recurrence.is_none() && self.is_online.is_none()
    }
}

/// When automatic replies are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AutomaticRepliesState {
    /// Not at all.
    Off,
    /// Until turned off.
    On,
    /// From an instant to an instant.
    Scheduled(Span),
}

/// Who outside the organisation is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExternalAudience {
    /// Nobody.
    None,
    /// The person's contacts.
    Contacts,
    /// Everybody.
    #[default]
    All,
}

/// The own automatic replies as they shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomaticRepliesSetting {
    /// When.
    pub state: AutomaticRepliesState,
    /// The text for colleagues; `None`: the one that is there stays.
    pub internal: Option<String>,
    /// The text for everybody else; `None`: the one that is there stays.
    pub external: Option<String>,
    /// Who outside is answered.
    pub audience: ExternalAudience,
    /// The texts are HTML as the service had them, to be put back as they were; otherwise they are plain.
    pub is_html: bool,
}
