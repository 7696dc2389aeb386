//! Commands of a message that is written, of its review, of the outbox and of the drafts.

use crate::domain::intent::Settlement;
use crate::state::command::{Act, Availability, Command, CommandId, Group, always};
use crate::state::compose::Compose;
use crate::state::keys::KeyContext;
use crate::state::layer::Layer;
use crate::state::outbox::{OutboxPanel, may};
use crate::state::store::Store;

const fn row(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    context: KeyContext,
    act: fn(&mut Act<'_>),
) -> Command {
    Command { id, name, title, word, help, group: Group::Act, context, availability: always, act }
}

/// The same with a condition.
const fn when(row: Command, availability: fn(&Store) -> Availability) -> Command {
    Command { availability, ..row }
}

/// The rows.
pub(super) const ROWS: &[Command] = &[
    row(
        CommandId::ComposeSend,
        "compose_send",
        "Send",
        "send",
        "Send the message, after a look at what may be missing; it is held for a moment and can be stopped",
        KeyContext::Compose,
        |act| act.store.with_compose(act.context, act.effects, Compose::send),
    ),
    row(
        CommandId::ComposeEditor,
        "compose_editor",
        "Write in my editor",
        "editor",
        "Write the text in the editor of VISUAL or EDITOR",
        KeyContext::Compose,
        |act| act.store.with_compose(act.context, act.effects, Compose::edit_outside),
    ),
    row(
        CommandId::ComposeAttach,
        "compose_attach",
        "Attach a file",
        "attach",
        "Choose a file to attach",
        KeyContext::Compose,
        |act| act.store.with_compose(act.context, act.effects, Compose::choose_file),
    ),
    row(
        CommandId::ReviewSend,
        "review_send",
        "Send it",
        "send",
        "Send the message; it is held for a moment and can be stopped",
        KeyContext::Review,
        |act| act.store.with_compose(act.context, act.effects, Compose::send),
    ),
    row(
        CommandId::ReviewEdit,
        "review_edit",
        "Write on",
        "write on",
        "Go back to the text",
        KeyContext::Review,
        |act| act.store.with_compose(act.context, act.effects, |compose, _| compose.write_on()),
    ),
    row(
        CommandId::ReviewAttach,
        "review_attach",
        "Attach a file to it",
        "attach",
        "Choose a file to attach",
        KeyContext::Review,
        |act| act.store.with_compose(act.context, act.effects, Compose::choose_file),
    ),
    row(
        CommandId::ReviewPostpone,
        "review_postpone",
        "Put it aside",
        "put aside",
        "Keep the message as a draft and close it",
        KeyContext::Review,
        |act| act.store.with_compose(act.context, act.effects, Compose::postpone),
    ),
    row(
        CommandId::ReviewDiscard,
        "review_discard",
        "Throw it away",
        "throw away",
        "Throw the message away, after a question",
        KeyContext::Review,
        |act| {
            let written = act.store.layers.iter().rev().find_map(|layer| match layer {
                Layer::Compose(compose) => Some((compose.id(), compose.label())),
                _ => None,
            });
            match written {
                Some((Some(draft), label)) => act.store.ask_discard(draft, &label),
                Some((None, _)) => act.store.with_compose(act.context, act.effects, |compose, turn| {
                    compose.do_later(CommandId::ReviewDiscard, turn);
                }),
                None => {}
            }
        },
    ),
    deciding(
        CommandId::OutboxRetry,
        "outbox_retry",
        "Try this change again now",
        "try again",
        "Ask the service again now",
        Settlement::Retry,
    ),
    deciding(
        CommandId::OutboxCancel,
        "outbox_cancel",
        "Take this change back",
        "take back",
        "Take the change back; a message that was to be sent becomes a draft again",
        Settlement::Cancel,
    ),
    deciding(
        CommandId::OutboxKeepMine,
        "outbox_keep_mine",
        "Keep mine",
        "keep mine",
        "Do it over what somebody else did meanwhile",
        Settlement::KeepMine,
    ),
    deciding(
        CommandId::OutboxKeepTheirs,
        "outbox_keep_theirs",
        "Keep theirs",
        "keep theirs",
        "Give the change up for what somebody else did meanwhile",
        Settlement::KeepTheirs,
    ),
    when(
        row(
            CommandId::DraftsDiscard,
            "drafts_discard",
            "Throw this draft away",
            "throw away",
            "Throw the draft under the cursor away, after a question",
            KeyContext::Drafts,
            |act| {
                if let Some((draft, label)) = draft_on_top(act.store) {
                    act.store.ask_discard(draft, &label);
                }
            },
        ),
        |store| match draft_on_top(store) {
            Some(_) => Availability::Available,
            None => Availability::Unavailable("No draft is under the cursor.".to_owned()),
        },
    ),
    row(
        CommandId::DraftsFolder,
        "drafts_folder",
        "Open the Drafts folder",
        "folder",
        "Open the folder of drafts of the mailbox",
        KeyContext::Drafts,
        |act| act.store.go_to_drafts(act.context, act.effects),
    ),
];

/// What a row does.
type Doing = fn(&mut Act<'_>);
/// Whether it can be done.
type Asking = fn(&Store) -> Availability;

const fn deciding(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    how: Settlement,
) -> Command {
    // A row holds plain functions, so each decision names its own.
    let (act, availability): (Doing, Asking) = match how {
        Settlement::Retry => (|act| settle(act, Settlement::Retry), |store| can(store, Settlement::Retry)),
        Settlement::Cancel => (|act| settle(act, Settlement::Cancel), |store| can(store, Settlement::Cancel)),
        Settlement::KeepMine => (|act| settle(act, Settlement::KeepMine), |store| can(store, Settlement::KeepMine)),
        Settlement::KeepTheirs => {
            (|act| settle(act, Settlement::KeepTheirs), |store| can(store, Settlement::KeepTheirs))
        }
    };
    when(row(id, name, title, word, help, KeyContext::Outbox, act), availability)
}

fn settle(act: &mut Act<'_>, how: Settlement) {
    act.store.with_layer(act.context, act.effects, Layer::as_outbox, |panel, turn| panel.settle(how, turn));
}

fn can(store: &Store, how: Settlement) -> Availability {
    match on_top(store).and_then(OutboxPanel::current) {
        None => Availability::Unavailable("Nothing is under the cursor.".to_owned()),
        Some(item) => match may(item, how) {
            Ok(()) => Availability::Available,
            Err(reason) => Availability::Unavailable(reason.to_owned()),
        },
    }
}

fn on_top(store: &Store) -> Option<&OutboxPanel> {
    store.layers.iter().rev().find_map(|layer| match layer {
        Layer::Outbox(panel) => Some(panel),
        _ => None,
    })
}

fn draft_on_top(store: &Store) -> Option<(crate::domain::draft::DraftId, String)> {
    let panel = store.layers.iter().rev().find_map(|layer| match layer {
        Layer::Drafts(panel) => Some(panel),
        _ => None,
    })?;
    panel.current().map(|draft| (draft.id, draft.label().to_owned()))
}
