//! One broker per account: it hands out access tokens and renews them.
//!
//! Must stay true: one refresh at a time per account, in all processes together, and whoever asks meanwhile waits for its
//! outcome, a failure included; the vault is read again once the hold on the renewal is there, and what another process brought
//! is used; a rotated refresh token is in the vault before the new access token is used; trouble on the line never
//! drops a grant; a refresh that has begun is finished even when nobody waits any more; a challenge that was answered and
//! comes again is for a person. [`Brokers`] is the one place where a broker is made, so that an account never has two.
//! Deliberately absent: a timer. A token is renewed when somebody needs it.

use super::claims::ClaimsChallenge;
use super::entra::Entra;
use super::errors::{AuthError, Refusal};
use super::vault::{AccessToken, StoredAccount, Vault, VaultError};
use super::{Surroundings, TokenSource};
use crate::base::secret::Secret;
use crate::domain::account::{AccountKey, Scopes};
use crate::domain::login::Registration;
use crate::domain::token::{LostGrant, TokenFacts, VaultFacts, VaultKeeper};
use crate::net::service_time::shift;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::collections::HashMap;
use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, oneshot};

/// A token is renewed so long before its end, or at a tenth of its life if that is less.
const MARGIN: Duration = Duration::from_mins(5);
/// How long another process may take for its renewal before we say so. One that was stopped (Ctrl-Z) holds on for ever.
const PATIENCE: Duration = Duration::from_mins(1);
/// A token may seem to come from the future by so much: clocks are compared in whole seconds and over a network.
const LEEWAY: Duration = Duration::from_mins(2);

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

    /// What can be told about the vault. Reads a few bytes.
    #[must_use]
    pub fn vault_facts(&self) -> VaultFacts {
        self.vault.facts()
    }

    /// One stored account, whatever cloud it is of.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn stored(&self, key: &AccountKey) -> Result<Option<StoredAccount>, AuthError> {
        let key = key.clone();
        on_disk(&self.vault, move |vault| vault.account(&key)).await
    }

    /// The stored accounts that signed in at this cloud's identity service.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn accounts(&self) -> Result<Vec<StoredAccount>, AuthError> {
        Ok(self.of_this_cloud(on_disk(&self.vault, Vault::accounts).await?))
    }

    /// The same for a start, which can do little until it has them: where the key lies in a file they are read before this future waits
    /// for anything, as beginning a thread takes longer. A key somebody has to give is waited for elsewhere.
    ///
    /// # Errors
    /// [`AuthError::Vault`].
    pub async fn accounts_at_start(&self) -> Result<Vec<StoredAccount>, AuthError> {
        match self.vault.facts().keeper {
            Some(VaultKeeper::File | VaultKeeper::Memory) => Ok(self.of_this_cloud(self.vault.accounts()?)),
            Some(_) | None => self.accounts().await,
        }
    }

    fn of_this_cloud(&self, accounts: Vec<StoredAccount>) -> Vec<StoredAccount> {
        let authority = self.surroundings.clients.cloud().authority.to_string();
        accounts.into_iter().filter(|stored| stored.authority == authority).collect()
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
    pub async fn adopt(&self, mut stored: StoredAccount) -> Result<Arc<Broker>, AuthError> {
        if let Some(access) = &mut stored.access_token {
            access.clock_ahead = self.surroundings.clients.service_time().ahead().unwrap_or(0);
        }
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
    /// The grant as we know it, to tell a new sign-in by another process.
    grant: Option<Secret<String>>,
    /// A failure only a new sign-in ends; nothing is asked again until then.
    verdict: Option<AuthError>,
    /// What the next sign-in has to carry, also when another process heard of it.
    demanded: Option<ClaimsChallenge>,
}

impl Told {
    fn of(stored: &StoredAccount) -> Self {
        let StoredAccount { history, access_token, .. } = stored;
        Self {
            granted: stored.account.granted.clone(),
            facts: TokenFacts {
                way: history.way,
                issued: access_token.as_ref().and_then(|token| timestamp(token.received)),
                ends: access_token.as_ref().and_then(|token| timestamp(token.expires)),
                renews: stored.refresh_token.is_some(),
                clock_ahead: None,
                lost: history.lost.clone(),
            },
            grant: stored.refresh_token.clone(),
            verdict: None,
            demanded: history.demanded.as_deref().and_then(ClaimsChallenge::from_json),
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
    round: Arc<AtomicU64>,
    told: Arc<Mutex<Told>>,
}

/// Why a token is asked for: nothing, or an answer that refused one.
#[derive(Clone, Debug, Default)]
struct Reason {
    refused: Option<Secret<String>>,
    challenge: Option<ClaimsChallenge>,
}

impl Broker {
    fn new(surroundings: Surroundings, vault: Arc<Vault>, stored: &StoredAccount) -> Self {
        let registration = Registration { client_id: stored.client_id.clone(), tenant: stored.tenant.clone() };
        let (round, told) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Told::of(stored))));
        let key = stored.account.key.clone();
        Self {
            renewal: Renewal { surroundings, vault, key, registration, round: round.clone(), told: told.clone() },
            state: Arc::new(AsyncMutex::new(State { access: stored.access_token.clone(), ..State::default() })),
            round,
            told,
        }
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        lock(&self.told)
    }

    /// What the next sign-in has to carry, if the service demanded something.
    fn demanded(&self) -> Option<ClaimsChallenge> {
        self.told().demanded.clone()
    }

    async fn adopt(&self, stored: StoredAccount) {
        let mut state = self.state.lock().await;
        *self.told() = Told::of(&stored);
        *state = State { access: stored.access_token, ..State::default() };
    }

    async fn token(&self, reason: Reason) -> Result<Secret<String>, AuthError> {
        let seen = self.round.load(Ordering::SeqCst);
        let mut state = self.state.clone().lock_owned().await;
        let verdict = self.told().verdict.clone();
        if let Some(verdict) = verdict {
            let Some(stored) = self.newer_sign_in(&verdict).await else { return Err(verdict) };
            *self.told() = Told::of(&stored);
            *state = State { access: stored.access_token, ..State::default() };
        }
        if let Some(access) = state.access.as_ref().filter(|access| self.renewal.is_good(access, &reason)) {
            return Ok(access.token.clone());
        }
        if self.round.load(Ordering::SeqCst) != seen
            && let Some(failure) = &state.failure
        {
            return Err(failure.clone());
        }
        // In a task of its own: whoever asked may lose interest, but a rotated token must reach the vault.
        let working = self.renewal.surroundings.activity.begin();
        let renewal = self.renewal.clone();
        let task = tokio::spawn(async move {
            let outcome = renewal.run(state, &reason).await;
            drop(working);
            outcome
        });
        task.await.unwrap_or_else(|_| Err(AuthError::Malformed("the renewal broke off".to_owned())))
    }

    /// The account as another process has signed it in since `verdict`, if one has.
    async fn newer_sign_in(&self, verdict: &AuthError) -> Option<StoredAccount> {
        if !matches!(verdict, AuthError::NeedsLogin(_)) {
            return None;
        }
        let _working = self.renewal.surroundings.activity.begin();
        let stored = self.renewal.stored().await.ok()?;
        (stored.refresh_token.is_some() && stored.refresh_token != self.told().grant).then_some(stored)
    }
}

