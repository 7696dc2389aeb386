//! Commands of the people and away views.

use crate::state::command::{Command, CommandId, Group, always};
use crate::state::keys::KeyContext;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::AwayMoreWeeks,
        name: "away_more_weeks",
        title: "Away: a week more",
        word: "more weeks",
        help: "Show a week more of the board",
        group: Group::Look,
        context: KeyContext::Away,
        availability: always,
        act: |act| act.with(|screens, turn| screens.away.change_weeks(1, turn)),
    },
    Command {
        id: CommandId::AwayFewerWeeks,
        name: "away_fewer_weeks",
        title: "Away: a week less",
        word: "fewer weeks",
        help: "Show a week less of the board",
        group: Group::Look,
        context: KeyContext::Away,
        availability: always,
        act: |act| act.with(|screens, turn| screens.away.change_weeks(-1, turn)),
    },
    Command {
        id: CommandId::AwayToday,
        name: "away_today",
        title: "Away: today",
        word: "today",
        help: "Let the board begin today",
        group: Group::Move,
        context: KeyContext::Away,
        availability: always,
        act: |act| act.with(|screens, turn| screens.away.today(turn)),
    },
];
