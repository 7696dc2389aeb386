//! What is wanted, what is being asked of the service meanwhile, and what of ours came to its end since it was asked.
//!
//! An answer that is on its way while a change of ours comes to its end may tell how things stood before it. Must stay true: whoever
//! asks for rows takes an [`Asking`] before the request goes out, and writes the answer through it; what our changes were about that
//! ended since then is known for as long as an answer may come that is older. While nothing is being asked nothing is kept.
//! Deliberately absent: what becomes of such rows (`passing`).

use crate::base::activity::Working;
use crate::db::wishes::{MessageWish, Wishes};
use crate::db::{Cache, Doubt};
use crate::domain::event::{Event, EventId};
use crate::domain::intent::Intent;
use crate::domain::mail::{FolderId, MessageId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, MutexGuard, PoisonError};
use tokio::sync::mpsc;

/// What is wanted of the service, and what is asked of it.
#[derive(Default)]
pub(super) struct Wanted {
    wishes: Arc<Wishes>,
    /// Counts what ended.
    turn: u64,
    /// How many askings that are not over began at which turn.
    open: BTreeMap<u64, usize>,
    ended: Arc<Ended>,
    /// Of each folder that is being read as a whole: what was seen in it of that which waits to be taken out of it.
    pub(super) seen: HashMap<FolderId, BTreeSet<MessageId>>,
    /// Who is told that something is in doubt.
    ear: Option<mpsc::UnboundedSender<Working>>,
}

/// What was changed, each with the turn at which that ended.
#[derive(Clone, Debug, Default)]
struct Ended {
    messages: BTreeMap<MessageId, (u64, MessageWish)>,
    /// Events and patterns of series.
    events: BTreeMap<EventId, u64>,
}

impl Wanted {
    /// Something ended now; nobody needs to know where nothing is being asked.
    fn end(&mut self, what: impl FnOnce(&mut Ended, u64)) {
        if !self.open.is_empty() {
            self.turn += 1;
            what(Arc::make_mut(&mut self.ended), self.turn);
        }
    }

    /// Forgets what ended before anything began that is still asked.
    fn forget(&mut self) {
        match self.open.keys().next() {
            None => self.ended = Arc::default(),
            Some(oldest) => {
                let oldest = *oldest;
                let ended = Arc::make_mut(&mut self.ended);
                ended.messages.retain(|_, (turn, _)| *turn > oldest);
                ended.events.retain(|_, turn| *turn > oldest);
            }
        }
    }

    pub(super) fn wishes(&self) -> Arc<Wishes> {
        self.wishes.clone()
    }

    /// What ended since `turn`; without one nothing.
    pub(super) fn since(&self, turn: Option<u64>) -> Since {
        Since { ended: self.ended.clone(), turn: turn.unwrap_or(u64::MAX) }
    }
}

/// What our changes were about that ended since something was asked.
#[derive(Debug)]
pub(super) struct Since {
    ended: Arc<Ended>,
    turn: u64,
}

impl Since {
    pub(super) fn is_nothing(&self) -> bool {
        self.messages().next().is_none() && self.events().next().is_none()
    }

    /// What was wanted of a message.
    pub(super) fn message(&self, id: &MessageId) -> Option<&MessageWish> {
        self.ended.messages.get(id).filter(|(turn, _)| *turn > self.turn).map(|(_, wish)| wish)
    }

    pub(super) fn messages(&self) -> impl Iterator<Item = (&MessageId, &MessageWish)> {
        self.ended.messages.iter().filter(|(_, (turn, _))| *turn > self.turn).map(|(id, (_, wish))| (id, wish))
    }

    pub(super) fn has_changed(&self, event: &Event) -> bool {
        self.has_changed_id(&event.id) || event.series.as_ref().is_some_and(|series| self.has_changed_id(series))
    }

