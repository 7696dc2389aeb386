//! Setting up: the script runs against a stub of the Azure CLI, the requests are JSON, the profile is written and tested.

use crate::support::program::{Program, Ran, program, ran};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::WorldOptions;
use deskbell::sim::{Policy, UserConsent};
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

/// An `az` that answers as the real one does and notes each word it was given, one a line, calls apart by an empty line.
const STUB: &str = r#"#!/bin/sh
for word in "$@"; do printf '%s\n' "$word" >> "$LOG"; done
echo >> "$LOG"
case "$1 $2 $3" in
  'ad app list') printf '%s' "$EXISTING" ;;
  'ad sp show') if [ -n "$KNOWN" ]; then cat "$KNOWN"; exit; fi
    printf 'User.Read\te1fe6dd8-ba31-4d61-89e7-88639da4683d\nUser.ReadBasic.All\tb340eb25-3456-403f-be2f-af7a0d370277\n'
    printf 'Presence.Read.All\t9c7a330d-35b3-4aa1-963d-cb2b9f927841\nMail.Read\taaaaaaaa-0000-4000-8000-000000000001\n'
    printf 'openid\t37f7f235-527c-4136-accd-4a02d197296e\nprofile\t14dad69e-099b-42c9-810b-d002981feec1\n'
    printf 'offline_access\t7427e0e9-2fba-42fe-b0c0-848c9e6a8182\n' ;;
  'ad app create') echo 11111111-2222-4333-8444-555555555555 ;;
  'account show --query') echo 99999999-2222-4333-8444-555555555555 ;;
  'ad app credential') echo planted~secret ;;
esac
"#;

#[expect(clippy::disallowed_methods, reason = "a shell has to read the script")]
fn shell(name: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(arguments);
    command
}

/// Runs a script with the stub first in the path; how it ended, and the words of each call.
fn run_script(folder: &Path, script: &str, existing: &str) -> (Ran, Vec<Vec<String>>) {
    let (az, log, file) = (folder.join("az"), folder.join("calls"), folder.join("register.sh"));
    fs::write(&az, STUB).unwrap();
    fs::set_permissions(&az, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&log, "").unwrap();
    fs::write(&file, script).unwrap();
    for reader in ["sh", "bash"] {
        let read = ran(shell(reader, &["-n", file.to_str().unwrap()]));
        assert_eq!((read.code, read.err.as_str()), (0, ""), "{reader} cannot read {script}");
    }
    let mut command = shell("sh", &[file.to_str().unwrap()]);
    command.current_dir(folder).env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command.env("LOG", &log).env("EXISTING", existing);
    let ended = ran(command);
    let log = fs::read_to_string(&log).unwrap();
    let calls = log.split("\n\n").map(|call| call.lines().map(str::to_owned).collect()).collect();
    (ended, calls)
}

fn after<'a>(call: &'a [String], option: &str) -> &'a str {
    let at = call.iter().position(|word| word == option).unwrap_or_else(|| panic!("{option} in {call:?}"));
    &call[at + 1]
}

fn create(calls: &[Vec<String>]) -> &[String] {
    calls.iter().find(|call| call.starts_with(&["ad".into(), "app".into(), "create".into()])).expect("a registration")
}

fn setup(home: &Path, arguments: &[&str], answers: &str) -> Ran {
    let mut command = program(home);
    command.args(["--home", home.to_str().unwrap(), "setup"]).args(arguments);
    piped(command, answers)
}

