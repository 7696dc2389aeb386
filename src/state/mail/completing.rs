//! What is offered while a search is typed: the words of its language, folders, days, and people.
//!
//! Pure over the line and what is known; people are asked for by whoever holds the line. Must stay true: only the word at the cursor is
//! ever replaced, what is put in reads as what it stands for, and nothing is offered for a word that is complete. Deliberately
//! absent: what the words mean ([`crate::domain::query`]).

use crate::domain::mail::{Folder, FolderRole};
use crate::domain::person::Person;
use crate::domain::query::fold;
use crate::state::completion::Completion;
use crate::state::line::LineEdit;

/// So many lines are offered.
pub const MOST: usize = 6;
/// A bare word is completed to one of the language from so many letters on: fewer are looked for more often than they are meant.
const LEAST_OF_WORD: usize = 2;

/// Words of the language, each with what follows it.
const WORDS: &[(&str, &str)] = &[
    ("from:", "who wrote it"),
    ("to:", "who got it"),
    ("subject:", "words of the subject"),
    ("body:", "words of the text"),
    ("in:", "the folder"),
    ("is:", "unread, read, flagged, draft"),
    ("has:attachment", "something hangs on it"),
    ("before:", "a day"),
    ("after:", "a day"),
    ("on:", "a day"),
];
const STATES: &[(&str, &str)] =
    &[("unread", "not read yet"), ("read", "read"), ("flagged", "with a flag"), ("draft", "not sent yet")];
const DAYS: &[(&str, &str)] = &[
    ("today", ""),
    ("yesterday", ""),
    ("7d", "seven days ago"),
    ("2w", "two weeks ago"),
    ("3m", "three months ago"),
    ("1y", "a year ago"),
];

/// The word that is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed<'a> {
    /// Where what would be replaced begins in the line, in bytes.
    pub start: usize,
    /// The word of the language before the colon, small letters; none: a bare word.
    pub key: Option<Key>,
    /// What is typed of it, without a quote before it.
    pub text: &'a str,
}

/// A word of the language that is followed by something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// `from:` and `to:`
    People,
    /// `in:`
    Folder,
    /// `is:`
    State,
    /// `has:`
    Has,
    /// `before:`, `after:`, `on:`
    Day,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq)]
pub enum Offer<'a> {
    /// Words: what is put in, what is shown, and what it means.
    Words {
        /// Put in.
        put: String,
        /// Shown.
        shown: String,
        /// What it means.
        note: String,
    },
    /// Somebody.
    Person(Completion<'a>),
}

impl Offer<'_> {
    /// What takes the place of the word.
    #[must_use]
    pub fn put(&self) -> String {
        match self {
            Self::Words { put, .. } => put.clone(),
            Self::Person(person) => format!("{} ", person.note()),
        }
    }
}

/// The word at the cursor; `None` where none is typed, or the cursor stands within one.
#[must_use]
pub fn typed(line: &LineEdit) -> Option<Typed<'_>> {
    let before = line.before();
    let goes_on = line.text()[before.len()..].starts_with(|next: char| !next.is_whitespace());
    let mut start = 0;
    let mut is_quoted = false;
    for (at, letter) in before.char_indices() {
        match letter {
            '"' => is_quoted = !is_quoted,
            space if space.is_whitespace() && !is_quoted => start = at + space.len_utf8(),
            _ => {}
        }
    }
    let word = &before[start..];
    let minus = usize::from(word.starts_with('-'));
    let (start, word) = (start + minus, &word[minus..]);
    if word.is_empty() || goes_on {
        return None;
    }
    let Some((key, value)) = word.split_once(':') else {
        return (!word.starts_with('"')).then_some(Typed { start, key: None, text: word });
    };
    let key_of = match key.to_ascii_lowercase().as_str() {
        "from" | "to" | "cc" => Key::People,
        "in" | "folder" => Key::Folder,
        "is" => Key::State,
        "has" => Key::Has,
        "before" | "after" | "on" => Key::Day,
        _ => return None,
    };
    let text = value.strip_prefix('"').unwrap_or(value);
    Some(Typed { start: start + key.len() + 1, key: Some(key_of), text })
}

/// What is offered for it. `people` are those found for what is typed.
#[must_use]
pub fn offers<'a>(typed: &Typed<'_>, folders: &[Folder], people: &'a [Person]) -> Vec<Offer<'a>> {
    let begun = typed.text;
    match typed.key {
        None => of_words(WORDS.iter().filter(|_| begun.chars().count() >= LEAST_OF_WORD), begun),
        Some(Key::State) => of_words(STATES.iter(), begun),
        Some(Key::Has) => of_words([("attachment", "something hangs on it")].iter(), begun),
        Some(Key::Day) => of_words(DAYS.iter(), begun),
        Some(Key::Folder) => of_folders(folders, begun),
        Some(Key::People) => {
            let wanted = begun.trim().to_lowercase();
            let is_meant = |person: &&Person| {
                let all = format!("{} {}", person.name, person.address).to_lowercase();
                let is_whole = person.address.eq_ignore_ascii_case(&wanted);
                !person.address.is_empty() && !is_whole && wanted.split_whitespace().all(|word| all.contains(word))
            };
            let known = people.iter().filter(|_| !wanted.is_empty()).filter(is_meant).take(MOST);
            known.map(|person| Offer::Person(Completion::Person(person))).collect()
        }
    }
}

