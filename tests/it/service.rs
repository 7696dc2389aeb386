//! Service accounts from the outside: every place a secret may come from, both forms of a certificate, every refusal with its own
//! sentence, the limits of a profile, and how its answers are marked.

use crate::support::certificate::Certificate;
use crate::support::entrance::Entrance;
use crate::support::program::{Program, Ran, program, ran};
use deskbell::auth::TokenSource;
use deskbell::auth::service::{Credential, Kept, Service};
use deskbell::auth::vault::store::{KeyStore, StoreError};
use deskbell::base::clock::Clock;
use deskbell::base::secret::Secret;
use deskbell::domain::login::Registration;
use deskbell::engine::SystemClock;
use deskbell::sim::{ClientSecret, Registration as Registered};
use serde_json::{Value, json};
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A program whose profile is a service's for Lena's mailbox and Ben's, with these lines besides.
fn service(lines: &str) -> Program {
    let program = Program::new();
    configure(&program, lines);
    program
}

fn configure(program: &Program, lines: &str) -> PathBuf {
    let (tenant, client) = (program.tenant.tenant_id(), &program.tenant.clients().confidential);
    program.configure(&format!(
        "[profile.default]\nkind = \"service\"\nclient_id = \"{client}\"\ntenant = \"{tenant}\"\nauthority = \"{}\"\n\
         graph = \"{}\"\nmailboxes = [\"lena@contoso.com\", \"ben@contoso.com\"]\n{lines}\n",
        program.tenant.authority(),
        program.tenant.graph(),
    ))
}

fn secret(program: &Program) -> String {
    program.tenant.clients().confidential_secret.clone()
}

fn command(at: &Program, arguments: &[&str]) -> Command {
    let mut command = program(at.home.path());
    command.arg("--home").arg(at.home.path()).args(arguments);
    command
}

fn run(at: &Program, arguments: &[&str]) -> Ran {
    ran(command(at, arguments))
}

/// With the right secret in the variable that `secret_env = "SERVICE_SECRET"` names.
fn run_with_secret(at: &Program, arguments: &[&str]) -> Ran {
    let mut command = command(at, arguments);
    command.env("SERVICE_SECRET", secret(at));
    ran(command)
}

fn write(at: &Program, name: &str, text: &str, mode: u32) -> PathBuf {
    let path = at.home.path().join("config").join(name);
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    path
}

/// Runs it by a shell that opens `file` as descriptor 3.
#[expect(clippy::disallowed_methods, reason = "a descriptor is opened by a shell")]
fn run_with_descriptor(at: &Program, file: &std::path::Path) -> Ran {
    let mut shell = Command::new("sh");
    shell.env_clear().env("TZ", "UTC").env("HOME", at.home.path()).stdin(Stdio::null());
    shell.arg("-c").arg("exec \"$0\" --home \"$1\" --secret-fd 3 inbox 3<\"$2\"");
    shell.arg(env!("CARGO_BIN_EXE_deskbell")).arg(at.home.path()).arg(file);
    ran(shell)
}

/// Fails unless it was refused with this code of ours, an exit code, a next step, and without the planted secret.
#[track_caller]
fn refused(at: &Program, ended: &Ran, exit: i32, sentence: &str) {
    assert_eq!(ended.code, exit, "{ended:?}");
    assert!(ended.err.contains(sentence) && ended.err.contains("Next: "), "{sentence}: {ended:?}");
    assert!(!format!("{ended:?}").contains(&secret(at)), "{ended:?}");
}

#[test]
fn a_secret_comes_from_the_environment_a_command_or_a_descriptor() {
    let at = service("secret_env = \"SERVICE_SECRET\"");
    let inbox = run_with_secret(&at, &["inbox", "-n", "2"]);
    assert_eq!((inbox.code, inbox.out.lines().count()), (0, 2), "{inbox:?}");

    let file = write(&at, "secret", &format!("{}\n", secret(&at)), 0o600);
    let by_descriptor = run_with_descriptor(&at, &file);
    assert_eq!((by_descriptor.code, by_descriptor.out.lines().count()), (0, 20), "{by_descriptor:?}");

    configure(&at, &format!("secret_command = [\"cat\", \"{}\"]", file.display()));
    let by_command = run(&at, &["login"]);
    assert_eq!(by_command.code, 0, "{by_command:?}");
    assert!(by_command.out.contains("signs in by itself") && by_command.out.contains("mail.read"), "{by_command:?}");
}

