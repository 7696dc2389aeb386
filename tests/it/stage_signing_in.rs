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
    stage.press("A").await;
    seconds(&mut stage, 8).await;
    stage.sees("lena@contoso.com");
    stage.sees("Contract draft v3: two open points");

    // Nothing ticks once nothing waits and everything is here.
    stage.advance(Duration::from_mins(5)).await;
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
    stage.press("Tab").await;
    let tenant = stage.tenant.tenant_id().to_owned();
    stage.paste(&tenant).await;
    stage.press("Enter").await;
    stage.sees("Waiting for");
    stage.press("A").await;
    seconds(&mut stage, 8).await;
    stage.sees("10 unread of 300");
    let home = stage.end().await;
    let config = std::fs::read_to_string(deskbell::base::paths::Places::under(home.path()).config_file()).unwrap();
    assert!(config.contains(&client_id) && config.contains(&tenant), "{config}");
}

async fn granted(consent: Consent, width: u16, height: u16) -> Stage {
    let world = WorldOptions { consent, ..WorldOptions::default() };
    let tenant = TenantOptions { world, ..TenantOptions::default() };
    Stage::with(StageOptions { width, height, tenant, ..StageOptions::default() }).await
}

#[tokio::test]
async fn what_was_not_granted_is_dimmed_with_the_reason() {
    for consent in [Consent::None, Consent::Basic] {
        let mut stage = granted(consent, 120, 40).await;
        stage.sees("2 Mail!");
        stage.sees("Your mail may not be read: the permission Mail.Read is missing.");
        stage.press("2").await;
        stage.sees("Mail may not be read yet");
        stage.sees("Mail.Read");
        stage.press("Esc 3").await;
        stage.sees("Calendar may not be read yet");
        stage.press("Esc").await;
        stage.sees("Your calendar may not be read: the permission Calendars.Read is missing.");
        stage.press("4 Esc").await;
        stage.sees("Calendar may not be read yet");
        stage.press("Esc").await;
        stage.sees("Free/busy may not be read: the permission Calendars.Read is missing.");
        stage.press("6").await;
        match consent {
            Consent::Basic => stage.sees("I am on leave."),
            _ => stage.sees_no("I am on leave."),
        }
        stage.press("Esc :").await;
        stage.type_text("open calendar").await;
        stage.press("ctrl-u").await;
        stage.type_text("Calendar").await;
        stage.sees("no permission");
        stage.sees("Your calendar may not be read: the permission Calendars.Read is missing.");
    }
}

#[tokio::test]
async fn a_missing_permission_is_asked_for_over_the_view_and_opens_it() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = granted(Consent::Basic, width, height).await;
        stage.press("3").await;
        stage.sees("Calendars.Read");
        stage.sees("Granted by");
        stage.press("a").await;
        stage.sees("To your administrator");
        stage.press("y").await;
        let request = stage.copied().unwrap();
        assert!(request.contains("Calendars.Read") && !request.contains("- Mail.Read"), "{request}");
        stage.press("Esc").await;

        // The organisation thinks better of it, and the simulated person agrees by itself.
        stage.tenant.script().world(|world| world.options.consent = Consent::All);
        stage.press("s").await;
        seconds(&mut stage, 10).await;
        stage.sees_no("may not be read");
        stage.sees("Stand-up");
        stage.sees_no("3 Calendar!");
        stage.sees("2 Mail!");
    }
}

#[tokio::test]
async fn not_now_holds_until_tomorrow() {
    let mut stage = granted(Consent::Basic, 80, 24).await;
    stage.press("2 x").await;
    stage.sees_no("Mail may not be read yet");
    stage.press("1 2").await;
    stage.sees_no("Mail may not be read yet");
    // Whoever asks is told.
    stage.press("!").await;
    stage.sees("Mail may not be read yet");
    stage.press("Esc 3").await;
    stage.sees("Calendar may not be read yet");
    stage.press("Esc").await;
    seconds(&mut stage, 24 * 60 * 60).await;
    stage.press("1 2").await;
    stage.sees("Mail may not be read yet");
}

/// The finished page of a browser on another computer: where it ended.
async fn ended_at(stage: &mut Stage) -> String {
    stage.press("y").await;
    let address = stage.copied().expect("the address was copied");
    stage.tenant.script().authorize(&address, "lena").unwrap()
}

#[tokio::test]
async fn the_address_of_a_browser_elsewhere_is_pasted_whole_or_broken_over_lines() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = sized(width, height).await;
        stage.press("v").await;
        stage.sees("In a browser on any computer, open this address:");
        stage.sees("http://localhost");
        let ended = ended_at(&mut stage).await;

        // Something else says what it lacks, and the wait goes on.
        stage.paste("https://example.com/nothing").await;
        stage.sees("Waiting for the address");
        stage.sees("This address carries no answer.");

        let (head, tail) = ended.split_at(ended.len() / 2);
        stage.paste(&format!("  {head}\n   {tail}\r\n")).await;
        seconds(&mut stage, 2).await;
        stage.sees("10 unread of 300");
    }
}

