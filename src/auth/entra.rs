//! The identity service behind one type: addresses, requests and answers of Entra ID v2, over the `oauth2` crate.
//!
//! Must stay true: this is the only file that knows `oauth2`; an error body is read whole before the crate can drop parts
//! of it; a token is wrapped as soon as it is read, and no error text quotes an answer that may hold one.
//! Deliberately absent: waiting and asking again. The flows and the broker decide that.

use super::Surroundings;
use super::claims::{self, ClaimsChallenge};
use super::errors::{AuthError, Refusal};
use super::exchange::Exchange;
use super::identity::{self, Expected};
use super::vault::{AccessToken, GrantHistory, StoredAccount};
use crate::base::clock::SharedClock;
use crate::base::secret::Secret;
use crate::base::text::tame;
use crate::domain::account::{Account, Scopes};
use crate::domain::login::{LoginOptions, Registration};
use crate::domain::provider::Provider;
use crate::net::curl;
use crate::net::probe::http_date;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, DeviceAuthorizationUrl,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, ErrorResponse, ExtraTokenFields, HttpRequest, HttpResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardDeviceAuthorizationResponse, StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};
use url::{Url, form_urlencoded};

/// An answer of the identity service is read up to here; token answers have a few kilobytes.
const LONGEST_ANSWER: usize = 1024 * 1024;
/// The life of a token whose answer does not tell it.
const UNTOLD_LIFE: Duration = Duration::from_mins(10);
/// No life is believed beyond this; the longest real one is 28 hours [access-tokens].
const LONGEST_LIFE: Duration = Duration::from_hours(168);
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

type Answer = StandardTokenResponse<IdToken, BasicTokenType>;
/// Endpoints that are set: authorize, device code, (introspection, revocation: the service has none), token.
type Client = oauth2::Client<
    BasicErrorResponse,
    Answer,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointMaybeSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// What a token answer holds beside the standard.
#[derive(Clone, Deserialize, Serialize)]
struct IdToken {
    #[serde(default, skip_serializing)]
    id_token: Option<String>,
}

impl ExtraTokenFields for IdToken {}

impl std::fmt::Debug for IdToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("IdToken")
    }
}

/// What the token endpoint gave.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For Graph.
    pub access: AccessToken,
    /// For the next refresh, where one was asked for.
    pub refresh: Option<Secret<String>>,
    /// Who it is.
    pub id: Option<Secret<String>>,
    /// What was granted, as the service wrote it; absent when it is what was asked.
    pub scope: Option<String>,
}

/// A device code and what the person needs of it.
#[derive(Clone, Debug)]
pub struct DeviceCode {
    device_code: Secret<String>,
    /// To be typed, tame.
    pub user_code: String,
    /// Where, as the service named it; a web address.
    pub address: Url,
    /// The end of the code.
    pub expires: SystemTime,
    /// The shortest wait between polls.
    pub interval: Duration,
}

/// What a poll brought.
#[derive(Clone, Debug)]
pub enum Poll {
    /// Nobody has typed the code yet.
    Pending,
    /// The same, and the polls come too fast.
    SlowDown,
    /// Signed in.
    Done(Box<Tokens>),
}

/// The parts of an authorize address that are made anew for each sign-in.
#[derive(Clone, Debug)]
pub struct Authorize<'a> {
    /// Where the browser comes back to.
    pub redirect_uri: &'a str,
    /// The scopes asked for.
    pub scope: &'a str,
    /// Comes back with the redirect.
    pub state: &'a Secret<String>,
    /// Comes back in the id token.
    pub nonce: &'a Secret<String>,
    /// Its digest goes along, itself it goes to the token endpoint.
    pub verifier: &'a Secret<String>,
    /// Hints, prompt and challenge.
    pub options: &'a LoginOptions,
}

