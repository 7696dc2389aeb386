//! Something done with all that is selected of a folder or of hits: weighed first, then one change of many.
//!
//! Must stay true: what was weighed is what is done. The changes of the last weighing are kept until they are made or not meant any
//! more, so that what comes between the question and the yes is not among them.

use crate::base::report::{Kind, Report};
use crate::domain::intent::{Intent, MoveTarget};
use crate::domain::mail::FolderId;
use crate::domain::request::Answer;
use crate::domain::selection::{MOST_AT_ONCE, Selection, SelectionDeed, Standing, Weighed};
use crate::engine::outbox::LiveOutbox;
use std::sync::PoisonError;

/// What a weighing came to.
pub(super) struct LastWeighed {
    selection: Selection,
    deed: SelectionDeed,
    changes: Vec<Intent>,
}

impl LiveOutbox {
    /// What a deed would change of all that is selected.
    pub(crate) async fn weigh(
        &self,
        selection: Selection,
        deed: SelectionDeed,
        selected: Vec<Standing>,
    ) -> Result<Answer, Report> {
        let deed = deed.decided(&selected);
        let many = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let all = many(selected.len());
        let changes = self.changes_of(selected, &deed).await?;
        // Why it cannot be done is said before anybody is asked.
        if let Some(first) = changes.first() {
            self.admit(first)?;
        }
        let weighed = Weighed { deed: deed.clone(), selected: all, changes: many(changes.len()) };
        self.keep_weighed(Some(LastWeighed { selection, deed, changes }));
        Ok(Answer::Weighed(Box::new(weighed)))
    }

    /// What was weighed is not meant any more.
    pub(crate) fn forget_weighed(&self) {
        self.keep_weighed(None);
    }

    /// Does what was weighed last, if it was this; else `None`.
    pub(crate) async fn change_weighed(
        &self,
        selection: &Selection,
        deed: &SelectionDeed,
    ) -> Option<Result<Answer, Report>> {
        let last = self.keep_weighed(None).filter(|last| last.selection == *selection && last.deed == *deed)?;
        Some(self.change(last.changes).await)
    }

    /// Does what no weighing is remembered of.
    pub(crate) async fn change_selected(&self, deed: SelectionDeed, selected: Vec<Standing>) -> Result<Answer, Report> {
        let deed = deed.decided(&selected);
        let changes = self.changes_of(selected, &deed).await?;
        self.change(changes).await
    }

    /// Puts this in place of what was weighed last, and gives that back.
    fn keep_weighed(&self, weighed: Option<LastWeighed>) -> Option<LastWeighed> {
        std::mem::replace(&mut *self.weighed.lock().unwrap_or_else(PoisonError::into_inner), weighed)
    }

    async fn changes_of(&self, selected: Vec<Standing>, deed: &SelectionDeed) -> Result<Vec<Intent>, Report> {
        let target = self.target_of(deed).await?;
        let changes: Vec<Intent> =
            selected.into_iter().filter_map(|standing| deed.change(standing, target.as_ref())).collect();
        if changes.len() > usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX) {
            return Err(too_many(&format!("{} messages would change", changes.len())));
        }
        Ok(changes)
    }

    /// The folder a deed moves to; what lies there already stays.
    async fn target_of(&self, deed: &SelectionDeed) -> Result<Option<FolderId>, Report> {
        match deed {
            SelectionDeed::Move(MoveTarget::Folder(folder)) => Ok(Some(folder.clone())),
            SelectionDeed::Move(MoveTarget::Role(role)) => {
                let folders = self.shared.cache.folders().await.map_err(|error| error.report())?;
                Ok(folders.into_iter().find(|folder| folder.role == Some(*role)).map(|folder| folder.id))
            }
            _ => Ok(None),
        }
    }
}

/// More is selected than is changed at once.
pub(in crate::engine) fn too_many(what: &str) -> Report {
    Report::new(Kind::Usage, "tooMany", "That is too much at once.")
        .because(format!(
            "{what}, and {MOST_AT_ONCE} can be changed together: Microsoft 365 takes so many in half an hour."
        ))
        .next("Select a part of it: begin a range with the newest, go to a date, and end it there; or search for less.")
}
