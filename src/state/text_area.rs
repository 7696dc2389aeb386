//! A text of several lines under a person's hands: graphemes, soft wrap, the keys of a shell, undo of typing.
//!
//! The text is what will be sent: wrapping is for the eye only and never puts a line break into it. Must stay true: the cursor
//! stands at the border of a grapheme; every change can be taken back in the order it was made; what is put in is tame.
//! Deliberately absent: a selection. Lines are cut and put elsewhere whole, as in a shell.

use crate::base::text::{self, tame_lines};
use crate::domain::input::{Key, KeyCode};
use unicode_segmentation::UnicodeSegmentation;

/// At most this many bytes: far more than anybody writes, few enough to be laid out between two keys.
pub const LONGEST: usize = 512 * 1024;
/// Changes that can be taken back.
const MOST_CHANGES: usize = 500;

/// A line as it is shown: a stretch of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownLine {
    /// Byte offset of its first sign.
    pub start: usize,
    /// Byte offset behind its last sign; a line break is not part of it.
    pub end: usize,
}

/// A change, as it is taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    at: usize,
    removed: String,
    inserted: usize,
    cursor: usize,
    /// Typing goes on in the same change until something else is done.
    is_typing: bool,
}

/// The text, the cursor and what is in sight.
#[derive(Clone, Debug, Default)]
pub struct TextArea {
    text: String,
    /// Byte offset, always at the border of a grapheme.
    cursor: usize,
    /// The column the cursor comes back to while it goes up and down over shorter lines.
    column: Option<usize>,
    width: u16,
    height: u16,
    /// The first line in sight.
    top: usize,
    /// What was cut last.
    cut: String,
    changes: Vec<Change>,
}

impl TextArea {
    /// An area that holds `text`, the cursor at its beginning.
    #[must_use]
    pub fn with(text: &str) -> Self {
        let mut area = Self { width: 72, height: 10, ..Self::default() };
        area.set(text);
        area
    }

    /// Replaces the text; the cursor stays as near as it can. It cannot be taken back, as it is another text.
    pub fn set(&mut self, text: &str) {
        let tame = tame_lines(text);
        tame[..floor(&tame, LONGEST)].clone_into(&mut self.text);
        self.changes.clear();
        self.cursor = self.border(floor(&self.text, self.cursor));
        self.column = None;
        self.keep_in_sight();
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Byte offset of the cursor.
    #[must_use]
    pub const fn cursor(&self) -> usize {
        self.cursor
    }

    /// Puts the cursor at the border next to this offset.
    pub fn go_to(&mut self, at: usize) {
        self.cursor = self.border(floor(&self.text, at));
        self.column = None;
        self.keep_in_sight();
    }

    /// The room it has on the screen, in columns and rows.
    pub fn resize(&mut self, width: u16, height: u16) {
        if (self.width, self.height) != (width.max(2), height.max(1)) {
            (self.width, self.height) = (width.max(2), height.max(1));
            self.keep_in_sight();
        }
    }

    /// The first line in sight.
    #[must_use]
    pub const fn top(&self) -> usize {
        self.top
    }

    /// The lines as they are shown at this width. There is always one.
    #[must_use]
    pub fn lines(&self) -> Vec<ShownLine> {
        let mut lines = Vec::new();
        let mut start = 0;
        for line in self.text.split('\n') {
            wrap(line, start, self.room(), &mut lines);
            start += line.len() + 1;
        }
        lines
    }

    /// Where the cursor is shown: line and column.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        let lines = self.lines();
        let at = self.line_of_cursor(&lines);
        (at, text::width(&self.text[lines[at].start..self.cursor]).min(self.room()))
    }

    /// Puts text at the cursor. What could drive a terminal is dropped, line breaks stay.
    pub fn insert(&mut self, text: &str) {
        let tame = tame_lines(text);
        let room = LONGEST.saturating_sub(self.text.len());
        let end = floor(&tame, room);
        self.replace(self.cursor, self.cursor, &tame[..end], false);
    }

    /// Takes the last change back. False: there is none.
    pub fn undo(&mut self) -> bool {
        let Some(change) = self.changes.pop() else { return false };
        self.text.replace_range(change.at..change.at + change.inserted, &change.removed);
        self.cursor = self.border(floor(&self.text, change.cursor));
        self.column = None;
        self.keep_in_sight();
        true
    }

    /// Does what `key` means in a text. False: the key is not one of the text's.
    pub fn key(&mut self, key: Key) -> bool {
        let is_vertical = matches!(key.code, KeyCode::Up | KeyCode::Down | KeyCode::PageUp | KeyCode::PageDown);
        let is_taken = if key.alt { self.word_key(key) } else { self.plain_key(key) };
        if is_taken && !is_vertical {
            self.column = None;
        }
        if is_taken {
            self.keep_in_sight();
        }
        is_taken
    }