/// One registration at one identity service.
pub struct Entra {
    client: Client,
    http: Http,
    clock: SharedClock,
    registration: Registration,
    authority: Url,
    provider: Provider,
}

impl std::fmt::Debug for Entra {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Entra").field("registration", &self.registration).finish_non_exhaustive()
    }
}

impl Entra {
    /// The identity service of the surroundings' cloud, for `registration`. Builds the HTTP client if need be.
    ///
    /// # Errors
    /// [`AuthError::Client`] when no HTTP client can be built.
    pub fn new(surroundings: &Surroundings, registration: &Registration) -> Result<Self, AuthError> {
        let cloud = surroundings.clients.cloud();
        let (authority, provider) = (cloud.authority.clone(), cloud.provider.clone());
        let endpoint = |path: &str| cloud.sign_in_address(path, &registration.tenant);
        let device = provider.has_codes().then(|| DeviceAuthorizationUrl::from_url(endpoint(&provider.device)));
        let client = oauth2::Client::new(ClientId::new(registration.client_id.clone()))
            .set_auth_type(AuthType::RequestBody)
            .set_auth_uri(AuthUrl::from_url(endpoint(&provider.authorize)))
            .set_device_authorization_url_option(device)
            .set_token_uri(TokenUrl::from_url(endpoint(&provider.token)));
        let http = Http { client: surroundings.clients.sign_in()?, surroundings: surroundings.clone() };
        Ok(Self {
            client,
            http,
            clock: surroundings.clock.clone(),
            registration: registration.clone(),
            authority,
            provider,
        })
    }

