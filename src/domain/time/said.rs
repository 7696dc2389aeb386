//! Dates and times as people type them: "tomorrow 3pm", "next tue 2-3pm", "in 2h", "24 nov", "mo 9-10", "demain 14h30".
//!
//! English, German, French and Spanish, mixed as people mix them. The answer is in wall time; whoever asked puts it into a zone and
//! shows [`Said::words`] before anything is done with it. Must stay true: nothing is guessed that cannot be read off the echo; a word
//! that means two days is asked about; what is not understood is named. Words live in `said_words`. Deliberately absent:
//! repetition (`repeats`).

use super::said_words::{self, Word};
use super::{add_days, add_months, long_date, weekday_long};
use jiff::civil::{Date, DateTime, ISOWeekDate, Time, Weekday};
use jiff::{SignedDuration, ToSpan};

/// What was typed, understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Whole days; `end` is exclusive.
    Days {
        /// First day.
        start: Date,
        /// The day after the last.
        end: Date,
    },
    /// A point in time.
    Moment(DateTime),
    /// From a point in time to another.
    Slot {
        /// Begins.
        start: DateTime,
        /// Ends; after `start`.
        end: DateTime,
    },
}

/// Why it was not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotUnderstood {
    /// Nothing was typed.
    #[error("Type a day or a time, like \"tomorrow 3pm\", \"next tue 2-3pm\" or \"24 nov\".")]
    Nothing,
    /// A word that is none of ours.
    #[error("\"{0}\" is no day or time. Try \"tomorrow 3pm\", \"next tue 2-3pm\" or \"24 nov 14:00 30m\".")]
    Word(String),
    /// A word that means two days in two languages.
    #[error("\"{word}\" may be {one} or {other}: write one letter more.")]
    TwoDays {
        /// The word.
        word: String,
        /// One meaning.
        one: &'static str,
        /// The other.
        other: &'static str,
    },
    /// A date that does not exist.
    #[error("There is no {0}.")]
    NoSuchDate(String),
    /// A time that does not exist, or a slot that does not end.
    #[error("{0}")]
    NoSuchTime(String),
}

impl Said {
    /// As understood, e.g. "Tuesday 24 Nov 2026, 14:00 to 15:00".
    #[must_use]
    pub fn words(&self) -> String {
        let day =
            |date: Date| long_date(date).replacen(&weekday_long(date.weekday())[..3], weekday_long(date.weekday()), 1);
        let clock = |at: DateTime| format!("{:02}:{:02}", at.hour(), at.minute());
        match *self {
            Self::Days { start, end } if add_days(start, 1) == end => day(start),
            Self::Days { start, end } => format!("{} to {}", day(start), day(add_days(end, -1))),
            Self::Moment(at) => format!("{}, {}", day(at.date()), clock(at)),
            Self::Slot { start, end } if start.date() == end.date() => {
                format!("{}, {} to {}", day(start.date()), clock(start), clock(end))
            }
            Self::Slot { start, end } => {
                format!("{}, {} to {}, {}", day(start.date()), clock(start), day(end.date()), clock(end))
            }
        }
    }

    /// Where it begins: days at midnight.
    #[must_use]
    pub fn start(&self) -> DateTime {
        match *self {
            Self::Days { start, .. } => start.to_datetime(Time::midnight()),
            Self::Moment(at) | Self::Slot { start: at, .. } => at,
        }
    }

    /// Where it ends: days at the midnight after the last; a moment where it begins.
    #[must_use]
    pub fn end(&self) -> DateTime {
        match *self {
            Self::Days { end, .. } => end.to_datetime(Time::midnight()),
            Self::Moment(at) | Self::Slot { end: at, .. } => at,
        }
    }
}

/// A length as typed: "30m", "1h30", "90 min", "2 Stunden". `None` for anything else.
#[must_use]
pub fn length(text: &str) -> Option<SignedDuration> {
    let mut parser = Parser { tokens: said_words::tokens(text), at: 0, now: DateTime::MIN, is_part: false };
    let length = parser.duration(true)?;
    (parser.at == parser.tokens.len()).then_some(length)
}

