//! What arrives, on its way into the cache: seen through what is wanted, and through what of ours ended since it was asked for.
//!
//! Must stay true: no row brings back what somebody has changed, neither before the service has it nor after, when the row was asked
//! for earlier. Where the service says otherwise the item is in doubt, in the same transaction; where it says how things were
//! before a change that it never heard of, nothing is in doubt, for giving that change up leads back to it. What was taken away by
//! somebody else while our change waits is in doubt too: giving up would bring back what is gone.

use crate::db::asking::{Since, Wanted};
use crate::db::counts::Shifts;
use crate::db::wishes::{MessageWish, Wishes};
use crate::db::{Changes, DbError, Doubt, calendar, doubts, mail};
use crate::domain::change::{Change, MessagePatch};
use crate::domain::event::{Event, EventId};
use crate::domain::mail::{FolderId, Message, MessageId};
use rusqlite::Transaction;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

type MessageChange = Change<MessagePatch, MessageId>;

/// A page of a round that tells everything anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Full {
    /// What its rows carry.
    pub(super) generation: i64,
    /// It is the first.
    pub(super) begins: bool,
    /// It is the last: what was not told goes.
    pub(super) ends: bool,
}

/// What arrives, and what it passes.
pub(super) struct Passing<'a> {
    pub(super) writer: &'a Transaction<'a>,
    pub(super) account: i64,
    pub(super) wishes: &'a Wishes,
    pub(super) since: &'a Since,
    pub(super) wanted: &'a Arc<Mutex<Wanted>>,
    pub(super) full: Option<Full>,
    /// What is in doubt from now on.
    pub(super) doubts: Vec<Doubt>,
}

