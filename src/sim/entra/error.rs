//! The error body of the identity endpoints. [v2-oauth2-auth-code-flow; reference-error-codes]

use crate::sim::faults::OauthFault;
use crate::sim::http::{Incoming, Outgoing, utc};
use crate::sim::tenant::Shared;
use serde_json::{Value, json};

/// What the authority refuses, before it has a trace id and a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// The word that programs branch on, e.g. `invalid_grant`.
    pub(crate) error: String,
    /// The AADSTS number.
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) suberror: Option<String>,
    pub(crate) claims: Option<String>,
}

impl Refusal {
    /// A refusal with status 400, or 401 for `invalid_client`.
    pub(crate) fn new(error: &str, code: u32, message: impl Into<String>) -> Self {
        let status = if error == "invalid_client" { 401 } else { 400 };
        Self { status, error: error.to_owned(), code, message: message.into(), suberror: None, claims: None }
    }

    /// A scripted one.
    pub(crate) fn scripted(fault: &OauthFault) -> Self {
        let message = "This refusal was written into the script of the simulated tenant.";
        Self {
            suberror: fault.suberror.clone(),
            claims: fault.claims.clone(),
            ..Self::new(&fault.error, fault.code, message)
        }
    }

    /// With another sentence.
    pub(crate) fn saying(mut self, message: &str) -> Self {
        message.clone_into(&mut self.message);
        self
    }

    /// With a suberror.
    pub(crate) fn because(mut self, suberror: &str) -> Self {
        self.suberror = Some(suberror.to_owned());
        self
    }

    /// A parameter is missing.
    pub(crate) fn missing(parameter: &str) -> Self {
        let message = format!("The request lacks the parameter '{parameter}'.");
        Self::new("invalid_request", 900_144, message)
    }

    /// The number and the sentence, as a page says it.
    pub(crate) fn sentence(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.message)
    }

    /// `error_description`, with ids and time as it is sent.
    pub(crate) fn description(&self, shared: &Shared, trace: &str, correlation: &str) -> String {
        let time = utc(shared.clock.now(), "%Y-%m-%d %H:%M:%SZ");
        let Self { code, message, .. } = self;
        format!("AADSTS{code}: {message} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {time}")
    }

    /// The JSON body.
    pub(crate) fn body(&self, shared: &Shared, correlation: &str) -> Value {
        let trace = shared.ids.guid();
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(shared, &trace, correlation),
            "error_codes": [self.code],
            "timestamp": utc(shared.clock.now(), "%Y-%m-%d %H:%M:%SZ"),
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": format!("{}/error?code={}", shared.authority, self.code),
        });
        if let Some(suberror) = &self.suberror {
            body["suberror"] = json!(suberror);
        }
        if let Some(claims) = &self.claims {
            body["claims"] = json!(claims);
        }
        body
    }

    /// The answer of a JSON endpoint.
    pub(crate) fn answer(&self, shared: &Shared, request: &Incoming) -> Outgoing {
        Outgoing::json(self.status, &self.body(shared, &correlation(shared, request)))
    }
}

/// The client's own correlation id if it sent one, else a new one.
pub(crate) fn correlation(shared: &Shared, request: &Incoming) -> String {
    let sent = request.header("client-request-id").filter(|id| id.len() <= 64);
    sent.map_or_else(|| shared.ids.guid(), str::to_owned)
}
