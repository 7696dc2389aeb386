//! Commands of the person card.

use crate::domain::draft::DraftKind;
use crate::state::command::everywhere::may_send;
use crate::state::command::{Availability, Command, CommandId, Group};
use crate::state::keys::KeyContext;
use crate::state::layer::Layer;
use crate::state::store::Store;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::CardBack,
        name: "card_back",
        title: "Back to the card before",
        word: "back",
        help: "Go back to the card this one was opened from",
        group: Group::Move,
        context: KeyContext::Card,
        availability: has_card_before,
        act: |act| {
            act.store.layers.pop();
        },
    },
    Command {
        id: CommandId::CardWrite,
        name: "card_write",
        title: "Write to this person",
        word: "write",
        help: "Begin a message to the person on the card",
        group: Group::Act,
        context: KeyContext::Card,
        availability: may_send,
        act: |act| {
            let people = act.store.focus().people();
            act.store.compose(DraftKind::New, None, act.context, act.effects);
            act.store.with_compose(act.context, act.effects, |compose, _| compose.address(people));
        },
    },
];

fn has_card_before(store: &Store) -> Availability {
    let mut cards = store.layers.iter().rev();
    match (cards.next(), cards.next()) {
        (Some(Layer::Card(_)), Some(Layer::Card(_))) => Availability::Available,
        _ => Availability::Unavailable("This is the first card.".to_owned()),
    }
}
