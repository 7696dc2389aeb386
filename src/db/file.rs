//! Opening the file: places and rights on disk, pragmas, migrations, and what to do with a damaged one.
//!
//! Memory is bounded here: page caches are small and nothing is mapped, so a mailbox of a hundred thousand messages costs what a
//! thousand cost.

use crate::base::report::{Kind, Report};
use crate::db::error::DbError;
use crate::db::find_event::put_all_texts;
use crate::db::lane::Opener;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What a step does that SQL cannot say.
type Filling = fn(&Transaction<'_>) -> Result<(), DbError>;

/// The steps from an empty file to the present form, in order; the file's `user_version` counts those done. Never edited once
/// released; what a filling reads and writes stays as its step left it.
const MIGRATIONS: &[(&str, Option<Filling>)] = &[
    (include_str!("../../assets/schema/0001_start.sql"), None),
    (include_str!("../../assets/schema/0002_reply_changes.sql"), None),
    (include_str!("../../assets/schema/0003_search.sql"), None),
    (include_str!("../../assets/schema/0004_sync.sql"), None),
    (include_str!("../../assets/schema/0005_lean_index.sql"), None),
    (include_str!("../../assets/schema/0006_work_place.sql"), None),
    (include_str!("../../assets/schema/0007_event_texts.sql"), Some(put_all_texts)),
];

/// The version of a file in the present form.
pub(super) const KNOWN_VERSION: i64 = 7;
const _: () = assert!(MIGRATIONS.len() == 7, "each migration has its version");

/// The connections of an opened cache.
pub(super) struct Connections {
    pub(super) reader: Opener,
    pub(super) writer: Opener,
    pub(super) second_reader: Opener,
    /// For searches alone: they may be told to end at any time.
    pub(super) searcher: Opener,
    /// Says that a damaged file was set aside.
    pub(super) set_aside: Option<Report>,
}

/// Opens the file, making it and its folder where they are missing, and brings it to the present form. A damaged file is renamed
/// and a new one begun. A file that is in its present form is only read; its writer is opened by its first job. `patience` is how long
/// a connection waits for another process.
pub(super) fn open(path: &Path, patience: Duration) -> Result<Connections, DbError> {
    prepare_place(path)?;
    let is_marked = damage_mark(path).exists();
    if !is_marked && let Some(reader) = open_present(path, patience) {
        return Ok(connections(path, patience, reader, None, None));
    }
    let (writer, set_aside) = match if is_marked { Err(marked_damaged()) } else { open_writer(path, patience) } {
        Ok(writer) => (writer, None),
        Err(DbError::Damaged(why)) => {
            let aside = set_aside(path)?;
            prepare_place(path)?;
            (open_writer(path, patience)?, Some(set_aside_report(&aside, &why)))
        }
        Err(other) => return Err(other),
    };
    let reader = open_reader(path, patience)?;
    Ok(connections(path, patience, reader, Some(writer), set_aside))
}

type Open = fn(&Path, Duration) -> Result<Connection, DbError>;

fn connections(
    path: &Path,
    patience: Duration,
    reader: Connection,
    writer: Option<Connection>,
    set_aside: Option<Report>,
) -> Connections {
    let opener = |ready: Option<Connection>, open: Open| -> Opener {
        let (mut ready, path) = (ready, path.to_owned());
        Box::new(move || ready.take().map_or_else(|| open(&path, patience), Ok))
    };
    Connections {
        reader: opener(Some(reader), open_reader),
        writer: opener(writer, open_writer),
        second_reader: opener(None, open_reader),
        searcher: opener(None, open_reader),
        set_aside,
    }
}

/// A reader of a file that needs nothing done to it. Whatever is in the way is found and told by the opening of the writer.
fn open_present(path: &Path, patience: Duration) -> Option<Connection> {
    fs::metadata(path).ok().filter(|file| file.len() > 0)?;
    let reader = open_reader(path, patience).ok()?;
    let found: u32 = reader.pragma_query_value(None, "user_version", |row| row.get(0)).ok()?;
    (usize::try_from(found) == Ok(MIGRATIONS.len())).then_some(reader)
}

/// Where a running program notes that the file turned out damaged, so that the next start sets it aside.
pub(super) fn damage_mark(path: &Path) -> PathBuf {
    with_suffix(path, ".damaged")
}

fn marked_damaged() -> DbError {
    DbError::Damaged("The last run found pages that make no sense.".to_owned())
}

fn open_writer(path: &Path, patience: Duration) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(64);
    keep_plans(&connection)?;
    let _mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Kibibytes, as a negative number: room for the hot pages of a round.
    connection.pragma_update(None, "cache_size", -3072)?;
    connection.pragma_update(None, "journal_size_limit", 4 << 20)?;
    migrate(&mut connection, path)?;
    Ok(connection)
}

