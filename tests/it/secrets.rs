//! Nothing secret is told: whole runs of the real program and of the program on the screen, with a log that holds every step.
//!
//! The secrets are those that really passed: a line into the sign-in service writes down what was said there. Then everything the program
//! left behind or said is searched for them: what it printed, its logs, its cache, every file but the sealed vault's key, the arguments of the
//! programs it started, the screen, and the block for support.

use crate::support::certificate::Certificate;
use crate::support::program::{Program, Ran, program, ran, watch};
use crate::support::stage::{Stage, StageOptions};
use crate::support::wiretap::Wiretap;
use deskbell::auth::vault::Vault;
use deskbell::base::ids::RandomIds;
use deskbell::base::log::{Level, subscriber};
use deskbell::sim::entra::policy::Policy;
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::WorldOptions;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// What may hold a secret: where it was found, and its text. Secrets are ASCII, so what is no text does not hide them.
#[derive(Default)]
struct Haystack(Vec<(String, String)>);

impl Haystack {
    fn add(&mut self, place: &str, bytes: impl Into<Vec<u8>>) {
        self.0.push((place.to_owned(), String::from_utf8_lossy(&bytes.into()).into_owned()));
    }

    fn ran(&mut self, what: &str, ran: &Ran) {
        self.add(&format!("output of {what}"), ran.out.as_bytes());
        self.add(&format!("errors of {what}"), ran.err.as_bytes());
    }

    /// Every file below `folder`; the vault's own key is its to keep.
    fn files(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                self.files(&path);
            } else if path.is_file() && path.file_name().is_some_and(|name| name != "vault.key") {
                self.add(&path.display().to_string(), std::fs::read(&path).expect("readable"));
            }
        }
    }

    /// Fails where a secret is found.
    #[track_caller]
    fn holds_none_of(&self, secrets: &[(String, String)]) {
        for (name, secret) in secrets {
            let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            for needle in [secret, &form] {
                for (place, text) in &self.0 {
                    let Some(at) = text.find(needle.as_str()) else { continue };
                    let around: String = text[at..].chars().take(needle.len() + 20).collect();
                    panic!("{name} stands in {place}: {around}");
                }
            }
        }
    }

    fn log(&self) -> String {
        let logs = self.0.iter().filter(|(place, _)| Path::new(place).extension().is_some_and(|end| end == "log"));
        logs.map(|(_, text)| text.as_str()).collect()
    }
}

/// A program behind a line that is listened to, and a folder that is not its own.
struct Tapped {
    program: Program,
    authority: Wiretap,
    outside: TempDir,
}

impl Tapped {
    fn new() -> Self {
        // Tokens of a second: each command renews.
        let policy = Policy { token_seconds: Some(1), ..Policy::default() };
        let world = WorldOptions { policy, ..WorldOptions::default() };
        let program = Program::with(TenantOptions { world, ..TenantOptions::default() });
        let authority = Wiretap::into(program.tenant.authority());
        Self { program, authority, outside: TempDir::new().expect("a folder") }
    }

    /// The program at that line, with a log of everything.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(self.program.home.path());
        let authority = self.program.tenant.authority();
        command.args(self.program.pointers().into_iter().map(|argument| match argument {
            argument if argument == authority => self.authority.address.clone(),
            argument => argument,
        }));
        command.args(["--log", "trace"]).args(arguments);
        command
    }

    /// A file for its owner alone, outside of the program's home.
    fn file(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        let path = self.outside.path().join(name);
        let mut file =
            std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&path).expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("set");
        path
    }

    /// A program that writes down its arguments and then does `what`.
    fn script(&self, name: &str, what: &str) -> PathBuf {
        let notes = self.outside.path().join("arguments");
        self.file(name, &format!("#!/bin/sh\necho \"{name}\" \"$@\" >> '{}'\n{what}\n", notes.display()), 0o700)
    }

    fn secrets(&self) -> Vec<(String, String)> {
        self.authority
            .secrets()
            .into_iter()
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)))
            .collect()
    }
}

