//! The drafts of this computer: what was begun and not sent. The last row leads to the Drafts folder of the mailbox.

use crate::base::report::Report;
use crate::domain::draft::{Draft, DraftId};
use crate::domain::notice::Notice;
use crate::domain::request::{Answer, Request};
use crate::state::command::CommandId;
use crate::state::event::Ticket;
use crate::state::keys::KeyContext;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;

/// The panel.
#[derive(Clone, Debug, Default)]
pub struct DraftsPanel {
    drafts: Slot<Vec<Draft>>,
    chosen: Option<DraftId>,
    last: usize,
}

impl DraftsPanel {
    /// Opens the panel and asks for the drafts.
    #[must_use]
    pub fn open(turn: &mut Turn<'_>) -> Self {
        let mut panel = Self::default();
        panel.drafts.ask(Request::Drafts, turn);
        panel
    }

    /// The drafts, the one kept last first.
    #[must_use]
    pub fn drafts(&self) -> &[Draft] {
        self.drafts.value().map_or(&[], Vec::as_slice)
    }

    /// Whether the first answer is still awaited.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        self.drafts.value().is_none() && self.drafts.is_waiting()
    }

    /// Why the drafts could not be read.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.drafts.problem()
    }

    /// The place of the cursor; behind the drafts it is the folder's row.
    #[must_use]
    pub fn at(&self) -> usize {
        let place = self.drafts().iter().position(|draft| Some(draft.id) == self.chosen);
        place.unwrap_or(self.last.min(self.drafts().len()))
    }

    /// The draft under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&Draft> {
        self.drafts().get(self.at())
    }

    fn choose(&mut self, at: usize) {
        self.last = at.min(self.drafts().len());
        self.chosen = self.drafts().get(self.last).map(|draft| draft.id);
    }
}

impl Surface for DraftsPanel {
    fn context(&self) -> KeyContext {
        KeyContext::Drafts
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Open, CommandId::DraftsDiscard, CommandId::Close]
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        (command == CommandId::Open).then_some(if self.current().is_some() { "write on" } else { "open folder" })
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(at) = motion.along(self.at(), self.drafts().len() + 1, LIST_PAGE) else { return false };
        self.choose(at);
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        match self.current() {
            Some(draft) if draft.is_sending => turn.tell("It is on its way; take it back with undo or in the outbox."),
            Some(draft) => {
                let id = draft.id;
                turn.step(Step::CloseLayer);
                turn.step(Step::Draft(id));
            }
            None => turn.step(Step::Run(CommandId::DraftsFolder)),
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        let is_taken = self.drafts.take(ticket, result, |answer| match answer {
            Answer::Drafts(drafts) => Some(drafts.clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        self.choose(self.at());
        true
    }

    fn notice(&mut self, notice: &Notice, _is_shown: bool, turn: &mut Turn<'_>) {
        if matches!(notice, Notice::OutboxChanged(_)) {
            self.drafts.ask(Request::Drafts, turn);
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Entry(at) = target {
            self.choose(*at);
            if is_double {
                self.open(turn);
            }
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        self.motion(if steps > 0 { Motion::Next } else { Motion::Previous }, turn);
    }
}
