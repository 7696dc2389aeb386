//! Who keeps the vault's key: the header that records it, and the ways to the key.
//!
//! The header stands in clear before the sealed part and is authenticated with it. Must stay true: a recorded choice is kept to
//! (a keyring that is silent today is an error with a remedy, never a reason to take another keeper); the key itself is never
//! written beside what it opens except as the key file, which says so. Deliberately absent: asking a person. Passphrases are
//! handed in.

use super::VaultError;
use crate::base::secret::Secret;
use crate::domain::token::VaultKeeper;
use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::digest::{SHA256, digest};

/// Length of the key.
pub(super) const KEY: usize = 32;
const CHECK: usize = 8;
const SALT: usize = 16;
const ID: usize = 16;
/// What is taken for deriving a key; stored in the header, so that it can be raised later [RFC 9106; OWASP].
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// A header asking for more than this was not written by us.
const MOST_MEMORY_KIB: u32 = 1024 * 1024;
const MOST_PASSES: u32 = 64;
const MOST_LANES: u32 = 16;
/// The longest note that is kept.
const LONGEST_NOTE: usize = 200;

/// The key itself.
pub(super) type Key = Secret<[u8; KEY]>;

/// How the key of an existing vault is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) keeper: Keeper,
    /// Tells a wrong key from a damaged vault; `None` in vaults of format 1.
    pub(super) check: Option<[u8; CHECK]>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Keeper {
    /// In `vault.key`; why it is not in the keyring, if that was tried.
    File { note: String },
    /// In the keyring, under this entry.
    Keyring { entry: String },
    /// Derived from a passphrase.
    Passphrase { salt: [u8; SALT], memory: u32, passes: u32, lanes: u32 },
}

impl Keeper {
    pub(super) fn file(note: &str) -> Self {
        let end = note.char_indices().map(|(at, _)| at).find(|at| *at >= LONGEST_NOTE).unwrap_or(note.len());
        Self::File { note: note[..end].to_owned() }
    }

    pub(super) fn keyring(id: [u8; ID]) -> Self {
        let digits: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        Self::Keyring { entry: format!("vault {digits}") }
    }

    pub(super) const fn passphrase(salt: [u8; SALT]) -> Self {
        Self::Passphrase { salt, memory: MEMORY_KIB, passes: PASSES, lanes: LANES }
    }

    pub(super) const fn kind(&self) -> VaultKeeper {
        match self {
            Self::File { .. } => VaultKeeper::File,
            Self::Keyring { .. } => VaultKeeper::Keyring,
            Self::Passphrase { .. } => VaultKeeper::Passphrase,
        }
    }

    /// The key a passphrase makes.
    pub(super) fn derive(&self, passphrase: &Secret<String>) -> Result<Key, VaultError> {
        let Self::Passphrase { salt, memory, passes, lanes } = self else { return Err(VaultError::Sealing) };
        let params = Params::new(*memory, *passes, *lanes, Some(KEY)).map_err(|_| VaultError::Sealing)?;
        let mut key = [0_u8; KEY];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), salt, &mut key)
            .map_err(|_| VaultError::Sealing)?;
        Ok(Secret::new(key))
    }
}

impl Header {
    pub(super) fn new(keeper: Keeper, key: &Key) -> Self {
        Self { keeper, check: Some(check_of(key)) }
    }

    /// Whether `key` is the one the vault was sealed with, as far as that can be told without opening it.
    pub(super) fn fits(&self, key: &Key) -> bool {
        self.check.is_none_or(|check| check == check_of(key))
    }

    /// Code, length and content, as they stand in the file.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut content = self.check.unwrap_or_default().to_vec();
        let code = match &self.keeper {
            Keeper::File { note } => {
                content.extend_from_slice(note.as_bytes());
                1
            }
            Keeper::Keyring { entry } => {
                content.extend_from_slice(entry.as_bytes());
                2
            }
            Keeper::Passphrase { salt, memory, passes, lanes } => {
                content.extend_from_slice(salt);
                for number in [memory, passes, lanes] {
                    content.extend_from_slice(&number.to_le_bytes());
                }
                3
            }
        };
        let length = u16::try_from(content.len()).unwrap_or(u16::MAX).to_le_bytes();
        [&[code], length.as_slice(), &content].concat()
    }

    /// Reads what [`Header::write`] wrote; with the number of bytes it took.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let (&[code, low, high], rest) = bytes.split_first_chunk::<3>()?;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let content = rest.get(..length)?;
        let (check, content) = content.split_first_chunk::<CHECK>()?;
        let keeper = match code {
            1 => Keeper::File { note: String::from_utf8(content.to_vec()).ok()? },
            2 => Keeper::Keyring { entry: String::from_utf8(content.to_vec()).ok()? },
            3 => {
                let (salt, numbers) = content.split_first_chunk::<SALT>()?;
                let (memory, numbers) = numbers.split_first_chunk::<4>()?;
                let (passes, numbers) = numbers.split_first_chunk::<4>()?;
                let (lanes, _) = numbers.split_first_chunk::<4>()?;
                let [memory, passes, lanes] = [memory, passes, lanes].map(|bytes| u32::from_le_bytes(*bytes));
                if memory > MOST_MEMORY_KIB || passes > MOST_PASSES || lanes > MOST_LANES {
                    return None;
                }
                Keeper::Passphrase { salt: *salt, memory, passes, lanes }
            }
            _ => return None,
        };
        Some((Self { keeper, check: Some(*check) }, 3 + length))
    }
}

fn check_of(key: &Key) -> [u8; CHECK] {
    let text = Secret::new([b"deskbell vault key ".as_slice(), key.expose()].concat());
    let sum = digest(&SHA256, text.expose());
    let mut check = [0_u8; CHECK];
    for (to, from) in check.iter_mut().zip(sum.as_ref()) {
        *to = *from;
    }
    check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_comes_back_as_it_went_in_and_half_of_one_is_none() {
        let key = Secret::new([7; KEY]);
        for keeper in
            [Keeper::file("no session bus"), Keeper::keyring([3; ID]), Keeper::passphrase([9; SALT]), Keeper::file("")]
        {
            let header = Header::new(keeper, &key);
            let bytes = header.write();
            assert_eq!(Header::read(&bytes), Some((header, bytes.len())));
            for end in 0..bytes.len() {
                assert_eq!(Header::read(&bytes[..end]), None);
            }
        }
    }

    #[test]
    fn a_header_that_asks_for_all_memory_is_not_believed() {
        let keeper = Keeper::Passphrase { salt: [0; SALT], memory: u32::MAX, passes: 1, lanes: 1 };
        assert_eq!(Header::read(&Header { keeper, check: None }.write()), None);
    }

    #[test]
    fn a_long_note_is_cut_between_characters() {
        let Keeper::File { note } = Keeper::file(&"ä".repeat(300)) else { panic!("no file") };
        assert!(note.len() <= LONGEST_NOTE + 1 && note.chars().all(|character| character == 'ä'));
    }
}
