//! Commands of the find-time view.

use crate::domain::account::Feature;
use crate::state::command::{Availability, Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::store::Store;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::FindAdd,
        name: "find_add",
        title: "Find time: add somebody",
        word: "add",
        help: "Type a name or an address",
        group: Group::Act,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, _| screens.find_time.start_typing()),
    },
    Command {
        id: CommandId::FindRoom,
        name: "find_room",
        title: "Find time: with a room",
        word: "room",
        help: "Look for a time at which a room is free: any of a building with enough seats, or a certain one",
        group: Group::Act,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.store.ask_rooms(act.context, act.effects),
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
        help: "Take the next length: 30, 45, 60, 90 or 15 minutes; any other is marked or typed as a time with an end",
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
        id: CommandId::FindDate,
        name: "find_date",
        title: "Find time: go to a date or time",
        word: "date",
        help: "Go to a date or a time as people say it: tomorrow 3pm, next tue 2-3pm, 24 nov",
        group: Group::Move,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.start_jump(turn)),
    },
    Command {
        id: CommandId::FindMark,
        name: "find_mark",
        title: "Find time: mark a range",
        word: "mark",
        help: "Begin or end a range of time; it is then what is proposed, and how long",
        group: Group::Move,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.toggle_mark(turn)),
    },
    Command {
        id: CommandId::FindMarkRight,
        name: "find_mark_right",
        title: "Find time: mark one step more",
        word: "mark more",
        help: "Mark one step more of the day",
        group: Group::Move,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.extend_mark(1, turn)),
    },
    Command {
        id: CommandId::FindMarkLeft,
        name: "find_mark_left",
        title: "Find time: mark one step back",
        word: "mark back",
        help: "Mark one step towards the morning",
        group: Group::Move,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.extend_mark(-1, turn)),
    },
    Command {
        id: CommandId::FindStep,
        name: "find_step",
        title: "Find time: steps of the grid",
        word: "steps",
        help: "Take the next size of steps: as fine as fits, 5, 10, 15, 30 or 60 minutes",
        group: Group::Look,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.next_resolution(turn)),
    },
    Command {
        id: CommandId::FindSort,
        name: "find_sort",
        title: "Find time: sort the people",
        word: "sort",
        help: "Sort people as added, by name, free ones first, or required ones first",
        group: Group::Look,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.next_order(turn)),
    },
    Command {
        id: CommandId::FindSecondZone,
        name: "find_second_zone",
        title: "Find time: second zone",
        word: "second zone",
        help: "Show or hide the hours of the second zone of the configuration",
        group: Group::Look,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.toggle_second_zone(turn)),
    },
    Command {
        id: CommandId::FindCopyZones,
        name: "find_copy_zones",
        title: "Find time: zones of copied times",
        word: "copy zones",
        help: "Copy times in your own zone only, or also in the zones of those you meet",
        group: Group::Look,
        context: KeyContext::FindTime,
        availability: always,
        act: |act| act.with(|screens, turn| screens.find_time.toggle_copy_zones(turn)),
    },
    Command {
        id: CommandId::FindOpinion,
        name: "find_opinion",
        title: "Find time: ask the service for its own suggestions",
        word: "second opinion",
        help: "Show what Microsoft 365 itself suggests, with its reasons in its words",
        group: Group::Act,
        context: KeyContext::FindTime,
        availability: needs_meeting_times,
        act: |act| act.with(|screens, turn| screens.find_time.ask_opinion(turn)),
    },
    Command {
        id: CommandId::FindCopySlots,
        name: "find_copy_slots",
        title: "Find time: copy times as text",
        word: "copy best four",
        help: "Copy the times that were picked as text for a mail; without any, the best four that suit everybody",
        group: Group::Act,
        context: KeyContext::FindTime,
        availability: needs_slots,
        act: |act| {
            let text = act.store.screens.find_time.slots_as_text(act.context.zone);
            act.effects.extend(text.map(crate::state::event::Effect::Copy));
        },
    },
    Command::acting(
        CommandId::FindPick,
        "find_pick",
        "Find time: pick a time to copy",
        "pick",
        "Pick the proposed time to be copied, or let it go again; the next suggestion is proposed then",
        |act| act.with(|screens, turn| screens.find_time.toggle_pick(turn)),
    )
    .within(KeyContext::FindTime),
];

fn needs_person(store: &Store) -> Availability {
    match store.screens.find_time.selected() {
        Some(_) => Availability::Available,
        None => Availability::Unavailable("Nobody is under the cursor.".to_owned()),
    }
}

fn needs_meeting_times(store: &Store) -> Availability {
    match store.session.closed(Feature::MeetingTimes) {
        None => Availability::Available,
        Some(report) => Availability::Unavailable(report.what),
    }
}

fn needs_slots(store: &Store) -> Availability {
    let view = &store.screens.find_time;
    let (suggestions, _) = view.suggestions();
    if !view.picks().is_empty() || suggestions.iter().any(|each| each.free_required == each.of_required) {
        Availability::Available
    } else {
        Availability::Unavailable("No time shown suits everybody who is required.".to_owned())
    }
}
