//! The person card: an overlay over any view.

use crate::domain::request::PersonRef;
use crate::state::command::CommandId;
use crate::state::keys::KeyContext;
use crate::state::surface::{Surface, Turn};

/// The card of one person.
#[derive(Clone, Debug)]
pub struct PersonCard {
    /// Who.
    pub who: PersonRef,
}

impl PersonCard {
    /// Opens the card and asks for what is known.
    pub fn open(who: PersonRef, _turn: &mut Turn<'_>) -> Self {
        Self { who }
    }
}

impl Surface for PersonCard {
    fn context(&self) -> KeyContext {
        KeyContext::Card
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Close]
    }
}
