//! `deskbell get` and `deskbell token`: the real program, against the tenant where it behaves and a scripted server where not.

use crate::support::program::{Program, Ran, program, ran};
use crate::support::scripted::{Heard, Reply, Scripted, ok, status};
use serde_json::{Value, json};
use std::sync::{Arc, OnceLock};
use tokio::runtime::Runtime;

/// A Graph that says who we are, and the rest as a test wants it.
struct Strange {
    server: Scripted,
    _runtime: Runtime,
}

impl Strange {
    fn new(answer: impl Fn(&str, &str) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let address = Arc::new(OnceLock::new());
        let known = address.clone();
        let me =
            r#"{"id":"1","displayName":"Lena Ortiz","mail":"lena@contoso.com","userPrincipalName":"lena@contoso.com"}"#;
        let server = runtime.block_on(Scripted::start(move |heard: &Heard, _| match heard.line.as_str() {
            line if line.starts_with("GET /v1.0/me?") => ok(me),
            line => answer(line.trim_start_matches("GET /v1.0"), known.get().map_or("", String::as_str)),
        }));
        address.set(format!("{}/v1.0", server.address)).expect("set once");
        Self { server, _runtime: runtime }
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        let home = tempfile::tempdir().expect("a folder");
        let mut command = program(home.path());
        command.args(["--home", &home.path().display().to_string(), "--graph", &self.server.address]);
        command.args(arguments).env("DESKBELL_TOKEN", "planted-token").env("DESKBELL_RETRY", "never");
        ran(command)
    }
}

#[test]
fn any_path_is_read_with_its_pages() {
    let program = Program::new();
    let me = program.run_with_token("get /me?$select=mail,displayName", "lena", "");
    // As whom it was made is said where nobody is at a terminal, and nothing else.
    assert_eq!((me.code, me.err.lines().filter(|line| !line.starts_with("Made as ")).count()), (0, 0), "{me:?}");
    let json: Value = serde_json::from_str(&me.out).expect("JSON");
    assert_eq!((&json["mail"], me.out.lines().count() > 3), (&Value::from("lena@contoso.com"), true), "{me:?}");

    let first = program.run_with_token("get users?$top=3 --json", "lena", "");
    assert_eq!((first.code, first.json()["items"].as_array().map(Vec::len)), (0, Some(3)), "{first:?}");
    assert!(first.err.contains("--all") && first.json()["hasMore"] == true, "{first:?}");
    let all = program.run_with_token("get v1.0/users?$top=3 --all --json", "lena", "");
    let json = all.json();
    assert_eq!((all.code, &json["schema"], &json["hasMore"]), (0, &json!("deskbell.get/1"), &json!(false)), "{all:?}");
    assert!(json["items"].as_array().is_some_and(|items| items.len() > 6), "{all:?}");

    let gone = program.run_with_token("get /me/messages/nothing", "lena", "");
    assert_eq!((gone.code, gone.out.as_str()), (1, ""), "{gone:?}");
    assert!(gone.err.contains("request-id: ") && gone.err.contains("Next: "), "{gone:?}");
}

#[test]
fn the_token_goes_to_graph_only() {
    let strange = Strange::new(|_, _| ok("{}"));
    let beta = format!("{}/beta/me", strange.server.address);
    for path in ["https://evil.example/v1.0/me", &beta, "/v1.0/../beta/me", "/beta/me"] {
        let refused = strange.run(&["get", path]);
        assert_eq!((refused.code, refused.out.as_str()), (2, ""), "{path}: {refused:?}");
    }
    for header in ["Authorization:x", "nonsense", "a b:c"] {
        assert_eq!(strange.run(&["get", "/x", "--header", header]).code, 2, "{header}");
    }
    assert_eq!(strange.run(&["get", "/x", "--header", "ConsistencyLevel: eventual", "--header", "Prefer:a=b"]).code, 0);
    let heard = strange.server.heard();
    let asked: Vec<&Heard> = heard.iter().filter(|heard| !heard.line.starts_with("GET /v1.0/me?")).collect();
    let [read] = asked[..] else { panic!("{asked:?}") };
    assert_eq!((read.line.as_str(), read.header("consistencylevel").as_str()), ("GET /v1.0/x", "eventual"));
    assert!(read.header("prefer").contains("a=b") && read.header("prefer").contains("ImmutableId"), "{read:?}");
}

