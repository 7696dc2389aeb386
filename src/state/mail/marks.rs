//! Messages that are selected together: one by one, as a range, or by a pattern.
//!
//! A mark is an id with what was known of its message, so that it holds while the list scrolls past it and while news arrives. A range
//! that is longer than what the list has loaded is a [`Stretch`], a value of two ends, however many messages lie between them. Must
//! stay true: marks belong to the folder they were made in, and what is gone from it is marked no longer once it was acted on. The
//! places of hits are no folder's, so a range ends where the list shows something else, and a long one of hits goes with its search.

use crate::domain::mail::{Message, MessageId, MessageKey, MessageRow};
use crate::domain::selection::{Counted, Selection, Source, Stretch};
use crate::state::mail::list::List;
use std::collections::{BTreeMap, BTreeSet};

/// The marks of one folder.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    marked: BTreeMap<MessageId, Message>,
    /// Where a range began, and among what; it follows the cursor from there.
    anchor: Option<(Source, MessageKey)>,
    /// What was marked before the range began.
    before: BTreeMap<MessageId, Message>,
    /// All between two places, beside what is marked.
    long: Option<Long>,
}

/// A range beyond what is loaded.
#[derive(Clone, Debug)]
struct Long {
    source: Source,
    stretch: Stretch,
    /// As it was counted last,
    count: usize,
    /// and whether that is all.
    is_exact: bool,
    /// Marks taken away within it.
    except: BTreeSet<MessageId>,
}

impl Marks {
    /// Whether a row of a list is marked.
    #[must_use]
    pub fn has_row(&self, row: &MessageRow, list: &List) -> bool {
        self.has(&row.message.id)
            || self
                .long_in(list)
                .is_some_and(|long| long.stretch.has(row.key) && !long.except.contains(&row.message.id))
    }

    /// The long range, if it is one of what a list shows.
    fn long_in(&self, list: &List) -> Option<&Long> {
        self.long.as_ref().filter(|long| list.shows(&long.source))
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

    /// Whether there are no more than [`Marks::count`] says.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.long.as_ref().is_none_or(|long| long.is_exact)
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
    pub fn selection(&self) -> Option<Selection> {
        let long = self.long.as_ref()?;
        Some(Selection {
            source: long.source.clone(),
            stretch: long.stretch,
            also: self.marked.keys().cloned().collect(),
            except: long.except.iter().cloned().collect(),
        })
    }

    /// The long range, which is to be counted.
    #[must_use]
    pub fn stretch(&self) -> Option<(&Source, Stretch)> {
        self.long.as_ref().map(|long| (&long.source, long.stretch))
    }

    /// Marks a message of a list or takes its mark away.
    pub fn toggle(&mut self, row: &MessageRow, list: &List) {
        let id = &row.message.id;
        let was_marked = self.has_row(row, list);
        self.marked.remove(id);
        match self.long.as_mut().filter(|long| list.shows(&long.source) && long.stretch.has(row.key)) {
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

    /// Marks all there is, which is `count` or more, and nothing else.
    pub fn take_all(&mut self, source: Source, count: usize, is_exact: bool) {
        let long = Long { source, stretch: Stretch::WHOLE, count, is_exact, except: BTreeSet::new() };
        *self = Self { long: Some(long), ..Self::default() };
    }

    /// Begins a range at a row, or ends it; what it holds stays marked. There is one long range at a time.
    pub fn toggle_range(&mut self, row: &MessageRow, source: Source) {
        if self.anchor.take().is_none() {
            self.anchor = Some((source, row.key));
            self.long = None;
            self.before.clone_from(&self.marked);
            self.marked.insert(row.message.id.clone(), row.message.clone());
        }
    }

    /// Lets the range reach from its beginning to `cursor`. Rows are sorted by falling key. Where its beginning is not among them any
    /// more it becomes a long one.
    pub fn reach(&mut self, cursor: MessageKey, rows: &[MessageRow]) {
        let Some((source, anchor)) = self.anchor.clone() else { return };
        let stretch = Stretch::between(anchor, cursor);
        self.marked.clone_from(&self.before);
        let within = || rows.iter().filter(|row| stretch.has(row.key));
        if rows.iter().any(|row| row.key == anchor) {
            self.long = None;
            self.marked.extend(within().map(|row| (row.message.id.clone(), row.message.clone())));
        } else {
            // Until it is counted again it is as long as it was.
            let (count, is_exact) =
                self.long.take().map_or_else(|| (within().count(), false), |long| (long.count, long.is_exact));
            let ids: BTreeSet<&MessageId> = within().map(|row| &row.message.id).collect();
            self.marked.retain(|id, _| !ids.contains(id));
            self.long = Some(Long { source, stretch, count, is_exact, except: BTreeSet::new() });
        }
    }

    /// The list shows something else: a range ends, and a long one of hits is no more. True: there was one.
    pub fn list_changed(&mut self, list: &List) -> bool {
        self.anchor.take_if(|(source, _)| !list.shows(source));
        self.long.take_if(|long| matches!(long.source, Source::Hits(_)) && !list.shows(&long.source)).is_some()
    }

    /// The long range was counted; where it was asked for beyond the ends of what there is, it ends there.
    pub fn counted(&mut self, counted: Option<Counted>) {
        match (counted, &mut self.long) {
            (Some(Counted { stretch, count, is_exact }), Some(long)) => {
                let is_whole = long.stretch == Stretch::WHOLE;
                let count = usize::try_from(count).unwrap_or(usize::MAX);
                // What is known to be there is not fewer because somebody counted less far.
                long.count = if is_whole && !is_exact { count.max(long.count) } else { count };
                long.is_exact = is_exact;
                if is_whole {
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
