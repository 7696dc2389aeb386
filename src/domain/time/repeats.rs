//! Repetition as people type it: "weekly", "mon wed until 24 dec", "last fri of the month", "every 2 weeks 10 times".
//!
//! English, German, French and Spanish, mixed as people mix them. What was understood is said back before it is used
//! ([`Recurrence::words`]). Must stay true: a word that is not understood is named, never passed over; what is not said follows from
//! the day on which the event begins.

use super::said::{self, NotUnderstood};
use super::said_words::{self, Token, Word};
use crate::domain::recurrence::{Nth, Pattern, Recurrence, Until, WORKING_WEEK};
use jiff::civil::{Date, Time, Weekday};

/// Every how many, and of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

/// What was read, before it is put together.
#[derive(Default)]
struct Read {
    unit: Option<Unit>,
    interval: Option<u32>,
    days: Vec<Weekday>,
    nth: Option<Nth>,
    /// "the 24th".
    day: Option<i8>,
    month: Option<i8>,
    times: Option<u32>,
    until: Option<Date>,
}

/// Understands how an event that begins on `start` repeats; `None`: it does not.
///
/// # Errors
/// A sentence for the person.
pub fn understand(text: &str, start: Date) -> Result<Option<Recurrence>, String> {
    let tokens = said_words::tokens(text);
    let mut read = Read::default();
    if tokens.is_empty()
        || matches!(tokens[0].text.as_str(), "no" | "none" | "never" | "once" | "nein" | "nie" | "non" | "-")
    {
        return Ok(None);
    }
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if is_until(token) && !is_range(&tokens, at) {
            read.until = Some(last_day(&tokens[at..], start)?);
            break;
        }
        at += take(token, &tokens[at..], &mut read)?;
    }
    put_together(read, start).map(Some)
}

fn is_until(token: &Token) -> bool {
    token.word == Some(Word::To) || matches!(token.text.as_str(), "jusqu'au" | "jusqu\u{2019}au" | "jusque" | "through")
}

/// "mon to fri" is no end.
fn is_range(tokens: &[Token], after: usize) -> bool {
    let is_day = |at: Option<usize>| at.and_then(|at| tokens.get(at)).is_some_and(|token| weekday(token).is_some());
    is_day(after.checked_sub(2)) && is_day(Some(after))
}

/// The last day: a date as people say it, or a month, which means all of it.
fn last_day(tokens: &[Token], start: Date) -> Result<Date, String> {
    let month = match tokens {
        [one] => one.word,
        [one, year] if year.number.is_some_and(|year| year > 31) => one.word,
        _ => None,
    };
    let day = if let Some(Word::Monthly(month) | Word::MonthOrDay(month, _)) = month {
        let named = tokens.get(1).and_then(|year| year.number).and_then(|year| i16::try_from(year).ok());
        let month = i8::try_from(month).unwrap_or(1);
        let year = named.unwrap_or_else(|| start.year() + i16::from(month < start.month()));
        Date::new(year, month, 1).map_err(|_| "There is no such month.".to_owned())?.last_of_month()
    } else {
        let text: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        match said::understand(&text.join(" "), start.to_datetime(Time::midnight())) {
            Ok(said::Said::Days { end, .. }) => super::add_days(end, -1),
            Ok(other) => other.start().date(),
            Err(NotUnderstood::Nothing) => {
                return Err("Until when? \"until 24 dec\", \"until march\", or \"10 times\".".to_owned());
            }
            Err(why) => return Err(why.to_string()),
        }
    };
    if day < start { Err("It would end before it begins.".to_owned()) } else { Ok(day) }
}

fn weekday(token: &Token) -> Option<Weekday> {
    match token.word {
        Some(Word::Weekday(day) | Word::MonthOrDay(_, day)) => Some(day),
        _ => None,
    }
}

