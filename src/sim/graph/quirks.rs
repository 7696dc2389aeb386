//! What real servers send beyond the documentation, switched on by `--quirks`: unknown members, unknown enum values, other
//! letter case, tips, empty pages, pages of another size than asked. A client that trips over one of them is wrong.

use crate::sim::request::{Answer, Body, Request};
use serde_json::{Map, Value, json};

/// Marks the address that follows an empty page, so that it comes once.
const AFTER_EMPTY: &str = "afterempty";
/// Members whose values are members of an enum.
const ENUMS: &[&str] = &[
    "importance",
    "sensitivity",
    "showAs",
    "inferenceClassification",
    "availability",
    "activity",
    "response",
    "status",
];

/// Changes a request before it is answered: a page may be smaller than asked.
pub(crate) fn before(request: &mut Request) {
    let later = request.option("$skiptoken").is_some() || request.option("$deltatoken").is_some();
    if request.method != "GET" || later {
        return;
    }
    for (name, value) in &mut request.query {
        if let ("$top", Ok(top)) = (name.as_str(), value.parse::<usize>())
            && top > 4
        {
            *value = (top - top / 4).to_string();
        }
    }
}

/// Changes an answer; `address` is the whole address of the request.
pub(crate) fn after(request: &Request, address: &str, answer: &mut Answer) {
    let Body::Json(Value::Object(body)) = &mut answer.body else { return };
    if answer.status != 200 {
        return;
    }
    if request.method == "GET" && request.option("$select").is_none() {
        body.insert(
            "@microsoft.graph.tips".to_owned(),
            json!("Use $select to choose only the properties your app needs."),
        );
    }
    let more = body.contains_key("@odata.nextLink");
    if more && request.option(AFTER_EMPTY).is_none() && request.option("$skiptoken").is_some() {
        // An empty page in the middle; the same page comes once more, with what belongs there.
        let joint = if address.contains('?') { '&' } else { '?' };
        body.insert("@odata.nextLink".to_owned(), json!(format!("{address}{joint}{AFTER_EMPTY}=1")));
        body.insert("value".to_owned(), json!([]));
        return;
    }
    match body.get_mut("value") {
        Some(Value::Array(items)) => {
            for (index, item) in items.iter_mut().enumerate() {
                odd(item, index);
            }
        }
        _ => unknown_member(body),
    }
}

fn odd(item: &mut Value, index: usize) {
    let Value::Object(members) = item else { return };
    unknown_member(members);
    for name in ENUMS {
        let Some(Value::String(value)) = members.get_mut(*name) else { continue };
        match index % 5 {
            2 => *value = capitalised(value),
            4 => *value = "unknownFutureValue".to_owned(),
            _ => {}
        }
    }
}

fn unknown_member(members: &mut Map<String, Value>) {
    members.insert("addedLastWeek".to_owned(), json!({"kind": "something new", "values": [1, null, "two"]}));
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
