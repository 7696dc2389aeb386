//! One broker per account: it hands out access tokens and renews them.
//!
//! Must stay true: one refresh at a time per account, and whoever asks meanwhile waits for its outcome, a failure
//! included; a rotated refresh token is in the vault before the new access token is used; trouble on the line never
//! drops a grant; a refresh that has begun is finished even when nobody waits any more. [`Brokers`] is the one place where
//! a broker is made, so that an account never has two.
//! Deliberately absent: a timer. A token is renewed when somebody needs it.

use super::entra::Entra;
use super::errors::AuthError;
use super::vault::{AccessToken, StoredAccount, Vault, VaultError};
use super::{Surroundings, TokenSource};
use crate::base::secret::Secret;
use crate::domain::account::{AccountKey, Scopes};
use crate::domain::login::Registration;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// A token is renewed so long before its end, or at a tenth of its life if that is less.
const MARGIN: Duration = Duration::from_secs(300);

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
            *state = State { verdict: Some(AuthError::SignedOut), ..State::default() };
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
    granted: Arc<Mutex<Scopes>>,
}

#[derive(Debug, Default)]
struct State {
    access: Option<AccessToken>,
    /// How the last renewal failed, if it did.
    failure: Option<AuthError>,
    /// A failure only a new sign-in ends; nothing is asked again until then.
    verdict: Option<AuthError>,
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
            granted: Arc::new(Mutex::new(stored.account.granted.clone())),
        }
    }

    async fn adopt(&self, stored: StoredAccount) {
        let mut state = self.state.lock().await;
        *state = State { access: stored.access_token, ..State::default() };
        *self.granted.lock().unwrap_or_else(PoisonError::into_inner) = stored.account.granted;
    }

    async fn token(&self, refused: Option<Secret<String>>) -> Result<Secret<String>, AuthError> {
        let seen = self.round.load(Ordering::SeqCst);
        let state = self.state.clone().lock_owned().await;
        let now = self.renewal.surroundings.clock.now();
        if let Some(access) = state.access.as_ref().filter(|access| is_good(access, now, refused.as_ref())) {
            return Ok(access.token.clone());
        }
        if let Some(verdict) = &state.verdict {
            return Err(verdict.clone());
        }
        if self.round.load(Ordering::SeqCst) != seen
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        // In a task of its own: whoever asked may lose interest, but a rotated token must reach the vault.
        let working = self.renewal.surroundings.activity.begin();
        let (renewal, round, granted) = (self.renewal.clone(), self.round.clone(), self.granted.clone());
        let task = tokio::spawn(async move {
            let outcome = renewal.run(state, refused, &granted, &round).await;
            drop(working);
            outcome
        });
        task.await.unwrap_or_else(|_| Err(AuthError::Malformed("the renewal broke off".to_owned())))
    }
}

impl TokenSource for Broker {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        self.token(None).boxed()
    }

    fn refresh_after_401(&self, refused: &Secret<String>) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        self.token(Some(refused.clone())).boxed()
    }

    fn granted(&self) -> Scopes {
        self.granted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Renewal {
    /// Renews with the state locked, and leaves the outcome in it.
    async fn run(
        &self,
        mut state: OwnedMutexGuard<State>,
        refused: Option<Secret<String>>,
        granted: &Mutex<Scopes>,
        round: &AtomicU64,
    ) -> Result<Secret<String>, AuthError> {
        let outcome = self.renew(refused.as_ref()).await;
        round.fetch_add(1, Ordering::SeqCst);
        match outcome {
            Ok((access, scopes)) => {
                let token = access.token.clone();
                *state = State { access: Some(access), ..State::default() };
                *granted.lock().unwrap_or_else(PoisonError::into_inner) = scopes;
                Ok(token)
            }
            Err(error) => {
                tracing::warn!(%error, "the access token could not be renewed");
                if matches!(error, AuthError::NeedsLogin(_) | AuthError::SignedOut) {
                    state.verdict = Some(error.clone());
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

    async fn renew(&self, refused: Option<&Secret<String>>) -> Result<(AccessToken, Scopes), AuthError> {
        let key = self.key.clone();
        let stored = on_disk(&self.vault, move |vault| vault.account(&key)).await?.ok_or(AuthError::SignedOut)?;
        // Another process may have renewed it meanwhile.
        let now = self.surroundings.clock.now();
        if let Some(access) = stored.access_token.filter(|access| is_good(access, now, refused)) {
            return Ok((access, stored.account.granted));
        }
        let refresh_token = stored.refresh_token.ok_or(AuthError::SignedOut)?;
        let entra = Entra::new(&self.surroundings, &self.registration)?;
        let tokens = match entra.refresh(&refresh_token, &stored.scope).await {
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
        let granted = tokens.scope.as_deref().map_or(stored.account.granted, Scopes::parse);
        let now_granted = granted.clone();
        self.update(move |stored| {
            stored.account.granted = now_granted;
            stored.scope = tokens.scope.unwrap_or_else(|| std::mem::take(&mut stored.scope));
            stored.access_token = Some(tokens.access);
            if tokens.refresh.is_some() {
                stored.refresh_token = tokens.refresh;
            }
        })
        .await?;
        Ok((access, granted))
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
