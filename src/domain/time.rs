//! The one home of time: spans, zones (IANA and Windows names), wall time, and dates as people say them.
//!
//! Instants are `jiff::Timestamp`, dates `jiff::civil::Date`, wall times `jiff::civil::Time` with a [`Zone`] beside them.
//! Must stay true: a zone that is not known is shown as unknown, never silently taken for UTC. Everything here is pure: who asks
//! brings `now` and the zone to show it in. Days are as long as they are (23 to 25 hours); a wall time that a change of the
//! clocks skips is moved forward, one that happens twice is the first of the two.
//! Zone names live in `zones`, dates in words in `words`, words for dates in `said`, for
//! repetition in `repeats`.

pub mod repeats;
pub mod said;
mod said_words;
mod words;
mod zones;

use std::time::SystemTime;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

pub use words::{
    clock_time, date_in_list, duration_words, long_date, month_name, offset_difference, relative_age, short_date,
    until_words, weekday_long, weekday_name, when_in_list,
};
pub use zones::{Transition, zones_like};

/// From an instant (inclusive) to an instant (exclusive).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First instant.
    pub start: Timestamp,
    /// The instant after the last.
    pub end: Timestamp,
}

impl Span {
    /// Whether the two share more than a border. An empty span overlaps nothing.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    /// Whether `instant` lies inside.
    #[must_use]
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }

    /// From `start` for `minutes`.
    #[must_use]
    pub fn of_minutes(start: Timestamp, minutes: u32) -> Self {
        Self { start, end: after_minutes(start, i64::from(minutes)) }
    }

    /// How long it is; never negative.
    #[must_use]
    pub fn duration(&self) -> SignedDuration {
        self.end.duration_since(self.start).max(SignedDuration::ZERO)
    }

    /// Whole minutes in it, rounded down.
    #[must_use]
    pub fn minutes(&self) -> i64 {
        self.duration().as_mins()
    }

    /// What both share; `None` if they share no more than a border.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let both = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (both.start < both.end).then_some(both)
    }

    /// Whether all of `other` lies inside.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A zone as somebody named it, with its rules if we know them.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone {
    /// The name as it came (IANA or Windows), for display.
    pub name: String,
    /// The rules; `None` when the name is unknown.
    pub rules: Option<TimeZone>,
    /// The rules are a guess (a custom zone told by its offsets): times get a `~`.
    pub is_approximate: bool,
}

/// The instant of the clock's time. Times that jiff cannot hold (beyond the year 9999) become its last one.
#[must_use]
pub fn instant(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or(Timestamp::MAX)
}

/// `minutes` after `start`, before it if negative; stops at the ends of time.
#[must_use]
pub fn after_minutes(start: Timestamp, minutes: i64) -> Timestamp {
    let end = if minutes < 0 { Timestamp::MIN } else { Timestamp::MAX };
    start.checked_add(SignedDuration::from_mins(minutes)).unwrap_or(end)
}

/// Wall time at `instant` in `zone`.
#[must_use]
pub fn wall_time(instant: Timestamp, zone: &TimeZone) -> DateTime {
    zone.to_datetime(instant)
}

/// The date at `instant` in `zone`.
#[must_use]
pub fn date_at(instant: Timestamp, zone: &TimeZone) -> Date {
    zone.to_datetime(instant).date()
}

/// The instant of a wall time in `zone`.
#[must_use]
pub fn instant_of(wall: DateTime, zone: &TimeZone) -> Timestamp {
    let end = if wall.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    zone.to_timestamp(wall).unwrap_or(end)
}

/// The first instant of `date` in `zone`; not midnight where the clocks skip midnight.
#[must_use]
pub fn day_start(date: Date, zone: &TimeZone) -> Timestamp {
    instant_of(DateTime::from(date), zone)
}

/// All of `date` in `zone`: 23 to 25 hours.
#[must_use]
pub fn day_span(date: Date, zone: &TimeZone) -> Span {
    days_span(date, 1, zone)
}

/// `days` days from `from` on, in `zone`.
#[must_use]
pub fn days_span(from: Date, days: u16, zone: &TimeZone) -> Span {
    Span { start: day_start(from, zone), end: day_start(add_days(from, i64::from(days)), zone) }
}

/// `days` days after `date`, before it if negative; stops at the ends of time.
#[must_use]
pub fn add_days(date: Date, days: i64) -> Date {
    let end = if days < 0 { Date::MIN } else { Date::MAX };
    jiff::Span::new().try_days(days).ok().and_then(|days| date.checked_add(days).ok()).unwrap_or(end)
}

/// `months` months after `date`, before it if negative; the last day of a shorter month (31 January and one: 28 February).
#[must_use]
pub fn add_months(date: Date, months: i32) -> Date {
    let end = if months < 0 { Date::MIN } else { Date::MAX };
    jiff::Span::new().try_months(months).ok().and_then(|months| date.checked_add(months).ok()).unwrap_or(end)
}

/// Days from `from` to `to`; negative if `to` is earlier.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

/// The first day of the week that holds `date`, weeks beginning on `first`.
#[must_use]
pub fn week_start(date: Date, first: Weekday) -> Date {
    add_days(date, -i64::from(first.until(date.weekday())))
}

/// The ISO number of the week that holds `date`, and the year that week belongs to.
#[must_use]
pub fn iso_week(date: Date) -> (i16, i8) {
    let week = date.iso_week_date();
    (week.year(), week.week())
}
