//! Groups of people in the configuration: read with their mistakes' places, and written without touching anything else.
//!
//! Must stay true: of a list only the items that come and go are changed, so that comments and order inside it stay; what would not read
//! back as meant is not written.

use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::edit::{EditError, quote, read};
use super::options::{Loaded, parse_user_config};
use super::source::{Source, Value};
use crate::base::paths;
use crate::domain::group::{SavedGroup, check_name, find};
use crate::domain::mail::Recipient;
use crate::domain::recipients::{full, parse_one};

/// The table they stand in.
pub(super) const SECTION: &str = "groups";
/// A list that is longer is written with a line for each item.
const WIDEST: usize = 100;

/// Takes the groups of a file, each over one of the same name in a file before.
pub(super) fn lay(loaded: &mut Loaded, source: &Source<'_>, groups: &DeTable<'_>) {
    for (name, value) in groups {
        if let Err(why) = check_name(name.get_ref()) {
            let what = format!("\"{}\" cannot be a group's name", name.get_ref());
            loaded.problems.push(source.problem(name.span(), &what).because(why));
            continue;
        }
        let DeValue::Array(items) = value.get_ref() else {
            let what = format!("The group \"{}\" is a list of addresses in brackets", name.get_ref());
            loaded.problems.push(source.problem(value.span(), &what));
            continue;
        };
        let mut group = SavedGroup { name: name.get_ref().to_string(), people: Vec::new() };
        for item in items {
            match person(item) {
                Some(person) if group.has(&person.address) => {}
                Some(person) => group.people.push(person),
                None => loaded.problems.push(
                    source
                        .problem(item.span(), &format!("This is no address of the group \"{}\"", name.get_ref()))
                        .because("Allowed is an address like \"ana@contoso.com\" or \"Ana Ruiz <ana@contoso.com>\".")
                        .next("The others of the group are used."),
                ),
            }
        }
        let groups = &mut loaded.config.groups;
        groups.retain(|known| known.name.to_lowercase() != group.name.to_lowercase());
        groups.push(group);
        groups.sort_by_cached_key(|group| group.name.to_lowercase());
    }
}

fn person(item: &Value<'_>) -> Option<Recipient> {
    item.get_ref().as_str().and_then(parse_one)
}

/// The groups the user's file holds now, by name.
///
/// # Errors
/// When it cannot be read, or is no TOML.
pub fn saved_groups(path: &Path) -> Result<Vec<SavedGroup>, EditError> {
    let text = read(path)?;
    let source = Source::new("config.toml", &text);
    source.parse().map_err(|problem| EditError::Broken(Box::new(problem)))?;
    Ok(parse_user_config("config.toml", &text).config.groups)
}

/// Saves a group in the user's file, which is made if it is missing; without people it is removed. Gives back the groups there are then.
///
/// # Errors
/// [`EditError`]; the file is then untouched.
pub fn save_group(path: &Path, name: &str, people: &[Recipient]) -> Result<Vec<SavedGroup>, EditError> {
    let text = set_group(&read(path)?, name, people)?;
    paths::write_private(path, text.as_bytes())?;
    Ok(parse_user_config("config.toml", &text).config.groups)
}

/// The text of a configuration file with one group set, or without it where nobody is in it.
///
/// # Errors
/// [`EditError::Broken`] or [`EditError::Unusual`].
pub fn set_group(text: &str, name: &str, people: &[Recipient]) -> Result<String, EditError> {
    let source = Source::new("config.toml", text);
    let table = source.parse().map_err(|problem| EditError::Broken(Box::new(problem)))?;
    let groups = table.get(SECTION).and_then(|section| section.get_ref().as_table());
    let standing =
        groups.and_then(|groups| groups.iter().find(|(key, _)| key.get_ref().to_lowercase() == name.to_lowercase()));
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let written = |name: &str| format!("{} = {}", quote(name), list(people, line_end));
    let edited = match standing {
        Some((key, value)) if people.is_empty() => without_lines(text, key.span().start..value.span().end),
        Some((_, value)) => {
            let kept = changed_list(text, value, people).filter(|edited| reads_back(text, edited, name, people));
            kept.unwrap_or_else(|| {
                format!("{}{}{}", &text[..value.span().start], list(people, line_end), &text[value.span().end..])
            })
        }
        None if people.is_empty() => return Ok(text.to_owned()),
        None => match end_of_header(text) {
            Some(at) => {
                let gap = if text[..at].ends_with('\n') { "" } else { line_end };
                format!("{}{gap}{}{line_end}{}", &text[..at], written(name), &text[at..])
            }
            None => {
                let gap = match text {
                    "" => "",
                    _ if text.ends_with('\n') => line_end,
                    _ => &line_end.repeat(2),
                };
                format!("{text}{gap}[{SECTION}]{line_end}{}{line_end}", written(name))
            }
        },
    };
    if check_name(name).is_ok() && reads_back(text, &edited, name, people) {
        Ok(edited)
    } else {
        Err(EditError::Unusual { lines: format!("[{SECTION}]\n{}\n", written(name)) })
    }
}

