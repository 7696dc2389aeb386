//! Filing, writing and sending on the screen, against the tenant: what a person sees, and what the service then has.

use crate::support::stage::{Stage, StageOptions};
use deskbell::sim::faults::{Action, FaultBody, Rule};
use serde_json::Value;
use std::time::Duration;

/// Everything that may be granted is.
const WRITER: &str = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n";

fn writer() -> StageOptions {
    StageOptions { config: WRITER.to_owned(), ..StageOptions::default() }
}

/// What the tenant says to Lena.
async fn asked(stage: &mut Stage, path: &str) -> Value {
    let token = stage.tenant.script().token("lena", "").expect("a token");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let address = format!("{}/v1.0/me/{path}", stage.tenant.graph());
    client.get(address).bearer_auth(token).send().await.expect("an answer").json().await.expect("json")
}

async fn subjects(stage: &mut Stage, folder: &str) -> Vec<String> {
    let path = format!("mailFolders/{folder}/messages?$select=subject&$top=50&$orderby=receivedDateTime%20desc");
    let listed = asked(stage, &path).await;
    let rows = listed["value"].as_array().unwrap_or_else(|| panic!("{listed}"));
    rows.iter().map(|row| row["subject"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The subject of the message under the cursor.
fn chosen(stage: &mut Stage) -> String {
    let (_, row) = stage.cursor();
    let lines = stage.lines();
    let part = |row: usize| lines[row].split('│').nth(1).unwrap_or_default().trim().to_owned();
    part(usize::from(row) + 1)
}

#[tokio::test]
async fn what_is_done_with_messages_is_seen_at_once_done_there_and_undone() {
    let mut stage = Stage::with(writer()).await;
    stage.press("2").await;
    let inbox = subjects(&mut stage, "inbox").await;
    let first = chosen(&mut stage);
    stage.press("a").await;
    stage.sees("Archived \"");
    stage.sees("u undoes.");
    assert_ne!(chosen(&mut stage), first, "the next one has moved up");
    assert_eq!(subjects(&mut stage, "archive").await[0], inbox[0]);
    // Three at once, then both are taken back one after the other, though the service has them.
    stage.press("Space Space Space d").await;
    stage.sees("Deleted 3 messages.");
    let deleted = subjects(&mut stage, "deleteditems").await;
    assert!(inbox[1..4].iter().all(|subject| deleted.contains(subject)), "{deleted:?}");
    stage.press("u").await;
    assert_eq!(subjects(&mut stage, "inbox").await[..40], inbox[1..41]);
    stage.press("u").await;
    assert_eq!(subjects(&mut stage, "inbox").await[..40], inbox[..40]);
    assert_eq!(chosen(&mut stage), first);
    // Opened, looked at, read; nobody undoes that by accident.
    stage.press("g g Enter").await;
    stage.advance(Duration::from_secs(2)).await;
    let newest =
        asked(&mut stage, "mailFolders/inbox/messages?$select=isRead&$top=1&$orderby=receivedDateTime%20desc").await;
    assert_eq!(newest["value"][0]["isRead"], true, "{newest}");
    stage.press("u").await;
    stage.sees("There is nothing to undo.");
}

#[tokio::test]
async fn a_message_is_written_held_stopped_sent_once_and_survives_the_end_of_the_program() {
    let mut stage = Stage::with(writer()).await;
    let sent = subjects(&mut stage, "sentitems").await;
    stage.press("2 c").await;
    stage.type_text("ben").await;
    stage.advance(Duration::from_millis(300)).await;
    stage.sees("Ben Okafor");
    stage.press("Tab Tab Tab Tab").await;
    stage.type_text("Lunch on Friday?").await;
    stage.press("Tab").await;
    stage.type_text("At one, downstairs.").await;
    stage.press("ctrl-s").await;
    stage.sees("Sending \"Lunch on Friday?\". u undoes.");
    // Within the hold it is stopped, and nothing of it is at the service.
    stage.advance(Duration::from_secs(5)).await;
    stage.press("u").await;
    stage.sees("At one, downstairs.");
    stage.sees("New message");
    assert_eq!(subjects(&mut stage, "sentitems").await, sent);
    stage.type_text(" Or at two.").await;
    stage.advance(Duration::from_secs(2)).await;
    // The program ends as by a kill; the next one tells of the draft and opens it as it was.
    let home = stage.end().await;
    let mut stage = Stage::with(StageOptions { home: Some(home), ..writer() }).await;
    stage.sees("A draft of yours waits here");
    stage.press("g r").await;
    stage.sees("Lunch on Friday?");
    stage.press("Enter").await;
    stage.sees("At one, downstairs. Or at two.");
    stage.sees("Ben Okafor");
    let sent = subjects(&mut stage, "sentitems").await;
    stage.press("ctrl-s").await;
    stage.advance(Duration::from_secs(12)).await;
    let after = subjects(&mut stage, "sentitems").await;
    assert_eq!(after[0], "Lunch on Friday?");
    assert_eq!(after[1..40], sent[..39], "one message, once");
    stage.press("u").await;
    stage.sees("This cannot be undone.");
    stage.press("g r").await;
    stage.sees_no("Lunch on Friday?");
}

#[tokio::test]
async fn an_answer_quotes_and_goes_to_all_and_offline_it_waits_in_the_outbox() {
    let mut stage = Stage::with(StageOptions { width: 80, height: 24, ..writer() }).await;
    stage.press("2 Enter").await;
    stage.advance(Duration::from_secs(1)).await;
    stage.press("R").await;
    stage.sees("Reply to all");
    stage.sees("Re: ");
    stage.sees("> ");
    stage.type_text("Agreed.").await;
    let before = subjects(&mut stage, "sentitems").await;
    stage.tenant.script().offline(true);
    stage.press("ctrl-s").await;
    stage.advance(Duration::from_secs(15)).await;
    stage.sees("outbox 1");
    stage.press("g o").await;
    stage.sees("Send \"Re: ");
    stage.press("Esc ctrl-c").await;
    stage.sees("Leave now?");
    stage.sees("Send \"Re: ");
    stage.press("Esc").await;
    stage.tenant.script().offline(false);
    stage.advance(Duration::from_mins(3)).await;
    stage.sees_no("outbox 1");
    let sent = subjects(&mut stage, "sentitems").await;
    assert_ne!(sent[0], before[0]);
    assert_eq!(sent[1..], before[..sent.len() - 1], "one message, once");
}

#[tokio::test]
async fn what_hangs_on_a_message_is_saved_and_a_file_is_attached() {
    let mut stage = Stage::with(writer()).await;
    stage.press("2 Enter").await;
    stage.advance(Duration::from_secs(1)).await;
    stage.press("w Enter").await;
    stage.sees("Saved as ");
    stage.press("w Enter").await;
    stage.sees("(2).eml");
    let home = stage.end().await;
    let saved: Vec<_> = std::fs::read_dir(home.path().join("downloads")).expect("a folder").flatten().collect();
    assert_eq!(saved.len(), 2);
    let text = std::fs::read_to_string(saved[0].path()).expect("text");
    assert!(text.contains("Subject:"), "{text}");
}

#[tokio::test]
async fn all_that_is_selected_is_saved_and_what_cannot_be_is_told() {
    let mut stage = Stage::with(writer()).await;
    stage.press("2 Space Space Space w").await;
    stage.sees("Saved 3 messages in ");
    stage.tenant.script().fault(Rule::graph("*/$value", Action::Status(404, FaultBody::Empty, None)));
    stage.press("w").await;
    stage.sees("2 of 3 messages were saved.");
    let home = stage.end().await;
    let saved: Vec<_> = std::fs::read_dir(home.path().join("downloads")).expect("a folder").flatten().collect();
    assert_eq!(saved.len(), 5);
    for file in saved {
        let text = std::fs::read_to_string(file.path()).expect("text");
        assert!(text.contains("Subject:"), "{text}");
    }
}
