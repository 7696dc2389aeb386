//! The task that makes changes, one process at a time, as far as the service, the network and their order allow.
//!
//! It looks when something was wanted, when the service answers again, when another process says that it wrote, when what arrives
//! gives rise to a doubt, and when a wait is over; otherwise it sleeps without waking up. Must stay true: what is to be sent is on
//! disk before it is sent; whoever ends this task at any point loses nothing; a wait holds no work token and work does. Deliberately
//! absent: deciding what comes next ([`step`]) and when ([`order`]).

use crate::base::activity::Working;
use crate::base::report::Report;
use crate::db::outbox::{Leave, Outbox, OutboxError};
use crate::db::{Changes, DbError, Doubt, Scope, Touched, Wishes, provisional_intent};
use crate::domain::change::{Change, MessagePatch};
use crate::domain::event::{CalendarId, EventId, Response};
use crate::domain::intent::{Intent, IntentId, ItemState, Trouble};
use crate::domain::mail::MessageId;
use crate::domain::notice::Notice;
use crate::domain::outbox::{Ending, Entry, Progress, Stage};
use crate::domain::own_settings::Setting;
use crate::engine::outbox::acting::{self, Pause, Subject, Told};
use crate::engine::outbox::step::{Ask, Heard, Next, Work, step};
use crate::engine::outbox::{Shared, order, together, words};
use crate::graph::calendar_write;
use crate::graph::{self, GraphError, Priority, batch};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// So many changes are made side by side; one permit of the mailbox stays for the person, another for the sync.
const AT_ONCE: usize = 2;
/// A try asks no more than this; more is a circle.
const MOST_ASKS: u32 = 400;
/// How long nothing is asked after the network was not there, if nobody says that it is back.
const OFFLINE: SignedDuration = SignedDuration::from_secs(60);
/// How long after the sign-in was refused.
const SIGNED_OUT: SignedDuration = SignedDuration::from_secs(60);
/// How long until it is seen whether the other process still makes the changes.
const OTHERS: SignedDuration = SignedDuration::from_secs(5);
/// A change that failed waits no longer than this.
const LONGEST_WAIT: i64 = 300;
/// How long until what the cache could not take is shown again.
const UNSHOWN: SignedDuration = SignedDuration::from_secs(5);
/// A clock that goes back by less is only being corrected.
const SET_BACK: SignedDuration = SignedDuration::from_secs(1);

/// What the drain hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// Something was wanted or decided, here or by another process.
    Look,
    /// A person wants it now.
    Now,
    /// The service answers again.
    Reached,
}

/// Where it hears it.
pub(super) type Inbox = mpsc::UnboundedReceiver<(Event, Working)>;

pub(super) struct Drain {
    shared: Arc<Shared>,
    leave: Option<Leave>,
    running: JoinSet<(Run, Working)>,
    under_way: usize,
    paused: Option<Timestamp>,
    /// When the clock was last looked at; `None`: not yet.
    seen: Option<Timestamp>,
    /// Until when what waits was last seen to wait.
    waits: HashMap<IntentId, Timestamp>,
    /// It was said that the outbox cannot be worked on.
    is_troubled: bool,
    /// Hundreds of changes are being made, one batch after the other.
    has_train: bool,
}

/// How a try ended, beyond what is on disk.
pub(super) struct Run {
    pub(super) pause: Option<Pause>,
    /// It was a train of batches.
    pub(super) was_train: bool,
}

