//! The registration, as far as the sign-in service's answers give it away: that it exists, that it may sign people in without a
//! secret, and that it lists the address a browser comes back to.
//!
//! Two harmless questions are asked: a device code that nobody will type (and one poll for it), and an authorize request that
//! allows no page. Neither signs anybody in.

use super::service::below;
use crate::auth::entra::Entra;
use crate::auth::errors::{AuthError, Refusal};
use crate::auth::{Surroundings, aadsts};
use crate::base::text::tame;
use crate::config::Profile;
use crate::domain::check::{CheckResult, Outcome};
use crate::domain::login::Registration;
use crate::net::probe::{self, Seen};

const NAME: &str = "registration";
const TITLE: &str = "Registration";
/// Nobody listens there: the answer is only looked at.
const REDIRECT: &str = "http://localhost";
/// A challenge of the right length; its verifier is nobody's.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// The check, left out.
pub(super) fn left_out(reason: &str) -> CheckResult {
    CheckResult::skipped(NAME, TITLE, reason)
}

/// What the service says about the registration of the profile.
pub(super) async fn check(surroundings: &Surroundings, profile: &Profile) -> CheckResult {
    if profile.client_id.is_empty() {
        return left_out("The profile names none.");
    }
    let _working = surroundings.activity.begin();
    let tenant = if profile.tenant.is_empty() { "organizations".to_owned() } else { profile.tenant.clone() };
    let registration = Registration { client_id: profile.client_id.clone(), tenant };
    let by_code = by_code(surroundings, &registration).await;
    let by_browser = by_browser(surroundings, &registration).await;
    let check = match (by_code, by_browser) {
        (Err(refusal), _) if !is_about_codes(&refusal) => refused(&refusal),
        (_, Err(refusal)) => refused(&refusal),
        (Err(refusal), Ok(())) => {
            let report = refusal.report("Signing in by code is not possible.");
            CheckResult::from_report(NAME, TITLE, Outcome::Warning, &report)
        }
        (Ok(()), Ok(())) => CheckResult::passed(NAME, TITLE, "It exists, needs no secret, and lists http://localhost."),
    };
    check.detail("client id", registration.client_id)
}

/// What the token request of a service says about its registration.
pub(super) fn of_service(profile: &Profile, token: Result<(), &AuthError>) -> CheckResult {
    let check = match token {
        Ok(()) => CheckResult::passed(NAME, TITLE, "It exists, and what proves the service is accepted."),
        Err(AuthError::Refused(refusal)) => refused(refusal),
        Err(error) => {
            let report = error.report();
            let outcome = if error.is_transient() { Outcome::Warning } else { Outcome::Failed };
            CheckResult::from_report(NAME, TITLE, outcome, &report)
        }
    };
    let way = if profile.certificate.is_some() { "a certificate" } else { "a secret" };
    check.detail("client id", profile.client_id.clone()).detail("proves itself by", way)
}

/// A policy against codes is no fault of the registration.
fn is_about_codes(refusal: &Refusal) -> bool {
    refusal.codes.iter().any(|code| matches!(code, 53003 | 530_036 | 50199 | 50134))
}

fn refused(refusal: &Refusal) -> CheckResult {
    let code = match refusal.codes.first() {
        Some(700_016 | 70001) => "registrationUnknown",
        Some(7_000_218) => "registrationNotPublic",
        Some(50011 | 500_113) => "redirectMissing",
        Some(50194) => "registrationOneTenant",
        Some(7_000_112) => "registrationDisabled",
        Some(90002) => "tenantNotFound",
        Some(50059 | 9_001_023) => "tenantNotNamed",
        Some(7_000_215) => "secretWrong",
        Some(7_000_222) => "secretExpired",
        Some(700_027 | 700_024 | 50012) => "certificateRefused",
        Some(7_000_229) => "registrationNotInTenant",
        Some(9_002_331 | 9_002_346 | 9_002_332) => "registrationAudience",
        _ => "registrationRefused",
    };
    let report = refusal.report("The sign-in service does not accept the registration.");
    CheckResult { code: code.to_owned(), ..CheckResult::from_report(NAME, TITLE, Outcome::Failed, &report) }
}