/// Understands `text` as typed at `now` (wall time where the person is). A day that was named without a year and has passed is the
/// next one of that name; a weekday is the next one, today if its time is still to come.
///
/// # Errors
/// [`NotUnderstood`], a sentence for the person.
pub fn understand(text: &str, now: DateTime) -> Result<Said, NotUnderstood> {
    let tokens = said_words::tokens(text);
    if tokens.is_empty() {
        return Err(NotUnderstood::Nothing);
    }
    // People speak of minutes: what is echoed holds no seconds, and means what was understood.
    let now = now.with().second(0).subsec_nanosecond(0).build().unwrap_or(now);
    Parser { tokens, at: 0, now, is_part: false }.whole()
}

struct Parser {
    tokens: Vec<said_words::Token>,
    at: usize,
    now: DateTime,
    /// The time is a part of the day, which a length makes a time in it.
    is_part: bool,
}

/// A day that was named, before the time says which of two it is.
#[derive(Clone, Copy)]
enum Named {
    /// Fixed.
    Day(Date),
    /// The next such weekday; today counts while its time has not passed.
    Next(Weekday),
    /// Several days, exclusive at the end.
    Days(Date, Date),
}

/// A clock time as it was typed.
#[derive(Clone, Copy, Debug)]
struct Clock {
    hour: i8,
    minute: i8,
    /// "am" and "pm", or 24 hours written out: nothing is left to guess.
    is_sure: bool,
    half: Option<bool>,
}

impl Parser {
    fn whole(mut self) -> Result<Said, NotUnderstood> {
        let (mut named, mut times, mut length) = (None, None, None);
        self.skip_filler();
        if self.word(0) == Some(Word::In) {
            self.at += 1;
            let is_count = matches!(self.word(0), Some(Word::Count(_)));
            if is_count || self.peek().is_some_and(|token| token.number.is_some() || token.length.is_some()) {
                return self.counted();
            }
        }
        while self.at < self.tokens.len() {
            if named.is_none()
                && let Some(found) = self.day()?
            {
                named = Some(found);
            } else if length.is_none()
                && let Some(found) = self.duration(times.is_some())
            {
                length = Some(found);
            } else if times.is_none()
                && let Some(found) = self.times()?
            {
                times = Some(found);
            } else if let (None, Some((from, None))) = (length, times)
                && let Some(slot) = self.over_days(named, from)?
            {
                return Ok(slot);
            } else {
                // Words that say nothing may be all that was left.
                let Some(token) = self.peek() else { break };
                return Err(NotUnderstood::Word(token.text.clone()));
            }
            self.skip_filler();
        }
        self.settled(named, times, length)
    }

    /// "tue 23:00 to wed 1:00": from a time of one day to a time of another, with nothing behind it.
    fn over_days(&mut self, named: Option<Named>, from: Clock) -> Result<Option<Said>, NotUnderstood> {
        let before = self.at;
        if self.eat(Word::To)
            && let Some(last) = self.one_day()?
        {
            self.skip_filler();
            if let Some((until, None)) = self.times()? {
                self.skip_filler();
                let start = self.settled(named, Some((from, None)), None)?.start();
                let day = match last {
                    Named::Day(day) => Some(day),
                    Named::Next(weekday) => Some(next(weekday, start.date())),
                    Named::Days(..) => None,
                };
                if let (Some(day), true) = (day, self.at == self.tokens.len()) {
                    let end = day.to_datetime(clocks(until, None)?.0);
                    return match end > start {
                        true => Ok(Some(Said::Slot { start, end })),
                        false => Err(NotUnderstood::NoSuchTime("It would end before it begins.".to_owned())),
                    };
                }
            }
        }
        self.at = before;
        Ok(None)
    }