/// Takes a word; tells how many of those behind it belong to it.
fn take(token: &Token, behind: &[Token], read: &mut Read) -> Result<usize, String> {
    let unit = |unit: Unit, interval: u32, read: &mut Read| {
        read.unit = Some(unit);
        if interval > 1 {
            read.interval = Some(interval);
        }
        Ok(0)
    };
    if let Some((one, other)) = token.two_days {
        let (one, other) = (super::weekday_long(one), super::weekday_long(other));
        return Err(format!("\"{}\" may be {one} or {other}: write one letter more.", token.text));
    }
    if let Some(day) = weekday(token) {
        let end = match behind {
            [to, last, ..] if to.word == Some(Word::To) => weekday(last),
            _ => None,
        };
        let mut next = day;
        add(&mut read.days, next);
        while let Some(end) = end.filter(|end| *end != next) {
            next = next.wrapping_add(1);
            add(&mut read.days, next);
            if next == end {
                break;
            }
        }
        return Ok(if end.is_some() { 2 } else { 0 });
    }
    match token.word {
        Some(Word::Filler | Word::Am | Word::In | Word::This) => return Ok(0),
        Some(Word::Days) if read.nth.is_some() => {
            read.days = (0..7).map(|at| Weekday::Monday.wrapping_add(at)).collect();
            return Ok(0);
        }
        Some(Word::Days) => return unit(Unit::Day, 1, read),
        Some(Word::Week) => return unit(Unit::Week, 1, read),
        Some(Word::Month) => return unit(Unit::Month, 1, read),
        Some(Word::Monthly(month)) => {
            read.month = i8::try_from(month).ok();
            return Ok(0);
        }
        Some(Word::Count(count)) => return number(u32::from(count), token, behind, read),
        _ => {}
    }
    if let Some(number_) = token.number {
        return number(u32::from(number_), token, behind, read);
    }
    match token.text.as_str() {
        "every" | "each" | "and" | "jeden" | "jede" | "jeder" | "jedes" | "alle" | "und" | "tous" | "toutes"
        | "chaque" | "et" | "cada" | "todos" | "todas" | "y" | "&" | "+" | "im" | "immer" | "repeats" => Ok(0),
        "daily" | "taglich" | "taeglich" | "quotidien" | "diario" | "diariamente" => unit(Unit::Day, 1, read),
        "weekly" | "wochentlich" | "woechentlich" | "hebdomadaire" | "semanal" | "semanalmente" => {
            unit(Unit::Week, 1, read)
        }
        "biweekly" | "fortnightly" | "fortnight" => unit(Unit::Week, 2, read),
        "monthly" | "monatlich" | "mensuel" | "mensual" | "mensualmente" => unit(Unit::Month, 1, read),
        "quarterly" | "quarter" | "vierteljahrlich" | "trimestriel" | "trimestral" => unit(Unit::Month, 3, read),
        "yearly" | "annually" | "annual" | "year" | "years" | "jahrlich" | "jaehrlich" | "jahr" | "jahre"
        | "annuel" | "an" | "ans" | "annee" | "anual" | "ano" | "anos" => unit(Unit::Year, 1, read),
        "weekday" | "weekdays" | "workday" | "workdays" | "werktag" | "werktags" | "werktage" | "laborables" => {
            for day in WORKING_WEEK {
                add(&mut read.days, day);
            }
            Ok(0)
        }
        "other" | "zweite" | "zweiten" | "zweiter" | "second" | "deuxieme" | "segundo"
            if token.text == "other" || behind.first().is_some_and(|next| unit_of(next).is_some()) =>
        {
            read.interval = Some(2);
            Ok(0)
        }
        "first" | "erste" | "ersten" | "erster" | "premier" | "primer" => nth(Nth::First, read),
        "second" | "zweite" | "zweiten" | "zweiter" | "deuxieme" | "segundo" => nth(Nth::Second, read),
        "third" | "dritte" | "dritten" | "dritter" | "troisieme" | "tercer" => nth(Nth::Third, read),
        "fourth" | "vierte" | "vierten" | "vierter" | "quatrieme" | "cuarto" => nth(Nth::Fourth, read),
        "last" | "letzte" | "letzten" | "letzter" | "dernier" | "ultimo" => nth(Nth::Last, read),
        text => match text.strip_suffix('x').and_then(|count| count.parse().ok()) {
            Some(times) => times_of(times, read),
            None => Err(format!(
                "\"{text}\" is no way to repeat. Try \"weekly\", \"mon wed until 24 dec\", \"last fri of the month\", \
                 \"every 2 weeks 10 times\"."
            )),
        },
    }
}

