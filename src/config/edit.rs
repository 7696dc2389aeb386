//! Changing one option in the user's file and nothing else.
//!
//! The file is the user's: comments, order and spacing stay as they are. A value is replaced where it stands, or a line is added. Must
//! stay true: what would not read back as meant is not written.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::base::paths::{self, PlaceError};
use crate::base::report::{Kind, Report};
use crate::config::options::{parse_user_config, row};

/// Why the user's file was not changed. It is then as it was.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It has a mistake, and changing it could make that worse.
    #[error("{}", .0.what)]
    Broken(Box<Report>),
    /// It is written in a way this cannot change.
    #[error("The file cannot be changed without rewriting it.")]
    Unusual {
        /// The lines to add by hand.
        lines: String,
    },
    /// It cannot be read or written.
    #[error(transparent)]
    Place(#[from] PlaceError),
}

impl EditError {
    /// For a person.
    #[must_use]
    pub fn report(&self) -> Report {
        match self {
            Self::Broken(report) => (**report).clone().next("Correct it by hand, then try again; nothing was changed."),
            Self::Unusual { lines } => Report::new(Kind::Configuration, "configurationUnusual", self.to_string())
                .because("Its profile is not written as a table with a line for each option.")
                .next(format!("Add by hand: {}", lines.replace('\n', "  "))),
            Self::Place(error) => error.report(),
        }
    }
}

/// Sets options of a profile (`client_id`, `tenant`, …) in the user's file, which is made if it is missing.
///
/// # Errors
/// [`EditError`]; the file is then untouched.
pub fn set_profile_options(path: &Path, profile: &str, options: &[(&str, &str)]) -> Result<(), EditError> {
    let old = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(source) => {
            return Err(PlaceError::Io { action: "read", path: path.to_owned(), source }.into());
        }
    };
    let mut text = old;
    for (key, value) in options {
        text = set_profile_option(&text, profile, key, value)?;
    }
    Ok(paths::write_private(path, text.as_bytes())?)
}

/// The text of a configuration file with one option of a profile set.
///
/// # Errors
/// [`EditError::Broken`] or [`EditError::Unusual`].
pub fn set_profile_option(text: &str, profile: &str, key: &str, value: &str) -> Result<String, EditError> {
    let table = super::source::Source { name: "config.toml", text }.parse();
    let table = table.map_err(|problem| EditError::Broken(Box::new(problem)))?;
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let quoted = quote(value);
    let lines = format!("[profile.{profile}]\n{key} = {quoted}\n");
    let edited = if let Some(place) = place_of_value(&table, profile, key) {
        format!("{}{quoted}{}", &text[..place.start], &text[place.end..])
    } else if let Some(at) = end_of_header(text, profile) {
        let gap = if text[..at].ends_with('\n') { "" } else { line_end };
        format!("{}{gap}{key} = {quoted}{line_end}{}", &text[..at], &text[at..])
    } else {
        let gap = match text {
            "" => "",
            _ if text.ends_with('\n') => line_end,
            _ => &line_end.repeat(2),
        };
        format!("{text}{gap}{}", lines.replace('\n', line_end))
    };
    // A line that looks like a header may stand in a text of several lines, or the profile may be written in one line.
    if row(&format!("profile.NAME.{key}")).is_some() && reads_back(text, &edited, profile, key, value) {
        Ok(edited)
    } else {
        Err(EditError::Unusual { lines })
    }
}

fn place_of_value(table: &DeTable<'_>, profile: &str, key: &str) -> Option<Range<usize>> {
    let entry = |value: &DeValue<'_>, key: &str| -> Option<Range<usize>> { Some(value.as_table()?.get(key)?.span()) };
    let profiles = table.get("profile")?.get_ref();
    entry(profiles.as_table()?.get(profile)?.get_ref(), key)
}

/// The place behind the line `[profile.NAME]`.
fn end_of_header(text: &str, profile: &str) -> Option<usize> {
    let header = format!("[profile.{profile}]");
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let written = line.split('#').next().unwrap_or("");
        let plain: String =
            written.chars().filter(|character| !character.is_whitespace() && *character != '"').collect();
        if plain == header {
            return Some(at);
        }
    }
    None
}

/// Whether the new text says what was meant, and says everything else as before.
fn reads_back(old: &str, new: &str, profile: &str, key: &str, value: &str) -> bool {
    let before = toml::from_str::<toml::Table>(old);
    let after = toml::from_str::<toml::Table>(new);
    let (Ok(mut before), Ok(mut after)) = (before, after) else {
        return false;
    };
    let written = after.get("profile").and_then(|profiles| profiles.get(profile)).and_then(|profile| profile.get(key));
    if written.and_then(toml::Value::as_str) != Some(value) {
        return false;
    }
    // The value is accepted: a new mistake would be told in a report more than before.
    if parse_user_config("", new).problems.len() > parse_user_config("", old).problems.len() {
        return false;
    }
    forget(&mut before, profile, key);
    forget(&mut after, profile, key);
    before == after
}

/// Takes one option out, and what is empty without it.
fn forget(table: &mut toml::Table, profile: &str, key: &str) {
    let Some(toml::Value::Table(profiles)) = table.get_mut("profile") else {
        return;
    };
    if let Some(toml::Value::Table(options)) = profiles.get_mut(profile) {
        options.remove(key);
        if options.is_empty() {
            profiles.remove(profile);
        }
    }
    if profiles.is_empty() {
        table.remove("profile");
    }
}

fn quote(value: &str) -> String {
    let mut quoted = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => {}
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
