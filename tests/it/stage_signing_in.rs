//! Signing in on the screen, against the simulated Entra ID, with a simulated person who approves, refuses or does nothing.

use crate::support::stage::{Stage, StageOptions};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::{Consent, WorldOptions};
use std::time::Duration;

async fn signed_out() -> Stage {
    Stage::with(StageOptions { signed_in: false, ..StageOptions::default() }).await
}

/// The code on the screen.
fn code(stage: &mut Stage) -> String {
    let (_, row) = stage.find("Type this code");
    let line = stage.lines()[usize::from(row)].clone();
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "code").unwrap();
    words[at + 1].to_owned()
}

async fn seconds(stage: &mut Stage, seconds: u64) {
    stage.advance(Duration::from_secs(seconds)).await;
}

#[tokio::test]
async fn ways_in_can_be_switched_while_waiting_and_one_key_approves() {
    let mut stage = signed_out().await;
    stage.sees("Browser on this computer");
    stage.sees("There is no display here for a browser.");
    stage.press("b").await;
    stage.sees("/oauth2/v2.0/author");
    stage.sees("10:00 left");
    seconds(&mut stage, 3).await;
    stage.sees("9:57 left");
    stage.press("d").await;
    stage.sees("/devicelogin");
    stage.sees("15:00 left");
    stage.sees_no("/oauth2/v2.0/author");
    stage.press("y").await;
    let code = code(&mut stage);
    assert_eq!(stage.copied().as_deref(), Some(code.as_str()));
    let before = stage.frames();
    seconds(&mut stage, 4).await;
    assert!((4..=6).contains(&(stage.frames() - before)), "one frame a second, and the minute");
    stage.press("a").await;
    seconds(&mut stage, 8).await;
    stage.sees("lena@contoso.com");
    stage.sees("Contract draft v3: two open points");

    // Nothing ticks once nothing waits.
    let before = stage.frames();
    seconds(&mut stage, 20).await;
    assert!(stage.frames() - before <= 2, "{} frames in silence", stage.frames() - before);
}

#[tokio::test]
async fn the_browser_page_signs_in_too() {
    let mut stage = signed_out().await;
    stage.press("b y").await;
    let address = stage.copied().expect("the address was copied");
    let redirect = stage.tenant.script().authorize(&address, "lena").unwrap();
    let browser = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let page = browser.get(redirect).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("deskbell"), "{page}");
    stage.settle().await;
    seconds(&mut stage, 1).await;
    stage.sees("10 unread of 300");
}

#[tokio::test]
async fn a_refusal_and_the_end_of_time_are_told_in_words() {
    let mut stage = signed_out().await;
    stage.press("d").await;
    let shown = code(&mut stage);
    stage.tenant.script().refuse(&shown).unwrap();
    seconds(&mut stage, 6).await;
    stage.sees("The sign-in was declined.");
    stage.sees("Begin again if that was not meant.");
    stage.press("d").await;
    assert_ne!(code(&mut stage), shown, "a new code");
    seconds(&mut stage, 15 * 60 + 6).await;
    stage.sees("The code has expired.");
    let before = stage.frames();
    seconds(&mut stage, 30).await;
    assert!(stage.frames() - before <= 2, "an expired code does not tick");

    stage.press("b y").await;
    let address = stage.copied().unwrap();
    let redirect = stage.tenant.script().cancel(&address).unwrap();
    let browser = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    browser.get(redirect).send().await.unwrap();
    stage.settle().await;
    stage.sees("The sign-in was declined.");
    stage.press("b").await;
    seconds(&mut stage, 10 * 60 + 1).await;
    stage.sees("The browser did not come back in time.");
}

#[tokio::test]
async fn without_a_registration_the_page_takes_one_and_keeps_it() {
    let options = StageOptions { signed_in: false, without_registration: true, ..StageOptions::default() };
    let mut stage = Stage::with(options).await;
    stage.sees("deskbell ships nobody's registration.");
    stage.sees("deskbell demo");
    stage.press("Enter").await;
    stage.sees("The client id is missing");
    stage.type_text("not-an-id").await;
    stage.press("Enter").await;
    stage.sees("This is no client id.");
    stage.sees("not-an-id");
    stage.press("Backspace*9").await;
    let client_id = stage.tenant.clients().public.clone();
    stage.paste(&client_id).await;
    stage.press("Tab ctrl-u").await;
    let tenant = stage.tenant.tenant_id().to_owned();
    stage.paste(&tenant).await;
    stage.press("Enter").await;
    stage.sees("Waiting for");
    stage.press("a").await;
    seconds(&mut stage, 8).await;
    stage.sees("10 unread of 300");
    let home = stage.end().await;
    let config = std::fs::read_to_string(deskbell::base::paths::Places::under(home.path()).config_file()).unwrap();
    assert!(config.contains(&client_id) && config.contains(&tenant), "{config}");
}

async fn granted(consent: Consent) -> Stage {
    let world = WorldOptions { consent, ..WorldOptions::default() };
    Stage::with(StageOptions { tenant: TenantOptions { world, ..TenantOptions::default() }, ..StageOptions::default() })
        .await
}

#[tokio::test]
async fn what_was_not_granted_is_dimmed_with_the_reason() {
    for consent in [Consent::None, Consent::Basic] {
        let mut stage = granted(consent).await;
        stage.sees("Your mail may not be read: the permission Mail.Read is missing.");
        stage.press("2").await;
        stage.sees("Mail.Read");
        stage.press("!").await;
        stage.sees("Ask your administrator to allow Mail.Read");
        stage.press("Esc 3").await;
        stage.sees("Your calendar may not be read: the permission Calendars.Read is missing.");
        stage.press("4 Esc").await;
        stage.sees("Free/busy may not be read: the permission Calendars.Read is missing.");
        stage.press("6").await;
        match consent {
            Consent::Basic => stage.sees("I am on leave."),
            _ => stage.sees_no("I am on leave."),
        }
    }
}
