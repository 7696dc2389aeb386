//! Several accounts at once, as processes: which is used, who may come, what a command is made as, signing out.

use crate::support::program::{Program, Ran, ran};
use serde_json::Value;

/// A profile that is pointed at the tenant; `more` are further options of it.
fn profile(program: &Program, name: &str, tenant: &str, client_id: &str, more: &str) -> String {
    format!(
        "[profile.{name}]\nauthority = \"{}\"\ngraph = \"{}\"\ntenant = \"{tenant}\"\nclient_id = \"{client_id}\"\n{more}\n",
        program.tenant.authority(),
        program.tenant.graph()
    )
}

/// A program whose only profile has these options.
fn with(more: &str) -> Program {
    let program = Program::new();
    let clients = program.tenant.clients();
    program.configure(&profile(&program, "default", program.tenant.tenant_id(), &clients.public, more));
    program
}

fn sign_in(program: &Program, person: &str) {
    let ended = program.sign_in_as(person, program.alone("login --browser --no-open"));
    assert_eq!(ended.code, 0, "{ended:?}");
}

fn run(program: &Program, arguments: &str) -> Ran {
    ran(program.alone(arguments))
}

fn account(ran: &Ran) -> String {
    assert_eq!(ran.code, 0, "{ran:?}");
    ran.json()["account"].as_str().unwrap_or_default().to_owned()
}

fn addresses(listed: &Value) -> Vec<&str> {
    listed["items"].as_array().unwrap().iter().map(|item| item["address"].as_str().unwrap()).collect()
}

#[test]
fn two_people_are_kept_apart_and_one_is_chosen() {
    let program = with("");
    sign_in(&program, "lena");
    sign_in(&program, "ben");
    let listed = run(&program, "accounts --json").json();
    assert_eq!(addresses(&listed), ["ben@contoso.com", "lena@contoso.com"], "the one in use is first");
    assert!(listed["items"][0]["used"] == true && listed["items"][1]["used"] == false, "{listed}");
    assert_eq!(listed["items"][0]["tenant"], program.tenant.tenant_id());
    assert_ne!(listed["items"][0]["object"], listed["items"][1]["object"]);
    assert_eq!(account(&run(&program, "inbox -n 1 --json")), "ben@contoso.com", "whoever came last");

    assert_eq!(run(&program, "accounts use lena@contoso.com").out, "lena@contoso.com is used from now on.\n");
    assert_eq!(account(&run(&program, "inbox -n 1 --json")), "lena@contoso.com");
    assert_eq!(account(&run(&program, "--account ben@contoso.com inbox -n 1 --json")), "ben@contoso.com");
    assert_eq!(account(&run(&program, "inbox -n 1 --json")), "lena@contoso.com", "for one command only");

    let unknown = run(&program, "accounts use olga@contoso.com");
    assert!(unknown.code == 2 && unknown.err.contains("lena@contoso.com"), "{unknown:?}");
    let nobody = run(&program, "--account olga@contoso.com inbox");
    assert!(nobody.code == 4 && nobody.err.contains("deskbell login olga@contoso.com"), "{nobody:?}");
    assert!(nobody.out.is_empty(), "nobody else's mail: {nobody:?}");
}

#[test]
fn consumers_takes_personal_accounts() {
    let program = Program::new();
    let everybody = program.tenant.clients().everybody.clone();
    program.configure(&profile(&program, "default", "consumers", &everybody, ""));
    let paula = program.sign_in_as("paula", program.alone("login --browser --no-open"));
    assert_eq!(paula.code, 0, "{paula:?}");
    let inbox = run(&program, "inbox -n 1 --json");
    assert_eq!((inbox.code, account(&inbox).as_str()), (0, "paula.novak@outlook.example"), "{inbox:?}");
    assert_eq!(run(&program, "accounts --json").json()["items"][0]["kind"], "personal");
}

#[test]
fn accounts_of_several_tenants_and_personal_ones_live_side_by_side() {
    let program = Program::new();
    let clients = program.tenant.clients();
    let work = profile(&program, "default", program.tenant.tenant_id(), &clients.public, "");
    let home = profile(&program, "home", "common", &clients.everybody, "");
    let partner = profile(&program, "partner", "organizations", &clients.public, "");
    program.configure(&format!("{work}{home}{partner}"));
    sign_in(&program, "lena");
    let paula = program.sign_in_as("paula", program.alone("--profile home login --browser --no-open"));
    assert_eq!(paula.code, 0, "{paula:?}");
    let dana = program.sign_in_as("dana", program.alone("--profile partner login --browser --no-open"));
    assert_eq!(dana.code, 0, "{dana:?}");

    // A personal account's token is opaque; everything that needs none of its claims works.
    let inbox = run(&program, "--profile home get /me --json");
    assert_eq!(account(&inbox), "paula.novak@outlook.example");
    assert_eq!(inbox.json()["madeAs"]["accountKind"], "personal");
    let listed = run(&program, "--profile home accounts --json").json();
    assert_eq!(addresses(&listed).len(), 3, "{listed}");
    assert_eq!(listed["items"][0]["kind"], "personal");
    assert!(listed["items"][0]["scopes"].as_str().unwrap().contains("mail.read"), "{listed}");
    let of_lena =
        listed["items"].as_array().unwrap().iter().find(|item| item["address"] == "lena@contoso.com").unwrap();
    assert!(of_lena["obstacle"].as_str().unwrap().contains("registration"), "{of_lena}");
    assert_eq!(account(&run(&program, "inbox -n 1 --json")), "lena@contoso.com", "each profile has its own");

    // Someone of another tenant has no mailbox here, and is told so.
    let elsewhere = run(&program, "--profile partner inbox");
    assert!(elsewhere.code != 0 && elsewhere.err.contains("mailbox"), "{elsewhere:?}");
    assert_eq!(run(&program, "--profile partner logout --yes").code, 0);
    assert_eq!(addresses(&run(&program, "accounts --json").json()).len(), 2);
}

