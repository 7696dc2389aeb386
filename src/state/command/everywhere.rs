//! Commands that hold in every view: moving, going, copying, the program itself.

use crate::domain::account::Feature;
use crate::domain::draft::DraftKind;
use crate::domain::mail::FolderRole;
use crate::state::command::accounts::people_only;
use crate::state::command::{Act, Availability, Command, CommandId, Group};
use crate::state::event::Effect;
use crate::state::keys::KeyContext;
use crate::state::store::Store;
use crate::state::surface::{CopyPart, Motion, Step, View};

/// What a lookup falls back to; it is in no table and does nothing.
pub(super) const NOTHING: Command = Command {
    id: CommandId::Redraw,
    name: "",
    title: "",
    word: "",
    help: "",
    group: Group::Program,
    context: KeyContext::Everywhere,
    availability: |_| Availability::Hidden,
    act: |_| {},
};

/// A row that holds everywhere.
const fn row(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    group: Group,
    act: fn(&mut Act<'_>),
) -> Command {
    Command::acting(id, name, title, word, help, act).grouped(group)
}

/// The same with a condition.
const fn when(row: Command, availability: fn(&Store) -> Availability) -> Command {
    row.when(availability)
}

/// Whether a message may be sent, so that writing one makes sense.
pub(super) fn may_send(store: &Store) -> Availability {
    store.session.why_not(Feature::MailSend).map_or(Availability::Available, Availability::Unavailable)
}

/// The rows.
pub(super) const ROWS: &[Command] = &[
    row(CommandId::Open, "open", "Open", "open", "Open what is under the cursor", Group::Act, |act| {
        act.store.open(act.context, act.effects)
    }),
    when(
        row(
            CommandId::PersonCard,
            "person_card",
            "Person card",
            "card",
            "Show who is under the cursor: presence, reply, today",
            Group::Act,
            |act| {
                if let Some(person) = act.store.focus().person() {
                    act.with(|_, turn| turn.step(Step::Card(person)));
                }
            },
        ),
        |store| match store.focus().person() {
            Some(_) => Availability::Available,
            None => Availability::Unavailable("Nobody is under the cursor.".to_owned()),
        },
    ),
    when(
        row(
            CommandId::FindTimeWith,
            "find_time_with",
            "Find a time with these people",
            "find time",
            "Look for a time with the people of this message, event or card",
            Group::Act,
            |act| {
                let people = act.store.focus().people();
                act.with(|_, turn| turn.step(Step::FindTime(people)));
            },
        ),
        |store| match (store.session.is_open(Feature::FreeBusy), store.focus().people().is_empty()) {
            (false, _) => {
                Availability::Unavailable("Reading calendars was not granted; sign in again to allow it.".to_owned())
            }
            (true, true) => Availability::Unavailable("Nobody is under the cursor.".to_owned()),
            (true, false) => Availability::Available,
        },
    ),
    when(
        row(
            CommandId::OpenOutside,
            "open_outside",
            "Open link outside",
            "links",
            "Open a link, a meeting or the web page outside",
            Group::Act,
            |act| act.store.open_outside(act.context, act.effects),
        ),
        |store| match store.has_links() {
            true => Availability::Available,
            false => Availability::Unavailable("There is no link here.".to_owned()),
        },
    ),
    copying(
        CommandId::CopyLine,
        "copy_line",
        "Copy the line",
        "copy",
        "Copy the line under the cursor",
        CopyPart::Line,
    ),
    copying(
        CommandId::CopyAddress,
        "copy_address",
        "Copy the address",
        "copy address",
        "Copy the address of the person under the cursor",
        CopyPart::Address,
    ),
    copying(
        CommandId::CopyLink,
        "copy_link",
        "Copy the link",
        "copy link",
        "Copy the link of what is under the cursor",
        CopyPart::Link,
    ),
    copying(
        CommandId::CopyDetails,
        "copy_details",
        "Copy the details",
        "copy details",
        "Copy everything known about what is under the cursor",
        CopyPart::Details,
    ),
    moving(CommandId::Next, "next", "Next", "next", "Go down one"),
    moving(CommandId::Previous, "previous", "Previous", "previous", "Go up one"),
    moving(CommandId::Left, "left", "Left", "left", "Go left: pane, day or time"),
    moving(CommandId::Right, "right", "Right", "right", "Go right: pane, day or time"),
    moving(CommandId::First, "first", "First", "first", "Go to the first"),
    moving(CommandId::Last, "last", "Last", "last", "Go to the last"),
    moving(CommandId::HalfPageDown, "half_page_down", "Half a page down", "half page", "Go down half a page"),
    moving(CommandId::HalfPageUp, "half_page_up", "Half a page up", "half page", "Go up half a page"),
    moving(CommandId::PageDown, "page_down", "Page down", "page", "Go down a page"),
    moving(CommandId::PageUp, "page_up", "Page up", "page", "Go up a page"),
    moving(CommandId::NextPane, "next_pane", "Next pane", "next pane", "Go to the next pane or field"),
    moving(
        CommandId::PreviousPane,
        "previous_pane",
        "Previous pane",
        "previous pane",
        "Go to the previous pane or field",
    ),
    moving(
        CommandId::NextThing,
        "next_thing",
        "Next message, day or week",
        "next",
        "Go to the next message, day or week",
    ),
    moving(
        CommandId::PreviousThing,
        "previous_thing",
        "Previous message, day or week",
        "previous",
        "Go to the previous message, day or week",
    ),
    moving(
        CommandId::NextGroup,
        "next_group",
        "Bigger step forward",
        "forward",
        "Take a bigger step forward: day of mail, month, week",
    ),
    moving(
        CommandId::PreviousGroup,
        "previous_group",
        "Bigger step back",
        "back",
        "Take a bigger step back: day of mail, month, week",
    ),
    row(CommandId::Close, "close", "Close", "close", "Close or leave what is open; never quits", Group::Move, |act| {
        act.store.close(act.context, act.effects);
    }),
    row(
        CommandId::Back,
        "back",
        "Back, at the top quit",
        "back",
        "Close what is on top; at the top of a view quit",
        Group::Program,
        |act| {
            if !act.store.close(act.context, act.effects) {
                act.store.leave(act.context, act.effects);
            }
        },
    ),
    row(
        CommandId::HistoryBack,
        "history_back",
        "Back in history",
        "back",
        "Go back to the view before",
        Group::Go,
        |act| act.store.history_step(false, act.context, act.effects),
    ),
    row(
        CommandId::HistoryForward,
        "history_forward",
        "Forward in history",
        "forward",
        "Go forward again",
        Group::Go,
        |act| act.store.history_step(true, act.context, act.effects),
    ),
    going(CommandId::Home, "home", "Home", "home", "Show today, the newest mail and who is away", |act| {
        act.store.go(View::Home, act.context, act.effects)
    }),
    going(CommandId::Mail, "mail", "Mail", "mail", "Show folders, messages and the reader", |act| {
        act.store.go(View::Mail, act.context, act.effects)
    }),
    going(CommandId::Calendar, "calendar", "Calendar", "calendar", "Show the calendar", |act| {
        act.store.go(View::Calendar, act.context, act.effects)
    }),
    going(CommandId::FindTime, "find_time", "Find time", "find time", "See when several people are free", |act| {
        act.store.go(View::FindTime, act.context, act.effects)
    }),
    going(CommandId::People, "people", "People", "people", "Look up people of the directory", |act| {
        act.store.go(View::People, act.context, act.effects)
    }),
    going(CommandId::Away, "away", "Who is away: open board", "away", "See who is away, by day", |act| {
        act.store.go(View::Away, act.context, act.effects)
    }),
    going(CommandId::Inbox, "inbox", "Go to the inbox", "inbox", "Open the inbox", |act| {
        act.store.go_to_folder(FolderRole::Inbox, act.context, act.effects)
    }),
    going(CommandId::Sent, "sent", "Go to sent mail", "sent", "Open the folder of sent mail", |act| {
        act.store.go_to_folder(FolderRole::Sent, act.context, act.effects)
    }),
    going(
        CommandId::Drafts,
        "drafts",
        "Drafts",
        "drafts",
        "Show what was begun and not sent; Enter writes on",
        |act| act.store.open_drafts(act.context, act.effects),
    ),
    going(
        CommandId::Outbox,
        "outbox",
        "Outbox",
        "outbox",
        "Show which changes wait for the service, why, and what can be done",
        |act| act.store.open_outbox(act.context, act.effects),
    ),
    when(
        row(CommandId::Compose, "compose", "Write a message", "write", "Begin a new message", Group::Act, |act| {
            act.store.compose(DraftKind::New, None, act.context, act.effects)
        }),
        may_send,
    ),
    row(
        CommandId::Undo,
        "undo",
        "Undo",
        "undo",
        "Take back the last change: filed, flagged, deleted, or on its way out",
        Group::Act,
        |act| act.with(|_, turn| turn.undo()),
    ),
    going(CommandId::Deleted, "deleted", "Go to deleted mail", "deleted", "Open the folder of deleted mail", |act| {
        act.store.go_to_folder(FolderRole::Deleted, act.context, act.effects)
    }),
    program(
        CommandId::Palette,
        "palette",
        "Command palette",
        "commands",
        "Find any command, folder or person by name",
        |act| act.store.open_palette(act.context, act.effects),
    ),
    program(CommandId::Help, "help", "Help", "help", "Show the keys of what has the focus", |act| {
        act.store.open_help(act.context, act.effects)
    }),
    when(
        program(
            CommandId::ShowProblem,
            "show_problem",
            "Show the problem",
            "explain",
            "Explain the problem that is announced, and what to do",
            |act| act.store.show_problem(act.context, act.effects),
        ),
        |store| match store.announced_problem() {
            Some(_) => Availability::Available,
            None => Availability::Hidden,
        },
    ),
    program(
        CommandId::Calls,
        "calls",
        "Recent calls",
        "calls",
        "Show the last calls to the service: when, what, as whom, and how they ended",
        |act| act.store.open_calls(act.context, act.effects),
    ),
    program(
        CommandId::Doctor,
        "doctor",
        "Doctor: find out what is wrong",
        "doctor",
        "Examine sign-in, permissions, network and clock, and say what to do",
        |act| act.store.open_doctor(act.context, act.effects),
    ),
    when(
        program(CommandId::Fetch, "fetch", "Fetch now", "fetch", "Ask the service for news now", |act| {
            act.store.fetch(act.context, act.effects)
        }),
        |store| match store.session.is_signed_out() {
            true => Availability::Unavailable("Nobody is signed in.".to_owned()),
            false => Availability::Available,
        },
    ),
    when(
        program(
            CommandId::PauseFetching,
            "pause_fetching",
            "Pause fetching ahead",
            "pause",
            "No long work for now: other folders and message texts wait; what you open is fetched",
            |act| act.effects.push(Effect::Pause(true)),
        ),
        |store| match (store.session.is_signed_out(), store.session.sync.is_paused) {
            (true, _) => Availability::Unavailable("Nobody is signed in.".to_owned()),
            (false, true) => Availability::Hidden,
            (false, false) => Availability::Available,
        },
    ),
    when(
        program(
            CommandId::ResumeFetching,
            "resume_fetching",
            "Go on fetching ahead",
            "go on",
            "Let long work go on where it stopped",
            |act| act.effects.push(Effect::Pause(false)),
        ),
        |store| if store.session.sync.is_paused { Availability::Available } else { Availability::Hidden },
    ),
    program(
        CommandId::Redraw,
        "redraw",
        "Draw the screen again",
        "redraw",
        "Clear the terminal and draw everything again",
        |act| act.effects.push(Effect::Redraw),
    ),
    program(
        CommandId::Suspend,
        "suspend",
        "Suspend",
        "suspend",
        "Hand the terminal back to the shell; fg returns",
        |act| act.effects.push(Effect::Suspend),
    ),
    program(
        CommandId::ToggleMouse,
        "toggle_mouse",
        "Mouse on or off",
        "mouse",
        "Switch the mouse on or off for this session",
        |act| {
            act.store.session.mouse = !act.store.session.mouse;
            let is_on = act.store.session.mouse;
            act.effects.push(Effect::Mouse(is_on));
            act.tell(if is_on { "The mouse is on." } else { "The mouse is off; the terminal selects text." });
        },
    ),
    program(
        CommandId::SignIn,
        "sign_in",
        "Sign in, or sign in again",
        "sign in",
        "Sign in, or sign in again with what was granted since",
        |act| act.store.open_sign_in(act.context, act.effects),
    ),
    when(
        program(
            CommandId::SignOut,
            "sign_out",
            "Sign out",
            "sign out",
            "Sign out and forget the tokens and the mail kept on this computer, after a question",
            |act| act.store.ask_sign_out(),
        ),
        people_only,
    ),
    program(
        CommandId::Accounts,
        "accounts",
        "Accounts",
        "accounts",
        "Show who is signed in, how long the token lasts and where it is kept; use another account",
        |act| act.store.open_accounts(act.context, act.effects),
    ),
    program(CommandId::Quit, "quit", "Quit", "quit", "Leave the program; with things unsent it asks once", |act| {
        act.store.leave(act.context, act.effects)
    }),
];

const fn moving(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
) -> Command {
    // A row holds a plain function, so the motion is found from the id: one match instead of sixteen closures.
    row(
        id,
        name,
        title,
        word,
        help,
        Group::Move,
        match id {
            CommandId::Next => |act| act.motion(Motion::Next),
            CommandId::Previous => |act| act.motion(Motion::Previous),
            CommandId::Left => |act| act.motion(Motion::Left),
            CommandId::Right => |act| act.motion(Motion::Right),
            CommandId::First => |act| act.motion(Motion::First),
            CommandId::Last => |act| act.motion(Motion::Last),
            CommandId::HalfPageDown => |act| act.motion(Motion::HalfPageDown),
            CommandId::HalfPageUp => |act| act.motion(Motion::HalfPageUp),
            CommandId::PageDown => |act| act.motion(Motion::PageDown),
            CommandId::PageUp => |act| act.motion(Motion::PageUp),
            CommandId::NextPane => |act| act.motion(Motion::NextPane),
            CommandId::PreviousPane => |act| act.motion(Motion::PreviousPane),
            CommandId::NextThing => |act| act.motion(Motion::NextThing),
            CommandId::PreviousThing => |act| act.motion(Motion::PreviousThing),
            CommandId::NextGroup => |act| act.motion(Motion::NextGroup),
            CommandId::PreviousGroup => |act| act.motion(Motion::PreviousGroup),
            _ => |_| {},
        },
    )
}

const fn copying(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    part: CopyPart,
) -> Command {
    let act: fn(&mut Act<'_>) = match part {
        CopyPart::Line => |act| act.store.copy(CopyPart::Line, act.context, act.effects),
        CopyPart::Address => |act| act.store.copy(CopyPart::Address, act.context, act.effects),
        CopyPart::Link => |act| act.store.copy(CopyPart::Link, act.context, act.effects),
        CopyPart::Details => |act| act.store.copy(CopyPart::Details, act.context, act.effects),
    };
    row(id, name, title, word, help, Group::Act, act)
}

const fn going(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    act: fn(&mut Act<'_>),
) -> Command {
    row(id, name, title, word, help, Group::Go, act)
}

const fn program(
    id: CommandId,
    name: &'static str,
    title: &'static str,
    word: &'static str,
    help: &'static str,
    act: fn(&mut Act<'_>),
) -> Command {
    row(id, name, title, word, help, Group::Program, act)
}
