//! Keeping house: what lies in the cache, and making room in it.
//!
//! Must stay true: only what can be fetched again is removed; headers stay as long as the account does, so that no list has holes; a
//! program that uses the cache meanwhile goes on (an account's own row stays). Deliberately absent: the outbox, which is no cache.

use crate::db::encode::instant;
use crate::db::{Cache, Db, DbError, file, set_aside};
use crate::domain::account::{Account, AccountKey};
use crate::domain::cache::{CacheFacts, CachedAccount};
use rusqlite::{Connection, Transaction, named_params};
use std::path::Path;

/// Bodies removed in one transaction: a writer that waits, waits no longer than for these.
const AT_A_TIME: u32 = 500;
/// Everything that hangs on an account without hanging on something else of it, and that can be fetched again: the history of
/// automatic replies cannot.
const TABLES: &[&str] = &[
    "cursors",
    "folders",
    "calendars",
    "events",
    "event_spans",
    "categories",
    "people",
    "relations",
    "presence",
    "automatic_replies",
    "schedules",
];

impl Db {
    /// What lies in the cache. Counts row by row: for somebody who asked for it, not for a frame.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn facts(&self) -> Result<CacheFacts, DbError> {
        let accounts = self.accounts().await?;
        let path = self.lanes.path.clone();
        self.read(move |reader| {
            let pages = |name: &str| -> Result<u64, DbError> {
                let value: i64 = reader.pragma_query_value(None, name, |row| row.get(0))?;
                Ok(u64::try_from(value).unwrap_or(0))
            };
            let free = pages("freelist_count")? * pages("page_size")?;
            let accounts = accounts.into_iter().map(|account| cached(reader, account)).collect::<Result<_, _>>()?;
            Ok(CacheFacts { bytes: size(&path), free, accounts, set_aside: set_aside(&path), file: path })
        })
        .await
    }

    /// Empties what is kept of `account`, or of everybody. Who is signed in stays so, and the next round fetches everything anew.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn wipe(&self, account: Option<AccountKey>) -> Result<(), DbError> {
        self.write(move |writer| {
            for table in TABLES {
                let everything = format!("DELETE FROM {table}");
                match &account {
                    None => writer.execute(&everything, [])?,
                    Some(key) => writer.execute(
                        &format!(
                            "{everything} WHERE account IN (SELECT row FROM accounts WHERE tenant = ?1 AND object = ?2)"
                        ),
                        [&key.tenant, &key.object],
                    )?,
                };
            }
            super::index::forget_gone(writer)
        })
        .await
    }

    /// Gives room that holds nothing back to the disk; tells how many bytes. Needs as much free room for a moment as the cache is
    /// large, and rests where another program reads.
    ///
    /// # Errors
    /// [`DbError::Full`], [`DbError::Unwritten`], [`DbError::Busy`], or when the cache cannot be written.
    pub async fn give_back(&self) -> Result<u64, DbError> {
        let path = self.lanes.path.clone();
        let work = move |writer: &mut Connection| {
            let before = size(&path);
            writer.execute_batch("VACUUM;")?;
            writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
            Ok(before.saturating_sub(size(&path)))
        };
        self.lanes.writer.run(work).await
    }

    /// Removes the files that were set aside as damaged; tells how many.
    pub fn remove_set_aside(&self) -> u64 {
        let removed = set_aside(&self.lanes.path).into_iter().filter(|path| std::fs::remove_file(path).is_ok());
        u64::try_from(removed.count()).unwrap_or(0)
    }
}

impl Cache {
    /// Removes the oldest bodies until those of this account take at most `bytes`; tells how many went. In steps, so that nobody who
    /// writes waits for long.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn trim_bodies(&self, bytes: u64) -> Result<u64, DbError> {
        // Where everything takes less there is nothing to add up, which would go through every body.
        if self.bytes().await? <= bytes {
            return Ok(0);
        }
        let held = self.read(body_bytes).await?;
        let mut over = held.saturating_sub(bytes);
        let mut removed = 0;
        while over > 0 {
            let (count, length) = self.write(move |writer, account| remove_oldest(writer, account, over)).await?;
            if count == 0 {
                break;
            }
            removed += count;
            over = over.saturating_sub(length);
        }
        Ok(removed)
    }
}

fn body_bytes(reader: &Transaction<'_>, account: i64) -> Result<u64, DbError> {
    let held: i64 = reader
        .prepare_cached(
            "SELECT coalesce(sum(length(b.packed)), 0) FROM bodies b JOIN messages m ON m.row = b.message WHERE m.account = ?1",
        )?
        .query_row([account], |row| row.get(0))?;
    Ok(u64::try_from(held).unwrap_or(0))
}

/// Removes some of the oldest bodies, as many as `over` bytes need at most: how many, and their bytes.
fn remove_oldest(writer: &Transaction<'_>, account: i64, over: u64) -> Result<(u64, u64), DbError> {
    let mut oldest = writer.prepare_cached(
        "SELECT b.message, length(b.packed) FROM bodies b JOIN messages m ON m.row = b.message WHERE m.account = :account
         ORDER BY m.received, m.row LIMIT :most",
    )?;
    let rows = oldest.query_map(named_params! {":account": account, ":most": AT_A_TIME}, |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
    })?;
    let rows: Vec<(i64, i64)> = rows.collect::<Result<_, _>>()?;
    let (mut removed, mut bytes) = (0, 0);
    for (message, length) in rows {
        if bytes >= over {
            break;
        }
        writer.prepare_cached("DELETE FROM bodies WHERE message = ?1")?.execute([message])?;
        bytes += u64::try_from(length).unwrap_or(0);
        removed += 1;
    }
    Ok((removed, bytes))
}

fn cached(reader: &Transaction<'_>, account: Account) -> Result<CachedAccount, DbError> {
    let row = crate::db::account::find(reader, &account.key)?.unwrap_or_default();
    let count = |sql: &str| -> Result<u64, DbError> {
        let count: i64 = reader.query_row(sql, [row], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or(0))
    };
    let time = |sql: &str| -> Result<Option<jiff::Timestamp>, DbError> {
        let micros: Option<i64> = reader.query_row(sql, [row], |row| row.get(0))?;
        micros.map(instant).transpose()
    };
    let bodies = "FROM bodies b JOIN messages m ON m.row = b.message WHERE m.account = ?1";
    Ok(CachedAccount {
        folders: count("SELECT count(*) FROM folders WHERE account = ?1")?,
        messages: count("SELECT count(*) FROM messages WHERE account = ?1")?,
        bodies: count(&format!("SELECT count(*) {bodies}"))?,
        body_bytes: body_bytes(reader, row)?,
        events: count("SELECT count(*) FROM events WHERE account = ?1")?,
        people: count("SELECT count(*) FROM people WHERE account = ?1")?,
        oldest: time("SELECT min(received) FROM messages WHERE account = ?1")?,
        as_of: time("SELECT max(as_of) FROM cursors WHERE account = ?1")?,
        account,
    })
}

/// Bytes of the file and of what SQLite keeps beside it.
fn size(path: &Path) -> u64 {
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    length(path) + length(&file::with_suffix(path, "-wal"))
}
