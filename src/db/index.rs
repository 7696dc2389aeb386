//! The full-text index: what has to be indexed, and writing it.
//!
//! The database notes by itself, in triggers, what changed; so the index follows whoever writes, the outbox and another process too.
//! Must stay true: a batch is written whole or not at all; of a message that changed while its text was made, the newer change stays
//! noted; two processes that do the same work do it once; a message waits once, however often it changed. Deliberately absent: making
//! words out of a body (`engine::index`).

use crate::db::body::{self, Packed};
use crate::db::encode::recipients_from_json;
use crate::db::{Cache, Db, DbError};
use crate::domain::mail::{BodyContent, Recipient};
use rusqlite::{Row, Transaction, named_params};

/// So many messages make a batch.
const MOST_MESSAGES: u32 = 400;
/// A batch ends with the message that fills it: packed bytes of bodies.
const FULL_BATCH: usize = 640 << 10;

/// A message whose words are to be indexed.
#[derive(Debug)]
pub struct Unindexed {
    place: Place,
    /// The subject.
    pub subject: String,
    /// The sender.
    pub from: Option<Recipient>,
    /// Everybody it went to, copies too.
    pub recipients: Vec<Recipient>,
    body: Option<Packed>,
}

/// Which message, as of which change, and where its words belong.
#[derive(Debug)]
struct Place {
    row: i64,
    change: i64,
    /// The slot of its account and received time.
    slot: i64,
    /// Where its words are now.
    doc: Option<i64>,
}

/// What waits for a message that went.
#[derive(Clone, Copy, Debug)]
pub struct Gone {
    row: i64,
    change: i64,
}

/// What is to be indexed in one go.
#[derive(Debug, Default)]
pub struct Batch {
    /// Messages.
    pub messages: Vec<Unindexed>,
    /// What is noted for messages that went.
    pub gone: Vec<Gone>,
    /// Where the next batch goes on; `None`: nothing waits behind this one.
    pub onward: Option<i64>,
}

impl Unindexed {
    /// The body, unpacked. Takes its time. A body that cannot be unpacked has no words.
    #[must_use]
    pub fn body(&self) -> Option<BodyContent> {
        match self.body.as_ref()?.content() {
            Ok(content) => Some(content),
            Err(error) => {
                tracing::warn!(%error, "a body cannot be indexed");
                None
            }
        }
    }

    /// What is to be written for it: its words as [`crate::domain::query::indexed_words`] makes them.
    #[must_use]
    pub fn indexed(self, words: String) -> Indexed {
        Indexed { place: self.place, words }
    }
}

/// A message with its words, ready to be written.
#[derive(Debug)]
pub struct Indexed {
    place: Place,
    words: String,
}

impl Db {
    /// About how many messages wait for the index.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn unindexed(&self) -> Result<u32, DbError> {
        self.read(waiting).await
    }

    /// The next messages to index, of all accounts, behind `after` (a batch's own [`Batch::onward`], or 0); few enough for a short
    /// transaction.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn next_unindexed(&self, after: i64) -> Result<Batch, DbError> {
        self.read(move |reader| next(reader, after)).await
    }

    /// Writes the words of a batch, and forgets what waits for messages that went.
    ///
    /// # Errors
    /// When the cache cannot be written; then nothing was.
    pub async fn put_indexed(&self, batch: Vec<Indexed>, gone: Vec<Gone>) -> Result<(), DbError> {
        self.write(move |writer| {
            for Gone { row, change } in gone {
                done(writer, row, change)?;
            }
            let mut placed = Vec::with_capacity(batch.len());
            for Indexed { place, words } in &batch {
                placed.extend(settle(writer, place)?.map(|doc| (doc, words)));
            }
            // The index takes rising numbers only without a flush for each.
            placed.sort_unstable_by_key(|(doc, _)| *doc);
            let mut put = writer.prepare_cached("INSERT INTO mail_words (rowid, words) VALUES (:doc, :words)")?;
            for (doc, words) in placed {
                put.execute(named_params! {":doc": doc, ":words": words})?;
            }
            Ok(())
        })
        .await
    }

    /// Throws the index away and notes every message for a new one.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn rebuild_index(&self) -> Result<(), DbError> {
        self.write(|writer| {
            Ok(writer.execute_batch(
                "INSERT INTO mail_words (mail_words) VALUES ('delete-all');
                 DELETE FROM mail_docs;
                 DELETE FROM unindexed;
                 INSERT INTO unindexed (message, change) SELECT row, random() FROM messages;",
            )?)
        })
        .await?;
        self.wake_index();
        Ok(())
    }
}

impl Cache {
    /// About how many messages of the whole cache wait for the index.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn unindexed(&self) -> Result<u32, DbError> {
        self.db.unindexed().await
    }
}

/// After much was removed: deleted words stay in the index's pages until they are merged, and nobody's shall stay behind them.
pub(super) fn forget_gone(writer: &Transaction<'_>) -> Result<(), DbError> {
    let is_empty = !writer.prepare("SELECT 1 FROM mail_docs LIMIT 1")?.exists([])?;
    let command = if is_empty { "delete-all" } else { "optimize" };
    writer.execute("INSERT INTO mail_words (mail_words) VALUES (?1)", [command])?;
    Ok(())
}