#[test]
fn of_whole_runs_nothing_secret_is_told() {
    let tapped = Tapped::new();
    let home = tapped.program.home.path();
    let mut hay = Haystack::default();
    let mut planted: Vec<(String, String)> = Vec::new();
    let address = |said: &str| said.lines().last().filter(|line| line.starts_with("http://")).map(str::to_owned);

    // In by browser, which is started with arguments; by code; by a pasted address. Each with its steps told.
    tapped.script("xdg-open", "");
    let path = format!("{}:/usr/bin:/bin", tapped.outside.path().display());
    let mut command = tapped.command(&["login", "--browser", "--debug"]);
    command.env("DISPLAY", ":0").env("PATH", &path);
    hay.ran("login --browser", &watch(command, |said| Some(tapped.program.approve_at(&address(said)?))));
    let by_code = watch(tapped.command(&["login", "--device", "--debug"]), |said| {
        let after = |mark: &str| said.split(mark).nth(1)?.split_whitespace().next();
        Some(tapped.program.approve_code(after("any device open  ")?, after("enter the code  ")?))
    });
    hay.ran("login --device", &by_code);
    hay.ran("login --paste", &pasted(&tapped));

    // Reading, explaining, showing.
    for arguments in [
        vec!["inbox"],
        vec!["agenda", "--json"],
        vec!["away", "Tom Berg"],
        vec!["get", "/me?$select=mail", "--show-request"],
        vec!["accounts", "--json"],
        vec!["doctor"],
        vec!["doctor", "--json"],
        vec!["doctor", "--support", "--show-request"],
        vec!["profile", "export"],
    ] {
        hay.ran(&arguments.join(" "), &ran(tapped.command(&arguments)));
    }
    // A sign-in that was lost.
    tapped.program.tenant.script().revoke("lena").expect("somebody");
    for arguments in [vec!["inbox"], vec!["doctor", "--json"]] {
        let lost = ran(tapped.command(&arguments));
        assert_eq!(lost.code, 4, "{lost:?}");
        hay.ran("a lost sign-in", &lost);
    }

    // Tokens and secrets that are handed in: by the environment, a command, a file.
    let token = tapped.program.tenant.script().token("ana", "").expect("a token");
    for given in [token.clone(), format!("{token}\nplanted-second-line"), "planted-nonsense-token".to_owned()] {
        planted.push(("the given token".to_owned(), given.rsplit(['.', '\n']).next().unwrap_or_default().to_owned()));
        let file = tapped.file("token", &given, 0o600);
        for verb in [vec!["get", "/me", "--show-request"], vec!["doctor", "--json"]] {
            let mut command = tapped.command(&verb);
            command.env("DESKBELL_TOKEN", &given);
            hay.ran("DESKBELL_TOKEN", &ran(command));
            let printer = tapped.script("print-token", &format!("cat '{}'", file.display()));
            tapped.program.configure(&format!("[profile.default]\ntoken.command = [\"{}\"]\n", printer.display()));
            hay.ran("token.command", &ran(tapped.command(&verb)));
        }
    }
    let failing = tapped.script("print-token", "echo \"no: access_token=planted-complaint-token\" >&2; exit 3");
    planted.push(("what a command complained of".to_owned(), "planted-complaint-token".to_owned()));
    tapped.program.configure(&format!("[profile.default]\ntoken.command = [\"{}\"]\n", failing.display()));
    hay.ran("a failing token.command", &ran(tapped.command(&["doctor", "--json"])));

    service(&tapped, &mut hay, &mut planted);
    passphrase(&tapped, &mut hay, &mut planted);

    // A proxy's password, on a way that leads nowhere.
    tapped.program.configure("");
    planted.push(("the proxy's password".to_owned(), "planted-proxy-password".to_owned()));
    for verb in [vec!["get", "/me", "--show-request"], vec!["doctor", "--json"], vec!["doctor"]] {
        let mut command = program(home);
        command.args(["--home", &home.display().to_string(), "--client-id", "c", "--log", "trace"]).args(&verb);
        command.args(["--authority", "https://login.contoso.example", "--graph", "https://graph.contoso.example"]);
        command.env("HTTPS_PROXY", "http://lena:planted-proxy-password@127.0.0.1:9").env("DESKBELL_TOKEN", &token);
        command.env("DESKBELL_RETRY", "never");
        let told = ran(command);
        assert_ne!(told.code, 0, "{told:?}");
        hay.ran("a proxy with a password", &told);
    }

    hay.files(home);
    let arguments = std::fs::read(tapped.outside.path().join("arguments")).expect("programs were started");
    assert!(String::from_utf8_lossy(&arguments).contains("code_challenge="), "no browser was started");
    hay.add("the arguments of started programs", arguments);
    assert!(hay.log().contains("TRACE") || hay.log().contains("DEBUG"), "the log is empty: {}", hay.log());
    let secrets = tapped.secrets();
    for kind in [
        "access_token",
        "refresh_token",
        "id_token",
        "code",
        "code_verifier",
        "device_code",
        "client_secret",
        "client_assertion",
    ] {
        assert!(
            secrets.iter().any(|(name, _)| name == kind),
            "no {kind} ever passed: {:?}",
            secrets.iter().map(|(name, _)| name).collect::<Vec<_>>()
        );
    }
    hay.holds_none_of(&secrets);
    hay.holds_none_of(&planted);
}

