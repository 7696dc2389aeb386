//! The outbox on the screen: what waits to be told to the service, why it waits, and what can be decided about it.
//!
//! Must stay true: the cursor stays on its change while others come and go; what is decided is asked of the engine, and the list is what
//! the engine answers.

use crate::base::report::Report;
use crate::domain::intent::{IntentId, ItemState, OutboxItem, Settlement, Trouble};
use crate::domain::notice::Notice;
use crate::domain::request::{Answer, Request};
use crate::state::command::CommandId;
use crate::state::event::Ticket;
use crate::state::keys::KeyContext;
use crate::state::slot::Slot;
use crate::state::surface::{LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;

/// The panel.
#[derive(Clone, Debug, Default)]
pub struct OutboxPanel {
    items: Slot<Vec<OutboxItem>>,
    chosen: Option<IntentId>,
    /// Where the cursor stood, for when its change is gone.
    last: usize,
    is_stale: bool,
}

impl OutboxPanel {
    /// Opens the panel and asks what waits.
    #[must_use]
    pub fn open(turn: &mut Turn<'_>) -> Self {
        let mut panel = Self::default();
        panel.items.ask(Request::Outbox, turn);
        panel
    }

    /// What waits, the oldest first.
    #[must_use]
    pub fn items(&self) -> &[OutboxItem] {
        self.items.value().map_or(&[], Vec::as_slice)
    }

    /// Whether the first answer is still awaited.
    #[must_use]
    pub const fn is_asking(&self) -> bool {
        self.items.value().is_none() && self.items.is_waiting()
    }

    /// Why the outbox could not be read.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.items.problem()
    }

    /// The place of the cursor.
    #[must_use]
    pub fn at(&self) -> usize {
        let place = self.items().iter().position(|item| Some(item.id) == self.chosen);
        place.unwrap_or(self.last.min(self.items().len().saturating_sub(1)))
    }

    /// The change under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<&OutboxItem> {
        self.items().get(self.at())
    }

    fn choose(&mut self, at: usize) {
        self.last = at.min(self.items().len().saturating_sub(1));
        self.chosen = self.items().get(self.last).map(|item| item.id);
    }

    /// Decides about the change under the cursor.
    pub fn settle(&mut self, how: Settlement, turn: &mut Turn<'_>) {
        if let Some(id) = self.current().map(|item| item.id) {
            self.items.ask(Request::Settle { id, how }, turn);
        }
    }
}

/// Whether somebody can decide so about a change, and if not, why not.
///
/// # Errors
/// The reason as a sentence.
pub fn may(item: &OutboxItem, how: Settlement) -> Result<(), &'static str> {
    match (how, item.state) {
        (_, ItemState::Done) => Err("This is done already."),
        (_, ItemState::UnderWay) => Err("The service is being asked right now."),
        (Settlement::Retry, ItemState::Held { .. }) => Err("It goes by itself when its time has come."),
        (Settlement::Cancel | Settlement::Retry, _)
        | (Settlement::KeepMine | Settlement::KeepTheirs, ItemState::NeedsPerson(Trouble::ChangedElsewhere))
        | (Settlement::KeepMine, ItemState::NeedsPerson(Trouble::Unclear)) => Ok(()),
        (Settlement::KeepMine | Settlement::KeepTheirs, _) => Err("Nobody else changed the same."),
    }
}

impl Surface for OutboxPanel {
    fn context(&self) -> KeyContext {
        KeyContext::Outbox
    }

    fn hints(&self) -> &'static [CommandId] {
        &[
            CommandId::Open,
            CommandId::OutboxRetry,
            CommandId::OutboxCancel,
            CommandId::OutboxKeepMine,
            CommandId::OutboxKeepTheirs,
            CommandId::Close,
        ]
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        let Some(at) = motion.along(self.at(), self.items().len(), LIST_PAGE) else { return false };
        self.choose(at);
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some(item) = self.current() else { return true };
        if let (Some(report), ItemState::NeedsPerson(_) | ItemState::Waiting) = (&item.report, item.state) {
            turn.step(Step::Problem(report.clone()));
        } else if let Some(draft) = item.intent.draft() {
            match item.state {
                ItemState::Held { .. } => turn.tell("It is on its way; take it back to write further."),
                _ => turn.step(Step::Draft(draft)),
            }
        } else {
            turn.tell("There is nothing more to say about it.");
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        let is_taken = self.items.take(ticket, result, |answer| match answer {
            Answer::Outbox(items) => Some(items.clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        if let Err(report) = result {
            turn.tell(report.what.clone());
        }
        self.choose(self.at());
        if std::mem::take(&mut self.is_stale) {
            self.items.ask(Request::Outbox, turn);
        }
        true
    }

    fn notice(&mut self, notice: &Notice, _is_shown: bool, turn: &mut Turn<'_>) {
        if matches!(notice, Notice::OutboxChanged(_)) {
            if self.items.is_waiting() {
                self.is_stale = true;
            } else {
                self.items.ask(Request::Outbox, turn);
            }
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

    fn copy(&self, _part: crate::state::surface::CopyPart, _zone: &crate::domain::time::Zone) -> Option<String> {
        self.current().map(|item| item.words.clone())
    }
}
