//! What is wanted and not with the service yet, as values: of messages, of events, and of events that are to be made.
//!
//! Must stay true: later wishes win; what the service may have heard of is known beside what is wanted. Deliberately absent: how a change
//! gets to the service, how the cache shows it (`showing`), and what becomes of what the service says meanwhile (`passing`).

use crate::db::provisional::{attendee, preview, provisional, provisional_id};
use crate::db::{DbError, Doubt, folder};
use crate::domain::change::MessagePatch;
use crate::domain::event::{Attendee, CalendarId, Event, EventId, Response};
use crate::domain::event_draft::{EventChange, EventDraft};
use crate::domain::intent::{Intent, IntentId, InvitationAnswer, ItemState, MoveTarget};
use crate::domain::mail::{FolderId, MessageId};
use crate::domain::outbox::{Entry, FormerMessage};
use rusqlite::Transaction;
use std::collections::BTreeMap;

/// Where a message shall lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    In(MoveTarget),
    Nowhere,
}

impl Place {
    /// The folder; `None`: there is none, or nobody knows yet which it is.
    pub(super) fn folder(&self, reader: &Transaction<'_>, account: i64) -> Result<Option<FolderId>, DbError> {
        match self {
            Self::In(MoveTarget::Folder(folder)) => Ok(Some(folder.clone())),
            Self::In(MoveTarget::Role(role)) => folder::of_role(reader, account, *role),
            Self::Nowhere => Ok(None),
        }
    }
}

/// What is wanted of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MessageWish {
    pub(super) is_read: Option<bool>,
    is_flagged: Option<bool>,
    categories: Option<Vec<String>>,
    pub(super) place: Option<Place>,
    /// What it was before the first of these changes.
    pub(super) former: Option<FormerMessage>,
    /// The service may have heard of it.
    pub(super) is_asked: bool,
    /// What it may have heard of whether it is read.
    pub(super) asked_reads: Vec<bool>,
    /// Where it may have been told to put it.
    pub(super) asked_places: Vec<Place>,
    /// The last of these changes.
    pub(super) last: Option<IntentId>,
}

/// What is wanted of an event.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct EventWish {
    pub(super) event: EventId,
    /// All of this series.
    pub(super) series: Option<EventId>,
    goal: EventGoal,
    pub(super) is_asked: bool,
}

#[derive(Clone, Debug, PartialEq)]
enum EventGoal {
    Changed(Box<EventChange>),
    Gone,
    Answered(Response),
}

/// All that is wanted and not there yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wishes {
    pub(super) messages: BTreeMap<MessageId, MessageWish>,
    pub(super) events: Vec<EventWish>,
    pub(super) created: Vec<(EventId, EventDraft)>,
}

impl Wishes {
    /// The wishes of these changes, in their order; later ones win. Changes that wait for a person wish nothing.
    #[must_use]
    pub fn of(entries: &[Entry]) -> Self {
        let mut wishes = Self::default();
        for entry in entries {
            if matches!(entry.item.state, ItemState::Held { .. } | ItemState::Waiting | ItemState::UnderWay) {
                wishes.add(entry);
            }
        }
        wishes
    }

