//! One account in use: its cache, its way to Graph, its sync, and the answers it gives.
//!
//! Must stay true: an account that is replaced keeps nothing running; what a request needs beyond the cache is asked for here and
//! nowhere above.

use crate::auth::TokenSource;
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::db::outbox::OutboxFile;
use crate::db::{Cache, Scope};
use crate::domain::account::{Account, AccountKind, Feature};
use crate::domain::calls::MadeAs;
use crate::domain::event::Calendar;
use crate::domain::icalendar;
use crate::domain::me::Me;
use crate::domain::notice::Notice;
use crate::domain::person::{Person, PersonId};
use crate::domain::presence::AwayOf;
use crate::domain::request::{Answer, FoundPeople, Request};
use crate::domain::time::Span;
use crate::domain::token::TokenFacts;
use crate::engine::find_events::Finding;
use crate::engine::index::Feeder;
use crate::engine::notices::Notices;
use crate::engine::outbox::{self, LiveOutbox};
use crate::engine::own::Own;
use crate::engine::reading::Readings;
use crate::engine::search::Searches;
use crate::engine::sync::{self, Ear, Inbox, Interest, SyncContext, SyncHandle};
use crate::engine::{
    Setup, away, card, files, freebusy, groups, index, meeting, network, people, presences, rooms, search, together,
};
use crate::graph::raw::{RawAnswer, RawRead};
use crate::graph::{self, Graph, News, Observer, Reach, meeting_times, transport};
use crate::net::client::Clients;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Longer agendas than this are not asked for by any view; a bound, so that a request cannot ask for the whole calendar.
const MOST_AGENDA_DAYS: i32 = 400;

/// Messages a command indexes before it searches: some seconds of work at most.
const MOST_INDEXED_AT_ONCE: usize = 5_000;

/// What an account is made live with.
pub(super) struct Beginnings {
    pub(super) account: Account,
    pub(super) cache: Cache,
    /// The person as last noted.
    pub(super) known: Option<Me>,
    pub(super) tokens: Arc<dyn TokenSource>,
    pub(super) reach: Reach,
    pub(super) clients: Arc<Clients>,
    pub(super) notices: Notices,
    pub(super) outbox: OutboxFile,
    pub(super) setup: Setup,
}

/// An account in use.
pub(super) struct Live {
    account: Account,
    pub(super) cache: Cache,
    pub(super) graph: Graph,
    notices: Notices,
    readings: Readings,
    pub(super) searches: Searches,
    finding: Finding,
    feeder: Mutex<Option<Feeder>>,
    pub(super) outbox: LiveOutbox,
    pub(super) setup: Setup,
    own: Arc<Own>,
    ears: Mutex<Option<(Ear, Inbox)>>,
    hearing: Arc<Hearing>,
    sync: Mutex<Option<SyncHandle>>,
}

impl Live {
    pub(super) fn begin(beginnings: Beginnings) -> Self {
        let Beginnings { account, cache, known, tokens, reach, clients, notices, outbox: file, setup } = beginnings;
        let (ear, inbox) = sync::listen(&setup.activity);
        let ears = outbox::listen(&setup.activity);
        let hearing = Arc::new(Hearing { outbox: ears.ear.clone(), sync: Mutex::new(SyncEar::Later(Vec::new())) });
        let graph = Graph::new(transport::Parts {
            clients,
            tokens,
            // A back-off in the middle of counted work is no work.
            clock: setup.activity.resting(setup.clock.clone()),
            ids: setup.ids.clone(),
            observer: hearing.clone(),
            is_offline: setup.offline,
            made_as: Some(MadeAs { account: label(&account), kind: account.kind }),
            retry: network::retry_policy(&setup.config),
            reach,
        });
        let mut me = known.unwrap_or_else(|| me_of(&account));
        me.kind = account.kind;
        me.granted = account.granted.clone();
        let own = Arc::new(Own::new(me, cache.clone(), graph.clone(), notices.clone()));
        let bodies = setup.config.cache.bodies;
        let readings = Readings::new(cache.clone(), graph.clone(), notices.clone(), setup.activity.clone(), bodies);
        let searches = Searches::new(cache.clone(), graph.clone(), &setup);
        let profile = setup.config.profile();
        let outbox = LiveOutbox::new(
            outbox::Parts {
                file,
                account: account.key.clone(),
                kind: account.kind,
                cache: cache.clone(),
                graph: graph.clone(),
                clock: setup.clock.clone(),
                ids: setup.ids.clone(),
                activity: setup.activity.clone(),
                notices: notices.clone(),
                is_offline: setup.offline,
                refusal: outbox::refusal(
                    setup.config.read_only,
                    account.kind == AccountKind::Service && !profile.allow_write,
                ),
                granted: account.granted.clone(),
                hold: jiff::SignedDuration::from_secs(i64::from(setup.config.hold_seconds)),
                zone: setup.zone.clone(),
                own: own.clone(),
            },
            ears,
        );
        Self {
            account,
            cache,
            graph,
            notices,
            readings,
            searches,
            finding: Finding::default(),
            feeder: Mutex::default(),
            outbox,
            setup,
            own,
            ears: Mutex::new(Some((ear, inbox))),
            hearing,
            sync: Mutex::new(None),
        }
    }

