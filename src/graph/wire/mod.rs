//! The service's JSON, and how it becomes our words. Private to `graph`.
//!
//! Nothing that comes may break us: members may be missing, null, unknown or of another type; enum words come in any letter
//! case and with new values [best-practices-concept]. A row is read strictly first, which is fast; only if that fails its
//! members are tried one by one, and those that do not fit count as not sent. Must stay true: every string that leaves
//! here for a person is tamed, bodies and replies in HTML excepted; every member of every type is optional.
//! Deliberately absent: writing JSON; the areas do that where they build their calls.

pub mod event;
pub mod groups;
pub mod mail;
pub mod people;
pub mod recurrence;
pub mod meeting_times;
pub mod schedule;
pub mod time;

use crate::base::text;
use crate::graph::page::{Onward, Page};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// A type of which every member is optional, so that an empty object is one.
pub trait Row: DeserializeOwned {}

impl<T: DeserializeOwned> Row for T {}

#[derive(Deserialize)]
#[serde(bound = "T: DeserializeOwned")]
struct Envelope<T> {
    value: Vec<T>,
    #[serde(rename = "@odata.nextLink", default)]
    next: Option<String>,
    #[serde(rename = "@odata.deltaLink", default)]
    delta: Option<String>,
}

/// Reads a page of rows.
///
/// # Errors
/// Says in words what is there instead of a page.
pub fn page<T: Row>(bytes: &[u8]) -> Result<Page<T>, String> {
    match serde_json::from_slice::<Envelope<T>>(bytes) {
        Ok(envelope) => Ok(Page { rows: envelope.value, skipped: 0, onward: onward(envelope.next, envelope.delta) }),
        Err(_) => page_row_by_row(bytes),
    }
}

fn page_row_by_row<T: Row>(bytes: &[u8]) -> Result<Page<T>, String> {
    let Value::Object(mut members) = document(bytes)? else {
        return Err("it is JSON of another shape".to_owned());
    };
    let Some(Value::Array(values)) = members.remove("value") else {
        return Err("it has no list of rows".to_owned());
    };
    let count = values.len();
    let rows: Vec<T> = values.into_iter().filter_map(lenient).collect();
    let onward = onward(link(&members, "@odata.nextLink")?, link(&members, "@odata.deltaLink")?);
    Ok(Page { skipped: count - rows.len(), rows, onward })
}

/// A next link wins over a delta link: following it loses nothing.
fn onward(next: Option<String>, delta: Option<String>) -> Onward {
    match (next, delta) {
        (Some(next), _) => Onward::Next(next),
        (None, Some(delta)) => Onward::Delta(delta),
        (None, None) => Onward::End,
    }
}

/// A link of another type is no end: taking it for one would lose rows.
fn link(members: &Map<String, Value>, name: &str) -> Result<Option<String>, String> {
    match members.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(link)) => Ok(Some(link.clone())),
        Some(_) => Err("its link to the next page is no text".to_owned()),
    }
}

/// Reads a single object.
///
/// # Errors
/// Says in words what is there instead.
pub fn object<T: Row>(bytes: &[u8]) -> Result<T, String> {
    if let Ok(object) = serde_json::from_slice(bytes) {
        return Ok(object);
    }
    lenient(document(bytes)?).ok_or_else(|| "it is JSON of another shape".to_owned())
}

/// Reads an object whose members may be of any type; those that do not fit count as not sent. `None` if it is no object.
pub fn lenient<T: Row>(value: Value) -> Option<T> {
    if !value.is_object() {
        return None;
    }
    if let Ok(row) = T::deserialize(&value) {
        return Some(row);
    }
    let Value::Object(members) = value else { return None };
    let mut kept = Map::new();
    // Each member alone: they do not depend on each other, and this stays linear whatever comes.
    for (name, member) in members {
        let mut alone = Map::new();
        alone.insert(name, member);
        let alone = Value::Object(alone);
        if T::deserialize(&alone).is_ok()
            && let Value::Object(alone) = alone
        {
            kept.extend(alone);
        }
    }
    T::deserialize(Value::Object(kept)).ok()
}

/// Reads JSON, also with a byte order mark, with bytes that are no UTF-8, or with half of a surrogate pair: texts that the
/// service cut at 255 units end in one.
///
/// # Errors
/// Says in words what is there instead.
pub fn document(bytes: &[u8]) -> Result<Value, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if let Ok(value) = serde_json::from_slice(bytes) {
        return Ok(value);
    }
    let text = String::from_utf8_lossy(bytes);
    serde_json::from_str(&mend_surrogates(&text)).map_err(|error| describe(&text, &error))
}