    fn settled(
        &self,
        named: Option<Named>,
        times: Option<(Clock, Option<Clock>)>,
        length: Option<SignedDuration>,
    ) -> Result<Said, NotUnderstood> {
        let today = self.now.date();
        let Some((from, until)) = times else {
            let (start, end) = match named {
                Some(Named::Day(day)) => (day, add_days(day, 1)),
                Some(Named::Next(weekday)) => (next(weekday, today), add_days(next(weekday, today), 1)),
                Some(Named::Days(start, end)) => (start, end),
                // A length alone begins now.
                None => {
                    return length.map_or(Err(NotUnderstood::Nothing), |length| slot(self.now, length));
                }
            };
            return Ok(Said::Days { start, end });
        };
        let (from, until) = clocks(from, until)?;
        let day = match named {
            Some(Named::Day(day)) => day,
            Some(Named::Next(weekday)) => {
                let day = next(weekday, today);
                if day.to_datetime(from) < self.now { add_days(day, 7) } else { day }
            }
            Some(Named::Days(start, end)) if add_days(start, 1) == end => start,
            Some(Named::Days(..)) => {
                return Err(NotUnderstood::NoSuchTime("A time belongs to one day; these are several.".to_owned()));
            }
            // A time alone is the next one.
            None if today.to_datetime(from) < self.now => add_days(today, 1),
            None => today,
        };
        let start = day.to_datetime(from);
        match (until.filter(|_| !self.is_part || length.is_none()), length) {
            (Some(_), Some(_)) => {
                Err(NotUnderstood::NoSuchTime("An end and a length say the same twice; write one of them.".to_owned()))
            }
            (Some(until), None) => {
                let end = if until > from { day.to_datetime(until) } else { add_days(day, 1).to_datetime(until) };
                Ok(Said::Slot { start, end })
            }
            (None, Some(length)) => slot(start, length),
            (None, None) => Ok(Said::Moment(start)),
        }
    }

    /// "in 2h", "in 3 days", "dans 20 minutes", "en dos semanas": a moment, or a day.
    fn counted(&mut self) -> Result<Said, NotUnderstood> {
        let first = self.text();
        let unknown = || NotUnderstood::Word(first.clone());
        let (count, unit) = match self.peek() {
            Some(token) if token.length.is_some() => {
                let length = token.length.unwrap_or_default();
                self.at += 1;
                return self.ended(self.now.checked_add(length).map(Said::Moment).map_err(|_| unknown()));
            }
            Some(token) => match (token.number, token.word) {
                (Some(number), _) => {
                    self.at += 1;
                    (i64::from(number), self.peek().and_then(|token| token.word))
                }
                (None, Some(Word::Count(count))) => {
                    self.at += 1;
                    (i64::from(count), self.peek().and_then(|token| token.word))
                }
                _ => return Err(unknown()),
            },
            None => return Err(NotUnderstood::Nothing),
        };
        let Some(unit) = unit else { return Err(unknown()) };
        self.at += 1;
        let today = self.now.date();
        let day = |date: Date| Said::Days { start: date, end: add_days(date, 1) };
        let said = match unit {
            Word::Minutes => {
                self.now.checked_add(SignedDuration::from_mins(count)).map(Said::Moment).map_err(|_| unknown())
            }
            Word::Hours => {
                self.now.checked_add(SignedDuration::from_hours(count)).map(Said::Moment).map_err(|_| unknown())
            }
            Word::Days => Ok(day(add_days(today, count.min(100_000)))),
            Word::Week => Ok(day(add_days(today, count.min(10_000) * 7))),
            Word::Month => today.checked_add(count.min(10_000).months()).map(day).map_err(|_| unknown()),
            _ => return Err(unknown()),
        };
        self.ended(said)
    }

    fn ended(&mut self, said: Result<Said, NotUnderstood>) -> Result<Said, NotUnderstood> {
        self.skip_filler();
        match self.peek() {
            // "in 2h 30m": a moment with a length.
            Some(token) if token.length.is_some() && matches!(said, Ok(Said::Moment(_))) => {
                let length = token.length.unwrap_or_default();
                self.at += 1;
                let start = said?.start();
                let slot = slot(start, length);
                self.ended(slot)
            }
            // "in 3 days 14:00": a day with a time.
            Some(_) => match said {
                Ok(Said::Days { start, .. }) => {
                    let times = self.times()?.ok_or_else(|| NotUnderstood::Word(self.text()))?;
                    self.skip_filler();
                    let length = self.duration(true);
                    if self.at < self.tokens.len() {
                        return Err(NotUnderstood::Word(self.text()));
                    }
                    self.settled(Some(Named::Day(start)), Some(times), length)
                }
                Ok(_) => Err(NotUnderstood::Word(self.text())),
                refused => refused,
            },
            None => said,
        }
    }

    fn peek(&self) -> Option<&said_words::Token> {
        self.tokens.get(self.at)
    }

