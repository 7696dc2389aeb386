//! Bodies, compressed, with what hangs on them.
//!
//! A body belongs to the immutable id, not to the folder: where a message lies in two folders for a moment, one of the rows holds
//! the body, and a row that goes hands it on.

use crate::db::{Cache, DbError};
use crate::domain::mail::{Attachment, Body, BodyContent, FolderId, MessageId};
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use rusqlite::{OptionalExtension, Transaction, named_params};
use std::io::Read;

/// How hard bodies are pressed: half the work of the usual level, and hardly more bytes for HTML.
const LEVEL: u32 = 3;

impl Cache {
    /// The body of a message, if it was read before.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn body(&self, id: &MessageId) -> Result<Option<Body>, DbError> {
        let id = id.clone();
        self.read(move |reader, account| {
            let found: Option<(i64, String, Vec<u8>)> = reader
                .prepare_cached(
                    "SELECT b.message, b.kind, b.deflated FROM messages m JOIN bodies b ON b.message = m.row
                     WHERE m.account = :account AND m.id = :id LIMIT 1",
                )?
                .query_row(named_params! {":account": account, ":id": id.0}, |row| {
                    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
                })
                .optional()?;
            let Some((row, kind, deflated)) = found else { return Ok(None) };
            let content = inflate(&kind, &deflated)?;
            Ok(Some(Body { content, attachments: attachments(reader, row)? }))
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
                "SELECT b.kind, b.deflated FROM messages m JOIN bodies b ON b.message = m.row
                 WHERE m.account = :account AND m.id = :id LIMIT 1",
            )?;
            let mut contents = Vec::with_capacity(ids.len());
            for id in ids {
                let mut rows = statement.query(named_params! {":account": account, ":id": id.0})?;
                if let Some(row) = rows.next()? {
                    let (kind, deflated): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
                    contents.push((id, inflate(&kind, &deflated)?));
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
        let packed = tokio::task::spawn_blocking(move || bodies.into_iter().map(pack).collect::<Result<Vec<_>, _>>());
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

/// The text of a kept body.
pub(super) fn inflated(deflated: &[u8]) -> Result<String, DbError> {
    let mut text = String::new();
    DeflateDecoder::new(deflated).read_to_string(&mut text).map_err(|error| DbError::Row(error.to_string()))?;
    Ok(text)
}

/// A body as it was kept.
pub(super) fn inflate(kind: &str, deflated: &[u8]) -> Result<BodyContent, DbError> {
    let text = inflated(deflated)?;
    Ok(if kind == "html" { BodyContent::Html(text) } else { BodyContent::Text(text) })
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
struct Packed {
    id: MessageId,
    kind: &'static str,
    deflated: Vec<u8>,
    attachments: Vec<Attachment>,
}

fn pack((id, body): (MessageId, Body)) -> Result<Packed, DbError> {
    let (kind, text) = match &body.content {
        BodyContent::Html(text) => ("html", text),
        BodyContent::Text(text) => ("text", text),
    };
    let mut deflated = Vec::with_capacity(text.len() / 4);
    DeflateEncoder::new(text.as_bytes(), Compression::new(LEVEL))
        .read_to_end(&mut deflated)
        .map_err(|error| DbError::Other(error.to_string()))?;
    Ok(Packed { id, kind, deflated, attachments: body.attachments })
}

fn put(writer: &Transaction<'_>, account: i64, body: &Packed) -> Result<u32, DbError> {
    let row: Option<i64> = writer
        .prepare_cached("SELECT row FROM messages WHERE account = :account AND id = :id ORDER BY row DESC LIMIT 1")?
        .query_row(named_params! {":account": account, ":id": body.id.0}, |row| row.get(0))
        .optional()?;
    let Some(row) = row else { return Ok(0) };
    writer.prepare_cached("DELETE FROM bodies WHERE message = ?1")?.execute([row])?;
    writer
        .prepare_cached("INSERT INTO bodies (message, kind, deflated) VALUES (:message, :kind, :deflated)")?
        .execute(named_params! {":message": row, ":kind": body.kind, ":deflated": body.deflated})?;
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
