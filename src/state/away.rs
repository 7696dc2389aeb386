//! The away board.

use crate::state::command::CommandId;
use crate::state::keys::KeyContext;
use crate::state::surface::Surface;

/// The away board.
#[derive(Clone, Debug, Default)]
pub struct Away {}

impl Surface for Away {
    fn context(&self) -> KeyContext {
        KeyContext::Away
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Home, CommandId::Mail]
    }
}
