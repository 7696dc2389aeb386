//! Keeping the cache in step with the service, whether anybody looks or not.
//!
//! One task, the supervisor, owns the [`plan::State`]: it plans from cursors, time, interest and connection ([`plan`]), starts rounds,
//! hears how they end, and sleeps until the next is due. Rounds ([`round`]) write page after page into the cache and tell what changed.
//! Must stay true: a wait holds no work token and work does; there is one timer, for the next round; nothing is asked when offline
//! is forced, when the service wants to be left alone, or when the sign-in must be repeated; without a network one look at a time
//! is made, and the rounds wait for it. Deliberately absent: presence and automatic replies, which are read when somebody looks
//! (`engine::people`, `engine::away`).

mod bodies;
mod calendar;
mod compare;
mod folders;
mod mail;
pub mod plan;
mod round;
pub(in crate::engine) mod slow;
mod status;

pub use plan::{Days, Interest};

use crate::base::activity::{Activity, Working};
use crate::base::clock::SharedClock;
use crate::base::ids::Ids;
use crate::base::report::Report;
use crate::config::CacheLimits;
use crate::db::{Cache, DbError, Scope};
use crate::domain::account::Feature;
use crate::domain::mail::{Body, FolderId, FolderRole, MessageId};
use crate::domain::notice::Notice;
use crate::domain::sync::Connection;
use crate::engine::notices::Notices;
use crate::engine::own::Own;
use crate::graph::{Graph, GraphError, News, Observer};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plan::{Hold, Round, State, Upkeep};
use round::{Ending, Memory, RoundError, Tools};
use status::Status;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

/// What is shown at once is asked for at once, unless it is younger than this.
const YOUNG: SignedDuration = SignedDuration::from_secs(30);
/// A folder that was read within this is not read again because it was counted anew: its own changes moved the counts.
const JUST_READ: SignedDuration = SignedDuration::from_secs(20);
/// While a look for the network is under way nothing else begins.
const LOOKING: SignedDuration = SignedDuration::from_secs(10);
/// Somebody who comes back after so long without a key wants to see what is new.
const CAME_BACK: i64 = 900;
/// Without a network, a key makes us look at once, unless that was done so many seconds ago.
const LOOKED: i64 = 3;
/// Texts are looked for ahead of need when messages have changed, and where none have, after so long all the same.
const TEXTS: SignedDuration = SignedDuration::from_mins(10);
/// A file that another process holds is tried again without a word so many times.
const BUSY_IN_SILENCE: u32 = 3;

/// What the supervisor hears.
#[derive(Debug)]
enum Event {
    /// The program has just begun, or a round is due.
    Due,
    /// A person wants everything now.
    SyncNow,
    /// The screen shows something else.
    Interest(Interest),
    /// The terminal has the focus or lost it.
    Focus(bool),
    /// A call was answered, was not, or was asked to wait.
    News(News),
    /// A page of a round arrived.
    Page { round: Round, done: u32, total: Option<u32> },
    /// There are more bodies to fetch ahead.
    MoreBodies,
    /// Everything there is shall be in step once.
    SyncAll,
    /// A person pressed a key after a while, or while there is no network.
    Touched,
    /// A person wants no long work, or wants it again.
    Pace(bool),
    /// Which calendars are shown has changed.
    Calendars,
}

/// Hears the client's news for the supervisor. Made before the [`Graph`] it listens to.
#[derive(Clone)]
pub struct Ear {
    events: mpsc::UnboundedSender<(Event, Working)>,
    activity: Activity,
}

impl Ear {
    fn send(&self, event: Event) {
        // A supervisor that ended needs no news.
        let _ = self.events.send((event, self.activity.begin()));
    }
}

impl Observer for Ear {
    fn hear(&self, news: News) {
        self.send(Event::News(news));
    }
}

/// The supervisor's end of an [`Ear`].
pub struct Inbox(mpsc::UnboundedReceiver<(Event, Working)>);

