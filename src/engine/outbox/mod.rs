//! Changes that are never lost: wanted, kept on disk, shown at once, made when the service can be reached, undone.
//!
//! A change is a row of the outbox before anything else happens ([`crate::db::outbox`]); its goal is written into the cache, so every
//! screen shows it; one task makes the changes ([`drain`]), a pure function decides each step ([`step`]). Must stay true: a change that
//! was answered with yes is made or stays and says why; whoever reads the cache needs to know nothing of this; without leave to
//! write nothing is queued. Deliberately absent: any word of the screen.

mod acting;
mod adopting;
mod drain;
mod drafts;
pub mod order;
mod selected;
mod series;
pub mod step;
mod together;
mod undo;
mod whole;
mod words;

pub(super) use selected::too_many;

use crate::base::activity::{Activity, Working};
use crate::base::clock::SharedClock;
use crate::base::ids::Ids;
use crate::base::report::{Kind, Report};
use crate::db::outbox::{Mark, Outbox, OutboxFile};
use crate::db::{Cache, Touched};
use crate::domain::account::{AccountKey, AccountKind, Feature, Scopes};
use crate::domain::draft::DraftId;
use crate::domain::intent::{Intent, IntentId, ItemState, OutboxItem, Settlement, Trouble};
use crate::domain::mail::MessageId;
use crate::domain::notice::Notice;
use crate::domain::outbox::{Entry, NewEntry, Progress, Stage};
use crate::domain::request::Answer;
use crate::domain::time::Zone;
use crate::engine::notices::Notices;
use crate::engine::own::Own;
use crate::graph::{Graph, News, Observer};
use drain::{Drain, Event, Inbox};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{OnceCell, mpsc, watch};
use tokio::task::AbortHandle;
use words::Names;

/// What the service got stays known for so long, for undoing it.
const UNDO_HOURS: i64 = 12;

/// Hears for the drain that the service answers again. Made before the [`Graph`] it listens to.
#[derive(Clone)]
pub(super) struct Ear {
    events: mpsc::UnboundedSender<(Event, Working)>,
    activity: Activity,
    /// Before the drain runs there is nothing to hear.
    is_heard: Arc<AtomicBool>,
}

impl Ear {
    fn send(&self, event: Event) {
        // A drain that ended, or never began, needs no news.
        if !self.is_heard.load(Ordering::Relaxed) {
            return;
        }
        let _ = self.events.send((event, self.activity.begin()));
    }
}

impl Observer for Ear {
    fn hear(&self, news: News) {
        if news == News::Reached {
            self.send(Event::Reached);
        }
    }
}

/// An ear for the client, and the inbox behind it.
pub(super) struct Ears {
    pub(super) ear: Ear,
    inbox: Inbox,
}

pub(super) fn listen(activity: &Activity) -> Ears {
    // Unbounded on purpose: what is sent is small and bounded by the calls and keys that cause it.
    let (events, inbox) = mpsc::unbounded_channel();
    Ears { ear: Ear { events, activity: activity.clone(), is_heard: Arc::default() }, inbox }
}

/// What the outbox of an account works with.
pub(super) struct Parts {
    pub(super) file: OutboxFile,
    pub(super) account: AccountKey,
    pub(super) kind: AccountKind,
    pub(super) cache: Cache,
    pub(super) graph: Graph,
    pub(super) clock: SharedClock,
    pub(super) ids: Arc<dyn Ids>,
    pub(super) activity: Activity,
    pub(super) notices: Notices,
    pub(super) is_offline: bool,
    /// Why nothing may be changed at all.
    pub(super) refusal: Option<Report>,
    /// What was granted; empty where nobody told.
    pub(super) granted: Scopes,
    /// How long what cannot be taken back is held.
    pub(super) hold: SignedDuration,
    /// The person's zone.
    pub(super) zone: Zone,
    /// Who the changes are for.
    pub(super) own: Arc<Own>,
}