    /// Where the browser is sent. The answer comes in the address of the redirect, whatever the browser allows scripts to do.
    #[must_use]
    pub fn authorize_address(&self, authorize: &Authorize<'_>) -> Url {
        let verifier = PkceCodeVerifier::new(authorize.verifier.expose().clone());
        let mut request = self
            .client
            .authorize_url(|| CsrfToken::new(authorize.state.expose().clone()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .add_extra_param("response_mode", "query")
            .add_extra_param("nonce", authorize.nonce.expose().as_str())
            .add_scopes(scopes(authorize.scope));
        let LoginOptions { login_hint, domain_hint, prompt, claims, .. } = authorize.options;
        let prompt = prompt.map(|prompt| prompt.word().to_owned());
        let challenge = claims.as_deref().and_then(ClaimsChallenge::from_json);
        let claims = self.claims(challenge.as_ref());
        for (name, value) in
            [("login_hint", login_hint), ("domain_hint", domain_hint), ("prompt", &prompt), ("claims", &claims)]
        {
            if let Some(value) = value {
                request = request.add_extra_param(name, value.clone());
            }
        }
        if let Ok(redirect) = RedirectUrl::new(authorize.redirect_uri.to_owned()) {
            request = request.set_redirect_uri(Cow::Owned(redirect));
        }
        request.url().0
    }

    /// Exchanges the code of a redirect for tokens.
    ///
    /// # Errors
    /// [`AuthError`]: refused, unavailable, unreachable or malformed.
    pub async fn redeem(
        &self,
        code: &Secret<String>,
        verifier: &Secret<String>,
        redirect_uri: &str,
    ) -> Result<Tokens, AuthError> {
        let redirect = RedirectUrl::new(redirect_uri.to_owned())
            .map_err(|_| AuthError::Malformed("the redirect address".to_owned()))?;
        let asked = self.clock.now();
        let mut request = self
            .client
            .exchange_code(AuthorizationCode::new(code.expose().clone()))
            .set_pkce_verifier(PkceCodeVerifier::new(verifier.expose().clone()))
            .set_redirect_uri(Cow::Owned(redirect));
        if let Some(claims) = self.claims(None) {
            request = request.add_extra_param("claims", claims);
        }
        Ok(tokens(request.request_async(&self.http).await.map_err(failure)?, asked))
    }

    /// Asks for a device code.
    ///
    /// # Errors
    /// [`AuthError::NoCodes`] where there are none, or as [`Entra::redeem`].
    pub async fn device_code(&self, scope: &str) -> Result<DeviceCode, AuthError> {
        let asked = self.clock.now();
        let request = self.client.exchange_device_code().map_err(|_| AuthError::NoCodes)?.add_scopes(scopes(scope));
        let answer: StandardDeviceAuthorizationResponse = request.request_async(&self.http).await.map_err(failure)?;
        let address = Url::parse(answer.verification_uri().as_str()).ok().filter(crate::net::browser::is_web);
        Ok(DeviceCode {
            device_code: Secret::new(answer.device_code().secret().clone()),
            user_code: tame(answer.user_code().secret()).into_owned(),
            address: address.ok_or_else(|| AuthError::Malformed("the address for the code".to_owned()))?,
            expires: asked + answer.expires_in().min(LONGEST_LIFE),
            interval: answer.interval().clamp(Duration::from_secs(1), Duration::from_mins(1)),
        })
    }

    /// Asks once whether the code was typed.
    ///
    /// # Errors
    /// [`AuthError::Declined`], [`AuthError::CodeExpired`], or as [`Entra::redeem`].
    pub async fn poll(&self, code: &DeviceCode) -> Result<Poll, AuthError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", DEVICE_GRANT)
            .append_pair("client_id", &self.registration.client_id)
            .append_pair("device_code", code.device_code.expose())
            .extend_pairs(self.claims(None).map(|claims| ("claims", claims)))
            .finish();
        let asked = self.clock.now();
        match self.http.post(self.client.token_uri().url(), form).await {
            Ok(body) => serde_json::from_slice::<Answer>(body.expose())
                .map(|answer| Poll::Done(Box::new(tokens(answer, asked))))
                .map_err(|_| AuthError::Malformed("a token answer that is not as documented".to_owned())),
            Err(AuthError::Refused(refusal)) => match refusal.error.as_str() {
                "authorization_pending" => Ok(Poll::Pending),
                "slow_down" => Ok(Poll::SlowDown),
                "authorization_declined" | "access_denied" => Err(AuthError::Declined),
                "expired_token" => Err(AuthError::CodeExpired),
                _ => Err(AuthError::Refused(refusal)),
            },
            Err(error) => Err(error),
        }
    }

    /// Renews the access token. `scope`: what was granted, as the service wrote it. `challenge`: what Graph demands of the
    /// new token.
    ///
    /// # Errors
    /// As [`Entra::redeem`].
    pub async fn refresh(
        &self,
        refresh_token: &Secret<String>,
        scope: &str,
        challenge: Option<&ClaimsChallenge>,
    ) -> Result<Tokens, AuthError> {
        let asked = self.clock.now();
        let refresh_token = RefreshToken::new(refresh_token.expose().clone());
        let line = self.provider.scope_line(scope.split_whitespace());
        let mut request = self.client.exchange_refresh_token(&refresh_token).add_scopes(scopes(&line));
        if let Some(claims) = self.claims(challenge) {
            request = request.add_extra_param("claims", claims);
        }
        Ok(tokens(request.request_async(&self.http).await.map_err(failure)?, asked))
    }

    /// A token for the application itself, for Graph as a whole.
    ///
    /// # Errors
    /// As [`Entra::redeem`].
    pub async fn client_credentials(&self, secret: &Secret<String>, scope: &str) -> Result<Tokens, AuthError> {
        let asked = self.clock.now();
        let client = self.client.clone().set_client_secret(ClientSecret::new(secret.expose().clone()));
        let request = client.exchange_client_credentials().add_scopes(scopes(scope));
        Ok(tokens(request.request_async(&self.http).await.map_err(failure)?, asked))
    }

    /// The same, proved by a signed statement instead of a secret [certificate-credentials].
    ///
    /// # Errors
    /// As [`Entra::redeem`].
    pub async fn client_assertion(&self, assertion: &Secret<String>, scope: &str) -> Result<Tokens, AuthError> {
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.registration.client_id)
            .append_pair("client_assertion_type", ASSERTION_TYPE)
            .append_pair("client_assertion", assertion.expose())
            .append_pair("scope", scope)
            .finish();
        let asked = self.clock.now();
        let body = self.http.post(self.client.token_uri().url(), form).await?;
        serde_json::from_slice::<Answer>(body.expose())
            .map(|answer| tokens(answer, asked))
            .map_err(|_| AuthError::Malformed("a token answer that is not as documented".to_owned()))
    }

