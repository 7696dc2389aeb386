//! Floor 4: who the person is and what they let us do.
//!
//! Flows as steps ([`browser`], [`device`]) over one wrapping of the identity service ([`entra`]); one [`broker`] per
//! account that keeps its token fresh; the [`vault`] that keeps accounts at rest; and the service's refusals in words
//! ([`errors`], [`aadsts`]). What Graph sees of all this is [`TokenSource`].
//! Must stay true: a token is a `Secret` from the byte it was read to the header it goes into; behaviour branches on the
//! service's `error`, its numbers only choose a sentence.
//! Deliberately absent: checking token signatures. The id token comes straight from the token endpoint and is used for
//! display and keys only; access tokens are opaque [access-tokens].

pub mod aadsts;
pub mod access_token;
pub mod broker;
pub mod browser;
pub mod certificate;
pub mod claims;
pub mod device;
pub mod discovery;
pub mod entra;
pub mod errors;
mod exchange;
pub mod identity;
pub mod pasted;
pub mod printed;
pub mod remembered;
pub mod renewing;
pub mod scopes;
pub mod token_file;
pub mod service;
pub mod vault;

pub use errors::AuthError;

use self::claims::ClaimsChallenge;
use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::ids::Ids;
use crate::base::secret::Secret;
use crate::domain::account::Scopes;
use crate::domain::token::{TokenFacts, TokenWay};
use crate::net::client::Clients;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use std::sync::Arc;

/// What every flow and every broker is handed.
#[derive(Clone)]
pub struct Surroundings {
    /// The cloud and its HTTP clients.
    pub clients: Arc<Clients>,
    /// The time.
    pub clock: SharedClock,
    /// Where `state`, nonces, verifiers and keys come from.
    pub ids: Arc<dyn Ids>,
    /// Where work in flight is counted.
    pub activity: Activity,
}

impl std::fmt::Debug for Surroundings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Surroundings").field("clients", &self.clients).finish_non_exhaustive()
    }
}

/// Where a request to Graph gets its access token.
pub trait TokenSource: Send + Sync {
    /// A token that is good now; refreshed first if it is about to end.
    ///
    /// # Errors
    /// [`AuthError`]: signed out, refused, or the identity service cannot be reached.
    fn access_token(&self) -> BoxFuture<'_, Result<Secret<String>, AuthError>>;

    /// A token that is not `refused`, after Graph answered 401 to it. Asking with the same refused token again does not
    /// refresh again: whoever comes second gets the token the first one got. `challenge`: what the answer demanded of the next
    /// token, if it did.
    ///
    /// # Errors
    /// As [`TokenSource::access_token`].
    fn refresh_after_401(
        &self,
        refused: &Secret<String>,
        challenge: Option<&ClaimsChallenge>,
    ) -> BoxFuture<'_, Result<Secret<String>, AuthError>>;

    /// A token renewed for `challenge` was answered with `challenge` again: only a person can answer it now, by signing in.
    /// Gives back that as an error, and keeps to it until somebody signs in.
    fn challenge_stands(&self, challenge: &ClaimsChallenge) -> AuthError {
        AuthError::challenged(challenge)
    }

    /// What the newest token answer granted.
    fn granted(&self) -> Scopes;

    /// What can be told about the token: how it came, since when and until when it is good. Cheap; asks nobody.
    fn facts(&self) -> TokenFacts;
}

/// A token handed in from outside (`DESKBELL_TOKEN`): used as it is, never renewed.
#[derive(Clone, Debug)]
pub struct StaticToken {
    token: Secret<String>,
    granted: Scopes,
}

impl StaticToken {
    /// Wraps `token`; surrounding white space is no part of it. What it grants is read from its `scp` or `roles` where it
    /// can be read (it need not be), to light the right features; Graph has the last word.
    #[must_use]
    pub fn new(token: &Secret<String>) -> Self {
        let token = Secret::new(token.expose().trim().to_owned());
        let granted = identity::granted_by(&token);
        Self { token, granted }
    }
}

impl TokenSource for StaticToken {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        ready(Ok(self.token.clone())).boxed()
    }

    fn refresh_after_401(
        &self,
        _refused: &Secret<String>,
        _challenge: Option<&ClaimsChallenge>,
    ) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        ready(Err(AuthError::GivenTokenRefused)).boxed()
    }

    fn granted(&self) -> Scopes {
        self.granted.clone()
    }

    fn facts(&self) -> TokenFacts {
        let life = identity::life_of(&self.token);
        TokenFacts { way: TokenWay::Given, issued: life.issued, ends: life.ends, ..TokenFacts::default() }
    }
}
