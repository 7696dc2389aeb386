//! One exchange with the identity service, as it is marked on the way out and remembered afterwards.
//!
//! Must stay true: of bodies and of header values with secrets nothing is kept; the ids are, for support finds the entry in the
//! sign-in log by them.

use super::Surroundings;
use super::errors::AuthError;
use crate::base::text::tame;
use crate::domain::calls::{CallEnd, CallRecord, Service, redacted};
use crate::net::calls::place;
use jiff::Timestamp;
use reqwest::header::{HeaderMap, HeaderValue};
use std::time::SystemTime;

/// Longer header values are cut.
const LONGEST_VALUE: usize = 300;

/// The parameters of a form, redacted.
fn parameters(request: &reqwest::Request) -> String {
    let body = request.body().and_then(reqwest::Body::as_bytes).unwrap_or_default();
    redacted(url::form_urlencoded::parse(body).into_owned())
}

/// What is known of an exchange while it lasts.
pub(super) struct Exchange {
    sent: SystemTime,
    method: &'static str,
    host: String,
    path: String,
    status: Option<u16>,
    date: String,
    diagnostics: String,
    parameters: String,
    /// `x-ms-request-id` of the answer.
    pub(super) request_id: String,
    /// The GUID we sent.
    pub(super) client_request_id: String,
}

impl Exchange {
    pub(super) fn new(request: &reqwest::Request, surroundings: &Surroundings) -> Self {
        let (host, path) = place(request.url());
        Self {
            sent: surroundings.clock.now(),
            method: if request.method().as_str() == "GET" { "GET" } else { "POST" },
            host,
            path,
            status: None,
            date: String::new(),
            diagnostics: String::new(),
            parameters: parameters(request),
            request_id: String::new(),
            client_request_id: surroundings.ids.guid(),
        }
    }

    /// Writes our id into the request.
    pub(super) fn mark(&self, request: &mut reqwest::Request) {
        let headers = request.headers_mut();
        if let Ok(id) = HeaderValue::from_str(&self.client_request_id) {
            headers.insert("client-request-id", id);
        }
        headers.insert("return-client-request-id", HeaderValue::from_static("true"));
    }

    /// Reads the head of the answer.
    pub(super) fn hear(&mut self, status: u16, headers: &HeaderMap) {
        let text = |name: &str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            tame(&value.chars().take(LONGEST_VALUE).collect::<String>()).into_owned()
        };
        self.status = Some(status);
        self.date = text("date");
        self.request_id = text("x-ms-request-id");
        let both = [text("x-ms-diagnostics"), text("x-ms-ests-server")];
        self.diagnostics = both.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
    }

    /// Remembers it.
    pub(super) fn end<T>(self, result: &Result<T, AuthError>, surroundings: &Surroundings) {
        let end = match (self.status, result) {
            (Some(status), Ok(_) | Err(AuthError::Refused(_) | AuthError::Unavailable { .. })) => {
                CallEnd::Status(status)
            }
            (_, Err(AuthError::Unreachable(failure))) => CallEnd::Failed(failure.why()),
            (_, Err(error)) => CallEnd::Failed(tame(&error.to_string()).into_owned()),
            (None, Ok(_)) => CallEnd::Failed("nothing was answered".to_owned()),
        };
        let now = surroundings.clock.now();
        surroundings.clients.calls().note(CallRecord {
            at: Timestamp::try_from(self.sent).unwrap_or(Timestamp::MAX),
            service: Service::SignIn,
            method: self.method,
            host: self.host,
            path: self.path,
            end,
            duration: now.duration_since(self.sent).unwrap_or_default(),
            attempt: 1,
            waited: std::time::Duration::ZERO,
            made_as: None,
            request_id: self.request_id,
            client_request_id: self.client_request_id,
            date: self.date,
            diagnostics: self.diagnostics,
            parameters: self.parameters,
        });
    }
}
