//! What is selected of a folder by its two ends: counted, and read as far as a change of it has to know.
//!
//! Must stay true: a stretch is walked through the index, and only the columns a change needs are read. Deliberately absent: hits of
//! a search, which are walked as a search is (`engine::search`).

use crate::db::encode::from_json;
use crate::db::{Cache, DbError, folder};
use crate::domain::mail::{FolderId, MessageId, MessageKey};
use crate::domain::selection::{Counted, Standing, Stretch};
use rusqlite::{OptionalExtension, Row};

/// Takes [`ends`].
const WITHIN: &str = "folder = ?1 AND (received, row) <= (?2, ?3) AND (received, row) >= (?4, ?5)";

const fn ends(folder: i64, stretch: Stretch) -> (i64, i64, i64, i64, i64) {
    let Stretch { newest, oldest } = stretch;
    (folder, newest.received, newest.row, oldest.received, oldest.row)
}

impl Cache {
    /// A stretch of a folder as it lies here; `None`: nothing of it does.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn stretch(&self, id: &FolderId, stretch: Stretch) -> Result<Option<Counted>, DbError> {
        let id = id.clone();
        self.read(move |reader, account| {
            let Some(folder) = folder::find(reader, account, &id)? else { return Ok(None) };
            let end = |order: &str| -> Result<Option<MessageKey>, DbError> {
                let sql = format!(
                    "SELECT received, row FROM messages WHERE {WITHIN} ORDER BY received {order}, row {order} LIMIT 1"
                );
                let mut statement = reader.prepare_cached(&sql)?;
                let key = |row: &Row<'_>| Ok(MessageKey { received: row.get(0)?, row: row.get(1)? });
                Ok(statement.query_row(ends(folder, stretch), key).optional()?)
            };
            let (Some(newest), Some(oldest)) = (end("DESC")?, end("ASC")?) else { return Ok(None) };
            let count = reader
                .prepare_cached(&format!("SELECT count(*) FROM messages WHERE {WITHIN}"))?
                .query_row(ends(folder, stretch), |row| row.get(0))?;
            Ok(Some(Counted { stretch: Stretch { newest, oldest }, count, is_exact: true }))
        })
        .await
    }

    /// What lies in a stretch of a folder, newest first.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn standing_in(&self, id: &FolderId, stretch: Stretch) -> Result<Vec<Standing>, DbError> {
        let id = id.clone();
        self.read(move |reader, account| {
            let Some(folder) = folder::find(reader, account, &id)? else { return Ok(Vec::new()) };
            let sql = format!(
                "SELECT id, is_read, is_flagged, categories FROM messages WHERE {WITHIN} ORDER BY received DESC, row DESC"
            );
            let mut statement = reader.prepare_cached(&sql)?;
            let mut rows = statement.query(ends(folder, stretch))?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push(standing(row, id.clone())?);
            }
            Ok(found)
        })
        .await
    }

    /// How these messages stand; who is not here is left out.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn standing_of(&self, ids: Vec<MessageId>) -> Result<Vec<Standing>, DbError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT m.id, m.is_read, m.is_flagged, m.categories, f.id FROM messages m JOIN folders f ON f.row = m.folder
                 WHERE m.account = ?1 AND m.id = ?2 ORDER BY m.row DESC LIMIT 1",
            )?;
            let mut found = Vec::new();
            for id in ids {
                let mut rows = statement.query((account, &id.0))?;
                if let Some(row) = rows.next()? {
                    found.push(standing(row, FolderId(row.get(4)?))?);
                }
            }
            Ok(found)
        })
        .await
    }
}

fn standing(row: &Row<'_>, folder: FolderId) -> Result<Standing, DbError> {
    let categories = row.get_ref(3)?.as_str().map_err(|error| DbError::Row(error.to_string()))?;
    Ok(Standing {
        id: MessageId(row.get(0)?),
        folder,
        is_read: row.get(1)?,
        is_flagged: row.get(2)?,
        categories: from_json(categories)?,
    })
}
