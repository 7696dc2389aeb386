//! The vault: accounts and their tokens at rest, in one encrypted file.
//!
//! `vault` is AES-256-GCM ([`mod@file`]); its key is kept by the system's keyring, made from a passphrase, or lies in `vault.key`
//! beside it ([`key`], [`store`]). Which of them is recorded in the file and can be told ([`Vault::facts`]). A key file protects
//! backups without it and keeps other users out; it does not protect from whoever runs as the same user. Must stay true: each
//! write is whole or not at all and takes a fresh nonce; a file that cannot be read is kept aside, never overwritten; a newer
//! format is left alone; two processes never write at the same time, and never renew the same grant at the same time.
//! Deliberately absent: access to it from a hot path. The broker keeps what is needed often in memory.

mod file;
mod key;
pub mod keyring;
mod row;
pub mod store;

use crate::base::ids::Ids;
use crate::base::paths::PlaceError;
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::domain::account::{Account, AccountKey};
use crate::domain::token::{LostGrant, TokenWay, VaultFacts, VaultKeeper};
use file::Place;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use store::{Guarded, KeyStore, StoreError};

/// An access token and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub token: Secret<String>,
    /// When it was received.
    pub received: SystemTime,
    /// When it ends.
    pub expires: SystemTime,
    /// Seconds by which this computer's clock was ahead of the service's then; 0 if that was not known.
    pub clock_ahead: i64,
}

/// Where a grant came from and how it fared; told to people. Only what was demanded is acted upon: it goes along with the next sign-in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantHistory {
    /// How the tokens came to us.
    pub way: TokenWay,
    /// When the refresh token was issued.
    pub issued: Option<SystemTime>,
    /// When a refresh token of this account last gave a token.
    pub last_used: Option<SystemTime>,
    /// A renewal that was begun then and never came to an end: the answer to it may have been lost.
    pub begun: Option<SystemTime>,
    /// What there is to tell about a grant that was lost.
    pub lost: Option<LostGrant>,
    /// What the service demanded of the next sign-in, as JSON text (`claims`).
    pub demanded: Option<String>,
}

/// An account as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAccount {
    /// Who it is.
    pub account: Account,
    /// The registration it signed in with.
    pub client_id: String,
    /// The tenant of the address its tokens come from; may be `common` and the like.
    pub tenant: String,
    /// The identity service it signed in at.
    pub authority: String,
    /// The granted scopes as the service wrote them; a refresh asks for these again.
    pub scope: String,
    /// The grant; absent after the service has declared it worthless.
    pub refresh_token: Option<Secret<String>>,
    /// The newest access token, so that a short command needs no refresh.
    pub access_token: Option<AccessToken>,
    /// Where the grant came from and how it fared.
    pub history: GrantHistory,
}

/// Who is to keep the key of the vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeyChoice {
    /// Whoever keeps it now; in a new vault the first that works: keyring, a passphrase that was handed in, a file.
    Auto,
    /// The keyring or nobody.
    Keyring,
    /// A passphrase or nobody.
    Passphrase,
    /// A file beside the vault.
    #[default]
    File,
}

/// How a vault's key is to be kept, and what is needed for that. The default is a key file, which needs nothing.
#[derive(Clone, Default)]
pub struct Keeping {
    /// Who is to keep it.
    pub choice: KeyChoice,
    /// The keyring, if there is one.
    pub store: Option<Arc<dyn KeyStore>>,
    /// How long the keyring may take; nothing for [`store::LIMIT`].
    pub limit: Option<Duration>,
    /// The passphrase, if the person gave one.
    pub passphrase: Option<Secret<String>>,
}

