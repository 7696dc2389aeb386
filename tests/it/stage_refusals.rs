//! Every way the organisation, the service or the person says no, on the screen: each has its own sentence and names the next step;
//! none of them takes anything away that was there before.

use crate::support::stage::{MONDAY, Stage, StageOptions};
use deskbell::sim::entra::claims::Challenge;
use deskbell::sim::entra::policy::{Conditional, Policy, UserConsent, Where};
use deskbell::sim::tenant::{Clients, TenantOptions};
use deskbell::sim::world::WorldOptions;
use std::time::Duration;

/// A small terminal in front of an organisation with this policy, whose people do nothing by themselves.
fn options(policy: Policy) -> StageOptions {
    let world = WorldOptions { policy, ..WorldOptions::default() };
    let tenant = TenantOptions { world, ..TenantOptions::default() };
    StageOptions { signed_in: false, width: 80, height: 24, tenant, ..StageOptions::default() }
}

async fn stage(policy: Policy) -> Stage {
    Stage::with(options(policy)).await
}

/// The address of the sign-in page for a browser elsewhere.
async fn page(stage: &mut Stage) -> String {
    stage.press("v y").await;
    stage.copied().expect("the address was copied")
}

/// Signs this person in by a pasted address; or what the page says instead of going on.
async fn paste(stage: &mut Stage, person: &str) -> Result<(), String> {
    let address = page(stage).await;
    let ended = stage.tenant.script().authorize(&address, person)?;
    stage.paste(&ended).await;
    stage.advance(Duration::from_secs(3)).await;
    Ok(())
}

/// Types the code for Lena; what the page says is not the program's to know.
async fn approve_code(stage: &mut Stage) {
    stage.press("d y").await;
    let code = stage.copied().expect("the code was copied");
    let _ = stage.tenant.script().approve(&code, "lena");
    stage.advance(Duration::from_secs(8)).await;
}

#[tokio::test]
async fn whoever_may_not_consent_is_told_so_and_has_the_finished_request_one_key_away() {
    for form in [false, true] {
        let policy = Policy { user_consent: UserConsent::LowRisk, request_form: form, ..Policy::default() };
        let mut stage = stage(policy).await;
        let address = page(&mut stage).await;
        assert!(stage.tenant.script().authorize(&address, "lena").is_err(), "the page leads nowhere");
        let ended = stage.tenant.script().go_back(&address, "lena").unwrap();
        stage.paste(&ended).await;
        stage.settle().await;
        stage.sees("Your administrator has to agree first.");
        stage.sees(if form { "Fill in the form in the browser" } else { "Only an administrator may allow" });
        stage.sees_no("declined");
        stage.sees("The request for your administrator is ready.");
        stage.sees("a writes to them");
        stage.press("a y").await;
        let request = stage.copied().unwrap();
        assert!(request.contains("/v2.0/adminconsent?client_id=") && request.contains("Mail.Read"), "{request}");
        stage.press("Esc").await;

        // The second one like it, also by another way in, is known for what it is.
        stage.press("b y").await;
        let address = stage.copied().unwrap();
        let ended = stage.tenant.script().go_back(&address, "lena").unwrap();
        let browser = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        browser.get(ended).send().await.unwrap();
        stage.settle().await;
        stage.sees("→ Stop signing in again: it ends the same way");
        stage.sees("The request for your administrator is ready.");
    }
}

#[tokio::test]
async fn an_administrator_who_agrees_to_the_request_lets_the_next_sign_in_through() {
    // The request holds a second link for a tenant that does not know all of it; what it grants has to be enough, too.
    for which in [0, 1] {
        let mut stage = stage(Policy { user_consent: UserConsent::Nothing, ..Policy::default() }).await;
        let address = page(&mut stage).await;
        let ended = stage.tenant.script().go_back(&address, "lena").unwrap();
        stage.paste(&ended).await;
        stage.press("a y").await;
        let request = stage.copied().unwrap();
        let links: Vec<&str> = request.lines().filter(|line| line.starts_with("http")).collect();
        stage.tenant.script().admin_consent(links[which], "itservice").unwrap();
        stage.press("Esc").await;
        paste(&mut stage, "lena").await.unwrap();
        stage.sees("10 unread of 300");
    }
}

