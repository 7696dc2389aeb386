//! What every reading command begins with: places, configuration, the engine, and who is signed in.

use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::environment::Environment;
use crate::base::ids::RandomIds;
use crate::base::log;
use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::cli::arguments::Global;
use crate::cli::made_as;
use crate::cli::output::{self, Out, error};
use crate::cli::passphrase::passphrase;
use crate::config::{self, Config, Flags};
use crate::domain::account::{AccountKind, Feature};
use crate::domain::login::LoginStep;
use crate::domain::me::Me;
use crate::domain::notice::Notice;
use crate::domain::person::Person;
use crate::domain::request::{Answer, Request};
use crate::domain::sync::{Area, Connection, SyncStatus};
use crate::domain::time::{Span, Zone};
use crate::engine::notices::News;
use crate::engine::permission;
use crate::engine::{Engine, Setup};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// How long a command waits for the first fetch of a large mailbox; it then answers with what is there.
const PATIENCE: Duration = Duration::from_secs(30);
/// Names that fit more people than this are not listed in full.
const MOST_NAMED: usize = 5;

/// An open engine with what a command needs beside it.
pub(crate) struct Session {
    pub(crate) engine: Engine,
    pub(crate) news: News,
    /// What opening it had to say: a cache that was set aside, a secret that ends soon.
    problems: Vec<Report>,
    pub(crate) zone: Zone,
    pub(crate) is_offline: bool,
    /// The token came from outside (`DESKBELL_TOKEN`); nobody signed in for it.
    pub(crate) has_given_token: bool,
    clock: SharedClock,
    activity: Activity,
}

/// A configuration that was read, with what it says about the user's own files.
pub(crate) struct Loaded {
    pub(crate) places: Places,
    pub(crate) config: Config,
}

/// Somebody who was named on the command line.
pub(crate) enum Found {
    /// Found, or given by address.
    One { asked: String, person: Option<Person> },
    /// Not found, or not clear who.
    Nobody { asked: String, reason: Report },
}

impl Found {
    pub(crate) fn asked(&self) -> &str {
        match self {
            Self::One { asked, .. } | Self::Nobody { asked, .. } => asked,
        }
    }

    /// The address to ask the service about.
    pub(crate) fn address(&self) -> Option<&str> {
        match self {
            Self::One { person: Some(person), .. } => Some(&person.address),
            Self::One { asked, person: None } => Some(asked),
            Self::Nobody { .. } => None,
        }
    }

    /// Whether both have the same address.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        matches!((self.address(), other.address()), (Some(one), Some(other)) if one.eq_ignore_ascii_case(other))
    }

    pub(crate) fn label(&self) -> String {
        match self {
            Self::One { person: Some(person), .. } => person.name.clone(),
            Self::One { asked, .. } | Self::Nobody { asked, .. } => asked.clone(),
        }
    }

    pub(crate) fn reason(&self) -> String {
        match self {
            Self::Nobody { reason, .. } => {
                let remedy = reason.next.first().map_or("", String::as_str);
                format!("{} {remedy}", reason.what).trim_end().to_owned()
            }
            Self::One { .. } => String::new(),
        }
    }

    /// Whether nobody could even be asked.
    pub(crate) fn is_out_of_reach(&self) -> bool {
        matches!(self, Self::Nobody { reason, .. } if reason.kind == Kind::Network)
    }

    pub(crate) fn error(&self) -> Value {
        match self {
            Self::Nobody { reason, .. } => error(reason),
            Self::One { .. } => Value::Null,
        }
    }
}

/// Finds the places and reads the configuration, flags above environment above files. A broken file is a report here: a command
/// must not run with other settings than the person believes.
pub(crate) fn load(global: &Global, environment: &Environment) -> Result<Loaded, Report> {
    let places = Places::find(global.home.as_deref(), environment)?;
    places.create().map_err(|error| error.report())?;
    start_log(global, &places)?;
    let loaded = config::load(&places, environment, &flags(global));
    match loaded.problems.into_iter().next() {
        Some(problem) => Err(problem),
        None => Ok(Loaded { places, config: loaded.config }),
    }
}

/// Starts the log as `--log` says. Working without a log file is better than not working.
pub(crate) fn start_log(global: &Global, places: &Places) -> Result<(), Report> {
    let level = match &global.log {
        Some(name) => log::Level::from_name(name).ok_or_else(|| {
            Report::new(Kind::Usage, "usage", format!("\"{name}\" is no log level."))
                .next("Use error, warn, info, debug or trace.")
        })?,
        None => log::Level::default(),
    };
    let _ = log::start(places, level);
    Ok(())
}

