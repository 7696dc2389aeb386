//! Moments of the invented company, said without dates: `mon 09:00`, `fri-1 17:00`, `today+2`, `workday 10:30`.
//!
//! `mon` to `sun` are days of the anchor week, `+1` and `-1` behind them count weeks. `today±N` counts days from today.
//! `workday` is today or, at the weekend, the coming Monday; `workday±N` is the Nth working day after or before today, as in
//! the mail. The anchor week is the one the clock is in; at the weekend it is already the coming one, so that the demo is
//! never over.

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;

/// The days everything is placed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// Today, in the zone of the company's first person.
    pub today: Date,
    /// Monday of the anchor week.
    pub monday: Date,
}

impl Anchor {
    /// The anchor of `now` in `zone`.
    #[must_use]
    pub fn at(now: std::time::SystemTime, zone: &TimeZone) -> Self {
        let instant = jiff::Timestamp::try_from(now).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        let today = instant.to_zoned(zone.clone()).date();
        let in_the_week = match today.weekday() {
            Weekday::Saturday | Weekday::Sunday => plus(today, 2),
            _ => today,
        };
        Self { today, monday: plus(in_the_week, -i64::from(in_the_week.weekday().to_monday_zero_offset())) }
    }

    /// The day of `text`; a time behind it is not looked at.
    #[must_use]
    pub fn day(&self, text: &str) -> Option<Date> {
        let name = text.split_whitespace().next()?;
        let at = name.find(['+', '-']).unwrap_or(name.len());
        let (word, offset) = name.split_at(at);
        let offset: i64 = if offset.is_empty() { 0 } else { offset.parse().ok()? };
        match word {
            "today" => Some(plus(self.today, offset)),
            "workday" => Some(self.workday(offset)),
            _ => Some(plus(self.monday, i64::from(weekday(word)?.to_monday_zero_offset()) + 7 * offset)),
        }
    }

    /// The wall time of `text`; midnight without a time.
    #[must_use]
    pub fn wall(&self, text: &str) -> Option<DateTime> {
        let time = match text.split_whitespace().nth(1) {
            Some(time) => clock_time(time)?,
            None => Time::midnight(),
        };
        Some(self.day(text)?.to_datetime(time))
    }

    fn workday(self, offset: i64) -> Date {
        let mut day = self.today;
        if offset == 0 {
            while is_weekend(day) {
                day = plus(day, 1);
            }
        }
        let mut left = offset;
        while left != 0 {
            day = plus(day, left.signum());
            if !is_weekend(day) {
                left -= left.signum();
            }
        }
        day
    }
}

/// `date` and `days` later; the same at the end of time.
#[must_use]
pub fn plus(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

/// `mon`, `Monday`, … as a weekday.
#[must_use]
pub fn weekday(name: &str) -> Option<Weekday> {
    Some(match name.get(..3)?.to_ascii_lowercase().as_str() {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// `9:05` or `09:05` as a time.
#[must_use]
pub fn clock_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn at_the_weekend_the_coming_week_counts() {
        let friday: jiff::Timestamp = "2026-11-20T22:00:00Z".parse().unwrap();
        let saturday: jiff::Timestamp = "2026-11-20T23:30:00Z".parse().unwrap();
        let madrid = TimeZone::get("Europe/Madrid").unwrap();
        assert_eq!(Anchor::at(friday.into(), &madrid).monday, date(2026, 11, 16));
        assert_eq!(Anchor::at(saturday.into(), &madrid).monday, date(2026, 11, 23));
    }

    #[test]
    fn words_name_days() {
        let anchor = Anchor { today: date(2026, 11, 21), monday: date(2026, 11, 23) };
        assert_eq!(anchor.wall("fri-1 17:00"), Some(date(2026, 11, 20).at(17, 0, 0, 0)));
        assert_eq!(anchor.day("today+2"), Some(date(2026, 11, 23)));
        assert_eq!(anchor.day("workday"), Some(date(2026, 11, 23)));
        assert_eq!(anchor.day("workday+1"), Some(date(2026, 11, 23)));
        assert_eq!(anchor.day("workday+6"), Some(date(2026, 11, 30)));
        assert_eq!(anchor.day("someday"), None);
    }
}
