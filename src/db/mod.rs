//! Floor 4: the cache. SQLite in one file, one writer, two readers, rows ⇄ domain.
//!
//! Must stay true:
//! - **Cursor and rows commit together.** [`Asking::apply`] is the only way a delta link moves.
//! - No row brings back what a person changed, however long it was on its way: it is written through the [`Asking`] it was asked by.
//! - A full round (the first, or after the service dropped a link) never blanks anything: its rows are marked with a generation and
//!   what carries an older one goes when the round ends.
//! - A removal belongs to the folder whose round told it; a message that moved stays where it went.
//! - Lists are read by key through an index; nothing counts or sorts a folder ([`Cache::messages`]).
//! - Everything hangs on an account, keyed by tenant and object id.
//! - What is written to messages and bodies is noted for the full-text index by the database itself (`index`).
//!
//! Opening blocks for a few milliseconds; everything else is a future answered by a thread of the [`lane`].
//! Changes that wait for the service have a file of their own ([`outbox`]).
//! Deliberately absent: any word of the service's JSON.

mod account;
mod apply;
mod asking;
mod body;
mod calendar;
mod counts;
mod cursor;
mod doubts;
mod encode;
mod error;
mod export;
mod file;
mod find_event;
mod folder;
mod house;
mod index;
mod inspect;
mod lane;
mod limits;
mod mail;
pub mod outbox;
mod ongoing;
mod packing;
mod page;
mod passing;
mod people;
mod provisional;
mod schedule;
mod remembered;
mod search;
mod showing;
mod selected;
mod upkeep;
mod wishes;

pub use apply::{Applied, Changes};
pub use asking::Asking;
pub use cursor::{Cursor, Link, Scope, Step};
pub use doubts::Doubt;
pub use error::DbError;
pub use export::{ExportError, Exported, Written};
pub use find_event::{Near, Standing};
pub use index::{Batch, Gone, Indexed, Unindexed};
pub use inspect::{Inspection, inspect, set_aside};
pub use limits::{Limits, Room};
pub use ongoing::Ongoing;
pub use people::Relation;
pub use provisional::{is_provisional_day, provisional_id, provisional_intent};
pub use search::{Counted, Glanced, Search, Walk, Walked};
pub use showing::Touched;
pub use wishes::{Wishes, change_event};

use crate::base::activity::{Activity, Working};
use crate::base::report::Report;
use crate::db::asking::Wanted;
use crate::domain::account::AccountKey;
use crate::domain::mail::FolderRole;
use crate::domain::me::Me;
use crate::domain::request::PageStart;
use crate::domain::time::Span;
use jiff::Timestamp;
use jiff::civil::Date;
use lane::{Lane, Opener};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// The opened cache. Cheap to clone; the threads end when the last clone is gone.
#[derive(Clone)]
pub struct Db {
    lanes: Arc<Lanes>,
}

struct Lanes {
    path: PathBuf,
    writer: Lane,
    readers: Lane,
    /// For searches alone, which may be told to end. Its thread is there once somebody has searched.
    searcher: Lane,
    second_reader: Mutex<Option<Opener>>,
    /// Who feeds the index, and how its work is counted.
    feeder: Mutex<Option<mpsc::UnboundedSender<Working>>>,
    /// The index could not be written and waits for a better moment.
    is_index_behind: AtomicBool,
    room: Room,
    activity: Activity,
}

/// What [`Db::open`] brings.
pub struct Opened {
    /// The cache.
    pub db: Db,
    /// Says that a damaged file was set aside and a new one begun.
    pub set_aside: Option<Report>,
}

/// A cache that is being opened; given up when it is dropped.
pub struct Opening {
    path: PathBuf,
    activity: Activity,
    room: Room,
    readers: std::io::Result<Lane>,
    told: Receiver<Result<Rest, DbError>>,
}

/// What the thread that opened the file does not keep for itself.
struct Rest {
    writer: Opener,
    second_reader: Opener,
    searcher: Opener,
    set_aside: Option<Report>,
}

