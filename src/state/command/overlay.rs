//! Commands of overlays that stand over any view: help and the error card.

use crate::state::command::{Command, CommandId, Group, always};
use crate::state::keys::KeyContext;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::FilterHelp,
        name: "filter_help",
        title: "Filter help",
        word: "filter",
        help: "Type to see only the lines of help with these words",
        group: Group::Act,
        context: KeyContext::Help,
        availability: always,
        act: |act| act.store.filter_help(),
    },
    Command {
        id: CommandId::CopyProblem,
        name: "copy_problem",
        title: "Copy the problem",
        word: "copy details",
        help: "Copy the problem with its details for support; it holds no token and no mail",
        group: Group::Act,
        context: KeyContext::Problem,
        availability: always,
        act: |act| act.store.copy_problem(act.effects),
    },
];
