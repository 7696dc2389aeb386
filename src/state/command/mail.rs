//! Commands of the mail view.

use crate::state::command::{Availability, Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::store::Store;

/// The rows.
pub(super) const ROWS: &[Command] = &[
    Command {
        id: CommandId::NextUnread,
        name: "next_unread",
        title: "Next unread message",
        word: "next unread",
        help: "Go to the next unread message of this folder, older ones first",
        group: Group::Go,
        context: KeyContext::Mail,
        availability: always,
        act: |act| act.with(|screens, turn| screens.mail.next_unread(turn)),
    },
    Command {
        id: CommandId::FoldQuotes,
        name: "fold_quotes",
        title: "Fold or unfold quoted text",
        word: "quotes",
        help: "Fold or unfold the quoted text of this message",
        group: Group::Look,
        context: KeyContext::Mail,
        availability: needs_message,
        act: |act| act.with(|screens, turn| screens.mail.reader.toggle_quotes(turn)),
    },
    Command {
        id: CommandId::AllHeaders,
        name: "all_headers",
        title: "All header lines, or few",
        word: "headers",
        help: "Show every recipient and header line of this message, or only the few",
        group: Group::Look,
        context: KeyContext::Mail,
        availability: needs_message,
        act: |act| act.with(|screens, _| screens.mail.reader.toggle_headers()),
    },
    Command {
        id: CommandId::Folders,
        name: "folders",
        title: "Folders",
        word: "folders",
        help: "Go to the folders",
        group: Group::Go,
        context: KeyContext::Mail,
        availability: always,
        act: |act| act.with(|screens, turn| screens.mail.focus_folders(turn)),
    },
];

fn needs_message(store: &Store) -> Availability {
    match store.screens.mail.reader.message() {
        Some(_) => Availability::Available,
        None => Availability::Unavailable("No message is open.".to_owned()),
    }
}
