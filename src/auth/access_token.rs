//! What an access token says about itself, for the doctor and nobody else.
//!
//! An access token is the service's own business: its form may change, some are encrypted, those of personal accounts are no
//! JWTs at all [access-tokens]. Must stay true: nothing in the program depends on what is read here; it only helps to say why
//! a token is refused. Text of the token is tamed; the token itself is not kept.
//! Deliberately absent: checking the signature. Only the service itself can.

use super::identity::{is_guid, payload};
use crate::base::secret::Secret;
use crate::base::text::tame;
use serde_json::{Map, Value};

/// What can be said of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// It holds no white space and has a plausible length, but cannot be read: that is normal for personal accounts.
    Opaque,
    /// It cannot be a token: empty, or with white space, quotes or a scheme's name in it. Says what is wrong.
    NotAToken(&'static str),
    /// It could be read.
    Facts(Box<Facts>),
}

/// The claims of a readable token [access-token-claims-reference]. Texts are tame and empty where the claim is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// `aud`: the service it was made for.
    pub audience: String,
    /// `iss`: who made it.
    pub issuer: String,
    /// `tid`: the tenant.
    pub tenant: String,
    /// `scp`: what a person granted.
    pub scopes: String,
    /// `roles`: what an administrator granted the application.
    pub roles: Vec<String>,
    /// `appid` or `azp`: the application.
    pub application: String,
    /// `appidacr` or `azpacr` in words: how the application proved who it is.
    pub application_proof: &'static str,
    /// `idtyp`, or told from the other claims: the token is an application's own.
    pub is_application: bool,
    /// `idp`: who vouches for a person from elsewhere; empty for one of the tenant.
    pub identity_provider: String,
    /// `acct` is 1: the person is a guest of the tenant.
    pub is_guest: bool,
    /// `upn`, `unique_name` or `preferred_username`.
    pub person: String,
    /// `nonce` and no scope, or `aud` is the client: it is an id token.
    pub is_id_token: bool,
    /// `xms_cc` holds `cp1`: it was announced that claims challenges are understood.
    pub answers_challenges: bool,
    /// `iat`, seconds since 1970.
    pub issued: Option<i64>,
    /// `nbf`, seconds since 1970.
    pub not_before: Option<i64>,
    /// `exp`, seconds since 1970.
    pub expires: Option<i64>,
    /// `ver`.
    pub version: String,
}

/// The claims as they travel. A claim of another type than documented reads as missing.
struct Claims(Map<String, Value>);

impl Claims {
    /// The first of these claims that says something, as tame text.
    fn text(&self, names: &[&str]) -> String {
        let said = names.iter().filter_map(|name| match self.0.get(*name)? {
            Value::String(text) => Some(tame(text).into_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        said.into_iter().find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// A claim with several values, which may come as one.
    fn texts(&self, name: &str) -> Vec<String> {
        let tamed = |value: &Value| value.as_str().map(|text| tame(text).into_owned());
        match self.0.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(tamed).collect(),
            Some(value) => tamed(value).into_iter().collect(),
            None => Vec::new(),
        }
    }

    fn seconds(&self, name: &str) -> Option<i64> {
        let value = self.0.get(name)?;
        value.as_i64().or_else(|| value.as_str()?.parse().ok())
    }
}

/// Reads `token` as far as it can be read.
#[must_use]
pub fn read(token: &Secret<String>) -> Reading {
    let text = token.expose();
    if text.is_empty() {
        return Reading::NotAToken("it is empty");
    }
    if text.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return Reading::NotAToken("it begins with \"Bearer\", which belongs to the header and not to the token");
    }
    if text.contains(|character: char| character.is_whitespace()) {
        return Reading::NotAToken("there is white space or a line break in it");
    }
    if text.contains(['"', '\'', '{', '}', '<', '>']) {
        return Reading::NotAToken("there are quotes or brackets in it");
    }
    match payload(token) {
        Some(claims) => Reading::Facts(Box::new(facts(&Claims(claims)))),
        None => Reading::Opaque,
    }
}

fn facts(claims: &Claims) -> Facts {
    let (audience, scopes, roles) = (claims.text(&["aud"]), claims.text(&["scp"]), claims.texts("roles"));
    let application = claims.text(&["appid", "azp"]);
    let is_application = match claims.text(&["idtyp"]).as_str() {
        "app" => true,
        "user" => false,
        // Older tokens do not say it: an application's own has no scopes, and speaks for nobody but itself.
        _ => {
            let speaks_for_itself = !roles.is_empty() || claims.text(&["oid"]) == claims.text(&["sub"]);
            scopes.is_empty() && speaks_for_itself && !application.is_empty()
        }
    };
    Facts {
        is_id_token: application.is_empty() && scopes.is_empty() && roles.is_empty() && is_guid(&audience),
        application_proof: match claims.text(&["appidacr", "azpacr"]).as_str() {
            "0" => "by its id alone (public client)",
            "1" => "by a secret",
            "2" => "by a certificate",
            _ => "",
        },
        audience,
        issuer: claims.text(&["iss"]),
        tenant: claims.text(&["tid"]),
        scopes,
        roles,
        application,
        is_application,
        identity_provider: claims.text(&["idp"]),
        is_guest: claims.text(&["acct"]) == "1",
        person: claims.text(&["upn", "unique_name", "preferred_username"]),
        answers_challenges: claims.texts("xms_cc").iter().any(|value| value.eq_ignore_ascii_case("cp1")),
        issued: claims.seconds("iat"),
        not_before: claims.seconds("nbf"),
        expires: claims.seconds("exp"),
        version: claims.text(&["ver"]),
    }
}
