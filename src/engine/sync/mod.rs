//! Keeping the cache in step with the service, whether anybody looks or not.
//!
//! One task, the supervisor, owns the [`plan::State`]: it plans from cursors, time, interest and connection ([`plan`]), starts rounds,
//! hears how they end, and sleeps until the next is due. Rounds ([`round`]) write page after page into the cache and tell what changed.
//! Must stay true: a wait holds no work token and work does; there is one timer, for the next round; nothing is asked when offline
//! is forced, when the service wants to be left alone, or when the sign-in must be repeated. Deliberately absent: people, presence and
//! automatic replies, which are read when somebody looks (`engine::people`, `engine::away`).

mod calendar;
mod mail;
pub mod plan;
mod round;
mod status;

pub use plan::Interest;

use crate::base::activity::{Activity, Working};
use crate::base::clock::SharedClock;
use crate::base::ids::Ids;
use crate::base::report::Report;
use crate::db::Cache;
use crate::domain::account::Feature;
use crate::domain::mail::{Body, FolderRole, MessageId};
use crate::domain::notice::Notice;
use crate::domain::sync::Connection;
use crate::engine::notices::Notices;
use crate::graph::{Graph, GraphError, News, Observer};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use plan::{Hold, Round, State};
use round::{Ending, RoundError, Tools};
use status::Status;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};

/// What is shown at once is asked for at once, unless it is younger than this.
const YOUNG: SignedDuration = SignedDuration::from_secs(30);

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
    /// The person's zone; the calendar window is whole months of it.
    pub zone: TimeZone,
    /// `--offline`: nothing is asked.
    pub is_offline: bool,
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

    /// Asks for a body that a person waits for and keeps it; [`Notice::BodyArrived`] is told too.
    ///
    /// # Errors
    /// Why it cannot be had, told to a person.
    pub async fn fetch_body(&self, id: &MessageId) -> Result<Body, Report> {
        const WHAT: &str = "The text of this message could not be read.";
        let _working = self.ear.activity.begin();
        let body = crate::graph::mail::body(&self.tools.graph, id).await.map_err(|error| error.report(WHAT))?;
        if let Err(error) = mail::keep(&self.tools, vec![(id.clone(), body.clone())]).await {
            // It can be read all the same; the next opening asks again.
            tracing::warn!(%error, "a body could not be kept");
        }
        Ok(body)
    }
}

/// Starts the supervisor on the current runtime; it begins with what the cache knows.
#[must_use]
pub fn spawn(context: SyncContext) -> SyncHandle {
    let SyncContext { graph, cache, clock, ids, activity, notices, zone, is_offline, ear, inbox } = context;
    let events = ear.events.clone();
    let tools = Arc::new(Tools { graph, cache, clock, notices, zone, events, activity });
    let working = tools.activity.begin();
    let supervisor = Supervisor::new(tools.clone(), ids, is_offline);
    let task = tokio::spawn(supervisor.run(inbox, working));
    SyncHandle { ear, tools, _task: Arc::new(Ends(task.abort_handle())) }
}

struct Supervisor {
    tools: Arc<Tools>,
    ids: Arc<dyn Ids>,
    is_forced_offline: bool,
    state: State,
    status: Status,
    rounds: JoinSet<(Ending, Working)>,
    names: HashMap<Id, Round>,
    /// Looks for the service in a row that found nothing.
    reconnects: u32,
    /// The round whose failure is announced; it stays announced until that round goes well.
    troubled: Option<Round>,
}

impl Supervisor {
    fn new(tools: Arc<Tools>, ids: Arc<dyn Ids>, is_forced_offline: bool) -> Self {
        let connection = if is_forced_offline { Connection::ForcedOffline } else { Connection::Unknown };
        let status = Status::new(tools.notices.clone(), connection, None);
        let hold = if is_forced_offline { Hold::Person } else { Hold::None };
        Self {
            tools,
            ids,
            is_forced_offline,
            state: State { hold, ..State::default() },
            status,
            rounds: JoinSet::new(),
            names: HashMap::new(),
            reconnects: 0,
            troubled: None,
        }
    }