/// What the requests and the drain share.
struct Shared {
    file: OutboxFile,
    account: AccountKey,
    of_account: OnceCell<Outbox>,
    cache: Cache,
    graph: Graph,
    clock: SharedClock,
    ids: Arc<dyn Ids>,
    activity: Activity,
    notices: Notices,
    is_offline: bool,
    /// What was granted at the sign-in; empty where nobody told.
    granted: Scopes,
    own: Arc<Own>,
    /// What the cache does not show yet as it should.
    unshown: Mutex<Unshown>,
    /// The run of the program, for undoing.
    session: String,
    /// Counts what changed, for whoever waits for the end of a change.
    version: watch::Sender<u64>,
}

/// What could not be written into the cache; it is tried again.
#[derive(Default)]
struct Unshown {
    /// Something is wanted that is not shown.
    is_any: bool,
    /// These were given up and are still shown.
    given_up: Vec<Entry>,
}

impl Shared {
    fn now(&self) -> Timestamp {
        crate::domain::time::instant(self.clock.now())
    }

    /// The part of the file that belongs to the account; the file is opened on first use.
    async fn outbox(&self) -> Result<Outbox, Report> {
        let opened = self.of_account.get_or_try_init(|| self.file.of(&self.account)).await;
        if let Some(report) = self.file.take_set_aside() {
            self.notices.tell(Notice::Problem(report));
        }
        opened.cloned().map_err(|error| error.report())
    }

    /// Makes the cache show what is wanted, and tells what changed.
    async fn refresh(&self, only_state: bool) {
        self.reload_wishes().await;
        if !only_state {
            self.show().await;
        }
        self.tell_summary().await;
    }

    /// Makes the cache show what was wanted just now, and tells what changed.
    async fn show_new(&self, entries: &[Entry]) {
        self.reload_wishes().await;
        self.show_only(entries).await;
        self.tell_summary().await;
    }

    /// Shows what is wanted by these. Of what was wanted before is nothing left to do, unless something could not be shown.
    async fn show_only(&self, entries: &[Entry]) {
        let only = if self.unshown().is_any { None } else { messages_of(entries) };
        match self.cache.show_wishes_of(only).await {
            Ok(touched) => {
                self.unshown().is_any = false;
                self.tell(touched);
            }
            Err(error) => {
                self.unshown().is_any = true;
                tracing::warn!(%error, "what is wanted cannot be shown");
            }
        }
    }

    /// Writes what is wanted into the cache. What is wanted is on disk; where it cannot be shown now, it is at the next look.
    async fn show(&self) {
        let shown = self.cache.show_wishes().await;
        self.unshown().is_any = shown.is_err();
        match shown {
            Ok(touched) => self.tell(touched),
            Err(error) => tracing::warn!(%error, "what is wanted cannot be shown"),
        }
    }

    /// Shows what could not be shown before; whether something is left.
    async fn show_what_is_left(&self) -> bool {
        let Unshown { is_any, given_up } = std::mem::take(&mut *self.unshown());
        if !given_up.is_empty() {
            self.give_up(given_up).await;
        }
        if is_any {
            self.show().await;
        }
        let left = self.unshown();
        left.is_any || !left.given_up.is_empty()
    }

    /// Locks for the length of a copy; nothing is awaited under it.
    fn unshown(&self) -> MutexGuard<'_, Unshown> {
        self.unshown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn tell_summary(&self) {
        let Ok(outbox) = self.outbox().await else { return };
        if let Ok(summary) = outbox.summary().await {
            self.notices.tell(Notice::OutboxChanged(summary));
        }
        self.version.send_modify(|version| *version += 1);
    }

    /// Puts back what these had changed in the cache.
    async fn give_up(&self, entries: Vec<Entry>) {
        match self.cache.put_back(entries.clone()).await {
            Ok(touched) => self.tell(touched),
            Err(error) => {
                tracing::warn!(%error, "what was given up is still shown");
                self.unshown().given_up.extend(entries);
            }
        }
    }

    fn tell(&self, touched: Touched) {
        let any = !touched.folders.is_empty();
        for folder in touched.folders {
            self.notices.tell(Notice::MessagesChanged(folder));
        }
        if any {
            self.notices.tell(Notice::FoldersChanged);
        }
        if touched.events {
            self.notices.tell(Notice::EventsChanged);
        }
    }
}

