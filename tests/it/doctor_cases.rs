//! Broken set-ups of services, mailboxes, ways to the network and sign-ins: the doctor names the cause of each.

use crate::support::authority::{Authority, Connect, Gatekeeper, Life, front};
use crate::support::program::{Program, Ran, program, ran};
use deskbell::auth::vault::Vault;
use deskbell::base::ids::RandomIds;
use deskbell::sim::entra::policy::{Mailbox, MailboxTrouble, Policy};
use deskbell::sim::faults::{Action, FaultBody, Rule};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::{World, WorldOptions};
use serde_json::Value;
use std::sync::Arc;

fn checks<'a>(json: &'a Value, name: &str) -> Vec<&'a Value> {
    json["items"].as_array().expect("items").iter().filter(|item| item["name"] == name).collect()
}

#[track_caller]
fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    checks(json, name).first().unwrap_or_else(|| panic!("there is no check {name}: {json}"))
}

/// What the doctor says: the cause's name and the code of its finding. Every failure says what to do.
#[track_caller]
fn cause(ran: &Ran) -> (String, String) {
    let json = ran.json();
    let name = json["cause"].as_str().unwrap_or_default().to_owned();
    let failed = checks(&json, &name).into_iter().find(|check| check["result"] == "failed");
    let Some(failed) = failed else { return (name, String::new()) };
    assert!(!failed["remedy"].as_array().is_none_or(Vec::is_empty), "{name} says nothing to do: {failed}");
    assert!(failed["reason"].as_str().is_some_and(|reason| reason.ends_with(['.', ')'])), "{failed}");
    (name, failed["code"].as_str().unwrap_or_default().to_owned())
}

fn tenant_with(policy: Policy) -> Program {
    let world = WorldOptions { policy, ..WorldOptions::default() };
    Program::with(TenantOptions { world, ..TenantOptions::default() })
}

// Services.

/// The doctor for a service with these further lines in its profile and this secret.
fn service(at: &Program, lines: &str, secret: Option<&str>) -> Ran {
    let (tenant, clients) = (&at.tenant, at.tenant.clients());
    let named = |name: &str, value: &str| match lines.contains(name) {
        true => String::new(),
        false => format!("{name} = \"{value}\"\n"),
    };
    at.configure(&format!(
        "[profile.default]\nkind = \"service\"\n{}{}{}{}{lines}\nsecret_env = \"ROBOT_SECRET\"\n",
        named("tenant", tenant.tenant_id()),
        named("client_id", &clients.confidential),
        named("authority", tenant.authority()),
        named("graph", tenant.graph()),
    ));
    let mut command = program(at.home.path());
    command.args(["--home", &at.home.path().display().to_string(), "doctor", "--json"]);
    if let Some(secret) = secret {
        command.env("ROBOT_SECRET", secret);
    }
    ran(command)
}

/// What an administrator does to the tenant's service: its roles, and the mailboxes it is limited to.
fn administrate(at: &Program, roles: &[&str], mailboxes: Option<&str>) {
    let client = at.tenant.clients().confidential.clone();
    at.tenant.script().world(|world| {
        let service = world.registrations.find_mut(&client).expect("the service");
        service.roles = roles.iter().map(|role| (*role).to_owned()).collect();
        service.mailboxes = mailboxes.map(|mailbox| vec![mailbox.to_owned()]);
    });
}

const LISTED: &str = "mailboxes = [\"support@contoso.com\"]";
const ALL: [&str; 5] =
    ["Mail.Read", "Calendars.Read", "User.ReadBasic.All", "Presence.Read.All", "MailTips.ReadBasic.All"];

#[test]
fn a_service_that_works_has_no_cause_and_roles_in_place_of_scopes() {
    let program = Program::new();
    administrate(&program, &ALL, None);
    let secret = program.tenant.clients().confidential_secret.clone();
    let ran = service(&program, "mailboxes = [\"support@contoso.com\", \"lena@contoso.com\"]", Some(&secret));
    let json = ran.json();
    assert_eq!((ran.code, &json["cause"]), (0, &Value::Null), "{json}");
    assert_eq!(checks(&json, "mailbox").len(), 2, "{json}");
    for name in ["registration", "account", "token", "permissions", "graphAccount", "mailbox"] {
        assert_eq!(check(&json, name)["result"], "passed", "{json}");
    }
    let token = check(&json, "token");
    assert!(token["details"]["roles"].as_str().is_some_and(|roles| roles.contains("Mail.Read")), "{token}");
    assert_eq!(token["details"]["application proves itself"], "by a secret", "{token}");
    assert!(check(&json, "permissions")["details"]["roles"].is_string(), "{json}");
    let account = check(&json, "account");
    assert!(account["reason"].as_str().is_some_and(|reason| reason.contains("there is no \"me\"")), "{account}");
    assert!(!ran.out.contains(&secret), "the secret is told");
    let asked = program.tenant.script().requests();
    assert!(asked.iter().all(|request| request.status != 400), "it has no me, and was asked for it: {asked:?}");
}

