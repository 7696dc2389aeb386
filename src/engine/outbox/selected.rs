//! Something done with all that is selected of a folder: weighed first, then one change of many.
//!
//! Must stay true: what was weighed is what is done, so the goal of the weighing comes back with the order.

use crate::base::report::{Kind, Report};
use crate::domain::intent::Intent;
use crate::domain::request::Answer;
use crate::domain::selection::{MOST_AT_ONCE, Selection, SelectionDeed, Weighed};
use crate::engine::outbox::LiveOutbox;

impl LiveOutbox {
    /// What a deed would change.
    pub(crate) async fn weigh(&self, selection: Selection, deed: SelectionDeed) -> Result<Answer, Report> {
        let (changes, deed) = self.changes_of(selection, deed).await?;
        // Why it cannot be done is said before anybody is asked.
        if let Some(first) = changes.first() {
            self.admit(first)?;
        }
        Ok(Answer::Weighed(Box::new(Weighed { deed, changes: u32::try_from(changes.len()).unwrap_or(u32::MAX) })))
    }

    /// Does it.
    pub(crate) async fn change_selected(&self, selection: Selection, deed: SelectionDeed) -> Result<Answer, Report> {
        let (changes, _) = self.changes_of(selection, deed).await?;
        self.change(changes).await
    }

    async fn changes_of(
        &self,
        selection: Selection,
        deed: SelectionDeed,
    ) -> Result<(Vec<Intent>, SelectionDeed), Report> {
        let (changes, deed) = self.shared.cache.changes_of(selection, deed).await.map_err(|error| error.report())?;
        if changes.len() > usize::try_from(MOST_AT_ONCE).unwrap_or(usize::MAX) {
            return Err(Report::new(Kind::Usage, "tooMany", "That is too much at once.")
                .because(format!(
                    "{} messages would change, and {MOST_AT_ONCE} can be changed together: Microsoft 365 takes so many in half an hour.",
                    changes.len()
                ))
                .next("Select a part of it: begin a range with the newest, go to a date, and end it there."));
        }
        Ok((changes, deed))
    }
}
