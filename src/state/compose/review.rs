//! What can be done with a message before it goes: its rows, and what each does.

use crate::state::command::CommandId;
use crate::state::compose::Compose;
use crate::state::surface::{Step, Turn};

/// What can be done in the review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Send it.
    Send,
    /// Go on writing.
    Edit,
    /// Attach a file.
    Attach,
    /// Put it aside as a draft.
    Postpone,
    /// Throw it away.
    Discard,
    /// Take this file off.
    Detach(usize),
    /// Take this one off that hangs on the draft in the mailbox.
    TakeOff(usize),
}

impl Compose {
    /// The row under the cursor of the review, if it is open.
    #[must_use]
    pub const fn review(&self) -> Option<usize> {
        self.review
    }

    /// What can be done in the review.
    #[must_use]
    pub fn choices(&self) -> Vec<Choice> {
        let fixed = [Choice::Send, Choice::Edit, Choice::Attach, Choice::Postpone, Choice::Discard];
        let there = self.files_there().map(|(at, _)| Choice::TakeOff(at));
        fixed.into_iter().chain(there).chain((0..self.attachments.len()).map(Choice::Detach)).collect()
    }

    /// Does what stands at a row of the review.
    pub(super) fn choose(&mut self, at: usize, turn: &mut Turn<'_>) {
        match self.choices().get(at) {
            Some(Choice::Send) => self.send(turn),
            Some(Choice::Edit) => self.write_on(),
            Some(Choice::Attach) => self.choose_file(turn),
            Some(Choice::Postpone) => self.postpone(turn),
            Some(Choice::Discard) => turn.step(Step::Run(CommandId::ReviewDiscard)),
            Some(Choice::Detach(file)) => {
                let file = self.attachments.remove(*file);
                turn.tell(format!("{} is no longer attached.", file.name));
                self.changed(turn);
                self.review = Some(at.min(self.choices().len() - 1));
            }
            Some(Choice::TakeOff(file)) => {
                if let Some(file) = self.there.get_mut(*file) {
                    file.is_taken_off = true;
                    turn.tell(format!("{} is no longer attached.", file.name));
                }
                self.changed(turn);
                self.review = Some(at.min(self.choices().len() - 1));
            }
            None => {}
        }
    }

    pub(super) fn show_review(&mut self, turn: &mut Turn<'_>) {
        if let Some(field) = self.people_mut() {
            field.take_typed();
        }
        self.keep(turn);
        self.ask_absences(turn);
        let is_doubtful = self.checks(turn.session).iter().any(|check| check.is_blocking() || check.asks());
        self.review = Some(usize::from(is_doubtful));
    }
}
