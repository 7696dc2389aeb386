//! `deskbell login`: signing in with plain lines, for terminals, ssh and logs alike.

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::cli::Ended;
use crate::cli::arguments::{Global, Login};
use crate::cli::kept_secret;
use crate::cli::output::Out;
use crate::cli::session::Session;
use crate::cli::setup::tiers_named;
use crate::cli::watched::Watched;
use crate::config::TokenCache;
use crate::domain::account::AccountKind;
use crate::domain::login::{LoginCommand, LoginMethod, LoginOptions, LoginStep, Prompt, scopes_of};
use crate::domain::me::Me;
use crate::domain::notice::Notice;
use crate::domain::token::{TokenFacts, TokenWay};
use jiff::Timestamp;
use serde_json::json;
use tokio::sync::mpsc;

pub(crate) async fn run(global: Global, login: &Login, environment: Environment, out: &Out) -> Ended {
    if login.keep_secret {
        kept_secret::run(&global, &environment, out).await?;
    }
    let mut session = Session::open(global, environment).await?;
    let is_kept = session.engine.setup().config.profile().token_cache != TokenCache::None;
    if let Some(me) = session.engine.me().filter(|me| me.kind == AccountKind::Service) {
        return service(&me, out);
    }
    let tiers = tiers_named(&login.tiers)?;
    let mut options = options(session.engine.login_options(), login);
    options.further_scopes.extend(tiers.iter().flat_map(|tier| tier.scopes()).map(|scope| (*scope).to_owned()));
    let mut pasting = Pasting::default();
    session.engine.start_login(options);
    session.engine.start();
    let mut has_begun = false;
    let mut shown = None;
    let mut watched = login.debug.then(Watched::default);
    loop {
        let notice = tokio::select! {
            notice = session.news.recv() => match notice {
                Some((notice, _working)) => notice,
                None => break,
            },
            Some(line) = pasting.next() => {
                session.engine.login(LoginCommand::Paste(line));
                continue;
            }
        };
        let Notice::Login(step) = notice else { continue };
        if let Some(watched) = &mut watched {
            watched.tell(&step, &session.engine.recent_calls(), out);
        }
        match step {
            LoginStep::NeedsRegistration => return Err(needs_registration()),
            LoginStep::SignedOut { preferred, reason } if !has_begun => {
                has_begun = true;
                let method = chosen(login).unwrap_or_else(|| {
                    if !reason.is_empty() {
                        out.aside(&reason);
                    }
                    preferred
                });
                session.engine.login(LoginCommand::Begin { method, open_browser: !login.no_open });
            }
            // Somebody is signed in already: signing in again adds or renews an account.
            LoginStep::SignedIn(_) if !has_begun => {
                has_begun = true;
                let method = chosen(login);
                session.engine.login(match (method, hint(login)) {
                    (method, None) if !tiers.is_empty() => LoginCommand::Ask { tiers: tiers.clone(), method },
                    (Some(method), _) => LoginCommand::Begin { method, open_browser: !login.no_open },
                    (None, _) => LoginCommand::Add { method: None },
                });
            }
            LoginStep::SignedOut { .. } => {
                return Err(
                    Report::new(Kind::Failure, "cancelled", "Nobody was signed in.").next("Run: deskbell login")
                );
            }
            LoginStep::Working(what) | LoginStep::Exchanging(what) => out.aside(&what),
            LoginStep::Browser { address, opened, problem, .. } => match problem {
                Some(problem) => out.aside(&problem),
                None => {
                    out.aside(if opened {
                        "Your browser was opened. If it was not, open this address:"
                    } else {
                        "Open this address in a browser on this computer:"
                    });
                    out.aside(&address);
                    out.aside("Waiting for the browser to come back. You may also paste the address it ends at.");
                    out.aside("Another way: deskbell login --paste, or deskbell login --device");
                    pasting.begin();
                }
            },
            LoginStep::Paste { address, redirect_uri, problem, .. } => match problem {
                Some(problem) => out.aside(&problem),
                None => {
                    out.aside("Open this address in a browser on any computer:");
                    out.aside(&address);
                    out.aside("Sign in there. The last page may fail to load; that is as it should be.");
                    out.aside(&format!("Then paste here the address it ends at; it begins with {redirect_uri}"));
                    pasting.begin();
                }
            },
            LoginStep::DeviceCode { code, address, .. } => {
                // Told again after each look.
                if shown.as_ref() != Some(&code) {
                    out.aside(&format!("On any device open  {address}"));
                    out.aside(&format!("and enter the code  {code}"));
                    out.aside("Waiting for your approval.");
                    shown = Some(code);
                }
            }
            LoginStep::SignedIn(account) => {
                if out.is_json() {
                    out.json(&json!({
                        "schema": "deskbell.login/1", "account": account.address,
                        "items": [{"name": account.name, "address": account.address, "tenant": account.key.tenant, "scopes": account.granted.to_line()}],
                        "errors": [],
                    }));
                } else {
                    // Some servers tell no address.
                    let address = match account.address.as_str() {
                        "" => String::new(),
                        address => format!(" <{address}>"),
                    };
                    out.line(&format!("Signed in as {}{address}.", account.name));
                    if !is_kept {
                        out.line("Nothing of it is kept, as you asked.");
                    }
                    if let Some(facts) = session.engine.token_facts().filter(|facts| !facts.renews) {
                        out.aside(&not_renewed(&facts, session.now()));
                    }
                }
                return Ok(0);
            }
            LoginStep::Failed(report) => return Err(report),
        }
    }
    Err(Report::new(Kind::Failure, "stopped", "The sign-in stopped.").next("Run: deskbell login"))
}