fn unit_of(token: &Token) -> Option<Unit> {
    match token.word {
        Some(Word::Days) => Some(Unit::Day),
        Some(Word::Week) => Some(Unit::Week),
        Some(Word::Month) => Some(Unit::Month),
        _ if matches!(token.text.as_str(), "year" | "years" | "jahr" | "jahre" | "an" | "ans" | "ano" | "anos") => {
            Some(Unit::Year)
        }
        _ => None,
    }
}

fn nth(nth: Nth, read: &mut Read) -> Result<usize, String> {
    read.nth = Some(nth);
    Ok(0)
}

fn times_of(times: u32, read: &mut Read) -> Result<usize, String> {
    if !(1..=999).contains(&times) {
        return Err("1 to 999 times can be said.".to_owned());
    }
    read.times = Some(times);
    Ok(0)
}

/// A number is a count of times, an interval, the first (…) of such days, or a day of the month: what stands behind it tells.
fn number(number: u32, token: &Token, behind: &[Token], read: &mut Read) -> Result<usize, String> {
    let next = behind.first();
    let is_times =
        |token: &Token| matches!(token.text.as_str(), "times" | "time" | "mal" | "fois" | "veces" | "vez" | "x");
    if next.is_some_and(is_times) {
        return times_of(number, read).map(|_| 1);
    }
    // "2nd week" is every second one, "2 weeks" as well.
    if next.is_some_and(|next| unit_of(next).is_some()) {
        if !(1..=99).contains(&number) {
            return Err("Every 1 to 99 can be said.".to_owned());
        }
        read.interval = Some(number);
        return Ok(0);
    }
    let is_day_name = next
        .is_some_and(|next| weekday(next).is_some() || matches!(next.text.as_str(), "weekday" | "workday" | "werktag"));
    if is_day_name {
        read.nth = Some(match number {
            1 => Nth::First,
            2 => Nth::Second,
            3 => Nth::Third,
            4 => Nth::Fourth,
            5 => Nth::Last,
            _ => return Err(format!("No month has a \"{}\" of that day.", token.text)),
        });
        return Ok(0);
    }
    match i8::try_from(number).ok().filter(|day| (1..=31).contains(day)) {
        Some(day) => {
            read.day = Some(day);
            Ok(0)
        }
        None => Err(format!("\"{}\" is no day of a month.", token.text)),
    }
}

fn add(days: &mut Vec<Weekday>, day: Weekday) {
    if !days.contains(&day) {
        days.push(day);
        days.sort_by_key(|day| day.to_monday_zero_offset());
    }
}

