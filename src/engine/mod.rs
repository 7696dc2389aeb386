//! Floor 5: the headless product. Everything the screen and the command line can do, without either.
//!
//! [`Engine`] answers requests from the cache, keeps the cache in step (`sync`), signs in (`login`), asks for what is not cached
//! (`freebusy`, `people`, `away`, `card`), makes bodies readable (`reader`, `reading`), and tells its news through one channel
//! (`notices`). Must stay true: it knows no terminal, no key and no view; every request ends in one answer or one report; nothing
//! on the way to the first frame touches the network.

pub mod notices;
pub mod outbox;
pub mod nudge;
mod meeting;
pub mod own;
pub mod reader;
mod reading;
pub mod index;
mod search;
pub mod login;
pub mod sync;
pub mod freebusy;
pub mod people;
pub mod presences;
pub mod away;
mod groups;
mod rooms;
mod together;
pub mod card;
pub mod permission;
pub mod vault;
pub(crate) mod kept;
pub mod house;
mod live;
mod selected;
mod files;
mod find_events;
mod network;
mod accounts;
pub mod access;

pub use crate::graph::raw::{RawAnswer, RawRead};
pub use crate::net::clock::SystemClock;

use crate::auth::broker::Brokers;
use crate::auth::remembered::Remembered;
use crate::auth::token_file::{self, TokenFile};
use crate::auth::vault::StoredAccount;
use crate::auth::{AuthError, StaticToken, Surroundings, TokenSource};
use crate::base::activity::{Activity, Working};
use crate::base::clock::SharedClock;
use crate::base::environment::Environment;
use crate::base::ids::Ids;
use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::base::text::tame_link;
use crate::config::{Config, Profile, set_profile_options};
use crate::db::Db;
use crate::db::outbox::OutboxFile;
pub use crate::db::{Limits, Opening, Room};
use crate::domain::account::{Account, AccountKey};
use crate::domain::calls::{CallRecord, ShowRequests};
use crate::domain::intent::{IntentId, OutboxItem};
use crate::domain::login::{LoginCommand, LoginOptions, LoginStep, Registration};
use crate::domain::me::Me;
use crate::domain::notice::Notice;
use crate::domain::request::{Answer, Request};
use crate::domain::time::Zone;
use crate::domain::token::{TokenFacts, TokenWay, VaultFacts};
use crate::engine::access::{CommandLogin, ServiceAccess};
use crate::engine::live::{Beginnings, Live};
use crate::engine::login::{DemoApprover, LoginHandle, LoginNews, LoginParts, TokenLogin};
use crate::engine::notices::{News, Notices};
use crate::engine::nudge::Nudge;
pub use crate::engine::sync::{Days, Interest};
use crate::graph::Reach;
use crate::net::browser::{Browser, Display, SystemBrowser};
use crate::net::client::Clients;
use crate::net::cloud::Cloud;
use futures_util::FutureExt;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::task::JoinHandle;

/// What a look into the vault brings.
type StoredAccounts = Result<Vec<StoredAccount>, AuthError>;

/// Where accounts of a token handed in from outside are kept apart from signed-in ones.
const GIVEN_TOKEN: &str = "given-token";

/// What an engine is opened with. Everything that could differ between a person's start and a test is here.
#[derive(Clone)]
pub struct Setup {
    /// Places on disk.
    pub places: Places,
    /// The configuration.
    pub config: Config,
    /// The environment.
    pub environment: Environment,
    /// The clock.
    pub clock: SharedClock,
    /// Random ids.
    pub ids: Arc<dyn Ids>,
    /// Counts work in flight.
    pub activity: Activity,
    /// The zone in which days begin.
    pub zone: Zone,
    /// Ask nothing of the network.
    pub offline: bool,
    /// The passphrase of the vault, if the person was asked for it.
    pub passphrase: Option<Secret<String>>,
    /// The simulated person of the demo.
    pub approver: Option<Arc<dyn DemoApprover>>,
    /// The simulated person approves by itself, without a key being pressed.
    pub approves_by_itself: bool,
    /// Who is shown each request before it is sent.
    pub show_requests: Option<ShowRequests>,
    /// How far the files go.
    pub limits: Limits,
}

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    setup: Setup,
    db: Db,
    brokers: Arc<Brokers>,
    browser: Arc<dyn Browser>,
    notices: Notices,
    nudge: Nudge,
    outbox: OutboxFile,
    /// The account in use. Held for the length of a copy, never across an await.
    live: Mutex<Option<Arc<Live>>>,
    login: OnceLock<LoginHandle>,
}

