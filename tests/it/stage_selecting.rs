//! Selecting more than the list has loaded: the whole of a folder, and a range to its other end.

use crate::support::second_client::SecondClient;
use crate::support::stage::{Stage, StageOptions};
use std::time::Duration;

async fn writer() -> Stage {
    let config = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n".to_owned();
    Stage::with(StageOptions { config, ..StageOptions::default() }).await
}

#[tokio::test]
async fn a_whole_folder_is_selected_filed_after_a_question_and_brought_back_as_one_step() {
    let mut stage = writer().await;
    stage.press("2 V").await;
    stage.sees("300 selected");
    // What comes meanwhile is not among them, and one of them is left out.
    SecondClient::of(&stage, "ben").send("Lunch at one?", "<p>The usual place.</p>").await;
    stage.advance(Duration::from_secs(130)).await;
    stage.sees("Lunch at one?");
    stage.sees("300 selected");
    stage.press("Space").await;
    stage.sees("299 selected");
    stage.press("a").await;
    stage.sees("Archive 299 messages?");
    stage.press("Esc").await;
    stage.sees_no("Archive 299 messages?");
    stage.sees("299 selected");
    stage.press("a y").await;
    stage.sees("Archived 299 messages. u undoes.");
    stage.sees("Lunch at one?");
    stage.sees("Dana Levy");
    stage.sees_no("Build Bot");
    stage.sees_no("selected");
    stage.advance(Duration::from_secs(10)).await;
    let phone = SecondClient::of(&stage, "lena");
    assert_eq!(phone.count("inbox").await, 2, "the service has it too");

    stage.press("u").await;
    stage.sees("Undone: 299 changes.");
    stage.sees("Build Bot");
    stage.sees("of 301");
    stage.advance(Duration::from_secs(10)).await;
    assert_eq!(phone.count("inbox").await, 301);
}

#[tokio::test]
async fn a_range_reaches_to_the_other_end_of_the_folder_and_changes_what_has_to_change() {
    let mut stage = writer().await;
    stage.press("2").await;
    stage.sees("10 unread of 300");
    // The newest is unread and stays out.
    stage.press("j v G").await;
    stage.sees("299 selected");
    stage.press("U").await;
    stage.sees("Mark 9 messages as read?");
    stage.press("y").await;
    stage.sees("Marked 9 messages as read.");
    stage.press("Esc g g").await;
    stage.sees("1 unread of 300");
    // Back to where it began it is what is loaded again.
    stage.press("j v G g g").await;
    stage.sees("2 selected");
    stage.press("v Esc").await;
    stage.sees("1 unread of 300");

    // What cannot be taken back wants its number.
    stage.press("V D").await;
    stage.sees("Delete 300 messages for ever?");
    stage.type_text("299").await;
    stage.press("Enter").await;
    stage.sees("Delete 300 messages for ever?");
    stage.press("Esc").await;
    // Nothing of it is meant any more by the next yes.
    stage.press("Esc g g D").await;
    stage.sees("for ever?");
    stage.press("y").await;
    stage.advance(Duration::from_secs(30)).await;
    stage.sees("─ 299 ─");
    stage.press("V D").await;
    stage.type_text("299").await;
    stage.press("Enter").await;
    stage.advance(Duration::from_secs(30)).await;
    assert_eq!(SecondClient::of(&stage, "lena").count("inbox").await, 0);
}
