//! The engine's sign-in in front of a simulated tenant: what tests of signing in and of tokens share.

use deskbell::auth::Surroundings;
use deskbell::auth::broker::Brokers;
use deskbell::auth::entra::Entra;
use deskbell::auth::remembered::Remembered;
use deskbell::auth::vault::Vault;
use deskbell::base::activity::Activity;
use deskbell::base::clock::CrankedClock;
use deskbell::base::ids::{Ids, SeededIds};
use deskbell::base::report::Report;
use deskbell::domain::account::{Account, Tier};
use deskbell::domain::login::{LoginCommand, LoginMethod, LoginOptions, LoginStep, Registration};
use deskbell::engine::login::{self, DemoApprover, LoginHandle, LoginNews, LoginParts};
use deskbell::net::browser::{Browser, Display};
use deskbell::net::client::Clients;
use deskbell::net::cloud::Cloud;
use deskbell::sim::entra::policy::Policy;
use deskbell::sim::tenant::{Tenant, TenantOptions};
use deskbell::sim::world::WorldOptions;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// A tenant, a clock that stands still, and an empty vault.
pub(crate) struct Entrance {
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) clock: CrankedClock,
    pub(crate) activity: Activity,
    pub(crate) brokers: Arc<Brokers>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) browser: RecordingBrowser,
    remembered: Arc<Mutex<Vec<String>>>,
    folder: tempfile::TempDir,
}

/// A browser that only writes down where it was sent.
#[derive(Clone, Default)]
pub(crate) struct RecordingBrowser {
    opened: Arc<Mutex<Vec<String>>>,
}

impl RecordingBrowser {
    pub(crate) fn opened(&self) -> Vec<String> {
        self.opened.lock().expect("a lock").clone()
    }
}

impl Browser for RecordingBrowser {
    fn open(&self, address: &url::Url) -> BoxFuture<'static, bool> {
        self.opened.lock().expect("a lock").push(address.to_string());
        ready(true).boxed()
    }
}

impl Entrance {
    pub(crate) async fn new() -> Self {
        // Tokens of an hour: one that can be challenged lives a day.
        let policy = Policy { continuous_access: false, ..Policy::default() };
        Self::with(WorldOptions { policy, ..WorldOptions::default() }).await
    }

    pub(crate) async fn with(world: WorldOptions) -> Self {
        let clock = CrankedClock::at(SystemTime::UNIX_EPOCH + Duration::from_hours(498_681));
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let activity = Activity::default();
        let options = TenantOptions { world, activity: Some(activity.clone()), ..TenantOptions::default() };
        let tenant = Tenant::start(options, Arc::new(clock.clone()), ids.clone()).await.expect("a tenant");
        let cloud = Cloud::at(tenant.authority(), tenant.graph()).expect("loopback addresses");
        let surroundings = Surroundings {
            clients: Arc::new(Clients::new(cloud)),
            clock: Arc::new(clock.clone()),
            ids: ids.clone(),
            activity: activity.clone(),
        };
        let folder = tempfile::tempdir().expect("a folder");
        let vault = Arc::new(Vault::in_folder(&folder.path().join("secrets"), ids));
        Self {
            tenant: Arc::new(tenant),
            clock,
            activity,
            brokers: Arc::new(Brokers::new(surroundings, vault.clone())),
            vault,
            browser: RecordingBrowser::default(),
            remembered: Arc::default(),
            folder,
        }
    }

    /// Where the vault is.
    pub(crate) fn folder(&self) -> std::path::PathBuf {
        self.folder.path().join("secrets")
    }

    /// Starts the sign-in with the tenant's registration.
    pub(crate) fn open(&self, display: Display) -> Door {
        let registration = Registration {
            client_id: self.tenant.clients().public.clone(),
            tenant: self.tenant.tenant_id().to_owned(),
        };
        self.start(Some(registration), display)
    }

    /// The same, with the first step taken.
    pub(crate) async fn open_signed_out(&self) -> Door {
        let mut door = self.open(Display::Here);
        assert!(matches!(door.step().await, LoginStep::SignedOut { .. }));
        door
    }

    /// Starts the sign-in without a registration.
    pub(crate) fn open_unregistered(&self) -> Door {
        self.start(None, Display::Here)
    }

    fn start(&self, registration: Option<Registration>, display: Display) -> Door {
        let (sender, steps) = mpsc::unbounded_channel();
        let remembered = self.remembered.clone();
        let parts = LoginParts {
            brokers: self.brokers.clone(),
            registration,
            remember: Some(Arc::new(move |registration: &Registration| {
                remembered.lock().expect("a lock").push(registration.client_id.clone());
                Ok::<(), Report>(())
            })),
            browser: Arc::new(self.browser.clone()),
            display,
            options: LoginOptions::default(),
            tiers: vec![Tier::WhoIsOut, Tier::Calendar, Tier::Mail],
            chosen: None,
            command: None,
            memory: Arc::new(Remembered::new(None)),
            allowed_tenants: Vec::new(),
            account: None,
            in_use: None,
            approver: Some(Arc::new(Approver { tenant: self.tenant.clone() })),
        };
        let handle = login::start(parts, move |news| {
            if let LoginNews::Step(step) = news {
                let _ = sender.send(step);
            }
        });
        Door { handle, steps, looks: Vec::new(), code: None }
    }

    /// Signs `person` in by browser, to the end.
    pub(crate) async fn sign_in(&self, person: &str) -> Account {
        let mut door = self.open_signed_out().await;
        let address = door.begin_browser().await;
        self.comes_back(&address, person).await.expect("a page");
        match door.settled().await {
            LoginStep::SignedIn(account) => account,
            other => panic!("{other:?}"),
        }
    }