    pub(super) fn has_changed_id(&self, id: &EventId) -> bool {
        self.ended.events.get(id).is_some_and(|turn| *turn > self.turn)
    }

    pub(super) fn events(&self) -> impl Iterator<Item = &EventId> {
        self.ended.events.iter().filter(|(_, turn)| **turn > self.turn).map(|(id, _)| id)
    }
}

/// The service is being asked for something; over when it is dropped.
pub struct Asking {
    pub(super) cache: Cache,
    pub(super) turn: u64,
}

impl Drop for Asking {
    fn drop(&mut self) {
        let mut wanted = self.cache.wanted();
        if let Some(count) = wanted.open.get_mut(&self.turn) {
            *count -= 1;
            if *count == 0 {
                wanted.open.remove(&self.turn);
                wanted.forget();
            }
        }
    }
}

impl Cache {
    /// Locks for the length of a copy; nothing is awaited under it.
    pub(super) fn wanted(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to ask the service for what the cache shall show. Taken before the request goes out.
    #[must_use]
    pub fn asking(&self) -> Asking {
        let mut wanted = self.wanted();
        let turn = wanted.turn;
        *wanted.open.entry(turn).or_default() += 1;
        Asking { cache: self.clone(), turn }
    }

    /// What is wanted from now on: everything that arrives is seen through it.
    pub fn set_wishes(&self, wishes: Wishes) {
        let mut wanted = self.wanted();
        let before = std::mem::replace(&mut wanted.wishes, Arc::new(wishes));
        if wanted.open.is_empty() {
            return;
        }
        let now = wanted.wishes.clone();
        let mut messages = before.messages.iter().filter(|(id, wish)| now.messages.get(id) != Some(wish)).peekable();
        let mut events = before.events.iter().filter(|wish| !now.events.contains(wish)).peekable();
        if messages.peek().is_none() && events.peek().is_none() {
            return;
        }
        wanted.end(|ended, turn| {
            for (id, wish) in messages {
                let (at, known) = ended.messages.entry(id.clone()).or_default();
                *at = turn;
                *known = known.then(&wish.as_asked());
            }
            for wish in events {
                let ids = [Some(&wish.event), wish.series.as_ref()];
                ended.events.extend(ids.into_iter().flatten().map(|id| (id.clone(), turn)));
            }
        });
    }

    /// From now on the service may have heard of these.
    pub fn begin_wishes<'a>(&self, intents: impl Iterator<Item = &'a Intent>) {
        let mut wanted = self.wanted();
        let wishes = Arc::make_mut(&mut wanted.wishes);
        for intent in intents {
            if let Some(wish) = intent.message().and_then(|id| wishes.messages.get_mut(id)) {
                wish.ask(intent);
            }
        }
    }

    pub(super) fn wishes(&self) -> Arc<Wishes> {
        self.wanted().wishes()
    }

    /// These events were made or drawn anew as the service has them now.
    pub(super) fn end_events<'a>(&self, ids: impl Iterator<Item = &'a EventId>) {
        self.wanted().end(|ended, turn| ended.events.extend(ids.map(|id| (id.clone(), turn))));
    }

    /// A channel that says that something is to be read anew that nobody wants otherwise; each word counts as work until it is
    /// dropped. An earlier channel ends.
    #[must_use]
    pub fn hear_doubts(&self) -> mpsc::UnboundedReceiver<Working> {
        // Unbounded on purpose: one token a transaction, and whoever reads anew takes all that wait at once.
        let (ear, news) = mpsc::unbounded_channel();
        self.wanted().ear = Some(ear);
        news
    }

    pub(super) fn tell_of_doubts(&self, doubts: &[Doubt]) {
        let wanted = self.wanted();
        // What is wanted is looked at again when it ends.
        if let Some(ear) = &wanted.ear
            && doubts.iter().any(|doubt| !wanted.wishes.is_about(doubt))
        {
            let _ = ear.send(self.db.lanes.activity.begin());
        }
    }
}
