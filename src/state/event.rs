//! Everything that can wake the program, and everything the state can ask to be done.
//!
//! Both lists are closed on purpose: reading them is knowing what may happen. [`Event`]s come from the terminal, from the engine
//! and from finished work; [`Effect`]s are values that the runner in `app` performs. Every [`Effect::Ask`] ends in exactly one
//! [`Event::Answered`], also when the work fails or panics.

use crate::base::report::Report;
use crate::domain::input::{Key, Mouse};
use crate::domain::login::LoginCommand;
use crate::domain::mail::{FolderId, Message};
use crate::domain::notice::Notice;
use crate::domain::person::PersonId;
use crate::domain::request::{Answer, Request};
use crate::state::session::Session;
use crate::state::target::Target;
use jiff::Timestamp;
use jiff::civil::Date;

/// Names the place on the screen that waits for an answer, and the question's number there. An answer whose ticket is not the
/// slot's newest may fill the cache, never the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// What a wake-up is for. At most one of each kind is pending; asking again moves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wake {
    /// Show what may follow a half-typed key.
    KeyHint,
    /// The key has rested: let the reader follow the list.
    Rested,
    /// Ask for completion of what was typed.
    Completion,
    /// Take a passing message off the status line.
    StatusExpires,
    /// A word in the status line for an answer that takes long.
    SlowAnswer,
    /// A countdown is on the screen and ticks once a second.
    Countdown,
    /// The service asked for patience, and the status line counts down to the end of it.
    Patience,
    /// What is shown has grown old and is asked for anew.
    Stale,
    /// Presence of those in sight is asked for anew.
    Presence,
    /// What was written is kept.
    Keep,
    /// The message in the reader has been looked at.
    LookedAt,
}

/// Everything that can wake the program.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Text was pasted.
    Paste(String),
    /// The mouse did something, over what the last frame showed there.
    Mouse(Mouse, Option<Target>),
    /// The terminal has this size now.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The terminal got (true) or lost the focus.
    Focus(bool),
    /// A new minute began.
    Minute,
    /// A wished-for time has come.
    Wake(Wake),
    /// Work has ended. The ticket names who asked.
    Answered(Ticket, Box<Result<Answer, Report>>),
    /// News of the engine.
    Notice(Notice),
    /// Something was handed out of the program: copied, opened, or refused. A sentence for the status line.
    Told(String),
    /// A task panicked; the program goes on. The report is shown as a card.
    Panicked(Report),
}

/// What is being looked at; the engine keeps it fresh first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// The open folder.
    pub folder: Option<FolderId>,
    /// A calendar is on the screen.
    pub calendar: bool,
    /// Its days: the first, and the one after the last.
    pub days: Option<(Date, Date)>,
    /// People on the screen. Their presence is asked for by the session; the engine is not told.
    pub people: Vec<PersonId>,
}

impl Interest {
    /// The senders of these messages are on the screen; I am no news to myself.
    pub fn see_senders<'a>(&mut self, messages: impl Iterator<Item = &'a Message>, session: &Session) {
        let mine = session.my_address();
        let addresses = messages.filter_map(|message| message.from.as_ref()).map(|from| from.address.as_str());
        let others = addresses.filter(|address| !address.is_empty() && !address.eq_ignore_ascii_case(mine));
        self.people.extend(others.map(PersonId::of_address));
    }
}

/// Work for the runner.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Ask the engine; ends in [`Event::Answered`].
    Ask(Ticket, Request),
    /// Examine everything that may stand in the way; ends in [`Event::Answered`] with a diagnosis.
    Examine(Ticket),
    /// Hand the terminal to the person's editor with this text; ends in [`Event::Answered`] with what they made of it.
    Edit(Ticket, String),
    /// Wake me at this time; replaces a pending wake-up of the same kind.
    WakeAt(Wake, Timestamp),
    /// Forget a wake-up.
    Unwake(Wake),
    /// Speak to the sign-in.
    Login(LoginCommand),
    /// Sign out and forget the account's tokens and cache.
    Logout,
    /// Fetch now.
    SyncNow,
    /// No long work from now on, or long work again; ends in [`Event::Told`].
    Pause(bool),
    /// Say what is being looked at.
    Interest(Interest),
    /// Open an address outside; ends in [`Event::Told`].
    OpenLink(String),
    /// Copy text to the clipboard; ends in [`Event::Told`].
    Copy(String),
    /// Clear and draw everything again.
    Redraw,
    /// Hand the terminal back to the shell (job control).
    Suspend,
    /// Switch mouse reporting.
    Mouse(bool),
    /// Leave the program.
    Quit,
}
