//! The panel of accounts: who, how long, where it is kept; another account beside, the switch, and the way out.

use crate::support::stage::{Stage, StageOptions};
use std::time::Duration;

/// Signs this person in by a pasted address while the screen with the ways in is shown.
async fn sign_in_as(stage: &mut Stage, person: &str) {
    stage.press("v y").await;
    let address = stage.copied().expect("the address was copied");
    let ended = stage.tenant.script().authorize(&address, person).unwrap();
    stage.paste(&ended).await;
    stage.advance(Duration::from_secs(3)).await;
}

/// A stage on which nobody approves by itself.
async fn lena(width: u16, height: u16) -> Stage {
    let options = StageOptions { signed_in: false, width, height, ..StageOptions::default() };
    let mut stage = Stage::with(options).await;
    sign_in_as(&mut stage, "lena").await;
    stage
}

#[tokio::test]
async fn the_panel_says_who_how_long_and_where_it_is_kept() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = lena(width, height).await;
        stage.press("g u").await;
        stage.sees("Accounts");
        stage.sees("lena@contoso.com");
        stage.sees("in use");
        stage.sees("by browser, with a pasted address");
        stage.sees("renewed by itself");
        stage.sees("key file beside them");
        stage.sees("who is out, calendar, mail");
        stage.press("y").await;
        let copied = stage.copied().unwrap();
        assert!(copied.starts_with("lena@contoso.com\n") && copied.contains("Token: ends at"), "{copied}");
        stage.press("Enter").await;
        stage.sees("This account is in use already.");
        // What is fetched behind it is shown as it comes; then nothing moves.
        stage.advance(Duration::from_mins(5)).await;
        let before = stage.changes();
        stage.advance(Duration::from_secs(50)).await;
        assert!(stage.changes() - before <= 2, "{} changes: nothing ticks in seconds here", stage.changes() - before);
    }
}

#[tokio::test]
async fn another_account_is_added_and_switched_to_and_nothing_of_the_first_stays_on_the_screen() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = lena(width, height).await;
        stage.press("2").await;
        stage.sees("Contract draft v3: two open points");
        stage.press("g u a").await;
        stage.sees("Add an account");
        sign_in_as(&mut stage, "tom").await;
        stage.sees_no("Contract draft v3: two open points");
        stage.press("g u").await;
        stage.sees("tom@contoso.com");
        stage.sees("lena@contoso.com");
        stage.press("k Enter").await;
        stage.advance(Duration::from_secs(3)).await;
        stage.sees("Contract draft v3: two open points");
        stage.press("Esc g u").await;
        stage.sees("lena@contoso.com   Lena Ortiz, work or school");
        let lines = stage.lines();
        let line = lines.iter().find(|line| line.contains("lena@contoso.com   Lena")).unwrap();
        assert!(line.contains("in use"), "{line}");
    }
}

#[tokio::test]
async fn signing_out_is_asked_about_and_the_other_account_is_in_use_then() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = lena(width, height).await;
        stage.press("g u x").await;
        stage.sees("Sign out lena@contoso.com?");
        // The harmless answer is under the cursor.
        stage.press("Enter").await;
        stage.sees_no("Sign out lena@contoso.com?");
        stage.sees("in use");
        stage.press("x Esc x y").await;
        stage.advance(Duration::from_secs(2)).await;
        stage.sees("Nothing is sent until you approve it in your browser.");
        assert_eq!(stage.engine().known_accounts().await.unwrap().known, []);
    }
    let mut stage = lena(120, 40).await;
    stage.press("g u a").await;
    sign_in_as(&mut stage, "tom").await;
    stage.press("g u x y").await;
    stage.advance(Duration::from_secs(3)).await;
    stage.sees("lena@contoso.com");
    stage.sees("Contract draft v3: two open points");
}