/// An ear for the client and the inbox for the supervisor that listens through it.
#[must_use]
pub fn listen(activity: &Activity) -> (Ear, Inbox) {
    // Unbounded on purpose: what is sent is small and bounded by the calls and keys that cause it.
    let (events, inbox) = mpsc::unbounded_channel();
    (Ear { events, activity: activity.clone() }, Inbox(inbox))
}

/// What the supervisor works with.
pub struct SyncContext {
    /// The client; its observer is `ear`.
    pub graph: Graph,
    /// The account's cache.
    pub cache: Cache,
    /// The clock.
    pub clock: SharedClock,
    /// Jitter.
    pub ids: Arc<dyn Ids>,
    /// Where work is counted.
    pub activity: Activity,
    /// Where news is told.
    pub notices: Notices,
    /// Who we work for.
    pub own: Arc<Own>,
    /// The person's zone; the calendar window is whole months of it.
    pub zone: TimeZone,
    /// `--offline`: nothing is asked.
    pub is_offline: bool,
    /// How much is kept on this computer.
    pub limits: CacheLimits,
    /// From [`listen`].
    pub ear: Ear,
    /// From [`listen`].
    pub inbox: Inbox,
}

/// Commands for the supervisor, which ends with the last handle. Cheap to clone.
#[derive(Clone)]
pub struct SyncHandle {
    ear: Ear,
    tools: Arc<Tools>,
    _task: Arc<Ends>,
}

struct Ends(AbortHandle);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl SyncHandle {
    /// Everything is asked for now, also after a failure; a wait the service asked for is still obeyed.
    pub fn sync_now(&self) {
        self.ear.send(Event::SyncNow);
    }

    /// The screen shows something else.
    pub fn interest(&self, interest: Interest) {
        self.ear.send(Event::Interest(interest));
    }

    /// The terminal has the focus, or lost it: without it everything goes at half the pace.
    pub fn focus(&self, has_focus: bool) {
        self.ear.send(Event::Focus(has_focus));
    }

    /// Everything there is is asked for once: all folders that are shown, all calendars that are shown, bodies, people, settings.
    pub fn sync_all(&self) {
        self.ear.send(Event::SyncAll);
    }

    /// No long work from now on, or long work again. What a person asks for is done all the same; nothing that is here is lost.
    pub fn pause(&self, is_paused: bool) {
        self.tools.is_paused.store(is_paused, Ordering::Relaxed);
        self.ear.send(Event::Pace(is_paused));
    }

    /// Which calendars are shown has changed.
    pub fn calendars_chosen(&self) {
        self.ear.send(Event::Calendars);
    }

    /// A person pressed a key. Costs next to nothing unless nobody did for long or there is no network.
    pub fn touched(&self) {
        let now = self.tools.now().as_second();
        let before = self.tools.touched.swap(now, Ordering::Relaxed);
        let wait = if self.tools.is_unreachable.load(Ordering::Relaxed) { LOOKED } else { CAME_BACK };
        if now - before >= wait {
            self.ear.send(Event::Touched);
        }
    }

    /// Asks for a body that a person waits for and keeps it; [`Notice::BodyArrived`] is told too.
    ///
    /// # Errors
    /// Why it cannot be had, told to a person.
    pub async fn fetch_body(&self, id: &MessageId) -> Result<Body, Report> {
        const WHAT: &str = "The text of this message could not be read.";
        let _working = self.ear.activity.begin();
        let body = crate::graph::mail::body(&self.tools.graph, id).await.map_err(|error| error.report(WHAT))?;
        if let Err(error) = bodies::keep(&self.tools, vec![(id.clone(), body.clone())]).await {
            // It can be read all the same; the next opening asks again.
            tracing::warn!(%error, "a body could not be kept");
        }
        Ok(body)
    }
}