impl Drain {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            leave: None,
            running: JoinSet::new(),
            under_way: 0,
            paused: None,
            seen: None,
            waits: HashMap::new(),
            is_troubled: false,
            has_train: false,
        }
    }

    pub(super) async fn run(mut self, mut inbox: Inbox, mut working: Option<Working>) {
        let mut doubts = self.shared.cache.hear_doubts();
        loop {
            let wake = self.round().await;
            drop(working.take());
            let sleep = self.shared.sleep(wake);
            tokio::select! {
                biased;
                event = inbox.recv() => match event {
                    Some((event, token)) => {
                        working = Some(token);
                        match event {
                            Event::Look => {}
                            Event::Now | Event::Reached => self.paused = None,
                        }
                    }
                    None => return,
                },
                ended = self.running.join_next(), if self.under_way > 0 => {
                    self.under_way -= 1;
                    match ended {
                        Some(Ok((run, token))) => {
                            working = Some(token);
                            self.has_train &= !run.was_train;
                            let pause = match run.pause {
                                Some(Pause::Offline) => Some(OFFLINE),
                                Some(Pause::SignIn) => Some(SIGNED_OUT),
                                None => None,
                            };
                            if let Some(pause) = pause {
                                self.paused = self.shared.now().checked_add(pause).ok();
                            }
                        }
                        Some(Err(error)) => {
                            tracing::error!(%error, "the making of a change broke off");
                            self.has_train = false;
                            // What it had taken up is put down by whoever gets the leave next.
                            if self.under_way == 0 {
                                self.leave = None;
                            }
                        }
                        None => {}
                    }
                }
                Some(token) = doubts.recv() => {
                    working = Some(token);
                    while doubts.try_recv().is_ok() {}
                }
                () = sleep => working = Some(self.shared.activity.begin()),
            }
        }
    }

    /// Takes up what can be taken up; tells when to look again.
    async fn round(&mut self) -> Option<Timestamp> {
        // Where there never was an outbox, none is made before something is wanted.
        if !self.shared.file.path().exists() {
            return None;
        }
        let now = self.shared.now();
        let unshown = if self.shared.show_what_is_left().await { now.checked_add(UNSHOWN).ok() } else { None };
        soonest(unshown, self.make_what_is_due(now).await)
    }

    async fn make_what_is_due(&mut self, now: Timestamp) -> Option<Timestamp> {
        let seen = self.seen.replace(now);
        let back = seen.map_or(SignedDuration::ZERO, |seen| seen.duration_since(now));
        let was_set_back = back > SET_BACK;
        if was_set_back {
            self.paused = self.paused.and_then(|until| until.checked_sub(back).ok());
        }
        if self.shared.is_offline {
            return None;
        }
        let worked = match self.see_the_waits(seen, now).await {
            Ok(entries) => match self.paused.filter(|until| now < *until) {
                Some(until) => return Some(until),
                None => {
                    self.paused = None;
                    self.try_round(entries, now).await
                }
            },
            Err(report) => Err(report),
        };
        match worked {
            Ok(next) => {
                self.is_troubled = false;
                next
            }
            Err(report) => {
                tracing::error!(what = report.what, why = report.why, "the outbox cannot be worked on");
                if was_set_back {
                    // Not done yet: it is made up for at the next look.
                    self.seen = seen;
                }
                if !std::mem::replace(&mut self.is_troubled, true) {
                    let what = "Changes that wait cannot be made now.".to_owned();
                    self.shared.notices.tell(Notice::Problem(Report { what, ..report }));
                }
                now.checked_add(SIGNED_OUT).ok()
            }
        }
    }

    /// Looks until when each change waits; where the clock was set back since the last look, none waits longer for it. Gives back
    /// all that waits.
    async fn see_the_waits(&mut self, seen: Option<Timestamp>, now: Timestamp) -> Result<Vec<Entry>, Report> {
        let outbox = self.shared.outbox().await?;
        let entries = outbox.open_entries().await.map_err(|error| error.report())?;
        let mut has_moved = false;
        let mut waits = HashMap::new();
        for entry in &entries {
            let Some(until) = entry.not_before() else { continue };
            let known = seen.filter(|_| self.waits.get(&entry.item.id) == Some(&until));
            let until = match order::moved_wait(entry, known, now) {
                Some(to) => {
                    outbox.wait_until(entry.item.id, until, to).await.map_err(|error| error.report())?;
                    has_moved = true;
                    to
                }
                None => until,
            };
            waits.insert(entry.item.id, until);
        }
        self.waits = waits;
        if has_moved {
            tracing::info!("the clock was set back; what waits does not wait longer for it");
            self.shared.tell_summary().await;
            return outbox.open_entries().await.map_err(|error| error.report());
        }
        Ok(entries)
    }

    async fn try_round(&mut self, entries: Vec<Entry>, now: Timestamp) -> Result<Option<Timestamp>, Report> {
        let outbox = self.shared.outbox().await?;
        let conversations = self.shared.conversations(&entries).await;
        let due = order::due(&entries, &conversations, now);
        let has_doubts = self.under_way == 0 && !self.shared.cache.doubts().await.unwrap_or_default().is_empty();
        let was_left = entries.iter().any(|entry| entry.item.state == ItemState::UnderWay) && self.under_way == 0;
        if due.ready.is_empty() && !has_doubts && !was_left {
            if self.under_way == 0 {
                self.leave = None;
            }
            return Ok(due.next);
        }
        let had_leave = self.leave.is_some();
        if !had_leave {
            match outbox.leave().map_err(|error| error.report())? {
                Some(leave) => self.leave = Some(leave),
                None => return Ok(soonest(now.checked_add(OTHERS).ok(), due.next)),
            }
        }
        // Left by a run that was killed, or by a try of ours that could not even be put down.
        if !had_leave || was_left {
            outbox.put_down_what_was_left().await.map_err(|error| error.report())?;
            if was_left {
                // Looked at anew, for they may be made now.
                let entries = outbox.open_entries().await.map_err(|error| error.report())?;
                return Box::pin(self.try_round(entries, now)).await;
            }
        }
        let (taken, failed) = self.take_up(&outbox, together::groups(&entries, due.ready)).await;
        if !taken.is_empty() {
            // Whoever wanted them may not have shown them yet; once they are made nobody would before the service tells of them.
            let all: Vec<Entry> = taken.iter().flat_map(|(entries, _)| entries.iter().cloned()).collect();
            self.shared.show_new(&all).await;
            for (group, rest) in taken {
                let (shared, working) = (self.shared.clone(), self.shared.activity.begin());
                self.has_train |= !rest.is_empty();
                self.running.spawn(async move {
                    let run = match <[Entry; 1]>::try_from(group) {
                        Ok([entry]) if rest.is_empty() => shared.make(entry).await,
                        Ok(entry) => shared.make_train(entry.into(), rest).await,
                        Err(entries) => shared.make_train(entries, rest).await,
                    };
                    (run, working)
                });
                self.under_way += 1;
            }
            if let Some(error) = failed {
                return Err(error.report());
            }
        } else if let Some(error) = failed {
            return Err(error.report());
        } else if has_doubts && self.under_way == 0 {
            match self.shared.settle_doubts().await {
                // What somebody wants meanwhile comes first.
                Ok(true) => return Ok(Some(now)),
                Ok(false) => self.leave = None,
                Err(error) => {
                    tracing::info!(%error, "what is doubtful could not be read anew");
                    let wait = if error.is_offline() { OFFLINE } else { SIGNED_OUT };
                    return Ok(soonest(now.checked_add(wait).ok(), due.next));
                }
            }
        }
        Ok(due.next)
    }

    /// Takes up what is made now, at most as many groups as there is room for; what was taken before a failure is made all the same.
    /// Of a train the first batch is taken up: the others wait, and may be taken back, until their turn comes. There is one train at
    /// a time, so that there is always room for what else is wanted.
    async fn take_up(&self, outbox: &Outbox, groups: Vec<Vec<IntentId>>) -> (Vec<Taken>, Option<OutboxError>) {
        let mut taken = Vec::new();
        let mut has_train = self.has_train;
        for mut group in groups {
            if self.under_way + taken.len() >= AT_ONCE {
                break;
            }
            let is_train = group.len() > batch::LARGEST;
            if has_train && is_train {
                continue;
            }
            has_train |= is_train;
            let rest = if is_train { group.split_off(batch::LARGEST) } else { Vec::new() };
            match outbox.take_up_all(group).await {
                Ok(entries) if entries.is_empty() => {}
                Ok(entries) => taken.push((entries, rest)),
                Err(error) => return (taken, Some(error)),
            }
        }
        (taken, None)
    }
}