/// The outbox of an account in use. Its drain ends with it.
pub(super) struct LiveOutbox {
    shared: Arc<Shared>,
    ear: Ear,
    inbox: Mutex<Option<Inbox>>,
    task: Mutex<Option<AbortHandle>>,
    refusal: Option<Report>,
    kind: AccountKind,
    hold: SignedDuration,
    zone: Zone,
    /// What was weighed last, until it is done or not meant any more.
    weighed: Mutex<Option<selected::LastWeighed>>,
}

impl Drop for LiveOutbox {
    fn drop(&mut self) {
        self.stop();
    }
}

impl LiveOutbox {
    pub(super) fn new(parts: Parts, ears: Ears) -> Self {
        let session = random(&*parts.ids);
        let (version, _) = watch::channel(0);
        let shared = Arc::new(Shared {
            file: parts.file,
            account: parts.account,
            of_account: OnceCell::new(),
            cache: parts.cache,
            graph: parts.graph,
            clock: parts.clock,
            ids: parts.ids,
            activity: parts.activity,
            notices: parts.notices,
            is_offline: parts.is_offline,
            granted: parts.granted,
            own: parts.own,
            unshown: Mutex::default(),
            session,
            version,
        });
        Self {
            shared,
            ear: ears.ear,
            inbox: Mutex::new(Some(ears.inbox)),
            task: Mutex::new(None),
            refusal: parts.refusal,
            kind: parts.kind,
            hold: parts.hold,
            zone: parts.zone,
            weighed: Mutex::default(),
        }
    }

    /// Shows what is still wanted from an earlier run, and begins to make it. A second call changes nothing.
    pub(super) fn start(&self) {
        let Some(inbox) = self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take() else { return };
        self.ear.is_heard.store(true, Ordering::Relaxed);
        let (shared, working) = (self.shared.clone(), self.shared.activity.begin());
        let is_new = !self.shared.file.path().exists();
        let task = tokio::spawn(async move {
            // Where there never was an outbox none is made before something is wanted.
            if !is_new {
                shared.wake().await;
            }
            Drain::new(shared).run(inbox, (!is_new).then_some(working)).await;
        });
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
    }

    /// Ends the making of changes; what is not made yet stays on disk.
    pub(super) fn stop(&self) {
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }

    /// Another process wrote into the outbox.
    pub(super) fn look(&self) {
        let (shared, working) = (self.shared.clone(), self.shared.activity.begin());
        let ear = self.ear.clone();
        tokio::spawn(async move {
            shared.own.look().await;
            shared.reload_wishes().await;
            // Whoever comes first shows it, and the one who shows it tells: the other finds nothing left to do.
            if let Ok(touched) = shared.cache.show_wishes().await {
                shared.tell(touched);
            }
            if let Ok(outbox) = shared.outbox().await
                && let Ok(summary) = outbox.summary().await
            {
                shared.notices.tell_here(Notice::OutboxChanged(summary));
            }
            shared.version.send_modify(|version| *version += 1);
            ear.send(Event::Look);
            drop(working);
        });
    }

    /// A person wants everything now.
    pub(super) fn now(&self) {
        self.ear.send(Event::Now);
    }

    /// Keeps changes, shows them, and has them made.
    pub(super) async fn change(&self, intents: Vec<Intent>) -> Result<Answer, Report> {
        let entries = self.keep(intents, false).await?;
        Ok(self.told(&entries).await)
    }

    /// The same for what nobody asked for by name; undo passes it over.
    pub(super) async fn note(&self, intents: Vec<Intent>) -> Result<Answer, Report> {
        let entries = self.keep(intents, true).await?;
        Ok(self.told(&entries).await)
    }

    /// What happened, in words.
    async fn told(&self, entries: &[Entry]) -> Answer {
        // Of several nothing is named but where they go, which is the same for all of which one sentence is told.
        let names = self.names(entries.iter().take(1).map(Entry::intent)).await.pop().unwrap_or_default();
        let told: Vec<_> = entries.iter().map(|entry| (entry.intent(), &names)).collect();
        let is_held = entries.iter().any(|entry| matches!(entry.item.state, ItemState::Held { .. }));
        Answer::Changed {
            ids: entries.iter().map(|entry| entry.item.id).collect(),
            words: words::together(&told, is_held),
        }
    }