/// How many messages wait.
pub(super) fn waiting(reader: &Transaction<'_>) -> Result<u32, DbError> {
    let count: i64 = reader.prepare_cached("SELECT count(*) FROM unindexed")?.query_row([], |row| row.get(0))?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

fn next(reader: &Transaction<'_>, after: i64) -> Result<Batch, DbError> {
    let mut statement = reader.prepare_cached(
        "SELECT u.message, u.change, m.account, m.received, d.doc, m.subject, m.from_name, m.from_address, m.to_line, m.cc_line,
                b.kind, b.packed, b.packing
         FROM unindexed u LEFT JOIN messages m ON m.row = u.message LEFT JOIN mail_docs d ON d.message = u.message
         LEFT JOIN bodies b ON b.message = u.message WHERE u.message > :after ORDER BY u.message LIMIT :limit",
    )?;
    let mut rows = statement.query(named_params! {":after": after, ":limit": MOST_MESSAGES})?;
    let (mut batch, mut bytes, mut count) = (Batch::default(), 0, 0);
    while let Some(row) = rows.next()? {
        let (message, change): (i64, i64) = (row.get(0)?, row.get(1)?);
        match (row.get(2)?, row.get(3)?) {
            (Some(account), Some(received)) => {
                let place = Place { row: message, change, slot: slot(account, received), doc: row.get(4)? };
                let unindexed = read(row, place)?;
                bytes += unindexed.body.as_ref().map_or(0, Packed::bytes);
                batch.messages.push(unindexed);
            }
            _ => batch.gone.push(Gone { row: message, change }),
        }
        count += 1;
        if bytes >= FULL_BATCH || count == MOST_MESSAGES {
            batch.onward = Some(message);
            break;
        }
    }
    Ok(batch)
}

fn read(row: &Row<'_>, place: Place) -> Result<Unindexed, DbError> {
    let from = match (row.get(6)?, row.get(7)?) {
        (Some(name), Some(address)) => Some(Recipient { name, address }),
        _ => None,
    };
    let list = |index: usize| -> Result<Vec<Recipient>, DbError> {
        let text = row.get_ref(index)?.as_str().map_err(|error| DbError::Row(error.to_string()))?;
        // A line that makes no sense has no words; the message has others.
        Ok(recipients_from_json(text).unwrap_or_default())
    };
    let mut recipients = list(8)?;
    recipients.extend(list(9)?);
    Ok(Unindexed { place, subject: row.get(5)?, from, recipients, body: body::packed(row, 10)? })
}

/// Takes away what waits for a message, unless it changed since; whether it was there.
fn done(writer: &Transaction<'_>, message: i64, change: i64) -> Result<bool, DbError> {
    let mut taken = writer.prepare_cached("DELETE FROM unindexed WHERE message = :message AND change = :change")?;
    Ok(taken.execute(named_params! {":message": message, ":change": change})? > 0)
}

/// The doc of a message, its old words taken away; `None` if it went, changed or somebody else was faster. Then what was read of its
/// place is of no use; else it is still true, for a change of it would have been noted.
fn settle(writer: &Transaction<'_>, place: &Place) -> Result<Option<i64>, DbError> {
    let is_ours = done(writer, place.row, place.change)?;
    if !is_ours || !writer.prepare_cached("SELECT 1 FROM messages WHERE row = ?1")?.exists([place.row])? {
        return Ok(None);
    }
    if let Some(doc) = place.doc {
        if doc == place.slot {
            writer.prepare_cached("DELETE FROM mail_words WHERE rowid = ?1")?.execute([doc])?;
            return Ok(Some(doc));
        }
        writer.prepare_cached("DELETE FROM mail_docs WHERE doc = ?1")?.execute([doc])?;
    }
    let doc = free_doc(writer, place.slot, place.row)?;
    writer
        .prepare_cached("INSERT INTO mail_docs (doc, message) VALUES (:doc, :message)")?
        .execute(named_params! {":doc": doc, ":message": place.row})?;
    Ok(Some(doc))
}

/// Bits of a received time that are dropped: steps of four seconds.
const STEP_BITS: u32 = 22;
/// Bits for the steps from year 1 to year 9999.
const ACCOUNT_SHIFT: u32 = 38;
/// Microseconds from year 1 to 1970, rounded up: no place is negative.
const BEFORE_1970: i64 = 62_200_000_000_000_000;
/// How far a doc may lie behind its place, where many messages came at the same time: twelve days.
pub(super) const WIDEST: i64 = 1 << 18;

/// The place of a message in the index; its doc is this or the next free one.
pub(super) const fn slot(account: i64, received: i64) -> i64 {
    let steps = received.saturating_add(BEFORE_1970) >> STEP_BITS;
    let last = (1 << ACCOUNT_SHIFT) - 1;
    (account << ACCOUNT_SHIFT)
        | if steps < 0 {
            0
        } else if steps > last {
            last
        } else {
            steps
        }
}

/// The docs of an account: first (inclusive), last (exclusive, its widest scatter included).
pub(super) const fn docs_of(account: i64) -> (i64, i64) {
    (account << ACCOUNT_SHIFT, (account + 1) << ACCOUNT_SHIFT)
}

/// A free doc at `wanted` or a little behind it. Where many came at once the search spreads out, so that it stays short.
fn free_doc(writer: &Transaction<'_>, wanted: i64, seed: i64) -> Result<i64, DbError> {
    let mut statement = writer.prepare_cached("SELECT 1 FROM mail_docs WHERE doc = ?1")?;
    let mut chance = seed.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let (mut width, mut doc) = (1_i64, wanted);
    loop {
        if !statement.exists([doc])? {
            return Ok(doc);
        }
        width = (width * 2).min(WIDEST - 1);
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        doc = wanted.saturating_add((chance >> 1).cast_signed() % width + 1);
        if width == WIDEST - 1 && chance.trailing_zeros() > 12 {
            // More than fit into twelve days: the first free one behind them all.
            let last: i64 =
                writer.query_row("SELECT coalesce(max(doc), 0) + 1 FROM mail_docs", [], |row| row.get(0))?;
            return Ok(last.max(wanted));
        }
    }
}