/// What the options of the command line say about the configuration.
pub(crate) fn flags(global: &Global) -> Flags {
    Flags {
        profile: global.profile.clone(),
        account: global.account.clone(),
        client_id: global.client_id.clone(),
        tenant: global.tenant.clone(),
        authority: global.authority.clone(),
        graph: global.graph.clone(),
        read_only: global.read_only,
        no_store: global.no_store,
        secret_descriptor: global.secret_fd,
        ..Flags::default()
    }
}

impl Session {
    /// Opens the engine for one command.
    pub(crate) async fn open(global: Global, environment: Environment) -> Result<Self, Report> {
        Self::open_at(global, environment, 0).await
    }

    /// Opens the engine for one command; of a service's mailboxes for the `index`th.
    pub(crate) async fn open_at(global: Global, environment: Environment, index: usize) -> Result<Self, Report> {
        let mut loaded = load(&global, &environment)?;
        loaded.config.lead_with(index);
        // A command has no second key that would stop what it sends.
        loaded.config.hold_seconds = 0;
        let clock: SharedClock = Arc::new(crate::engine::SystemClock);
        let zone = loaded.config.zone.clone();
        let activity = Activity::default();
        let passphrase = passphrase(&loaded.places, &loaded.config, &environment)?;
        let has_given_token = environment.get("DESKBELL_TOKEN").is_some();
        let setup = Setup {
            places: loaded.places,
            config: loaded.config,
            environment,
            clock: clock.clone(),
            ids: Arc::new(RandomIds),
            activity: activity.clone(),
            zone: zone.clone(),
            offline: global.offline,
            passphrase,
            approver: None,
            approves_by_itself: false,
            show_requests: global.show_request.then(output::show_requests),
            limits: crate::engine::Limits::default(),
        };
        let (engine, mut news) = Engine::open(setup).await?;
        let mut problems = Vec::new();
        while let Ok((notice, _working)) = news.try_recv() {
            if let Notice::Problem(report) = notice {
                problems.push(report);
            }
        }
        Ok(Self { engine, news, problems, zone, is_offline: global.offline, has_given_token, clock, activity })
    }

    /// Who is signed in, as whom the calls of this command are made; or a report that a person has to sign in.
    pub(crate) fn me(&self, out: &Out) -> Result<Me, Report> {
        let me = self.engine.me().ok_or_else(|| self.nobody())?;
        made_as::note(&me, &self.engine.setup().config, out)?;
        for problem in &self.problems {
            out.aside(&format!("deskbell: {}", problem.as_text()));
        }
        Ok(me)
    }

    fn nobody(&self) -> Report {
        let setup = self.engine.setup();
        let name = &setup.config.profile_name;
        let written = std::fs::read_to_string(setup.places.config_file()).unwrap_or_default();
        let names = config::profile_names(&written);
        if name != "default" && !names.contains(name) {
            let known = if names.is_empty() {
                "There are none yet.".to_owned()
            } else {
                format!("There are {}.", names.join(", "))
            };
            return Report::new(Kind::Configuration, "noSuchProfile", format!("There is no profile \"{name}\"."))
                .because(known)
                .next(format!("Make it: deskbell setup --profile {name}"))
                .next("See them all: deskbell profile list");
        }
        if let Some(account) = &self.engine.setup().config.profile().account {
            return Report::new(
                Kind::NeedsPerson,
                "signIn",
                format!("{} is not signed in here.", output::plain(account)),
            )
            .because("The command or the profile names this account.")
            .next(format!("Run: deskbell login {}", output::plain(account)))
            .next("See who is: deskbell accounts");
        }
        {
            Report::new(Kind::NeedsPerson, "signIn", "Nobody is signed in here.")
                .because("This command reads what belongs to an account.")
                .next("Run: deskbell login")
                .next("Or try it on invented people: deskbell demo")
        }
    }

    /// Brings the cache up to date unless offline. What fails is returned: the command answers from the cache and says so.
    pub(crate) async fn refresh(&mut self) -> Option<Report> {
        if self.is_offline {
            return None;
        }
        let limit = self.clock.sleep(PATIENCE);
        tokio::pin!(limit);
        self.engine.start();
        let mut newest = None;
        loop {
            tokio::select! {
                biased;
                Some((notice, _working)) = self.news.recv() => match notice {
                    Notice::Sync(status) => newest = Some(status),
                    Notice::Login(LoginStep::Failed(report)) => return Some(report),
                    _ => {}
                },
                () = self.activity.idle() => return newest.and_then(what_is_wrong),
                () = &mut limit => return None,
            }
        }
    }

