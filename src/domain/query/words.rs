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

/// Whether a letter or digit is one to every release of the index's own cutter, and never a mark: then a word of these is one word
/// there, too. What else there is stands between words.
fn is_letter(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let has_case = || c.is_lowercase() || c.is_uppercase();
    match c {
        '\u{370}'..='\u{527}' | '\u{531}'..='\u{587}' | '\u{1e00}'..='\u{1fff}' | '\u{a66a}'..='\u{a66d}' => has_case(),
        '\u{a66e}' => true,
        // Latin letters, digits of all sorts; scripts without cases: their letters, and none of the signs between them.
        '\u{80}'..='\u{2af}'
        | '\u{5d0}'..='\u{5ea}'
        | '\u{620}'..='\u{64a}'
        | '\u{660}'..='\u{669}'
        | '\u{671}'..='\u{6d3}'
        | '\u{905}'..='\u{939}'
        | '\u{985}'..='\u{9b9}'
        | '\u{a05}'..='\u{a39}'
        | '\u{a85}'..='\u{ab9}'
        | '\u{b85}'..='\u{bb9}'
        | '\u{c05}'..='\u{c33}'
        | '\u{c85}'..='\u{cb9}'
        | '\u{d05}'..='\u{d3a}'
        | '\u{e01}'..='\u{e30}'
        | '\u{e32}'
        | '\u{e33}'
        | '\u{e40}'..='\u{e46}'
        | '\u{10d0}'..='\u{10fa}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{30fc}'
        | '\u{3400}'..='\u{4db5}'
        | '\u{4e00}'..='\u{9fcc}' => c.is_alphanumeric(),
        _ => false,
    }
}

/// The places of the words of a text, in bytes.
pub fn word_spans(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut letters = text.char_indices().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, first) = letters.next()?;
            if !is_letter(first) {
                continue;
            }
            let mut end = start + first.len_utf8();
            while let Some((at, next)) = letters.next_if(|(_, next)| {
                is_mark(*next) || (is_letter(*next) && !stands_alone(first) && !stands_alone(*next))
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

/// The letter before a word of a name or an address in the index.
pub const PERSON_MARK: char = 'ꙮ';
/// The letter before an ending of such a word.
pub const ENDING_MARK: char = 'ꙭ';
/// The letter before a word of a subject.
pub const SUBJECT_MARK: char = 'ꙫ';

/// Names and addresses as the index takes them: each word with its mark, and its endings with theirs, so that a part from the
/// middle is found by what it begins with: of `olsen` these are `lsen` and `sen`. Each once, and a bounded number.
#[must_use]
pub fn people_index_text(text: &str) -> String {
    const SHORTEST: usize = 3;
    const LONGEST_WORD: usize = 32;
    const MOST: usize = 2_000;
    let mut seen = std::collections::HashSet::new();
    let mut marked = String::new();
    let mut push = |mark: char, word: &str| {
        if seen.len() < MOST && seen.insert(format!("{mark}{word}")) {
            marked.push(mark);
            marked.push_str(word);
            marked.push(' ');
        }
    };
    for word in words(text) {
        push(PERSON_MARK, &word);
        let starts: Vec<usize> = word.char_indices().map(|(at, _)| at).take(LONGEST_WORD).collect();
        for at in starts.into_iter().skip(1).filter(|at| word[*at..].chars().take(SHORTEST).count() == SHORTEST) {
            push(ENDING_MARK, &word[at..]);
        }
    }
    marked
}

/// A subject as the index takes it: its words, and the same with their mark.
#[must_use]
pub fn subject_index_text(text: &str) -> String {
    let mut marked = index_text(text).into_owned();
    for word in words(text) {
        marked.push(' ');
        marked.push(SUBJECT_MARK);
        marked.push_str(&word);
    }
    marked
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