impl TokenSource for Broker {
    fn access_token(&self) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        self.token(Reason::default()).boxed()
    }

    fn refresh_after_401(
        &self,
        refused: &Secret<String>,
        challenge: Option<&ClaimsChallenge>,
    ) -> BoxFuture<'_, Result<Secret<String>, AuthError>> {
        self.token(Reason { refused: Some(refused.clone()), challenge: challenge.cloned() }).boxed()
    }

    fn challenge_stands(&self, challenge: &ClaimsChallenge) -> AuthError {
        let error = AuthError::challenged(challenge);
        {
            let mut told = self.told();
            told.verdict = Some(error.clone());
            told.demanded = Some(challenge.clone());
        }
        // Kept, for the sign-in may be done by another process: a command that failed, and then `login`.
        let (renewal, demanded) = (self.renewal.clone(), challenge.as_json());
        let working = renewal.surroundings.activity.begin();
        tokio::spawn(async move {
            if let Err(error) = renewal.update(move |stored| stored.history.demanded = Some(demanded)).await {
                tracing::warn!(%error, "what was demanded could not be kept");
            }
            drop(working);
        });
        error
    }

    fn granted(&self) -> Scopes {
        self.told().granted.clone()
    }

    fn facts(&self) -> TokenFacts {
        let clock_ahead = self.renewal.surroundings.clients.service_time().ahead();
        TokenFacts { clock_ahead, ..self.told().facts.clone() }
    }
}

