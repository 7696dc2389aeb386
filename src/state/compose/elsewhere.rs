//! A draft that another program began, on the screen: what hangs on it there, and what is told of it.

use crate::domain::draft::DraftKind;
use crate::domain::draft_elsewhere::FileThere;
use crate::domain::mail::MessageId;
use crate::domain::request::Request;
use crate::state::compose::{Compose, Field};
use crate::state::surface::Turn;

impl Compose {
    /// A draft of the Drafts folder, whoever began it.
    pub fn adopt(message: MessageId, turn: &mut Turn<'_>) -> Self {
        let beginning = Some(turn.ask(Request::AdoptDraft(message)));
        let mut compose = Self { beginning, ..Self::empty(DraftKind::New, Field::Body) };
        compose.fit(turn.session);
        compose
    }

    /// A draft of the Drafts folder is there: what was written on it before is somebody's, and what is kept of another's is told.
    pub(super) fn taken_up(&mut self, turn: &mut Turn<'_>) {
        let Some(draft) = self.draft.as_deref().filter(|draft| draft.on_service.is_some()) else { return };
        let is_formatted = draft.elsewhere.as_ref().is_some_and(|there| there.is_formatted);
        self.is_touched |= !draft.is_untouched();
        if self.to.is_empty() {
            self.focus = Field::To;
        }
        if is_formatted {
            turn.tell("Its formatting stays while you leave the text alone.");
        }
    }

    /// Whether another program began it.
    #[must_use]
    pub fn is_from_elsewhere(&self) -> bool {
        self.draft.as_ref().is_some_and(|draft| draft.elsewhere.is_some())
    }

    /// The files that hang on it in the mailbox, each with its place among all there.
    pub fn files_there(&self) -> impl Iterator<Item = (usize, &FileThere)> {
        self.there.iter().enumerate().filter(|(_, file)| !file.is_inline && !file.is_taken_off)
    }
}
