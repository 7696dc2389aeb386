//! `deskbell setup`: four questions, then everything that is needed for a registration, the profile, and a test.
//!
//! Each question has an option of its own, so that a script answers without being asked. Must stay true: nothing is written before
//! there is a client id; of the configuration file only the profile's own options change; no secret passes through here.

mod plan;
mod script;

use crate::base::environment::Environment;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{Global, SetUp};
use crate::cli::output::Out;
use crate::cli::session::{Loaded, Session, load};
use crate::config::{Setting, set_profile_settings};
use crate::domain::account::Tier;
use crate::domain::login::{LoginCommand, LoginMethod, LoginStep};
use crate::domain::notice::Notice;
use crate::domain::permission::PermissionKind;
use crate::engine;
use plan::{Plan, Proof};
use serde_json::json;
use std::io::BufRead;

pub(crate) async fn run(global: Global, setup: &SetUp, environment: Environment, out: &Out) -> Ended {
    let loaded = load(&global, &environment)?;
    if let Some(document) = &setup.print {
        return print(document, &global, setup, &loaded, environment, out).await;
    }
    let mut asking = Asking { out, is_silent: out.is_json() };
    let tiers = match tiers_of(setup)? {
        Some(tiers) => tiers,
        None => asking.tiers()?,
    };
    let kind = match &setup.kind {
        Some(word) => kind_of(word),
        None => asking.kind()?,
    };
    let is_service = kind == PermissionKind::Application;
    let mailboxes = match (is_service, setup.mailbox.is_empty()) {
        (true, true) => asking.mailboxes()?,
        _ => setup.mailbox.clone(),
    };
    let tenant = match &global.tenant {
        Some(tenant) => tenant.clone(),
        None => asking.tenant(is_service)?,
    };
    let client_id = match (&global.client_id, setup.new) {
        (Some(client_id), _) => Some(client_id.clone()),
        (None, true) => None,
        (None, false) => {
            asking.client_id("Is there a registration already? Its client id, or Enter if there is none:")?
        }
    };
    let plan = plan_of(setup, &loaded, tiers, kind, tenant, mailboxes);
    let client_id = match client_id {
        Some(client_id) => client_id,
        None if out.is_json() || setup.new => {
            show(&plan, &loaded, out);
            return Ok(0);
        }
        None => {
            show(&plan, &loaded, out);
            match asking.client_id("The client id, once it is made (Enter: later):") {
                Ok(Some(client_id)) => client_id,
                _ => {
                    out.aside("Nothing was written. Go on with: deskbell setup --client-id ID --tenant TENANT");
                    return Ok(0);
                }
            }
        }
    };
    let global = Global { tenant: Some(plan.tenant.clone()), client_id: Some(client_id.clone()), ..global };
    write_profile(&global, setup, &loaded, &plan, &client_id)?;
    let profile = &loaded.config.profile_name;
    let file = loaded.places.config_file().display().to_string();
    if !out.is_json() {
        out.line(&format!("The profile {profile} is written in {file}."));
    }
    let tested = !setup.no_test && !global.offline;
    if tested {
        test(global, &plan, environment).await?;
    }
    let next = if is_service { "deskbell inbox" } else { "deskbell login" };
    if out.is_json() {
        let item = json!({"profile": profile, "file": file, "clientId": client_id, "tenant": plan.tenant, "tested": tested, "next": next});
        out.json(&json!({"schema": "deskbell.setup/1", "account": null, "items": [item], "errors": []}));
    } else {
        if tested {
            out.line("The registration was tested: the service knows it and takes it.");
        }
        out.line(&format!("Next: {next}"));
    }
    Ok(0)
}

/// One document and nothing else.
async fn print(
    document: &str,
    global: &Global,
    setup: &SetUp,
    loaded: &Loaded,
    environment: Environment,
    out: &Out,
) -> Ended {
    let profile = loaded.config.profile();
    let tiers = tiers_of(setup)?.unwrap_or_else(|| profile.first_tiers());
    if document == "request" {
        let session = Session::open(global.clone(), environment).await?;
        let mut request = session.engine.consent_request(&tiers).await?;
        if let Some(word) = &setup.kind {
            request.kind = kind_of(word);
        }
        if !setup.mailbox.is_empty() {
            request.mailboxes.clone_from(&setup.mailbox);
        }
        if out.is_json() {
            let permissions = request.permissions();
            let items: Vec<_> = permissions
                .iter()
                .map(|permission| json!({"permission": permission.name, "reason": permission.reason, "risk": permission.risk}))
                .collect();
            out.json(&json!({
                "schema": "deskbell.request/1", "account": request.asker, "link": request.address(), "text": request.text(),
                "items": items, "errors": [],
            }));
        } else {
            out.document(&request.text());
        }
        return Ok(0);
    }
    let kind = setup.kind.as_deref().map_or_else(|| crate::engine::permission::kind_of(&profile), kind_of);
    let mailboxes = if setup.mailbox.is_empty() { profile.mailboxes.clone() } else { setup.mailbox.clone() };
    let plan = plan_of(setup, loaded, tiers, kind, profile.tenant.clone(), mailboxes);
    match document {
        "azure" => out.document(&script::azure(&plan)),
        "graph" => out.document(&(pretty(&script::requests(&plan, &graph_of(loaded))) + "\n")),
        _ => out.document(&format!("{}\n{}\n", plan.portal_steps(), plan.advice())),
    }
    Ok(0)
}

