//! Presence, automatic replies, and who is away when.

use crate::base::report::Report;
use crate::domain::event::EventId;
use crate::domain::freebusy::{self, Cell, Reading, Schedule};
use crate::domain::group::GroupRef;
use crate::domain::person::Person;
use crate::domain::time::{Span, add_days, date_at, day_span, instant_of};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, time};
use jiff::tz::TimeZone;

/// Presence as the service says it; the strings vary with age and case \[presence\].
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

/// Where somebody says they work today \[userworklocation\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkPlace {
    /// In an office.
    Office,
    /// Anywhere else.
    Remote,
    /// They do not work.
    TimeOff,
}

impl WorkPlace {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Office => "in the office",
            Self::Remote => "remote",
            Self::TimeOff => "time off",
        }
    }
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
    /// Where they work today, if they say so.
    pub work_place: Option<WorkPlace>,
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

impl AwayRow {
    /// The first day on which they work again, be it for a part, if the end of the absence is known and that day is among
    /// [`AwayRow::days`], which begin with `first`. A day after the end that nobody told of counts as one: an absence that has ended is
    /// not known to go on.
    #[must_use]
    pub fn back(&self, first: Date) -> Option<Date> {
        let until = self.until?;
        let mut days = self.days.iter().zip(0..).map(|(day, after)| (*day, add_days(first, after)));
        let works = |day: DayState, date: Date| match day {
            DayState::Away | DayState::OffHours => false,
            DayState::Unknown => date > until,
            DayState::Here | DayState::PartAway | DayState::Elsewhere | DayState::Tentative => date >= until,
        };
        days.find(|(day, date)| works(*day, *date)).map(|(_, date)| date)
    }
}

/// Whose absences are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum AwayOf {
    /// Whoever was looked at last; at first the own team.
    #[default]
    Remembered,
    /// Those who report to me; where nobody does, those who share my manager.
    Team,
    /// Those who share my manager.
    Peers,
    /// A group.
    Group(GroupRef),
    /// These, by name or address.
    People(Vec<String>),
}

/// A meeting of mine to which somebody who is away is invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwayMeeting {
    /// The event.
    pub event: EventId,
    /// The day it is on, where I am.
    pub date: Date,
    /// When it is; nothing for whole days.
    pub span: Option<Span>,
    /// Its subject.
    pub subject: String,
    /// Who is away then, and how we know.
    pub away: Vec<AwayFrom>,
}

/// Somebody who is away from a meeting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwayFrom {
    /// Their name.
    pub name: String,
    /// How we know.
    pub sources: Vec<AwaySource>,
    /// They organise it.
    pub is_organizer: bool,
}

/// The away board.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AwayBoard {
    /// Whose absences these are; never [`AwayOf::Remembered`].
    pub of: AwayOf,
    /// The same in words, as "my team".
    pub title: String,
    /// Who is left out, as a sentence.
    pub left_out: Option<String>,
    /// What more could be known, and what it takes, as sentences.
    pub hints: Vec<String>,
    /// My meetings with people who are away then, by time.
    pub meetings: Vec<AwayMeeting>,
    /// First day.
    pub from: Date,
    /// Number of days.
    pub days: u16,
    /// Rows, sorted by who is back first, then those who are here, then unknown.
    pub rows: Vec<AwayRow>,
    /// The oldest knowledge in it.
    pub as_of: Option<Timestamp>,
}

