//! A configuration file while it is read: where something stands in it, and what to say when it is wrong.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::base::report::{Kind, Report};
use crate::base::text;

/// A file's name and text.
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
    /// Where each line ends. The line of every binding is asked for at each start: counting from the top each time was most of
    /// what reading the keys took.
    ends: Vec<usize>,
}

pub(super) type Key<'a> = Spanned<DeString<'a>>;
pub(super) type Value<'a> = Spanned<DeValue<'a>>;

impl<'a> Source<'a> {
    /// A file of this name with this text.
    pub(super) fn new(name: &'a str, text: &'a str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect();
        Self { name, text, ends }
    }

    /// The tables of the file.
    ///
    /// # Errors
    /// A report with the place where it stops being TOML.
    pub(super) fn parse(&self) -> Result<DeTable<'a>, Report> {
        DeTable::parse(self.text).map(Spanned::into_inner).map_err(|error| {
            let place = error.span().unwrap_or(0..0);
            self.problem(place, "This is not TOML").because(sentence(error.message()))
        })
    }

    /// The line of a place in the file, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.ends.partition_point(|end| *end < at) + 1
    }

    /// Line and column (in characters), both from 1.
    fn position(&self, at: usize) -> (usize, usize) {
        let mut end = at.min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &self.text[..end];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (self.line(end), before[line_start..].chars().count() + 1)
    }

    /// A report that says `what` (no full stop) of a place in this file.
    pub(super) fn problem(&self, place: Range<usize>, what: &str) -> Report {
        let (line, column) = self.position(place.start);
        let told = format!("{}, line {line}, column {column}: {what}.", self.name);
        Report::new(Kind::Configuration, "configurationWrong", text::tame(&told).into_owned())
            .detail("file", self.name)
            .detail("line", line.to_string())
            .detail("column", column.to_string())
    }

    /// The report for a word that is none of `allowed`.
    pub(super) fn unknown<S: AsRef<str>>(&self, place: Range<usize>, what: &str, word: &str, allowed: &[S]) -> Report {
        let list = allowed.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ");
        let report =
            self.problem(place, &format!("{what} \"{word}\" is not known")).because(format!("Known are: {list}."));
        match closest(word, allowed) {
            Some(meant) => report.next(format!("Did you mean \"{meant}\"?")),
            None => report,
        }
    }
}

/// The word of `words` that `word` was probably meant to be: at most a third of it differs.
pub(super) fn closest<'a, S: AsRef<str>>(word: &str, words: &'a [S]) -> Option<&'a str> {
    let far = |other: &str| distance(&word.to_lowercase(), &other.to_lowercase());
    let best = words.iter().map(AsRef::as_ref).min_by_key(|other| far(other))?;
    (far(best) <= (best.chars().count() / 3).max(1)).then_some(best)
}

/// How many characters have to be changed, added, dropped or swapped with their neighbour.
fn distance(one: &str, two: &str) -> usize {
    let one: Vec<char> = one.chars().take(64).collect();
    let two: Vec<char> = two.chars().take(64).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=two.len()).collect()];
    for (row, character) in one.iter().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in two.iter().enumerate() {
            let replaced = rows[row][column] + usize::from(character != other);
            let mut least = replaced.min(rows[row][column + 1] + 1).min(current[column] + 1);
            if row > 0 && column > 0 && *character == two[column - 1] && one[row - 1] == *other {
                least = least.min(rows[row - 1][column - 1] + 1);
            }
            current.push(least);
        }
        rows.push(current);
    }
    rows[one.len()][two.len()]
}

/// A message of the TOML parser as one sentence.
fn sentence(message: &str) -> String {
    let message = text::tame(message.trim()).into_owned();
    let mut characters = message.chars();
    let first = characters.next().map(|character| character.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", characters.as_str().trim_end_matches('.'))
}
