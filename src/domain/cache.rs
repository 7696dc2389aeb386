//! What lies in the cache, for a person to look at and to make room.

use crate::domain::account::Account;
use jiff::Timestamp;
use std::path::PathBuf;

/// The cache as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheFacts {
    /// The file.
    pub file: PathBuf,
    /// Bytes on the disk, with the journal.
    pub bytes: u64,
    /// Bytes within the file that hold nothing.
    pub free: u64,
    /// What belongs to whom.
    pub accounts: Vec<CachedAccount>,
    /// Damaged files that were set aside and wait to be removed.
    pub set_aside: Vec<PathBuf>,
}

/// What is kept of one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedAccount {
    /// Whose it is.
    pub account: Account,
    /// Folders.
    pub folders: u64,
    /// Messages, without their bodies.
    pub messages: u64,
    /// Messages whose body is here.
    pub bodies: u64,
    /// Bytes of the bodies, compressed.
    pub body_bytes: u64,
    /// Events.
    pub events: u64,
    /// People.
    pub people: u64,
    /// When the oldest message was received.
    pub oldest: Option<Timestamp>,
    /// When anything of it was last in step with the service.
    pub as_of: Option<Timestamp>,
}

/// What making room did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cleaned {
    /// Bodies that went.
    pub bodies: u64,
    /// Accounts nobody is signed in to any more, that went.
    pub accounts: u64,
    /// Set-aside files that were removed.
    pub files: u64,
    /// Bytes given back to the disk.
    pub bytes: u64,
}
