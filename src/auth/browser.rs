//! Signing in by browser: authorization code with PKCE over a loopback redirect [v2-oauth2-auth-code-flow].
//!
//! Three steps: [`BrowserFlow::begin`] opens the port and makes the address, [`BrowserFlow::wait`] waits for the browser,
//! [`Returned::redeem`] exchanges what it brought. Must stay true: `state`, nonce and verifier are new each time and leave
//! this value only as the protocol wants it. Dropping any step closes the port and ends the flow.

use super::Surroundings;
use super::entra::{Authorize, Entra};
use super::errors::{AuthError, Refusal};
use super::vault::StoredAccount;
use crate::base::activity::Working;
use crate::base::secret::Secret;
use crate::net::loopback::{Loopback, Redirect};
use std::time::{Duration, SystemTime};
use url::Url;

/// The browser may take so long. A refused registration never comes back, so there has to be an end; the service's own
/// page gives up about then, too.
const PATIENCE: Duration = Duration::from_mins(10);
/// Characters of state and nonce, six random bits each.
const NONCE_LENGTH: usize = 32;
/// Characters of the PKCE verifier; 43 to 128 are allowed [RFC 7636].
const VERIFIER_LENGTH: usize = 64;

/// A sign-in whose browser is under way.
#[derive(Debug)]
pub struct BrowserFlow {
    attempt: Attempt,
    loopback: Loopback,
    surroundings: Surroundings,
    address: Url,
    expires: SystemTime,
}

#[derive(Debug)]
struct Attempt {
    entra: Entra,
    scope: String,
    redirect_uri: String,
    state: Secret<String>,
    nonce: Secret<String>,
    verifier: Secret<String>,
}

/// A browser that has come back.
#[derive(Debug)]
pub struct Returned {
    attempt: Attempt,
    redirect: Redirect,
}

impl BrowserFlow {
    /// Opens the port and makes the address. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthError::Loopback`] when no port can be opened.
    pub async fn begin(entra: Entra, scope: &str, surroundings: &Surroundings) -> Result<Self, AuthError> {
        let loopback = Loopback::bind().await?;
        let secret = |length| Secret::new(surroundings.ids.token(length));
        let attempt = Attempt {
            entra,
            scope: scope.to_owned(),
            redirect_uri: loopback.redirect_uri(),
            state: secret(NONCE_LENGTH),
            nonce: secret(NONCE_LENGTH),
            verifier: secret(VERIFIER_LENGTH),
        };
        let address = attempt.entra.authorize_address(&Authorize {
            redirect_uri: &attempt.redirect_uri,
            scope,
            state: &attempt.state,
            nonce: &attempt.nonce,
            verifier: &attempt.verifier,
        });
        let expires = surroundings.clock.now() + PATIENCE;
        Ok(Self { attempt, loopback, surroundings: surroundings.clone(), address, expires })
    }

    /// Where the browser has to go.
    #[must_use]
    pub const fn address(&self) -> &Url {
        &self.address
    }

    /// When waiting ends.
    #[must_use]
    pub const fn expires(&self) -> SystemTime {
        self.expires
    }

    /// Waits until the browser comes back with our `state`, then closes the port. `working` ends once the clock knows
    /// that somebody waits.
    ///
    /// # Errors
    /// [`AuthError::TimedOut`] after ten minutes.
    pub async fn wait(self, working: Working) -> Result<Returned, AuthError> {
        let Self { attempt, loopback, surroundings: Surroundings { clock, activity, .. }, expires, .. } = self;
        let end = clock.sleep_until(expires);
        drop(working);
        tokio::select! {
            redirect = loopback.wait(&attempt.state, &clock, &activity) => Ok(Returned { attempt, redirect }),
            () = end => Err(AuthError::TimedOut),
        }
    }
}

impl Returned {
    /// Keeps what follows counted as work, also beyond [`Returned::redeem`].
    #[must_use]
    pub fn working(&self) -> Working {
        self.redirect.working.clone()
    }

    /// Exchanges what the browser brought.
    ///
    /// # Errors
    /// [`AuthError::Declined`] or [`AuthError::Refused`] when it brought an error, else as [`Entra::redeem`] and
    /// [`Entra::account`].
    pub async fn redeem(self) -> Result<StoredAccount, AuthError> {
        let Attempt { entra, scope, redirect_uri, nonce, verifier, .. } = &self.attempt;
        if let Some(error) = self.redirect.get("error") {
            return Err(self.refused(error.expose()));
        }
        let code = self.redirect.get("code").filter(|code| !code.expose().is_empty());
        let code = code.ok_or_else(|| AuthError::Malformed("a redirect without a code".to_owned()))?;
        let tokens = entra.redeem(code, verifier, redirect_uri).await?;
        entra.account(tokens, scope, Some(nonce))
    }

    fn refused(&self, error: &str) -> AuthError {
        let text = |name| self.redirect.get(name).map_or("", |value| value.expose().as_str());
        // A refusal by the person; every other `access_denied` has a reason worth reading (assignment, administrators).
        if error == "access_denied" && text("error_subcode") == "cancel" {
            return AuthError::Declined;
        }
        AuthError::Refused(Box::new(Refusal::from_redirect(error, text("error_description"))))
    }
}
