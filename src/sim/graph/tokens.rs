//! The token check of Graph: what is missing, garbage, for somebody else, expired or revoked gets 401. [resolve-auth-errors]
//!
//! A token is looked up in what the authority handed out; its text is read only to name what is wrong with a foreign one.

use crate::sim::entra::Access;
use crate::sim::entra::claims::Challenge;
use crate::sim::entra::policy::is;
use crate::sim::http::seconds;
use crate::sim::request::{Answer, Caller};
use crate::sim::tenant::{Shared, lock};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// Who calls.
///
/// # Errors
/// 401 with the reason.
pub(crate) fn check(shared: &Shared, header: Option<&str>) -> Result<Caller, Answer> {
    let refuse = |message: &str| Err(unauthorized(shared, "InvalidAuthenticationToken", message));
    let Some(token) = header.and_then(bearer).filter(|token| !token.is_empty()) else {
        return refuse("Access token is empty.");
    };
    let (access, ended, challenge) = {
        let sign_in = lock(&shared.sign_in);
        let Some(access) = sign_in.access(token) else { return refuse(foreign(shared, token)) };
        (access.clone(), sign_in.revoked(access), sign_in.challenged(access).cloned())
    };
    if ended || access.announced && is_disabled(shared, &access) {
        return Err(revoked(shared, access.announced));
    }
    if seconds(shared.clock.now()) >= access.expires {
        return refuse("Lifetime validation failed, the token is expired.");
    }
    if let Some(challenge) = challenge {
        if access.announced {
            return Err(challenged(shared, &challenge));
        }
        // Whoever cannot answer a challenge is only told that a policy stands in the way. \[errors\]
        let message = "The token lacks claims that a policy of the tenant demands.";
        return Err(Answer::error(403, "insufficient_claims", message));
    }
    if access.person.is_none() && access.held.is_empty() {
        let message = "The token contains no permissions, or permissions can not be understood.";
        return Err(unauthorized(shared, "NoPermissionsInAccessToken", message));
    }
    Ok(caller(access))
}

fn is_disabled(shared: &Shared, access: &Access) -> bool {
    let world = lock(&shared.world);
    let person = access.person.as_deref().and_then(|person| world.company.find(person));
    person.is_some_and(|person| world.policy.disabled.iter().any(|name| is(name, world.person(person))))
}

fn caller(access: Access) -> Caller {
    Caller { person: access.person, client: access.client, granted: access.held, kind: access.kind }
}

fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Why a token we never made is refused.
fn foreign(shared: &Shared, token: &str) -> &'static str {
    let claims = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let Some(claims) = claims.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) else {
        return "CompactToken parsing failed with error code: 80049217";
    };
    let expired = claims["exp"].as_u64().is_some_and(|end| end <= seconds(shared.clock.now()));
    match claims["aud"].as_str() {
        Some("https://graph.microsoft.com" | "00000003-0000-0000-c000-000000000000") if expired => {
            "Lifetime validation failed, the token is expired."
        }
        Some("https://graph.microsoft.com" | "00000003-0000-0000-c000-000000000000") => {
            "Access token validation failure. Invalid signature."
        }
        _ => "Access token validation failure. Invalid audience.",
    }
}

/// The 401 of somebody whose sessions were ended; with a challenge for a client that said it can answer one.
pub(crate) fn revoked(shared: &Shared, announced: bool) -> Answer {
    let message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
                   TokenIssuedBeforeRevocationTimestamp";
    if announced {
        let challenge = Challenge::not_before(seconds(shared.clock.now()));
        return Answer { body: unauthorized(shared, INVALID, message).body, ..challenged(shared, &challenge) };
    }
    unauthorized(shared, INVALID, message)
}

/// The 401 that asks for a token with claims. [claims-challenge]
pub(crate) fn challenged(shared: &Shared, challenge: &Challenge) -> Answer {
    let claims = STANDARD.encode(&challenge.claims);
    let bearer = if challenge.several {
        // The order of parameters is nobody's promise.
        format!(
            "Bearer claims=\"{claims}\", error=\"insufficient_claims\", realm=\"\", {}, {GRAPH}",
            authorization(shared)
        )
    } else {
        format!("{}, error=\"insufficient_claims\", claims=\"{claims}\"", plain(shared))
    };
    let message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
                   InsufficientClaims";
    let answer = Answer::error(401, INVALID, message);
    if !challenge.several {
        return answer.with("WWW-Authenticate", &bearer);
    }
    let nonce = shared.ids.token(24);
    let proof = format!("PoP realm=\"\", {}, {GRAPH}, nonce=\"{nonce}\"", authorization(shared));
    answer.with("WWW-Authenticate", &format!("{proof}, {bearer}"))
}

const INVALID: &str = "InvalidAuthenticationToken";
const GRAPH: &str = "client_id=\"00000003-0000-0000-c000-000000000000\"";

fn authorization(shared: &Shared) -> String {
    format!("authorization_uri=\"{}/common/oauth2/authorize\"", shared.authority)
}

fn plain(shared: &Shared) -> String {
    format!("Bearer realm=\"\", {}, {GRAPH}", authorization(shared))
}

/// What the diagnostics header says beside a reason. \[field\]
fn diagnostics(code: &str, message: &str) -> Option<&'static str> {
    match (code, message) {
        ("NoPermissionsInAccessToken", _) => Some(
            "2000008;reason=\"The token contains no permissions, or permissions can not be understood.\";\
             error_category=\"invalid_grant\"",
        ),
        (_, message) if message.contains("audience") => Some(
            "2000003;reason=\"The audience claim value is invalid for current resource.\";\
             error_category=\"invalid_resource\"",
        ),
        (_, message) if message.contains("signature") => {
            Some("2000001;reason=\"The token has an invalid signature.\";error_category=\"invalid_token\"")
        }
        _ => None,
    }
}

fn unauthorized(shared: &Shared, code: &str, message: &str) -> Answer {
    let answer = Answer::error(401, code, message).with("WWW-Authenticate", &plain(shared));
    match diagnostics(code, message) {
        Some(told) => answer.with("x-ms-diagnostics", told),
        None => answer,
    }
}

/// `GET /oidc/userinfo`. [userinfo]
pub(crate) fn userinfo(shared: &Shared, caller: &Caller) -> Answer {
    let world = lock(&shared.world);
    let oid = caller.person.as_deref().unwrap_or_default();
    match world.company.people.iter().find(|person| person.id == oid) {
        Some(person) => Answer::ok(json!({
            "sub": person.id, "name": person.display_name, "given_name": person.given_name, "family_name": person.surname,
            "email": person.mail,
        })),
        None => Answer::error(401, "InvalidAuthenticationToken", "The token is not a person's."),
    }
}