/// Why the vault cannot be used. No account is lost by any of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A file or folder cannot be used; holds the words of it.
    #[error("{}", .0.what)]
    Place(Box<Report>),
    /// The vault is there, its key is not.
    #[error("the vault's key {} is missing or broken", .0.display())]
    NoKey(PathBuf),
    /// The keyring does not give the key.
    #[error(transparent)]
    Keyring(#[from] StoreError),
    /// The keyring has no entry for this vault.
    #[error("the keyring no longer has the vault's key")]
    KeyGone,
    /// The key is another one than the vault was locked with.
    #[error("the vault was locked with another key")]
    OtherKey(VaultKeeper),
    /// The vault is locked with a passphrase and none was given.
    #[error("the vault needs its passphrase")]
    NeedsPassphrase,
    /// A newer version wrote it.
    #[error("the vault has format {0}, newer than this program")]
    Newer(u8),
    /// It cannot be read with the key; where it was kept.
    #[error("the vault is damaged and was kept as {}", .0.display())]
    Damaged(PathBuf),
    /// It could not be sealed.
    #[error("the vault could not be encrypted")]
    Sealing,
}

impl From<PlaceError> for VaultError {
    fn from(error: PlaceError) -> Self {
        Self::Place(Box::new(error.report()))
    }
}

impl VaultError {
    /// The error in words.
    #[must_use]
    pub fn report(&self) -> Report {
        let report = Report::new(Kind::Configuration, "vaultUnusable", "The stored sign-ins cannot be used.");
        let person = |code| Report::new(Kind::NeedsPerson, code, "The stored sign-ins are locked.");
        match self {
            Self::Place(report) => (**report).clone(),
            Self::NoKey(path) => report
                .because(format!("The key file {} is missing or broken.", path.display()))
                .next("Put the key file back from a backup.")
                .next("Or move the file `vault` beside it away and sign in again."),
            Self::Keyring(error @ (StoreError::Silent | StoreError::Locked(_))) => person("keyringLocked")
                .because(format!("{} Their key is kept there; nothing was lost.", error.sentence()))
                .next("Unlock the keyring, then try again."),
            Self::Keyring(error) => person("keyringUnusable")
                .because(format!("{} Their key is kept there; nothing was lost.", error.sentence()))
                .next("Start deskbell where the keyring can be reached: in your desktop session, with its D-Bus.")
                .next("Or move the file `vault` away, set vault.key to \"passphrase\" or \"file\", and sign in again."),
            Self::KeyGone => report
                .because("The keyring no longer has the key they were locked with.")
                .next("Restore the keyring from a backup.")
                .next("Or move the file `vault` away and sign in again."),
            Self::OtherKey(VaultKeeper::Passphrase) => person("wrongPassphrase")
                .because("The passphrase is not the one they were locked with.")
                .next("Try again with the right passphrase; nothing was changed."),
            Self::OtherKey(_) => report
                .because("Their key was replaced by another one.")
                .next("Put the key back from a backup.")
                .next("Or move the file `vault` away and sign in again."),
            Self::NeedsPassphrase => person("passphraseNeeded")
                .because("They are locked with a passphrase, and none was given.")
                .next("Start deskbell in a terminal; it asks for the passphrase.")
                .next("Or put it into a file for you alone (chmod 600) and name that in DESKBELL_PASSPHRASE_FILE."),
            Self::Newer(version) => report
                .because(format!("A newer deskbell wrote them (format {version}); nothing was touched."))
                .next("Use the newer deskbell, or another --home."),
            Self::Damaged(kept) => report
                .because(format!("The file is damaged. It was kept as {}.", kept.display()))
                .next("Sign in again.")
                .next("Or put the file and its key back from a backup."),
            Self::Sealing => report
                .because("The encryption of the file failed.")
                .next("Try again; if it stays so, report it with the version of your system."),
        }
    }
}

/// The accounts at rest.
pub struct Vault {
    place: Option<Place>,
    /// Keeps this process's readers and writers apart; holds the accounts of a vault without files.
    memory: Mutex<Vec<StoredAccount>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("file", &self.place.as_ref().map(file::Place::file))
            .finish_non_exhaustive()
    }
}

/// What keeps the key of the vault in `folder`; nothing if there is none. Reads a few bytes, asks nobody.
#[must_use]
pub fn recorded_keeper(folder: &Path) -> Option<VaultKeeper> {
    file::recorded(&folder.join(file::NAME)).map(|header| header.keeper.kind())
}

impl Vault {
    /// The vault in `folder` (the secrets' place) with a key file; nothing is read or written yet.
    #[must_use]
    pub fn in_folder(folder: &Path, ids: Arc<dyn Ids>) -> Self {
        Self::kept(folder, ids, Keeping::default())
    }

