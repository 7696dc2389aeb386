//! A search under way that can be told to end, because somebody has typed on.
//!
//! Must stay true: only the search that is meant is interrupted, never the next one on the same connection; what was told to end ends
//! as [`DbError::Interrupted`], whatever it had found.

use crate::db::DbError;
use rusqlite::{Connection, InterruptHandle};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// See the module. Clones are the same search.
#[derive(Clone, Default)]
pub struct Ongoing {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    /// How its connection is interrupted, while it is at it.
    running: Mutex<Option<InterruptHandle>>,
}

impl Ongoing {
    /// Nobody wants it any more.
    pub fn end(&self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        if let Some(running) = &*self.running() {
            running.interrupt();
        }
    }

    /// Whether nobody wants it any more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.shared.is_over.load(Ordering::SeqCst)
    }

    /// Does a part of it.
    pub(super) fn during<T>(
        &self,
        connection: &mut Connection,
        work: impl FnOnce(&mut Connection) -> Result<T, DbError>,
    ) -> Result<T, DbError> {
        {
            let mut running = self.running();
            if self.is_over() {
                return Err(DbError::Interrupted);
            }
            *running = Some(connection.get_interrupt_handle());
        }
        let _until = Until(self);
        let answer = work(connection);
        if self.is_over() { Err(DbError::Interrupted) } else { answer }
    }

    fn running(&self) -> MutexGuard<'_, Option<InterruptHandle>> {
        self.shared.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until it is dropped, the connection may be interrupted; also where the work panics.
struct Until<'a>(&'a Ongoing);

impl Drop for Until<'_> {
    fn drop(&mut self) {
        *self.0.running() = None;
    }
}

impl std::fmt::Debug for Ongoing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ongoing").field("is_over", &self.is_over()).finish_non_exhaustive()
    }
}