#[tokio::test]
async fn no_on_the_page_ends_nothing_that_waits_for_a_paste() {
    let mut stage = stage(Policy::default()).await;
    let address = page(&mut stage).await;
    let ended = stage.tenant.script().cancel(&address).unwrap();
    stage.paste(&ended).await;
    stage.settle().await;
    stage.sees("The sign-in was declined in the browser.");
    stage.sees("Waiting for the address");
    paste(&mut stage, "lena").await.unwrap();
    stage.sees("10 unread of 300");
}

#[tokio::test]
async fn where_codes_are_blocked_the_best_way_left_is_under_the_cursor_and_stays_so() {
    let policy = || Policy { device_code_blocked: true, ..Policy::default() };
    let mut first = stage(policy()).await;
    approve_code(&mut first).await;
    first.sees("A Conditional Access policy blocks this sign-in");
    first.sees("→ Sign in by browser, or paste the address a browser ends at");
    first.sees("paste the address it ends at; best here");
    let home = first.end().await;
    let now = MONDAY + Duration::from_mins(5);
    let mut second = Stage::with(StageOptions { home: Some(home), now, ..options(policy()) }).await;
    second.sees("paste the address it ends at; best here");
    second.sees("Your organisation has refused");
    second.press("Enter").await;
    second.sees("Waiting for the address");
    paste(&mut second, "lena").await.unwrap();
    second.sees("10 unread of 300");
}

#[tokio::test]
async fn codes_that_are_blocked_in_the_middle_of_a_session_are_not_offered_first() {
    let mut stage = stage(Policy { token_seconds: Some(3600), ..Policy::default() }).await;
    approve_code(&mut stage).await;
    stage.sees("10 unread of 300");
    stage.tenant.script().world(|world| world.policy.device_code_blocked = true);
    stage.advance(Duration::from_mins(66)).await;
    stage.sees("A policy now blocks the way you signed in with.");
    stage.sees("→ Sign in by browser instead of by code.");
    stage.sees("paste the address it ends at; best here");
    paste(&mut stage, "lena").await.unwrap();
    stage.sees_no("Sign in again");
}

#[tokio::test]
async fn conditions_on_the_person_are_told_with_what_helps() {
    for (number, cause, next) in [
        (53000, "a device that meets its rules", "→ Sign in by browser on a compliant computer."),
        (50097, "asks for a device it knows", "→ Sign in by browser on a computer your organisation manages."),
        (53003, "A Conditional Access policy blocks this sign-in", "→ If that is refused, too, ask your administrator"),
        (50105, "may be used by assigned people only", "→ Ask your administrator to assign you"),
    ] {
        let policy = Policy { conditional: vec![Conditional::new("lena", number)], ..Policy::default() };
        let mut stage = stage(policy).await;
        approve_code(&mut stage).await;
        stage.sees("The sign-in was refused.");
        stage.sees(cause);
        stage.sees(next);
        // Everything for the help desk, whole.
        stage.press("!").await;
        stage.sees(&format!("AADSTS{number}"));
        stage.sees("correlation id");
        stage.press("y").await;
        let copied = stage.copied().unwrap();
        assert!(copied.contains("correlation id") && copied.contains(&format!("AADSTS{number}")), "{copied}");
    }
    // A second factor is asked for on the page, and whoever gives it is in.
    let policy = Policy { conditional: vec![Conditional::new("lena", 50076)], ..Policy::default() };
    let mut stage = stage(policy).await;
    paste(&mut stage, "lena").await.unwrap();
    stage.sees("10 unread of 300");
}

