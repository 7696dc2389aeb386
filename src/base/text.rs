//! Text for a terminal: how wide it is, how to cut it, and how to tame what a stranger wrote.
//!
//! Nothing from the network may drive the terminal, hide text or swap its order. [`tame`] and [`tame_lines`] are what every
//! such string passes before it reaches a cell, a title, a log or a file name; [`tame_link`] is the stricter filter for
//! addresses, which are written into an escape sequence of our own. Must stay true: taming twice changes nothing, and
//! the result holds no control character (newline excepted in [`tame_lines`]).
//! Deliberately absent: reordering of right-to-left text. Terminals differ, so a paragraph is only aligned.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// What stands for text that was cut off, where the terminal draws Unicode.
pub const ELLIPSIS: &str = "…";
/// What stands for text that was cut off, in ASCII mode.
pub const ASCII_ELLIPSIS: &str = "~";

/// Marks without a width allowed on one character; more is an attack on the lines above and below.
const MARKS_IN_A_RUN: usize = 8;
/// Tabs in a text of several lines go to the next multiple of this.
const TAB_STOP: usize = 8;
/// An address longer than this is dropped.
const LONGEST_LINK: usize = 2048;
/// A file name keeps at most this many bytes, extension included.
const LONGEST_FILE_NAME: usize = 120;

/// One line of a stranger's text, safe for a cell, a title and a log: no control characters and no escape sequences, no
/// change of direction, no invisible tags; line breaks and tabs become one space.
#[must_use]
pub fn tame(text: &str) -> Cow<'_, str> {
    if is_tame(text) { Cow::Borrowed(text) } else { Cow::Owned(Taming::new(text, false).run()) }
}

/// Like [`tame`] for text of several lines: every sort of line break becomes `\n`, tabs become spaces up to the next stop.
#[must_use]
pub fn tame_lines(text: &str) -> Cow<'_, str> {
    if text.split('\n').all(is_tame) { Cow::Borrowed(text) } else { Cow::Owned(Taming::new(text, true).run()) }
}

/// Whether [`tame`] would change nothing.
fn is_tame(text: &str) -> bool {
    if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) {
        return true;
    }
    let mut marks = 0;
    text.chars().all(|character| {
        marks = if has_no_width(character) { marks + 1 } else { 0 };
        !character.is_control() && !is_line_break(character) && !is_deceiving(character) && marks <= MARKS_IN_A_RUN
    })
}

struct Taming<'a> {
    rest: Peekable<Chars<'a>>,
    keeps_lines: bool,
    /// No string terminator is ahead: looking for one again would cost a pass over the text for each escape.
    has_no_terminator_ahead: bool,
    marks: usize,
    column: usize,
    tamed: String,
}

impl<'a> Taming<'a> {
    fn new(text: &'a str, keeps_lines: bool) -> Self {
        Self {
            rest: text.chars().peekable(),
            keeps_lines,
            has_no_terminator_ahead: false,
            marks: 0,
            column: 0,
            tamed: String::with_capacity(text.len()),
        }
    }

    fn run(mut self) -> String {
        while let Some(character) = self.rest.next() {
            match character {
                '\r' => {
                    if self.rest.peek() == Some(&'\n') {
                        self.rest.next();
                    }
                    self.break_line();
                }
                '\t' => self.tab(),
                '\u{1b}' => self.skip_escape(),
                // The eight-bit forms of ESC [ and of ESC P X ] ^ _.
                '\u{9b}' => self.skip_control_sequence(),
                '\u{90}' | '\u{98}' | '\u{9d}' | '\u{9e}' | '\u{9f}' => self.skip_string(),
                _ if is_line_break(character) => self.break_line(),
                _ if character.is_control() || is_deceiving(character) => {}
                _ => self.keep(character),
            }
        }
        self.tamed
    }

    fn keep(&mut self, character: char) {
        if has_no_width(character) {
            self.marks += 1;
            if self.marks > MARKS_IN_A_RUN {
                return;
            }
        } else {
            self.marks = 0;
            self.column += character.width().unwrap_or(0);
        }
        self.tamed.push(character);
    }

    fn break_line(&mut self) {
        self.marks = 0;
        self.column = 0;
        self.tamed.push(if self.keeps_lines { '\n' } else { ' ' });
    }

    fn tab(&mut self) {
        let spaces = if self.keeps_lines { TAB_STOP - self.column % TAB_STOP } else { 1 };
        for _ in 0..spaces {
            self.keep(' ');
        }
    }

