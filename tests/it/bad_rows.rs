//! Pages and rows that make no sense: what can be read is kept, the rest is counted, and pages that go round in circles end.

use crate::support::office::Office;
use deskbell::db::{Link, Scope};
use deskbell::domain::mail::FolderRole;
use deskbell::domain::notice::Notice;
use deskbell::sim::faults::{Action, FaultBody};
use serde_json::{Value, json};

const MESSAGES: &str = "/me/mailFolders/*/messages/delta*";

fn row(id: &str, received: &str) -> Value {
    let person = json!({"emailAddress": {"name": "Ben", "address": "ben@contoso.com"}});
    json!({
        "id": id, "receivedDateTime": received, "subject": format!("About {id}"), "bodyPreview": "", "isRead": true,
        "isDraft": false, "importance": "normal", "hasAttachments": false, "conversationId": "c", "categories": [],
        "flag": {"flagStatus": "notFlagged"}, "from": person, "toRecipients": [person], "ccRecipients": []
    })
}

fn answer(page: Value) -> Action {
    Action::Status(200, FaultBody::Json(page), None)
}

#[tokio::test]
async fn rows_that_cannot_be_read_are_counted_and_the_rest_is_kept() {
    let office = Office::open().await;
    let program = office.start().await;
    let (inbox, before) = (office.folder(FolderRole::Inbox).await, office.inbox().await);
    let scope = Scope::Messages(inbox.id.clone());
    let link = office.cache.cursor(&scope).await.expect("read").and_then(|cursor| cursor.link);
    let Some(Link::Done(Some(link))) = link else { panic!("{link:?}") };
    let mut odd = row("odd", "2026-11-23T08:00:00Z");
    odd["isRead"] = json!("yes");
    odd["toRecipients"] = json!([null, 5, {"emailAddress": null}, {"emailAddress": {"name": 7, "address": []}}]);
    odd["importance"] = json!("whatever comes next");
    odd["not known"] = json!({"to": "anybody"});
    let rows = json!([
        row("of year 1", "0001-01-01T00:00:00Z"), null, 5, {}, {"id": 7}, {"id": null}, odd,
        row("of year 9999", "9999-12-31T23:59:59Z"), row("of year 1", "0001-01-01T00:00:00Z"),
    ]);
    office.fault(MESSAGES, 1, Some(1), answer(json!({"value": rows, "@odata.deltaLink": link})));
    // Times that cannot be are asked for once more, and are no better.
    office.fault("/me/messages/*", 1, None, answer(row("of year 1", "0001-01-01T00:00:00Z")));
    program.handle.sync_now();
    office.settle().await;
    let after = office.inbox().await;
    let odd = after.iter().find(|message| message.id.0 == "odd").expect("it is read as far as it can be");
    assert_eq!(odd.subject, "About odd");
    assert_eq!(after.len(), before.len() + 1);
    assert!(before.iter().all(|message| after.contains(message)), "nothing was lost");
    let skipped = office.cache.skipped().await.expect("read");
    assert!((7..=8).contains(&skipped), "null, 5, three without a name, the years 1 and 9999: {skipped}");
    assert!(!program.heard.lock().expect("no panic").iter().any(|notice| matches!(notice, Notice::Problem(_))));
}

#[tokio::test]
async fn pages_that_go_backwards_or_repeat_end_and_lose_nothing() {
    let office = Office::open().await;
    let program = office.start().await;
    let before = office.inbox().await;
    let base = office.tenant.graph();
    let link = |page: u8| format!("{base}/v1.0/me/mailFolders/inbox/messages/delta?$skiptoken={page}");
    let page =
        |next: u8| answer(json!({"value": [row("again", "2026-11-23T08:00:00Z")], "@odata.nextLink": link(next)}));
    // Two pages, then the first of them again; and one that names itself.
    for pages in [vec![1, 2, 1], vec![1, 1]] {
        office.tenant.script().clear_faults();
        for (nth, next) in pages.iter().enumerate() {
            // The last one is the answer to whatever follows.
            let times = (nth + 1 < pages.len()).then_some(1);
            office.fault(MESSAGES, u64::try_from(nth).unwrap_or(0) + 1, times, page(*next));
        }
        office.tenant.script().clear_requests();
        program.handle.sync_now();
        office.settle().await;
        assert!(office.requests("messages/delta") < 40, "it ended");
        let now = office.inbox().await;
        assert!(before.iter().all(|message| now.contains(message)), "nothing was lost");
        assert!(now.iter().filter(|message| message.id.0 == "again").count() <= 1);
    }
    // What was read in a circle is no knowledge: a full round says what there is.
    office.tenant.script().clear_faults();
    office.advance(400).await;
    program.handle.sync_now();
    office.settle().await;
    assert_eq!(office.inbox().await, before);
}