/// Starts the supervisor on the current runtime; it begins with what the cache knows.
#[must_use]
pub fn spawn(context: SyncContext) -> SyncHandle {
    let SyncContext { graph, cache, clock, ids, activity, notices, own, zone, is_offline, limits, ear, inbox } =
        context;
    let events = ear.events.clone();
    let tools = Arc::new(Tools {
        graph,
        cache,
        clock,
        notices,
        own,
        zone,
        limits,
        events,
        activity,
        memory: Mutex::new(Memory::default()),
        is_paused: AtomicBool::new(false),
        is_unreachable: AtomicBool::new(false),
        touched: AtomicI64::new(0),
    });
    let working = tools.activity.begin();
    let supervisor = Supervisor::new(tools.clone(), ids, is_offline);
    let task = tokio::spawn(supervisor.run(inbox, working));
    SyncHandle { ear, tools, _task: Arc::new(Ends(task.abort_handle())) }
}

/// A round under way.
struct Begun {
    round: Round,
    /// The round of a folder that had been read to the end when it began.
    was_kept: bool,
}

struct Supervisor {
    tools: Arc<Tools>,
    ids: Arc<dyn Ids>,
    is_forced_offline: bool,
    state: State,
    status: Status,
    rounds: JoinSet<(Ending, Working)>,
    begun: HashMap<Id, Begun>,
    /// Looks for the service in a row that found nothing.
    reconnects: u32,
    /// The last look found a way, and yet nothing of use was answered.
    has_way: bool,
    /// The service's counts of each folder, as last told.
    counts: HashMap<FolderId, (u32, u32)>,
    /// When the clock was last looked at.
    seen: Timestamp,
    /// Folders that the next round of the tree finds are asked for too.
    wants_all: bool,
    /// All bodies within the limits are fetched without a pause.
    wants_bodies: bool,
    /// Messages have changed since texts were looked for.
    has_news: bool,
    /// The round whose failure is announced; it stays announced until that round goes well.
    troubled: Option<Round>,
}

impl Supervisor {
    fn new(tools: Arc<Tools>, ids: Arc<dyn Ids>, is_forced_offline: bool) -> Self {
        let connection = if is_forced_offline { Connection::ForcedOffline } else { Connection::Unknown };
        let status = Status::new(tools.notices.clone(), connection, None);
        let hold = if is_forced_offline { Hold::Person } else { Hold::None };
        let began = tools.now();
        Self {
            tools,
            ids,
            is_forced_offline,
            state: State { hold, began, days_since: began, ..State::default() },
            status,
            rounds: JoinSet::new(),
            begun: HashMap::new(),
            reconnects: 0,
            has_way: false,
            counts: HashMap::new(),
            seen: began,
            wants_all: false,
            wants_bodies: false,
            has_news: false,
            troubled: None,
        }
    }

    async fn run(mut self, mut inbox: Inbox, working: Working) {
        self.look_into_the_cache().await;
        let mut working = Some(working);
        loop {
            let now = self.see_the_clock();
            self.see_what_is_granted();
            let plan = plan::plan(&self.state, now);
            for round in plan.begin {
                self.begin(round);
            }
            if !self.state.running.iter().any(|round| self.is_other(round)) {
                self.status.others_ended();
            }
            self.tools.is_unreachable.store(self.status.is_offline(), Ordering::Relaxed);
            self.status.tell();
            drop(working.take());
            let wake = plan.wake.map(|wake| self.tools.clock.sleep_until(wake.into()));
            tokio::select! {
                // In the order in which they happened: a round's news come before its end.
                biased;
                heard = inbox.0.recv() => {
                    let Some((event, token)) = heard else { return };
                    working = Some(token);
                    if matches!(event, Event::Calendars) {
                        self.know_the_calendars().await;
                    }
                    self.hear(event);
                }
                Some(joined) = self.rounds.join_next_with_id() => working = self.ended(joined).await,
                () = async { match wake { Some(wake) => wake.await, None => std::future::pending().await } } => {
                    working = Some(self.tools.activity.begin());
                    self.hear(Event::Due);
                }
            }
        }
    }

    /// What is known from the last time: the inbox's id and the age of what is shown.
    async fn look_into_the_cache(&mut self) {
        match self.tools.cache.as_of().await {
            Ok(Some(as_of)) => self.status.success(as_of),
            Ok(None) => {}
            Err(error) => self.tools.notices.tell(Notice::Problem(error.report())),
        }
        self.know_the_folders().await;
        self.know_the_calendars().await;
        let is_paused = self.tools.cache.is_paused().await.unwrap_or(false);
        self.tools.is_paused.store(is_paused, Ordering::Relaxed);
        self.state.is_paused = is_paused;
        self.status.paused(is_paused);
    }

