//! The token check of Graph: what is missing, garbage, for somebody else, expired or revoked gets 401. [resolve-auth-errors]
//!
//! A token is looked up in what the authority handed out; its text is read only to name what is wrong with a foreign one.

use crate::sim::entra::Access;
use crate::sim::http::seconds;
use crate::sim::request::{Answer, Caller};
use crate::sim::tenant::{Shared, lock};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
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
    let sign_in = lock(&shared.sign_in);
    let Some(access) = sign_in.access(token) else { return refuse(foreign(shared, token)) };
    if sign_in.revoked(access) {
        return Err(revoked(shared));
    }
    if seconds(shared.clock.now()) >= access.expires {
        return refuse("Lifetime validation failed, the token is expired.");
    }
    if access.person.is_none() && access.held.is_empty() {
        let message = "The token contains no permissions, or permissions can not be understood.";
        return Err(unauthorized(shared, "NoPermissionsInAccessToken", message));
    }
    Ok(caller(access))
}

fn caller(access: &Access) -> Caller {
    Caller { person: access.person.clone(), client: access.client.clone(), granted: access.held.clone() }
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

/// The 401 of somebody whose sessions were ended.
pub(crate) fn revoked(shared: &Shared) -> Answer {
    let message = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
                   TokenIssuedBeforeRevocationTimestamp";
    unauthorized(shared, "InvalidAuthenticationToken", message)
}

fn unauthorized(shared: &Shared, code: &str, message: &str) -> Answer {
    let challenge = format!(
        "Bearer realm=\"\", authorization_uri=\"{}/common/oauth2/authorize\", \
         client_id=\"00000003-0000-0000-c000-000000000000\"",
        shared.authority
    );
    Answer::error(401, code, message).with("WWW-Authenticate", &challenge)
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
