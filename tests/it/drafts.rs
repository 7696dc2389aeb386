//! Drafts that other programs began: opened, written further, saved and sent as the message they are, and what becomes of them when the
//! other program goes on as well.

use crate::outbox::{Office, Program, encoded};
use crate::support::stage::{Stage, StageOptions};
use deskbell::domain::draft::{Draft, DraftAttachment};
use deskbell::domain::intent::{Intent, ItemState, Settlement, Trouble};
use deskbell::domain::mail::{FolderRole, MessageId};
use deskbell::domain::request::{Answer, Request};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const HTML: &str = "<html><body><p>Dear <b>Ben</b>,</p><p>the plan is below.</p></body></html>";

/// What Outlook begins: formatted, with people in all fields and a file.
fn begun(subject: &str) -> Value {
    let person = |address: &str| json!([{"emailAddress": {"address": address, "name": address}}]);
    json!({
        "subject": subject, "importance": "high",
        "body": {"contentType": "html", "content": HTML},
        "toRecipients": person("ben@contoso.com"), "bccRecipients": person("ana@contoso.com"),
    })
}

pub(crate) async fn begin_elsewhere(office: &Office, subject: &str) -> String {
    let made = office.elsewhere(Method::POST, "/me/messages", Some(begun(subject))).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let file =
        json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": "plan.txt", "contentBytes": "YSBwbGFu"});
    office.elsewhere(Method::POST, &format!("/me/messages/{}/attachments", encoded(&id)), Some(file)).await;
    id
}

pub(crate) async fn opened(program: &Program, id: &str) -> Draft {
    match program.ask(Request::AdoptDraft(MessageId(id.to_owned()))).await {
        Answer::Draft(draft) => *draft,
        other => panic!("{other:?}"),
    }
}

async fn kept(program: &Program, draft: Draft) -> Draft {
    match program.ask(Request::KeepDraft(Box::new(draft))).await {
        Answer::Draft(draft) => *draft,
        other => panic!("{other:?}"),
    }
}

async fn change_elsewhere(office: &Office, id: &str, change: Value) {
    office.elsewhere(Method::PATCH, &format!("/me/messages/{}", encoded(id)), Some(change)).await;
}