/// What somebody's calendar says of a day. The day is theirs: their hours in their zone; where nobody told us their hours, nine to
/// five in `zone` decides what is a whole day, and anything away on that date makes it part of one.
#[must_use]
pub fn day_state(schedule: &Schedule, date: Date, zone: &TimeZone) -> DayState {
    if schedule.blocks.is_err() {
        return DayState::Unknown;
    }
    let hours = schedule.working_hours.as_ref().filter(|hours| hours.zone.rules.is_some());
    let own_zone = hours.and_then(|hours| hours.zone.rules.as_ref()).unwrap_or(zone);
    let day = day_span(date, own_zone);
    let core = match hours {
        Some(hours) if !hours.days.contains(&date.weekday()) => return DayState::OffHours,
        Some(hours) => working_day(date, hours.start, hours.end, own_zone),
        None => working_day(date, time(9, 0, 0, 0), time(17, 0, 0, 0), own_zone),
    };
    let reading = Reading::new(schedule);
    let quarters: Vec<Cell> = quarters(core).map(|span| reading.over(span)).collect();
    let share = |wanted: &[Cell]| quarters.iter().filter(|cell| wanted.contains(cell)).count();
    if share(&[Cell::OutOfOffice]) == quarters.len() {
        DayState::Away
    } else if share(&[Cell::Unknown]) == quarters.len() {
        DayState::Unknown
    } else if share(&[Cell::OutOfOffice]) > 0 || hours.is_none() && touches_away(schedule, day) {
        DayState::PartAway
    } else if share(&[Cell::Tentative]) == quarters.len() {
        DayState::Tentative
    } else if share(&[Cell::Elsewhere]) * 2 >= quarters.len() {
        DayState::Elsewhere
    } else {
        DayState::Here
    }
}

fn working_day(date: Date, start: jiff::civil::Time, end: jiff::civil::Time, zone: &TimeZone) -> Span {
    let end_date = if end <= start { add_days(date, 1) } else { date };
    let start = instant_of(DateTime::from_parts(date, start), zone);
    Span { start, end: instant_of(DateTime::from_parts(end_date, end), zone) }
}

/// `span` by the quarter of an hour.
fn quarters(span: Span) -> impl Iterator<Item = Span> {
    let mut start = span.start;
    std::iter::from_fn(move || {
        let quarter = Span { start, end: Span::of_minutes(start, 15).end.min(span.end) };
        start = quarter.end;
        (quarter.start < quarter.end).then_some(quarter)
    })
}

fn touches_away(schedule: &Schedule, day: Span) -> bool {
    let blocks = schedule.blocks.as_ref().map(Vec::as_slice).unwrap_or_default();
    blocks.iter().any(|block| block.status == Some(freebusy::Availability::OutOfOffice) && block.span.overlaps(&day))
}

/// The absence that is on at `now` or comes next, as first and last day (both away): blocks out of office with less than sixteen
/// hours between them, or only days off, count as one. Days are theirs, in `zone` where nobody told us their zone.
#[must_use]
pub fn absence(schedule: &Schedule, now: Timestamp, zone: &TimeZone) -> Option<(Date, Date)> {
    let own_zone = schedule.working_hours.as_ref().and_then(|hours| hours.zone.rules.as_ref()).unwrap_or(zone);
    let last_day =
        |end: Timestamp| date_at(end.checked_sub(jiff::SignedDuration::from_nanos(1)).unwrap_or(end), own_zone);
    let blocks = schedule.blocks.as_ref().map(Vec::as_slice).unwrap_or_default();
    let mut away: Vec<Span> = blocks
        .iter()
        .filter(|block| block.status == Some(freebusy::Availability::OutOfOffice) && block.span.start < block.span.end)
        .map(|block| block.span)
        .collect();
    away.sort_unstable();
    let mut absences: Vec<Span> = Vec::new();
    for span in away {
        match absences.last_mut() {
            Some(before)
                if span.start.duration_since(before.end).as_hours() < 16
                    || only_days_off(schedule, last_day(before.end), date_at(span.start, own_zone)) =>
            {
                before.end = before.end.max(span.end);
            }
            _ => absences.push(span),
        }
    }
    let absence = absences.into_iter().find(|absence| absence.end > now)?;
    Some((date_at(absence.start, own_zone), last_day(absence.end)))
}

/// Whether every day after `from` and before `to` is one on which they do not work.
fn only_days_off(schedule: &Schedule, from: Date, to: Date) -> bool {
    let Some(hours) = &schedule.working_hours else {
        return false;
    };
    let mut day = add_days(from, 1);
    let mut count = 0;
    while day < to && count < 14 {
        if hours.days.contains(&day.weekday()) {
            return false;
        }
        day = add_days(day, 1);
        count += 1;
    }
    day >= to
}
