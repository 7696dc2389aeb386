//! Writing what the cache knows into a SQLite file for others to read.
//!
//! The file's form is `assets/schema/export`, in which every column is explained; it is versioned apart from the cache. Must stay true:
//! an export is one transaction, so a reader sees the last one or this one; nothing is called gone that was only not fetched yet; a file
//! that is not ours is never touched; the cache is only read. Deliberately absent: the network. What is exported is what is here.

use crate::base::report::{Kind, Report};
use crate::db::error::{DbError, UNREAD, UNWRITTEN};
use crate::db::{Db, file, packing};
use crate::domain::account::AccountKey;
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, named_params, params};
use std::path::{Path, PathBuf};
use std::time::Duration;

const MIGRATIONS: &[&str] = &[include_str!("../../assets/schema/export/0001_start.sql")];
/// The form written by this release.
const FORM: i64 = 1;
const _: () = assert!(MIGRATIONS.len() == 1, "each migration has its version");
/// `application_id` of our exports: the letters `dkbx`.
const APPLICATION: i64 = 0x646b_6278;
/// Somebody who reads the file may hold it for so long.
const BUSY: Duration = Duration::from_secs(10);
/// An instant of the cache as text.
macro_rules! instant {
    ($column:literal) => {
        concat!("coalesce(strftime('%Y-%m-%dT%H:%M:%SZ', ", $column, " / 1000000, 'unixepoch'), '')")
    };
}

/// Why an export could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file is somebody else's.
    #[error("{0} is no export of deskbell")]
    NotOurs(PathBuf),
    /// A later release wrote it.
    #[error("{path} has the form {found}, this release knows {FORM}")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its form.
        found: i64,
    },
    /// The file cannot be made or written.
    #[error("{path} cannot be written: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: DbError,
    },
}

impl ExportError {
    /// The failure told to a person.
    #[must_use]
    pub fn report(&self) -> Report {
        match self {
            Self::NotOurs(path) => Report::new(Kind::Usage, "notAnExport", "Nothing was exported.")
                .because(format!(
                    "{} is there already and is no export of deskbell; it was left as it is.",
                    path.display()
                ))
                .next("Name another file."),
            Self::Newer { path, found } => Report::new(Kind::Usage, "exportNewer", "Nothing was exported.")
                .because(format!(
                    "{} was written by a later deskbell: form {found}, this release knows {FORM}.",
                    path.display()
                ))
                .next("Use the later release, or name another file."),
            Self::File { path, source } => {
                let told = source.report();
                let why = match source {
                    DbError::Full => "The disk is full.".to_owned(),
                    DbError::Unwritten => UNWRITTEN.to_owned(),
                    DbError::Unread => UNREAD.to_owned(),
                    DbError::Busy => "Another program keeps the file busy.".to_owned(),
                    DbError::Open { reason, .. } => format!("{}: {reason}.", path.display()),
                    other => format!("{}: {other}.", path.display()),
                };
                Report::new(told.kind, "exportFailed", "The export could not be written.")
                    .because(why)
                    .next("What was in the file before is still there. Mend the cause and run the command again.")
            }
        }
    }
}

/// How many rows of one kind were written, and how many were found to be gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// New or changed.
    pub changed: u64,
    /// No longer in the mailbox.
    pub gone: u64,
}

/// What an export did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Folders.
    pub folders: Written,
    /// Messages.
    pub messages: Written,
    /// Bodies written.
    pub bodies: u64,
    /// Events.
    pub events: Written,
    /// People.
    pub people: u64,
    /// Observations of automatic replies.
    pub automatic_replies: u64,
}

impl Db {
    /// Writes what is known of `account` into the file at `to`, which is made (0600) where it is missing.
    ///
    /// # Errors
    /// [`ExportError`]; what was in the file before stays.
    pub async fn export(
        &self,
        account: AccountKey,
        to: PathBuf,
        bodies: bool,
        now: Timestamp,
    ) -> Result<Exported, ExportError> {
        let cache = self.lanes.path.clone();
        let path = to.clone();
        let ended = tokio::task::spawn_blocking(move || export(&cache, &account, &to, bodies, now)).await;
        ended.unwrap_or(Err(ExportError::File { path, source: DbError::Closed }))
    }
}