impl Opening {
    /// Waits until the file is open: a few milliseconds from the beginning.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn end(self) -> Result<Opened, DbError> {
        let Self { path, activity, room, readers, told } = self;
        let readers = readers.map_err(|error| DbError::Open { path: path.clone(), reason: error.to_string() })?;
        let Rest { writer, second_reader, searcher, set_aside } = told.recv().map_err(|_| DbError::Closed)??;
        let lanes = Lanes {
            path,
            writer: Lane::later("db-writer", writer, &activity),
            readers,
            searcher: Lane::later("db-search", searcher, &activity),
            second_reader: Mutex::new(Some(second_reader)),
            feeder: Mutex::default(),
            is_index_behind: AtomicBool::new(false),
            room,
            activity,
        };
        Ok(Opened { db: Db { lanes: Arc::new(lanes) }, set_aside })
    }
}

impl Db {
    /// Opens the file at `path`, making it (0600, in a 0700 folder) where it is missing, and brings it to the present form. Blocks
    /// for a few milliseconds. A damaged file is renamed and a new one begun; [`Opened::set_aside`] says so.
    ///
    /// # Errors
    /// [`DbError::Open`] for a place that cannot be used, [`DbError::Newer`] for the file of a later release.
    pub fn open(path: &Path, activity: &Activity) -> Result<Opened, DbError> {
        Self::open_within(path, activity, &Limits::default())
    }

    /// The same, with other limits.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub fn open_within(path: &Path, activity: &Activity, limits: &Limits) -> Result<Opened, DbError> {
        Self::begin(path, activity, limits).end()
    }

    /// Begins to open the file, on the thread that will read from it: a start does other things meanwhile.
    #[must_use]
    pub fn begin(path: &Path, activity: &Activity, limits: &Limits) -> Opening {
        let (tell, told) = channel();
        let (wanted, patience) = (path.to_owned(), limits.patience);
        let readers = Lane::start("db-reader", activity, move || match file::open(&wanted, patience) {
            Ok(file::Connections { reader, writer, second_reader, searcher, set_aside }) => {
                let _ = tell.send(Ok(Rest { writer, second_reader, searcher, set_aside }));
                Some(warmed(reader))
            }
            Err(error) => {
                let _ = tell.send(Err(error));
                None
            }
        });
        Opening { path: path.to_owned(), activity: activity.clone(), room: limits.room.clone(), readers, told }
    }

    /// Adds the second reader, so that a long read keeps nobody waiting. Call it once the first frame is drawn: until then the
    /// two would only stand in each other's way. A second call changes nothing.
    pub fn widen(&self) {
        let opener = self.lanes.second_reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(error) = opener.and_then(|opener| self.lanes.readers.widen(opener).err()) {
            tracing::warn!(%error, "one connection to the cache fewer");
        }
    }

    /// The part of the cache that belongs to `key`; begun empty if it was never there.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub async fn cache(&self, key: &AccountKey) -> Result<Cache, DbError> {
        self.cache_of(key).await.map(|(cache, _)| cache)
    }

    /// The part of the cache that belongs to `key`, with its person as last noted: both are needed by a start, in one look.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub async fn cache_of(&self, key: &AccountKey) -> Result<(Cache, Option<Me>), DbError> {
        let wanted = key.clone();
        let found = self
            .read(move |reader| {
                let row = account::find(reader, &wanted)?;
                row.map(|row| Ok((row, account::me(reader, row)?))).transpose()
            })
            .await?;
        let (row, me) = match found {
            Some(found) => found,
            None => {
                let wanted = key.clone();
                (self.write(move |writer| account::ensure(writer, &wanted)).await?, None)
            }
        };
        Ok((Cache { db: self.clone(), account: row, wanted: Arc::default() }, me))
    }

    /// Leaves the file tidy for the next start: what stands in the journal is put into the file, because a start reads a journal
    /// through from its beginning. Also the journal of a run that was killed. Call it once, at the end of the program.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn close(&self) -> Result<(), DbError> {
        let was_used = self.lanes.writer.was_used();
        if !was_used && !file::has_journal(&self.lanes.path) {
            return Ok(());
        }
        let tidy = move |writer: &mut Connection| {
            if was_used {
                writer.execute_batch("PRAGMA optimize;")?;
            }
            // Where another process is reading, the journal is left to it.
            writer.busy_timeout(std::time::Duration::ZERO)?;
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(())
        };
        self.lanes.writer.run(tidy).await
    }

    /// A channel that says when there may be something to index, beginning with now; each word counts as work until it is dropped.
    /// An earlier channel ends.
    #[must_use]
    pub fn feed_index(&self) -> mpsc::UnboundedReceiver<Working> {
        // Unbounded on purpose: one token a transaction, and whoever feeds takes all that wait at once.
        let (feeder, news) = mpsc::unbounded_channel();
        *self.lanes.feeder.lock().unwrap_or_else(PoisonError::into_inner) = Some(feeder);
        self.wake_index();
        news
    }

    /// Says that there may be something to index: after a write by another process, for instance.
    pub fn wake_index(&self) {
        if let Some(feeder) = &*self.lanes.feeder.lock().unwrap_or_else(PoisonError::into_inner) {
            let _ = feeder.send(self.lanes.activity.begin());
        }
    }

    /// Says that the index could not be brought up to date: the next write that goes well wakes it.
    pub fn index_is_behind(&self) {
        self.lanes.is_index_behind.store(true, Ordering::SeqCst);
    }

    /// Runs `work` on a reader, in one snapshot.
    async fn read<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, DbError> + Send + 'static,
    {
        let answer = self.lanes.readers.run(move |reader| work(&reader.transaction()?)).await;
        self.noting_damage(answer)
    }

    /// Runs a part of a search on the connection kept for searches, in one snapshot, unless it is over.
    async fn look<T, F>(&self, ongoing: Ongoing, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, DbError> + Send + 'static,
    {
        let job = move |reader: &mut Connection| {
            let answer = ongoing.during(reader, |reader| work(&reader.transaction()?));
            // Whoever ended the search may have ended the leaving of its snapshot, too; while one is held the cache's log only grows.
            if !reader.is_autocommit() {
                reader.execute_batch("ROLLBACK")?;
            }
            answer
        };
        let answer = self.lanes.searcher.run(job).await;
        self.noting_damage(answer)
    }

    /// Runs `work` on the writer, in one transaction: all of it or nothing.
    async fn write<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, DbError> + Send + 'static,
    {
        let room = self.lanes.room.clone();
        let job = move |writer: &mut Connection| {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = work(&transaction)?;
            room.take()?;
            transaction.commit()?;
            Ok(answer)
        };
        let answer = self.lanes.writer.run(job).await;
        if answer.is_ok() && self.lanes.is_index_behind.swap(false, Ordering::SeqCst) {
            self.wake_index();
        }
        self.noting_damage(answer)
    }

    fn noting_damage<T>(&self, answer: Result<T, DbError>) -> Result<T, DbError> {
        if let Err(DbError::Damaged(why)) = &answer {
            tracing::error!(%why, "the cache is damaged");
            if let Err(error) = std::fs::write(file::damage_mark(&self.lanes.path), b"") {
                tracing::error!(%error, "the damage cannot be noted for the next start");
            }
        }
        answer
    }
}

