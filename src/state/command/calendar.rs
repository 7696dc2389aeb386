//! Commands of the calendar.

use crate::state::command::Command;

/// The rows.
pub(super) const ROWS: &[Command] = &[];
