//! The outbox and the drafts: SQLite in a file of their own, beside the cache and never with it.
//!
//! Must stay true:
//! - Nothing in here can be fetched again. What is answered with yes is on the disk (`synchronous = full`).
//! - A damaged file is kept under another name and said aloud, never replaced in silence; what can still be read of it goes on.
//! - All of a change or nothing of it: each function is one transaction.
//! - Whether a change may go on is asked and said in the same transaction, so that taking it back and making it cannot cross.
//!
//! Deliberately absent: what a change means, and the order in which they are made (`engine::outbox`).

mod draft;
mod elsewhere;
mod encode;
mod error;
mod file;
mod leave;
mod many;
pub(in crate::db) mod own;
mod repeats;
mod salvage;

pub use draft::{KeptDraft, Mark};
pub use error::OutboxError;
pub use leave::Leave;

use crate::base::activity::Activity;
use crate::base::report::Report;
use crate::db::encode::{Word, instant};
use crate::db::lane::Lane;
use crate::db::{DbError, Limits, Room};
use crate::domain::account::AccountKey;
use crate::domain::intent::{Intent, IntentId, ItemState, OutboxItem, OutboxSummary};
use crate::domain::outbox::{Ending, Entry, NewEntry, Progress};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, named_params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The file of changes and drafts. Cheap to clone; its thread ends when the last clone is gone.
#[derive(Clone)]
pub struct OutboxFile {
    shared: Arc<Shared>,
}

struct Shared {
    path: PathBuf,
    lane: Lane,
    room: Room,
    set_aside: Arc<Mutex<Option<Report>>>,
}

impl OutboxFile {
    /// The file at `path`; it is opened, and made where it is missing, by its first use.
    #[must_use]
    pub fn at(path: &Path, activity: &Activity) -> Self {
        Self::at_within(path, activity, &Limits::default())
    }

    /// The same, with other limits.
    #[must_use]
    pub fn at_within(path: &Path, activity: &Activity, limits: &Limits) -> Self {
        let set_aside = Arc::new(Mutex::new(None));
        let opener = {
            let (path, set_aside, patience) = (path.to_owned(), set_aside.clone(), limits.patience);
            Box::new(move || {
                let opened = file::open(&path, patience)?;
                if opened.set_aside.is_some() {
                    *set_aside.lock().unwrap_or_else(PoisonError::into_inner) = opened.set_aside;
                }
                Ok(opened.connection)
            })
        };
        let lane = Lane::later("outbox", opener, activity);
        Self { shared: Arc::new(Shared { path: path.to_owned(), lane, room: limits.room.clone(), set_aside }) }
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    /// Says once that a damaged file was kept under another name.
    #[must_use]
    pub fn take_set_aside(&self) -> Option<Report> {
        self.shared.set_aside.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// The part that belongs to `key`.
    ///
    /// # Errors
    /// When the file cannot be opened or written.
    pub async fn of(&self, key: &AccountKey) -> Result<Outbox, OutboxError> {
        let key = key.clone();
        let account = self
            .write(move |writer| {
                let find = |writer: &Transaction<'_>| {
                    writer
                        .prepare_cached("SELECT row FROM accounts WHERE tenant = ?1 AND object = ?2")?
                        .query_row([&key.tenant, &key.object], |row| row.get::<_, i64>(0))
                        .optional()
                };
                if let Some(row) = find(writer)? {
                    return Ok(row);
                }
                writer.execute("INSERT INTO accounts (tenant, object) VALUES (?1, ?2)", [&key.tenant, &key.object])?;
                Ok(writer.last_insert_rowid())
            })
            .await?;
        Ok(Outbox { file: self.clone(), account })
    }

    /// How many changes of `key` have not reached the service, and how many drafts are kept. Makes no file where there is none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn remains(&self, key: &AccountKey) -> Result<(u64, u64), OutboxError> {
        if !self.path().exists() {
            return Ok((0, 0));
        }
        let key = key.clone();
        self.read(move |reader| {
            let count = |sql: &str| -> Result<u64, DbError> {
                let count: i64 = reader.query_row(sql, [&key.tenant, &key.object], |row| row.get(0))?;
                Ok(u64::try_from(count).unwrap_or(0))
            };
            let account = "account = (SELECT row FROM accounts WHERE tenant = ?1 AND object = ?2)";
            Ok((
                count(&format!("SELECT count(*) FROM intents WHERE {account} AND state <> 'done'"))?,
                count(&format!("SELECT count(*) FROM drafts WHERE {account} AND is_discarded = 0"))?,
            ))
        })
        .await
    }