/// Runs a command that reads these answers.
fn piped(mut command: Command, answers: &str) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // One that asks nothing has closed its end already.
    let _ = child.stdin.take().expect("a pipe").write_all(answers.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

#[test]
fn the_script_makes_a_public_client_with_ids_of_this_tenant() {
    let home = tempfile::tempdir().unwrap();
    let name = "it's \"deskbell\" $(touch oops) `touch oops`";
    let script = setup(home.path(), &["--print", "azure", "--for", "mail", "--name", name], "").out;
    let (ended, calls) = run_script(home.path(), &script, "");
    assert_eq!(ended.code, 0, "{ended:?}");
    let made = ended.out.strip_prefix("Made. Now:\n  ").expect("what comes next");
    assert!(made.starts_with("deskbell setup --for mail --as person --tenant 99999999-"), "{made}");
    assert!(made.ends_with(" \\\n    --client-id 11111111-2222-4333-8444-555555555555\n"), "{made}");
    assert!(!home.path().join("oops").exists(), "a name is a word, not a command");
    let call = create(&calls);
    assert_eq!(after(call, "--display-name"), name);
    assert_eq!(after(call, "--is-fallback-public-client"), "true");
    assert_eq!(after(call, "--public-client-redirect-uris"), "http://localhost");
    let access: Value = serde_json::from_str(after(call, "--required-resource-accesses")).expect("JSON");
    let ids: Vec<&str> =
        access[0]["resourceAccess"].as_array().unwrap().iter().map(|each| each["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 7, "mail tips are not known here and left out: {access}");
    assert!(ids.contains(&"aaaaaaaa-0000-4000-8000-000000000001"), "the tenant's own id is taken: {access}");
    assert!(
        ended.err.contains("MailTips.ReadBasic.Shared") && ended.err.contains("Mail.Read has another id"),
        "{ended:?}"
    );
}

#[test]
fn the_script_stops_where_a_permission_is_unknown_or_a_registration_exists() {
    let home = tempfile::tempdir().unwrap();
    let script = setup(home.path(), &["--print", "azure", "--for", "calendar"], "").out;
    let (ended, calls) = run_script(home.path(), &script, "");
    assert!(ended.code != 0 && ended.err.contains("Calendars.Read"), "{ended:?}");
    assert!(!calls.iter().any(|call| call.contains(&"create".to_owned())), "nothing was made: {calls:?}");
    let script = setup(home.path(), &["--print", "azure", "--for", "mail"], "").out;
    let (ended, calls) = run_script(home.path(), &script, "22222222-2222-4333-8444-555555555555");
    assert!(ended.code != 0 && ended.err.contains("22222222-") && ended.err.contains("AGAIN=yes"), "{ended:?}");
    assert!(!calls.iter().any(|call| call.contains(&"create".to_owned())), "{calls:?}");
}

#[test]
fn a_services_script_keeps_its_secret_out_of_what_is_printed() {
    let home = tempfile::tempdir().unwrap();
    let arguments = ["--print", "azure", "--for", "who-is-out", "--as", "service", "--proof", "secret"];
    let script = setup(home.path(), &arguments, "").out;
    assert!(script.contains("\"type\\\":\\\"Role\\\"") && !script.contains("public-client"), "{script}");
    // The stub knows no id of an application permission by name apart from those it shares with people.
    let (ended, calls) = run_script(home.path(), &script, "");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(calls.iter().any(|call| call.contains(&"credential".to_owned())), "{calls:?}");
    let secret = home.path().join("deskbell.secret");
    assert_eq!(fs::read_to_string(&secret).unwrap(), "planted~secret\n");
    assert_eq!(fs::metadata(&secret).unwrap().permissions().mode() & 0o077, 0);
    assert!(!ended.out.contains("planted") && !ended.err.contains("planted"), "{ended:?}");
}

#[test]
fn the_requests_are_json_and_make_the_same_registration() {
    let home = tempfile::tempdir().unwrap();
    let ended = setup(home.path(), &["--print", "graph", "--for", "calendar,mail"], "");
    let steps: Value = serde_json::from_str(&ended.out).expect("JSON");
    let body = &steps[1]["body"];
    assert_eq!(steps[1]["url"], "https://graph.microsoft.com/v1.0/applications");
    assert_eq!(body["isFallbackPublicClient"], true);
    assert_eq!(body["publicClient"]["redirectUris"][0], "http://localhost");
    let access = body["requiredResourceAccess"][0]["resourceAccess"].to_string();
    assert!(access.contains("465a38f9-76ea-45b9-9f34-9e8b0d4b0b42"), "Calendars.Read: {access}");
    assert_eq!(steps[0]["lookUp"][0], "MailTips.ReadBasic.Shared", "no id is published for it");
}

#[test]
fn four_answers_write_the_profile_and_nothing_else_and_it_is_tested() {
    let program = Program::new();
    let path = program.configure("# mine\n[look]\ntheme = \"dark\" # keep\n");
    let (tenant, client) = (program.tenant.tenant_id().to_owned(), program.tenant.clients().public.clone());
    let places = ["--authority", program.tenant.authority(), "--graph", program.tenant.graph()];
    let answers = format!("10\n4\n\n{tenant}\nno guid\n{client}\n");
    let ended = setup(program.home.path(), &places, &answers);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.err.contains("Numbers from 1 to 9") && ended.err.contains("A client id has the form"), "{ended:?}");
    assert!(ended.out.contains("was tested") && ended.out.contains("Next: deskbell login"), "{ended:?}");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("# mine\n[look]\ntheme = \"dark\" # keep\n"), "{text}");
    for line in [format!("tenant = \"{tenant}\""), format!("client_id = \"{client}\""), "tiers = [\"calendar\"]".into()]
    {
        assert!(text.contains(&line), "{line} in {text}");
    }
    let unknown =
        ["--for", "mail", "--as", "person", "--tenant", &tenant, "--client-id", "00000000-0000-4000-8000-00000000dead"];
    let ended = setup(program.home.path(), &[&places[..], &unknown[..]].concat(), "");
    assert!(ended.code != 0 && ended.err.contains("The profile is written, but its test failed"), "{ended:?}");
}

#[test]
fn an_answer_that_is_missing_is_named_with_its_option() {
    let home = tempfile::tempdir().unwrap();
    let ended = setup(home.path(), &["--for", "mail"], "");
    assert!(ended.code == 2 && ended.err.contains("--as"), "{ended:?}");
    let ended = setup(home.path(), &["--for", "post", "--json"], "");
    assert!(ended.code == 2 && ended.err.contains("shared-mailboxes"), "{ended:?}");
    let ended =
        setup(home.path(), &["--for", "mail", "--as", "person", "--tenant", "contoso.com", "--new", "--json"], "");
    let value = ended.json();
    assert!(value["items"][0]["azure"].as_str().unwrap().starts_with("#!/bin/sh"), "{value}");
    assert!(!home.path().join("config/config.toml").exists(), "nothing is written without a client id");
}

/// The simulated Graph, asked by an administrator.
struct Graph<'a> {
    program: &'a Program,
    token: String,
    runtime: tokio::runtime::Runtime,
}

