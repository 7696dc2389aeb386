//! Words, as the index cuts them: letters and digits belong together, everything else stands between words.
//!
//! Scripts that are written without spaces are cut into their characters, on both sides: in what is indexed by [`index_text`] and in
//! what is looked for by [`words`]; so a part of a Chinese sentence is found.

use crate::domain::query::Sought;
use std::ops::Range;

/// Letters of which each is a word of its own.
const fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3fffd}')
}

/// Marks that sit on the letter before them.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// The places of the words of a text, in bytes.
pub fn word_spans(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut letters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, first) = letters.next()?;
            if !first.is_alphanumeric() {
                continue;
            }
            let mut end = start + first.len_utf8();
            while let Some((at, next)) = letters.next_if(|(_, next)| {
                is_mark(*next) || (next.is_alphanumeric() && !stands_alone(first) && !stands_alone(*next))
            }) {
                end = at + next.len_utf8();
            }
            return Some(start..end);
        }
    })
}

/// The words of a text in their folded form.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    word_spans(text).map(|span| fold(&text[span])).collect()
}

/// A word in small letters without accents, as far as Latin letters have them.
#[must_use]
pub fn fold(word: &str) -> String {
    let mut folded = String::with_capacity(word.len());
    for c in word.chars().filter(|c| !is_mark(*c)) {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            folded.extend(c.to_lowercase().filter(|c| !is_mark(*c)).map(without_accent));
        }
    }
    folded
}

/// The plain letter under an accent. Pairs of the Latin alphabets; what is not here stays.
fn without_accent(c: char) -> char {
    const PLAIN: [(char, &str); 22] = [
        ('a', "àáâãäåāăąǎ"),
        ('c', "çćĉċč"),
        ('d', "ď"),
        ('e', "èéêëēĕėęěẽ"),
        ('g', "ĝğġģ"),
        ('h', "ĥ"),
        ('i', "ìíîïĩīĭįǐ"),
        ('j', "ĵ"),
        ('k', "ķ"),
        ('l', "ĺļľ"),
        ('n', "ñńņňǹ"),
        ('o', "òóôõöōŏőǒ"),
        ('r', "ŕŗř"),
        ('s', "śŝşšș"),
        ('t', "ţťț"),
        ('u', "ùúûüũūŭůűųǔ"),
        ('w', "ŵẁẃẅ"),
        ('y', "ýÿŷỳ"),
        ('z', "źżž"),
        ('α', "ά"),
        ('ο', "ό"),
        ('и', "й"),
    ];
    PLAIN.iter().find(|(_, accented)| accented.contains(c)).map_or(c, |(plain, _)| *plain)
}

/// A text as it is given to the index: with the letters that stand alone set apart. Mostly it is the text itself.
#[must_use]
pub fn index_text(text: &str) -> std::borrow::Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(stands_alone) {
        return std::borrow::Cow::Borrowed(text);
    }
    let mut spaced = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if stands_alone(c) {
            spaced.push(' ');
            spaced.push(c);
            spaced.push(' ');
        } else {
            spaced.push(c);
        }
    }
    std::borrow::Cow::Owned(spaced)
}

/// The endings of the words of names and addresses, so that a part from the middle is found by what it begins with: of `olsen`
/// these are `lsen` and `sen`. Each once, and a bounded number.
#[must_use]
pub fn parts_of(text: &str) -> String {
    const SHORTEST: usize = 3;
    const LONGEST_WORD: usize = 32;
    const MOST: usize = 400;
    let mut seen = std::collections::HashSet::new();
    let mut parts = String::new();
    for word in words(text) {
        let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).take(LONGEST_WORD).collect();
        let endings = starts.iter().skip(1).filter(|at| word[**at..].chars().take(SHORTEST).count() == SHORTEST);
        for at in endings {
            if seen.len() >= MOST {
                return parts;
            }
            let ending = &word[*at..];
            if seen.insert(ending.to_owned()) {
                parts.push_str(ending);
                parts.push(' ');
            }
        }
    }
    parts
}

/// Whether the words of `sought` stand one after the other in `text`.
#[must_use]
pub fn is_in_text(text: &str, sought: &str, is_exact: bool) -> bool {
    let wanted = words(sought);
    let held = words(text);
    let Some(last) = wanted.len().checked_sub(1) else { return false };
    held.windows(wanted.len()).any(|held| {
        held.iter().zip(&wanted).enumerate().all(|(at, (held, wanted))| {
            if at == last && !is_exact { held.starts_with(wanted.as_str()) } else { held == wanted }
        })
    })
}

impl Sought {
    /// Whether a word of a text is the one that is looked for.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        let mut wanted = self.word.chars();
        for c in word.chars().flat_map(char::to_lowercase).filter(|c| !is_mark(*c)).map(without_accent) {
            match wanted.next() {
                Some(wanted) if wanted == c => {}
                Some(_) => return false,
                None => return self.goes_on(),
            }
        }
        wanted.next().is_none()
    }

    /// Where it stands in a text, in bytes; in names and addresses also from the middle of a word on.
    pub fn places_in<'a>(&'a self, text: &'a str, is_people: bool) -> impl Iterator<Item = Range<usize>> + 'a {
        word_spans(text).filter_map(move |span| {
            let word = &text[span.clone()];
            if self.is(word) {
                return Some(span.start..span.start + self.length_in(word));
            }
            let is_part = is_people && self.goes_on() && self.word.chars().take(3).count() == 3;
            let inside = word.char_indices().skip(1).filter(|_| is_part).map(|(at, _)| at);
            inside.into_iter().find(|at| self.is(&word[*at..])).map(|at| {
                let start = span.start + at;
                start..start + self.length_in(&word[at..])
            })
        })
    }

    const fn goes_on(&self) -> bool {
        self.may_go_on && self.word.len() > 1
    }

    /// How many bytes of a word that matches are the part that was looked for.
    fn length_in(&self, word: &str) -> usize {
        let count = self.word.chars().count();
        word.char_indices().filter(|(_, c)| !is_mark(*c)).nth(count).map_or(word.len(), |(at, _)| at)
    }
}
