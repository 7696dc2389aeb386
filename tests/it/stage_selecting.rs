//! Selecting more than the list has loaded: the whole of a folder, and a range to its other end.

use crate::support::desk::Desk;
use crate::support::second_client::SecondClient;
use crate::support::stage::{Stage, StageOptions};
use deskbell::domain::request::Request;
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

/// A search with more hits than a page, over its hits.
async fn searching(stage: &mut Stage, words: &str, wider: &str) {
    stage.advance(Duration::from_mins(1)).await;
    stage.press("2 /").await;
    stage.type_text(words).await;
    stage.press(wider).await;
    stage.advance(Duration::from_secs(1)).await;
    stage.press("Enter").await;
}

#[tokio::test]
async fn all_hits_of_a_search_are_selected_filed_after_a_question_and_brought_back_as_one_step() {
    let mut stage = writer().await;
    searching(&mut stage, "the", "Tab").await;
    stage.sees("209 hits");
    stage.press("V").await;
    stage.sees("209 selected");
    // A hit that comes later is not among them, and one of them is left out.
    SecondClient::of(&stage, "ben").send("The lunch", "<p>At the usual place.</p>").await;
    stage.advance(Duration::from_secs(130)).await;
    stage.sees("210 hits");
    stage.sees("209 selected");
    let (column, row) = stage.cursor();
    let sign = |stage: &mut Stage| stage.lines()[usize::from(row)].chars().nth(usize::from(column) + 1);
    assert_eq!(sign(&mut stage), Some('✓'));
    stage.press("Space").await;
    stage.sees("208 selected");
    assert_eq!(sign(&mut stage), Some(' '), "{}", stage.text());
    let phone = SecondClient::of(&stage, "lena");
    let (inbox, archive, sent) =
        (phone.count("inbox").await, phone.count("archive").await, phone.count("sentitems").await);

    stage.press("a").await;
    stage.sees("Archive 181 messages?");
    stage.sees("They are hits of “the” in all folders.");
    stage.sees("27 of the 208 selected lie there already");
    stage.press("Esc").await;
    stage.sees("208 selected");
    stage.press("a y").await;
    stage.sees("Archived 181 messages. u undoes.");
    stage.sees_no("selected");
    stage.advance(Duration::from_mins(1)).await;
    assert_eq!(phone.count("archive").await, archive + 181, "the service has it too");
    assert!(phone.count("inbox").await < inbox && phone.count("sentitems").await < sent);

    stage.press("u").await;
    stage.sees("Undone: 181 changes.");
    stage.advance(Duration::from_mins(1)).await;
    let now = (phone.count("inbox").await, phone.count("archive").await, phone.count("sentitems").await);
    assert_eq!(now, (inbox, archive, sent), "each is where it came from");
}

#[tokio::test]
async fn a_range_over_hits_reaches_beyond_what_is_loaded_and_what_was_weighed_is_what_is_done() {
    let mut stage = writer().await;
    searching(&mut stage, "the", "").await;
    stage.sees("at least 61 hits");
    // The newest is unread and stays out.
    stage.press("j v G").await;
    stage.sees("95 selected");
    stage.sees("at least 95 hits");
    stage.press("k k").await;
    stage.sees("93 selected");
    stage.press("j j").await;
    stage.sees("95 selected");
    stage.press("U").await;
    stage.sees("Mark 7 messages as read?");
    stage.sees("They are hits of “the” in Inbox.");
    // Another becomes unread while the question stands: nobody agreed to that one.
    let phone = SecondClient::of(&stage, "lena");
    let listed = phone.get("/me/mailFolders/inbox/messages?$top=20&$select=id,subject,isRead").await;
    let of = |subject: &str| listed["value"].as_array().expect("messages").iter().find(|one| one["subject"] == subject);
    let id = of("Re: offsite dates").expect("it is there")["id"].as_str().expect("an id").to_owned();
    phone.mark(&id, false).await;
    stage.advance(Duration::from_secs(130)).await;
    stage.press("y").await;
    stage.sees("Marked 7 messages as read.");
    stage.press("U").await;
    stage.sees("1 message as read?");
    stage.press("Esc").await;

    // All of them into files, loaded or not.
    stage.press("w").await;
    stage.sees("Saved 95 messages in");
    let files = std::fs::read_dir(stage.downloads()).expect("the folder").count();
    assert_eq!(files, 95);

    // What cannot be taken back wants its number.
    stage.press("D").await;
    stage.sees("Delete 95 messages for ever?");
    stage.type_text("95").await;
    stage.press("Enter").await;
    stage.advance(Duration::from_mins(1)).await;
    stage.sees("1 hit");
    assert_eq!(phone.count("inbox").await, 205);
}

