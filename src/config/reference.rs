//! The documentation of the options, read from the comments of the default file.

use crate::config::options::{DEFAULTS, describe, row};

/// An option as the help and the README show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionDocument {
    /// `look.theme`; options of profiles as `profile.NAME.tenant`.
    pub path: String,
    /// The default as it stands in the file.
    pub default: String,
    /// What it means, in sentences.
    pub text: String,
    /// What is allowed, as a sentence.
    pub allowed: String,
    /// The variable that sets it.
    pub variable: String,
}

/// All options in the order of the default file.
#[must_use]
pub fn documented_options() -> Vec<OptionDocument> {
    let mut options = Vec::new();
    let mut section = String::new();
    let mut comment: Vec<&str> = Vec::new();
    for line in DEFAULTS.lines() {
        if let Some(text) = line.strip_prefix("# ") {
            comment.push(text);
        } else if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = if name.starts_with("profile.") { "profile.NAME.".to_owned() } else { format!("{name}.") };
            comment.clear();
        } else if let Some((key, default)) = line.split_once(" = ") {
            let path = format!("{section}{key}");
            let text = comment.join(" ");
            comment.clear();
            options.extend(row(&path).map(|row| OptionDocument {
                default: default.to_owned(),
                text,
                allowed: describe(row.allowed),
                variable: row.variable.to_owned(),
                path,
            }));
        } else {
            comment.clear();
        }
    }
    options
}
