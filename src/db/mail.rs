//! Messages as rows: merging what a round says, and the counters that spare counting.

use crate::db::encode::{Word, from_json, instant, recipients_from_json, recipients_to_json, to_json};
use crate::db::{Cache, DbError};
use crate::domain::change::{Change, MessagePatch};
use crate::domain::mail::{
    FolderId, Importance, MeetingMessage, Message, MessageId, MessageKey, MessageRow, Recipient,
};
use rusqlite::{OptionalExtension, Row, Transaction, named_params};
use std::collections::HashMap;

/// The columns of a message, in the order in which [`from_row`] reads them.
pub(super) const COLUMNS: &str =
    "m.row, m.received, m.id, m.is_read, m.is_flagged, m.importance, m.has_attachments, m.is_draft,
    m.meeting, m.subject, m.from_name, m.from_address, m.preview, m.conversation, m.to_line, m.cc_line, m.categories";

/// Bits of a received time that are dropped to name its block.
const BLOCK_BITS: u32 = 38;

/// The block of a received time; see the schema.
pub(super) const fn block(received: i64) -> i64 {
    received >> BLOCK_BITS
}

/// The first instant after the block.
pub(super) const fn block_end(block: i64) -> i64 {
    (block + 1) << BLOCK_BITS
}

pub(super) fn from_row(row: &Row<'_>, folder: &FolderId) -> Result<MessageRow, DbError> {
    let received: i64 = row.get(1)?;
    let from = match (row.get(10)?, row.get(11)?) {
        (Some(name), Some(address)) => Some(Recipient { name, address }),
        _ => None,
    };
    let text = |index: usize| row.get_ref(index)?.as_str().map_err(|error| DbError::Row(error.to_string()));
    Ok(MessageRow {
        key: MessageKey { received, row: row.get(0)? },
        message: Message {
            id: MessageId(row.get(2)?),
            folder: folder.clone(),
            conversation: row.get(13)?,
            subject: row.get(9)?,
            from,
            to: recipients_from_json(text(14)?)?,
            cc: recipients_from_json(text(15)?)?,
            received: instant(received)?,
            is_read: row.get(3)?,
            is_flagged: row.get(4)?,
            importance: Importance::from_word(text(5)?).unwrap_or_default(),
            has_attachments: row.get(6)?,
            is_draft: row.get(7)?,
            meeting: row.get::<_, Option<String>>(8)?.and_then(|word| MeetingMessage::from_word(&word)),
            preview: row.get(12)?,
            categories: from_json(text(16)?)?,
        },
    })
}

impl Cache {
    /// A message by its id; where it lies in two folders for a moment, the one that told last.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn message(&self, id: &MessageId) -> Result<Option<MessageRow>, DbError> {
        let id = id.clone();
        self.read(move |reader, account| find_row(reader, account, &id)).await
    }
}

impl Cache {
    /// The subjects of messages, as far as they are known.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn subjects(&self, ids: Vec<MessageId>) -> Result<HashMap<MessageId, String>, DbError> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT subject FROM messages WHERE account = ?1 AND id = ?2 ORDER BY row DESC LIMIT 1",
            )?;
            let mut subjects = HashMap::with_capacity(ids.len());
            for id in ids {
                let subject: Option<String> = statement.query_row((account, &id.0), |row| row.get(0)).optional()?;
                subjects.extend(subject.map(|subject| (id, subject)));
            }
            Ok(subjects)
        })
        .await
    }
}

fn find_row(reader: &Transaction<'_>, account: i64, id: &MessageId) -> Result<Option<MessageRow>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS}, f.id FROM messages m JOIN folders f ON f.row = m.folder
         WHERE m.account = :account AND m.id = :id ORDER BY m.row DESC LIMIT 1"
    );
    let mut statement = reader.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {":account": account, ":id": id.0})?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let folder = FolderId(row.get(17)?);
    from_row(row, &folder).map(Some)
}

/// A message by its id.
pub(super) fn find(reader: &Transaction<'_>, account: i64, id: &MessageId) -> Result<Option<Message>, DbError> {
    Ok(find_row(reader, account, id)?.map(|row| row.message))
}

