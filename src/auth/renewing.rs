//! A token that renews itself without a person: printed by a command, or an application's own.
//!
//! Must stay true: one renewal at a time, and whoever asks meanwhile waits for its outcome, a failure included; a refused token
//! is not handed out again; trouble on the line is bridged by what is left of the old token. Deliberately absent: a timer, and
//! keeping anything on disk: there is no refresh token to lose.

use super::claims::ClaimsChallenge;
use super::errors::AuthError;
use super::identity;
use super::vault::AccessToken;
use super::{Surroundings, TokenSource};
use crate::base::secret::Secret;
use crate::domain::account::Scopes;
use crate::domain::token::{TokenFacts, TokenWay};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::Mutex as AsyncMutex;

/// A token is renewed so long before its end, or at a tenth of its life if that is less.
const MARGIN: Duration = Duration::from_mins(5);

/// Gets a token anew.
pub trait Fetch: Send + Sync {
    /// A new token, with an answer to `challenge` if there is one.
    fn fetch(&self, challenge: Option<ClaimsChallenge>) -> BoxFuture<'_, Result<AccessToken, AuthError>>;

    /// How its tokens come.
    fn way(&self) -> TokenWay;

    /// The error for a new token that is the refused one.
    fn same_again(&self) -> AuthError;
}

/// The token source over a [`Fetch`].
pub struct Renewing<F> {
    fetch: F,
    surroundings: Surroundings,
    state: AsyncMutex<State>,
    /// Counts finished renewals, so that one who waited knows that an outcome is news.
    round: AtomicU64,
    told: Mutex<Told>,
}

#[derive(Default)]
struct State {
    access: Option<AccessToken>,
    failure: Option<AuthError>,
}

#[derive(Default)]
struct Told {
    granted: Scopes,
    facts: TokenFacts,
}

impl<F> std::fmt::Debug for Renewing<F> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Renewing")
    }
}

impl<F: Fetch> Renewing<F> {
    /// Nothing is fetched yet.
    pub fn new(fetch: F, surroundings: Surroundings) -> Self {
        let facts = TokenFacts { way: fetch.way(), renews: true, ..TokenFacts::default() };
        let told = Mutex::new(Told { granted: Scopes::default(), facts });
        Self { fetch, surroundings, state: AsyncMutex::default(), round: AtomicU64::new(0), told }
    }

    async fn token(
        &self,
        refused: Option<Secret<String>>,
        challenge: Option<ClaimsChallenge>,
    ) -> Result<Secret<String>, AuthError> {
        let seen = self.round.load(Ordering::SeqCst);
        let mut state = self.state.lock().await;
        let now = self.surroundings.clock.now();
        if let Some(access) = state.access.as_ref().filter(|access| is_good(access, now, refused.as_ref())) {
            return Ok(access.token.clone());
        }
        if self.round.load(Ordering::SeqCst) != seen
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        let working = self.surroundings.activity.begin();
        let fetched = self.fetch.fetch(challenge).await;
        drop(working);
        self.round.fetch_add(1, Ordering::SeqCst);
        let error = match fetched {
            Ok(access) if refused.as_ref() == Some(&access.token) => self.fetch.same_again(),
            Ok(access) => {
                self.tell(&access);
                let token = access.token.clone();
                *state = State { access: Some(access), failure: None };
                return Ok(token);
            }
            Err(error) => error,
        };
        tracing::warn!(%error, "no new access token");
        state.failure = Some(error.clone());
        let bridge = state
            .access
            .as_ref()
            .filter(|access| error.is_transient() && access.expires > now && Some(&access.token) != refused.as_ref());
        bridge.map(|access| access.token.clone()).ok_or(error)
    }

    fn tell(&self, access: &AccessToken) {
        let time = |time: SystemTime| Timestamp::try_from(time).ok();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.granted = identity::granted_by(&access.token);
        told.facts.issued = time(access.received);
        told.facts.ends = time(access.expires);
    }
}

impl<F: Fetch> TokenSource for Renewing<F> {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        self.token(None, None).boxed()
    }

    fn refresh_after_401(
        &self,
        refused: &Secret<String>,
        challenge: Option<&ClaimsChallenge>,
    ) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        self.token(Some(refused.clone()), challenge.cloned()).boxed()
    }

    fn granted(&self) -> Scopes {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).granted.clone()
    }

    fn facts(&self) -> TokenFacts {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).facts.clone()
    }
}

fn is_good(access: &AccessToken, now: SystemTime, refused: Option<&Secret<String>>) -> bool {
    let life = access.expires.duration_since(access.received).unwrap_or_default();
    let left = access.expires.duration_since(now).unwrap_or_default();
    left > MARGIN.min(life / 10) && refused != Some(&access.token)
}