    /// Keeps changes on disk and shows them.
    async fn keep(&self, intents: Vec<Intent>, is_undo: bool) -> Result<Vec<Entry>, Report> {
        if intents.is_empty() {
            return Ok(Vec::new());
        }
        for intent in &intents {
            self.admit(intent)?;
            self.check(intent).await?;
        }
        let outbox = self.shared.outbox().await?;
        let former = self.shared.cache.former(intents.clone()).await.map_err(|error| error.report())?;
        let names = self.names(intents.iter()).await;
        let now = self.shared.now();
        let mut wanted = Vec::with_capacity(intents.len());
        let me = self.shared.own.me();
        for ((intent, (mut former, master)), names) in intents.into_iter().zip(former).zip(&names) {
            match &intent {
                Intent::Presence(_) => former.chosen = me.chosen.filter(|chosen| chosen.holds(now)),
                Intent::StatusNote(_) => former.note.clone_from(&me.note),
                _ => {}
            }
            let held = self.is_final(&intent, &former) && !self.hold.is_zero();
            wanted.push(NewEntry {
                words: words::one(&intent, names),
                held: held.then(|| now.checked_add(self.hold).ok()).flatten(),
                progress: Progress {
                    item: master.map(|id| id.0),
                    // The name by which the service tells the same event from another.
                    version: matches!(intent, Intent::CreateEvent { .. }).then(|| random(&*self.shared.ids)),
                    ..Progress::default()
                },
                former,
                intent,
            });
        }
        // What only keeps a draft is nothing that anybody undoes.
        let is_quiet = is_undo || wanted.iter().all(|new| matches!(new.intent, Intent::KeepDraft { .. }));
        let entries = outbox.add(wanted, &self.shared.session, is_quiet, now).await.map_err(|error| error.report())?;
        self.supersede(&outbox, &entries).await;
        self.shared.show_new(&entries).await;
        self.start();
        self.ear.send(Event::Look);
        Ok(entries)
    }

    /// An older keeping of a draft that nobody began is of no use beside a newer change of it.
    async fn supersede(&self, outbox: &Outbox, entries: &[Entry]) {
        let drafts: Vec<DraftId> = entries.iter().filter_map(|entry| entry.intent().draft()).collect();
        if drafts.is_empty() {
            return;
        }
        for old in outbox.open_entries().await.unwrap_or_default() {
            let is_old = entries.first().is_some_and(|first| old.item.id < first.item.id) && !old.has_begun();
            if let Intent::KeepDraft { draft } = old.intent()
                && is_old
                && drafts.contains(draft)
            {
                let _ = outbox.take_back(old.item.id).await;
            }
        }
    }

    /// Whether it cannot be taken back once it is made: then it is held for a while.
    fn is_final(&self, intent: &Intent, former: &crate::domain::outbox::Former) -> bool {
        match intent {
            Intent::Send { .. } | Intent::DeleteForEver { .. } => true,
            Intent::Respond { tell, proposal, .. } => *tell || proposal.is_some(),
            Intent::CreateEvent { event } => !event.attendees.is_empty(),
            Intent::UpdateEvent { change, .. } => {
                change.attendees.is_some()
                    || former.events.first().is_some_and(|event| event.is_organizer && acting::has_guests(event))
            }
            Intent::DeleteEvent { .. } => {
                former.events.first().is_some_and(|event| event.is_organizer && acting::has_guests(event))
            }
            _ => false,
        }
    }

