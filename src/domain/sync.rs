//! How the cache stands against the service.

use crate::base::report::Report;
use jiff::Timestamp;

/// Something that is kept in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// Folders and counts.
    Folders,
    /// Message headers of the inbox or of the open folder.
    Mail,
    /// Message headers of all other folders together.
    OtherFolders,
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
    /// How long it will take as far as can be told.
    pub seconds_left: Option<u32>,
}

impl Progress {
    /// What is left in words, e.g. "about 3 min left".
    #[must_use]
    pub fn words_left(&self) -> Option<String> {
        Some(match self.seconds_left? {
            0..10 => "a few seconds left".to_owned(),
            seconds @ 10..60 => format!("about {} s left", seconds.div_ceil(10) * 10),
            seconds @ 60..5_400 => format!("about {} min left", seconds.div_ceil(60)),
            seconds => format!("about {} h left", seconds.div_ceil(3_600)),
        })
    }
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

/// Why a call waits before it is sent (again).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// The service asked for the wait.
    Asked,
    /// The service has trouble of its own; it answered with this HTTP status.
    Trouble(u16),
    /// The service could not be reached, or the connection broke.
    NoConnection,
    /// More requests than the service takes in ten minutes would be sent.
    Budget,
}

impl WaitReason {
    /// The reason in words, to stand behind "because".
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Asked => "Microsoft 365 asked for it".to_owned(),
            Self::Trouble(status) => format!("Microsoft 365 has trouble of its own ({status})"),
            Self::NoConnection => "there is no connection".to_owned(),
            Self::Budget => "so much was asked in ten minutes".to_owned(),
        }
    }
}

/// A call that waits before its next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// It goes on then.
    pub until: Timestamp,
    /// The attempt that comes then, from 1.
    pub attempt: u32,
    /// How many attempts there will be at most.
    pub at_most: u32,
    /// Why.
    pub reason: WaitReason,
}

impl Waiting {
    /// The wait in words, e.g. "waiting 12 s, attempt 2 of 5, because Microsoft 365 asked for it"; `None` once it is over.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> Option<String> {
        let left = self.until.duration_since(now).as_millis();
        if left <= 0 {
            return None;
        }
        let Self { attempt, at_most, reason, .. } = self;
        let seconds = (left + 999) / 1000;
        Some(format!("waiting {seconds} s, attempt {attempt} of {at_most}, because {}", reason.words()))
    }
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
    /// A call waits before it is sent again: the newest wait that was told. Over by itself once its instant has passed.
    pub waiting: Option<Waiting>,
    /// What needs a person: sign in again, consent.
    pub problem: Option<Report>,
    /// A person wants no long work now.
    pub is_paused: bool,
}

impl Default for SyncStatus {
    fn default() -> Self {
        Self {
            connection: Connection::Unknown,
            progress: Vec::new(),
            last_success: None,
            throttled_until: None,
            waiting: None,
            problem: None,
            is_paused: false,
        }
    }
}
