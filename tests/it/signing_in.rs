//! Signing in, end to end: the sign-in of the engine over real HTTP against the simulated tenant, with a cranked clock.

use crate::support::entrance::{Door, Entrance};
use deskbell::base::clock::Clock;
use deskbell::base::report::Report;
use deskbell::domain::account::Feature;
use deskbell::domain::login::{LoginCommand, LoginMethod, LoginStep, Registration};
use deskbell::net::browser::Display;
use deskbell::sim::world::{Consent, WorldOptions};
use std::time::Duration;

#[tokio::test]
async fn by_browser_to_the_end_and_still_signed_in_after_a_restart() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open(Display::Here);
    assert_eq!(door.step().await, LoginStep::SignedOut { preferred: LoginMethod::Browser, reason: String::new() });
    door.begin(LoginMethod::Browser, true);
    let LoginStep::Browser { address, opened, .. } = door.step().await else { panic!("no address") };
    assert!(opened);
    assert_eq!(entrance.browser.opened(), [address.as_str()]);
    let page = entrance.approve_in_browser(&address).await;
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    assert!(page.contains("close this tab") && !page.contains("1.AX") && !page.contains("<script"), "{page}");
    assert!(matches!(door.step().await, LoginStep::Exchanging(_)));
    let LoginStep::SignedIn(account) = door.step().await else { panic!("not signed in") };
    assert!(account.address.starts_with("lena"), "{account:?}");
    assert!(Feature::Mail.is_open(&account.granted) && Feature::FreeBusy.is_open(&account.granted));
    drop(door);
    let mut again = entrance.open(Display::Here);
    assert_eq!(again.step().await, LoginStep::SignedIn(account));
}

#[tokio::test]
async fn by_code_to_the_end_polling_no_faster_than_asked() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open(Display::Remote);
    let LoginStep::SignedOut { preferred, reason } = door.step().await else { panic!("not signed out") };
    assert_eq!(preferred, LoginMethod::DeviceCode);
    assert!(reason.contains("remote"), "{reason}");
    let code = entrance.begin_code(&mut door).await;
    entrance.pass(4).await;
    assert_eq!(entrance.token_requests(), 0, "polled before the interval was over");
    entrance.pass(1).await;
    entrance.pass(5).await;
    assert_eq!(entrance.token_requests(), 2);
    entrance.tenant.script().approve(&code, "lena").expect("approved");
    entrance.pass(5).await;
    assert!(matches!(door.step().await, LoginStep::SignedIn(_)));
    assert!(entrance.browser.opened().is_empty());
}

#[tokio::test]
async fn switching_closes_the_port_and_stops_the_polling() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    let code = entrance.begin_code(&mut door).await;
    assert!(entrance.comes_back(&address, "lena").await.is_err(), "the port of the first way in is still open");
    let address = door.begin_browser().await;
    entrance.tenant.script().approve(&code, "lena").expect("approved");
    entrance.pass(60).await;
    assert_eq!(entrance.token_requests(), 0, "the code is still asked for");
    entrance.approve_in_browser(&address).await;
    assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
    assert_eq!(entrance.token_requests(), 1);
}

#[tokio::test]
async fn cancelling_goes_back_to_signed_out() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    door.handle.send(LoginCommand::Cancel);
    assert!(matches!(door.step().await, LoginStep::SignedOut { .. }));
    assert!(entrance.comes_back(&address, "lena").await.is_err());
}

#[tokio::test]
async fn a_refusal_is_told_in_both_ways_in_and_another_can_be_begun() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    let back = entrance.tenant.script().cancel(&address).expect("an address");
    let page = entrance.visit(&back).await.expect("a page");
    assert!(page.contains("not finished"), "{page}");
    assert_eq!(door.failure().await.code, "declined");
    let code = entrance.begin_code(&mut door).await;
    entrance.tenant.script().refuse(&code).expect("refused");
    entrance.pass(5).await;
    assert_eq!(door.failure().await.code, "declined");
    let address = door.begin_browser().await;
    entrance.approve_in_browser(&address).await;
    assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
}

#[tokio::test]
async fn a_code_ends_when_the_screen_says_so() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    door.begin(LoginMethod::DeviceCode, false);
    door.step().await;
    let LoginStep::DeviceCode { expires, .. } = door.step().await else { panic!("no code") };
    let now = jiff::Timestamp::try_from(entrance.clock.now()).expect("a time");
    assert_eq!(expires.as_second() - now.as_second(), 900);
    for _ in 0..179 {
        entrance.pass(5).await;
    }
    assert!(door.quiet());
    entrance.pass(5).await;
    let report = door.failure().await;
    assert_eq!(report.code, "codeExpired");
    assert!(report.next[0].contains("new code"), "{report:?}");
}