    fn plain_key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (KeyCode::Char(letter), false) => {
                let mut buffer = [0; 4];
                let tame = tame_lines(letter.encode_utf8(&mut buffer)).into_owned();
                if self.text.len() + tame.len() <= LONGEST {
                    self.replace(self.cursor, self.cursor, &tame, true);
                }
            }
            (KeyCode::Enter, false) => self.replace(self.cursor, self.cursor, "\n", false),
            (KeyCode::Backspace, false) | (KeyCode::Char('h'), true) => self.remove(self.left(), self.cursor, false),
            (KeyCode::Backspace | KeyCode::Char('w'), true) => self.remove(self.word_start(), self.cursor, true),
            (KeyCode::Delete, false) | (KeyCode::Char('d'), true) => self.remove(self.cursor, self.right(), false),
            (KeyCode::Delete, true) => self.remove(self.cursor, self.word_end(), true),
            (KeyCode::Left, false) | (KeyCode::Char('b'), true) => self.cursor = self.left(),
            (KeyCode::Right, false) | (KeyCode::Char('f'), true) => self.cursor = self.right(),
            (KeyCode::Left, true) => self.cursor = self.word_start(),
            (KeyCode::Right, true) => self.cursor = self.word_end(),
            (KeyCode::Up, _) => self.vertical(-1),
            (KeyCode::Down, _) => self.vertical(1),
            (KeyCode::PageUp, _) => self.vertical(-self.page()),
            (KeyCode::PageDown, _) => self.vertical(self.page()),
            (KeyCode::Home, false) | (KeyCode::Char('a'), true) => self.cursor = self.shown_line().start,
            (KeyCode::End, false) | (KeyCode::Char('e'), true) => self.cursor = self.shown_end(),
            (KeyCode::Home, true) => self.cursor = 0,
            (KeyCode::End, true) => self.cursor = self.text.len(),
            (KeyCode::Char('u'), true) => self.remove(self.line_start(), self.cursor, true),
            (KeyCode::Char('k'), true) => {
                let end = self.line_end();
                // At its end the line break goes, so that lines are joined by the same key.
                let end = if end == self.cursor { self.right() } else { end };
                self.remove(self.cursor, end, true);
            }
            (KeyCode::Char('x'), true) => {
                let end = self.line_end();
                self.remove(self.line_start(), (end + 1).min(self.text.len()), true);
            }
            (KeyCode::Char('v' | 'y'), true) => {
                let cut = self.cut.clone();
                self.insert(&cut);
            }
            // Ctrl with the underscore, as it arrives.
            (KeyCode::Char('_' | '7'), true) => {
                self.undo();
            }
            _ => return false,
        }
        true
    }

    fn word_key(&mut self, key: Key) -> bool {
        match key.code {
            KeyCode::Char('b') | KeyCode::Left => self.cursor = self.word_start(),
            KeyCode::Char('f') | KeyCode::Right => self.cursor = self.word_end(),
            KeyCode::Char('d') | KeyCode::Delete => self.remove(self.cursor, self.word_end(), true),
            KeyCode::Backspace => self.remove(self.word_start(), self.cursor, true),
            _ => return false,
        }
        true
    }

    fn replace(&mut self, from: usize, to: usize, with: &str, is_typing: bool) {
        if from == to && with.is_empty() {
            return;
        }
        let cursor = self.cursor;
        let removed = self.text[from..to].to_owned();
        self.text.replace_range(from..to, with);
        self.cursor = self.border(from + with.len());
        let goes_on = self.changes.last_mut().filter(|last| {
            let follows = last.at + last.inserted == from;
            is_typing && last.is_typing && follows && removed.is_empty() && !with.starts_with(' ')
        });
        if let Some(last) = goes_on {
            last.inserted += with.len();
        } else {
            if self.changes.len() >= MOST_CHANGES {
                self.changes.remove(0);
            }
            self.changes.push(Change { at: from, removed, inserted: with.len(), cursor, is_typing });
        }
        self.column = None;
        self.keep_in_sight();
    }

    fn remove(&mut self, from: usize, to: usize, is_kept: bool) {
        if is_kept && from < to {
            self.text[from..to].clone_into(&mut self.cut);
        }
        self.replace(from, to, "", false);
    }

    /// Up or down by lines as they are shown; over the edge to the beginning or the end.
    fn vertical(&mut self, steps: isize) {
        let lines = self.lines();
        let at = self.line_of_cursor(&lines);
        let column = self.column.unwrap_or_else(|| text::width(&self.text[lines[at].start..self.cursor]));
        let last = lines.len() - 1;
        self.cursor = match at.checked_add_signed(steps) {
            None => 0,
            Some(_) if at == last && steps > 0 => self.text.len(),
            Some(to) => {
                let line = lines[to.min(last)];
                let reached = line.start + text::head(&self.text[line.start..line.end], column).len();
                // The end of a wrapped line is the beginning of the next: the last sign stays on this one.
                if reached == line.end && lines.get(to + 1).is_some_and(|next| next.start == line.end) {
                    self.before(reached)
                } else {
                    reached
                }
            }
        };
        self.column = Some(column);
    }

    fn page(&self) -> isize {
        isize::try_from(self.height.saturating_sub(1).max(1)).unwrap_or(1)
    }

    /// Columns for text; the cursor needs one of its own at the end of a full line.
    fn room(&self) -> usize {
        usize::from(self.width.max(2) - 1)
    }

    fn line_of_cursor(&self, lines: &[ShownLine]) -> usize {
        lines.partition_point(|line| line.start <= self.cursor).saturating_sub(1)
    }

    fn shown_line(&self) -> ShownLine {
        let lines = self.lines();
        lines[self.line_of_cursor(&lines)]
    }

    /// The end of the line that is shown; of a wrapped one the last sign, so that the cursor stays on it.
    fn shown_end(&self) -> usize {
        let line = self.shown_line();
        let is_wrapped = line.end < self.text.len() && !self.text[line.end..].starts_with('\n');
        if is_wrapped { self.before(line.end).max(line.start) } else { line.end }
    }

    fn keep_in_sight(&mut self) {
        let lines = self.lines();
        let at = self.line_of_cursor(&lines);
        let height = usize::from(self.height.max(1));
        self.top = self.top.min(at).max((at + 1).saturating_sub(height));
        // No empty rows below the end while there are lines above.
        self.top = self.top.min(lines.len().saturating_sub(height));
    }

    fn line_start(&self) -> usize {
        self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self) -> usize {
        self.text[self.cursor..].find('\n').map_or(self.text.len(), |at| self.cursor + at)
    }

    /// The border at or behind `at`. Only its own line is looked at: a line break is a border always.
    fn border(&self, at: usize) -> usize {
        let start = self.text[..at].rfind('\n').map_or(0, |found| found + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |found| at + found);
        if at == start || at == end {
            return at;
        }
        let line = &self.text[start..end];
        line.grapheme_indices(true).map(|(offset, _)| start + offset).find(|border| *border >= at).unwrap_or(end)
    }

    fn left(&self) -> usize {
        self.before(self.cursor)
    }

    fn before(&self, at: usize) -> usize {
        let start = self.text[..at].rfind('\n').map_or(0, |found| found + 1);
        if start == at {
            return at.saturating_sub(1);
        }
        self.text[start..at].grapheme_indices(true).next_back().map_or(start, |(offset, _)| start + offset)
    }

    fn right(&self) -> usize {
        if self.cursor == self.text.len() {
            return self.cursor;
        }
        let end = self.line_end();
        if end == self.cursor {
            return end + 1;
        }
        let rest = &self.text[self.cursor..end];
        rest.graphemes(true).next().map_or(end, |grapheme| self.cursor + grapheme.len())
    }

    fn word_start(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before.rfind(char::is_whitespace).map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8))
    }

    fn word_end(&self) -> usize {
        let rest = &self.text[self.cursor..];
        let word = rest.find(|letter: char| !letter.is_whitespace()).unwrap_or(rest.len());
        rest[word..].find(char::is_whitespace).map_or(self.text.len(), |at| self.cursor + word + at)
    }
}

/// The greatest offset up to `at` that is a border of characters.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Sets one line of the text into shown lines of at most `room` columns. Spaces at the break hang over the edge unseen; a word longer
/// than the room is broken inside.
fn wrap(line: &str, offset: usize, room: usize, lines: &mut Vec<ShownLine>) {
    let mut start = 0;
    let mut used = 0;
    let mut break_at = None;
    for (at, grapheme) in line.grapheme_indices(true) {
        let width = text::width(grapheme);
        let is_space = grapheme.chars().all(char::is_whitespace);
        if used + width > room && !is_space && at > start {
            let end = break_at.filter(|end| *end > start).unwrap_or(at);
            lines.push(ShownLine { start: offset + start, end: offset + end });
            start = end;
            used = text::width(&line[start..at]);
            break_at = None;
        }
        used += width;
        if is_space {
            break_at = Some(at + grapheme.len());
        }
    }
    lines.push(ShownLine { start: offset + start, end: offset + line.len() });
}