#[tokio::test]
async fn a_session_that_ends_while_somebody_types_is_renewed_in_place_and_takes_nothing_away() {
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    for (number, cause) in [
        (0, "The password was changed or the sessions were revoked"),
        (70043, "The organisation asks for a fresh sign-in every so often"),
        (50076, "The organisation now asks for a second factor"),
        (53000, "a device that meets its rules"),
        (1, "The organisation now asks for a second factor"),
    ] {
        let mut stage = stage(Policy { token_seconds: Some(3600), ..Policy::default() }).await;
        paste(&mut stage, "lena").await.unwrap();
        stage.press("5").await;
        stage.type_text("iris").await;
        let script = stage.tenant.script();
        match number {
            0 => script.revoke("lena").unwrap(),
            1 => {
                let challenge = Challenge { claims: claims.to_owned(), several: false, interactive: true };
                script.challenge("lena", challenge).unwrap();
            }
            number => script.conditional(Conditional::new("lena", number).at(Where::Refresh)),
        }
        stage.advance(Duration::from_mins(66)).await;
        // Nothing covers what is being typed; the line above says it and how to learn more.
        stage.sees("You have to sign in again.");
        stage.sees("! explain");
        stage.type_text(" lund").await;
        stage.sees(" iris lund");
        stage.press("Esc").await;
        stage.sees("╭─ Sign in again");
        stage.sees(cause);
        stage.sees("→ ");
        stage.sees("esc go on reading");

        // Somebody else is not let in over it, and both are named.
        paste(&mut stage, "tom").await.unwrap();
        stage.sees("tom@contoso.com signed in, not lena@contoso.com.");
        stage.sees("→ Begin again and choose lena@contoso.com on the page.");
        assert_eq!(stage.engine().known_accounts().await.unwrap().known.len(), 1, "nothing of Tom was kept");

        if number == 53000 {
            continue; // A new sign-in does not make the device another one.
        }
        if number == 1 {
            stage.sees("a code cannot answer");
        }
        paste(&mut stage, "lena").await.unwrap();
        stage.advance(Duration::from_secs(5)).await;
        stage.sees_no("Sign in again");
        stage.sees_no("! explain");
        stage.sees(" iris lund");
        stage.sees("Iris Lund");
    }
}

#[tokio::test]
async fn a_challenge_that_a_new_token_answers_is_never_seen() {
    let mut stage = stage(Policy::default()).await;
    paste(&mut stage, "lena").await.unwrap();
    let claims = r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#.to_owned();
    let challenge = Challenge { claims, several: false, interactive: false };
    stage.tenant.script().challenge("lena", challenge).unwrap();
    stage.press("F5").await;
    stage.advance(Duration::from_mins(6)).await;
    stage.sees_no("sign in again");
    stage.sees_no("! explain");
    stage.sees("● synced");
}

#[tokio::test]
async fn an_account_that_was_switched_off_is_said_to_be() {
    let mut stage = stage(Policy { token_seconds: Some(3600), ..Policy::default() }).await;
    paste(&mut stage, "lena").await.unwrap();
    stage.tenant.script().world(|world| world.policy.disabled.push("lena".to_owned()));
    stage.advance(Duration::from_mins(66)).await;
    stage.sees("The account is disabled.");
    stage.sees("→ Ask your administrator to enable it.");
    stage.press("Esc").await;
    stage.sees("Contract draft v3: two open points");
    stage.press("!").await;
    stage.sees("╭─ Sign in again");
    stage.press("!").await;
    stage.sees("╭─ Problem");
    stage.sees("AADSTS50057");
}

#[tokio::test]
async fn a_guest_is_told_where_the_mailbox_is() {
    let mut stage = stage(Policy::default()).await;
    paste(&mut stage, "dana").await.unwrap();
    stage.sees("! explain");
    stage.press("!").await;
    stage.sees("There is no mailbox in Microsoft 365 behind this account");
    stage.sees("→ A guest has their mailbox at home");
    stage.press("Esc g u").await;
    stage.sees("guest in the tenant");
}

#[tokio::test]
async fn a_personal_account_is_in_where_it_may_and_known_as_one() {
    for tenant in ["organizations", "common"] {
        let client: fn(&Clients) -> &str = |clients| &clients.everybody;
        let mut stage =
            Stage::with(StageOptions { tenant_name: Some(tenant), client, ..options(Policy::default()) }).await;
        let signed_in = paste(&mut stage, "paula").await;
        if tenant == "organizations" {
            assert!(signed_in.unwrap_err().contains("AADSTS500208"));
            stage.sees("Waiting for the address");
            continue;
        }
        stage.sees("0 unread of 31");
        stage.press("g u").await;
        stage.sees("personal Microsoft account");
        stage.sees("May read    calendar, mail");
        // What it cannot have is not offered.
        stage.press("Esc 5 Esc !").await;
        stage.sees("Nobody: a personal account belongs to no organisation.");
        stage.sees_no("Ask");
    }
}