#[test]
fn another_person_than_the_profile_names_is_refused_with_both_names() {
    let program = with("account = \"lena@contoso.com\"");
    let ended = program.sign_in_as("ben", program.alone("login --browser --no-open"));
    assert_eq!(ended.code, 4, "{ended:?}");
    assert!(ended.err.contains("ben@contoso.com signed in, not lena@contoso.com."), "{ended:?}");
    assert!(addresses(&run(&program, "accounts --json").json()).is_empty(), "nothing of Ben is kept");
    sign_in(&program, "lena");
    assert_eq!(account(&run(&program, "inbox -n 1 --json")), "lena@contoso.com");
}

#[test]
fn tenants_that_are_not_allowed_are_refused_also_where_they_were_signed_in_before() {
    let elsewhere = "allowed_tenants = [\"b1a7c9de-52f4-4f0a-8c1e-77a0d5c3e201\"]";
    let program = with("");
    let clients = program.tenant.clients();
    let own = program.tenant.tenant_id().to_owned();
    sign_in(&program, "lena");
    program.configure(&profile(&program, "default", &own, &clients.public, elsewhere));
    let inbox = run(&program, "inbox");
    assert!(inbox.code == 4 && inbox.out.is_empty(), "{inbox:?}");
    let listed = run(&program, "accounts");
    assert!(listed.err.contains("lena@contoso.com: Its tenant is not among the allowed_tenants"), "{listed:?}");
    let ended = program.sign_in_as("ben", program.alone("login --browser --no-open"));
    assert!(ended.code == 4 && ended.err.contains("ben@contoso.com may not be used with this profile"), "{ended:?}");
    assert_eq!(addresses(&run(&program, "accounts --json").json()), ["lena@contoso.com"], "and nothing of him kept");
    for allowed in [own.as_str(), "contoso.com"] {
        let more = format!("allowed_tenants = [\"{allowed}\"]");
        program.configure(&profile(&program, "default", &own, &clients.public, &more));
        assert_eq!(account(&run(&program, "inbox -n 1 --json")), "lena@contoso.com", "{allowed}");
    }
    // A guest's address is of their own domain, but they signed in at this tenant.
    let more = "allowed_tenants = [\"fabrikam.com\"]";
    program.configure(&profile(&program, "default", &own, &clients.public, more));
    let guest = program.sign_in_as("dana", program.alone("login --browser --no-open"));
    assert_eq!(guest.code, 4, "the address says nothing of the tenant: {guest:?}");
}

#[test]
fn signing_out_asks_first_and_takes_one_or_all() {
    let program = with("");
    sign_in(&program, "lena");
    sign_in(&program, "ben");
    let asked = run(&program, "logout");
    assert_eq!(asked.code, 4, "nobody can say yes here: {asked:?}");
    assert!(asked.err.contains("ben@contoso.com") && asked.err.contains("deskbell logout --yes"), "{asked:?}");
    assert_eq!(addresses(&run(&program, "accounts --json").json()).len(), 2);
    let one = run(&program, "logout lena@contoso.com --yes");
    assert_eq!((one.code, one.out.starts_with("Signed out lena@contoso.com.")), (0, true), "{one:?}");
    assert_eq!(addresses(&run(&program, "accounts --json").json()), ["ben@contoso.com"]);
    sign_in(&program, "lena");
    let all = run(&program, "logout --all --yes --json");
    assert_eq!((all.code, all.json()["items"].as_array().unwrap().len()), (0, 2), "{all:?}");
    assert_eq!(run(&program, "inbox").code, 4);
}