    /// The time; a clock that was set back since the last look is made up for.
    fn see_the_clock(&mut self) -> Timestamp {
        let now = self.tools.now();
        let back = self.seen.duration_since(now);
        if back > SignedDuration::from_secs(1) {
            tracing::info!(seconds = back.as_secs(), "the clock was set back");
            self.state.set_back(back, now);
            self.status.set_back(back);
        }
        self.seen = now;
        let touched = self.tools.touched.load(Ordering::Relaxed);
        self.state.touched = Timestamp::from_second(touched).ok().filter(|_| touched > 0);
        now
    }

    async fn know_the_folders(&mut self) {
        // A cache that cannot be read has been told of already, by the round or the start that found out.
        let Ok(folders) = self.tools.cache.folders().await else { return };
        let kept = self.tools.cache.kept_folders().await.unwrap_or_default();
        let now = self.tools.now();
        for folder in &folders {
            let counts = (folder.total, folder.unread);
            if self.counts.insert(folder.id.clone(), counts).is_some_and(|before| before != counts) {
                self.counted_anew(folder.id.clone(), now);
            }
        }
        self.state.inbox =
            folders.iter().find(|folder| folder.role == Some(FolderRole::Inbox)).map(|folder| folder.id.clone());
        self.state.folders = folders
            .iter()
            .filter(|folder| !folder.hidden)
            .map(|folder| Upkeep { id: folder.id.clone(), role: folder.role, is_kept: kept.contains(&folder.id) })
            .collect();
        let listed = |id: &FolderId| folders.iter().any(|folder| folder.id == *id);
        self.counts.retain(|id, _| listed(id));
        self.state.standings.retain(|round, _| match round {
            Round::Messages(id) | Round::Newest(id) => listed(id),
            _ => true,
        });
        let is_unloved = |role| matches!(role, Some(FolderRole::Junk | FolderRole::Deleted));
        let (inbox, open) = (self.state.inbox.clone(), self.state.interest.folder.clone());
        let others = folders.into_iter().filter(|folder| {
            let is_wanted = kept.contains(&folder.id) || !is_unloved(folder.role);
            is_wanted && Some(&folder.id) != inbox.as_ref() && Some(&folder.id) != open.as_ref()
        });
        self.status.others(others.map(|folder| (folder.id, folder.cached, folder.total)));
    }

    /// Whether the messages of a folder were read to the end before; a folder nobody lists counts as read.
    fn is_kept(&self, round: &Round) -> bool {
        let Round::Messages(folder) = round else { return true };
        self.state.folders.iter().find(|known| known.id == *folder).is_none_or(|known| known.is_kept)
    }

    /// Something changed in a folder: it is read at once, unless it was a moment ago.
    fn counted_anew(&mut self, folder: FolderId, now: Timestamp) {
        let is_kept = self.state.folders.iter().any(|known| known.id == folder && known.is_kept);
        let round = Round::Messages(folder);
        let ended = self.state.standings.get(&round).and_then(|standing| standing.ended);
        if is_kept && ended.is_none_or(|ended| now.duration_since(ended) > JUST_READ) {
            self.ask(round);
        }
    }

    async fn know_the_calendars(&mut self) {
        let Ok(shown) = self.tools.cache.shown_calendars().await else { return };
        self.state.calendars = shown;
        if let Ok(Some(cursor)) = self.tools.cache.cursor(&Scope::Calendar).await {
            self.state.window = cursor.window.map(|window| calendar::days_of(window, &self.tools.zone));
        }
        let known = self.state.calendars.clone();
        self.state.standings.retain(|round, _| match round {
            Round::OtherCalendar(id) => known.contains(id),
            _ => true,
        });
    }

