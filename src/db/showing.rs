//! What is wanted, written into the cache's own rows, and taken out of them again.
//!
//! Lists, counters and search are right without anybody thinking of it. Must stay true: what is given up is put back as it was, and is
//! doubtful where the service may have heard of it or where that may not be how it was. Deliberately absent: what becomes of what the
//! service says meanwhile (`passing`).

use crate::db::apply::Changes;
use crate::db::asking::Wanted;
use crate::db::mail::{self, FolderWriter};
use crate::db::passing::Passing;
use crate::db::provisional::{provisional_id, provisional_intent};
use crate::db::wishes::{MessageWish, Place, Wishes};
use crate::db::{Cache, DbError, Doubt, Scope, calendar, counts, cursor, doubts, folder};
use crate::domain::change::{Change, MessagePatch};
use crate::domain::event::{Event, EventId};
use crate::domain::intent::{Intent, IntentId};
use crate::domain::mail::{FolderId, FolderRole, MessageId};
use crate::domain::outbox::{Entry, Former, FormerMessage};
use crate::domain::time::Span;
use jiff::tz::TimeZone;
use rusqlite::{OptionalExtension, Transaction, named_params};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// What changed in the cache, for news.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Folders whose messages changed.
    pub folders: BTreeSet<FolderId>,
    /// Events changed.
    pub events: bool,
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

impl Cache {
    /// Takes the provisional event, or all days of the provisional series, away and puts the real ones in its place.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn replace_provisional(&self, id: IntentId, real: Vec<Event>) -> Result<(), DbError> {
        let cache = self.clone();
        self.write(move |writer, account| {
            let generation = cursor::generation(writer, account, &Scope::Calendar.name(), None)?;
            calendar::remove(writer, account, &provisional_id(id))?;
            cache.end_events(real.iter().map(|event| event.series.as_ref().unwrap_or(&event.id)));
            let wishes = cache.wishes();
            for event in real.into_iter().filter_map(|event| wishes.wished(event)) {
                calendar::put(writer, account, generation, &event)?;
            }
            Ok(())
        })
        .await
    }

    /// Puts these in the place of what is known of a series within `window`: its days, or the single event that it was or became.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn replace_series(&self, series: EventId, window: Span, real: Vec<Event>) -> Result<(), DbError> {
        let cache = self.clone();
        self.write(move |writer, account| {
            let generation = cursor::generation(writer, account, &Scope::Calendar.name(), None)?;
            cache.end_events(std::iter::once(&series));
            let wishes = cache.wishes();
            for known in calendar::meant(writer, account, &series, Some(&series))? {
                let (start, end) = (known.when.start(&TimeZone::UTC), known.when.end(&TimeZone::UTC));
                if start < window.end && end > window.start && !real.iter().any(|event| event.id == known.id) {
                    calendar::remove(writer, account, &known.id)?;
                }
            }
            for event in real.into_iter().filter_map(|event| wishes.wished(event)) {
                calendar::put(writer, account, generation, &event)?;
            }
            Ok(())
        })
        .await
    }
}

/// Provisional events that no change wants any more.
pub(super) fn left_behind(reader: &Transaction<'_>, account: i64, wishes: &Wishes) -> Result<Vec<EventId>, DbError> {
    let mut statement =
        reader.prepare_cached("SELECT id FROM events WHERE account = ?1 AND id >= 'outbox:' AND id < 'outbox;'")?;
    let ids = statement.query_map([account], |row| Ok(EventId(row.get(0)?)))?;
    let ids: Vec<EventId> = ids.collect::<Result<_, _>>()?;
    let mut wanted = std::collections::BTreeSet::new();
    if let Some((first, _)) = wishes.created.first() {
        let main = calendar::main(reader, account)?;
        wanted.insert(first.clone());
        wanted.extend(wishes.provisional(&main).map(|event| event.id));
    }
    Ok(ids.into_iter().filter(|id| provisional_intent(id).is_some() && !wanted.contains(id)).collect())
}
