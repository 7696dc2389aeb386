//! What the demo, its pictures and the tenant share: how a tenant is started, the person who approves, and a folder that goes.

use crate::base::report::{Kind, Report};
use crate::cli::arguments::Global;
use crate::domain::login::LoginStep;
use crate::engine::login::DemoApprover;
use crate::sim::faults;
use crate::sim::script::Script;
use crate::sim::tenant::{Tenant, TenantOptions};
use crate::sim::world::{Consent, WorldOptions};
use futures_util::future::BoxFuture;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Who is signed in.
const PERSON: &str = "lena";

/// How a tenant is started by the options of `demo` and `tenant`.
pub(crate) fn options(
    consent: &str,
    mail: Option<u32>,
    quirks: bool,
    faults: Option<&Path>,
) -> Result<TenantOptions, Report> {
    let consent = match consent {
        "none" => Consent::None,
        "basic" => Consent::Basic,
        _ => Consent::All,
    };
    let behaviour = match faults {
        None => faults::Behaviour::default(),
        Some(path) => faults::read(&read(path)?).map_err(|error| {
            Report::new(Kind::Usage, "faults", format!("{} does not describe faults.", path.display()))
                .because(error)
                .next("Look at assets/faults.example.toml; it shows every kind.")
        })?,
    };
    // Where everything is granted, an administrator has long since opened the directory and the settings to us.
    let consented_earlier = match consent {
        Consent::All => vec!["User.Read.All".to_owned(), "MailboxSettings.Read".to_owned()],
        _ => Vec::new(),
    };
    let world = WorldOptions {
        consent,
        consented_earlier,
        mail: mail.map(|count| count as usize),
        quirks,
        policy: behaviour.policy,
        registrations: behaviour.registrations,
        ..WorldOptions::default()
    };
    Ok(TenantOptions { world, faults: behaviour.rules, ..TenantOptions::default() })
}

pub(crate) fn no_port(error: &std::io::Error) -> Report {
    Report::new(Kind::Failure, "port", "The simulated tenant could not listen on this computer.")
        .because(error.to_string())
        .next("Give another port: deskbell tenant --port N")
}

/// Points the options at the tenant, as a person would with `--authority` and the rest.
pub(crate) fn point_at(global: &mut Global, tenant: &Tenant) {
    global.authority = Some(tenant.authority().to_owned());
    global.graph = Some(tenant.graph().to_owned());
    global.tenant = Some(tenant.tenant_id().to_owned());
    global.client_id = Some(tenant.clients().public.clone());
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
fn read(path: &Path) -> Result<String, Report> {
    std::fs::read_to_string(path).map_err(|error| {
        Report::new(Kind::Usage, "usage", format!("{} cannot be read.", path.display()))
            .because(error.to_string())
            .next("Check the name of the file.")
    })
}