    /// Whether this may be changed at all.
    fn admit(&self, intent: &Intent) -> Result<(), Report> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let needed: &[Feature] = match intent {
            // Without a draft it goes whole.
            Intent::Send { .. } => &[Feature::MailSend],
            // Where no copy of it lies there, nothing has to be written.
            Intent::DiscardDraft { .. } => &[],
            Intent::MarkRead { .. }
            | Intent::Flag { .. }
            | Intent::Categorise { .. }
            | Intent::Move { .. }
            | Intent::DeleteForEver { .. }
            | Intent::KeepDraft { .. } => &[Feature::MailWrite],
            Intent::CreateEvent { .. }
            | Intent::UpdateEvent { .. }
            | Intent::DeleteEvent { .. }
            | Intent::Respond { .. } => &[Feature::CalendarWrite],
            Intent::AutomaticReplies(_) | Intent::WorkingTime(_) => &[Feature::SettingsWrite],
            Intent::Presence(_) | Intent::StatusNote(_) => &[Feature::PresenceWrite],
        };
        match needed.iter().find(|feature| !self.shared.may(**feature)) {
            Some(missing) => Err(not_granted(*missing, self.kind)),
            None => Ok(()),
        }
    }

    /// Whether it makes sense, as far as can be told without the service.
    async fn check(&self, intent: &Intent) -> Result<(), Report> {
        if let Some(draft) = intent.draft() {
            let kept = self.shared.outbox().await?.kept_draft(draft).await.map_err(|error| error.report())?;
            let Some(kept) = kept.filter(|kept| !kept.is_discarded) else { return Err(drafts::no_draft()) };
            if kept.draft.is_sending {
                return Err(drafts::on_its_way());
            }
            let has_copy = kept.draft.on_service.is_some() || kept.may_be_on_service;
            match intent {
                Intent::Send { .. } if !has_copy && !self.shared.may(Feature::MailWrite) => {
                    self.shared.check_whole(&kept.draft).await?;
                }
                Intent::Send { .. } | Intent::DiscardDraft { .. }
                    if has_copy && !self.shared.may(Feature::MailWrite) =>
                {
                    return Err(not_granted(Feature::MailWrite, self.kind));
                }
                _ => {}
            }
            if matches!(intent, Intent::Send { .. }) && kept.draft.has_no_recipient() {
                return Err(Report::new(Kind::Usage, "noRecipient", "This message cannot be sent.")
                    .because("Nobody is addressed.")
                    .next("Add somebody to To, Cc or Bcc."));
            }
        }
        if let Intent::UpdateEvent { event, series: false, .. } | Intent::DeleteEvent { event, series: false, .. } =
            intent
            && crate::db::is_provisional_day(event)
        {
            return Err(Report::new(Kind::Usage, "seriesIsNew", "One day of this series cannot be changed yet.")
                .because("The series waits in the outbox; its days get their names when the service has it.")
                .next("Change the whole series, or wait until it is made."));
        }
        if let Intent::UpdateEvent { change, .. } = intent
            && change.is_empty()
        {
            return Err(Report::new(Kind::Usage, "nothingChanged", "Nothing was changed.")
                .because("The event stays as it is.")
                .next("Change something first."));
        }
        Ok(())
    }

    /// What these are about, by name.
    async fn names<'a>(&self, intents: impl Iterator<Item = &'a Intent>) -> Vec<Names> {
        use crate::domain::intent::MoveTarget;
        let cache = &self.shared.cache;
        let mut folders: Option<HashMap<String, String>> = None;
        let mut all = Vec::new();
        let intents: Vec<&Intent> = intents.collect();
        let messages = intents.iter().filter_map(|intent| intent.message().cloned()).collect();
        let mut subjects = cache.subjects(messages).await.unwrap_or_default();
        for intent in intents {
            let mut names = Names::default();
            if let Some(subject) = intent.message().and_then(|message| subjects.remove(message)) {
                names.subject = subject;
            }
            if let Some(draft) = intent.draft()
                && let Ok(outbox) = self.shared.outbox().await
                && let Ok(Some(kept)) = outbox.kept_draft(draft).await
            {
                names.subject = kept.draft.subject;
            }
            if let Some(event) = intent.event()
                && let Ok(Some(event)) = cache.event(event).await
            {
                names.subject = event.subject;
            }
            if let Intent::CreateEvent { event } = intent {
                names.subject.clone_from(&event.subject);
            }
            if let Intent::Move { to, .. } = intent {
                let known = match folders.take() {
                    Some(known) => known,
                    None => {
                        let known = cache.folders().await.unwrap_or_default();
                        let role = |role: crate::domain::mail::FolderRole| format!("role {role:?}");
                        known
                            .iter()
                            .filter_map(|folder| Some((role(folder.role?), folder.name.clone())))
                            .chain(known.iter().map(|folder| (folder.id.0.clone(), folder.name.clone())))
                            .collect()
                    }
                };
                let key = match to {
                    MoveTarget::Folder(folder) => folder.0.clone(),
                    MoveTarget::Role(role) => format!("role {role:?}"),
                };
                names.folder = known.get(&key).cloned().unwrap_or_default();
                folders = Some(known);
            }
            all.push(names);
        }
        all
    }

    /// What waits, is under way or stays.
    pub(super) async fn list(&self) -> Result<Answer, Report> {
        if !self.shared.file.path().exists() {
            return Ok(Answer::Outbox(Vec::new()));
        }
        let entries = self.shared.outbox().await?.open_entries().await.map_err(|error| error.report())?;
        Ok(Answer::Outbox(entries.into_iter().map(|entry| entry.item).collect()))
    }

    /// Waits until each of these is done, stays for a person, or cannot go on now because it is held or the service cannot be
    /// reached; gives back how they stand. One that was taken back is not among them.
    pub(super) async fn follow(&self, ids: &[IntentId]) -> Result<Vec<OutboxItem>, Report> {
        let mut version = self.shared.version.subscribe();
        loop {
            version.borrow_and_update();
            let outbox = self.shared.outbox().await?;
            let mut items = Vec::new();
            for id in ids {
                if let Some(entry) = outbox.entry(*id).await.map_err(|error| error.report())? {
                    items.push(entry.item);
                }
            }
            let is_settled = |item: &OutboxItem| match item.state {
                ItemState::Done | ItemState::NeedsPerson(_) => true,
                ItemState::Held { .. } | ItemState::UnderWay => false,
                ItemState::Waiting => self.shared.is_offline || item.report.is_some(),
            };
            if items.iter().all(is_settled) || version.changed().await.is_err() {
                return Ok(items);
            }
        }
    }

    /// Decides about a change that stays or waits.
    pub(super) async fn settle(&self, id: IntentId, how: Settlement) -> Result<Answer, Report> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let outbox = self.shared.outbox().await?;
        let entry = outbox.entry(id).await.map_err(|error| error.report())?;
        let Some(entry) = entry.filter(Entry::is_open) else {
            return Err(Report::new(Kind::Usage, "noSuchChange", "There is no such change in the outbox.")
                .because("It has been made or taken back.")
                .next("Look at the outbox again."));
        };
        let done = match how {
            Settlement::Cancel | Settlement::KeepTheirs => {
                let taken = outbox.take_back(id).await.map_err(|error| error.report())?;
                let mut given_up: Vec<Entry> = taken.into_iter().collect();
                let is_taken = !given_up.is_empty();
                if is_taken {
                    self.part_with_copy(&outbox, &entry, how).await?;
                }
                given_up.extend(self.take_dependents(&outbox, &given_up).await);
                self.shared.reload_wishes().await;
                self.shared.give_up(given_up).await;
                is_taken
            }
            Settlement::Retry | Settlement::KeepMine => {
                let progress = resumed(&entry, how);
                outbox.let_go_on(id, progress).await.map_err(|error| error.report())?
            }
        };
        if !done {
            return Err(Report::new(Kind::Failure, "underWay", "This change is being made right now.")
                .because("It can be decided about once the service has answered.")
                .next("Wait a moment, then look again."));
        }
        self.shared.refresh(false).await;
        self.start();
        self.ear.send(Event::Now);
        self.list().await
    }

    /// What becomes of a draft whose change was given up: theirs takes its place, or, where the copy is gone, it goes on alone.
    async fn part_with_copy(&self, outbox: &Outbox, entry: &Entry, how: Settlement) -> Result<(), Report> {
        let (Intent::Send { draft } | Intent::KeepDraft { draft }) = entry.intent() else { return Ok(()) };
        let done = match entry.item.state {
            ItemState::NeedsPerson(Trouble::Gone) => outbox.set_apart(*draft, Mark(random(&*self.shared.ids))).await,
            ItemState::NeedsPerson(Trouble::ChangedElsewhere) if how == Settlement::KeepTheirs => {
                outbox.give_up_draft(*draft).await
            }
            _ => return Ok(()),
        };
        done.map_err(|error| error.report())
    }

    /// Changes of an event that will never be made go with it.
    async fn take_dependents(&self, outbox: &Outbox, given_up: &[Entry]) -> Vec<Entry> {
        let mut taken = Vec::new();
        for entry in outbox.open_entries().await.unwrap_or_default() {
            let made_by = entry.intent().event().and_then(crate::db::provisional_intent);
            let is_made_by =
                |gone: &Entry| Some(gone.item.id) == made_by && matches!(gone.intent(), Intent::CreateEvent { .. });
            if given_up.iter().any(is_made_by) {
                taken.extend(outbox.take_back(entry.item.id).await.ok().flatten());
            }
        }
        taken
    }
}