#[test]
fn a_command_says_as_whom_it_is_made_and_warns_where_nobody_sits() {
    let program = with("");
    sign_in(&program, "lena");
    let inbox = run(&program, "inbox -n 1 --json");
    let made_as = &inbox.json()["madeAs"];
    let expected = ["person", "lena@contoso.com", "work", "default"];
    assert_eq!(["kind", "account", "accountKind", "profile"].map(|key| made_as[key].as_str().unwrap()), expected);
    assert!(inbox.err.contains("though no terminal is there") && inbox.err.lines().count() == 1, "{inbox:?}");
    let mut allowed = program.alone("inbox -n 1");
    allowed.env("DESKBELL_UNATTENDED", "allow");
    let allowed = ran(allowed);
    assert_eq!((allowed.code, allowed.err.as_str()), (0, ""));
    let mut refused = program.alone("inbox -n 1");
    refused.env("DESKBELL_UNATTENDED", "refuse");
    let refused = ran(refused);
    assert!(refused.code == 3 && refused.out.is_empty() && refused.err.contains("lena@contoso.com"), "{refused:?}");
    assert_eq!(run(&program, "accounts").code, 0, "looking at accounts is no call");
}

#[test]
fn how_long_a_token_lives_is_told() {
    let program = with("");
    sign_in(&program, "lena");
    let listed = run(&program, "accounts --json").json();
    let item = &listed["items"][0];
    assert!(item["expires"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{item}");
    assert_eq!((&item["renews"], &item["way"]), (&true.into(), &"browser".into()));
    let told = run(&program, "accounts");
    assert!(told.out.contains("  in ") && told.err.contains("the next one comes by itself"), "{told:?}");
}

#[test]
fn without_a_token_cache_nothing_is_kept() {
    let program = with("token_cache = \"none\"");
    let ended = program.sign_in_as("lena", program.alone("login --browser --no-open"));
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("Nothing of it is kept"), "{ended:?}");
    assert!(addresses(&run(&program, "accounts --json").json()).is_empty());
    assert_eq!(run(&program, "inbox").code, 4);
    assert!(!program.home.path().join("secrets").join("vault").exists(), "no vault is made");
}

#[test]
fn a_token_that_cannot_be_renewed_is_told() {
    let program = with("");
    let token = program.tenant.script().token("lena", "").unwrap();
    let file = program.home.path().join("tokens.json");
    std::fs::write(&file, format!("{{\"access_token\":\"{token}\",\"expires_in\":3600}}")).unwrap();
    #[cfg(unix)]
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let taken = run(&program, &format!("token import {}", file.display()));
    assert_eq!(taken.code, 0, "{taken:?}");
    let told = run(&program, "accounts");
    assert!(told.err.contains("then somebody has to sign in again"), "{told:?}");
}

#[test]
fn a_profile_that_does_not_exist_is_named() {
    let program = with("");
    let ended = run(&program, "--profile typo inbox");
    assert!(ended.code == 3 && ended.err.contains("There is no profile \"typo\""), "{ended:?}");
    assert!(ended.err.contains("There are default."), "{ended:?}");
}

#[test]
fn calls_are_repeated_as_the_configuration_says() {
    use deskbell::sim::faults::{Action, FaultBody, Rule};
    let program = with("");
    sign_in(&program, "lena");
    let own = program.tenant.tenant_id().to_owned();
    let script = program.tenant.script();
    // The service asks for no wait at all, so that only the number of calls counts.
    script.fault(Rule::graph("/me", Action::Status(503, FaultBody::Empty, Some(0))).always());
    for (retry, calls) in [
        ("at_most = 2", 3),
        ("at_most = 0", 1),
        ("mode = \"never\"", 1),
        ("statuses = [429]", 1),
        ("statuses = [503]\nat_most = 1", 2),
    ] {
        let table = profile(&program, "default", &own, &program.tenant.clients().public, "");
        program.configure(&format!("[retry]\n{retry}\n{table}"));
        script.clear_requests();
        let read = run(&program, "get /me --show-request");
        assert_eq!(read.code, 6, "{read:?}");
        let sent = script.requests().iter().filter(|request| request.path.ends_with("/me")).count();
        assert_eq!(sent, calls, "{retry}: {read:?}");
        assert_eq!(read.err.matches("curl ").count(), calls, "each is shown: {read:?}");
    }
}

#[test]
fn a_further_tier_is_asked_for_on_top_at_the_command_line() {
    let program = with("");
    sign_in(&program, "lena");
    let scopes = |program: &Program| run(program, "token --scopes").out;
    assert!(!scopes(&program).contains("people.read"));
    let ended = program.sign_in_as("lena", program.alone("login --for people,settings --browser --no-open"));
    assert_eq!(ended.code, 0, "{ended:?}");
    for scope in ["people.read\n", "contacts.read\n", "mailboxsettings.read\n", "mail.read\n"] {
        assert!(scopes(&program).contains(scope), "{scope} in {}", scopes(&program));
    }
    let other = program.sign_in_as("ben", program.alone("login --for directory --browser --no-open"));
    assert!(other.code == 4 && other.err.contains("ben@contoso.com signed in, not lena@contoso.com"), "{other:?}");
    let unknown = run(&program, "login --for everything");
    assert!(unknown.code == 2 && unknown.err.contains("shared-mailboxes"), "{unknown:?}");
}
