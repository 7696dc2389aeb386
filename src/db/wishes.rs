//! What is wanted and not with the service yet, as the cache shows it.
//!
//! Goals are written into the cache's own rows, so lists, counters and search are right without anybody thinking of it. Must stay
//! true: what is given up is put back as it was, and is doubtful where the service may have heard of it or where that may not be how
//! it was. Deliberately absent: how a change gets to the service, and what becomes of what the service says meanwhile (`passing`).

use crate::db::apply::Changes;
use crate::db::asking::Wanted;
use crate::db::mail::{self, FolderWriter};
use crate::db::passing::Passing;
use crate::db::provisional::{left_behind, provisional, provisional_id};
use crate::db::{Cache, DbError, Doubt, Scope, calendar, counts, cursor, doubts, folder};
use crate::domain::change::{Change, MessagePatch};
use crate::domain::event::{Attendee, CalendarId, Event, EventId, Response};
use crate::domain::event_draft::{EventChange, EventDraft, Invitee};
use crate::domain::intent::{Intent, IntentId, InvitationAnswer, ItemState, MoveTarget};
use crate::domain::mail::{FolderId, FolderRole, MessageId};
use crate::domain::outbox::{Entry, Former, FormerMessage};
use rusqlite::{OptionalExtension, Transaction, named_params};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

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
    last: Option<IntentId>,
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

/// What changed in the cache, for news.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Folders whose messages changed.
    pub folders: BTreeSet<FolderId>,
    /// Events changed.
    pub events: bool,
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

pub(super) fn attendee(invitee: &Invitee) -> Attendee {
    Attendee {
        recipient: invitee.recipient.clone(),
        is_optional: invitee.is_optional,
        is_resource: invitee.is_resource,
        response: Response::None,
    }
}

pub(super) fn preview(body: &str) -> String {
    crate::base::text::tame(body).chars().take(255).collect()
}

impl Cache {
    /// Makes the cache show what is wanted, where it does not yet, and takes away the stand-ins of events that were made meanwhile: a
    /// program may end between the answer of the service and the cache.
    ///
    /// # Errors
    /// When the cache cannot be written; then nothing was.
    pub async fn show_wishes(&self) -> Result<Touched, DbError> {
        self.show_wishes_of(None).await
    }

    /// The same for no other messages than `only` these: what was shown once stays shown, so hundreds that wait need not be looked
    /// at for each that comes.
    ///
    /// # Errors
    /// When the cache cannot be written; then nothing was.
    pub async fn show_wishes_of(&self, only: Option<BTreeSet<MessageId>>) -> Result<Touched, DbError> {
        let wishes = self.wishes();
        let is_empty = wishes.is_empty();
        let stale = self.read(move |reader, account| left_behind(reader, account, &wishes)).await?;
        if is_empty && stale.is_empty() {
            return Ok(Touched::default());
        }
        let wanted = self.wanted.clone();
        self.write(move |writer, account| {
            let mut touched = show(writer, account, &wanted, only.as_ref())?;
            for id in &stale {
                touched.events |= calendar::remove(writer, account, id)? > 0;
            }
            Ok(touched)
        })
        .await
    }