/// A message as it lies in a folder.
pub(super) fn find_in(
    reader: &Transaction<'_>,
    account: i64,
    id: &MessageId,
    folder: &FolderId,
) -> Result<Option<Message>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM messages m JOIN folders f ON f.row = m.folder
         WHERE m.account = :account AND m.id = :id AND f.id = :folder"
    );
    let mut statement = reader.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {":account": account, ":id": id.0, ":folder": folder.0})?;
    let Some(row) = rows.next()? else { return Ok(None) };
    Ok(Some(from_row(row, folder)?.message))
}

/// Where a message lies and whether it is read; where it lies in two folders for a moment, as the one that told last.
pub(super) fn place(
    reader: &Transaction<'_>,
    account: i64,
    id: &MessageId,
) -> Result<Option<(FolderId, bool)>, DbError> {
    Ok(reader
        .prepare_cached(
            "SELECT f.id, m.is_read FROM messages m JOIN folders f ON f.row = m.folder
             WHERE m.account = :account AND m.id = :id ORDER BY m.row DESC LIMIT 1",
        )?
        .query_row(named_params! {":account": account, ":id": id.0}, |row| Ok((FolderId(row.get(0)?), row.get(1)?)))
        .optional()?)
}

/// Whether a message lies in a folder and was not told by the round of this generation.
pub(super) fn is_older(
    reader: &Transaction<'_>,
    account: i64,
    id: &MessageId,
    folder: &FolderId,
    generation: i64,
) -> Result<bool, DbError> {
    let mut statement = reader.prepare_cached(
        "SELECT 1 FROM messages m JOIN folders f ON f.row = m.folder
         WHERE m.account = :account AND m.id = :id AND f.id = :folder AND m.generation < :generation",
    )?;
    Ok(statement
        .exists(named_params! {":account": account, ":id": id.0, ":folder": folder.0, ":generation": generation})?)
}

/// Whether a row was told in the round of this generation; without one it was not.
pub(super) fn is_told(reader: &Transaction<'_>, row: i64, generation: Option<i64>) -> Result<bool, DbError> {
    let Some(generation) = generation else { return Ok(false) };
    let mut statement = reader.prepare_cached("SELECT 1 FROM messages WHERE row = ?1 AND generation = ?2")?;
    Ok(statement.exists([row, generation])?)
}

/// Counts one message more or fewer in a folder it was put into or taken out of as a row.
pub(super) fn count_moved(writer: &Transaction<'_>, folder: i64, received: i64, by: i64) -> Result<(), DbError> {
    writer
        .prepare_cached(
            "INSERT INTO message_blocks (folder, block, count) VALUES (:folder, :block, :by)
             ON CONFLICT (folder, block) DO UPDATE SET count = count + excluded.count",
        )?
        .execute(named_params! {":folder": folder, ":block": block(received), ":by": by})?;
    writer
        .prepare_cached("UPDATE folders SET cached = cached + :by WHERE row = :folder")?
        .execute(named_params! {":by": by, ":folder": folder})?;
    Ok(())
}

/// The writing half for one folder within one transaction; counters are gathered and written once, by [`FolderWriter::finish`].
pub(super) struct FolderWriter<'a> {
    writer: &'a Transaction<'a>,
    account: i64,
    folder: i64,
    folder_id: &'a FolderId,
    generation: i64,
    blocks: HashMap<i64, i64>,
    changed: u32,
}

impl<'a> FolderWriter<'a> {
    pub(super) fn new(
        writer: &'a Transaction<'a>,
        account: i64,
        folder: i64,
        folder_id: &'a FolderId,
        generation: i64,
    ) -> Self {
        Self { writer, account, folder, folder_id, generation, blocks: HashMap::new(), changed: 0 }
    }

