//! The find-time view.

use crate::domain::mail::Recipient;
use crate::state::command::CommandId;
use crate::state::keys::KeyContext;
use crate::state::surface::{Surface, Turn};

/// The find-time view.
#[derive(Clone, Debug, Default)]
pub struct FindTime {}

impl FindTime {
    /// Looks for a time with these people.
    pub fn with(&mut self, _people: Vec<Recipient>, _turn: &mut Turn<'_>) {}
}

impl Surface for FindTime {
    fn context(&self) -> KeyContext {
        KeyContext::FindTime
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Home, CommandId::Mail]
    }
}
