//! Searching mail on the screen, as a person does: typing, hits with the words marked, wider and wider, and back to where one was.

use crate::support::stage::{Stage, StageOptions};
use std::time::Duration;

#[tokio::test]
async fn a_search_is_typed_widened_read_and_left() {
    let mut stage = Stage::new().await;
    stage.advance(Duration::from_secs(30)).await;
    stage.press("2 j j").await;
    stage.advance(Duration::from_secs(1)).await;
    let before = stage.text();

    stage.press("/").await;
    stage.sees("Type what to look for");
    stage.sees("after:7d");
    // Letters of the search are no commands, and each of them finds.
    stage.type_text("lev").await;
    stage.sees("Hits in Inbox");
    stage.sees("Dana Levy");
    stage.sees_no("Build Bot");
    stage.type_text("y is:unre").await;
    stage.sees("No mail is “unre”. Type is:unread");
    // What can be typed is offered over the hits, which are there still.
    stage.sees("not read yet");
    stage.press("Esc").await;
    stage.sees("Dana Levy");
    stage.type_text("ad").await;
    stage.sees_no("No mail is");
    stage.sees("1 hit");

    // Parts of names and addresses; nothing found is said.
    stage.press("ctrl-u").await;
    stage.sees("after:7d");
    stage.type_text("from:evy").await;
    stage.sees("Dana Levy");
    stage.press("ctrl-u").await;
    stage.type_text("qqqq").await;
    stage.sees("Nothing found");
    stage.press("ctrl-u").await;

    // Wider: all folders, then the service, whose hits are marked; the chosen message stays.
    stage.type_text("budget").await;
    stage.press("Tab").await;
    stage.sees("all folders");
    stage.sees("Hits in all folders");
    stage.press("Down").await;
    stage.press("Tab").await;
    stage.sees("the service knows");
    stage.sees("service]");

    // Asking further never says fewer.
    let known = stage.text().lines().find_map(|line| line.split_once(" hits; the service").map(|it| it.0.to_owned()));
    assert!(known.is_some_and(|known| !known.contains("at least")), "{}", stage.text());

    // Into the hits, the reader, and from hit to hit.
    stage.press("Enter").await;
    stage.press("g g").await;
    stage.advance(Duration::from_secs(1)).await;
    let first = stage.text();
    stage.press("n").await;
    stage.advance(Duration::from_secs(1)).await;
    assert_ne!(stage.text(), first, "another hit is read");
    stage.press("N").await;
    stage.advance(Duration::from_secs(1)).await;
    assert_eq!(stage.text(), first);

    // Back to where one was, with the search remembered.
    stage.press("Esc").await;
    stage.advance(Duration::from_secs(1)).await;
    assert_eq!(stage.text(), before);
    stage.press("/ Up").await;
    stage.sees("/ budget");
    stage.press("Esc").await;
    stage.sees_no("budget");

    // To a date; what is none is explained.
    stage.press("g d").await;
    stage.type_text("2026-13").await;
    stage.press("Enter").await;
    stage.sees("is no date");
    stage.press("ctrl-u").await;
    stage.type_text("30d").await;
    stage.press("Enter").await;
    stage.advance(Duration::from_secs(1)).await;
    let (_, row) = stage.cursor();
    let above = stage.lines()[..usize::from(row)].join("\n");
    assert!(above.trim_end().lines().last().is_some_and(|line| line.contains("Friday 23 October")), "{}", stage.text());
}

#[tokio::test]
async fn words_folders_and_people_are_completed_and_searches_outlive_the_program() {
    let mut stage = Stage::sized(80, 24).await;
    stage.advance(Duration::from_secs(30)).await;
    stage.press("2 /").await;
    // The words of the language.
    stage.type_text("fr").await;
    stage.sees("Search for");
    stage.sees("who wrote it");
    stage.sees("tab complete");
    stage.press("Tab").await;
    stage.sees("/ from:");
    stage.sees_no("Search for");
    // Who is known.
    stage.type_text("lev").await;
    stage.advance(Duration::from_millis(300)).await;
    stage.sees("dana@fabrikam.com");
    stage.press("Tab").await;
    stage.sees("/ from:dana@fabrikam.com");
    // Folders; Esc closes the list first, and Tab looks further again.
    stage.type_text("in:i").await;
    stage.sees("in Inbox");
    stage.press("Down Up Esc").await;
    stage.sees_no("Search for");
    stage.type_text("nb").await;
    stage.press("Tab").await;
    stage.sees("/ from:dana@fabrikam.com in:Inbox");
    stage.press("Tab").await;
    stage.sees("all folders");
    stage.press("Enter").await;
    stage.sees("Hits in all folders");
    // Another, then back through them: what is typed comes back last.
    stage.press("Esc /").await;
    stage.type_text("budget").await;
    stage.press("Enter Esc /").await;
    stage.type_text("con").await;
    stage.press("Up").await;
    stage.sees("/ budget");
    stage.press("Up").await;
    stage.sees("/ from:dana@fabrikam.com in:Inbox");
    stage.press("Up Down Down").await;
    stage.sees("/ con");
    // A new start knows them.
    let home = stage.end().await;
    let options = StageOptions { home: Some(home), width: 80, height: 24, ..StageOptions::default() };
    let mut stage = Stage::with(options).await;
    stage.press("2 / Up").await;
    stage.sees("/ budget");
}