    fn skip_escape(&mut self) {
        match self.rest.peek() {
            Some('[') => {
                self.rest.next();
                self.skip_control_sequence();
            }
            Some(']' | 'P' | 'X' | '^' | '_') => {
                self.rest.next();
                self.skip_string();
            }
            _ => {
                while self.rest.next_if(|character| ('\u{20}'..='\u{2f}').contains(character)).is_some() {}
                self.rest.next_if(|character| ('\u{30}'..='\u{7e}').contains(character));
            }
        }
    }

    fn skip_control_sequence(&mut self) {
        while self.rest.next_if(|character| ('\u{20}'..='\u{3f}').contains(character)).is_some() {}
        self.rest.next_if(|character| ('\u{40}'..='\u{7e}').contains(character));
    }

    /// Skips up to BEL or ST. Without either only the introducer goes: what follows is harmless text, and dropping it would
    /// let one byte hide the rest of a mail.
    fn skip_string(&mut self) {
        if self.has_no_terminator_ahead {
            return;
        }
        let mut ahead = self.rest.clone();
        while let Some(character) = ahead.next() {
            let ends = match character {
                '\u{7}' | '\u{9c}' => true,
                '\u{1b}' => ahead.next_if_eq(&'\\').is_some(),
                _ => false,
            };
            if ends {
                self.rest = ahead;
                return;
            }
        }
        self.has_no_terminator_ahead = true;
    }
}

/// Line breaks other than carriage return: LF, VT, FF, NEL, line and paragraph separator.
fn is_line_break(character: char) -> bool {
    matches!(character, '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that change the order of others or are never seen: bidirectional marks, embeddings, overrides and isolates, soft
/// hyphen, zero-width space, word joiner and invisible operators, byte order mark, annotations, tags.
fn is_deceiving(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
}

/// Combining marks, joiners and variation selectors.
fn has_no_width(character: char) -> bool {
    character.width() == Some(0)
}

/// How many bytes at the beginning of `text` are printable ASCII and a column each, whatever follows: the last one before anything
/// else is not counted, for a mark may be put on it.
#[must_use]
pub fn plain(text: &str) -> usize {
    let other = text.bytes().position(|byte| !(0x20..0x7f).contains(&byte));
    other.map_or(text.len(), |at| at.saturating_sub(1))
}

/// Columns `text` takes in a terminal. Counted by grapheme, as cells are filled.
#[must_use]
pub fn width(text: &str) -> usize {
    let plain = plain(text);
    plain + text[plain..].graphemes(true).map(UnicodeWidthStr::width).sum::<usize>()
}

/// Columns of one grapheme, as it stands in a cell.
#[must_use]
pub fn sign_width(sign: &str) -> usize {
    let mut characters = sign.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => character.width().unwrap_or(0),
        _ => width(sign),
    }
}

/// `text` in at most `columns` columns; if something had to go, [`ELLIPSIS`] is the last sign.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    cut_with(text, columns, ELLIPSIS)
}

/// Like [`cut`], with `mark` for what was cut off.
#[must_use]
pub fn cut_with(text: &str, columns: usize, mark: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(width(mark)) else {
        return String::new();
    };
    let mut kept = head(text, room).trim_end().to_owned();
    kept.push_str(mark);
    kept
}

/// The longest beginning of `text` that takes at most `columns` columns; never splits a grapheme.
#[must_use]
pub fn head(text: &str, columns: usize) -> &str {
    let plain = plain(text);
    if columns < plain {
        return &text[..columns];
    }
    let mut used = plain;
    for (at, grapheme) in text[plain..].grapheme_indices(true) {
        used += width(grapheme);
        if used > columns {
            return &text[..plain + at];
        }
    }
    text
}

/// `text` in lines of at most `columns` columns, broken at spaces. A word longer than a line is broken inside, so nothing is lost.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(line) + 1 + width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => break_word(word, columns, &mut lines),
        }
    }
    lines
}

fn break_word(mut word: &str, columns: usize, lines: &mut Vec<String>) {
    while width(word) > columns {
        let fits = head(word, columns).len();
        if fits == 0 {
            // A sign wider than the room: nothing of it can be shown.
            return;
        }
        lines.push(word[..fits].to_owned());
        word = &word[fits..];
    }
    if !word.is_empty() {
        lines.push(word.to_owned());
    }
}

