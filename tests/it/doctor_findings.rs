//! What the doctor says of things that are nearly right: warnings beside failures, thresholds, what is counted, and how a diagnosis
//! is told to a person, to a program and to support.

use crate::support::program::{Program, Ran, program, ran};
use crate::support::pty::Console;
use crate::support::stage::Stage;
use deskbell::auth::vault::Vault;
use deskbell::base::ids::RandomIds;
use deskbell::base::paths::Places;
use deskbell::sim::entra::claims::Challenge;
use deskbell::sim::entra::policy::Policy;
use deskbell::sim::faults::{Action, FaultBody, OauthFault, Rule};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::WorldOptions;
use rusqlite::Connection;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

#[track_caller]
fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    let items = json["items"].as_array().expect("items");
    items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("there is no check {name}: {json}"))
}

/// What became of a check: its result, the code of its finding, and its reason.
#[track_caller]
fn found(json: &Value, name: &str) -> (String, String, String) {
    let text = |key: &str| check(json, name)[key].as_str().unwrap_or_default().to_owned();
    (text("result"), text("code"), text("reason"))
}

#[track_caller]
fn finds(json: &Value, name: &str, result: &str, code: &str, reason: &str) {
    let (was, its_code, why) = found(json, name);
    assert_eq!((was.as_str(), its_code.as_str()), (result, code), "{json}");
    assert!(why.contains(reason), "\"{reason}\" is not in \"{why}\"");
}

/// The doctor without the network.
fn local(program: &Program) -> Ran {
    program.run("--offline doctor --json")
}

/// The doctor with a token of Lena's in place of a sign-in.
fn as_lena(program: &Program, scope: &str) -> Ran {
    program.run_with_token("doctor --json", "lena", scope)
}

/// A server that answers everything with this, until the test ends.
fn answering(status: &'static str, kind: &'static str, body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    address
}

/// The doctor in front of this sign-in service and the tenant's Graph.
fn at_authority(home: &Program, authority: &str) -> Ran {
    let mut command = program(home.home.path());
    command.args(["--home", &home.home.path().display().to_string(), "--authority", authority]);
    command.args(["--graph", home.tenant.graph(), "--client-id", "11111111-2222-3333-4444-555555555555"]);
    command.args(["doctor", "--json"]);
    ran(command)
}

// How it is told.

#[test]
fn the_lines_the_document_and_the_block_tell_the_same_diagnosis() {
    let program = Program::new();
    let well = program.run("--offline doctor");
    assert_eq!(well.code, 0, "{well:?}");
    assert!(well.out.contains("-     Terminal "), "what was left out has a sign of its own: {well:?}");
    assert!(well.out.contains("ok    Configuration "), "{well:?}");
    assert!(well.out.ends_with("\nEverything that could be checked is well.\n"), "{well:?}");

    let json = local(&program).json();
    finds(&json, "terminal", "skipped", "skipped", "does not go to a terminal");
    assert_eq!(check(&json, "terminal")["details"]["TERM"], "xterm-256color");
    let made = json["asOf"].as_str().expect("when");
    assert!(made.starts_with("20") && made.ends_with('Z'), "{made}");
    let block = json["support"].as_str().expect("the block");
    assert!(block.starts_with(&format!("deskbell doctor, {made}\n")), "{block}");

    let support = program.run("--offline doctor --support");
    assert!(support.out.starts_with("deskbell doctor, "), "nothing stands before the block: {support:?}");
    for line in ["profile: default", "[skipped] terminal (skipped): ", "    TERM: xterm-256color"] {
        assert!(support.out.contains(line), "{line}: {support:?}");
    }
}

#[test]
fn a_terminal_is_named_by_what_it_can() {
    let console = |term: &str, says: &'static str| {
        let mut console = Console::open("--offline doctor", (120, 40), &[("TERM", term)]);
        console.wait_for(says);
        console.wait_for("Mend this first: Configuration.");
        assert_eq!(console.ended(), 3);
    };
    console("xterm-256color", "ok    Terminal                 24-bit colours, Unicode.");
    console("dumb", "!     Terminal                 The terminal says that it can do nothing but print lines.");
}

// On this computer.

#[test]
fn all_problems_of_the_configuration_are_counted_and_a_token_needs_no_registration() {
    let program = Program::new();
    program.configure("[look]\ntheme = \"pink\"\nglyphs = \"runes\"\n");
    let ran = local(&program);
    assert_eq!(ran.code, 3);
    finds(&ran.json(), "configuration", "failed", "configurationWrong", " 1 more like it.");
    program.configure("[look]\ntheme = \"pink\"\n");
    let (_, _, reason) = found(&local(&program).json(), "configuration");
    assert!(!reason.contains("more like it"), "{reason}");
    program.configure("");
    let mut bare = crate::support::program::program(program.home.path());
    bare.args(["--home", &program.home.path().display().to_string(), "--offline", "doctor", "--json"]);
    bare.env("DESKBELL_TOKEN", "whoever gives one has registered it");
    let ran = crate::support::program::ran(bare);
    assert_eq!(ran.code, 0, "{ran:?}");
    finds(&ran.json(), "configuration", "passed", "ok", "Profile \"default\".");
}