/// Begins work here and now, up to where it waits, and leaves the rest to the runtime: what it asks another thread for is on its
/// way before a thread of the runtime has woken up.
pub fn begin<F>(work: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut work = Box::pin(work);
    let done = work.as_mut().now_or_never();
    tokio::spawn(async move {
        match done {
            Some(done) => done,
            None => work.await,
        }
    })
}

/// Begins to open the cache of these places, on a thread of its own: of all that stands between a start and its first frame it takes
/// longest.
#[must_use]
pub fn open_cache(places: &Places, activity: &Activity, limits: &Limits) -> Opening {
    Db::begin(&house::file(places), activity, limits)
}

/// Whether [`Engine::open_with`] asks the network for something before an engine of this setup is open.
#[must_use]
pub fn asks_before_opening(setup: &Setup) -> bool {
    setup.environment.get("DESKBELL_TOKEN").is_some() || setup.config.profile().is_service()
}

impl Engine {
    /// Opens cache and vault; asks nothing of the network, unless `DESKBELL_TOKEN` is set: then the service is asked whose it is. If
    /// somebody is signed in, their cache is ready for questions when this returns.
    ///
    /// # Errors
    /// When the configuration names no usable service, or the cache or the vault cannot be used.
    pub async fn open(setup: Setup) -> Result<(Self, News), Report> {
        let cache = open_cache(&setup.places, &setup.activity, &setup.limits);
        Self::open_with(setup, cache).await
    }

