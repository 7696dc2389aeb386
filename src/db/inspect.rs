//! A look at the cache file from outside, for the doctor.
//!
//! Must stay true: nothing is changed, made, migrated or set aside, so that it can be looked at while a program uses it.

use crate::db::error::DbError;
use crate::db::file::KNOWN_VERSION;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Another process may hold the file for so long.
const BUSY: Duration = Duration::from_secs(2);

/// What the file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Its size in bytes, without what waits in the journal.
    pub bytes: u64,
    /// The version of its form.
    pub version: i64,
    /// Rows of the service that could not be read, of all accounts, since their last full rounds.
    pub skipped: u32,
    /// Damaged files that were set aside, each of which a new one took the place of.
    pub set_aside: Vec<PathBuf>,
}

/// The damaged files beside the one at `path`, the cache or the outbox, that were set aside.
#[must_use]
pub fn set_aside(path: &Path) -> Vec<PathBuf> {
    let Some((folder, name)) = path.parent().zip(path.file_name()) else { return Vec::new() };
    let prefix = format!("{}.damaged-", name.to_string_lossy());
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_journal = |name: &str| name.ends_with("-wal");
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(&prefix) && !is_journal(&name)
        })
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Looks at the file at `path`; `None` if there is none. Reads every page of the file: not for a path that somebody waits on.
///
/// # Errors
/// [`DbError`]: damaged, newer than this release, busy, or not to be opened.
pub fn inspect(path: &Path) -> Result<Option<Inspection>, DbError> {
    let bytes = match std::fs::metadata(path) {
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(DbError::Open { path: path.to_owned(), reason: error.to_string() }),
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > KNOWN_VERSION {
        return Err(DbError::Newer { path: path.to_owned(), found: version, known: KNOWN_VERSION });
    }
    let verdict: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(DbError::Damaged(verdict));
    }
    // A form of before has no such count.
    let skipped = connection.query_row("SELECT coalesce(sum(skipped), 0) FROM cursors", [], |row| row.get::<_, i64>(0));
    let skipped = u32::try_from(skipped.unwrap_or(0)).unwrap_or(u32::MAX);
    Ok(Some(Inspection { bytes, version, skipped, set_aside: set_aside(path) }))
}