fn export(
    cache: &Path,
    account: &AccountKey,
    to: &Path,
    bodies: bool,
    now: Timestamp,
) -> Result<Exported, ExportError> {
    let failed = |source: DbError| ExportError::File { path: to.to_owned(), source };
    let mut connection = open(to)?;
    let attached = connection.execute("ATTACH DATABASE ?1 AS cache", [cache.to_string_lossy()]);
    attached.map_err(|error| failed(error.into()))?;
    let exported = write(&mut connection, account, bodies, now).map_err(failed)?;
    // So that a copy of the one file is the whole export.
    let checkpointed = connection.query_row("PRAGMA main.wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    if let Err(error) = checkpointed {
        tracing::info!(%error, "a reader keeps the journal of the export");
    }
    Ok(exported)
}

/// Opens the file, which must be an export of ours, or nothing yet.
fn open(to: &Path) -> Result<Connection, ExportError> {
    let failed = |source: DbError| ExportError::File { path: to.to_owned(), source };
    let refused = |error: std::io::Error| failed(DbError::Open { path: to.to_owned(), reason: error.to_string() });
    let is_new = match std::fs::metadata(to) {
        Ok(found) if found.is_dir() => {
            return Err(failed(DbError::Open { path: to.to_owned(), reason: "it is a folder".to_owned() }));
        }
        Ok(found) => found.len() == 0,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            file::make_private_file(to).map_err(refused)?;
            true
        }
        Err(error) => return Err(refused(error)),
    };
    let opened = || -> Result<(Connection, i64, i64), DbError> {
        let connection =
            Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(BUSY)?;
        let application = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let form = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok((connection, application, form))
    };
    let (mut connection, application, form) = match opened() {
        Ok(opened) => opened,
        // What is no database at all is somebody's text.
        Err(DbError::Damaged(_)) => return Err(ExportError::NotOurs(to.to_owned())),
        Err(error) => return Err(failed(error)),
    };
    if !is_new && application != APPLICATION {
        return Err(ExportError::NotOurs(to.to_owned()));
    }
    if form > FORM {
        return Err(ExportError::Newer { path: to.to_owned(), found: form });
    }
    let prepared = prepare(&mut connection, form);
    prepared.map_err(failed)?;
    Ok(connection)
}

