//! Commands of the find-time view.

use crate::state::command::{Availability, Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::store::Store;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::FindAdd,
        name: "find_add",
        title: "Find time: add somebody",
        word: "add person",
        help: "Type a name or an address",
        group: Group::Act,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, _| screens.find_time.start_typing()),
    },
    Command {
        id: CommandId::FindRemove,
        name: "find_remove",
        title: "Find time: take somebody off",
        word: "take off",
        help: "Take the person under the cursor off the list",
        group: Group::Act,
        context: KeyContext::FindTime,
        availability: needs_person,
        act: |act| act.with(|screens, turn| screens.find_time.remove(turn)),
    },
    Command {
        id: CommandId::FindRequired,
        name: "find_required",
        title: "Find time: required or optional",
        word: "optional",
        help: "Switch the person under the cursor between required and optional",
        group: Group::Act,
        context: KeyContext::FindTime,
        availability: needs_person,
        act: |act| act.with(|screens, turn| screens.find_time.toggle_required(turn)),
    },
    Command {
        id: CommandId::FindNext,
        name: "find_next",
        title: "Find time: next suggestion",
        word: "next slot",
        help: "Propose the next time that suits",
        group: Group::Move,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.walk(1, turn)),
    },
    Command {
        id: CommandId::FindPrevious,
        name: "find_previous",
        title: "Find time: previous suggestion",
        word: "previous slot",
        help: "Propose the previous time that suits",
        group: Group::Move,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.walk(-1, turn)),
    },
    Command {
        id: CommandId::FindLength,
        name: "find_length",
        title: "Find time: length of the meeting",
        word: "minutes",
        help: "Take the next length: 30, 45, 60, 90 or 15 minutes",
        group: Group::Look,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.next_length(turn)),
    },
    Command {
        id: CommandId::FindWithinHours,
        name: "find_within_hours",
        title: "Find time: only within working hours",
        word: "own hours",
        help: "Suggest only times that suit everybody within their own hours, or all",
        group: Group::Look,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.toggle_within_hours(turn)),
    },
    Command {
        id: CommandId::FindFiner,
        name: "find_finer",
        title: "Find time: less, larger",
        word: "larger",
        help: "Show less and larger: two weeks, a week, a day",
        group: Group::Look,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.zoom(-1, turn)),
    },
    Command {
        id: CommandId::FindCoarser,
        name: "find_coarser",
        title: "Find time: more, smaller",
        word: "more days",
        help: "Show more and smaller: a day, a week, two weeks",
        group: Group::Look,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.zoom(1, turn)),
    },
    Command {
        id: CommandId::FindToday,
        name: "find_today",
        title: "Find time: today",
        word: "today",
        help: "Go to today",
        group: Group::Move,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.today(turn)),
    },
    Command {
        id: CommandId::FindCopySlots,
        name: "find_copy_slots",
        title: "Find time: copy times as text",
        word: "copy slots",
        help: "Copy the best times that suit everybody as text for a mail",
        group: Group::Act,
        context: KeyContext::FindTime,
        availability: needs_slots,
        act: |act| {
            let text = act.store.screens.find_time.slots_as_text(act.context.zone);
            act.effects.extend(text.map(crate::state::event::Effect::Copy));
        },
    },
];

fn needs_person(store: &Store) -> Availability {
    match store.screens.find_time.selected() {
        Some(_) => Availability::Available,
        None => Availability::Unavailable("Nobody is under the cursor.".to_owned()),
    }
}

fn needs_slots(store: &Store) -> Availability {
    let (suggestions, _) = store.screens.find_time.suggestions();
    if suggestions.iter().any(|each| each.free_required == each.of_required) {
        Availability::Available
    } else {
        Availability::Unavailable("No time shown suits everybody who is required.".to_owned())
    }
}
