//! What forms have in common: fields in the order of Tab, and a change that is waited for and closes the form.
//!
//! Must stay true: a form stays open, with everything in it, until what it asked for is on disk.

use crate::base::report::Report;
use crate::domain::intent::Intent;
use crate::domain::request::Answer;
use crate::state::command::CommandId;
use crate::state::event::Ticket;
use crate::state::surface::{Step, Turn};

/// The field that lies `steps` of Tab away from `at`, among those that are used now.
pub fn stepped<F: Copy + PartialEq>(all: &[F], at: F, steps: isize, is_used: impl Fn(F) -> bool) -> F {
    let mut place = all.iter().position(|field| *field == at).unwrap_or(0);
    for _ in all {
        place = (place + all.len()).wrapping_add_signed(steps.signum()) % all.len();
        if is_used(all[place]) {
            return all[place];
        }
    }
    at
}

/// What the commands every form has are called in one.
#[must_use]
pub const fn word(command: CommandId) -> Option<&'static str> {
    match command {
        CommandId::NextPane => Some("next field"),
        CommandId::Close => Some("leave"),
        _ => None,
    }
}

/// The change a form waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saving(Option<Ticket>);

impl Saving {
    /// Whether one is on its way.
    #[must_use]
    pub const fn is_on(self) -> bool {
        self.0.is_some()
    }

    /// Asks for it.
    pub fn begin(&mut self, intents: Vec<Intent>, turn: &mut Turn<'_>) {
        self.0 = Some(turn.change(intents));
    }

    /// Takes its answer: with what is done the form on top closes. `None`: the answer is somebody else's; else whether it is done.
    pub fn take(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> Option<bool> {
        self.0.take_if(|asked| *asked == ticket)?;
        if result.is_ok() {
            turn.step(Step::CloseLayer);
        }
        Some(result.is_ok())
    }
}