/// The same connection after a look at what a first frame will ask for: while the program is still busy with other things, the
/// schema is read, the statements are made, and the pages of the newest rows are at hand.
fn warmed(mut open: Opener) -> Opener {
    let mut ready = open().ok();
    if let Some(reader) = &mut ready
        && let Err(error) = look_ahead(reader)
    {
        // Whoever asks in earnest will be told.
        tracing::debug!(%error, "no look ahead into the cache");
    }
    Box::new(move || ready.take().map_or_else(&mut open, Ok))
}

fn look_ahead(reader: &mut Connection) -> Result<(), DbError> {
    let reader = reader.transaction()?;
    let Some(account) = account::any(&reader)? else { return Ok(()) };
    account::me(&reader, account)?;
    let folders = folder::all(&reader, account)?;
    if let Some(inbox) = folders.into_iter().find(|folder| folder.role == Some(FolderRole::Inbox)) {
        page::page(&reader, account, inbox.id, PageStart::Newest, 1)?;
    }
    let never = Span { start: Timestamp::UNIX_EPOCH, end: Timestamp::UNIX_EPOCH };
    calendar::between(&reader, account, (Date::ZERO, Date::ZERO), never)?;
    Ok(())
}

/// The part of the cache that belongs to one account. Cheap to clone.
#[derive(Clone)]
pub struct Cache {
    db: Db,
    account: i64,
    /// What is wanted and not with the service yet, and what is asked of it; shared by all clones.
    wanted: Arc<Mutex<Wanted>>,
}

impl Cache {
    /// The cache of all accounts.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }

    async fn read<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>, i64) -> Result<T, DbError> + Send + 'static,
    {
        let account = self.account;
        self.db.read(move |reader| work(reader, account)).await
    }

    async fn write<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>, i64) -> Result<T, DbError> + Send + 'static,
    {
        let account = self.account;
        self.db.write(move |writer| work(writer, account)).await
    }
}
