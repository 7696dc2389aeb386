//! Commands that save people as groups.

use crate::state::command::{Act, Availability, Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::picker::Purpose;
use crate::state::store::Store;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::GroupSave,
        name: "group_save",
        title: "Save these people as a group",
        word: "save group",
        help: "Save the people of this view, message or event as a group, under a name",
        group: Group::Act,
        context: KeyContext::Everywhere,
        availability: |store| match store.focus().people().is_empty() {
            false => Availability::Available,
            true => Availability::Unavailable("There is nobody here to save.".to_owned()),
        },
        act: |act| {
            let people = act.store.focus().people();
            act.store.begin_group(Purpose::SaveGroup, people, act.context, act.effects);
        },
    },
    Command {
        id: CommandId::GroupPerson,
        name: "group_person",
        title: "Put somebody into a group, or take them out",
        word: "groups",
        help: "Put the person under the cursor into a saved group, or take them out of it",
        group: Group::Act,
        context: KeyContext::Everywhere,
        availability: needs_person,
        act: |act: &mut Act<'_>| {
            let people = act.store.person_to_group().into_iter().collect();
            act.store.begin_group(Purpose::PersonGroup, people, act.context, act.effects);
        },
    },
    Command {
        id: CommandId::GroupRemove,
        name: "group_remove",
        title: "Remove a group",
        word: "remove group",
        help: "Remove a saved group, after a question; the people stay",
        group: Group::Program,
        context: KeyContext::Everywhere,
        availability: always,
        act: |act| act.store.begin_group(Purpose::RemoveGroup, Vec::new(), act.context, act.effects),
    },
];

fn needs_person(store: &Store) -> Availability {
    match store.person_to_group() {
        Some(_) => Availability::Available,
        None => Availability::Unavailable("Nobody with an address is under the cursor.".to_owned()),
    }
}