/// What was taken up together, and what follows it.
type Taken = (Vec<Entry>, Vec<IntentId>);

fn soonest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    one.into_iter().chain(other).min()
}

impl Shared {
    /// Waits for an instant; without one for ever.
    async fn sleep(&self, until: Option<Timestamp>) {
        match until {
            Some(until) => self.clock.sleep_until(SystemTime::from(until)).await,
            None => std::future::pending().await,
        }
    }

    /// The conversations of messages that wait to be sent as answers.
    async fn conversations(&self, entries: &[Entry]) -> BTreeMap<IntentId, String> {
        let mut conversations = BTreeMap::new();
        let Ok(outbox) = self.outbox().await else { return conversations };
        for entry in entries {
            let Intent::Send { draft } = entry.intent() else { continue };
            let Ok(Some(kept)) = outbox.kept_draft(*draft).await else { continue };
            let Some(about) = kept.draft.about else { continue };
            if let Ok(Some(row)) = self.cache.message(&about).await
                && !row.message.conversation.is_empty()
            {
                conversations.insert(entry.item.id, row.message.conversation);
            }
        }
        conversations
    }

    /// One try of a change, from where it stands to its end or its next wait.
    async fn make(&self, entry: Entry) -> Run {
        let mut run = Run { pause: None, was_train: false };
        let ended = self.try_make(&entry, &mut run).await;
        self.put_down_if_failed(entry.item.id, ended).await;
        // What it wished for is shown already.
        self.refresh(true).await;
        run
    }