    /// Removes the changes and drafts of `key`, for somebody who was asked.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn forget(&self, key: &AccountKey) -> Result<(), OutboxError> {
        if !self.path().exists() {
            return Ok(());
        }
        let key = key.clone();
        self.write(move |writer| {
            writer.execute("DELETE FROM accounts WHERE tenant = ?1 AND object = ?2", [&key.tenant, &key.object])?;
            Ok(())
        })
        .await
    }

    async fn write<T, F>(&self, work: F) -> Result<T, OutboxError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, DbError> + Send + 'static,
    {
        let room = self.shared.room.clone();
        let job = move |writer: &mut rusqlite::Connection| {
            let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let answer = work(&transaction)?;
            room.take()?;
            transaction.commit()?;
            Ok(answer)
        };
        Ok(self.shared.lane.run(job).await?)
    }

    async fn read<T, F>(&self, work: F) -> Result<T, OutboxError>
    where
        T: Send + 'static,
        F: FnOnce(&Transaction<'_>) -> Result<T, DbError> + Send + 'static,
    {
        Ok(self.shared.lane.run(move |reader| work(&reader.transaction()?)).await?)
    }
}

/// The changes and drafts of one account. Cheap to clone.
#[derive(Clone)]
pub struct Outbox {
    file: OutboxFile,
    account: i64,
}

const COLUMNS: &str =
    "row, first, session, is_undo, intent, words, made, state, not_before, attempts, progress, former, report";

fn entry(row: &Row<'_>) -> Result<Entry, DbError> {
    let text = |index: usize| row.get_ref(index)?.as_str().map_err(|error| DbError::Row(error.to_string()));
    let not_before = row.get::<_, Option<i64>>(8)?.map(instant).transpose()?;
    let state = encode::state(text(7)?, not_before);
    let next_try = not_before.filter(|_| state == ItemState::Waiting);
    let report = row.get::<_, Option<String>>(12)?.map(|text| encode::report_from_json(&text)).transpose()?;
    Ok(Entry {
        item: OutboxItem {
            id: IntentId(row.get(0)?),
            intent: encode::intent_from_json(text(4)?)?,
            words: row.get(5)?,
            made: instant(row.get(6)?)?,
            state,
            attempts: row.get(9)?,
            next_try,
            report,
        },
        progress: encode::progress_from_json(text(10)?)?,
        former: encode::former_from_json(text(11)?)?,
        group: IntentId(row.get(1)?),
        session: row.get(2)?,
        is_undo: row.get(3)?,
    })
}

/// Rows that make sense; one that does not is told to the log and stays where it is.
fn entries(reader: &Transaction<'_>, account: i64, clause: &str, session: Option<&str>) -> Result<Vec<Entry>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM intents WHERE account = :account AND (:session IS NULL OR session = :session) AND {clause} ORDER BY row"
    );
    let mut statement = reader.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {":account": account, ":session": session})?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        match entry(row) {
            Ok(entry) => found.push(entry),
            Err(error) => tracing::error!(%error, "a change in the outbox cannot be read"),
        }
    }
    Ok(found)
}

fn find(reader: &Transaction<'_>, account: i64, id: IntentId) -> Result<Option<Entry>, DbError> {
    let sql = format!("SELECT {COLUMNS} FROM intents WHERE account = :account AND row = :row");
    let mut statement = reader.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {":account": account, ":row": id.0})?;
    rows.next()?.map(entry).transpose()
}

