//! Many messages of a folder as a value: all between two places of its order, whatever their number.
//!
//! What is selected beyond what a list has loaded is never a list of ids: it is named by its two ends, counted by the cache, and
//! becomes single changes only when something is done with it. Must stay true: both ends are places, so what arrives later is not
//! among what was selected. Deliberately absent: how it is counted and changed (`db::selected`).

use crate::domain::intent::MoveTarget;
use crate::domain::mail::{FolderId, MessageId, MessageKey};

/// No more messages are changed at once: at the pace of the service that is most of half an hour.
pub const MOST_AT_ONCE: u32 = 20_000;

/// What the service makes of changes in a minute, less what it needs for the rest.
const IN_A_MINUTE: u32 = 800;

/// All messages of a folder between two places, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The newest of them.
    pub newest: MessageKey,
    /// The oldest of them.
    pub oldest: MessageKey,
}

impl Stretch {
    /// The whole of a folder, as long as nobody has looked where it begins and ends.
    pub const WHOLE: Self = Self {
        newest: MessageKey { received: i64::MAX, row: i64::MAX },
        oldest: MessageKey { received: i64::MIN, row: i64::MIN },
    };

    /// Between these two, in whichever order.
    #[must_use]
    pub fn between(one: MessageKey, other: MessageKey) -> Self {
        Self { newest: one.max(other), oldest: one.min(other) }
    }

    /// Whether a place lies in it.
    #[must_use]
    pub fn has(&self, key: MessageKey) -> bool {
        key <= self.newest && key >= self.oldest
    }
}

/// What is selected: a stretch of a folder, more than it, and less than it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The folder.
    pub folder: FolderId,
    /// All of these,
    pub stretch: Stretch,
    /// and these,
    pub also: Vec<MessageId>,
    /// but none of these.
    pub except: Vec<MessageId>,
}

/// What is done with all of a selection. Where a goal may go either way it is `None` until the selection was weighed: on, unless all
/// of it is so already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SelectionDeed {
    /// Read or unread.
    Read(Option<bool>),
    /// Flagged or not.
    Flag(Option<bool>),
    /// With a category or without.
    Category(String, Option<bool>),
    /// Into a folder.
    Move(MoveTarget),
    /// Gone for ever.
    DeleteForEver,
}

/// A selection that was weighed before something is done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// What would be done, the goal known.
    pub deed: SelectionDeed,
    /// How many messages would change.
    pub changes: u32,
}

impl Weighed {
    /// How many minutes the service takes for it, at least one.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.changes.div_ceil(IN_A_MINUTE).max(1)
    }
}

/// A stretch as it lies in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Its ends, where a message lies.
    pub stretch: Stretch,
    /// How many messages.
    pub count: u32,
}