#[tokio::test]
async fn a_browser_that_never_comes_back_ends_in_words() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    entrance.pass(599).await;
    assert!(door.quiet());
    entrance.pass(1).await;
    let report = door.failure().await;
    assert_eq!(report.code, "browserTimedOut");
    assert!(report.next.iter().any(|step| step.contains("browser shows")), "{report:?}");
    assert!(entrance.comes_back(&address, "lena").await.is_err());
}

#[tokio::test]
async fn strangers_at_the_port_end_nothing_and_the_port_closes_behind_the_right_one() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    let back = entrance.tenant.script().authorize(&address, "lena").expect("an address");
    let root = back.split('?').next().expect("an address").to_owned();
    let wrong = back.replace("state=", "state=x");
    for stranger in [&wrong, &format!("{root}?error=access_denied"), &format!("{root}?code=x&state=")] {
        let page = entrance.visit(stranger).await.expect("a page");
        assert!(page.starts_with("HTTP/1.1 400"), "{page}");
        let LoginStep::Browser { problem: Some(problem), .. } = door.step().await else { panic!("nothing is said") };
        assert!(problem.contains("another sign-in"), "{problem}");
    }
    for path in ["favicon.ico", "other"] {
        let elsewhere = back.replace("/?", &format!("/{path}?"));
        assert!(entrance.visit(&elsewhere).await.expect("a page").starts_with("HTTP/1.1 404"));
    }
    assert!(door.quiet());
    assert_eq!(entrance.token_requests(), 0);
    assert!(entrance.visit(&back).await.expect("a page").starts_with("HTTP/1.1 200"));
    assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
    assert!(entrance.visit(&back).await.is_err(), "a second redirect was taken");
}

#[tokio::test]
async fn a_code_from_another_sign_in_is_worth_nothing() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    let foreign = replace_parameter(&address, "code_challenge", &"a".repeat(43));
    entrance.approve_in_browser(&foreign).await;
    let report = door.failure().await;
    assert_eq!(report.code, "signInRefused");
    assert!(detail(&report, "code").contains("501481"), "{report:?}");
}

#[tokio::test]
async fn an_id_token_for_another_request_is_refused() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let address = door.begin_browser().await;
    entrance.approve_in_browser(&replace_parameter(&address, "nonce", "somebody-elses")).await;
    assert_eq!(door.failure().await.code, "signInMismatch");
    assert!(entrance.brokers.accounts().await.expect("the vault").is_empty());
}

#[tokio::test]
async fn a_tenant_that_does_not_know_mail_tips_is_asked_for_less() {
    for method in [LoginMethod::Browser, LoginMethod::DeviceCode] {
        let entrance = Entrance::with(WorldOptions { mail_tips: false, ..WorldOptions::default() }).await;
        let mut door = entrance.open_signed_out().await;
        let step = if method == LoginMethod::Browser {
            let address = door.begin_browser().await;
            let first = entrance.comes_back(&address, "lena").await.expect("a page");
            assert!(first.contains("not finished"), "{first}");
            assert!(matches!(door.step().await, LoginStep::Exchanging(_)));
            let LoginStep::Browser { address, .. } = door.step().await else { panic!("no second address") };
            entrance.approve_in_browser(&address).await;
            door.settled().await
        } else {
            door.begin(method, false);
            let code = loop {
                match door.step().await {
                    LoginStep::DeviceCode { code, .. } => break code,
                    LoginStep::Working(_) => {}
                    other => panic!("{other:?}"),
                }
            };
            entrance.tenant.script().approve(&code, "lena").expect("approved");
            entrance.pass(5).await;
            door.settled().await
        };
        let LoginStep::SignedIn(account) = step else { panic!("{step:?}") };
        assert!(!account.granted.has("MailTips.ReadBasic.Shared") && account.granted.has("Presence.Read.All"));
    }
}

#[tokio::test]
async fn what_was_granted_lights_features_not_what_was_asked() {
    let entrance = Entrance::with(WorldOptions { consent: Consent::Basic, ..WorldOptions::default() }).await;
    let account = entrance.sign_in("lena").await;
    assert!(Feature::Presence.is_open(&account.granted));
    assert!(!Feature::Mail.is_open(&account.granted) && !Feature::Calendar.is_open(&account.granted));
}

