//! How an event repeats: its pattern, its end, the days it falls on, and the same in words.
//!
//! Dates only; at what time a day's event begins is the event's own affair. Must stay true: the words say all that is meant, so that
//! whoever reads them back knows what will be made; counting days is bounded, whatever the pattern. How people type it is in
//! `time::repeats`. Deliberately absent: days that were moved or taken out of a series (the service knows them).

use crate::domain::time::{add_days, add_months, days_between, long_date, month_name, week_start, weekday_long};
use jiff::civil::{Date, Weekday};

/// No series is walked over more periods than this.
const MOST_PERIODS: u32 = 4_000;

/// Which of the days of that name in a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nth {
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// The fourth.
    Fourth,
    /// The last.
    Last,
}

impl Nth {
    /// All, in order.
    pub const ALL: [Self; 5] = [Self::First, Self::Second, Self::Third, Self::Fourth, Self::Last];

    /// "first" to "last"; the service has the same words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
            Self::Third => "third",
            Self::Fourth => "fourth",
            Self::Last => "last",
        }
    }

    /// Which one `date` is in its month; a fifth is the last.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self::ALL.get(usize::try_from((date.day() - 1) / 7).unwrap_or(4)).copied().unwrap_or(Self::Last)
    }
}

/// On which days it falls.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// Every day.
    Daily,
    /// On these days of the week.
    Weekly {
        /// The days, Monday first; never empty.
        days: Vec<Weekday>,
        /// The day with which weeks begin; it matters for every second week.
        first_day: Weekday,
    },
    /// On a day of the month, its last where it is shorter.
    Monthly {
        /// 1 to 31.
        day: i8,
    },
    /// On the first, … last of such days of the month.
    MonthlyOn {
        /// Which.
        nth: Nth,
        /// The first (…) that is any of these.
        days: Vec<Weekday>,
    },
    /// On a day of the year.
    Yearly {
        /// 1 to 12.
        month: i8,
        /// 1 to 31.
        day: i8,
    },
    /// On the first, … last of such days of a month of the year.
    YearlyOn {
        /// 1 to 12.
        month: i8,
        /// Which.
        nth: Nth,
        /// The first (…) that is any of these.
        days: Vec<Weekday>,
    },
}

/// When it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Until {
    /// Never.
    Never,
    /// After this day, which belongs to it.
    Day(Date),
    /// After so many times.
    Times(u32),
}

/// How an event repeats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Recurrence {
    /// On which days.
    pub pattern: Pattern,
    /// Every how many days, weeks, months or years; at least 1.
    pub interval: u32,
    /// When it ends.
    pub until: Until,
}

impl Recurrence {
    /// Every week on the day of `start`.
    #[must_use]
    pub fn weekly(start: Date) -> Self {
        let pattern = Pattern::Weekly { days: vec![start.weekday()], first_day: Weekday::Monday };
        Self { pattern, interval: 1, until: Until::Never }
    }

    /// The first day at or after `day` that fits the pattern; the series begins there.
    #[must_use]
    pub fn first(&self, day: Date) -> Option<Date> {
        let endless = Self { pattern: self.pattern.clone(), interval: 1, until: Until::Never };
        // A first day in this year or within the next years, where there is a 29 February only now and then.
        endless.walk(day).next()
    }

    /// The days of the series that begins at `start`, from `from` to before `to`; at most `most`.
    #[must_use]
    pub fn days(&self, start: Date, from: Date, to: Date, most: usize) -> Vec<Date> {
        let until = match self.until {
            Until::Day(last) => last.min(add_days(to, -1)),
            Until::Never | Until::Times(_) => add_days(to, -1),
        };
        let times = match self.until {
            Until::Times(times) => usize::try_from(times).unwrap_or(usize::MAX),
            Until::Never | Until::Day(_) => usize::MAX,
        };
        let walked = self.walk(start).take(times).take_while(|day| *day <= until);
        walked.filter(|day| *day >= from).take(most).collect()
    }

