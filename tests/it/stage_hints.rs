//! Every key that is named at the foot of the screens of signing in does something there.

use crate::support::stage::{Stage, StageOptions};
use deskbell::app::keys;
use std::time::Duration;

async fn signed_out(without_registration: bool) -> Stage {
    Stage::with(StageOptions { signed_in: false, without_registration, ..StageOptions::default() }).await
}

/// The keys of the last line.
fn named(stage: &mut Stage) -> Vec<String> {
    let lines = stage.lines();
    let foot = lines.last().cloned().unwrap_or_default();
    foot.split("   ").filter_map(|hint| hint.split_whitespace().next()).map(str::to_owned).collect()
}

/// The keys as a script: several letters are pressed one after the other.
fn script(keys_named: &str) -> String {
    let capital = |name: &str| match name {
        "esc" => "Esc".to_owned(),
        "enter" => "Enter".to_owned(),
        "tab" => "Tab".to_owned(),
        other => other.to_owned(),
    };
    let whole = capital(keys_named);
    if keys::parse(&whole).is_ok() {
        return whole;
    }
    keys_named.chars().map(|key| format!("{key} ")).collect()
}

/// Opens the screen once for each named key, and presses it.
async fn each_does_something(without_registration: bool, opening: &str, text: &str) {
    let open = async || {
        let mut stage = signed_out(without_registration).await;
        stage.press(opening).await;
        if !text.is_empty() {
            stage.paste(text).await;
            stage.settle().await;
        }
        stage
    };
    let mut first = open().await;
    let keys_named = named(&mut first);
    assert!(keys_named.len() > 2, "{keys_named:?}");
    for key in keys_named {
        let mut stage = open().await;
        let (before, cursor) = (stage.text(), stage.cursor());
        stage.press(&script(&key)).await;
        let after = stage.text();
        assert!(!after.contains("not used here"), "{key} after \"{opening}\":\n{after}");
        let has_moved = stage.cursor() != cursor;
        assert!(stage.has_left() || has_moved || after != before, "{key} after \"{opening}\" does nothing:\n{after}");
    }
}

#[tokio::test]
async fn before_a_way_in_is_chosen() {
    each_does_something(false, "", "").await;
}

#[tokio::test]
async fn while_a_code_is_waited_for() {
    each_does_something(false, "d", "").await;
}

#[tokio::test]
async fn while_a_browser_is_waited_for() {
    each_does_something(false, "b", "").await;
}

#[tokio::test]
async fn on_the_page_that_takes_a_registration() {
    each_does_something(true, "", "").await;
    each_does_something(false, "r", "").await;
}

#[tokio::test]
async fn enter_never_spoils_the_code_that_is_typed_elsewhere() {
    let mut stage = signed_out(false).await;
    stage.press("d y").await;
    let code = stage.copied();
    stage.press("Enter").await;
    stage.sees("It is waited for; nothing has to be pressed here.");
    stage.press("y").await;
    assert_eq!(stage.copied(), code);
    stage.press("d y").await;
    assert_ne!(stage.copied(), code, "one key asks for another code");
}

#[tokio::test]
async fn a_countdown_goes_on_behind_a_page_and_ends_with_what_it_counts() {
    for key in ["b", "v", "d"] {
        let mut stage = signed_out(false).await;
        stage.press(key).await;
        stage.press("p").await;
        stage.sees("What is asked for");
        stage.advance(Duration::from_secs(4)).await;
        stage.press("Esc").await;
        stage.sees(if key == "d" { "14:56 left" } else { "9:56 left" });
        let before = stage.frames();
        stage.advance(Duration::from_secs(4)).await;
        stage.sees(if key == "d" { "14:52 left" } else { "9:52 left" });
        let drawn = stage.frames() - before;
        assert!((4..=6).contains(&drawn), "{key}: {drawn} frames in four seconds");

        // Nothing ticks once nothing waits.
        stage.press("Esc").await;
        stage.advance(Duration::from_secs(8)).await;
        let before = stage.frames();
        stage.advance(Duration::from_secs(20)).await;
        assert!(stage.frames() - before <= 1, "{key}: {} frames in silence", stage.frames() - before);
    }
}