/// Why the sign-in will not last.
fn not_renewed(facts: &TokenFacts, now: Timestamp) -> String {
    match facts.way {
        TokenWay::Command => "Your command is asked again whenever a token is needed.".to_owned(),
        _ => format!(
            "The service gave no refresh token (offline_access). {} Why: deskbell help signing-in",
            facts.life(now)
        ),
    }
}

/// The way in that was typed.
fn chosen(login: &Login) -> Option<LoginMethod> {
    match (login.browser, login.paste, login.device) {
        (true, ..) => Some(LoginMethod::Browser),
        (_, true, _) => Some(LoginMethod::Paste),
        (_, _, true) => Some(LoginMethod::DeviceCode),
        // A fixed port is of use to a browser only.
        _ => login.port.map(|_| LoginMethod::Browser),
    }
}

fn hint(login: &Login) -> Option<String> {
    login.login_hint.clone().or_else(|| login.address.clone())
}

/// The profile's options under those of the command line.
fn options(profile: LoginOptions, login: &Login) -> LoginOptions {
    LoginOptions {
        port: login.port.or(profile.port),
        redirect_uri: login.redirect_uri.clone().or(profile.redirect_uri),
        login_hint: hint(login).or(profile.login_hint),
        domain_hint: login.domain_hint.clone().or(profile.domain_hint),
        prompt: login.prompt.as_deref().and_then(Prompt::from_word).or(profile.prompt),
        scopes: login.scopes.as_deref().map_or(profile.scopes, scopes_of),
        open_browser: !login.no_open,
        ..profile
    }
}

/// A service signs in by itself; this says that it could.
fn service(me: &Me, out: &Out) -> Ended {
    if out.is_json() {
        out.json(&json!({
            "schema": "deskbell.login/1", "account": me.person.address,
            "items": [{"kind": "service", "address": me.person.address, "roles": me.granted.to_line()}], "errors": [],
        }));
        return Ok(0);
    }
    out.line("This profile is a service's: it signs in by itself, and its credential works.");
    if me.granted.is_empty() {
        out.line("Its token holds no roles yet: an administrator has to grant application permissions to it.");
    } else {
        out.line(&format!("Its roles: {}", me.granted.to_line()));
    }
    Ok(0)
}

/// Lines that are pasted while a sign-in waits; read only from then on.
#[derive(Default)]
struct Pasting {
    lines: Option<mpsc::UnboundedReceiver<Secret<String>>>,
}

impl Pasting {
    fn begin(&mut self) {
        self.lines.get_or_insert_with(Out::pasted_lines);
    }

    /// The next line; for ever none when nothing is read, and none when the input has ended.
    async fn next(&mut self) -> Option<Secret<String>> {
        match &mut self.lines {
            Some(lines) => lines.recv().await,
            None => std::future::pending().await,
        }
    }
}

fn needs_registration() -> Report {
    Report::new(Kind::Configuration, "noRegistration", "deskbell does not know which app registration to sign in with.")
        .because("No client id is configured; every organisation registers its own.")
        .next("Give one: deskbell login --client-id ID --tenant TENANT")
        .next("Or write client_id and tenant into the profile in config.toml.")
        .next("Or try everything on invented people: deskbell demo")
}
