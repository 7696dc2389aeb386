//! The vault: accounts and their tokens at rest, in one encrypted file.
//!
//! `vault` is AES-256-GCM under a key in `vault.key` beside it; both are for the owner alone (0600), and a file that
//! others may read is not trusted. That protects backups and keeps other users out; it does not protect from whoever runs
//! as the same user. Must stay true: each write is whole or not at all and takes a fresh nonce; a file that cannot be read
//! is kept aside, never overwritten; a newer format is left alone; two processes never write at the same time.
//! Deliberately absent: access to it from a hot path. The broker keeps what is needed often in memory.

use crate::base::ids::Ids;
use crate::base::paths::{self, PlaceError};
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::domain::account::{Account, AccountKey, AccountKind, Scopes};
use crate::domain::token::{LostGrant, TokenWay};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// First bytes of the file.
const MAGIC: &[u8; 14] = b"deskbell vault";
/// Format of what follows. 1: nonce (12 bytes), sealed JSON, tag (16 bytes); magic and version are authenticated.
const VERSION: u8 = 1;
const HEADER: usize = MAGIC.len() + 1;
const NONCE: usize = 12;
const KEY: usize = 32;

/// An access token and when it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub token: Secret<String>,
    /// When it was received.
    pub received: SystemTime,
    /// When it ends.
    pub expires: SystemTime,
}

/// Where a grant came from and how it fared; told to people, never acted upon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GrantHistory {
    /// How the tokens came to us.
    pub way: TokenWay,
    /// When the refresh token was issued.
    pub issued: Option<SystemTime>,
    /// When a refresh token of this account last gave a token.
    pub last_used: Option<SystemTime>,
    /// What there is to tell about a grant that was lost.
    pub lost: Option<LostGrant>,
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

/// Why the vault cannot be used. No account is lost by any of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// A file or folder cannot be used; holds the words of it.
    #[error("{}", .0.what)]
    Place(Box<Report>),
    /// The vault is there, its key is not.
    #[error("the vault's key {} is missing or broken", .0.display())]
    NoKey(PathBuf),
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
        match self {
            Self::Place(report) => (**report).clone(),
            Self::NoKey(path) => report
                .because(format!("The key file {} is missing or broken.", path.display()))
                .next("Put the key file back from a backup.")
                .next("Or move the file `vault` beside it away and sign in again."),
            Self::Newer(version) => report
                .because(format!("A newer deskbell wrote them (format {version}); nothing was touched."))
                .next("Use the newer deskbell, or another --home."),
            Self::Damaged(kept) => report
                .because(format!(
                    "The file is damaged or was made with another key. It was kept as {}.",
                    kept.display()
                ))
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
    ids: Arc<dyn Ids>,
    /// Keeps this process's readers and writers apart; holds the accounts of a vault without files.
    memory: Mutex<Vec<StoredAccount>>,
}

struct Place {
    file: PathBuf,
    key: PathBuf,
    lock: PathBuf,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Vault")
            .field("file", &self.place.as_ref().map(|place| &place.file))
            .finish_non_exhaustive()
    }
}

impl Vault {
    /// The vault in `folder` (the secrets' place); nothing is read or written yet.
    #[must_use]
    pub fn in_folder(folder: &Path, ids: Arc<dyn Ids>) -> Self {
        let place =
            Place { file: folder.join("vault"), key: folder.join("vault.key"), lock: folder.join("vault.lock") };
        Self { place: Some(place), ids, memory: Mutex::default() }
    }

    /// A vault that is gone with the process.
    #[must_use]
    pub fn in_memory(ids: Arc<dyn Ids>) -> Self {
        Self { place: None, ids, memory: Mutex::default() }
    }

    /// All accounts, in the order of their first sign-in. Blocks on the disk.
    ///
    /// # Errors
    /// [`VaultError`]; a damaged file has been moved aside then, so that the next sign-in starts afresh.
    pub fn accounts(&self) -> Result<Vec<StoredAccount>, VaultError> {
        let memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        match &self.place {
            Some(place) if !place.file.exists() => Ok(Vec::new()),
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
        place.write(&accounts, &*self.ids)
    }
}

impl Place {
    /// Holds the vault against other processes until dropped.
    fn hold(&self) -> Result<File, VaultError> {
        if let Some(folder) = self.lock.parent() {
            paths::create_private_folder(folder)?;
        }
        let io = |source| PlaceError::Io { action: "lock", path: self.lock.clone(), source };
        let mut options = File::options();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.lock).map_err(io)?;
        file.lock().map_err(io)?;
        Ok(file)
    }