/// Takes a change up, if it still waits.
fn take(writer: &Transaction<'_>, account: i64, id: IntentId) -> Result<bool, DbError> {
    let taken = writer
        .prepare_cached(
            "UPDATE intents SET state = 'underWay', not_before = NULL, attempts = attempts + 1
             WHERE account = :account AND row = :row AND state IN ('waiting', 'held')",
        )?
        .execute(named_params! {":account": account, ":row": id.0})?;
    Ok(taken > 0)
}

fn put_progress(writer: &Transaction<'_>, account: i64, id: IntentId, progress: &Progress) -> Result<(), DbError> {
    writer.prepare_cached("UPDATE intents SET progress = :progress WHERE account = :account AND row = :row")?.execute(
        named_params! {
            ":progress": encode::progress_to_json(progress)?,
            ":account": account,
            ":row": id.0,
        },
    )?;
    Ok(())
}

/// Puts a change down, and lets its draft follow.
fn end(
    writer: &Transaction<'_>,
    account: i64,
    id: IntentId,
    progress: &Progress,
    ending: Ending,
    now: Timestamp,
) -> Result<(), DbError> {
    let (state, not_before, report, ended) = match ending {
        Ending::Done => ("done", None, None, Some(now.as_microsecond())),
        Ending::Later { at, report } => ("waiting", at.map(Timestamp::as_microsecond), report, None),
        Ending::Stays { trouble, report } => (trouble.word(), None, Some(report), None),
    };
    writer
        .prepare_cached(
            "UPDATE intents SET state = :state, not_before = :not_before, progress = :progress, report = :report,
             ended = :ended WHERE account = :account AND row = :row",
        )?
        .execute(named_params! {
            ":state": state,
            ":not_before": not_before,
            ":progress": encode::progress_to_json(progress)?,
            ":report": report.as_ref().map(encode::report_to_json).transpose()?,
            ":ended": ended,
            ":account": account,
            ":row": id.0,
        })?;
    if let Some(entry) = find(writer, account, id)? {
        draft::follow(writer, account, &entry)?;
    }
    Ok(())
}

/// Takes a change back that nobody is making.
fn unmake(writer: &Transaction<'_>, account: i64, id: IntentId) -> Result<Option<Entry>, DbError> {
    let Some(entry) = find(writer, account, id)? else { return Ok(None) };
    if matches!(entry.item.state, ItemState::UnderWay | ItemState::Done) {
        return Ok(None);
    }
    writer
        .prepare_cached("DELETE FROM intents WHERE account = :account AND row = :row")?
        .execute(named_params! {":account": account, ":row": id.0})?;
    match entry.intent() {
        Intent::Send { draft } => draft::set_sending(writer, account, *draft, false)?,
        Intent::DiscardDraft { draft } => draft::set_discarded(writer, account, *draft, false)?,
        _ => {}
    }
    draft::learn(writer, account, &entry)?;
    Ok(Some(entry))
}

