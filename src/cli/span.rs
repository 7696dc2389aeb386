//! Which days a command is about, as `--day`, `--week`, `--from` and `--to` say.
//!
//! Must stay true: a day is understood as it is everywhere else it is typed; what was understood stands in the answer.

use crate::base::report::{Kind, Report};
use crate::cli::arguments::Days;
use crate::domain::time::said::{self, Said};
use jiff::civil::Date;
use jiff::{Span, ToSpan};

/// Free/busy is given out for less than 62 days at a time [calendar-getschedule].
const MOST_DAYS: i32 = 61;

/// First day and the day after the last. `today` is the day where the person is.
pub(crate) fn days(days: &Days, today: Date) -> Result<(Date, Date), Report> {
    let from = days.from.as_deref().map_or(Ok(today), |text| Ok(said_days(text, today)?.0))?;
    let to = match &days.to {
        // "friday" after "monday" is the Friday after it.
        Some(text) => match said_days(text, today)?.1 {
            end if end > from => end,
            _ => said_days(text, from)?.1,
        },
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

/// What is said of a day, or of several: the first of them, and the day after the last.
fn said_days(text: &str, today: Date) -> Result<(Date, Date), Report> {
    if let Ok(date) = text.parse::<Date>() {
        return Ok((date, after(date, 1.day())?));
    }
    let said = said::understand(text, today.at(0, 0, 0, 0)).map_err(|error| usage(&error.to_string()))?;
    match said {
        Said::Days { start, end } => Ok((start, end)),
        Said::Slot { .. } | Said::Moment(_) => {
            Err(usage(&format!("{} is a time; a day is wanted here.", said.words())))
        }
    }
}

fn after(day: Date, span: Span) -> Result<Date, Report> {
    day.checked_add(span).map_err(|_| usage("That date is too far away."))
}

fn usage(what: &str) -> Report {
    Report::new(Kind::Usage, "usage", what)
        .next("For example: --from 2026-11-23 --to 2026-11-27, or --from monday --to \"next friday\".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn asked(from: &str, to: &str) -> Result<(Date, Date), Report> {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        // A Wednesday.
        days(&Days { from: given(from), to: given(to), day: false, week: false }, date(2026, 11, 25))
    }

    #[test]
    fn days_are_understood_as_people_say_them() {
        assert_eq!(asked("", "").ok(), Some((date(2026, 11, 25), date(2026, 11, 26))));
        assert_eq!(asked("2026-12-01", "2026-12-02").ok(), Some((date(2026, 12, 1), date(2026, 12, 3))));
        assert_eq!(asked("tomorrow", "").ok(), Some((date(2026, 11, 26), date(2026, 11, 27))));
        assert_eq!(asked("montag", "freitag").ok(), Some((date(2026, 11, 30), date(2026, 12, 5))));
        assert_eq!(asked("", "next week").ok(), Some((date(2026, 11, 25), date(2026, 12, 7))));
    }

    #[test]
    fn what_is_no_day_or_too_many_is_said() {
        let told = |from: &str, to: &str| asked(from, to).expect_err("no days").what;
        assert!(told("tomorrow 3pm", "").contains("a day is wanted here"));
        assert!(told("fredag", "").contains("fredag"));
        assert_eq!(told("2026-12-02", "2026-12-01"), "The last day lies before the first.");
        assert_eq!(asked("2026-11-25", "2027-01-24").ok(), Some((date(2026, 11, 25), date(2027, 1, 25))));
        assert!(told("2026-11-25", "2027-01-25").contains("more than 61 days"));
    }
}
