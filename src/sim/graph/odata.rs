//! What every area needs of OData: `$select`, pages with opaque next links, `$count`, and the `@odata` members of a list.
//!
//! `$top` (or `Prefer: odata.maxpagesize`) is the size of a page, not of the list, as Outlook has it. \[paging\]
//! Deliberately absent: `$filter`, `$orderby` and `$search`, whose rules differ with each collection.

use crate::sim::request::{Answer, Request};
use serde_json::{Map, Value, json};
use std::ops::Range;

/// Which page a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    skip: usize,
    size: usize,
}

impl Page {
    /// Reads `$skiptoken`, `$skip`, `$top` and `Prefer: odata.maxpagesize`. Without a size a page holds `default` items, and
    /// never more than `greatest`.
    ///
    /// # Errors
    /// 400 for a number that is none, and for a token that is not ours.
    pub fn of(request: &Request, default: usize, greatest: usize) -> Result<Self, Answer> {
        let top = number(request, "$top")?.filter(|top| *top > 0);
        let preferred =
            request.preference("odata.maxpagesize").and_then(|size| size.parse().ok()).filter(|size| *size > 0);
        let size = top.or(preferred).unwrap_or(default).min(greatest).max(1);
        let skip = match request.option("$skiptoken") {
            Some(token) => read_token(token).ok_or_else(|| bad("The skip token is not valid."))?,
            None => number(request, "$skip")?.unwrap_or(0),
        };
        Ok(Self { skip, size })
    }

    /// The items of this page, out of `total`.
    #[must_use]
    pub fn range(&self, total: usize) -> Range<usize> {
        let start = self.skip.min(total);
        start..start.saturating_add(self.size).min(total)
    }

    /// Where the next page is, if `total` has one.
    #[must_use]
    pub fn next_link(&self, request: &Request, total: usize) -> Option<String> {
        let end = self.range(total).end;
        (end < total).then(|| link(request, "$skiptoken", &write_token(end)))
    }
}

/// The address of `request` with its paging options replaced by `name=value`; for next links and delta links.
#[must_use]
pub fn link(request: &Request, name: &str, value: &str) -> String {
    let path: Vec<String> = request.path.iter().map(|segment| encode(segment)).collect();
    let mut query: Vec<String> = request
        .query
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "$skip" | "$skiptoken" | "$deltatoken"))
        .map(|(key, value)| format!("{}={}", encode(key), encode(value)))
        .collect();
    query.push(format!("{}={}", encode(name), encode(value)));
    format!("{}/v1.0/{}?{}", request.base, path.join("/"), query.join("&"))
}

/// A list answer: `value` is the page, `total` the size of the whole list. `$count=true` adds `@odata.count`.
#[must_use]
pub fn list(request: &Request, context: &str, page: &Page, total: usize, value: Vec<Value>) -> Answer {
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(format!("{}/v1.0/$metadata#{context}", request.base)));
    if request.option("$count").is_some_and(|count| count.eq_ignore_ascii_case("true")) {
        body.insert("@odata.count".to_owned(), json!(total));
    }
    if let Some(next) = page.next_link(request, total) {
        body.insert("@odata.nextLink".to_owned(), json!(next));
    }
    body.insert("value".to_owned(), Value::Array(value.into_iter().map(|item| select(request, item)).collect()));
    Answer::ok(Value::Object(body))
}

/// A single entity: `@odata.context` added, `$select` honoured.
#[must_use]
pub fn entity(request: &Request, context: &str, value: Value) -> Answer {
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(format!("{}/v1.0/$metadata#{context}/$entity", request.base)));
    if let Value::Object(members) = select(request, value) {
        body.extend(members);
    }
    Answer::ok(Value::Object(body))
}

/// Keeps the members that `$select` names (in any letter case), `id` and every annotation; all without `$select`.
#[must_use]
pub fn select(request: &Request, value: Value) -> Value {
    let Some(wanted) = request.option("$select").filter(|wanted| !wanted.trim().is_empty()) else { return value };
    let Value::Object(members) = value else { return value };
    let wanted: Vec<&str> = wanted.split(',').map(|name| name.trim().split('/').next().unwrap_or("")).collect();
    let kept = |name: &str| {
        let plain = name.split('@').next().unwrap_or("");
        plain.is_empty() || plain == "id" || wanted.iter().any(|one| one.eq_ignore_ascii_case(plain))
    };
    Value::Object(members.into_iter().filter(|(name, _)| kept(name)).collect())
}

/// Percent-encodes everything but unreserved characters and the `$` of option names.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~$".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

fn number(request: &Request, name: &str) -> Result<Option<usize>, Answer> {
    request
        .option(name)
        .map(|text| {
            text.trim().parse().map_err(|_| bad(&format!("Invalid value '{text}' for {name} query option found.")))
        })
        .transpose()
}

fn bad(message: &str) -> Answer {
    Answer::error(400, "BadRequest", message)
}

// Opaque on purpose: a client that reads a number out of it would be wrong with the real service.
fn write_token(skip: usize) -> String {
    format!("RFNwdAoAAQ{:x}-{:x}", skip ^ 0x5bd1, check(skip))
}

fn read_token(token: &str) -> Option<usize> {
    let (skip, sum) = token.strip_prefix("RFNwdAoAAQ")?.split_once('-')?;
    let skip = usize::from_str_radix(skip, 16).ok()? ^ 0x5bd1;
    (format!("{:x}", check(skip)) == sum).then_some(skip)
}

fn check(skip: usize) -> usize {
    skip.wrapping_mul(0x9e37_79b1) & 0xfff_ffff
}
