//! Changing one option in the user's file and nothing else.
//!
//! The file is the user's: comments, order and spacing stay as they are. A value is replaced where it stands, or a line is added. Must
//! stay true: what would not read back as meant is not written.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

use toml::de::DeTable;

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

/// A value as it can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// A text.
    Text(String),
    /// Yes or no.
    Switch(bool),
    /// A number.
    Number(u16),
    /// Texts.
    List(Vec<String>),
}

impl Setting {
    /// As TOML.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) => quote(text),
            Self::Switch(is_on) => is_on.to_string(),
            Self::Number(number) => number.to_string(),
            Self::List(items) => {
                format!("[{}]", items.iter().map(|item| quote(item)).collect::<Vec<_>>().join(", "))
            }
        }
    }

    fn is(&self, value: &toml::Value) -> bool {
        match self {
            Self::Text(text) => value.as_str() == Some(text),
            Self::Switch(is_on) => value.as_bool() == Some(*is_on),
            Self::Number(number) => value.as_integer() == Some(i64::from(*number)),
            Self::List(items) => value.as_array().is_some_and(|values| {
                values.len() == items.len()
                    && values.iter().zip(items).all(|(value, item)| value.as_str() == Some(item))
            }),
        }
    }
}

/// Where an option stands.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// Before every table.
    Top,
    /// In the table of this profile.
    Profile(&'a str),
}

/// Sets options of a profile (`client_id`, `tenant`, …) in the user's file, which is made if it is missing.
///
/// # Errors
/// [`EditError`]; the file is then untouched.
pub fn set_profile_options(path: &Path, profile: &str, options: &[(&str, &str)]) -> Result<(), EditError> {
    let settings: Vec<(&str, Setting)> =
        options.iter().map(|(key, value)| (*key, Setting::Text((*value).to_owned()))).collect();
    set_profile_settings(path, profile, &settings)
}

/// Sets options of a profile of any sort, as [`set_profile_options`] does.
///
/// # Errors
/// [`EditError`]; the file is then untouched.
pub fn set_profile_settings(path: &Path, profile: &str, settings: &[(&str, Setting)]) -> Result<(), EditError> {
    let mut text = read(path)?;
    for (key, value) in settings {
        text = set(&text, Place::Profile(profile), key, value)?;
    }
    Ok(paths::write_private(path, text.as_bytes())?)
}

/// Makes `profile` the one that is used when none is named.
///
/// # Errors
/// [`EditError`]; the file is then untouched.
pub fn set_default_profile(path: &Path, profile: &str) -> Result<(), EditError> {
    let text = set(&read(path)?, Place::Top, "default_profile", &Setting::Text(profile.to_owned()))?;
    Ok(paths::write_private(path, text.as_bytes())?)
}

pub(super) fn read(path: &Path) -> Result<String, EditError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(PlaceError::Io { action: "read", path: path.to_owned(), source }.into()),
    }
}

/// The text of a configuration file with one option of a profile set.
///
/// # Errors
/// [`EditError::Broken`] or [`EditError::Unusual`].
pub fn set_profile_option(text: &str, profile: &str, key: &str, value: &str) -> Result<String, EditError> {
    set(text, Place::Profile(profile), key, &Setting::Text(value.to_owned()))
}

fn set(text: &str, place: Place<'_>, key: &str, value: &Setting) -> Result<String, EditError> {
    let table = super::source::Source::new("config.toml", text).parse();
    let table = table.map_err(|problem| EditError::Broken(Box::new(problem)))?;
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let written = value.written();
    let line = format!("{key} = {written}");
    let lines = match place {
        Place::Top => format!("{line}\n"),
        Place::Profile(profile) => format!("[profile.{profile}]\n{line}\n"),
    };
    let edited = if let Some(found) = place_of_value(&table, place, key) {
        format!("{}{written}{}", &text[..found.start], &text[found.end..])
    } else {
        match place {
            Place::Top => format!("{line}{line_end}{text}"),
            Place::Profile(profile) => match end_of_header(text, profile) {
                Some(at) => {
                    let gap = if text[..at].ends_with('\n') { "" } else { line_end };
                    format!("{}{gap}{line}{line_end}{}", &text[..at], &text[at..])
                }
                None => {
                    let gap = match text {
                        "" => "",
                        _ if text.ends_with('\n') => line_end,
                        _ => &line_end.repeat(2),
                    };
                    format!("{text}{gap}{}", lines.replace('\n', line_end))
                }
            },
        }
    };
    let path = match place {
        Place::Top => key.to_owned(),
        Place::Profile(_) => format!("profile.NAME.{key}"),
    };
    // A line that looks like a header may stand in a text of several lines, or the profile may be written in one line.
    if row(&path).is_some() && reads_back(text, &edited, place, key, value) {
        Ok(edited)
    } else {
        Err(EditError::Unusual { lines })
    }
}

/// Where the value stands; a key with a dot (`token.command`) leads through tables.
fn place_of_value(table: &DeTable<'_>, place: Place<'_>, key: &str) -> Option<Range<usize>> {
    let mut steps: Vec<&str> = match place {
        Place::Top => Vec::new(),
        Place::Profile(profile) => vec!["profile", profile],
    };
    steps.extend(key.split('.'));
    let (last, before) = steps.split_last()?;
    let mut within = table;
    for step in before {
        within = within.get(*step)?.get_ref().as_table()?;
    }
    within.get(*last).map(toml::Spanned::span)
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
fn reads_back(old: &str, new: &str, place: Place<'_>, key: &str, value: &Setting) -> bool {
    let before = toml::from_str::<toml::Table>(old);
    let after = toml::from_str::<toml::Table>(new);
    let (Ok(mut before), Ok(mut after)) = (before, after) else {
        return false;
    };
    let mut steps: Vec<&str> = match place {
        Place::Top => Vec::new(),
        Place::Profile(profile) => vec!["profile", profile],
    };
    steps.extend(key.split('.'));
    if !forget(&mut after, &steps).is_some_and(|written| value.is(&written)) {
        return false;
    }
    // The value is accepted: a new mistake would be told in a report more than before.
    if parse_user_config("", new).problems.len() > parse_user_config("", old).problems.len() {
        return false;
    }
    forget(&mut before, &steps);
    before == after
}

/// Takes one option out, and the tables that are empty without it.
fn forget(table: &mut toml::Table, steps: &[&str]) -> Option<toml::Value> {
    match steps {
        [] => None,
        [key] => table.remove(*key),
        [step, rest @ ..] => {
            let within = table.get_mut(*step)?.as_table_mut()?;
            let taken = forget(within, rest);
            if within.is_empty() {
                table.remove(*step);
            }
            taken
        }
    }
}

pub(super) fn quote(value: &str) -> String {
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
