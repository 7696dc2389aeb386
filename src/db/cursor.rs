//! Where each area stands against the service.

use crate::db::encode::instant;
use crate::db::{Cache, DbError};
use crate::domain::event::CalendarId;
use crate::domain::mail::FolderId;
use crate::domain::time::Span;
use jiff::Timestamp;
use rusqlite::{OptionalExtension, Transaction, named_params};

/// Something that has a cursor of its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// The folder tree.
    Folders,
    /// The messages of a folder.
    Messages(FolderId),
    /// The window of the main calendar.
    Calendar,
    /// The window of another calendar.
    OtherCalendar(CalendarId),
}

impl Scope {
    pub(super) fn name(&self) -> String {
        match self {
            Self::Folders => "folders".to_owned(),
            Self::Messages(folder) => format!("messages:{}", folder.0),
            Self::Calendar => "calendar".to_owned(),
            Self::OtherCalendar(calendar) => format!("calendar:{}", calendar.0),
        }
    }
}

/// Where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The next page of a round under way.
    Next(String),
    /// The round is over; the next one begins here. `None` where an area is read as a whole each time.
    Done(Option<String>),
}

/// How a page moves the cursor of its scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Where to go on after these rows.
    pub link: Link,
    /// The page belongs to a full round: at its end, what the round did not show is gone.
    pub is_full: bool,
    /// The window frozen into the link (calendar).
    pub window: Option<Span>,
    /// Now.
    pub at: Timestamp,
}

/// A stored cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Where to go on; `None`: nothing usable is known and a full round has to begin.
    pub link: Option<Link>,
    /// The round under way is a full one.
    pub is_full: bool,
    /// The window frozen into the link.
    pub window: Option<Span>,
    /// When the scope was last in step; `None`: never.
    pub as_of: Option<Timestamp>,
}

impl Cache {
    /// Where `scope` stands; `None` if it was never asked for.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn cursor(&self, scope: &Scope) -> Result<Option<Cursor>, DbError> {
        let scope = scope.name();
        self.read(move |reader, account| Ok(stored(reader, account, &scope)?.map(|(cursor, _)| cursor))).await
    }

    /// Drops the link of `scope` (the service no longer knows it). Its rows stay; the next round is a full one.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn forget_link(&self, scope: &Scope) -> Result<(), DbError> {
        let scope = scope.name();
        self.write(move |writer, account| {
            writer
                .prepare_cached(
                    "UPDATE cursors SET link = NULL, is_within = 0, is_full = 0, skipped = 0 WHERE account = :account AND scope = :scope",
                )?
                .execute(named_params! {":account": account, ":scope": scope})?;
            Ok(())
        })
        .await
    }

    /// The folders whose messages are kept in step: those that were asked for at least once.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn kept_folders(&self) -> Result<Vec<FolderId>, DbError> {
        self.read(|reader, account| {
            let mut statement = reader
                .prepare_cached("SELECT scope FROM cursors WHERE account = ?1 AND as_of IS NOT NULL ORDER BY scope")?;
            let scopes = statement.query_map([account], |row| row.get::<_, String>(0))?;
            let mut folders = Vec::new();
            for scope in scopes {
                folders.extend(scope?.strip_prefix("messages:").map(|id| FolderId(id.to_owned())));
            }
            Ok(folders)
        })
        .await
    }

    /// When a round last ended well, whichever; `None`: never.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn as_of(&self) -> Result<Option<Timestamp>, DbError> {
        self.read(|reader, account| {
            let newest: Option<i64> = reader
                .prepare_cached("SELECT max(as_of) FROM cursors WHERE account = ?1")?
                .query_row([account], |row| row.get(0))?;
            newest.map(instant).transpose()
        })
        .await
    }
}

/// The cursor with its generation.
pub(super) fn stored(reader: &Transaction<'_>, account: i64, scope: &str) -> Result<Option<(Cursor, i64)>, DbError> {
    type Raw = (Option<String>, bool, bool, i64, Option<i64>, Option<i64>, Option<i64>);
    let raw: Option<Raw> = reader
        .prepare_cached(
            "SELECT link, is_within, is_full, generation, window_start, window_end, as_of FROM cursors
             WHERE account = :account AND scope = :scope",
        )?
        .query_row(named_params! {":account": account, ":scope": scope}, |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?))
        })
        .optional()?;
    let Some((link, is_within, is_full, generation, start, end, as_of)) = raw else { return Ok(None) };
    let as_of = as_of.map(instant).transpose()?;
    let window = match (start, end) {
        (Some(start), Some(end)) => Some(Span { start: instant(start)?, end: instant(end)? }),
        _ => None,
    };
    let link = match (link, is_within) {
        (Some(link), true) => Some(Link::Next(link)),
        (Some(link), false) => Some(Link::Done(Some(link))),
        (None, _) => None,
    };
    Ok(Some((Cursor { link, is_full, window, as_of }, generation)))
}

/// What the rows of a folder carry that were told already in the round that reads it as a whole; `None`: there is no such round.
pub(super) fn whole_round(reader: &Transaction<'_>, account: i64, folder: &FolderId) -> Result<Option<i64>, DbError> {
    let stored = stored(reader, account, &Scope::Messages(folder.clone()).name())?;
    let is_under_way = |(cursor, _): &(Cursor, i64)| cursor.is_full && matches!(cursor.link, Some(Link::Next(_)));
    Ok(stored.filter(is_under_way).map(|(_, generation)| generation))
}

/// The generation that the rows of this page carry: a new one when a full round begins.
pub(super) fn generation(
    writer: &Transaction<'_>,
    account: i64,
    scope: &str,
    step: Option<&Step>,
) -> Result<i64, DbError> {
    let Some((cursor, generation)) = stored(writer, account, scope)? else { return Ok(1) };
    let goes_on = cursor.is_full && matches!(cursor.link, Some(Link::Next(_)));
    let begins = step.is_some_and(|step| step.is_full) && !goes_on;
    Ok(if begins { generation + 1 } else { generation })
}

/// Writes the cursor after a page.
pub(super) fn store(
    writer: &Transaction<'_>,
    account: i64,
    scope: &str,
    generation: i64,
    step: &Step,
) -> Result<(), DbError> {
    let (link, is_within) = match &step.link {
        Link::Next(link) => (Some(link.as_str()), true),
        Link::Done(link) => (link.as_deref(), false),
    };
    let as_of = (!is_within).then(|| step.at.as_microsecond());
    writer
        .prepare_cached(
            "INSERT INTO cursors (account, scope, link, is_within, is_full, generation, window_start, window_end, as_of)
             VALUES (:account, :scope, :link, :is_within, :is_full, :generation, :window_start, :window_end, :as_of)
             ON CONFLICT (account, scope) DO UPDATE SET link = excluded.link, is_within = excluded.is_within,
             is_full = excluded.is_full, generation = excluded.generation, window_start = excluded.window_start,
             window_end = excluded.window_end, as_of = coalesce(excluded.as_of, as_of)",
        )?
        .execute(named_params! {
            ":account": account,
            ":scope": scope,
            ":link": link,
            ":is_within": is_within,
            ":is_full": is_within && step.is_full,
            ":generation": generation,
            ":window_start": step.window.map(|window| window.start.as_microsecond()),
            ":window_end": step.window.map(|window| window.end.as_microsecond()),
            ":as_of": as_of,
        })?;
    Ok(())
}
