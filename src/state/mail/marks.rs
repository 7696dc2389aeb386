//! Messages that are selected together: one by one, as a range, or by a pattern.
//!
//! A mark is an id with what was known of its message, so that it holds while the list scrolls past it and while news arrives. Must
//! stay true: marks belong to the folder they were made in, and what is gone from it is marked no longer once it was acted on.

use crate::domain::mail::{Message, MessageId, MessageKey, MessageRow};
use std::collections::BTreeMap;

/// The marks of one folder.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    marked: BTreeMap<MessageId, Message>,
    /// Where a range began; it follows the cursor from there.
    anchor: Option<MessageKey>,
    /// What was marked before the range began.
    before: BTreeMap<MessageId, Message>,
}

impl Marks {
    /// Whether a message is marked.
    #[must_use]
    pub fn has(&self, id: &MessageId) -> bool {
        self.marked.contains_key(id)
    }

    /// How many are marked.
    #[must_use]
    pub fn count(&self) -> usize {
        self.marked.len()
    }

    /// Whether a range follows the cursor.
    #[must_use]
    pub const fn is_range(&self) -> bool {
        self.anchor.is_some()
    }

    /// The marked messages.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.marked.values()
    }

    /// Marks a message or takes its mark away.
    pub fn toggle(&mut self, message: &Message) {
        if self.marked.remove(&message.id).is_none() {
            self.marked.insert(message.id.clone(), message.clone());
        }
    }

    /// Marks all of these.
    pub fn add<'a>(&mut self, messages: impl Iterator<Item = &'a Message>) {
        self.marked.extend(messages.map(|message| (message.id.clone(), message.clone())));
    }

    /// Begins a range at a row, or ends it; what it holds stays marked.
    pub fn toggle_range(&mut self, row: &MessageRow) {
        if self.anchor.take().is_none() {
            self.anchor = Some(row.key);
            self.before.clone_from(&self.marked);
            self.marked.insert(row.message.id.clone(), row.message.clone());
        }
    }

    /// Lets the range reach from its beginning to `cursor`. Rows are sorted by falling key. False: its beginning is not among the
    /// rows any more, and the range ends where it was.
    pub fn reach(&mut self, cursor: MessageKey, rows: &[MessageRow]) -> bool {
        let Some(anchor) = self.anchor else { return true };
        let (newer, older) = (anchor.max(cursor), anchor.min(cursor));
        let is_here = rows.iter().any(|row| row.key == anchor);
        if !is_here {
            self.anchor = None;
            return false;
        }
        self.marked.clone_from(&self.before);
        let within = rows.iter().filter(|row| row.key <= newer && row.key >= older);
        self.marked.extend(within.map(|row| (row.message.id.clone(), row.message.clone())));
        true
    }

    /// Takes over what has become known of marked messages.
    pub fn refresh(&mut self, rows: &[MessageRow]) {
        for row in rows {
            if let Some(known) = self.marked.get_mut(&row.message.id) {
                known.clone_from(&row.message);
            }
        }
    }

    /// Takes all marks away. False: there were none.
    pub fn clear(&mut self) -> bool {
        let had_any = !self.marked.is_empty() || self.anchor.is_some();
        *self = Self::default();
        had_any
    }
}