    pub(super) fn account(&self) -> &Account {
        &self.account
    }

    pub(super) fn outbox(&self) -> &LiveOutbox {
        &self.outbox
    }

    pub(super) fn token_facts(&self) -> TokenFacts {
        self.graph.token_facts()
    }

    /// Whether nobody signed in for it: a token from outside, or a service.
    pub(super) fn has_no_person(&self) -> bool {
        self.account.kind == AccountKind::Service || self.account.key.tenant == super::GIVEN_TOKEN
    }

    pub(super) fn me(&self) -> Me {
        self.own.me()
    }

    /// Begins to keep the cache in step. A second call changes nothing.
    pub(super) fn start_sync(self: &Arc<Self>) {
        let Some((ear, inbox)) = lock(&self.ears).take() else { return };
        self.hearing.begin(&ear);
        let handle = sync::spawn(SyncContext {
            graph: self.graph.clone(),
            cache: self.cache.clone(),
            clock: self.setup.clock.clone(),
            ids: self.setup.ids.clone(),
            activity: self.setup.activity.clone(),
            notices: self.notices.clone(),
            own: self.own.clone(),
            zone: self.zone(),
            is_offline: self.setup.offline,
            limits: self.setup.config.cache,
            ear,
            inbox,
        });
        *lock(&self.sync) = Some(handle);
        *lock(&self.feeder) = Some(Feeder::start(self.cache.db(), &self.notices));
        self.outbox.start();
        if !self.setup.offline {
            self.learn_who();
        }
    }

    pub(super) fn stop_sync(&self) {
        lock(&self.sync).take();
        lock(&self.feeder).take();
        self.outbox.stop();
    }

    /// What the sync is told, if it runs.
    pub(super) fn with_sync(&self, tell: impl FnOnce(&SyncHandle)) {
        if let Some(handle) = &*lock(&self.sync) {
            tell(handle);
        }
    }

    pub(super) fn sync_now(&self) {
        self.readings.forget_failures();
        self.outbox.now();
        self.with_sync(SyncHandle::sync_now);
    }

    pub(super) fn set_interest(&self, interest: Interest) {
        self.with_sync(|handle| handle.interest(interest));
    }

    /// No long work from now on, or long work again: remembered, and told to the sync if it runs.
    pub(super) async fn pause(&self, is_paused: bool) -> Result<(), Report> {
        self.cache.set_paused(is_paused).await.map_err(|error| error.report())?;
        self.with_sync(|handle| handle.pause(is_paused));
        Ok(())
    }

    /// Another process changed the pace.
    pub(super) async fn look_at_pace(&self) {
        if let Ok(is_paused) = self.cache.is_paused().await {
            self.with_sync(|handle| handle.pause(is_paused));
        }
    }

    /// The mailbox through which a service asks for free/busy, once one has answered.
    pub(super) fn asked_through(&self) -> Option<String> {
        self.graph.asked_through().map(str::to_owned)
    }

    pub(super) async fn as_of(&self) -> Option<Timestamp> {
        self.cache.as_of().await.ok().flatten()
    }