#[test]
fn each_cause_why_a_service_reads_nothing_has_its_name() {
    let program = Program::new();
    let clients = program.tenant.clients().clone();
    let right = Some(clients.confidential_secret.as_str());
    for (lines, secret, name, code) in [
        (LISTED.to_owned(), None, "account", "noSecret"),
        (LISTED.to_owned(), Some("wrong"), "registration", "secretWrong"),
        (LISTED.to_owned(), Some(clients.confidential_secret_id.as_str()), "registration", "secretWrong"),
        (LISTED.to_owned(), Some(clients.expired_secret.as_str()), "registration", "secretExpired"),
        (format!("{LISTED}\ntenant = \"organizations\""), right, "configuration", "serviceTenant"),
        (
            format!("{LISTED}\nclient_id = \"11111111-2222-3333-4444-555555555555\""),
            right,
            "registration",
            "registrationUnknown",
        ),
        (format!("{LISTED}\nclient_id = \"{}\"", clients.without_roles), right, "token", "appWithoutRoles"),
        (String::new(), right, "mailbox", "noMailboxListed"),
        ("mailboxes = [\"nobody@contoso.com\"]".to_owned(), right, "mailbox", "noSuchMailbox"),
        ("mailboxes = [\"noah@contoso.com\"]".to_owned(), right, "mailbox", "noMailbox"),
    ] {
        let ran = service(&program, &lines, secret);
        assert_eq!(cause(&ran), (name.to_owned(), code.to_owned()), "for {lines} and {secret:?}: {}", ran.out);
    }
}

#[test]
fn of_the_three_locks_of_a_mailbox_the_shut_one_is_named() {
    let program = Program::new();
    let secret = program.tenant.clients().confidential_secret.clone();
    let lock = |ran: &Ran, number: &str| {
        let json = ran.json();
        let checks = [checks(&json, "mailbox"), checks(&json, "otherMailbox")].concat();
        let details = checks
            .into_iter()
            .map(|check| check["details"].clone())
            .find(|details| details["mailbox"] == "support@contoso.com");
        let Some(Value::Object(details)) = details else { panic!("no details: {json}") };
        let found = details.iter().find(|(name, _)| name.starts_with(number)).map(|(_, value)| value.clone());
        found.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    };
    // A service: the role, then the policy for applications.
    administrate(&program, &["User.ReadBasic.All"], None);
    let ran = service(&program, LISTED, Some(&secret));
    assert_eq!(cause(&ran), ("mailbox".into(), "lockPermission".into()), "{}", ran.out);
    assert_eq!(lock(&ran, "lock 1"), "shut");
    administrate(&program, &["Mail.Read"], Some("lena"));
    let ran = service(&program, LISTED, Some(&secret));
    assert_eq!(cause(&ran), ("mailbox".into(), "lockPolicy".into()), "{}", ran.out);
    assert_eq!((lock(&ran, "lock 1").as_str(), lock(&ran, "lock 3").as_str()), ("open (Mail.Read)", "shut"));
    administrate(&program, &["Calendars.Read"], Some("support"));
    let ran = service(&program, LISTED, Some(&secret));
    assert_eq!((lock(&ran, "lock 1").as_str(), lock(&ran, "lock 3").as_str()), ("open (Calendars.Read)", "open"));
    // A person: the scope, then what the mailbox itself allows.
    let person = |who: &str, scope: &str| {
        let token = program.tenant.script().token(who, scope).expect("a token");
        let mut command = program.command("doctor --json --mailbox support@contoso.com");
        command.env("DESKBELL_TOKEN", token);
        crate::support::program::ran(command)
    };
    let ran = person("lena", "User.Read Mail.Read");
    assert_eq!(cause(&ran), ("otherMailbox".into(), "lockPermission".into()), "{}", ran.out);
    let ran = person("hugo", "User.Read Mail.Read Mail.Read.Shared");
    assert_eq!(cause(&ran), ("otherMailbox".into(), "lockMailbox".into()), "{}", ran.out);
    assert_eq!((lock(&ran, "lock 1").as_str(), lock(&ran, "lock 2").as_str()), ("open (Mail.Read.Shared)", "shut"));
    let ran = person("lena", "User.Read Mail.Read Mail.Read.Shared");
    assert_eq!((cause(&ran).0, lock(&ran, "lock 2")), (String::new(), "open".to_owned()), "{}", ran.out);
}

// Mailboxes and directories.

