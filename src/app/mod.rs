//! Floor 7: the running program. The loop, the runner of effects, and the owner of the terminal.
//!
//! One loop owns the state by value: wait, update, draw. All calls of the terminal library are in this folder
//! (`terminal`, `input`), so that another library could take its place.
//! Deliberately absent: decisions. What a key means is decided in `state`, how it looks in `view`.

pub mod running;
pub mod runner;
pub mod screen;
pub mod keys;
pub mod terminal;
pub mod input;
pub mod clipboard;
pub mod background;
pub mod crash;
pub mod shot;

use crate::app::background::Background;
use crate::app::crash::Listener;
use crate::app::runner::{Queued, Runner};
use crate::app::running::{Parts, Running};
use crate::app::terminal::TakenTerminal;
use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::environment::Environment;
use crate::base::paths::Places;
use crate::base::report::{Kind, Report};
use crate::config::Config;
use crate::domain::time::Zone;
use crate::engine::Engine;
use crate::engine::notices::News;
use crate::state::event::Event;
use crate::state::store::{Store, StoreOptions};
use crate::view::look::Look;
use std::sync::Arc;
use tokio::sync::mpsc;

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

/// Takes the terminal and runs until the person leaves.
///
/// # Errors
/// When the terminal cannot be taken or is gone.
pub async fn run(opening: Opening, engine: Engine, news: News) -> Result<(), Report> {
    let (queue, waiting) = mpsc::unbounded_channel();
    let sender = queue.clone();
    let listener: Listener = Arc::new(move |report| {
        let _ = sender.send(Queued { event: Event::Panicked(report), working: None });
    });
    crash::install(&opening.places, listener);
    let remembered = background::remembered(&opening.places, &opening.environment);
    let look = Look::choose(&opening.config, &opening.environment, is_light(remembered, &opening.environment));
    let screen = TakenTerminal::take(opening.config.mouse, opening.environment.clone()).map_err(|error| no_terminal(&error))?;
    let parts = assemble(&opening, &engine, news, look, screen, (queue, waiting))?;
    let mut running = Running::start(parts)?;
    running.draw_if_needed()?;
    if remembered.is_none() && opening.config.wants_background() && background::may_be_asked(&opening.environment) {
        let answer = background::ask(&opening.places, &opening.environment);
        let look = Look::choose(&opening.config, &opening.environment, is_light(Some(answer), &opening.environment));
        running.set_look(look);
    }
    // The network comes after the first frame.
    engine.start();
    let ended = running.run(input::stream()).await;
    engine.close().await;
    ended
}

/// Puts the loop together on any screen.
///
/// # Errors
/// When the screen cannot be asked for its size, or the keymap is broken beyond its defaults.
pub fn assemble<S: screen::Screen>(
    opening: &Opening,
    engine: &Engine,
    news: News,
    look: Look,
    screen: S,
    (queue, waiting): (runner::Queue, mpsc::UnboundedReceiver<Queued>),
) -> Result<Parts<S>, Report> {
    let size = screen.size().map_err(|error| no_terminal(&error))?;
    let options = StoreOptions {
        width: size.width,
        height: size.height,
        config: opening.config.clone(),
        problems: opening.problems.clone(),
        is_demo: opening.is_demo,
        me: engine.me(),
        now: running::instant(opening.clock.now()),
        zone: opening.zone.clone(),
    };
    Ok(Parts {
        store: Store::new(options),
        look,
        screen,
        runner: Runner::new(engine.clone(), opening.activity.clone(), queue),
        clock: opening.clock.clone(),
        zone: opening.zone.clone(),
        activity: opening.activity.clone(),
        queue: waiting,
        news,
    })
}

fn is_light(known: Option<Background>, environment: &Environment) -> Option<bool> {
    match known {
        Some(Background::Light) => Some(true),
        Some(Background::Dark) => Some(false),
        Some(Background::Silent) | None => environment.background_is_light(),
    }
}

fn no_terminal(error: &std::io::Error) -> Report {
    Report::new(Kind::Failure, "terminal", "The terminal could not be taken.")
        .because(error.to_string())
        .next("Run deskbell in a terminal, or use a command: deskbell inbox, agenda, busy, away.")
}
