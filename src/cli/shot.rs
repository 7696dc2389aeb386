//! `deskbell demo --shot VIEW`: a picture of any view of the demo, drawn from the real frame of the real program.
//!
//! The clock stands still at a fixed Monday, ids repeat themselves, and the simulated person signs in by the usual way, so the same
//! command draws the same picture every time.

use crate::app::input::Ending;
use crate::app::running::Running;
use crate::app::screen::BufferScreen;
use crate::app::{self, runner, shot};
use crate::base::activity::Activity;
use crate::base::clock::{CrankedClock, SharedClock};
use crate::base::environment::Environment;
use crate::base::ids::{Ids, SeededIds};
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{Demo, Global};
use crate::cli::output::Out;
use crate::cli::screen::{self, Begun, Loaded};
use crate::cli::session::flags;
use crate::cli::simulated::{self, Approver, OwnFolder, point_at};
use crate::config::Flags;
use crate::domain::account::Tier;
use crate::engine::{Engine, Setup};
use crate::sim::tenant::Tenant;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;

/// Monday 23 November 2026, 10:12 in Madrid.
const NOW: Duration = Duration::from_mins(29_923_752);

/// Where the pictured person is.
const ZONE: &str = "Europe/Madrid";

/// The views and the keys that lead to them; `~` lets everything come to rest.
const VIEWS: &[(&str, &str)] = &[
    ("home", "1"),
    ("mail", "2 Enter"),
    ("calendar", "3"),
    ("day", "3 z d"),
    ("agenda", "3 z a"),
    (
        "find-time",
        "4 \"ana_ruiz ~ Enter \"ben ~ Enter \"grace ~ Enter \"priya ~ Enter \"chen ~ Enter \"hugo ~ Enter \
         Esc x k x k x n Space Space N N",
    ),
    ("find-time-week", "4 \"ana_ruiz ~ Enter \"ben ~ Enter \"grace ~ Enter Esc -"),
    ("people", "5 \"an ~ Enter"),
    ("away", "6 j"),
    ("card", "6 j j p"),
    ("palette", "2 : \"away"),
    ("help", "2 ?"),
    ("sign-in", ""),
];

pub(crate) async fn run(demo: &Demo, environment: Environment, out: &Out) -> Ended {
    let view = demo.shot.as_deref().unwrap_or_default();
    let Some((_, script)) = VIEWS.iter().find(|(name, _)| *name == view) else {
        let names: Vec<&str> = VIEWS.iter().map(|(name, _)| *name).collect();
        return Err(usage(&format!("There is no view \"{view}\"."), &format!("Views: {}.", names.join(", "))));
    };
    let (width, height) = size(&demo.size)?;
    let theme = demo.theme.clone().unwrap_or_else(|| "dark".to_owned());
    let mut ending = Ending::listen();
    let picture = tokio::select! {
        picture = draw(view, script, (width, height), &theme, environment) => picture?,
        () = ending.arrived() => return Ok(1),
    };
    match &demo.out {
        Some(path) => std::fs::write(path, picture).map_err(|error| {
            Report::new(Kind::Failure, "write", format!("{} could not be written.", path.display()))
                .because(error.to_string())
                .next("Give another file with --out.")
        })?,
        None => out.document(&picture),
    }
    Ok(0)
}

async fn draw(
    view: &str,
    script: &str,
    (width, height): (u16, u16),
    theme: &str,
    environment: Environment,
) -> Result<String, Report> {
    let clock = CrankedClock::at(SystemTime::UNIX_EPOCH + NOW);
    let shared: SharedClock = Arc::new(clock.clone());
    let ids: Arc<dyn Ids> = Arc::new(SeededIds::new(1));
    let activity = Activity::default();
    let mut options = simulated::options("all", None, false, None)?;
    options.activity = Some(activity.clone());
    let tenant =
        Tenant::start(options, shared.clone(), ids.clone()).await.map_err(|error| simulated::no_port(&error))?;
    let own = OwnFolder::make(&crate::base::ids::RandomIds.guid())?;
    let mut global = Global { home: Some(own.path.clone()), ..Global::default() };
    point_at(&mut global, &tenant);
    let flags = Flags {
        theme: Some(theme.to_owned()),
        zone: Some(ZONE.to_owned()),
        further_tiers: if view == "sign-in" { Vec::new() } else { Tier::ALL.to_vec() },
        ..flags(&global)
    };
    let begun = Begun::at(&global, &environment, activity.clone())?;
    let loaded = Loaded::of(begun, &global, &environment, flags)?;
    let zone = loaded.config.zone.clone();
    let setup = Setup {
        places: loaded.places.clone(),
        config: loaded.config.clone(),
        environment: environment.clone(),
        clock: shared.clone(),
        ids,
        activity: activity.clone(),
        zone: zone.clone(),
        offline: false,
        passphrase: None,
        approver: Some(Arc::new(Approver { script: tenant.script() })),
        approves_by_itself: view != "sign-in",
        show_requests: None,
        limits: crate::engine::Limits::default(),
    };
    let (mut opening, cache) = loaded.into_opening(&setup);
    let (engine, news) = Engine::open_with(setup, cache).await?;
    if view != "sign-in" {
        screen::sign_in(&engine);
    }
    opening.environment = Environment::from_pairs([("COLORTERM", "truecolor"), ("TERM", "xterm-256color")]);
    opening.problems.clear();
    let look = app::look(&opening.config, &opening.environment, Some(theme == "light"));
    let queue: (runner::Queue, _) = mpsc::unbounded_channel();
    let parts = app::assemble(&opening, &engine, news, look, BufferScreen::new(width, height), queue)?;
    let mut running = Running::start(parts)?;
    engine.start();
    rest(&mut running, &clock).await?;
    for part in script.split('~') {
        running.press(part).await?;
        rest(&mut running, &clock).await?;
    }
    let ground = if theme == "light" { shot::Ground::Light } else { shot::Ground::Dark };
    let picture = shot::svg(running.screen().buffer(), ground, &format!("deskbell: {view}"));
    engine.close().await;
    Ok(picture)
}

/// Lets everything that follows a pause happen, without a minute passing on the screen's clock.
async fn rest(running: &mut Running<BufferScreen>, clock: &CrankedClock) -> Result<(), Report> {
    running.settle().await?;
    for _ in 0..8 {
        clock.advance(Duration::from_millis(250));
        running.settle().await?;
    }
    Ok(())
}

fn size(text: &str) -> Result<(u16, u16), Report> {
    text.split_once('x')
        .and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)))
        .filter(|(width, height)| (20..=400).contains(width) && (5..=200).contains(height))
        .ok_or_else(|| usage(&format!("\"{text}\" is no size."), "Write it as 120x40, at least 20x5, at most 400x200."))
}

fn usage(what: &str, next: &str) -> Report {
    Report::new(Kind::Usage, "usage", what).next(next)
}
