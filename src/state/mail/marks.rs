//! Messages that are selected together: one by one, as a range, or by a pattern.
//!
//! A mark is an id with what was known of its message, so that it holds while the list scrolls past it and while news arrives. A range
//! that is longer than what the list has loaded is a [`Stretch`], a value of two ends, however many messages lie between them. Must
//! stay true: marks belong to the folder they were made in, and what is gone from it is marked no longer once it was acted on.

use crate::domain::mail::{FolderId, Message, MessageId, MessageKey, MessageRow};
use crate::domain::selection::{Counted, Selection, Stretch};
use std::collections::{BTreeMap, BTreeSet};

/// The marks of one folder.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    marked: BTreeMap<MessageId, Message>,
    /// Where a range began; it follows the cursor from there.
    anchor: Option<MessageKey>,
    /// What was marked before the range began.
    before: BTreeMap<MessageId, Message>,
    /// All between two places, beside what is marked.
    long: Option<Long>,
}

/// A range beyond what is loaded.
#[derive(Clone, Debug)]
struct Long {
    stretch: Stretch,
    /// As it was counted last.
    count: usize,
    /// Marks taken away within it.
    except: BTreeSet<MessageId>,
}

impl Marks {
    /// Whether a row of the folder is marked.
    #[must_use]
    pub fn has_row(&self, row: &MessageRow) -> bool {
        self.has(&row.message.id)
            || self
                .long
                .as_ref()
                .is_some_and(|long| long.stretch.has(row.key) && !long.except.contains(&row.message.id))
    }

    /// Whether a message is marked for itself.
    #[must_use]
    pub fn has(&self, id: &MessageId) -> bool {
        self.marked.contains_key(id)
    }

    /// Whether anything is marked.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.marked.is_empty() || self.long.is_some()
    }

    /// How many are marked; of a long range as many as were counted last.
    #[must_use]
    pub fn count(&self) -> usize {
        let long = self.long.as_ref().map_or(0, |long| long.count.saturating_sub(long.except.len()));
        self.marked.len() + long
    }

    /// Whether a range follows the cursor.
    #[must_use]
    pub const fn is_range(&self) -> bool {
        self.anchor.is_some()
    }

    /// The messages that are marked for themselves.
    pub fn messages(&self) -> impl Iterator<Item = &Message> {
        self.marked.values()
    }

    /// All that is marked, if it is more than what is marked for itself.
    #[must_use]
    pub fn selection(&self, folder: &FolderId) -> Option<Selection> {
        let long = self.long.as_ref()?;
        Some(Selection {
            folder: folder.clone(),
            stretch: long.stretch,
            also: self.marked.keys().cloned().collect(),
            except: long.except.iter().cloned().collect(),
        })
    }

    /// The long range, which is to be counted.
    #[must_use]
    pub fn stretch(&self) -> Option<Stretch> {
        self.long.as_ref().map(|long| long.stretch)
    }

    /// Marks a message or takes its mark away.
    pub fn toggle(&mut self, row: &MessageRow) {
        let id = &row.message.id;
        let was_marked = self.has_row(row);
        self.marked.remove(id);
        match self.long.as_mut().filter(|long| long.stretch.has(row.key)) {
            Some(long) if was_marked => {
                long.except.insert(id.clone());
            }
            Some(long) => {
                long.except.remove(id);
            }
            None if was_marked => {}
            None => {
                self.marked.insert(id.clone(), row.message.clone());
            }
        }
    }

    /// Marks all of these.
    pub fn add<'a>(&mut self, messages: impl Iterator<Item = &'a Message>) {
        self.marked.extend(messages.map(|message| (message.id.clone(), message.clone())));
    }

    /// Marks all between two places, and nothing else. It is not counted yet.
    pub fn take_all(&mut self, stretch: Stretch) {
        *self = Self { long: Some(Long { stretch, count: 0, except: BTreeSet::new() }), ..Self::default() };
    }

    /// Begins a range at a row, or ends it; what it holds stays marked. There is one long range at a time.
    pub fn toggle_range(&mut self, row: &MessageRow) {
        if self.anchor.take().is_none() {
            self.anchor = Some(row.key);
            self.long = None;
            self.before.clone_from(&self.marked);
            self.marked.insert(row.message.id.clone(), row.message.clone());
        }
    }

    /// Lets the range reach from its beginning to `cursor`. Rows are sorted by falling key. Where its beginning is not among them any
    /// more it becomes a long one, if it `may`; false: it may not, and ends where it was.
    pub fn reach(&mut self, cursor: MessageKey, rows: &[MessageRow], may: bool) -> bool {
        let Some(anchor) = self.anchor else { return true };
        let stretch = Stretch::between(anchor, cursor);
        let is_here = rows.iter().any(|row| row.key == anchor);
        if !is_here && !may {
            self.anchor = None;
            return false;
        }
        self.marked.clone_from(&self.before);
        if is_here {
            self.long = None;
            let within = rows.iter().filter(|row| stretch.has(row.key));
            self.marked.extend(within.map(|row| (row.message.id.clone(), row.message.clone())));
        } else {
            let count = self.long.take().map_or(rows.len(), |long| long.count);
            self.marked
                .retain(|_, message| !rows.iter().any(|row| row.message.id == message.id && stretch.has(row.key)));
            self.long = Some(Long { stretch, count, except: BTreeSet::new() });
        }
        true
    }

    /// The long range was counted; where it was asked for beyond the ends of the folder, it ends there.
    pub fn counted(&mut self, counted: Option<Counted>) {
        match (counted, &mut self.long) {
            (Some(Counted { stretch, count }), Some(long)) => {
                long.count = usize::try_from(count).unwrap_or(usize::MAX);
                if long.stretch == Stretch::WHOLE {
                    long.stretch = stretch;
                }
            }
            (None, long) => *long = None,
            (Some(_), None) => {}
        }
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
        let had_any = self.is_any() || self.anchor.is_some();
        *self = Self::default();
        had_any
    }
}
