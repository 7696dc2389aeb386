//! What keeping in step remembers beside cursors: stretches of a calendar that were read as plain views, which calendars are shown,
//! categories, rows that could not be read, and how much room bodies take.

use crate::db::encode::instant;
use crate::db::{Cache, DbError, Scope};
use crate::domain::event::{Calendar, CalendarId};
use crate::domain::mail::{Category, FolderId, MessageId};
use crate::domain::time::Span;
use jiff::Timestamp;
use rusqlite::{Transaction, named_params};
use std::collections::HashSet;

impl Cache {
    /// Counts rows of `scope` that could not be read.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn note_skipped(&self, scope: &Scope, rows: usize) -> Result<(), DbError> {
        let scope = scope.name();
        let rows = i64::try_from(rows).unwrap_or(i64::MAX);
        self.write(move |writer, account| {
            writer
                .prepare_cached(
                    "UPDATE cursors SET skipped = min(skipped + :rows, 1000000000)
                     WHERE account = :account AND scope = :scope",
                )?
                .execute(named_params! {":rows": rows, ":account": account, ":scope": scope})?;
            Ok(())
        })
        .await
    }

    /// How many rows of the service could not be read since the last full rounds.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn skipped(&self) -> Result<u32, DbError> {
        self.read(|reader, account| {
            let sum: i64 = reader
                .prepare_cached("SELECT coalesce(sum(skipped), 0) FROM cursors WHERE account = ?1")?
                .query_row([account], |row| row.get(0))?;
            Ok(u32::try_from(sum).unwrap_or(u32::MAX))
        })
        .await
    }

    /// Makes the known calendars those of `calendars`, which is the whole list: what went takes its events and its cursor with it.
    /// Tells whether anything changed.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn replace_calendars(&self, calendars: Vec<Calendar>) -> Result<bool, DbError> {
        let before = self.calendars().await?;
        let gone: Vec<CalendarId> = before
            .iter()
            .filter(|known| !calendars.iter().any(|calendar| calendar.id == known.id))
            .map(|known| known.id.clone())
            .collect();
        let is_new = calendars.len() != before.len() || calendars.iter().any(|calendar| !before.contains(calendar));
        if is_new {
            self.put_calendars(calendars).await?;
            self.write(move |writer, account| {
                for id in &gone {
                    forget(writer, account, id)?;
                    writer
                        .prepare_cached("DELETE FROM calendars WHERE account = :account AND id = :id")?
                        .execute(named_params! {":account": account, ":id": id.0})?;
                }
                Ok(())
            })
            .await?;
        }
        Ok(is_new)
    }

    /// The calendars beside the main one that are shown, and so kept in step.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn shown_calendars(&self) -> Result<Vec<CalendarId>, DbError> {
        self.read(|reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT id FROM calendars WHERE account = ?1 AND is_shown = 1 AND is_default = 0 ORDER BY name",
            )?;
            let ids = statement.query_map([account], |row| Ok(CalendarId(row.get(0)?)))?;
            Ok(ids.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Shows a calendar beside the main one, or no longer: then its events go. `false` for a calendar nobody knows.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn show_calendar(&self, id: &CalendarId, is_shown: bool) -> Result<bool, DbError> {
        let id = id.clone();
        self.write(move |writer, account| {
            let known = writer
                .prepare_cached(
                    "UPDATE calendars SET is_shown = :is_shown WHERE account = :account AND id = :id AND is_default = 0",
                )?
                .execute(named_params! {":is_shown": is_shown, ":account": account, ":id": id.0})?;
            if known > 0 && !is_shown {
                forget(writer, account, &id)?;
            }
            Ok(known > 0)
        })
        .await
    }

    /// Remembers that `span` of a calendar was read as a plain view.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn note_view(&self, calendar: &CalendarId, span: Span, at: Timestamp) -> Result<(), DbError> {
        let calendar = calendar.clone();
        self.write(move |writer, account| {
            writer
                .prepare_cached(
                    "REPLACE INTO event_spans (account, calendar, starts, ends, as_of)
                     VALUES (:account, :calendar, :starts, :ends, :as_of)",
                )?
                .execute(named_params! {
                    ":account": account,
                    ":calendar": calendar.0,
                    ":starts": span.start.as_microsecond(),
                    ":ends": span.end.as_microsecond(),
                    ":as_of": at.as_microsecond(),
                })?;
            Ok(())
        })
        .await
    }

    /// Forgets plain views older than `before`; their events go when the next full round ends.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn forget_views(&self, before: Timestamp) -> Result<(), DbError> {
        self.write(move |writer, account| {
            writer
                .prepare_cached("DELETE FROM event_spans WHERE account = :account AND as_of < :before")?
                .execute(named_params! {":account": account, ":before": before.as_microsecond()})?;
            Ok(())
        })
        .await
    }

    /// When something of `span` was last read as a plain view; `None`: never.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn view_as_of(&self, span: Span) -> Result<Option<Timestamp>, DbError> {
        self.read(move |reader, account| {
            let newest: Option<i64> = reader
                .prepare_cached(
                    "SELECT max(as_of) FROM event_spans WHERE account = :account AND starts < :ends AND ends > :starts",
                )?
                .query_row(
                    named_params! {
                        ":account": account,
                        ":starts": span.start.as_microsecond(),
                        ":ends": span.end.as_microsecond(),
                    },
                    |row| row.get(0),
                )?;
            newest.map(instant).transpose()
        })
        .await
    }

    /// The mailbox's own list of categories, by name.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn categories(&self) -> Result<Vec<Category>, DbError> {
        self.read(|reader, account| {
            let mut statement =
                reader.prepare_cached("SELECT name, colour FROM categories WHERE account = ?1 ORDER BY name")?;
            let rows = statement.query_map([account], |row| Ok(Category { name: row.get(0)?, colour: row.get(1)? }))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Makes the list of categories this one. Tells whether anything changed.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_categories(&self, mut categories: Vec<Category>) -> Result<bool, DbError> {
        categories.sort_by(|one, other| one.name.cmp(&other.name));
        categories.dedup_by(|one, other| one.name == other.name);
        if self.categories().await? == categories {
            return Ok(false);
        }
        self.write(move |writer, account| {
            writer.prepare_cached("DELETE FROM categories WHERE account = ?1")?.execute([account])?;
            for category in &categories {
                writer
                    .prepare_cached("INSERT INTO categories (account, name, colour) VALUES (:account, :name, :colour)")?
                    .execute(named_params! {":account": account, ":name": category.name, ":colour": category.colour})?;
            }
            Ok(true)
        })
        .await
    }

    /// Which messages received since `since` have no body here, `except` those: folder by folder as they are named, of each the newest
    /// first, at most `count`.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn lacking_bodies_since(
        &self,
        folders: Vec<FolderId>,
        since: Timestamp,
        except: HashSet<MessageId>,
        count: usize,
    ) -> Result<Vec<MessageId>, DbError> {
        self.read(move |reader, account| {
            let mut statement = reader.prepare_cached(
                "SELECT m.id FROM messages m WHERE m.folder = :folder AND m.received >= :since
                 AND NOT EXISTS (SELECT 1 FROM bodies b WHERE b.message = m.row)
                 ORDER BY m.received DESC, m.row DESC",
            )?;
            let mut lacking = Vec::new();
            for folder in &folders {
                let Some(folder) = super::folder::find(reader, account, folder)? else { continue };
                let mut rows = statement.query(named_params! {":folder": folder, ":since": since.as_microsecond()})?;
                while lacking.len() < count
                    && let Some(row) = rows.next()?
                {
                    let id = MessageId(row.get(0)?);
                    if !except.contains(&id) {
                        lacking.push(id);
                    }
                }
            }
            Ok(lacking)
        })
        .await
    }

    /// Whether a person wants no long work for this account.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn is_paused(&self) -> Result<bool, DbError> {
        self.read(|reader, account| {
            let mut statement = reader.prepare_cached("SELECT 1 FROM memory WHERE name = ?1")?;
            Ok(statement.exists([paused(account)])?)
        })
        .await
    }

    /// Remembers whether a person wants no long work for this account.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn set_paused(&self, is_paused: bool) -> Result<(), DbError> {
        self.write(move |writer, account| {
            let sql = if is_paused {
                "REPLACE INTO memory (name, value) VALUES (?1, '')"
            } else {
                "DELETE FROM memory WHERE name = ?1"
            };
            writer.prepare_cached(sql)?.execute([paused(account)])?;
            Ok(())
        })
        .await
    }

    /// How many bytes the file has, what is free in it left out: what a budget of bodies is measured by, since bodies are most of it.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn bytes(&self) -> Result<u64, DbError> {
        self.read(|reader, _| {
            let number = |name: &str| reader.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            let used = number("page_count")? - number("freelist_count")?;
            Ok(u64::try_from(used * number("page_size")?).unwrap_or(0))
        })
        .await
    }
}

/// Forgets the events and the cursor of a calendar.
fn forget(writer: &Transaction<'_>, account: i64, id: &CalendarId) -> Result<(), DbError> {
    let parameters = named_params! {":account": account, ":id": id.0};
    for table in ["events", "event_spans"] {
        writer
            .prepare_cached(&format!("DELETE FROM {table} WHERE account = :account AND calendar = :id"))?
            .execute(parameters)?;
    }
    let scope = Scope::OtherCalendar(id.clone()).name();
    writer
        .prepare_cached("DELETE FROM cursors WHERE account = :account AND scope = :scope")?
        .execute(named_params! {":account": account, ":scope": scope})?;
    Ok(())
}

/// Where it is remembered that an account is paused.
fn paused(account: i64) -> String {
    format!("paused {account}")
}