    fn read(&self) -> Result<Vec<StoredAccount>, VaultError> {
        let Some(bytes) = paths::read_private(&self.file)? else { return Ok(Vec::new()) };
        if bytes.starts_with(MAGIC) && bytes.get(MAGIC.len()).is_some_and(|version| *version > VERSION) {
            return Err(VaultError::Newer(bytes[MAGIC.len()]));
        }
        let key = self.read_key()?.ok_or_else(|| VaultError::NoKey(self.key.clone()))?;
        match open(bytes, &key) {
            Some(accounts) => Ok(accounts),
            None => Err(self.keep_aside()?),
        }
    }

    fn write(&self, accounts: &[StoredAccount], ids: &dyn Ids) -> Result<(), VaultError> {
        let key = match self.read_key()? {
            Some(key) => key,
            None => self.make_key(ids)?,
        };
        let sealed = seal(accounts, &key).ok_or(VaultError::Sealing)?;
        Ok(paths::write_private(&self.file, &sealed)?)
    }

    /// The key; `None` if there is no file.
    fn read_key(&self) -> Result<Option<RandomizedNonceKey>, VaultError> {
        let Some(text) = paths::read_private(&self.key)? else { return Ok(None) };
        let text = Secret::new(text);
        let bytes = STANDARD.decode(text.expose().trim_ascii()).map(Secret::new);
        let key = bytes.ok().and_then(|bytes| RandomizedNonceKey::new(&AES_256_GCM, bytes.expose()).ok());
        key.map(Some).ok_or_else(|| VaultError::NoKey(self.key.clone()))
    }

    /// Makes the key of a new vault. Called only where there is no key, and then there is no readable vault either.
    fn make_key(&self, ids: &dyn Ids) -> Result<RandomizedNonceKey, VaultError> {
        let mut bytes = [0_u8; KEY];
        ids.fill(&mut bytes);
        let bytes = Secret::new(bytes);
        let text = Secret::new(STANDARD.encode(bytes.expose()) + "\n");
        paths::write_private(&self.key, text.expose().as_bytes())?;
        RandomizedNonceKey::new(&AES_256_GCM, bytes.expose()).map_err(|_| VaultError::Sealing)
    }

    /// Moves an unreadable vault out of the way, under a name nothing else has.
    fn keep_aside(&self) -> Result<VaultError, VaultError> {
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let free = (1..=u32::MAX)
            .map(|number| folder.join(format!("vault.damaged-{number}")))
            .find(|path| !path.exists())
            .unwrap_or_else(|| folder.join("vault.damaged"));
        fs::rename(&self.file, &free).map_err(|source| PlaceError::Io {
            action: "move",
            path: self.file.clone(),
            source,
        })?;
        Ok(VaultError::Damaged(free))
    }
}

fn seal(accounts: &[StoredAccount], key: &RandomizedNonceKey) -> Option<Vec<u8>> {
    let rows = Rows { accounts: accounts.iter().map(Row::of).collect() };
    // Room ahead for the whole text: growing would leave copies of it behind in freed memory.
    let length = accounts.iter().map(Row::longest).sum::<usize>() + 64;
    let mut text = Vec::with_capacity(length);
    serde_json::to_writer(&mut text, &rows).ok()?;
    let header = [MAGIC.as_slice(), &[VERSION]].concat();
    let nonce = key.seal_in_place_append_tag(Aad::from(&header), &mut text).ok()?;
    Some([header.as_slice(), nonce.as_ref(), &text].concat())
}

fn open(mut bytes: Vec<u8>, key: &RandomizedNonceKey) -> Option<Vec<StoredAccount>> {
    let (header, rest) = bytes.split_at_mut_checked(HEADER)?;
    if !header.starts_with(MAGIC) || header[MAGIC.len()] != VERSION {
        return None;
    }
    let (nonce, sealed) = rest.split_at_mut_checked(NONCE)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let text = key.open_in_place(nonce, Aad::from(&*header), sealed).ok()?;
    let rows = serde_json::from_slice::<OwnedRows>(text).ok();
    // The text is wiped before anything else can happen to it.
    drop(Secret::new(bytes));
    Some(rows?.accounts.into_iter().map(OwnedRow::into_account).collect())
}

#[derive(Serialize)]
struct Rows<'a> {
    accounts: Vec<Row<'a>>,
}

/// An account as it is written; borrowed, so that no copy of a token is left behind.
#[derive(Serialize)]
struct Row<'a> {
    tid: &'a str,
    oid: &'a str,
    name: &'a str,
    address: &'a str,
    kind: &'static str,
    granted: String,
    client_id: &'a str,
    tenant: &'a str,
    authority: &'a str,
    scope: &'a str,
    refresh_token: Option<&'a str>,
    access_token: Option<&'a str>,
    received: Option<u64>,
    expires: Option<u64>,
    way: &'static str,
    issued: Option<u64>,
    last_used: Option<u64>,
    lost: Option<LostRow>,
}

/// A lost grant as it is written.
#[derive(Serialize, Deserialize)]
struct LostRow {
    issued: Option<u64>,
    last_used: Option<u64>,
    refused: Option<u64>,
    error: String,
    code: String,
    correlation_id: String,
}

