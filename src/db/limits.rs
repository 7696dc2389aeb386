//! How far the files of a home go: how long another process that holds one is waited for, and whether the disk takes more.
//!
//! Handed in with everything else that could differ between a person's start and a test, so that a full disk and a held file are
//! tried where they hurt. A person's start uses [`Limits::default`].

use crate::db::DbError;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// See the module.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a connection waits for another process.
    pub patience: Duration,
    /// Whether the disk takes more.
    pub room: Room,
}

impl Default for Limits {
    fn default() -> Self {
        Self { patience: Duration::from_secs(5), room: Room::default() }
    }
}

/// How many more transactions the disk takes, as far as a test says; what the disk itself says counts as well. Clones say the same.
#[derive(Clone, Debug)]
pub struct Room {
    left: Arc<AtomicI64>,
}

/// So many are never reached.
const ENDLESS: i64 = i64::MAX;

impl Default for Room {
    fn default() -> Self {
        Self { left: Arc::new(AtomicI64::new(ENDLESS)) }
    }
}

impl Room {
    /// From now on so many transactions can be written and no more; `None`: as many as wanted.
    pub fn set(&self, transactions: Option<u32>) {
        self.left.store(transactions.map_or(ENDLESS, i64::from), Ordering::SeqCst);
    }

    /// What a transaction hears where it would be committed.
    pub(super) fn take(&self) -> Result<(), DbError> {
        let less = |left: i64| (left > 0).then(|| if left == ENDLESS { left } else { left - 1 });
        self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).map(drop).map_err(|_| DbError::Full)
    }
}