fn prepare(connection: &mut Connection, form: i64) -> Result<(), DbError> {
    let _mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let done = usize::try_from(form).map_err(|_| DbError::Damaged(format!("its form is {form}")))?;
    if done == MIGRATIONS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for step in &MIGRATIONS[done..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", FORM)?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.commit()?;
    Ok(())
}

/// The numbers an account has in the cache and in the export.
struct Numbers {
    cached: i64,
    account: i64,
}

fn write(connection: &mut Connection, key: &AccountKey, bodies: bool, now: Timestamp) -> Result<Exported, DbError> {
    let now = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let writer = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for (name, value) in [
        ("form", FORM.to_string()),
        ("program", concat!("deskbell ", env!("CARGO_PKG_VERSION")).to_owned()),
        ("exported", now.clone()),
    ] {
        writer.execute("REPLACE INTO main.about (name, value) VALUES (?1, ?2)", params![name, value])?;
    }
    let Some(numbers) = account(&writer, key, &now)? else {
        return Err(DbError::Row("the account is not in the cache".to_owned()));
    };
    let exported = Exported {
        folders: folders(&writer, &numbers, &now)?,
        messages: messages(&writer, &numbers, &now)?,
        bodies: if bodies { write_bodies(&writer, &numbers, &now)? } else { 0 },
        events: events(&writer, &numbers, &now)?,
        people: people(&writer, &numbers)?,
        automatic_replies: automatic_replies(&writer, &numbers)?,
    };
    writer.commit()?;
    Ok(exported)
}

fn account(writer: &Transaction<'_>, key: &AccountKey, now: &str) -> Result<Option<Numbers>, DbError> {
    let sql = concat!(
        "INSERT INTO main.accounts (tenant, object, address, name, kind, exported, mail_as_of, calendar_as_of, calendar_from, calendar_to)
         SELECT a.tenant, a.object, a.address, a.name, a.kind, :now,
         (SELECT ", instant!("as_of"), " FROM cache.cursors WHERE account = a.row AND scope = 'folders'),
         (SELECT ", instant!("as_of"), " FROM cache.cursors WHERE account = a.row AND scope LIKE 'calendar%' ORDER BY scope LIMIT 1),
         (SELECT ", instant!("window_start"), " FROM cache.cursors WHERE account = a.row AND scope LIKE 'calendar%' ORDER BY scope LIMIT 1),
         (SELECT ", instant!("window_end"), " FROM cache.cursors WHERE account = a.row AND scope LIKE 'calendar%' ORDER BY scope LIMIT 1)
         FROM cache.accounts a WHERE a.tenant = :tenant AND a.object = :object
         ON CONFLICT (tenant, object) DO UPDATE SET address = excluded.address, name = excluded.name, kind = excluded.kind,
         exported = excluded.exported, mail_as_of = excluded.mail_as_of, calendar_as_of = excluded.calendar_as_of,
         calendar_from = excluded.calendar_from, calendar_to = excluded.calendar_to
         RETURNING account"
    );
    let account: Option<i64> = writer
        .query_row(sql, named_params! {":now": now, ":tenant": key.tenant, ":object": key.object}, |row| row.get(0))
        .optional()?;
    let cached: Option<i64> = writer
        .query_row(
            "SELECT row FROM cache.accounts WHERE tenant = ?1 AND object = ?2",
            [&key.tenant, &key.object],
            |row| row.get(0),
        )
        .optional()?;
    Ok(account.zip(cached).map(|(account, cached)| Numbers { cached, account }))
}

/// The statement that lays rows of the cache over those of an export, and touches only what differs. `columns`: name here, and how
/// it is read there.
fn lay_over(table: &str, columns: &[(&str, &str)], from: &str) -> String {
    let names: Vec<&str> = columns.iter().map(|(name, _)| *name).collect();
    let read: Vec<&str> = columns.iter().map(|(_, read)| *read).collect();
    let list = |form: &dyn Fn(&str) -> String| names.iter().map(|name| form(name)).collect::<Vec<_>>().join(", ");
    format!(
        "INSERT INTO main.{table} (account, {}, first_seen, changed) SELECT :account, {}, :now, :now FROM {from}
         ON CONFLICT (account, id) DO UPDATE SET {}, changed = excluded.changed, gone = NULL
         WHERE ({}, gone) IS NOT ({}, NULL)",
        names.join(", "),
        read.join(", "),
        list(&|name| format!("{name} = excluded.{name}")),
        list(&|name| format!("{table}.{name}")),
        list(&|name| format!("excluded.{name}")),
    )
}

fn run(writer: &Transaction<'_>, sql: &str, numbers: &Numbers, now: &str) -> Result<u64, DbError> {
    let rows =
        writer.execute(sql, named_params! {":account": numbers.account, ":cached": numbers.cached, ":now": now})?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}

fn folders(writer: &Transaction<'_>, numbers: &Numbers, now: &str) -> Result<Written, DbError> {
    let columns = ["id", "parent", "name", "role", "total", "unread"].map(|name| (name, name));
    let changed = run(writer, &lay_over("folders", &columns, "cache.folders WHERE account = :cached"), numbers, now)?;
    let gone = run(
        writer,
        "UPDATE main.folders SET gone = :now, changed = :now WHERE account = :account AND gone IS NULL
         AND NOT EXISTS (SELECT 1 FROM cache.folders f WHERE f.account = :cached AND f.id = main.folders.id)
         AND EXISTS (SELECT 1 FROM cache.cursors k WHERE k.account = :cached AND k.scope = 'folders' AND k.as_of IS NOT NULL AND k.is_within = 0)",
        numbers,
        now,
    )?;
    Ok(Written { changed, gone })
}

fn messages(writer: &Transaction<'_>, numbers: &Numbers, now: &str) -> Result<Written, DbError> {
    let columns = [
        ("id", "m.id"),
        ("folder", "f.id"),
        ("conversation", "m.conversation"),
        ("received", instant!("m.received")),
        ("subject", "m.subject"),
        ("from_name", "m.from_name"),
        ("from_address", "m.from_address"),
        ("to_line", "m.to_line"),
        ("cc_line", "m.cc_line"),
        ("is_read", "m.is_read"),
        ("is_flagged", "m.is_flagged"),
        ("is_draft", "m.is_draft"),
        ("importance", "m.importance"),
        ("has_attachments", "m.has_attachments"),
        ("meeting", "m.meeting"),
        ("categories", "m.categories"),
        ("preview", "m.preview"),
    ];
    // A message that moved lies in two folders for a moment; the one that told last has it.
    let from = "cache.messages m JOIN cache.folders f ON f.row = m.folder WHERE m.account = :cached
                AND NOT EXISTS (SELECT 1 FROM cache.messages n WHERE n.account = m.account AND n.id = m.id AND n.row > m.row)";
    let changed = run(writer, &lay_over("messages", &columns, from), numbers, now)?;
    // Only a folder that was read to its end can say that something is missing from it.
    let gone = run(
        writer,
        "UPDATE main.messages SET gone = :now, changed = :now WHERE account = :account AND gone IS NULL
         AND NOT EXISTS (SELECT 1 FROM cache.messages m WHERE m.account = :cached AND m.id = main.messages.id)
         AND (EXISTS (SELECT 1 FROM cache.cursors k WHERE k.account = :cached AND k.scope = 'messages:' || main.messages.folder
                      AND k.as_of IS NOT NULL AND k.is_within = 0)
              OR EXISTS (SELECT 1 FROM main.folders f WHERE f.account = :account AND f.id = main.messages.folder AND f.gone IS NOT NULL))",
        numbers,
        now,
    )?;
    Ok(Written { changed, gone })
}

fn write_bodies(writer: &Transaction<'_>, numbers: &Numbers, now: &str) -> Result<u64, DbError> {
    let mut wanted = writer.prepare(
        "SELECT e.id, b.kind, b.packed, b.packing FROM main.messages e
         JOIN cache.messages m ON m.account = :cached AND m.id = e.id JOIN cache.bodies b ON b.message = m.row
         WHERE e.account = :account AND e.gone IS NULL AND (e.changed = :now
         OR NOT EXISTS (SELECT 1 FROM main.bodies w WHERE w.account = e.account AND w.message = e.id))",
    )?;
    let mut put = writer.prepare(
        "INSERT INTO main.bodies (account, message, kind, content) VALUES (:account, :message, :kind, :content)
         ON CONFLICT (account, message) DO UPDATE SET kind = excluded.kind, content = excluded.content
         WHERE (bodies.kind, bodies.content) IS NOT (excluded.kind, excluded.content)",
    )?;
    let mut written = 0;
    let mut rows = wanted.query(named_params! {":cached": numbers.cached, ":account": numbers.account, ":now": now})?;
    while let Some(row) = rows.next()? {
        let (message, kind): (String, String) = (row.get(0)?, row.get(1)?);
        let packed = row.get_ref(2)?.as_blob().map_err(|error| DbError::Row(error.to_string()))?;
        let content = packing::unpack(packed, row.get(3)?);
        // A body that cannot be read is no reason to lose the others; it is fetched anew when it is opened.
        let Ok(content) = content else { continue };
        let done = put.execute(
            named_params! {":account": numbers.account, ":message": message, ":kind": kind, ":content": content},
        )?;
        written += u64::try_from(done).unwrap_or(0);
    }
    Ok(written)
}

fn events(writer: &Transaction<'_>, numbers: &Numbers, now: &str) -> Result<Written, DbError> {
    let columns = [
        ("id", "id"),
        ("calendar", "calendar"),
        ("series", "series"),
        ("is_all_day", "is_all_day"),
        (
            "starts",
            concat!(
                "CASE is_all_day WHEN 1 THEN substr(",
                instant!("starts"),
                ", 1, 10) ELSE ",
                instant!("starts"),
                " END"
            ),
        ),
        (
            "ends",
            concat!(
                "CASE is_all_day WHEN 1 THEN substr(",
                instant!("ends"),
                ", 1, 10) ELSE ",
                instant!("ends"),
                " END"
            ),
        ),
        ("subject", "subject"),
        ("show_as", "show_as"),
        ("location", "location"),
        ("is_cancelled", "is_cancelled"),
        ("is_private", "is_private"),
        ("is_organizer", "is_organizer"),
        ("response", "response"),
        ("organizer_name", "organizer_name"),
        ("organizer_address", "organizer_address"),
        ("attendees", "attendees"),
        ("join_url", "join_url"),
        ("categories", "categories"),
        ("preview", "preview"),
    ];
    let changed = run(writer, &lay_over("events", &columns, "cache.events WHERE account = :cached"), numbers, now)?;
    // What lies outside the window that is kept in step is out of sight, not gone.
    let gone = run(
        writer,
        concat!(
            "UPDATE main.events SET gone = :now, changed = :now WHERE account = :account AND gone IS NULL
             AND NOT EXISTS (SELECT 1 FROM cache.events e WHERE e.account = :cached AND e.id = main.events.id)
             AND EXISTS (SELECT 1 FROM cache.cursors k WHERE k.account = :cached
                         AND k.scope IN ('calendar', 'calendar:' || main.events.calendar) AND k.as_of IS NOT NULL AND k.is_within = 0
                         AND main.events.starts >= ", instant!("k.window_start"), " AND main.events.starts < ", instant!("k.window_end"), ")"
        ),
        numbers,
        now,
    )?;
    Ok(Written { changed, gone })
}

fn people(writer: &Transaction<'_>, numbers: &Numbers) -> Result<u64, DbError> {
    let sql = concat!(
        "INSERT INTO main.people (account, id, name, address, job_title, department, office, phones, as_of)
         SELECT :account, id, name, address, job_title, department, office, phones, ", instant!("as_of"), " FROM cache.people
         WHERE account = :cached
         ON CONFLICT (account, id) DO UPDATE SET name = excluded.name, address = excluded.address, job_title = excluded.job_title,
         department = excluded.department, office = excluded.office, phones = excluded.phones, as_of = excluded.as_of
         WHERE people.as_of <> excluded.as_of"
    );
    let rows = writer.execute(sql, named_params! {":account": numbers.account, ":cached": numbers.cached})?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}

fn automatic_replies(writer: &Transaction<'_>, numbers: &Numbers) -> Result<u64, DbError> {
    let sql = concat!(
        "INSERT INTO main.automatic_replies (account, address, observed, message, starts, ends)
         SELECT :account, address, ",
        instant!("observed"),
        ", message,
         CASE WHEN starts IS NOT NULL THEN ",
        instant!("starts"),
        " END, CASE WHEN ends IS NOT NULL THEN ",
        instant!("ends"),
        " END
         FROM cache.automatic_reply_changes WHERE account = :cached ON CONFLICT DO NOTHING"
    );
    let rows = writer.execute(sql, named_params! {":account": numbers.account, ":cached": numbers.cached})?;
    Ok(u64::try_from(rows).unwrap_or(u64::MAX))
}