    /// The same with a cache whose opening was begun before, by [`open_cache`] with the same places.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub async fn open_with(setup: Setup, cache: Opening) -> Result<(Self, News), Report> {
        let (notices, news) = Notices::new(setup.activity.clone());
        let brokers = brokers(&setup)?;
        // The vault is read while the cache is opened: a start needs both for its first frame.
        let stored = begin({
            let brokers = brokers.clone();
            async move { brokers.accounts_at_start().await }
        });
        // Whoever began this has other things to do while the file is opened.
        tokio::task::yield_now().await;
        let opened = cache.end().map_err(|error| error.report())?;
        if let Some(report) = opened.set_aside {
            notices.tell(Notice::Problem(report));
        }
        // Opened by its first use, which is behind the first frame.
        let outbox = OutboxFile::at_within(&setup.places.state.join("outbox.db"), &setup.activity, &setup.limits);
        let nudge = Nudge::new(&setup.places.state);
        notices.nudge_through(nudge.clone());
        let inner = Inner {
            db: opened.db,
            brokers,
            browser: Arc::new(SystemBrowser::new(Display::of(&setup.environment))),
            notices,
            nudge,
            outbox,
            live: Mutex::new(None),
            login: OnceLock::new(),
            setup,
        };
        let live = inner.wake_account(stored).await?;
        *lock(&inner.live) = live.map(Arc::new);
        Ok((Self { inner: Arc::new(inner) }, news))
    }

    /// Begins the work that needs nobody to ask for it: the sign-in's state, the sync. Call it after the first frame.
    pub fn start(&self) {
        self.inner.db.widen();
        self.listen_to_others();
        let live = self.live();
        if let Some(live) = &live {
            self.inner.notices.tell(Notice::Me(Box::new(live.me())));
            live.start_sync();
        }
        // Offline nothing grows, and a program that does nothing wakes for nothing.
        if !self.inner.setup.offline {
            house::keep_within_limits(&self.inner);
        }
        match live {
            Some(live) if self.inner.setup.offline || live.has_no_person() => {
                self.inner.notices.tell(Notice::Login(LoginStep::SignedIn(live.account().clone())));
            }
            _ => {
                self.login_handle();
            }
        }
    }

    /// Hears what other processes of this home commit, and tells it as if it had happened here.
    fn listen_to_others(&self) {
        let engine = Arc::downgrade(&self.inner);
        self.inner.nudge.listen(&self.inner.setup.activity, move |kind, working| {
            if let Some(inner) = engine.upgrade() {
                inner.hear_others(kind, working);
            }
        });
    }

    /// The brokers of this engine, for whoever examines what it stands on.
    #[must_use]
    pub fn brokers(&self) -> Arc<Brokers> {
        self.inner.brokers.clone()
    }

    /// What the engine was opened with.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.inner.setup
    }

    /// Answers `request`: from the cache wherever it can be.
    ///
    /// # Errors
    /// A report saying what is missing: a sign-in, a permission, the network.
    pub async fn perform(&self, request: Request) -> Result<Answer, Report> {
        match request {
            Request::Missing { tier } => return Ok(Answer::Missing(Box::new(self.missing(tier).await?))),
            Request::PutOff { tier } => return Ok(Answer::Missing(Box::new(self.put_off(tier).await?))),
            Request::Accounts => return Ok(Answer::Accounts(Box::new(self.known_accounts().await?))),
            Request::Consent { tiers } => return Ok(Answer::Consent(Box::new(self.consent_request(&tiers).await?))),
            _ => {}
        }
        match self.live() {
            Some(live) => live.perform(request).await,
            // What went wrong before there is an account is asked about most.
            None if request == Request::RecentCalls => {
                Ok(Answer::RecentCalls(self.inner.brokers.surroundings().clients.calls().newest_first()))
            }
            None => Err(nobody_signed_in()),
        }
    }

    /// How the profile wants its sign-ins done.
    #[must_use]
    pub fn login_options(&self) -> LoginOptions {
        access::login_options(&self.inner.setup.config.profile())
    }

    /// The last calls, the newest first; also those of a sign-in that has not ended.
    #[must_use]
    pub fn recent_calls(&self) -> Vec<CallRecord> {
        self.inner.brokers.surroundings().clients.calls().newest_first()
    }

    /// Reads any path of Graph as it is.
    ///
    /// # Errors
    /// A report for a path that is refused, and for whatever the service or the network says.
    pub async fn read_raw(&self, wanted: &RawRead) -> Result<RawAnswer, Report> {
        self.live().ok_or_else(nobody_signed_in)?.read_raw(wanted).await
    }

    /// An access token for a person's own scripts, with what can be told about it.
    ///
    /// # Errors
    /// When nobody is signed in, or no token can be had.
    pub async fn hand_out_token(&self) -> Result<(Secret<String>, TokenFacts), Report> {
        self.live().ok_or_else(nobody_signed_in)?.hand_out_token().await
    }

    /// Speaks to the sign-in.
    pub fn login(&self, command: LoginCommand) {
        self.login_handle().send(command);
    }

    /// Stores tokens from elsewhere: the JSON a token endpoint answers with.
    ///
    /// # Errors
    /// When they cannot be used, or nobody can tell whose they are.
    pub async fn import_tokens(&self, text: &Secret<String>) -> Result<Account, Report> {
        let setup = &self.inner.setup;
        let imported = async {
            let file = TokenFile::parse(text)?;
            let surroundings = self.inner.brokers.surroundings();
            let stored = file.account(surroundings, registration(&setup.config), setup.offline).await?;
            let account = stored.account.clone();
            self.inner.brokers.adopt(stored).await?;
            Ok(account)
        };
        let account = imported.await.map_err(|error: AuthError| error.report())?;
        self.inner.db.put_account(account.clone()).await.map_err(|error| error.report())?;
        Ok(account)
    }

    /// The tokens of the account in use as such a JSON, fresh.
    ///
    /// # Errors
    /// When there are none, or they cannot be renewed.
    pub async fn export_tokens(&self) -> Result<Secret<String>, Report> {
        let Some(live) = self.live() else { return Err(nobody_signed_in()) };
        let key = live.account().key.clone();
        let report = |error: AuthError| error.report();
        let stored = self.inner.brokers.stored(&key).await.map_err(report)?.ok_or_else(nobody_signed_in)?;
        if !self.inner.setup.offline {
            self.inner.brokers.open(&stored).access_token().await.map_err(report)?;
        }
        let stored = self.inner.brokers.stored(&key).await.map_err(report)?.ok_or_else(nobody_signed_in)?;
        Ok(token_file::write(&stored, self.inner.setup.clock.now()))
    }

    /// Brings the full-text index up to date, for a command that searches and ends; a long way is not gone to its end.
    ///
    /// # Errors
    /// When the cache cannot be read or written.
    pub async fn index_some(&self) -> Result<(), Report> {
        self.live().ok_or_else(nobody_signed_in)?.index_some().await
    }

    /// What can be told about the vault.
    #[must_use]
    pub fn vault_facts(&self) -> VaultFacts {
        self.inner.brokers.vault_facts()
    }

    /// What can be told about the token in use, if there is one.
    #[must_use]
    pub fn token_facts(&self) -> Option<TokenFacts> {
        self.live().map(|live| live.token_facts())
    }

    /// Who we work for, if anybody.
    #[must_use]
    pub fn me(&self) -> Option<Me> {
        self.live().map(|live| live.me())
    }

    /// The account in use, if any.
    #[must_use]
    pub fn account_key(&self) -> Option<AccountKey> {
        self.live().map(|live| live.account().key.clone())
    }

    /// The mailbox through which a service asks for free/busy, once one has answered; `None` for a person.
    #[must_use]
    pub fn asked_through(&self) -> Option<String> {
        self.live()?.asked_through()
    }

    /// When the cache was last in step with the service; `None`: never.
    pub async fn as_of(&self) -> Option<Timestamp> {
        self.live()?.as_of().await
    }

    /// Has changes of an earlier run made, without keeping anything else in step: for a command. Part of [`Engine::start`].
    pub fn start_changes(&self) {
        if let Some(live) = self.live() {
            live.outbox().start();
        }
    }

    /// Waits until each of these changes is made, stays for a person, or waits for something that only time, the network or a person
    /// can bring; gives back how they stand. What was taken back meanwhile is not among them.
    ///
    /// # Errors
    /// When nobody is signed in or the outbox cannot be read.
    pub async fn follow(&self, ids: &[IntentId]) -> Result<Vec<OutboxItem>, Report> {
        self.live().ok_or_else(nobody_signed_in)?.outbox().follow(ids).await
    }

    /// Fetches now what is due and what is not.
    pub fn sync_now(&self) {
        if let Some(live) = self.live() {
            live.sync_now();
        }
    }

    /// Says what is being looked at; it is kept fresh first.
    pub fn set_interest(&self, interest: Interest) {
        if let Some(live) = self.live() {
            live.set_interest(interest);
        }
    }

    /// Says that a person pressed a key: who has not for long is asked for less.
    pub fn touch(&self) {
        if let Some(live) = self.live() {
            live.with_sync(sync::SyncHandle::touched);
        }
    }

    /// Asks for everything once: all folders, calendars, bodies within the limits, people, settings. Done when the engine is idle.
    pub fn sync_all(&self) {
        if let Some(live) = self.live() {
            live.with_sync(sync::SyncHandle::sync_all);
        }
    }

    /// Stops long work (other folders, bodies ahead) after the page it is at, or lets it go on; remembered for the next start, and
    /// told to other processes of this home.
    ///
    /// # Errors
    /// When nobody is signed in, or it cannot be remembered.
    pub async fn pause(&self, is_paused: bool) -> Result<(), Report> {
        let live = self.live().ok_or_else(nobody_signed_in)?;
        live.pause(is_paused).await?;
        self.inner.nudge.send(&nudge::Kind::Pace);
        Ok(())
    }

    /// Says whether the person looks at the program; without that everything goes at half the pace.
    pub fn set_focus(&self, has_focus: bool) {
        if let Some(live) = self.live() {
            live.with_sync(|handle| handle.focus(has_focus));
        }
    }

    /// Opens an address outside and says in words what happened. Only https, http and mailto are opened.
    pub async fn open_link(&self, address: &str) -> String {
        let refused = || "This is no address that may be opened.".to_owned();
        let Some(safe) = tame_link(address) else { return refused() };
        let Ok(url) = safe.parse() else { return refused() };
        if self.inner.browser.open(&url).await {
            "Opened in the browser.".to_owned()
        } else {
            // The address first: it is what somebody needs, and a narrow line ends behind it.
            format!("{safe}  No browser can be opened here.")
        }
    }

    /// Leaves everything tidy. The engine is of no use afterwards.
    pub async fn close(&self) {
        self.inner.nudge.close();
        if let Some(live) = lock(&self.inner.live).take() {
            live.stop_sync();
        }
        if let Err(error) = self.inner.db.close().await {
            tracing::warn!(%error, "the cache was not left tidy");
        }
    }

    fn live(&self) -> Option<Arc<Live>> {
        lock(&self.inner.live).clone()
    }

    /// Starts the sign-in with these options instead of the profile's; what is best here follows from them. Nothing changes where
    /// it runs already.
    pub fn start_login(&self, options: LoginOptions) {
        self.login_handle_with(|_| options);
    }

    /// The running sign-in, started on first use.
    fn login_handle(&self) -> &LoginHandle {
        self.login_handle_with(access::login_options)
    }

    fn login_handle_with(&self, options: impl FnOnce(&Profile) -> LoginOptions) -> &LoginHandle {
        self.inner.login.get_or_init(|| {
            let setup = &self.inner.setup;
            let profile = setup.config.profile();
            let parts = LoginParts {
                brokers: self.inner.brokers.clone(),
                registration: registration(&setup.config),
                remember: Some(remember(setup)),
                browser: self.inner.browser.clone(),
                display: Display::of(&setup.environment),
                options: options(&profile),
                tiers: access::tiers(&profile),
                chosen: access::chosen(&profile),
                command: (!profile.token_command.is_empty()).then(|| {
                    let surroundings = self.inner.brokers.surroundings().clone();
                    Arc::new(CommandLogin { profile: profile.clone(), surroundings }) as Arc<dyn TokenLogin>
                }),
                memory: Arc::new(Remembered::new(Some(
                    setup.places.state.join(format!("sign-in-{}.json", setup.config.profile_name)),
                ))),
                allowed_tenants: profile.allowed_tenants.clone(),
                account: profile.account.clone(),
                in_use: self.live().map(|live| live.account().key.clone()),
                approver: setup.approver.clone(),
            };
            let engine = Arc::downgrade(&self.inner);
            login::start(parts, move |news| match (engine.upgrade(), news) {
                (Some(inner), LoginNews::Step(step)) => Self { inner }.on_login(step),
                (Some(inner), LoginNews::Ways(ways)) => inner.notices.tell(Notice::Ways(ways)),
                (None, _) => {}
            })
        })
    }

    /// Passes a step on; a sign-in that ended well first becomes the account in use.
    fn on_login(self, step: LoginStep) {
        if step.waits() && self.inner.setup.approves_by_itself {
            self.login(LoginCommand::ApproveDemo);
        }
        let LoginStep::SignedIn(account) = step else {
            self.inner.notices.tell(Notice::Login(step));
            return;
        };
        let working = self.inner.setup.activity.begin();
        tokio::spawn(async move {
            let told = match self.use_account(&account).await {
                Ok(()) => LoginStep::SignedIn(account),
                Err(report) => LoginStep::Failed(report),
            };
            self.inner.notices.tell(Notice::Login(told));
            drop(working);
        });
    }

    /// Makes a signed-in account the one in use, unless it already is with the same grants.
    async fn use_account(&self, account: &Account) -> Result<(), Report> {
        if self.live().is_some_and(|live| live.account() == account) {
            return Ok(());
        }
        self.inner.remember_choice(&account.key).await?;
        let stored = self.inner.brokers.accounts().await.map_err(|error| error.report())?;
        let stored =
            stored.into_iter().find(|stored| stored.account.key == account.key).ok_or_else(nobody_signed_in)?;
        let live = Arc::new(self.inner.live_of(&stored).await?);
        self.inner.db.put_account(account.clone()).await.map_err(|error| error.report())?;
        let before = lock(&self.inner.live).replace(live.clone());
        if let Some(before) = before {
            before.stop_sync();
        }
        self.inner.notices.tell(Notice::Me(Box::new(live.me())));
        live.start_sync();
        Ok(())
    }
}

