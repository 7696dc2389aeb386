//! The one way a delta link moves: rows and cursor in one transaction.

use crate::db::cursor::{self, Link, Scope, Step};
use crate::db::mail::FolderWriter;
use crate::db::passing::{Full, Passing};
use crate::db::{Asking, DbError, calendar, counts, folder};
use crate::domain::change::{Change, FolderPatch, MessagePatch};
use crate::domain::event::{CalendarId, Event, EventId};
use crate::domain::mail::{Folder, FolderId, MessageId};
use rusqlite::Transaction;
use std::sync::PoisonError;

/// What a page of a round says.
#[derive(Clone, Debug, PartialEq)]
pub enum Changes {
    /// The whole folder tree; what is missing is gone, with its messages.
    Folders(Vec<Folder>),
    /// Rows of a folder.
    Messages {
        /// The folder whose round told them.
        folder: FolderId,
        /// The rows, in the order told: the last of an id wins.
        rows: Vec<Change<MessagePatch, MessageId>>,
    },
    /// Rows of the tree: what is not named stays.
    FolderRows(Vec<Change<FolderPatch, FolderId>>),
    /// Rows of the window of the main calendar, or fetched by themselves.
    Events(Vec<Change<Event, EventId>>),
    /// Rows of the window of another calendar.
    OtherEvents {
        /// The calendar whose round told them.
        calendar: CalendarId,
        /// The rows.
        rows: Vec<Change<Event, EventId>>,
    },
}

impl Changes {
    /// Whose cursor these rows move.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Folders(_) | Self::FolderRows(_) => Scope::Folders,
            Self::Messages { folder, .. } => Scope::Messages(folder.clone()),
            Self::Events(_) => Scope::Calendar,
            Self::OtherEvents { calendar, .. } => Scope::OtherCalendar(calendar.clone()),
        }
    }
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// How many rows are new, different or gone; 0: the screen has nothing to draw anew.
    pub changed: u32,
    /// Messages that changed without being in the cache and without saying enough to be put there; ask for them whole.
    pub incomplete: Vec<MessageId>,
}

impl Asking {
    /// Writes what a page says and, with `step`, moves the cursor of its scope: both or neither. A full round is known by its
    /// steps: rows it shows are kept, and its last step removes what it did not show. Rows outside a round (fetched on demand) come
    /// without a step. All of it was asked for after this asking began.
    ///
    /// # Errors
    /// When the cache cannot be written; then nothing was.
    pub async fn apply(&self, changes: Changes, step: Option<Step>) -> Result<Applied, DbError> {
        let (wanted, turn) = (self.cache.wanted.clone(), self.turn);
        let applied = self.cache.write(move |writer, account| {
            let mut changes = changes;
            let scope = changes.scope().name();
            let generation = cursor::generation(writer, account, &scope, step.as_ref())?;
            let full = match &step {
                Some(step) if step.is_full => Some(Full {
                    generation,
                    begins: generation != cursor::generation(writer, account, &scope, None)?,
                    ends: matches!(step.link, Link::Done(_)),
                }),
                _ => None,
            };
            let ends_full = full.is_some_and(|full| full.ends);
            if matches!(changes, Changes::Folders(_)) {
                counts::forget_doubt(writer, account)?;
            }
            // As it is now, when no other is written any more before this: what is wanted from now on is shown after it.
            let (wishes, since) = {
                let wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
                (wanted.wishes(), wanted.since(Some(turn)))
            };
            let mut passing =
                Passing { writer, account, wishes: &wishes, since: &since, wanted: &wanted, full, doubts: Vec::new() };
            let elsewhere = passing.pass(&mut changes)?;
            let doubts = passing.doubts;
            let mut applied = match changes {
                Changes::Folders(folders) => {
                    Applied { changed: folder::replace_all(writer, account, &folders)?, incomplete: Vec::new() }
                }
                Changes::FolderRows(rows) => {
                    Applied { changed: folder::change(writer, account, rows)?, incomplete: Vec::new() }
                }
                Changes::Messages { folder, rows } => messages(writer, account, &folder, generation, rows, ends_full)?,
                Changes::Events(rows) => {
                    let sweep = ends_full.then_some(calendar::Sweep::Main);
                    let changed = calendar::change(writer, account, generation, rows, step.is_some(), sweep)?;
                    Applied { changed, incomplete: Vec::new() }
                }
                Changes::OtherEvents { calendar, rows } => {
                    let sweep = ends_full.then_some(calendar::Sweep::Other(&calendar));
                    let changed = calendar::change(writer, account, generation, rows, step.is_some(), sweep)?;
                    Applied { changed, incomplete: Vec::new() }
                }
            };
            for changes in elsewhere {
                if let Changes::Messages { folder, rows } = changes {
                    let generation =
                        cursor::generation(writer, account, &Scope::Messages(folder.clone()).name(), None)?;
                    applied.changed += messages(writer, account, &folder, generation, rows, false)?.changed;
                }
            }
            if let Some(step) = &step {
                cursor::store(writer, account, &scope, generation, step)?;
            }
            Ok((applied, doubts))
        });
        let (applied, doubts) = applied.await?;
        if applied.changed > 0 {
            self.cache.db.wake_index();
        }
        self.cache.tell_of_doubts(&doubts);
        Ok(applied)
    }
}

fn messages(
    writer: &Transaction<'_>,
    account: i64,
    id: &FolderId,
    generation: i64,
    rows: Vec<Change<MessagePatch, MessageId>>,
    ends_full: bool,
) -> Result<Applied, DbError> {
    let row = folder::ensure(writer, account, id)?;
    let mut folder = FolderWriter::new(writer, account, row, id, generation);
    let mut incomplete = Vec::new();
    for change in rows {
        incomplete.extend(folder.change(change)?);
    }
    if ends_full {
        folder.sweep()?;
    }
    Ok(Applied { changed: folder.finish()?, incomplete })
}
