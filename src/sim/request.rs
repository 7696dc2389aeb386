//! A Graph request as the areas see it, and their answer, free of any HTTP library.
//!
//! The same values serve a request of its own and an item of a `$batch`. Areas look at [`Request::path`] (decoded segments
//! after `/v1.0`, functions without their parentheses) and at [`Request::option`] (`$select` and `%24select` are the same).

use crate::sim::entra::account::Kind;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Who calls, as the access token says.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// Object id of the signed-in person; `None` for an application.
    pub person: Option<String>,
    /// Client id of the application.
    pub client: String,
    /// Granted scopes, or roles for an application, in lower case.
    pub granted: BTreeSet<String>,
    /// Whose account it is where; `None` for an application.
    pub kind: Option<Kind>,
}

impl Caller {
    /// Passes if one of `any` is granted; else the 403 that Graph gives. `X.ReadWrite` counts as `X.Read` (name both where
    /// both serve). [permissions-reference]
    pub fn need(&self, any: &[&str]) -> Result<(), Answer> {
        if any.iter().any(|scope| self.granted.contains(&scope.to_lowercase())) {
            return Ok(());
        }
        Err(Answer::error(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again."))
    }
}

/// A request after `/v1.0`.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `PATCH`, `PUT` or `DELETE`.
    pub method: String,
    /// Decoded path segments after the version, e.g. `["me", "mailFolders", "inbox", "messages"]`. Case as sent; compare
    /// names without case, ids with case. `mailFolders('Inbox')` arrives as two segments; `delta()` as `delta`;
    /// `/me` is left as it is.
    pub path: Vec<String>,
    /// Decoded query pairs, names in lower case.
    pub query: Vec<(String, String)>,
    /// Headers, names in lower case; several of one name are joined by `, `.
    pub headers: Vec<(String, String)>,
    /// The JSON body, or `Null`.
    pub body: Value,
    /// Who calls.
    pub caller: Caller,
    /// Where Graph is reached, e.g. `http://127.0.0.1:4711`; for next links.
    pub base: String,
}

impl Request {
    /// The value of a query option, e.g. `$select`.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of a header, name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The value of one preference of `Prefer`, e.g. `outlook.timezone`, without its quotes.
    #[must_use]
    pub fn preference(&self, name: &str) -> Option<String> {
        self.header("prefer")?.split(',').find_map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    }
}

/// The body of an answer.
#[derive(Clone, Debug)]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Value),
    /// Anything else, with its content type.
    Bytes(String, Vec<u8>),
}

/// An answer of Graph. The gate adds request ids, `Date` and the content type.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

impl Answer {
    /// 200 with JSON.
    #[must_use]
    pub fn ok(value: Value) -> Self {
        Self { status: 200, headers: Vec::new(), body: Body::Json(value) }
    }

    /// `status` without a body.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Empty }
    }

    /// An error envelope; the gate fills `innerError` with date and ids.
    #[must_use]
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self { status, headers: Vec::new(), body: Body::Json(json!({"error": {"code": code, "message": message}})) }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}
