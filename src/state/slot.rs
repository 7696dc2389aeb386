//! A place on the screen that shows an answer: the latest question wins.
//!
//! Must stay true: an answer is taken only if its ticket is the newest of its slot; the old content stays until then, so nothing
//! ever blinks. A problem is kept beside the old content.

use crate::base::report::Report;
use crate::domain::request::{Answer, Request};
use crate::state::event::Ticket;
use crate::state::surface::Turn;

/// Content with the question that is under way for it.
#[derive(Clone, Debug)]
pub struct Slot<T> {
    value: Option<T>,
    waiting: Option<Ticket>,
    problem: Option<Report>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { value: None, waiting: None, problem: None }
    }
}

impl<T> Slot<T> {
    /// Asks; answers to earlier questions will not be shown.
    pub fn ask(&mut self, request: Request, turn: &mut Turn<'_>) {
        self.waiting = Some(turn.ask(request));
    }

    /// Waits for the answer to a question asked elsewhere.
    pub const fn wait_for(&mut self, ticket: Ticket) {
        self.waiting = Some(ticket);
    }

    /// Whether this ticket is the one waited for.
    #[must_use]
    pub fn waits_for(&self, ticket: Ticket) -> bool {
        self.waiting == Some(ticket)
    }

    /// Whether an answer is on its way.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Takes the answer if it is the one waited for; `pick` takes it apart. A report leaves the old content standing, as does an answer
    /// of another sort. False: the answer is somebody else's.
    pub fn take(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        pick: impl FnOnce(&Answer) -> Option<T>,
    ) -> bool {
        if !self.waits_for(ticket) {
            return false;
        }
        match result {
            Ok(answer) => match pick(answer) {
                Some(value) => self.settle(Ok(value)),
                None => self.waiting = None,
            },
            Err(report) => self.settle(Err(report.clone())),
        }
        true
    }

    /// Takes what was waited for. A report leaves the old content standing.
    pub fn settle(&mut self, result: Result<T, Report>) {
        self.waiting = None;
        match result {
            Ok(value) => {
                self.value = Some(value);
                self.problem = None;
            }
            Err(report) => self.problem = Some(report),
        }
    }

    /// Forgets content, question and problem.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The content.
    #[must_use]
    pub const fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// Why the last question failed, if it did.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.problem.as_ref()
    }
}
