//! A sign-in that is lost while somebody reads: the screen for a new one comes over the view, and reading can go on.

use crate::support::stage::Stage;
use std::time::Duration;

/// A stage whose sign-in was withdrawn, and which has asked since. Its simulated person approves by itself.
async fn lost(keys: &str, width: u16, height: u16) -> Stage {
    let mut stage = Stage::sized(width, height).await;
    stage.press(keys).await;
    stage.tenant.script().revoke("lena").unwrap();
    stage.advance(Duration::from_mins(6)).await;
    stage
}

#[tokio::test]
async fn a_lost_sign_in_is_renewed_over_the_message_that_is_read() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = lost("2 Enter", width, height).await;
        stage.sees("Sign in again");
        stage.sees("You have to sign in again.");
        stage.press("d").await;
        stage.advance(Duration::from_secs(8)).await;
        stage.sees_no("Sign in again");
        stage.sees("Two points are left before we sign:");
        stage.sees_no("explain");
        stage.advance(Duration::from_mins(1)).await;
        stage.sees("synced");
    }
}

#[tokio::test]
async fn esc_goes_on_reading_and_the_line_says_how_to_come_back() {
    let mut stage = lost("2", 80, 24).await;
    stage.sees("Sign in again");
    stage.press("Esc").await;
    stage.sees("You go on reading what is kept here");
    stage.sees_no("Sign in again");
    stage.press("Enter").await;
    stage.sees("Two points are left before we sign:");
    stage.advance(Duration::from_mins(10)).await;
    stage.sees_no("Sign in again");
    stage.sees("! explain");
    stage.press("!").await;
    stage.sees("Sign in again");
    stage.press("Esc F5").await;
    stage.advance(Duration::from_secs(5)).await;
    stage.sees("Sign in again");
}

#[tokio::test]
async fn letters_that_are_being_typed_never_become_commands_of_the_sign_in() {
    let mut stage = lost("5", 80, 24).await;
    stage.sees_no("Sign in again");
    stage.type_text("bqd").await;
    stage.sees("bqd");
    assert!(!stage.has_left());
    stage.press("Esc").await;
    stage.sees("Sign in again");
    stage.press("Esc").await;
    stage.sees("bqd");
}