    pub(super) async fn put_down_if_failed(&self, id: IntentId, ended: Result<(), Report>) {
        let Err(report) = ended else { return };
        // The disk would not take it: nothing further was sent. Whoever has the leave next takes it up again.
        tracing::error!(what = report.what, why = report.why, "a change could not be noted");
        let ending = Ending::Later { at: self.after(LONGEST_WAIT), report: Some(report) };
        let progress = match self.outbox().await {
            Ok(outbox) => outbox.entry(id).await.ok().flatten().map(|entry| entry.progress),
            Err(_) => None,
        };
        if let (Ok(outbox), Some(progress)) = (self.outbox().await, progress) {
            let _ = outbox.put_down(id, progress, ending, self.now()).await;
        }
    }

    pub(super) async fn try_make(&self, entry: &Entry, run: &mut Run) -> Result<(), Report> {
        let outbox = self.outbox().await?;
        let mut progress = entry.progress.clone();
        let kept = match entry.intent().draft() {
            Some(draft) => outbox.kept_draft(draft).await.map_err(|error| error.report())?,
            None => None,
        };
        if let Some(kept) = &kept
            && progress.stage == Stage::Begin
        {
            progress.item = progress.item.or_else(|| kept.draft.on_service.as_ref().map(|id| id.0.clone()));
            progress.version = progress.version.or_else(|| kept.version.clone());
            progress.may_have_acted |= kept.may_be_on_service && progress.item.is_none();
        }
        let subject = Subject {
            entry,
            draft: kept.as_ref().map(|kept| (&kept.draft, kept.mark.0.as_str())),
            event: self.real_event(entry).await,
            transaction: progress.version.clone().unwrap_or_else(|| format!("deskbell-{}", entry.item.made)),
            me: self.own.me().person.id,
        };
        let Some(work) = self.work(entry, &subject).await else {
            let ending =
                Ending::Stays { trouble: Trouble::Gone, report: words::trouble(Trouble::Gone, entry.intent(), None) };
            return self.end(entry, progress, ending, None).await;
        };
        self.go_on(&subject, &work, progress, None, run).await
    }