/// In by an address that is pasted, with all the answer's parameters in it.
fn pasted(tapped: &Tapped) -> Ran {
    let mut command = tapped.command(&["login", "--paste", "--debug"]);
    let (read, write) = std::io::pipe().expect("a pipe");
    command.stdin(Stdio::from(read));
    let tenant = &tapped.program.tenant;
    watch(command, |said| {
        let address = said.lines().find(|line| line.starts_with("http://"))?;
        said.contains("Then paste here").then(|| {
            let back = tenant.script().authorize(address, "lena").expect("an answer");
            let mut write = &write;
            writeln!(write, "{back}").expect("pasted");
            "close this".to_owned()
        })
    })
}

/// A service with a secret from the environment and from a command, right and wrong, and with a certificate.
fn service(tapped: &Tapped, hay: &mut Haystack, planted: &mut Vec<(String, String)>) {
    let clients = tapped.program.tenant.clients().clone();
    let certificate = Certificate::new("robot", "200101000000Z", "491231235959Z");
    tapped.program.tenant.script().register_certificate(&clients.confidential, &certificate.pem()).expect("registered");
    let pem = tapped.file("robot.pem", &format!("{}{}", certificate.pem(), certificate.key_pem()), 0o600);
    let key: Vec<String> = certificate.key_pem().lines().map(str::to_owned).collect();
    planted.push(("the certificate's key".to_owned(), key[key.len() / 2].clone()));
    for (right, secret) in [(true, clients.confidential_secret.as_str()), (false, "planted-wrong-secret")] {
        planted.push(("the service's secret".to_owned(), secret.to_owned()));
        let file = tapped.file("secret", secret, 0o600);
        let printer = tapped.script("print-secret", &format!("cat '{}'", file.display()));
        let ways = [
            "secret_env = \"ROBOT\"".to_owned(),
            format!("secret_command = [\"{}\"]", printer.display()),
            format!("certificate = \"{}\"", pem.display()),
        ];
        for way in ways {
            let lines = format!(
                "[profile.default]\nkind = \"service\"\nclient_id = \"{}\"\nmailboxes = [\"support@contoso.com\"]\n{way}\n",
                clients.confidential
            );
            tapped.program.configure(&lines);
            for verb in [vec!["login"], vec!["inbox"], vec!["doctor", "--json"]] {
                let mut command = tapped.command(&verb);
                let mut arguments: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
                if let Some(place) = arguments.iter().position(|argument| argument == "--client-id") {
                    arguments.drain(place..place + 2);
                }
                command = program(tapped.program.home.path());
                command.args(arguments).env("ROBOT", secret);
                let told = ran(command);
                assert!(told.code == 0 || !right || verb == ["doctor", "--json"], "{way}: {told:?}");
                hay.ran(&way, &told);
            }
        }
    }
}

