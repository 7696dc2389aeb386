//! The two headers in which the service says more than in its error: `x-ms-diagnostics` (why a token or a mailbox was refused, as
//! `number;reason="…";error_category="…"`) and `x-ms-ags-diagnostic` (which machine answered, as JSON).
//!
//! Must stay true: they are told to people and never decide anything, for neither is promised; what is not known is told as the
//! service wrote it, and what cannot be read is left alone. Both come here tamed.

use crate::graph::error::Trace;
use serde_json::Value;

/// Numbers of `x-ms-diagnostics` in words \[field\].
const NUMBERS: &[(u64, &str)] = &[
    (2_000_001, "the token is not genuine, was changed on its way, or has ended"),
    (2_000_003, "the token was made for another service"),
    (2_000_008, "the token holds no permission that is known here"),
    (2_000_010, "the application proved itself in a way that is too weak here"),
    (4_000_000, "the organisation's mail service takes no modern sign-in yet"),
];

/// Categories of `x-ms-diagnostics` in words, where the number is not known.
const CATEGORIES: &[(&str, &str)] = &[
    ("invalid_resource", "the token was made for another service"),
    ("invalid_grant", "the token does not hold what is needed here"),
    ("invalid_token", "the token is not genuine, was changed on its way, or has ended"),
    ("invalid_signature", "the token is not genuine, or was changed on its way"),
    ("token_expired", "the token has ended"),
    ("invalid_lifetime", "the token has ended or is not good yet; a clock may be wrong"),
    ("invalid_issuer", "the token was made by a sign-in service that is not believed here"),
    ("invalid_tenant", "the token belongs to an organisation that is not known here"),
    ("invalid_user", "the person of the token has no mailbox here"),
    ("invalid_app", "the application is not known here, or is disabled"),
    ("oauth_not_available", "the organisation's mail service takes no modern sign-in yet"),
    ("access_denied", "the mail service lets this application or person in nowhere near that mailbox"),
];

/// What the two headers of an answer say, as pairs for a report; may be empty.
#[must_use]
pub fn pairs(trace: &Trace) -> Vec<(&'static str, String)> {
    let mut pairs = Vec::new();
    if let Some(words) = reason_in_words(&trace.reasons) {
        pairs.push(("that means", words));
    }
    if let Some(words) = server_in_words(&trace.diagnostic) {
        pairs.push(("answered by", words));
    }
    pairs
}

/// `x-ms-diagnostics` in words; nothing where there is nothing to read.
#[must_use]
pub fn reason_in_words(header: &str) -> Option<String> {
    let number = header.trim_start().split(|character: char| !character.is_ascii_digit()).next()?.parse::<u64>().ok();
    let known = number.and_then(|number| NUMBERS.iter().find(|(known, _)| *known == number));
    let category = quoted(header, "error_category");
    let by_category = category.and_then(|name| CATEGORIES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)));
    match (known, by_category, quoted(header, "reason")) {
        (Some((_, words)), ..) | (None, Some((_, words)), _) => Some((*words).to_owned()),
        (None, None, Some(reason)) if !reason.trim().is_empty() => Some(format!("the service says: {}", reason.trim())),
        _ => None,
    }
}

/// `x-ms-ags-diagnostic` in words; nothing where it names no machine.
#[must_use]
pub fn server_in_words(header: &str) -> Option<String> {
    let document: Value = serde_json::from_str(header).ok()?;
    let server = document.get("ServerInfo")?;
    let part = |name: &str, words: &str| {
        let value = server.get(name)?.as_str()?.trim();
        (!value.is_empty()).then(|| format!("{words}{value}"))
    };
    let parts = [
        part("DataCenter", ""),
        part("Ring", "ring "),
        part("ScaleUnit", "scale unit "),
        part("RoleInstance", "machine "),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Both headers, one behind the other as they are remembered of a call, in words.
#[must_use]
pub fn in_words(both: &str) -> Option<String> {
    let (reasons, server) = both.split_at(both.find("{\"").unwrap_or(both.len()));
    let words: Vec<String> =
        [reason_in_words(reasons), server_in_words(server).map(|server| format!("answered by {server}"))]
            .into_iter()
            .flatten()
            .collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// The value of `name="…"` in a header.
fn quoted<'header>(header: &'header str, name: &str) -> Option<&'header str> {
    let at = header.find(&format!("{name}=\""))?;
    header[at + name.len() + 2..].split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_and_categories_have_words_and_others_keep_the_service_s() {
        let header = |number: &str, category: &str| {
            format!("{number};reason=\"The token is odd.\";error_category=\"{category}\"")
        };
        let words = |number: &str, category: &str| reason_in_words(&header(number, category)).unwrap_or_default();
        assert!(words("2000008", "invalid_grant").contains("no permission"));
        assert!(words("2999999", "invalid_resource").contains("another service"));
        assert_eq!(words("2999999", "something_new"), "the service says: The token is odd.");
        for odd in ["", "200000", ";;;", "reason=\"", "2999999;reason=\"\";error_category=\"\"", "{}"] {
            assert_eq!(reason_in_words(odd), None, "{odd}");
        }
    }

    #[test]
    fn both_together_are_told_apart() {
        let both =
            r#"2000003;reason="x";error_category="invalid_resource" {"ServerInfo":{"DataCenter":"West Europe"}}"#;
        assert_eq!(in_words(both).as_deref(), Some("the token was made for another service; answered by West Europe"));
        assert_eq!(in_words(""), None);
    }

    #[test]
    fn the_machine_is_named_as_far_as_it_is_told() {
        let header = r#"{"ServerInfo":{"DataCenter":"West Europe","Ring":"5","ScaleUnit":"","RoleInstance":"AM4"}}"#;
        assert_eq!(server_in_words(header).as_deref(), Some("West Europe, ring 5, machine AM4"));
        for odd in ["", "West Europe", "{}", r#"{"ServerInfo":[1]}"#, r#"{"ServerInfo":{"DataCenter":5}}"#] {
            assert_eq!(server_in_words(odd), None, "{odd}");
        }
    }
}
