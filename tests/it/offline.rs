//! When the network or the service is not there: what is kept is read, the state is said in words, and nothing is asked in vain.

use crate::support::second_client::SecondClient;
use crate::support::stage::{MONDAY, Stage, StageOptions};
use deskbell::sim::faults::{Action, FaultBody, Rule};
use deskbell::sim::tenant::TenantOptions;
use std::time::Duration;

async fn seconds(stage: &mut Stage, seconds: u64) {
    stage.advance(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn a_cut_line_is_announced_and_reading_goes_on() {
    let mut stage = Stage::new().await;
    stage.tenant.script().offline(true);
    seconds(&mut stage, 75).await;
    stage.sees("Offline since 10:1");
    stage.sees("○ offline, ");
    stage.sees(", synced 10:12");
    stage.press("2 j Enter").await;
    stage.sees("4 211 tests");
    stage.press("3 z d").await;
    stage.sees("Write the status report");
    stage.press("1").await;
    seconds(&mut stage, 600).await;
    stage.sees("synced 11 min ago");
    assert!(!stage.text().contains('╭'), "no dialog:\n{}", stage.text());

    stage.tenant.script().offline(false);
    SecondClient::of(&stage, "ben").send("Back again", "<p>Hello</p>").await;
    seconds(&mut stage, 330).await;
    stage.sees_no("Offline since");
    stage.sees("Back again");
    stage.sees("● synced 10:");
}

#[tokio::test]
async fn a_start_without_the_network_shows_what_is_kept_and_how_old_it_is() {
    let first = Stage::new().await;
    let port = |address: &str| address.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let (authority_port, graph_port) = (port(first.tenant.authority()), port(first.tenant.graph()));
    let home = first.end().await;
    // The listeners of the first tenant close in tasks of their own.
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    // The same organisation, at the same addresses.
    let tenant = TenantOptions { authority_port, graph_port, ..TenantOptions::default() };
    let later = MONDAY + Duration::from_hours(2);
    let mut stage =
        Stage::with(StageOptions { home: Some(home), offline: true, now: later, tenant, ..StageOptions::default() })
            .await;
    stage.sees("Offline by choice");
    stage.sees("Contract draft v3: two open points");
    stage.sees("Lunch with Hugo");
    stage.sees("offline, synced 2 h ago");
    stage.press("2 Enter").await;
    stage.sees("Two points are left before we sign:");
    assert!(stage.tenant.script().requests().is_empty(), "nothing was asked");
}

#[tokio::test]
async fn a_service_that_asks_for_patience_gets_it() {
    let mut stage = Stage::new().await;
    stage.tenant.script().fault(Rule::graph("*", Action::Throttle(Some(20), false)));
    stage.tenant.script().clear_requests();
    stage.press("F5").await;
    // What was asked, and up to a second more, lest many programs come back in step.
    stage.sees("waiting 21 s");
    stage.sees("because Microsoft 365 asked for it");
    let asked = stage.tenant.script().requests().len();
    seconds(&mut stage, 10).await;
    stage.sees("waiting 11 s");
    assert!(!stage.text().contains('╭'), "no dialog:\n{}", stage.text());
    stage.press("2 j").await;
    stage.sees("Nightly failed: 3 tests");
    seconds(&mut stage, 9).await;
    assert_eq!(stage.tenant.script().requests().len(), asked, "nothing was asked before its time");
    seconds(&mut stage, 5).await;
    stage.sees_no("waiting");
    assert!(stage.tenant.script().requests().len() > asked, "then it goes on");
}

#[tokio::test]
async fn nonsense_from_the_server_ends_in_a_sentence_and_the_old_list_stays() {
    let nonsense = [
        Action::Status(200, FaultBody::Html, None),
        Action::Status(200, FaultBody::Empty, None),
        Action::Status(502, FaultBody::Html, None),
        Action::Status(404, FaultBody::Empty, None),
        Action::WrongJson,
        Action::Loop,
        Action::Cut,
    ];
    let mut stage = Stage::new().await;
    stage.press("2").await;
    for action in nonsense {
        stage.tenant.script().fault(Rule::graph("*", action.clone()).always());
        stage.press("F5").await;
        seconds(&mut stage, 70).await;
        stage.sees("Contract draft v3: two open po");
        stage.sees("Nightly failed: 3 tests");
        // A message whose body is not here yet.
        stage.press("G").await;
        seconds(&mut stage, 1).await;
        stage.sees("[Compass-3196]");
        stage.press("g g").await;
        stage.press("3").await;
        stage.sees("Week 48");
        stage.press("2").await;
        stage.tenant.script().clear_faults();
        seconds(&mut stage, 600).await;
        stage.sees("● synced");
        assert!(!stage.has_left(), "{action:?}");
    }
    // And it is none the worse for it.
    SecondClient::of(&stage, "ben").send("After the storm", "<p>Calm</p>").await;
    seconds(&mut stage, 80).await;
    stage.sees("After the storm");
}

#[tokio::test]
async fn a_session_that_was_revoked_asks_for_a_person_and_keeps_what_is_there() {
    let mut stage = Stage::new().await;
    stage.tenant.script().revoke("lena").unwrap();
    seconds(&mut stage, 130).await;
    stage.sees("Contract draft v3: two open points");
    stage.sees("explain");
    stage.press("!").await;
    stage.sees("Sign in");
}

#[tokio::test]
async fn a_service_that_takes_half_a_minute_for_each_answer_holds_up_no_key() {
    let mut stage = Stage::new().await;
    stage.press("2 j Enter").await;
    stage.sees("4 211 tests");
    stage.press("Esc 1").await;
    let script = stage.tenant.script();
    script.fault(Rule::graph("*", Action::Slow(30_000)).always());
    script.fault(Rule::authority("*", Action::Slow(30_000)).always());
    script.clear_requests();
    // As long as the clock stands still nothing is answered. More calls are made than may be under way at a time.
    for (keys, seen) in [
        ("F5 2", "4 211 tests"),
        ("g g Enter", "Two points are left before we sign:"),
        ("Esc j Enter", "4 211 tests"),
        ("Esc 3 z d", "Write the status report"),
        ("z w", "Friday 27"),
        ("1", "APAC hand-over"),
        ("?", "Help: Home"),
        ("Esc 6", "Jonas Weber"),
        ("2", "Nightly failed: 3 tests"),
    ] {
        let frames = stage.frames();
        stage.press_until(keys, seen).await;
        assert!(stage.frames() > frames, "{keys} draws nothing:\n{}", stage.text());
        assert!(script.requests().is_empty(), "{:?} was answered", script.requests());
    }
    script.clear_faults();
    stage.skip(Duration::from_secs(31)).await;
    assert!(script.requests().len() > 4, "the calls were under way all the time");
}