    /// Whether nothing is wanted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn add(&mut self, entry: &Entry) {
        let is_asked = entry.has_begun();
        let series = |series: bool| series.then(|| entry.progress.item.clone().map(EventId)).flatten();
        match entry.intent() {
            Intent::MarkRead { message, is_read } => self.message(message, entry).is_read = Some(*is_read),
            Intent::Flag { message, is_flagged } => self.message(message, entry).is_flagged = Some(*is_flagged),
            Intent::Categorise { message, categories } => {
                self.message(message, entry).categories = Some(categories.clone());
            }
            Intent::Move { message, to } => self.message(message, entry).place = Some(Place::In(to.clone())),
            Intent::DeleteForEver { message } => self.message(message, entry).place = Some(Place::Nowhere),
            Intent::CreateEvent { event } => self.created.push((provisional_id(entry.item.id), (**event).clone())),
            Intent::UpdateEvent { event, series: all, change } => self.events.push(EventWish {
                event: event.clone(),
                series: series(*all),
                goal: EventGoal::Changed(change.clone()),
                is_asked,
            }),
            Intent::DeleteEvent { event, series: all, .. } => {
                self.events.push(EventWish {
                    event: event.clone(),
                    series: series(*all),
                    goal: EventGoal::Gone,
                    is_asked,
                });
            }
            Intent::Respond { event, series: all, answer, .. } => self.events.push(EventWish {
                event: event.clone(),
                series: series(*all),
                goal: EventGoal::Answered(response(*answer)),
                is_asked,
            }),
            Intent::Send { .. }
            | Intent::KeepDraft { .. }
            | Intent::DiscardDraft { .. }
            | Intent::AutomaticReplies(_)
            | Intent::WorkingTime(_)
            | Intent::Presence(_)
            | Intent::StatusNote(_) => {}
        }
    }

    fn message(&mut self, id: &MessageId, entry: &Entry) -> &mut MessageWish {
        let wish = self.messages.entry(id.clone()).or_default();
        if wish.former.is_none() {
            wish.former.clone_from(&entry.former.message);
        }
        wish.last = Some(entry.item.id);
        if entry.has_begun() {
            wish.ask(entry.intent());
        }
        wish
    }

    /// Whether something is wanted of that which is in doubt.
    pub(super) fn is_about(&self, doubt: &Doubt) -> bool {
        match doubt {
            Doubt::Message(id) => self.messages.contains_key(id),
            Doubt::Event(id) => self.events.iter().any(|wish| wish.event == *id),
        }
    }

    /// The events that the service does not know yet.
    pub(super) fn provisional(&self, calendar: &CalendarId) -> impl Iterator<Item = Event> {
        self.created.iter().flat_map(|(id, draft)| provisional(id, draft, calendar))
    }

    /// An event as it is wanted; `None`: gone.
    pub(super) fn wished(&self, mut event: Event) -> Option<Event> {
        for wish in self.events.iter().filter(|wish| wish.means(&event)).cloned().collect::<Vec<_>>() {
            match wish.goal {
                EventGoal::Gone => return None,
                EventGoal::Answered(response) => event.response = response,
                EventGoal::Changed(change) => change_event(&mut event, &change, wish.series.is_some()),
            }
        }
        Some(event)
    }
}

impl EventWish {
    pub(super) fn means(&self, event: &Event) -> bool {
        self.event == event.id || self.series.is_some() && self.series == event.series
    }
}

impl MessageWish {
    /// The service may have heard of this.
    pub(super) fn ask(&mut self, intent: &Intent) {
        self.is_asked = true;
        match intent {
            Intent::MarkRead { is_read, .. } => self.asked_reads.push(*is_read),
            Intent::Move { to, .. } => self.asked_places.push(Place::In(to.clone())),
            Intent::DeleteForEver { .. } => self.asked_places.push(Place::Nowhere),
            _ => {}
        }
    }

    /// No more of it than the service may have heard of, for counting.
    pub(super) fn as_asked(&self) -> Self {
        Self {
            is_read: self.asked_reads.last().copied(),
            place: self.asked_places.last().cloned(),
            is_flagged: None,
            categories: None,
            ..self.clone()
        }
    }

    /// This and what was wanted after it, as one.
    pub(super) fn then(&self, later: &Self) -> Self {
        Self {
            is_read: later.is_read.or(self.is_read),
            is_flagged: later.is_flagged.or(self.is_flagged),
            categories: later.categories.clone().or_else(|| self.categories.clone()),
            place: later.place.clone().or_else(|| self.place.clone()),
            former: self.former.clone().or_else(|| later.former.clone()),
            is_asked: self.is_asked || later.is_asked,
            asked_reads: self.asked_reads.iter().chain(&later.asked_reads).copied().collect(),
            asked_places: self.asked_places.iter().chain(&later.asked_places).cloned().collect(),
            last: later.last.max(self.last),
        }
    }