/// A vault that is locked with a passphrase, opened with the right one and not with a wrong one.
fn passphrase(tapped: &Tapped, hay: &mut Haystack, planted: &mut Vec<(String, String)>) {
    tapped.program.configure("[vault]\nkey = \"passphrase\"\n");
    let mut last = None;
    for (text, verb) in [
        ("planted right passphrase", vec!["login", "--browser", "--no-open"]),
        ("planted right passphrase", vec!["accounts"]),
        ("planted wrong passphrase", vec!["accounts"]),
        ("planted wrong passphrase", vec!["doctor", "--json"]),
    ] {
        planted.push(("the passphrase".to_owned(), text.to_owned()));
        let mut command = tapped.command(&verb);
        command.env("DESKBELL_PASSPHRASE_FILE", tapped.file("passphrase", text, 0o600));
        let told = if verb[0] == "login" {
            watch(command, |said| {
                let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
                Some(tapped.program.approve_at(address))
            })
        } else {
            ran(command)
        };
        hay.ran("a passphrase", &told);
        last = Some(told);
    }
    let told = last.expect("it ran");
    assert!(told.out.contains("wrongPassphrase"), "{told:?}");
}

/// A log in memory.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Vec<u8>>>);

impl Write for Tape {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn on_the_screen_in_what_is_copied_and_in_debug_texts_nothing_secret_is_told() {
    let tape = Tape::default();
    // Alone, a subscriber is not asked about what another test's thread logs first, and never hears of it afterwards.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let _logging = tracing::subscriber::set_default(subscriber(tape.clone(), Level::Trace));
    let mut stage = Stage::with(StageOptions { signed_in: true, ..StageOptions::default() }).await;
    stage.settle().await;
    let mut hay = Haystack::default();
    for keys in ["1", "2", "3", "5", "6", "1"] {
        stage.press(keys).await;
        hay.add(&format!("the screen after {keys}"), stage.text());
    }
    stage.tenant.script().revoke("lena").expect("somebody");
    for keys in ["ctrl-r", "g l", "Esc", "g e"] {
        stage.press(keys).await;
        hay.add(&format!("the screen after {keys}"), stage.text());
    }
    stage.press("y").await;
    let copied = stage.copied().expect("the block for support");
    assert!(copied.contains("deskbell doctor"), "{copied}");
    hay.add("the block for support", copied);
    let (token, facts) =
        stage.engine().hand_out_token().await.map_or((None, None), |(token, facts)| (Some(token), Some(facts)));
    hay.add("debug texts", format!("{token:?} {facts:?} {:?}", stage.engine().setup().config));
    let folder = stage.end().await;
    let vault = Vault::in_folder(&folder.path().join("secrets"), Arc::new(RandomIds));
    let accounts = vault.accounts().expect("the vault");
    hay.add("debug texts of the vault", format!("{vault:?} {accounts:?}"));
    hay.add("the log", tape.0.lock().expect("a lock").clone());
    hay.files(folder.path());
    let mut secrets = Vec::new();
    for stored in &accounts {
        let refresh = stored.refresh_token.as_ref().map(|token| token.expose().clone());
        let access = stored.access_token.as_ref().map(|access| access.token.expose().clone());
        secrets.extend(refresh.map(|token| ("the refresh token".to_owned(), token)));
        secrets.extend(
            access
                .map(|token| ("the access token".to_owned(), token.rsplit('.').next().unwrap_or_default().to_owned())),
        );
    }
    assert_eq!(secrets.len(), 2, "{secrets:?}");
    hay.holds_none_of(&secrets);
}