    /// Whether this is the round of a folder that nobody looks at.
    fn is_other(&self, round: &Round) -> bool {
        let looked_at = [&self.state.inbox, &self.state.interest.folder];
        matches!(round, Round::Messages(folder) if !looked_at.contains(&&Some(folder.clone())))
    }

    /// A token that cannot be read grants nothing that we could see; then the service has the last word.
    fn see_what_is_granted(&mut self) {
        let granted = self.tools.graph.granted();
        self.state.has_mail = granted.is_empty() || Feature::Mail.is_open(&granted);
        self.state.has_calendar = granted.is_empty() || Feature::Calendar.is_open(&granted);
        self.state.has_settings = slow::has_settings(&granted);
        self.state.has_people = slow::has_people(&granted);
    }

    fn begin(&mut self, round: Round) {
        let standing = self.state.standings.entry(round.clone()).or_default();
        standing.is_asked = false;
        if round == Round::MoreBodies {
            self.state.has_more_bodies = false;
        }
        self.state.running.insert(round.clone());
        let tools = self.tools.clone();
        let working = tools.activity.begin();
        let begun = Begun { was_kept: self.is_kept(&round), round: round.clone() };
        let handle = self.rounds.spawn(async move { (round::go(&tools, &round).await, working) });
        self.begun.insert(handle.id(), begun);
    }

    fn hear(&mut self, event: Event) {
        let now = self.tools.now();
        match event {
            Event::Due => {
                if self.status.throttled_until().is_some_and(|until| until <= now) {
                    self.status.throttled(None);
                }
                if matches!(self.state.hold, Hold::Until(until) if until <= now) {
                    if self.status.is_offline() && self.status.throttled_until().is_none() {
                        self.look_for_the_network(now);
                    } else {
                        self.state.hold = Hold::None;
                    }
                }
            }
            Event::MoreBodies => {
                self.state.has_more_bodies = true;
                if self.wants_bodies {
                    self.ask(Round::MoreBodies);
                }
            }
            Event::SyncAll => self.sync_all(now),
            Event::Touched => self.touched(now),
            Event::Pace(is_paused) => self.pace(is_paused),
            Event::Calendars => {}
            Event::SyncNow => self.sync_now(now),
            Event::Interest(interest) => self.show(interest, now),
            Event::Focus(has_focus) => {
                self.state.is_unfocused = !has_focus;
            }
            Event::News(news) => self.hear_news(news, now),
            Event::Page { round, done, total } => {
                // A page may still be on its way when its round has ended.
                if self.state.running.contains(&round) {
                    let is_first = self.status.progress(&round, self.is_other(&round), now, (done, total));
                    let is_inbox =
                        matches!(&round, Round::Messages(folder) if Some(folder) == self.state.inbox.as_ref());
                    if is_first && is_inbox {
                        // The newest come first: their bodies need not wait for the oldest headers.
                        self.ask(Round::Bodies);
                    }
                }
            }
        }
    }

    /// Looks whether there is a way to the service; everything else waits for what comes of it.
    fn look_for_the_network(&mut self, now: Timestamp) {
        self.state.hold = Hold::Until(now.checked_add(LOOKING).unwrap_or(now));
        if !self.state.running.contains(&Round::Reach) {
            self.begin(Round::Reach);
        }
    }

    /// Somebody is there: a pause between two looks for the network need not be waited for.
    fn touched(&mut self, now: Timestamp) {
        if self.status.is_offline()
            && self.status.throttled_until().is_none()
            && matches!(self.state.hold, Hold::Until(until) if until > now)
        {
            self.look_for_the_network(now);
        }
    }

    /// A person wants no long work, or wants it again: then it goes on where it stopped.
    fn pace(&mut self, is_paused: bool) {
        self.state.is_paused = is_paused;
        self.status.paused(is_paused);
        if !is_paused {
            self.state.has_more_bodies = true;
        }
    }