    fn word(&self, ahead: usize) -> Option<Word> {
        self.tokens.get(self.at + ahead).and_then(|token| token.word)
    }

    fn number(&self, ahead: usize) -> Option<u16> {
        self.tokens.get(self.at + ahead).and_then(|token| token.number)
    }

    fn text(&self) -> String {
        self.peek().map(|token| token.text.clone()).unwrap_or_default()
    }

    fn eat(&mut self, word: Word) -> bool {
        let is_next = self.word(0) == Some(word);
        self.at += usize::from(is_next);
        is_next
    }

    fn skip_filler(&mut self) {
        // "am Montag" is no morning: behind a number it is read with it.
        while matches!(self.word(0), Some(Word::Filler | Word::Am)) {
            self.at += 1;
        }
    }

    /// A day or several, if one is named here.
    fn day(&mut self) -> Result<Option<Named>, NotUnderstood> {
        let Some(first) = self.one_day()? else { return Ok(None) };
        // "mon-wed", "24 nov to 26 nov", "24-26 nov" (that one is read within the date).
        let before = self.at;
        if matches!(first, Named::Day(_) | Named::Next(_)) && self.eat(Word::To) {
            let start = match first {
                Named::Day(day) => day,
                Named::Next(weekday) => next(weekday, self.now.date()),
                Named::Days(start, _) => start,
            };
            let last = match self.one_day()? {
                Some(Named::Day(day)) => Some(day),
                Some(Named::Next(weekday)) => Some(next(weekday, start)),
                _ => None,
            };
            if let Some(last) = last {
                if last < start {
                    return Err(NotUnderstood::NoSuchTime("The last day lies before the first.".to_owned()));
                }
                return Ok(Some(Named::Days(start, add_days(last, 1))));
            }
            self.at = before;
        }
        Ok(Some(first))
    }

    fn one_day(&mut self) -> Result<Option<Named>, NotUnderstood> {
        let today = self.now.date();
        self.skip_filler();
        let Some(token) = self.peek() else { return Ok(None) };
        if let Some((one, other)) = token.two_days {
            return Err(NotUnderstood::TwoDays {
                word: token.text.clone(),
                one: weekday_long(one),
                other: weekday_long(other),
            });
        }
        if let Some(date) = token.date {
            let text = token.text.clone();
            self.at += 1;
            return self.dated(date.0, date.1, date.2, &text).map(Some);
        }
        let monday = add_days(today, -i64::from(today.weekday().to_monday_zero_offset()));
        let which = match token.word {
            Some(Word::This) => Some(0),
            Some(Word::Next) => Some(1),
            _ => None,
        };
        if let Some(weeks) = which {
            let before = self.at;
            self.at += 1;
            self.skip_filler();
            let named = match self.word(0) {
                Some(Word::Weekday(weekday) | Word::MonthOrDay(_, weekday)) => {
                    Named::Day(add_days(monday, 7 * weeks + i64::from(weekday.to_monday_zero_offset())))
                }
                Some(Word::Week) => {
                    let monday = add_days(monday, 7 * weeks);
                    self.at += 1;
                    let before = self.at;
                    self.skip_filler();
                    // "nächste Woche Mittwoch"
                    if let Some(Word::Weekday(weekday) | Word::MonthOrDay(_, weekday)) = self.word(0) {
                        self.at += 1;
                        return Ok(Some(Named::Day(add_days(monday, i64::from(weekday.to_monday_zero_offset())))));
                    }
                    self.at = before;
                    return Ok(Some(Named::Days(monday, add_days(monday, 7))));
                }
                // "this afternoon", "ce soir"
                Some(Word::Part(..)) if weeks == 0 => return Ok(Some(Named::Day(today))),
                Some(Word::Month) => {
                    let first = add_months(today.first_of_month(), i32::from(weeks > 0));
                    Named::Days(first, add_months(first, 1))
                }
                Some(Word::Weekend) => Named::Days(add_days(monday, 7 * weeks + 5), add_days(monday, 7 * weeks + 7)),
                _ => {
                    self.at = before;
                    return Ok(None);
                }
            };
            self.at += 1;
            return Ok(Some(named));
        }
        let named = match token.word {
            Some(Word::Today) => Named::Day(today),
            Some(Word::Tomorrow) => Named::Day(add_days(today, 1)),
            Some(Word::AfterTomorrow) => Named::Day(add_days(today, 2)),
            Some(Word::Yesterday) => Named::Day(add_days(today, -1)),
            Some(Word::Weekend) => Named::Days(add_days(monday, 5), add_days(monday, 7)),
            Some(Word::Weekday(weekday)) => {
                self.at += 1;
                self.skip_filler();
                // "tue next week", "lunes que viene", "mardi prochain".
                if self.eat(Word::Next) {
                    self.eat(Word::Week);
                    return Ok(Some(Named::Day(add_days(monday, 7 + i64::from(weekday.to_monday_zero_offset())))));
                }
                // "Tuesday 24 November": the date says which.
                let before = self.at;
                if self.number(0).is_some()
                    && let Some(date) = self.month_and_day()?
                {
                    return Ok(Some(date));
                }
                self.at = before;
                return Ok(Some(Named::Next(weekday)));
            }
            // "semaine prochaine", "semana que viene"
            Some(Word::Week) if self.word(1) == Some(Word::Next) => {
                self.at += 2;
                return Ok(Some(Named::Days(add_days(monday, 7), add_days(monday, 14))));
            }
            // "le mois prochain", "el mes que viene"
            Some(Word::Month) if self.word(1) == Some(Word::Next) => {
                self.at += 2;
                let first = add_months(today.first_of_month(), 1);
                return Ok(Some(Named::Days(first, add_months(first, 1))));
            }
            // "week 48", "KW 48"
            Some(Word::Week) => {
                let Some(week) = self.number(1).filter(|week| (1..=53).contains(week)) else { return Ok(None) };
                let text = format!("{} {week}", token.text);
                self.at += 2;
                let first = i32::from(today.year());
                let monday =
                    (first..first + 7).filter_map(|year| monday_of(year, week)).find(|day| add_days(*day, 7) > today);
                let monday = monday.ok_or(NotUnderstood::NoSuchDate(text))?;
                return Ok(Some(Named::Days(monday, add_days(monday, 7))));
            }
            _ => return self.month_and_day(),
        };
        self.at += 1;
        Ok(Some(named))
    }