    /// Brings everything into step, however long it takes, unless offline. A wait the service asked for is waited. What fails is
    /// returned.
    pub(crate) async fn in_step(&mut self, out: &Out) -> Option<Report> {
        if self.is_offline {
            return None;
        }
        self.engine.start();
        self.engine.sync_all();
        let mut newest = SyncStatus::default();
        let mut wait: Option<Timestamp> = None;
        loop {
            let rest = wait.map(|until| until.duration_since(self.now()).unsigned_abs());
            let waited = async {
                match rest {
                    Some(rest) => self.clock.sleep(rest).await,
                    None => self.activity.idle().await,
                }
            };
            tokio::select! {
                biased;
                Some((notice, _working)) = self.news.recv() => match notice {
                    Notice::Sync(status) => {
                        out.progress(&progress(&status, self.now()));
                        newest = status;
                    }
                    Notice::Login(LoginStep::Failed(report)) => {
                        out.progress("");
                        return Some(report);
                    }
                    _ => {}
                },
                () = waited => {
                    if wait.take().is_none() {
                        let asked = [newest.throttled_until, newest.waiting.map(|waiting| waiting.until)];
                        wait = asked.into_iter().flatten().filter(|until| *until > self.now()).min();
                        if wait.is_none() {
                            out.progress("");
                            return what_is_wrong(newest);
                        }
                    }
                }
            }
        }
    }

    /// Stays in step until something needs a person; tells what.
    pub(crate) async fn in_step_for_ever(&mut self, out: &Out) -> Report {
        self.engine.start();
        while let Some((notice, _working)) = self.news.recv().await {
            match notice {
                Notice::Sync(status) => {
                    out.progress(&progress(&status, self.now()));
                    if let Some(problem) = status.problem.filter(|problem| problem.kind == Kind::NeedsPerson) {
                        return problem;
                    }
                }
                Notice::Login(LoginStep::Failed(report)) => return report,
                _ => {}
            }
        }
        Self::mixed_up()
    }

    /// Why the cache holds nothing of `what` (e.g. "inbox") to answer from.
    pub(crate) fn nothing_of(&self, what: &str, feature: Feature, stale: Option<Report>) -> Report {
        let granted = self.engine.me().map(|me| me.granted).unwrap_or_default();
        if !granted.is_empty() && !feature.is_open(&granted) {
            return permission::missing(feature, &format!("The {what} cannot be read."));
        }
        stale.unwrap_or_else(|| {
            Report::new(Kind::Failure, "noCache", format!("Nothing of the {what} is on this computer yet."))
                .because("It was never fetched for this account.")
                .next("Run the command once without --offline.")
        })
    }

    /// Says that an answer is from the cache, and returns the reason for `errors`.
    pub(crate) fn tell_stale(&self, out: &Out, stale: Option<Report>) -> Vec<Value> {
        let Some(report) = stale else { return Vec::new() };
        if report.kind == Kind::NeedsPerson {
            out.note_needs_person();
            let step = report.next.first().map_or("", String::as_str);
            out.aside(format!("From the cache: {} {step}", report.what).trim_end());
        } else if !out.is_json() {
            out.aside(&format!("From the cache: {}", report.as_text()));
        }
        vec![error(&report)]
    }

