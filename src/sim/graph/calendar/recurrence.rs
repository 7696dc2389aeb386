//! The days of a recurring series: patterns and ranges as Outlook has them. [recurrencepattern; recurrencerange]
//!
//! Dates only: at what moment a day's meeting begins is decided by the zone of the event, elsewhere. A window is reached by
//! arithmetic and never by walking from the first day, so that ten thousand series cost what their days in the window cost.

use jiff::Span;
use jiff::civil::{Date, Weekday};
use serde_json::{Value, json};

/// Which day of a month, counted by weekday.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    First,
    Second,
    Third,
    Fourth,
    Last,
}

impl Index {
    /// `first` … `last`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "first" => Self::First,
            "second" => Self::Second,
            "third" => Self::Third,
            "fourth" => Self::Fourth,
            "last" => Self::Last,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::Fourth => "fourth",
            Self::Last => "last",
        }
    }
}

/// How a series repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pattern {
    Daily,
    /// On these days of the week, which begins with `first_day`.
    Weekly {
        days: Vec<Weekday>,
        first_day: Weekday,
    },
    /// On this day of the month, or its last where it is shorter.
    AbsoluteMonthly {
        day: i8,
    },
    RelativeMonthly {
        days: Vec<Weekday>,
        index: Index,
    },
    AbsoluteYearly {
        month: i8,
        day: i8,
    },
    RelativeYearly {
        month: i8,
        days: Vec<Weekday>,
        index: Index,
    },
}

/// How long a series goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// Up to and with this day.
    EndDate(Date),
    NoEnd,
    /// This many times.
    Numbered(u32),
}

/// A series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrence {
    /// How it repeats.
    pub pattern: Pattern,
    /// Every how many days, weeks, months or years; at least 1.
    pub interval: i32,
    /// How long it goes on.
    pub range: Range,
    /// The first day.
    pub start: Date,
    last: Option<Date>,
}

impl Recurrence {
    /// A series from `start` on. An `interval` below 1 counts as 1.
    #[must_use]
    pub fn new(pattern: Pattern, interval: i32, range: Range, start: Date) -> Self {
        let mut series = Self { pattern, interval: interval.max(1), range, start, last: None };
        series.last = match range {
            Range::EndDate(end) => Some(end),
            Range::NoEnd => None,
            Range::Numbered(count) => series.days_from(start).take(count as usize).last().or(Some(start)),
        };
        series
    }

    /// The last day it can happen on; `None` if it goes on for ever.
    #[must_use]
    pub const fn last(&self) -> Option<Date> {
        self.last
    }

