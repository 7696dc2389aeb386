//! Changes somebody wants: what, how far it has come, and what to do about one that cannot go on.
//!
//! An intent names a goal, never a difference ("is read", not "toggle"), so doing it twice does no more than doing it once. Each is
//! a row on disk before anything else happens; it leaves only when the service has it, or when somebody takes it back.
//! Deliberately absent: how a change is made (`engine::outbox`), and where it is kept (`db`).

use crate::base::report::Report;
use crate::domain::draft::DraftId;
use crate::domain::event::EventId;
use crate::domain::event_draft::{AutomaticRepliesSetting, EventChange, EventDraft};
use crate::domain::mail::{FolderId, FolderRole, MessageId};
use crate::domain::own_settings::{ChosenPresence, StatusNote, WorkingTime};
use crate::domain::time::Span;
use jiff::Timestamp;

/// The id of a change in the outbox; in the order in which they were wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IntentId(pub i64);

/// Where a message shall lie.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum MoveTarget {
    /// In this folder.
    Folder(FolderId),
    /// In the folder the service uses for this: archive and delete are moves.
    Role(FolderRole),
}

/// An answer to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum InvitationAnswer {
    /// Yes.
    Accept,
    /// Perhaps.
    Tentative,
    /// No.
    Decline,
}

/// A change somebody wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Read or unread.
    MarkRead {
        /// The message.
        message: MessageId,
        /// As it shall be.
        is_read: bool,
    },
    /// Flagged or not.
    Flag {
        /// The message.
        message: MessageId,
        /// As it shall be.
        is_flagged: bool,
    },
    /// These categories and no others.
    Categorise {
        /// The message.
        message: MessageId,
        /// As they shall be.
        categories: Vec<String>,
    },
    /// Into another folder.
    Move {
        /// The message.
        message: MessageId,
        /// Where it shall lie.
        to: MoveTarget,
    },
    /// Gone for ever; cannot be taken back.
    DeleteForEver {
        /// The message.
        message: MessageId,
    },
    /// Send a draft.
    Send {
        /// The draft.
        draft: DraftId,
    },
    /// Put a copy of a draft into the Drafts folder, or bring the one there up to date.
    KeepDraft {
        /// The draft.
        draft: DraftId,
    },
    /// Throw a draft away, here and in the Drafts folder.
    DiscardDraft {
        /// The draft.
        draft: DraftId,
    },
    /// A new event in the main calendar.
    CreateEvent {
        /// The event.
        event: Box<EventDraft>,
    },
    /// Change an event.
    UpdateEvent {
        /// The event; any of a series stands for the series if `series`.
        event: EventId,
        /// All of the series.
        series: bool,
        /// What changes.
        change: Box<EventChange>,
    },
    /// Remove an event; one with attendees that the person organizes is cancelled.
    DeleteEvent {
        /// The event.
        event: EventId,
        /// All of the series.
        series: bool,
        /// Words for those invited; may be empty.
        note: String,
    },
    /// Answer an invitation.
    Respond {
        /// The event.
        event: EventId,
        /// All of the series.
        series: bool,
        /// The answer.
        answer: InvitationAnswer,
        /// Words for the organizer; may be empty.
        note: String,
        /// Tell the organizer.
        tell: bool,
        /// Another time.
        proposal: Option<Span>,
    },
    /// The own automatic replies.
    AutomaticReplies(AutomaticRepliesSetting),
    /// The own working hours and zone.
    WorkingTime(Box<WorkingTime>),
    /// The own presence, chosen; `None`: as the service sees it.
    Presence(Option<ChosenPresence>),
    /// The note beside the own presence.
    StatusNote(StatusNote),
}

impl Intent {
    /// The message it changes, if it changes one.
    #[must_use]
    pub const fn message(&self) -> Option<&MessageId> {
        match self {
            Self::MarkRead { message, .. }
            | Self::Flag { message, .. }
            | Self::Categorise { message, .. }
            | Self::Move { message, .. }
            | Self::DeleteForEver { message } => Some(message),
            _ => None,
        }
    }

    /// The event it changes, if it changes one that exists.
    #[must_use]
    pub const fn event(&self) -> Option<&EventId> {
        match self {
            Self::UpdateEvent { event, .. } | Self::DeleteEvent { event, .. } | Self::Respond { event, .. } => {
                Some(event)
            }
            _ => None,
        }
    }

    /// The draft it is about, if any.
    #[must_use]
    pub const fn draft(&self) -> Option<DraftId> {
        match self {
            Self::Send { draft } | Self::KeepDraft { draft } | Self::DiscardDraft { draft } => Some(*draft),
            _ => None,
        }
    }
}

/// Why a change cannot go on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// What it changes is gone.
    Gone,
    /// Somebody else changed the same meanwhile.
    ChangedElsewhere,
    /// The service refused.
    Refused,
    /// The service cannot tell whether it acted.
    Unclear,
}

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Held back, so that it can still be stopped.
    Held {
        /// It goes then.
        until: Timestamp,
    },
    /// Waits for its turn, the network or the service.
    Waiting,
    /// The service is being asked.
    UnderWay,
    /// The service has it.
    Done,
    /// It stays until somebody decides.
    NeedsPerson(Trouble),
}

/// A change in the outbox.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxItem {
    /// Id.
    pub id: IntentId,
    /// What is wanted.
    pub intent: Intent,
    /// The same in words, e.g. `Archive "Lunch?"`.
    pub words: String,
    /// When it was wanted.
    pub made: Timestamp,
    /// How far it has come.
    pub state: ItemState,
    /// How often the service was asked.
    pub attempts: u32,
    /// Not before this instant.
    pub next_try: Option<Timestamp>,
    /// What stood in the way last.
    pub report: Option<Report>,
}

/// What to do with a change that stays or waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Settlement {
    /// Try again now.
    Retry,
    /// Take it back; what is shown becomes what the service has. A message that was to be sent becomes a draft again.
    Cancel,
    /// Do it over what somebody else did.
    KeepMine,
    /// Give it up for what somebody else did.
    KeepTheirs,
}

/// The outbox in numbers, for the status line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutboxSummary {
    /// Held back.
    pub held: u32,
    /// Waiting or under way.
    pub waiting: u32,
    /// Waiting for a person.
    pub troubled: u32,
    /// When the next held one goes.
    pub next_send: Option<Timestamp>,
}

impl OutboxSummary {
    /// Whether there is nothing in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.held == 0 && self.waiting == 0 && self.troubled == 0
    }
}
