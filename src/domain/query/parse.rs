//! From what was typed to a [`Query`], in one pass and with the place of everything.

use crate::domain::query::{DateWord, Field, Part, Query, QueryError, State, Term, Unit, Wanted, When, words};
use jiff::civil::Date;
use std::ops::Range;

/// Longer searches are nobody's: a bound for whatever is pasted.
const LONGEST: usize = 2_000;

const KNOWN: &str = "Known are from: to: subject: body: in: is: has: before: after: on:.";

/// A piece between white space: `-key:value`, each part with its place.
struct Piece<'a> {
    is_negated: bool,
    key: Option<(&'a str, Range<usize>)>,
    value: &'a str,
    value_place: Range<usize>,
    is_quoted: bool,
    place: Range<usize>,
}

pub(super) fn parse(text: &str) -> Result<Query, QueryError> {
    if text.len() > LONGEST {
        return Err(error(text, LONGEST_PLACE, "This search is too long.", "Search for fewer words."));
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut or: Option<Range<usize>> = None;
    let mut rest = 0;
    while let Some(piece) = next_piece(text, &mut rest)? {
        if piece.is_bare("OR") {
            if parts.is_empty() || or.is_some() {
                return Err(error(text, piece.place, "Before this OR something is missing.", EITHER));
            }
            or = Some(piece.place);
            continue;
        }
        let Some(term) = term(text, &piece)? else {
            if let Some(place) = or {
                return Err(error(text, place, "After this OR something is missing.", EITHER));
            }
            continue;
        };
        match (or.take(), parts.last_mut()) {
            (Some(_), Some(part)) => part.any.push(term),
            _ => parts.push(Part { any: vec![term] }),
        }
    }
    if let Some(place) = or {
        return Err(error(text, place, "After this OR something is missing.", EITHER));
    }
    if parts.is_empty() && !text.trim().is_empty() {
        return Err(error(text, 0..text.len(), "There is no word in this.", "Type letters or digits to look for."));
    }
    Ok(Query { parts })
}

const LONGEST_PLACE: Range<usize> = 0..0;
const EITHER: &str = "Put OR between two things of which one is enough.";

fn error(text: &str, place: Range<usize>, what: impl Into<String>, remedy: impl Into<String>) -> QueryError {
    QueryError { text: text.to_owned(), place, what: what.into(), remedy: remedy.into() }
}

impl Piece<'_> {
    fn is_bare(&self, word: &str) -> bool {
        !self.is_quoted && !self.is_negated && self.key.is_none() && self.value == word
    }
}

/// The next piece from `rest` on, which moves behind it.
fn next_piece<'a>(text: &'a str, rest: &mut usize) -> Result<Option<Piece<'a>>, QueryError> {
    let skipped = text[*rest..].len() - text[*rest..].trim_start().len();
    let start = *rest + skipped;
    if start == text.len() {
        return Ok(None);
    }
    let is_negated = text[start..].starts_with('-');
    let begin = start + usize::from(is_negated);
    let plain_end = |from: usize| {
        text[from..].find(|c: char| c.is_whitespace() || c == '"').map_or(text.len(), |length| from + length)
    };
    let word_end = plain_end(begin);
    let word = &text[begin..word_end];
    let key = word.split_once(':').map(|(key, _)| key).filter(|key| !key.is_empty() && is_key(key));
    let key = key.filter(|key| {
        let value = &word[key.len() + 1..];
        // `Re:` and `https://` are text; a word we know is a key even without a value.
        is_known(key) || (!value.is_empty() && !value.starts_with('/') && !is_word_with_colon(key))
    });
    let value_start = key.map_or(begin, |key| begin + key.len() + 1);
    let is_quoted = text[value_start..].starts_with('"');
    let (value, value_place, end) = if is_quoted {
        let inside = value_start + 1;
        let Some(length) = text[inside..].find('"') else {
            return Err(error(text, value_start..text.len(), "This quote has no end.", "Close it with a second \"."));
        };
        (&text[inside..inside + length], value_start..inside + length + 1, inside + length + 1)
    } else {
        (&text[value_start..word_end], value_start..word_end, word_end)
    };
    *rest = end;
    let key = key.map(|key| (key, begin..begin + key.len() + 1));
    Ok(Some(Piece { is_negated, key, value, value_place, is_quoted, place: start..end }))
}