    /// Signs `person` in again, with the account already stored.
    pub(crate) async fn sign_in_again(&self, person: &str) {
        let mut door = self.open(Display::Here);
        assert!(matches!(door.step().await, LoginStep::SignedIn(_)));
        let address = door.begin_browser().await;
        self.comes_back(&address, person).await.expect("a page");
        assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
    }

    /// The identity service for another registration.
    pub(crate) fn entra(&self, client_id: &str) -> Entra {
        let tenant = self.tenant.tenant_id().to_owned();
        let registration = Registration { client_id: client_id.to_owned(), tenant };
        Entra::new(self.brokers.surroundings(), &registration).expect("an HTTP client")
    }

    /// Begins with a code and gives it.
    pub(crate) async fn begin_code(&self, door: &mut Door) -> String {
        door.handle.send(LoginCommand::Begin { method: LoginMethod::DeviceCode, open_browser: false });
        assert!(matches!(door.step().await, LoginStep::Working(_)));
        match door.step().await {
            LoginStep::DeviceCode { code, .. } => code,
            other => panic!("{other:?}"),
        }
    }

    /// Lena signs in at `address`; the page the listener shows.
    pub(crate) async fn approve_in_browser(&self, address: &str) -> String {
        self.comes_back(address, "lena").await.expect("a page")
    }

    /// The browser of `person` signs in at `address` and comes back.
    pub(crate) async fn comes_back(&self, address: &str, person: &str) -> std::io::Result<String> {
        let back = self.tenant.script().authorize(address, person).expect("an address");
        self.visit(&back).await
    }

    /// Fetches an address of this computer's listener.
    pub(crate) async fn visit(&self, address: &str) -> std::io::Result<String> {
        visit(address).await
    }

    /// Lets time pass and waits until nothing is in flight.
    pub(crate) async fn pass(&self, seconds: u64) {
        self.idle().await;
        self.clock.advance(Duration::from_secs(seconds));
        self.idle().await;
    }

    /// Waits until nothing is in flight. A task woken by the clock counts itself only when it runs, so it is given its turn first.
    pub(crate) async fn idle(&self) {
        for _ in 0..3 {
            for _ in 0..8 {
                tokio::task::yield_now().await;
            }
            self.activity.idle().await;
        }
    }

    /// How many requests the token endpoint has answered.
    pub(crate) fn token_requests(&self) -> usize {
        let requests = self.tenant.script().requests();
        requests.iter().filter(|request| request.path.ends_with("/oauth2/v2.0/token")).count()
    }

    pub(crate) fn remembered(&self) -> Vec<String> {
        self.remembered.lock().expect("a lock").clone()
    }
}

/// A running sign-in and the steps it tells.
pub(crate) struct Door {
    pub(crate) handle: LoginHandle,
    steps: mpsc::UnboundedReceiver<LoginStep>,
    /// When the code was or will be looked after, and whether looks have become rarer.
    pub(crate) looks: Vec<(jiff::Timestamp, bool)>,
    code: Option<String>,
}

impl Door {
    /// The next step.
    pub(crate) async fn step(&mut self) -> LoginStep {
        loop {
            let step = self.steps.recv().await.expect("a step");
            if self.is_news(&step) {
                return step;
            }
        }
    }

    /// A code that is told again after a look is no news.
    fn is_news(&mut self, step: &LoginStep) -> bool {
        let LoginStep::DeviceCode { code, next_check, is_slowed, .. } = step else {
            self.code = None;
            return true;
        };
        self.looks.push((*next_check, *is_slowed));
        self.code.replace(code.clone()).as_ref() != Some(code)
    }

    /// The next step that is not merely progress.
    pub(crate) async fn settled(&mut self) -> LoginStep {
        loop {
            match self.step().await {
                LoginStep::Working(_) | LoginStep::Exchanging(_) => {}
                step => return step,
            }
        }
    }

    /// The next step, which is a failure.
    pub(crate) async fn failure(&mut self) -> Report {
        match self.settled().await {
            LoginStep::Failed(report) => {
                assert!(!report.next.is_empty(), "nothing to do next: {report:?}");
                report
            }
            other => panic!("{other:?}"),
        }
    }

    /// Whether nothing was told.
    pub(crate) fn quiet(&mut self) -> bool {
        while let Ok(step) = self.steps.try_recv() {
            if self.is_news(&step) {
                return false;
            }
        }
        true
    }

    /// Begins by browser and gives the address.
    pub(crate) async fn begin_browser(&mut self) -> String {
        self.handle.send(LoginCommand::Begin { method: LoginMethod::Browser, open_browser: false });
        match self.step().await {
            LoginStep::Browser { address, opened: false, .. } => address,
            other => panic!("{other:?}"),
        }
    }
}

/// The demo's person.
struct Approver {
    tenant: Arc<Tenant>,
}

impl DemoApprover for Approver {
    fn approve(&self, step: LoginStep) -> BoxFuture<'static, Result<(), String>> {
        let script = self.tenant.script();
        async move {
            match step {
                LoginStep::Browser { address, .. } => {
                    let back = script.authorize(&address, "lena")?;
                    visit(&back).await.map(|_| ()).map_err(|error| error.to_string())
                }
                LoginStep::DeviceCode { code, .. } => script.approve(&code, "lena"),
                _ => Err("nothing waits".to_owned()),
            }
        }
        .boxed()
    }
}

/// Fetches `http://localhost:PORT/…` as a browser would.
async fn visit(address: &str) -> std::io::Result<String> {
    let url = url::Url::parse(address).expect("an address");
    let target = &url[url::Position::BeforePath..];
    send(url.port().expect("a port"), &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await
}

/// Sends `request` to a port of this computer and reads all of the answer.
pub(crate) async fn send(port: u16, request: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}