    /// Its days from `start` on, without an end.
    fn walk(&self, start: Date) -> impl Iterator<Item = Date> + '_ {
        (0..MOST_PERIODS).flat_map(move |number| self.period(start, number)).filter(move |day| *day >= start)
    }

    /// The days of a period, in order; the one of `start` has the number 0.
    fn period(&self, start: Date, number: u32) -> Vec<Date> {
        let steps = i64::from(number) * i64::from(self.interval.max(1));
        let months = |by: i64| add_months(start.first_of_month(), i32::try_from(by).unwrap_or(i32::MAX));
        let year = |month: i8| {
            let at = months(steps * 12);
            Date::new(at.year(), month.clamp(1, 12), 1).unwrap_or(at)
        };
        match &self.pattern {
            Pattern::Daily => vec![add_days(start, steps)],
            Pattern::Weekly { days, first_day } => {
                let week = add_days(week_start(start, *first_day), steps * 7);
                (0..7).map(|at| add_days(week, at)).filter(|day| days.contains(&day.weekday())).collect()
            }
            Pattern::Monthly { day } => vec![clamped(months(steps), *day)],
            Pattern::MonthlyOn { nth, days } => nth_of(months(steps), *nth, days).into_iter().collect(),
            Pattern::Yearly { month, day } => vec![clamped(year(*month), *day)],
            Pattern::YearlyOn { month, nth, days } => nth_of(year(*month), *nth, days).into_iter().collect(),
        }
    }

    /// The same series when its first day moves from `before` to `after`: the days of its pattern go along.
    #[must_use]
    pub fn moved(&self, before: Date, after: Date) -> Self {
        let by = days_between(before, after);
        let shifted = |days: &[Weekday]| {
            let mut days: Vec<Weekday> =
                days.iter().map(|day| day.wrapping_add(i32::try_from(by.rem_euclid(7)).unwrap_or(0))).collect();
            days.sort_by_key(|day| day.to_monday_zero_offset());
            days
        };
        let pattern = match &self.pattern {
            _ if by == 0 => self.pattern.clone(),
            Pattern::Daily => Pattern::Daily,
            Pattern::Weekly { days, first_day } => Pattern::Weekly { days: shifted(days), first_day: *first_day },
            Pattern::Monthly { .. } => Pattern::Monthly { day: after.day() },
            Pattern::MonthlyOn { .. } => Pattern::MonthlyOn { nth: Nth::of(after), days: vec![after.weekday()] },
            Pattern::Yearly { .. } => Pattern::Yearly { month: after.month(), day: after.day() },
            Pattern::YearlyOn { .. } => {
                Pattern::YearlyOn { month: after.month(), nth: Nth::of(after), days: vec![after.weekday()] }
            }
        };
        let until = match self.until {
            Until::Day(last) => Until::Day(last.max(after)),
            other => other,
        };
        Self { pattern, interval: self.interval, until }
    }

    /// In words: "every Tuesday until Thu 24 Dec 2026".
    #[must_use]
    pub fn words(&self) -> String {
        let every = |unit: &str| match self.interval {
            0 | 1 => format!("every {unit}"),
            count => format!("every {count} {unit}s"),
        };
        let mut words = match &self.pattern {
            Pattern::Daily => every("day"),
            Pattern::Weekly { days, .. } if self.interval <= 1 => format!("every {}", names(days)),
            Pattern::Weekly { days, .. } => format!("{} on {}", every("week"), names(days)),
            Pattern::Monthly { day } => format!("on the {} of {}", ordinal(*day), every("month")),
            Pattern::MonthlyOn { nth, days } => format!("on the {} {} of {}", nth.word(), any_of(days), every("month")),
            Pattern::Yearly { month, day } => format!("{} on {day} {}", every("year"), month_word(*month)),
            Pattern::YearlyOn { month, nth, days } => {
                format!("{} on the {} {} of {}", every("year"), nth.word(), any_of(days), month_word(*month))
            }
        };
        match self.until {
            Until::Never => {}
            Until::Day(last) => words.push_str(&format!(" until {}", long_date(last))),
            Until::Times(1) => words.push_str(", once"),
            Until::Times(times) => words.push_str(&format!(", {times} times")),
        }
        words
    }

    /// The same as it would be typed, to be changed.
    #[must_use]
    pub fn typed(&self) -> String {
        let short = |days: &[Weekday]| {
            days.iter().map(|day| weekday_long(*day)[..3].to_lowercase()).collect::<Vec<_>>().join(" ")
        };
        let every = |unit: &str| match self.interval {
            0 | 1 => String::new(),
            count => format!("every {count} {unit}s "),
        };
        let or = |every: String, once: &str| if every.is_empty() { once.to_owned() } else { every };
        let nth_day = |nth: Nth, days: &[Weekday]| match days {
            [day] => format!("{} {}", nth.word(), short(&[*day])),
            days if days.len() == 7 => format!("{} day", nth.word()),
            days if is_working_week(days) => format!("{} weekday", nth.word()),
            days => format!("{} {}", nth.word(), short(days)),
        };
        let mut typed = match &self.pattern {
            Pattern::Daily => or(every("day"), "daily"),
            Pattern::Weekly { days, .. } => format!("{}{}", every("week"), short(days)),
            Pattern::Monthly { day } => format!("{}on the {}", or(every("month"), "monthly "), ordinal(*day)),
            Pattern::MonthlyOn { nth, days } => format!("{}{}", or(every("month"), "monthly "), nth_day(*nth, days)),
            Pattern::Yearly { month, day } => {
                format!("{}on {day} {}", or(every("year"), "yearly "), month_word(*month))
            }
            Pattern::YearlyOn { month, nth, days } => {
                format!("{}{} {}", or(every("year"), "yearly "), nth_day(*nth, days), month_word(*month))
            }
        };
        typed.truncate(typed.trim_end().len());
        match self.until {
            Until::Never => {}
            Until::Day(last) => typed.push_str(&format!(" until {last}")),
            Until::Times(times) => typed.push_str(&format!(" {times} times")),
        }
        typed
    }
}