    /// The steps of a try from `progress` on, where `told` was answered last.
    pub(super) async fn go_on(
        &self,
        subject: &Subject<'_>,
        work: &Work,
        mut progress: Progress,
        mut told: Option<Told>,
        run: &mut Run,
    ) -> Result<(), Report> {
        let outbox = self.outbox().await?;
        let entry = subject.entry;
        let id = entry.item.id;
        for _ in 0..MOST_ASKS {
            let (next_progress, next) = step(work, progress, told.as_ref().map(|told| &told.heard));
            progress = next_progress;
            match next {
                Next::Ask(ask) => {
                    outbox.note(id, progress.clone()).await.map_err(|error| error.report())?;
                    if let (Ask::WriteDraft, Some((draft, _))) = (ask, subject.draft)
                        && draft.elsewhere.is_some()
                    {
                        outbox.note_written_over(draft.clone()).await.map_err(|error| error.report())?;
                    }
                    let answer = acting::ask(&self.graph, subject, &progress, ask).await;
                    if let (Ask::LookAtSetting, Heard::Setting(setting)) = (ask, &answer.heard)
                        && entry.former.replies.is_none()
                        && entry.former.time.is_none()
                    {
                        let mut former = entry.former.clone();
                        match (**setting).clone() {
                            Setting::Replies(replies) => former.replies = Some(replies),
                            Setting::Time(time) => former.time = Some(time),
                        }
                        outbox.note_former(id, former).await.map_err(|error| error.report())?;
                    }
                    told = Some(answer);
                }
                Next::Done => {
                    if let (Intent::KeepDraft { .. }, Some((draft, _))) = (entry.intent(), subject.draft) {
                        outbox.note_in_step(draft.clone()).await.map_err(|error| error.report())?;
                    }
                    return self.end(entry, progress, Ending::Done, told).await;
                }
                Next::Later { after } => {
                    let pause = told.as_ref().and_then(|told| told.pause);
                    let asked = told.as_ref().and_then(|told| told.until);
                    let report = told.as_ref().and_then(|told| told.report.clone());
                    run.pause = pause;
                    let at = match (asked, after, pause) {
                        (Some(until), ..) => Some(until),
                        (None, Some(seconds), _) => self.after(i64::from(seconds)),
                        // Everything waits for the network or the sign-in; then it goes on at once.
                        (None, None, Some(_)) => None,
                        (None, None, None) => self.after(self.wait(entry.item.attempts)),
                    };
                    return self.end(entry, progress, Ending::Later { at, report }, told).await;
                }
                Next::Stays(trouble) => {
                    let heard = told.as_ref().and_then(|told| told.report.clone());
                    let report = words::trouble(trouble, entry.intent(), heard);
                    return self.end(entry, progress, Ending::Stays { trouble, report }, told).await;
                }
            }
        }
        let ending = Ending::Later { at: self.after(LONGEST_WAIT), report: None };
        self.end(entry, progress, ending, None).await
    }

    /// Seconds until the next try, with a random part so that not all come back at once.
    fn wait(&self, attempts: u32) -> i64 {
        let ceiling = (2_i64 << attempts.min(8)).min(LONGEST_WAIT);
        let mut byte = [0_u8; 1];
        self.ids.fill(&mut byte);
        ceiling / 2 + i64::from(byte[0]) * ceiling / 512 + 1
    }

    fn after(&self, seconds: i64) -> Option<Timestamp> {
        self.now().checked_add(SignedDuration::from_secs(seconds)).ok()
    }

    async fn end(&self, entry: &Entry, progress: Progress, ending: Ending, told: Option<Told>) -> Result<(), Report> {
        let outbox = self.outbox().await?;
        let (is_done, stays) = (ending == Ending::Done, matches!(ending, Ending::Stays { .. }));
        if is_done {
            // Before it leaves the wishes, so that what is shown never goes back for a moment.
            self.own.has(entry.intent()).await;
        }
        outbox.put_down(entry.item.id, progress.clone(), ending, self.now()).await.map_err(|error| error.report())?;
        if is_done && matches!(entry.intent(), Intent::CreateEvent { .. }) {
            self.adopt_event(entry, &progress, told.and_then(|told| told.event)).await;
        }
        if is_done
            && let Intent::UpdateEvent { series, change, .. } = entry.intent()
            && (change.recurrence.is_some() || *series && change.time.is_some())
            && let Some(event) = self.real_event(entry).await
        {
            self.reload_wishes().await;
            self.read_series(&event).await;
        }
        if stays {
            self.reload_wishes().await;
            self.give_up(vec![entry.clone()]).await;
        }
        Ok(())
    }

