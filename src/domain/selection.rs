//! Many messages of a folder, or many hits of a search, as a value: all between two places of its order, whatever their number.
//!
//! What is selected beyond what a list has loaded is never a list of ids: it is named by its two ends, counted by the cache, and
//! becomes single changes only when something is done with it. Must stay true: both ends are places, so what arrives later is not
//! among what was selected; what is so already is not changed. Deliberately absent: how it is found and counted (`db::selected`,
//! `engine::search`).

use crate::domain::intent::{Intent, MoveTarget};
use crate::domain::mail::{FolderId, MessageId, MessageKey};
use std::collections::BTreeSet;

/// No more messages are changed at once: at the pace of the service that is most of half an hour.
pub const MOST_AT_ONCE: u32 = 20_000;

/// No more messages are saved into files at once.
pub const MOST_SAVED: usize = 200;

/// What the service makes of changes in a minute, less what it needs for the rest.
const IN_A_MINUTE: u32 = 800;

/// What the messages are that are selected together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Those of a folder.
    Folder(FolderId),
    /// The hits of a search. Their places are those of the index.
    Hits(SearchFor),
}

impl Source {
    /// The one folder they lie in, if it can only be one.
    #[must_use]
    pub const fn folder(&self) -> Option<&FolderId> {
        match self {
            Self::Folder(folder) => Some(folder),
            Self::Hits(search) => search.folder.as_ref(),
        }
    }
}

/// A search: what finds its hits again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchFor {
    /// What was typed.
    pub text: String,
    /// Only this folder.
    pub folder: Option<FolderId>,
    /// Ask the service too. What only it found is among the hits.
    pub from_service: bool,
}

/// All messages between two places, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The newest of them.
    pub newest: MessageKey,
    /// The oldest of them.
    pub oldest: MessageKey,
}

impl Stretch {
    /// The whole of it, as long as nobody has looked where it begins and ends.
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

/// What is selected: a stretch of a folder or of hits, more than it, and less than it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Among what,
    pub source: Source,
    /// all of these,
    pub stretch: Stretch,
    /// and these,
    pub also: Vec<MessageId>,
    /// but none of these.
    pub except: Vec<MessageId>,
}

impl Selection {
    /// All that is selected, each once: what lies in the stretch, then what was selected one by one.
    #[must_use]
    pub fn of(&self, stretch: Vec<Standing>, also: Vec<Standing>) -> Vec<Standing> {
        let mut left_out: BTreeSet<MessageId> = self.except.iter().cloned().collect();
        stretch.into_iter().chain(also).filter(|one| left_out.insert(one.id.clone())).collect()
    }
}

/// What a change needs to know of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The message.
    pub id: MessageId,
    /// Where it lies.
    pub folder: FolderId,
    /// Read.
    pub is_read: bool,
    /// Flagged.
    pub is_flagged: bool,
    /// Its categories.
    pub categories: Vec<String>,
}

impl Standing {
    fn has(&self, category: &str) -> bool {
        self.categories.iter().any(|known| known.eq_ignore_ascii_case(category))
    }
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

impl SelectionDeed {
    /// The deed with its goal: on, unless all of it is so already.
    #[must_use]
    pub fn decided(self, selected: &[Standing]) -> Self {
        match self {
            Self::Read(None) => Self::Read(Some(selected.iter().any(|one| !one.is_read))),
            Self::Flag(None) => Self::Flag(Some(selected.iter().any(|one| !one.is_flagged))),
            Self::Category(name, None) => {
                let is_on = selected.iter().any(|one| !one.has(&name));
                Self::Category(name, Some(is_on))
            }
            decided => decided,
        }
    }

    /// The change that brings a message to the goal; `None`: it is there. `target`: the folder a move leads to, if it is known.
    #[must_use]
    pub fn change(&self, standing: Standing, target: Option<&FolderId>) -> Option<Intent> {
        let has = |category: &str| standing.has(category);
        match self {
            Self::Read(goal) => {
                let is_read = goal.filter(|goal| *goal != standing.is_read)?;
                Some(Intent::MarkRead { message: standing.id, is_read })
            }
            Self::Flag(goal) => {
                let is_flagged = goal.filter(|goal| *goal != standing.is_flagged)?;
                Some(Intent::Flag { message: standing.id, is_flagged })
            }
            Self::Category(name, goal) => {
                let is_on = goal.filter(|goal| *goal != has(name))?;
                let mut categories = standing.categories;
                if is_on {
                    categories.push(name.clone());
                } else {
                    categories.retain(|known| !known.eq_ignore_ascii_case(name));
                }
                Some(Intent::Categorise { message: standing.id, categories })
            }
            Self::Move(_) if target == Some(&standing.folder) => None,
            Self::Move(to) => Some(Intent::Move { message: standing.id, to: to.clone() }),
            Self::DeleteForEver => Some(Intent::DeleteForEver { message: standing.id }),
        }
    }
}

/// A selection that was weighed before something is done with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// What would be done, the goal known.
    pub deed: SelectionDeed,
    /// How many messages are selected.
    pub selected: u32,
    /// How many of them would change.
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
    /// How many messages,
    pub count: u32,
    /// and whether that is all of them.
    pub is_exact: bool,
}
