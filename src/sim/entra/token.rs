//! What the token endpoint hands out: signed access and id tokens, refresh tokens that rotate.
//!
//! An access token for Graph is a JWT of version 1.0, whatever endpoint it came from; the Graph side looks it up in what was
//! handed out and never trusts its text. [access-token-claims-reference; id-token-claims-reference; refresh-tokens]

use crate::sim::company::Person;
use crate::sim::entra::account::{Account, Kind};
use crate::sim::entra::claims::Claims;
use crate::sim::entra::registration::Registration;
use crate::sim::entra::scopes::{self, GRAPH_AUDIENCE, answered, implied};
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
    /// Whether it was used at all; where tokens work once that is the end of it.
    pub(crate) spent: bool,
}

/// Where and how tokens are asked for.
pub(crate) struct Occasion<'a> {
    pub(crate) shared: &'a Shared,
    /// The authority as the client reached it; the issuer of id tokens.
    pub(crate) base: &'a str,
    /// The claims of the token request.
    pub(crate) claims: &'a Claims,
    /// Whether `client_info=1` was sent.
    pub(crate) client_info: bool,
}

/// A token that can be challenged lives a day. [app-resilience-continuous-access-evaluation]
const CHALLENGED_LIFE: u64 = 24 * 60 * 60;

/// The answer of the token endpoint for a person.
pub(crate) fn for_person(occasion: &Occasion<'_>, approval: &Approval) -> Option<Value> {
    let shared = occasion.shared;
    let (person, policy) = {
        let world = lock(&shared.world);
        (world.company.people.iter().find(|person| person.id == approval.person)?.clone(), world.policy.clone())
    };
    let now = seconds(shared.clock.now());
    let personal = approval.account.kind == Kind::Personal;
    let announced = policy.continuous_access && !personal && occasion.claims.announced();
    let life = policy.token_seconds.unwrap_or_else(|| match (announced, personal) {
        (true, _) => CHALLENGED_LIFE,
        (false, true) => 3600,
        (false, false) => random_life(shared),
    });
    let mut granted = approval.granted.clone();
    if personal {
        granted.retain(|scope| !scopes::is_work_only(scope));
    }
    let approval = &Approval { granted, ..approval.clone() };
    let scope = answered(&approval.asked.identity, &approval.granted);
    let access = if personal {
        // Opaque, and without any dot. [access-tokens]
        format!("EwB{}", shared.ids.token(900))
    } else {
        keys::sign(&person_claims(shared, approval, &person, now, life, announced))
    };
    let made = Made { person: Some(approval), client: &approval.client, granted: &approval.granted, announced };
    remember(shared, &access, &made, occasion.claims, now + life);
    let mut body = json!({
        "token_type": "Bearer", "scope": scope, "expires_in": life, "ext_expires_in": life, "access_token": access,
    });
    if approval.asked.offline {
        let token = format!("1.AQ{}", shared.ids.token(policy.refresh_token_length));
        let refresh = Refresh { approval: approval.clone(), used: now, spent: false };
        lock(&shared.sign_in).refreshes.insert(token.clone(), refresh);
        body["refresh_token"] = json!(token);
    }
    if approval.asked.identity.contains("openid") {
        body["id_token"] = json!(keys::sign(&identity_claims(occasion, approval, &person, now)));
    }
    if occasion.client_info {
        let info = json!({"uid": approval.account.object, "utid": approval.account.tenant});
        body["client_info"] = json!(URL_SAFE_NO_PAD.encode(info.to_string()));
    }
    Some(body)
}