    /// Merges one row of a round. A patch of a message that was never seen and that does not say enough to be one is handed back
    /// by its id.
    pub(super) fn change(&mut self, change: Change<MessagePatch, MessageId>) -> Result<Option<MessageId>, DbError> {
        match change {
            Change::Removed(id) => {
                if let (Some(stored), _) = self.stored(&id)? {
                    self.remove(stored.key)?;
                }
            }
            Change::Upsert(mut patch) => {
                // The row lies in the folder whose round told it; where it lies by now is told by that folder's round.
                patch.folder = None;
                let id = patch.id.clone();
                let (here, is_elsewhere) = self.stored(&id)?;
                match here {
                    Some(stored) => self.merge(stored, patch)?,
                    None => match patch.into_message(self.folder_id) {
                        Some(message) => self.insert(&message, is_elsewhere)?,
                        None => return Ok(Some(id)),
                    },
                }
            }
        }
        Ok(None)
    }

    /// Removes what a full round, which ends now, did not show.
    pub(super) fn sweep(&mut self) -> Result<(), DbError> {
        let mut statement = self
            .writer
            .prepare_cached("SELECT received, row FROM messages WHERE folder = :folder AND generation < :generation")?;
        let gone = statement
            .query_map(named_params! {":folder": self.folder, ":generation": self.generation}, |row| {
                Ok(MessageKey { received: row.get(0)?, row: row.get(1)? })
            })?
            .collect::<Result<Vec<_>, _>>()?;
        gone.into_iter().try_for_each(|key| self.remove(key))
    }

    /// Writes the counters; tells how many rows changed.
    pub(super) fn finish(self) -> Result<u32, DbError> {
        let mut total = 0;
        for (block, by) in self.blocks.into_iter().filter(|(_, by)| *by != 0) {
            total += by;
            self.writer
                .prepare_cached(
                    "INSERT INTO message_blocks (folder, block, count) VALUES (:folder, :block, :by)
                     ON CONFLICT (folder, block) DO UPDATE SET count = count + excluded.count",
                )?
                .execute(named_params! {":folder": self.folder, ":block": block, ":by": by})?;
        }
        if total != 0 {
            self.writer
                .prepare_cached("UPDATE folders SET cached = cached + :by WHERE row = :folder")?
                .execute(named_params! {":by": total, ":folder": self.folder})?;
        }
        Ok(self.changed)
    }

    /// The message in this folder, and whether it lies in another one too.
    fn stored(&self, id: &MessageId) -> Result<(Option<MessageRow>, bool), DbError> {
        let sql = format!("SELECT {COLUMNS}, m.folder FROM messages m WHERE m.account = :account AND m.id = :id");
        let mut statement = self.writer.prepare_cached(&sql)?;
        let mut rows = statement.query(named_params! {":account": self.account, ":id": id.0})?;
        let (mut here, mut is_elsewhere) = (None, false);
        while let Some(row) = rows.next()? {
            if row.get::<_, i64>(17)? == self.folder {
                here = Some(from_row(row, self.folder_id)?);
            } else {
                is_elsewhere = true;
            }
        }
        Ok((here, is_elsewhere))
    }

    fn merge(&mut self, stored: MessageRow, patch: MessagePatch) -> Result<(), DbError> {
        let mut message = stored.message.clone();
        patch.merge_into(&mut message);
        // Stored times have microseconds; without this a finer one would look changed each time.
        message.received = instant(message.received.as_microsecond())?;
        if message == stored.message {
            self.writer
                .prepare_cached(
                    "UPDATE messages SET generation = :generation WHERE row = :row AND generation <> :generation",
                )?
                .execute(named_params! {":generation": self.generation, ":row": stored.key.row})?;
            return Ok(());
        }
        self.write(Some(stored.key.row), &message)?;
        if message.preview != stored.message.preview {
            super::body::forget(self.writer, stored.key.row)?;
        }
        self.count(stored.key.received, -1);
        self.count(message.received.as_microsecond(), 1);
        self.changed += 1;
        Ok(())
    }

    fn insert(&mut self, message: &Message, is_elsewhere: bool) -> Result<(), DbError> {
        self.write(None, message)?;
        if is_elsewhere {
            super::body::adopt(self.writer, self.account, &message.id, self.writer.last_insert_rowid())?;
        }
        self.count(message.received.as_microsecond(), 1);
        self.changed += 1;
        Ok(())
    }

    fn remove(&mut self, key: MessageKey) -> Result<(), DbError> {
        super::body::bequeath(self.writer, key.row)?;
        self.writer.prepare_cached("DELETE FROM messages WHERE row = ?1")?.execute([key.row])?;
        self.count(key.received, -1);
        self.changed += 1;
        Ok(())
    }

