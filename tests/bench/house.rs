//! Homes to run in: a folder with an account, its cache filled from the simulated tenant, and the program put together on any
//! screen.
//!
//! A large mailbox takes a while to fetch, so its home is kept under `target/` and taken again as long as it fits.

use deskbell::app::running::Running;
use deskbell::app::screen::Screen;
use deskbell::app::{self, Opening};
use deskbell::base::activity::Activity;
use deskbell::base::environment::Environment;
use deskbell::base::ids::{Ids, RandomIds, SeededIds};
use deskbell::base::paths::Places;
use deskbell::config::{self, Flags};
use deskbell::domain::login::{LoginCommand, LoginMethod, LoginStep};
use deskbell::domain::time::Zone;
use deskbell::engine::login::DemoApprover;
use deskbell::engine::notices::News;
use deskbell::engine::{Engine, Setup, SystemClock};
use deskbell::sim::script::Script;
use deskbell::sim::tenant::{Tenant, TenantOptions};
use deskbell::sim::world::WorldOptions;
use deskbell::view::Look;
use futures_util::future::BoxFuture;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

/// What a home is made by; another one is not taken again.
const SCHEMA: &str = include_str!("../../assets/schema/0001_start.sql");
/// A home is filled anew after this time: its newest mail grows old.
const FRESH: Duration = Duration::from_hours(20);

/// The terminal all benches pretend to have: true colours, a dark background.
pub const ENVIRONMENT: [(&str, &str); 5] = [
    ("TERM", "xterm-256color"),
    ("COLORTERM", "truecolor"),
    ("COLORFGBG", "15;0"),
    ("LANG", "C.UTF-8"),
    ("TZ", "Europe/Madrid"),
];

/// A folder with a signed-in account and a filled cache.
#[derive(Clone, Debug)]
pub struct Home {
    /// The folder, as `--home` takes it.
    pub folder: PathBuf,
    authority: String,
    graph: String,
    tenant: String,
    client: String,
}

/// A runtime as the program has one.
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// A tenant with this many messages in the inbox.
pub async fn tenant(messages: usize) -> Tenant {
    let world = WorldOptions { mail: Some(messages), ..WorldOptions::default() };
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
    Tenant::start(TenantOptions { world, ..TenantOptions::default() }, Arc::new(SystemClock), ids)
        .await
        .expect("the tenant starts")
}

impl Home {
    /// A home whose cache holds an inbox of this many messages; filled now, unless one is left from an earlier run.
    pub fn filled(runtime: &Runtime, messages: usize) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("home-{messages}"));
        Self::again(&folder).unwrap_or_else(|| {
            let _ = std::fs::remove_dir_all(&folder);
            crate::measure::line(&format!("  filling a cache with {messages} messages, once"));
            runtime.block_on(async {
                let tenant = tenant(messages).await;
                let home = Self::of(&folder, &tenant);
                let program = Program::open(&home, Some(&tenant)).await;
                program.close().await;
                home.note();
                home
            })
        })
    }

    /// An unfilled home for this tenant.
    pub fn of(folder: &Path, tenant: &Tenant) -> Self {
        Self {
            folder: folder.to_owned(),
            authority: tenant.authority().to_owned(),
            graph: tenant.graph().to_owned(),
            tenant: tenant.tenant_id().to_owned(),
            client: tenant.clients().public.clone(),
        }
    }

    /// The options by which the real program finds this home and asks nothing of the network.
    pub fn arguments(&self) -> Vec<String> {
        let folder = self.folder.display().to_string();
        let named = [
            ("--home", &folder),
            ("--authority", &self.authority),
            ("--graph", &self.graph),
            ("--tenant", &self.tenant),
            ("--client-id", &self.client),
        ];
        let named = named.into_iter().flat_map(|(name, value)| [name.to_owned(), value.clone()]);
        named.chain(["--offline".to_owned()]).collect()
    }

    /// The file of the cache.
    pub fn cache(&self) -> PathBuf {
        Places::under(&self.folder).cache.join("deskbell.db")
    }

    fn again(folder: &Path) -> Option<Self> {
        let noted = folder.join("filled.txt");
        let age = std::fs::metadata(&noted).ok()?.modified().ok()?.elapsed().ok()?;
        let text = std::fs::read_to_string(&noted).ok().filter(|_| age < FRESH)?;
        let (addresses, schema) = text.split_once("\n\n")?;
        let mut lines = addresses.lines().map(str::to_owned);
        let mut next = || lines.next();
        (schema == SCHEMA).then_some(())?;
        Some(Self { folder: folder.to_owned(), authority: next()?, graph: next()?, tenant: next()?, client: next()? })
    }

    fn note(&self) {
        let Self { folder, authority, graph, tenant, client } = self;
        let text = format!("{authority}\n{graph}\n{tenant}\n{client}\n\n{SCHEMA}");
        std::fs::write(folder.join("filled.txt"), text).expect("the home can be noted");
    }
}

