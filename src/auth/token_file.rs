//! Tokens in a file of the person's own: JSON with `access_token`, `refresh_token`, `expires_in`, as a token endpoint answers.
//!
//! Must stay true: what is read is hostile until it has become an account; no error quotes the text. Deliberately absent: files
//! and their modes; whoever reads one checks that nobody else can.

use super::Surroundings;
use super::entra::Entra;
use super::errors::AuthError;
use super::identity::{self, Expected};
use super::vault::{AccessToken, GrantHistory, StoredAccount};
use crate::base::secret::Secret;
use crate::base::text::tame;
use crate::domain::account::{Account, Scopes};
use crate::domain::login::Registration;
use crate::domain::token::TokenWay;
use serde::Deserialize;
use serde_json::json;
use std::time::{Duration, SystemTime};

/// The life of a token whose file does not tell it.
const UNTOLD_LIFE: Duration = Duration::from_mins(10);
const LONGEST_LIFE: u64 = 28 * 3600;

/// Tokens from elsewhere.
#[derive(Deserialize)]
pub struct TokenFile {
    #[serde(default)]
    access_token: Option<String>,
    #[serde(default)]
    refresh_token: Option<String>,
    #[serde(default)]
    id_token: Option<String>,
    #[serde(default)]
    expires_in: Option<u64>,
    #[serde(default)]
    scope: Option<String>,
    #[serde(default)]
    client_id: Option<String>,
    #[serde(default)]
    tenant: Option<String>,
}

impl Drop for TokenFile {
    fn drop(&mut self) {
        for token in [self.access_token.take(), self.refresh_token.take(), self.id_token.take()].into_iter().flatten() {
            drop(Secret::new(token));
        }
    }
}

impl std::fmt::Debug for TokenFile {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TokenFile")
    }
}

impl TokenFile {
    /// Reads a file's text.
    ///
    /// # Errors
    /// [`AuthError::BadTokenFile`] with what is wrong.
    pub fn parse(text: &Secret<String>) -> Result<Self, AuthError> {
        let file: Self = serde_json::from_str(text.expose()).map_err(|error| {
            AuthError::BadTokenFile(format!("It is not the JSON it should be (line {}).", error.line()))
        })?;
        let is_sound = |token: &Option<String>| {
            token
                .as_ref()
                .is_none_or(|token| !token.is_empty() && token.chars().all(|character| character.is_ascii_graphic()))
        };
        if file.access_token.is_none() && file.refresh_token.is_none() {
            return Err(AuthError::BadTokenFile("It holds neither an access_token nor a refresh_token.".to_owned()));
        }
        if !is_sound(&file.access_token) || !is_sound(&file.refresh_token) {
            return Err(AuthError::BadTokenFile(
                "A token in it is empty or broken by spaces or line breaks.".to_owned(),
            ));
        }
        Ok(file)
    }

    /// The account the tokens belong to. A refresh token is tried at once: that proves it, and tells whose it is. Without one, or
    /// where the service cannot be asked (`is_offline`), the tokens themselves have to tell.
    ///
    /// # Errors
    /// [`AuthError`]: refused, unreachable, or nobody can tell whose the tokens are.
    pub async fn account(
        mut self,
        surroundings: &Surroundings,
        registration: Option<Registration>,
        is_offline: bool,
    ) -> Result<StoredAccount, AuthError> {
        let now = surroundings.clock.now();
        let access_token = self.access_token.take().map(Secret::new);
        let refresh_token = self.refresh_token.take().map(Secret::new);
        let registration = match (self.client_id.take(), registration) {
            (Some(client_id), given) => {
                let given = given.map_or_else(|| "organizations".to_owned(), |given| given.tenant);
                Registration {
                    client_id: tamed(&client_id),
                    tenant: self.tenant.take().map_or(given, |tenant| tamed(&tenant)),
                }
            }
            (None, Some(registration)) => registration,
            (None, None) => {
                return Err(AuthError::BadTokenFile("No client id is known that they were made for.".to_owned()));
            }
        };
        let scope = self.scope.take().map(|scope| tamed(&scope));
        if let Some(refresh_token) = refresh_token.as_ref().filter(|_| !is_offline) {
            let entra = Entra::new(surroundings, &registration)?;
            let asked = scope.unwrap_or_else(|| surroundings.clients.cloud().default_scope());
            let mut tokens = entra.refresh(refresh_token, &asked, None).await?;
            // A service that does not rotate goes on with the one it was given.
            tokens.refresh = tokens.refresh.or_else(|| Some(refresh_token.clone()));
            let mut stored = entra.account(tokens, &asked, None)?;
            stored.history.way = TokenWay::Imported;
            return Ok(stored);
        }
        let id = self.id_token.take().map(Secret::new);
        let provider = &surroundings.clients.cloud().provider;
        let expected =
            Expected { client_id: &registration.client_id, tenant: &registration.tenant, nonce: None, provider };
        let who = match (&id, &access_token) {
            (Some(id), _) => identity::read(id, &expected)?,
            (None, Some(access)) => identity::holder_of(access, provider).ok_or_else(|| {
                AuthError::BadTokenFile("It does not tell whose tokens these are: there is no id_token.".to_owned())
            })?,
            (None, None) => {
                return Err(AuthError::BadTokenFile(
                    "Whose refresh token it is can only be asked of the service, and deskbell works offline."
                        .to_owned(),
                ));
            }
        };
        let access = access_token.map(|token| self.access(token, now));
        let granted = match (&scope, &access) {
            (Some(scope), _) => Scopes::parse(scope),
            (None, Some(access)) => identity::granted_by(&access.token),
            (None, None) => Scopes::default(),
        };
        Ok(StoredAccount {
            scope: scope.unwrap_or_else(|| granted.to_line()),
            account: Account { key: who.key, name: who.name, address: who.address, kind: who.kind, granted },
            client_id: registration.client_id,
            tenant: registration.tenant,
            authority: surroundings.clients.cloud().authority.to_string(),
            refresh_token,
            access_token: access,
            history: GrantHistory { way: TokenWay::Imported, issued: Some(now), ..GrantHistory::default() },
        })
    }

    fn access(&self, token: Secret<String>, now: SystemTime) -> AccessToken {
        let told = self.expires_in.map(|seconds| now + Duration::from_secs(seconds.min(LONGEST_LIFE)));
        // The file may be older than it says: the token itself knows best, where it can be read.
        let read = identity::life_of(&token).ends.map(SystemTime::from);
        let expires = match (told, read) {
            (Some(told), Some(read)) => told.min(read),
            (told, read) => told.or(read).unwrap_or(now + UNTOLD_LIFE),
        };
        AccessToken { token, received: now, expires, clock_ahead: 0 }
    }
}

fn tamed(text: &str) -> String {
    tame(text).into_owned()
}

/// The tokens of an account as such a file, at `now`.
#[must_use]
pub fn write(stored: &StoredAccount, now: SystemTime) -> Secret<String> {
    let access = stored.access_token.as_ref();
    let left = access.map(|access| access.expires.duration_since(now).unwrap_or_default().as_secs());
    let file = json!({
        "token_type": "Bearer",
        "access_token": access.map(|access| access.token.expose().as_str()),
        "refresh_token": stored.refresh_token.as_ref().map(|token| token.expose().as_str()),
        "expires_in": left,
        "scope": stored.scope,
        "client_id": stored.client_id,
        "tenant": stored.tenant,
        "account": stored.account.address,
    });
    Secret::new(format!("{file:#}\n"))
}
