//! Single-value extended properties: written at creation and with a draft, read by `$expand`, found by `$filter`.
//! [singlevaluelegacyextendedproperty-get] [singlevaluelegacyextendedproperty-post-singlevalueextendedproperties]
//!
//! Must stay true: they come only when `$expand` names their id, and only whoever wrote them has them: mail that is delivered
//! carries none. Deliberately absent: properties of several values.

use super::bad;
use super::render::View;
use super::store::Mailbox;
use crate::sim::request::Answer;
use serde_json::{Value, json};

/// The properties a message in JSON carries; an id names a type, a set and a name or a tag.
pub fn written(message: &Value) -> Result<Vec<(String, String)>, Answer> {
    let Some(list) = message.get("singleValueExtendedProperties") else { return Ok(Vec::new()) };
    let list = list.as_array().ok_or_else(|| bad("'singleValueExtendedProperties' is a list."))?;
    list.iter()
        .map(|one| {
            let id = one.get("id").and_then(Value::as_str).filter(|id| is_id(id));
            let value = one.get("value").and_then(Value::as_str);
            match (id, value) {
                (Some(id), Some(value)) => Ok((id.to_owned(), value.to_owned())),
                _ => Err(Answer::error(400, "ErrorInvalidProperty", "An extended property has an id and a value.")),
            }
        })
        .collect()
}

/// `String {guid} Name x`, `Integer {guid} Id 0x8012`, or `String 0x0070`.
fn is_id(id: &str) -> bool {
    let words: Vec<&str> = id.split_whitespace().collect();
    match words.as_slice() {
        [_, tag] => tag.starts_with("0x"),
        [_, set, kind, ..] => {
            set.starts_with('{') && set.ends_with('}') && set.len() == 38 && ["Name", "Id"].contains(kind)
        }
        _ => false,
    }
}

/// Puts properties onto a row; the same id again replaces.
pub fn put(mailbox: &mut Mailbox, key: u32, properties: Vec<(String, String)>) {
    if properties.is_empty() {
        return;
    }
    let held = &mut mailbox.notes.entry(key).or_default().properties;
    for (id, value) in properties {
        held.retain(|(own, _)| !own.eq_ignore_ascii_case(&id));
        held.push((id, value));
    }
}

/// The ids that `$expand=singleValueExtendedProperties($filter=id eq '…' or id eq '…')` names.
#[must_use]
pub fn expanded(expand: &str) -> Vec<String> {
    let Some(at) = expand.to_lowercase().find("singlevalueextendedproperties") else { return Vec::new() };
    expand[at..].split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What is shown of a row; `None` where nothing was asked for or is there.
#[must_use]
pub fn shown(mailbox: &Mailbox, key: u32, view: &View) -> Option<Value> {
    let held = &mailbox.notes.get(&key)?.properties;
    let asked = |id: &str| view.properties.iter().any(|one| one.eq_ignore_ascii_case(id));
    let shown: Vec<Value> =
        held.iter().filter(|(id, _)| asked(id)).map(|(id, value)| json!({"id": id, "value": value})).collect();
    (!shown.is_empty()).then_some(Value::Array(shown))
}