/// The answer of the token endpoint for an application: no `scope`, no refresh token, no id token.
pub(crate) fn for_application(shared: &Shared, registration: &Registration, how: &str) -> Value {
    let now = seconds(shared.clock.now());
    let roles = &registration.roles;
    let account =
        Account { tenant: shared.tenant_id.clone(), object: registration.principal_id.clone(), kind: Kind::Member };
    let mut claims = common_claims(shared, &registration.client_id, &account, now, APPLICATION_LIFE);
    claims["app_displayname"] = json!(registration.name);
    claims["appidacr"] = json!(how);
    claims["idtyp"] = json!("app");
    claims["sub"] = json!(account.object);
    if !roles.is_empty() {
        claims["roles"] = json!(roles);
    }
    let access = keys::sign(&claims);
    let made = Made { person: None, client: &registration.client_id, granted: roles, announced: false };
    remember(shared, &access, &made, &Claims::default(), now + APPLICATION_LIFE);
    json!({"token_type": "Bearer", "expires_in": APPLICATION_LIFE, "ext_expires_in": APPLICATION_LIFE, "access_token": access})
}

/// An access token that was made.
struct Made<'a> {
    person: Option<&'a Approval>,
    client: &'a str,
    granted: &'a [String],
    announced: bool,
}

fn remember(shared: &Shared, token: &str, made: &Made<'_>, claims: &Claims, expires: u64) {
    let mut sign_in = lock(&shared.sign_in);
    let serial = sign_in.next();
    let access = Access {
        person: made.person.map(|approval| approval.person.clone()),
        client: made.client.to_owned(),
        held: implied(made.granted),
        expires,
        begun: made.person.map_or(0, |approval| approval.begun),
        serial,
        announced: made.announced,
        kind: made.person.map(|approval| approval.account.kind),
    };
    if let Some(approval) = made.person {
        let mut of_person = sign_in.challenges.iter_mut().filter(|one| one.person == approval.person);
        of_person.by_ref().filter(|one| one.is_met(claims, &approval.claims)).for_each(|one| one.answered(serial));
    }
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

fn common_claims(shared: &Shared, client: &str, account: &Account, now: u64, life: u64) -> Value {
    json!({
        "aud": GRAPH_AUDIENCE,
        "iss": format!("https://sts.windows.net/{}/", account.tenant),
        "iat": now, "nbf": now, "exp": now + life,
        "app_displayname": "deskbell", "appid": client, "appidacr": "0", "idtyp": "user",
        "oid": account.object, "tid": account.tenant, "uti": shared.ids.token(22), "ver": "1.0",
    })
}

fn person_claims(shared: &Shared, approval: &Approval, person: &Person, now: u64, life: u64, announced: bool) -> Value {
    let account = &approval.account;
    let guest = account.kind == Kind::Guest;
    let mut claims = common_claims(shared, &approval.client, account, now, life);
    claims["acct"] = json!(u8::from(guest));
    claims["name"] = json!(person.display_name);
    claims["scp"] = json!(answered(&approval.asked.identity, &approval.granted));
    claims["sub"] = json!(pairwise(&approval.client, &account.object));
    claims["upn"] = json!(name_of(person, account));
    claims["unique_name"] = json!(name_of(person, account));
    if let Some(home) = person.home_tenant.as_ref().filter(|_| guest) {
        claims["idp"] = json!(format!("https://sts.windows.net/{home}/"));
    }
    if announced {
        claims["xms_cc"] = json!(["CP1"]);
    }
    claims
}

/// The name people know; at home a guest has none with `#EXT#` in it.
fn name_of<'a>(person: &'a Person, account: &Account) -> &'a str {
    match (account.kind, &person.mail) {
        (Kind::Elsewhere, Some(mail)) => mail,
        _ => &person.user_principal_name,
    }
}

fn identity_claims(occasion: &Occasion<'_>, approval: &Approval, person: &Person, now: u64) -> Value {
    let account = &approval.account;
    let mut claims = json!({
        "aud": approval.client,
        "iss": format!("{}/{}/v2.0", occasion.base, account.tenant),
        "iat": now, "nbf": now, "exp": now + 3600,
        "sub": pairwise(&approval.client, &account.object),
        "tid": account.tenant, "uti": occasion.shared.ids.token(22), "ver": "2.0",
    });
    if approval.asked.identity.contains("profile") {
        claims["oid"] = json!(account.object);
        claims["name"] = json!(person.display_name);
        claims["preferred_username"] = json!(name_of(person, account));
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