#[test]
fn each_place_is_looked_at() {
    for folder in ["config", "cache", "state", "secrets", "log"] {
        let program = Program::new();
        std::fs::write(program.home.path().join(folder), "a file").expect("written");
        finds(&local(&program).json(), "places", "failed", "placeUnusable", &format!("/{folder} is no folder."));
    }
}

#[cfg(unix)]
#[test]
fn secrets_that_others_may_look_into_are_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let program = Program::new();
    program.sign_in();
    finds(&local(&program).json(), "places", "passed", "ok", "can be written");
    let secrets = program.home.path().join("secrets");
    for mode in [0o750, 0o705] {
        std::fs::set_permissions(&secrets, std::fs::Permissions::from_mode(mode)).expect("set");
        finds(&local(&program).json(), "places", "warning", "placeOpen", &format!("(mode {mode:o})"));
    }
    let ran = program.run("--offline doctor");
    assert_eq!(ran.code, 0, "a warning is no failure: {ran:?}");
    assert!(ran.out.contains("!     Places on disk "), "{ran:?}");
    assert!(ran.out.contains(&format!("> Run: chmod 700 {}", secrets.display())), "{ran:?}");
    assert!(ran.out.ends_with("\nIt works, with what is marked by an exclamation mark above.\n"), "{ran:?}");
}

#[test]
fn stored_sign_ins_are_counted_and_a_recovered_vault_is_told() {
    let program = Program::new();
    finds(&local(&program).json(), "vault", "passed", "ok", "None yet.");
    program.sign_in();
    finds(&local(&program).json(), "vault", "passed", "ok", "One account.");
    let secrets = program.home.path().join("secrets");
    let vault = Vault::in_folder(&secrets, Arc::new(RandomIds));
    let key = vault.accounts().expect("the vault")[0].account.key.clone();
    vault.update(&key, |stored| stored.access_token = None).expect("changed");
    std::fs::write(secrets.join("vault"), "DESK").expect("cut");
    let json = local(&program).json();
    finds(&json, "vault", "warning", "vaultRecovered", "One account.");
    let damaged = check(&json, "vault")["details"]["damaged file"].as_str().unwrap_or_default().to_owned();
    assert!(damaged.contains("damaged") && Path::new(&damaged).exists(), "{json}");
}

#[test]
fn a_cache_that_is_newer_or_damaged_within_is_a_failure() {
    let program = Program::new();
    assert_eq!(program.run_with_token("inbox", "lena", "").code, 0);
    let path = Places::under(program.home.path()).cache.join("deskbell.db");
    finds(&local(&program).json(), "cache", "passed", "ok", "Whole, ");
    let form = |number: i64| {
        let file = Connection::open(&path).expect("the cache");
        let was = file.pragma_query_value(None, "user_version", |row| row.get(0)).expect("read");
        file.pragma_update(None, "user_version", number).expect("set");
        was
    };
    let known: i64 = form(999);
    let ran = local(&program);
    assert_eq!((ran.code, found(&ran.json(), "cache").0.as_str()), (3, "failed"), "{ran:?}");

    // Half of its pages make no sense; only a look at each finds that.
    form(known);
    let mut broken = std::fs::read(&path).expect("the cache");
    let from = broken.len() / 2;
    broken[from..].iter_mut().for_each(|byte| *byte = 0x5a);
    std::fs::write(&path, &broken).expect("written");
    let ran = local(&program);
    assert_eq!((ran.code, found(&ran.json(), "cache").0.as_str()), (3, "failed"), "{ran:?}");
    assert_eq!(ran.json()["cause"], "cache");
}

// On the way.

#[test]
fn a_clock_that_is_a_little_off_is_a_warning_and_the_distance_is_told() {
    let off = |seconds: i64| {
        let policy = Policy { clock_ahead: seconds, ..Policy::default() };
        let world = WorldOptions { policy, ..WorldOptions::default() };
        Program::with(TenantOptions { world, ..TenantOptions::default() }).run("doctor --json")
    };
    finds(&off(150).json(), "clock", "warning", "clockBehind", "2 minutes behind the service's.");
    finds(&off(-30).json(), "clock", "passed", "ok", "agrees");
    let far = off(-3_630);
    finds(&far.json(), "clock", "failed", "clockAhead", "60 minutes ahead of the service's.");
    assert_eq!(far.code, 1);
}

