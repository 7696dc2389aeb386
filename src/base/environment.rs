//! The environment the program was started in: its variables, read once.
//!
//! This is the one home of `std::env`. Everybody else is handed an [`Environment`], so a test says what the world looks
//! like. A variable that is set but empty counts as not set, as the conventions behind `NO_COLOR` and XDG have it.

use std::collections::BTreeMap;

/// Environment variables. Names and values that are not Unicode are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process.
    #[must_use]
    pub fn from_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { variables: std::env::vars_os().filter_map(text).collect() }
    }

    /// An environment made of `pairs`; for tests.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self { variables: pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect() }
    }

    /// The value of `name`; `None` if it is not set or empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether `name` is set to something other than nothing, `0`, `false` or `no`.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !matches!(value.to_ascii_lowercase().as_str(), "0" | "false" | "no" | "off"))
    }

    /// The session came over ssh, so a browser here would open on the wrong machine.
    #[must_use]
    pub fn is_ssh(&self) -> bool {
        ["SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT"].iter().any(|name| self.get(name).is_some())
    }

    /// A graphical session is there. Always assumed on macOS and Windows, which need no variable for it.
    #[must_use]
    pub fn has_display(&self) -> bool {
        cfg!(any(target_os = "macos", target_os = "windows"))
            || self.get("DISPLAY").is_some()
            || self.get("WAYLAND_DISPLAY").is_some()
    }

    /// How many colours may be used, by convention: `NO_COLOR`, `CLICOLOR=0` and `TERM=dumb` switch them off, `COLORTERM` and
    /// `TERM` say how many there are.
    #[must_use]
    pub fn colours(&self) -> Colours {
        let term = self.get("TERM").unwrap_or_default();
        if self.get("NO_COLOR").is_some() || self.get("CLICOLOR") == Some("0") || term == "dumb" {
            return Colours::None;
        }
        let colorterm = self.get("COLORTERM").unwrap_or_default().to_ascii_lowercase();
        if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") {
            Colours::True
        } else if term.contains("256color") {
            Colours::Indexed
        } else {
            Colours::Sixteen
        }
    }

    /// Whether the terminal says that its background is light, by `COLORFGBG` ("foreground;background"); `None` if it says nothing.
    #[must_use]
    pub fn background_is_light(&self) -> Option<bool> {
        let background: u8 = self.get("COLORFGBG")?.rsplit(';').next()?.parse().ok()?;
        Some(matches!(background, 7 | 9..=15))
    }

    /// Whether the locale's characters are UTF-8; where nothing is said, that is assumed.
    #[must_use]
    pub fn is_utf8(&self) -> bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| self.get(name));
        locale.is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
    }
}

/// How many colours the terminal has, or may be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colours {
    /// None: weight, underline and reverse only.
    None,
    /// The sixteen of the terminal's own palette.
    Sixteen,
    /// The 256 of xterm.
    Indexed,
    /// 24 bits.
    True,
}