/// The engine in a home, with everything the screen is put together from.
pub struct Program {
    /// The engine.
    pub engine: Engine,
    news: News,
    opening: Opening,
}

impl Program {
    /// Opens the engine. With a tenant it signs in and fetches everything; without one it is offline and has done nothing yet.
    pub async fn open(home: &Home, tenant: Option<&Tenant>) -> Self {
        let mut program = Self::begin(home, tenant).await;
        if tenant.is_some() {
            program.fetched().await;
        }
        program
    }

    /// Opens the engine and begins to sign in; what follows happens while the program runs.
    pub async fn signing_in(home: &Home, tenant: &Tenant) -> Self {
        Self::begin(home, Some(tenant)).await
    }

    async fn begin(home: &Home, tenant: Option<&Tenant>) -> Self {
        let places = Places::under(&home.folder);
        places.create().expect("the places can be made");
        let environment = Environment::from_pairs(ENVIRONMENT);
        let config::Loaded { config, problems } = config::load(&places, &environment, &flags(home));
        let activity = Activity::default();
        let zone = config.zone.clone();
        let approver = tenant.map(|tenant| Arc::new(Approver { script: tenant.script() }) as Arc<dyn DemoApprover>);
        let setup = Setup {
            places: places.clone(),
            config: config.clone(),
            environment: environment.clone(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            activity: activity.clone(),
            zone: zone.clone(),
            offline: tenant.is_none(),
            passphrase: None,
            approver,
            approves_by_itself: true,
            show_requests: None,
            limits: deskbell::engine::Limits::default(),
        };
        let (engine, news) = Engine::open(setup).await.expect("the engine opens");
        let clock = Arc::new(SystemClock);
        let opening = Opening { environment, clock, activity, zone, places, config, problems, is_demo: false };
        let program = Self { engine, news, opening };
        if tenant.is_some() {
            program.engine.login(LoginCommand::Begin { method: LoginMethod::Browser, open_browser: false });
        }
        program
    }

    /// The zone in which it shows times.
    pub fn zone(&self) -> Zone {
        self.opening.zone.clone()
    }

    /// Puts the program together on a screen; the first frame is not drawn yet.
    pub fn on<S: Screen>(self, screen: S) -> (Running<S>, Engine, Look) {
        let look = app::look(&self.opening.config, &self.opening.environment, Some(false));
        let queue = mpsc::unbounded_channel();
        let parts = app::assemble(&self.opening, &self.engine, self.news, look.clone(), screen, queue)
            .expect("the loop is put together");
        (Running::start(parts).expect("the loop starts"), self.engine, look)
    }

    /// Leaves the cache tidy.
    pub async fn close(self) {
        self.engine.close().await;
    }

    /// Waits until everything has been fetched.
    async fn fetched(&mut self) {
        self.engine.start();
        loop {
            tokio::select! {
                biased;
                Some(_) = self.news.recv() => {}
                () = self.opening.activity.idle() => return,
            }
        }
    }
}

fn flags(home: &Home) -> Flags {
    Flags {
        client_id: Some(home.client.clone()),
        tenant: Some(home.tenant.clone()),
        authority: Some(home.authority.clone()),
        graph: Some(home.graph.clone()),
        zone: Some("Europe/Madrid".to_owned()),
        ..Flags::default()
    }
}

/// The simulated person's browser.
struct Approver {
    script: Script,
}

impl DemoApprover for Approver {
    fn approve(&self, step: LoginStep) -> BoxFuture<'static, Result<(), String>> {
        let script = self.script.clone();
        Box::pin(async move {
            let LoginStep::Browser { address, .. } = step else { return Err("Only the browser is used.".to_owned()) };
            let redirect = script.authorize(&address, "lena")?;
            let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build();
            let client = client.map_err(|error| error.to_string())?;
            client.get(redirect).send().await.map_err(|error| error.to_string())?;
            Ok(())
        })
    }
}