    /// What there is before these changes, for undoing them.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn former(&self, intents: Vec<Intent>) -> Result<Vec<(Former, Option<EventId>)>, DbError> {
        self.read(move |reader, account| intents.iter().map(|intent| former(reader, account, intent)).collect()).await
    }

    /// Puts back what a change had changed, and notes it as doubtful where the service may know better.
    ///
    /// # Errors
    /// When the cache cannot be written; then nothing was.
    pub async fn put_back(&self, given_up: Vec<Entry>) -> Result<Touched, DbError> {
        let wanted = self.wanted.clone();
        self.write(move |writer, account| {
            let mut touched = Touched::default();
            let wishes = wanted.lock().unwrap_or_else(PoisonError::into_inner).wishes();
            for entry in given_up.iter().rev() {
                put_back(writer, account, &wishes, entry, &mut touched)?;
            }
            let given_up = given_up.iter().map(|entry| entry.intent().message().cloned()).collect::<Option<_>>();
            let shown = show(writer, account, &wanted, given_up.as_ref())?;
            touched.folders.extend(shown.folders);
            touched.events |= shown.events;
            Ok(touched)
        })
        .await
    }

    /// Writes what the service says of one message that was read anew; `None`: it is gone.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_message(&self, id: MessageId, said: Option<MessagePatch>) -> Result<Touched, DbError> {
        let wanted = self.wanted.clone();
        self.write(move |writer, account| {
            let mut touched = Touched::default();
            let (wishes, since) = {
                let wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
                // Nothing of ours ends while something is read anew.
                (wanted.wishes(), wanted.since(None))
            };
            let target = said.as_ref().and_then(|patch| patch.folder.clone());
            for (folder, row) in folders_of(writer, account, &id)? {
                if Some(&folder) == target.as_ref() {
                    continue;
                }
                // Where it is known to lie it is written first, so that its body goes along.
                if let Some(target) = &target {
                    move_row(writer, account, row, &folder, target)?;
                } else {
                    change_rows(writer, account, &folder, vec![Change::Removed(id.clone())])?;
                }
                touched.folders.insert(folder);
            }
            if let (Some(patch), Some(target)) = (said, target) {
                let mut changes = Changes::Messages { folder: target.clone(), rows: vec![Change::Upsert(patch)] };
                let mut passing = Passing {
                    writer,
                    account,
                    wishes: &wishes,
                    since: &since,
                    wanted: &wanted,
                    full: None,
                    doubts: Vec::new(),
                };
                let more = passing.pass(&mut changes)?;
                for changes in std::iter::once(changes).chain(more) {
                    if let Changes::Messages { folder, rows } = changes {
                        change_rows(writer, account, &folder, rows)?;
                        touched.folders.insert(folder);
                    }
                }
                touched.folders.insert(target);
            }
            Ok(touched)
        })
        .await
    }
}