fn is_key(key: &str) -> bool {
    key.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_known(key: &str) -> bool {
    const KEYS: [&str; 12] =
        ["from", "to", "cc", "subject", "body", "in", "folder", "is", "has", "before", "after", "on"];
    KEYS.iter().any(|known| key.eq_ignore_ascii_case(known))
}

/// What stands before a colon in subjects and addresses.
fn is_word_with_colon(key: &str) -> bool {
    const WORDS: [&str; 14] =
        ["re", "fw", "fwd", "aw", "wg", "sv", "vs", "rv", "tr", "http", "https", "mailto", "tel", "urn"];
    WORDS.iter().any(|word| key.eq_ignore_ascii_case(word))
}

/// The term of a piece; `None` for a sign that is no word, such as the & between two names.
fn term(text: &str, piece: &Piece<'_>) -> Result<Option<Term>, QueryError> {
    let made = |wanted| Ok(Some(Term { is_negated: piece.is_negated, wanted, place: piece.place.clone() }));
    let Some((key, key_place)) = &piece.key else {
        if piece.value.is_empty() && !piece.is_quoted {
            let what = "After this minus something is missing.";
            return Err(error(text, piece.place.clone(), what, "Put the minus right before what must not be found."));
        }
        if words(piece.value).is_empty() {
            if piece.is_quoted || piece.is_negated {
                return Err(no_word(text, piece.place.clone()));
            }
            return Ok(None);
        }
        return made(words_in(Field::Anywhere, piece));
    };
    let key = key.to_ascii_lowercase();
    if piece.value.trim().is_empty() {
        if !is_known(&key) {
            return Err(unknown(text, &key, key_place.clone()));
        }
        return Err(error(text, piece.place.clone(), format!("After {key}: something is missing."), remedy_of(&key)));
    }
    let value = piece.value.trim().to_lowercase();
    let place = piece.value_place.clone();
    match key.as_str() {
        "from" | "to" | "cc" | "subject" | "body" => {
            if words(piece.value).is_empty() {
                return Err(no_word(text, place));
            }
            let field = match key.as_str() {
                "from" => Field::From,
                "subject" => Field::Subject,
                "body" => Field::Body,
                _ => Field::To,
            };
            made(words_in(field, piece))
        }
        "has" => match value.as_str() {
            "attachment" | "attachments" => made(Wanted::Attachment),
            _ => Err(error(text, place, "Mail can be asked for attachments only.", "Type has:attachment.")),
        },
        "is" => match [State::Unread, State::Read, State::Flagged, State::Draft]
            .into_iter()
            .find(|state| state.word() == value)
        {
            Some(state) => made(Wanted::State(state)),
            None => Err(error(text, place, format!("No mail is “{}”.", tame(piece.value)), remedy_of("is"))),
        },
        "in" | "folder" => made(Wanted::Folder(piece.value.trim().to_owned())),
        "before" | "after" | "on" => {
            let when = match key.as_str() {
                "before" => When::Before,
                "after" => When::After,
                _ => When::On,
            };
            match date_word(&value) {
                Some(date) => made(Wanted::Received(when, date)),
                None => {
                    let what = format!("“{}” is no date that can be read here.", tame(piece.value));
                    Err(error(text, place, what, remedy_of(&key)))
                }
            }
        }
        _ => Err(unknown(text, &key, key_place.clone())),
    }
}

fn words_in(field: Field, piece: &Piece<'_>) -> Wanted {
    Wanted::Text { field, text: piece.value.to_owned(), is_exact: piece.is_quoted }
}

fn tame(text: &str) -> String {
    crate::base::text::tame(text).into_owned()
}

fn no_word(text: &str, place: Range<usize>) -> QueryError {
    error(text, place, "There is no word in this.", "Type letters or digits to look for.")
}

fn unknown(text: &str, key: &str, place: Range<usize>) -> QueryError {
    let remedy = format!("{KNOWN} Put it in quotes to look for the text itself.");
    error(text, place, format!("There is no {key}: to search by."), remedy)
}

fn remedy_of(key: &str) -> String {
    match key {
        "from" | "to" | "cc" => format!("Type a part of a name or an address, as in {key}:lena."),
        "subject" | "body" => format!("Type a word, as in {key}:report."),
        "is" => "Type is:unread, is:read, is:flagged or is:draft.".to_owned(),
        "has" => "Type has:attachment.".to_owned(),
        "in" | "folder" => "Type a folder’s name, as in in:inbox or in:\"Sent Items\".".to_owned(),
        "before" | "after" | "on" => {
            format!("Type {key}:2026-03-14, {key}:2026-03, {key}:2026, {key}:today, {key}:yesterday or {key}:7d.")
        }
        _ => KNOWN.to_owned(),
    }
}

/// `2026`, `2026-03`, `2026-03-14`, `today`, `yesterday`, `7d`.
fn date_word(word: &str) -> Option<DateWord> {
    match word {
        "today" => return Some(DateWord::Today),
        "yesterday" => return Some(DateWord::Yesterday),
        _ => {}
    }
    let number = |digits: &str, length: std::ops::RangeInclusive<usize>| -> Option<i16> {
        let is_number = length.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    for (letter, unit) in [('d', Unit::Days), ('w', Unit::Weeks), ('m', Unit::Months), ('y', Unit::Years)] {
        if let Some(count) = word.strip_suffix(letter) {
            return Some(DateWord::Ago(u16::try_from(number(count, 1..=4)?).ok()?, unit));
        }
    }
    let mut fields = word.split('-');
    let year = number(fields.next()?, 4..=4).filter(|year| *year >= 1)?;
    let Some(month) = fields.next() else { return Some(DateWord::Year(year)) };
    let month = i8::try_from(number(month, 1..=2)?).ok().filter(|month| (1..=12).contains(month))?;
    let Some(day) = fields.next() else { return Some(DateWord::Month(year, month)) };
    let day = i8::try_from(number(day, 1..=2)?).ok()?;
    if fields.next().is_some() {
        return None;
    }
    Date::new(year, month, day).ok().map(DateWord::Day)
}