    fn sync_all(&mut self, now: Timestamp) {
        if self.is_forced_offline {
            return;
        }
        self.sync_now(now);
        let folders = self.state.folders.iter().map(|folder| Round::Messages(folder.id.clone()));
        let calendars = self.state.calendars.iter().cloned().map(Round::OtherCalendar);
        let slow = [Round::Calendars, Round::Settings, Round::People];
        let newest = self.state.inbox.iter().chain(&self.state.interest.folder).cloned().map(Round::Newest);
        for round in folders.chain(calendars).chain(slow).chain(newest).collect::<Vec<_>>() {
            self.ask(round);
        }
        (self.wants_all, self.wants_bodies) = (true, true);
    }

    fn sync_now(&mut self, now: Timestamp) {
        if self.is_forced_offline {
            return;
        }
        self.state.refused.clear();
        self.status.problem(None);
        self.troubled = None;
        self.reconnects = 0;
        self.state.hold = match self.status.throttled_until() {
            Some(until) if until > now => Hold::Until(until),
            _ => Hold::None,
        };
        let inbox = self.state.inbox.iter().chain(&self.state.interest.folder).cloned().map(Round::Messages);
        let view = self.state.interest.days.map(Round::View);
        let rounds = [Round::Folders, Round::Calendar, Round::Bodies].into_iter().chain(view);
        for round in rounds.chain(inbox).collect::<Vec<_>>() {
            self.state.standings.entry(round.clone()).or_default().failures = 0;
            self.ask(round);
        }
    }

    fn show(&mut self, interest: Interest, now: Timestamp) {
        let came_to_front: Vec<Round> = interest
            .folder
            .iter()
            .filter(|folder| self.state.interest.folder.as_ref() != Some(*folder))
            .cloned()
            .map(Round::Messages)
            .chain((interest.calendar && !self.state.interest.calendar).then_some(Round::Calendar))
            .collect();
        if interest.days != self.state.interest.days {
            self.state.days_since = now;
        }
        self.state.interest = interest;
        self.state.forget_views();
        if let Some(folder) = &self.state.interest.folder {
            self.state.refused.remove(folder);
        }
        for round in came_to_front {
            let ended = self.state.standings.get(&round).and_then(|standing| standing.ended);
            if ended.is_none_or(|ended| now.duration_since(ended) > YOUNG) {
                self.ask(round);
            }
        }
    }

    /// Marks a round as wanted now. One that is under way is begun once more when it ends: it may have missed what is wanted.
    fn ask(&mut self, round: Round) {
        self.state.standings.entry(round).or_default().is_asked = true;
    }

    fn hear_news(&mut self, news: News, now: Timestamp) {
        match news {
            News::Reached => self.reached(),
            News::Unreachable { next_try } => {
                // A call that gave up does not end the wait that another began.
                let held = match self.state.hold {
                    Hold::Until(until) if until > now => Some(until),
                    _ => None,
                };
                self.status.offline(now, next_try.or(held));
            }
            News::ThrottledUntil(until) => self.wait_until(until),
            News::Waiting(waiting) => self.status.waiting(Some(waiting)),
            News::WaitOver => self.status.waiting(None),
        }
    }

    /// The service answered: whatever failed meanwhile for want of it is due.
    fn reached(&mut self) {
        let was_offline = self.status.is_offline();
        self.status.online();
        self.reconnects = 0;
        self.has_way = false;
        if was_offline {
            if self.status.throttled_until().is_none() && self.state.hold != Hold::Person {
                self.state.hold = Hold::None;
            }
            for standing in self.state.standings.values_mut().filter(|standing| standing.failures > 0) {
                standing.failures = 0;
                standing.is_asked = true;
            }
        }
    }

    fn wait_until(&mut self, until: Timestamp) {
        let until = self.status.throttled_until().map_or(until, |known| known.max(until));
        self.status.throttled(Some(until));
        if self.state.hold != Hold::Person {
            self.state.hold = Hold::Until(until);
        }
    }

