//! Changes that are on their way into the outbox: who asked, what is said when they are there, and what was done last.
//!
//! Every change goes through [`Changes`], so that each ends in a sentence with the key that takes it back. Must stay true: nothing
//! here knows how a change is made; it is on disk when the answer comes, and the screen shows what the cache then says.

use crate::domain::draft::DraftId;
use crate::domain::group::SavedGroup;
use crate::domain::intent::{Intent, OutboxSummary};
use crate::domain::mail::{MessageId, MessageKey};
use crate::domain::request::Request;
use crate::domain::selection::{Selection, SelectionDeed, Source};
use crate::state::event::{Effect, Ticket};
use crate::state::surface::Turn;

/// The most changes remembered for taking them back.
const MOST: usize = 200;

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    ticket: Ticket,
    /// The draft that is sent by it.
    pub sends: Option<DraftId>,
    /// Where the cursor stood.
    place: Option<Place>,
    /// It can be taken back.
    pub is_undoable: bool,
    /// Nothing is said when it went well.
    pub is_quiet: bool,
}

/// A message in a folder or among hits, to come back to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Among what.
    pub source: Source,
    /// Its place in the order.
    pub key: MessageKey,
    /// The message.
    pub message: MessageId,
}

/// What is known of a change that was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The draft it sent.
    pub sends: Option<DraftId>,
    /// Where the cursor stood.
    pub place: Option<Place>,
    /// A saved group as it was before; without people there was none. The configuration holds it, not the outbox.
    pub group: Option<SavedGroup>,
}

/// Changes under way, and what the outbox holds.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    asked: Vec<Asked>,
    /// The changes that were made, the newest last.
    done: Vec<Done>,
    undoing: Option<Ticket>,
    /// The outbox in numbers.
    pub outbox: OutboxSummary,
}

impl Changes {
    /// Remembers that `intents` were asked for under `ticket`.
    fn remember(&mut self, ticket: Ticket, intents: &[Intent], is_quiet: bool) {
        let sends = intents.iter().find_map(|intent| match intent {
            Intent::Send { draft } => Some(*draft),
            _ => None,
        });
        let is_undoable = !intents.iter().any(|intent| matches!(intent, Intent::DeleteForEver { .. }));
        self.asked.push(Asked { ticket, sends, place: None, is_undoable, is_quiet });
    }

    /// The change this ticket asked for; it is over.
    pub fn settle(&mut self, ticket: Ticket, is_done: bool) -> Option<Asked> {
        let at = self.asked.iter().position(|asked| asked.ticket == ticket)?;
        let asked = self.asked.remove(at);
        if is_done && asked.is_undoable && !asked.is_quiet {
            self.remember_done(Done { sends: asked.sends, place: asked.place.clone(), group: None });
        }
        Some(asked)
    }

    fn remember_done(&mut self, done: Done) {
        self.done.push(done);
        if self.done.len() > MOST {
            self.done.remove(0);
        }
    }

    /// A saved group is another now; `before` is how it was.
    pub fn group_changed(&mut self, before: SavedGroup) {
        self.remember_done(Done { group: Some(before), ..Done::default() });
    }

    /// Whether this ticket asked for the last change to be taken back.
    pub fn was_undo(&mut self, ticket: Ticket) -> bool {
        let is_it = self.undoing == Some(ticket);
        if is_it {
            self.undoing = None;
        }
        is_it
    }

    /// The last change was taken back; what is known of it.
    pub fn undone(&mut self) -> Done {
        self.done.pop().unwrap_or_default()
    }

    /// Remembers where the cursor stood when a change was asked for.
    pub fn remember_place(&mut self, ticket: Ticket, place: Place) {
        if let Some(asked) = self.asked.iter_mut().find(|asked| asked.ticket == ticket) {
            asked.place = Some(place);
        }
    }
}

impl Turn<'_> {
    /// Asks for changes. What happened is told when they are on disk.
    pub fn change(&mut self, intents: Vec<Intent>) -> Ticket {
        self.change_as(intents, false)
    }

    /// The same for changes nobody needs to hear of.
    pub fn change_quietly(&mut self, intents: Vec<Intent>) -> Ticket {
        self.change_as(intents, true)
    }

    fn change_as(&mut self, intents: Vec<Intent>, is_quiet: bool) -> Ticket {
        let ticket = self.session.next_ticket();
        self.session.changes.remember(ticket, &intents, is_quiet);
        let request = if is_quiet { Request::Note(intents) } else { Request::Change(intents) };
        self.effects.push(Effect::Ask(ticket, request));
        ticket
    }

    /// Asks for a deed to be done with all that is selected.
    pub fn change_selected(&mut self, selection: Selection, deed: SelectionDeed) -> Ticket {
        let ticket = self.session.next_ticket();
        let is_undoable = deed != SelectionDeed::DeleteForEver;
        self.session.changes.asked.push(Asked { ticket, sends: None, place: None, is_undoable, is_quiet: false });
        self.effects.push(Effect::Ask(ticket, Request::ChangeSelected { selection: Box::new(selection), deed }));
        ticket
    }

    /// Asks for the last change to be taken back.
    pub fn undo(&mut self) {
        let group = self.session.changes.done.last().and_then(|done| done.group.clone());
        let request = match group {
            Some(SavedGroup { name, people }) => Request::SaveGroup { name, people },
            None => Request::Undo,
        };
        self.session.changes.undoing = Some(self.ask(request));
    }
}