impl<'a> Graph<'a> {
    fn of(program: &'a Program) -> Self {
        let token = program.tenant.script().token("itservice", "Application.ReadWrite.All").unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Self { program, token, runtime }
    }

    fn send(&self, method: &str, url: &str, body: &Value) -> (u16, Value) {
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = http.request(method, url).bearer_auth(&self.token);
        if !body.is_null() {
            request = request.json(body);
        }
        self.runtime.block_on(async {
            let answer = request.send().await.unwrap();
            (answer.status().as_u16(), answer.json().await.unwrap_or(Value::Null))
        })
    }

    /// What the tenant calls its permissions of one sort: name and id.
    fn known(&self, list: &str) -> Vec<(String, String)> {
        let url = format!(
            "{}/v1.0/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')?$select=id,{list}",
            self.program.tenant.graph()
        );
        let (status, found) = self.send("GET", &url, &Value::Null);
        assert_eq!(status, 200, "{found}");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        found[list].as_array().unwrap().iter().map(|one| (text(&one["value"]), text(&one["id"]))).collect()
    }
}

/// A tenant in which only an administrator may agree to anything.
fn unasked(mail_tips: bool) -> Program {
    let policy = Policy { user_consent: UserConsent::Nothing, ..Policy::default() };
    let world = WorldOptions { policy, mail_tips, ..WorldOptions::default() };
    let program = Program::with(TenantOptions { world, ..TenantOptions::default() });
    program.configure(&format!(
        "[profile.default]\nauthority = \"{}\"\ngraph = \"{}\"\ntenant = \"{}\"\n",
        program.tenant.authority(),
        program.tenant.graph(),
        program.tenant.tenant_id()
    ));
    program
}