    /// A round ended; gives back its token, so that what follows from it counts as work.
    async fn ended(&mut self, joined: Result<(Id, (Ending, Working)), JoinError>) -> Option<Working> {
        let (id, ending, working) = match joined {
            Ok((id, (ending, working))) => (id, ending, working),
            Err(error) => (error.id(), Err(RoundError::Panicked), self.tools.activity.begin()),
        };
        let Begun { round, was_kept } = self.begun.remove(&id)?;
        let now = self.tools.now();
        self.state.running.remove(&round);
        self.status.ended(&round, self.is_other(&round));
        if round == Round::Reach {
            self.looked(ending.is_ok_and(|found| found > 0), now);
            return Some(working);
        }
        let jitter = self.jitter();
        let standing = self.state.standings.entry(round.clone()).or_default();
        match ending {
            // Its place is kept; it is due again as soon as long work is wanted.
            Err(RoundError::Paused) => {}
            Ok(changed) => {
                (standing.ended, standing.jitter, standing.failures) = (Some(now), jitter, 0);
                self.went_well(&round, was_kept, changed, now).await;
            }
            Err(error) => {
                (standing.ended, standing.jitter) = (Some(now), jitter);
                standing.failures = standing.failures.saturating_add(1);
                self.failed(&round, &error, now).await;
            }
        }
        Some(working)
    }

    /// A look for the network is over.
    fn looked(&mut self, has_way: bool, now: Timestamp) {
        self.has_way = has_way;
        if !self.status.is_offline() || self.state.hold == Hold::Person {
            return;
        }
        self.state.hold = Hold::None;
        if !has_way {
            self.wait_for_the_network(now);
        }
    }

    async fn went_well(&mut self, round: &Round, was_kept: bool, changed: u32, now: Timestamp) {
        self.reached();
        if !matches!(round, Round::Bodies | Round::MoreBodies) {
            self.status.success(now);
        }
        self.has_news |= changed > 0 && matches!(round, Round::Messages(_) | Round::Newest(_));
        let is_other = |troubled: &Round| troubled != round && self.is_looked_at(troubled);
        if self.state.hold != Hold::Person && !self.troubled.as_ref().is_some_and(is_other) {
            self.troubled = None;
            self.status.problem(None);
        }
        match round {
            Round::Folders => {
                self.know_the_folders().await;
                if std::mem::take(&mut self.wants_all) {
                    // Folders that were not known when everything was asked for.
                    let unread = |round: &Round| self.state.standings.get(round).is_none_or(|one| one.ended.is_none());
                    let rounds = self.state.folders.iter().map(|folder| Round::Messages(folder.id.clone()));
                    for round in rounds.filter(unread).collect::<Vec<_>>() {
                        self.ask(round);
                    }
                }
            }
            Round::Messages(folder) => {
                if Some(folder) == self.state.inbox.as_ref() {
                    let looked = self.state.standings.get(&Round::Bodies).and_then(|standing| standing.ended);
                    let is_long_ago = looked.is_none_or(|looked| now.duration_since(looked) >= TEXTS);
                    if std::mem::take(&mut self.has_news) || is_long_ago {
                        self.ask(Round::Bodies);
                    }
                }
                if let Some(known) = self.state.folders.iter_mut().find(|known| known.id == *folder) {
                    known.is_kept = true;
                }
                if changed > 0 && (was_kept || self.is_looked_at(round)) {
                    // The counts beside the names are the service's, and they have changed with the messages. A folder that is read
                    // for the first time has only told what was counted already; it counts as such by how it stood when its round
                    // began: its last page is in the cache before its end is heard.
                    self.ask(Round::Folders);
                }
            }
            Round::Calendar | Round::Calendars => self.know_the_calendars().await,
            _ => {}
        }
    }

    /// Whether anybody misses a round that fails: that of a folder which was left is nobody's business any more. Where everything was
    /// asked for, everything is missed.
    fn is_looked_at(&self, round: &Round) -> bool {
        if self.wants_bodies {
            return true;
        }
        match round {
            Round::Messages(folder) => {
                [&self.state.inbox, &self.state.interest.folder].into_iter().flatten().any(|shown| shown == folder)
            }
            Round::Folders | Round::Calendar | Round::OtherCalendar(_) | Round::View(_) | Round::Bodies => true,
            Round::MoreBodies
            | Round::Newest(_)
            | Round::Calendars
            | Round::Settings
            | Round::People
            | Round::Reach => false,
        }
    }