#[test]
fn a_missing_mailbox_is_told_apart_by_the_licence() {
    let program = Program::new();
    let as_person = |who: &str| {
        let token = program.tenant.script().token(who, "User.Read Mail.Read").expect("a token");
        let mut command = program.command("doctor --json");
        command.env("DESKBELL_TOKEN", token);
        ran(command)
    };
    let change = |who: &str, change: &dyn Fn(&mut deskbell::sim::company::Person)| {
        program.tenant.script().world(|world: &mut World| {
            let person = world.company.people.iter_mut().find(|person| person.alias == who).expect("somebody");
            change(person);
        });
    };
    for (licence, code) in
        [("other", "noLicence"), ("none", "noLicence"), ("pending", "mailboxPending"), ("exchange", "mailboxElsewhere")]
    {
        change("noah", &|noah| noah.licence = Some(licence.to_owned()));
        let ran = as_person("noah");
        assert_eq!(cause(&ran), ("mailbox".into(), code.into()), "{licence}: {}", ran.out);
    }
    for (trouble, code) in [
        (MailboxTrouble::OnPremises, "mailboxElsewhere"),
        (MailboxTrouble::Unlicensed, "mailboxElsewhere"),
        (MailboxTrouble::NoExchange, "mailboxElsewhere"),
    ] {
        program.tenant.script().world(|world| {
            world.policy.mailbox = vec![Mailbox { person: "lena".to_owned(), trouble }];
        });
        let ran = as_person("lena");
        assert_eq!(cause(&ran), ("mailbox".into(), code.into()), "{trouble:?}: {}", ran.out);
    }
}

#[test]
fn a_hybrid_account_is_advised_to_use_the_tenant_s_id() {
    let program = Program::new();
    program.tenant.script().world(|world| world.company.people[0].synchronised = true);
    let token = program.tenant.script().token("lena", "").expect("a token");
    let mut arguments = program.pointers();
    let place = arguments.iter().position(|argument| argument == "--tenant").expect("a tenant") + 1;
    arguments[place] = "organizations".to_owned();
    let mut command = crate::support::program::program(program.home.path());
    command.args(&arguments).args(["doctor", "--json"]).env("DESKBELL_TOKEN", &token);
    let json = ran(command).json();
    let remedy = check(&json, "graphAccount")["remedy"].to_string();
    assert!(remedy.contains("hybrid") && remedy.contains("tenant id"), "{json}");
}

// The way there.

#[test]
fn a_proxy_an_unknown_authority_and_a_wrong_clock_are_named() {
    let home = Program::new();
    let authority = Authority::new("Contoso Inspection CA");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let behind = home.tenant.authority().trim_start_matches("http://").parse().expect("an address");
    let through = |gatekeeper: &dyn Fn(std::net::SocketAddr) -> Gatekeeper| {
        let proxy = runtime.block_on(async {
            let tls = front(authority.server("login.contoso.example", Life::Now), behind).await;
            Connect::start(gatekeeper(tls)).await
        });
        let mut command = program(home.home.path());
        command.args([
            "--home",
            &home.home.path().display().to_string(),
            "--client-id",
            "11111111-2222-3333-4444-555555555555",
        ]);
        command.args(["--authority", "https://login.contoso.example", "--graph", "https://graph.contoso.example"]);
        command.args(["doctor", "--json"]).env("HTTPS_PROXY", format!("http://lena:geheim@{}", proxy.address));
        let told = ran(command);
        assert!(!told.out.contains("geheim"), "the proxy's password is told");
        assert!(told.out.contains("HTTPS_PROXY"), "{}", told.out);
        cause(&told)
    };
    assert_eq!(through(&|tls| Gatekeeper::Asks(tls, "Basic never")), ("signInService".into(), "proxyPassword".into()));
    assert_eq!(through(&|_| Gatekeeper::Refuses(403)), ("signInService".into(), "proxyRefused".into()));
    assert_eq!(through(&Gatekeeper::LeadsTo), ("signInService".into(), "unknownIssuer".into()));

    for (seconds, code) in [(3600, "clockBehind"), (-3600, "clockAhead")] {
        let home = tenant_with(Policy { clock_ahead: seconds, ..Policy::default() });
        let ran = home.run("doctor --json");
        assert_eq!(cause(&ran), ("clock".into(), code.into()), "{}", ran.out);
    }
}

// Sign-ins.