impl Outbox {
    /// Keeps changes, all or none, in this order; gives back their places.
    ///
    /// # Errors
    /// When they cannot be kept; then none is.
    pub async fn add(
        &self,
        wanted: Vec<NewEntry>,
        session: &str,
        is_undo: bool,
        now: Timestamp,
    ) -> Result<Vec<Entry>, OutboxError> {
        let session = session.to_owned();
        let account = self.account;
        self.file
            .write(move |writer| {
                let mut ids: Vec<i64> = Vec::with_capacity(wanted.len());
                for new in &wanted {
                    let state = if new.held.is_some() { "held" } else { "waiting" };
                    writer
                        .prepare_cached(
                            "INSERT INTO intents (account, first, session, is_undo, intent, words, made, state, not_before,
                             progress, former) VALUES (:account, :first, :session, :is_undo, :intent, :words, :made, :state,
                             :not_before, :progress, :former)",
                        )?
                        .execute(named_params! {
                            ":account": account,
                            ":first": ids.first().copied().unwrap_or(0),
                            ":session": session,
                            ":is_undo": is_undo,
                            ":intent": encode::intent_to_json(&new.intent)?,
                            ":words": new.words,
                            ":made": now.as_microsecond(),
                            ":state": state,
                            ":not_before": new.held.map(Timestamp::as_microsecond),
                            ":progress": encode::progress_to_json(&new.progress)?,
                            ":former": encode::former_to_json(&new.former)?,
                        })?;
                    let id = writer.last_insert_rowid();
                    if ids.is_empty() {
                        writer.prepare_cached("UPDATE intents SET first = row WHERE row = ?1")?.execute([id])?;
                    }
                    if let Intent::Send { draft } = &new.intent {
                        draft::set_sending(writer, account, *draft, true)?;
                    }
                    if let Intent::DiscardDraft { draft } = &new.intent {
                        draft::set_discarded(writer, account, *draft, true)?;
                    }
                    ids.push(id);
                }
                let kept = ids.into_iter().map(|id| find(writer, account, IntentId(id)));
                Ok(kept.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
            })
            .await
    }