fn open_reader(path: &Path, patience: Duration) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(32);
    keep_plans(&connection)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -1024)?;
    Ok(connection)
}

/// A statement is planned once, whatever is bound to it: else each use of a kept one with a bound LIMIT is compiled anew (SQLite: query
/// planner stability guarantee). No plan of ours is to hang on a value.
pub(super) fn keep_plans(connection: &Connection) -> Result<(), DbError> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), DbError> {
    let known = KNOWN_VERSION;
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found == known {
        return Ok(());
    }
    // Another process may be doing the same: look again once the file is ours.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(DbError::Newer { path: path.to_owned(), found, known });
    }
    let done = usize::try_from(found).map_err(|_| DbError::Damaged(format!("its version is {found}")))?;
    for (step, filling) in &MIGRATIONS[done..] {
        transaction.execute_batch(step)?;
        if let Some(fill) = filling {
            fill(&transaction)?;
        }
    }
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

pub(super) fn prepare_place(path: &Path) -> Result<(), DbError> {
    let refused = |error: std::io::Error| DbError::Open { path: path.to_owned(), reason: error.to_string() };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        make_private_folder(folder).map_err(refused)?;
    }
    make_private_file(path).map_err(refused)
}

#[cfg(unix)]
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

/// Makes the file before SQLite does, for its rights; the files SQLite puts beside it inherit them.
#[cfg(unix)]
pub(super) fn make_private_file(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = fs::OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn make_private_file(path: &Path) -> std::io::Result<()> {
    fs::OpenOptions::new().read(true).append(true).create(true).open(path).map(drop)
}

/// Renames a damaged file that cannot be made anew, with its journal, which may hold its newest rows.
pub(super) fn keep_aside(path: &Path) -> Result<PathBuf, DbError> {
    let refused = |error: std::io::Error| DbError::Open { path: path.to_owned(), reason: error.to_string() };
    let aside = free_name(path);
    for suffix in ["-wal", ""] {
        let (from, to) = (with_suffix(path, suffix), with_suffix(&aside, suffix));
        if from.exists() {
            fs::rename(&from, &to).map_err(refused)?;
        }
    }
    // The index of the journal is made anew from it.
    let index = with_suffix(path, "-shm");
    if index.exists() {
        fs::remove_file(&index).map_err(refused)?;
    }
    Ok(aside)
}

fn free_name(path: &Path) -> PathBuf {
    (1..=u32::MAX)
        .map(|number| with_suffix(path, &format!(".damaged-{number}")))
        .find(|candidate| !candidate.exists())
        .unwrap_or_else(|| with_suffix(path, ".damaged-0"))
}

/// Renames the file to the first free `….damaged-N`; its journal would damage the new file and goes.
fn set_aside(path: &Path) -> Result<PathBuf, DbError> {
    let refused = |error: std::io::Error| DbError::Open { path: path.to_owned(), reason: error.to_string() };
    let aside = free_name(path);
    fs::rename(path, &aside).map_err(refused)?;
    for suffix in ["-wal", "-shm", ".damaged"] {
        let beside = with_suffix(path, suffix);
        if beside.exists() {
            fs::remove_file(&beside).map_err(refused)?;
        }
    }
    Ok(aside)
}

fn set_aside_report(aside: &Path, why: &str) -> Report {
    Report::new(Kind::Failure, "cacheSetAside", "The cache was damaged and has been begun anew.")
        .because(why.to_owned())
        .next(format!("The old file is {}; remove it when you no longer need it.", aside.display()))
}

/// Whether there is anything in the journal beside the file.
pub(super) fn has_journal(path: &Path) -> bool {
    fs::metadata(with_suffix(path, "-wal")).is_ok_and(|journal| journal.len() > 0)
}

pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