    /// "24 nov", "nov 24", "24-26 nov", "24 nov 2027", "mar 3"; "mar" alone is a Tuesday.
    fn month_and_day(&mut self) -> Result<Option<Named>, NotUnderstood> {
        let month = |word: Option<Word>| match word {
            Some(Word::Monthly(month) | Word::MonthOrDay(month, _)) => Some(month),
            _ => None,
        };
        let before = self.at;
        if let Some(day) = self.number(0) {
            let mut ahead = 1;
            let last = (self.word(1) == Some(Word::To)).then(|| self.number(2)).flatten();
            ahead += if last.is_some() { 2 } else { 0 };
            while self.word(ahead) == Some(Word::Filler) {
                ahead += 1;
            }
            let Some(month) = month(self.word(ahead)) else { return Ok(None) };
            self.at += ahead + 1;
            let year = self.year();
            let first = self.dated(year, month, day, &said_date(day, month))?;
            return match (last, first) {
                (Some(last), Named::Day(start)) => {
                    let end = date_of(i32::from(start.year()), month, last)
                        .filter(|end| *end >= start)
                        .ok_or_else(|| NotUnderstood::NoSuchDate(said_date(last, month)))?;
                    Ok(Some(Named::Days(start, add_days(end, 1))))
                }
                _ => Ok(Some(first)),
            };
        }
        if let Some(named_month) = month(self.word(0)) {
            let is_weekday = matches!(self.word(0), Some(Word::MonthOrDay(..)));
            if let Some(day) = self.number(1)
                && self.tokens.get(self.at + 1).is_some_and(|token| !token.is_clock())
                // "mar 9-10" is a Tuesday from nine to ten, "mar 3" the third of March.
                && !(is_weekday && self.word(2) == Some(Word::To))
            {
                self.at += 2;
                let year = self.year();
                return self.dated(year, named_month, day, &said_date(day, named_month)).map(Some);
            }
            if let Some(Word::MonthOrDay(_, weekday)) = self.word(0) {
                self.at += 1;
                return Ok(Some(Named::Next(weekday)));
            }
        }
        self.at = before;
        Ok(None)
    }

