//! What the token endpoint hands out: signed access and id tokens, refresh tokens that rotate.
//!
//! An access token for Graph is a JWT of version 1.0, whatever endpoint it came from; the Graph side looks it up in what was
//! handed out and never trusts its text. [access-token-claims-reference; id-token-claims-reference; refresh-tokens]

use crate::sim::company::Person;
use crate::sim::entra::scopes::{GRAPH_AUDIENCE, ROLES, answered, implied};
use crate::sim::entra::{Access, Approval, keys};
use crate::sim::http::seconds;
use crate::sim::tenant::{Shared, lock};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// An application's token lives so many seconds. [v2-oauth2-client-creds-grant-flow]
const APPLICATION_LIFE: u64 = 3599;

/// What a refresh token stands for.
#[derive(Clone, Debug)]
pub(crate) struct Refresh {
    pub(crate) approval: Approval,
    /// Last use, in seconds since 1970; 90 days later it is void.
    pub(crate) used: u64,
}

/// Where and how tokens are asked for.
pub(crate) struct Occasion<'a> {
    pub(crate) shared: &'a Shared,
    /// The authority as the client reached it; the issuer of id tokens.
    pub(crate) base: &'a str,
    /// Whether `client_info=1` was sent.
    pub(crate) client_info: bool,
}

/// The answer of the token endpoint for a person.
pub(crate) fn for_person(occasion: &Occasion<'_>, approval: &Approval) -> Option<Value> {
    let shared = occasion.shared;
    let person = {
        let world = lock(&shared.world);
        world.company.people.iter().find(|person| person.id == approval.person)?.clone()
    };
    let now = seconds(shared.clock.now());
    let life = random_life(shared);
    let scope = answered(&approval.asked.identity, &approval.granted);
    let access = keys::sign(&person_claims(shared, approval, &person, now, life));
    remember(shared, &access, Some(&approval.person), &approval.client, &approval.granted, now + life, approval.begun);
    let mut body = json!({
        "token_type": "Bearer", "scope": scope, "expires_in": life, "ext_expires_in": life, "access_token": access,
    });
    if approval.asked.offline {
        let token = format!("1.AQ{}", shared.ids.token(320));
        let refresh = Refresh { approval: approval.clone(), used: now };
        lock(&shared.sign_in).refreshes.insert(token.clone(), refresh);
        body["refresh_token"] = json!(token);
    }
    if approval.asked.identity.contains("openid") {
        body["id_token"] = json!(keys::sign(&identity_claims(occasion, approval, &person, now)));
    }
    if occasion.client_info {
        let info = json!({"uid": approval.person, "utid": shared.tenant_id});
        body["client_info"] = json!(URL_SAFE_NO_PAD.encode(info.to_string()));
    }
    Some(body)
}

/// The answer of the token endpoint for an application: no `scope`, no refresh token, no id token.
pub(crate) fn for_application(shared: &Shared, client: &str) -> Value {
    let now = seconds(shared.clock.now());
    let roles: Vec<String> = if client == shared.clients.without_roles { &[] } else { ROLES }
        .iter()
        .map(|role| (*role).to_owned())
        .collect();
    // The service principal of the application; the same for the same client.
    let object = client.replacen("5c0a", "5c0b", 1);
    let mut claims = common_claims(shared, client, &object, now, APPLICATION_LIFE);
    claims["appidacr"] = json!("1");
    claims["idtyp"] = json!("app");
    claims["sub"] = json!(object);
    if !roles.is_empty() {
        claims["roles"] = json!(roles);
    }
    let access = keys::sign(&claims);
    remember(shared, &access, None, client, &roles, now + APPLICATION_LIFE, 0);
    json!({"token_type": "Bearer", "expires_in": APPLICATION_LIFE, "ext_expires_in": APPLICATION_LIFE, "access_token": access})
}

fn remember(
    shared: &Shared,
    token: &str,
    person: Option<&str>,
    client: &str,
    granted: &[String],
    expires: u64,
    begun: u64,
) {
    let held = implied(granted);
    let access = Access { person: person.map(str::to_owned), client: client.to_owned(), held, expires, begun };
    let mut sign_in = lock(&shared.sign_in);
    // A day after its end nobody will ask why a token is void.
    let old = seconds(shared.clock.now()).saturating_sub(24 * 60 * 60);
    sign_in.access.retain(|_, access| access.expires >= old);
    sign_in.access.insert(token.to_owned(), access);
}

/// Between 60 and 90 minutes. [access-tokens]
fn random_life(shared: &Shared) -> u64 {
    let mut bytes = [0; 2];
    shared.ids.fill(&mut bytes);
    3600 + u64::from(u16::from_le_bytes(bytes)) % 1801
}

fn common_claims(shared: &Shared, client: &str, object: &str, now: u64, life: u64) -> Value {
    json!({
        "aud": GRAPH_AUDIENCE,
        "iss": format!("https://sts.windows.net/{}/", shared.tenant_id),
        "iat": now, "nbf": now, "exp": now + life,
        "app_displayname": "deskbell", "appid": client, "appidacr": "0", "idtyp": "user",
        "oid": object, "tid": shared.tenant_id, "uti": shared.ids.token(22), "ver": "1.0",
    })
}

fn person_claims(shared: &Shared, approval: &Approval, person: &Person, now: u64, life: u64) -> Value {
    let mut claims = common_claims(shared, &approval.client, &person.id, now, life);
    claims["acct"] = json!(u8::from(person.kind == "guest"));
    claims["name"] = json!(person.display_name);
    claims["scp"] = json!(answered(&approval.asked.identity, &approval.granted));
    claims["sub"] = json!(pairwise(&approval.client, &person.id));
    claims["upn"] = json!(person.user_principal_name);
    claims["unique_name"] = json!(person.user_principal_name);
    claims
}

fn identity_claims(occasion: &Occasion<'_>, approval: &Approval, person: &Person, now: u64) -> Value {
    let tenant = &occasion.shared.tenant_id;
    let mut claims = json!({
        "aud": approval.client,
        "iss": format!("{}/{tenant}/v2.0", occasion.base),
        "iat": now, "nbf": now, "exp": now + 3600,
        "sub": pairwise(&approval.client, &person.id),
        "tid": tenant, "uti": occasion.shared.ids.token(22), "ver": "2.0",
    });
    if approval.asked.identity.contains("profile") {
        claims["oid"] = json!(person.id);
        claims["name"] = json!(person.display_name);
        claims["preferred_username"] = json!(person.user_principal_name);
    }
    if let Some(mail) = person.mail.as_ref().filter(|_| approval.asked.identity.contains("email")) {
        claims["email"] = json!(mail);
    }
    if let Some(nonce) = &approval.nonce {
        claims["nonce"] = json!(nonce);
    }
    claims
}

/// The same for one person and one client, and no use to another client.
fn pairwise(client: &str, person: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, format!("{client}|{person}").as_bytes());
    URL_SAFE_NO_PAD.encode(digest)
}
