//! What may come back from a browser, or be pasted, besides the one right answer: each has its own sentence and ends nothing.

use crate::support::entrance::{Door, Entrance, send};
use deskbell::auth::pasted::{self, PasteProblem};
use deskbell::base::secret::Secret;
use deskbell::domain::login::{LoginCommand, LoginMethod, LoginStep};
use deskbell::sim::entra::policy::{Policy, UserConsent};
use deskbell::sim::world::WorldOptions;

const STATE: &str = "the-state-of-this-sign-in";
const REDIRECT: &str = "http://localhost:8400";

fn read(text: &str) -> Result<String, PasteProblem> {
    let state = Secret::new(STATE.to_owned());
    pasted::read(&Secret::new(text.to_owned()), &state)
        .map(|parameters| parameters.get("code").expect("a code").expose().clone())
}

#[test]
fn an_address_is_taken_however_it_was_copied() {
    let plain = format!("http://localhost:8400/?code=abc-DEF&state={STATE}&session_state=0f0f");
    let broken = format!("http://localhost:8400/?code=abc\n   -DEF&st\r\nate={STATE}\u{a0}&session_state=0f0f");
    for text in [
        plain.clone(),
        format!("  {plain}\n"),
        format!("\"{plain}\""),
        format!("<{plain}>"),
        format!("“{plain}”"),
        plain.replace('&', "&amp;"),
        plain.replace("/?", "/#"),
        plain.replacen("http://localhost:8400/?", "", 1),
        broken,
        plain.chars().flat_map(|character| [character, '\u{7}']).collect(),
    ] {
        assert_eq!(read(&text).as_deref(), Ok("abc-DEF"), "{text}");
    }
}

#[test]
fn whatever_else_is_pasted_is_told_apart_and_never_repeated() {
    let refusal = format!("{REDIRECT}/?error=access_denied&error_description=AADSTS65001%3a+planted&state={STATE}");
    let long = format!("{REDIRECT}/?code={}&state={STATE}", "planted".repeat(20_000));
    for (text, sentence) in [
        ("", "Nothing was pasted"),
        (" \n ", "Nothing was pasted"),
        ("planted words", "This is no address"),
        ("<!DOCTYPE html><html><body>planted</body></html>", "This is the text of a page"),
        ("https://login.microsoftonline.com/planted/oauth2/v2.0/authorize?client_id=x", "carries no answer"),
        ("http://localhost:8400/", "carries no answer"),
        ("0.AXplantedplantedplantedplantedplanted-planted_planted", "the code alone"),
        ("http://localhost:8400/?code=planted&state=another", "answers another sign-in"),
        ("http://localhost:8400/?code=planted", "answers another sign-in"),
        (&format!("{REDIRECT}/?error=access_denied&error_subcode=cancel&state={STATE}"), "declined in the browser"),
        (&refusal, "carries a refusal"),
        (&long, "far longer than any address"),
    ] {
        let sentence_told = read(text).expect_err(text).sentence(REDIRECT);
        assert!(sentence_told.contains(sentence), "{text}: {sentence_told}");
        assert!(!sentence_told.contains("planted"), "{sentence_told}");
    }
}

async fn begin_paste(door: &mut Door) -> String {
    door.handle.send(LoginCommand::Begin { method: LoginMethod::Paste, open_browser: false });
    match door.step().await {
        LoginStep::Paste { address, problem: None, .. } => address,
        other => panic!("{other:?}"),
    }
}

fn paste(door: &Door, text: &str) {
    door.handle.send(LoginCommand::Paste(Secret::new(text.to_owned())));
}