/// The days from Monday to Friday.
pub const WORKING_WEEK: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

fn is_working_week(days: &[Weekday]) -> bool {
    days.len() == 5 && WORKING_WEEK.iter().all(|day| days.contains(day))
}

fn names(days: &[Weekday]) -> String {
    if is_working_week(days) {
        return "weekday (Monday to Friday)".to_owned();
    }
    if days.len() == 7 {
        return "day of the week".to_owned();
    }
    let names: Vec<&str> = days.iter().map(|day| weekday_long(*day)).collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

fn any_of(days: &[Weekday]) -> String {
    match days.len() {
        7 => "day".to_owned(),
        5 if is_working_week(days) => "weekday".to_owned(),
        _ => names(days).replace(" and ", " or "),
    }
}

fn month_word(month: i8) -> &'static str {
    Date::new(2000, month.clamp(1, 12), 1).map_or("", month_name)
}

/// "1st", "22nd".
fn ordinal(day: i8) -> String {
    let end = match (day % 10, day % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{day}{end}")
}

/// That day of the month, or its last.
fn clamped(month: Date, day: i8) -> Date {
    let last = month.days_in_month();
    Date::new(month.year(), month.month(), day.clamp(1, last)).unwrap_or(month)
}

fn nth_of(month: Date, nth: Nth, days: &[Weekday]) -> Option<Date> {
    let all = (1..=month.days_in_month()).filter_map(|day| Date::new(month.year(), month.month(), day).ok());
    let mut fitting = all.filter(|day| days.contains(&day.weekday()));
    match nth {
        Nth::First => fitting.next(),
        Nth::Second => fitting.nth(1),
        Nth::Third => fitting.nth(2),
        Nth::Fourth => fitting.nth(3),
        Nth::Last => fitting.next_back(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn series(pattern: Pattern, interval: u32, until: Until) -> Recurrence {
        Recurrence { pattern, interval, until }
    }

    fn days(series: &Recurrence, start: Date) -> Vec<String> {
        let days = series.days(start, start, date(2028, 1, 1), 5);
        days.into_iter().map(|day| day.to_string()).collect()
    }

    #[test]
    fn days_are_counted_and_said() {
        let start = date(2026, 11, 24);
        let on = |days: &[Weekday]| Pattern::Weekly { days: days.to_vec(), first_day: Weekday::Monday };
        let every = series(on(&[Weekday::Tuesday]), 1, Until::Day(date(2026, 12, 24)));
        assert_eq!(every.words(), "every Tuesday until Thu 24 Dec 2026");
        assert_eq!(days(&every, start), ["2026-11-24", "2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22"]);
        let second = series(on(&[Weekday::Monday, Weekday::Thursday]), 2, Until::Times(3));
        assert_eq!(second.words(), "every 2 weeks on Monday and Thursday, 3 times");
        assert_eq!(days(&second, start), ["2026-11-26", "2026-12-07", "2026-12-10"], "the second week is left out");
        assert_eq!(second.first(start), Some(date(2026, 11, 26)));
        let month = series(Pattern::Monthly { day: 31 }, 1, Until::Never);
        assert_eq!(month.words(), "on the 31st of every month");
        assert_eq!(days(&month, start)[..3], ["2026-11-30", "2026-12-31", "2027-01-31"]);
        let last = series(Pattern::MonthlyOn { nth: Nth::Last, days: vec![Weekday::Friday] }, 2, Until::Never);
        assert_eq!(last.words(), "on the last Friday of every 2 months");
        assert_eq!(days(&last, start)[..2], ["2026-11-27", "2027-01-29"]);
        let year = series(Pattern::Yearly { month: 2, day: 29 }, 1, Until::Times(1));
        assert_eq!((year.words().as_str(), year.first(start)), ("every year on 29 Feb, once", Some(date(2027, 2, 28))));
        let on = Pattern::YearlyOn { month: 5, nth: Nth::First, days: WORKING_WEEK.to_vec() };
        assert_eq!(series(on, 1, Until::Never).words(), "every year on the first weekday of May");
    }

    #[test]
    fn a_series_goes_along_when_its_first_day_is_moved() {
        let (tuesday, wednesday) = (date(2026, 11, 24), date(2026, 11, 25));
        let moved = Recurrence::weekly(tuesday).moved(tuesday, wednesday);
        assert_eq!(moved, Recurrence::weekly(wednesday));
        assert_eq!(moved.moved(wednesday, tuesday), Recurrence::weekly(tuesday), "backwards, too");
        let third = series(Pattern::MonthlyOn { nth: Nth::Fourth, days: vec![Weekday::Tuesday] }, 1, Until::Never);
        let expected = Pattern::MonthlyOn { nth: Nth::First, days: vec![Weekday::Thursday] };
        assert_eq!(third.moved(tuesday, date(2026, 12, 3)).pattern, expected);
        assert_eq!(third.moved(tuesday, tuesday), third);
    }
}