fn plan_of(
    setup: &SetUp,
    loaded: &Loaded,
    tiers: Vec<Tier>,
    kind: PermissionKind,
    tenant: String,
    mailboxes: Vec<String>,
) -> Plan {
    let profile = loaded.config.profile();
    Plan {
        name: setup.name.clone().unwrap_or_else(|| "deskbell".to_owned()),
        tiers,
        kind,
        tenant,
        cloud: profile.cloud,
        redirect_uri: profile.redirect_uri.unwrap_or_else(|| "http://localhost".to_owned()),
        further: profile.scopes,
        mailboxes,
        proof: if setup.proof.as_deref() == Some("secret") { Proof::Secret } else { Proof::Certificate },
    }
}

fn graph_of(loaded: &Loaded) -> String {
    engine::graph_address(&loaded.config).unwrap_or_else(|_| "https://graph.microsoft.com".to_owned())
}

/// Steps, advice, script and requests.
fn show(plan: &Plan, loaded: &Loaded, out: &Out) {
    let requests = script::requests(plan, &graph_of(loaded));
    if out.is_json() {
        let item = json!({
            "portal": plan.portal_steps(), "advice": plan.advice(), "azure": script::azure(plan), "graph": requests,
        });
        out.json(&json!({"schema": "deskbell.setup/1", "account": null, "items": [item], "errors": []}));
        return;
    }
    out.document(&format!("\nIn the portal\n\n{}\n{}\n", plan.portal_steps(), plan.advice()));
    out.document(&format!(
        "\nOr with the Azure CLI (also: deskbell setup --print azure > register.sh)\n\n{}",
        script::azure(plan)
    ));
    out.document(&format!(
        "\nOr as requests to Graph, e.g. with az rest (also: deskbell setup --print graph)\n\n{}\n\n",
        pretty(&requests)
    ));
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn write_profile(global: &Global, setup: &SetUp, loaded: &Loaded, plan: &Plan, client_id: &str) -> Result<(), Report> {
    let text = |text: &str| Setting::Text(text.to_owned());
    let mut settings = vec![("client_id", text(client_id)), ("tenant", text(&plan.tenant))];
    let before = loaded.config.profile();
    if plan.is_service() || before.is_service() {
        settings.push(("kind", text(if plan.is_service() { "service" } else { "person" })));
    }
    if plan.is_service() {
        settings.push(("mailboxes", Setting::List(plan.mailboxes.clone())));
    } else {
        let names = plan.tiers.iter().filter(|tier| **tier != Tier::WhoIsOut).map(|tier| tier.name().to_owned());
        settings.push(("tiers", Setting::List(names.collect())));
    }
    let further = [
        ("authority", &global.authority),
        ("graph", &global.graph),
        ("certificate", &setup.certificate),
        ("certificate_key", &setup.certificate_key),
        ("secret_env", &setup.secret_env),
    ];
    settings.extend(further.into_iter().filter_map(|(key, value)| Some((key, text(value.as_deref()?)))));
    let path = loaded.places.config_file();
    set_profile_settings(&path, &loaded.config.profile_name, &settings).map_err(|error| error.report())
}

/// Asks the service whether it takes the registration: a person's by beginning with a code that nobody types, which tells whether
/// tenant, client id and public client are right; a service's by fetching its token.
async fn test(global: Global, plan: &Plan, environment: Environment) -> Result<(), Report> {
    let mut session = Session::open(global, environment).await?;
    if plan.is_service() {
        return session.refresh().await.map_or(Ok(()), |report| Err(written_but(report)));
    }
    session.engine.login(LoginCommand::Begin { method: LoginMethod::DeviceCode, open_browser: false });
    while let Some((notice, _working)) = session.news.recv().await {
        match notice {
            Notice::Login(LoginStep::DeviceCode { .. }) => {
                session.engine.login(LoginCommand::Cancel);
                return Ok(());
            }
            Notice::Login(LoginStep::Failed(report)) => return Err(written_but(report)),
            _ => {}
        }
    }
    Ok(())
}

fn written_but(report: Report) -> Report {
    Report { what: format!("The profile is written, but its test failed. {}", report.what), ..report }
}

fn tiers_of(setup: &SetUp) -> Result<Option<Vec<Tier>>, Report> {
    if setup.tiers.is_empty() {
        return Ok(None);
    }
    let mut tiers = vec![Tier::WhoIsOut];
    for name in &setup.tiers {
        let Some(tier) = Tier::from_name(name) else {
            let names: Vec<&str> = Tier::ALL.iter().map(|tier| tier.name()).collect();
            return Err(Report::new(Kind::Usage, "usage", format!("There is no \"{name}\" to set up for."))
                .next(format!("Choose among {}.", names.join(", "))));
        };
        tiers.push(tier);
    }
    tiers.sort_unstable();
    tiers.dedup();
    Ok(Some(tiers))
}

fn kind_of(word: &str) -> PermissionKind {
    if word == "service" { PermissionKind::Application } else { PermissionKind::Delegated }
}

/// Asks in the terminal, or reads answers from standard input, a line each.
struct Asking<'a> {
    out: &'a Out,
    /// Nothing is asked: all answers must be options.
    is_silent: bool,
}

