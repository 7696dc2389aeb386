//! How an event repeats, as JSON in the outbox and back. What cannot be read is no repetition.

use crate::domain::recurrence::{Nth, Pattern, Recurrence, Until};
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct RecurrenceJson {
    /// "daily", "weekly", "monthly", "monthlyOn", "yearly", "yearlyOn".
    pattern: String,
    #[serde(default)]
    interval: u32,
    /// 1 is Monday.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    days: Vec<i8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    week_begins: Option<i8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<i8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    month: Option<i8>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nth: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<Date>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
}

pub(super) fn recurrence_json(recurrence: &Recurrence) -> RecurrenceJson {
    let numbers = |days: &[Weekday]| days.iter().map(|day| day.to_monday_one_offset()).collect();
    let mut row = RecurrenceJson {
        pattern: String::new(),
        interval: recurrence.interval,
        days: Vec::new(),
        week_begins: None,
        day: None,
        month: None,
        nth: None,
        until: None,
        times: None,
    };
    let pattern = match &recurrence.pattern {
        Pattern::Daily => "daily",
        Pattern::Weekly { days, first_day } => {
            (row.days, row.week_begins) = (numbers(days), Some(first_day.to_monday_one_offset()));
            "weekly"
        }
        Pattern::Monthly { day } => {
            row.day = Some(*day);
            "monthly"
        }
        Pattern::MonthlyOn { nth, days } => {
            (row.days, row.nth) = (numbers(days), Some(nth.word().to_owned()));
            "monthlyOn"
        }
        Pattern::Yearly { month, day } => {
            (row.month, row.day) = (Some(*month), Some(*day));
            "yearly"
        }
        Pattern::YearlyOn { month, nth, days } => {
            (row.month, row.days, row.nth) = (Some(*month), numbers(days), Some(nth.word().to_owned()));
            "yearlyOn"
        }
    };
    pattern.clone_into(&mut row.pattern);
    match recurrence.until {
        Until::Never => {}
        Until::Day(day) => row.until = Some(day),
        Until::Times(times) => row.times = Some(times),
    }
    row
}

pub(super) fn recurrence(row: RecurrenceJson) -> Option<Recurrence> {
    let weekday = |number: i8| Weekday::from_monday_one_offset(number).ok();
    let days: Vec<Weekday> = row.days.into_iter().filter_map(weekday).collect();
    let nth = row.nth.and_then(|word| Nth::ALL.into_iter().find(|nth| nth.word() == word));
    let is_on = !days.is_empty();
    let pattern = match row.pattern.as_str() {
        "daily" => Pattern::Daily,
        "weekly" if is_on => {
            Pattern::Weekly { days, first_day: row.week_begins.and_then(weekday).unwrap_or(Weekday::Monday) }
        }
        "monthly" => Pattern::Monthly { day: row.day? },
        "monthlyOn" if is_on => Pattern::MonthlyOn { nth: nth?, days },
        "yearly" => Pattern::Yearly { month: row.month?, day: row.day? },
        "yearlyOn" if is_on => Pattern::YearlyOn { month: row.month?, nth: nth?, days },
        _ => return None,
    };
    let until = match (row.until, row.times) {
        (Some(day), _) => Until::Day(day),
        (None, Some(times)) => Until::Times(times),
        (None, None) => Until::Never,
    };
    Some(Recurrence { pattern, interval: row.interval.max(1), until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::repeats::understand;

    #[test]
    fn what_is_kept_comes_back() {
        let start = jiff::civil::date(2026, 11, 24);
        for typed in [
            "daily",
            "every 2 weeks mon fri 7 times",
            "monthly until 2027-12-24",
            "last fri",
            "yearly",
            "last mon of may",
        ] {
            let one = understand(typed, start).expect("it is understood").expect("it repeats");
            let text = serde_json::to_string(&recurrence_json(&one)).expect("JSON");
            assert_eq!(recurrence(serde_json::from_str(&text).expect("JSON")), Some(one), "{typed}: {text}");
        }
        assert_eq!(recurrence(serde_json::from_str("{\"pattern\":\"lunar\"}").expect("JSON")), None);
    }
}
