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
    /// The disk is full, or the system lets the file grow no further.
    #[error("the disk is full")]
    Full,
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

/// What else lets no file grow.
pub(super) const A_LIMIT: &str = "Where there is room, a limit on the size of files holds (ulimit -f): raise it.";

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
                .next("Free some space; nothing is lost, the next round goes on where this one stopped.")
                .next(A_LIMIT),
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
        use rusqlite::ErrorCode;
        match &error {
            rusqlite::Error::SqliteFailure(code, _) => match code.code {
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Damaged(error.to_string()),
                ErrorCode::DiskFull => Self::Full,
                // Where a limit holds no file grows, which is no other thing to whoever has to make room.
                ErrorCode::SystemIoFailure if code.extended_code == rusqlite::ffi::SQLITE_IOERR_WRITE => Self::Full,
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