impl Shared {
    /// What is to be done at the start: what an earlier run wanted is shown again, and what nobody undoes any more is forgotten.
    async fn wake(&self) {
        if let Ok(outbox) = self.outbox().await {
            let before = self.now().checked_sub(SignedDuration::from_hours(UNDO_HOURS)).unwrap_or(Timestamp::MIN);
            if let Err(error) = outbox.forget_done(before).await {
                tracing::warn!(%error, "what was made long ago is still in the outbox");
            }
        }
        self.refresh(false).await;
    }
}

/// The messages these are about; `None`: one of them is about something else.
fn messages_of(entries: &[Entry]) -> Option<BTreeSet<MessageId>> {
    entries.iter().map(|entry| entry.intent().message().cloned()).collect()
}

/// From where a change goes on after somebody decided.
fn resumed(entry: &Entry, how: Settlement) -> Progress {
    let mut progress = Progress { looks: 0, ..entry.progress.clone() };
    if how == Settlement::Retry {
        return progress;
    }
    progress.is_forced = true;
    match (entry.intent(), entry.item.state) {
        // Once more, whatever became of the first.
        (Intent::Send { .. }, ItemState::NeedsPerson(Trouble::Unclear)) => {
            Progress { stage: Stage::Make, is_forced: true, is_alone: entry.progress.is_alone, ..Progress::default() }
        }
        (Intent::Respond { .. }, ItemState::NeedsPerson(Trouble::Unclear)) => {
            Progress { is_forced: true, item: entry.progress.item.clone(), ..Progress::default() }
        }
        _ => progress,
    }
}