impl Inner {
    /// Another process of this home committed something: what shows it looks again.
    fn hear_others(&self, kind: nudge::Kind, working: Working) {
        if matches!(kind, nudge::Kind::Messages(_) | nudge::Kind::Body(_)) {
            // A command that wrote mail has ended before it could index it.
            self.db.wake_index();
        }
        let notice = match kind {
            nudge::Kind::Folders => Notice::FoldersChanged,
            nudge::Kind::Messages(folder) => Notice::MessagesChanged(folder),
            nudge::Kind::Body(message) => Notice::BodyArrived(message),
            nudge::Kind::Events => Notice::EventsChanged,
            nudge::Kind::People => Notice::PeopleChanged,
            nudge::Kind::Pace => {
                if let Some(live) = lock(&self.live).clone() {
                    tokio::spawn(async move {
                        live.look_at_pace().await;
                        drop(working);
                    });
                }
                return;
            }
            nudge::Kind::Outbox => {
                if let Some(live) = lock(&self.live).clone() {
                    live.outbox().look();
                }
                return;
            }
        };
        self.notices.tell_here(notice);
    }

    /// The account a start finds: that of a given token, else the profile's in the vault.
    async fn wake_account(&self, stored: JoinHandle<StoredAccounts>) -> Result<Option<Live>, Report> {
        if let Some(token) = self.setup.environment.get("DESKBELL_TOKEN") {
            let source = Arc::new(StaticToken::new(&Secret::new(token.to_owned())));
            return self.live_of_token(source).await.map(Some);
        }
        let profile = self.setup.config.profile();
        if profile.is_service() {
            return self.live_of_service().await.map(Some);
        }
        let stored = match stored.await {
            Ok(Ok(stored)) => stored,
            Err(error) => {
                tracing::error!(%error, "the vault was not read to its end");
                return Ok(None);
            }
            // The sign-in screen shows why the vault cannot be read; nothing is lost by starting without it.
            Ok(Err(error)) => {
                tracing::warn!(%error, "the vault was not read");
                return Ok(None);
            }
        };
        match self.first_of(stored).await {
            Some(stored) => self.live_of(&stored).await.map(Some),
            None => Ok(None),
        }
    }

