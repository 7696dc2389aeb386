//! What can go wrong while signing in or renewing a token, and how it is told.
//!
//! [`Refusal`] is the identity service's own error body, kept whole: support needs its ids, a later sign-in its `claims`.
//! Must stay true: what the program does next depends on `error` (and on the status), never on a number, because numbers
//! and texts may change [reference-error-codes]; text of the service is tamed before it is kept.

use super::aadsts;
use super::certificate::CertificateError;
use super::claims::ClaimsChallenge;
use super::vault::VaultError;
use super::vault::store::StoreError;
use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::domain::token::LostGrant;
use crate::net::client::ClientError;
use crate::net::failure::Failure;
use crate::net::loopback::{LoopbackError, Parameters};
use crate::net::program::ProgramError;
use serde::Deserialize;
use std::time::Duration;

/// An error body of the identity service, or the error parameters of a redirect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status; 0 when it came by redirect.
    pub status: u16,
    /// The OAuth error, e.g. `invalid_grant`. Behaviour branches on this.
    pub error: String,
    /// The service's sentence without the ids behind it, one tame line.
    pub description: String,
    /// A finer reason, e.g. `bad_token`; may be empty.
    pub suberror: String,
    /// AADSTS numbers, the main one first; for sentences only.
    pub codes: Vec<u64>,
    /// Finds the entry in the tenant's sign-in log; may be empty.
    pub correlation_id: String,
    /// For the service's own support; may be empty.
    pub trace_id: String,
    /// `x-ms-request-id` of the answer; may be empty.
    pub request_id: String,
    /// The GUID we sent; empty when it came by redirect.
    pub client_request_id: String,
    /// When the service said it, as it wrote it; may be empty.
    pub timestamp: String,
    /// A challenge to send along with the next interactive sign-in, as it came.
    pub claims: Option<String>,
    /// What there is to tell about the grant that was refused, if it was one from the vault.
    pub lost: Option<LostGrant>,
}

/// The body as it travels. Every member may be missing or of another type than documented.
#[derive(Deserialize)]
struct Body {
    error: String,
    #[serde(default)]
    error_description: Option<String>,
    #[serde(default)]
    error_codes: Option<Vec<u64>>,
    #[serde(default)]
    suberror: Option<String>,
    #[serde(default)]
    correlation_id: Option<String>,
    #[serde(default)]
    trace_id: Option<String>,
    #[serde(default)]
    timestamp: Option<String>,
    #[serde(default)]
    claims: Option<String>,
}

impl Refusal {
    /// Reads an error body; `None` if it is none (a gateway's page, an empty body).
    #[must_use]
    pub fn parse(status: u16, body: &[u8]) -> Option<Self> {
        let body: Body = serde_json::from_slice(body).ok()?;
        let text = body.error_description.unwrap_or_default();
        let mut refusal = Self::from_redirect(&body.error, &text);
        refusal.status = status;
        refusal.claims = body.claims;
        refusal.suberror = tamed(body.suberror);
        refusal.codes = body.error_codes.filter(|codes| !codes.is_empty()).unwrap_or(refusal.codes);
        for (place, value) in [
            (&mut refusal.correlation_id, body.correlation_id),
            (&mut refusal.trace_id, body.trace_id),
            (&mut refusal.timestamp, body.timestamp),
        ] {
            if value.is_some() {
                *place = tamed(value);
            }
        }
        Some(refusal)
    }

    /// Reads the `error` and `error_description` of a redirect; number and ids stand inside the description there.
    #[must_use]
    pub fn from_redirect(error: &str, description: &str) -> Self {
        let text = tame(description);
        let sentence = ["Trace ID:", "Correlation ID:", "Timestamp:"]
            .iter()
            .filter_map(|mark| text.find(mark))
            .min()
            .map_or(&*text, |end| &text[..end]);
        Self {
            error: tame(error).into_owned(),
            codes: number_of(sentence).into_iter().collect(),
            description: strip_number(sentence).trim().to_owned(),
            correlation_id: after(&text, "Correlation ID:"),
            trace_id: after(&text, "Trace ID:"),
            timestamp: text.find("Timestamp:").map_or_else(String::new, |at| text[at + 10..].trim().to_owned()),
            ..Self::default()
        }
    }

