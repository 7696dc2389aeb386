//! The access token: whether there is one, and whether it can be the right one, by what it says of itself.
//!
//! Decoding decides nothing; Graph has the last word in [`super::mailbox`]. But it knows why Graph will say no.

use crate::auth::access_token::{self, Facts, Reading};
use crate::auth::{AuthError, Surroundings};
use crate::base::secret::Secret;
use crate::config::Profile;
use crate::domain::account::AccountKind;
use crate::domain::check::{CheckResult, Outcome};
use crate::domain::time::duration_words;
use crate::engine::access::Access;
use crate::net::cloud::Cloud;
use jiff::{SignedDuration, Timestamp};

/// The checks that follow a sign-in, in order; the first is the account itself.
pub(super) const NAMES: [(&str, &str); 5] =
    [super::ACCOUNT, TOKEN, super::permissions::CHECK, super::mailbox::SERVICE, super::mailbox::MAILBOX];

const TOKEN: (&str, &str) = ("token", "Access token");
/// Graph's own application id; tokens may be made out to it [access-token-claims-reference].
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";
/// Clocks of different machines differ by so many seconds.
const LEEWAY: i64 = 60;

/// Whose token it is as far as it says so itself; `known` otherwise.
pub(super) fn kind_of(token: Option<&Secret<String>>, known: AccountKind) -> AccountKind {
    match token.map(access_token::read) {
        Some(Reading::Facts(facts)) if facts.is_application => AccountKind::Service,
        _ => known,
    }
}

/// Reads the token that every call would be sent with, or says why there is none.
pub(super) fn check(
    surroundings: &Surroundings,
    profile: &Profile,
    access: &Access,
    token: &Result<Secret<String>, AuthError>,
) -> CheckResult {
    let (name, title) = TOKEN;
    let token = match token {
        Ok(token) => token,
        Err(error) => return none(error),
    };
    let now = Timestamp::try_from(surroundings.clock.now()).unwrap_or(Timestamp::MAX);
    match access_token::read(token) {
        Reading::NotAToken(why) => {
            let reason = format!("What was given is no token: {why}.");
            CheckResult::new(name, title, Outcome::Failed, "tokenMalformed", reason)
                .remedy("Give the access token alone, on one line.")
        }
        Reading::Opaque => {
            let whose = match access.kind {
                AccountKind::Personal => "as all of personal accounts are",
                AccountKind::Work | AccountKind::Service => "as those of personal accounts and encrypted ones are",
            };
            let reason = format!("It is opaque, {whose}: what it holds cannot be read from here, only Graph can.");
            let ends = access.tokens.facts().ends.map(|at| at.to_string()).unwrap_or_default();
            CheckResult::passed(name, title, reason).detail("ends", ends)
        }
        Reading::Facts(facts) => {
            let expected = Expected {
                cloud: surroundings.clients.cloud(),
                client_id: &profile.client_id,
                tenant: access.tenant.as_deref(),
                kind: access.kind,
            };
            judge(&facts, &expected, now)
        }
    }
}

fn none(error: &AuthError) -> CheckResult {
    let report = error.report();
    let check = CheckResult::from_report(TOKEN.0, TOKEN.1, Outcome::Failed, &report);
    let code = match error {
        AuthError::NeedsLogin(_) | AuthError::SignedOut => "signInNeeded",
        AuthError::Refused(_) => "signInRefused",
        AuthError::Unavailable { .. } | AuthError::Unreachable(_) => "signInUnreachable",
        _ => return check,
    };
    CheckResult { code: code.to_owned(), ..check }
}

/// What a token has to agree with.
struct Expected<'a> {
    cloud: &'a Cloud,
    client_id: &'a str,
    tenant: Option<&'a str>,
    kind: AccountKind,
}

/// Whether a token with these claims can be accepted by Graph.
fn judge(facts: &Facts, expected: &Expected<'_>, now: Timestamp) -> CheckResult {
    with_details(verdict(facts, expected, now), facts)
}

