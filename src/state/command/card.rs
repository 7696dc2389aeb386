//! Commands of the person card.

use crate::state::command::Command;

/// The rows.
pub(super) const ROWS: &[Command] = &[];
