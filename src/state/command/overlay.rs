//! Commands of overlays that stand over any view: help, pages, the error card, the doctor's panel.

use crate::state::command::{Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::surface::CopyPart;

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
    Command {
        id: CommandId::CopyPage,
        name: "copy_page",
        title: "Copy the page",
        word: "copy",
        help: "Copy the whole page as text",
        group: Group::Act,
        context: KeyContext::Page,
        availability: always,
        act: |act| act.store.copy(CopyPart::Details, act.context, act.effects),
    },
    Command {
        id: CommandId::DoctorAgain,
        name: "doctor_again",
        title: "Examine again",
        word: "again",
        help: "Examine everything again",
        group: Group::Act,
        context: KeyContext::Doctor,
        availability: always,
        act: |act| act.store.examine_again(act.context, act.effects),
    },
    Command {
        id: CommandId::DoctorCopy,
        name: "doctor_copy",
        title: "Copy the report for support",
        word: "copy for support",
        help: "Copy every check for support; it holds no token and no mail",
        group: Group::Act,
        context: KeyContext::Doctor,
        availability: always,
        act: |act| act.store.copy(CopyPart::Details, act.context, act.effects),
    },
];
