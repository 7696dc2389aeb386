//! What can go wrong with the cache, and how to say it.

use crate::base::report::{Kind, Report};
use std::path::PathBuf;

/// Why the cache could not do what was asked. Nothing in it is a person's only copy: the mailbox is with the service.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The file or its folder cannot be made, opened or protected.
    #[error("the cache {path} cannot be opened: {reason}")]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A later release wrote the file.
    #[error("the cache {path} has the form {found}, this release knows {known}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The file's contents are not what was written.
    #[error("the cache is damaged: {0}")]
    Damaged(String),
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// The system refused a write, and does not say to us whether a limit holds or the disk fails.
    #[error("the system refused a write")]
    Unwritten,
    /// The system could not read what lies on the disk.
    #[error("the disk cannot be read")]
    Unread,
    /// Another process held the file for too long.
    #[error("another process keeps the cache busy")]
    Busy,
    /// A row cannot be read as what it should be.
    #[error("a row of the cache cannot be read: {0}")]
    Row(String),
    /// A search was told to end.
    #[error("the search was ended")]
    Interrupted,
    /// The database threads have ended.
    #[error("the cache is closed")]
    Closed,
    /// Anything else SQLite said.
    #[error("the cache failed: {0}")]
    Other(String),
}

/// Why the system may refuse a write.
pub(super) const UNWRITTEN: &str = "The system refused to write it: the disk fails, or no file may become that large.";
/// What to do about each.
pub(super) const ABOUT_UNWRITTEN: [&str; 2] = [
    "See whether a limit on the size of files holds (ulimit -f), or a quota: raise it.",
    "If there is none, the disk may be failing: look into the system's log, and save what you need from it.",
];
/// Why the system may refuse a read.
pub(super) const UNREAD: &str = "The system could not read it: the disk may be failing.";
/// What to do about it.
pub(super) const ABOUT_UNREAD: &str = "Look into the system's log, and save what you need from that disk.";

impl DbError {
    /// The failure told to a person.
    #[must_use]
    pub fn report(&self) -> Report {
        match self {
            Self::Open { path, reason } => {
                Report::new(Kind::Configuration, "cacheUnavailable", "The cache cannot be opened.")
                    .because(format!("{}: {reason}", path.display()))
                    .next("Check that the folder exists, is yours, and can be written.")
                    .next("Name another place with --home DIR.")
            }
            Self::Newer { path, found, known } => {
                Report::new(Kind::Configuration, "cacheNewer", "The cache was written by a later deskbell.")
                    .because(format!("{} has the form {found}; this release knows {known}.", path.display()))
                    .next("Start the later release again.")
                    .next("Or move the file away; the cache is then filled anew.")
            }
            Self::Damaged(why) => Report::new(Kind::Failure, "cacheDamaged", "The cache is damaged.")
                .because(why.clone())
                .next("Start deskbell again: it sets the file aside and fills a new one."),
            Self::Full => Report::new(Kind::Failure, "diskFull", "The cache cannot grow.")
                .because("The disk is full.")
                .next("Free some space; nothing is lost, the next round goes on where this one stopped."),
            Self::Unwritten => Report::new(Kind::Failure, "writeRefused", "The cache cannot be written.")
                .because(UNWRITTEN)
                .next(ABOUT_UNWRITTEN[0])
                .next(ABOUT_UNWRITTEN[1])
                .next("Nothing is lost: what is in the cache is with Microsoft 365."),
            Self::Unread => Report::new(Kind::Failure, "readRefused", "The cache cannot be read.")
                .because(UNREAD)
                .next(ABOUT_UNREAD)
                .next(
                    "Nothing is lost: what is in the cache is with Microsoft 365. Move it away and it is filled anew.",
                ),
            Self::Busy => Report::new(Kind::Failure, "cacheBusy", "The cache is in use.")
                .because("Another deskbell kept it for too long.")
                .next("Try again, or close the other one."),
            Self::Row(why) | Self::Other(why) => {
                Report::new(Kind::Failure, "cacheFailed", "The cache could not answer.")
                    .because(why.clone())
                    .next("Try again; if it stays, move the cache file away and it is filled anew.")
            }
            Self::Interrupted => Report::new(Kind::Failure, "searchEnded", "The search was ended.")
                .because("Another one took its place.")
                .next("Search again."),
            Self::Closed => Report::new(Kind::Failure, "cacheClosed", "The cache is closed.")
                .because("The program is ending.")
                .next("Start deskbell again."),
        }
    }
}

impl From<rusqlite::Error> for DbError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::{ErrorCode, ffi};
        match &error {
            rusqlite::Error::SqliteFailure(code, _) => match code.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(error.to_string()),
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::SystemIoFailure => match code.extended_code {
                    // A full disk has a code of its own; what the system said here is not handed on.
                    ffi::SQLITE_IOERR_WRITE
                    | ffi::SQLITE_IOERR_FSYNC
                    | ffi::SQLITE_IOERR_DIR_FSYNC
                    | ffi::SQLITE_IOERR_TRUNCATE
                    | ffi::SQLITE_IOERR_SHMSIZE => Self::Unwritten,
                    ffi::SQLITE_IOERR_READ => Self::Unread,
                    _ => Self::Other(error.to_string()),
                },
                ErrorCode::OperationInterrupted => Self::Interrupted,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                _ => Self::Other(error.to_string()),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Self::Row(error.to_string()),
            _ => Self::Other(error.to_string()),
        }
    }
}