impl LostRow {
    fn of(lost: &LostGrant) -> Self {
        let seconds = |time: Option<Timestamp>| time.and_then(|time| u64::try_from(time.as_second()).ok());
        Self {
            issued: seconds(lost.issued),
            last_used: seconds(lost.last_used),
            refused: seconds(lost.refused),
            error: lost.error.clone(),
            code: lost.code.clone(),
            correlation_id: lost.correlation_id.clone(),
        }
    }

    fn into_lost(self) -> LostGrant {
        let at = |seconds: Option<u64>| {
            seconds.and_then(|seconds| Timestamp::from_second(i64::try_from(seconds).ok()?).ok())
        };
        LostGrant {
            issued: at(self.issued),
            last_used: at(self.last_used),
            refused: at(self.refused),
            error: self.error,
            code: self.code,
            correlation_id: self.correlation_id,
        }
    }
}

impl<'a> Row<'a> {
    fn of(stored: &'a StoredAccount) -> Self {
        let StoredAccount { account, access_token, history, .. } = stored;
        Self {
            tid: &account.key.tenant,
            oid: &account.key.object,
            name: &account.name,
            address: &account.address,
            kind: match account.kind {
                AccountKind::Work => "work",
                AccountKind::Personal => "personal",
                AccountKind::Service => "service",
            },
            granted: account.granted.to_line(),
            client_id: &stored.client_id,
            tenant: &stored.tenant,
            authority: &stored.authority,
            scope: &stored.scope,
            refresh_token: stored.refresh_token.as_ref().map(|token| token.expose().as_str()),
            access_token: access_token.as_ref().map(|token| token.token.expose().as_str()),
            received: access_token.as_ref().map(|token| seconds(token.received)),
            expires: access_token.as_ref().map(|token| seconds(token.expires)),
            way: history.way.name(),
            issued: history.issued.map(seconds),
            last_used: history.last_used.map(seconds),
            lost: history.lost.as_ref().map(LostRow::of),
        }
    }

    /// An upper bound of the length of an account as JSON.
    fn longest(stored: &StoredAccount) -> usize {
        let StoredAccount { account, client_id, tenant, authority, scope, refresh_token, access_token, history } =
            stored;
        let lost =
            history.lost.as_ref().map_or(0, |lost| lost.error.len() + lost.code.len() + lost.correlation_id.len());
        let tokens = refresh_token.as_ref().map_or(0, |token| token.expose().len())
            + access_token.as_ref().map_or(0, |token| token.token.expose().len());
        let texts = [
            &account.key.tenant,
            &account.key.object,
            &account.name,
            &account.address,
            client_id,
            tenant,
            authority,
            scope,
        ];
        let texts = texts.iter().map(|text| text.len()).sum::<usize>() + account.granted.to_line().len();
        // A character becomes six at most (\u0000).
        (tokens + texts + lost) * 6 + 1024
    }
}

#[derive(Deserialize)]
struct OwnedRows {
    accounts: Vec<OwnedRow>,
}

#[derive(Deserialize)]
struct OwnedRow {
    tid: String,
    oid: String,
    name: String,
    address: String,
    kind: String,
    granted: String,
    client_id: String,
    tenant: String,
    authority: String,
    scope: String,
    refresh_token: Option<String>,
    access_token: Option<String>,
    received: Option<u64>,
    expires: Option<u64>,
    #[serde(default)]
    way: String,
    #[serde(default)]
    issued: Option<u64>,
    #[serde(default)]
    last_used: Option<u64>,
    #[serde(default)]
    lost: Option<LostRow>,
}

impl OwnedRow {
    fn into_account(self) -> StoredAccount {
        let access_token = self.access_token.map(Secret::new).zip(self.received.zip(self.expires));
        StoredAccount {
            account: Account {
                key: AccountKey { tenant: self.tid, object: self.oid },
                name: self.name,
                address: self.address,
                kind: match self.kind.as_str() {
                    "personal" => AccountKind::Personal,
                    "service" => AccountKind::Service,
                    _ => AccountKind::Work,
                },
                granted: Scopes::parse(&self.granted),
            },
            client_id: self.client_id,
            tenant: self.tenant,
            authority: self.authority,
            scope: self.scope,
            refresh_token: self.refresh_token.map(Secret::new),
            access_token: access_token.map(|(token, (received, expires))| AccessToken {
                token,
                received: at(received),
                expires: at(expires),
            }),
            history: GrantHistory {
                way: TokenWay::named(&self.way).unwrap_or_default(),
                issued: self.issued.map(at),
                last_used: self.last_used.map(at),
                lost: self.lost.map(LostRow::into_lost),
            },
        }
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_secs(seconds)).unwrap_or(UNIX_EPOCH)
}
