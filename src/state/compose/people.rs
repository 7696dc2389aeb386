//! A field of recipients: those who are taken, and the name that is being typed.
//!
//! Must stay true: nothing typed is lost. What is no address yet is kept in the draft as a name without one, and comes back as typed
//! text.

use crate::domain::input::{Key, KeyCode};
use crate::domain::mail::Recipient;
use crate::domain::recipients;
use crate::state::line::LineEdit;

/// Recipients with a line behind them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleField {
    people: Vec<Recipient>,
    line: LineEdit,
}

impl PeopleField {
    /// A field that holds `people`.
    #[must_use]
    pub fn of(people: &[Recipient]) -> Self {
        let (known, typed): (Vec<&Recipient>, Vec<&Recipient>) =
            people.iter().partition(|recipient| recipients::is_address(&recipient.address));
        let typed: Vec<&str> = typed.into_iter().map(Recipient::label).collect();
        Self { people: known.into_iter().cloned().collect(), line: LineEdit::with(&typed.join(" ")) }
    }

    /// Who is taken.
    #[must_use]
    pub fn people(&self) -> &[Recipient] {
        &self.people
    }

    /// What is being typed.
    #[must_use]
    pub const fn line(&self) -> &LineEdit {
        &self.line
    }

    /// Everybody, with what is being typed behind them.
    #[must_use]
    pub fn recipients(&self) -> Vec<Recipient> {
        let mut all = self.people.clone();
        let typed = self.line.text().trim();
        if !typed.is_empty() {
            let unknown = || Recipient { name: typed.to_owned(), address: String::new() };
            all.push(recipients::parse_one(typed).unwrap_or_else(unknown));
        }
        all
    }

    /// Whether nobody is in it and nothing is typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && self.line.text().trim().is_empty()
    }

    /// Takes somebody, once, in place of what was typed.
    pub fn take(&mut self, recipient: Recipient) {
        self.line.clear();
        let is_known = self.people.iter().any(|known| known.address.eq_ignore_ascii_case(&recipient.address));
        if !is_known {
            self.people.push(recipient);
        }
    }

    /// Forgets what is typed: something else took its place.
    pub fn clear_typed(&mut self) {
        self.line.clear();
    }

    /// Puts somebody in, once, and leaves alone what is being typed.
    pub fn put(&mut self, recipient: Recipient) {
        if !self.people.iter().any(|known| known.address.eq_ignore_ascii_case(&recipient.address)) {
            self.people.push(recipient);
        }
    }

    /// Takes what is typed, if it is an address.
    pub fn take_typed(&mut self) -> bool {
        let typed = recipients::parse_one(self.line.text());
        typed.map(|recipient| self.take(recipient)).is_some()
    }

    /// Puts pasted text in: addresses are taken, the rest is as if it had been typed.
    pub fn paste(&mut self, text: &str) {
        let (found, left) = recipients::parse(text);
        if found.is_empty() {
            return self.line.insert(text);
        }
        let typed = std::mem::take(&mut self.line);
        for recipient in found {
            self.take(recipient);
        }
        self.line = typed;
        self.line.insert(&left.join(" "));
    }

    /// Does what `key` means in it. False: the key is not one of the field's.
    pub fn key(&mut self, key: Key) -> bool {
        let is_plain = !key.ctrl && !key.alt;
        match key.code {
            // With nothing typed, the last one is taken back to be typed anew.
            KeyCode::Backspace if is_plain && self.line.is_empty() => {
                if let Some(last) = self.people.pop() {
                    self.line = LineEdit::with(&recipients::full(&last));
                }
                true
            }
            KeyCode::Char(',' | ';') if is_plain && self.take_typed() => true,
            _ => self.line.key(key),
        }
    }
}