impl Passing<'_> {
    /// Changes what arrives into what shall be shown: `changes` itself, and rows that belong into other folders by now.
    pub(super) fn pass(&mut self, changes: &mut Changes) -> Result<Vec<Changes>, DbError> {
        if let (Changes::Messages { folder, .. }, Some(Full { begins: true, .. })) = (&*changes, self.full) {
            self.wanted.lock().unwrap_or_else(PoisonError::into_inner).seen.remove(folder);
        }
        if self.wishes.is_empty() && self.since.is_nothing() {
            return Ok(Vec::new());
        }
        match changes {
            Changes::Folders(folders) => {
                let shifts = Shifts::of(self.wishes, self.since, self.writer, self.account)?;
                for folder in folders {
                    let told = (Some(folder.total), Some(folder.unread));
                    let (total, unread) = shifts.shown(self.writer, self.account, &folder.id, told.0, told.1)?;
                    folder.total = total.unwrap_or(folder.total);
                    folder.unread = unread.unwrap_or(folder.unread);
                }
            }
            Changes::FolderRows(rows) if rows.is_empty() => {}
            Changes::FolderRows(rows) => {
                let shifts = Shifts::of(self.wishes, self.since, self.writer, self.account)?;
                for row in rows {
                    let Change::Upsert(folder) = row else { continue };
                    (folder.total, folder.unread) =
                        shifts.shown(self.writer, self.account, &folder.id, folder.total, folder.unread)?;
                }
            }
            Changes::Messages { folder, rows } => return self.messages(folder, rows),
            Changes::Events(rows) => {
                self.events(rows)?;
                if self.full.is_some_and(|full| full.ends) {
                    self.keep_events(rows)?;
                }
            }
            // What is made new stands in the main calendar.
            Changes::OtherEvents { rows, .. } => self.events(rows)?,
        }
        Ok(Vec::new())
    }

    fn doubt(&mut self, doubt: Doubt) -> Result<(), DbError> {
        doubts::note(self.writer, self.account, &doubt)?;
        self.doubts.push(doubt);
        Ok(())
    }

    fn messages(&mut self, folder: &FolderId, rows: &mut Vec<MessageChange>) -> Result<Vec<Changes>, DbError> {
        let mut elsewhere: HashMap<FolderId, Vec<MessageChange>> = HashMap::new();
        let mut kept = Vec::with_capacity(rows.len());
        let mut told = BTreeSet::new();
        for row in rows.drain(..) {
            let id = match &row {
                Change::Upsert(patch) => &patch.id,
                Change::Removed(id) => id,
            };
            let wish = self.wishes.messages.get(id);
            let is_late = self.since.message(id).is_some();
            if wish.is_none() && !is_late {
                kept.push(row);
                continue;
            }
            told.insert(id.clone());
            match row {
                Change::Upsert(mut patch) => {
                    let mut place = Some(folder.clone());
                    if let Some(wish) = wish {
                        if wish.is_contradicted(self.writer, self.account, folder, &patch)? {
                            self.doubt(Doubt::Message(patch.id.clone()))?;
                        }
                        wish.write_into(&mut patch);
                        if wish.place.is_some() {
                            place = wish.target(self.writer, self.account)?;
                        }
                    }
                    let Some(place) = place else { continue };
                    let has_place = wish.is_some_and(|wish| wish.place.is_some());
                    if is_late && !self.holds(&place, has_place, &mut patch)? {
                        continue;
                    }
                    if place == *folder {
                        kept.push(Change::Upsert(patch));
                    } else {
                        elsewhere.entry(place).or_default().push(Change::Upsert(patch));
                    }
                }
                Change::Removed(id) => {
                    if wish.is_some_and(|wish| wish.waits_to_leave(folder)) {
                        self.doubt(Doubt::Message(id.clone()))?;
                    }
                    // It shall lie here: whoever took it away was before us.
                    let target = wish.map_or(Ok(None), |wish| wish.target(self.writer, self.account))?;
                    let shall_be_here = target.as_ref() == Some(folder);
                    if shall_be_here && wish.is_some_and(MessageWish::is_place_asked)
                        || is_late && self.shown(&id, folder)?.is_some()
                    {
                        self.doubt(Doubt::Message(id))?;
                    } else if !shall_be_here {
                        kept.push(Change::Removed(id));
                    }
                }
            }
        }
        if let Some(full) = self.full {
            self.see(folder, &told, full)?;
            if full.ends {
                self.keep_messages(folder, &mut kept, &told, full.generation)?;
            }
        }
        *rows = kept;
        Ok(elsewhere.into_iter().map(|(folder, rows)| Changes::Messages { folder, rows }).collect())
    }

    /// What is shown of a message in a folder.
    fn shown(&self, id: &MessageId, folder: &FolderId) -> Result<Option<Message>, DbError> {
        mail::find_in(self.writer, self.account, id, folder)
    }

    /// Takes out of a row that was asked for earlier what contradicts what is shown; whether anything is left to write.
    fn holds(&mut self, place: &FolderId, has_place: bool, patch: &mut MessagePatch) -> Result<bool, DbError> {
        fn takes_back<T: PartialEq>(said: &mut Option<T>, shown: &T) -> bool {
            let differs = said.as_ref().is_some_and(|said| said != shown);
            if differs {
                *said = None;
            }
            differs
        }
        let id = patch.id.clone();
        let Some(shown) = self.shown(&id, place)? else {
            if !has_place {
                self.doubt(Doubt::Message(id))?;
            }
            return Ok(has_place);
        };
        let read = takes_back(&mut patch.is_read, &shown.is_read);
        let flagged = takes_back(&mut patch.is_flagged, &shown.is_flagged);
        if takes_back(&mut patch.categories, &shown.categories) || read || flagged {
            self.doubt(Doubt::Message(id))?;
        }
        Ok(true)
    }

    /// Notes what a round saw in the folder it is about to be taken out of. At its end what it did not see is gone from there, and
    /// must not come back when it is not taken out after all.
    fn see(&mut self, folder: &FolderId, told: &BTreeSet<MessageId>, full: Full) -> Result<(), DbError> {
        let waits = |wish: &MessageWish| wish.waits_to_leave(folder);
        let seen = {
            let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            let more = told.iter().filter(|id| self.wishes.messages.get(*id).is_some_and(waits)).cloned();
            wanted.seen.entry(folder.clone()).or_default().extend(more);
            if !full.ends {
                return Ok(());
            }
            wanted.seen.remove(folder).unwrap_or_default()
        };
        let gone = self.wishes.messages.iter().filter(|(id, wish)| waits(wish) && !seen.contains(*id));
        for id in gone.map(|(id, _)| id.clone()).collect::<Vec<_>>() {
            self.doubt(Doubt::Message(id))?;
        }
        Ok(())
    }

    /// Keeps what shall lie here, or came here since this was asked for, and is not in the service's list: it would be swept away
    /// without a word.
    fn keep_messages(
        &mut self,
        folder: &FolderId,
        kept: &mut Vec<MessageChange>,
        told: &BTreeSet<MessageId>,
        generation: i64,
    ) -> Result<(), DbError> {
        let mut doubtful = Vec::new();
        for (id, wish) in &self.wishes.messages {
            if wish.target(self.writer, self.account)?.as_ref() == Some(folder) && self.shown(id, folder)?.is_some() {
                kept.push(Change::Upsert(MessagePatch::new(id.clone())));
                // On its way, or gone again: the next round does not tell.
                let is_untold =
                    !told.contains(id) && mail::is_older(self.writer, self.account, id, folder, generation)?;
                if is_untold && wish.is_place_asked() {
                    doubtful.push(id.clone());
                }
            }
        }
        let since = self.since;
        for (id, _) in since.messages().filter(|(id, _)| !told.contains(*id)) {
            if mail::is_older(self.writer, self.account, id, folder, generation)? {
                kept.push(Change::Upsert(MessagePatch::new(id.clone())));
                doubtful.push(id.clone());
            }
        }
        doubtful.into_iter().try_for_each(|id| self.doubt(Doubt::Message(id)))
    }

    fn events(&mut self, rows: &mut Vec<Change<Event, EventId>>) -> Result<(), DbError> {
        let mut kept = Vec::with_capacity(rows.len());
        for row in rows.drain(..) {
            match row {
                Change::Upsert(event) => {
                    let (id, is_late) = (event.id.clone(), self.since.has_changed(&event));
                    let is_asked = self.wishes.events.iter().any(|wish| wish.is_asked && wish.means(&event));
                    let before = event.clone();
                    let mut wished = self.wishes.wished(event);
                    let mut is_doubtful = is_asked && wished.as_ref() != Some(&before);
                    if is_late {
                        let shown = calendar::find(self.writer, self.account, &id)?;
                        is_doubtful |= wished != shown;
                        wished = shown;
                    }
                    if is_doubtful {
                        self.doubt(Doubt::Event(id))?;
                    }
                    kept.extend(wished.map(Change::Upsert));
                }
                Change::Removed(id) => {
                    let shown = self.changed_since(&id)?;
                    if shown.is_empty() {
                        kept.push(Change::Removed(id));
                    } else {
                        self.doubt(Doubt::Event(id))?;
                        kept.extend(shown.into_iter().map(Change::Upsert));
                    }
                }
            }
        }
        *rows = kept;
        Ok(())
    }

    /// What is shown of an event, or of a series, that a change of ours was about which ended since this was asked for.
    fn changed_since(&self, id: &EventId) -> Result<Vec<Event>, DbError> {
        if self.since.is_nothing() {
            return Ok(Vec::new());
        }
        let mut shown = calendar::meant(self.writer, self.account, id, Some(id))?;
        shown.retain(|event| self.since.has_changed(event));
        Ok(shown)
    }

    /// Keeps events that are made new, or were made since this was asked for: they are not in the service's list.
    fn keep_events(&mut self, kept: &mut Vec<Change<Event, EventId>>) -> Result<(), DbError> {
        let calendar = calendar::main(self.writer, self.account)?;
        let told: BTreeSet<EventId> = kept
            .iter()
            .filter_map(|row| if let Change::Upsert(event) = row { Some(event.id.clone()) } else { None })
            .collect();
        kept.extend(self.wishes.provisional(&calendar).map(Change::Upsert));
        let since = self.since;
        for id in since.events() {
            let mut shown = calendar::meant(self.writer, self.account, id, Some(id))?;
            shown.retain(|event| event.calendar == calendar && !told.contains(&event.id));
            if let Some(one) = shown.first() {
                self.doubt(Doubt::Event(one.id.clone()))?;
            }
            kept.extend(shown.into_iter().map(Change::Upsert));
        }
        Ok(())
    }
}
