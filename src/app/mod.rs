//! Floor 7: the running program. The loop, the runner of effects, and the owner of the terminal.
//!
//! One loop owns the state by value: wait, update, draw. All calls of the terminal library are in this folder
//! (`terminal`, `input`), so that another library could take its place; what a terminal sends is read by ourselves (`decode`).
//! Deliberately absent: decisions. What a key means is decided in `state`, how it looks in `view`.

pub mod running;
pub mod runner;
pub mod screen;
mod sgr;
pub mod keys;
pub mod terminal;
pub mod canvas;
pub mod input;
pub mod passphrase;
mod decode;
mod late;
#[cfg(debug_assertions)]
mod provoke;
pub mod clipboard;
pub mod background;
pub mod editor;
pub mod crash;
pub mod shot;

use crate::app::background::Background;
use crate::app::crash::Listener;
use crate::app::editor::Editor;
use crate::app::input::{Ending, TerminalInput};
use crate::app::runner::{Queued, Runner};
use crate::app::running::{Parts, Running};
use crate::app::terminal::{FreeTerminal, TakenTerminal};
use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::environment::{Colours, Environment};
use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::config::{Config, Glyphs, ThemeChoice, ThemeData, load_keymap};
use crate::domain::notice::Notice;
use crate::domain::time::Zone;
use crate::engine::Engine;
use crate::engine::notices::News;
use crate::state::event::Event;
use crate::state::geometry::Size;
use crate::state::keys::Keymap;
use crate::state::{Store, StoreOptions};
use crate::view::look::{Depth, Look};
use futures_util::FutureExt;
use jiff::SignedDuration;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::unconstrained;

/// How long the first frame waits for the cache: long enough for any disk that is awake, too short to be seen.
const PATIENCE: Duration = Duration::from_millis(25);

/// What the program is opened with.
pub struct Opening {
    /// The environment.
    pub environment: Environment,
    /// The clock.
    pub clock: SharedClock,
    /// Counts work in flight.
    pub activity: Activity,
    /// The zone in which times are shown.
    pub zone: Zone,
    /// Places on disk.
    pub places: Places,
    /// The configuration.
    pub config: Config,
    /// What is wrong with the user's own files; shown as cards.
    pub problems: Vec<Report>,
    /// It runs against the simulated tenant.
    pub is_demo: bool,
}

/// The keys in force, with what is wrong in the user's own file.
struct Keys {
    keymap: Keymap,
    problems: Vec<Report>,
}

impl Keys {
    fn read(places: &Places) -> Self {
        let path = places.keymap_file();
        let name = path.display().to_string();
        let own = std::fs::read_to_string(&path).ok();
        let (data, mut problems) = load_keymap(own.as_deref().map(|text| (name.as_str(), text)));
        let (keymap, unknown) = Keymap::from_data(&data);
        problems.extend(unknown);
        Self { keymap, problems }
    }
}

/// The program with its first frame on the terminal.
pub struct Begun {
    opening: Opening,
    engine: Engine,
    ending: Ending,
    running: Running<TakenTerminal>,
    /// What is known of the terminal's ground.
    remembered: Option<Background>,
}

/// Takes the terminal and draws the first frame; nothing if the program is asked to end before. The terminal is not taken before
/// `engine` is open.
///
/// # Errors
/// When the engine cannot be opened, or the terminal cannot be taken or is gone.
pub async fn begin<E>(opening: Opening, engine: E, mut ending: Ending) -> Result<Option<Begun>, Report>
where
    E: Future<Output = Result<(Engine, News), Report>>,
{
    let mut engine = std::pin::pin!(engine);
    // Cache and vault are on their way when this returns; until they are open, all is made that does not need them.
    let opened = engine.as_mut().now_or_never();
    let remembered = background::remembered(&opening.places, &opening.environment);
    let first = look(&opening.config, &opening.environment, is_light(remembered));
    let screen = FreeTerminal::find(opening.config.mouse, &opening.environment).map_err(|error| no_terminal(&error))?;
    let keys = Keys::read(&opening.places);
    let (engine, news) = match opened {
        Some(opened) => opened?,
        None => tokio::select! {
            opened = engine => opened?,
            () = ending.arrived() => return Ok(None),
        },
    };
    let (queue, waiting) = mpsc::unbounded_channel();
    let sender = queue.clone();
    let listener: Listener = Arc::new(move |report| {
        let _ = sender.send(Queued { event: Event::Panicked(report), working: None });
    });
    // The demo's folder goes with it, and a file in it would be named to nobody's use.
    let folder = (!opening.is_demo).then(|| opening.places.state.clone());
    crash::install(folder, listener);
    let screen = screen.take().map_err(|error| no_terminal(&error))?;
    let parts = put_together(&opening, keys, &engine, news, first, screen, (queue, waiting))?;
    let mut running = Running::start(parts)?;
    running.first_frame(PATIENCE).await?;
    Ok(Some(Begun { opening, engine, ending, running, remembered }))
}

