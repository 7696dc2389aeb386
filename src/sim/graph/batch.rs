//! `$batch`: up to twenty requests in one, each answered as if it had come alone. [json-batching]

use crate::sim::graph::address::Address;
use crate::sim::request::{Answer, Body, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashMap};

const GREATEST: usize = 20;

/// An item, taken apart.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) request: Request,
    /// As sent, for faults.
    pub(crate) url: String,
    depends_on: Vec<String>,
    lacks_content_type: bool,
}

/// Takes a batch apart.
///
/// # Errors
/// 400 when the batch as a whole is malformed.
pub(crate) fn items(outer: &Request) -> Result<Vec<Item>, Answer> {
    let Some(requests) = outer.body.get("requests").and_then(Value::as_array) else {
        return Err(malformed("Invalid batch payload format."));
    };
    if requests.is_empty() || requests.len() > GREATEST {
        return Err(malformed(&format!("Number of batch request steps must be between 1 and {GREATEST}.")));
    }
    let items = requests.iter().map(|request| item(outer, request)).collect::<Result<Vec<Item>, Answer>>()?;
    let mut ids = BTreeSet::new();
    for item in &items {
        if !ids.insert(item.id.to_lowercase()) {
            return Err(malformed(&format!("Request Id '{}' is used by more than one request.", item.id)));
        }
    }
    for item in &items {
        if let Some(unknown) = item.depends_on.iter().find(|id| !ids.contains(&id.to_lowercase())) {
            return Err(malformed(&format!(
                "Request '{}' depends on '{unknown}', which is not in the batch.",
                item.id
            )));
        }
    }
    Ok(items)
}

fn item(outer: &Request, request: &Value) -> Result<Item, Answer> {
    let text = |name: &str| request.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let missing = |name: &str| malformed(&format!("A request of the batch has no '{name}'."));
    let url = text("url").ok_or_else(|| missing("url"))?;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let address = Address::read(path, query);
    let mut headers: Vec<(String, String)> = Vec::new();
    if let Some(Value::Object(sent)) = request.get("headers") {
        headers.extend(sent.iter().filter_map(|(name, value)| Some((name.to_lowercase(), value.as_str()?.to_owned()))));
    }
    let body = request.get("body").cloned().unwrap_or(Value::Null);
    let lacks_content_type = !body.is_null() && !headers.iter().any(|(name, _)| name == "content-type");
    let depends_on = request.get("dependsOn").and_then(Value::as_array);
    let depends_on = depends_on.into_iter().flatten().filter_map(|id| id.as_str().map(str::to_owned)).collect();
    Ok(Item {
        id: text("id").ok_or_else(|| missing("id"))?.to_owned(),
        url: path.to_owned(),
        request: Request {
            method: text("method").ok_or_else(|| missing("method"))?.to_uppercase(),
            path: address.path,
            query: address.query,
            headers,
            body,
            caller: outer.caller.clone(),
            base: outer.base.clone(),
        },
        depends_on,
        lacks_content_type,
    })
}

/// Answers all items by `one`, those that depend on a failed one with 424.
///
/// # Errors
/// 400 when items wait for each other.
pub(crate) fn answer(items: &[Item], mut one: impl FnMut(&Item) -> Answer) -> Result<Vec<Value>, Answer> {
    let mut done: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::new();
    while done.len() < items.len() {
        let before = done.len();
        for item in items {
            let waits = item.depends_on.iter().any(|id| !done.contains_key(&id.to_lowercase()));
            if waits || done.contains_key(&item.id.to_lowercase()) {
                continue;
            }
            let failed =
                item.depends_on.iter().any(|id| done.get(&id.to_lowercase()).is_some_and(|status| *status >= 400));
            let answer = if failed {
                Answer::error(424, "FailedDependency", "A request this one depends on has failed.")
            } else if item.lacks_content_type {
                malformed("A request with a body needs the header Content-Type.")
            } else if item.request.path.iter().any(|segment| segment == "$batch") {
                malformed("A batch cannot hold a batch.")
            } else {
                one(item)
            };
            done.insert(item.id.to_lowercase(), answer.status);
            responses.push(response(&item.id, answer));
        }
        if done.len() == before {
            return Err(malformed("The requests of the batch wait for each other."));
        }
    }
    Ok(responses)
}

fn response(id: &str, answer: Answer) -> Value {
    let mut headers: Map<String, Value> =
        answer.headers.into_iter().map(|(name, value)| (name, json!(value))).collect();
    let mut response = json!({"id": id, "status": answer.status});
    match answer.body {
        Body::Empty => {}
        Body::Json(body) => {
            headers.entry("Content-Type").or_insert_with(|| json!("application/json"));
            response["body"] = body;
        }
        Body::Bytes(content_type, bytes) => {
            headers.insert("Content-Type".to_owned(), json!(content_type));
            response["body"] = json!(STANDARD.encode(bytes));
        }
    }
    response["headers"] = Value::Object(headers);
    response
}

fn malformed(message: &str) -> Answer {
    Answer::error(400, "BadRequest", message)
}