#[tokio::test]
async fn what_only_the_service_found_is_among_the_hits_that_are_selected() {
    let mut stage = writer().await;
    searching(&mut stage, "the", "Tab Tab").await;
    stage.sees("449 hits; the service knows 449");
    stage.press("V F").await;
    stage.sees("Flag 442 messages?");
    stage.sees("with what the service");
    stage.press("y").await;
    stage.sees("Flagged 442 messages.");
    stage.sees("449 selected");
    stage.press("u").await;
    stage.sees("Undone: 442 changes.");
}

#[tokio::test]
async fn in_a_low_window_five_hits_stand_above_the_text_and_the_last_line_says_what_can_be_done_with_them() {
    let mut stage = writer().await;
    stage.resize(80, 24).await;
    searching(&mut stage, "the", "Tab").await;
    stage.sees("209 hits");
    let words = "archive |delete |move |flag ";
    let last = |stage: &mut Stage| stage.lines().last().cloned().unwrap_or_default();
    assert!(!words.split('|').any(|word| last(&mut stage).contains(word)), "{}", stage.text());
    stage.press("j j j j").await;
    // Below the views, the head of the pane, what is typed and the number of hits, and nothing but hits between.
    assert_eq!(stage.cursor().1, 4 + 4, "{}", stage.text());
    stage.press("PageDown PageDown").await;
    let lines = stage.lines();
    let row = lines.iter().find(|line| line.contains("Quarry: two missing invoices?")).expect("a hit of another day");
    assert!(row.trim_end().ends_with(" Fri"), "{row}");
    stage.press("V").await;
    stage.sees("209 selected");
    assert!(words.split('|').all(|word| last(&mut stage).contains(word)), "{}", stage.text());
    stage.sees("end the search");
    stage.press("Esc V").await;
    stage.sees("300 selected");
    stage.sees("select none");
    stage.press("Esc").await;
    stage.sees_no("300 selected");
}

#[tokio::test]
async fn hits_are_selected_as_long_as_their_search_stands() {
    let mut stage = writer().await;
    searching(&mut stage, "the", "Tab").await;
    stage.press("V").await;
    stage.sees("209 selected");
    stage.press("/").await;
    stage.type_text("m").await;
    stage.sees_no("209 selected");
    stage.sees("The hits are selected no longer.");
    stage.press("Esc").await;
    stage.press("a").await;
    stage.sees("Archived");
    stage.press("u").await;

    // A range that was begun among hits does not go on in the folder.
    searching(&mut stage, "the", "").await;
    stage.press("j j v").await;
    stage.press("Esc j").await;
    stage.sees("1 selected");
    stage.press("Esc").await;
    // And one of the folder is another's while a search is on, and there again behind it.
    stage.press("V").await;
    stage.sees("300 selected");
    searching(&mut stage, "the", "").await;
    stage.press("Esc").await;
    stage.sees("300 selected");
    stage.sees_no("selected no longer");
}

#[tokio::test]
async fn what_lies_in_the_archive_is_told_by_where_the_hits_lie() {
    let mut stage = writer().await;
    searching(&mut stage, "the in:archive", "Tab").await;
    stage.press("a").await;
    stage.sees("This lies in the archive already.");
    stage.press("Esc").await;
    searching(&mut stage, "the in:inbox", "Tab").await;
    stage.press("a").await;
    stage.sees("Archived");
    // The hit came back, and so did nothing else: the cursor of the folder is where it was.
    stage.press("Esc g g").await;
    stage.advance(Duration::from_secs(1)).await;
    let line = |stage: &mut Stage| {
        let (_, row) = stage.cursor();
        stage.lines()[usize::from(row)].split('│').nth(1).map(str::to_owned)
    };
    let before = line(&mut stage);
    stage.press("u").await;
    stage.sees("Undone");
    assert_eq!(line(&mut stage), before);
}

#[test]
fn a_long_weighing_says_what_is_counted_and_can_be_given_up() {
    let mut desk = Desk::with_mail(80, 24, 300);
    desk.grant_writing();
    desk.keys("2");
    desk.holds_answers = true;
    desk.keys("V a");
    desk.advance(350);
    assert!(!desk.screen().contains("Counting"), "a short wait says nothing: {}", desk.screen());
    desk.advance(300);
    assert!(desk.screen().contains("Counting what would change. Esc gives it up."), "{}", desk.screen());
    desk.keys("esc");
    assert!(desk.screen().contains("Given up; nothing was changed."), "{}", desk.screen());
    let is_forgotten = desk.held.iter().any(|(_, request)| matches!(request, Request::ForgetWeighed));
    assert!(is_forgotten, "nothing goes on being counted: {:?}", desk.held);
    desk.release();
    let screen = desk.screen();
    assert!(!screen.contains("would change") && desk.store.layers.is_empty(), "the late answer is nobody's: {screen}");
}
