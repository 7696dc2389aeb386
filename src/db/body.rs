//! Bodies, compressed, with what hangs on them.
//!
//! A body belongs to the immutable id, not to the folder: where a message lies in two folders for a moment, one of the rows holds
//! the body, and a row that goes hands it on.

use crate::db::packing::{self, Packing};
use crate::db::{Cache, DbError};
use crate::domain::mail::{Attachment, Body, BodyContent, FolderId, MessageId};
use rusqlite::{OptionalExtension, Row, Transaction, named_params};

impl Cache {
    /// The body of a message, if it was read before.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn body(&self, id: &MessageId) -> Result<Option<Body>, DbError> {
        let id = id.clone();
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT b.message, b.kind, b.packed, b.packing FROM messages m JOIN bodies b ON b.message = m.row
                 WHERE m.account = :account AND m.id = :id LIMIT 1",
            )?;
            let mut rows = statement.query(named_params! {":account": account, ":id": id.0})?;
            let Some(row) = rows.next()? else { return Ok(None) };
            let Some(packed) = packed(row, 1)? else { return Ok(None) };
            Ok(Some(Body { content: packed.content()?, attachments: attachments(reader, row.get(0)?)? }))
        })
        .await
    }

    /// The bodies of these messages that are here, without what hangs on them.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn contents(&self, ids: Vec<MessageId>) -> Result<Vec<(MessageId, BodyContent)>, DbError> {
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT b.kind, b.packed, b.packing FROM messages m JOIN bodies b ON b.message = m.row
                 WHERE m.account = :account AND m.id = :id LIMIT 1",
            )?;
            let mut contents = Vec::with_capacity(ids.len());
            for id in ids {
                let mut rows = statement.query(named_params! {":account": account, ":id": id.0})?;
                if let Some(row) = rows.next()?
                    && let Some(packed) = packed(row, 0)?
                {
                    contents.push((id, packed.content()?));
                }
            }
            Ok(contents)
        })
        .await
    }

    /// Keeps bodies; those of messages that went meanwhile are dropped. Tells how many were kept.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_bodies(&self, bodies: Vec<(MessageId, Body)>) -> Result<u32, DbError> {
        // Packing takes longer than writing: the writer is not kept waiting for it.
        let packed = tokio::task::spawn_blocking(move || pack(bodies));
        let packed = packed.await.map_err(|_| DbError::Other("a body could not be packed".to_owned()))??;
        let kept = self.write(move |writer, account| {
            let mut kept = 0;
            for body in &packed {
                kept += put(writer, account, body)?;
            }
            Ok(kept)
        });
        let kept = kept.await?;
        self.db.wake_index();
        Ok(kept)
    }

    /// Which of the `newest` messages of a folder have no body here, newest first.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn lacking_bodies(&self, folder: &FolderId, newest: u16) -> Result<Vec<MessageId>, DbError> {
        let folder = folder.clone();
        self.read(move |reader, account| {
            let Some(folder) = super::folder::find(reader, account, &folder)? else { return Ok(Vec::new()) };
            let mut statement = reader.prepare_cached(
                "SELECT id FROM (SELECT id, row FROM messages WHERE folder = :folder
                 ORDER BY received DESC, row DESC LIMIT :newest) AS m
                 WHERE NOT EXISTS (SELECT 1 FROM bodies b WHERE b.message = m.row)",
            )?;
            let ids = statement
                .query_map(named_params! {":folder": folder, ":newest": newest}, |row| Ok(MessageId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }
}

/// A body as it is kept.
#[derive(Debug)]
pub(super) struct Packed {
    kind: String,
    bytes: Vec<u8>,
    packing: i64,
}

impl Packed {
    /// How many bytes it has as it is kept.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The body, unpacked.
    pub(super) fn content(&self) -> Result<BodyContent, DbError> {
        let text = packing::unpack(&self.bytes, self.packing)?;
        Ok(if self.kind == "html" { BodyContent::Html(text) } else { BodyContent::Text(text) })
    }
}

/// The body in a row whose columns from `first` on are the kind, the bytes and the packing.
pub(super) fn packed(row: &Row<'_>, first: usize) -> Result<Option<Packed>, DbError> {
    let (kind, bytes, packing) = (row.get(first)?, row.get(first + 1)?, row.get(first + 2)?);
    Ok(match (kind, bytes, packing) {
        (Some(kind), Some(bytes), Some(packing)) => Some(Packed { kind, bytes, packing }),
        _ => None,
    })
}

fn attachments(reader: &Transaction<'_>, message: i64) -> Result<Vec<Attachment>, DbError> {
    let mut statement = reader.prepare_cached(
        "SELECT id, name, content_type, size, is_inline FROM attachments WHERE message = ?1 ORDER BY position",
    )?;
    let found = statement.query_map([message], |row| {
        Ok(Attachment {
            id: row.get(0)?,
            name: row.get(1)?,
            content_type: row.get(2)?,
            size: u64::try_from(row.get::<_, i64>(3)?).unwrap_or(0),
            is_inline: row.get(4)?,
        })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// A body ready to be written.
struct Ready {
    id: MessageId,
    kind: &'static str,
    bytes: Vec<u8>,
    attachments: Vec<Attachment>,
}

fn pack(bodies: Vec<(MessageId, Body)>) -> Result<Vec<Ready>, DbError> {
    let mut packing = Packing::new();
    let ready = bodies.into_iter().map(|(id, body)| {
        let (kind, text) = match &body.content {
            BodyContent::Html(text) => ("html", text),
            BodyContent::Text(text) => ("text", text),
        };
        Ok(Ready { id, kind, bytes: packing.pack(text)?, attachments: body.attachments })
    });
    ready.collect()
}

fn put(writer: &Transaction<'_>, account: i64, body: &Ready) -> Result<u32, DbError> {
    let row: Option<i64> = writer
        .prepare_cached("SELECT row FROM messages WHERE account = :account AND id = :id ORDER BY row DESC LIMIT 1")?
        .query_row(named_params! {":account": account, ":id": body.id.0}, |row| row.get(0))
        .optional()?;
    let Some(row) = row else { return Ok(0) };
    writer.prepare_cached("DELETE FROM bodies WHERE message = ?1")?.execute([row])?;
    writer
        .prepare_cached(
            "INSERT INTO bodies (message, kind, packed, packing) VALUES (:message, :kind, :packed, :packing)",
        )?
        .execute(named_params! {
            ":message": row,
            ":kind": body.kind,
            ":packed": body.bytes,
            ":packing": packing::PRESENT,
        })?;
    for (position, attachment) in (0_i64..).zip(&body.attachments) {
        writer
            .prepare_cached(
                "INSERT INTO attachments (message, position, id, name, content_type, size, is_inline)
                 VALUES (:message, :position, :id, :name, :content_type, :size, :is_inline)",
            )?
            .execute(named_params! {
                ":message": row,
                ":position": position,
                ":id": attachment.id,
                ":name": attachment.name,
                ":content_type": attachment.content_type,
                ":size": i64::try_from(attachment.size).unwrap_or(i64::MAX),
                ":is_inline": attachment.is_inline,
            })?;
    }
    Ok(1)
}

/// Gives the body of the same message in another folder to its new row.
pub(super) fn adopt(writer: &Transaction<'_>, account: i64, id: &MessageId, row: i64) -> Result<(), DbError> {
    writer
        .prepare_cached(
            "UPDATE bodies SET message = :row WHERE message = (SELECT b.message FROM messages m JOIN bodies b
             ON b.message = m.row WHERE m.account = :account AND m.id = :id AND m.row <> :row LIMIT 1)",
        )?
        .execute(named_params! {":row": row, ":account": account, ":id": id.0})?;
    Ok(())
}

/// Drops the body of a row: the message was changed, so the body may have been.
pub(super) fn forget(writer: &Transaction<'_>, row: i64) -> Result<(), DbError> {
    writer.prepare_cached("DELETE FROM bodies WHERE message = ?1")?.execute([row])?;
    Ok(())
}

/// Before a row goes: hands its body to another row of the same message, if there is one without.
pub(super) fn bequeath(writer: &Transaction<'_>, row: i64) -> Result<(), DbError> {
    let heir: Option<i64> = writer
        .prepare_cached(
            "SELECT other.row FROM messages gone JOIN messages other
             ON other.account = gone.account AND other.id = gone.id AND other.row <> gone.row
             WHERE gone.row = ?1 AND NOT EXISTS (SELECT 1 FROM bodies WHERE message = other.row) LIMIT 1",
        )?
        .query_row([row], |row| row.get(0))
        .optional()?;
    if let Some(heir) = heir {
        writer
            .prepare_cached("UPDATE bodies SET message = :heir WHERE message = :row")?
            .execute(named_params! {":heir": heir, ":row": row})?;
    }
    Ok(())
}
