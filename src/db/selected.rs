//! What is selected of a folder by its two ends: counted, weighed, and taken apart into changes.
//!
//! Must stay true: a stretch is walked through the index, and only the columns a change needs are read.

use crate::db::encode::from_json;
use crate::db::{Cache, DbError, folder};
use crate::domain::intent::Intent;
use crate::domain::mail::{FolderId, MessageId, MessageKey};
use crate::domain::selection::{Counted, Selection, SelectionDeed, Stretch};
use rusqlite::{OptionalExtension, Row, Transaction};
use std::collections::BTreeSet;

/// Takes [`ends`].
const WITHIN: &str = "folder = ?1 AND (received, row) <= (?2, ?3) AND (received, row) >= (?4, ?5)";

const fn ends(folder: i64, stretch: Stretch) -> (i64, i64, i64, i64, i64) {
    let Stretch { newest, oldest } = stretch;
    (folder, newest.received, newest.row, oldest.received, oldest.row)
}

/// What a change needs to know of a message.
struct Standing {
    id: MessageId,
    is_read: bool,
    is_flagged: bool,
    categories: Vec<String>,
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
            Ok(Some(Counted { stretch: Stretch { newest, oldest }, count }))
        })
        .await
    }

    /// What has to change so that a deed is done with all that is selected, and the deed with its goal. What is so already is not
    /// changed.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn changes_of(
        &self,
        selection: Selection,
        deed: SelectionDeed,
    ) -> Result<(Vec<Intent>, SelectionDeed), DbError> {
        self.read(move |reader, account| {
            let selected = selected(reader, account, &selection)?;
            let deed = decided(deed, &selected);
            let changes = selected.into_iter().filter_map(|standing| change(standing, &deed)).collect();
            Ok((changes, deed))
        })
        .await
    }
}

fn standing(row: &Row<'_>) -> Result<Standing, DbError> {
    let categories = row.get_ref(3)?.as_str().map_err(|error| DbError::Row(error.to_string()))?;
    Ok(Standing {
        id: MessageId(row.get(0)?),
        is_read: row.get(1)?,
        is_flagged: row.get(2)?,
        categories: from_json(categories)?,
    })
}

/// All that is selected, newest first, then what was selected one by one.
fn selected(reader: &Transaction<'_>, account: i64, selection: &Selection) -> Result<Vec<Standing>, DbError> {
    let mut left_out: BTreeSet<MessageId> = selection.except.iter().cloned().collect();
    let mut found = Vec::new();
    if let Some(folder) = folder::find(reader, account, &selection.folder)? {
        let sql = format!(
            "SELECT id, is_read, is_flagged, categories FROM messages WHERE {WITHIN} ORDER BY received DESC, row DESC"
        );
        let mut statement = reader.prepare_cached(&sql)?;
        let mut rows = statement.query(ends(folder, selection.stretch))?;
        while let Some(row) = rows.next()? {
            let standing = standing(row)?;
            if left_out.insert(standing.id.clone()) {
                found.push(standing);
            }
        }
    }
    let mut statement = reader.prepare_cached(
        "SELECT id, is_read, is_flagged, categories FROM messages WHERE account = ?1 AND id = ?2 ORDER BY row DESC LIMIT 1",
    )?;
    for id in &selection.also {
        let mut rows = statement.query((account, &id.0))?;
        if let Some(row) = rows.next()?
            && left_out.insert(id.clone())
        {
            found.push(standing(row)?);
        }
    }
    Ok(found)
}

/// The deed with its goal: on, unless all of it is so already.
fn decided(deed: SelectionDeed, selected: &[Standing]) -> SelectionDeed {
    match deed {
        SelectionDeed::Read(None) => SelectionDeed::Read(Some(selected.iter().any(|one| !one.is_read))),
        SelectionDeed::Flag(None) => SelectionDeed::Flag(Some(selected.iter().any(|one| !one.is_flagged))),
        SelectionDeed::Category(name, None) => {
            let is_on = selected.iter().any(|one| !one.has(&name));
            SelectionDeed::Category(name, Some(is_on))
        }
        decided => decided,
    }
}

impl Standing {
    fn has(&self, category: &str) -> bool {
        self.categories.iter().any(|known| known.eq_ignore_ascii_case(category))
    }
}

/// The change that brings a message to the goal; `None`: it is there.
fn change(standing: Standing, deed: &SelectionDeed) -> Option<Intent> {
    let has = |category: &str| standing.has(category);
    match deed {
        SelectionDeed::Read(goal) => {
            let is_read = goal.filter(|goal| *goal != standing.is_read)?;
            Some(Intent::MarkRead { message: standing.id, is_read })
        }
        SelectionDeed::Flag(goal) => {
            let is_flagged = goal.filter(|goal| *goal != standing.is_flagged)?;
            Some(Intent::Flag { message: standing.id, is_flagged })
        }
        SelectionDeed::Category(name, goal) => {
            let is_on = goal.filter(|goal| *goal != has(name))?;
            let mut categories = standing.categories;
            if is_on {
                categories.push(name.clone());
            } else {
                categories.retain(|known| !known.eq_ignore_ascii_case(name));
            }
            Some(Intent::Categorise { message: standing.id, categories })
        }
        SelectionDeed::Move(to) => Some(Intent::Move { message: standing.id, to: to.clone() }),
        SelectionDeed::DeleteForEver => Some(Intent::DeleteForEver { message: standing.id }),
    }
}
