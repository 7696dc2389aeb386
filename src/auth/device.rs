//! Signing in by a code typed on another device [v2-oauth2-device-code; RFC 8628].
//!
//! [`DeviceFlow::begin`] gets the code, [`DeviceFlow::wait`] asks until it was typed. Must stay true: polls keep the distance the
//! service asks for (faster ones trip its loop guard for minutes); trouble on the line makes them rarer, never ends them
//! before the code ends.

use super::Surroundings;
use super::entra::{DeviceCode, Entra, Poll};
use super::errors::AuthError;
use super::vault::StoredAccount;
use crate::base::activity::Working;
use std::time::{Duration, SystemTime};

/// What `slow_down` adds to the distance [RFC 8628].
const SLOWER: Duration = Duration::from_secs(5);

/// A sign-in whose code is waiting to be typed.
#[derive(Debug)]
pub struct DeviceFlow {
    entra: Entra,
    scope: String,
    code: DeviceCode,
    surroundings: Surroundings,
}

impl DeviceFlow {
    /// Gets a code.
    ///
    /// # Errors
    /// As [`Entra::device_code`].
    pub async fn begin(entra: Entra, scope: &str, surroundings: &Surroundings) -> Result<Self, AuthError> {
        let code = entra.device_code(scope).await?;
        Ok(Self { entra, scope: scope.to_owned(), code, surroundings: surroundings.clone() })
    }

    /// The code, where to type it, and its end.
    #[must_use]
    pub const fn code(&self) -> &DeviceCode {
        &self.code
    }

    /// Asks until the code was typed. `working` ends once the clock knows that somebody waits; what comes with the result counts
    /// what follows it as work. Before each wait `next` is told when it ends, and whether looks have become rarer.
    ///
    /// # Errors
    /// [`AuthError::Declined`], [`AuthError::CodeExpired`], or as [`Entra::account`].
    pub async fn wait(
        self,
        mut working: Working,
        next: &(dyn Fn(SystemTime, bool) + Send + Sync),
    ) -> (Result<StoredAccount, AuthError>, Working) {
        let Surroundings { clock, activity, .. } = &self.surroundings;
        let mut interval = self.code.interval;
        let mut pause = interval;
        loop {
            let due = clock.now() + pause;
            let ends_first = due >= self.code.expires;
            next(due.min(self.code.expires), pause > self.code.interval);
            let sleep = clock.sleep_until(due.min(self.code.expires));
            drop(working);
            sleep.await;
            working = activity.begin();
            if ends_first {
                return (Err(AuthError::CodeExpired), working);
            }
            pause = match self.entra.poll(&self.code).await {
                Ok(Poll::Done(tokens)) => return (self.entra.account(*tokens, &self.scope, None), working),
                Ok(Poll::Pending) => interval,
                Ok(Poll::SlowDown) => {
                    interval += SLOWER;
                    interval
                }
                Err(AuthError::Unavailable { retry_after, .. }) => {
                    interval += SLOWER;
                    retry_after.unwrap_or_default().max(interval)
                }
                Err(AuthError::Unreachable(_)) => interval + SLOWER,
                Err(error) => return (Err(error), working),
            };
        }
    }
}