    async fn live_of(&self, stored: &StoredAccount) -> Result<Live, Report> {
        let tokens: Arc<dyn TokenSource> = match stored.history.way {
            TokenWay::Command => access::printed(&self.setup.config.profile(), self.brokers.surroundings()),
            _ => self.brokers.open(stored),
        };
        self.begin(stored.account.clone(), tokens, Reach::Own).await
    }

    /// The account of a token from outside. Only the service knows whose it is.
    async fn live_of_token(&self, source: Arc<StaticToken>) -> Result<Live, Report> {
        let what = "The given token (DESKBELL_TOKEN) could not be used.";
        let mut account = access::whose(self.brokers.surroundings(), source.clone(), self.setup.offline, what).await?;
        GIVEN_TOKEN.clone_into(&mut account.key.tenant);
        self.begin(account, source, Reach::Own).await
    }

    /// The service of the profile. What it holds is known from its token; without one it begins with what the cache holds.
    async fn live_of_service(&self) -> Result<Live, Report> {
        let ServiceAccess { mut account, tokens, reach, warning } =
            access::service(&self.setup, self.brokers.surroundings())?;
        if let Some(warning) = warning {
            self.notices.tell(Notice::Problem(warning));
        }
        if !self.setup.offline {
            match tokens.access_token().await {
                Ok(_) => account.granted = tokens.granted(),
                // The sync says the same again and goes on trying; a credential that cannot work is told at once.
                Err(error) if error.is_transient() => tracing::warn!(%error, "no token for the service yet"),
                Err(error) => return Err(error.report()),
            }
        }
        self.db.put_account(account.clone()).await.map_err(|error| error.report())?;
        self.begin(account, tokens, reach).await
    }