#[test]
fn each_way_a_secret_can_be_wrong_has_its_own_sentence() {
    let at = service("secret_env = \"SERVICE_SECRET\"");
    refused(&at, &run(&at, &["inbox"]), 3, "nothing to prove the service with");
    let mut wrong = command(&at, &["inbox"]);
    wrong.env("SERVICE_SECRET", &at.tenant.clients().confidential_secret_id);
    refused(&at, &ran(wrong), 4, "The client secret is wrong");

    let ended = ClientSecret { id: "s-1".to_owned(), value: secret(&at), ends: Some(1) };
    let client = at.tenant.clients().confidential.clone();
    at.tenant.script().register(Registered { secrets: vec![ended], ..Registered::confidential(&client, "", &[]) });
    refused(&at, &run_with_secret(&at, &["inbox"]), 4, "has expired");

    let file = write(&at, "secret", &secret(&at), 0o644);
    refused(&at, &run_with_descriptor(&at, &file), 3, "The file with the secret can be read by others");
    refused(&at, &run(&at, &["--secret-fd", "41", "inbox"]), 2, "could not be read from file descriptor 41");
    let empty = write(&at, "empty", "\n", 0o600);
    refused(&at, &run_with_descriptor(&at, &empty), 2, "File descriptor 3 holds no secret");

    configure(&at, "secret_command = [\"no-such-program\"]");
    refused(&at, &run(&at, &["inbox"]), 1, "There is no program no-such-program");
    configure(&at, "secret_command = [\"sh\", \"-c\", \"echo the vault is shut >&2; exit 3\"]");
    let failed = run(&at, &["inbox"]);
    refused(&at, &failed, 1, "sh ended with code 3");
    assert!(failed.err.contains("the vault is shut"), "{failed:?}");
    configure(&at, "secret_command = [\"true\"]");
    refused(&at, &run(&at, &["inbox"]), 1, "It printed nothing");

    configure(&at, &format!("client_secret = \"{}\"", secret(&at)));
    refused(&at, &run(&at, &["inbox"]), 3, "client_secret has no place in a configuration file");
}

#[test]
fn a_certificate_signs_in_both_forms_from_either_kind_of_key_file() {
    let at = service("");
    let certificate = Certificate::new("night report", "260101000000Z", "490101000000Z");
    at.tenant.script().register_certificate(&at.tenant.clients().confidential, &certificate.pem()).unwrap();
    write(&at, "both.pem", &format!("{}{}", certificate.pem(), certificate.key_pem()), 0o600);
    write(&at, "service.pem", &certificate.pem(), 0o644);
    write(&at, "service.key", &certificate.older_key_pem(), 0o600);
    for lines in [
        "certificate = \"both.pem\"",
        "certificate = \"service.pem\"\ncertificate_key = \"service.key\"",
        "certificate = \"both.pem\"\ncertificate_form = \"rs256\"",
    ] {
        configure(&at, lines);
        let ended = run(&at, &["inbox", "-n", "1"]);
        assert_eq!((ended.code, ended.out.lines().count()), (0, 1), "{lines}: {ended:?}");
    }
}

