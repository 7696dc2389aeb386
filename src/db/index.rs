//! The full-text index: what has to be indexed, and writing it.
//!
//! The database notes by itself, in triggers, what changed; so the index follows whoever writes, the outbox and another process too.
//! Must stay true: a batch is written whole or not at all; of a message that changed while its text was made, the newer change stays
//! noted; two processes that do the same work do it once. Deliberately absent: making text out of a body (`engine::index`).

use crate::db::encode::recipients_from_json;
use crate::db::{Cache, Db, DbError, body};
use crate::domain::mail::{BodyContent, Recipient};
use rusqlite::{OptionalExtension, Transaction, named_params};
use std::collections::HashMap;

/// So many numbers are looked at for a batch.
const MOST_NUMBERS: u32 = 400;
/// A batch ends with the message that fills it: compressed bytes of bodies.
const FULL_BATCH: usize = 512 << 10;

/// A message whose words are to be indexed.
#[derive(Debug)]
pub struct Unindexed {
    row: i64,
    numbers: Vec<i64>,
    /// The subject.
    pub subject: String,
    /// The sender.
    pub from: Option<Recipient>,
    /// Everybody it went to, copies too.
    pub recipients: Vec<Recipient>,
    body: Option<(String, Vec<u8>)>,
}

impl Unindexed {
    /// The body, unpacked. Takes its time. A body that cannot be unpacked has no words.
    #[must_use]
    pub fn body(&self) -> Option<BodyContent> {
        let (kind, deflated) = self.body.as_ref()?;
        match body::inflate(kind, deflated) {
            Ok(content) => Some(content),
            Err(error) => {
                tracing::warn!(%error, "a body cannot be indexed");
                None
            }
        }
    }

    /// What is to be written for it.
    #[must_use]
    pub fn indexed(self, texts: IndexTexts) -> Indexed {
        Indexed { row: self.row, numbers: self.numbers, texts }
    }
}

/// The texts of a message as the index takes them.
#[derive(Clone, Debug, Default)]
pub struct IndexTexts {
    /// The subject.
    pub subject: String,
    /// The sender's name and address.
    pub sender: String,
    /// Names and addresses of everybody it went to.
    pub recipients: String,
    /// The body's words.
    pub body: String,
}

/// A message with its texts, ready to be written.
#[derive(Debug)]
pub struct Indexed {
    row: i64,
    numbers: Vec<i64>,
    texts: IndexTexts,
}

