//! Commands of one's own settings: automatic replies, working hours and zone, presence.

use crate::state::command::{Availability, Command, CommandId, Group};
use crate::state::keys::KeyContext;
use crate::state::layer::Layer;
use crate::state::own::replies::RepliesForm;
use crate::state::store::Store;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command::acting(
        CommandId::OwnReplies,
        "own_replies",
        "My automatic replies",
        "my replies",
        "See, set, schedule or end your automatic replies",
        |act| act.store.open_replies(act.context, act.effects),
    )
    .grouped(Group::Go)
    .when(Store::settings_open),
    Command::acting(
        CommandId::OwnTime,
        "own_time",
        "My working hours and zone",
        "working hours",
        "See and change your working days, hours and zone",
        |act| act.store.open_time(act.context, act.effects),
    )
    .grouped(Group::Go)
    .when(Store::settings_open),
    Command::acting(
        CommandId::OwnPresence,
        "own_presence",
        "My presence",
        "my presence",
        "See and choose how you are shown: available, busy, away, with a message",
        |act| act.store.open_presence(act.context, act.effects),
    )
    .grouped(Group::Go)
    .when(Store::presence_open),
    Command::acting(
        CommandId::OwnSave,
        "own_save",
        "Set what was changed",
        "set",
        "Set what was changed in the form of your own settings",
        |act| act.store.save_own(act.context, act.effects),
    )
    .when(in_own_form),
    Command::acting(
        CommandId::RepliesPreview,
        "replies_preview",
        "As others see it",
        "preview",
        "Show the texts as those get them who write to you",
        |act| act.store.with_layer(act.context, act.effects, Layer::as_replies, |form, turn| form.preview(turn)),
    )
    .within(KeyContext::OwnReplies),
    Command::acting(
        CommandId::RepliesEditor,
        "replies_editor",
        "Write in the editor",
        "editor",
        "Write the text in the editor of VISUAL or EDITOR",
        |act| act.store.with_layer(act.context, act.effects, Layer::as_replies, RepliesForm::edit_outside),
    )
    .within(KeyContext::OwnReplies),
    Command::acting(
        CommandId::RepliesEndNow,
        "replies_end_now",
        "End automatic replies now",
        "end now",
        "Turn automatic replies off now; the texts stay",
        |act| act.store.with_layer(act.context, act.effects, Layer::as_replies, RepliesForm::end_now),
    )
    .within(KeyContext::OwnReplies),
    Command::acting(
        CommandId::RepliesAsSet,
        "replies_as_set",
        "Back to what is set",
        "as set",
        "Throw away what was typed here and show what is set",
        |act| act.store.own_as_set(act.context, act.effects),
    )
    .when(in_own_form),
];

fn in_own_form(store: &Store) -> Availability {
    match store.layers.last() {
        Some(Layer::OwnReplies(_) | Layer::OwnTime(_) | Layer::OwnPresence(_)) => Availability::Available,
        _ => Availability::Hidden,
    }
}
