//! `deskbell` without a verb: the program on the screen.

use crate::app;
use crate::app::input::Ending;
use crate::base::activity::Activity;
use crate::base::environment::Environment;
use crate::base::ids::RandomIds;
use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::Global;
use crate::cli::output::Out;
use crate::cli::passphrase::passphrase;
use crate::cli::session::{flags, start_log};
use crate::config::{self, Config, Flags};
#[cfg(feature = "demo")]
use crate::domain::login::{LoginCommand, LoginMethod};
use crate::engine::{Engine, Setup, SystemClock};
use std::sync::Arc;
use std::thread::JoinHandle;

/// What was read before the screen is taken.
pub(crate) struct Loaded {
    pub(crate) places: Places,
    pub(crate) config: Config,
    /// What is wrong with the user's files: the program starts with defaults and says so.
    pub(crate) problems: Vec<Report>,
    keys: Option<JoinHandle<app::Keys>>,
}

impl Loaded {
    /// The keys in force. They take longer to read than all else, so they are begun first and wanted last.
    pub(crate) fn keys(&mut self) -> app::Keys {
        let read = self.keys.take().and_then(|keys| keys.join().ok());
        read.unwrap_or_else(|| app::Keys::read(&self.places))
    }
}

pub(crate) async fn run(global: Global, environment: Environment) -> Ended {
    needs_terminal()?;
    let loaded = load(&global, &environment, flags(&global))?;
    let passphrase = passphrase(&loaded.places, &loaded.config, &environment)?;
    let setup = Setup {
        places: loaded.places.clone(),
        config: loaded.config.clone(),
        environment,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        activity: Activity::default(),
        zone: loaded.config.zone.clone(),
        offline: global.offline,
        passphrase,
        approver: None,
        approves_by_itself: false,
        show_requests: None,
        limits: crate::engine::Limits::default(),
    };
    open(setup, loaded, true, Ending::listen()).await
}

/// Reads the configuration; a broken file is shown inside the program instead of keeping it from starting.
pub(crate) fn load(global: &Global, environment: &Environment, flags: Flags) -> Result<Loaded, Report> {
    let places = Places::find(global.home.as_deref(), environment)?;
    let keys = {
        let places = places.clone();
        std::thread::Builder::new().name("keys".to_owned()).spawn(move || app::Keys::read(&places)).ok()
    };
    places.create().map_err(|error| error.report())?;
    start_log(global, &places)?;
    let config::Loaded { config, problems } = config::load(&places, environment, &flags);
    Ok(Loaded { places, config, problems, keys })
}

/// Says so if there is no terminal to draw on, before anything is made or asked.
pub(crate) fn needs_terminal() -> Result<(), Report> {
    if Out::is_terminal() {
        return Ok(());
    }
    Err(Report::new(Kind::Usage, "noTerminal", "deskbell draws on a terminal, and standard output is none.")
        .next("Run it in a terminal, or use a command: deskbell inbox, agenda, busy, away.")
        .next("deskbell --help lists them."))
}

/// Opens the program. `ask_to_sign_in`: begin at the sign-in screen where nobody is signed in; otherwise the simulated person signs
/// in by itself.
pub(crate) async fn open(setup: Setup, mut loaded: Loaded, ask_to_sign_in: bool, mut ending: Ending) -> Ended {
    let Setup { environment, clock, activity, zone, approver, .. } = setup.clone();
    let (engine, news) = tokio::select! {
        opened = Engine::open(setup) => opened?,
        () = ending.arrived() => return Ok(0),
    };
    let opening = app::Opening {
        environment,
        clock,
        activity,
        zone,
        keys: loaded.keys(),
        places: loaded.places,
        config: loaded.config,
        problems: loaded.problems,
        is_demo: approver.is_some(),
    };
    #[cfg(feature = "demo")]
    if !ask_to_sign_in {
        sign_in(&engine);
    }
    #[cfg(not(feature = "demo"))]
    let _ = ask_to_sign_in;
    app::run(opening, engine, news, ending).await?;
    Ok(0)
}

#[cfg(feature = "demo")]
/// Signs the simulated person in through the browser flow, approved by itself.
pub(crate) fn sign_in(engine: &Engine) {
    engine.login(LoginCommand::Begin { method: LoginMethod::Browser, open_browser: false });
}

/// Copies text the way the program on the screen does, and says in words what happened.
pub(crate) fn copy(text: &str, environment: &Environment) -> String {
    crate::app::clipboard::copy(text, environment)
}
