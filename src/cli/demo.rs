//! `deskbell demo`: the whole product on an invented company, in one process, over real HTTP on loopback.
//!
//! It is the same program: the same sign-in, paging, delta and throttling, only that the service is our simulated tenant and that
//! the person who approves the sign-in is simulated too. Everything is kept in a folder of its own that goes when it ends, unless
//! `--home` names one.

use crate::app::input::Ending;
use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::environment::Environment;
use crate::base::ids::{Ids, RandomIds};
use crate::cli::arguments::{Demo, Global};
use crate::cli::output::Out;
use crate::cli::screen::{self, Begun, Loaded};
use crate::cli::session::flags;
use crate::cli::simulated::{self, Approver, OwnFolder, point_at};
use crate::cli::{Ended, shot};
use crate::config::Flags;
use crate::domain::account::Tier;
use crate::engine::{Setup, SystemClock};
use crate::sim::tenant::Tenant;
use std::sync::Arc;

pub(crate) async fn run(mut global: Global, demo: Demo, environment: Environment, out: &Out) -> Ended {
    if demo.shot.is_some() {
        return shot::run(&demo, environment, out).await;
    }
    screen::needs_terminal()?;
    // Before the folder is made: whoever ends us from now on lets us take it away again.
    let ending = Ending::listen();
    let clock: SharedClock = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(RandomIds);
    let options = simulated::options(&demo.consent, demo.mail, demo.quirks, demo.faults.as_deref())?;
    let tenant =
        Tenant::start(options, clock.clone(), ids.clone()).await.map_err(|error| simulated::no_port(&error))?;
    let own = if global.home.is_none() { Some(OwnFolder::make(&ids.guid())?) } else { None };
    if let Some(own) = &own {
        global.home = Some(own.path.clone());
    }
    point_at(&mut global, &tenant);
    // The demo shows all there is; whoever wants to see the asking looks at its sign-in, or at less consent.
    let further_tiers = if demo.sign_in { Vec::new() } else { Tier::ALL.to_vec() };
    let flags = Flags { theme: demo.theme.clone(), further_tiers, ..flags(&global) };
    let begun = Begun::at(&global, &environment, Activity::default())?;
    let loaded = Loaded::of(begun, &global, &environment, flags)?;
    let setup = Setup {
        places: loaded.places.clone(),
        config: loaded.config.clone(),
        environment: environment.clone(),
        clock,
        ids,
        activity: loaded.activity.clone(),
        zone: loaded.config.zone.clone(),
        offline: global.offline,
        passphrase: None,
        approver: Some(Arc::new(Approver { script: tenant.script() })),
        approves_by_itself: !demo.sign_in,
        show_requests: None,
        limits: crate::engine::Limits::default(),
    };
    let ended = screen::open(setup, loaded, demo.sign_in, ending).await;
    drop(own);
    ended
}
