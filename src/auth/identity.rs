//! Reading what a token says about its holder.
//!
//! Must stay true: an account is keyed by `tid` and `oid`; names and addresses are shown and never compared
//! [id-token-claims-reference]. Signatures are not checked: the id token came straight from the token endpoint.

use super::errors::AuthError;
use crate::base::secret::Secret;
use crate::base::text::tame;
use crate::domain::account::{AccountKey, AccountKind, Scopes};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The tenant all personal accounts live in.
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Who signed in, from the id token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `tid` and `oid`.
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
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    tid: String,
    oid: String,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    email: Option<String>,
}

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
    let claims: Claims = payload(id_token).ok_or_else(|| AuthError::Malformed("an unreadable id token".to_owned()))?;
    if !claims.aud.eq_ignore_ascii_case(expected.client_id) {
        return Err(AuthError::Mismatch("It was made for another application."));
    }
    if is_guid(expected.tenant) && !claims.tid.eq_ignore_ascii_case(expected.tenant) {
        return Err(AuthError::Mismatch("It comes from another tenant than the configured one."));
    }
    if expected.nonce.is_some_and(|nonce| claims.nonce.as_ref() != Some(nonce.expose())) {
        return Err(AuthError::Mismatch("It answers another request."));
    }
    if claims.tid.is_empty() || claims.oid.is_empty() {
        return Err(AuthError::Malformed("an id token without tenant or person".to_owned()));
    }
    let address = claims.preferred_username.or(claims.email).unwrap_or_default();
    let address = tame(&address).into_owned();
    let name = claims.name.map_or_else(|| address.clone(), |name| tame(&name).into_owned());
    let kind = if claims.tid.eq_ignore_ascii_case(CONSUMERS) { AccountKind::Personal } else { AccountKind::Work };
    let key = AccountKey { tenant: tame(&claims.tid).into_owned(), object: tame(&claims.oid).into_owned() };
    Ok(Identity { key, name, address, kind })
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
pub fn holder_of(access_token: &Secret<String>) -> Option<Identity> {
    #[derive(Deserialize)]
    struct Holder {
        tid: String,
        oid: String,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        upn: Option<String>,
        #[serde(default)]
        unique_name: Option<String>,
        #[serde(default)]
        preferred_username: Option<String>,
    }
    let holder = payload::<Holder>(access_token).filter(|holder| !holder.tid.is_empty() && !holder.oid.is_empty())?;
    let address = holder.upn.or(holder.preferred_username).or(holder.unique_name).unwrap_or_default();
    let address = tame(&address).into_owned();
    let name = holder.name.map_or_else(|| address.clone(), |name| tame(&name).into_owned());
    let key = AccountKey { tenant: tame(&holder.tid).into_owned(), object: tame(&holder.oid).into_owned() };
    let kind = if holder.tid.eq_ignore_ascii_case(CONSUMERS) { AccountKind::Personal } else { AccountKind::Work };
    Some(Identity { key, name, address, kind })
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
