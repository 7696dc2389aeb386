//! Lines that break at any byte: of what the program sends, and of what the service answers, heads and bodies. Whatever was wanted is
//! made once, and what is here is what is there.

use crate::outbox::{Office, Program};
use deskbell::domain::intent::{Intent, MoveTarget};
use deskbell::domain::mail::{FolderRole, MessageId};
use deskbell::sim::faults::{Action, Rule};
use reqwest::Method;
use serde_json::json;
use std::collections::BTreeSet;

/// Lets time pass until the outbox is empty. Time enough for a token to end: now and then the program begins anew with another.
async fn is_made(office: &mut Office, mut program: Program) -> Program {
    for round in 1..600 {
        if program.outbox().await.is_empty() {
            return program;
        }
        if round % 20 == 0 {
            drop(program);
            office.renew();
            program = office.begin(false).await;
            program.engine.start_changes();
        }
        office.advance(61).await;
    }
    panic!("{:#?}", program.outbox().await);
}

/// Breaks each of the next requests of this kind, every one at another byte.
fn cut(office: &Office, method: &str, path: &str, count: u64, at: impl Fn(u64) -> Action) {
    for nth in 1..=count {
        office.tenant.script().fault(Rule::graph(path, at(nth)).method(method).nth(nth));
    }
}

/// How many requests of this kind the service answered, or would have: those it read whole.
fn asked(office: &Office, method: &str, end: &str) -> usize {
    let asked = office.tenant.script().requests();
    asked.iter().filter(|one| one.method == method && one.path.ends_with(end)).count()
}

async fn send(office: &mut Office, count: usize, what: &str) {
    let program = office.begin(false).await;
    let mut intents = Vec::new();
    for number in 0..count {
        let draft = program.written(&format!("{what} {number}.")).await.id;
        intents.push(Intent::Send { draft });
    }
    program.change(intents).await;
    let program = is_made(office, program).await;
    office.tenant.script().clear_faults();
    office.advance(10).await;
    let sent = office.list("/me/mailFolders/sentitems/messages?$select=subject").await;
    let got = office.by("ben", Method::GET, "/me/mailFolders/inbox/messages?$select=subject&$top=500", None).await;
    assert!(program.drafts().await.is_empty());
    let left = office.list("/me/mailFolders/drafts/messages?$select=subject").await;
    for number in 0..count {
        let subject = format!("{what} {number}.");
        let of = |rows: &[serde_json::Value]| rows.iter().filter(|row| row["subject"] == subject.as_str()).count();
        let counts = (of(&sent), of(got["value"].as_array().expect("rows")), of(&left));
        assert_eq!(counts, (1, 1, 0), "{subject} sent, got, left as a draft");
    }
}

#[tokio::test]
async fn what_is_sent_over_a_line_that_breaks_at_any_byte_is_sent_once() {
    let mut office = Office::open().await;
    office.config = "[send]\nhold_seconds = 0\n";
    // Answers: of making the draft, head and body, and of sending it, which has a head alone.
    cut(&office, "POST", "/me/messages", 40, |nth| Action::CutAt(nth * 49));
    cut(&office, "POST", "/me/messages/*/send", 120, |nth| Action::CutAt(nth * 7));
    send(&mut office, 40, "Answered").await;
    // Requests.
    office.renew();
    cut(&office, "POST", "/me/messages", 60, |nth| Action::DropAt(nth * 21));
    cut(&office, "POST", "/me/messages/*/send", 60, |nth| Action::DropAt(nth * 14));
    send(&mut office, 30, "Asked").await;
}

#[tokio::test]
async fn what_is_moved_over_a_line_that_breaks_at_any_byte_lies_there_once() {
    let mut office = Office::open().await;
    let mut ids = Vec::new();
    for number in 0..60 {
        let mail = json!({"subject": format!("Move {number}."), "body": {"contentType": "text", "content": "?"}});
        let made = office.elsewhere(Method::POST, "/me/mailFolders/inbox/messages", Some(mail)).await;
        ids.push(MessageId(made["id"].as_str().expect("an id").to_owned()));
    }
    let mut program = office.begin(false).await;
    cut(&office, "POST", "/me/messages/*/move", 200, |nth| {
        if nth % 3 == 0 { Action::DropAt(nth * 7) } else { Action::CutAt(nth * 14) }
    });
    cut(&office, "POST", "/$batch", 20, |nth| Action::CutAt(nth * 353));
    // By themselves, and then many in one request.
    let archive = |id: &MessageId| Intent::Move { message: id.clone(), to: MoveTarget::Role(FolderRole::Archive) };
    for few in ids[..40].chunks(4) {
        program.change(few.iter().map(archive).collect()).await;
        program = is_made(&mut office, program).await;
    }
    program.change(ids[40..].iter().map(archive).collect()).await;
    program = is_made(&mut office, program).await;
    office.tenant.script().clear_faults();
    let everywhere = office.list("/me/messages?$select=subject,parentFolderId").await;
    let archive = office.elsewhere(Method::GET, "/me/mailFolders/archive", None).await;
    for (number, id) in ids.iter().enumerate() {
        let subject = format!("Move {number}.");
        let rows: Vec<_> = everywhere.iter().filter(|row| row["subject"] == subject.as_str()).collect();
        assert_eq!((rows.len(), &rows[0]["parentFolderId"]), (1, &archive["id"]), "{subject} {id:?}");
    }
    drop(program);
    assert!(asked(&office, "POST", "/move") >= 40, "they were cut, and asked for again");
}

#[tokio::test]
async fn what_is_fetched_over_a_line_that_breaks_at_any_byte_is_whole_in_the_end() {
    let office = Office::open().await;
    let program = office.start().await;
    let known = program.messages(FolderRole::Inbox).await.len();
    // Each round breaks at another byte of its page, head and body.
    for round in 0..40_u64 {
        let mail = json!({"subject": format!("Page {round}."), "body": {"contentType": "text", "content": "?"}});
        office.elsewhere(Method::POST, "/me/mailFolders/inbox/messages", Some(mail)).await;
        let script = office.tenant.script();
        script.clear_faults();
        let action = if round % 4 == 3 { Action::DropAt(round * 17) } else { Action::CutAt(round * 49) };
        script.fault(Rule::graph("/me/mailFolders/*/messages/delta", action));
        program.engine.sync_all();
        office.advance(20).await;
        let shown = program.messages(FolderRole::Inbox).await.len();
        assert!(shown >= known, "nothing goes because a page broke: {shown}");
    }
    office.tenant.script().clear_faults();
    office.advance(300).await;
    program.engine.sync_all();
    office.settle().await;
    let here: BTreeSet<String> =
        program.messages(FolderRole::Inbox).await.into_iter().map(|message| message.subject).collect();
    let rows = office.list("/me/mailFolders/inbox/messages?$select=subject").await;
    let there: BTreeSet<String> =
        rows.iter().map(|row| row["subject"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(here, there);
    assert_eq!(program.messages(FolderRole::Inbox).await.len(), rows.len(), "each once");
    assert_eq!(rows.len(), known + 40);
}