fn verdict(facts: &Facts, expected: &Expected<'_>, now: Timestamp) -> CheckResult {
    let (name, title) = TOKEN;
    let failed = |code: &str, reason: String| CheckResult::new(name, title, Outcome::Failed, code, reason);
    if facts.is_id_token || (!expected.client_id.is_empty() && facts.audience.eq_ignore_ascii_case(expected.client_id))
    {
        return failed("idToken", "It is an id token: it tells who somebody is and opens nothing.".to_owned())
            .remedy("Give the access token of the same answer.");
    }
    if !is_for_graph(&facts.audience, expected.cloud) {
        let reason = match cloud_of(&facts.audience) {
            Some(cloud) => format!("It was made for Graph of another cloud ({cloud})."),
            None => format!("It was made for another service ({}).", facts.audience),
        };
        return failed("wrongAudience", reason)
            .remedy(format!(
                "Ask for a token for {}, with Graph's scopes.",
                expected.cloud.graph.as_str().trim_end_matches('/')
            ))
            .remedy("Or sign in with deskbell itself: deskbell login");
    }
    let seconds = now.as_second();
    if let Some(expires) = facts.expires.filter(|expires| *expires <= seconds) {
        return failed("tokenExpired", format!("It ended {} ago.", span(seconds - expires)))
            .remedy("Get a fresh one.")
            .remedy("If it is fresh, this computer's clock is wrong.");
    }
    if let Some(begins) = facts.not_before.or(facts.issued).filter(|begins| *begins > seconds + LEEWAY) {
        return failed(
            "tokenNotYet",
            format!("It begins in {} only: this computer's clock is behind.", span(begins - seconds)),
        )
        .remedy("Set the clock of this computer.");
    }
    if expected.tenant.is_some_and(|tenant| !facts.tenant.is_empty() && !facts.tenant.eq_ignore_ascii_case(tenant)) {
        return failed("wrongTenant", format!("It was made in another tenant ({}) than the account's.", facts.tenant))
            .remedy("Set `tenant` to the account's own tenant, then sign in again.");
    }
    if facts.is_application && facts.roles.is_empty() {
        return failed(
            "appWithoutRoles",
            "It is an application's own and holds no role, so Graph refuses everything.".to_owned(),
        )
        .remedy("Add application permissions to the registration and let an administrator grant them.");
    }
    if !facts.is_application && !opens_something(&facts.scopes) {
        return failed("noGraphScope", "It holds no scope of Graph's, only those of signing in.".to_owned())
            .remedy("Sign in again and agree to the permissions.")
            .remedy("Or ask your administrator to grant them.");
    }
    if expected.kind == AccountKind::Service && !facts.is_application {
        return failed("notAnApplication", "The profile is a service's, but the token is a person's.".to_owned())
            .remedy("Check the profile's `kind`.");
    }
    let whose = if facts.is_application { "The application's own".to_owned() } else { "A person's".to_owned() };
    let until = facts.expires.map_or_else(String::new, |expires| format!(", good for {}", span(expires - seconds)));
    let check = CheckResult::passed(name, title, format!("{whose}, for Graph{until}."));
    if facts.is_guest {
        let reason = format!("{} The account is a guest in this tenant.", check.reason);
        return CheckResult::new(name, title, Outcome::Warning, "guest", reason)
            .remedy("For your own mailbox set `tenant` to your own organisation's tenant id.");
    }
    check
}

fn with_details(check: CheckResult, facts: &Facts) -> CheckResult {
    let time = |seconds: Option<i64>| seconds.map(instant).unwrap_or_default();
    let yes = |is: bool| if is { "yes" } else { "" };
    check
        .detail("audience", &*facts.audience)
        .detail("issuer", &*facts.issuer)
        .detail("tenant", &*facts.tenant)
        .detail("scopes", &*facts.scopes)
        .detail("roles", facts.roles.join(" "))
        .detail("application", &*facts.application)
        .detail("application proves itself", facts.application_proof)
        .detail("person", &*facts.person)
        .detail("identity provider", &*facts.identity_provider)
        .detail("guest", yes(facts.is_guest))
        .detail("answers challenges", yes(facts.answers_challenges))
        .detail("issued", time(facts.issued))
        .detail("not before", time(facts.not_before))
        .detail("ends", time(facts.expires))
        .detail("version", &*facts.version)
}

