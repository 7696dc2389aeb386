//! The doctor: for each broken set-up it names the right cause and something to do about it, through the real program.

use crate::support::program::{Program, Ran, program, ran};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::{Consent, WorldOptions};
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;

/// What the doctor says of a set-up: the cause's name and the code of its finding.
#[track_caller]
fn cause(ran: &Ran) -> (String, String) {
    let json = ran.json();
    assert_eq!(json["schema"], "deskbell.doctor/1", "{json}");
    let name = json["cause"].as_str().unwrap_or_default().to_owned();
    let check = check(&json, &name);
    assert!(!check["remedy"].as_array().is_none_or(Vec::is_empty), "{name} says nothing to do: {check}");
    assert!(check["reason"].as_str().is_some_and(|reason| reason.ends_with('.')), "{check}");
    (name, check["code"].as_str().unwrap_or_default().to_owned())
}

#[track_caller]
fn check<'a>(json: &'a Value, name: &str) -> &'a Value {
    let items = json["items"].as_array().expect("items");
    items.iter().find(|item| item["name"] == name).unwrap_or_else(|| panic!("there is no check {name}: {json}"))
}

/// Runs the doctor with a token instead of a sign-in.
fn with_token(program: &Program, token: &str) -> Ran {
    let mut command = program.command("doctor --json");
    command.env("DESKBELL_TOKEN", token);
    ran(command)
}

/// The doctor at other addresses than the tenant's.
fn at(home: &Program, arguments: &[&str]) -> Ran {
    let mut command = program(home.home.path());
    command.args(["--home", &home.home.path().display().to_string()]).args(arguments).args(["doctor", "--json"]);
    ran(command)
}

/// A server that answers everything with `answer`, until the test ends.
fn stubborn(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = stream.read(&mut [0; 4096]);
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
                answer.len()
            );
        }
    });
    address
}

#[test]
fn a_set_up_that_works_has_no_cause() {
    let program = Program::new();
    program.sign_in();
    let ran = program.run("doctor --json");
    let json = ran.json();
    assert_eq!((ran.code, &json["cause"]), (0, &Value::Null), "{json}");
    assert_eq!(json["account"], "lena@contoso.com");
    for name in ["configuration", "places", "vault", "cache", "network", "signInService", "tenant", "clock", "graph"] {
        assert_eq!(check(&json, name)["result"], "passed", "{json}");
    }
    for name in ["registration", "account", "token", "permissions", "graphAccount", "mailbox"] {
        assert_eq!(check(&json, name)["result"], "passed", "{json}");
    }
    let token = check(&json, "token");
    assert_eq!(token["details"]["audience"], "https://graph.microsoft.com", "{token}");
    assert!(token["details"]["scopes"].as_str().is_some_and(|scopes| scopes.contains("Mail.Read")), "{token}");
}

#[test]
fn a_person_reads_one_line_a_check_and_what_to_mend_first() {
    let program = Program::new();
    let ran = program.run("doctor");
    assert_eq!(ran.code, 4, "{ran:?}");
    assert!(ran.out.contains("FAIL  Account"), "{ran:?}");
    assert!(ran.out.contains("Mend this first: Account. Sign in: deskbell login"), "{ran:?}");
    let offline = program.run("--offline doctor");
    assert!(offline.out.contains("It was asked not to use the network"), "{offline:?}");
}

#[test]
fn what_is_wrong_on_this_computer_is_named() {
    let program = Program::new();
    program.configure("[look]\ntheme = \"pink\"\n");
    assert_eq!(cause(&program.run("doctor --json")), ("configuration".into(), "configurationWrong".into()));
    program.configure("");
    assert_eq!(cause(&at(&program, &[])), ("configuration".into(), "noClientId".into()));
    let plain = at(&program, &["--client-id", "x", "--graph", "http://graph.example"]);
    assert_eq!(cause(&plain), ("configuration".into(), "configurationWrong".into()));

    let program = Program::new();
    std::fs::write(program.home.path().join("cache"), "a file").unwrap();
    assert_eq!(cause(&program.run("doctor --json")), ("places".into(), "placeUnusable".into()));

    let program = Program::new();
    let cache = program.home.path().join("cache");
    std::fs::create_dir_all(&cache).unwrap();
    std::fs::write(cache.join("deskbell.db"), "this is no database, however long it goes on about it").unwrap();
    assert_eq!(cause(&program.run("doctor --json")), ("cache".into(), "cacheDamaged".into()));

    let program = Program::new();
    program.sign_in();
    std::fs::remove_file(program.home.path().join("secrets").join("vault.key")).unwrap();
    let ran = program.run("doctor --json");
    assert_eq!((cause(&ran), ran.code), (("vault".into(), "vaultUnusable".into()), 3));
}

