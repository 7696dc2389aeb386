//! A text field of one line: graphemes, a cursor, and the keys of a shell.

use crate::base::text;
use crate::domain::input::{Key, KeyCode};
use unicode_segmentation::UnicodeSegmentation;

/// At most this many bytes are taken into a field: enough for any name or address, too few to be a burden.
const LONGEST: usize = 2048;

/// The field's text and where the cursor stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineEdit {
    text: String,
    /// Byte offset, always at the border of a grapheme.
    cursor: usize,
}

impl LineEdit {
    /// A field that holds `text`, cursor at the end.
    #[must_use]
    pub fn with(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len() }
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing is typed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// What stands left of the cursor.
    #[must_use]
    pub fn before(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Empties the field.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cursor = 0;
    }

    /// Puts text at the cursor. Line breaks become spaces; what could drive a terminal is dropped.
    pub fn insert(&mut self, text: &str) {
        let tame = text::tame(text);
        let room = LONGEST.saturating_sub(self.text.len());
        let mut end = tame.len().min(room);
        while !tame.is_char_boundary(end) {
            end -= 1;
        }
        self.text.insert_str(self.cursor, &tame[..end]);
        self.cursor += end;
        // A combining mark may have joined what stood before the cursor.
        while !self.is_border(self.cursor) {
            self.cursor += 1;
        }
    }

    /// Puts text in the place of what stands from `start` to the cursor.
    pub fn replace_before(&mut self, start: usize, text: &str) {
        let start = (0..=start.min(self.cursor)).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        self.remove(start, self.cursor);
        self.insert(text);
    }

    /// Does what `key` means in a field. False: the key is not one of the field's.
    pub fn key(&mut self, key: Key) -> bool {
        if key.alt {
            return false;
        }
        match (key.code, key.ctrl) {
            (KeyCode::Char(character), false) => self.insert(character.encode_utf8(&mut [0; 4])),
            (KeyCode::Backspace, _) | (KeyCode::Char('h'), true) => self.remove(self.left(), self.cursor),
            (KeyCode::Delete, _) => self.remove(self.cursor, self.right()),
            (KeyCode::Left, _) | (KeyCode::Char('b'), true) => self.cursor = self.left(),
            (KeyCode::Right, _) | (KeyCode::Char('f'), true) => self.cursor = self.right(),
            (KeyCode::Home, _) | (KeyCode::Char('a'), true) => self.cursor = 0,
            (KeyCode::End, _) | (KeyCode::Char('e'), true) => self.cursor = self.text.len(),
            (KeyCode::Char('w'), true) => self.remove(self.word_start(), self.cursor),
            (KeyCode::Char('u'), true) => self.remove(0, self.cursor),
            (KeyCode::Char('k'), true) => self.remove(self.cursor, self.text.len()),
            _ => return false,
        }
        true
    }

    /// Does what `key` means in a field. `None`: the key is not one of the field's; else whether the text is another now.
    pub fn typed(&mut self, key: Key) -> Option<bool> {
        let before = self.text.clone();
        self.key(key).then(|| self.text != before)
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
        while !self.is_border(self.cursor) {
            self.cursor += 1;
        }
    }

    fn is_border(&self, at: usize) -> bool {
        at >= self.text.len() || self.text.grapheme_indices(true).any(|(start, _)| start == at)
    }

    fn left(&self) -> usize {
        self.before().grapheme_indices(true).next_back().map_or(0, |(start, _)| start)
    }

    fn right(&self) -> usize {
        self.text[self.cursor..].graphemes(true).next().map_or(self.cursor, |grapheme| self.cursor + grapheme.len())
    }

    fn word_start(&self) -> usize {
        let before = self.before().trim_end();
        before
            .char_indices()
            .rev()
            .find(|(_, character)| character.is_whitespace())
            .map_or(0, |(at, character)| at + character.len_utf8())
    }
}