#[test]
fn the_requests_make_a_registration_that_is_granted_by_the_letter_and_signs_in() {
    grant_by_letter(true);
}

#[test]
fn where_a_permission_is_unknown_the_second_link_of_the_letter_grants_the_rest() {
    grant_by_letter(false);
}

fn grant_by_letter(knows_mail_tips: bool) {
    let program = unasked(knows_mail_tips);
    let graph = Graph::of(&program);
    let steps = setup(program.home.path(), &["--print", "graph", "--for", "calendar,mail"], "");
    let mut steps: Value = serde_json::from_str(&steps.out).expect("JSON");
    let looked_up = graph.known("oauth2PermissionScopes");
    for name in steps[0]["lookUp"].clone().as_array().unwrap() {
        let found = looked_up.iter().find(|(known, _)| known == name.as_str().unwrap());
        assert_eq!(found.is_some(), knows_mail_tips);
        let Some((_, id)) = found else { continue };
        let access = &mut steps[1]["body"]["requiredResourceAccess"][0]["resourceAccess"];
        access.as_array_mut().unwrap().push(json!({"id": id, "type": "Scope"}));
    }
    let (status, made) = graph.send("POST", steps[1]["url"].as_str().unwrap(), &steps[1]["body"]);
    assert_eq!(status, 201, "{made}");
    let client = made["appId"].as_str().unwrap();
    let (status, principal) = graph.send("POST", steps[2]["url"].as_str().unwrap(), &json!({"appId": client}));
    assert_eq!(status, 201, "{principal}");

    let tenant = program.tenant.tenant_id().to_owned();
    let answers =
        ["--for", "calendar,mail", "--as", "person", "--tenant", tenant.as_str(), "--client-id", client, "--json"];
    let done = setup(program.home.path(), &answers, "");
    assert_eq!((done.code, &done.json()["items"][0]["tested"]), (0, &true.into()), "{done:?}");
    let letter = ran(program.alone("setup --print request")).out;
    let links: Vec<&str> = letter.lines().filter(|line| line.contains("/adminconsent?")).collect();
    let answers = links.iter().map(|link| program.tenant.script().admin_consent(link, "itservice"));
    let answers: Vec<bool> = answers.map(|answer| answer.is_ok()).collect();
    assert_eq!(answers, [knows_mail_tips, true], "{letter}");
    let signed_in = program.sign_in_as("lena", program.alone("login --browser --no-open"));
    assert_eq!(signed_in.code, 0, "{signed_in:?}");
    assert_eq!(ran(program.alone("inbox -n 1")).code, 0);
}

#[test]
fn the_script_knows_each_permission_of_the_tenant_and_what_it_sends_is_taken() {
    let program = unasked(true);
    let graph = Graph::of(&program);
    for (list, arguments) in [
        ("oauth2PermissionScopes", &["--for", "people,directory,shared-calendars,shared-mailboxes,settings"][..]),
        (
            "appRoles",
            &["--for", "calendar,mail,directory,settings", "--as", "service", "--mailbox", "lena@contoso.com"],
        ),
    ] {
        let known = program.home.path().join("known");
        let lines: Vec<String> = graph.known(list).into_iter().map(|(name, id)| format!("{name}\t{id}\n")).collect();
        fs::write(&known, lines.concat()).unwrap();
        let script = setup(program.home.path(), &[&["--print", "azure"], arguments].concat(), "").out;
        let script = format!("KNOWN={}\nexport KNOWN\n{script}", known.display());
        let (ended, calls) = run_script(program.home.path(), &script, "");
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(!ended.err.contains("does not know") && !ended.err.contains("another id"), "{ended:?}");
        let call = create(&calls);
        let access: Value = serde_json::from_str(after(call, "--required-resource-accesses")).expect("JSON");
        let mut body = json!({
            "displayName": after(call, "--display-name"), "signInAudience": after(call, "--sign-in-audience"),
            "requiredResourceAccess": access,
        });
        if list == "appRoles" {
            body["web"] = json!({"redirectUris": [after(call, "--web-redirect-uris")]});
        } else {
            body["publicClient"] = json!({"redirectUris": [after(call, "--public-client-redirect-uris")]});
            body["isFallbackPublicClient"] = json!(true);
        }
        let (status, made) = graph.send("POST", &format!("{}/v1.0/applications", program.tenant.graph()), &body);
        assert_eq!(status, 201, "{made}");
        if list == "appRoles" {
            let client = made["appId"].as_str().unwrap();
            let request = ["--print", "request", "--for", "calendar,mail", "--as", "service", "--client-id", client];
            let letter = setup(program.home.path(), &request, "").out;
            let link = letter.lines().find(|line| line.contains("/adminconsent?")).expect("a link");
            program.tenant.script().admin_consent(link, "itservice").expect("the page ends at the registered address");
        }
    }
}

