//! The authority and the Graph of the simulated tenant by HTTP alone: requests written by hand, as any client would send them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use deskbell::base::clock::CrankedClock;
use deskbell::base::ids::SeededIds;
use deskbell::sim::{Tenant, TenantOptions, WorldOptions};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

/// Monday, 23 November 2026, 09:12:13 UTC.
pub(crate) const NOW: u64 = 1_795_425_133;
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The S256 challenge of the verifier above. [RFC 7636, appendix B]
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub(crate) const SCOPE: &str = "openid profile offline_access User.Read Mail.Read Calendars.Read";
pub(crate) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

pub(crate) struct Bed {
    pub(crate) tenant: Tenant,
    pub(crate) clock: CrankedClock,
    pub(crate) http: Client,
}

impl Bed {
    pub(crate) async fn new() -> Self {
        Self::with(TenantOptions::default()).await
    }

    pub(crate) async fn with(options: TenantOptions) -> Self {
        let clock = CrankedClock::at(UNIX_EPOCH + Duration::from_secs(NOW));
        let tenant = Tenant::start(options, Arc::new(clock.clone()), Arc::new(SeededIds::new(7))).await.unwrap();
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { tenant, clock, http }
    }

    pub(crate) fn authority(&self, path: &str) -> String {
        format!("{}/{}", self.tenant.authority(), path)
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
        let response = self.http.post(self.authority(path)).form(form).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> (StatusCode, Value) {
        self.post("organizations/oauth2/v2.0/token", form).await
    }

    pub(crate) fn public(&self) -> &str {
        &self.tenant.clients().public
    }

    pub(crate) fn authorize_address(&self, more: &[(&str, &str)]) -> String {
        let mut url = url::Url::parse(&self.authority("organizations/oauth2/v2.0/authorize")).unwrap();
        let mut pairs = vec![
            ("client_id", self.public()),
            ("response_type", "code"),
            ("redirect_uri", "http://localhost:53123"),
            ("scope", SCOPE),
            ("state", "st/ate+&"),
            ("nonce", "n-0"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        for (name, value) in more {
            pairs.retain(|(present, _)| present != name);
            pairs.push((name, value));
        }
        url.query_pairs_mut().extend_pairs(pairs);
        url.into()
    }

    /// Signs `person` in by the page and gives the query of the redirect.
    pub(crate) async fn approve(&self, more: &[(&str, &str)], person: &str) -> Vec<(String, String)> {
        let form = [("person", person), ("decision", "approve")];
        let response = self.http.post(self.authorize_address(more)).form(&form).send().await.unwrap();
        assert_eq!(response.status(), 302);
        query_of(response.headers()["location"].to_str().unwrap())
    }

    pub(crate) fn redemption<'a>(&'a self, code: &'a str) -> Vec<(&'a str, &'a str)> {
        vec![
            ("client_id", self.public()),
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", "http://localhost:53123"),
            ("code_verifier", VERIFIER),
            ("client_info", "1"),
        ]
    }

    pub(crate) async fn sign_in(&self, person: &str) -> Value {
        let query = self.approve(&[], person).await;
        let (status, body) = self.token(&self.redemption(&field(&query, "code"))).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn refresh(&self, token: &str) -> (StatusCode, Value) {
        self.token(&[("client_id", self.public()), ("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Response {
        self.http.get(format!("{}{path}", self.tenant.graph())).bearer_auth(token).send().await.unwrap()
    }

    pub(crate) fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub(crate) fn query_of(address: &str) -> Vec<(String, String)> {
    url::Url::parse(address).unwrap().query_pairs().into_owned().collect()
}

pub(crate) fn field(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

pub(crate) fn claims(token: &Value) -> Value {
    let part = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub(crate) fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_default()
}

pub(crate) fn options(world: WorldOptions) -> TenantOptions {
    TenantOptions { world, ..TenantOptions::default() }
}