#[test]
fn each_way_a_certificate_can_be_wrong_has_its_own_sentence() {
    let at = service("certificate = \"service.pem\"\ncertificate_key = \"service.key\"");
    let ours = Certificate::new("night report", "260101000000Z", "490101000000Z");
    let other = Certificate::new("day report", "260101000000Z", "490101000000Z");
    let over = Certificate::new("old report", "200101000000Z", "210101000000Z");
    at.tenant.script().register_certificate(&at.tenant.clients().confidential, &other.pem()).unwrap();
    let inbox = || run(&at, &["inbox"]);
    refused(&at, &inbox(), 3, "service.pem could not be read");
    write(&at, "service.pem", &ours.pem(), 0o644);
    write(&at, "service.key", &other.key_pem(), 0o600);
    refused(&at, &inbox(), 3, "The private key belongs to another certificate");
    write(&at, "service.key", &ours.key_pem(), 0o644);
    refused(&at, &inbox(), 3, "may be read by others");
    write(
        &at,
        "service.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n",
        0o600,
    );
    refused(&at, &inbox(), 3, "protected by a password");
    write(&at, "service.key", &ours.key_pem(), 0o600);
    refused(&at, &inbox(), 4, "certificate");
    write(&at, "service.pem", &over.pem(), 0o644);
    write(&at, "service.key", &over.key_pem(), 0o600);
    refused(&at, &inbox(), 3, "It ended on 2021-01-01");
}

#[test]
fn cert_check_tells_what_the_portal_shows() {
    let at = service("");
    let certificate = Certificate::new("night report", "260101000000Z", "490101000000Z");
    let file = write(&at, "both.pem", &format!("{}{}", certificate.pem(), certificate.key_pem()), 0o600);
    let file = file.to_str().unwrap();
    let told = run(&at, &["cert", "check", file]);
    assert_eq!(told.code, 0, "{told:?}");
    for line in ["Subject      CN=night report", "Good until   2049-01-01", "Private key  belongs to it"] {
        assert!(told.out.contains(line), "{line}: {told:?}");
    }
    let item = run(&at, &["cert", "check", file, "--json"]).json()["items"][0].clone();
    assert_eq!(item["x5t"], json!(certificate.thumbprint(false)));
    assert_eq!(item["x5t#S256"], json!(certificate.thumbprint(true)));
    let sha1 = item["sha1"].as_str().unwrap();
    assert!(sha1.len() == 40 && sha1.bytes().all(|byte| b"0123456789ABCDEF".contains(&byte)), "as the portal: {sha1}");
    assert_eq!(item["key"], "fits");

    let other = Certificate::new("day report", "260101000000Z", "490101000000Z");
    let key = write(&at, "other.key", &other.key_pem(), 0o600);
    let foreign = run(&at, &["cert", "check", file, "--key", key.to_str().unwrap()]);
    assert_eq!(foreign.code, 1, "{foreign:?}");
    assert!(foreign.out.contains("belongs to another certificate"), "{foreign:?}");

    // A PFX package begins with version 3 [RFC 7292].
    let path = at.home.path().join("service.pfx");
    std::fs::write(&path, [0x30, 0x82, 0x0a, 0, 0x02, 0x01, 0x03, 0x30, 0x82, 0x09, 0]).unwrap();
    let package = run(&at, &["cert", "check", path.to_str().unwrap()]);
    assert_eq!(package.code, 3, "{package:?}");
    assert!(package.err.contains(&format!("openssl pkcs12 -in '{}'", path.display())), "{package:?}");
}

