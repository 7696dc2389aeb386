//! Pages of a folder by key: a window is read through the index at the same price anywhere in the folder.
//!
//! Each page reads one row more than asked for, which says whether the end was reached.

use crate::db::mail::{COLUMNS, cached, from_row, rank};
use crate::db::{Cache, DbError, folder};
use crate::domain::mail::{FolderId, MessageKey, MessageRow};
use crate::domain::request::{MessagePage, PageStart};
use rusqlite::{Transaction, named_params};

/// Which way from a key, in the order of the index.
#[derive(Clone, Copy)]
enum Way {
    Older,
    Newer,
}

/// A place before every message, or after every one.
const ABOVE_ALL: MessageKey = MessageKey { received: i64::MAX, row: i64::MAX };
const BELOW_ALL: MessageKey = MessageKey { received: i64::MIN, row: i64::MIN };

impl Cache {
    /// At most `count` messages of a folder, newest first. [`MessagePage::newer`] is exact as long as no three days of a folder hold
    /// more than 2 000 messages, and too small there. A folder that is not in the cache is an empty page.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn messages(&self, folder: &FolderId, start: PageStart, count: u16) -> Result<MessagePage, DbError> {
        let folder = folder.clone();
        self.read(move |reader, account| page(reader, account, folder, start, count)).await
    }
}

/// A page of a folder; empty for one that is not there.
pub(super) fn page(
    reader: &Transaction<'_>,
    account: i64,
    folder: FolderId,
    start: PageStart,
    count: u16,
) -> Result<MessagePage, DbError> {
    let Some(row) = folder::find(reader, account, &folder)? else { return Ok(empty(folder)) };
    Pager { reader, folder: row, folder_id: &folder }.page(start, usize::from(count))
}

fn empty(folder: FolderId) -> MessagePage {
    MessagePage { folder, rows: Vec::new(), at_newest: true, at_oldest: true, newer: 0, cached: 0 }
}

struct Pager<'a> {
    reader: &'a Transaction<'a>,
    folder: i64,
    folder_id: &'a FolderId,
}

impl Pager<'_> {
    fn page(&self, start: PageStart, count: usize) -> Result<MessagePage, DbError> {
        let (rows, more_newer, more_older) = match start {
            PageStart::Newest => {
                let (rows, more) = self.walk(Way::Older, ABOVE_ALL, count)?;
                (rows, Some(false), Some(more))
            }
            PageStart::OlderThan(key) => {
                let (rows, more) = self.walk(Way::Older, key, count)?;
                (rows, None, Some(more))
            }
            PageStart::Oldest => {
                let (rows, more) = self.walk(Way::Newer, BELOW_ALL, count)?;
                (rows, Some(more), Some(false))
            }
            PageStart::NewerThan(key) => {
                let (rows, more) = self.walk(Way::Newer, key, count)?;
                (rows, Some(more), None)
            }
            PageStart::Around(key) => {
                let (rows, newer, older) = self.around(key, count)?;
                (rows, Some(newer), Some(older))
            }
        };
        let cached = cached(self.reader, self.folder)?;
        let at_newest = !self.or_look(more_newer, Way::Newer, rows.first(), start)?;
        let at_oldest = !self.or_look(more_older, Way::Older, rows.last(), start)?;
        let newer = match rows.first() {
            _ if at_newest => 0,
            Some(first) => rank(self.reader, self.folder, first.key)?,
            None => cached,
        };
        Ok(MessagePage { folder: self.folder_id.clone(), rows, at_newest, at_oldest, newer, cached })
    }

    /// Whether there is more that way: as the walk saw it, or by a look from the page's edge (from the asked key, if it is empty).
    fn or_look(
        &self,
        seen: Option<bool>,
        way: Way,
        edge: Option<&MessageRow>,
        start: PageStart,
    ) -> Result<bool, DbError> {
        if let Some(seen) = seen {
            return Ok(seen);
        }
        let from = match (edge, start, way) {
            (Some(edge), ..) => edge.key,
            (None, PageStart::OlderThan(_) | PageStart::NewerThan(_), Way::Newer) => BELOW_ALL,
            (None, ..) => ABOVE_ALL,
        };
        Ok(!self.walk(way, from, 1)?.0.is_empty())
    }

    /// Up to half newer than `key`, then `key` and older; what one side lacks the other gives.
    fn around(&self, key: MessageKey, count: usize) -> Result<(Vec<MessageRow>, bool, bool), DbError> {
        // Row numbers are whole, so "this one or older" is "older than the next number".
        let from = MessageKey { row: key.row.saturating_add(1), ..key };
        let before = MessageKey { row: key.row, ..key };
        let (mut newer, mut more_newer) = self.walk(Way::Newer, before, count / 2)?;
        let (older, more_older) = self.walk(Way::Older, from, count - newer.len())?;
        if newer.len() + older.len() < count && more_newer {
            (newer, more_newer) = self.walk(Way::Newer, before, count - older.len())?;
        }
        newer.extend(older);
        Ok((newer, more_newer, more_older))
    }

    /// At most `count` rows from `from` (exclusive), newest first, and whether there are more that way.
    fn walk(&self, way: Way, from: MessageKey, count: usize) -> Result<(Vec<MessageRow>, bool), DbError> {
        let mut statement = self.reader.prepare_cached(&sql(way))?;
        let limit = i64::try_from(count.saturating_add(1)).unwrap_or(i64::MAX);
        let mut found = statement.query(
            named_params! {":folder": self.folder, ":received": from.received, ":row": from.row, ":limit": limit},
        )?;
        let mut rows = Vec::with_capacity(count.min(256));
        let mut more = false;
        while let Some(row) = found.next()? {
            if rows.len() == count {
                more = true;
                break;
            }
            rows.push(from_row(row, self.folder_id)?);
        }
        if matches!(way, Way::Newer) {
            rows.reverse();
        }
        Ok((rows, more))
    }
}

