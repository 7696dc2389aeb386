//! What is remembered of a call to the service, for a person and for support.
//!
//! Must stay true: nothing personal and nothing secret is kept. Of a path only the service's own words stay whole, an id or an
//! address leaves its beginning; of a query only the names of its options; of a body nothing at all. The one address that is
//! kept is that of the account which made the call.

use crate::base::text::tame;
use crate::domain::account::AccountKind;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// Longer segments of a path are no words of the service.
const LONGEST_WORD: usize = 40;
/// What is left of an id.
const HINT: usize = 4;
/// Collections whose members are people: what stands behind them is always shortened.
const PEOPLE: [&str; 4] = ["users", "people", "contacts", "places"];
/// Options whose value says what we want and never whose it is.
const HARMLESS: [&str; 5] = ["$select", "$top", "$skip", "$count", "$orderby"];

/// Whom a call was made to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Microsoft Graph.
    Graph,
    /// The identity service.
    SignIn,
}

/// As whom a call was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeAs {
    /// Address of the account, or its name where there is none; tamed.
    pub account: String,
    /// A person's account or a service's own.
    pub kind: AccountKind,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallEnd {
    /// An answer with this HTTP status.
    Status(u16),
    /// No answer; why, in words.
    Failed(String),
}

impl CallEnd {
    /// Whether the answer says yes.
    #[must_use]
    pub fn is_success(&self) -> bool {
        matches!(self, Self::Status(status) if (200..300).contains(status))
    }
}

/// Who is shown each request before it is sent, as a line without secrets (`--show-request`).
#[derive(Clone)]
pub struct ShowRequests(pub Arc<dyn Fn(&str) + Send + Sync>);

impl std::fmt::Debug for ShowRequests {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ShowRequests")
    }
}

/// Whether calls are sent again after a failure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RetryMode {
    /// What may be sent twice is; what may not, only when the service said that it did nothing.
    #[default]
    Safe,
    /// Never. A wait that the service asks for still holds for the next call.
    Off,
}

/// How calls are sent again (`[retry]` of the configuration).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Whether at all.
    pub mode: RetryMode,
    /// After which HTTP statuses.
    pub statuses: Vec<u16>,
    /// How often one call is sent at most, the first time included.
    pub at_most: u32,
    /// Each wait of our own is twice as long as the one before; all are the same otherwise. A wait that the service asks for is
    /// taken as it is.
    pub growing: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { mode: RetryMode::Safe, statuses: vec![429, 500, 502, 503, 504, 509], at_most: 5, growing: true }
    }
}

/// Parameters of a sign-in whose values are no secret and name nobody.
const OPEN_PARAMETERS: [&str; 15] = [
    "client_id",
    "response_type",
    "response_mode",
    "redirect_uri",
    "scope",
    "prompt",
    "code_challenge_method",
    "grant_type",
    "client_assertion_type",
    "claims",
    "client_info",
    "domain_hint",
    "error",
    "error_subcode",
    "token_type",
];

/// The parameters of a sign-in as they may be shown: each name, and the value where it is harmless.
#[must_use]
pub fn redacted(pairs: impl IntoIterator<Item = (String, String)>) -> String {
    let shown = pairs.into_iter().map(|(name, value)| match OPEN_PARAMETERS.contains(&name.as_str()) {
        true => format!("{name}={}", tame(&value)),
        false => format!("{}=[{} characters]", tame(&name), value.chars().count()),
    });
    shown.collect::<Vec<_>>().join("  ")
}

/// One exchange with the service. A call that is repeated leaves one for each attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRecord {
    /// When it was sent.
    pub at: Timestamp,
    /// To whom.
    pub service: Service,
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// The host, with the port if it is an unusual one.
    pub host: String,
    /// The path, [shortened].
    pub path: String,
    /// How it ended.
    pub end: CallEnd,
    /// From sending to the end of the answer.
    pub duration: Duration,
    /// Which attempt of the call this was, from 1.
    pub attempt: u32,
    /// How long the call had waited before this attempt, because the service asked or to try again.
    pub waited: Duration,
    /// As whom; `None` while nobody is signed in.
    pub made_as: Option<MadeAs>,
    /// `request-id` of the answer; may be empty.
    pub request_id: String,
    /// The GUID we sent along.
    pub client_request_id: String,
    /// `Date` of the answer, as it came; may be empty.
    pub date: String,
    /// The service's diagnostics headers, one tame line; may be empty.
    pub diagnostics: String,
    /// The parameters of a form, [redacted]; may be empty.
    pub parameters: String,
}