    /// The event has a name now: it takes the place of the provisional one, also in changes that wait for it.
    async fn adopt_event(&self, entry: &Entry, progress: &Progress, made: Option<crate::domain::event::Event>) {
        if let (Ok(outbox), Some(item)) = (self.outbox().await, &progress.item) {
            for waiting in outbox.open_entries().await.unwrap_or_default() {
                if waiting.intent().event().and_then(provisional_intent) == Some(entry.item.id) {
                    let progress = Progress { item: Some(item.clone()), ..waiting.progress };
                    let _ = outbox.note(waiting.item.id, progress).await;
                }
            }
        }
        self.reload_wishes().await;
        let calendar = self.calendar().await;
        let made = match (entry.intent(), &progress.item) {
            // The pattern itself is never drawn.
            (Intent::CreateEvent { event }, Some(series)) if event.recurrence.is_some() => {
                self.days_of(&EventId(series.clone())).await.map_or_else(Vec::new, |(_, days)| days)
            }
            _ => made.map(|event| crate::domain::event::Event { calendar, ..event }).into_iter().collect(),
        };
        if let Err(error) = self.cache.replace_provisional(entry.item.id, made).await {
            tracing::warn!(%error, "an event that was made is not in the cache yet");
        }
        self.notices.tell(Notice::EventsChanged);
    }

    pub(super) async fn calendar(&self) -> CalendarId {
        let calendars = self.cache.calendars().await.unwrap_or_default();
        calendars.into_iter().find(|one| one.is_default).map_or_else(|| CalendarId(String::new()), |one| one.id)
    }

    /// The event as the service names it.
    async fn real_event(&self, entry: &Entry) -> Option<EventId> {
        let event = entry.intent().event()?;
        if let Some(item) = &entry.progress.item {
            return Some(EventId(item.clone()));
        }
        let Some(made_by) = provisional_intent(event) else { return Some(event.clone()) };
        let made = self.outbox().await.ok()?.entry(made_by).await.ok()??;
        made.progress.item.map(EventId)
    }

    /// What sort of work it is; `None` when what it is about is not there any more.
    pub(super) async fn work(&self, entry: &Entry, subject: &Subject<'_>) -> Option<Work> {
        use crate::domain::intent::MoveTarget;
        let is_derived = |draft: &crate::domain::draft::Draft| {
            draft.kind != crate::domain::draft::DraftKind::New && draft.about.is_some()
        };
        Some(match entry.intent() {
            Intent::MarkRead { .. } | Intent::Flag { .. } | Intent::Categorise { .. } => Work::Patch,
            Intent::Move { to: MoveTarget::Folder(folder), .. } => Work::Move { target: Some(folder.clone()) },
            Intent::Move { to: MoveTarget::Role(role), .. } => {
                Work::Move { target: self.cache.folder_of_role(*role).await.ok().flatten() }
            }
            Intent::DeleteForEver { .. } => Work::Delete,
            Intent::Send { .. } => {
                let (draft, _) = subject.draft?;
                if self.goes_whole(entry, draft) {
                    return Some(Work::SendWhole);
                }
                let files = draft.attachments.iter().map(|one| (one.name.clone(), one.size)).collect();
                Work::Send { is_derived: is_derived(draft), is_adopted: draft.elsewhere.is_some(), files }
            }
            Intent::KeepDraft { .. } => {
                let (draft, _) = subject.draft?;
                Work::Keep { is_derived: is_derived(draft), is_adopted: draft.elsewhere.is_some() }
            }
            Intent::DiscardDraft { .. } => Work::Discard,
            Intent::CreateEvent { .. } => Work::Create,
            Intent::UpdateEvent { series, change, .. } => {
                subject.event.as_ref()?;
                let former = entry.former.events.first().filter(|_| !series).cloned().map(Box::new);
                Work::Update { former, change: change.clone() }
            }
            Intent::DeleteEvent { .. } => {
                subject.event.as_ref()?;
                Work::Remove
            }
            Intent::Respond { answer, .. } => {
                subject.event.as_ref()?;
                let former = entry.former.events.first().map_or(Response::None, |event| event.response);
                Work::Respond { former, answer: *answer }
            }
            Intent::AutomaticReplies(_) | Intent::WorkingTime(_) => Work::Setting,
            Intent::Presence(_) | Intent::StatusNote(_) => Work::Show,
        })
    }