fn put_together(read: Read, start: Date) -> Result<Recurrence, String> {
    let until = match (read.until, read.times) {
        (Some(_), Some(_)) => {
            return Err("An end and a number of times say the same twice; write one of them.".to_owned());
        }
        (Some(day), None) => Until::Day(day),
        (None, Some(times)) => Until::Times(times),
        (None, None) => Until::Never,
    };
    let is_yearly = read.unit == Some(Unit::Year) || read.month.is_some();
    let day = read.day.unwrap_or(start.day());
    let month = read.month.unwrap_or(start.month());
    let weekly = |days: Vec<Weekday>| Pattern::Weekly { days, first_day: Weekday::Monday };
    let pattern = match (read.unit, read.nth, read.days) {
        (_, Some(nth), days) if !days.is_empty() && is_yearly => Pattern::YearlyOn { month, nth, days },
        (Some(Unit::Month) | None, Some(nth), days) if !days.is_empty() => Pattern::MonthlyOn { nth, days },
        (_, Some(nth), _) => return Err(format!("The {} of what? \"{} tue of the month\".", nth.word(), nth.word())),
        (Some(Unit::Year), None, days) if days.is_empty() => Pattern::Yearly { month, day },
        (None, None, days) if days.is_empty() && read.month.is_some() => Pattern::Yearly { month, day },
        (Some(Unit::Month), None, days) if days.is_empty() => Pattern::Monthly { day },
        (None, None, days) if days.is_empty() && read.day.is_some() => Pattern::Monthly { day },
        (Some(Unit::Week), None, days) if days.is_empty() => weekly(vec![start.weekday()]),
        (Some(Unit::Week) | None, None, days) if !days.is_empty() => weekly(days),
        // "every other": weeks are what people mean.
        (None, None, _) if read.interval.is_some() => weekly(vec![start.weekday()]),
        (Some(Unit::Day), None, days) if days.is_empty() => Pattern::Daily,
        (None, None, _) => {
            return Err("How often? \"daily\", \"weekly\", \"mon wed\", \"monthly\", \"yearly\".".to_owned());
        }
        _ => {
            return Err(
                "These days belong to weeks: \"every 2 weeks mon wed\", \"second tue of the month\".".to_owned()
            );
        }
    };
    Ok(Recurrence { pattern, interval: read.interval.unwrap_or(1).max(1), until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// A Tuesday.
    const START: Date = date(2026, 11, 24);

    fn said(text: &str) -> String {
        match understand(text, START) {
            Ok(Some(recurrence)) => recurrence.words(),
            Ok(None) => "no".to_owned(),
            Err(why) => format!("! {why}"),
        }
    }

    #[test]
    fn people_say_how_often_in_many_ways() {
        let cases = [
            ("", "no"),
            ("no", "no"),
            ("daily", "every day"),
            ("every 3 days 10 times", "every 3 days, 10 times"),
            ("weekly", "every Tuesday"),
            ("weekdays", "every weekday (Monday to Friday)"),
            ("mon-fri", "every weekday (Monday to Friday)"),
            ("every tuesday until 24 december", "every Tuesday until Thu 24 Dec 2026"),
            ("mon, wed and fri until march", "every Monday, Wednesday and Friday until Wed 31 Mar 2027"),
            ("weekly until nov 2027", "every Tuesday until Tue 30 Nov 2027"),
            ("every other week", "every 2 weeks on Tuesday"),
            ("every second week mon", "every 2 weeks on Monday"),
            ("every 2 weeks on thu 5x", "every 2 weeks on Thursday, 5 times"),
            ("fortnightly", "every 2 weeks on Tuesday"),
            ("monthly", "on the 24th of every month"),
            ("on the 1st of every month", "on the 1st of every month"),
            ("15th", "on the 15th of every month"),
            ("second tue of the month", "on the second Tuesday of every month"),
            ("2nd tue", "on the second Tuesday of every month"),
            ("last weekday of the month", "on the last weekday of every month"),
            ("last day of every month", "on the last day of every month"),
            ("quarterly", "on the 24th of every 3 months"),
            ("yearly", "every year on 24 Nov"),
            ("every 5 may", "every year on 5 May"),
            ("last mon of may", "every year on the last Monday of May"),
            (
                "jeden zweiten dienstag im monat bis 24.12.",
                "on the second Tuesday of every month until Thu 24 Dec 2026",
            ),
            ("wöchentlich mo mi 4 mal", "every Monday and Wednesday, 4 times"),
            ("chaque lundi jusqu'au 24/12", "every Monday until Thu 24 Dec 2026"),
            ("cada 2 semanas lunes", "every 2 weeks on Monday"),
        ];
        for (typed, expected) in cases {
            assert_eq!(said(typed), expected, "{typed}");
        }
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (typed, expected) in [
            ("sometimes", "\"sometimes\" is no way to repeat."),
            ("weekly until", "Until when?"),
            ("weekly until never", "\"never\" is no day or time."),
            ("weekly until 2026-11-01", "It would end before it begins."),
            ("weekly 3 times until 24 dec", "say the same twice"),
            ("every", "How often?"),
            ("first", "The first of what?"),
            ("every 2 days mon", "These days belong to weeks"),
            ("45", "is no day of a month"),
            ("do", "may be Thursday or Sunday"),
            ("0 times daily", "1 to 999 times"),
        ] {
            assert!(said(typed).starts_with('!') && said(typed).contains(expected), "{typed}: {}", said(typed));
        }
    }

    #[test]
    fn what_would_be_typed_is_understood_as_the_same() {
        let all = [
            "daily",
            "every 3 days",
            "tue",
            "every 2 weeks mon fri 7 times",
            "weekdays until 2026-12-24",
            "monthly",
            "last fri",
            "every 2 months second tue",
            "last weekday of the month",
            "first day of the month",
            "yearly",
            "every 2 years 3 may",
            "last mon of may",
            "third weekday of june",
        ];
        for typed in all {
            let one = understand(typed, START).expect("it is understood").expect("it repeats");
            assert_eq!(understand(&one.typed(), START), Ok(Some(one.clone())), "{typed}: {}", one.typed());
        }
    }
}