    pub(super) async fn perform(&self, request: Request) -> Result<Answer, Report> {
        match request {
            Request::Folders => self.cache.folders().await.map(Answer::Folders).map_err(|error| error.report()),
            Request::Messages { folder, start, count } => {
                let page = self.cache.messages(&folder, start, count).await;
                page.map(Answer::Messages).map_err(|error| error.report())
            }
            Request::Search { text, folder, start, count, from_service, as_typed } => {
                let count = usize::from(count);
                let asked = search::Asked { text, folder, start, count, from_service, as_typed };
                let page = self.searches.find(&asked, self.now(), &self.zone()).await?;
                Ok(Answer::Found(Box::new(page)))
            }
            Request::Read { message, width, unfold } => {
                let reading = self.readings.read(message, width, unfold).await?;
                Ok(Answer::Read(Box::new(reading)))
            }
            Request::Agenda { from, to } => self.agenda(from, to).await,
            Request::FindPeople { text } => {
                let file = self.setup.places.config_file();
                let (found, groups) = futures_util::join!(
                    people::find(&self.graph, &self.cache, &text),
                    groups::matching(&self.graph, &file, &text)
                );
                Ok(Answer::FoundPeople(FoundPeople { groups, ..found }))
            }
            Request::Groups => groups::saved(&self.setup.places.config_file()).await.map(Answer::Groups),
            Request::SaveGroup { name, people } => {
                groups::save(&self.setup.places.config_file(), name, people).await.map(Answer::Groups)
            }
            Request::Members(group) => {
                let file = self.setup.places.config_file();
                let members = groups::members(&self.graph, &self.cache, &file, &group).await?;
                Ok(Answer::Members(Box::new(members)))
            }
            Request::Rooms => rooms::rooms(&self.graph, &self.cache).await.map(Answer::Rooms),
            Request::Availability { addresses, window, refresh } => {
                let schedules = freebusy::availability(&self.graph, &self.cache, &addresses, window, refresh).await?;
                Ok(Answer::Availability(schedules))
            }
            Request::KnownAvailability { addresses, window } => {
                Ok(Answer::Availability(freebusy::known(&self.cache, &addresses, window).await))
            }
            Request::SecondOpinion { required, optional, window, minutes } => {
                let asked = meeting_times::Asked { required, optional, window, minutes };
                let opinion = freebusy::second_opinion(&self.graph, &asked).await?;
                Ok(Answer::SecondOpinion(Box::new(opinion)))
            }
            Request::Away { from, days, of, refresh, remember } => {
                let of = self.away_of(of, remember).await;
                let query = away::Query { from, days, of, refresh };
                let (me, file) = (self.me().person, self.setup.places.config_file());
                away::board(&self.graph, &self.cache, &file, &me, &self.zone(), &query).await.map(Answer::Away)
            }
            Request::Card { who } => {
                let home = self.me().person.address;
                let card = card::card(&self.graph, &self.cache, &home, &self.zone(), &who).await?;
                Ok(Answer::Card(Box::new(card)))
            }
            Request::Together { address } => {
                let found = together::together(&self.graph, &self.cache, &self.zone(), &address).await?;
                Ok(Answer::Together(Box::new(found)))
            }
            Request::PeopleAt { addresses } => {
                let people = people::by_addresses(&self.graph, &self.cache, addresses).await;
                Ok(Answer::FoundPeople(FoundPeople { people, is_complete: true, ..FoundPeople::default() }))
            }
            Request::Presence { people } => {
                let mine = self.me().person.address;
                Ok(Answer::Presence(presences::of(&self.graph, &self.cache, &mine, &people).await))
            }
            // The engine answers these itself: they are about registrations, not about a mailbox.
            Request::Missing { .. } | Request::PutOff { .. } | Request::Consent { .. } | Request::Accounts => {
                Err(super::nobody_signed_in())
            }
            Request::AutomaticReplies => meeting::own_replies(&self.graph).await.map(Answer::AutomaticReplies),
            Request::Replies { addresses } => {
                let known = people::automatic_replies(&self.graph, &self.cache, &addresses, false).await;
                let rows = addresses.into_iter().zip(known);
                Ok(Answer::Replies(rows.filter_map(|(address, known)| Some((address, known.value?))).collect()))
            }
            Request::Calendars => self.calendars().await,
            Request::ShowCalendar { id, is_shown } => {
                let known = self.cache.show_calendar(&id, is_shown).await.map_err(|error| error.report())?;
                if known {
                    self.with_sync(SyncHandle::calendars_chosen);
                    self.notices.tell(Notice::EventsChanged);
                }
                self.calendars().await
            }
            Request::SaveEvents { events, name } => {
                let text = icalendar::calendar(&events, self.now());
                files::save_text(&self.setup.places.downloads, &name, text).await
            }
            Request::UnsetReplies => self.unset_replies().await,
            Request::KeepReplies(unset) => {
                self.cache.keep_replies(unset.map(|unset| *unset)).await.map_err(|error| error.report())?;
                self.unset_replies().await
            }
            Request::Meeting(message) => {
                let now = self.graph.now();
                let found = meeting::of_message(&self.graph, &self.cache, &message, now, &self.zone()).await?;
                Ok(Answer::Meeting(found.map(Box::new)))
            }
            Request::FindEvents { text, around } => {
                let found = self.finding.find(&self.cache, &self.zone(), text, around).await?;
                Ok(Answer::FoundEvents(Box::new(found)))
            }
            Request::EventDetails(event) => {
                let found = meeting::details(&self.graph, &self.cache, &event).await?;
                Ok(Answer::EventDetails(Box::new(found)))
            }
            Request::RecentCalls => Ok(Answer::RecentCalls(self.graph.recent_calls())),
            Request::Paths { typed } => files::paths(&self.setup.environment, typed).await.map(Answer::Paths),
            Request::Save { message, attachment, name } => {
                files::save(&self.graph, &self.setup.places.downloads, &message, attachment.as_deref(), &name).await
            }
            Request::SaveAll { messages } => files::save_all(&self.graph, &self.setup.places.downloads, messages).await,
            Request::SaveSelected(selection) => self.save_selected(selection).await,
            Request::Source(message) => {
                let known = self.cache.message(&message).await.ok().flatten();
                let subject = known.map(|row| row.message.subject).unwrap_or_default();
                let bytes = graph::mail_write::source(&self.graph, &message, graph::Priority::Person).await;
                let bytes = bytes.map_err(|error| error.report("The message could not be fetched."))?;
                Ok(Answer::Source { subject, bytes })
            }
            Request::Attach { path } => files::attach(&self.setup.environment, path).await.map(Answer::Attached),
            Request::Change(intents) => self.outbox.change(intents).await,
            Request::Note(intents) => self.outbox.note(intents).await,
            Request::Stretch { source, stretch } => self.count_selected(source, stretch).await,
            Request::Weigh { selection, deed } => self.weigh(selection, deed).await,
            Request::ForgetWeighed => Ok(self.forget_weighed()),
            Request::ChangeSelected { selection, deed } => self.change_selected(selection, deed).await,
            Request::Undo => self.outbox.undo().await,
            Request::Outbox => self.outbox.list().await,
            Request::Settle { id, how } => self.outbox.settle(id, how).await,
            Request::BeginDraft { kind, about } => {
                let own = self.me().person.address;
                self.outbox.begin_draft(kind, about, &own).await
            }
            Request::KeepDraft(draft) => self.outbox.keep_draft(*draft).await,
            Request::Drafts => self.outbox.drafts().await,
            Request::OpenDraft(id) => self.outbox.open_draft(id).await,
            Request::AdoptDraft(message) => Box::pin(self.outbox.adopt_draft(message)).await,
            Request::Searches => self.cache.searches().await.map(Answer::Searches).map_err(|error| error.report()),
            Request::KeepSearch(text) => {
                let kept = self.cache.keep_search(text).await;
                kept.map(Answer::Searches).map_err(|error| error.report())
            }
            Request::LetGoOfDraft(id) => self.outbox.let_go_of_draft(id).await,
        }
    }

