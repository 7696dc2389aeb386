//! What can go wrong with the outbox, told as what it means for a change: it was not taken, and nothing is half done.

use crate::base::report::{Kind, Report};
use crate::db::DbError;
use crate::db::error::{ABOUT_UNREAD, ABOUT_UNWRITTEN, UNREAD, UNWRITTEN};

/// Why the outbox could not do what was asked.
#[derive(Debug, thiserror::Error)]
#[error("outbox: {0}")]
pub struct OutboxError(#[from] DbError);

impl OutboxError {
    /// The failure told to a person.
    #[must_use]
    pub fn report(&self) -> Report {
        let what = "Your change could not be kept, so it was not made.";
        match &self.0 {
            DbError::Open { path, reason } => Report::new(Kind::Configuration, "outboxUnavailable", what)
                .because(format!("The outbox {} cannot be opened: {reason}", path.display()))
                .next("Check that the folder exists, is yours, and can be written.")
                .next("Name another place with --home DIR."),
            DbError::Newer { path, found, known } => Report::new(Kind::Configuration, "outboxNewer", what)
                .because(format!(
                    "A later deskbell wrote the outbox {}: it has the form {found}, this release knows {known}.",
                    path.display()
                ))
                .next("Start the later release again: changes and drafts wait in that file."),
            DbError::Damaged(why) => Report::new(Kind::Failure, "outboxDamaged", what)
                .because(format!("The outbox is damaged: {why}"))
                .next("Start deskbell again: it keeps the file and goes on with what can be read of it."),
            DbError::Full => Report::new(Kind::Failure, "diskFull", what)
                .because("The disk is full.")
                .next("Free some space, then do it again."),
            DbError::Unwritten => Report::new(Kind::Failure, "writeRefused", what)
                .because(UNWRITTEN)
                .next(ABOUT_UNWRITTEN[0])
                .next(ABOUT_UNWRITTEN[1]),
            DbError::Unread => Report::new(Kind::Failure, "readRefused", what).because(UNREAD).next(ABOUT_UNREAD),
            DbError::Busy => Report::new(Kind::Failure, "outboxBusy", what)
                .because("Another deskbell kept the outbox for too long.")
                .next("Try again, or close the other one."),
            DbError::Interrupted | DbError::Closed => Report::new(Kind::Failure, "outboxClosed", what)
                .because("The program is ending.")
                .next("Start deskbell again."),
            DbError::Row(why) | DbError::Other(why) => Report::new(Kind::Failure, "outboxFailed", what)
                .because(why.clone())
                .next("Try again; if it stays, report it with these words."),
        }
    }
}

impl From<rusqlite::Error> for OutboxError {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.into())
    }
}
