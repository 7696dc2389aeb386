//! How the cache stands against the service.

use crate::base::report::Report;
use jiff::Timestamp;

/// Something that is kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// Folders and counts.
    Folders,
    /// Message headers.
    Mail,
    /// Bodies ahead of need.
    Bodies,
    /// The calendar window.
    Calendar,
    /// Team, presence and automatic replies.
    People,
}

/// Counts of a long piece of work. `done` never runs backwards within one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What.
    pub area: Area,
    /// Items done.
    pub done: u32,
    /// Items in all, if known.
    pub total: Option<u32>,
}

/// Whether the service can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Connection {
    /// Not tried yet.
    Unknown,
    /// The last call was answered.
    Online,
    /// `--offline`: nothing is asked.
    ForcedOffline,
    /// The last call failed to reach the service.
    Offline {
        /// Since when.
        since: Timestamp,
        /// The next try.
        next_try: Option<Timestamp>,
    },
}

/// The state of the sync, for the status line.
#[derive(Clone, Debug, PartialEq)]
pub struct SyncStatus {
    /// Reachability.
    pub connection: Connection,
    /// Rounds under way, with counts.
    pub progress: Vec<Progress>,
    /// When the last round ended well; the age of what is shown.
    pub last_success: Option<Timestamp>,
    /// The service asked us to wait until then.
    pub throttled_until: Option<Timestamp>,
    /// What needs a person: sign in again, consent.
    pub problem: Option<Report>,
}

impl Default for SyncStatus {
    fn default() -> Self {
        Self {
            connection: Connection::Unknown,
            progress: Vec::new(),
            last_success: None,
            throttled_until: None,
            problem: None,
        }
    }
}
