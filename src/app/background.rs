//! Whether the terminal is dark or light: asked once, after the first frame, and remembered.
//!
//! The question (OSC 11, closed by a device-attributes query) is asked before any key is read, with a short limit, because an answer
//! that comes late would be taken for typed keys. A terminal that stayed silent is remembered as silent and never asked again.

use crate::base::environment::Environment;
use crate::base::paths::{Places, write_private};
use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;
use terminal_colorsaurus::{QueryOptions, ThemeMode, theme_mode};

/// Long enough for any terminal on this computer, short enough to go unnoticed.
const LIMIT: Duration = Duration::from_millis(300);

/// What is known of a terminal's background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
    /// It was asked and did not say.
    Silent,
}

/// The answer remembered for this terminal, if it was ever asked.
#[must_use]
pub fn remembered(places: &Places, environment: &Environment) -> Option<Background> {
    match read(places).get(&name_of_terminal(environment)).map(String::as_str) {
        Some("dark") => Some(Background::Dark),
        Some("light") => Some(Background::Light),
        Some("silent") => Some(Background::Silent),
        _ => None,
    }
}

/// Whether this terminal may be asked at all: never over ssh or in screen, where answers come late or to somebody else.
#[must_use]
pub fn may_be_asked(environment: &Environment) -> bool {
    let term = environment.get("TERM").unwrap_or_default();
    !environment.is_ssh() && !term.is_empty() && term != "dumb" && term != "linux" && !term.starts_with("screen")
}

/// Asks the terminal and remembers the answer. Blocks for 300 ms at most.
pub fn ask(places: &Places, environment: &Environment) -> Background {
    let mut options = QueryOptions::default();
    options.timeout = LIMIT;
    let answer = match theme_mode(options) {
        Ok(ThemeMode::Dark) => Background::Dark,
        Ok(ThemeMode::Light) => Background::Light,
        Err(_) => Background::Silent,
    };
    let word = match answer {
        Background::Dark => "dark",
        Background::Light => "light",
        Background::Silent => "silent",
    };
    let mut known = read(places);
    known.insert(name_of_terminal(environment), word.to_owned());
    let lines: String = known.iter().map(|(name, word)| format!("{name}\t{word}\n")).collect();
    // Only a convenience: if it cannot be written the question is asked again next time.
    let _ = write_private(&file(places), lines.as_bytes());
    answer
}

fn read(places: &Places) -> BTreeMap<String, String> {
    let text = fs::read_to_string(file(places)).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(name, word)| (name.to_owned(), word.to_owned()))
        .collect()
}

fn file(places: &Places) -> std::path::PathBuf {
    places.state.join("terminals")
}

fn name_of_terminal(environment: &Environment) -> String {
    let part = |name: &str| environment.get(name).unwrap_or_default().replace(['\t', '\n'], " ");
    format!("{} {} {}", part("TERM"), part("TERM_PROGRAM"), part("COLORFGBG"))
}
