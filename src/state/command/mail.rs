//! Commands of the mail view.

use crate::domain::account::Feature;
use crate::domain::draft::DraftKind;
use crate::state::command::everywhere::may_send;
use crate::state::command::{Act, Availability, Command, CommandId, Group, always};
use crate::state::keys::KeyContext;
use crate::state::mail::acts::MailAct;
use crate::state::mail::search::Purpose as SearchPurpose;
use crate::state::picker::Purpose;
use crate::state::store::Store;
use crate::state::surface::Step;

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
        id: CommandId::Search,
        name: "search",
        title: "Search mail",
        word: "search",
        help: "Search mail as you type: words, from:, to:, subject:, body:, in:, is:unread, has:attachment, before:, after:, on:",
        group: Group::Go,
        context: KeyContext::Mail,
        availability: always,
        act: |act| act.with(|screens, turn| screens.mail.begin_search(SearchPurpose::Words, turn)),
    },
    Command {
        id: CommandId::NextMatch,
        name: "next_match",
        title: "Next hit",
        word: "next hit",
        help: "Go to the next hit of the search, and read it",
        group: Group::Move,
        context: KeyContext::Mail,
        availability: needs_search,
        act: |act| act.with(|screens, turn| screens.mail.next_match(true, turn)),
    },
    Command {
        id: CommandId::PreviousMatch,
        name: "previous_match",
        title: "Previous hit",
        word: "previous hit",
        help: "Go to the previous hit of the search, and read it",
        group: Group::Move,
        context: KeyContext::Mail,
        availability: needs_search,
        act: |act| act.with(|screens, turn| screens.mail.next_match(false, turn)),
    },
    Command {
        id: CommandId::MailDate,
        name: "mail_date",
        title: "Go to a date",
        word: "date",
        help: "Go to the messages of a day: 2026-03-14, 2026-03, yesterday, 7d",
        group: Group::Move,
        context: KeyContext::Mail,
        availability: always,
        act: |act| act.with(|screens, turn| screens.mail.begin_search(SearchPurpose::Date, turn)),
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
    Command {
        availability: needs_target,
        ..acting(
            CommandId::MailSelect,
            "mail_select",
            "Select",
            "select",
            "Select the message and go down; in the reader turn the page",
            |act| act.with(|screens, turn| screens.mail.select(turn)),
        )
    },
    Command {
        availability: needs_target,
        ..acting(
            CommandId::MailRange,
            "mail_range",
            "Select a range",
            "range",
            "Begin or end a range of selected messages",
            |act| act.with(|screens, turn| screens.mail.select_range(turn)),
        )
    },
    Command {
        availability: needs_target,
        ..acting(
            CommandId::MailAll,
            "mail_all",
            "Select the whole folder, or all hits",
            "select all",
            "Select all messages of this folder that are on this computer, or all hits of the search",
            |act| act.with(|screens, turn| screens.mail.select_all(turn)),
        )
    },
    Command {
        availability: needs_target,
        ..acting(
            CommandId::MailPattern,
            "mail_pattern",
            "Select by words",
            "select by words",
            "Select the loaded messages of this folder that have these words",
            |act| act.with(|_, turn| turn.step(Step::Pick(Purpose::Select))),
        )
    },
    acting(CommandId::MailReply, "mail_reply", "Reply", "reply", "Answer the sender", |act| {
        answer(act, DraftKind::Reply)
    }),
    acting(
        CommandId::MailReplyAll,
        "mail_reply_all",
        "Reply to all",
        "reply all",
        "Answer the sender and all who got it",
        |act| answer(act, DraftKind::ReplyAll),
    ),
    acting(
        CommandId::MailForward,
        "mail_forward",
        "Forward",
        "forward",
        "Pass the message on, with what hangs on it",
        |act| answer(act, DraftKind::Forward),
    ),
    Command {
        availability: needs_target,
        ..acting(
            CommandId::MailSave,
            "mail_save",
            "Save to a file",
            "save",
            "Save what is selected, or the message or what hangs on it, into new files of the downloads",
            |act| act.with(|screens, turn| screens.mail.save(turn)),
        )
    },
    changing(
        CommandId::MailArchive,
        "mail_archive",
        "Archive",
        "archive",
        "Move what is selected to the archive",
        |act| act.with(|screens, turn| screens.mail.act(MailAct::Archive, turn)),
    ),
    changing(
        CommandId::MailDelete,
        "mail_delete",
        "Delete",
        "delete",
        "Move what is selected to the deleted items",
        |act| act.with(|screens, turn| screens.mail.act(MailAct::Delete, turn)),
    ),
    changing(
        CommandId::MailDeleteForEver,
        "mail_delete_for_ever",
        "Delete for ever",
        "delete for ever",
        "Delete what is selected for ever, after a question",
        |act| act.with(|screens, turn| screens.mail.doom(turn)),
    ),
    changing(
        CommandId::MailMove,
        "mail_move",
        "Move to a folder",
        "move",
        "Move what is selected to a folder",
        |act| act.with(|_, turn| turn.step(Step::Pick(Purpose::Move))),
    ),
    changing(
        CommandId::MailFlag,
        "mail_flag",
        "Flag on or off",
        "flag",
        "Flag what is selected, or take the flags off",
        |act| act.with(|screens, turn| screens.mail.act(MailAct::Flag, turn)),
    ),
    changing(
        CommandId::MailRead,
        "mail_read",
        "Read or unread",
        "read/unread",
        "Mark what is selected as read, or as unread if all of it is read",
        |act| act.with(|screens, turn| screens.mail.act(MailAct::Read, turn)),
    ),
    changing(
        CommandId::MailCategory,
        "mail_category",
        "Category",
        "category",
        "Put a category on what is selected, or take it off",
        |act| act.with(|_, turn| turn.step(Step::Pick(Purpose::Categorise))),
    ),
];

/// A row about the message under the cursor that sends something.
const fn acting(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    act: fn(&mut Act<'_>),
) -> Command {
    Command::acting(id, name, title, word, help, act).within(KeyContext::Mail).when(|store| {
        match (may_send(store), needs_target(store)) {
            (Availability::Available, target) => target,
            (closed, _) => closed,
        }
    })
}

/// A row that changes what is selected.
const fn changing(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    act: fn(&mut Act<'_>),
) -> Command {
    acting(id, name, title, word, help, act).when(|store| match store.session.why_not(Feature::MailWrite) {
        Some(why) => Availability::Unavailable(why),
        None => needs_target(store),
    })
}

fn needs_target(store: &Store) -> Availability {
    match store.screens.mail.has_target() {
        true => Availability::Available,
        false => Availability::Unavailable("No message is under the cursor.".to_owned()),
    }
}

fn answer(act: &mut Act<'_>, kind: DraftKind) {
    let about = act.store.screens.mail.list.selected().map(|row| row.message.id.clone());
    act.store.compose(kind, about, act.context, act.effects);
}

fn needs_search(store: &Store) -> Availability {
    match store.screens.mail.list.searched() {
        Some(_) => Availability::Available,
        None => Availability::Unavailable("Nothing is searched for.".to_owned()),
    }
}

fn needs_message(store: &Store) -> Availability {
    match store.screens.mail.reader.message() {
        Some(_) => Availability::Available,
        None => Availability::Unavailable("No message is open.".to_owned()),
    }
}