    async fn begin(&self, account: Account, tokens: Arc<dyn TokenSource>, reach: Reach) -> Result<Live, Report> {
        let (cache, known) = self.db.cache_of(&account.key).await.map_err(|error| error.report())?;
        Ok(Live::begin(Beginnings {
            account,
            cache,
            known,
            tokens,
            reach,
            clients: self.brokers.surroundings().clients.clone(),
            notices: self.notices.clone(),
            outbox: self.outbox.clone(),
            setup: self.setup.clone(),
        }))
    }
}

/// The vault and the brokers over it, as an engine of `setup` would make them. Reads nothing yet.
///
/// # Errors
/// When the configuration names no usable service, or names a passphrase that cannot be read.
pub fn brokers(setup: &Setup) -> Result<Arc<Brokers>, Report> {
    let clients = Arc::new(Clients::with(cloud(&setup.config)?, network::network(setup)));
    let vault = Arc::new(vault::open(setup, clients.cloud())?);
    let surroundings =
        Surroundings { clients, clock: setup.clock.clone(), ids: setup.ids.clone(), activity: setup.activity.clone() };
    Ok(Arc::new(Brokers::new(surroundings, vault)))
}

/// The address of the Graph the configuration names, without a slash at its end.
///
/// # Errors
/// When it names none that can be used.
pub fn graph_address(config: &Config) -> Result<String, Report> {
    Ok(cloud(config)?.graph.as_str().trim_end_matches('/').to_owned())
}

