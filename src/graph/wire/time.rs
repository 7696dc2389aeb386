//! Times as the service writes them: instants with an offset, and wall times with a zone beside them.
//!
//! Year 1 and year 4501 are the service's ways of saying "never" \[event\]. A wall time in a zone we do not know is no instant.

use crate::domain::time::Zone;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde::Deserialize;

/// `dateTimeTimeZone` \[datetimetimezone\].
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WallTime {
    pub date_time: Option<String>,
    pub time_zone: Option<String>,
}

impl WallTime {
    /// The instant; `None` for never, for nonsense, and for a zone we do not know.
    pub fn instant(&self) -> Option<Timestamp> {
        let text = self.date_time.as_deref()?.trim();
        // A day of many people has thousands of these: what is no instant is not tried as one.
        let says_offset = text.ends_with(['Z', 'z']) || text.get(10..).is_some_and(|time| time.contains(['+', '-']));
        if let Some(instant) = says_offset.then(|| instant(text)).flatten() {
            return Some(instant);
        }
        let wall = wall(text)?;
        let zone = self.time_zone.as_deref().unwrap_or_default().trim();
        let is_utc = zone.is_empty() || zone.eq_ignore_ascii_case("UTC");
        let rules = if is_utc { TimeZone::UTC } else { Zone::find(zone).rules? };
        rules.to_timestamp(wall).ok()
    }

    /// The date as it stands, whatever the zone: all-day events are floating dates \[event\].
    pub fn date(&self) -> Option<Date> {
        wall(self.date_time.as_deref()?.trim()).map(DateTime::date)
    }
}

/// `DateTimeOffset`; `None` for never and for nonsense.
pub fn instant(text: &str) -> Option<Timestamp> {
    let instant: Timestamp = text.trim().parse().ok()?;
    is_real(i32::from(instant.to_zoned(TimeZone::UTC).year())).then_some(instant)
}

fn wall(text: &str) -> Option<DateTime> {
    let wall: DateTime = text.trim_end_matches(['Z', 'z']).parse().ok()?;
    is_real(i32::from(wall.year())).then_some(wall)
}

const fn is_real(year: i32) -> bool {
    year > 1 && year < 4500
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date_time: &str, time_zone: Option<&str>) -> WallTime {
        WallTime { date_time: Some(date_time.to_owned()), time_zone: time_zone.map(str::to_owned) }
    }

    #[test]
    fn wall_times_become_instants_in_their_zone() {
        for (wall, zone, expected) in [
            ("2026-11-23T09:00:00.0000000", Some("UTC"), "2026-11-23T09:00:00Z"),
            ("2026-11-23T09:00:00.0000000", None, "2026-11-23T09:00:00Z"),
            ("2026-11-23T09:00:00.0000000", Some("Europe/Madrid"), "2026-11-23T08:00:00Z"),
            ("2026-07-01T09:00:00", Some("W. Europe Standard Time"), "2026-07-01T07:00:00Z"),
            ("2026-11-23T09:00:00+02:00", Some("UTC"), "2026-11-23T07:00:00Z"),
        ] {
            assert_eq!(at(wall, zone).instant(), Some(expected.parse().expect("an instant")), "{wall} {zone:?}");
        }
    }

    #[test]
    fn never_nonsense_and_unknown_zones_are_no_instants() {
        for (wall, zone) in [
            ("0001-01-01T00:00:00", Some("UTC")),
            ("4501-01-01T00:00:00.0000000", Some("UTC")),
            ("2026-11-23T09:00:00", Some("Nowhere Standard Time")),
            ("tomorrow", Some("UTC")),
            ("", None),
        ] {
            assert_eq!(at(wall, zone).instant(), None, "{wall} {zone:?}");
        }
        assert_eq!(instant("0001-01-01T00:00:00Z"), None);
        assert_eq!(instant("4501-01-01T00:00:00Z"), None);
    }
}
