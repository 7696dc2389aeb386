//! What every round has at hand, and how it can end.

use crate::base::activity::{Activity, Working};
use crate::base::clock::SharedClock;
use crate::db::{Cache, DbError};
use crate::domain::time;
use crate::engine::notices::Notices;
use crate::engine::sync::plan::Round;
use crate::engine::sync::{Event, calendar, mail};
use crate::graph::{Graph, GraphError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tokio::sync::mpsc;

/// What every round has at hand.
pub(super) struct Tools {
    pub(super) graph: Graph,
    pub(super) cache: Cache,
    pub(super) clock: SharedClock,
    pub(super) notices: Notices,
    pub(super) zone: TimeZone,
    pub(super) events: mpsc::UnboundedSender<(Event, Working)>,
    pub(super) activity: Activity,
}

impl Tools {
    pub(super) fn now(&self) -> Timestamp {
        time::instant(self.clock.now())
    }

    /// Tells the supervisor that a page arrived.
    pub(super) fn page(&self, round: Round, done: u32, total: Option<u32>) {
        // A supervisor that ended needs no news.
        let _ = self.events.send((Event::Page { round, done, total }, self.activity.begin()));
    }
}

/// Why a round ended before its end. What it wrote until then stays, and so does its place.
#[derive(Debug, thiserror::Error)]
pub(super) enum RoundError {
    /// The service's part.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The cache's part.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Ours.
    #[error("the round panicked")]
    Panicked,
}

/// How a round ended: how many rows of the cache it changed, or why it stopped.
pub(super) type Ending = Result<u32, RoundError>;

/// Goes round once.
pub(super) async fn go(tools: &Tools, round: &Round) -> Ending {
    match round {
        Round::Folders => mail::folders(tools).await,
        Round::Messages(folder) => mail::messages(tools, folder).await,
        Round::Calendar => calendar::window(tools).await,
        Round::Bodies => mail::bodies_ahead(tools).await,
    }
}