fn sql(way: Way) -> String {
    let (compare, order) = match way {
        Way::Older => ("<", "DESC"),
        Way::Newer => (">", "ASC"),
    };
    format!(
        "SELECT {COLUMNS} FROM messages m WHERE m.folder = :folder AND (m.received, m.row) {compare} (:received, :row)
         ORDER BY m.received {order}, m.row {order} LIMIT :limit"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::mail::{RANK_OF_BLOCKS, RANK_WITHIN};

    /// The plan of a statement, one line a step.
    fn plan(connection: &rusqlite::Connection, sql: &str) -> Vec<String> {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("the statement is valid");
        let names = statement.parameter_count();
        let values = rusqlite::params_from_iter((0..names).map(|_| 1_i64));
        let steps = statement.query_map(values, |row| row.get(3)).expect("a plan");
        steps.collect::<Result<_, _>>().expect("a plan")
    }

    #[test]
    fn pages_and_ranks_walk_the_index_and_sort_nothing() {
        let connection = rusqlite::Connection::open_in_memory().expect("memory");
        connection.execute_batch(include_str!("../../assets/schema/0001_start.sql")).expect("the schema");
        for statement in [sql(Way::Older), sql(Way::Newer), RANK_WITHIN.to_owned(), RANK_OF_BLOCKS.to_owned()] {
            let plan = plan(&connection, &statement);
            assert!(plan.iter().any(|step| step.contains("SEARCH")), "{statement}: {plan:?}");
            assert!(plan.iter().all(|step| !step.contains("TEMP B-TREE")), "{statement}: {plan:?}");
            assert!(plan.iter().all(|step| !step.starts_with("SCAN messages")), "{statement}: {plan:?}");
        }
        let plan = plan(&connection, &sql(Way::Older));
        assert_eq!(plan, ["SEARCH m USING INDEX messages_by_date (folder=? AND received<?)"]);
    }

    #[test]
    fn a_kept_statement_is_compiled_once_whatever_is_bound_to_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cache.db");
        let connections = crate::db::file::open(&path, std::time::Duration::ZERO).expect("a new file");
        for mut open in [connections.reader, connections.writer, connections.second_reader, connections.searcher] {
            let mut connection = open().expect("a connection");
            let reader = connection.transaction().expect("a transaction");
            let id = FolderId("inbox".to_owned());
            let pager = Pager { reader: &reader, folder: 1, folder_id: &id };
            for count in [1, 40, 41] {
                pager.page(PageStart::Newest, count).expect("a page");
            }
            let statement = reader.prepare_cached(&sql(Way::Older)).expect("the kept statement");
            assert_eq!(statement.get_status(rusqlite::StatementStatus::Run), 3);
            assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
        }
    }
}