#[test]
fn services_that_are_overloaded_or_of_another_cloud_are_told_apart_from_strangers() {
    let program = Program::new();
    let busy = at_authority(&program, &answering("503 Service Unavailable", "text/html", "<p>Later.</p>"));
    assert_eq!(busy.code, 6, "{busy:?}");
    finds(&busy.json(), "signInService", "failed", "signInUnavailable", "status 503");
    let elsewhere = r#"{"issuer":"https://x/","token_endpoint":"https://x/token","msgraph_host":"graph.microsoft.us"}"#;
    let other = at_authority(&program, &answering("200 OK", "application/json", elsewhere));
    finds(&other.json(), "tenant", "warning", "tenantElsewhere", "whose Graph is graph.microsoft.us");

    let mut command = program.command("doctor --json");
    command.args(["--graph", &answering("503 Service Unavailable", "text/html", "<p>Later.</p>")]);
    let busy = ran(command);
    finds(&busy.json(), "graph", "warning", "graphUnavailable", "status 503");
    assert_eq!(busy.json()["cause"], "account", "{busy:?}");
}

#[test]
fn a_policy_against_codes_and_a_service_at_rest_are_no_faults_of_the_registration() {
    let program = Program::new();
    program.tenant.script().fault(Rule::authority("*/devicecode", Action::Oauth(OauthFault::usual(53003))).always());
    let json = program.run("doctor --json").json();
    assert_eq!((found(&json, "registration").0.as_str(), &json["cause"]), ("warning", &"account".into()), "{json}");

    let program = Program::new();
    let clients = program.tenant.clients().clone();
    program.configure(&format!(
        "[profile.default]\nkind = \"service\"\nmailboxes = [\"support@contoso.com\"]\nsecret_env = \"ROBOT_SECRET\"\nclient_id = \"{}\"\n",
        clients.confidential
    ));
    let body = FaultBody::Error("temporarily_unavailable".to_owned());
    program.tenant.script().fault(Rule::authority("*/token", Action::Status(503, body, None)).always());
    let mut command = program.command("doctor --json");
    command.args(["--client-id", &clients.confidential]).env("ROBOT_SECRET", &clients.confidential_secret);
    let json = ran(command).json();
    assert_eq!((found(&json, "registration").0.as_str(), &json["cause"]), ("warning", &"token".into()), "{json}");
}

// The account.

#[test]
fn a_sign_in_without_a_refresh_token_or_with_an_open_tenant_is_advised() {
    let program = Program::new();
    program.sign_in();
    let vault = Vault::in_folder(&program.home.path().join("secrets"), Arc::new(RandomIds));
    let key = vault.accounts().expect("the vault")[0].account.key.clone();
    vault.update(&key, |stored| stored.refresh_token = None).expect("changed");
    let ran = program.run("doctor --json");
    finds(&ran.json(), "account", "warning", "noRefreshToken", "lena@contoso.com: signed in until 20");
    assert_eq!(ran.code, 0);

    let program = Program::new();
    let remedy = |ran: &Ran| check(&ran.json(), "account")["remedy"].to_string();
    assert!(!remedy(&program.run("doctor --json")).contains("hybrid"), "the tenant is named");
    let mut pointers = program.pointers();
    let place = pointers.iter().position(|argument| argument == "--tenant").expect("a tenant") + 1;
    pointers[place] = "organizations".to_owned();
    let mut command = crate::support::program::program(program.home.path());
    command.args(&pointers).args(["doctor", "--json"]);
    assert!(remedy(&crate::support::program::ran(command)).contains("hybrid"));
}

#[test]
fn nothing_granted_is_a_failure_and_more_that_could_be_is_none() {
    let program = Program::new();
    let nothing = as_lena(&program, "User.Read");
    assert_eq!((nothing.code, &nothing.json()["cause"]), (4, &"permissions".into()), "{nothing:?}");
    finds(&nothing.json(), "permissions", "failed", "nothingGranted", "mail (Mail.Read), own calendar");
    let part = as_lena(&program, "User.Read Mail.Read");
    assert_eq!(part.code, 0, "{part:?}");
    let (result, code, reason) = found(&part.json(), "permissions");
    assert_eq!((result.as_str(), code.as_str()), ("warning", "permissionMissing"));
    assert!(reason.contains("own calendar (") && !reason.contains("Mail.Read"), "{reason}");
    assert!(!reason.contains("managers"), "what is of use and not needed is no fault: {reason}");
}

