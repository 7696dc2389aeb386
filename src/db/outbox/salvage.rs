//! Reading what can still be read of a damaged outbox into a new one.
//!
//! Row by row: a page that makes no sense ends its table, never the whole. Must stay true: the damaged file is only read.

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags, params_from_iter};
use std::path::Path;

/// What was saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) changes: u32,
    pub(super) drafts: u32,
    /// Nothing stood in the way of reading all of it.
    pub(super) is_whole: bool,
}

pub(super) fn salvage(damaged: &Path, into: &mut Connection) -> Saved {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let Ok(from) = Connection::open_with_flags(damaged, flags) else { return Saved::default() };
    let mut saved = Saved { is_whole: true, ..Saved::default() };
    for table in ["accounts", "intents", "drafts"] {
        let (rows, is_whole) = copy(&from, into, table);
        saved.is_whole &= is_whole;
        match table {
            "intents" => saved.changes = rows,
            "drafts" => saved.drafts = rows,
            _ => {}
        }
    }
    saved
}

fn copy(from: &Connection, into: &mut Connection, table: &str) -> (u32, bool) {
    let mut copied = 0;
    let whole = (|| -> rusqlite::Result<()> {
        let mut statement = from.prepare(&format!("SELECT * FROM {table}"))?;
        let names = statement.column_names().collect::<Vec<_>>().join(", ");
        let count = statement.column_count();
        let places = vec!["?"; count].join(", ");
        let insert = format!("INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})");
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let values = (0..count).map(|index| row.get::<_, Value>(index)).collect::<Result<Vec<_>, _>>()?;
            match into.execute(&insert, params_from_iter(values)) {
                Ok(rows) => copied += u32::try_from(rows).unwrap_or(0),
                Err(error) => tracing::error!(%error, table, "a row of the damaged outbox could not be kept"),
            }
        }
        Ok(())
    })();
    if let Err(error) = &whole {
        tracing::error!(%error, table, "the damaged outbox could not be read to its end");
    }
    (copied, whole.is_ok())
}