#[tokio::test]
async fn an_address_that_comes_letter_by_letter_is_taken_and_never_drawn() {
    let mut stage = sized(80, 24).await;
    stage.press("v").await;
    let ended = ended_at(&mut stage).await;
    stage.type_text("http").await;
    stage.sees("4 characters, kept hidden");
    stage.press("Esc").await;
    stage.sees_no("kept hidden");
    stage.sees("Waiting for the address");
    stage.type_text(&ended).await;
    let code = ended.split("code=").nth(1).unwrap().chars().take(12).collect::<String>();
    stage.sees_no(&code);
    stage.press("Enter").await;
    seconds(&mut stage, 2).await;
    stage.sees("10 unread of 300");
}

#[tokio::test]
async fn while_nothing_is_pasted_every_way_in_is_one_key_away() {
    let mut stage = sized(80, 24).await;
    for (key, sees) in [
        ("v", "Waiting for the address"),
        ("d", "Waiting for approval"),
        ("b", "Waiting for the browser"),
        ("v", "Waiting for the address"),
        ("b", "Waiting for the browser"),
        ("d", "Waiting for approval"),
    ] {
        stage.press(key).await;
        stage.sees(sees);
    }
    stage.press("v f").await;
    stage.sees("The whole address");
    let shown: String = stage.text().chars().filter(char::is_ascii_graphic).collect();
    stage.press("y").await;
    let address = stage.copied().unwrap();
    assert!(shown.contains(&address), "{address} in {shown}");
}

#[tokio::test]
async fn what_is_asked_for_is_explained_and_the_request_to_an_administrator_is_finished() {
    let mut stage = sized(80, 24).await;
    stage.sees("Asks for");
    stage.sees("who is out, calendar, mail; reading only");
    stage.press("p").await;
    stage.sees("What is asked for");
    stage.sees("User.Read");
    stage.press("G").await;
    stage.sees("Mail.Read");
    stage.press("Esc a").await;
    stage.sees("To your administrator");
    stage.press("y").await;
    let request = stage.copied().unwrap();
    assert!(request.contains("adminconsent") && request.contains("Calendars.Read"), "{request}");
    let client_id = stage.tenant.clients().public.clone();
    assert!(request.contains(&client_id));
}

#[tokio::test]
async fn every_way_in_fits_a_small_terminal() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = sized(width, height).await;
        for key in ["", "b", "v", "d"] {
            if !key.is_empty() {
                stage.press(key).await;
                stage.sees("left");
                stage.sees("This is the demo: A approves");
            }
            stage.sees("p explains");
            stage.sees("a writes to them");
            stage.sees("Kept");
            stage.sees("best here");
        }
    }
}

async fn sized(width: u16, height: u16) -> Stage {
    Stage::with(StageOptions { signed_in: false, width, height, ..StageOptions::default() }).await
}

/// Presses only keys that the screen names at that moment, and counts them.
async fn press_named(stage: &mut Stage, key: &str, presses: &mut usize) {
    let screen = stage.text();
    let named = if key.len() > 1 { key.to_lowercase() } else { key.to_owned() };
    let footer = screen.lines().last().unwrap_or_default().to_owned();
    let is_named = footer.split("   ").any(|hint| hint.split_whitespace().next() == Some(named.as_str()));
    assert!(is_named, "{key} is not named:\n{screen}");
    *presses += 1;
    stage.press(key).await;
}

#[tokio::test]
async fn a_newcomer_over_ssh_without_a_display_is_in_with_six_keys_besides_the_code() {
    for without_registration in [false, true] {
        let environment = vec![("TERM", "xterm-256color"), ("SSH_CONNECTION", "192.0.2.7 50022 192.0.2.8 22")];
        let options = StageOptions {
            signed_in: false,
            width: 80,
            height: 24,
            environment,
            without_registration,
            ..StageOptions::default()
        };
        let mut stage = Stage::with(options).await;
        let mut presses = 0;
        if without_registration {
            let (client_id, tenant) = (stage.tenant.clients().public.clone(), stage.tenant.tenant_id().to_owned());
            stage.paste(&client_id).await;
            press_named(&mut stage, "Tab", &mut presses).await;
            stage.paste(&tenant).await;
        } else {
            stage.sees("This session is remote");
        }
        press_named(&mut stage, "Enter", &mut presses).await;
        stage.sees("/devicelogin");
        press_named(&mut stage, "y", &mut presses).await;
        let code = stage.copied().expect("the code was copied");
        stage.tenant.script().approve(&code, "lena").unwrap();
        seconds(&mut stage, 10).await;
        stage.sees("10 unread of 300");
        assert!(presses <= 6, "{presses} key presses");
    }
}
