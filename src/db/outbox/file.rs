//! Opening the outbox: rights on disk, pragmas, migrations, and what is done with a damaged one.

use crate::base::report::{Kind, Report};
use crate::db::DbError;
use crate::db::file as cache_file;
use crate::db::outbox::salvage;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::Path;
use std::time::Duration;

/// The steps from an empty file to the present form, in order. Never edited once released.
const MIGRATIONS: &[&str] = &[include_str!("../../../assets/schema/outbox/0001_start.sql")];

/// The version of a file in the present form.
const KNOWN_VERSION: i64 = 1;
const _: () = assert!(MIGRATIONS.len() == 1, "each migration has its version");

pub(super) struct Opened {
    pub(super) connection: Connection,
    pub(super) set_aside: Option<Report>,
}

pub(super) fn open(path: &Path, patience: Duration) -> Result<Opened, DbError> {
    cache_file::prepare_place(path)?;
    match open_checked(path, patience) {
        Err(DbError::Damaged(why)) => {
            let aside = cache_file::keep_aside(path)?;
            cache_file::prepare_place(path)?;
            let mut connection = open_checked(path, patience)?;
            let saved = salvage::salvage(&aside, &mut connection);
            let set_aside = Some(set_aside_report(&aside, &why, saved));
            Ok(Opened { connection, set_aside })
        }
        opened => Ok(Opened { connection: opened?, set_aside: None }),
    }
}

fn open_checked(path: &Path, patience: Duration) -> Result<Connection, DbError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    cache_file::keep_plans(&connection)?;
    let _mode: String = connection.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    // What was answered with yes survives the loss of power.
    connection.pragma_update(None, "synchronous", "full")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "cache_size", -512)?;
    connection.pragma_update(None, "journal_size_limit", 1 << 20)?;
    // The file is small, and whatever is wrong with it must be known before something is added to it.
    let verdict: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if verdict != "ok" {
        return Err(DbError::Damaged(verdict));
    }
    migrate(&mut connection, path)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), DbError> {
    let version =
        |connection: &Connection| connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    if version(connection)? == KNOWN_VERSION {
        return Ok(());
    }
    // Another process may be doing the same: look again once the file is ours.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    if found > KNOWN_VERSION {
        return Err(DbError::Newer { path: path.to_owned(), found, known: KNOWN_VERSION });
    }
    let done = usize::try_from(found).map_err(|_| DbError::Damaged(format!("its version is {found}")))?;
    for step in &MIGRATIONS[done..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", KNOWN_VERSION)?;
    transaction.commit()?;
    Ok(())
}

fn set_aside_report(aside: &Path, why: &str, saved: salvage::Saved) -> Report {
    let salvage::Saved { changes, drafts, is_whole } = saved;
    let kept = format!("{} and {} could be read and go on.", words(changes, "change"), words(drafts, "draft"));
    let lost = if is_whole {
        ""
    } else {
        " Some could not: look in Outlook whether your last changes and messages are there."
    };
    Report::new(Kind::Failure, "outboxSetAside", "The outbox was damaged.")
        .because(format!("{why}. {kept}{lost}"))
        .next(format!("The damaged file was kept: {}.", aside.display()))
        .next("Look through your drafts and the outbox before you go on.")
}

fn words(count: u32, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