impl Db {
    /// About how many messages wait for the index.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn unindexed(&self) -> Result<u32, DbError> {
        self.read(waiting).await
    }

    /// The next messages to index, oldest change first, of all accounts; few enough for a short transaction. Empty: nothing waits.
    /// What is noted for messages that went is in the second part.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn next_unindexed(&self) -> Result<(Vec<Unindexed>, Vec<i64>), DbError> {
        self.read(next).await
    }

    /// Writes the words of a batch, and forgets the numbers of messages that went.
    ///
    /// # Errors
    /// When the cache cannot be written; then nothing was.
    pub async fn put_indexed(&self, batch: Vec<Indexed>, gone: Vec<i64>) -> Result<(), DbError> {
        self.write(move |writer| {
            for number in gone {
                done(writer, number)?;
            }
            let mut placed = Vec::with_capacity(batch.len());
            for message in &batch {
                placed.extend(place(writer, message)?.map(|doc| (doc, &message.texts)));
            }
            // The index takes rising numbers only without a flush for each.
            placed.sort_unstable_by_key(|(doc, _)| *doc);
            for (doc, texts) in placed {
                put(writer, doc, texts)?;
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
                 INSERT INTO unindexed (message) SELECT row FROM messages ORDER BY row;",
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

/// Numbers are given without gaps and taken from the front, so the ends tell.
pub(super) fn waiting(reader: &Transaction<'_>) -> Result<u32, DbError> {
    let count: i64 = reader
        .prepare_cached(
            "SELECT coalesce((SELECT max(number) FROM unindexed) - (SELECT min(number) FROM unindexed) + 1, 0)",
        )?
        .query_row([], |row| row.get(0))?;
    Ok(u32::try_from(count).unwrap_or(0))
}

fn next(reader: &Transaction<'_>) -> Result<(Vec<Unindexed>, Vec<i64>), DbError> {
    let mut statement = reader.prepare_cached("SELECT number, message FROM unindexed ORDER BY number LIMIT :limit")?;
    let mut rows = statement.query(named_params! {":limit": MOST_NUMBERS})?;
    let (mut order, mut numbers, mut gone) = (Vec::new(), HashMap::<i64, Vec<i64>>::new(), Vec::new());
    while let Some(row) = rows.next()? {
        let message: i64 = row.get(1)?;
        let known = numbers.entry(message).or_default();
        if known.is_empty() {
            order.push(message);
        }
        known.push(row.get(0)?);
    }
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for message in order {
        let numbers = numbers.remove(&message).unwrap_or_default();
        match read(reader, message, numbers)? {
            Ok(unindexed) => {
                bytes += unindexed.body.as_ref().map_or(0, |(_, deflated)| deflated.len());
                batch.push(unindexed);
            }
            Err(numbers) => gone.extend(numbers),
        }
        if bytes >= FULL_BATCH {
            break;
        }
    }
    Ok((batch, gone))
}

/// The message, or the numbers of one that went.
fn read(reader: &Transaction<'_>, message: i64, numbers: Vec<i64>) -> Result<Result<Unindexed, Vec<i64>>, DbError> {
    let mut statement = reader.prepare_cached(
        "SELECT m.subject, m.from_name, m.from_address, m.to_line, m.cc_line, b.kind, b.deflated
         FROM messages m LEFT JOIN bodies b ON b.message = m.row WHERE m.row = ?1",
    )?;
    let mut rows = statement.query([message])?;
    let Some(row) = rows.next()? else { return Ok(Err(numbers)) };
    let from = match (row.get(1)?, row.get(2)?) {
        (Some(name), Some(address)) => Some(Recipient { name, address }),
        _ => None,
    };
    let list = |index: usize| -> Result<Vec<Recipient>, DbError> {
        let text = row.get_ref(index)?.as_str().map_err(|error| DbError::Row(error.to_string()))?;
        // A line that makes no sense has no words; the message has others.
        Ok(recipients_from_json(text).unwrap_or_default())
    };
    let mut recipients = list(3)?;
    recipients.extend(list(4)?);
    let body = match (row.get(5)?, row.get(6)?) {
        (Some(kind), Some(deflated)) => Some((kind, deflated)),
        _ => None,
    };
    Ok(Ok(Unindexed { row: message, numbers, subject: row.get(0)?, from, recipients, body }))
}

/// Takes a number away; whether it was there.
fn done(writer: &Transaction<'_>, number: i64) -> Result<bool, DbError> {
    Ok(writer.prepare_cached("DELETE FROM unindexed WHERE number = ?1")?.execute([number])? > 0)
}

/// The doc of a message, its old words taken away; `None` if it went or somebody else was faster.
fn place(writer: &Transaction<'_>, message: &Indexed) -> Result<Option<i64>, DbError> {
    let mut is_ours = false;
    for number in &message.numbers {
        is_ours |= done(writer, *number)?;
    }
    if !is_ours {
        return Ok(None);
    }
    let place: Option<(i64, i64)> = writer
        .prepare_cached("SELECT account, received FROM messages WHERE row = ?1")?
        .query_row([message.row], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((account, received)) = place else { return Ok(None) };
    let known: Option<i64> = writer
        .prepare_cached("SELECT doc FROM mail_docs WHERE message = ?1")?
        .query_row([message.row], |row| row.get(0))
        .optional()?;
    let wanted = slot(account, received);
    match known {
        Some(doc) if doc == wanted => {
            writer.prepare_cached("DELETE FROM mail_words WHERE rowid = ?1")?.execute([doc])?;
            Ok(Some(doc))
        }
        known => {
            if let Some(doc) = known {
                writer.prepare_cached("DELETE FROM mail_docs WHERE doc = ?1")?.execute([doc])?;
            }
            let doc = free_doc(writer, wanted, message.row)?;
            writer
                .prepare_cached("INSERT INTO mail_docs (doc, message) VALUES (:doc, :message)")?
                .execute(named_params! {":doc": doc, ":message": message.row})?;
            Ok(Some(doc))
        }
    }
}

fn put(writer: &Transaction<'_>, doc: i64, texts: &IndexTexts) -> Result<(), DbError> {
    writer
        .prepare_cached(
            "INSERT INTO mail_words (rowid, subject, sender, recipients, body)
             VALUES (:doc, :subject, :sender, :recipients, :body)",
        )?
        .execute(named_params! {
            ":doc": doc,
            ":subject": texts.subject,
            ":sender": texts.sender,
            ":recipients": texts.recipients,
            ":body": texts.body,
        })?;
    Ok(())
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
