//! Commands of one's own settings: automatic replies, working hours and zone, presence.

use crate::state::command::{Act, Availability, Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::layer::Layer;
use crate::state::own::replies::RepliesForm;
use crate::state::store::Store;

const fn going(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    availability: fn(&Store) -> Availability,
    act: fn(&mut Act<'_>),
) -> Command {
    Command { id, name, title, word, help, group: Group::Go, context: KeyContext::Everywhere, availability, act }
}

const fn inside(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    act: fn(&mut Act<'_>),
) -> Command {
    let context = KeyContext::OwnReplies;
    Command { id, name, title, word, help, group: Group::Act, context, availability: always, act }
}

/// The rows.
pub(super) const ROWS: &[Command] = &[
    going(
        CommandId::OwnReplies,
        "own_replies",
        "My automatic replies",
        "my replies",
        "See, set, schedule or end your automatic replies",
        Store::settings_open,
        |act| act.store.open_replies(act.context, act.effects),
    ),
    going(
        CommandId::OwnTime,
        "own_time",
        "My working hours and zone",
        "working hours",
        "See and change your working days, hours and zone",
        Store::settings_open,
        |act| act.store.open_time(act.context, act.effects),
    ),
    going(
        CommandId::OwnPresence,
        "own_presence",
        "My presence",
        "my presence",
        "See and choose how you are shown: available, busy, away, with a message",
        Store::presence_open,
        |act| act.store.open_presence(act.context, act.effects),
    ),
    Command {
        id: CommandId::OwnSave,
        name: "own_save",
        title: "Set what was changed",
        word: "set",
        help: "Set what was changed in the form of your own settings",
        group: Group::Act,
        context: KeyContext::Everywhere,
        availability: |store| match store.layers.last() {
            Some(Layer::OwnReplies(_) | Layer::OwnTime(_) | Layer::OwnPresence(_)) => Availability::Available,
            _ => Availability::Hidden,
        },
        act: |act| act.store.save_own(act.context, act.effects),
    },
    inside(
        CommandId::RepliesPreview,
        "replies_preview",
        "As others see it",
        "preview",
        "Show the texts as those get them who write to you",
        |act| act.store.with_replies(act.context, act.effects, |form, turn| form.preview(turn)),
    ),
    inside(
        CommandId::RepliesEditor,
        "replies_editor",
        "Write in the editor",
        "editor",
        "Write the text in the editor of VISUAL or EDITOR",
        |act| act.store.with_replies(act.context, act.effects, RepliesForm::edit_outside),
    ),
    inside(
        CommandId::RepliesEndNow,
        "replies_end_now",
        "End automatic replies now",
        "end now",
        "Turn automatic replies off now; the texts stay",
        |act| act.store.with_replies(act.context, act.effects, RepliesForm::end_now),
    ),
    inside(
        CommandId::RepliesAsSet,
        "replies_as_set",
        "Back to what is set",
        "as set",
        "Throw away what was typed here and show what is set",
        |act| act.store.with_replies(act.context, act.effects, RepliesForm::start_over),
    ),
];