    /// A year behind a date.
    fn year(&mut self) -> Option<i32> {
        let mut ahead = 0;
        while self.word(ahead) == Some(Word::Filler) {
            ahead += 1;
        }
        let year = self.number(ahead).filter(|year| (1970..=9999).contains(year))?;
        self.at += ahead + 1;
        Some(i32::from(year))
    }

    /// A date; without a year the next of its name.
    fn dated(&self, year: Option<i32>, month: u16, day: u16, said: &str) -> Result<Named, NotUnderstood> {
        let today = self.now.date();
        let missing = || NotUnderstood::NoSuchDate(said.to_owned());
        if let Some(year) = year {
            return date_of(year, month, day).map(Named::Day).ok_or_else(missing);
        }
        // The 29th of February comes every fourth year, or after eight.
        let first = i32::from(today.year());
        let found = (first..first + 9).filter_map(|year| date_of(year, month, day)).find(|date| *date >= today);
        found.map(Named::Day).ok_or_else(missing)
    }

    /// A length: "30m", "1h30", "90 min", "2 Stunden". "14h" is a time where none was said yet.
    fn duration(&mut self, has_time: bool) -> Option<SignedDuration> {
        let before = self.at;
        // "for 30m", "für 1h", "pendant 20 minutes"
        let is_announced = self.eat(Word::For);
        let Some(token) = self.peek() else {
            self.at = before;
            return None;
        };
        let found = match (token.length, token.number) {
            (Some(length), _) if is_announced || has_time || token.clock.is_none() => Some((length, 1)),
            (None, Some(number)) => match self.word(1) {
                Some(Word::Minutes) => Some((SignedDuration::from_mins(i64::from(number)), 2)),
                Some(Word::Hours) => Some((SignedDuration::from_hours(i64::from(number)), 2)),
                _ => None,
            },
            _ => None,
        };
        match found {
            Some((length, count)) if length > SignedDuration::ZERO => {
                self.at += count;
                Some(length)
            }
            _ => {
                self.at = before;
                None
            }
        }
    }

    /// A time, or two with a dash between.
    fn times(&mut self) -> Result<Option<(Clock, Option<Clock>)>, NotUnderstood> {
        let before = self.at;
        // "mañana a las 3", "demain à 14h"
        self.eat(Word::To);
        self.skip_filler();
        if let Some(Word::Part(from, until)) = self.word(0) {
            self.at += 1;
            self.is_part = true;
            let clock = |hour| Clock { hour: i8::try_from(hour).unwrap_or(0), minute: 0, is_sure: true, half: None };
            return Ok(Some((clock(from), Some(clock(until)))));
        }
        let Some(from) = self.clock()? else {
            self.at = before;
            return Ok(None);
        };
        let before = self.at;
        if self.eat(Word::To) {
            self.skip_filler();
            if let Some(until) = self.clock()? {
                return Ok(Some((from, Some(until))));
            }
            self.at = before;
        }
        Ok(Some((from, None)))
    }

    fn clock(&mut self) -> Result<Option<Clock>, NotUnderstood> {
        let Some(token) = self.peek() else { return Ok(None) };
        let text = token.text.clone();
        let (hour, minute, is_written_out) = match (token.clock, token.number, token.word) {
            (Some((hour, minute)), ..) => (hour, minute, true),
            (None, Some(number), _) => (number, 0, text.starts_with('0')),
            (None, None, Some(Word::Noon)) => (12, 0, true),
            (None, None, Some(Word::Midnight)) => (0, 0, true),
            (None, None, Some(Word::EndOfDay)) => (17, 0, true),
            (None, None, Some(Word::Now)) => {
                (self.now.hour().unsigned_abs().into(), self.now.minute().unsigned_abs().into(), true)
            }
            _ => return Ok(None),
        };
        self.at += 1;
        let half = match self.word(0) {
            Some(Word::Am) => Some(false),
            Some(Word::Pm) => Some(true),
            _ => token_half(&text),
        };
        self.at += usize::from(matches!(self.word(0), Some(Word::Am | Word::Pm)));
        // "9 Uhr 30", "9 heures"
        let mut minute = minute;
        let mut is_sure = is_written_out || half.is_some();
        if self.eat(Word::OClock) || self.eat(Word::Hours) {
            is_sure = true;
            if minute == 0
                && let Some(more) = self.number(0).filter(|more| *more < 60)
                && self.word(1) != Some(Word::Minutes)
            {
                minute = more;
                self.at += 1;
            }
        }
        // "3 in the afternoon", "9 Uhr abends"; "15 Uhr nachmittags" says it twice.
        let mut half = half;
        if let (Some(Word::Part(from, _)), None) = (self.word(0), half) {
            self.at += 1;
            half = (hour <= 12).then_some(from >= 12);
            is_sure = true;
        }
        let missing = || NotUnderstood::NoSuchTime(format!("\"{text}\" is no time of the day."));
        let (hour, minute) = (i8::try_from(hour).map_err(|_| missing())?, i8::try_from(minute).map_err(|_| missing())?);
        let most = if half.is_some() { 12 } else { 24 };
        if !(0..=most).contains(&hour)
            || !(0..60).contains(&minute)
            || (hour == 24 && minute > 0)
            || (half.is_some() && hour == 0)
        {
            return Err(missing());
        }
        Ok(Some(Clock { hour, minute, is_sure, half }))
    }
}

