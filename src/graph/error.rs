//! What can go wrong between us and Graph, typed, and how it is told.
//!
//! Status and code decide what to do; the service's message is for developers and never parsed or shown as the main text
//! \[errors\]. Must stay true: no token, no address with a query and no text of a mail is in any of these, so all of them may be logged.

use crate::base::report::{Kind, Report};
use crate::graph::call::AddressError;
use crate::graph::diagnostics;
use crate::graph::wire;
use crate::net::client::ClientError;
use crate::net::failure::Failure;
use jiff::Timestamp;
use serde_json::Value;

/// What support asks for: which request it was, in the service's own numbers. Tamed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    /// `request-id` of the answer, else of the error body.
    pub request_id: String,
    /// The GUID we sent.
    pub client_request_id: String,
    /// `Date` of the answer, as it came.
    pub date: String,
    /// Which data centre answered, as it came in `x-ms-ags-diagnostic`.
    pub diagnostic: String,
    /// Why a token or a mailbox was refused, as it came in `x-ms-diagnostics`: numbers with reasons.
    pub reasons: String,
}

impl Trace {
    /// Both diagnostics headers as one line; may be empty.
    #[must_use]
    pub fn diagnostics(&self) -> String {
        let both = [&self.reasons, &self.diagnostic].map(String::as_str);
        both.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// An answer that says no.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// All codes, the outermost first, as they came; may be empty. Compare without case.
    pub codes: Vec<String>,
    /// The service's words, tamed; may be empty.
    pub message: String,
    /// `claims` of a `WWW-Authenticate` challenge were there: the sign-in must be repeated.
    pub has_claims: bool,
    /// For support.
    pub trace: Trace,
}

impl Refusal {
    /// Whether any of the codes is `code`, without case.
    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.codes.iter().any(|held| held.eq_ignore_ascii_case(code))
    }

    /// The most telling code: the innermost that is not a number, else nothing.
    #[must_use]
    pub fn code(&self) -> &str {
        let named = |code: &&String| !code.is_empty() && !code.bytes().all(|byte| byte.is_ascii_digit());
        self.codes.iter().rev().find(named).map_or("", String::as_str)
    }

    /// Whether the service says that this mailbox does not exist or cannot be reached by this way.
    #[must_use]
    pub fn is_no_mailbox(&self) -> bool {
        [
            "MailboxNotEnabledForRESTAPI",
            "ErrorInvalidUser",
            "ErrorNonExistentMailbox",
            "OrganizationFromTenantGuidNotFound",
        ]
        .iter()
        .any(|code| self.has_code(code))
    }

    /// Whether a delta link is too old: 410, or 400 and 404 with the words of a lost sync state [delta-query-overview].
    #[must_use]
    pub fn is_cursor_expired(&self) -> bool {
        self.status == 410
            || (matches!(self.status, 400 | 404)
                && ["SyncStateNotFound", "SyncStateInvalid", "resyncRequired"].iter().any(|code| self.has_code(code)))
    }
}

/// Why Graph could not be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreachable {
    /// No connection: no name, no route, nobody listening, no TLS.
    Connect,
    /// The connection broke before the answer was whole.
    Cut,
    /// No answer in time.
    TimedOut,
    /// `--offline`: nothing is asked.
    ForcedOffline,
}

/// Why a call has no result.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GraphError {
    /// Nobody is signed in, or the sign-in must be repeated. The report says why.
    #[error("sign-in needed: {}", .0.what)]
    NeedsLogin(Report),
    /// The token could not be had for a reason that may pass (network, sign-in service down).
    #[error("no token: {}", .0.what)]
    NoToken(Report),
    /// The profile of a service does not allow this call; it was not sent. The report says why.
    #[error("out of reach: {}", .0.what)]
    OutOfReach(Report),
    /// The service cannot be reached.
    #[error("cannot reach the service: {reason:?}")]
    Unreachable {
        /// In what way.
        reason: Unreachable,
        /// The cause in the words of the library, tamed.
        detail: String,
        /// By kind and in words, where a connection was tried.
        failure: Option<Box<Failure>>,
        /// The GUID we sent, if we sent one.
        trace: Trace,
    },
    /// No HTTP client can be built here: a setting of this computer is wrong.
    #[error(transparent)]
    NoClient(ClientError),
    /// The service asked for a longer wait than this call may take.
    #[error("asked to wait until {until}")]
    Throttled {
        /// Not before.
        until: Timestamp,
        /// The last answer, if there was one.
        refusal: Box<Refusal>,
    },
    /// The service said no.
    #[error("refused with {} {}", .0.status, .0.code())]
    Refused(Box<Refusal>),
    /// The delta link is too old: begin a new full round and reconcile by id.
    #[error("the sync state is gone")]
    CursorExpired(Box<Refusal>),
    /// The answer is no JSON of the expected shape (HTML of a gateway, nothing, cut, another type).
    #[error("unreadable answer ({status}): {what}")]
    Unreadable {
        /// HTTP status.
        status: u16,
        /// What was wrong, in our words.
        what: String,
        /// For support.
        trace: Trace,
    },
    /// The answer is larger than we take.
    #[error("answer larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// For support.
        trace: Trace,
    },
    /// Pages led back to a page already read.
    #[error("the pages lead in a circle")]
    Circle,
    /// More pages than anything real has.
    #[error("more than {0} pages")]
    TooManyPages(usize),
    /// The call has no address, or a link left Graph's host.
    #[error(transparent)]
    Address(#[from] AddressError),
}

