//! What tests share: [`Stage`], the whole program on a screen in memory against the simulated tenant, with a clock that stands
//! still until it is cranked.
//!
//! A test presses keys and reads the screen, as a person does. It waits for idle, never for time.

use deskbell::app::running::Running;
use deskbell::app::screen::BufferScreen;
use deskbell::app::{self, keys};
use deskbell::base::activity::Activity;
use deskbell::base::clock::{Clock, CrankedClock, SharedClock};
use deskbell::base::environment::Environment;
use deskbell::base::ids::{Ids, SeededIds};
use deskbell::base::paths::Places;
use deskbell::config::{self, Flags};
use deskbell::domain::input::{Mouse, MouseKind};
use deskbell::domain::login::{LoginCommand, LoginMethod};
use deskbell::engine::{Engine, Limits, Setup};
use deskbell::sim::tenant::{Clients, Tenant, TenantOptions};
use deskbell::state::event::Event;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tokio::sync::mpsc;

/// Monday 23 November 2026, 10:12 in Madrid.
pub const MONDAY: Duration = Duration::from_mins(29_923_752);

/// How a stage is set.
pub struct StageOptions {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
    /// Sign the simulated person in and fetch everything before the test begins.
    pub signed_in: bool,
    /// The tenant.
    pub tenant: TenantOptions,
    /// Lines of a configuration file.
    pub config: String,
    /// Environment variables.
    pub environment: Vec<(&'static str, &'static str)>,
    /// When it is.
    pub now: Duration,
    /// Start without asking anything of the network.
    pub offline: bool,
    /// A home from an earlier stage.
    pub home: Option<TempDir>,
    /// Leave the client id out.
    pub without_registration: bool,
    /// Which of the tenant's registrations is used.
    pub client: fn(&Clients) -> &str,
    /// The tenant as the profile names it; none: by its id.
    pub tenant_name: Option<&'static str>,
    /// How far the files go.
    pub limits: Limits,
}

impl Default for StageOptions {
    fn default() -> Self {
        Self {
            width: 120,
            height: 40,
            signed_in: true,
            tenant: TenantOptions::default(),
            config: String::new(),
            environment: vec![("TERM", "xterm-256color"), ("COLORTERM", "truecolor")],
            now: MONDAY,
            offline: false,
            home: None,
            without_registration: false,
            client: |clients| &clients.public,
            tenant_name: None,
            limits: Limits::default(),
        }
    }
}

/// The whole program, in a test's hands.
pub struct Stage {
    /// The tenant it runs against.
    pub tenant: Tenant,
    running: Running<BufferScreen>,
    engine: Engine,
    clock: CrankedClock,
    home: Option<TempDir>,
}

impl Stage {
    /// A signed-in stage of 120×40.
    pub async fn new() -> Self {
        Self::with(StageOptions::default()).await
    }

    /// A signed-in stage of this size.
    pub async fn sized(width: u16, height: u16) -> Self {
        Self::with(StageOptions { width, height, ..StageOptions::default() }).await
    }