    /// The days within `from..=to`, in order.
    pub fn days(&self, from: Date, to: Date) -> impl Iterator<Item = Date> + '_ {
        let end = self.last.map_or(to, |last| last.min(to));
        self.days_from(from).take_while(move |day| *day <= end)
    }

    /// Whether it happens on `day`.
    #[must_use]
    pub fn happens_on(&self, day: Date) -> bool {
        self.days(day, day).next().is_some()
    }

    fn days_from(&self, from: Date) -> impl Iterator<Item = Date> + '_ {
        let from = from.max(self.start);
        let first = self.period_of(from);
        (first..)
            .map_while(move |period| self.period(period))
            .flatten()
            .skip_while(move |day| *day < from)
            // The calendar ends in the year 9999; so does every series.
            .take(4_000_000)
    }

    /// The number of the period that `day` lies in, counted from the one of the first day.
    fn period_of(&self, day: Date) -> i32 {
        let passed = match &self.pattern {
            Pattern::Daily => days_between(self.start, day),
            Pattern::Weekly { first_day, .. } => {
                days_between(week_start(self.start, *first_day), week_start(day, *first_day)) / 7
            }
            Pattern::AbsoluteMonthly { .. } | Pattern::RelativeMonthly { .. } => {
                month_number(day) - month_number(self.start)
            }
            Pattern::AbsoluteYearly { .. } | Pattern::RelativeYearly { .. } => {
                i32::from(day.year()) - i32::from(self.start.year())
            }
        };
        passed / self.interval
    }

    /// The days of a period, in order; `None` behind the end of the calendar.
    fn period(&self, number: i32) -> Option<Vec<Date>> {
        let step = number.checked_mul(self.interval)?;
        Some(match &self.pattern {
            Pattern::Daily => vec![later(self.start, step)?],
            Pattern::Weekly { days, first_day } => {
                let week = later(week_start(self.start, *first_day), step.checked_mul(7)?)?;
                (0..7).filter_map(|offset| later(week, offset)).filter(|day| days.contains(&day.weekday())).collect()
            }
            Pattern::AbsoluteMonthly { day } => {
                vec![clamped(month_at(month_number(self.start).checked_add(step)?)?, *day)]
            }
            Pattern::RelativeMonthly { days, index } => {
                relative(month_at(month_number(self.start).checked_add(step)?)?, days, *index).into_iter().collect()
            }
            Pattern::AbsoluteYearly { month, day } => vec![clamped(self.year_at(step, *month)?, *day)],
            Pattern::RelativeYearly { month, days, index } => {
                relative(self.year_at(step, *month)?, days, *index).into_iter().collect()
            }
        })
    }

    fn year_at(&self, step: i32, month: i8) -> Option<Date> {
        Date::new(i16::try_from(i32::from(self.start.year()).checked_add(step)?).ok()?, month, 1).ok()
    }

    /// `{ pattern, range }` as the service writes it: unused numbers are 0, a missing end is the year 1.
    #[must_use]
    pub fn json(&self, zone: &str) -> Value {
        let mut pattern = json!({
            "type": self.kind(), "interval": self.interval, "month": 0, "dayOfMonth": 0,
            "firstDayOfWeek": "sunday", "index": "first",
        });
        match &self.pattern {
            Pattern::Daily => {}
            Pattern::Weekly { days, first_day } => {
                pattern["daysOfWeek"] = names(days);
                pattern["firstDayOfWeek"] = json!(weekday_name(*first_day));
            }
            Pattern::AbsoluteMonthly { day } => pattern["dayOfMonth"] = json!(day),
            Pattern::RelativeMonthly { days, index } => {
                pattern["daysOfWeek"] = names(days);
                pattern["index"] = json!(index.name());
            }
            Pattern::AbsoluteYearly { month, day } => {
                pattern["month"] = json!(month);
                pattern["dayOfMonth"] = json!(day);
            }
            Pattern::RelativeYearly { month, days, index } => {
                pattern["month"] = json!(month);
                pattern["daysOfWeek"] = names(days);
                pattern["index"] = json!(index.name());
            }
        }
        let (kind, end, count) = match self.range {
            Range::EndDate(end) => ("endDate", end.to_string(), 0),
            Range::NoEnd => ("noEnd", "0001-01-01".to_owned(), 0),
            Range::Numbered(count) => ("numbered", "0001-01-01".to_owned(), count),
        };
        json!({"pattern": pattern, "range": {
            "type": kind, "startDate": self.start.to_string(), "endDate": end,
            "recurrenceTimeZone": zone, "numberOfOccurrences": count,
        }})
    }

    const fn kind(&self) -> &'static str {
        match self.pattern {
            Pattern::Daily => "daily",
            Pattern::Weekly { .. } => "weekly",
            Pattern::AbsoluteMonthly { .. } => "absoluteMonthly",
            Pattern::RelativeMonthly { .. } => "relativeMonthly",
            Pattern::AbsoluteYearly { .. } => "absoluteYearly",
            Pattern::RelativeYearly { .. } => "relativeYearly",
        }
    }
}

/// `monday` … `sunday`.
#[must_use]
pub const fn weekday_name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}

fn names(days: &[Weekday]) -> Value {
    days.iter().map(|day| weekday_name(*day)).collect()
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

/// `None` behind the end of the calendar.
fn later(day: Date, days: i32) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn week_start(day: Date, first: Weekday) -> Date {
    let back = (day.weekday().to_monday_zero_offset() - first.to_monday_zero_offset()).rem_euclid(7);
    later(day, -i32::from(back)).unwrap_or(day)
}

fn month_number(day: Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month()) - 1
}

/// The first of the month with this number.
fn month_at(number: i32) -> Option<Date> {
    let month = i8::try_from(number.rem_euclid(12) + 1).ok()?;
    Date::new(i16::try_from(number.div_euclid(12)).ok()?, month, 1).ok()
}

