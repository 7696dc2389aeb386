//! One broker per account: it hands out access tokens and renews them.
//!
//! Must stay true: one refresh at a time per account, and whoever asks meanwhile waits for its outcome, a failure
//! included; a rotated refresh token is in the vault before the new access token is used; trouble on the line never
//! drops a grant; a refresh that has begun is finished even when nobody waits any more. [`Brokers`] is the one place where
//! a broker is made, so that an account never has two.
//! Deliberately absent: a timer. A token is renewed when somebody needs it.

use super::claims::ClaimsChallenge;
use super::entra::Entra;
use super::errors::AuthError;
use super::vault::{AccessToken, StoredAccount, Vault, VaultError};
use super::{Surroundings, TokenSource};
use crate::base::secret::Secret;
use crate::domain::account::{AccountKey, Scopes};
use crate::domain::login::Registration;
use crate::domain::token::TokenFacts;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// A token is renewed so long before its end, or at a tenth of its life if that is less.
const MARGIN: Duration = Duration::from_mins(5);

/// All brokers of one cloud over one vault.
#[derive(Debug)]
pub struct Brokers {
    surroundings: Surroundings,
    vault: Arc<Vault>,
    open: Mutex<HashMap<AccountKey, Arc<Broker>>>,
}

impl Brokers {
    /// No broker yet; nothing is read.
    #[must_use]
    pub fn new(surroundings: Surroundings, vault: Arc<Vault>) -> Self {
        Self { surroundings, vault, open: Mutex::default() }
    }

    /// What flows and brokers are handed.
    #[must_use]
    pub const fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// The stored accounts that signed in at this cloud's identity service.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn accounts(&self) -> Result<Vec<StoredAccount>, AuthError> {
        let authority = self.surroundings.clients.cloud().authority.to_string();
        let accounts = on_disk(&self.vault, Vault::accounts).await?;
        Ok(accounts.into_iter().filter(|stored| stored.authority == authority).collect())
    }

    /// The broker of a stored account.
    #[must_use]
    pub fn open(&self, stored: &StoredAccount) -> Arc<Broker> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || Arc::new(Broker::new(self.surroundings.clone(), self.vault.clone(), stored));
        open.entry(stored.account.key.clone()).or_insert_with(make).clone()
    }

    /// Stores a fresh sign-in and gives its broker; one that is there already goes on with the new tokens.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn adopt(&self, stored: StoredAccount) -> Result<Arc<Broker>, AuthError> {
        let kept = stored.clone();
        on_disk(&self.vault, move |vault| vault.put(kept)).await?;
        let broker = self.open(&stored);
        broker.adopt(stored).await;
        Ok(broker)
    }

    /// What the service demanded of the next sign-in of this account, to be sent along with it (`claims`).
    #[must_use]
    pub fn demanded_of(&self, key: &AccountKey) -> Option<ClaimsChallenge> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(key)?.demanded()
    }

    /// Signs an account out here: its tokens are deleted. True if it was there.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn forget(&self, key: &AccountKey) -> Result<bool, AuthError> {
        let gone = key.clone();
        let was_there = on_disk(&self.vault, move |vault| vault.remove(&gone)).await?;
        let broker = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        if let Some(broker) = broker {
            let mut state = broker.state.lock().await;
            *state = State::default();
            broker.told().verdict = Some(AuthError::SignedOut);
        }
        Ok(was_there)
    }
}

/// The token source of one signed-in account.
#[derive(Debug)]
pub struct Broker {
    renewal: Renewal,
    state: Arc<AsyncMutex<State>>,
    /// Counts finished renewals, so that one who waited knows that an outcome is news.
    round: Arc<AtomicU64>,
    told: Arc<Mutex<Told>>,
}

/// What can be asked without waiting.
#[derive(Debug, Default)]
struct Told {
    granted: Scopes,
    facts: TokenFacts,
    /// A failure only a new sign-in ends; nothing is asked again until then.
    verdict: Option<AuthError>,
}