/// Why nothing may be changed: the whole program only reads, or this service does.
pub(super) fn refusal(is_read_only: bool, is_service_that_reads: bool) -> Option<Report> {
    if is_read_only {
        return Some(
            Report::new(Kind::Configuration, "readOnly", "Nothing may be changed.")
                .because("deskbell was started to read only (--read-only or read_only = true).")
                .next("Start it without --read-only, or set read_only = false."),
        );
    }
    is_service_that_reads.then(|| {
        Report::new(Kind::Configuration, "serviceReadOnly", "This service only reads.")
            .because("Its profile does not allow changes.")
            .next("Set allow_write = true in the profile if the service shall change what it reads.")
    })
}

fn not_granted(feature: Feature, kind: AccountKind) -> Report {
    let scope = feature.scopes().first().copied().unwrap_or_default();
    let what = match feature {
        Feature::MailSend => "Mail may not be sent.",
        Feature::CalendarWrite => "The calendar may not be changed.",
        Feature::SettingsWrite => "The mailbox's settings may not be changed.",
        Feature::PresenceWrite => "Your presence may not be changed.",
        _ => "Mail may not be changed.",
    };
    let report = Report::new(Kind::NeedsPerson, "consentRequired", what)
        .because(format!("The permission {scope} was not granted."))
        .detail("permission", scope);
    if kind == AccountKind::Service {
        report.next(format!("Ask an administrator to grant the application {scope}."))
    } else {
        report
            .next(format!("Ask for it: deskbell login --tier {}", feature.tier().name()))
            .next("Where only an administrator may grant it, that shows the request to send.")
    }
}

fn random(ids: &dyn Ids) -> String {
    let mut bytes = [0_u8; 12];
    ids.fill(&mut bytes);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