/// The people as a list, on one line where it is short.
fn list(people: &[Recipient], line_end: &str) -> String {
    let items: Vec<String> = people.iter().map(|one| quote(&full(one))).collect();
    let short = format!("[{}]", items.join(", "));
    if short.len() <= WIDEST {
        return short;
    }
    let lines: Vec<String> = items.iter().map(|item| format!("    {item},{line_end}")).collect();
    format!("[{line_end}{}]", lines.concat())
}

/// The text with the items of the list taken out and put in that come and go, where it is a plain list.
fn changed_list(text: &str, value: &Value<'_>, people: &[Recipient]) -> Option<String> {
    let DeValue::Array(items) = value.get_ref() else { return None };
    let known: Vec<(Recipient, Range<usize>)> =
        items.iter().map(|item| Some((person(item)?, item.span()))).collect::<Option<_>>()?;
    let is_in = |list: &[Recipient], address: &str| list.iter().any(|one| one.address.eq_ignore_ascii_case(address));
    let standing: Vec<Recipient> = known.iter().map(|(one, _)| one.clone()).collect();
    let mut edited = text.to_owned();
    // From the end, so that the places before stay where they are.
    let added: Vec<String> =
        people.iter().filter(|one| !is_in(&standing, &one.address)).map(|one| quote(&full(one))).collect();
    if !added.is_empty() {
        let last = known.last()?.1.clone();
        // Beside its neighbours, or below them where each has a line of its own.
        let start = text[..last.start].rfind('\n').map_or(0, |at| at + 1);
        let indent = &text[start..last.start];
        let is_below = start > value.span().start && indent.chars().all(char::is_whitespace);
        let joint = if is_below { format!(",\n{indent}") } else { ", ".to_owned() };
        edited.insert_str(last.end, &format!("{joint}{}", added.join(&joint)));
    }
    for (_, place) in known.iter().rev().filter(|(one, _)| !is_in(people, &one.address)) {
        let rest = &edited[place.end..];
        let comma = rest.find(|letter: char| !letter.is_whitespace()).filter(|at| rest[*at..].starts_with(','));
        let range = match comma {
            Some(at) => place.start..place.end + at + 1,
            // The last: the comma before it goes too.
            None => {
                let before = edited[..place.start].trim_end();
                before.strip_suffix(',').map_or(place.start, str::len)..place.end
            }
        };
        let line = edited[..range.start].rfind('\n').map_or(0, |at| at + 1)
            ..edited[range.end..].find('\n').map_or(edited.len(), |at| range.end + at + 1);
        let is_alone =
            edited[line.start..range.start].trim().is_empty() && edited[range.end..line.end].trim().is_empty();
        if is_alone && line.start > value.span().start {
            edited.replace_range(line, "");
        } else {
            let end = range.end + edited[range.end..].len() - edited[range.end..].trim_start_matches(' ').len();
            let end = if comma.is_some() { end } else { range.end };
            edited.replace_range(range.start..end, "");
        }
    }
    Some(edited)
}

/// The text without the lines that `place` stands on.
fn without_lines(text: &str, place: Range<usize>) -> String {
    let start = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[place.end..].find('\n').map_or(text.len(), |at| place.end + at + 1);
    format!("{}{}", &text[..start], &text[end..])
}

/// The place behind the line `[groups]`.
fn end_of_header(text: &str) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let written = line.split('#').next().unwrap_or("");
        if written.split_whitespace().collect::<String>() == format!("[{SECTION}]") {
            return Some(at);
        }
    }
    None
}

/// Whether the new text says what was meant, and everything else as before.
fn reads_back(old: &str, new: &str, name: &str, people: &[Recipient]) -> bool {
    let (before, after) = (parse_user_config("", old), parse_user_config("", new));
    let is_meant = match find(&after.config.groups, name) {
        Some(group) => {
            let same = |(one, other): (&Recipient, &Recipient)| one.address.eq_ignore_ascii_case(&other.address);
            group.people.len() == people.len() && group.people.iter().zip(people).all(same)
        }
        None => people.is_empty(),
    };
    let rest = |text: &str| {
        let mut table = toml::from_str::<toml::Table>(text).ok()?;
        if let Some(groups) = table.get_mut(SECTION).and_then(toml::Value::as_table_mut) {
            groups.retain(|key, _| key.to_lowercase() != name.to_lowercase());
            if groups.is_empty() {
                table.remove(SECTION);
            }
        }
        Some(table)
    };
    is_meant && after.problems.len() <= before.problems.len() && rest(old).is_some() && rest(old) == rest(new)
}
