//! The command palette covers everything there is, and teaches the keys.

use crate::support::desk::Desk;
use crate::support::stage::Stage;
use deskbell::state::command;
use deskbell::state::layer::Layer;
use deskbell::state::palette::{Choice, Entry};
use deskbell::state::surface::View;
use std::time::Duration;

fn entries(desk: &Desk) -> Vec<Entry> {
    match desk.store.layers.last() {
        Some(Layer::Palette(palette)) => palette.matching().cloned().collect(),
        _ => panic!("the palette is not open"),
    }
}

#[test]
fn every_command_is_in_it_with_key_group_and_reason() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 :");
    let entries = entries(&desk);
    for row in command::all() {
        let entry = entries.iter().find(|entry| entry.choice == Choice::Command(row.id));
        let Some(entry) = entry else {
            assert!((row.availability)(&desk.store) == command::Availability::Hidden, "{} is missing", row.name);
            continue;
        };
        assert!(!entry.group.is_empty() && !entry.help.is_empty());
        if let Some(reason) = &entry.reason {
            assert!(reason.ends_with('.'), "a sentence: {reason}");
        }
        let is_bound = desk.store.keymap().keys_of(row.id, row.context).is_some();
        assert_eq!(is_bound, !entry.keys.is_empty(), "{}", row.name);
    }
}

#[test]
fn typing_finds_the_best_first_and_enter_runs_it() {
    let mut desk = Desk::new(120, 40);
    desk.keys(":");
    desk.write("who aw");
    assert_eq!(entries(&desk)[0].title, "Who is away: open board");
    assert!(desk.screen().contains("See who is away, by day"), "{}", desk.screen());
    desk.keys("enter");
    assert_eq!(desk.store.view(), View::Away);
    assert!(desk.store.layers.is_empty());
}

#[test]
fn a_command_that_cannot_be_done_stays_listed_and_says_why() {
    let mut desk = Desk::new(120, 40);
    desk.keys("1 :");
    desk.write("fold or unfold");
    let found = entries(&desk);
    assert_eq!(found[0].title, "Fold or unfold quoted text");
    assert_eq!(found[0].reason.as_deref(), Some("This belongs to: Mail."));
    assert!(desk.screen().contains("not now"));
    desk.keys("enter");
    assert_eq!(desk.store.layers.len(), 1, "it stays open");
    desk.keys("esc esc");
}

#[test]
fn folders_and_people_are_found_by_name() {
    let mut desk = Desk::new(120, 40);
    desk.keys("ctrl-p");
    desk.write("clients");
    desk.keys("enter");
    assert!(desk.screen().contains("─ Clients "), "{}", desk.screen());
    desk.keys("ctrl-p");
    desk.write("dana le");
    desk.advance(300);
    let found = entries(&desk);
    assert!(found.iter().any(|entry| entry.title.contains("dana@contoso.com")), "{found:?}");
}

#[test]
fn nothing_found_says_so_and_esc_leaves_what_was_there() {
    let mut desk = Desk::new(80, 24);
    desk.keys("2 :");
    desk.write("zzzzqqqq");
    assert!(desk.screen().contains("Nothing is called that."));
    desk.keys("esc");
    assert_eq!(desk.store.view(), View::Mail);
}

#[tokio::test]
async fn a_prefix_that_waits_shows_what_may_follow() {
    let mut stage = Stage::new().await;
    stage.press("g").await;
    stage.sees_no("Go to the inbox");
    stage.advance(Duration::from_millis(299)).await;
    stage.sees_no("Go to the inbox");
    stage.advance(Duration::from_millis(1)).await;
    stage.sees("─ g  Go to ─");
    stage.sees("Go to the inbox");
    stage.press("Esc").await;
    stage.sees_no("Go to the inbox");
    stage.sees("Today  Mon 23 Nov");
    // Typed fast, nothing pops up, then or later.
    stage.press("g c").await;
    stage.sees("Week 48");
    stage.advance(Duration::from_secs(1)).await;
    stage.sees_no("Go to the inbox");
}

#[tokio::test]
async fn esc_climbs_down_and_never_leaves() {
    let mut stage = Stage::new().await;
    stage.press("2 Enter p").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.press("? /").await;
    stage.type_text("copy").await;
    stage.press(":").await;
    for _ in 0..8 {
        stage.press("Esc").await;
    }
    assert!(!stage.has_left());
    stage.sees("─ Inbox ─");
    let text = stage.text();
    assert!(!text.contains('╭'), "no overlay is left:\n{text}");
    stage.press("4").await;
    stage.type_text("grace").await;
    stage.press("Esc").await;
    assert!(!stage.has_left());
    // The name that was begun is given up, as in any prompt.
    stage.press("A").await;
    stage.sees("Type a name or an address");
    stage.sees_no("grace");
}

#[tokio::test]
async fn a_key_without_meaning_says_so_and_a_paste_runs_nothing() {
    let mut stage = Stage::new().await;
    stage.press("2").await;
    stage.press("X").await;
    stage.sees("X is not used here; ? shows keys.");
    stage.advance(Duration::from_secs(7)).await;
    stage.sees_no("is not used here");
    let before = stage.text();
    stage.paste(&"qjG:quit\nD\n".repeat(1_000)).await;
    assert!(!stage.has_left());
    stage.sees("Pasted text is taken by text fields only");
    stage.advance(Duration::from_secs(7)).await;
    assert_eq!(stage.text(), before, "nothing else has changed");
}

#[tokio::test]
async fn the_palette_finds_commands_folders_and_people_of_the_tenant() {
    let mut stage = Stage::new().await;
    stage.press(":").await;
    stage.type_text("week").await;
    stage.sees("zw");
    stage.press("Esc :").await;
    stage.type_text("northw").await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("─ Northwind ─");
    stage.press("ctrl-p").await;
    stage.type_text("grace k").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("grace@contoso.com");
}
