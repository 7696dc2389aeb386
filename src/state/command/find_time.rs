//! Commands of the find-time view.

use crate::state::command::Command;

/// The rows.
pub(super) const ROWS: &[Command] = &[];
