//! A service signs in as itself: client credentials with a secret or a certificate [v2-oauth2-client-creds-grant-flow].
//!
//! There is no refresh token; a new token is asked for when the old one nears its end. Must stay true: the secret is fetched when
//! it is needed, held as a secret, and fetched again after the service refused it (somebody may have changed it meanwhile);
//! the certificate is read anew for each assertion, so that a renewed file is noticed.

use super::Surroundings;
use super::certificate::{Certificate, Form};
use super::claims::ClaimsChallenge;
use super::entra::Entra;
use super::errors::AuthError;
use super::renewing::{Fetch, Renewing};
use super::vault::AccessToken;
use super::vault::store::{KeyStore, keep_within, read_within};
use crate::base::secret::Secret;
use crate::domain::login::Registration;
use crate::domain::token::TokenWay;
use crate::net::program::output_of;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

/// A clock that is wrong by so much spoils a signed statement.
const CLOCK_ERROR: Duration = Duration::from_secs(30);

/// What proves that it is the service.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A secret that was handed in (environment, file descriptor).
    Given(Secret<String>),
    /// A secret that a program prints: program and arguments.
    Printed(Vec<String>),
    /// A secret in a keyring.
    Kept(Kept),
    /// A certificate.
    Certificate {
        /// Its PEM file.
        file: PathBuf,
        /// The PEM file of its key; none: the same.
        key: Option<PathBuf>,
        /// How it signs.
        form: Form,
    },
}

/// A place in a keyring.
#[derive(Clone)]
pub struct Kept {
    store: Arc<dyn KeyStore>,
    entry: String,
    limit: Duration,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Kept").field("store", &self.store.name()).finish_non_exhaustive()
    }
}

impl Kept {
    /// The place of the secret of `client_id` in `store`, which may take `limit` to answer.
    #[must_use]
    pub fn of(client_id: &str, store: Arc<dyn KeyStore>, limit: Duration) -> Self {
        Self { store, entry: format!("client secret {}", client_id.to_ascii_lowercase()), limit }
    }

    /// Puts `secret` there. Blocks on the keyring.
    ///
    /// # Errors
    /// [`AuthError::SecretKeyring`].
    pub fn keep(&self, secret: &Secret<String>) -> Result<(), AuthError> {
        keep_within(&self.store, &self.entry, secret, self.limit).map_err(|error| AuthError::SecretKeyring(Some(error)))
    }

    /// What the keyring is called.
    #[must_use]
    pub fn store_name(&self) -> &'static str {
        self.store.name()
    }

    async fn read(&self) -> Result<Secret<String>, AuthError> {
        let kept = self.clone();
        let read = tokio::task::spawn_blocking(move || read_within(&kept.store, &kept.entry, kept.limit));
        let read = read.await.map_err(|_| AuthError::Malformed("the keyring's thread broke off".to_owned()))?;
        read.map_err(|error| AuthError::SecretKeyring(Some(error)))?.ok_or(AuthError::SecretKeyring(None))
    }
}

/// A service, as a way to tokens.
#[derive(Clone, Debug)]
pub struct Service {
    registration: Registration,
    credential: Credential,
    surroundings: Surroundings,
}

impl Service {
    /// The token source of a registration with this credential. Nothing is asked yet.
    #[must_use]
    pub fn source(registration: Registration, credential: Credential, surroundings: &Surroundings) -> Renewing<Self> {
        Renewing::new(Self { registration, credential, surroundings: surroundings.clone() }, surroundings.clone())
    }

    async fn ask(&self) -> Result<AccessToken, AuthError> {
        let Surroundings { clients, clock, ids, .. } = &self.surroundings;
        let entra = Entra::new(&self.surroundings, &self.registration)?;
        let scope = clients.cloud().default_scope();
        let tokens = match &self.credential {
            Credential::Given(secret) => entra.client_credentials(secret, &scope).await?,
            Credential::Printed(command) => {
                let printed = output_of(command, clock).await.map_err(AuthError::SecretCommand)?;
                let secret = Secret::new(printed.expose().trim().to_owned());
                entra.client_credentials(&secret, &scope).await?
            }
            Credential::Kept(kept) => entra.client_credentials(&kept.read().await?, &scope).await?,
            Credential::Certificate { file, key, form } => {
                let now = clients.service_time().correct(clock.now());
                let (file, key) = (file.clone(), key.clone());
                let read = tokio::task::spawn_blocking(move || Certificate::read(&file, key.as_deref(), now));
                let read =
                    read.await.map_err(|_| AuthError::Malformed("the certificate's thread broke off".to_owned()))?;
                let certificate = read?;
                let prove = async |now: SystemTime| {
                    let client_id = &self.registration.client_id;
                    let assertion = certificate.assertion(*form, client_id, entra.token_address(), &ids.guid(), now)?;
                    entra.client_assertion(&assertion, &scope).await
                };
                match prove(now).await {
                    // The refusal has told what time it is there; with a wrong clock the statement was not good yet, or no more.
                    Err(AuthError::Refused(refusal)) => {
                        let corrected = clients.service_time().correct(clock.now());
                        let is_news =
                            corrected.max(now).duration_since(corrected.min(now)).unwrap_or_default() >= CLOCK_ERROR;
                        if !is_news {
                            return Err(AuthError::Refused(refusal));
                        }
                        prove(corrected).await?
                    }
                    result => result?,
                }
            }
        };
        Ok(tokens.access)
    }
}

impl Fetch for Service {
    fn fetch(&self, _challenge: Option<ClaimsChallenge>) -> BoxFuture<'_, Result<AccessToken, AuthError>> {
        self.ask().boxed()
    }

    fn way(&self) -> TokenWay {
        match self.credential {
            Credential::Certificate { .. } => TokenWay::ClientCertificate,
            Credential::Given(_) | Credential::Printed(_) | Credential::Kept(_) => TokenWay::ClientSecret,
        }
    }

    fn same_again(&self) -> AuthError {
        AuthError::Malformed("the very token that Microsoft 365 had just refused".to_owned())
    }
}
