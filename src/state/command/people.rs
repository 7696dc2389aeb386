//! Commands of the people and away views.

use crate::state::command::Command;

/// The rows.
pub(super) const ROWS: &[Command] = &[];