async fn problem(door: &mut Door) -> String {
    match door.settled().await {
        LoginStep::Paste { problem: Some(problem), .. } | LoginStep::Browser { problem: Some(problem), .. } => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_code_that_was_used_is_told_and_a_new_one_goes_on() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = begin_paste(&mut door).await;
    let spent = entrance.tenant.script().authorize(&address, "lena").expect("an address");
    // One the service does not know, or no more: it does not say which.
    let spent = spent.replacen("code=", "code=x", 1);
    paste(&door, &spent);
    assert!(problem(&mut door).await.contains("used already or is too old"));
    paste(&door, &spent);
    assert!(problem(&mut door).await.contains("was pasted before"));
    let fresh = entrance.tenant.script().authorize(&address, "lena").expect("an address");
    paste(&door, &fresh);
    assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
}

#[tokio::test]
async fn the_way_by_browser_takes_a_pasted_address_too_and_a_second_callback_is_told_that_it_is_late() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    let back = entrance.tenant.script().authorize(&address, "lena").expect("an address");
    let page = entrance.visit(&back).await.expect("a page");
    assert!(page.contains("has heard from your browser"), "{page}");
    // The port closes with the sign-in; until then a second answer is told that it is late.
    match entrance.visit(&back).await {
        Ok(page) => assert!(page.is_empty() || page.contains("has the sign-in already"), "{page}"),
        Err(error) => assert!(error.kind() != std::io::ErrorKind::TimedOut),
    }
    let LoginStep::SignedIn(account) = door.settled().await else { panic!("nobody is in") };

    door.handle.send(LoginCommand::Begin { method: LoginMethod::Browser, open_browser: false });
    let LoginStep::Browser { address, .. } = door.step().await else { panic!("no browser") };
    let back = entrance.tenant.script().authorize(&address, "lena").expect("an address");
    paste(&door, &back);
    assert!(matches!(door.settled().await, LoginStep::SignedIn(again) if again.key == account.key));
}

#[tokio::test]
async fn strangers_at_the_port_are_told_at_the_terminal_and_end_nothing() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    let url = url::Url::parse(&address).expect("an address");
    let redirect = url.query_pairs().find(|(name, _)| name == "redirect_uri").expect("a redirect").1.into_owned();
    let port = url::Url::parse(&redirect).expect("an address").port().expect("a port");
    let get = |target: &str| format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    for (request, sentence) in [
        (get("/?code=planted&state=another"), "from another sign-in"),
        (get("/"), "without an answer"),
        (format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(40_000)), "far too large"),
        ("\u{16}\u{3}\u{1} hello\r\n\r\n".to_owned(), "no browser"),
    ] {
        let page = send(port, &request).await.unwrap_or_default();
        assert!(!page.contains("planted"), "{page}");
        let told = problem(&mut door).await;
        assert!(told.contains(sentence) && !told.contains("planted"), "{told}");
    }
    entrance.approve_in_browser(&address).await;
    assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
}

#[tokio::test]
async fn stopping_while_the_code_is_exchanged_waits_for_its_end_and_nothing_is_called_aborted() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    let back = entrance.tenant.script().authorize(&address, "lena").expect("an address");
    paste(&door, &back);
    assert!(matches!(door.step().await, LoginStep::Exchanging(_)));
    door.handle.send(LoginCommand::Cancel);
    door.handle.send(LoginCommand::Begin { method: LoginMethod::DeviceCode, open_browser: false });
    assert!(matches!(door.step().await, LoginStep::SignedIn(_)), "the code was on its way");
    entrance.idle().await;
    assert!(door.quiet(), "whoever wanted out while it ended well is in");
}

#[tokio::test]
async fn two_sign_ins_that_end_in_silence_or_without_consent_are_named_a_loop() {
    let policy = Policy { user_consent: UserConsent::Nothing, ..Policy::default() };
    let entrance = Entrance::with(WorldOptions { policy, ..WorldOptions::default() }).await;
    let mut door = entrance.open_signed_out().await;
    let silence = async |door: &mut Door| {
        door.begin_browser().await;
        entrance.pass(600).await;
        door.failure().await
    };
    assert_eq!(silence(&mut door).await.code, "browserTimedOut");
    let looped = silence(&mut door).await;
    assert_eq!(looped.code, "consentLoop");
    assert!(looped.why.contains("a consent loop") && looped.next[0].starts_with("Stop signing in again"), "{looped:?}");

    let mut door = entrance.open_signed_out().await;
    let mut codes = Vec::new();
    for _ in 0..2 {
        let address = door.begin_browser().await;
        let back = entrance.tenant.script().go_back(&address, "ben").expect("a page without a way on");
        entrance.visit(&back).await.expect("a page");
        codes.push(door.failure().await.code);
    }
    assert_eq!(codes, ["administratorNeeded", "consentLoop"]);
    // A failure of another kind is no part of a row.
    let mut door = entrance.open_signed_out().await;
    assert_eq!(silence(&mut door).await.code, "browserTimedOut");
    entrance.tenant.script().offline(true);
    door.handle.send(LoginCommand::Begin { method: LoginMethod::DeviceCode, open_browser: false });
    assert_eq!(door.failure().await.code, "signInUnreachable");
    entrance.tenant.script().offline(false);
    assert_eq!(silence(&mut door).await.code, "browserTimedOut");
}
