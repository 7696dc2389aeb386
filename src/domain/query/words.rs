//! Words, as the index cuts them: letters and digits belong together, everything else stands between words.
//!
//! Scripts that are written without spaces are cut into their characters, on both sides: in what is indexed by [`index_text`] and in
//! what is looked for by [`words`]; so a part of a Chinese sentence is found.

use crate::domain::query::Sought;
use std::collections::HashSet;
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
    fold_into(word, &mut folded);
    folded
}

/// The same behind what stands in `folded` already; for many texts, most of them plain.
pub fn fold_into(text: &str, folded: &mut String) {
    if text.is_ascii() {
        let before = folded.len();
        folded.push_str(text);
        folded[before..].make_ascii_lowercase();
        return;
    }
    for c in text.chars().filter(|c| !is_mark(*c)) {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
        } else {
            folded.extend(c.to_lowercase().filter(|c| !is_mark(*c)).map(without_accent));
        }
    }
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

/// The letters before words in the index that say what they belong to; a word of the body has none.
pub const SUBJECT: Marks = Marks { whole: 'ꙫ', part: 'ꙥ' };
/// Of the sender's name and address.
pub const SENDER: Marks = Marks { whole: 'ꙮ', part: 'ꙭ' };
/// Of everybody it went to.
pub const RECIPIENTS: Marks = Marks { whole: 'ꙩ', part: 'ꙧ' };

/// Two letters that no text has, one before a whole word and one before a part of it.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// Before a whole word.
    pub whole: char,
    /// Before a part.
    pub part: char,
}

/// The longest part of a name or an address that is a word of the index.
const LONGEST_PART: usize = 4;
/// The longest beginning of a word of a subject that is one.
const LONGEST_BEGINNING: usize = 3;
/// Parts of a word that begin behind so many letters are not indexed.
const LONGEST_WORD: usize = 40;
/// Words and parts of a header beyond these are not indexed.
const MOST_WORDS: usize = 4_000;

/// A message as the index takes it: every word with the mark of what it belongs to, and with them the parts that are looked for
/// while somebody types. A part that is a word of its own is found by itself, newest first, however common it is.
#[must_use]
pub fn indexed_words(subject: &str, sender: &str, recipients: &str, body: &str) -> String {
    let mut indexed = String::with_capacity(body.len() + 1024);
    push_subject(&mut indexed, subject);
    push_people(&mut indexed, sender, SENDER);
    push_people(&mut indexed, recipients, RECIPIENTS);
    indexed.push_str(&index_text(body));
    indexed
}

/// Words, and how they begin: the first two letters, and the first three. What is longer is looked for among the words.
fn push_subject(indexed: &mut String, text: &str) {
    for word in words(text).into_iter().take(MOST_WORDS) {
        push(indexed, SUBJECT.whole, &word);
        for letters in 2..=LONGEST_BEGINNING {
            if let Some(beginning) = first_letters(&word, letters) {
                push(indexed, SUBJECT.part, beginning);
            }
        }
    }
}

/// Words, how they begin, and every three and four letters in a row, each once: of a longer part all its fours stand here.
fn push_people(indexed: &mut String, text: &str, marks: Marks) {
    let mut seen = HashSet::new();
    for word in words(text) {
        if seen.len() > MOST_WORDS {
            break;
        }
        let mut push_once = |mark: char, part: &str| {
            let mut marked = String::with_capacity(part.len() + 3);
            marked.push(mark);
            marked.push_str(part);
            if !seen.contains(&marked) {
                push(indexed, mark, part);
                seen.insert(marked);
            }
        };
        push_once(marks.whole, &word);
        if let Some(beginning) = first_letters(&word, 2) {
            push_once(marks.part, beginning);
        }
        for (at, _) in word.char_indices().take(LONGEST_WORD) {
            for part in (3..=LONGEST_PART).map_while(|letters| first_letters(&word[at..], letters)) {
                push_once(marks.part, part);
            }
        }
    }
}

fn push(indexed: &mut String, mark: char, word: &str) {
    indexed.push(mark);
    indexed.push_str(word);
    indexed.push(' ');
}

/// The first so many letters of a word, if it has as many.
fn first_letters(word: &str, letters: usize) -> Option<&str> {
    let (at, last) = word.char_indices().nth(letters - 1)?;
    Some(&word[..at + last.len_utf8()])
}

/// What the index is asked for one word of a subject, which may go on if `may_go_on`: words of the index of which the last may be
/// the beginning of a longer one.
#[must_use]
pub fn sought_in_subject(word: &str, may_go_on: bool) -> Vec<SoughtWord> {
    let letters = word.chars().count();
    let (mark, is_beginning) = match letters {
        _ if !may_go_on => (SUBJECT.whole, false),
        2..=LONGEST_BEGINNING => (SUBJECT.part, false),
        _ => (SUBJECT.whole, true),
    };
    vec![SoughtWord { word: format!("{mark}{word}"), is_beginning }]
}

/// The same for names and addresses: all of them must stand there.
#[must_use]
pub fn sought_in_people(word: &str, may_go_on: bool, marks: Marks) -> Vec<SoughtWord> {
    let letters = word.chars().count();
    if !may_go_on || letters < 2 {
        return vec![SoughtWord { word: format!("{}{word}", marks.whole), is_beginning: false }];
    }
    let length = letters.min(LONGEST_PART);
    let parts = word.char_indices().map_while(|(at, _)| first_letters(&word[at..], length)).take(LONGEST_WORD / 2);
    parts.map(|part| SoughtWord { word: format!("{}{part}", marks.part), is_beginning: false }).collect()
}

/// A word of the index that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SoughtWord {
    /// With its mark.
    pub word: String,
    /// Longer ones that begin so are meant too.
    pub is_beginning: bool,
}

/// Whether the words of `sought` stand one after the other in `text`. Unless `is_exact`, the last may go on if it has `least` letters:
/// by the same rule as a word alone.
#[must_use]
pub fn is_in_text(text: &str, sought: &str, is_exact: bool, least: usize) -> bool {
    let wanted = words(sought);
    let held = words(text);
    let Some(last) = wanted.len().checked_sub(1) else { return false };
    let may_go_on = !is_exact && wanted[last].chars().count() >= least;
    held.windows(wanted.len()).any(|held| {
        held.iter().zip(&wanted).enumerate().all(|(at, (held, wanted))| {
            held == wanted || (at == last && may_go_on && held.starts_with(wanted.as_str()))
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
