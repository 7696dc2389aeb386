//! Which days a command is about, as `--day`, `--week`, `--from` and `--to` say.

use crate::base::report::{Kind, Report};
use crate::cli::arguments::Days;
use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// Free/busy is given out for less than 62 days at a time [calendar-getschedule].
const MOST_DAYS: i32 = 61;

/// First day and the day after the last. `today` is the day where the person is.
pub(crate) fn days(days: &Days, today: Date) -> Result<(Date, Date), Report> {
    let from = days.from.as_deref().map_or(Ok(today), date)?;
    let to = match &days.to {
        Some(text) => after(date(text)?, 1.day())?,
        None if days.week => after(from, 7.days())?,
        None => after(from, 1.day())?,
    };
    let length = from.until(to).map_or(i32::MAX, |span| span.get_days());
    if length < 1 {
        return Err(usage("The last day lies before the first."));
    }
    if length > MOST_DAYS {
        return Err(usage("That is more than 61 days, and the service gives out no more at a time."));
    }
    Ok((from, to))
}

fn date(text: &str) -> Result<Date, Report> {
    text.parse().map_err(|_| usage(&format!("\"{text}\" is no date; write it as 2026-11-23.")))
}

fn after(day: Date, span: Span) -> Result<Date, Report> {
    day.checked_add(span).map_err(|_| usage("That date is too far away."))
}

fn usage(what: &str) -> Report {
    Report::new(Kind::Usage, "usage", what)
        .next("Dates are written as 2026-11-23, e.g. --from 2026-11-23 --to 2026-11-27.")
}