fn clamped(month: Date, day: i8) -> Date {
    let day = day.clamp(1, month.days_in_month());
    Date::new(month.year(), month.month(), day).unwrap_or(month)
}

/// With several days the first that matches counts. \[recurrencepattern\]
fn relative(month: Date, days: &[Weekday], index: Index) -> Option<Date> {
    let mut matching = (1..=month.days_in_month())
        .filter_map(|day| Date::new(month.year(), month.month(), day).ok())
        .filter(|day| days.contains(&day.weekday()));
    match index {
        Index::First => matching.next(),
        Index::Second => matching.nth(1),
        Index::Third => matching.nth(2),
        Index::Fourth => matching.nth(3),
        Index::Last => matching.next_back(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn all(series: &Recurrence, from: Date, to: Date) -> Vec<String> {
        series.days(from, to).map(|day| day.strftime("%m-%d").to_string()).collect()
    }

    #[test]
    fn weeks_begin_where_the_pattern_says() {
        let days = vec![Weekday::Sunday, Weekday::Monday];
        // Every second week from Monday 5 January 2026: with weeks from Sunday the 18th belongs to the week of the 19th.
        let sunday = Recurrence::new(
            Pattern::Weekly { days: days.clone(), first_day: Weekday::Sunday },
            2,
            Range::NoEnd,
            date(2026, 1, 5),
        );
        assert_eq!(all(&sunday, date(2026, 1, 1), date(2026, 1, 31)), ["01-05", "01-18", "01-19"]);
        let monday =
            Recurrence::new(Pattern::Weekly { days, first_day: Weekday::Monday }, 2, Range::NoEnd, date(2026, 1, 5));
        assert_eq!(all(&monday, date(2026, 1, 1), date(2026, 1, 31)), ["01-05", "01-11", "01-19", "01-25"]);
    }

    #[test]
    fn the_31st_falls_on_the_last_day_of_shorter_months() {
        let series = Recurrence::new(Pattern::AbsoluteMonthly { day: 31 }, 1, Range::NoEnd, date(2026, 1, 31));
        assert_eq!(all(&series, date(2026, 2, 1), date(2026, 4, 30)), ["02-28", "03-31", "04-30"]);
    }

    #[test]
    fn the_first_matching_of_several_days_counts() {
        let weekend = vec![Weekday::Saturday, Weekday::Sunday];
        let series = Recurrence::new(
            Pattern::RelativeMonthly { days: weekend, index: Index::Second },
            1,
            Range::NoEnd,
            date(2026, 8, 1),
        );
        assert_eq!(all(&series, date(2026, 8, 1), date(2026, 9, 30)), ["08-02", "09-06"]);
    }

    #[test]
    fn a_numbered_series_ends_and_a_late_window_sees_nothing() {
        let series = Recurrence::new(Pattern::Daily, 3, Range::Numbered(4), date(2026, 11, 23));
        assert_eq!(all(&series, date(2026, 11, 1), date(2027, 11, 1)), ["11-23", "11-26", "11-29", "12-02"]);
        assert!(all(&series, date(2026, 12, 3), date(2027, 11, 1)).is_empty());
    }

    #[test]
    fn a_far_window_equals_walking_there() {
        for interval in 1..5 {
            let pattern = Pattern::Weekly { days: vec![Weekday::Tuesday, Weekday::Friday], first_day: Weekday::Monday };
            let series = Recurrence::new(pattern, interval, Range::NoEnd, date(2020, 2, 29));
            let walked: Vec<Date> =
                series.days(date(2020, 1, 1), date(2026, 12, 31)).filter(|day| day.year() == 2026).collect();
            assert_eq!(series.days(date(2026, 1, 1), date(2026, 12, 31)).collect::<Vec<_>>(), walked);
            assert!(series.period_of(date(2026, 1, 1)) > 60, "the window is jumped to");
        }
    }

    #[test]
    fn nothing_happens_behind_the_end_of_the_calendar() {
        let series = Recurrence::new(Pattern::Daily, i32::MAX, Range::Numbered(9), date(2026, 1, 1));
        assert_eq!(series.days(date(2026, 1, 1), Date::MAX).count(), 1);
    }
}