/// `text` in exactly `columns` columns: cut with [`ELLIPSIS`] or filled with spaces at its right.
#[must_use]
pub fn pad(text: &str, columns: usize) -> String {
    pad_with(text, columns, ELLIPSIS)
}

/// Like [`pad`], with `mark` for what was cut off.
#[must_use]
pub fn pad_with(text: &str, columns: usize, mark: &str) -> String {
    let mut padded = cut_with(text, columns, mark);
    let missing = columns.saturating_sub(width(&padded));
    padded.extend(std::iter::repeat_n(' ', missing));
    padded
}

/// `text` in exactly `columns` columns: cut with [`ELLIPSIS`] or filled with spaces at its left.
#[must_use]
pub fn pad_left(text: &str, columns: usize) -> String {
    let kept = cut(text, columns);
    let mut padded = " ".repeat(columns.saturating_sub(width(&kept)));
    padded.push_str(&kept);
    padded
}

/// An address somebody may be sent to: https, http or mailto, everything else percent-encoded to printable ASCII, at most
/// 2 KB. `None` for anything else; the text of such a link is shown without an address.
#[must_use]
pub fn tame_link(link: &str) -> Option<String> {
    let link = link.trim_matches(|character: char| character.is_whitespace() || character.is_control());
    let (scheme, rest) = link.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    let rest = match scheme.as_str() {
        "http" | "https" => rest.strip_prefix("//")?,
        "mailto" => rest,
        _ => return None,
    };
    let mut tamed = scheme.clone();
    tamed.push_str(if scheme == "mailto" { ":" } else { "://" });
    for character in rest.chars() {
        match character {
            // Browsers ignore them; a host may not hide behind them.
            '\t' | '\n' | '\r' => {}
            '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}' => percent_encode(&mut tamed, character),
            '!'..='~' => tamed.push(character),
            _ if is_deceiving(character) => {}
            _ => percent_encode(&mut tamed, character),
        }
    }
    (!link_host(&tamed).is_empty() && tamed.len() <= LONGEST_LINK).then_some(tamed)
}

fn percent_encode(into: &mut String, character: char) {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        into.push('%');
        for half in [byte >> 4, byte & 15] {
            into.extend(char::from_digit(u32::from(half), 16).map(|digit| digit.to_ascii_uppercase()));
        }
    }
}

/// The true host of a link made by [`tame_link`]: what stands after any name and password, without the port, in lower case; for
/// mailto the domain of the address. Empty if there is none.
#[must_use]
pub fn link_host(link: &str) -> String {
    let (scheme, rest) = link.split_once(':').unwrap_or(("", link));
    let authority = rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or("");
    let after_user = authority.rsplit('@').next().unwrap_or("");
    if scheme == "mailto" {
        let has_address = authority.contains('@');
        return if has_address { after_user.to_ascii_lowercase() } else { String::new() };
    }
    let host = match after_user.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap_or(""),
        None => after_user.split(':').next().unwrap_or(""),
    };
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// A file name from a stranger, safe to create in a folder: never a path, never hidden, never a device, at most 120 bytes with its
/// extension kept; "attachment" where nothing is left.
#[must_use]
pub fn tame_file_name(name: &str) -> String {
    let tamed = tame(name);
    let replaced: String =
        tamed.chars().map(|character| if r#"/\:*?"<>|"#.contains(character) { '_' } else { character }).collect();
    let trimmed = replaced.trim_matches(|character: char| character == '.' || character.is_whitespace());
    if trimmed.is_empty() {
        return "attachment".to_owned();
    }
    let stem = trimmed.split('.').next().unwrap_or(trimmed).trim_end();
    let shortened = shorten_file_name(trimmed);
    if is_device_name(stem) { format!("_{shortened}") } else { shortened }
}

fn shorten_file_name(name: &str) -> String {
    if name.len() <= LONGEST_FILE_NAME {
        return name.to_owned();
    }
    let (stem, extension) = match name.rsplit_once('.') {
        Some((stem, extension)) if extension.len() <= 16 => (stem, format!(".{extension}")),
        _ => (name, String::new()),
    };
    let mut end = stem.len().min(LONGEST_FILE_NAME - extension.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{extension}", stem[..end].trim_end_matches(['.', ' ']))
}

/// Names that Windows takes for devices, with any extension.
fn is_device_name(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let is_numbered = |prefix: &str| {
        stem.strip_prefix(prefix).is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || is_numbered("COM") || is_numbered("LPT")
}