    /// Ends when so much time has passed.
    pub(crate) fn patience(&self, time: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.clock.sleep(time)
    }

    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::try_from(self.clock.now()).unwrap_or(Timestamp::MAX)
    }

    /// The rules of the zone in which times are told.
    pub(crate) fn rules(&self) -> TimeZone {
        self.zone.rules.clone().unwrap_or(TimeZone::UTC)
    }

    /// The day it is in the person's zone.
    pub(crate) fn today(&self) -> Date {
        self.now().to_zoned(self.rules()).date()
    }

    /// From midnight to midnight where the person is.
    pub(crate) fn day_span(&self, day: Date) -> Option<Span> {
        let rules = self.zone.rules.as_ref()?;
        let start = day.to_zoned(rules.clone()).ok()?.timestamp();
        let end = day.tomorrow().ok()?.to_zoned(rules.clone()).ok()?.timestamp();
        Some(Span { start, end })
    }

    pub(crate) fn window(&self, from: Date, to: Date) -> Result<Span, Report> {
        let last = to.yesterday().unwrap_or(from);
        match (self.day_span(from), self.day_span(last)) {
            (Some(first), Some(last)) => Ok(Span { start: first.start, end: last.end }),
            _ => Err(Report::new(Kind::Configuration, "zone", "The days cannot be placed in your time zone.")
                .because(format!("The zone \"{}\" is not known.", self.zone.name))
                .next("Set `zone` in config.toml to an IANA name, e.g. \"Europe/Madrid\".")),
        }
    }

    /// Who is meant by these names; without any, I am, or every mailbox of a service.
    pub(crate) fn meant(&self, names: &[String], me: &Me) -> Vec<String> {
        match (names, me.kind) {
            ([], AccountKind::Service) => self.engine.setup().config.profile().mailboxes,
            ([], _) => vec![me.person.address.clone()],
            (names, _) => names.to_vec(),
        }
    }

    /// Of a service: through whose mailbox free/busy was asked for.
    pub(crate) fn say_through(&self, out: &Out) {
        if let Some(mailbox) = self.engine.asked_through() {
            out.aside(&format!("Asked through {mailbox}."));
        }
    }

    /// Looks the names up. Addresses are taken as they are; a name must fit one person.
    pub(crate) async fn find_all(&self, names: &[String]) -> Result<Vec<Found>, Report> {
        let mut found = Vec::with_capacity(names.len());
        for name in names {
            found.push(self.find(name).await?);
        }
        Ok(found)
    }

    async fn find(&self, asked: &str) -> Result<Found, Report> {
        let asked = asked.to_owned();
        if asked.contains('@') {
            return Ok(Found::One { asked, person: None });
        }
        let Answer::FoundPeople(answer) = self.engine.perform(Request::FindPeople { text: asked.clone() }).await?
        else {
            return Err(Self::mixed_up());
        };
        let people: Vec<Person> = answer.people.into_iter().filter(|person| !person.address.is_empty()).collect();
        let exact: Vec<&Person> = people.iter().filter(|person| person.name.eq_ignore_ascii_case(&asked)).collect();
        if let [person] = exact[..] {
            return Ok(Found::One { asked, person: Some(person.clone()) });
        }
        match &people[..] {
            [person] => Ok(Found::One { asked, person: Some(person.clone()) }),
            [] => {
                let reason = match answer.problem {
                    // Nobody was asked, so nobody said that there is no such person.
                    Some(problem) => Report { what: format!("\"{asked}\" could not be looked up."), ..problem },
                    None => Report::new(
                        Kind::Failure,
                        "notFound",
                        format!("Nobody is called \"{asked}\" in the directory."),
                    )
                    .next("Check the spelling, or give the address."),
                };
                Ok(Found::Nobody { asked, reason })
            }
            several => {
                let names: Vec<String> = several
                    .iter()
                    .take(MOST_NAMED)
                    .map(|person| format!("{} <{}>", person.name, person.address))
                    .collect();
                let reason = Report::new(
                    Kind::Failure,
                    "ambiguous",
                    format!("\"{asked}\" fits {} people: {}.", several.len(), names.join(", ")),
                )
                .next("Give the full name or the address.");
                Ok(Found::Nobody { asked, reason })
            }
        }
    }

    /// An answer of another kind than the question: a mistake of ours, told like any failure.
    pub(crate) fn mixed_up() -> Report {
        Report::new(Kind::Failure, "internal", "The answer does not fit the question.")
            .next("This is a mistake of ours; please report it.")
    }
}

/// How far a sync is, in a line; empty where nothing is under way.
fn progress(status: &SyncStatus, now: Timestamp) -> String {
    if let Some(waiting) = status.waiting.and_then(|waiting| waiting.words(now)) {
        return waiting;
    }
    let counts = status.progress.iter().map(|progress| {
        let what = match progress.area {
            Area::Folders => "folders",
            Area::Mail | Area::OtherFolders => "messages",
            Area::Bodies => "bodies",
            Area::Calendar => "events",
            Area::People => "people",
        };
        progress
            .total
            .map_or_else(|| format!("{what} {}", progress.done), |total| format!("{what} {} of {total}", progress.done))
    });
    counts.collect::<Vec<_>>().join(", ")
}

/// What keeps the cache from being in step, if anything does.
fn what_is_wrong(status: SyncStatus) -> Option<Report> {
    if status.problem.is_some() {
        return status.problem;
    }
    matches!(status.connection, Connection::Offline { .. }).then(|| {
        Report::new(Kind::Network, "offline", "Microsoft 365 cannot be reached.")
            .because("No answer came from the service.")
            .next("Check the network, then run the command again.")
    })
}