impl CallRecord {
    /// Whether nothing came of it. Waiting for a code to be typed is answered with an error too, and none is meant.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        let is_poll = matches!(self.end, CallEnd::Status(400)) && self.path.ends_with("/token");
        !self.end.is_success() && !matches!(self.end, CallEnd::Status(300..=399)) && !is_poll
    }

    /// The record as one line for a log or for support.
    #[must_use]
    pub fn to_line(&self) -> String {
        let end = match &self.end {
            CallEnd::Status(status) => status.to_string(),
            CallEnd::Failed(why) => why.clone(),
        };
        let mut line = format!(
            "{} {} https://{}{} {end} {} ms",
            self.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            self.method,
            self.host,
            self.path,
            self.duration.as_millis(),
        );
        if self.attempt > 1 {
            line.push_str(&format!(" attempt {}", self.attempt));
        }
        if !self.waited.is_zero() {
            line.push_str(&format!(" waited {} s", self.waited.as_secs()));
        }
        for (name, value) in [
            ("request-id", &self.request_id),
            ("client-request-id", &self.client_request_id),
            ("diagnostics", &self.diagnostics),
        ] {
            if !value.is_empty() {
                line.push_str(&format!(" {name} {value}"));
            }
        }
        line
    }
}

/// A path and its query without what is personal in them: the service's own words stay, ids and addresses leave their
/// beginning, values of options are left out. Takes them as they stand in the address, percent-encoded.
#[must_use]
pub fn shortened(path: &str, query: Option<&str>) -> String {
    let mut text = String::new();
    let mut is_person = false;
    for segment in path.split('/').skip(1) {
        text.push('/');
        if is_person || !is_word(segment) {
            text.push_str(&hint(segment, is_person));
        } else {
            text.push_str(segment);
        }
        is_person = PEOPLE.iter().any(|people| segment.eq_ignore_ascii_case(people));
    }
    for (index, option) in query.into_iter().flat_map(|query| query.split('&')).enumerate() {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let plain_name = name.replace("%24", "$");
        text.push(if index == 0 { '?' } else { '&' });
        text.push_str(if is_option(&plain_name) { &plain_name } else { "…" });
        text.push('=');
        if HARMLESS.contains(&plain_name.as_str()) {
            text.push_str(&value.replace("%2C", ",").replace("%20", " "));
        } else {
            text.push('…');
        }
    }
    tame(&text).into_owned()
}

/// Whether a segment is one of the service's words, like `mailFolders`, `v1.0`, `$batch` or `microsoft.graph.delta()`.
fn is_word(segment: &str) -> bool {
    let is_version = matches!(segment, "v1.0" | "v2.0" | "beta" | "oauth2");
    let has_only_letters = segment.chars().all(|letter| letter.is_ascii_alphabetic() || "$.()".contains(letter));
    is_version || (segment.len() <= LONGEST_WORD && has_only_letters)
}

fn is_option(name: &str) -> bool {
    name.len() <= LONGEST_WORD && name.chars().all(|letter| letter.is_ascii_alphabetic() || "$_-".contains(letter))
}

/// What is left of an id or an address: enough to tell two apart, too little to know whose it is.
fn hint(segment: &str, is_person: bool) -> String {
    let plain = segment.replace("%40", "@");
    let kept = if is_person || plain.contains('@') { 1 } else { HINT };
    let mut hint: String = plain.chars().take(kept).filter(|&letter| letter != '@').collect();
    hint.push('…');
    hint
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stay_and_ids_and_addresses_leave_their_beginning() {
        for (path, kept) in [
            ("/v1.0/me/mailFolders/inbox/messages/delta", "/v1.0/me/mailFolders/inbox/messages/delta"),
            ("/v1.0/me/messages/AAMkAGI1LongId%3D", "/v1.0/me/messages/AAMk…"),
            ("/v1.0/users/lena%40contoso.com/calendar", "/v1.0/users/l…/calendar"),
            ("/v1.0/users/lena@contoso.com", "/v1.0/users/l…"),
            ("/v1.0/users/lena", "/v1.0/users/l…"),
            ("/v1.0/$batch", "/v1.0/$batch"),
            ("/8a7b1f0e-0000-4000-8000-000000000000/oauth2/v2.0/token", "/8a7b…/oauth2/v2.0/token"),
            ("/organizations/oauth2/v2.0/devicecode", "/organizations/oauth2/v2.0/devicecode"),
        ] {
            assert_eq!(shortened(path, None), kept);
        }
    }

    #[test]
    fn of_a_query_the_options_stay_and_what_was_looked_for_goes() {
        let query = "$select=id%2Csubject&$search=%22Ben%20Okafor%22&%24top=5&$skiptoken=abc&code=secret";
        let kept = shortened("/v1.0/users", Some(query));
        assert_eq!(kept, "/v1.0/users?$select=id,subject&$search=…&$top=5&$skiptoken=…&code=…");
    }

    #[test]
    fn nothing_in_it_drives_a_terminal() {
        let kept = shortened("/v1.0/\u{1b}]0;x\u{7}", Some("\u{1b}[2J=\u{202e}"));
        assert!(!kept.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{kept:?}");
    }
}