    pub(super) async fn read_raw(&self, wanted: &RawRead) -> Result<RawAnswer, Report> {
        graph::raw::read(&self.graph, wanted).await
    }

    pub(super) async fn hand_out_token(&self) -> Result<(Secret<String>, TokenFacts), Report> {
        self.graph.hand_out_token().await.map_err(|error| error.report("There is no token to print."))
    }

    async fn agenda(&self, from: Date, to: Date) -> Result<Answer, Report> {
        let days = from.until(to).map_or(0, |span| span.get_days());
        if !(1..=MOST_AGENDA_DAYS).contains(&days) {
            return Err(Report::new(Kind::Usage, "days", "These days make no agenda.").next("Ask for 1 to 400 days."));
        }
        if !Feature::Calendar.is_open(&self.account.granted) {
            return Err(Report::new(Kind::NeedsPerson, "consentRequired", "The calendar may not be read.")
                .because("The permission Calendars.Read was not granted.")
                .next("Ask your administrator to grant it to this app, then sign in again."));
        }
        let zone = self.zone();
        let start = crate::domain::time::day_start(from, &zone);
        let end = crate::domain::time::day_start(to, &zone);
        let events = self.cache.events(from, to, Span { start, end }).await.map_err(|error| error.report())?;
        let cursor = self.cache.cursor(&Scope::Calendar).await.map_err(|error| error.report())?;
        // What lies outside the window is as old as the last look at it.
        let is_outside = |window: Span| end <= window.start || start >= window.end;
        let as_of = match cursor {
            Some(cursor) if cursor.window.is_some_and(is_outside) => {
                self.cache.view_as_of(Span { start, end }).await.map_err(|error| error.report())?
            }
            cursor => cursor.and_then(|cursor| cursor.as_of),
        };
        Ok(Answer::Agenda { from, to, events, as_of })
    }