    /// Reads anew what is doubtful, as much of it as goes in one request; whether there is more.
    async fn settle_doubts(&self) -> Result<bool, GraphError> {
        let mut doubts = self.cache.doubts().await.unwrap_or_default();
        let has_more = doubts.len() > batch::LARGEST;
        doubts.truncate(batch::LARGEST);
        let mut messages = Vec::new();
        let mut settled = Vec::new();
        let mut failed = None;
        for doubt in doubts {
            match doubt {
                Doubt::Message(id) => messages.push(id),
                Doubt::Event(id) => match self.settle_event(&id).await {
                    Ok(touched) => {
                        self.tell_read(touched);
                        settled.push(Doubt::Event(id));
                    }
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                },
            }
        }
        if !messages.is_empty() && failed.is_none() {
            match graph::mail::several(&self.graph, &messages).await {
                Ok(told) => failed = self.settle_messages(messages, told, &mut settled).await,
                Err(error) => failed = Some(error),
            }
        }
        if let Err(error) = self.cache.settle_doubts(settled).await {
            tracing::warn!(%error, "doubts could not be settled");
            return Ok(false);
        }
        failed.map_or(Ok(has_more), Err)
    }

    /// Keeps what was told of messages; gives back why some are not known yet.
    async fn settle_messages(
        &self,
        messages: Vec<MessageId>,
        told: Vec<Result<MessagePatch, GraphError>>,
        settled: &mut Vec<Doubt>,
    ) -> Option<GraphError> {
        let mut failed = None;
        for (id, told) in messages.into_iter().zip(told) {
            let said = match told {
                Ok(patch) => Some(patch),
                Err(error) if error.is_not_found() => None,
                // Not looked at.
                Err(GraphError::Refused(refusal)) if matches!(refusal.status, 424 | 429 | 503 | 504) => {
                    failed = Some(GraphError::Refused(refusal));
                    continue;
                }
                Err(error @ GraphError::Refused(_)) => {
                    tracing::info!(%error, "a message could not be read anew");
                    settled.push(Doubt::Message(id));
                    continue;
                }
                Err(error) => {
                    failed = Some(error);
                    continue;
                }
            };
            self.tell_read(self.cache.put_message(id.clone(), said).await);
            settled.push(Doubt::Message(id));
        }
        failed
    }

    fn tell_read(&self, touched: Result<Touched, DbError>) {
        match touched {
            Ok(touched) => self.tell(touched),
            Err(error) => tracing::warn!(%error, "what was read anew could not be kept"),
        }
    }

    async fn settle_event(&self, id: &EventId) -> Result<Result<Touched, DbError>, GraphError> {
        let is_single = matches!(self.cache.event(id).await, Ok(Some(event)) if event.series.is_none());
        if !is_single {
            // Days of a series come from their pattern: the calendar is read as a whole at its next round.
            return Ok(self.cache.forget_link(&Scope::Calendar).await.map(|()| Touched::default()));
        }
        let (calendar, asking) = (self.calendar().await, self.cache.asking());
        let row = match calendar_write::event(&self.graph, Some(&calendar), id, Priority::Background).await? {
            Some(event) => Change::Upsert(event),
            None => Change::Removed(id.clone()),
        };
        let applied = asking.apply(Changes::Events(vec![row]), None).await;
        Ok(applied.map(|_| Touched { events: true, ..Touched::default() }))
    }

    /// What is wanted, as it stands on disk now.
    pub(super) async fn reload_wishes(&self) {
        let entries = match self.outbox().await {
            Ok(outbox) => outbox.open_entries().await.map_err(|error| error.report()),
            Err(report) => Err(report),
        };
        match entries {
            Ok(entries) => {
                self.own.wants(&entries);
                self.cache.set_wishes(Wishes::of(&entries));
            }
            Err(report) => tracing::error!(what = report.what, why = report.why, "the outbox cannot be read"),
        }
    }
}