#[test]
fn a_service_is_set_up_by_answers_and_reads_its_mailbox() {
    let program = Program::new();
    let clients = program.tenant.clients();
    let (secret, client) = (clients.confidential_secret.clone(), clients.confidential.clone());
    let places = ["--authority", program.tenant.authority(), "--graph", program.tenant.graph(), "--profile", "rooms"];
    let run = |arguments: &[&str], answers: &str| {
        let mut command = crate::support::program::program(program.home.path());
        command.args(["--home", program.home.path().to_str().unwrap()]).args(arguments).env("ROOMS_SECRET", &secret);
        piped(command, answers)
    };
    let tenant = program.tenant.tenant_id();
    let answers =
        format!("4 6\n2\nlena\nlena@contoso.com\norganizations\n{tenant}\n{client}\nnowhere.pem\nROOMS_SECRET\n");
    let ended = run(&[&["setup"], &places[..]].concat(), &answers);
    assert_eq!(ended.code, 0, "{ended:?}");
    for words in ["Addresses like", "A service belongs to one tenant", "no such file"] {
        assert!(ended.err.contains(words), "{words} in {ended:?}");
    }
    assert!(
        ended.out.contains("was tested") && ended.out.contains("Next: deskbell --profile rooms inbox"),
        "{ended:?}"
    );
    let text = fs::read_to_string(program.home.path().join("config/config.toml")).unwrap();
    assert!(text.contains("[profile.rooms]") && text.contains("secret_env = \"ROOMS_SECRET\""), "{text}");
    assert!(!text.contains(&secret), "the secret itself is nowhere in the file");
    let inbox = run(&["--profile", "rooms", "inbox", "-n", "1", "--json"], "");
    assert_eq!((inbox.code, &inbox.json()["madeAs"]["kind"]), (0, &"service".into()), "{inbox:?}");
    assert_eq!(inbox.err, "", "a service may run where nobody sits");
}

#[test]
fn what_is_printed_for_people_fits_eighty_columns() {
    let home = tempfile::tempdir().unwrap();
    for kind in ["person", "service"] {
        let all = "people,directory,calendar,shared-calendars,mail,shared-mailboxes,settings";
        let answers = ["--for", all, "--as", kind, "--tenant", "contoso.com", "--mailbox", "room1@contoso.com"];
        let steps = setup(home.path(), &[&answers[..], &["--print", "portal"]].concat(), "");
        let asked = setup(home.path(), &["--new"], "\n1\n\n").err;
        for line in steps.out.lines().chain(asked.lines()) {
            assert!(line.chars().count() <= 80, "{line}");
        }
        assert!(steps.out.contains("      Calendars.Read\n"), "one permission a line: {}", steps.out);
    }
    let shown = setup(home.path(), &["--new", "--for", "mail", "--as", "person", "--tenant", "contoso.com"], "").out;
    let alone = shown.lines().find(|line| line.ends_with("--print azure")).expect("a command");
    let words: Vec<&str> = alone.split("deskbell setup ").nth(1).unwrap().split(' ').collect();
    assert!(shown.contains(&setup(home.path(), &words, "").out), "the named command prints that script");
}
