//! What every round has at hand, and how it can end.

use crate::base::activity::{Activity, Working};
use crate::base::clock::SharedClock;
use crate::config::CacheLimits;
use crate::db::{Cache, Cursor, DbError, Link, Scope};
use crate::domain::mail::MessageId;
use crate::domain::time;
use crate::engine::notices::Notices;
use crate::engine::own::Own;
use crate::engine::sync::plan::Round;
use crate::engine::sync::{Event, bodies, calendar, compare, folders, mail, slow};
use crate::graph::folders::Known;
use crate::graph::{Graph, GraphError};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// What every round has at hand.
pub(super) struct Tools {
    pub(super) graph: Graph,
    pub(super) cache: Cache,
    pub(super) clock: SharedClock,
    pub(super) notices: Notices,
    /// Who we work for.
    pub(super) own: Arc<Own>,
    pub(super) zone: TimeZone,
    pub(super) limits: CacheLimits,
    pub(super) events: mpsc::UnboundedSender<(Event, Working)>,
    pub(super) activity: Activity,
    pub(super) memory: Mutex<Memory>,
    /// A person wants no long work now; rounds stop at the end of a page.
    pub(super) is_paused: AtomicBool,
    /// The last call was not answered.
    pub(super) is_unreachable: AtomicBool,
    /// When a person last pressed a key, in seconds since 1970; 0: never.
    pub(super) touched: AtomicI64,
}

/// What rounds remember from one to the next, as long as the program runs.
#[derive(Default)]
pub(super) struct Memory {
    /// The folders the service knows by name, and when it was asked.
    pub(super) known: Option<(Known, Timestamp)>,
    /// Bodies the service does not hand out; nobody asks again ahead of need.
    pub(super) refused_bodies: HashSet<MessageId>,
}

impl Tools {
    pub(super) fn now(&self) -> Timestamp {
        time::instant(self.clock.now())
    }

    /// Where a scope stands. A link kept from another address of Graph is good for nothing here: it is dropped, so that a full round
    /// begins, during which the rows stay.
    pub(super) async fn cursor(&self, scope: &Scope) -> Result<Option<Cursor>, DbError> {
        let mut cursor = self.cache.cursor(scope).await?;
        if let Some(kept) = &mut cursor
            && let Some(Link::Next(link) | Link::Done(Some(link))) = &kept.link
            && !self.graph.is_address(link)
        {
            tracing::info!(?scope, "a kept link leads to another address of Graph; a full round begins");
            kept.link = None;
            self.cache.forget_link(scope).await?;
        }
        Ok(cursor)
    }

    /// Counts rows that could not be read; the doctor tells of them.
    pub(super) async fn skip(&self, scope: &Scope, rows: usize) {
        if rows > 0 {
            tracing::warn!(rows, ?scope, "rows of a round cannot be read");
            if let Err(error) = self.cache.note_skipped(scope, rows).await {
                tracing::warn!(%error, "skipped rows could not be counted");
            }
        }
    }

    /// Whether long work shall stop where it is.
    pub(super) fn is_paused(&self) -> bool {
        self.is_paused.load(Ordering::Relaxed)
    }

    /// Locks for the length of a copy; nothing is awaited under it.
    pub(super) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells the supervisor that there are more bodies than this portion.
    pub(super) fn more_bodies(&self) {
        let _ = self.events.send((Event::MoreBodies, self.activity.begin()));
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
    /// A person wants no long work now; it goes on from here.
    #[error("paused")]
    Paused,
    /// Ours.
    #[error("the round panicked")]
    Panicked,
}

/// How a round ended: how many rows of the cache it changed, or why it stopped.
pub(super) type Ending = Result<u32, RoundError>;

/// Goes round once.
pub(super) async fn go(tools: &Tools, round: &Round) -> Ending {
    match round {
        Round::Folders => folders::tree(tools).await,
        Round::Messages(folder) => mail::messages(tools, folder).await,
        Round::Newest(folder) => compare::newest(tools, folder).await,
        Round::Calendar => calendar::main(tools).await,
        Round::OtherCalendar(calendar) => calendar::other(tools, calendar).await,
        Round::View(days) => compare::view(tools, *days).await,
        Round::Calendars => calendar::list(tools).await,
        Round::Bodies => bodies::newest(tools).await,
        Round::MoreBodies => bodies::portion(tools).await,
        Round::Settings => slow::settings(tools).await,
        Round::People => slow::people(tools).await,
        Round::Reach => Ok(u32::from(tools.graph.is_in_reach().await)),
    }
}
