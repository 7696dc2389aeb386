//! Dates, times and counts as people say them.

use crate::domain::freebusy::{Availability, Block};
use crate::domain::time::{Span, Zone};
use crate::state::away::status_word;
use crate::state::when;
use jiff::civil::Date;
use jiff::{Timestamp, Unit};

/// An instant in a list without days: 10:06, Yesterday, Fri, 14 Aug, Aug 2025.
pub(in crate::view) fn moment(instant: Timestamp, now: Timestamp, zone: &Zone) -> String {
    let wall = when::wall(instant, zone);
    let today = when::date(now, zone);
    match days_between(wall.date(), today) {
        0 => clock(instant, zone),
        1 => "Yesterday".to_owned(),
        2..=6 => wall.strftime("%a").to_string(),
        _ if wall.year() == today.year() => wall.strftime("%-d %b").to_string(),
        _ => wall.strftime("%b %Y").to_string(),
    }
}

/// A day as a heading: Today, Yesterday, Tomorrow, Friday 20 November, with the year if it is another.
pub(in crate::view) fn day(date: Date, today: Date) -> String {
    let full = if date.year() == today.year() { date.strftime("%A %-d %B") } else { date.strftime("%A %-d %B %Y") };
    match days_between(date, today) {
        0 => format!("Today  {}", date.strftime("%a %-d %b")),
        1 => format!("Yesterday  {}", date.strftime("%a %-d %b")),
        -1 => format!("Tomorrow  {}", date.strftime("%a %-d %b")),
        _ => full.to_string(),
    }
}

/// Wall time: 10:06.
pub(in crate::view) fn clock(instant: Timestamp, zone: &Zone) -> String {
    let wall = when::wall(instant, zone);
    format!("{:02}:{:02}", wall.hour(), wall.minute())
}

/// How long from now, in minutes, hours or days: 18 min, 2 h, 3 days.
pub(in crate::view) fn length(from: Timestamp, to: Timestamp) -> String {
    let minutes = to.duration_since(from).as_secs() / 60;
    match minutes {
        ..1 => "under a minute".to_owned(),
        1..60 => format!("{minutes} min"),
        60..1440 if minutes % 60 == 0 || minutes >= 600 => format!("{} h", minutes / 60),
        60..1440 => format!("{} h {} min", minutes / 60, minutes % 60),
        1440..2880 => "a day".to_owned(),
        _ => format!("{} days", minutes / 1440),
    }
}

/// The beginning of a text in one line: a greeting alone on the first line says nothing.
pub(in crate::view) fn in_one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).take(5).collect::<Vec<_>>().join(" ")
}

/// The city of a zone: Madrid for Europe/Madrid; a zone without rules is doubted.
pub(in crate::view) fn city(zone: &Zone) -> String {
    // A Windows name ("W. Europe Standard Time") says no city; the zone it stands for does.
    let known = zone.rules.as_ref().filter(|_| !zone.is_approximate).and_then(|rules| rules.iana_name());
    let name = known.unwrap_or(&zone.name);
    let name = name.rsplit('/').next().unwrap_or(name).replace('_', " ");
    if zone.rules.is_none() { format!("{name}?") } else { name }
}

/// What takes somebody's time within a stretch: "busy 10:30–11:00, maybe 13:00–14:00". Who is away all day is only that.
pub(in crate::view) fn blocks<'a>(
    blocks: impl Iterator<Item = &'a Block> + Clone,
    within: Span,
    dash: &str,
    zone: &Zone,
) -> Vec<String> {
    let is_away = |block: &&Block| block.status == Some(Availability::OutOfOffice) && block.span.covers(&within);
    if let Some(away) = blocks.clone().find(is_away) {
        return block(away, within, dash, zone).into_iter().collect();
    }
    blocks.filter_map(|each| block(each, within, dash, zone)).collect()
}

fn block(block: &Block, within: Span, dash: &str, zone: &Zone) -> Option<String> {
    let word = status_word(block.status?)?;
    let shown = block.span.intersection(&within)?;
    if shown == within {
        return Some(format!("{word} all day"));
    }
    Some(format!("{word} {}{dash}{}", clock(shown.start, zone), clock(shown.end, zone)))
}

/// A number with narrow gaps: 12 431.
pub(in crate::view) fn count(number: u32) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// Days from `date` to `today`; negative for the future.
fn days_between(date: Date, today: Date) -> i64 {
    date.until((Unit::Day, today)).map_or(i64::MAX, |span| i64::from(span.get_days()))
}
