//! Setting up: the script runs against a stub of the Azure CLI, the requests are JSON, the profile is written and tested.

use crate::support::program::{Program, Ran, program, ran};
use serde_json::Value;
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
  'ad sp show')
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
    assert!(ended.out.contains("--client-id 11111111-2222-4333-8444-555555555555 --tenant 99999999-"), "{ended:?}");
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
    let answers = format!("9\n4\n\n{tenant}\nno guid\n{client}\n");
    let ended = setup(program.home.path(), &places, &answers);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.err.contains("Numbers from 1 to 8") && ended.err.contains("A client id has the form"), "{ended:?}");
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
