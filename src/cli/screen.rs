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
use crate::cli::runtime;
use crate::cli::session::{flags, start_log};
use crate::config::{self, Config, Flags};
#[cfg(feature = "demo")]
use crate::domain::login::{LoginCommand, LoginMethod};
use crate::engine::{self, Engine, Limits, Opening, Setup, SystemClock};
use std::sync::Arc;

/// What takes longest of a start: begun before all else.
pub(crate) struct Begun {
    places: Places,
    activity: Activity,
    cache: Opening,
}

impl Begun {
    /// Finds the places, and begins to open the cache.
    pub(crate) fn at(global: &Global, environment: &Environment, activity: Activity) -> Result<Self, Report> {
        let places = Places::find(global.home.as_deref(), environment)?;
        // The first frame waits for this longer than for anything else; the cache makes its own folder.
        let cache = engine::open_cache(&places, &activity, &Limits::default());
        places.create().map_err(|error| error.report())?;
        Ok(Self { places, activity, cache })
    }
}

/// What was read before the screen is taken.
pub(crate) struct Loaded {
    pub(crate) places: Places,
    pub(crate) config: Config,
    /// What is wrong with the user's files: the program starts with defaults and says so.
    pub(crate) problems: Vec<Report>,
    pub(crate) activity: Activity,
    cache: Opening,
}

impl Loaded {
    /// Reads the configuration; a broken file is shown inside the program instead of keeping it from starting.
    pub(crate) fn of(begun: Begun, global: &Global, environment: &Environment, flags: Flags) -> Result<Self, Report> {
        let Begun { places, activity, cache } = begun;
        start_log(global, &places)?;
        let config::Loaded { config, problems } = config::load(&places, environment, &flags);
        Ok(Self { places, config, problems, activity, cache })
    }

    /// What the program on the screen is opened with, and the cache that its engine is opened with.
    pub(crate) fn into_opening(self, setup: &Setup) -> (app::Opening, Opening) {
        let opening = app::Opening {
            environment: setup.environment.clone(),
            clock: setup.clock.clone(),
            activity: self.activity,
            zone: setup.zone.clone(),
            places: self.places,
            config: self.config,
            problems: self.problems,
            is_demo: setup.approver.is_some(),
        };
        (opening, self.cache)
    }
}

/// Begins the start, where there is a terminal to start on.
pub(crate) fn begin(global: &Global, environment: &Environment) -> Result<Begun, Report> {
    needs_terminal()?;
    Begun::at(global, environment, Activity::default())
}

pub(crate) fn run(global: Global, environment: Environment, begun: Begun) -> Ended {
    let loaded = Loaded::of(begun, &global, &environment, flags(&global))?;
    let passphrase = passphrase(&loaded.places, &loaded.config, &environment)?;
    let setup = Setup {
        places: loaded.places.clone(),
        config: loaded.config.clone(),
        environment,
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        activity: loaded.activity.clone(),
        zone: loaded.config.zone.clone(),
        offline: global.offline,
        passphrase,
        approver: None,
        approves_by_itself: false,
        show_requests: None,
        limits: Limits::default(),
    };
    // Who asks the network before there is anything to show needs what goes on beside it.
    let asks = engine::asks_before_opening(&setup);
    let first = if asks { runtime::shared()? } else { runtime::alone()? };
    let begun = first.block_on(async {
        let (opening, cache) = loaded.into_opening(&setup);
        app::begin(opening, Engine::open_with(setup, cache), Ending::listen()).await
    })?;
    let Some(begun) = begun else { return Ok(0) };
    let threads = if asks {
        first
    } else {
        first.shutdown_background();
        runtime::shared()?
    };
    let ended = threads.block_on(begun.go_on());
    // Work that hangs in a system call must not keep the person waiting at the prompt.
    threads.shutdown_background();
    ended.map(|()| 0)
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

#[cfg(feature = "demo")]
/// Opens the demo's program. `ask_to_sign_in`: begin at the sign-in screen; otherwise the simulated person signs in by itself.
pub(crate) async fn open(setup: Setup, loaded: Loaded, ask_to_sign_in: bool, ending: Ending) -> Ended {
    let (opening, cache) = loaded.into_opening(&setup);
    let engine = async move {
        let opened = Engine::open_with(setup, cache).await?;
        if !ask_to_sign_in {
            sign_in(&opened.0);
        }
        Ok(opened)
    };
    if let Some(begun) = app::begin(opening, engine, ending).await? {
        begun.go_on().await?;
    }
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