    /// All that the service has not got yet, the oldest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn open_entries(&self) -> Result<Vec<Entry>, OutboxError> {
        let account = self.account;
        self.file.read(move |reader| entries(reader, account, "state <> 'done'", None)).await
    }

    /// One change, done or not.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn entry(&self, id: IntentId) -> Result<Option<Entry>, OutboxError> {
        let account = self.account;
        self.file.read(move |reader| find(reader, account, id)).await
    }

    /// The outbox in numbers.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn summary(&self) -> Result<OutboxSummary, OutboxError> {
        let account = self.account;
        self.file
            .read(move |reader| {
                let mut statement = reader.prepare_cached(
                    "SELECT state, count(*), min(not_before) FROM intents WHERE account = ?1 AND state <> 'done' GROUP BY state",
                )?;
                let mut rows = statement.query([account])?;
                let mut summary = OutboxSummary::default();
                while let Some(row) = rows.next()? {
                    let count: u32 = row.get(1)?;
                    match encode::state(row.get_ref(0)?.as_str().unwrap_or_default(), None) {
                        ItemState::Held { .. } => {
                            summary.held += count;
                            summary.next_send = row.get::<_, Option<i64>>(2)?.map(instant).transpose()?;
                        }
                        ItemState::Waiting | ItemState::UnderWay => summary.waiting += count,
                        ItemState::NeedsPerson(_) => summary.troubled += count,
                        ItemState::Done => {}
                    }
                }
                Ok(summary)
            })
            .await
    }

    /// Takes a change up, if it still waits: from now on it cannot be taken back until it is put down. `None`: somebody was faster.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn take_up(&self, id: IntentId) -> Result<Option<Entry>, OutboxError> {
        Ok(self.take_up_all(vec![id]).await?.pop())
    }

    /// Notes how far a change has come. Call it before the call it speaks of is sent.
    ///
    /// # Errors
    /// When the file cannot be written; then that call must not be sent.
    pub async fn note(&self, id: IntentId, progress: Progress) -> Result<(), OutboxError> {
        self.note_all(vec![(id, progress)]).await
    }

    /// Notes what was there before, learnt on the way.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn note_former(&self, id: IntentId, former: crate::domain::outbox::Former) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                writer
                    .prepare_cached("UPDATE intents SET former = :former WHERE account = :account AND row = :row")?
                    .execute(named_params! {
                    ":former": encode::former_to_json(&former)?,
                    ":account": account,
                    ":row": id.0,
                })?;
                Ok(())
            })
            .await
    }

    /// Puts a change down: done, again later, or until somebody decides.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn put_down(
        &self,
        id: IntentId,
        progress: Progress,
        ending: Ending,
        now: Timestamp,
    ) -> Result<(), OutboxError> {
        self.put_down_all(vec![(id, progress, ending)], now).await
    }

    /// Puts down what a run that was killed had taken up. Only for whoever holds the [`Leave`].
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn put_down_what_was_left(&self) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                writer.execute(
                    "UPDATE intents SET state = 'waiting' WHERE account = ?1 AND state = 'underWay'",
                    [account],
                )?;
                Ok(())
            })
            .await
    }

    /// Takes a change back that nobody is making. `None`: it is under way, done, or not there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn take_back(&self, id: IntentId) -> Result<Option<Entry>, OutboxError> {
        Ok(self.take_back_all(vec![id]).await?.pop())
    }

    /// Lets a change go on that waits or stays, from `progress`. False: it is under way, done, or not there.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn let_go_on(&self, id: IntentId, progress: Progress) -> Result<bool, OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let changed = writer
                    .prepare_cached(
                        "UPDATE intents SET state = 'waiting', not_before = NULL, report = NULL, progress = :progress
                         WHERE account = :account AND row = :row AND state NOT IN ('underWay', 'done')",
                    )?
                    .execute(named_params! {
                        ":progress": encode::progress_to_json(&progress)?,
                        ":account": account,
                        ":row": id.0,
                    })?;
                Ok(changed > 0)
            })
            .await
    }

    /// Lets a change wait until `to` instead of `from`, unless somebody noted another wait meanwhile.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn wait_until(&self, id: IntentId, from: Timestamp, to: Timestamp) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                writer
                    .prepare_cached(
                        "UPDATE intents SET not_before = :to WHERE account = :account AND row = :row AND not_before = :from
                         AND state IN ('waiting', 'held')",
                    )?
                    .execute(named_params! {
                        ":to": to.as_microsecond(),
                        ":account": account,
                        ":row": id.0,
                        ":from": from.as_microsecond(),
                    })?;
                Ok(())
            })
            .await
    }

    /// The changes wanted last, together, in this run, that were not undone.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub async fn last_group(&self, session: &str) -> Result<Vec<Entry>, OutboxError> {
        let account = self.account;
        let session = session.to_owned();
        self.file
            .read(move |reader| {
                let clause = "first = (SELECT first FROM intents WHERE account = :account AND session = :session
                    AND is_undo = 0 AND is_undone = 0 ORDER BY row DESC LIMIT 1) AND is_undo = 0 AND is_undone = 0";
                entries(reader, account, clause, Some(&session))
            })
            .await
    }

    /// Notes that these were undone, so that the next undo goes further back.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn set_undone(&self, group: IntentId) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                writer.execute(
                    "UPDATE intents SET is_undone = 1 WHERE account = ?1 AND first = ?2",
                    [account, group.0],
                )?;
                Ok(())
            })
            .await
    }

    /// Forgets what the service got before `before`: nobody undoes it any more.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn forget_done(&self, before: Timestamp) -> Result<(), OutboxError> {
        let account = self.account;
        self.file
            .write(move |writer| {
                let before = before.as_microsecond();
                writer.execute(
                    "DELETE FROM intents WHERE account = ?1 AND state = 'done' AND ended < ?2",
                    [account, before],
                )?;
                writer.execute(
                    "DELETE FROM drafts WHERE account = ?1 AND is_discarded = 1 AND kept < ?2 AND row NOT IN
                     (SELECT json_extract(intent, '$.draft') FROM intents WHERE account = ?1
                      AND json_extract(intent, '$.draft') IS NOT NULL)",
                    [account, before],
                )?;
                Ok(())
            })
            .await
    }

    /// The right to make changes of this account; one process has it at a time. `None`: another has it.
    ///
    /// # Errors
    /// When the file that stands for it cannot be made.
    pub fn leave(&self) -> Result<Option<Leave>, OutboxError> {
        Leave::ask(self.file.path(), self.account)
    }
}
