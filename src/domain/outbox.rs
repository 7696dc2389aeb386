//! The outbox from inside: what is kept of a change beside the change itself.
//!
//! Whoever only looks at the outbox sees an [`OutboxItem`]. Must stay true: [`Progress`] is on disk *before* a call that it speaks
//! of is sent, so that whoever finds it after a crash knows what may have happened.

use crate::base::report::Report;
use crate::domain::event::Event;
use crate::domain::event_draft::AutomaticRepliesSetting;
use crate::domain::intent::{Intent, IntentId, ItemState, OutboxItem};
use crate::domain::mail::{FolderId, MessageId};
use crate::domain::own_settings::{ChosenPresence, StatusNote, WorkingTime};
use jiff::Timestamp;

/// Where a change stands on its way to the service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Nothing was asked yet.
    #[default]
    Begin,
    /// Looks for what an earlier try may have made.
    Find,
    /// Makes the draft.
    Make,
    /// Writes the draft's text.
    Write,
    /// Looks what hangs on the draft.
    ListFiles,
    /// Attaches files.
    Attach,
    /// Looks at what is to be changed, or whether it was.
    Look,
    /// Makes the change itself.
    Act,
    /// Looks whether the change was made, where that could not be heard.
    Confirm,
}

/// How far a change has come, as far as its next step needs to know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Where it stands.
    pub stage: Stage,
    /// A call of this stage was sent and nobody heard how it ended.
    pub may_have_acted: bool,
    /// The id of what it made or changes, where it is another than the intent's.
    pub item: Option<String>,
    /// The version of that which we know.
    pub version: Option<String>,
    /// How many files hang on it.
    pub files: u32,
    /// How often was looked in vain.
    pub looks: u32,
    /// What somebody else did is overwritten.
    pub is_forced: bool,
    /// The message it answers is gone: it goes as a message of its own.
    pub is_alone: bool,
}

/// What a message was before a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormerMessage {
    /// The message.
    pub id: MessageId,
    /// Where it lay.
    pub folder: FolderId,
    /// Read.
    pub is_read: bool,
    /// Flagged.
    pub is_flagged: bool,
    /// Categories.
    pub categories: Vec<String>,
}

/// What was there before a change: for undoing it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Former {
    /// The message.
    pub message: Option<FormerMessage>,
    /// The events; several for a series.
    pub events: Vec<Event>,
    /// The automatic replies.
    pub replies: Option<AutomaticRepliesSetting>,
    /// Working hours and zone.
    pub time: Option<WorkingTime>,
    /// The presence that was chosen.
    pub chosen: Option<ChosenPresence>,
    /// The note beside it.
    pub note: Option<StatusNote>,
}

/// A change with everything that is kept of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// As anybody may see it.
    pub item: OutboxItem,
    /// How far it has come.
    pub progress: Progress,
    /// What was there before.
    pub former: Former,
    /// The first change of those wanted together.
    pub group: IntentId,
    /// The run of the program that wanted it.
    pub session: String,
    /// It undoes another, so it is not undone itself.
    pub is_undo: bool,
}

impl Entry {
    /// What is wanted.
    #[must_use]
    pub const fn intent(&self) -> &Intent {
        &self.item.intent
    }

    /// Whether the service has not got it yet and somebody still wants it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.item.state != ItemState::Done
    }

    /// Whether the service may know of it.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.item.state == ItemState::UnderWay || self.progress.may_have_acted || self.progress.stage != Stage::Begin
    }

    /// Not before this instant.
    #[must_use]
    pub fn not_before(&self) -> Option<Timestamp> {
        match self.item.state {
            ItemState::Held { until } => Some(until),
            _ => self.item.next_try,
        }
    }
}

/// A change that is to be kept.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEntry {
    /// What is wanted.
    pub intent: Intent,
    /// The same in words.
    pub words: String,
    /// Held back until then.
    pub held: Option<Timestamp>,
    /// What is known at the beginning.
    pub progress: Progress,
    /// What was there before.
    pub former: Former,
}

/// How a try of a change ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// The service has it.
    Done,
    /// Again, not before an instant.
    Later {
        /// The instant; `None`: as soon as may be.
        at: Option<Timestamp>,
        /// What stood in the way.
        report: Option<Report>,
    },
    /// It stays until somebody decides.
    Stays {
        /// Why.
        trouble: crate::domain::intent::Trouble,
        /// The same in words.
        report: Report,
    },
}
