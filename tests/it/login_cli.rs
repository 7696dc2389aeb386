//! `deskbell login` as it is typed: each option reaches the sign-in page, each rung signs in, each refusal is told, and with --debug
//! each step is told without anything secret.

use crate::support::certificate::Certificate;
use crate::support::program::{Program, Ran, program, ran};
use deskbell::sim::entra::policy::Policy;
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::WorldOptions;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::{Child, Stdio};

/// A sign-in by paste under way.
struct Waiting {
    child: Child,
    said: String,
    address: String,
}

impl Waiting {
    /// Begins with these arguments, until it waits for an address.
    fn begin(at: &Program, arguments: &[&str]) -> Self {
        let mut command = at.command("login");
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let address = loop {
            assert!(lines.read_line(&mut said).unwrap() > 0, "it never asked for an address: {said}");
            let address = said.lines().find(|line| line.starts_with("http://"));
            if let Some(address) = address.filter(|_| said.ends_with('\n')) {
                break address.to_owned();
            }
        };
        child.stderr = Some(lines.into_inner());
        Self { child, said, address }
    }

    /// What the page is asked with.
    fn asked(&self) -> BTreeMap<String, String> {
        url::Url::parse(&self.address).unwrap().query_pairs().into_owned().collect()
    }

    fn paste(&mut self, text: &str) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{text}").unwrap();
    }

    fn end(mut self) -> Ran {
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.child.stderr.take().unwrap(), &mut rest).unwrap();
        let output = self.child.wait_with_output().unwrap();
        Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: self.said + &rest,
        }
    }

    fn stop(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What the page is asked with, for these arguments.
fn asked(at: &Program, arguments: &[&str]) -> BTreeMap<String, String> {
    let waiting = Waiting::begin(at, arguments);
    let asked = waiting.asked();
    waiting.stop();
    asked
}

#[test]
fn each_option_reaches_the_sign_in_page_and_nothing_is_sent_unasked() {
    let at = Program::new();
    let plain = asked(&at, &["--paste"]);
    assert_eq!(plain["response_mode"], "query");
    assert_eq!((plain["response_type"].as_str(), plain["code_challenge_method"].as_str()), ("code", "S256"));
    assert_eq!(plain["redirect_uri"], "http://localhost");
    for unasked in ["prompt", "login_hint", "domain_hint"] {
        assert!(!plain.contains_key(unasked), "{unasked} was not asked for: {plain:?}");
    }
    let scopes: Vec<&str> = plain["scope"].split(' ').collect();
    assert!(scopes.contains(&"offline_access") && scopes.contains(&"Calendars.Read"), "{scopes:?}");

    for (arguments, name, value) in [
        (&["--paste", "lena@contoso.com"][..], "login_hint", "lena@contoso.com"),
        (&["--paste", "--login-hint", "ben@contoso.com"], "login_hint", "ben@contoso.com"),
        (&["--paste", "--domain-hint", "contoso.com"], "domain_hint", "contoso.com"),
        (&["--paste", "--prompt", "none"], "prompt", "none"),
        (&["--paste", "--prompt", "login"], "prompt", "login"),
        (&["--paste", "--prompt", "select_account"], "prompt", "select_account"),
        (&["--paste", "--prompt", "consent"], "prompt", "consent"),
        (&["--paste", "--port", "8437"], "redirect_uri", "http://localhost:8437"),
        (&["--redirect-uri", "https://away.example/done"], "redirect_uri", "https://away.example/done"),
        (
            &["--paste", "--scopes", "Mail.Read, Calendars.Read\nUser.Read"],
            "scope",
            "openid profile offline_access Mail.Read Calendars.Read User.Read",
        ),
    ] {
        let asked = asked(&at, arguments);
        assert_eq!(asked.get(name).map(String::as_str), Some(value), "{arguments:?}: {asked:?}");
        assert_eq!(asked["response_mode"], "query", "{arguments:?}");
    }
    let waiting = Waiting::begin(&at, &["--paste", "--tenant", "contoso.com"]);
    assert!(waiting.address.contains("/contoso.com/oauth2/v2.0/authorize"), "{}", waiting.address);
    waiting.stop();

    for wrong in
        ["login --prompt admin_consent", "login --browser --device", "login --port 0", "login a@b.c --login-hint d@e.f"]
    {
        assert_eq!(at.run(wrong).code, 2, "{wrong}");
    }
}

#[test]
fn with_debug_each_step_is_told_and_nothing_secret() {
    let at = Program::new();
    let mut waiting = Waiting::begin(&at, &["--paste", "--debug"]);
    let back = at.tenant.script().authorize(&waiting.address, "lena").expect("an address");
    waiting.paste("this is no address");
    waiting.paste(&back);
    let asked = waiting.asked();
    let ended = waiting.end();
    assert_eq!((ended.code, ended.out.as_str()), (0, "Signed in as Lena Ortiz <lena@contoso.com>.\n"), "{ended:?}");
    for step in [
        "debug: the browser goes to http://",
        "This is no address",
        "debug: the answer is here, its code is exchanged for tokens",
        "debug: sent ",
        "debug: signed in; granted: ",
    ] {
        assert!(ended.err.contains(step), "{step}: {}", ended.err);
    }
    assert!(!ended.err.to_lowercase().contains("abort"), "{}", ended.err);
    let back = url::Url::parse(&back).unwrap();
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert!(!ended.err.contains(&code), "the code is told: {}", ended.err);
    let debug: Vec<&str> = ended.err.lines().filter(|line| line.starts_with("debug:")).collect();
    for name in ["state", "nonce", "code_challenge"] {
        let value = &asked[name];
        assert!(!debug.iter().any(|line| line.contains(value.as_str())), "{name} is told: {debug:?}");
    }
    assert!(!ended.err.contains("eyJ"), "a token is told: {}", ended.err);
}

#[test]
fn a_browser_comes_back_to_the_port_that_was_named_and_a_taken_one_is_told() {
    let at = Program::new();
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = taken.local_addr().unwrap().port();
    let refused = at.run(&format!("login --browser --no-open --port {port}"));
    assert_eq!(refused.code, 1, "{refused:?}");
    for words in [format!("Another program uses port {port}"), "--port".to_owned(), "deskbell login --paste".to_owned()]
    {
        assert!(refused.err.contains(&words), "{words}: {refused:?}");
    }
    drop(taken);
    let ended = at.login(&format!("login --no-open --port {port}"), |said| {
        let address = said.lines().find(|line| line.starts_with("http://")).filter(|_| said.contains("Another way"))?;
        assert!(address.contains(&format!("localhost%3A{port}")), "{address}");
        Some(at.approve_at(address))
    });
    assert_eq!(ended.code, 0, "{ended:?}");
}

#[test]
fn a_policy_against_codes_is_told_and_remembered_for_the_next_time() {
    let policy = Policy { device_code_blocked: true, ..Policy::default() };
    let at = Program::with(TenantOptions {
        device_interval: Some(1),
        world: WorldOptions { policy, ..WorldOptions::default() },
        ..TenantOptions::default()
    });
    let mut said = String::new();
    let mut child = at.command("login").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut has_typed = false;
    while lines.read_line(&mut said).unwrap() > 0 {
        let after = |words: &str| said.lines().find_map(|line| line.strip_prefix(words)).map(str::trim);
        if let (false, Some(code)) = (has_typed, after("and enter the code")) {
            has_typed = true;
            // The policy speaks up when the code is looked at, whatever the person pressed.
            let _ = at.tenant.script().approve(code, "lena");
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(4), "{said}");
    assert!(said.contains("Sign in by browser, or paste the address"), "{said}");
    // There is no display here, and codes are refused: what is left is to paste.
    let waiting = Waiting::begin(&at, &[]);
    assert!(waiting.said.contains("has refused sign-in by code here before"), "{}", waiting.said);
    assert_eq!(waiting.asked()["redirect_uri"], "http://localhost");
    waiting.stop();
}

#[test]
fn a_command_that_prints_a_token_signs_in() {
    let at = Program::new();
    let token = at.tenant.script().token("lena", "User.Read Mail.Read Calendars.Read").expect("a token");
    let file = at.home.path().join("token");
    std::fs::write(&file, &token).unwrap();
    let configure = |command: &str| {
        at.configure(&format!(
            "[profile.default]\ntoken.command = [{command}]\nauthority = \"{}\"\ngraph = \"{}\"\n",
            at.tenant.authority(),
            at.tenant.graph()
        ))
    };
    let run = |arguments: &[&str]| {
        let mut command = program(at.home.path());
        command.arg("--home").arg(at.home.path()).args(arguments);
        ran(command)
    };
    configure(&format!("\"cat\", \"{}\"", file.display()));
    let login = run(&["login"]);
    assert_eq!((login.code, login.out.as_str()), (0, "Signed in as Lena Ortiz <lena@contoso.com>.\n"), "{login:?}");
    assert!(login.err.contains("Your profile names a command that gets the token"), "{login:?}");
    let inbox = run(&["inbox", "-n", "3"]);
    assert_eq!((inbox.code, inbox.out.lines().count()), (0, 3), "{inbox:?}");
    std::fs::write(&file, format!("{{\"accessToken\": \"{token}\", \"expires_in\": 600}}")).unwrap();
    assert_eq!(run(&["inbox", "-n", "3"]).code, 0, "JSON as the Azure CLI prints it");

    for (command, sentence) in [
        ("\"no-such-program\"".to_owned(), "There is no program no-such-program"),
        ("\"echo\", \"planted\"".to_owned(), "It printed something that is no token"),
        ("\"echo\", \"{}\"".to_owned(), "JSON without a text named access_token"),
        ("\"sh\", \"-c\", \"exit 7\"".to_owned(), "sh ended with code 7"),
    ] {
        configure(&command);
        let ended = run(&["login"]);
        assert_eq!(ended.code, 1, "{ended:?}");
        assert!(ended.err.contains(sentence) && ended.err.contains("Next: "), "{sentence}: {ended:?}");
        assert!(!ended.err.contains("planted"), "what it printed is not repeated: {ended:?}");
    }
}

#[test]
fn a_clock_an_hour_off_keeps_nobody_out() {
    for seconds in [3600, -3600] {
        let at = Program::new();
        at.tenant.script().clock_ahead(seconds);
        at.sign_in();
        assert_eq!(at.run("inbox -n 1").code, 0);

        let certificate = Certificate::new("night report", "250101000000Z", "490101000000Z");
        let client = at.tenant.clients().confidential.clone();
        at.tenant.script().register_certificate(&client, &certificate.pem()).unwrap();
        let file = at.home.path().join("service.pem");
        std::fs::write(&file, format!("{}{}", certificate.pem(), certificate.key_pem())).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        at.configure(&format!(
            "[profile.night]\nkind = \"service\"\nclient_id = \"{client}\"\ntenant = \"{}\"\nauthority = \"{}\"\n\
             graph = \"{}\"\ncertificate = \"{}\"\nmailboxes = [\"lena@contoso.com\"]\n",
            at.tenant.tenant_id(),
            at.tenant.authority(),
            at.tenant.graph(),
            file.display()
        ));
        let mut command = program(at.home.path());
        command.arg("--home").arg(at.home.path()).args(["--profile", "night", "inbox", "-n", "1"]);
        let ended = ran(command);
        assert_eq!(ended.code, 0, "{seconds}: {ended:?}");
    }
}
