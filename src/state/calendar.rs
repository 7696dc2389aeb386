//! The calendar.

use crate::domain::event::EventId;
use crate::state::command::CommandId;
use crate::state::keys::KeyContext;
use crate::state::surface::{Surface, Turn};
use jiff::civil::Date;

/// The calendar.
#[derive(Clone, Debug, Default)]
pub struct Calendar {}

impl Calendar {
    /// Shows a day, and puts the cursor on an event of it if one is named.
    pub fn show(&mut self, _date: Date, _event: Option<EventId>, _turn: &mut Turn<'_>) {}
}

impl Surface for Calendar {
    fn context(&self) -> KeyContext {
        KeyContext::Calendar
    }

    fn hints(&self) -> &'static [CommandId] {
        &[CommandId::Home, CommandId::Mail]
    }
}
