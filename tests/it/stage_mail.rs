//! Mail on the screen against the tenant: changes of other programs, and mailboxes that are large.

use crate::support::second_client::SecondClient;
use crate::support::stage::{Stage, StageOptions};
use deskbell::sim::tenant::TenantOptions;
use deskbell::sim::world::WorldOptions;
use deskbell::state::event::Event;
use std::time::Duration;

/// The row under the cursor, without the panes beside it.
fn chosen(stage: &mut Stage) -> String {
    let (_, row) = stage.cursor();
    stage.lines()[usize::from(row)].split('│').nth(1).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn what_another_program_reads_and_sends_appears() {
    let mut stage = Stage::new().await;
    stage.press("2").await;
    stage.sees("10 unread of 300");
    assert!({
        let (_, row) = stage.find("Dana Levy");
        stage.lines()[usize::from(row)].contains('●')
    });
    let phone = SecondClient::of(&stage, "lena");
    let newest = phone.newest().await;
    phone.mark(newest["id"].as_str().unwrap(), true).await;
    stage.advance(Duration::from_secs(130)).await;
    stage.sees("9 unread of 300");
    assert!({
        let (_, row) = stage.find("Dana Levy");
        !stage.lines()[usize::from(row)].contains('●')
    });

    // A new message comes in above; the chosen one stays chosen.
    stage.press("j").await;
    SecondClient::of(&stage, "ben").send("Lunch at one?", "<p>The usual place.</p>").await;
    stage.advance(Duration::from_secs(70)).await;
    stage.sees("Lunch at one?");
    let (_, row) = stage.cursor();
    assert!(stage.lines()[usize::from(row)].contains("Build Bot"), "{}", stage.text());
    stage.press("g g").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("The usual place.");
}

#[tokio::test]
async fn a_large_mailbox_moves_as_a_small_one() {
    let world = WorldOptions { mail: Some(5_000), ..WorldOptions::default() };
    let tenant = TenantOptions { world, ..TenantOptions::default() };
    let mut stage = Stage::with(StageOptions { tenant, ..StageOptions::default() }).await;
    stage.advance(Duration::from_secs(30)).await;
    stage.press("2").await;
    stage.sees("of 5 000");
    let top = stage.text();
    stage.press("G").await;
    let (_, row) = stage.cursor();
    assert!(row > 30, "the cursor is at the end of the list: {row}\n{}", stage.text());
    let bottom = stage.lines()[3..].join("\n");
    assert!(!top.contains(stage.lines()[usize::from(row)].trim()), "another message\n{bottom}");
    stage.press("g g").await;
    stage.advance(Duration::from_secs(1)).await;
    assert_eq!(stage.text(), top, "back where it was");

    // Two hundred keys that wait together are one step, drawn once or twice.
    let before = stage.frames();
    stage.flood("j*200").await;
    let drawn = stage.frames() - before;
    assert!(drawn <= 6, "{drawn} frames for a held key");
    let after_flood = chosen(&mut stage);
    stage.press("g g").await;
    for _ in 0..4 {
        stage.flood("j*50").await;
    }
    assert_eq!(chosen(&mut stage), after_flood, "no key is lost");
}

#[tokio::test]
async fn what_is_out_of_sight_is_kept_in_step_at_its_own_pace() {
    let mut stage = Stage::new().await;
    let script = stage.tenant.script();
    let asked = move |part: &str| {
        let requests = script.requests();
        requests.iter().filter(|request| request.path.to_lowercase().contains(part)).count()
    };
    // Every folder stays in step, each with a look every five to fifteen minutes or so, also one that was opened once.
    stage.press("2 g / j Enter").await;
    stage.sees("─ Clients ");
    stage.press("1").await;
    stage.advance(Duration::from_mins(5)).await;
    stage.tenant.script().clear_requests();
    stage.advance(Duration::from_mins(30)).await;
    let looks = looks_at_folders(&stage);
    let inbox = looks.iter().copied().max().unwrap_or_default();
    let rest: usize = looks.iter().sum::<usize>() - inbox;
    // Sent mail and drafts five minutes apart, the others fifteen; half as often once nobody has pressed a key for a quarter of an hour.
    let others = looks.len() - 1;
    assert!((15..=30).contains(&inbox), "{inbox} looks at the inbox");
    assert!((others..=2 * others).contains(&rest), "{rest} looks at {others} folders beside the inbox");
    assert!(looks.iter().all(|count| *count == inbox || *count <= 6), "{looks:?}");
    // Presence on the screen every minute or two, of all in one question; automatic replies every quarter of an hour.
    assert!((15..=24).contains(&asked("getpresencesbyuserid")), "{} looks at presence", asked("getpresencesbyuserid"));
    assert!((1..=2).contains(&asked("getmailtips")), "{} looks at replies", asked("getmailtips"));

    // Without the focus at half the pace.
    stage.event(Event::Focus(false)).await;
    stage.advance(Duration::from_mins(5)).await;
    stage.tenant.script().clear_requests();
    stage.advance(Duration::from_mins(30)).await;
    assert!((7..=12).contains(&asked("getpresencesbyuserid")), "{} looks at presence", asked("getpresencesbyuserid"));
}

/// How often the messages of each folder were asked for.
fn looks_at_folders(stage: &Stage) -> Vec<usize> {
    let mut folders = std::collections::HashMap::<String, usize>::new();
    for request in stage.tenant.script().requests() {
        if request.path.to_lowercase().contains("/messages/delta") {
            *folders.entry(request.path).or_default() += 1;
        }
    }
    folders.into_values().collect()
}

#[tokio::test]
async fn a_server_that_says_more_than_the_book_is_read_all_the_same() {
    let world = WorldOptions { quirks: true, ..WorldOptions::default() };
    let tenant = TenantOptions { world, ..TenantOptions::default() };
    let mut stage = Stage::with(StageOptions { tenant, ..StageOptions::default() }).await;
    stage.sees("10 unread of 300");
    stage.sees("11:00–11:30 ▎ 1:1 Ana");
    stage.sees("Jonas Weber");
    stage.press("2 Enter").await;
    stage.sees("Two points are left before we sign:");
    stage.press("3 z d").await;
    stage.sees("Budget review Q1");
    stage.press("6 j").await;
    stage.sees("I am on parental leave for a few days.");
    stage.press("4").await;
    for name in ["grace", "hugo"] {
        stage.type_text(name).await;
        stage.advance(Duration::from_millis(500)).await;
        stage.press("Enter").await;
        stage.advance(Duration::from_millis(500)).await;
    }
    stage.press("Esc").await;
    stage.sees("This calendar may not be seen.");
    stage.sees("04:30");
    stage.advance(Duration::from_mins(10)).await;
    stage.sees("● synced");
}
