//! Presence, automatic replies, and who is away when.

use crate::base::report::Report;
use crate::domain::freebusy::Schedule;
use crate::domain::person::Person;
use jiff::Timestamp;
use jiff::civil::Date;

/// Presence as the service says it; the strings vary with age and case [presence].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Available, also idle.
    Available,
    /// Busy, in a call, in a meeting, presenting, focusing.
    Busy,
    /// Do not disturb.
    DoNotDisturb,
    /// Away or be right back.
    Away,
    /// Offline.
    Offline,
    /// Unknown or a word we do not know.
    Unknown,
}

/// Somebody's presence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The rough state.
    pub availability: Availability,
    /// The activity in words ("In a call"); empty if it says no more than the state.
    pub activity: String,
    /// The status message as text; may be empty.
    pub status_message: String,
    /// The service says they are out of office.
    pub is_out_of_office: bool,
    /// When we read it.
    pub as_of: Timestamp,
}

/// Somebody's automatic reply, read through a mail tip [user-getmailtips].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AutomaticReply {
    /// The reply as plain, tamed text; empty when nobody is away.
    pub message: String,
    /// Start, if scheduled.
    pub start: Option<Timestamp>,
    /// End, if scheduled.
    pub end: Option<Timestamp>,
    /// When we read it.
    pub as_of: Timestamp,
}

impl AutomaticReply {
    /// Whether the reply is on at `now`: a message is there and, if scheduled, `now` lies within.
    #[must_use]
    pub fn is_on(&self, now: Timestamp) -> bool {
        !self.message.is_empty() && self.start.is_none_or(|start| start <= now) && self.end.is_none_or(|end| now < end)
    }
}

/// One day of the away board.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayState {
    /// Nothing says they are away, and their calendar could be read.
    Here,
    /// Out of office the whole working day.
    Away,
    /// Out of office for a part of the day.
    PartAway,
    /// Working elsewhere.
    Elsewhere,
    /// Tentatively away or busy all day without certainty.
    Tentative,
    /// Not a working day of theirs.
    OffHours,
    /// Nobody told us.
    Unknown,
}

/// Where the knowledge about an absence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwaySource {
    /// An automatic reply.
    AutomaticReply,
    /// Presence says out of office.
    Presence,
    /// A calendar entry shown as out of office.
    Calendar,
}

/// One row of the away board: a person, their days, and how we know.
#[derive(Clone, Debug, PartialEq)]
pub struct AwayRow {
    /// Who.
    pub person: Person,
    /// One state a day, from [`AwayBoard::from`] on.
    pub days: Vec<DayState>,
    /// Away at this moment.
    pub is_away_now: bool,
    /// The last day away of the absence that is on or comes next (inclusive), if known.
    pub until: Option<Date>,
    /// The first day away of that absence.
    pub since: Option<Date>,
    /// The automatic reply that is on, or scheduled and known.
    pub reply: Option<AutomaticReply>,
    /// Presence, if known.
    pub presence: Option<Presence>,
    /// Which sources say away.
    pub sources: Vec<AwaySource>,
    /// The schedule behind the days, with its own error and age.
    pub schedule: Option<Schedule>,
    /// What could not be read for this person (mail tip, presence), in words.
    pub problems: Vec<Report>,
}

/// The away board.
#[derive(Clone, Debug, PartialEq)]
pub struct AwayBoard {
    /// First day.
    pub from: Date,
    /// Number of days.
    pub days: u16,
    /// Rows, sorted by who is back first, then those who are here, then unknown.
    pub rows: Vec<AwayRow>,
    /// The oldest knowledge in it.
    pub as_of: Option<Timestamp>,
}