fn is_for_graph(audience: &str, cloud: &Cloud) -> bool {
    let wanted = cloud.graph.as_str().trim_end_matches('/');
    let audience = audience.trim_end_matches('/');
    // A simulated or relayed Graph has another address than the name its tokens are made out to.
    let is_own = crate::net::cloud::is_loopback(&cloud.graph) && audience == "https://graph.microsoft.com";
    is_own || audience.eq_ignore_ascii_case(wanted) || audience.eq_ignore_ascii_case(GRAPH_ID)
}

/// The cloud whose Graph the audience is.
fn cloud_of(audience: &str) -> Option<&'static str> {
    ["global", "usgov", "dod", "china"].into_iter().find(|name| {
        Cloud::named(name)
            .is_ok_and(|cloud| cloud.graph.as_str().trim_end_matches('/') == audience.trim_end_matches('/'))
    })
}

fn opens_something(scopes: &str) -> bool {
    scopes.split_whitespace().any(|scope| !matches!(scope, "openid" | "profile" | "email" | "offline_access"))
}

/// A length in words: sentences name no clock, since nobody's zone is known here; the details hold the instants.
fn span(seconds: i64) -> String {
    duration_words(SignedDuration::from_secs(seconds))
}

fn instant(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(|_| "a time out of range".to_owned(), |at| at.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_252_333;

    fn good() -> Facts {
        Facts {
            audience: "https://graph.microsoft.com".to_owned(),
            scopes: "User.Read Mail.Read".to_owned(),
            application: "11111111-2222-3333-4444-555555555555".to_owned(),
            tenant: "t".to_owned(),
            issued: Some(NOW - 60),
            not_before: Some(NOW - 60),
            expires: Some(NOW + 3600),
            ..Facts::default()
        }
    }

    fn code(facts: &Facts) -> String {
        code_for(AccountKind::Work, facts)
    }

    fn code_for(kind: AccountKind, facts: &Facts) -> String {
        let cloud = Cloud::named("global").expect("a cloud");
        let expected = Expected { cloud: &cloud, client_id: "me", tenant: Some("t"), kind };
        judge(facts, &expected, Timestamp::from_second(NOW).expect("a time")).code
    }

    #[test]
    fn every_reason_for_a_401_has_its_own_word() {
        assert_eq!(code(&good()), "ok");
        assert_eq!(code(&Facts { audience: GRAPH_ID.to_owned(), ..good() }), "ok");
        assert_eq!(code(&Facts { audience: "https://graph.windows.net".to_owned(), ..good() }), "wrongAudience");
        assert_eq!(code(&Facts { audience: "https://graph.microsoft.us".to_owned(), ..good() }), "wrongAudience");
        assert_eq!(code(&Facts { audience: "me".to_owned(), ..good() }), "idToken");
        assert_eq!(code(&Facts { expires: Some(NOW), ..good() }), "tokenExpired");
        assert_eq!(code(&Facts { not_before: Some(NOW + 3600), ..good() }), "tokenNotYet");
        assert_eq!(code(&Facts { not_before: Some(NOW + LEEWAY), ..good() }), "ok", "clocks differ by a little");
        assert_eq!(code(&Facts { tenant: "u".to_owned(), ..good() }), "wrongTenant");
        assert_eq!(code(&Facts { scopes: "openid profile".to_owned(), ..good() }), "noGraphScope");
        let application = Facts { scopes: String::new(), is_application: true, ..good() };
        assert_eq!(code(&application), "appWithoutRoles");
        assert_eq!(code(&Facts { roles: vec!["Mail.Read".to_owned()], ..application }), "ok");
        assert_eq!(code(&Facts { is_guest: true, ..good() }), "guest");
        assert_eq!(code_for(AccountKind::Service, &good()), "notAnApplication");
    }
}