impl Renewal {
    /// Renews with the state locked, and leaves the outcome in it.
    async fn run(&self, mut state: OwnedMutexGuard<State>, reason: &Reason) -> Result<Secret<String>, AuthError> {
        let outcome = self.renew(reason).await;
        self.round.fetch_add(1, Ordering::SeqCst);
        match outcome {
            Ok((access, now)) => {
                let token = access.token.clone();
                *state = State { access: Some(access), ..State::default() };
                *lock(&self.told) = now;
                Ok(token)
            }
            Err(error) => {
                tracing::warn!(%error, "the access token could not be renewed");
                if matches!(error, AuthError::NeedsLogin(_) | AuthError::SignedOut) {
                    lock(&self.told).verdict = Some(error.clone());
                }
                state.failure = Some(error.clone());
                // The old token may still have minutes to live; that bridges a short outage.
                let now = self.real_now(state.access.as_ref());
                let bridge = state.access.as_ref().filter(|access| {
                    let ends = shift(access.expires, access.clock_ahead);
                    error.is_transient() && ends > now && Some(&access.token) != reason.refused.as_ref()
                });
                bridge.map(|access| access.token.clone()).ok_or(error)
            }
        }
    }

    async fn renew(&self, reason: &Reason) -> Result<(AccessToken, Told), AuthError> {
        let _held = self.hold().await?;
        let mut stored = self.stored().await?;
        // Another process may have renewed it meanwhile.
        if let Some(access) = stored.access_token.as_ref().filter(|access| self.is_good(access, reason)) {
            return Ok((access.clone(), Told::of(&stored)));
        }
        let refresh_token = stored.refresh_token.clone().ok_or(AuthError::SignedOut)?;
        let entra = Entra::new(&self.surroundings, &self.registration)?;
        // Written ahead: should the answer be lost on its way into the vault, there is something to tell.
        let begun = Some(self.surroundings.clock.now());
        self.update(move |stored| stored.history.begun = begun).await?;
        let answer = entra.refresh(&refresh_token, &stored.scope, reason.challenge.as_ref()).await;
        let tokens = match answer {
            Ok(tokens) => tokens,
            Err(AuthError::Refused(refusal)) if refusal.needs_person() => {
                return Err(self.lose(&stored, refusal).await?);
            }
            Err(error) => {
                // Where the service has answered clearly no token was lost; in doubt it stays on record.
                if !matches!(error, AuthError::Unreachable(_) | AuthError::Malformed(_)) {
                    let before = stored.history.begun;
                    self.update(move |stored| stored.history.begun = before).await?;
                }
                return Err(error);
            }
        };
        let mut access = tokens.access.clone();
        access.clock_ahead = self.surroundings.clients.service_time().ahead().unwrap_or(0);
        let (new_access, has_answered) = (access.clone(), reason.challenge.is_some());
        let renew = move |stored: &mut StoredAccount| {
            if let Some(scope) = &tokens.scope {
                stored.account.granted = Scopes::parse(scope);
                stored.scope.clone_from(scope);
            }
            let received = new_access.received;
            stored.history.last_used = Some(received);
            stored.history.begun = None;
            stored.history.lost = None;
            if has_answered {
                stored.history.demanded = None;
            }
            if tokens.refresh.is_some() {
                stored.refresh_token.clone_from(&tokens.refresh);
                stored.history.issued = Some(received);
            }
            stored.access_token = Some(new_access);
        };
        renew.clone()(&mut stored);
        self.update(renew).await?;
        Ok((access, Told::of(&stored)))
    }