impl GraphError {
    /// The refusal behind it, if the service said no.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) | Self::CursorExpired(refusal) | Self::Throttled { refusal, .. } => Some(refusal),
            _ => None,
        }
    }

    /// Whether the service says 404: gone, hidden, or never there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == 404)
    }

    /// Whether a permission is missing (403).
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.status == 403)
    }

    /// Whether the network is to blame, so that trying later is all there is to do.
    #[must_use]
    pub const fn is_offline(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::NoToken(_))
    }

    /// The numbers for support.
    #[must_use]
    pub fn trace(&self) -> Option<&Trace> {
        match self {
            Self::Unreachable { trace, .. } | Self::Unreadable { trace, .. } | Self::TooLarge { trace, .. } => {
                Some(trace)
            }
            _ => self.refusal().map(|refusal| &refusal.trace),
        }
    }

    /// The failure told to a person; `what` is a full sentence saying what failed ("The inbox could not be read.").
    #[must_use]
    pub fn report(&self, what: &str) -> Report {
        let report = match self {
            Self::NeedsLogin(report) | Self::NoToken(report) | Self::OutOfReach(report) => return report.clone(),
            Self::Unreachable { reason, failure, .. } => unreachable_report(*reason, failure.as_deref(), what),
            Self::NoClient(error) => return Report { what: what.to_owned(), ..error.report() },
            Self::Throttled { until, .. } => Report::new(Kind::Network, "throttled", what)
                .because("Microsoft 365 asked us to wait.")
                .next("Wait; it goes on by itself.")
                .detail("not before", until.to_string()),
            Self::Refused(refusal) => refusal_report(refusal, what),
            Self::CursorExpired(_) => Report::new(Kind::Failure, "resyncNeeded", what)
                .because("Microsoft 365 no longer knows where the last sync ended.")
                .next("Nothing: a full sync runs by itself."),
            Self::Unreadable { what: wrong, status, .. } => Report::new(Kind::Failure, "unreadableAnswer", what)
                .because(format!("The answer is not what Microsoft Graph sends: {wrong}."))
                .next("Check whether a proxy or a sign-in page of the network answers in its place.")
                .detail("status", status.to_string()),
            Self::TooLarge { limit, .. } => Report::new(Kind::Failure, "answerTooLarge", what)
                .because(format!("The answer is larger than {} MB.", limit / 1_000_000))
                .next("Open it in Outlook."),
            Self::Circle | Self::TooManyPages(_) => Report::new(Kind::Failure, "endlessPages", what)
                .because("The service's pages have no end.")
                .next("Try again later; if it stays, report it to your support."),
            Self::Address(error) => Report::new(Kind::Failure, "foreignLink", what)
                .because(format!("It was stopped for safety: {error}."))
                .next("Check the Graph address in the profile and whether a proxy rewrites answers."),
        };
        match self.trace() {
            Some(trace) => with_trace(report, trace),
            None => report,
        }
    }
}

fn unreachable_report(reason: Unreachable, failure: Option<&Failure>, what: &str) -> Report {
    let (code, why) = match reason {
        Unreachable::Connect => ("unreachable", "There is no connection to Microsoft Graph."),
        Unreachable::Cut => ("connectionCut", "The connection broke before the answer was whole."),
        Unreachable::TimedOut => ("timedOut", "Microsoft Graph did not answer in time."),
        Unreachable::ForcedOffline => {
            return Report::new(Kind::Network, "offline", what)
                .because("The program works offline, as asked.")
                .next("Start it without --offline.");
        }
    };
    let report = Report::new(Kind::Network, code, what);
    match failure {
        Some(failure) => failure.explain(report),
        None => report.because(why).next("Check the network, then try again."),
    }
}