#[tokio::test]
async fn an_account_of_a_tenant_that_is_not_allowed_is_not_kept() {
    let config = "[profile.default]\nallowed_tenants = [\"fabrikam.com\"]\n".to_owned();
    let mut stage = Stage::with(StageOptions { config, ..options(Policy::default()) }).await;
    paste(&mut stage, "lena").await.unwrap();
    stage.sees("lena@contoso.com may not be used with this profile.");
    stage.sees("→ Begin again with an account of such a tenant.");
    assert_eq!(stage.engine().known_accounts().await.unwrap().known, []);
}

#[tokio::test]
async fn a_registration_that_cannot_do_it_is_told_with_the_setting_to_change() {
    let client: fn(&Clients) -> &str = |clients| &clients.without_flows;
    let mut stage = Stage::with(StageOptions { client, ..options(Policy::default()) }).await;
    approve_code(&mut stage).await;
    stage.sees("→ Set \"Allow public client flows\" to Yes in the registration's");
    let mut stage =
        Stage::with(StageOptions { tenant_name: Some("nowhere.example"), ..options(Policy::default()) }).await;
    stage.press("d").await;
    stage.settle().await;
    stage.sees("There is no tenant of that name.");
    stage.sees("→ Check `tenant`: a domain or a tenant id.");
}

const SERVICE: &str = "[profile.default]\nkind = \"service\"\nmailboxes = [\"lena@contoso.com\", \"tom@contoso.com\"]\n\
                       secret_env = \"SERVICE_SECRET\"\n";
/// Of the simulated tenant; worth nothing elsewhere.
const SECRET: &str = "Sim8Q~not.a.real.secret~only_for-the-simulated+tenant/0";

async fn service(width: u16, height: u16) -> Stage {
    let environment = vec![("TERM", "xterm-256color"), ("SERVICE_SECRET", SECRET)];
    let client: fn(&Clients) -> &str = |clients| &clients.confidential;
    let options =
        StageOptions { width, height, config: SERVICE.to_owned(), environment, client, ..options(Policy::default()) };
    let mut stage = Stage::with(options).await;
    stage.advance(Duration::from_secs(5)).await;
    stage
}

#[tokio::test]
async fn a_service_is_badged_says_whose_mailboxes_it_reads_and_offers_no_sign_in() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = service(width, height).await;
        stage.sees("SERVICE");
        stage.sees("Service account, reads only: lena@contoso.com and 1 more");
        stage.sees("10 unread of 300");
        stage.press("g u").await;
        stage.sees("lena@contoso.com, tom@contoso.com");
        stage.sees("none: this service only reads");
        stage.sees("it proves itself with a secret");
        for key in ["a", "s", "x"] {
            stage.press(key).await;
            stage.sees("Nobody signs in here: the profile says who.");
        }
        stage.press("Esc g l").await;
        stage.sees("made as");
        stage.sees("lena@contoso.com, a service account");
    }
}

#[tokio::test]
async fn a_secret_that_ends_while_a_service_runs_is_named_with_what_to_do() {
    for (ended, cause, next) in [
        (true, "The client secret has expired.", "→ Create a new secret in the registration."),
        (false, "The client secret is wrong", "→ Paste the value of the secret."),
    ] {
        let mut stage = service(80, 24).await;
        let client = stage.tenant.clients().confidential.clone();
        stage.tenant.script().world(|world| {
            for secret in &mut world.registrations.find_mut(&client).unwrap().secrets {
                match ended {
                    true => secret.ends = Some(1),
                    false => secret.value = "another one".to_owned(),
                }
            }
        });
        stage.advance(Duration::from_mins(100)).await;
        stage.sees("! explain");
        stage.sees("Contract draft v3: two open points");
        stage.press("!").await;
        stage.sees(cause);
        stage.sees(next);
        stage.sees_no("Sign in, or sign in again");
    }
}