    /// Keeps what there is to tell about a grant the service no longer takes. Accounts and cached data stay.
    async fn lose(&self, stored: &StoredAccount, refusal: Box<Refusal>) -> Result<AuthError, AuthError> {
        let history = &stored.history;
        let lost = LostGrant {
            issued: history.issued.and_then(timestamp),
            last_used: history.last_used.and_then(timestamp),
            refused: timestamp(self.surroundings.clock.now()),
            cut_off: history.begun.and_then(timestamp),
            error: refusal.error.clone(),
            code: refusal.codes.first().map_or_else(String::new, |code| format!("AADSTS{code}")),
            correlation_id: refusal.correlation_id.clone(),
        };
        let demanded = refusal.claims.as_deref().and_then(ClaimsChallenge::from_json);
        {
            let mut told = lock(&self.told);
            told.demanded = demanded.clone().or(told.demanded.take());
            told.grant.clone_from(&stored.refresh_token);
            told.facts.lost = Some(lost.clone());
        }
        let is_worthless = refusal.suberror == "bad_token";
        let kept = lost.clone();
        self.update(move |stored| {
            stored.history.lost = Some(kept);
            stored.history.begun = None;
            if let Some(demanded) = demanded {
                stored.history.demanded = Some(demanded.as_json());
            }
            if is_worthless {
                stored.refresh_token = None;
            }
        })
        .await?;
        Ok(AuthError::NeedsLogin(Box::new(Refusal { lost: Some(lost), ..*refusal })))
    }

    /// The account as it is stored now.
    async fn stored(&self) -> Result<StoredAccount, AuthError> {
        let key = self.key.clone();
        on_disk(&self.vault, move |vault| vault.account(&key)).await?.ok_or(AuthError::SignedOut)
    }

    /// Changes the stored account; one that was signed out meanwhile stays signed out.
    async fn update(&self, change: impl FnOnce(&mut StoredAccount) + Send + 'static) -> Result<(), AuthError> {
        let key = self.key.clone();
        let was_there = on_disk(&self.vault, move |vault| vault.update(&key, change)).await?;
        if was_there { Ok(()) } else { Err(AuthError::SignedOut) }
    }

    /// Waits until no other process renews this account. On a plain thread: one that waits for a stopped process must keep
    /// neither the program's threads nor its end.
    async fn hold(&self) -> Result<Option<File>, AuthError> {
        let (sender, held) = oneshot::channel();
        let (vault, key) = (self.vault.clone(), self.key.clone());
        let spawned = std::thread::Builder::new().name("renewal".to_owned()).spawn(move || {
            // Nobody may be waiting any more; the hold ends with the file then.
            let _ = sender.send(vault.hold_renewal(&key));
        });
        if let Err(error) = spawned {
            return Err(AuthError::Malformed(format!("no thread can be started ({error})")));
        }
        tokio::select! {
            biased;
            held = held => Ok(held.map_err(|_| AuthError::Malformed("the vault's thread broke off".to_owned()))??),
            () = self.surroundings.clock.sleep(PATIENCE) => Err(AuthError::Busy),
        }
    }

    /// Whether a token can be used: not the refused one, not before its time, and with enough life left, all by the service's
    /// clock as far as it is known. A clock of unknown error is taken to be as wrong as it was when the token came.
    fn is_good(&self, access: &AccessToken, reason: &Reason) -> bool {
        let (received, expires) =
            (shift(access.received, access.clock_ahead), shift(access.expires, access.clock_ahead));
        let now = self.real_now(Some(access));
        let life = expires.duration_since(received).unwrap_or_default();
        let margin = MARGIN.min(life / 10);
        let left = expires.duration_since(now).unwrap_or_default();
        // Received in the future: the clock was wrong then or is wrong now, so its end cannot be trusted.
        received <= now + LEEWAY && left > margin && reason.refused.as_ref() != Some(&access.token)
    }

    fn real_now(&self, access: Option<&AccessToken>) -> SystemTime {
        let now = self.surroundings.clock.now();
        let ahead = self.surroundings.clients.service_time().ahead();
        shift(now, ahead.or(access.map(|access| access.clock_ahead)).unwrap_or(0))
    }
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    Timestamp::try_from(time).ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
