//! Writing with Mail.Send and without Mail.ReadWrite: a message goes whole, in one call; and who of the recipients is away is said first.

use crate::support::stage::{Stage, StageOptions};
use deskbell::domain::intent::{ItemState, OutboxItem, Settlement, Trouble};
use deskbell::domain::request::{Answer, Request};
use deskbell::sim::faults::{Action, Rule};
use serde_json::Value;
use std::time::Duration;

const SENDS: &str = "[profile.default]\ntiers = [\"mail\"]\nscopes = [\"Mail.Send\"]\n";

async fn sender() -> Stage {
    Stage::with(StageOptions { config: SENDS.to_owned(), width: 80, height: 24, ..StageOptions::default() }).await
}

async fn listed(stage: &Stage, person: &str, folder: &str) -> Vec<Value> {
    let token = stage.tenant.script().token(person, "").expect("a token");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let address = format!(
        "{}/v1.0/me/mailFolders/{folder}/messages?$select=subject,body&$expand=attachments&$top=50&$orderby=receivedDateTime%20desc",
        stage.tenant.graph()
    );
    let answer: Value =
        client.get(address).bearer_auth(token).send().await.expect("an answer").json().await.expect("json");
    answer["value"].as_array().unwrap_or_else(|| panic!("{answer}")).clone()
}

async fn count(stage: &Stage, person: &str, folder: &str, subject: &str) -> usize {
    listed(stage, person, folder).await.iter().filter(|row| row["subject"] == subject).count()
}

async fn outbox(stage: &Stage) -> Vec<OutboxItem> {
    match stage.engine().perform(Request::Outbox).await {
        Ok(Answer::Outbox(items)) => items,
        other => panic!("{other:?}"),
    }
}

async fn write(stage: &mut Stage, subject: &str) {
    stage.press("2 c").await;
    stage.type_text("ben@contoso.com,").await;
    stage.press("Tab Tab Tab").await;
    stage.type_text(subject).await;
    stage.press("Tab").await;
    stage.type_text("At one.").await;
}

#[tokio::test]
async fn a_message_goes_whole_where_no_draft_may_be_made() {
    let mut stage = sender().await;
    // What changes mail is closed, what sends it is open.
    stage.press("2 a").await;
    stage.sees("This was not granted yet");
    write(&mut stage, "Lunch?").await;
    stage.tenant.script().clear_requests();
    stage.press("ctrl-s").await;
    stage.sees("Sending \"Lunch?\". u undoes.");
    stage.advance(Duration::from_secs(15)).await;
    assert_eq!(outbox(&stage).await, []);
    let asked = stage.tenant.script().requests();
    let posts = asked.iter().filter(|request| request.method == "POST").count();
    assert_eq!(posts, 1, "one call: {asked:?}");
    assert_eq!(count(&stage, "lena", "sentitems", "Lunch?").await, 1);
    assert_eq!(count(&stage, "ben", "inbox", "Lunch?").await, 1);
    assert_eq!(count(&stage, "lena", "drafts", "Lunch?").await, 0);
    // An answer says that it stands beside its thread; thrown away it needs no permission.
    stage.press("g i Enter").await;
    stage.advance(Duration::from_secs(1)).await;
    stage.press("r").await;
    stage.type_text("Yes.").await;
    stage.sees("goes as a message of its own");
    stage.press("Esc q y").await;
    stage.sees("Threw away");
    match stage.engine().perform(Request::Drafts).await {
        Ok(Answer::Drafts(drafts)) => assert_eq!(drafts, []),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_message_whose_answer_got_lost_is_looked_for_and_never_sent_again_unseen() {
    let mut stage = sender().await;
    // It went, and its copy in Sent Items tells so.
    write(&mut stage, "One").await;
    stage.tenant.script().fault(Rule::graph("/me/sendMail", Action::Cut));
    stage.press("ctrl-s").await;
    stage.advance(Duration::from_mins(2)).await;
    assert_eq!(outbox(&stage).await, []);
    assert_eq!(count(&stage, "ben", "inbox", "One").await, 1);
    // It did not go, and nobody can tell: it stays and asks, however often somebody looks.
    write(&mut stage, "Two").await;
    stage.tenant.script().clear_faults();
    stage.tenant.script().fault(Rule::graph("/me/sendMail", Action::Drop));
    stage.press("ctrl-s").await;
    stage.advance(Duration::from_mins(2)).await;
    let stays = outbox(&stage).await;
    assert_eq!(stays[0].state, ItemState::NeedsPerson(Trouble::Unclear), "{stays:?}");
    stage.tenant.script().clear_faults();
    stage.press("g o Enter").await;
    stage.sees("Nobody can tell whether this message was sent.");
    stage.press("Esc r").await;
    stage.advance(Duration::from_mins(2)).await;
    assert_eq!(count(&stage, "ben", "inbox", "Two").await, 0, "trying again only looks");
    let stays = outbox(&stage).await;
    assert_eq!(stays[0].state, ItemState::NeedsPerson(Trouble::Unclear), "{stays:?}");
    let settled = Request::Settle { id: stays[0].id, how: Settlement::KeepMine };
    stage.engine().perform(settled).await.expect("it goes on");
    stage.advance(Duration::from_mins(1)).await;
    assert_eq!(outbox(&stage).await, []);
    assert_eq!(count(&stage, "ben", "inbox", "Two").await, 1, "once more, because somebody said so");
}

#[tokio::test]
async fn who_is_away_is_said_before_it_is_sent() {
    let mut stage = sender().await;
    stage.press("2 c").await;
    stage.type_text("jonas@contoso.com,ben@contoso.com,").await;
    stage.press("Tab Tab Tab").await;
    stage.type_text("Friday").await;
    stage.press("Tab").await;
    stage.type_text("Fine?").await;
    // In sight while it is written, and in the review; it holds nothing up.
    stage.sees("jonas@contoso.com is away until");
    stage.sees_no("ben@contoso.com is away");
    stage.press("Esc").await;
    stage.sees("Before it goes");
    stage.sees("jonas@contoso.com is away until");
    stage.press("y").await;
    stage.sees("Sending \"Friday\".");
}
