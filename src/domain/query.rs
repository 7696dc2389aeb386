//! What is searched for in mail, as data: read from what a person types, printed back, and cut into words.
//!
//! The language is small: words, `"whole phrases"`, `from:`, `to:`, `subject:`, `body:`, `in:`, `is:`, `has:attachment`, `before:`,
//! `after:`, `on:`, a minus before what must not be, and `OR` between what may be either. Everything beside each other must hold.
//! Must stay true: [`Query::parse`] is total and never panics; what is no query is explained in words with its place; what is printed
//! reads as the same query. Pure: who asks for the days of a word such as `yesterday` brings today.
//! Deliberately absent: how a store or the service is asked (the cache and the client each write their own language).

mod look;
mod parse;
mod skim;
mod words;

pub use look::Looked;
pub use skim::skim;
pub use words::{
    Marks, RECIPIENTS, SENDER, SoughtWord, fold, fold_into, index_text, indexed_words, is_in_text, sought_in_people,
    sought_in_subject, word_spans, words,
};

use crate::base::report::{Kind, Report};
use crate::domain::time::{add_days, add_months};
use jiff::civil::Date;
use std::fmt;
use std::ops::Range;

/// A word of a text is found by how it begins only if that are so many letters: nearly every text has a word for fewer.
pub const LEAST_IN_BODY: usize = 4;
/// The same in subjects and among people. A single letter stands for itself: nearly every message has a word that begins with it.
pub const LEAST_IN_HEADERS: usize = 2;

/// A search: all of its parts must hold. Nothing to hold: an empty search, which finds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The parts.
    pub parts: Vec<Part>,
}

/// Terms of which one must hold; mostly it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The terms, at least one.
    pub any: Vec<Term>,
}

/// One thing that holds for a message or does not.
#[derive(Clone, Debug)]
pub struct Term {
    /// It must not hold.
    pub is_negated: bool,
    /// What.
    pub wanted: Wanted,
    /// Where it stands in what was typed, in bytes. Two terms that stand elsewhere are equal all the same.
    pub place: Range<usize>,
}

impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        self.is_negated == other.is_negated && self.wanted == other.wanted
    }
}

impl Eq for Term {}

/// What a term asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Words, one after the other.
    Text {
        /// Where they are looked for.
        field: Field,
        /// As typed; holds at least one word.
        text: String,
        /// In quotes: these words and no longer ones. Else the last may go on; in a text from [`LEAST_IN_BODY`] letters on.
        is_exact: bool,
    },
    /// Has attachments.
    Attachment,
    /// A state.
    State(State),
    /// Lies in the folder of this name, or of one that begins so.
    Folder(String),
    /// Was received before, after or on days.
    Received(When, DateWord),
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Field {
    /// Everywhere.
    Anywhere,
    /// The sender's name and address.
    From,
    /// Names and addresses of those it went to, copies too.
    To,
    /// The subject.
    Subject,
    /// The text.
    Body,
}

/// The state of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// Not read.
    Unread,
    /// Read.
    Read,
    /// Flagged.
    Flagged,
    /// A draft.
    Draft,
}

/// Which side of the days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// Before their first day.
    Before,
    /// From their first day on.
    After,
    /// Within them.
    On,
}

/// Days, as they are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateWord {
    /// `2026`
    Year(i16),
    /// `2026-03`
    Month(i16, i8),
    /// `2026-03-14`
    Day(Date),
    /// `today`
    Today,
    /// `yesterday`
    Yesterday,
    /// `7d`, `2w`, `3m`, `1y`: the day so long ago.
    Ago(u16, Unit),
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// `d`
    Days,
    /// `w`
    Weeks,
    /// `m`
    Months,
    /// `y`
    Years,
}

/// Why something typed is no query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueryError {
    /// What was typed.
    pub text: String,
    /// Where it goes wrong, in bytes of it.
    pub place: Range<usize>,
    /// What is wrong, as a sentence.
    pub what: String,
    /// What to type instead, as a sentence.
    pub remedy: String,
}

