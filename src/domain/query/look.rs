//! Holding words against the texts of a message itself, without the index: for the few messages that are looked at one by one.
//!
//! Must stay true: what is found by looking is found by the index, too, for they are cut and folded alike (`words`).

use crate::domain::query::{Field, LEAST_IN_BODY, LEAST_IN_HEADERS, Sought, Wanted, is_in_text, word_spans, words};

/// The texts of a message.
#[derive(Clone, Debug, Default)]
pub struct Looked {
    /// The subject.
    pub subject: String,
    /// Name and address of the sender.
    pub sender: String,
    /// The same of everybody it went to.
    pub recipients: String,
    /// The text, as [`skim`](crate::domain::query::skim()) makes it.
    pub body: String,
}

impl Looked {
    /// Whether words stand in it as they are wanted; `None` where it is not words that are wanted.
    #[must_use]
    pub fn holds(&self, wanted: &Wanted) -> Option<bool> {
        let Wanted::Text { field, text, is_exact } = wanted else { return None };
        let sought = words(text);
        let is = |fields: &[Field]| fields.contains(field) || *field == Field::Anywhere;
        let in_text = |held: &str, least: usize| {
            stands(held, &sought, *is_exact, least) && (sought.len() == 1 || is_in_text(held, text, *is_exact, least))
        };
        Some(
            (is(&[Field::Subject]) && in_text(&self.subject, LEAST_IN_HEADERS))
                || (is(&[Field::From]) && among_people(&self.sender, &sought, text, *is_exact))
                || (is(&[Field::To]) && among_people(&self.recipients, &sought, text, *is_exact))
                || (is(&[Field::Body]) && in_text(&self.body, LEAST_IN_BODY)),
        )
    }
}

/// Whether every word stands in a text; the last may go on if it is not exact and has at least so many letters.
fn stands(held: &str, sought: &[String], is_exact: bool, least: usize) -> bool {
    let last = sought.len().saturating_sub(1);
    sought.iter().enumerate().all(|(at, word)| {
        let may_go_on = !is_exact && at == last && word.chars().count() >= least;
        let wanted = Sought { field: Field::Anywhere, word: word.clone(), may_go_on };
        word_spans(held).any(|span| wanted.is(&held[span]))
    })
}

/// The same among names and addresses, where a word of three letters is found inside a longer one, too.
fn among_people(held: &str, sought: &[String], text: &str, is_exact: bool) -> bool {
    let last = sought.len().saturating_sub(1);
    let held_words = words(held);
    let all = sought.iter().enumerate().all(|(at, word)| {
        let letters = word.chars().count();
        let may_go_on = !is_exact && at == last;
        held_words.iter().any(|held| match letters {
            _ if !may_go_on => held == word,
            0 | 1 => held == word,
            2 => held.starts_with(word.as_str()),
            _ => held.contains(word.as_str()),
        })
    });
    all && (sought.len() == 1 || is_in_text(held, text, is_exact, LEAST_IN_HEADERS))
}
