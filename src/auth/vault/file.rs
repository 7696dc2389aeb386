//! The vault's files: the sealed one, the copy from before the last change, the key file and the locks.
//!
//! Format 2: magic, version, header ([`super::key`]), nonce (12 bytes), sealed JSON, tag (16 bytes); everything before the nonce is
//! authenticated. Format 1 had no header and a key file always; it is read, and written as 2. Must stay true: the caller holds
//! the lock around read and write; what cannot be read is renamed, never overwritten.

use super::key::{Header, KEY, Keeper, Key};
use super::store::{Guarded, StoreError};
use super::{KeyChoice, StoredAccount, VaultError, row};
use crate::base::ids::Ids;
use crate::base::paths::{self, PlaceError};
use crate::base::secret::Secret;
use crate::domain::account::AccountKey;
use crate::domain::token::{VaultFacts, VaultKeeper};
use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The file's name.
pub(super) const NAME: &str = "vault";
/// Its first bytes.
const MAGIC: &[u8; 14] = b"deskbell vault";
const VERSION: u8 = 2;
const NONCE: usize = 12;
const TAG: usize = 16;
/// No header is longer.
const LONGEST_HEADER: u64 = 1024;

/// A vault on disk.
pub(super) struct Place {
    file: PathBuf,
    before: PathBuf,
    key_file: PathBuf,
    lock: PathBuf,
    ids: Arc<dyn Ids>,
    choice: KeyChoice,
    store: Option<Guarded>,
    passphrase: Option<Secret<String>>,
    /// The key in use, so that nobody is asked twice.
    opened: Mutex<Option<(Header, Key)>>,
    /// Where a damaged vault went that was replaced by the copy from before.
    recovered: Mutex<Option<PathBuf>>,
}

/// The header of the vault in `file`, if there is a readable one.
pub(super) fn recorded(file: &Path) -> Option<Header> {
    let mut bytes = Vec::new();
    File::open(file).ok()?.take(LONGEST_HEADER).read_to_end(&mut bytes).ok()?;
    header_of(&bytes).map(|(header, _)| header)
}

/// The header, and how many bytes stand before the nonce.
fn header_of(bytes: &[u8]) -> Option<(Header, usize)> {
    let rest = bytes.strip_prefix(MAGIC)?;
    match rest.split_first()? {
        (1, _) => Some((Header { keeper: Keeper::file(""), check: None }, MAGIC.len() + 1)),
        (&VERSION, rest) => {
            let (header, length) = Header::read(rest)?;
            Some((header, MAGIC.len() + 1 + length))
        }
        _ => None,
    }
}