/// "3pm" holds its half of the day.
fn token_half(text: &str) -> Option<bool> {
    let ends = |end: &str| text.len() > end.len() && text.ends_with(end);
    if ends("pm") || ends("p.m.") {
        Some(true)
    } else if ends("am") || ends("a.m.") {
        Some(false)
    } else {
        None
    }
}

/// The two times on the clock. One "pm" counts for both ("2-3pm", and "11-1pm" is from 11 in the morning); bare hours from one to six
/// are in the afternoon, as nobody meets at night.
fn clocks(from: Clock, until: Option<Clock>) -> Result<(Time, Option<Time>), NotUnderstood> {
    let hour = |clock: Clock, half: Option<bool>| match half {
        Some(true) if clock.hour < 12 => clock.hour + 12,
        Some(false) if clock.hour == 12 => 0,
        _ => clock.hour,
    };
    let bare = |clock: Clock| {
        if !clock.is_sure && (1..=6).contains(&clock.hour) { Some(true) } else { None }
    };
    let time = |hour: i8, minute: i8| {
        Time::new(hour % 24, minute, 0, 0).map_err(|error| NotUnderstood::NoSuchTime(error.to_string()))
    };
    let Some(until) = until else {
        let half = from.half.or_else(|| bare(from));
        return Ok((time(hour(from, half), from.minute)?, None));
    };
    let later = until.half.or_else(|| bare(until));
    let end = hour(until, later);
    let earlier = from.half.or_else(|| {
        let same = hour(from, later);
        match later {
            Some(_) if from.is_sure && until.half.is_none() => None,
            Some(half) if (same, from.minute) < (end, until.minute) => Some(half),
            _ => bare(from),
        }
    });
    let start = hour(from, earlier);
    if (start % 24, from.minute) == (end % 24, until.minute) {
        return Err(NotUnderstood::NoSuchTime("It would end when it begins.".to_owned()));
    }
    Ok((time(start, from.minute)?, Some(time(end, until.minute)?)))
}

fn slot(start: DateTime, length: SignedDuration) -> Result<Said, NotUnderstood> {
    let end = start.checked_add(length).ok().filter(|end| *end > start);
    end.map(|end| Said::Slot { start, end })
        .ok_or_else(|| NotUnderstood::NoSuchTime("The slot would have no end.".to_owned()))
}

/// The next such day, today included.
fn next(weekday: Weekday, from: Date) -> Date {
    let ahead = weekday.to_monday_zero_offset() - from.weekday().to_monday_zero_offset();
    add_days(from, i64::from(ahead.rem_euclid(7)))
}

/// The Monday of a week by its number.
fn monday_of(year: i32, week: u16) -> Option<Date> {
    let of_week = ISOWeekDate::new(i16::try_from(year).ok()?, i8::try_from(week).ok()?, Weekday::Monday).ok()?;
    Some(of_week.date())
}

fn date_of(year: i32, month: u16, day: u16) -> Option<Date> {
    Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

fn said_date(day: u16, month: u16) -> String {
    let name = date_of(2000, month, 1).map_or("", super::month_name);
    format!("{day} {name}")
}