    /// A stage set as `options` say.
    pub async fn with(options: StageOptions) -> Self {
        let clock = CrankedClock::at(SystemTime::UNIX_EPOCH + options.now);
        let shared: SharedClock = Arc::new(clock.clone());
        let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(7));
        let activity = Activity::default();
        let tenant_options = TenantOptions { activity: Some(activity.clone()), ..options.tenant };
        let tenant = Tenant::start(tenant_options, shared.clone(), ids.clone()).await.expect("the tenant starts");
        let home = options.home.unwrap_or_else(|| TempDir::new().expect("a folder for the test"));
        let places = Places::under(home.path());
        places.create().expect("the places can be made");
        if !options.config.is_empty() {
            std::fs::write(places.config_file(), &options.config).expect("the configuration can be written");
        }
        let environment = Environment::from_pairs(options.environment.iter().copied());
        let flags = Flags {
            client_id: (!options.without_registration).then(|| (options.client)(tenant.clients()).to_owned()),
            tenant: Some(options.tenant_name.unwrap_or(tenant.tenant_id()).to_owned()),
            authority: Some(tenant.authority().to_owned()),
            graph: Some(tenant.graph().to_owned()),
            zone: Some("Europe/Madrid".to_owned()),
            ..Flags::default()
        };
        let config::Loaded { mut config, problems } = config::load(&places, &environment, &flags);
        // Thousands of bodies ahead of need are a matter of their own tests; here they would only take time.
        if !options.config.contains("[cache]") {
            config.cache.body_days = 1;
        }
        let zone = config.zone.clone();
        let setup = Setup {
            places: places.clone(),
            config: config.clone(),
            environment: environment.clone(),
            clock: shared.clone(),
            ids,
            activity: activity.clone(),
            zone: zone.clone(),
            offline: options.offline,
            passphrase: None,
            approver: Some(Arc::new(approver::Approver { script: tenant.script() })),
            approves_by_itself: options.signed_in,
            show_requests: None,
            limits: options.limits,
        };
        let (engine, news) = Engine::open(setup).await.expect("the engine opens");
        let look = app::look(&config, &environment, Some(false));
        let opening =
            app::Opening { environment, clock: shared, activity, zone, places, config, problems, is_demo: true };
        let screen = BufferScreen::new(options.width, options.height);
        let parts = app::assemble(&opening, &engine, news, look, screen, mpsc::unbounded_channel())
            .expect("the loop is put together");
        let running = Running::start(parts).expect("the first frame is drawn");
        let mut stage = Self { tenant, running, engine, clock, home: Some(home) };
        if options.signed_in && !options.offline {
            stage.engine.login(LoginCommand::Begin { method: LoginMethod::Browser, open_browser: false });
        }
        stage.engine.start();
        stage.settle().await;
        if options.signed_in {
            stage.advance(Duration::from_secs(2)).await;
        }
        stage
    }

    /// The engine below the screen, for what has no key.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Presses keys, e.g. `2 j*3 Enter`, waiting for idle after each.
    pub async fn press(&mut self, script: &str) {
        for key in keys::parse(script).expect("keys") {
            self.event(Event::Key(key)).await;
        }
    }

    /// Presses keys without waiting in between, as a held key does.
    pub async fn flood(&mut self, script: &str) {
        for key in keys::parse(script).expect("keys") {
            self.running.handle(Event::Key(key)).expect("the key is handled");
        }
        self.settle().await;
    }

    /// Presses keys while calls are under way that do not end, and goes on as soon as `text` is drawn: nothing is waited for but
    /// the program's own threads.
    pub async fn press_until(&mut self, script: &str, text: &str) {
        for key in keys::parse(script).expect("keys") {
            self.running.handle(Event::Key(key)).expect("the key is handled");
        }
        let mut drawn = None;
        // Far more looks than it takes: how soon another thread gets a processor is up to the machine.
        for _ in 0..1_000_000 {
            {
                // One look at what there is; work that is in flight is not awaited.
                let mut settled = std::pin::pin!(self.running.settle());
                std::future::poll_fn(|context| {
                    let _ = settled.as_mut().poll(context);
                    std::task::Poll::Ready(())
                })
                .await;
            }
            tokio::task::yield_now().await;
            std::thread::yield_now();
            if drawn != Some(self.frames()) && self.text().contains(text) {
                return;
            }
            drawn = Some(self.frames());
        }
        panic!("after {script} there is no \"{text}\":\n{}", self.text());
    }

    /// Moves the clocks at once, without a stop at what is due on the way.
    pub async fn skip(&mut self, by: Duration) {
        self.clock.advance(by);
        self.settle().await;
    }

    /// Sets the clocks back.
    pub async fn set_back(&mut self, by: Duration) {
        self.clock.set_back(by);
        self.settle().await;
    }

    /// Types letters.
    pub async fn type_text(&mut self, text: &str) {
        for character in text.chars() {
            let key = deskbell::domain::input::Key::plain(deskbell::domain::input::KeyCode::Char(character));
            self.event(Event::Key(key)).await;
        }
    }

    /// Pastes text.
    pub async fn paste(&mut self, text: &str) {
        self.event(Event::Paste(text.to_owned())).await;
    }

    /// Clicks a cell.
    pub async fn click(&mut self, column: u16, row: u16) {
        self.event(Event::Mouse(Mouse { kind: MouseKind::Press, column, row }, None)).await;
        self.event(Event::Mouse(Mouse { kind: MouseKind::Release, column, row }, None)).await;
    }

    /// Changes the size of the terminal.
    pub async fn resize(&mut self, width: u16, height: u16) {
        self.running.screen().resize(width, height);
        self.event(Event::Resize { width, height }).await;
    }

    /// Hands in an event and waits for idle.
    pub async fn event(&mut self, event: Event) {
        self.running.handle(event).expect("the event is handled");
        self.settle().await;
    }

    /// Moves the clocks of program and tenant together, stopping at everything that is due on the way.
    pub async fn advance(&mut self, by: Duration) {
        let target = self.clock.now() + by;
        loop {
            let due = self.clock.next_due().map_or(self.running.next_due(), |due| due.min(self.running.next_due()));
            let next = due.max(self.clock.now()).min(target);
            self.clock.set(next);
            self.settle().await;
            if next >= target {
                return;
            }
        }
    }

    /// Waits until the program is idle.
    pub async fn settle(&mut self) {
        // Whoever was woken by the clock gets its turn before idleness is judged.
        for _ in 0..3 {
            tokio::task::yield_now().await;
            self.running.settle().await.expect("the screen can be drawn on");
        }
    }

    /// The screen as lines of text. A wide sign hides the cell behind it, as in a terminal, whatever that cell still holds.
    pub fn lines(&mut self) -> Vec<String> {
        let buffer = self.running.screen().buffer();
        (0..buffer.area.height)
            .map(|row| {
                let mut line = String::new();
                let mut column = 0;
                while column < buffer.area.width {
                    let symbol = buffer[(column, row)].symbol();
                    line.push_str(symbol);
                    column += u16::try_from(deskbell::base::text::width(symbol)).unwrap_or(1).max(1);
                }
                line.trim_end().to_owned()
            })
            .collect()
    }

    /// The screen as one text.
    pub fn text(&mut self) -> String {
        self.lines().join("\n")
    }

    /// Fails unless `text` is on the screen.
    #[track_caller]
    pub fn sees(&mut self, text: &str) {
        let screen = self.text();
        assert!(screen.contains(text), "\"{text}\" is not on the screen:\n{screen}");
    }

    /// Fails if `text` is on the screen.
    #[track_caller]
    pub fn sees_no(&mut self, text: &str) {
        let screen = self.text();
        assert!(!screen.contains(text), "\"{text}\" is on the screen:\n{screen}");
    }

    /// The place of `text` on the screen, as (column, row).
    #[track_caller]
    pub fn find(&mut self, text: &str) -> (u16, u16) {
        for (row, line) in self.lines().iter().enumerate() {
            if let Some(at) = line.find(text) {
                let column = deskbell::base::text::width(&line[..at]);
                return (u16::try_from(column).unwrap(), u16::try_from(row).unwrap());
            }
        }
        panic!("\"{text}\" is not on the screen:\n{}", self.text());
    }

    /// Where the cursor stands, as (column, row).
    pub fn cursor(&mut self) -> (u16, u16) {
        self.running.screen().cursor()
    }

    /// How many frames were drawn so far.
    pub fn frames(&mut self) -> usize {
        self.running.screen().frames
    }

    /// How many frames so far changed what is on the screen.
    pub fn changes(&mut self) -> usize {
        self.running.screen().changes
    }

    /// What was copied last.
    pub fn copied(&mut self) -> Option<String> {
        self.running.screen().copied.last().cloned()
    }

    /// Where files are saved.
    pub fn downloads(&self) -> std::path::PathBuf {
        Places::under(self.home.as_ref().expect("the home is there until the end").path()).downloads
    }

    /// Whether the program has ended.
    pub fn has_left(&self) -> bool {
        self.running.has_left()
    }

    /// Ends the program and hands back its home, for a second start.
    pub async fn end(mut self) -> TempDir {
        self.engine.close().await;
        self.home.take().expect("the home is there until the end")
    }
}

/// The simulated person's browser and phone.
mod approver {
    use deskbell::domain::login::LoginStep;
    use deskbell::engine::login::DemoApprover;
    use deskbell::sim::script::Script;
    use futures_util::future::BoxFuture;

    /// Approves as Lena.
    pub(super) struct Approver {
        pub(super) script: Script,
    }

    impl DemoApprover for Approver {
        fn approve(&self, step: LoginStep) -> BoxFuture<'static, Result<(), String>> {
            let script = self.script.clone();
            Box::pin(async move {
                match step {
                    LoginStep::Browser { address, .. } => {
                        let redirect = script.authorize(&address, "lena")?;
                        let client = reqwest::Client::builder()
                            .no_proxy()
                            .tls_certs_only([])
                            .build()
                            .map_err(|error| error.to_string())?;
                        client.get(redirect).send().await.map_err(|error| error.to_string())?;
                        Ok(())
                    }
                    LoginStep::DeviceCode { code, .. } => script.approve(&code, "lena"),
                    _ => Err("Nothing waits for an approval.".to_owned()),
                }
            })
        }
    }
}