impl Place {
    pub(super) fn new(
        folder: &Path,
        ids: Arc<dyn Ids>,
        choice: KeyChoice,
        store: Option<Guarded>,
        passphrase: Option<Secret<String>>,
    ) -> Self {
        Self {
            file: folder.join(NAME),
            before: folder.join("vault.before"),
            key_file: folder.join("vault.key"),
            lock: folder.join("vault.lock"),
            ids,
            choice,
            store,
            passphrase,
            opened: Mutex::default(),
            recovered: Mutex::default(),
        }
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn exists(&self) -> bool {
        self.file.exists()
    }

    pub(super) fn facts(&self) -> VaultFacts {
        let header = recorded(&self.file);
        let note = match header.as_ref().map(|header| &header.keeper) {
            Some(Keeper::File { note }) => note.clone(),
            _ => String::new(),
        };
        let recovered = self.recovered.lock().unwrap_or_else(PoisonError::into_inner);
        VaultFacts {
            keeper: header.map(|header| header.keeper.kind()),
            note,
            recovered: recovered.as_ref().map(|path| path.display().to_string()),
        }
    }

    /// Holds the vault against other processes until dropped.
    pub(super) fn hold(&self) -> Result<File, VaultError> {
        lock(&self.lock)
    }

    /// Holds the renewal of one account's grant against other processes until dropped.
    pub(super) fn hold_renewal(&self, key: &AccountKey) -> Result<File, VaultError> {
        let sum = digest(&SHA256, key.to_string().as_bytes());
        let name: String = sum.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        lock(&self.lock.with_file_name(format!("renewal-{name}.lock")))
    }

    pub(super) fn read(&self) -> Result<Vec<StoredAccount>, VaultError> {
        let Some(bytes) = paths::read_private(&self.file)? else {
            // A crash between two steps of a write cannot leave this; a person may have moved the file away.
            return Ok(Vec::new());
        };
        match self.read_bytes(bytes)? {
            Some(accounts) => Ok(accounts),
            None => self.recover(),
        }
    }

    /// The accounts in `bytes`; nothing if they are damaged.
    fn read_bytes(&self, bytes: Vec<u8>) -> Result<Option<Vec<StoredAccount>>, VaultError> {
        if let Some(version) = bytes.strip_prefix(MAGIC).and_then(|rest| rest.first()).filter(|found| **found > VERSION)
        {
            return Err(VaultError::Newer(*version));
        }
        let Some((header, length)) = header_of(&bytes) else { return Ok(None) };
        let key = self.key(&header)?;
        let accounts = open(bytes, length, &key);
        if accounts.is_some() {
            *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some((header, key));
        }
        Ok(accounts)
    }

    /// Moves the damaged vault aside and puts the copy from before the last change in its place, if that can be read.
    fn recover(&self) -> Result<Vec<StoredAccount>, VaultError> {
        let damaged = self.keep_aside()?;
        let Ok(Some(bytes)) = paths::read_private(&self.before) else { return Err(VaultError::Damaged(damaged)) };
        match self.read_bytes(bytes.clone()) {
            Ok(Some(accounts)) => {
                paths::write_private(&self.file, &bytes)?;
                tracing::warn!("the vault was damaged; the copy from before the last change was taken");
                *self.recovered.lock().unwrap_or_else(PoisonError::into_inner) = Some(damaged);
                Ok(accounts)
            }
            _ => Err(VaultError::Damaged(damaged)),
        }
    }

    pub(super) fn write(&self, accounts: &[StoredAccount]) -> Result<(), VaultError> {
        let old = recorded(&self.file);
        let (header, key) = self.keeper_of(old.as_ref())?;
        let sealed = seal(accounts, &header, &key).ok_or(VaultError::Sealing)?;
        let has_moved = old.as_ref().is_some_and(|old| old.keeper.kind() != header.keeper.kind());
        if !has_moved {
            self.copy_before();
        }
        paths::write_private(&self.file, &sealed)?;
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some((header, key));
        if has_moved {
            self.leave(old);
        }
        Ok(())
    }

    /// Keeps the vault as it is now beside it. Without that copy a write is as safe as the disk is.
    fn copy_before(&self) {
        let beside = self.before.with_extension("before-new");
        let _ = fs::remove_file(&beside);
        let copied = fs::hard_link(&self.file, &beside).or_else(|_| fs::copy(&self.file, &beside).map(drop));
        if copied.is_ok() {
            let _ = fs::rename(&beside, &self.before);
        }
    }

    /// Takes the copy away.
    pub(super) fn forget_before(&self) {
        let _ = fs::remove_file(&self.before);
    }

    /// Takes away what the former keeper held.
    fn leave(&self, old: Option<Header>) {
        self.forget_before();
        match old.map(|old| old.keeper) {
            Some(Keeper::File { .. }) => {
                let _ = fs::remove_file(&self.key_file);
            }
            Some(Keeper::Keyring { entry }) => {
                if let Some(store) = &self.store {
                    store.remove(&entry);
                }
            }
            _ => {}
        }
    }

    /// Who keeps the key from now on: whoever did, unless the person wants somebody else.
    fn keeper_of(&self, old: Option<&Header>) -> Result<(Header, Key), VaultError> {
        let wanted = match self.choice {
            KeyChoice::Auto => None,
            KeyChoice::Keyring => Some(VaultKeeper::Keyring),
            KeyChoice::Passphrase => Some(VaultKeeper::Passphrase),
            KeyChoice::File => Some(VaultKeeper::File),
        };
        if let Some(old) = old.filter(|old| wanted.is_none_or(|wanted| wanted == old.keeper.kind())) {
            let key = self.key(old)?;
            // A vault of format 1 gets its header with this write.
            return Ok((Header::new(old.keeper.clone(), &key), key));
        }
        match wanted {
            Some(VaultKeeper::Keyring) => self.make_in_keyring().map_err(VaultError::Keyring),
            Some(VaultKeeper::Passphrase) => self.make_from_passphrase(),
            Some(_) => self.make_key_file(""),
            None if self.key_file.exists() => self.make_key_file(""),
            None => match self.make_in_keyring() {
                Ok(made) => Ok(made),
                Err(error) => {
                    tracing::info!(%error, "the keyring does not keep the vault's key");
                    if self.passphrase.is_some() {
                        self.make_from_passphrase()
                    } else {
                        self.make_key_file(&error.sentence())
                    }
                }
            },
        }
    }

    /// The key of a vault with this header.
    fn key(&self, header: &Header) -> Result<Key, VaultError> {
        if let Some((opened, key)) = &*self.opened.lock().unwrap_or_else(PoisonError::into_inner)
            && opened == header
            // The key file is looked at each time: one that others may read is not trusted any more.
            && !matches!(header.keeper, Keeper::File { .. })
        {
            return Ok(key.clone());
        }
        let key = match &header.keeper {
            Keeper::File { .. } => self.read_key_file()?.ok_or_else(|| VaultError::NoKey(self.key_file.clone()))?,
            Keeper::Keyring { entry } => {
                let store = self.store.as_ref().ok_or_else(no_store)?;
                let text = store.read(entry)?.ok_or(VaultError::KeyGone)?;
                decode(&text).ok_or(VaultError::KeyGone)?
            }
            Keeper::Passphrase { .. } => {
                header.keeper.derive(self.passphrase.as_ref().ok_or(VaultError::NeedsPassphrase)?)?
            }
        };
        if header.fits(&key) { Ok(key) } else { Err(VaultError::OtherKey(header.keeper.kind())) }
    }

    fn random_key(&self) -> Key {
        let mut bytes = [0_u8; KEY];
        self.ids.fill(&mut bytes);
        Secret::new(bytes)
    }

    fn make_in_keyring(&self) -> Result<(Header, Key), StoreError> {
        let store = self.store.as_ref().ok_or_else(no_store)?;
        let mut id = [0; 16];
        self.ids.fill(&mut id);
        let keeper = Keeper::keyring(id);
        let key = self.random_key();
        if let Keeper::Keyring { entry } = &keeper {
            store.establish(entry, &encode(&key))?;
            tracing::info!(keyring = store.name(), "the vault's key is in the keyring");
        }
        Ok((Header::new(keeper, &key), key))
    }

    fn make_from_passphrase(&self) -> Result<(Header, Key), VaultError> {
        let passphrase = self.passphrase.as_ref().ok_or(VaultError::NeedsPassphrase)?;
        let mut salt = [0; 16];
        self.ids.fill(&mut salt);
        let keeper = Keeper::passphrase(salt);
        let key = keeper.derive(passphrase)?;
        Ok((Header::new(keeper, &key), key))
    }

    /// Takes the key file that is there, or makes one. There is no readable vault it could belong to.
    fn make_key_file(&self, note: &str) -> Result<(Header, Key), VaultError> {
        let key = match self.read_key_file()? {
            Some(key) => key,
            None => {
                let key = self.random_key();
                let text = Secret::new(encode(&key).expose().clone() + "\n");
                paths::write_private(&self.key_file, text.expose().as_bytes())?;
                key
            }
        };
        Ok((Header::new(Keeper::file(note), &key), key))
    }

    /// The key in the file; nothing if there is no file.
    fn read_key_file(&self) -> Result<Option<Key>, VaultError> {
        let Some(text) = paths::read_private(&self.key_file)? else { return Ok(None) };
        let text = String::from_utf8(text).map(Secret::new).ok();
        let key = text.and_then(|text| decode(&text));
        key.map(Some).ok_or_else(|| VaultError::NoKey(self.key_file.clone()))
    }

    /// Moves an unreadable vault out of the way, under a name nothing else has.
    fn keep_aside(&self) -> Result<PathBuf, VaultError> {
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
        Ok(free)
    }
}

fn no_store() -> StoreError {
    StoreError::Absent("this deskbell was built without it".to_owned())
}

fn encode(key: &Key) -> Secret<String> {
    Secret::new(STANDARD.encode(key.expose()))
}

fn decode(text: &Secret<String>) -> Option<Key> {
    let bytes = Secret::new(STANDARD.decode(text.expose().trim_ascii()).ok()?);
    <[u8; KEY]>::try_from(bytes.expose().as_slice()).ok().map(Secret::new)
}

/// Waits for the lock on `path` and takes it. A lock belongs to a process and ends with it, so none is ever stale.
fn lock(path: &Path) -> Result<File, VaultError> {
    if let Some(folder) = path.parent() {
        paths::create_private_folder(folder)?;
    }
    let io = |source| PlaceError::Io { action: "lock", path: path.to_owned(), source };
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(io)?;
    file.lock().map_err(io)?;
    Ok(file)
}

fn seal(accounts: &[StoredAccount], header: &Header, key: &Key) -> Option<Vec<u8>> {
    let sealing = RandomizedNonceKey::new(&AES_256_GCM, key.expose()).ok()?;
    let mut text = row::write(accounts, TAG)?;
    let before = [MAGIC.as_slice(), &[VERSION], &header.write()].concat();
    let nonce = sealing.seal_in_place_append_tag(Aad::from(&before), &mut text).ok()?;
    Some([before.as_slice(), nonce.as_ref(), &text].concat())
}

/// Opens what [`seal`] made; `length` bytes stand before the nonce.
fn open(mut bytes: Vec<u8>, length: usize, key: &Key) -> Option<Vec<StoredAccount>> {
    let opening = RandomizedNonceKey::new(&AES_256_GCM, key.expose()).ok()?;
    let (before, rest) = bytes.split_at_mut_checked(length)?;
    let (nonce, sealed) = rest.split_at_mut_checked(NONCE)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let text = opening.open_in_place(nonce, Aad::from(&*before), sealed).ok()?;
    let accounts = row::read(text);
    // The text is wiped before anything else can happen to it.
    drop(Secret::new(bytes));
    accounts
}