    async fn failed(&mut self, round: &Round, error: &RoundError, now: Timestamp) {
        tracing::info!(?round, %error, "a round failed");
        let failures = self.state.standings.get(round).map_or(1, |standing| standing.failures);
        match error {
            RoundError::Graph(error) if error.is_offline() => {
                self.ask(round.clone());
                self.wait_for_the_network(now);
            }
            RoundError::Graph(GraphError::Throttled { until, .. }) => {
                self.ask(round.clone());
                self.wait_until(*until);
            }
            RoundError::Graph(GraphError::NeedsLogin(report)) => {
                self.state.hold = Hold::Person;
                self.status.problem(Some(report.clone()));
            }
            RoundError::Graph(error) if error.is_not_found() && matches!(round, Round::Messages(_)) => {
                // The folder went; the tree will say so.
                self.ask(Round::Folders);
            }
            RoundError::Graph(error) if error.is_forbidden() && self.is_other(round) => self.refused(round).await,
            RoundError::Graph(error) if !self.is_looked_at(round) => {
                tracing::warn!(?round, %error, "nobody waits for it; it is tried again later");
            }
            // Announced, not shown as a card: nobody asked for it, and whoever types meanwhile goes on typing.
            RoundError::Graph(error) => self.trouble(round, error.report(what_failed(round))),
            // Another process holds the file for a moment: the round is begun again, and told of only if that lasts.
            RoundError::Db(DbError::Busy) if failures < BUSY_IN_SILENCE => self.ask(round.clone()),
            // Announced as well: it ends by itself as soon as the file can be written again.
            RoundError::Db(error) => self.trouble(round, error.report()),
            RoundError::Panicked => tracing::error!(?round, "a round panicked"),
            RoundError::Paused => {}
        }
    }

    /// Tells of a round that failed. It stays told until that round goes well, also where one that nobody misses fails after it.
    fn trouble(&mut self, round: &Round, report: Report) {
        let is_missed = |troubled: &Round| troubled != round && self.is_looked_at(troubled);
        if !self.troubled.as_ref().is_some_and(is_missed) {
            self.troubled = Some(round.clone());
        }
        self.status.problem(Some(report));
    }

    /// The service does not let us read a folder: it is left alone until somebody opens it.
    async fn refused(&mut self, round: &Round) {
        let Round::Messages(folder) = round else { return };
        self.state.refused.insert(folder.clone());
        if let Err(error) = self.tools.cache.forget_link(&Scope::Messages(folder.clone())).await {
            tracing::warn!(%error, "the place in a folder was not forgotten");
        }
    }

    fn wait_for_the_network(&mut self, now: Timestamp) {
        // Rounds that fail together are one look, not several.
        if matches!(self.state.hold, Hold::Until(until) if until > now) {
            return;
        }
        let wait = plan::reconnect_after(self.reconnects, self.has_way, self.jitter());
        self.reconnects = self.reconnects.saturating_add(1);
        let next_try = now.checked_add(wait).unwrap_or(now);
        self.status.offline(now, Some(next_try));
        if self.state.hold != Hold::Person {
            self.state.hold = Hold::Until(next_try);
        }
    }

    fn jitter(&self) -> u8 {
        let mut bytes = [0_u8];
        self.ids.fill(&mut bytes);
        bytes[0]
    }
}

const fn what_failed(round: &Round) -> &'static str {
    match round {
        Round::Folders => "The folders could not be read.",
        Round::Messages(_) | Round::Newest(_) => "Messages could not be read.",
        Round::Calendar | Round::OtherCalendar(_) | Round::View(_) => "The calendar could not be read.",
        Round::Calendars => "The calendars could not be listed.",
        Round::Bodies | Round::MoreBodies => "The texts of messages could not be read ahead.",
        Round::Settings => "The settings of the mailbox could not be read.",
        Round::People => "Contacts could not be read.",
        Round::Reach => "The network could not be looked at.",
    }
}
