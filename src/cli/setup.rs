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
use crate::cli::output::{Out, plain};
use crate::cli::session::{Loaded, Session, load};
use crate::config::{Setting, set_profile_settings};
use crate::domain::account::Tier;
use crate::domain::login::{LoginCommand, LoginMethod, LoginStep};
use crate::domain::notice::Notice;
use crate::domain::permission::PermissionKind;
use crate::engine;
use plan::{Plan, Proof, hanging};
use serde_json::json;
use std::io::BufRead;

/// What a new registration is called.
const NAME: &str = "deskbell";
/// A comfortable width to read at.
const COLUMNS: usize = 78;

pub(crate) async fn run(global: Global, setup: &SetUp, environment: Environment, out: &Out) -> Ended {
    let loaded = load(&global, &environment)?;
    if let Some(document) = &setup.print {
        return print(document, &global, setup, &loaded, environment, out).await;
    }
    let mut asking = Asking { out, is_silent: out.is_json() };
    let known_client = global.client_id.as_deref().map(checked_client_id).transpose()?;
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
        Some(tenant) => checked_tenant(tenant, is_service)?,
        None => asking.tenant(is_service)?,
    };
    let client_id = match (known_client, setup.new) {
        (Some(client_id), _) => Some(client_id),
        (None, true) => None,
        (None, false) => {
            asking.client_id("Is there a registration already? Its client id. Enter: there is none.", "4 of 4  ")?
        }
    };
    let plan = plan_of(setup, &loaded, tiers, kind, tenant, mailboxes);
    let named = global.profile.clone();
    let named = named.as_deref();
    let client_id = match client_id {
        Some(client_id) => client_id,
        None if out.is_json() || setup.new => {
            show(&plan, named, &loaded, out);
            return Ok(0);
        }
        None => {
            show(&plan, named, &loaded, out);
            match asking.client_id("The client id, once it is made. Enter: later.", "") {
                Ok(Some(client_id)) => client_id,
                _ => {
                    out.aside("Nothing was written. Once the registration is made, go on with:");
                    out.aside(&format!("  {} --client-id ID", plan.command(named)));
                    return Ok(0);
                }
            }
        }
    };
    let asked;
    let setup = if is_service && lacks_credential(setup, &loaded) {
        asked = asking.credential(setup)?;
        &asked
    } else {
        setup
    };
    let global = Global { tenant: Some(plan.tenant.clone()), client_id: Some(client_id.clone()), ..global };
    let with_profile = named.map_or_else(String::new, |name| format!(" --profile {name}"));
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
    let next = format!("deskbell{with_profile} {}", if is_service { "inbox" } else { "login" });
    if out.is_json() {
        let item = json!({"profile": profile, "file": file, "clientId": client_id, "tenant": plan.tenant, "tested": tested, "next": next});
        out.json(&json!({"schema": "deskbell.setup/1", "account": null, "items": [item], "errors": []}));
    } else {
        if tested {
            out.line("The registration was tested: the service knows it and takes it.");
        }
        out.line(&format!("Next: {next}"));
        if let Some(name) = named {
            out.line(&format!("To use this profile without naming it: deskbell profile use {name}"));
        }
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
            out.letter(&request.text(), COLUMNS);
        }
        return Ok(0);
    }
    let kind = setup.kind.as_deref().map_or_else(|| crate::engine::permission::kind_of(&profile), kind_of);
    let mailboxes = if setup.mailbox.is_empty() { profile.mailboxes.clone() } else { setup.mailbox.clone() };
    let plan = plan_of(setup, loaded, tiers, kind, profile.tenant.clone(), mailboxes);
    match document {
        "azure" => out.document(&script::azure(&plan, global.profile.as_deref())),
        "graph" => out.document(&(pretty(&script::requests(&plan, &graph_of(loaded))) + "\n")),
        _ => out.document(&format!("{}\n{}", plan.portal_steps(COLUMNS), hanging("", &plan.advice(), COLUMNS))),
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
        name: setup.name.clone().unwrap_or_else(|| NAME.to_owned()),
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
fn show(plan: &Plan, profile: Option<&str>, loaded: &Loaded, out: &Out) {
    let requests = script::requests(plan, &graph_of(loaded));
    let script = script::azure(plan, profile);
    if out.is_json() {
        let item = json!({
            "portal": plan.portal_steps(usize::MAX / 2), "advice": plan.advice(), "azure": script, "graph": requests,
        });
        out.json(&json!({"schema": "deskbell.setup/1", "account": null, "items": [item], "errors": []}));
        return;
    }
    let alone = |document: &str| format!("{} --print {document}", plan.command(profile));
    let rule = "-".repeat(COLUMNS);
    let heading = |title: &str, document: &str| {
        format!("\n{rule}\n{title}\n{}\n", hanging("  alone: ", &alone(document), usize::MAX / 2))
    };
    out.document(&format!(
        "\nThere are three ways to make the registration; each makes the same. Take one.\n{}{script}{}{}{}{}\n{}\n",
        heading("With the Azure CLI: a script", "azure"),
        heading("With requests to Graph, for example in the Graph Explorer", "graph"),
        script::told(&requests, COLUMNS),
        heading("By hand, in the portal", "portal"),
        plan.portal_steps(COLUMNS),
        hanging("", &plan.advice(), COLUMNS),
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
    let mut tiers = tiers_named(&setup.tiers)?;
    tiers.push(Tier::WhoIsOut);
    tiers.sort_unstable();
    tiers.dedup();
    Ok(Some(tiers))
}

/// The tiers of these names.
pub(crate) fn tiers_named(names: &[String]) -> Result<Vec<Tier>, Report> {
    let known = |name: &String| {
        Tier::from_name(name).ok_or_else(|| {
            let names: Vec<&str> = Tier::ALL.iter().map(|tier| tier.name()).collect();
            Report::new(Kind::Usage, "usage", format!("There is nothing called \"{}\" to ask for.", plain(name)))
                .next(format!("Choose among {}.", names.join(", ")))
        })
    };
    names.iter().map(known).collect()
}

fn kind_of(word: &str) -> PermissionKind {
    if word == "service" { PermissionKind::Application } else { PermissionKind::Delegated }
}

/// Neither the command line nor the profile says what proves the service.
fn lacks_credential(setup: &SetUp, loaded: &Loaded) -> bool {
    let profile = loaded.config.profile();
    let is_given = setup.certificate.is_some() || setup.secret_env.is_some();
    let is_known = profile.certificate.is_some()
        || profile.secret_env.is_some()
        || !profile.secret_command.is_empty()
        || profile.secret_descriptor.is_some();
    !is_given && !is_known
}

fn checked_client_id(text: &str) -> Result<String, Report> {
    let text = text.trim().to_lowercase();
    let is_guid = text.len() == 36
        && text.chars().enumerate().all(|(at, sign)| match at {
            8 | 13 | 18 | 23 => sign == '-',
            _ => sign.is_ascii_hexdigit(),
        });
    if is_guid {
        return Ok(text);
    }
    Err(Report::new(Kind::Usage, "badClientId", "This is no client id.")
        .because("A client id has the form 00000000-0000-0000-0000-000000000000.")
        .next("Copy \"Application (client) ID\" from the overview page of the registration."))
}

fn checked_tenant(text: &str, is_service: bool) -> Result<String, Report> {
    let refused = |why: &str| {
        Report::new(Kind::Usage, "badTenant", "This is no tenant that can be used here.")
            .because(why)
            .next("Give a domain like contoso.com, or an id like 00000000-0000-0000-0000-000000000000.")
    };
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '.' || sign == '-';
    if text.is_empty() || text.starts_with('.') || !text.chars().all(is_name) {
        return Err(refused("A tenant is a domain or an id."));
    }
    if is_service && matches!(text, "organizations" | "common" | "consumers") {
        return Err(refused("A service belongs to one tenant, which has to be named."));
    }
    Ok(text.to_owned())
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
                .because(
                    question.lines().next().unwrap_or_default().trim_start_matches(|sign: char| !sign.is_alphabetic()),
                )
                .next(format!("Answer it with {option}."))
        };
        if self.is_silent {
            return Err(unanswered());
        }
        self.out.prompt(question);
        let mut line = String::new();
        match std::io::stdin().lock().read_line(&mut line) {
            Ok(read) if read > 0 => Ok(line.trim().to_owned()),
            _ => Err(unanswered()),
        }
    }

    fn tiers(&mut self) -> Result<Vec<Tier>, Report> {
        let mut question = String::from("\n1 of 4  What for? Numbers with spaces between. Enter: 1 4 6.\n");
        for (at, tier) in Tier::ALL.into_iter().enumerate() {
            question.push_str(&hanging(&format!("  {}  {:<17} ", at + 1, tier.title()), tier.opens(), COLUMNS));
        }
        loop {
            let answer = self.ask(question.trim_end(), "--for")?;
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
        let question = "\n2 of 4  As whom? Enter: 1.\n  1  A person who signs in\n  2  A service that acts by itself, for a \
                        display or a script";
        loop {
            match self.ask(question, "--as person or --as service")?.as_str() {
                "" | "1" | "person" => return Ok(PermissionKind::Delegated),
                "2" | "service" => return Ok(PermissionKind::Application),
                _ => self.out.aside("1 or 2, please."),
            }
        }
    }

    fn mailboxes(&mut self) -> Result<Vec<String>, Report> {
        loop {
            let answer =
                self.ask("\n        Which mailboxes may it read? Addresses with spaces between.", "--mailbox")?;
            let words = answer.split(|sign: char| sign == ',' || sign.is_whitespace()).filter(|word| !word.is_empty());
            let found: Vec<String> = words.map(str::to_owned).collect();
            if !found.is_empty() && found.iter().all(|address| address.contains('@')) {
                return Ok(found);
            }
            self.out.aside("Addresses like room1@contoso.com, please.");
        }
    }

    fn tenant(&mut self, is_service: bool) -> Result<String, Report> {
        let question = if is_service {
            "\n3 of 4  Which tenant? One of its domains, or its id."
        } else {
            "\n3 of 4  Which tenant? A domain (contoso.com) or its id.\n        Enter: whatever organisation the account \
             belongs to."
        };
        loop {
            let answer = self.ask(question, "--tenant")?;
            if answer.is_empty() && !is_service {
                return Ok("organizations".to_owned());
            }
            match checked_tenant(&answer, is_service) {
                Ok(tenant) => return Ok(tenant),
                Err(report) => self.out.aside(&format!("{} {}", report.why, report.next.join(" "))),
            }
        }
    }

    fn client_id(&mut self, question: &str, number: &str) -> Result<Option<String>, Report> {
        loop {
            let answer = self.ask(&format!("\n{number}{question}"), "--client-id, or --new if there is none")?;
            if answer.is_empty() {
                return Ok(None);
            }
            match checked_client_id(&answer) {
                Ok(client_id) => return Ok(Some(client_id)),
                Err(report) => self.out.aside(&report.why),
            }
        }
    }

    /// What proves the service. A secret itself is never typed here.
    fn credential(&mut self, setup: &SetUp) -> Result<SetUp, Report> {
        let question = "\n        How does it prove who it is? The file of its certificate (PEM), or the name of\n        the \
                        variable that holds its secret, like DESKBELL_SECRET.";
        let options = "--certificate FILE or --secret-env VARIABLE";
        loop {
            let answer = self.ask(question, options)?;
            let is_variable = |sign: char| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '_';
            if !answer.is_empty() && answer.chars().all(is_variable) {
                return Ok(SetUp { secret_env: Some(answer), ..setup.clone() });
            }
            if answer.is_empty() || !std::path::Path::new(&answer).is_file() {
                self.out.aside("There is no such file, and a variable is written in capitals.");
                continue;
            }
            let key =
                self.ask("        The file of its key. Enter: it is in the same file.", "--certificate-key FILE")?;
            let certificate_key = Some(key).filter(|key| !key.is_empty());
            return Ok(SetUp { certificate: Some(answer), certificate_key, ..setup.clone() });
        }
    }
}