#[test]
fn why_graph_holds_back_is_told_apart_from_a_refusal() {
    let program = Program::new();
    let answered = |status, code: &str| {
        let body = FaultBody::Error(code.to_owned());
        program.tenant.script().clear_faults();
        program.tenant.script().fault(Rule::graph("/me", Action::Status(status, body, None)));
        as_lena(&program, "")
    };
    let ran = answered(429, "TooManyRequests");
    finds(&ran.json(), "graphAccount", "warning", "throttled", "asks to wait");
    finds(&ran.json(), "mailbox", "skipped", "skipped", "Graph could not say who is asking.");
    assert_eq!(ran.code, 0, "{ran:?}");
    let ran = answered(403, "Authorization_RequestDenied");
    finds(&ran.json(), "graphAccount", "warning", "permissionMissing", "may not say who it is");
    finds(&ran.json(), "mailbox", "passed", "ok", "the inbox can be read");
    let ran = answered(401, "InvalidAuthenticationToken");
    finds(&ran.json(), "graphAccount", "failed", "tokenRefused", "does not accept");
    finds(&ran.json(), "mailbox", "skipped", "skipped", "Graph does not accept the account.");

    program.tenant.script().clear_faults();
    let token = program.tenant.script().token("lena", "").expect("a token");
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    program.tenant.script().challenge("lena", Challenge::new(claims)).expect("somebody");
    let mut command = program.command("doctor --json");
    command.env("DESKBELL_TOKEN", &token);
    let ran = crate::support::program::ran(command);
    finds(&ran.json(), "graphAccount", "failed", "challenge", "asks for more");
    finds(&ran.json(), "mailbox", "skipped", "skipped", "Graph does not accept the account.");
    assert_eq!(ran.code, 4);
}

#[test]
fn a_service_is_looked_at_in_ten_mailboxes_and_needs_a_name_for_any() {
    let program = Program::new();
    let clients = program.tenant.clients().clone();
    program.tenant.script().world(|world| {
        let service = world.registrations.find_mut(&clients.confidential).expect("the service");
        service.roles = vec!["Mail.Read".to_owned()];
        service.mailboxes = None;
    });
    let people: Vec<String> =
        program.tenant.people().iter().take(12).map(|person| format!("\"{}@contoso.com\"", person.alias)).collect();
    let service = |lines: &str| {
        let text = format!("[profile.default]\nkind = \"service\"\n{lines}\nsecret_env = \"ROBOT_SECRET\"\n");
        program.configure(&text);
        let pointers = program.command("doctor --json");
        let pointers = pointers.get_args().map(ToOwned::to_owned).collect::<Vec<_>>();
        let mut command = crate::support::program::program(program.home.path());
        for argument in pointers {
            command.arg(if argument == *clients.public { (&*clients.confidential).into() } else { argument });
        }
        command
    };
    let mut command = service(&format!("mailboxes = [{}]", people.join(", ")));
    command.env("ROBOT_SECRET", &clients.confidential_secret);
    let json = ran(command).json();
    let mailboxes: Vec<_> =
        json["items"].as_array().expect("items").iter().filter(|item| item["name"] == "mailbox").collect();
    assert_eq!(mailboxes.len(), 11, "{json}");
    assert_eq!(mailboxes[10]["reason"], "2 more are listed and were not looked at.", "{json}");
}

// What was before.

#[test]
fn failures_of_the_last_two_days_are_told_newest_first() {
    let home = Program::new();
    home.sign_in();
    let fail = |path: &str, code: &str| {
        let body = FaultBody::Error(code.to_owned());
        home.tenant.script().fault(Rule::graph(path, Action::Status(404, body, None)));
        assert_eq!(home.run(&format!("get {path}")).code, 1);
    };
    fail("/me/first", "ErrorFirst");
    let log = Places::under(home.home.path()).log;
    let today = std::fs::read_dir(&log).expect("the logs").flatten().map(|entry| entry.path()).next().expect("a log");
    let name = today.file_name().expect("a name").to_string_lossy().replace("20", "19");
    std::fs::rename(&today, today.with_file_name(name)).expect("renamed");
    fail("/me/second", "ErrorSecond");
    fail("/me/third", "ErrorThird");
    let recent = check(&home.run("doctor --json").json(), "recentCalls").clone();
    for (number, path) in [(1, "/me/third"), (2, "/me/second"), (3, "/me/first")] {
        let failed = recent["details"][format!("failed {number}")].as_str().unwrap_or_default();
        assert!(failed.contains(path), "{number}: {recent}");
    }
}

#[tokio::test]
async fn a_call_that_failed_is_a_warning_in_the_running_program() {
    let mut stage = Stage::new().await;
    stage.press("g e").await;
    stage.sees("all is well");
    stage.press("Esc").await;
    let body = FaultBody::Error("ErrorInternalServerError".to_owned());
    stage.tenant.script().fault(Rule::graph("*", Action::Status(500, body, None)));
    stage.advance(Duration::from_secs(130)).await;
    stage.press("g e").await;
    stage.sees("1 warning");
    stage.sees("1 of the last ");
    let (_, row) = stage.cursor();
    let line = stage.lines()[usize::from(row)].clone();
    assert!(line.contains("Recent calls"), "the cursor begins at what is wrong: {line}");
}