fn refusal_report(refusal: &Refusal, what: &str) -> Report {
    let report = match refusal.status {
        // Before the sign-in is blamed: an account without a mailbox is refused with 401, too, and signing in again does not help.
        _ if refusal.is_no_mailbox() => Report::new(Kind::Failure, "noMailbox", what)
            .because("There is no mailbox in Microsoft 365 behind this account, in the tenant it signed in at.")
            .next("Ask an administrator whether the mailbox has a licence or lies on the company's own server.")
            .next("A guest has their mailbox at home: sign in at the tenant it is in (--tenant)."),
        401 => Report::new(Kind::NeedsPerson, "signInNeeded", what)
            .because("Microsoft 365 does not accept the sign-in.")
            .next("Sign in again."),
        403 => Report::new(Kind::NeedsPerson, "forbidden", what)
            .because("The sign-in is fine, but a permission is missing.")
            .next("Ask the owner to share it, or an administrator to grant the permission."),
        404 => Report::new(Kind::Failure, "notFound", what)
            .because("It is gone, or hidden from you.")
            .next("Refresh the view."),
        424 => Report::new(Kind::Network, "notTried", what)
            .because("Microsoft 365 did not get to it, because something else failed first.")
            .next("Try again in a moment; what waits in the outbox is tried again by itself."),
        500..=599 => Report::new(Kind::Network, "serviceTrouble", what)
            .because("Microsoft 365 has trouble of its own.")
            .next("Try again in a few minutes."),
        _ => Report::new(Kind::Failure, "refused", what)
            .because("Microsoft 365 refused the request.")
            .next("Report it with the details below."),
    };
    let report = report.detail("status", refusal.status.to_string());
    let report = if refusal.codes.is_empty() { report } else { report.detail("code", refusal.codes.join(" / ")) };
    if refusal.message.is_empty() { report } else { report.detail("message", refusal.message.clone()) }
}

fn with_trace(mut report: Report, trace: &Trace) -> Report {
    for (name, value) in [
        ("request-id", &trace.request_id),
        ("client-request-id", &trace.client_request_id),
        ("date", &trace.date),
        ("diagnostic", &trace.diagnostic),
        ("reasons", &trace.reasons),
    ] {
        if !value.is_empty() {
            report = report.detail(name, value.clone());
        }
    }
    diagnostics::pairs(trace).into_iter().fold(report, |report, (name, value)| report.detail(name, value))
}

/// Reads the body of an answer that says no; anything but an error envelope leaves codes and words empty \[errors\].
#[must_use]
pub fn parse(status: u16, body: &[u8], trace: Trace) -> Refusal {
    refusal_of(status, &wire::document(body).unwrap_or(Value::Null), trace)
}

/// The same for a body that is read already.
pub(crate) fn refusal_of(status: u16, body: &Value, mut trace: Trace) -> Refusal {
    let envelope = member(body, "error");
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(wire::line).unwrap_or_default();
    let mut codes = Vec::new();
    let mut level = envelope;
    // Each level may have a code of its own; nobody nests deeper than this.
    for _ in 0..8 {
        let Some(inner) = level else { break };
        let code = text(member(inner, "code"));
        if !code.is_empty() {
            codes.push(code);
        }
        if trace.request_id.is_empty() {
            trace.request_id = text(member(inner, "request-id"));
        }
        if trace.date.is_empty() {
            trace.date = text(member(inner, "date"));
        }
        level = member(inner, "innererror");
    }
    let message = text(envelope.and_then(|envelope| member(envelope, "message")));
    Refusal { status, codes, message, has_claims: false, trace }
}

/// A member by name without case: the documentation writes `innerError` both ways.
fn member<'value>(value: &'value Value, name: &str) -> Option<&'value Value> {
    value.as_object()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_most_telling_code_wins_and_numbers_tell_nothing() {
        let body = json!({"error": {"code": "TooManyRequests", "message": "wait", "innererror": {"code": "429", "request-id": "r"}}});
        let refusal = refusal_of(429, &body, Trace::default());
        assert_eq!(refusal.code(), "TooManyRequests");
        assert!(refusal.has_code("toomanyrequests"));
        assert_eq!(refusal.trace.request_id, "r");
        let nested = json!({"error": {"code": "badRequest", "innerError": {"code": "syncStateNotFound"}}});
        let refusal = refusal_of(400, &nested, Trace::default());
        assert_eq!(refusal.code(), "syncStateNotFound");
        assert!(refusal.is_cursor_expired());
    }

    #[test]
    fn a_body_that_is_no_envelope_leaves_the_words_empty() {
        for body in [Value::Null, json!([]), json!({"error": "x"}), json!({"error": {"code": 5, "message": null}})] {
            let refusal = refusal_of(502, &body, Trace::default());
            assert_eq!((refusal.code(), refusal.message.as_str()), ("", ""), "{body}");
        }
    }

    #[test]
    fn what_the_service_says_is_tamed() {
        let body = json!({"error": {"code": "x\u{1b}]0;y\u{7}", "message": "a\u{202e}b\nc"}});
        let refusal = refusal_of(400, &body, Trace::default());
        let all = format!("{}{}", refusal.codes.join(""), refusal.message);
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}', '\n']), "{all:?}");
    }
}