    /// The refusal in the parameters of a redirect with this `error`; `None` where the person pressed Cancel. Every other
    /// `access_denied` has a reason worth reading (assignment, administrators).
    #[must_use]
    pub fn of_redirect(parameters: &Parameters, error: &str) -> Option<Self> {
        let text = |name| parameters.get(name).map_or("", |value| value.expose().as_str());
        let refusal = Self::from_redirect(error, text("error_description"));
        // Whoever goes back where only an administrator can agree has pressed the same button.
        let is_cancelled = error == "access_denied" && text("error_subcode") == "cancel";
        (!is_cancelled || refusal.wants_administrator()).then_some(refusal)
    }

    /// Whether the service asks to come back later; the grant itself is fine.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.status == 429
            || self.status >= 500
            || matches!(self.error.as_str(), "temporarily_unavailable" | "server_error")
    }

    /// Whether a grant (a refresh token, a code) is worth nothing any more and only a person can get a new one.
    #[must_use]
    pub fn needs_person(&self) -> bool {
        matches!(self.error.as_str(), "invalid_grant" | "interaction_required" | "consent_required" | "login_required")
    }

    /// Whether only an administrator can agree to what was asked for. Chooses a sentence and an offer.
    #[must_use]
    pub fn wants_administrator(&self) -> bool {
        self.codes.iter().any(|code| matches!(code, 90_093 | 90_094 | 90_095 | 900_941))
    }

    /// Whether the tenant does not know a scope that was asked for. The one number with behaviour behind it: `error` alone
    /// (`invalid_client`, `invalid_scope`) does not tell it from other faults, and the answer to it is harmless: asking for less.
    #[must_use]
    pub fn is_unknown_scope(&self) -> bool {
        self.codes.contains(&650_053)
    }

    /// The refusal in words: cause and remedy by its number where we know it, the service's own sentence otherwise.
    #[must_use]
    pub fn report(&self, what: &str) -> Report {
        let kind = if self.is_transient() { Kind::Network } else { Kind::NeedsPerson };
        let mut report = Report::new(kind, "signInRefused", what);
        report = match aadsts::explain(&self.codes) {
            Some(entry) => report.because(entry.cause.clone()).next(entry.remedy.clone()),
            None if self.description.is_empty() => report
                .because(format!("The sign-in service answered \"{}\" without a reason.", self.error))
                .next("Try again; if it stays so, give the details below to your administrator."),
            None => report.because(self.description.clone()).next(
                "Give the details below to your administrator; the correlation id finds the entry in the sign-in log.",
            ),
        };
        let number = self.codes.first().map_or_else(String::new, |code| format!("AADSTS{code}"));
        let status = if self.status == 0 { String::new() } else { self.status.to_string() };
        if let Some(lost) = &self.lost {
            // Only where the service does not know the token: an old or withdrawn one has a reason of its own.
            if lost.cut_off.is_some() && self.suberror == "bad_token" {
                report.why.push_str(
                    " An earlier renewal broke off before its answer was stored; the service may take that for a stolen token.",
                );
            }
            for (name, time) in
                [("issued", lost.issued), ("last used", lost.last_used), ("renewal broken off", lost.cut_off)]
            {
                if let Some(time) = time {
                    report = report.detail(name, time.to_string());
                }
            }
        }
        // First what finds the entry in the sign-in log.
        for (name, value) in [
            ("code", &number),
            ("correlation id", &self.correlation_id),
            ("time", &self.timestamp),
            ("error", &self.error),
            ("suberror", &self.suberror),
            ("service says", &self.description),
            ("trace id", &self.trace_id),
            ("request-id", &self.request_id),
            ("client-request-id", &self.client_request_id),
            ("status", &status),
        ] {
            if !value.is_empty() {
                report = report.detail(name, value.clone());
            }
        }
        report
    }
}

fn tamed(text: Option<String>) -> String {
    text.map_or_else(String::new, |text| tame(&text).into_owned())
}

/// The number in a text that begins with `AADSTSnnnnn:`.
fn number_of(text: &str) -> Option<u64> {
    let digits = text.trim_start().strip_prefix("AADSTS")?;
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    digits[..end].parse().ok()
}

fn strip_number(text: &str) -> &str {
    match number_of(text) {
        Some(_) => text.split_once(':').map_or("", |(_, sentence)| sentence),
        None => text,
    }
}

fn after(text: &str, mark: &str) -> String {
    let rest = text.find(mark).map_or("", |at| &text[at + mark.len()..]);
    rest.split_whitespace().next().unwrap_or_default().to_owned()
}