fn describe(text: &str, error: &serde_json::Error) -> String {
    let text = text.trim_start();
    if text.is_empty() {
        "it is empty".to_owned()
    } else if text.starts_with('<') {
        "it is a web page".to_owned()
    } else if error.is_eof() {
        "it ends too early".to_owned()
    } else {
        "it is no JSON".to_owned()
    }
}

/// Replaces `\uD8xx` and `\uDCxx` escapes that have no other half.
fn mend_surrogates(text: &str) -> Cow<'_, str> {
    if !text.contains("\\u") {
        return Cow::Borrowed(text);
    }
    let mut mended = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = match unit(rest) {
            Some(0xd800..=0xdbff) if matches!(rest.get(6..).and_then(unit), Some(0xdc00..=0xdfff)) => 12,
            Some(0xd800..=0xdfff) => {
                mended.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            Some(_) => 6,
            // An escape of two characters; the second may be a backslash too.
            None => rest.char_indices().nth(2).map_or(rest.len(), |(index, _)| index),
        };
        mended.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    mended.push_str(rest);
    Cow::Owned(mended)
}

/// The unit of a `\uXXXX` escape at the start of `text`.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u16::from_str_radix(digits, 16).ok()
}

/// For members where null says something: `Some(None)` is null, `None` is not sent.
pub fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(deserializer).map(Some)
}

/// A list of which the elements that cannot be read are left out.
#[derive(Debug)]
pub struct Several<T>(pub Vec<T>);

impl<T> Default for Several<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Row> Deserialize<'de> for Several<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let elements = Option::<Vec<Box<RawValue>>>::deserialize(deserializer)?.unwrap_or_default();
        Ok(Self(elements.iter().filter_map(|element| row(element.get())).collect()))
    }
}

/// An element as it is, and only where that does not fit, by its members.
fn row<T: Row>(text: &str) -> Option<T> {
    let as_it_is = text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    as_it_is.or_else(|| lenient(document(text.as_bytes()).ok()?))
}

/// One line for a person. Longer than any screen is cut: what nobody reads need not be kept.
pub fn line(text: &str) -> String {
    const LONGEST: usize = 1_000;
    let tame = text::tame(text);
    match tame.char_indices().nth(LONGEST) {
        Some((end, _)) => tame[..end].trim().to_owned(),
        None => tame.trim().to_owned(),
    }
}

/// One line for a person, if there is anything in it.
pub fn some_line(text: Option<&str>) -> Option<String> {
    text.map(line).filter(|line| !line.is_empty())
}

/// An enum word for comparing: lower case.
pub fn word(text: Option<&str>) -> String {
    text.unwrap_or_default().trim().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct Thing {
        id: Option<String>,
        size: Option<u32>,
    }

    fn thing(id: &str, size: Option<u32>) -> Thing {
        Thing { id: Some(id.to_owned()), size }
    }

    #[test]
    fn one_bad_member_costs_itself_and_one_bad_row_costs_itself() {
        let page = page::<Thing>(
            br#"{"value":[{"id":"a","size":"big","new":{}},7,null,{"id":"b","size":3}],"@odata.nextLink":"n","@odata.deltaLink":"d"}"#,
        )
        .expect("a page");
        assert_eq!(page.rows, [thing("a", None), thing("b", Some(3))]);
        assert_eq!(page.skipped, 2);
        assert_eq!(page.onward, Onward::Next("n".to_owned()));
    }

    #[test]
    fn what_is_no_page_is_said_in_words() {
        for (bytes, said) in [
            (&b""[..], "it is empty"),
            (b"  <html><body>Bad gateway", "it is a web page"),
            (b"{\"value\":[{\"id\":\"a\"", "it ends too early"),
            (b"hello", "it is no JSON"),
            (b"[]", "it is JSON of another shape"),
            (b"{}", "it has no list of rows"),
            (b"{\"value\":5}", "it has no list of rows"),
            (b"{\"value\":[],\"@odata.nextLink\":5}", "its link to the next page is no text"),
        ] {
            assert_eq!(page::<Thing>(bytes).expect_err("no page"), said, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn text_cut_in_the_middle_of_a_character_does_not_lose_the_page() {
        let page = page::<Thing>(br#"{"value":[{"id":"x\ud83d"},{"id":"\ud83d\ude00 \\ud83d"},{"id":"\udc00y"}]}"#)
            .expect("a page");
        let ids: Vec<_> = page.rows.iter().filter_map(|row| row.id.as_deref()).collect();
        assert_eq!(ids, ["x\u{fffd}", "\u{1f600} \\ud83d", "\u{fffd}y"]);
    }

    #[test]
    fn deep_nesting_is_an_error_and_no_overflow() {
        let deep = "[".repeat(200_000);
        assert!(page::<Thing>(deep.as_bytes()).is_err());
    }
}