    /// What goes along as `claims`, where the server knows that.
    fn claims(&self, challenge: Option<&ClaimsChallenge>) -> Option<String> {
        self.provider.takes_claims.then(|| claims::parameter(challenge, claims::CAPABILITIES))
    }

    /// Where tokens come from; a signed statement is made out to it.
    #[must_use]
    pub fn token_address(&self) -> &str {
        self.client.token_uri().as_str()
    }

    /// The account that `tokens` make, checked against what was asked. `nonce`: if the flow could send one.
    ///
    /// # Errors
    /// [`AuthError::Malformed`] or [`AuthError::Mismatch`] for an id token that is missing, unreadable or not ours.
    pub fn account(
        &self,
        tokens: Tokens,
        scope: &str,
        nonce: Option<&Secret<String>>,
    ) -> Result<StoredAccount, AuthError> {
        let Registration { client_id, tenant } = &self.registration;
        let id = tokens.id.ok_or_else(|| AuthError::Malformed("an answer without an id token".to_owned()))?;
        let who = identity::read(&id, &Expected { client_id, tenant, nonce, provider: &self.provider })?;
        let scope = tokens.scope.unwrap_or_else(|| scope.to_owned());
        Ok(StoredAccount {
            account: Account {
                key: who.key,
                name: who.name,
                address: who.address,
                kind: who.kind,
                granted: Scopes::parse(&scope),
            },
            client_id: client_id.clone(),
            tenant: tenant.clone(),
            authority: self.authority.to_string(),
            scope,
            refresh_token: tokens.refresh,
            history: GrantHistory { issued: Some(tokens.access.received), ..GrantHistory::default() },
            access_token: Some(tokens.access),
        })
    }
}

fn scopes(line: &str) -> impl Iterator<Item = Scope> + '_ {
    line.split_whitespace().map(|scope| Scope::new(scope.to_owned()))
}

fn tokens(answer: Answer, asked: SystemTime) -> Tokens {
    let life = answer.expires_in().unwrap_or(UNTOLD_LIFE).min(LONGEST_LIFE);
    let scope = answer.scopes().map(|scopes| {
        let words: Vec<_> = scopes.iter().map(|scope| tame(scope).into_owned()).collect();
        words.join(" ")
    });
    Tokens {
        access: AccessToken {
            token: Secret::new(answer.access_token().secret().clone()),
            received: asked,
            expires: asked + life,
            clock_ahead: 0,
        },
        refresh: answer.refresh_token().map(|token| Secret::new(token.secret().clone())),
        id: answer.extra_fields().id_token.clone().map(Secret::new),
        scope: scope.filter(|scope| !scope.is_empty()),
    }
}

/// How long `Retry-After` asks to wait: seconds, or a date by the service's own clock, which `date` tells.
fn wait_of(retry_after: &str, date: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = retry_after.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = http_date(retry_after.trim())?;
    Some(until.duration_since(http_date(date).unwrap_or(now)).unwrap_or_default())
}

/// The crate's error as ours. Its texts are not used: they quote the answer, which may hold a token.
fn failure<T: ErrorResponse>(error: RequestTokenError<AuthError, T>) -> AuthError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::Parse(error, _) => {
            AuthError::Malformed(format!("\"{}\" is not as documented", tame(&error.path().to_string())))
        }
        RequestTokenError::ServerResponse(_) | RequestTokenError::Other(_) => {
            AuthError::Malformed("the answer is not the JSON it should be".to_owned())
        }
    }
}