/// Asks for a device code and once for its outcome. What is no refusal says nothing about the registration.
async fn by_code(surroundings: &Surroundings, registration: &Registration) -> Result<(), Refusal> {
    let Ok(entra) = Entra::new(surroundings, registration) else { return Ok(()) };
    let code = match entra.device_code("openid").await {
        Ok(code) => code,
        Err(AuthError::Refused(refusal)) => return Err(*refusal),
        Err(_) => return Ok(()),
    };
    match entra.poll(&code).await {
        Err(AuthError::Refused(refusal)) => Err(*refusal),
        _ => Ok(()),
    }
}

/// Asks for a silent sign-in. A redirect says that the address is listed, whatever error it brings; a page says why not.
async fn by_browser(surroundings: &Surroundings, registration: &Registration) -> Result<(), Refusal> {
    let authority = &surroundings.clients.cloud().authority;
    let mut address = below(authority, &[&registration.tenant, "oauth2", "v2.0", "authorize"]);
    address.query_pairs_mut().extend_pairs([
        ("client_id", registration.client_id.as_str()),
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("response_mode", "query"),
        ("scope", "openid"),
        ("prompt", "none"),
        ("state", "doctor"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    match probe::sign_in(&surroundings.clients, &address).await {
        Ok(seen) => said_by_page(&seen).map_or(Ok(()), Err),
        Err(_) => Ok(()),
    }
}

/// The refusal a page shows; `None` for a redirect or a page that says nothing we know.
fn said_by_page(seen: &Seen) -> Option<Refusal> {
    if seen.location.is_some() {
        return None;
    }
    let text = String::from_utf8_lossy(&seen.body);
    let numbers = text.match_indices("AADSTS").filter_map(|(at, mark)| {
        let digits: String = text[at + mark.len()..].chars().take_while(char::is_ascii_digit).take(9).collect();
        digits.parse::<u64>().ok()
    });
    let numbers: Vec<u64> = numbers.collect();
    let known = numbers.iter().find(|code| aadsts::table().contains_key(code));
    // One that is not known counts on a page that is an error; any page may talk of numbers.
    let unknown = numbers.first().filter(|_| seen.status >= 400);
    let code = *known.or(unknown)?;
    // Signing in silently fails for everybody who has no session: that is what was asked for.
    (code != 50058).then(|| Refusal {
        status: seen.status,
        error: "invalid_request".to_owned(),
        codes: vec![code],
        description: sentence_of(&text, code),
        ..Refusal::default()
    })
}

/// What the page says behind the number, up to the next tag.
fn sentence_of(page: &str, code: u64) -> String {
    let mark = format!("AADSTS{code}");
    let behind = page.find(&mark).map_or("", |at| &page[at + mark.len()..]);
    let sentence: String =
        behind.trim_start_matches([':', ' ']).chars().take_while(|&sign| sign != '<').take(300).collect();
    tame(sentence.trim()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_for_its_number_and_a_redirect_is_not() {
        let page = |body: &str| Seen { status: 400, body: body.as_bytes().to_vec(), ..Seen::default() };
        let refusal = said_by_page(&page("<p>AADSTS50011: The redirect URI does not match.</p>")).expect("a refusal");
        assert_eq!(refused(&refusal).code, "redirectMissing");
        let new = said_by_page(&page("<p>AADSTS999: Something new is wrong.</p>")).expect("a refusal");
        let refused = refused(&new);
        assert_eq!(refused.code, "registrationRefused");
        assert!(refused.reason.contains("Something new is wrong."), "{}", refused.reason);
        let friendly = Seen { status: 200, body: b"<p>What is AADSTS999?</p>".to_vec(), ..Seen::default() };
        assert_eq!((said_by_page(&friendly), said_by_page(&page("<p>AADSTS: hello</p>"))), (None, None));
        let redirect = Seen {
            status: 302,
            location: Some("http://localhost/?error=login_required".to_owned()),
            ..Seen::default()
        };
        assert_eq!(said_by_page(&redirect), None);
    }
}
