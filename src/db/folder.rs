//! Folders with the service's counts and ours.

use crate::db::encode::Word;
use crate::db::{Cache, DbError};
use crate::domain::change::{Change, FolderPatch};
use crate::domain::mail::{Folder, FolderId, FolderRole};
use rusqlite::{OptionalExtension, Row, Transaction, named_params};
use std::collections::{HashMap, HashSet};

impl Cache {
    /// All folders, parents before children; those the service has a use for first, the others by name.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn folders(&self) -> Result<Vec<Folder>, DbError> {
        self.read(all).await
    }
}

/// The folders of an account.
pub(super) fn all(reader: &Transaction<'_>, account: i64) -> Result<Vec<Folder>, DbError> {
    let mut statement = reader.prepare_cached(
        "SELECT id, parent, name, role, total, unread, hidden, cached FROM folders WHERE account = ?1",
    )?;
    let folders = statement.query_map([account], from_row)?.collect::<Result<Vec<_>, _>>()?;
    Ok(in_tree_order(folders))
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Folder> {
    Ok(Folder {
        id: FolderId(row.get(0)?),
        parent: row.get::<_, Option<String>>(1)?.map(FolderId),
        name: row.get(2)?,
        role: row.get::<_, Option<String>>(3)?.and_then(|word| FolderRole::from_word(&word)),
        total: row.get(4)?,
        unread: row.get(5)?,
        hidden: row.get(6)?,
        cached: row.get(7)?,
    })
}

/// Depth first. A folder whose parent is unknown, or that is its own ancestor, stands at the root: none is lost.
fn in_tree_order(mut folders: Vec<Folder>) -> Vec<Folder> {
    let place = |folder: &Folder| FolderRole::ALL.iter().position(|role| folder.role == Some(*role));
    folders.sort_by_cached_key(|folder| (place(folder).unwrap_or(usize::MAX), folder.name.to_lowercase()));
    let known: HashSet<FolderId> = folders.iter().map(|folder| folder.id.clone()).collect();
    let mut children: HashMap<Option<FolderId>, Vec<usize>> = HashMap::new();
    for (index, folder) in folders.iter().enumerate() {
        let parent = folder.parent.clone().filter(|parent| known.contains(parent));
        children.entry(parent).or_default().push(index);
    }
    let mut order = Vec::with_capacity(folders.len());
    let mut waiting: Vec<usize> =
        children.get(&None).map_or_else(Vec::new, |roots| roots.iter().rev().copied().collect());
    while let Some(index) = waiting.pop() {
        order.push(index);
        if let Some(below) = children.get(&Some(folders[index].id.clone())) {
            waiting.extend(below.iter().rev());
        }
    }
    let reached: HashSet<usize> = order.iter().copied().collect();
    order.extend((0..folders.len()).filter(|index| !reached.contains(index)));
    let mut folders: Vec<Option<Folder>> = folders.into_iter().map(Some).collect();
    order.into_iter().filter_map(|index| folders[index].take()).collect()
}

/// The row of a folder, made with an empty name if nobody told of it yet (its messages may come first).
pub(super) fn ensure(writer: &Transaction<'_>, account: i64, id: &FolderId) -> Result<i64, DbError> {
    if let Some(row) = find(writer, account, id)? {
        return Ok(row);
    }
    writer
        .prepare_cached(
            "INSERT INTO folders (account, id, name, total, unread, hidden) VALUES (:account, :id, '', 0, 0, 0)",
        )?
        .execute(named_params! {":account": account, ":id": id.0})?;
    Ok(writer.last_insert_rowid())
}

pub(super) fn find(reader: &Transaction<'_>, account: i64, id: &FolderId) -> Result<Option<i64>, DbError> {
    Ok(reader
        .prepare_cached("SELECT row FROM folders WHERE account = :account AND id = :id")?
        .query_row(named_params! {":account": account, ":id": id.0}, |row| row.get(0))
        .optional()?)
}

/// The folder the service uses for `role`, if it is known.
pub(super) fn of_role(reader: &Transaction<'_>, account: i64, role: FolderRole) -> Result<Option<FolderId>, DbError> {
    Ok(reader
        .prepare_cached("SELECT id FROM folders WHERE account = :account AND role = :role")?
        .query_row(named_params! {":account": account, ":role": role.word()}, |row| row.get(0).map(FolderId))
        .optional()?)
}

/// Total and unread of a folder as they are shown; nothing if nobody told of it yet.
pub(super) fn counts(reader: &Transaction<'_>, account: i64, id: &FolderId) -> Result<Option<(u32, u32)>, DbError> {
    Ok(reader
        .prepare_cached("SELECT total, unread FROM folders WHERE account = :account AND id = :id AND name <> ''")?
        .query_row(named_params! {":account": account, ":id": id.0}, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?)
}

/// Changes the counts of a folder; they never fall below nothing.
pub(super) fn count(writer: &Transaction<'_>, row: i64, total: i64, unread: i64) -> Result<(), DbError> {
    writer
        .prepare_cached(
            "UPDATE folders SET total = max(0, total + :total), unread = max(0, unread + :unread) WHERE row = :row",
        )?
        .execute(named_params! {":total": total, ":unread": unread, ":row": row})?;
    Ok(())
}

/// Makes the stored folders those of `folders`, which is the whole list; tells how many changed. What went takes its messages and its
/// cursor with it.
pub(super) fn replace_all(writer: &Transaction<'_>, account: i64, folders: &[Folder]) -> Result<u32, DbError> {
    let mut changed = 0;
    for folder in folders {
        changed += put(writer, account, folder)?;
    }
    let kept: HashSet<&str> = folders.iter().map(|folder| folder.id.0.as_str()).collect();
    let mut statement = writer.prepare_cached("SELECT id FROM folders WHERE account = ?1")?;
    let stored = statement.query_map([account], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    for id in stored.into_iter().filter(|id| !kept.contains(id.as_str())) {
        changed += remove(writer, account, &FolderId(id))?;
    }
    Ok(changed)
}

/// Merges rows of the tree; tells how many folders changed. A row that does not even have a name is a change of something never seen.
pub(super) fn change(
    writer: &Transaction<'_>,
    account: i64,
    rows: Vec<Change<FolderPatch, FolderId>>,
) -> Result<u32, DbError> {
    let mut changed = 0;
    for row in rows {
        changed += match row {
            Change::Removed(id) => remove(writer, account, &id)?,
            Change::Upsert(patch) => {
                let stored = writer
                    .prepare_cached(
                        "SELECT id, parent, name, role, total, unread, hidden, cached FROM folders
                         WHERE account = :account AND id = :id",
                    )?
                    .query_row(named_params! {":account": account, ":id": patch.id.0}, from_row)
                    .optional()?;
                match stored {
                    Some(mut folder) => {
                        patch.merge_into(&mut folder);
                        put(writer, account, &folder)?
                    }
                    None => match patch.into_folder() {
                        Some(folder) => put(writer, account, &folder)?,
                        None => 0,
                    },
                }
            }
        };
    }
    Ok(changed)
}

/// A folder goes, with its messages and its cursor; what lay in it stands at the root until it is told of.
fn remove(writer: &Transaction<'_>, account: i64, id: &FolderId) -> Result<u32, DbError> {
    let parameters = named_params! {":account": account, ":id": id.0};
    let gone =
        writer.prepare_cached("DELETE FROM folders WHERE account = :account AND id = :id")?.execute(parameters)?;
    writer
        .prepare_cached("DELETE FROM cursors WHERE account = :account AND scope = :scope")?
        .execute(named_params! {":account": account, ":scope": super::Scope::Messages(id.clone()).name()})?;
    Ok(u32::from(gone > 0))
}

/// Writes one folder if anything of it is new; 1 if so.
fn put(writer: &Transaction<'_>, account: i64, folder: &Folder) -> Result<u32, DbError> {
    let changed = writer
        .prepare_cached(
            "INSERT INTO folders (account, id, parent, name, role, total, unread, hidden)
             VALUES (:account, :id, :parent, :name, :role, :total, :unread, :hidden)
             ON CONFLICT (account, id) DO UPDATE SET parent = excluded.parent, name = excluded.name, role = excluded.role,
             total = excluded.total, unread = excluded.unread, hidden = excluded.hidden
             WHERE parent IS NOT excluded.parent OR name <> excluded.name OR role IS NOT excluded.role
             OR total <> excluded.total OR unread <> excluded.unread OR hidden <> excluded.hidden",
        )?
        .execute(named_params! {
            ":account": account,
            ":id": folder.id.0,
            ":parent": folder.parent.as_ref().map(|parent| parent.0.as_str()),
            ":name": folder.name,
            ":role": folder.role.map(Word::word),
            ":total": folder.total,
            ":unread": folder.unread,
            ":hidden": folder.hidden,
        })?;
    Ok(u32::from(changed > 0))
}