/// The folders a message lies in, with its rows.
fn folders_of(reader: &Transaction<'_>, account: i64, id: &MessageId) -> Result<Vec<(FolderId, i64)>, DbError> {
    let mut statement = reader.prepare_cached(
        "SELECT f.id, m.row FROM messages m JOIN folders f ON f.row = m.folder
         WHERE m.account = :account AND m.id = :id ORDER BY m.row",
    )?;
    let rows = statement
        .query_map(named_params! {":account": account, ":id": id.0}, |row| Ok((FolderId(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn change_rows(
    writer: &Transaction<'_>,
    account: i64,
    id: &FolderId,
    rows: Vec<Change<MessagePatch, MessageId>>,
) -> Result<u32, DbError> {
    let row = folder::ensure(writer, account, id)?;
    let generation = cursor::generation(writer, account, &Scope::Messages(id.clone()).name(), None)?;
    let mut folder = FolderWriter::new(writer, account, row, id, generation);
    for change in rows {
        folder.change(change)?;
    }
    folder.finish()
}

/// Puts a message into another folder, with its body and all; counters of both follow.
fn move_row(writer: &Transaction<'_>, account: i64, row: i64, from: &FolderId, to: &FolderId) -> Result<(), DbError> {
    let (source, target) = (folder::ensure(writer, account, from)?, folder::ensure(writer, account, to)?);
    let (id, received, is_read): (String, i64, bool) = writer
        .prepare_cached("SELECT id, received, is_read FROM messages WHERE row = ?1")?
        .query_row([row], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let is_there: Option<i64> = writer
        .prepare_cached("SELECT row FROM messages WHERE account = :account AND id = :id AND folder = :folder")?
        .query_row(named_params! {":account": account, ":id": id, ":folder": target}, |row| row.get(0))
        .optional()?;
    if is_there.is_some() {
        change_rows(writer, account, from, vec![Change::Removed(MessageId(id))])?;
    } else {
        let generation = cursor::generation(writer, account, &Scope::Messages(to.clone()).name(), None)?;
        writer
            .prepare_cached("UPDATE messages SET folder = :folder, generation = :generation WHERE row = :row")?
            .execute(named_params! {":folder": target, ":generation": generation, ":row": row})?;
        mail::count_moved(writer, source, received, -1)?;
        mail::count_moved(writer, target, received, 1)?;
    }
    let unread = i64::from(!is_read);
    folder::count(writer, source, -1, -unread)?;
    folder::count(writer, target, 1, unread)
}

/// Writes what is wanted into the rows; of messages no others than `only`.
fn show(
    writer: &Transaction<'_>,
    account: i64,
    wanted: &Arc<Mutex<Wanted>>,
    only: Option<&BTreeSet<MessageId>>,
) -> Result<Touched, DbError> {
    let wishes = wanted.lock().unwrap_or_else(PoisonError::into_inner).wishes();
    let mut touched = Touched::default();
    let mut whole_rounds: HashMap<FolderId, Option<i64>> = HashMap::new();
    let all = only.is_none().then_some(&wishes.messages).into_iter().flatten();
    let some = only.into_iter().flatten().filter_map(|id| wishes.messages.get_key_value(id));
    for (id, wish) in all.chain(some) {
        for (folder, row) in folders_of(writer, account, id)? {
            if set_fields(writer, account, id, &folder, wish)? {
                touched.folders.insert(folder.clone());
            }
            match (&wish.place, wish.target(writer, account)?) {
                (Some(Place::Nowhere), _) => {
                    let was_unread = is_unread(writer, row)?;
                    let source = folder::ensure(writer, account, &folder)?;
                    change_rows(writer, account, &folder, vec![Change::Removed(id.clone())])?;
                    folder::count(writer, source, -1, -i64::from(was_unread))?;
                    touched.folders.insert(folder);
                }
                (_, Some(target)) if target != folder => {
                    // Asked once a folder, for it may be thousands that leave it.
                    if wish.waits_to_leave(&folder) && !whole_rounds.contains_key(&folder) {
                        whole_rounds.insert(folder.clone(), cursor::whole_round(writer, account, &folder)?);
                    }
                    let round = whole_rounds.get(&folder).copied().flatten();
                    if wish.waits_to_leave(&folder) && mail::is_told(writer, row, round)? {
                        let mut wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
                        wanted.seen.entry(folder.clone()).or_default().insert(id.clone());
                    }
                    move_row(writer, account, row, &folder, &target)?;
                    touched.folders.insert(folder);
                    touched.folders.insert(target);
                }
                _ => {}
            }
        }
    }
    let generation = cursor::generation(writer, account, &Scope::Calendar.name(), None)?;
    for wish in &wishes.events {
        for event in calendar::meant(writer, account, &wish.event, wish.series.as_ref())? {
            let id = event.id.clone();
            let changed = match wishes.wished(event) {
                Some(event) => calendar::put(writer, account, generation, &event)?,
                None => calendar::remove(writer, account, &id)?,
            };
            touched.events |= changed > 0;
        }
    }
    if !wishes.created.is_empty() {
        let main = calendar::main(writer, account)?;
        for event in wishes.provisional(&main) {
            touched.events |= calendar::put(writer, account, generation, &event)? > 0;
        }
    }
    Ok(touched)
}

/// Writes the goals of a message into its row in `folder`; true if anything is new.
fn set_fields(
    writer: &Transaction<'_>,
    account: i64,
    id: &MessageId,
    folder: &FolderId,
    wish: &MessageWish,
) -> Result<bool, DbError> {
    let mut patch = MessagePatch::new(id.clone());
    wish.write_into(&mut patch);
    if patch == MessagePatch::new(id.clone()) {
        return Ok(false);
    }
    set_patch(writer, account, folder, patch)
}

fn set_patch(writer: &Transaction<'_>, account: i64, id: &FolderId, patch: MessagePatch) -> Result<bool, DbError> {
    let row = folder::ensure(writer, account, id)?;
    let unread = |writer: &Transaction<'_>| -> Result<Option<bool>, DbError> {
        Ok(writer
            .prepare_cached("SELECT is_read FROM messages WHERE folder = :folder AND account = :account AND id = :id")?
            .query_row(named_params! {":folder": row, ":account": account, ":id": patch.id.0}, |row| {
                row.get::<_, bool>(0)
            })
            .optional()?
            .map(|is_read| !is_read))
    };
    let before = unread(writer)?;
    let goal = patch.is_read;
    if before.is_none() {
        return Ok(false);
    }
    let changed = change_rows(writer, account, id, vec![Change::Upsert(patch)])?;
    if let (Some(was_unread), Some(is_read)) = (before, goal) {
        folder::count(writer, row, 0, i64::from(!is_read) - i64::from(was_unread))?;
    }
    Ok(changed > 0)
}

fn is_unread(reader: &Transaction<'_>, row: i64) -> Result<bool, DbError> {
    let is_read: Option<bool> = reader
        .prepare_cached("SELECT is_read FROM messages WHERE row = ?1")?
        .query_row([row], |row| row.get(0))
        .optional()?;
    Ok(is_read == Some(false))
}

fn former(reader: &Transaction<'_>, account: i64, intent: &Intent) -> Result<(Former, Option<EventId>), DbError> {
    let mut former = Former::default();
    let mut master = None;
    if let Some(id) = intent.message() {
        former.message = mail::find(reader, account, id)?.map(|message| FormerMessage {
            id: message.id,
            folder: message.folder,
            is_read: message.is_read,
            is_flagged: message.is_flagged,
            categories: message.categories,
        });
    }
    if let Some(id) = intent.event() {
        let one = calendar::meant(reader, account, id, None)?;
        let is_series = matches!(
            intent,
            Intent::UpdateEvent { series: true, .. }
                | Intent::DeleteEvent { series: true, .. }
                | Intent::Respond { series: true, .. }
        );
        if is_series {
            master = Some(one.first().and_then(|event| event.series.clone()).unwrap_or_else(|| id.clone()));
            former.events = calendar::meant(reader, account, id, master.as_ref())?;
            // The one that was meant comes first: it is the one whose time was changed.
            former.events.sort_by_key(|event| event.id != *id);
        } else {
            former.events = one;
        }
    }
    Ok((former, master))
}

fn put_back(
    writer: &Transaction<'_>,
    account: i64,
    wishes: &Wishes,
    entry: &Entry,
    touched: &mut Touched,
) -> Result<(), DbError> {
    if let Some(id) = entry.intent().message() {
        let rows = folders_of(writer, account, id)?;
        let former = entry.former.message.as_ref();
        let can_go_back = match former {
            Some(former) => !rows.is_empty() && folder::find(writer, account, &former.folder)?.is_some(),
            None => false,
        };
        // A later change of it takes for given what this one made of it.
        let is_built_upon = wishes.messages.get(id).is_some_and(|wish| wish.last > Some(entry.item.id));
        if entry.has_begun() || !can_go_back || is_built_upon {
            doubts::note(writer, account, &Doubt::Message(id.clone()))?;
        }
        if entry.has_begun() {
            // The service may count it, whatever becomes of it.
            counts::note_doubt(writer, account)?;
        }
        let Some(former) = former else { return Ok(()) };
        for (folder, row) in rows {
            let mut patch = MessagePatch::new(id.clone());
            match entry.intent() {
                Intent::MarkRead { .. } => patch.is_read = Some(former.is_read),
                Intent::Flag { .. } => patch.is_flagged = Some(former.is_flagged),
                Intent::Categorise { .. } => patch.categories = Some(former.categories.clone()),
                Intent::Move { .. } if folder != former.folder => {
                    move_row(writer, account, row, &folder, &former.folder)?;
                    touched.folders.insert(former.folder.clone());
                }
                _ => {}
            }
            if patch != MessagePatch::new(id.clone()) {
                set_patch(writer, account, &folder, patch)?;
            }
            touched.folders.insert(folder);
        }
    }
    let generation = cursor::generation(writer, account, &Scope::Calendar.name(), None)?;
    if let Some(id) = entry.intent().event() {
        doubts::note(writer, account, &Doubt::Event(id.clone()))?;
        for event in &entry.former.events {
            calendar::put(writer, account, generation, event)?;
        }
        touched.events = true;
    }
    if matches!(entry.intent(), Intent::CreateEvent { .. }) {
        calendar::remove(writer, account, &provisional_id(entry.item.id))?;
        touched.events = true;
    }
    Ok(())
}

impl Cache {
    /// The folder of a role, if it is known.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn folder_of_role(&self, role: FolderRole) -> Result<Option<FolderId>, DbError> {
        self.read(move |reader, account| folder::of_role(reader, account, role)).await
    }
}
