//! Commands of the people and away views.

use crate::state::command::{Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::picker::Purpose;

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
        id: CommandId::AwayChoose,
        name: "away_choose",
        title: "Away: choose whose absences are shown",
        word: "whose",
        help: "Choose whose absences are shown: a team or a group; it is remembered",
        group: Group::Look,
        context: KeyContext::Away,
        availability: always,
        act: |act| act.store.begin_group(Purpose::AwayOf, Vec::new(), act.context, act.effects),
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
