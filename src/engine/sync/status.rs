//! The status line's knowledge: kept from news and rounds, told only when it changed.

use crate::base::report::Report;
use crate::domain::notice::Notice;
use crate::domain::sync::{Area, Connection, Progress, SyncStatus, Waiting};
use crate::engine::notices::Notices;
use crate::engine::sync::plan::Round;
use jiff::Timestamp;

fn minute(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.as_second().div_euclid(60))
}

/// What was told, what is true now, and the counts of the rounds under way.
pub(super) struct Status {
    notices: Notices,
    told: Option<SyncStatus>,
    now: SyncStatus,
    counts: Vec<(Round, Progress)>,
}

impl Status {
    pub(super) fn new(notices: Notices, connection: Connection, last_success: Option<Timestamp>) -> Self {
        let now = SyncStatus { connection, last_success, ..SyncStatus::default() };
        Self { notices, told: None, now, counts: Vec::new() }
    }

    /// Tells what changed since the last time, if anything did. A later success within the same minute is no news: ages are shown in
    /// minutes, and an idle screen is not to be drawn for it.
    pub(super) fn tell(&mut self) {
        self.now.progress = self.counts.iter().map(|(_, progress)| *progress).collect();
        let is_known = self.told.as_ref().is_some_and(|told| {
            let is_same_minute = minute(told.last_success) == minute(self.now.last_success);
            is_same_minute && SyncStatus { last_success: told.last_success, ..self.now.clone() } == *told
        });
        if !is_known {
            self.told = Some(self.now.clone());
            self.notices.tell(Notice::Sync(self.now.clone()));
        }
    }

    /// Whether the last call was not answered.
    pub(super) fn is_offline(&self) -> bool {
        matches!(self.now.connection, Connection::Offline { .. })
    }

    pub(super) fn online(&mut self) {
        self.now.connection = Connection::Online;
    }

    /// Keeps the instant since when it is so.
    pub(super) fn offline(&mut self, now: Timestamp, next_try: Option<Timestamp>) {
        let since = match self.now.connection {
            Connection::Offline { since, .. } => since,
            _ => now,
        };
        self.now.connection = Connection::Offline { since, next_try };
    }

    pub(super) fn throttled(&mut self, until: Option<Timestamp>) {
        self.now.throttled_until = until;
    }

    /// A call waits, or its wait is over.
    pub(super) fn waiting(&mut self, waiting: Option<Waiting>) {
        self.now.waiting = waiting;
    }

    pub(super) fn throttled_until(&self) -> Option<Timestamp> {
        self.now.throttled_until
    }

    pub(super) fn problem(&mut self, problem: Option<Report>) {
        self.now.problem = problem;
    }

    pub(super) fn success(&mut self, at: Timestamp) {
        self.now.last_success = Some(at);
    }

    /// Counts of a round; they never run backwards, and a count beyond the total moves the total. Tells whether they are the round's
    /// first.
    pub(super) fn progress(&mut self, round: &Round, done: u32, total: Option<u32>) -> bool {
        let area = match round {
            Round::Folders => Area::Folders,
            Round::Messages(_) => Area::Mail,
            Round::Calendar => Area::Calendar,
            Round::Bodies => Area::Bodies,
        };
        match self.counts.iter_mut().find(|(known, _)| known == round) {
            Some((_, progress)) => {
                progress.done = progress.done.max(done);
                progress.total = total.or(progress.total).map(|total| total.max(progress.done));
                false
            }
            None => {
                let total = total.map(|total| total.max(done));
                self.counts.push((round.clone(), Progress { area, done, total }));
                true
            }
        }
    }

    /// The round is over.
    pub(super) fn ended(&mut self, round: &Round) {
        self.counts.retain(|(known, _)| known != round);
    }
}