impl Begun {
    /// Runs until the person leaves or the program is asked to end. It may be another runtime than the one it began on, of which
    /// nothing is wanted any more.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub async fn go_on(self) -> Result<(), Report> {
        let Self { opening, engine, ending, mut running, remembered } = self;
        running.ask();
        if remembered.is_none() && wants_background(&opening) && background::may_be_asked(&opening.environment) {
            let answer = background::ask(&opening.places, &opening.environment);
            running.set_look(look(&opening.config, &opening.environment, is_light(Some(answer))));
        }
        // The network comes after the first frame.
        engine.start();
        let input = TerminalInput::open(ending, opening.clock.clone()).map_err(|error| no_terminal(&error))?;
        #[cfg(debug_assertions)]
        let input = provoke::Provoking::new(input, &opening.environment);
        let mut input = input;
        // The loop keeps this thread; a runtime that takes turns among tasks must not count what it does.
        let ended = unconstrained(async { running.run(&mut input) }).await;
        engine.close().await;
        ended
    }
}

/// Puts the loop together on any screen.
///
/// # Errors
/// When the screen cannot be asked for its size.
pub fn assemble<S: screen::Screen>(
    opening: &Opening,
    engine: &Engine,
    news: News,
    look: Look,
    screen: S,
    queue: (runner::Queue, mpsc::UnboundedReceiver<Queued>),
) -> Result<Parts<S>, Report> {
    let keys = Keys::read(&opening.places);
    put_together(opening, keys, engine, news, look, screen, queue)
}

fn put_together<S: screen::Screen>(
    opening: &Opening,
    keys: Keys,
    engine: &Engine,
    news: News,
    look: Look,
    screen: S,
    queue: (runner::Queue, mpsc::UnboundedReceiver<Queued>),
) -> Result<Parts<S>, Report> {
    let size = screen.size().map_err(|error| no_terminal(&error))?;
    let options = StoreOptions {
        size: Size { width: size.width, height: size.height },
        keymap: keys.keymap,
        second_zone: opening.config.second_zone.clone(),
        hint_delay: SignedDuration::from_millis(i64::from(opening.config.hint_delay_ms)),
        is_demo: opening.is_demo,
        is_read_only: opening.config.read_only,
        marks_read: opening.config.mark_read,
        version: env!("CARGO_PKG_VERSION").to_owned(),
    };
    let (sender, waiting) = queue;
    for report in opening.problems.iter().chain(&keys.problems).cloned() {
        let event = Event::Notice(Notice::Problem(report));
        let _ = sender.send(Queued { event, working: Some(opening.activity.begin()) });
    }
    Ok(Parts {
        store: Store::new(options),
        look,
        screen,
        runner: Runner::new(engine.clone(), opening.activity.clone(), sender, &opening.problems),
        clock: opening.clock.clone(),
        zone: opening.zone.clone(),
        activity: opening.activity.clone(),
        editor: Editor::of(&opening.environment, &opening.places),
        queue: waiting,
        news,
    })
}

/// The look for this configuration on this terminal. `is_light`: the terminal's own answer about its background.
#[must_use]
pub fn look(config: &Config, environment: &Environment, is_light: Option<bool>) -> Look {
    let theme = ThemeData::built_in(config.theme.resolve(environment, is_light));
    let glyphs = if environment.is_utf8() { config.glyphs } else { Glyphs::Ascii };
    let depth = match environment.colours() {
        Colours::None => Depth::Mono,
        Colours::Sixteen => Depth::Sixteen,
        Colours::Indexed => Depth::Indexed,
        Colours::True => Depth::True,
    };
    Look::new(&theme, glyphs, depth)
}

/// Whether knowing the background would change the look.
fn wants_background(opening: &Opening) -> bool {
    opening.config.theme == ThemeChoice::Auto
        && opening.environment.colours() == Colours::True
        && opening.environment.background_is_light().is_none()
}

fn is_light(known: Option<Background>) -> Option<bool> {
    match known {
        Some(Background::Light) => Some(true),
        Some(Background::Dark) => Some(false),
        Some(Background::Silent) | None => None,
    }
}

fn no_terminal(error: &std::io::Error) -> Report {
    Report::new(Kind::Failure, "terminal", "The terminal could not be taken.")
        .because(error.to_string())
        .next("Run deskbell in a terminal, or use a command: deskbell inbox, agenda, busy, away.")
}
