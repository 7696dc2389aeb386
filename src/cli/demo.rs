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
use crate::base::report::{Kind, Report};
use crate::cli::arguments::{Demo, Global};
use crate::cli::output::Out;
use crate::cli::session::flags;
use crate::cli::{Ended, screen, shot, tenant};
use crate::config::Flags;
use crate::domain::login::{LoginCommand, LoginMethod, LoginStep};
use crate::engine::login::DemoApprover;
use crate::engine::{Engine, Setup, SystemClock};
use crate::sim::script::Script;
use crate::sim::tenant::Tenant;
use futures_util::future::BoxFuture;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Who is signed in.
const PERSON: &str = "lena";

pub(crate) async fn run(mut global: Global, demo: Demo, environment: Environment, out: &Out) -> Ended {
    if demo.shot.is_some() {
        return shot::run(&demo, environment, out).await;
    }
    screen::needs_terminal()?;
    // Before the folder is made: whoever ends us from now on lets us take it away again.
    let ending = Ending::listen();
    let clock: SharedClock = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(RandomIds);
    let activity = Activity::default();
    let options = tenant::options(&demo.consent, demo.mail, demo.quirks, demo.faults.as_deref())?;
    let tenant = Tenant::start(options, clock.clone(), ids.clone()).await.map_err(|error| tenant::no_port(&error))?;
    let own = if global.home.is_none() { Some(OwnFolder::make(&ids.guid())?) } else { None };
    if let Some(own) = &own {
        global.home = Some(own.path.clone());
    }
    point_at(&mut global, &tenant);
    let flags = Flags { theme: demo.theme.clone(), ..flags(&global) };
    let loaded = screen::load(&global, &environment, flags)?;
    let setup = Setup {
        places: loaded.places.clone(),
        config: loaded.config.clone(),
        environment: environment.clone(),
        clock,
        ids,
        activity,
        zone: loaded.config.zone.clone(),
        offline: global.offline,
        approver: Some(Arc::new(Approver { script: tenant.script() })),
        approves_by_itself: !demo.sign_in,
    };
    let ended = screen::open(setup, loaded, demo.sign_in, ending).await;
    drop(own);
    ended
}

/// Points the options at the tenant, as a person would with `--authority` and the rest.
pub(crate) fn point_at(global: &mut Global, tenant: &Tenant) {
    global.authority = Some(tenant.authority().to_owned());
    global.graph = Some(tenant.graph().to_owned());
    global.tenant = Some(tenant.tenant_id().to_owned());
    global.client_id = Some(tenant.clients().public.clone());
}

/// Signs the simulated person in through the browser flow, approved by itself.
pub(crate) fn sign_in(engine: &Engine) {
    engine.login(LoginCommand::Begin { method: LoginMethod::Browser, open_browser: false });
}

/// The simulated person, with a simulated browser.
pub(crate) struct Approver {
    pub(crate) script: Script,
}

impl DemoApprover for Approver {
    fn approve(&self, step: LoginStep) -> BoxFuture<'static, Result<(), String>> {
        let script = self.script.clone();
        Box::pin(async move {
            match step {
                LoginStep::Browser { address, .. } => {
                    visit(&script.authorize(&address, PERSON)?).await.map_err(|error| error.to_string())
                }
                LoginStep::DeviceCode { code, .. } => script.approve(&code, PERSON),
                _ => Err("Nothing waits for an approval.".to_owned()),
            }
        })
    }
}

/// Follows a redirect to a listener on this computer, as a browser does.
async fn visit(address: &str) -> std::io::Result<()> {
    let refuse = || std::io::Error::other("the redirect does not lead to this computer");
    let rest = address.strip_prefix("http://").ok_or_else(refuse)?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (name, port) = host.rsplit_once(':').ok_or_else(refuse)?;
    if !matches!(name, "localhost" | "127.0.0.1") {
        return Err(refuse());
    }
    let port: u16 = port.parse().map_err(|_| refuse())?;
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let path = if path.is_empty() { "/" } else { path };
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(())
}

/// The demo's folder; removed with everything in it when dropped.
pub(crate) struct OwnFolder {
    pub(crate) path: PathBuf,
}

impl OwnFolder {
    #[expect(
        clippy::disallowed_methods,
        reason = "the demo leaves nothing behind, so it lives where the system keeps such things"
    )]
    pub(crate) fn make(name: &str) -> Result<Self, Report> {
        let path = std::env::temp_dir().join(format!("deskbell-demo-{name}"));
        crate::base::paths::create_private_folder(&path).map_err(|error| error.report())?;
        Ok(Self { path })
    }
}

impl Drop for OwnFolder {
    fn drop(&mut self) {
        // A thread that is still writing may put a file into a folder that was just emptied.
        for _ in 0..8 {
            if std::fs::remove_dir_all(&self.path).is_ok() || !self.path.exists() {
                return;
            }
        }
    }
}

/// The text of a file named on the command line.
pub(crate) fn read(path: &Path) -> Result<String, Report> {
    std::fs::read_to_string(path).map_err(|error| {
        Report::new(Kind::Usage, "usage", format!("{} cannot be read.", path.display()))
            .because(error.to_string())
            .next("Check the name of the file.")
    })
}