#[test]
fn its_answers_are_marked_and_its_limits_hold() {
    let at = service("secret_env = \"SERVICE_SECRET\"");
    let json = run_with_secret(&at, &["inbox", "-n", "1", "--json"]).json();
    assert_eq!(json["madeAs"]["kind"], "service", "{json}");
    let item = run_with_secret(&at, &["accounts", "--json"]).json()["items"][0].clone();
    assert_eq!((&item["kind"], &item["address"]), (&json!("service"), &json!("lena@contoso.com")), "{item}");

    refused(&at, &run_with_secret(&at, &["get", "/me/messages"]), 2, "There is no /me for a service");
    for path in ["/users/hugo@contoso.com/messages", "/users('hugo@contoso.com')/calendar"] {
        refused(&at, &run_with_secret(&at, &["get", path]), 3, "may not look into the mailbox of hugo@contoso.com");
    }
    let sent = |path: &str| at.tenant.script().requests().iter().any(|request| request.path.contains(path));
    assert!(!sent("hugo"), "what is refused was never sent");
    assert_eq!(run_with_secret(&at, &["get", "/users/ben@contoso.com/messages?$top=1"]).code, 0);

    let busy = run_with_secret(&at, &["busy", "hugo@contoso.com", "ben@contoso.com", "--json"]);
    let rows = busy.json()["items"].clone();
    assert_eq!((busy.code, &rows[0]["error"]["code"]), (5, &json!("mailboxNotListed")), "{rows}");
    assert!(rows[1]["blocks"].is_array(), "{rows}");
    let away = run_with_secret(&at, &["away", "hugo@contoso.com"]);
    assert!(away.code == 5 && away.out.contains("may not look into the mailbox of hugo"), "{away:?}");
    // Without names the board is that of its list; a time is looked for among those of it.
    let board = run_with_secret(&at, &["away", "--json"]).json();
    assert_eq!(board["of"], "the mailboxes of the profile", "{board}");
    let listed: Vec<&str> =
        board["items"].as_array().unwrap().iter().filter_map(|item| item["person"].as_str()).collect();
    assert!(listed.contains(&"lena@contoso.com") && listed.contains(&"ben@contoso.com"), "{board}");
    // Nobody's meetings are its own.
    let told = run_with_secret(&at, &["away", "--weeks", "4"]).out;
    assert!(told.contains("\nMeetings they miss:\n"), "{told}");
    let slots =
        run_with_secret(&at, &["slots", "lena@contoso.com", "ben@contoso.com", "--within", "next week", "--json"]);
    let found = slots.json();
    assert_eq!((slots.code, found["items"].as_array().map(Vec::len)), (0, Some(5)), "{found}");
    assert!(found["people"].as_array().is_some_and(|people| people.len() == 2), "there is no me among them: {found}");
    let outside = run_with_secret(&at, &["slots", "ben@contoso.com", "hugo@contoso.com", "--json"]);
    assert!(outside.out.contains("mailboxNotListed"), "{outside:?}");
    assert!(!sent("hugo"), "what is refused was never sent");
}

#[test]
fn a_known_end_is_told_thirty_days_before() {
    let at = service("secret_env = \"SERVICE_SECRET\"");
    let day = |days: i64| {
        let day = deskbell::domain::time::instant(SystemClock.now()) + jiff::SignedDuration::from_hours(24 * days);
        day.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
    };
    let told = |days: i64| {
        let mut command = command(&at, &["inbox", "-n", "1"]);
        command.env("SERVICE_SECRET", secret(&at)).env("DESKBELL_SECRET_EXPIRES", day(days));
        let ended = ran(command);
        assert_eq!(ended.code, 0, "{ended:?}");
        ended.err.contains("The secret of this service ends in ")
    };
    assert!(told(20) && !told(40));
}

#[test]
fn a_service_names_its_tenant_and_a_mailbox() {
    let at = service("secret_env = \"SERVICE_SECRET\"");
    refused(&at, &run_with_secret(&at, &["--tenant", "common", "inbox"]), 3, "names no tenant of its own");
    let file = configure(&at, "secret_env = \"SERVICE_SECRET\"");
    let text = std::fs::read_to_string(&file).unwrap();
    let without: Vec<&str> = text.lines().filter(|line| !line.starts_with("mailboxes")).collect();
    std::fs::write(&file, without.join("\n")).unwrap();
    let nowhere = run_with_secret(&at, &["inbox"]);
    assert!(nowhere.code != 0 && nowhere.err.contains("no mailbox to read"), "{nowhere:?}");
}

#[test]
fn a_persons_profile_keeps_no_secret() {
    let at = Program::new();
    let ended = at.run("login --keep-secret");
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.err.contains("is a person's and has no secret"), "{ended:?}");
}

/// A keyring with a mood.
struct Keyring {
    held: Mutex<Option<String>>,
    mood: Option<StoreError>,
    hangs: bool,
}