impl Told {
    fn of(stored: &StoredAccount) -> Self {
        let StoredAccount { history, access_token, .. } = stored;
        let time = |time: SystemTime| Timestamp::try_from(time).ok();
        Self {
            granted: stored.account.granted.clone(),
            facts: TokenFacts {
                way: history.way,
                issued: access_token.as_ref().and_then(|token| time(token.received)),
                ends: access_token.as_ref().and_then(|token| time(token.expires)),
                renews: stored.refresh_token.is_some(),
                clock_ahead: None,
                lost: history.lost.clone(),
            },
            verdict: None,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    access: Option<AccessToken>,
    /// How the last renewal failed, if it did.
    failure: Option<AuthError>,
}

/// What a renewal needs; moves into a task of its own.
#[derive(Clone, Debug)]
struct Renewal {
    surroundings: Surroundings,
    vault: Arc<Vault>,
    key: AccountKey,
    registration: Registration,
}

impl Broker {
    fn new(surroundings: Surroundings, vault: Arc<Vault>, stored: &StoredAccount) -> Self {
        let registration = Registration { client_id: stored.client_id.clone(), tenant: stored.tenant.clone() };
        Self {
            renewal: Renewal { surroundings, vault, key: stored.account.key.clone(), registration },
            state: Arc::new(AsyncMutex::new(State { access: stored.access_token.clone(), ..State::default() })),
            round: Arc::default(),
            told: Arc::new(Mutex::new(Told::of(stored))),
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the sign-in that is needed has to carry, if the service demanded something.
    fn demanded(&self) -> Option<ClaimsChallenge> {
        match &self.told().verdict {
            Some(AuthError::NeedsLogin(refusal)) => refusal.claims.as_deref().and_then(ClaimsChallenge::from_json),
            _ => None,
        }
    }

    async fn adopt(&self, stored: StoredAccount) {
        let mut state = self.state.lock().await;
        *self.told() = Told::of(&stored);
        *state = State { access: stored.access_token, ..State::default() };
    }

    async fn token(
        &self,
        refused: Option<Secret<String>>,
        challenge: Option<ClaimsChallenge>,
    ) -> Result<Secret<String>, AuthError> {
        let seen = self.round.load(Ordering::SeqCst);
        let state = self.state.clone().lock_owned().await;
        let now = self.renewal.surroundings.clock.now();
        if let Some(verdict) = &self.told().verdict {
            return Err(verdict.clone());
        }
        if let Some(access) = state.access.as_ref().filter(|access| is_good(access, now, refused.as_ref())) {
            return Ok(access.token.clone());
        }
        if self.round.load(Ordering::SeqCst) != seen
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        // In a task of its own: whoever asked may lose interest, but a rotated token must reach the vault.
        let working = self.renewal.surroundings.activity.begin();
        let (renewal, round, told) = (self.renewal.clone(), self.round.clone(), self.told.clone());
        let task = tokio::spawn(async move {
            let outcome = renewal.run(state, refused, challenge.as_ref(), &told, &round).await;
            drop(working);
            outcome
        });
        task.await.unwrap_or_else(|_| Err(AuthError::Malformed("the renewal broke off".to_owned())))
    }
}

impl TokenSource for Broker {
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

    fn challenge_stands(&self, challenge: &ClaimsChallenge) -> AuthError {
        let error = AuthError::challenged(challenge);
        self.told().verdict = Some(error.clone());
        error
    }

    fn granted(&self) -> Scopes {
        self.told().granted.clone()
    }

    fn facts(&self) -> TokenFacts {
        self.told().facts.clone()
    }
}

impl Renewal {
    /// Renews with the state locked, and leaves the outcome in it.
    async fn run(
        &self,
        mut state: OwnedMutexGuard<State>,
        refused: Option<Secret<String>>,
        challenge: Option<&ClaimsChallenge>,
        told: &Mutex<Told>,
        round: &AtomicU64,
    ) -> Result<Secret<String>, AuthError> {
        let outcome = self.renew(refused.as_ref(), challenge).await;
        round.fetch_add(1, Ordering::SeqCst);
        match outcome {
            Ok((access, now)) => {
                let token = access.token.clone();
                *state = State { access: Some(access), ..State::default() };
                *told.lock().unwrap_or_else(PoisonError::into_inner) = now;
                Ok(token)
            }
            Err(error) => {
                tracing::warn!(%error, "the access token could not be renewed");
                if matches!(error, AuthError::NeedsLogin(_) | AuthError::SignedOut) {
                    told.lock().unwrap_or_else(PoisonError::into_inner).verdict = Some(error.clone());
                }
                state.failure = Some(error.clone());
                // The old token may still have minutes to live; that bridges a short outage.
                let now = self.surroundings.clock.now();
                let bridge = state.access.as_ref().filter(|access| {
                    error.is_transient() && access.expires > now && Some(&access.token) != refused.as_ref()
                });
                bridge.map(|access| access.token.clone()).ok_or(error)
            }
        }
    }

    async fn renew(
        &self,
        refused: Option<&Secret<String>>,
        challenge: Option<&ClaimsChallenge>,
    ) -> Result<(AccessToken, Told), AuthError> {
        let key = self.key.clone();
        let mut stored = on_disk(&self.vault, move |vault| vault.account(&key)).await?.ok_or(AuthError::SignedOut)?;
        // Another process may have renewed it meanwhile.
        let now = self.surroundings.clock.now();
        if let Some(access) = stored.access_token.as_ref().filter(|access| is_good(access, now, refused)) {
            return Ok((access.clone(), Told::of(&stored)));
        }
        let refresh_token = stored.refresh_token.clone().ok_or(AuthError::SignedOut)?;
        let entra = Entra::new(&self.surroundings, &self.registration)?;
        let tokens = match entra.refresh(&refresh_token, &stored.scope, challenge).await {
            Ok(tokens) => tokens,
            Err(AuthError::Refused(refusal)) if refusal.needs_person() => {
                if refusal.suberror == "bad_token" {
                    self.update(|stored| stored.refresh_token = None).await?;
                }
                return Err(AuthError::NeedsLogin(refusal));
            }
            Err(error) => return Err(error),
        };
        let access = tokens.access.clone();
        let renew = move |stored: &mut StoredAccount| {
            if let Some(scope) = &tokens.scope {
                stored.account.granted = Scopes::parse(scope);
                stored.scope.clone_from(scope);
            }
            stored.history.last_used = Some(tokens.access.received);
            if tokens.refresh.is_some() {
                stored.refresh_token.clone_from(&tokens.refresh);
                stored.history.issued = Some(tokens.access.received);
            }
            stored.access_token = Some(tokens.access);
        };
        renew.clone()(&mut stored);
        self.update(renew).await?;
        Ok((access, Told::of(&stored)))
    }

    /// Changes the stored account; one that was signed out meanwhile stays signed out.
    async fn update(&self, change: impl FnOnce(&mut StoredAccount) + Send + 'static) -> Result<(), AuthError> {
        let key = self.key.clone();
        let was_there = on_disk(&self.vault, move |vault| vault.update(&key, change)).await?;
        if was_there { Ok(()) } else { Err(AuthError::SignedOut) }
    }
}

/// Whether a token can be used at `now`: not the refused one, not before its time, and with enough life left.
fn is_good(access: &AccessToken, now: SystemTime, refused: Option<&Secret<String>>) -> bool {
    let life = access.expires.duration_since(access.received).unwrap_or_default();
    let margin = MARGIN.min(life / 10);
    let left = access.expires.duration_since(now).unwrap_or_default();
    // Received in the future: the clock was wrong then or is wrong now, so its end cannot be trusted.
    access.received <= now && left > margin && refused != Some(&access.token)
}

/// Runs something that blocks on the disk away from the threads that drive the program.
async fn on_disk<T: Send + 'static>(
    vault: &Arc<Vault>,
    job: impl FnOnce(&Vault) -> Result<T, VaultError> + Send + 'static,
) -> Result<T, AuthError> {
    let vault = vault.clone();
    let done = tokio::task::spawn_blocking(move || job(&vault)).await;
    Ok(done.map_err(|_| AuthError::Malformed("the vault's thread broke off".to_owned()))??)
}
