//! The right to make an account's changes: a lock on a file of its own, held by one process at a time.
//!
//! The system gives it back when its holder ends, however that ends, so nobody has to guess whether a holder is still alive.

use crate::db::DbError;
use crate::db::outbox::error::OutboxError;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The right, until it is dropped.
#[derive(Debug)]
pub struct Leave {
    _file: File,
}

impl Leave {
    pub(super) fn ask(outbox: &Path, account: i64) -> Result<Option<Self>, OutboxError> {
        let path = beside(outbox, account);
        let refused = |error: &dyn std::fmt::Display| {
            OutboxError::from(DbError::Open { path: path.clone(), reason: error.to_string() })
        };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path).map_err(|error| refused(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(refused(&error)),
        }
    }
}

fn beside(outbox: &Path, account: i64) -> PathBuf {
    let mut name = outbox.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{account}.lock"));
    outbox.with_file_name(name)
}