impl KeyStore for Keyring {
    fn name(&self) -> &'static str {
        "a keyring"
    }

    fn read(&self, _entry: &str) -> Result<Option<Secret<String>>, StoreError> {
        if self.hangs {
            loop {
                std::thread::park();
            }
        }
        match &self.mood {
            Some(mood) => Err(mood.clone()),
            None => Ok(self.held.lock().unwrap().clone().map(Secret::new)),
        }
    }

    fn write(&self, entry: &str, value: &Secret<String>) -> Result<(), StoreError> {
        assert!(entry.starts_with("client secret "), "{entry}");
        *self.held.lock().unwrap() = Some(value.expose().clone());
        Ok(())
    }

    fn remove(&self, _entry: &str) -> Result<(), StoreError> {
        Ok(())
    }
}

#[tokio::test]
async fn a_secret_may_lie_in_the_keyring_and_each_way_it_may_not_is_told() {
    let entrance = Entrance::new().await;
    let clients = entrance.tenant.clients().clone();
    let source = |mood: Option<StoreError>, hangs: bool, held: bool| {
        let store = Arc::new(Keyring { held: Mutex::default(), mood, hangs });
        let limit = if hangs { Duration::from_millis(1) } else { Duration::from_mins(1) };
        let kept = Kept::of(&clients.confidential, store, limit);
        if held {
            kept.keep(&Secret::new(clients.confidential_secret.clone())).expect("kept");
        }
        let registration =
            Registration { client_id: clients.confidential.clone(), tenant: entrance.tenant.tenant_id().to_owned() };
        Service::source(registration, Credential::Kept(kept), entrance.brokers.surroundings())
    };
    let working = source(None, false, true);
    assert!(working.access_token().await.is_ok());
    assert!(working.granted().has("Mail.Read"));
    for (source, why) in [
        (source(None, false, false), "Nothing was put there"),
        (source(None, true, false), "did not answer"),
        (source(Some(StoreError::Locked("shut".to_owned())), false, false), "is locked"),
        (source(Some(StoreError::Absent("no bus".to_owned())), false, false), "There is no keyring here: no bus"),
    ] {
        let report = source.access_token().await.expect_err("no secret").report();
        assert_eq!(report.code, "noKeptSecret");
        assert!(report.why.contains(why) && report.next.len() == 2, "{report:?}");
    }
}

#[tokio::test]
async fn its_token_is_renewed_by_itself_shortly_before_its_end_and_a_new_secret_is_noticed() {
    let entrance = Entrance::new().await;
    let clients = entrance.tenant.clients().clone();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("secret");
    std::fs::write(&file, &clients.confidential_secret).unwrap();
    let registration =
        Registration { client_id: clients.confidential.clone(), tenant: entrance.tenant.tenant_id().to_owned() };
    let command = vec!["cat".to_owned(), file.display().to_string()];
    let source = Service::source(registration, Credential::Printed(command), entrance.brokers.surroundings());
    let first = source.access_token().await.expect("a token");
    let facts = source.facts();
    let life = facts.ends.unwrap().duration_since(facts.issued.unwrap());
    entrance.clock.advance(Duration::from_secs(u64::try_from(life.as_secs()).unwrap() - 400));
    assert_eq!(source.access_token().await.expect("a token"), first, "it is good for some minutes more");
    entrance.clock.advance(Duration::from_secs(200));
    let second = source.access_token().await.expect("a token");
    assert!(second != first);
    assert_eq!(entrance.token_requests(), 2);

    // The secret is changed in the portal: until the file is new, Graph's 401 leads to a refusal; then it goes on.
    entrance.tenant.script().world(|world| {
        let registration = world.registrations.find_mut(&clients.confidential).unwrap();
        registration.secrets[0].value = "Sim8Q~the-next-one".to_owned();
    });
    let refused = source.refresh_after_401(&second, None).await.expect_err("refused");
    assert!(refused.report().why.contains("secret is wrong"), "{refused:?}");
    std::fs::write(&file, "Sim8Q~the-next-one\n").unwrap();
    let third = source.refresh_after_401(&second, None).await.expect("a token");
    assert!(third != second && Value::from(third.expose().as_str()).is_string());
}