    async fn run(mut self, mut inbox: Inbox, working: Working) {
        self.look_into_the_cache().await;
        let mut working = Some(working);
        loop {
            let now = self.tools.now();
            self.see_what_is_granted();
            let plan = plan::plan(&self.state, now);
            for round in plan.begin {
                self.begin(round);
            }
            self.status.tell();
            drop(working.take());
            let wake = plan.wake.map(|wake| self.tools.clock.sleep_until(wake.into()));
            tokio::select! {
                // In the order in which they happened: a round's news come before its end.
                biased;
                heard = inbox.0.recv() => {
                    let Some((event, token)) = heard else { return };
                    working = Some(token);
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
    }

    async fn know_the_folders(&mut self) {
        // A cache that cannot be read has been told of already, by the round or the start that found out.
        let Ok(folders) = self.tools.cache.folders().await else { return };
        let kept = self.tools.cache.kept_folders().await.unwrap_or_default();
        self.state.kept = kept.into_iter().filter(|id| folders.iter().any(|folder| folder.id == *id)).collect();
        self.state.inbox =
            folders.into_iter().find(|folder| folder.role == Some(FolderRole::Inbox)).map(|folder| folder.id);
    }

    /// A token that cannot be read grants nothing that we could see; then the service has the last word.
    fn see_what_is_granted(&mut self) {
        let granted = self.tools.graph.granted();
        self.state.has_mail = granted.is_empty() || Feature::Mail.is_open(&granted);
        self.state.has_calendar = granted.is_empty() || Feature::Calendar.is_open(&granted);
    }

    fn begin(&mut self, round: Round) {
        let standing = self.state.standings.entry(round.clone()).or_default();
        standing.is_asked = false;
        self.state.running.insert(round.clone());
        let tools = self.tools.clone();
        let working = tools.activity.begin();
        let name = round.clone();
        let handle = self.rounds.spawn(async move { (round::go(&tools, &round).await, working) });
        self.names.insert(handle.id(), name);
    }

    fn hear(&mut self, event: Event) {
        let now = self.tools.now();
        match event {
            Event::Due => {
                if self.status.throttled_until().is_some_and(|until| until <= now) {
                    self.status.throttled(None);
                }
                if matches!(self.state.hold, Hold::Until(until) if until <= now) {
                    self.state.hold = Hold::None;
                }
            }
            Event::SyncNow => self.sync_now(now),
            Event::Interest(interest) => self.show(interest, now),
            Event::Focus(has_focus) => {
                self.state.is_unfocused = !has_focus;
            }
            Event::News(news) => self.hear_news(news, now),
            Event::Page { round, done, total } => {
                // A page may still be on its way when its round has ended.
                if self.state.running.contains(&round) {
                    let is_first = self.status.progress(&round, done, total);
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

    fn sync_now(&mut self, now: Timestamp) {
        if self.is_forced_offline {
            return;
        }
        self.status.problem(None);
        self.troubled = None;
        self.reconnects = 0;
        self.state.hold = match self.status.throttled_until() {
            Some(until) if until > now => Hold::Until(until),
            _ => Hold::None,
        };
        let inbox = self.state.inbox.iter().chain(&self.state.interest.folder).cloned().map(Round::Messages);
        for round in [Round::Folders, Round::Calendar, Round::Bodies].into_iter().chain(inbox).collect::<Vec<_>>() {
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
        self.state.interest = interest;
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
        let round = self.names.remove(&id)?;
        let now = self.tools.now();
        self.state.running.remove(&round);
        self.status.ended(&round);
        let jitter = self.jitter();
        let standing = self.state.standings.entry(round.clone()).or_default();
        standing.ended = Some(now);
        standing.jitter = jitter;
        match ending {
            Ok(changed) => {
                standing.failures = 0;
                self.went_well(&round, changed, now).await;
            }
            Err(error) => {
                standing.failures = standing.failures.saturating_add(1);
                self.failed(&round, &error, now);
            }
        }
        Some(working)
    }

    async fn went_well(&mut self, round: &Round, changed: u32, now: Timestamp) {
        self.reached();
        if *round != Round::Bodies {
            self.status.success(now);
        }
        let is_other = |troubled: &Round| troubled != round && self.is_looked_at(troubled);
        if self.state.hold != Hold::Person && !self.troubled.as_ref().is_some_and(is_other) {
            self.troubled = None;
            self.status.problem(None);
        }
        match round {
            Round::Folders => self.know_the_folders().await,
            Round::Messages(folder) => {
                if Some(folder) == self.state.inbox.as_ref() {
                    self.ask(Round::Bodies);
                }
                if !self.state.kept.contains(folder) {
                    self.state.kept.push(folder.clone());
                }
                if changed > 0 {
                    // The counts beside the names are the service's, and they have changed with the messages.
                    self.ask(Round::Folders);
                }
            }
            Round::Calendar | Round::Bodies => {}
        }
    }

    /// Whether anybody misses a round that fails: that of a folder which was left is nobody's business any more.
    fn is_looked_at(&self, round: &Round) -> bool {
        match round {
            Round::Messages(folder) => {
                [&self.state.inbox, &self.state.interest.folder].into_iter().flatten().any(|shown| shown == folder)
            }
            Round::Folders | Round::Calendar | Round::Bodies => true,
        }
    }

    fn failed(&mut self, round: &Round, error: &RoundError, now: Timestamp) {
        tracing::info!(?round, %error, "a round failed");
        let is_first = self.state.standings.get(round).is_none_or(|standing| standing.failures == 1);
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
            // Announced, not shown as a card: nobody asked for it, and whoever types meanwhile goes on typing.
            RoundError::Graph(error) => {
                self.troubled = Some(round.clone());
                self.status.problem(Some(error.report(what_failed(round))));
            }
            RoundError::Db(error) if is_first => self.tools.notices.tell(Notice::Problem(error.report())),
            RoundError::Panicked => tracing::error!(?round, "a round panicked"),
            RoundError::Db(_) => {}
        }
    }

    fn wait_for_the_network(&mut self, now: Timestamp) {
        // Rounds that fail together are one look, not several.
        if matches!(self.state.hold, Hold::Until(until) if until > now) {
            return;
        }
        let wait = plan::reconnect_after(self.reconnects, self.jitter());
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
        Round::Messages(_) => "Messages could not be read.",
        Round::Calendar => "The calendar could not be read.",
        Round::Bodies => "The texts of messages could not be read ahead.",
    }
}