    /// The vault in `folder` with its key kept as `keeping` says; nothing is read, written or asked yet.
    #[must_use]
    pub fn kept(folder: &Path, ids: Arc<dyn Ids>, keeping: Keeping) -> Self {
        let Keeping { choice, store, limit, passphrase } = keeping;
        let store = store.map(|store| Guarded::new(store, limit.unwrap_or(store::LIMIT)));
        Self { place: Some(Place::new(folder, ids, choice, store, passphrase)), memory: Mutex::default() }
    }

    /// A vault that is gone with the process.
    #[must_use]
    pub fn in_memory() -> Self {
        Self { place: None, memory: Mutex::default() }
    }

    /// What can be told about it. Reads a few bytes.
    #[must_use]
    pub fn facts(&self) -> VaultFacts {
        match &self.place {
            Some(place) => place.facts(),
            None => VaultFacts { keeper: Some(VaultKeeper::Memory), ..VaultFacts::default() },
        }
    }

    /// All accounts, in the order of their first sign-in. Blocks on the disk.
    ///
    /// # Errors
    /// [`VaultError`]; a damaged file has been moved aside then, so that the next sign-in starts afresh.
    pub fn accounts(&self) -> Result<Vec<StoredAccount>, VaultError> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.place {
            Some(place) if !place.exists() => Ok(Vec::new()),
            Some(place) => {
                let _held = place.hold()?;
                place.read()
            }
            None => Ok(memory.clone()),
        }
    }

    /// One account. Blocks on the disk.
    ///
    /// # Errors
    /// As [`Vault::accounts`].
    pub fn account(&self, key: &AccountKey) -> Result<Option<StoredAccount>, VaultError> {
        Ok(self.accounts()?.into_iter().find(|stored| stored.account.key == *key))
    }

    /// Adds an account or replaces the one of the same key. Blocks on the disk.
    ///
    /// # Errors
    /// As [`Vault::accounts`]; what was stored before is untouched then.
    pub fn put(&self, account: StoredAccount) -> Result<(), VaultError> {
        self.change(|accounts| match accounts.iter_mut().find(|stored| stored.account.key == account.account.key) {
            Some(stored) => *stored = account,
            None => accounts.push(account),
        })
    }

    /// Changes one account; false if it is not there (any more). Blocks on the disk.
    ///
    /// # Errors
    /// As [`Vault::put`].
    pub fn update(&self, key: &AccountKey, change: impl FnOnce(&mut StoredAccount)) -> Result<bool, VaultError> {
        let mut was_there = false;
        self.change(|accounts| {
            if let Some(stored) = accounts.iter_mut().find(|stored| stored.account.key == *key) {
                change(stored);
                was_there = true;
            }
        })?;
        Ok(was_there)
    }

    /// Forgets an account; true if it was there. Blocks on the disk.
    ///
    /// # Errors
    /// As [`Vault::put`].
    pub fn remove(&self, key: &AccountKey) -> Result<bool, VaultError> {
        let mut was_there = false;
        self.change(|accounts| {
            let before = accounts.len();
            accounts.retain(|stored| stored.account.key != *key);
            was_there = accounts.len() < before;
        })?;
        if let Some(place) = &self.place {
            // The copy from before still has the account that shall be gone.
            place.forget_before();
        }
        Ok(was_there)
    }

    /// Reads, changes and writes as one step, also against other processes.
    fn change(&self, change: impl FnOnce(&mut Vec<StoredAccount>)) -> Result<(), VaultError> {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = &self.place else {
            change(&mut memory);
            return Ok(());
        };
        let _held = place.hold()?;
        let mut accounts = place.read()?;
        change(&mut accounts);
        place.write(&accounts)
    }

    /// Waits until no other process renews this account's grant, and keeps others from it until the file is dropped. The system
    /// ends the hold of a process that ends. Blocks, possibly for long: for a thread of its own. Nothing in memory: one process.
    ///
    /// # Errors
    /// [`VaultError::Place`].
    pub fn hold_renewal(&self, key: &AccountKey) -> Result<Option<File>, VaultError> {
        self.place.as_ref().map(|place| place.hold_renewal(key)).transpose()
    }
}