    async fn calendars(&self) -> Result<Answer, Report> {
        let calendars = self.cache.calendars().await.map_err(|error| error.report())?;
        let shown = self.cache.shown_calendars().await.map_err(|error| error.report())?;
        let row = |calendar: Calendar| {
            let is_shown = calendar.is_default || shown.contains(&calendar.id);
            (calendar, is_shown)
        };
        Ok(Answer::Calendars(calendars.into_iter().map(row).collect()))
    }

    async fn unset_replies(&self) -> Result<Answer, Report> {
        let unset = self.cache.unset_replies().await.map_err(|error| error.report())?;
        Ok(Answer::UnsetReplies(unset.map(Box::new)))
    }

    /// Whose absences are meant: what was chosen is remembered, and what was remembered is meant where nobody is named.
    async fn away_of(&self, of: AwayOf, remember: bool) -> AwayOf {
        let of = match of {
            AwayOf::Remembered => {
                let kept = self.cache.recall("away").await.ok().flatten();
                kept.as_deref().and_then(away::read_choice).unwrap_or(AwayOf::Team)
            }
            of => of,
        };
        if remember
            && let Some(choice) = away::write_choice(&of)
            && let Err(error) = self.cache.remember("away", choice).await
        {
            tracing::warn!(%error, "what was chosen is not remembered");
        }
        of
    }

    /// Asks the directory who we are, and the mailbox where and when we work.
    fn learn_who(self: &Arc<Self>) {
        let working = self.setup.activity.begin();
        let live = self.clone();
        tokio::spawn(async move {
            let person = match graph::me::person(&live.graph).await {
                Ok(person) => Some(person),
                Err(error) => {
                    tracing::info!(%error, "the own profile was not read");
                    None
                }
            };
            let is_open = Feature::Settings.is_open(&live.account.granted);
            let settings = if is_open { graph::me::settings(&live.graph).await.ok() } else { None };
            let learnt = live.own.learn(|me| {
                if let Some(person) = person {
                    me.person = person;
                }
                if let Some(settings) = settings {
                    sync::slow::take(me, settings);
                }
            });
            learnt.await;
            drop(working);
        });
    }

    /// Brings the index up to date for a command that ends soon; of a long way only the beginning.
    pub(super) async fn index_some(&self) -> Result<(), Report> {
        let done = index::bring_up_to_date(self.cache.db(), MOST_INDEXED_AT_ONCE).await;
        done.map(drop).map_err(|error| error.report())
    }

    pub(super) fn now(&self) -> Timestamp {
        crate::domain::time::instant(self.setup.clock.now())
    }

    pub(super) fn zone(&self) -> TimeZone {
        self.setup.zone.rules.clone().unwrap_or(TimeZone::UTC)
    }
}

/// Hears the client for whoever works. Before that news are set aside for the sync, so that a command which starts neither is idle
/// once its own work is done.
struct Hearing {
    outbox: outbox::Ear,
    sync: Mutex<SyncEar>,
}

enum SyncEar {
    Later(Vec<News>),
    Now(Ear),
}

/// More news than these say nothing new.
const MOST_SET_ASIDE: usize = 64;

impl Hearing {
    fn begin(&self, ear: &Ear) {
        let mut sync = lock(&self.sync);
        if let SyncEar::Later(news) = &mut *sync {
            for news in news.drain(..) {
                ear.hear(news);
            }
            *sync = SyncEar::Now(ear.clone());
        }
    }
}

impl Observer for Hearing {
    fn hear(&self, news: News) {
        self.outbox.hear(news);
        match &mut *lock(&self.sync) {
            SyncEar::Now(ear) => ear.hear(news),
            SyncEar::Later(kept) if kept.len() < MOST_SET_ASIDE => kept.push(news),
            SyncEar::Later(_) => {}
        }
    }
}

/// What the account is called in records.
fn label(account: &Account) -> String {
    if account.address.is_empty() { account.name.clone() } else { account.address.clone() }
}

fn me_of(account: &Account) -> Me {
    Me {
        person: Person {
            id: PersonId(account.key.object.clone()),
            name: account.name.clone(),
            address: account.address.clone(),
            job_title: None,
            department: None,
            office: None,
            phones: Vec::new(),
        },
        kind: account.kind,
        granted: account.granted.clone(),
        zone: None,
        working_hours: None,
        replies: None,
        chosen: None,
        note: None,
    }
}

/// Locks for the length of a copy; nothing is awaited under it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