/// Whether the number of a lost grant says that sign-in by code is blocked now. Only chooses what is offered first.
#[must_use]
pub fn blocks_codes(code: &str) -> bool {
    code == "AADSTS530036"
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// The identity service refused a sign-in.
    #[error("the sign-in was refused: {}", .0.error)]
    Refused(Box<Refusal>),
    /// The stored grant is worth nothing any more; the person has to sign in.
    #[error("signing in again is needed: {}", .0.error)]
    NeedsLogin(Box<Refusal>),
    /// There is no stored grant for this account.
    #[error("nobody is signed in")]
    SignedOut,
    /// Graph refused a token that was handed in and cannot be renewed.
    #[error("the given token was refused")]
    GivenTokenRefused,
    /// The identity service is overloaded or broken; the grant is kept.
    #[error("the sign-in service is unavailable (status {status})")]
    Unavailable {
        /// HTTP status.
        status: u16,
        /// How long it asks to wait.
        retry_after: Option<Duration>,
    },
    /// Another process renews the same sign-in and does not come to an end.
    #[error("another process is renewing the sign-in")]
    Busy,
    /// The identity service cannot be reached.
    #[error("the sign-in service cannot be reached: {0}")]
    Unreachable(Box<Failure>),
    /// It answered something that is no answer.
    #[error("the sign-in service answered unexpectedly: {0}")]
    Malformed(String),
    /// The code was not typed in time.
    #[error("the code expired")]
    CodeExpired,
    /// The browser did not come back in time.
    #[error("the browser did not come back in time")]
    TimedOut,
    /// The sign-in server gives no codes for other devices.
    #[error("the sign-in server gives no codes")]
    NoCodes,
    /// The person said no.
    #[error("the sign-in was declined")]
    Declined,
    /// The answer belongs to another request, application or tenant.
    #[error("the answer does not belong to this sign-in: {0}")]
    Mismatch(&'static str),
    /// Somebody else signed in than the account that was to sign in again.
    #[error("another account signed in than was expected")]
    OtherAccount {
        /// The address that was expected, tame.
        expected: String,
        /// The address that came, tame.
        came: String,
    },
    /// A file with tokens cannot be used; why, as a sentence.
    #[error("the token file cannot be used: {0}")]
    BadTokenFile(String),
    /// The command that prints a token gave none.
    #[error("the token command gave no token: {0}")]
    TokenCommand(ProgramError),
    /// There is no secret to prove a service with.
    #[error("there is no secret of the service")]
    NoSecret,
    /// The command that prints a service's secret gave none.
    #[error("the secret command gave no secret: {0}")]
    SecretCommand(ProgramError),
    /// The keyring did not give a service's secret; none: it holds none.
    #[error("the keyring did not give the secret")]
    SecretKeyring(Option<StoreError>),
    /// A service's certificate cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The profile names no command that prints a token.
    #[error("no token command is configured")]
    NoCommand,
    /// The profile accepts accounts of other tenants only.
    #[error("accounts of this tenant are not accepted")]
    TenantNotAllowed {
        /// The address that came, tame.
        came: String,
        /// Its tenant, tame.
        tenant: String,
    },
    /// The redirect address of the profile cannot be used.
    #[error("the redirect address cannot be used: {0}")]
    BadRedirect(&'static str),
    /// The vault cannot be used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// No HTTP client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No loopback port.
    #[error(transparent)]
    Loopback(#[from] LoopbackError),
}

impl AuthError {
    /// Graph demands claims that no refresh brings: a person has to sign in with them.
    #[must_use]
    pub fn challenged(challenge: &ClaimsChallenge) -> Self {
        Self::NeedsLogin(Box::new(Refusal {
            status: 401,
            error: "insufficient_claims".to_owned(),
            description: "Your organisation asks for a fresh sign-in before it shows this data.".to_owned(),
            claims: Some(challenge.as_json()),
            ..Refusal::default()
        }))
    }

    /// Whether only a person can help: sign in, consent, ask somebody.
    #[must_use]
    pub const fn needs_person(&self) -> bool {
        matches!(
            self,
            Self::Refused(_) | Self::NeedsLogin(_) | Self::SignedOut | Self::GivenTokenRefused | Self::Declined
        )
    }

    /// Whether a policy stood in the way of this way in. The numbers only choose what is offered first next time.
    #[must_use]
    pub fn is_policy_block(&self) -> bool {
        let Self::Refused(refusal) = self else { return false };
        refusal.codes.iter().any(|code| matches!(code, 53_003 | 530_032 | 530_035 | 530_036))
    }

    /// Whether a consent is missing. The numbers only choose a sentence; `error` alone is not told apart by the service.
    #[must_use]
    pub fn is_consent(&self) -> bool {
        let Self::Refused(refusal) = self else { return false };
        refusal.error == "consent_required"
            || refusal.codes.iter().any(|code| matches!(code, 65_001 | 65_004 | 90_093 | 90_094 | 90_095 | 900_941))
    }

    /// Whether trying again later may help.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Unreachable(_) | Self::Busy)
    }

    /// The error in words.
    #[must_use]
    pub fn report(&self) -> Report {
        match self {
            Self::Refused(refusal) if refusal.wants_administrator() => {
                let mut report = refusal.report("Your administrator has to agree first.");
                report.code = "administratorNeeded".to_owned();
                report
            }
            Self::Refused(refusal) => refusal.report("The sign-in was refused."),
            Self::NeedsLogin(refusal) => {
                let mut report = refusal.report("You have to sign in again.");
                report.code = "signInNeeded".to_owned();
                report.kind = Kind::NeedsPerson;
                report
            }
            Self::SignedOut => Report::new(Kind::NeedsPerson, "signInNeeded", "Nobody is signed in.")
                .next("Sign in: start deskbell, or run `deskbell login`."),
            Self::GivenTokenRefused => {
                Report::new(Kind::NeedsPerson, "tokenRefused", "Graph refused the token in DESKBELL_TOKEN.")
                    .because("It has expired, was withdrawn, or was made for another service.")
                    .next("Put a fresh access token for Microsoft Graph into DESKBELL_TOKEN, or unset it and sign in.")
            }
            Self::Busy => Report::new(Kind::Network, "signInBusy", "The sign-in is being renewed by another deskbell.")
                .because("It has not come to an end for a minute; it may have been stopped (Ctrl-Z).")
                .next("Continue or end the other deskbell, then try again."),
            Self::Unavailable { status, retry_after } => unavailable(*status, *retry_after),
            Self::Unreachable(failure) => failure.explain(Report::new(
                Kind::Network,
                "signInUnreachable",
                "The sign-in service cannot be reached.",
            )),
            Self::Malformed(cause) => {
                Report::new(Kind::Network, "signInMalformed", "The sign-in service gave an answer that makes no sense.")
                    .because("Often a proxy or a network sign-in page answers in its place.")
                    .next("Check the network and the configured authority, then try again.")
                    .detail("cause", tame(cause))
            }
            Self::CodeExpired => Report::new(Kind::NeedsPerson, "codeExpired", "The code has expired.")
                .because("It was not typed in time.")
                .next("Ask for a new code, or sign in by browser."),
            Self::NoCodes => Report::new(Kind::Configuration, "noCodes", "This sign-in server gives no codes.")
                .because("Its profile names no path for them (server.device).")
                .next("Sign in by browser, or paste the address a browser ends at: deskbell login --paste"),
            Self::TimedOut => Report::new(
                Kind::NeedsPerson,
                "browserTimedOut",
                "The browser did not come back in time.",
            )
            .because(
                "A wrong client id or redirect address shows as an error page in the browser and comes back to nobody.",
            )
            .next("Read what the browser shows.")
            .next("Try again, or sign in by code."),
            Self::Declined => Report::new(Kind::NeedsPerson, "declined", "The sign-in was declined.")
                .because("Somebody pressed Cancel or said no on the sign-in page.")
                .next("Begin again if that was not meant."),
            Self::Mismatch(cause) => {
                Report::new(Kind::Failure, "signInMismatch", "The answer does not belong to this sign-in.")
                    .because(*cause)
                    .next("Begin again, and use only the address or code that is shown.")
            }
            Self::Vault(error) => error.report(),
            Self::Client(error) => error.report(),
            Self::Loopback(error) => no_port(error),
            Self::OtherAccount { expected, came } => {
                Report::new(Kind::NeedsPerson, "otherAccount", format!("{came} signed in, not {expected}."))
                    .because(format!("This was to be {expected} again. Nothing of {came} was kept."))
                    .next(format!("Begin again and choose {expected} on the page."))
                    .next(format!("Or add {came} beside it: in the panel of accounts, or with deskbell login {came}"))
            }
            Self::BadTokenFile(reason) => {
                Report::new(Kind::Usage, "badTokenFile", "The tokens in the file cannot be used.")
                    .because(reason.clone())
                    .next("Give the JSON a token endpoint answers with: access_token, refresh_token, expires_in.")
            }
            Self::TokenCommand(error) => {
                program(error, "badTokenCommand", "The command did not give a token.", "token.command")
            }
            Self::SecretCommand(error) => {
                program(error, "badSecretCommand", "The command did not give the secret.", "secret_command")
            }
            Self::SecretKeyring(cause) => Report::new(
                Kind::Configuration,
                "noKeptSecret",
                "The keyring does not hold the secret of this service.",
            )
            .because(
                cause
                    .as_ref()
                    .map_or_else(|| "Nothing was put there for this client id.".to_owned(), StoreError::sentence),
            )
            .next("Put it there: deskbell login --keep-secret")
            .next("Or name another place in the profile: secret_command, secret_env or a certificate."),
            Self::NoSecret => {
                Report::new(Kind::Configuration, "noSecret", "There is nothing to prove the service with.")
                    .because("The profile names no certificate and no place of a secret, or that place is empty.")
                    .next("Name a certificate, secret_command or secret_env in the profile.")
                    .next("Or put the secret into the system's keyring: deskbell login --keep-secret")
                    .next("Or hand the secret over once: deskbell --secret-fd 3 inbox 3<FILE")
            }
            Self::Certificate(error) => error.report(),
            Self::NoCommand => {
                Report::new(Kind::Configuration, "noTokenCommand", "There is no command to get a token from.")
                    .because("The profile names none.")
                    .next("Name one in config.toml as token.command of the profile, or sign in another way.")
            }
            Self::TenantNotAllowed { came, tenant } => {
                Report::new(Kind::NeedsPerson, "tenantNotAllowed", format!("{came} may not be used with this profile."))
                    .because(
                        "The profile accepts the accounts of some tenants only (allowed_tenants). Nothing was kept.",
                    )
                    .next("Begin again with an account of such a tenant.")
                    .next("Or use another profile: --profile NAME")
                    .detail("tenant", tenant.clone())
            }
            Self::BadRedirect(reason) => {
                Report::new(Kind::Configuration, "badRedirect", "The redirect address cannot be used.")
                    .because(*reason)
                    .next("Give it as it is registered: https, or http to localhost.")
            }
        }
    }
}

/// A program that gave nothing. `option`: where it is named.
fn program(error: &ProgramError, code: &str, what: &str, option: &str) -> Report {
    let report = Report::new(Kind::Failure, code, what);
    let look = format!("Run it by hand and look at what it prints; it is named as {option} in the profile.");
    match error {
        ProgramError::Nothing => {
            report.because("No program is named.").next(format!("Name one as {option} in the profile."))
        }
        ProgramError::NotFound(program) => report
            .because(format!("There is no program {program}."))
            .next(format!("Give its full path in {option}, the program and each argument as a text of its own.")),
        ProgramError::NotStarted(program, reason) => {
            report.because(format!("{program} could not be started: {reason}.")).next(look)
        }
        ProgramError::TooSlow(program) => report
            .because(format!(
                "{program} had not ended after a minute. It may be asking something; nobody can answer it here."
            ))
            .next(look),
        ProgramError::TooMuch(program) => {
            report.because(format!("{program} printed far more than a token.")).next(look)
        }
        ProgramError::Useless(program, reason) => report.because(*reason).next(look).detail("program", program.clone()),
        ProgramError::Failed { program, code, complaint } => {
            let code = code.map_or_else(|| "was stopped".to_owned(), |code| format!("ended with code {code}"));
            let report = report.because(format!("{program} {code}.")).next(look);
            if complaint.is_empty() { report } else { report.detail("it says", complaint.clone()) }
        }
    }
}

fn no_port(error: &LoopbackError) -> Report {
    let report = Report::new(Kind::Failure, "noLoopbackPort", "No port can be opened for the browser to come back to.");
    match error {
        LoopbackError::Taken(port) => report
            .because(format!("Another program uses port {port}, perhaps another deskbell that waits for its browser."))
            .next("End that program, or choose another port with --port.")
            .next("Or paste the address the browser ends at: deskbell login --paste"),
        LoopbackError::Forbidden(port) => report
            .because(format!("The system lets nobody but the administrator use port {port}."))
            .next("Choose a port above 1023 with --port.")
            .next("Or paste the address the browser ends at: deskbell login --paste"),
        LoopbackError::System(reason) => report
            .because("The system has none to give.")
            .next("Paste the address the browser ends at, or sign in by code.")
            .detail("cause", reason.clone()),
    }
}

fn unavailable(status: u16, retry_after: Option<Duration>) -> Report {
    let wait = retry_after.map_or_else(
        || "Try again in a minute.".to_owned(),
        |wait| format!("Try again in {} seconds; the service asks for that.", wait.as_secs().max(1)),
    );
    Report::new(Kind::Network, "signInUnavailable", "The sign-in service is not available right now.")
        .because("It is overloaded or has a fault of its own; you stay signed in.")
        .next(wait)
        .detail("status", status.to_string())
}
