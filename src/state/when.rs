//! Instants in the zone that is shown.
//!
//! A zone without rules cannot be reckoned with; times are then shown in UTC and the zone's name gets a `?` where it is named.

use crate::domain::time::Zone;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// The rules of the zone, UTC where they are unknown.
#[must_use]
pub fn rules(zone: &Zone) -> TimeZone {
    zone.rules.clone().unwrap_or(TimeZone::UTC)
}

/// Wall time of an instant.
#[must_use]
pub fn wall(instant: Timestamp, zone: &Zone) -> DateTime {
    match &zone.rules {
        Some(rules) => rules.to_datetime(instant),
        None => TimeZone::UTC.to_datetime(instant),
    }
}

/// The date of an instant.
#[must_use]
pub fn date(instant: Timestamp, zone: &Zone) -> Date {
    wall(instant, zone).date()
}

/// The date of a received time as it stands in a message key.
#[must_use]
pub fn date_of_microseconds(microseconds: i64, zone: &Zone) -> Date {
    Timestamp::from_microsecond(microseconds).map_or(Date::ZERO, |instant| date(instant, zone))
}

/// The instant at which a wall time is reached on a date; the later one of a gap.
#[must_use]
pub fn instant(date: Date, time: Time, zone: &Zone) -> Timestamp {
    rules(zone).to_timestamp(date.to_datetime(time)).unwrap_or(Timestamp::UNIX_EPOCH)
}

/// `date` plus `days`; the end of the calendar stays where it is.
#[must_use]
pub fn plus_days(date: Date, days: i64) -> Date {
    date.checked_add(days.days()).unwrap_or(date)
}