impl Asking<'_> {
    fn ask(&mut self, question: &str, option: &str) -> Result<String, Report> {
        let unanswered = || {
            Report::new(Kind::Usage, "usage", "A question of the setup was not answered.")
                .because(question.to_owned())
                .next(format!("Answer it with {option}."))
        };
        if self.is_silent {
            return Err(unanswered());
        }
        self.out.aside(question);
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(read) if read > 0 => Ok(line.trim().to_owned()),
            _ => Err(unanswered()),
        }
    }

    fn tiers(&mut self) -> Result<Vec<Tier>, Report> {
        let mut question =
            String::from("What for? Numbers with spaces between; Enter for who is out, calendar and mail.");
        for (at, tier) in Tier::ALL.into_iter().enumerate() {
            question.push_str(&format!("\n  {}  {:<17} {}", at + 1, tier.title(), tier.opens()));
        }
        loop {
            let answer = self.ask(&question, "--for")?;
            if answer.is_empty() {
                return Ok(vec![Tier::WhoIsOut, Tier::Calendar, Tier::Mail]);
            }
            let words = answer.split(|sign: char| sign == ',' || sign.is_whitespace()).filter(|word| !word.is_empty());
            let numbers: Option<Vec<Tier>> =
                words.map(|word| Tier::ALL.get(word.parse::<usize>().ok()?.checked_sub(1)?).copied()).collect();
            if let Some(mut tiers) = numbers {
                tiers.push(Tier::WhoIsOut);
                tiers.sort_unstable();
                tiers.dedup();
                return Ok(tiers);
            }
            self.out.aside(&format!("Numbers from 1 to {}, please.", Tier::ALL.len()));
        }
    }

    fn kind(&mut self) -> Result<PermissionKind, Report> {
        let question = "As whom?\n  1  A person who signs in (Enter)\n  2  A service that acts by itself, for a display or a script";
        loop {
            match self.ask(question, "--as person or --as service")?.as_str() {
                "" | "1" | "person" => return Ok(PermissionKind::Delegated),
                "2" | "service" => return Ok(PermissionKind::Application),
                _ => self.out.aside("1 or 2, please."),
            }
        }
    }

    fn mailboxes(&mut self) -> Result<Vec<String>, Report> {
        let answer = self.ask("Which mailboxes may it read? Addresses with spaces between:", "--mailbox")?;
        let words = answer.split(|sign: char| sign == ',' || sign.is_whitespace()).filter(|word| !word.is_empty());
        Ok(words.map(str::to_owned).collect())
    }

    fn tenant(&mut self, is_service: bool) -> Result<String, Report> {
        let question = if is_service {
            "Which tenant? One of its domains or its id:"
        } else {
            "Which tenant? A domain (contoso.com), its id, or Enter for whatever organisation the account belongs to:"
        };
        loop {
            let answer = self.ask(question, "--tenant")?;
            if answer.is_empty() && !is_service {
                return Ok("organizations".to_owned());
            }
            let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '.' || sign == '-';
            if !answer.is_empty() && answer.chars().all(is_name) {
                return Ok(answer);
            }
            self.out
                .aside("A tenant is a domain like contoso.com, or an id like 00000000-0000-0000-0000-000000000000.");
        }
    }

    fn client_id(&mut self, question: &str) -> Result<Option<String>, Report> {
        loop {
            let answer = self.ask(question, "--client-id, or --new if there is none")?.to_lowercase();
            if answer.is_empty() {
                return Ok(None);
            }
            let is_guid = answer.len() == 36
                && answer.chars().enumerate().all(|(at, sign)| match at {
                    8 | 13 | 18 | 23 => sign == '-',
                    _ => sign.is_ascii_hexdigit(),
                });
            if is_guid {
                return Ok(Some(answer));
            }
            self.out.aside("A client id has the form 00000000-0000-0000-0000-000000000000.");
        }
    }
}