#[test]
fn a_lost_sign_in_is_told_with_its_dates_and_the_service_s_number() {
    let home = Program::new();
    home.sign_in();
    let vault = Vault::in_folder(&home.home.path().join("secrets"), Arc::new(RandomIds));
    home.tenant.script().revoke("lena").expect("somebody");
    // Graph refuses the token, and the renewal brings the reason.
    let ran = home.run("doctor --json");
    assert_eq!(cause(&ran), ("graphAccount".into(), "signInNeeded".into()), "{}", ran.out);
    let told = |ran: &Ran, number: &str| {
        assert_eq!(ran.code, 4);
        let json = ran.json();
        let account = check(&json, "account");
        assert_eq!(account["code"], "grantLost", "{account}");
        assert!(account["reason"].as_str().is_some_and(|reason| reason.contains(number)), "{account}");
        for name in ["refused", "issued", "correlation id"] {
            assert!(account["details"][name].is_string(), "{name}: {account}");
        }
    };
    told(&ran, "AADSTS50173");
    // Without an access token the renewal comes first.
    let key = vault.accounts().expect("the vault")[0].account.key.clone();
    vault.update(&key, |stored| stored.access_token = None).expect("changed");
    let ran = home.run("doctor --json");
    assert_eq!(cause(&ran), ("token".into(), "signInNeeded".into()), "{}", ran.out);
    told(&ran, "AADSTS50173");
}

#[test]
fn a_token_command_is_examined_without_a_sign_in() {
    let home = Program::new();
    let token = home.tenant.script().token("lena", "").expect("a token");
    std::fs::write(home.home.path().join("token"), &token).expect("written");
    let with = |command: &str| {
        home.configure(&format!("[profile.default]\ntoken.command = {command}\n"));
        home.run("doctor --json")
    };
    let file = home.home.path().join("token").display().to_string();
    let well = with(&format!("[\"cat\", \"{file}\"]"));
    assert_eq!((well.code, cause(&well).0), (0, String::new()), "{}", well.out);
    assert!(!well.out.contains(&token));
    let json = well.json();
    assert_eq!(check(&json, "account")["details"]["the token came"], "from the command in token.command");
    let broken = with("[\"false\"]");
    assert_eq!(cause(&broken).0, "token", "{}", broken.out);
    assert!(broken.out.contains("token.command"), "{}", broken.out);
}

#[test]
fn the_keeper_of_the_key_is_shown_and_a_passphrase_that_was_not_given_is_named() {
    let home = Program::new();
    home.sign_in();
    let vault = check(&home.run("doctor --json").json(), "vault").clone();
    assert_eq!(vault["details"]["key kept by"], "file", "{vault}");
    assert!(
        vault["reason"].as_str().is_some_and(|reason| reason.contains("not from programs that run as you")),
        "{vault}"
    );
    let file = home.home.path().join("secrets").join("vault");
    let sealed = std::fs::read(&file).expect("the vault");
    // Written by a newer version: left alone.
    let mut newer = sealed.clone();
    newer[14] = 9;
    std::fs::write(&file, &newer).expect("written");
    let ran = home.run("doctor --json");
    assert_eq!(cause(&ran), ("vault".into(), "vaultUnusable".into()), "{}", ran.out);
    assert_eq!(std::fs::read(&file).expect("the vault"), newer);
    // Cut in half: the copy from before the last change takes its place.
    std::fs::write(&file, &sealed[..sealed.len() / 2]).expect("written");
    let vault = check(&home.run("doctor --json").json(), "vault").clone();
    assert!(matches!(vault["code"].as_str(), Some("vaultRecovered" | "vaultUnusable")), "{vault}");
    let kept: Vec<_> = std::fs::read_dir(home.home.path().join("secrets")).expect("the folder").flatten().collect();
    assert!(kept.iter().any(|entry| entry.file_name().to_string_lossy().contains("damaged")), "{kept:?}");
}

#[test]
fn calls_that_failed_before_are_told_with_their_ids() {
    let home = Program::new();
    home.sign_in();
    assert!(checks(&home.run("doctor --json").json(), "recentCalls").is_empty(), "nothing has failed yet");
    let body = FaultBody::Error("ErrorItemNotFound".to_owned());
    home.tenant.script().fault(Rule::graph("/me/messages/planted-id-of-a-mail", Action::Status(404, body, None)));
    assert_eq!(home.run("get /me/messages/planted-id-of-a-mail").code, 1);
    let json = home.run("doctor --json").json();
    let recent = check(&json, "recentCalls");
    let failed = recent["details"]["failed 1"].as_str().unwrap_or_default();
    for part in ["GET", " 404 ", "request-id", "client-request-id", "diagnostics"] {
        assert!(failed.contains(part), "{part}: {failed}");
    }
    assert!(recent["details"]["that means 1"].as_str().is_some_and(|means| means.contains("West Europe")), "{recent}");
    assert!(!failed.contains("planted-id-of-a-mail"), "ids of mails are shortened: {failed}");
    assert_eq!(json["cause"], Value::Null, "what is past is no cause");
}
