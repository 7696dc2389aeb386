//! The status line's knowledge: kept from news and rounds, told only when it changed.

use crate::base::report::Report;
use crate::domain::mail::FolderId;
use crate::domain::notice::Notice;
use crate::domain::sync::{Area, Connection, Progress, SyncStatus, Waiting};
use crate::engine::notices::Notices;
use crate::engine::sync::plan::Round;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

fn minute(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.as_second().div_euclid(60))
}

/// An estimate needs so much to stand on.
const WARM_UP: SignedDuration = SignedDuration::from_secs(3);

/// What was told, what is true now, and the counts of the rounds under way.
pub(super) struct Status {
    notices: Notices,
    told: Option<SyncStatus>,
    now: SyncStatus,
    counts: Vec<Count>,
    /// Messages here and messages in all of each folder that nobody looks at: together they are one piece of work.
    others: HashMap<FolderId, (u32, u32)>,
}

/// Counts of a piece of work.
struct Count {
    round: Round,
    progress: Progress,
    /// When it was first told of, and how much was done then.
    began: (Timestamp, u32),
}

impl Count {
    /// Takes new counts; they never run backwards, and a count beyond the total moves the total.
    fn move_on(&mut self, done: u32, total: Option<u32>, now: Timestamp) {
        let progress = &mut self.progress;
        progress.done = progress.done.max(done);
        progress.total = total.or(progress.total).map(|total| total.max(progress.done));
        let elapsed = now.duration_since(self.began.0);
        let gained = progress.done.saturating_sub(self.began.1);
        progress.seconds_left = progress.total.filter(|_| elapsed >= WARM_UP && gained > 0).map(|total| {
            let left = elapsed.as_millis() * i128::from(total - progress.done) / i128::from(gained) / 1000;
            u32::try_from(left).unwrap_or(u32::MAX)
        });
    }
}

impl Status {
    pub(super) fn new(notices: Notices, connection: Connection, last_success: Option<Timestamp>) -> Self {
        let now = SyncStatus { connection, last_success, ..SyncStatus::default() };
        Self { notices, told: None, now, counts: Vec::new(), others: HashMap::new() }
    }

    /// Tells what changed since the last time, if anything did. A later success within the same minute is no news: ages are shown in
    /// minutes, and an idle screen is not to be drawn for it.
    pub(super) fn tell(&mut self) {
        self.now.progress = self.counts.iter().map(|count| count.progress).collect();
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

    /// The clock was set back by `by`: no wait becomes longer by it.
    pub(super) fn set_back(&mut self, by: SignedDuration) {
        let earlier = |at: Timestamp| at.checked_sub(by).unwrap_or(at);
        self.now.throttled_until = self.now.throttled_until.map(earlier);
        if let Some(waiting) = &mut self.now.waiting {
            waiting.until = earlier(waiting.until);
        }
    }

    pub(super) fn problem(&mut self, problem: Option<Report>) {
        self.now.problem = problem;
    }

    pub(super) fn success(&mut self, at: Timestamp) {
        self.now.last_success = Some(at);
    }

    /// A person wants no long work, or wants it again.
    pub(super) fn paused(&mut self, is_paused: bool) {
        self.now.is_paused = is_paused;
    }

    /// How much of each folder that nobody looks at is here.
    pub(super) fn others(&mut self, others: impl Iterator<Item = (FolderId, u32, u32)>) {
        self.others = others.map(|(folder, cached, total)| (folder, (cached, total.max(cached)))).collect();
    }

    /// Counts of a round. Tells whether they are the round's first.
    pub(super) fn progress(
        &mut self,
        round: &Round,
        is_other: bool,
        now: Timestamp,
        (done, total): (u32, Option<u32>),
    ) -> bool {
        let area = match round {
            Round::Folders => Area::Folders,
            Round::Messages(_) if is_other => Area::OtherFolders,
            Round::Messages(_) | Round::Newest(_) => Area::Mail,
            Round::Calendar | Round::OtherCalendar(_) | Round::View(_) | Round::Calendars => Area::Calendar,
            Round::Bodies | Round::MoreBodies => Area::Bodies,
            Round::Settings | Round::People | Round::Reach => Area::People,
        };
        let (mut done, mut total) = (done, total);
        if let (Round::Messages(folder), true) = (round, is_other) {
            let (cached, all) = self.others.entry(folder.clone()).or_default();
            *cached = (*cached).max(done);
            *all = (*all).max(total.unwrap_or(0)).max(*cached);
            done = self.others.values().map(|(cached, _)| cached).sum();
            total = Some(self.others.values().map(|(_, all)| all).sum());
        }
        let known = self.counts.iter_mut().find(|count| match area {
            Area::OtherFolders => count.progress.area == area,
            _ => count.round == *round,
        });
        match known {
            Some(count) => {
                count.round = round.clone();
                count.move_on(done, total, now);
                false
            }
            None => {
                let progress = Progress { area, done, total: total.map(|total| total.max(done)), seconds_left: None };
                self.counts.push(Count { round: round.clone(), progress, began: (now, done) });
                true
            }
        }
    }

    /// The round is over. `goes_on`: the next of the same work follows at once, and its counts go on from here.
    pub(super) fn ended(&mut self, round: &Round, goes_on: bool) {
        self.counts.retain(|count| count.round != *round || (goes_on && count.progress.area == Area::OtherFolders));
    }

    /// Nothing of the work on other folders is left for now.
    pub(super) fn others_ended(&mut self) {
        self.counts.retain(|count| count.progress.area != Area::OtherFolders);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_never_run_backwards_and_the_time_left_follows_the_pace() {
        let at = |seconds: i64| Timestamp::from_second(seconds).expect("a time");
        let progress = Progress { area: Area::Mail, done: 100, total: Some(1_100), seconds_left: None };
        let mut count = Count { round: Round::Folders, progress, began: (at(0), 100) };
        count.move_on(150, None, at(1));
        assert_eq!(count.progress.seconds_left, None, "too early to tell");
        // A hundred in ten seconds, and nine hundred to go.
        count.move_on(200, None, at(10));
        assert_eq!((count.progress.done, count.progress.seconds_left), (200, Some(90)));
        count.move_on(120, Some(150), at(20));
        assert_eq!((count.progress.done, count.progress.total), (200, Some(200)));
        assert_eq!(count.progress.seconds_left, Some(0));
    }
}