#[test]
fn answers_that_are_none_are_told_and_what_came_before_is_kept() {
    let page = |next: &str| ok(&json!({"value": [{"id": "\u{1b}]0;x\u{7}"}], "@odata.nextLink": next}).to_string());
    let strange = Strange::new(move |path, base| match path {
        "/html" => status(200, "Content-Type: text/html", "<html>Sign in to the network</html>"),
        "/empty" => ok(""),
        "/cut" => ok("{\"value\": ["),
        "/self" => page(&format!("{base}/self")),
        "/away" => page("https://evil.example/v1.0/more"),
        "/then-html" => page(&format!("{base}/html")),
        "/photo" => status(200, "Content-Type: image/jpeg", "not really"),
        _ => status(404, "request-id: r-9", r#"{"error":{"code":"ResourceNotFound","message":"no"}}"#),
    });
    for path in ["/html", "/empty", "/cut"] {
        let ended = strange.run(&["get", path]);
        assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{path}: {ended:?}");
        assert!(ended.err.contains("Why: "), "{path}: {ended:?}");
    }
    for (path, reason) in [("/self", "no end"), ("/away", "evil.example"), ("/then-html", "web page")] {
        let ended = strange.run(&["get", path, "--all"]);
        assert_eq!(ended.code, 5, "{path}: {ended:?}");
        assert!(ended.err.contains(reason), "{path}: {ended:?}");
        assert!(ended.out.contains("\"id\"") && !ended.out.contains('\u{1b}'), "{path}: {ended:?}");
    }
    let photo = strange.run(&["get", "/photo"]);
    assert_eq!((photo.code, photo.out.as_str()), (0, "not really"), "{photo:?}");
    let missing = strange.run(&["get", "/other", "--json"]);
    assert_eq!((missing.code, &missing.json()["errors"][0]["code"]), (1, &json!("notFound")), "{missing:?}");
    assert!(missing.err.contains("request-id: r-9"), "{missing:?}");
}

#[test]
fn a_token_is_printed_after_a_clear_yes_only() {
    let program = Program::new();
    program.sign_in();
    let unasked = program.run("token");
    assert_eq!((unasked.code, unasked.out.as_str()), (4, ""), "{unasked:?}");
    assert!(unasked.err.contains("--yes") && unasked.err.contains("lena@contoso.com"), "{unasked:?}");
    let token = program.run("token --yes");
    assert_eq!((token.code, token.out.lines().count()), (0, 1), "{token:?}");
    let secret = token.out.trim();
    assert!(token.err.contains("calendars.read") && token.err.contains("It ends at 20"), "{token:?}");
    assert!(!token.err.contains(secret) && !unasked.err.contains(secret));
    let mut me = program.command("get /me?$select=mail");
    me.env("DESKBELL_TOKEN", secret);
    assert_eq!(ran(me).code, 0, "the token works");
    let scopes = program.run("token --scopes");
    assert!(scopes.code == 0 && scopes.out.lines().any(|line| line == "mail.read"), "{scopes:?}");
    let log = std::fs::read_dir(program.home.path().join("log")).map(|entries| {
        entries.flatten().map(|entry| std::fs::read_to_string(entry.path()).unwrap_or_default()).collect::<String>()
    });
    assert!(!log.unwrap_or_default().contains(secret));
}

#[test]
fn each_request_of_a_command_can_be_seen_as_curl_without_a_secret() {
    let program = Program::new();
    let token = program.tenant.script().token("lena", "").expect("a token");
    let mut inbox = program.command("inbox -n 2 --show-request");
    inbox.env("DESKBELL_TOKEN", &token);
    let shown = ran(inbox);
    assert_eq!((shown.code, shown.out.lines().count()), (0, 2), "{shown:?}");
    let commands: Vec<&str> = shown.err.lines().filter(|line| line.starts_with("curl ")).collect();
    assert!(commands.iter().any(|line| line.contains("/mailFolders")), "{shown:?}");
    assert!(commands.iter().all(|line| line.contains("\"authorization: Bearer $TOKEN\"")), "{commands:?}");
    assert!(!shown.err.contains(&token));
    let ended = program.login("login --browser --no-open --show-request", |said| {
        let address = said.lines().last().filter(|line| line.starts_with("http://"))?;
        Some(program.approve_at(address))
    });
    assert!(
        ended.err.contains("\"code_verifier=$CODE_VERIFIER\"") && ended.err.contains("\"code=$CODE\""),
        "{ended:?}"
    );
}
