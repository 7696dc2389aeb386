//! Looking somebody up: the card says whether they are there, what their reply says, how their day is, and whom they report to.

use crate::support::stage::{Stage, StageOptions};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::WorldOptions;
use std::time::Duration;

async fn look_up(stage: &mut Stage, typed: &str) {
    stage.press("5").await;
    stage.type_text(typed).await;
    stage.advance(Duration::from_millis(500)).await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
}

#[tokio::test]
async fn the_card_of_somebody_away_has_their_reply() {
    let mut stage = Stage::new().await;
    look_up(&mut stage, "eva").await;
    stage.sees("╭─ Eva Novak ─");
    stage.sees("out of office");
    stage.sees("Out of office Fri 20 Nov 17:00");
    stage.sees("Fri 27 Nov 23:59");
    stage.sees("Travelling. For contracts ask Ana Ruiz.");
    stage.sees("10:12 as here");
    stage.sees("works 08:00–16:30");
    // Without the permission there is a reason in the manager's place, and nothing else is missing.
    stage.sees("The permission User.Read.All");
    stage.press("Esc").await;
    stage.sees_no("╭─ Eva Novak ─");
    stage.sees("eva@contoso.com");
}

#[tokio::test]
async fn one_can_walk_up_to_the_manager() {
    let world = WorldOptions { consented_earlier: vec!["User.Read.All".to_owned()], ..WorldOptions::default() };
    let tenant = TenantOptions { world, ..TenantOptions::default() };
    let mut stage = Stage::with(StageOptions { tenant, ..StageOptions::default() }).await;
    look_up(&mut stage, "nadia").await;
    stage.sees("╭─ Nadia Petrova ─");
    stage.sees("Do not disturb, Presenting");
    stage.sees("→ Lena Ortiz");
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("╭─ Lena Ortiz ─");
    stage.sees("→ Olga Stern");
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("╭─ Olga Stern ─");
}

#[tokio::test]
async fn hostile_words_of_a_colleague_stay_words() {
    let mut stage = Stage::new().await;
    look_up(&mut stage, "vera").await;
    stage.sees("╭─ Vera Popescu ─");
    stage.sees("Away");
    stage.sees_no("alert(1)");
    stage.sees_no("owned");
    let text = stage.text();
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text}");
}

#[tokio::test]
async fn somebody_outside_has_a_card_from_the_mail() {
    let mut stage = Stage::new().await;
    stage.press("2 p").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("╭─ Dana Levy ─");
    stage.sees("dana@fabrikam.com");
    stage.sees("EXTERNAL");
}
