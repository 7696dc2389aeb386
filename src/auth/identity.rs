//! Reading what a token says about its holder.
//!
//! Must stay true: an account is keyed by the claims the provider names (`tid` and `oid` at Entra ID); names and addresses are
//! shown and never compared [id-token-claims-reference]. Signatures are not checked: the id token came straight from the token
//! endpoint.

use super::errors::AuthError;
use crate::base::secret::Secret;
use crate::base::text::tame;
use crate::domain::account::{AccountKey, AccountKind, Scopes};
use crate::domain::provider::Provider;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Who signed in, from the id token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Tenant and person.
    pub key: AccountKey,
    /// Shown name, tame; the address when the token has none.
    pub name: String,
    /// Shown address, tame.
    pub address: String,
    /// Work or personal.
    pub kind: AccountKind,
}

/// What an id token must agree with.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// Our client id.
    pub client_id: &'a str,
    /// The tenant of the request: a GUID is demanded, anything else demands nothing.
    pub tenant: &'a str,
    /// The nonce we sent, if the flow can send one.
    pub nonce: Option<&'a Secret<String>>,
    /// What the claims are called.
    pub provider: &'a Provider,
}

/// The claims of a token, by name.
type Claims = Map<String, Value>;

/// From when to when a token says it is good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Life {
    /// `iat`.
    pub issued: Option<Timestamp>,
    /// `exp`.
    pub ends: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Times {
    #[serde(default)]
    iat: Option<i64>,
    #[serde(default)]
    exp: Option<i64>,
}

#[derive(Deserialize)]
struct Granted {
    #[serde(default)]
    scp: Option<String>,
    #[serde(default)]
    roles: Option<Vec<String>>,
}

/// Reads an id token and checks audience, tenant and nonce.
///
/// # Errors
/// [`AuthError::Malformed`] when it cannot be read, [`AuthError::Mismatch`] when it belongs to something else.
pub fn read(id_token: &Secret<String>, expected: &Expected<'_>) -> Result<Identity, AuthError> {
    let Expected { client_id, tenant, nonce, provider } = *expected;
    let claims: Claims = payload(id_token).ok_or_else(|| AuthError::Malformed("an unreadable id token".to_owned()))?;
    let is_ours = |audience: &Value| audience.as_str().is_some_and(|text| text.eq_ignore_ascii_case(client_id));
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(audiences)) => audiences.iter().any(is_ours),
        audience => audience.is_some_and(is_ours),
    };
    if !is_for_us {
        return Err(AuthError::Mismatch("It was made for another application."));
    }
    let has_tenants = !provider.tenant_claim.is_empty();
    let whose = text(&claims, if has_tenants { &provider.tenant_claim } else { "iss" });
    if has_tenants && is_guid(tenant) && !whose.eq_ignore_ascii_case(tenant) {
        return Err(AuthError::Mismatch("It comes from another tenant than the configured one."));
    }
    let answered = claims.get("nonce").and_then(Value::as_str);
    if nonce.is_some_and(|nonce| answered != Some(nonce.expose().as_str())) {
        return Err(AuthError::Mismatch("It answers another request."));
    }
    let names = ["preferred_username", "email"];
    let identity = identity(&claims, whose, &text(&claims, &provider.person_claim), &names, provider);
    identity.ok_or_else(|| AuthError::Malformed("an id token without tenant or person".to_owned()))
}

/// Who it is; `addresses`: the claims that may hold an address, the best one first.
fn identity(
    claims: &Claims,
    tenant: String,
    person: &str,
    addresses: &[&str],
    provider: &Provider,
) -> Option<Identity> {
    if tenant.is_empty() || person.is_empty() {
        return None;
    }
    let first = |names: &[&str]| names.iter().map(|name| text(claims, name)).find(|text| !text.is_empty());
    let address = first(addresses).unwrap_or_default();
    // A server that tells no name at all has told the person's mark.
    let name = first(&["name"]).or_else(|| first(addresses)).unwrap_or_else(|| person.to_owned());
    let is_personal = !provider.personal_tenant.is_empty() && tenant.eq_ignore_ascii_case(&provider.personal_tenant);
    let kind = if is_personal { AccountKind::Personal } else { AccountKind::Work };
    Some(Identity { key: AccountKey { tenant, object: person.to_owned() }, name, address, kind })
}

/// A claim as tame text; empty where it is missing or no text.
fn text(claims: &Claims, name: &str) -> String {
    claims.get(name).and_then(Value::as_str).map(|text| tame(text).into_owned()).unwrap_or_default()
}

/// The scopes or roles inside an access token, if it is one that can be read; empty otherwise.
#[must_use]
pub fn granted_by(access_token: &Secret<String>) -> Scopes {
    let Some(granted) = payload::<Granted>(access_token) else { return Scopes::default() };
    let roles = granted.roles.unwrap_or_default().join(" ");
    Scopes::parse(&format!("{} {roles}", granted.scp.unwrap_or_default()))
}

/// Whom an access token says it is for, if it is one that can be read. Where a token came with no id token only.
#[must_use]
pub fn holder_of(access_token: &Secret<String>, provider: &Provider) -> Option<Identity> {
    let claims: Claims = payload(access_token)?;
    let whose = text(&claims, if provider.tenant_claim.is_empty() { "iss" } else { &provider.tenant_claim });
    let addresses = ["upn", "preferred_username", "unique_name"];
    identity(&claims, whose, &text(&claims, &provider.person_claim), &addresses, provider)
}

/// The life of an access token, if it is one that can be read; for showing only.
#[must_use]
pub fn life_of(access_token: &Secret<String>) -> Life {
    let Some(times) = payload::<Times>(access_token) else { return Life::default() };
    let at = |seconds: Option<i64>| seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Life { issued: at(times.iat), ends: at(times.exp) }
}

/// The tenant an access token was made in, if it is one that can be read; tame.
#[must_use]
pub fn tenant_of(access_token: &Secret<String>) -> Option<String> {
    #[derive(Deserialize)]
    struct Tenant {
        tid: String,
    }
    payload::<Tenant>(access_token).map(|tenant| tame(&tenant.tid).into_owned())
}

/// Whether `text` has the form of a GUID.
#[must_use]
pub fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == 5
        && groups
            .iter()
            .zip([8, 4, 4, 4, 12])
            .all(|(group, length)| group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

pub(super) fn payload<T: DeserializeOwned>(token: &Secret<String>) -> Option<T> {
    let middle = token.expose().split('.').nth(1)?;
    let bytes = Secret::new(URL_SAFE_NO_PAD.decode(middle.trim_end_matches('=')).ok()?);
    serde_json::from_slice(bytes.expose()).ok()
}