    fn count(&mut self, received: i64, by: i64) {
        *self.blocks.entry(block(received)).or_default() += by;
    }

    /// Writes every column; `row` is the row to replace in place, or none for a new one.
    fn write(&self, row: Option<i64>, message: &Message) -> Result<(), DbError> {
        self.writer
            .prepare_cached(
                "INSERT INTO messages (row, account, folder, received, generation, id, is_read, is_flagged, importance,
                 has_attachments, is_draft, meeting, subject, from_name, from_address, preview, conversation, to_line, cc_line,
                 categories) VALUES (:row, :account, :folder, :received, :generation, :id, :is_read, :is_flagged, :importance,
                 :has_attachments, :is_draft, :meeting, :subject, :from_name, :from_address, :preview, :conversation, :to_line,
                 :cc_line, :categories)
                 ON CONFLICT (row) DO UPDATE SET received = excluded.received, generation = excluded.generation,
                 is_read = excluded.is_read, is_flagged = excluded.is_flagged, importance = excluded.importance,
                 has_attachments = excluded.has_attachments, is_draft = excluded.is_draft, meeting = excluded.meeting,
                 subject = excluded.subject, from_name = excluded.from_name, from_address = excluded.from_address,
                 preview = excluded.preview, conversation = excluded.conversation, to_line = excluded.to_line,
                 cc_line = excluded.cc_line, categories = excluded.categories",
            )?
            .execute(named_params! {
                ":row": row,
                ":account": self.account,
                ":folder": self.folder,
                ":received": message.received.as_microsecond(),
                ":generation": self.generation,
                ":id": message.id.0,
                ":is_read": message.is_read,
                ":is_flagged": message.is_flagged,
                ":importance": message.importance.word(),
                ":has_attachments": message.has_attachments,
                ":is_draft": message.is_draft,
                ":meeting": message.meeting.map(Word::word),
                ":subject": message.subject,
                ":from_name": message.from.as_ref().map(|from| from.name.as_str()),
                ":from_address": message.from.as_ref().map(|from| from.address.as_str()),
                ":preview": message.preview,
                ":conversation": message.conversation,
                ":to_line": recipients_to_json(&message.to)?,
                ":cc_line": recipients_to_json(&message.cc)?,
                ":categories": to_json(&message.categories)?,
            })?;
        Ok(())
    }
}

/// How many messages of `folder` are newer than `key`: whole blocks by their counters, its own block by looking at a bounded
/// stretch of the index.
pub(super) fn rank(reader: &Transaction<'_>, folder: i64, key: MessageKey) -> Result<u32, DbError> {
    let own = block(key.received);
    let newer_blocks: i64 = reader
        .prepare_cached(RANK_OF_BLOCKS)?
        .query_row(named_params! {":folder": folder, ":block": own}, |row| row.get(0))?;
    let within: i64 = reader.prepare_cached(RANK_WITHIN)?.query_row(
        named_params! {":folder": folder, ":received": key.received, ":row": key.row, ":end": block_end(own)},
        |row| row.get(0),
    )?;
    Ok(u32::try_from(newer_blocks + within).unwrap_or(0))
}

pub(super) const RANK_OF_BLOCKS: &str =
    "SELECT coalesce(sum(count), 0) FROM message_blocks WHERE folder = :folder AND block > :block";

/// At most 2 000 rows are looked at: a block that holds more makes the rank of its older half too small, for a scrollbar only.
pub(super) const RANK_WITHIN: &str = "SELECT count(*) FROM (SELECT 1 FROM messages
    WHERE folder = :folder AND (received, row) > (:received, :row) AND received < :end LIMIT 2000)";

/// How many messages of `folder` are in the cache.
pub(super) fn cached(reader: &Transaction<'_>, folder: i64) -> Result<u32, DbError> {
    Ok(reader
        .prepare_cached("SELECT cached FROM folders WHERE row = ?1")?
        .query_row([folder], |row| row.get(0))
        .optional()?
        .unwrap_or(0))
}
