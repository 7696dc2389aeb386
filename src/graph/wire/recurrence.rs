//! How a series repeats, on the wire \[recurrencepattern; recurrencerange\].
//!
//! A pattern of another sort than ours is no pattern: whoever asks is told that it is not known here, never something near it.

use super::word;
use crate::domain::recurrence::{Nth, Pattern, Recurrence, Until};
use jiff::civil::{Date, Weekday};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireRecurrence {
    pattern: Option<WirePattern>,
    range: Option<WireRange>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WirePattern {
    #[serde(rename = "type")]
    kind: Option<String>,
    interval: Option<u32>,
    month: Option<i8>,
    day_of_month: Option<i8>,
    days_of_week: Option<Vec<String>>,
    first_day_of_week: Option<String>,
    index: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireRange {
    #[serde(rename = "type")]
    kind: Option<String>,
    end_date: Option<String>,
    number_of_occurrences: Option<u32>,
}

impl WireRecurrence {
    /// The same in our words; `None` for what is not known here.
    pub fn recurrence(self) -> Option<Recurrence> {
        let (pattern, range) = (self.pattern?, self.range?);
        let until = match word(range.kind.as_deref()).as_str() {
            "noend" => Until::Never,
            "enddate" => Until::Day(range.end_date?.parse::<Date>().ok()?),
            "numbered" => Until::Times(range.number_of_occurrences.filter(|times| *times > 0)?),
            _ => return None,
        };
        let mut days = Vec::new();
        for name in pattern.days_of_week.unwrap_or_default() {
            days.push(weekday(&name)?);
        }
        days.sort_by_key(|day| day.to_monday_zero_offset());
        let day = pattern.day_of_month.filter(|day| (1..=31).contains(day));
        let month = pattern.month.filter(|month| (1..=12).contains(month));
        let index = word(pattern.index.as_deref().or(Some("first")));
        let nth = Nth::ALL.into_iter().find(|nth| nth.word() == index);
        let needs_days = |days: Vec<Weekday>| if days.is_empty() { None } else { Some(days) };
        let kind = match word(pattern.kind.as_deref()).as_str() {
            "daily" => Pattern::Daily,
            "weekly" => Pattern::Weekly {
                days: needs_days(days)?,
                first_day: pattern.first_day_of_week.as_deref().and_then(weekday).unwrap_or(Weekday::Sunday),
            },
            "absolutemonthly" => Pattern::Monthly { day: day? },
            "relativemonthly" => Pattern::MonthlyOn { nth: nth?, days: needs_days(days)? },
            "absoluteyearly" => Pattern::Yearly { month: month?, day: day? },
            "relativeyearly" => Pattern::YearlyOn { month: month?, nth: nth?, days: needs_days(days)? },
            _ => return None,
        };
        Some(Recurrence { pattern: kind, interval: pattern.interval.filter(|count| *count > 0)?, until })
    }
}

const NAMES: [(Weekday, &str); 7] = [
    (Weekday::Monday, "monday"),
    (Weekday::Tuesday, "tuesday"),
    (Weekday::Wednesday, "wednesday"),
    (Weekday::Thursday, "thursday"),
    (Weekday::Friday, "friday"),
    (Weekday::Saturday, "saturday"),
    (Weekday::Sunday, "sunday"),
];

fn weekday(name: &str) -> Option<Weekday> {
    let name = word(Some(name));
    NAMES.iter().find(|(_, known)| *known == name).map(|(day, _)| *day)
}

fn name(day: Weekday) -> &'static str {
    NAMES.iter().find(|(known, _)| *known == day).map_or("monday", |(_, name)| name)
}

/// A series that begins on `start`, the day of the event's start. Only what the pattern needs is said; anything else may be refused.
pub fn json(recurrence: &Recurrence, start: Date) -> Value {
    let names = |days: &[Weekday]| days.iter().map(|day| json!(name(*day))).collect::<Value>();
    let mut pattern = match &recurrence.pattern {
        Pattern::Daily => json!({ "type": "daily" }),
        Pattern::Weekly { days, first_day } => {
            json!({ "type": "weekly", "daysOfWeek": names(days), "firstDayOfWeek": name(*first_day) })
        }
        Pattern::Monthly { day } => json!({ "type": "absoluteMonthly", "dayOfMonth": day }),
        Pattern::MonthlyOn { nth, days } => {
            json!({ "type": "relativeMonthly", "daysOfWeek": names(days), "index": nth.word() })
        }
        Pattern::Yearly { month, day } => json!({ "type": "absoluteYearly", "month": month, "dayOfMonth": day }),
        Pattern::YearlyOn { month, nth, days } => {
            json!({ "type": "relativeYearly", "month": month, "daysOfWeek": names(days), "index": nth.word() })
        }
    };
    pattern["interval"] = json!(recurrence.interval.max(1));
    let start = start.to_string();
    let range = match recurrence.until {
        Until::Never => json!({ "type": "noEnd", "startDate": start }),
        Until::Day(last) => json!({ "type": "endDate", "startDate": start, "endDate": last.to_string() }),
        Until::Times(times) => json!({ "type": "numbered", "startDate": start, "numberOfOccurrences": times }),
    };
    json!({ "pattern": pattern, "range": range })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::repeats::understand;
    use jiff::civil::date;

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let start = date(2026, 11, 24);
        for typed in [
            "daily 3 times",
            "every 2 weeks mon thu until 24 dec",
            "monthly",
            "last fri of the month",
            "yearly",
            "first weekday of may",
        ] {
            let one = understand(typed, start).expect("it is understood").expect("it repeats");
            let read: WireRecurrence = serde_json::from_value(json(&one, start)).expect("JSON");
            assert_eq!(read.recurrence(), Some(one), "{typed}");
        }
        let one = understand("every 2 weeks mon thu until 24 dec", start).expect("understood").expect("it repeats");
        assert_eq!(
            json(&one, start),
            json!({
                "pattern": {"type": "weekly", "interval": 2, "daysOfWeek": ["monday", "thursday"], "firstDayOfWeek": "monday"},
                "range": {"type": "endDate", "startDate": "2026-11-24", "endDate": "2026-12-24"},
            })
        );
    }

    #[test]
    fn what_the_service_writes_is_read_and_what_is_strange_is_nothing() {
        let read = |value: Value| serde_json::from_value::<WireRecurrence>(value).expect("JSON").recurrence();
        // Unused numbers are 0, a missing end is the year 1, words come in any letter case.
        let written = json!({
            "pattern": {"type": "RelativeMonthly", "interval": 1, "month": 0, "dayOfMonth": 0, "daysOfWeek": ["Tuesday"],
                        "firstDayOfWeek": "sunday", "index": "Second"},
            "range": {"type": "noEnd", "startDate": "2026-11-10", "endDate": "0001-01-01", "numberOfOccurrences": 0},
        });
        let expected = Pattern::MonthlyOn { nth: Nth::Second, days: vec![Weekday::Tuesday] };
        assert_eq!(read(written.clone()).map(|one| (one.pattern, one.until)), Some((expected, Until::Never)));
        for (part, name, value) in [
            ("pattern", "type", json!("hijri")),
            ("pattern", "interval", json!(0)),
            ("pattern", "daysOfWeek", json!(["someday"])),
            ("range", "type", json!("whenever")),
        ] {
            let mut strange = written.clone();
            strange[part][name] = value;
            assert_eq!(read(strange.clone()), None, "{strange}");
        }
    }
}
