//! From the address on the wire to the path and query the areas see.
//!
//! Option names come as `$select`, `%24select` or `select`, in any letter case; functions with parentheses or without; keys as
//! a segment or as `('…')`. All of them are one request. [query-parameters]

use std::borrow::Cow;
use url::form_urlencoded;

/// Options whose `$` may be left out.
const OPTIONS: &[&str] =
    &["select", "filter", "orderby", "top", "skip", "count", "search", "expand", "skiptoken", "deltatoken"];

/// Decoded segments and query pairs of an address after the version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
}

impl Address {
    /// Reads what follows `/v1.0`.
    pub(crate) fn read(path: &str, query: &str) -> Self {
        let mut address = Self::default();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            address.add_segment(&decode(segment));
        }
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            address.query.push((option_name(&name), value.into_owned()));
        }
        address
    }

    fn add_segment(&mut self, segment: &str) {
        let call = segment.strip_suffix(')').and_then(|segment| segment.split_once('('));
        let Some((name, arguments)) = call.filter(|(name, _)| !name.is_empty()) else {
            self.path.push(segment.to_owned());
            return;
        };
        self.path.push(name.to_owned());
        for argument in arguments_of(arguments) {
            match argument.split_once('=').filter(|(name, _)| !name.starts_with('\'')) {
                Some((name, value)) => self.query.push((name.trim().to_lowercase(), unquoted(value))),
                None => self.path.push(unquoted(&argument)),
            }
        }
    }
}

/// Splits at commas outside quotes.
fn arguments_of(text: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut current = String::new();
    let mut quoted = false;
    for character in text.chars() {
        quoted ^= character == '\'';
        if character == ',' && !quoted {
            arguments.push(std::mem::take(&mut current));
        } else {
            current.push(character);
        }
    }
    if !current.trim().is_empty() {
        arguments.push(current);
    }
    arguments
}

/// A string literal without its quotes, doubled ones made single; anything else as it is.
fn unquoted(text: &str) -> String {
    let text = text.trim();
    let inner = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inner.map_or_else(|| text.to_owned(), |inner| inner.replace("''", "'"))
}

fn option_name(name: &str) -> String {
    let lower = name.trim().to_lowercase();
    if OPTIONS.contains(&lower.as_str()) { format!("${lower}") } else { lower }
}

/// Percent-decodes a segment; here `+` is a plus.
fn decode(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let pair = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let value = pair.and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        decoded.push(value.unwrap_or(bytes[at]));
        at += if value.is_some() { 3 } else { 1 };
    }
    match String::from_utf8_lossy(&decoded) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        Address::read(text, "").path
    }

    #[test]
    fn functions_and_keys_are_segments() {
        assert_eq!(
            path("/me/mailFolders('Inbox')/messages/delta()"),
            ["me", "mailFolders", "Inbox", "messages", "delta"]
        );
        assert_eq!(
            path("/users/o%27neil%40contoso.com/messages/AA%2FB%3D"),
            ["users", "o'neil@contoso.com", "messages", "AA/B="]
        );
        assert_eq!(path("/me/messages/100%"), ["me", "messages", "100%"]);
    }

    #[test]
    fn arguments_of_functions_are_options() {
        let address =
            Address::read("/me/reminderView(StartDateTime='2026-11-21T00:00:00',EndDateTime='o''clock, x')", "");
        assert_eq!(address.path, ["me", "reminderView"]);
        assert_eq!(address.query[0], ("startdatetime".to_owned(), "2026-11-21T00:00:00".to_owned()));
        assert_eq!(address.query[1], ("enddatetime".to_owned(), "o'clock, x".to_owned()));
    }

    #[test]
    fn option_names_have_one_form() {
        let address = Address::read("/me", "%24select=id&TOP=5&$Filter=a+eq+1&startDateTime=x");
        let names: Vec<&str> = address.query.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["$select", "$top", "$filter", "startdatetime"]);
        assert_eq!(address.query[2].1, "a eq 1");
    }
}