/// The service the profile names.
pub fn cloud(config: &Config) -> Result<Cloud, Report> {
    let profile = config.profile();
    let named = || Cloud::named(&profile.cloud);
    let cloud = match (&profile.authority, &profile.graph) {
        (None, None) => named(),
        (Some(authority), Some(graph)) => Cloud::at(authority, graph),
        (Some(authority), None) => named().and_then(|cloud| Cloud::at(authority, cloud.graph.as_str())),
        (None, Some(graph)) => named().and_then(|cloud| Cloud::at(cloud.authority.as_str(), graph)),
    };
    cloud.map(|cloud| cloud.with_provider(profile.provider)).map_err(|error| error.report())
}

fn registration(config: &Config) -> Option<Registration> {
    let profile = config.profile();
    let tenant = if profile.tenant.is_empty() { "organizations".to_owned() } else { profile.tenant };
    (!profile.client_id.is_empty()).then_some(Registration { client_id: profile.client_id, tenant })
}

/// Writes a registration the person typed into their profile.
fn remember(setup: &Setup) -> login::RememberRegistration {
    let (path, profile) = (setup.places.config_file(), setup.config.profile_name.clone());
    Arc::new(move |registration| {
        let options = [("client_id", registration.client_id.as_str()), ("tenant", registration.tenant.as_str())];
        set_profile_options(&path, &profile, &options).map_err(|error| error.report())
    })
}

fn nobody_signed_in() -> Report {
    Report::new(Kind::NeedsPerson, "signIn", "Nobody is signed in.")
        .because("This belongs to an account.")
        .next("Sign in: deskbell login")
        .next("Or try it on invented people: deskbell demo")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
