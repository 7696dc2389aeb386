//! Times as people say them. English only for now; every word of a date comes from here.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::{Zone, date_at, days_between, wall_time};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// "Mon".
#[must_use]
pub fn weekday_name(weekday: Weekday) -> &'static str {
    &weekday_long(weekday)[..3]
}

/// "Monday".
#[must_use]
pub const fn weekday_long(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

/// "Nov" for the month of `date`.
#[must_use]
pub fn month_name(date: Date) -> &'static str {
    let index = usize::try_from(date.month() - 1).unwrap_or(0);
    MONTHS.get(index).copied().unwrap_or("")
}

/// "10:06", in `zone`.
#[must_use]
pub fn clock_time(instant: Timestamp, zone: &TimeZone) -> String {
    let wall = wall_time(instant, zone);
    format!("{:02}:{:02}", wall.hour(), wall.minute())
}

/// "23 Nov".
#[must_use]
pub fn short_date(date: Date) -> String {
    format!("{} {}", date.day(), month_name(date))
}

/// "Mon 23 Nov 2026".
#[must_use]
pub fn long_date(date: Date) -> String {
    format!("{} {} {}", weekday_name(date.weekday()), short_date(date), date.year())
}

/// When something happened, short enough for a column (at most 11): "10:06" today, "Yesterday", "Fri" within the week, "14 Aug"
/// within the year, else "14 Aug 2025".
#[must_use]
pub fn when_in_list(instant: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let today = date_at(now, zone);
    let date = date_at(instant, zone);
    if date == today { clock_time(instant, zone) } else { date_in_list(date, today) }
}

/// A date as in [`when_in_list`]; "Today" for today, "Tomorrow" for tomorrow.
#[must_use]
pub fn date_in_list(date: Date, today: Date) -> String {
    match days_between(date, today) {
        0 => "Today".to_owned(),
        1 => "Yesterday".to_owned(),
        -1 => "Tomorrow".to_owned(),
        2..=6 => weekday_name(date.weekday()).to_owned(),
        _ if date.year() == today.year() => short_date(date),
        _ => format!("{} {}", short_date(date), date.year()),
    }
}

/// How old something is, in minutes at the finest: "now", "2 min", "3 h", "4 d". What lies ahead of the clock is "now".
#[must_use]
pub fn relative_age(then: Timestamp, now: Timestamp) -> String {
    let minutes = now.duration_since(then).as_mins();
    match minutes {
        ..1 => "now".to_owned(),
        1..60 => format!("{minutes} min"),
        60..1440 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1440),
    }
}

/// How long until something, like [`relative_age`] with minutes rounded up: "now", "in 20 min", "in 3 h", "in 4 d".
#[must_use]
pub fn until_words(then: Timestamp, now: Timestamp) -> String {
    let seconds = then.duration_since(now).as_secs();
    if seconds <= 0 {
        return "now".to_owned();
    }
    match (seconds + 59) / 60 {
        minutes @ 1..60 => format!("in {minutes} min"),
        minutes @ 60..1440 => format!("in {} h", minutes / 60),
        minutes => format!("in {} d", minutes / 1440),
    }
}

/// "30 min", "1 h", "1 h 30 min", "2 d", "2 d 3 h"; "0 min" for nothing or less.
#[must_use]
pub fn duration_words(duration: SignedDuration) -> String {
    let minutes = duration.as_mins().max(0);
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let mut parts = Vec::new();
    if days > 0 {
        parts.push(format!("{days} d"));
    }
    if hours > 0 {
        parts.push(format!("{hours} h"));
    }
    // Minutes say nothing beside days.
    if rest > 0 && days == 0 || parts.is_empty() {
        parts.push(format!("{rest} min"));
    }
    parts.join(" ")
}

/// How far the clocks of `there` are from `here` at `instant`: "+7 h", "-3 h", "+5:30 h"; "same time" if they agree; "zone unknown"
/// where nobody knows. A guess gets a `~` in front.
#[must_use]
pub fn offset_difference(there: &Zone, here: &TimeZone, instant: Timestamp) -> String {
    let Some(rules) = &there.rules else {
        return "zone unknown".to_owned();
    };
    let seconds = rules.to_offset(instant).seconds() - here.to_offset(instant).seconds();
    let guess = if there.is_approximate { "~" } else { "" };
    if seconds == 0 {
        return format!("{guess}same time");
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    match minutes % 60 {
        0 => format!("{guess}{sign}{} h", minutes / 60),
        rest => format!("{guess}{sign}{}:{rest:02} h", minutes / 60),
    }
}