fn of_words<'a>(words: impl Iterator<Item = &'static (&'static str, &'static str)>, begun: &str) -> Vec<Offer<'a>> {
    let small = begun.to_lowercase();
    let fitting = words.filter(|(word, _)| word.starts_with(&small) && word.len() > small.len());
    let offer = |(word, note): &(&str, &str)| Offer::Words {
        put: if word.ends_with(':') { (*word).to_owned() } else { format!("{word} ") },
        shown: (*word).to_owned(),
        note: (*note).to_owned(),
    };
    fitting.map(offer).take(MOST).collect()
}

/// Folders whose name begins with what is typed, then those that hold it.
fn of_folders<'a>(folders: &[Folder], begun: &str) -> Vec<Offer<'a>> {
    let wanted = fold(begun);
    let name = |folder: &Folder| fold(&folder.name);
    let is_new = |folder: &&Folder| !folder.hidden && !folder.name.contains('"') && name(folder) != wanted;
    let begins = folders.iter().filter(is_new).filter(|folder| name(folder).starts_with(&wanted));
    let holds = folders
        .iter()
        .filter(is_new)
        .filter(|folder| !name(folder).starts_with(&wanted) && name(folder).contains(&wanted));
    let mut offers: Vec<Offer<'a>> = Vec::new();
    for folder in begins.chain(holds) {
        let is_one_word = !folder.name.contains(char::is_whitespace);
        let put = if is_one_word { format!("{} ", folder.name) } else { format!("\"{}\" ", folder.name) };
        let above = folders.iter().find(|other| Some(&other.id) == folder.parent.as_ref());
        let note = match (above, folder.role) {
            (Some(above), _) => format!("in {}", above.name),
            (None, Some(FolderRole::Inbox)) => "new mail".to_owned(),
            _ => String::new(),
        };
        let offer = Offer::Words { put, shown: folder.name.clone(), note };
        // Two folders of one name are one search.
        let is_known = |other: &Offer<'_>| matches!(other, Offer::Words { shown, .. } if *shown == folder.name);
        if !offers.iter().any(is_known) {
            offers.push(offer);
        }
        if offers.len() == MOST {
            break;
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::{Key, Offer, Typed, offers, typed};
    use crate::domain::mail::{Folder, FolderId};
    use crate::state::line::LineEdit;

    fn put(line: &str, folders: &[Folder]) -> Vec<String> {
        let line = LineEdit::with(line);
        typed(&line).map_or_else(Vec::new, |typed| offers(&typed, folders, &[]).iter().map(Offer::put).collect())
    }

    fn folder(name: &str, parent: Option<&str>) -> Folder {
        Folder {
            id: FolderId(name.to_lowercase()),
            parent: parent.map(|parent| FolderId(parent.to_owned())),
            name: name.to_owned(),
            role: None,
            total: 0,
            unread: 0,
            cached: 0,
            hidden: false,
        }
    }

    #[test]
    fn only_the_word_at_the_cursor_is_looked_at() {
        let line = LineEdit::with("from:ana -in:\"Two wo");
        assert_eq!(typed(&line), Some(Typed { start: 13, key: Some(Key::Folder), text: "Two wo" }));
        for whole in ["", "from:ana ", "\"a phrase\"", "https://x", "-"] {
            assert_eq!(typed(&LineEdit::with(whole)).filter(|typed| typed.key.is_some()), None, "{whole}");
        }
        let mut within = LineEdit::with("is:unread");
        within.key(crate::domain::input::Key::plain(crate::domain::input::KeyCode::Left));
        assert_eq!(typed(&within), None);
    }

    #[test]
    fn words_of_the_language_folders_and_days_are_offered() {
        assert_eq!(put("fr", &[]), ["from:"]);
        assert_eq!(put("report su", &[]), ["subject:"]);
        assert_eq!(put("-HA", &[]), ["has:attachment "]);
        assert!(put("f", &[]).is_empty() && put("friday", &[]).is_empty());
        assert_eq!(put("is:un", &[]), ["unread "]);
        assert_eq!(put("after:ye", &[]), ["yesterday "]);
        assert!(put("is:unread", &[]).is_empty(), "it is complete");
        let folders = [folder("Clients", None), folder("Old clients", None), folder("Clients", Some("old clients"))];
        assert_eq!(put("in:cli", &folders), ["Clients ", "\"Old clients\" "]);
        assert_eq!(put("in:\"old", &folders), ["\"Old clients\" "]);
        assert_eq!(put("in:", &folders).len(), 2);
    }
}
