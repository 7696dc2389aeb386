//! `deskbell login` and `logout`: signing in with plain lines, for terminals, ssh and logs alike.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{Global, Login};
use crate::cli::output::Out;
use crate::cli::session::Session;
use crate::domain::login::{LoginCommand, LoginMethod, LoginStep};
use crate::domain::notice::Notice;
use serde_json::json;

pub(crate) async fn run(global: Global, login: &Login, environment: Environment, out: &Out) -> Ended {
    let mut session = Session::open(global, environment).await?;
    session.engine.start();
    let mut has_begun = false;
    while let Some((notice, _working)) = session.news.recv().await {
        let Notice::Login(step) = notice else { continue };
        match step {
            LoginStep::NeedsRegistration => return Err(needs_registration()),
            LoginStep::SignedOut { preferred, reason } if !has_begun => {
                has_begun = true;
                let method = match (login.browser, login.device) {
                    (true, _) => LoginMethod::Browser,
                    (_, true) => LoginMethod::DeviceCode,
                    _ => {
                        if !reason.is_empty() {
                            out.aside(&reason);
                        }
                        preferred
                    }
                };
                session.engine.login(LoginCommand::Begin { method, open_browser: !login.no_open });
            }
            // Somebody is signed in already: signing in again adds or renews an account.
            LoginStep::SignedIn(_) if !has_begun => {
                has_begun = true;
                let method = if login.device { LoginMethod::DeviceCode } else { LoginMethod::Browser };
                session.engine.login(LoginCommand::Begin { method, open_browser: !login.no_open });
            }
            LoginStep::SignedOut { .. } => {
                return Err(
                    Report::new(Kind::Failure, "cancelled", "Nobody was signed in.").next("Run: deskbell login")
                );
            }
            LoginStep::Working(what) | LoginStep::Exchanging(what) => out.aside(&what),
            LoginStep::Browser { address, opened, .. } => {
                out.aside(if opened {
                    "Your browser was opened. If it was not, open this address:"
                } else {
                    "Open this address in a browser on this computer:"
                });
                out.aside(&address);
                out.aside("Waiting for the browser to come back. Another way: deskbell login --device");
            }
            LoginStep::Paste { address, redirect_uri, problem, .. } => match problem {
                Some(problem) => out.aside(&problem),
                None => {
                    out.aside("Open this address in a browser on any computer:");
                    out.aside(&address);
                    out.aside(&format!("Then paste here the address it ends at; it begins with {redirect_uri}"));
                }
            },
            LoginStep::DeviceCode { code, address, .. } => {
                out.aside(&format!("On any device open  {address}"));
                out.aside(&format!("and enter the code  {code}"));
                out.aside("Waiting for your approval.");
            }
            LoginStep::SignedIn(account) => {
                if out.is_json() {
                    out.json(&json!({
                        "schema": "deskbell.login/1", "account": account.address,
                        "items": [{"name": account.name, "address": account.address, "tenant": account.key.tenant, "scopes": account.granted.to_line()}],
                        "errors": [],
                    }));
                } else {
                    out.line(&format!("Signed in as {} <{}>.", account.name, account.address));
                }
                return Ok(0);
            }
            LoginStep::Failed(report) => return Err(report),
        }
    }
    Err(Report::new(Kind::Failure, "stopped", "The sign-in stopped.").next("Run: deskbell login"))
}

pub(crate) async fn logout(global: Global, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let me = session.me()?;
    session.engine.logout().await?;
    let address = &me.person.address;
    let told = if session.has_given_token {
        format!("The cached data of {address} is gone from this computer. The token itself is in DESKBELL_TOKEN.")
    } else {
        format!("Signed out {address}. Its tokens and cached data are gone from this computer.")
    };
    if out.is_json() {
        out.json(&json!({"schema": "deskbell.logout/1", "account": address, "items": [], "errors": []}));
    } else {
        out.line(&told);
    }
    Ok(0)
}

fn needs_registration() -> Report {
    Report::new(Kind::Configuration, "noRegistration", "deskbell does not know which app registration to sign in with.")
        .because("No client id is configured; every organisation registers its own.")
        .next("Give one: deskbell login --client-id ID --tenant TENANT")
        .next("Or write client_id and tenant into the profile in config.toml.")
        .next("Or try everything on invented people: deskbell demo")
}