#[test]
fn what_is_wrong_on_the_way_is_named() {
    let home = Program::new();
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let id = "11111111-2222-3333-4444-555555555555";
    let refused = at(&home, &["--client-id", id, "--authority", &nobody, "--graph", &nobody]);
    assert_eq!(cause(&refused), ("signInService".into(), "connectionRefused".into()));
    assert_eq!(refused.code, 6);
    let portal = stubborn("<html>Welcome to the airport</html>");
    let captured = at(&home, &["--client-id", id, "--authority", &portal, "--graph", &portal]);
    assert_eq!(cause(&captured), ("signInService".into(), "notSignInService".into()));
    let authority = home.tenant.authority().to_owned();
    let half =
        at(&home, &["--client-id", &home.tenant.clients().public, "--authority", &authority, "--graph", &portal]);
    assert_eq!((cause(&half), half.code), (("graph".into(), "notGraph".into()), 6));
}

#[test]
fn what_is_wrong_with_tenant_and_registration_is_named() {
    let home = Program::new();
    let (authority, graph) = (home.tenant.authority().to_owned(), home.tenant.graph().to_owned());
    let (tenant, clients) = (home.tenant.tenant_id().to_owned(), home.tenant.clients());
    let with = |tenant: &str, client: &str| {
        at(&home, &["--authority", &authority, "--graph", &graph, "--tenant", tenant, "--client-id", client])
    };
    assert_eq!(cause(&with("nowhere.example", &clients.public)), ("tenant".into(), "tenantNotFound".into()));
    let unknown = with(&tenant, "11111111-2222-3333-4444-555555555555");
    assert_eq!(cause(&unknown), ("registration".into(), "registrationUnknown".into()));
    let secret = with(&tenant, &clients.confidential);
    assert_eq!(cause(&secret), ("registration".into(), "registrationNotPublic".into()));
    assert_eq!(cause(&with(&tenant, &clients.public)), ("account".into(), "signedOut".into()));
}

#[test]
fn signed_in_and_then_401_has_a_name_for_each_cause() {
    let program = Program::new();
    let script = program.tenant.script();
    for (token, name, code) in [
        (String::from("Bearer abc"), "token", "tokenMalformed"),
        (String::from("\"abc\""), "token", "tokenMalformed"),
        (String::from("opaque-but-nobodys"), "graphAccount", "tokenMalformed"),
        (made(r#"{"aud":"https://graph.windows.net","scp":"User.Read","appid":"a"}"#), "token", "wrongAudience"),
        (made(r#"{"aud":"https://graph.microsoft.us","scp":"User.Read","appid":"a"}"#), "token", "wrongAudience"),
        (made(r#"{"aud":"11111111-2222-3333-4444-555555555555","nonce":"n"}"#), "token", "idToken"),
        (
            made(r#"{"aud":"https://graph.microsoft.com","scp":"User.Read","appid":"a","exp":1}"#),
            "token",
            "tokenExpired",
        ),
        (made(r#"{"aud":"https://graph.microsoft.com","scp":"openid","appid":"a"}"#), "token", "noGraphScope"),
        (made(r#"{"aud":"https://graph.microsoft.com","idtyp":"app","appid":"a"}"#), "token", "appWithoutRoles"),
        (
            made(r#"{"aud":"https://graph.microsoft.com","scp":"User.Read","appid":"a","nbf":99999999999}"#),
            "token",
            "tokenNotYet",
        ),
        (
            made(r#"{"aud":"https://graph.microsoft.com","scp":"User.Read","appid":"a"}"#),
            "graphAccount",
            "tokenRefused",
        ),
    ] {
        let ran = with_token(&program, &token);
        assert_eq!(cause(&ran), (name.to_owned(), code.to_owned()), "for the token {token}: {ran:?}");
        assert_eq!(ran.code, 4);
        assert!(!ran.out.contains(&token), "the token itself is told: {ran:?}");
    }
    let ended = script.token("lena", "").expect("a token");
    script.revoke("lena").expect("a person");
    assert_eq!(cause(&with_token(&program, &ended)), ("graphAccount".into(), "tokenRefused".into()));
}

/// An unsigned token with these claims.
fn made(claims: &str) -> String {
    use base64::Engine as _;
    let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part(r#"{"alg":"none"}"#), part(claims), part("signature"))
}

#[test]
fn what_is_not_granted_is_a_warning_with_the_permission_s_name() {
    let world = WorldOptions { consent: Consent::Basic, ..WorldOptions::default() };
    let program = Program::with(TenantOptions { world, ..TenantOptions::default() });
    program.sign_in();
    let json = program.run("doctor --json").json();
    let permissions = check(&json, "permissions");
    assert_eq!((&permissions["result"], &permissions["code"]), (&"warning".into(), &"permissionMissing".into()));
    assert!(permissions["reason"].as_str().is_some_and(|reason| reason.contains("mail (Mail.Read)")), "{permissions}");
    assert_eq!(check(&json, "mailbox")["code"], "permissionMissing", "{json}");
}

#[test]
fn the_support_block_holds_no_secret() {
    let program = Program::new();
    let token = program.tenant.script().token("lena", "").expect("a token");
    let mut command = program.command("doctor --support");
    command.env("DESKBELL_TOKEN", &token);
    let ran = ran(command);
    assert!(ran.out.contains("[passed] token"), "{ran:?}");
    let signature = token.rsplit('.').next().expect("a signature");
    assert!(!ran.out.contains(signature) && !ran.err.contains(signature), "{ran:?}");
}