async fn files_of(office: &Office, id: &str) -> Vec<String> {
    let rows = office.list(&format!("/me/messages/{}/attachments", encoded(id))).await;
    let mut names: Vec<String> = rows.iter().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn only_what_was_changed_is_written_back_and_no_second_draft_is_made() {
    let mut office = Office::open().await;
    office.config = "[send]\nhold_seconds = 0\n";
    let program = office.start().await;
    let id = begin_elsewhere(&office, "The plan").await;
    let mut draft = opened(&program, &id).await;
    assert_eq!((draft.subject.as_str(), draft.to[0].address.as_str()), ("The plan", "ben@contoso.com"));
    assert_eq!(draft.bcc[0].address, "ana@contoso.com");
    assert!(draft.body.starts_with("Dear Ben,"), "{}", draft.body);
    assert_eq!(draft.files_there().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["plan.txt"]);
    assert!(program.drafts().await.is_empty(), "what was only looked at is nobody's draft of this computer");
    // Another subject, and the formatting stays.
    draft.subject = "The plan, at last".to_owned();
    let draft = kept(&program, draft).await;
    assert!(!draft.loses_formatting());
    program.change(vec![Intent::KeepDraft { draft: draft.id }]).await;
    office.settle().await;
    assert_eq!(program.outbox().await, []);
    let there = office.message(&id).await;
    assert_eq!((&there["subject"], &there["importance"]), (&json!("The plan, at last"), &json!("high")));
    assert_eq!(there["body"]["content"], HTML, "the body is left alone");
    // In Outlook somebody goes on: nothing was written here since, so theirs is what is opened.
    change_elsewhere(&office, &id, json!({"subject": "The plan, again"})).await;
    let mut draft = opened(&program, &id).await;
    assert_eq!(draft.subject, "The plan, again");
    // Another text, a file of ours of the same name, theirs taken off; sent as that same message.
    let path = office.home.path().join("plan.txt");
    std::fs::write(&path, "b plan").expect("a file");
    draft.attachments = vec![DraftAttachment { path, name: "plan.txt".to_owned(), size: 6 }];
    draft.body.push_str("\nGood luck.");
    let mut draft = kept(&program, draft).await;
    assert!(draft.loses_formatting());
    draft.elsewhere.as_mut().expect("it is another's").files[0].is_taken_off = false;
    let draft = kept(&program, draft).await;
    program.change(vec![Intent::Send { draft: draft.id }]).await;
    office.settle().await;
    office.advance(10).await;
    assert_eq!(program.outbox().await, []);
    let sent = office.message(&id).await;
    assert_eq!((&sent["isDraft"], &sent["subject"]), (&json!(false), &json!("The plan, again")));
    assert!(sent["body"]["content"].as_str().is_some_and(|text| text.contains("Good luck.")), "{sent}");
    assert_eq!(files_of(&office, &id).await, ["plan.txt", "plan.txt"], "theirs and ours");
    assert_eq!(office.count("drafts", "The plan").await + office.count("drafts", "The plan, again").await, 0);
    assert_eq!(office.count("sentitems", "The plan, again").await, 1);
    assert!(program.drafts().await.is_empty());
}

#[tokio::test]
async fn what_changed_elsewhere_meanwhile_stays_and_asks() {
    let mut office = Office::open().await;
    office.config = "[send]\nhold_seconds = 0\n";
    let program = office.start().await;
    let written = |mut draft: Draft| {
        draft.body = "Mine.".to_owned();
        draft
    };
    // Changed there: theirs is kept, and is what is opened next.
    let id = begin_elsewhere(&office, "One").await;
    let draft = kept(&program, written(opened(&program, &id).await)).await;
    change_elsewhere(&office, &id, json!({"subject": "One, theirs"})).await;
    assert_eq!(opened(&program, &id).await.body, "Mine.", "what somebody wrote here is never replaced unasked");
    program.change(vec![Intent::Send { draft: draft.id }]).await;
    office.settle().await;
    let stays = program.outbox().await;
    assert_eq!(stays[0].state, ItemState::NeedsPerson(Trouble::ChangedElsewhere));
    program.ask(Request::Settle { id: stays[0].id, how: Settlement::KeepTheirs }).await;
    let theirs = opened(&program, &id).await;
    assert!(theirs.subject == "One, theirs" && theirs.body.starts_with("Dear Ben"), "{theirs:?}");
    // Over theirs, if that is wanted.
    let draft = kept(&program, written(theirs)).await;
    change_elsewhere(&office, &id, json!({"subject": "One, once more"})).await;
    program.change(vec![Intent::Send { draft: draft.id }]).await;
    office.settle().await;
    let stays = program.outbox().await;
    program.ask(Request::Settle { id: stays[0].id, how: Settlement::KeepMine }).await;
    office.advance(10).await;
    let sent = office.message(&id).await;
    assert_eq!(sent["isDraft"], json!(false));
    assert!(sent["body"]["content"].as_str().is_some_and(|text| text.contains("Mine.")), "{sent}");
}

#[tokio::test]
async fn what_was_sent_or_deleted_elsewhere_takes_nothing_along() {
    let mut office = Office::open().await;
    office.config = "[send]\nhold_seconds = 0\n";
    let program = office.start().await;
    let written = |mut draft: Draft| {
        draft.body = "Mine.".to_owned();
        draft
    };
    // Sent there: ours is neither lost nor taken for sent.
    let id = begin_elsewhere(&office, "Two").await;
    let draft = kept(&program, written(opened(&program, &id).await)).await;
    office.elsewhere(Method::POST, &format!("/me/messages/{}/send", encoded(&id)), None).await;
    office.advance(10).await;
    program.change(vec![Intent::Send { draft: draft.id }]).await;
    office.settle().await;
    let stays = program.outbox().await;
    assert_eq!(stays[0].state, ItemState::NeedsPerson(Trouble::Gone));
    assert_eq!(office.count("sentitems", "Two").await, 1);
    program.ask(Request::Settle { id: stays[0].id, how: Settlement::Cancel }).await;
    let alone = program.drafts().await;
    assert_eq!((alone[0].body.as_str(), &alone[0].on_service), ("Mine.", &None), "it goes on as a draft of its own");
    program.change(vec![Intent::Send { draft: alone[0].id }]).await;
    office.advance(10).await;
    assert_eq!(program.outbox().await, []);
    assert_eq!(office.count("sentitems", "Two").await, 2);
}

#[tokio::test]
async fn what_is_opened_and_left_stays_as_it_is() {
    let office = Office::open().await;
    let program = office.start().await;
    // Opened and left: nothing of it stays here, everything there.
    let id = begin_elsewhere(&office, "Three").await;
    let draft = opened(&program, &id).await;
    program.ask(Request::LetGoOfDraft(draft.id)).await;
    program.refused(Request::OpenDraft(draft.id)).await;
    assert_eq!(office.count("drafts", "Three").await, 1);
    // Nobody can be asked: it says so.
    office.tenant.script().offline(true);
    let asked = Request::AdoptDraft(MessageId(id));
    let (report, ()) = tokio::join!(program.refused(asked), office.advance(300));
    assert!(!report.why.is_empty() && !report.next.is_empty(), "{report:?}");
    assert!(program.messages(FolderRole::Drafts).await.len() <= 10);
}

const WRITER: &str = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n";

/// What the tenant says to Lena.
async fn asked(stage: &Stage, method: Method, path: &str, body: Option<Value>) -> Value {
    let token = stage.tenant.script().token("lena", "").expect("a token");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let address = format!("{}/v1.0/me/{path}", stage.tenant.graph());
    let mut request = client.request(method, address).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let text = request.send().await.expect("an answer").text().await.expect("text");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

#[tokio::test]
async fn a_draft_of_another_program_is_opened_written_further_and_sent_on_the_screen() {
    let mut stage =
        Stage::with(StageOptions { config: WRITER.to_owned(), width: 80, height: 24, ..StageOptions::default() }).await;
    let mut draft = begun("Roof garden");
    draft["attachments"] =
        json!([{"@odata.type": "#microsoft.graph.fileAttachment", "name": "roof.pdf", "contentBytes": "YSBwbGFu"}]);
    asked(&stage, Method::POST, "messages", Some(draft)).await;
    stage.advance(Duration::from_mins(6)).await;
    stage.press("g r G Enter").await;
    stage.advance(Duration::from_secs(1)).await;
    stage.sees("Roof garden");
    stage.press("g g Enter").await;
    stage.sees("Draft begun elsewhere");
    stage.sees("Dear Ben,");
    stage.sees("roof.pdf");
    stage.sees("ana@contoso.com");
    stage.sees("Its formatting stays while you leave the text alone");
    // Left as it is: no question, and nothing of it is a draft of this computer.
    stage.press("Esc").await;
    stage.sees_no("Draft begun elsewhere");
    let before = asked(&stage, Method::GET, "mailFolders/drafts/messages?$select=subject", None).await;
    stage.press("Enter").await;
    stage.type_text("Quick: ").await;
    stage.sees("it goes as plain text");
    stage.press("ctrl-s").await;
    stage.sees("Before it goes");
    stage.sees("Take off roof.pdf");
    stage.press("p").await;
    stage.sees("Kept as a draft.");
    stage.advance(Duration::from_secs(2)).await;
    let after = asked(&stage, Method::GET, "mailFolders/drafts/messages?$select=subject", None).await;
    assert_eq!(after["value"].as_array().map(Vec::len), before["value"].as_array().map(Vec::len), "no second one");
    stage.press("Enter").await;
    stage.sees("Quick: Dear Ben,");
    stage.press("ctrl-s").await;
    stage.advance(Duration::from_secs(15)).await;
    let sent =
        asked(&stage, Method::GET, "mailFolders/sentitems/messages?$top=1&$orderby=receivedDateTime%20desc", None)
            .await;
    assert_eq!(sent["value"][0]["subject"], "Roof garden", "{sent}");
    assert_eq!(sent["value"][0]["hasAttachments"], true, "{sent}");
}