/// The crate's way to our HTTP client. A status other than 200 never reaches the crate: it becomes our error here.
struct Http {
    client: reqwest::Client,
    surroundings: Surroundings,
}

impl Http {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, AuthError> {
        let _working = self.surroundings.activity.begin();
        let mut request = reqwest::Request::try_from(request)
            .map_err(|_| AuthError::Malformed("the address of the token endpoint".to_owned()))?;
        let mut exchange = Exchange::new(&request, &self.surroundings);
        exchange.mark(&mut request);
        let answer = self.exchange(request, &mut exchange).await;
        exchange.end(&answer, &self.surroundings);
        answer
    }

    async fn exchange(&self, request: reqwest::Request, exchange: &mut Exchange) -> Result<HttpResponse, AuthError> {
        self.surroundings.clients.calls().show(|| curl::line(&request));
        let url = request.url().clone();
        let unreachable = |error| AuthError::Unreachable(Box::new(self.surroundings.clients.failure(error, &url)));
        let mut answer = self.client.execute(request).await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        exchange.hear(status, answer.headers());
        if let Some(date) = answer.headers().get("date").and_then(|value| value.to_str().ok()) {
            self.surroundings.clients.service_time().hear(date, self.surroundings.clock.now());
        }
        let text = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let retry_after = wait_of(text("retry-after"), text("date"), self.surroundings.clock.now());
        let headers = answer.headers().clone();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(AuthError::Malformed("an answer without end".to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        if status != 200 {
            return Err(refused(status, retry_after, &body, exchange));
        }
        let mut response = HttpResponse::new(body);
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// Posts a form the crate has no fitting request for.
    async fn post(&self, address: &Url, form: String) -> Result<Secret<Vec<u8>>, AuthError> {
        let request = oauth2::http::Request::post(address.as_str())
            .header("accept", "application/json")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.into_bytes())
            .map_err(|_| AuthError::Malformed("the address of the token endpoint".to_owned()))?;
        Ok(Secret::new(self.send(request).await?.into_body()))
    }
}

impl<'client> AsyncHttpClient<'client> for Http {
    type Error = AuthError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, AuthError>> + Send + 'client>>;

    fn call(&'client self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

fn refused(status: u16, retry_after: Option<Duration>, body: &[u8], exchange: &Exchange) -> AuthError {
    let refusal = Refusal::parse(status, body).map(|mut refusal| {
        refusal.request_id.clone_from(&exchange.request_id);
        refusal.client_request_id.clone_from(&exchange.client_request_id);
        refusal
    });
    match refusal {
        Some(refusal) if refusal.is_transient() => AuthError::Unavailable { status, retry_after },
        Some(refusal) => AuthError::Refused(Box::new(refusal)),
        None if status == 429 || status >= 500 => AuthError::Unavailable { status, retry_after },
        None => AuthError::Malformed(format!("status {status} without a reason")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_in_seconds_or_as_a_date_by_the_service_s_clock() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_hours(1);
        let wait = |asked: &str, date: &str| wait_of(asked, date, now).map(|wait| wait.as_secs());
        assert_eq!(wait(" 7 ", ""), Some(7));
        let (date, later) = ("Sat, 21 Nov 2026 09:12:13 GMT", "Sat, 21 Nov 2026 09:13:43 GMT");
        assert_eq!(wait(later, date), Some(90));
        assert_eq!(wait("Thu, 01 Jan 1970 01:00:30 GMT", ""), Some(30));
        assert_eq!(wait(date, later), Some(0), "a date that has passed");
        assert_eq!((wait("", date), wait("soon", date), wait("-1", date)), (None, None, None));
    }
}
