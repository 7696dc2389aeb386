//! The last calls, remembered for the person who asks why something failed.
//!
//! Must stay true: what is kept is bounded, lives in memory only, and is redacted before it gets here (`domain::calls`). Each
//! record is also a line of the log, at debug level; a failed one always, so that the doctor finds it after the program has ended. Deliberately absent: bodies and headers.

use crate::domain::calls::{CallRecord, ShowRequests, shortened};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// How many calls are remembered.
pub const MOST_REMEMBERED: usize = 200;

/// How the line of a failed call begins in the log.
pub const FAILED: &str = "call failed: ";

/// The memory of calls. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Calls {
    last: Arc<Mutex<VecDeque<CallRecord>>>,
    shown: Option<ShowRequests>,
}

impl Calls {
    /// A memory that also shows each request before it is sent.
    #[must_use]
    pub fn shown(shown: Option<ShowRequests>) -> Self {
        Self { shown, ..Self::default() }
    }

    /// Shows a request, if somebody wants to see it. `line` is the request without secrets.
    pub fn show(&self, line: impl FnOnce() -> String) {
        if let Some(ShowRequests(show)) = &self.shown {
            show(&line());
        }
    }

    /// Remembers a call; the oldest is forgotten where there are too many.
    pub fn note(&self, record: CallRecord) {
        if record.is_failure() {
            tracing::info!("{FAILED}{}", record.to_line());
        } else {
            tracing::debug!("{}", record.to_line());
        }
        let mut last = self.lock();
        if last.len() >= MOST_REMEMBERED {
            last.pop_front();
        }
        last.push_back(record);
    }

    /// The remembered calls, the newest first.
    #[must_use]
    pub fn newest_first(&self) -> Vec<CallRecord> {
        self.lock().iter().rev().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<CallRecord>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Host and shortened path of `url`, as a record keeps them.
#[must_use]
pub fn place(url: &Url) -> (String, String) {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    (host, shortened(url.path(), url.query()))
}