impl Query {
    /// Reads what was typed.
    ///
    /// # Errors
    /// What is wrong, in words, with its place.
    pub fn parse(text: &str) -> Result<Self, QueryError> {
        parse::parse(text)
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// All terms.
    pub fn terms(&self) -> impl Iterator<Item = &Term> {
        self.parts.iter().flat_map(|part| &part.any)
    }

    /// The words that are looked for, to be shown where they are found.
    #[must_use]
    pub fn sought(&self) -> Vec<Sought> {
        let mut all = Vec::new();
        for term in self.terms().filter(|term| !term.is_negated) {
            if let Wanted::Text { field, text, is_exact } = &term.wanted {
                let words = words(text);
                let last = words.len().saturating_sub(1);
                for (at, word) in words.into_iter().enumerate() {
                    let sought = Sought { field: *field, word, may_go_on: !is_exact && at == last };
                    if !all.contains(&sought) {
                        all.push(sought);
                    }
                }
            }
        }
        all
    }

    /// The names of folders that are asked for with `in:`.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.terms().filter_map(|term| match &term.wanted {
            Wanted::Folder(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

/// A word that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Where.
    pub field: Field,
    /// In its folded form (see [`fold`]).
    pub word: String,
    /// A longer word that begins so is found too.
    pub may_go_on: bool,
}

impl DateWord {
    /// The first day, and the day after the last.
    #[must_use]
    pub fn days(self, today: Date) -> (Date, Date) {
        let first = match self {
            Self::Year(year) => Date::new(year, 1, 1).unwrap_or(Date::MIN),
            Self::Month(year, month) => Date::new(year, month, 1).unwrap_or(Date::MIN),
            Self::Day(day) => day,
            Self::Today => today,
            Self::Yesterday => add_days(today, -1),
            Self::Ago(count, unit) => match unit {
                Unit::Days => add_days(today, -i64::from(count)),
                Unit::Weeks => add_days(today, -7 * i64::from(count)),
                Unit::Months => add_months(today, -i32::from(count)),
                Unit::Years => add_months(today, -12 * i32::from(count)),
            },
        };
        let after = match self {
            Self::Year(_) => add_months(first, 12),
            Self::Month(..) => add_months(first, 1),
            _ => add_days(first, 1),
        };
        (first, after)
    }
}

impl fmt::Display for Query {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.parts.iter().enumerate() {
            if at > 0 {
                out.write_str(" ")?;
            }
            for (at, term) in part.any.iter().enumerate() {
                if at > 0 {
                    out.write_str(" OR ")?;
                }
                write!(out, "{term}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negated {
            out.write_str("-")?;
        }
        match &self.wanted {
            Wanted::Text { field, text, is_exact } => {
                out.write_str(field.prefix())?;
                if *is_exact { write!(out, "\"{text}\"") } else { out.write_str(text) }
            }
            Wanted::Attachment => out.write_str("has:attachment"),
            Wanted::State(state) => write!(out, "is:{}", state.word()),
            Wanted::Folder(name) if name.contains(char::is_whitespace) => write!(out, "in:\"{name}\""),
            Wanted::Folder(name) => write!(out, "in:{name}"),
            Wanted::Received(when, date) => write!(out, "{}:{date}", when.word()),
        }
    }
}

impl fmt::Display for DateWord {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(out, "{year:04}"),
            Self::Month(year, month) => write!(out, "{year:04}-{month:02}"),
            Self::Day(day) => write!(out, "{:04}-{:02}-{:02}", day.year(), day.month(), day.day()),
            Self::Today => out.write_str("today"),
            Self::Yesterday => out.write_str("yesterday"),
            Self::Ago(count, unit) => {
                let unit = match unit {
                    Unit::Days => 'd',
                    Unit::Weeks => 'w',
                    Unit::Months => 'm',
                    Unit::Years => 'y',
                };
                write!(out, "{count}{unit}")
            }
        }
    }
}

impl Field {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Anywhere => "",
            Self::From => "from:",
            Self::To => "to:",
            Self::Subject => "subject:",
            Self::Body => "body:",
        }
    }
}

impl State {
    /// The word after `is:`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unread => "unread",
            Self::Read => "read",
            Self::Flagged => "flagged",
            Self::Draft => "draft",
        }
    }
}

impl When {
    const fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::On => "on",
        }
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.what, self.remedy)
    }
}

impl std::error::Error for QueryError {}

impl QueryError {
    /// The failure told to a person: what is wrong, and the part of the text where it is.
    #[must_use]
    pub fn report(&self) -> Report {
        let part = crate::base::text::tame(self.text.get(self.place.clone()).unwrap_or_default().trim()).into_owned();
        let column = self.text.get(..self.place.start).map_or(0, |before| before.chars().count()) + 1;
        let place =
            if part.is_empty() { format!("At character {column}.") } else { format!("At character {column}: {part}") };
        Report::new(Kind::Usage, "query", self.what.clone()).because(place).next(self.remedy.clone())
    }
}