    /// The folder it shall lie in; `None`: nowhere, or where it is.
    pub(super) fn target(&self, reader: &Transaction<'_>, account: i64) -> Result<Option<FolderId>, DbError> {
        self.place.as_ref().map_or(Ok(None), |place| place.folder(reader, account))
    }

    /// The service may have put it elsewhere already.
    pub(super) const fn is_place_asked(&self) -> bool {
        !self.asked_places.is_empty()
    }

    /// It shall leave this folder, and the service has not heard of that.
    pub(super) fn waits_to_leave(&self, folder: &FolderId) -> bool {
        let lay_here = self.former.as_ref().is_some_and(|former| former.folder == *folder);
        self.place.is_some() && !self.is_place_asked() && lay_here
    }

    /// Whether a row from `folder` says something that is neither wanted nor leads back to what there was: once the service may
    /// have heard of this, anything but what is wanted; before, anything but what there was.
    pub(super) fn is_contradicted(
        &self,
        reader: &Transaction<'_>,
        account: i64,
        folder: &FolderId,
        patch: &MessagePatch,
    ) -> Result<bool, DbError> {
        fn differs<T: PartialEq>(said: Option<&T>, goal: Option<&T>, former: Option<&T>) -> bool {
            matches!((said, goal), (Some(said), Some(goal)) if said != former.unwrap_or(goal))
        }
        let former = self.former.as_ref();
        let before = former.filter(|_| !self.is_asked);
        let categories = before.map(|former| &former.categories);
        if differs(patch.is_read.as_ref(), self.is_read.as_ref(), before.map(|former| &former.is_read))
            || differs(patch.is_flagged.as_ref(), self.is_flagged.as_ref(), before.map(|former| &former.is_flagged))
            || differs(patch.categories.as_ref(), self.categories.as_ref(), categories)
        {
            return Ok(true);
        }
        Ok(match (&self.place, former.filter(|_| !self.is_place_asked())) {
            (None, _) => false,
            (Some(_), Some(former)) => former.folder != *folder,
            (Some(_), None) => self.target(reader, account)?.as_ref() != Some(folder),
        })
    }

    /// Says the goals in a patch that arrived.
    pub(super) fn write_into(&self, patch: &mut MessagePatch) {
        fn set<T: Clone>(place: &mut Option<T>, goal: Option<&T>) {
            if let Some(goal) = goal {
                *place = Some(goal.clone());
            }
        }
        set(&mut patch.is_read, self.is_read.as_ref());
        set(&mut patch.is_flagged, self.is_flagged.as_ref());
        set(&mut patch.categories, self.categories.as_ref());
    }
}

const fn response(answer: InvitationAnswer) -> Response {
    match answer {
        InvitationAnswer::Accept => Response::Accepted,
        InvitationAnswer::Tentative => Response::Tentative,
        InvitationAnswer::Decline => Response::Declined,
    }
}

/// Changes an event as asked. The time of a whole series is not drawn before the service has it: each of its days has its own.
pub fn change_event(event: &mut Event, change: &EventChange, is_series: bool) {
    fn set<T: Clone>(place: &mut T, said: Option<&T>) {
        if let Some(said) = said {
            place.clone_from(said);
        }
    }
    set(&mut event.subject, change.subject.as_ref());
    set(&mut event.location, change.location.as_ref());
    set(&mut event.categories, change.categories.as_ref());
    if let Some(show_as) = change.show_as {
        event.show_as = Some(show_as);
    }
    if let Some(body) = &change.body {
        event.preview = preview(body);
    }
    if let Some(time) = change.time.as_ref().filter(|_| !is_series) {
        event.when = time.when();
    }
    if let Some(attendees) = &change.attendees {
        let known = std::mem::take(&mut event.attendees);
        event.attendees = attendees
            .iter()
            .map(|invitee| {
                let same = |one: &&Attendee| one.recipient.address.eq_ignore_ascii_case(&invitee.recipient.address);
                let attendee = attendee(invitee);
                known
                    .iter()
                    .find(same)
                    .map_or(attendee, |known| Attendee { is_optional: invitee.is_optional, ..known.clone() })
            })
            .collect();
    }
}