#[tokio::test]
async fn the_demo_approves_itself_in_both_ways() {
    for method in [LoginMethod::Browser, LoginMethod::DeviceCode] {
        let entrance = Entrance::new().await;
        let mut door = entrance.open_signed_out().await;
        door.begin(method, false);
        loop {
            if matches!(door.step().await, LoginStep::Browser { .. } | LoginStep::DeviceCode { .. }) {
                break;
            }
        }
        door.handle.send(LoginCommand::ApproveDemo);
        entrance.idle().await;
        if method == LoginMethod::DeviceCode {
            entrance.pass(5).await;
        }
        assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
    }
}

#[tokio::test]
async fn without_a_registration_one_is_taken_checked_and_remembered() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_unregistered();
    assert_eq!(door.step().await, LoginStep::NeedsRegistration);
    door.begin(LoginMethod::Browser, false);
    assert_eq!(door.step().await, LoginStep::NeedsRegistration);
    let register = |client_id: &str, tenant: &str| {
        LoginCommand::Register(Registration { client_id: client_id.to_owned(), tenant: tenant.to_owned() })
    };
    door.handle.send(register("my application", "contoso.com"));
    assert_eq!(door.failure().await.code, "badClientId");
    let client = entrance.tenant.clients().public.clone();
    door.handle.send(register(&client, "contoso.com/../evil"));
    assert_eq!(door.failure().await.code, "badTenant");
    assert!(entrance.remembered().is_empty());
    door.handle.send(register(&format!(" {} ", client.to_uppercase()), entrance.tenant.tenant_id()));
    let LoginStep::Browser { address, .. } = door.step().await else { panic!("no address") };
    assert_eq!(entrance.remembered(), [client]);
    entrance.approve_in_browser(&address).await;
    assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
}

#[tokio::test]
async fn an_unknown_application_is_explained_with_what_support_needs() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_unregistered();
    door.step().await;
    let unknown = Registration {
        client_id: "00000000-1111-2222-3333-444444444444".to_owned(),
        tenant: entrance.tenant.tenant_id().to_owned(),
    };
    door.handle.send(LoginCommand::Register(unknown));
    door.step().await;
    door.begin(LoginMethod::DeviceCode, false);
    let report = door.failure().await;
    assert!(report.why.contains("does not know an application"), "{report:?}");
    assert_eq!(detail(&report, "code"), "AADSTS700016");
    assert!(!detail(&report, "correlation id").is_empty() && !detail(&report, "trace id").is_empty(), "{report:?}");
}

#[tokio::test]
async fn a_line_that_breaks_makes_polls_rarer_and_ends_nothing() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    let code = entrance.begin_code(&mut door).await;
    entrance.tenant.script().approve(&code, "lena").expect("approved");
    entrance.tenant.script().offline(true);
    entrance.pass(5).await;
    entrance.pass(5).await;
    assert!(door.quiet());
    entrance.tenant.script().offline(false);
    entrance.pass(10).await;
    assert!(matches!(door.settled().await, LoginStep::SignedIn(_)));
}

#[tokio::test]
async fn no_connection_at_all_is_told_as_such() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    entrance.tenant.script().offline(true);
    door.begin(LoginMethod::DeviceCode, false);
    let report = door.failure().await;
    assert_eq!((report.code.as_str(), report.exit_code()), ("signInUnreachable", 6));
}

#[tokio::test]
async fn waiting_for_a_person_or_the_clock_is_idle() {
    let entrance = Entrance::new().await;
    let mut door = entrance.open_signed_out().await;
    door.begin_browser().await;
    entrance.idle().await;
    entrance.begin_code(&mut door).await;
    entrance.idle().await;
    let next = entrance.clock.next_due().expect("somebody waits");
    assert_eq!(next, entrance.clock.now() + Duration::from_secs(5));
}

fn replace_parameter(address: &str, name: &str, value: &str) -> String {
    let mut url = url::Url::parse(address).expect("an address");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    assert!(pairs.iter().any(|(key, _)| key == name), "no {name} in {address}");
    let replaced = pairs.into_iter().map(|(key, old)| if key == name { (key, value.to_owned()) } else { (key, old) });
    let replaced: Vec<_> = replaced.collect();
    url.query_pairs_mut().clear().extend_pairs(replaced);
    url.into()
}

fn detail(report: &Report, name: &str) -> String {
    report.details.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

impl Door {
    fn begin(&self, method: LoginMethod, open_browser: bool) {
        self.handle.send(LoginCommand::Begin { method, open_browser });
    }
}
