//! Changes that the service never heard of and that are taken back: nothing is asked for their sake, and whatever somebody else did
//! meanwhile is shown in the end.

use crate::outbox::{Office, Program, encoded};
use crate::outbox_counts::waits;
use deskbell::base::activity::Activity;
use deskbell::db::{Changes, Db, Doubt, Link, Scope, Step, Wishes};
use deskbell::domain::account::AccountKey;
use deskbell::domain::change::{Change, MessagePatch};
use deskbell::domain::intent::{Intent, MoveTarget};
use deskbell::domain::mail::{FolderId, FolderRole, MessageId};
use deskbell::domain::outbox::Entry;
use deskbell::domain::request::PageStart;
use deskbell::sim::faults::{Action, FaultBody, Rule};
use deskbell::sim::world::WorldOptions;
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The folders as they are shown, or as the service has them.
type Mailbox = Vec<(&'static str, Vec<(String, bool)>)>;

const FOLDERS: [(FolderRole, &str); 2] = [(FolderRole::Inbox, "inbox"), (FolderRole::Archive, "archive")];

async fn shown(program: &Program) -> Mailbox {
    let mut mailbox = Vec::new();
    for (role, name) in FOLDERS {
        let rows = program.messages(role).await;
        let mut rows: Vec<_> = rows.into_iter().map(|one| (one.id.0, one.is_read)).collect();
        rows.sort();
        mailbox.push((name, rows));
    }
    mailbox
}

async fn there(office: &Office) -> Mailbox {
    let mut mailbox = Vec::new();
    for (_, name) in FOLDERS {
        let rows = office.list(&format!("/me/mailFolders/{name}/messages?$select=id,isRead")).await;
        let id = |row: &Value| row["id"].as_str().expect("an id").to_owned();
        let mut rows: Vec<_> = rows.iter().map(|row| (id(row), row["isRead"] == true)).collect();
        rows.sort();
        mailbox.push((name, rows));
    }
    mailbox
}

/// Both are the same; else what stands in only one of them is told.
fn assert_same(here: &Mailbox, there: &Mailbox, what: &str) {
    let rows = |mailbox: &Mailbox| -> BTreeSet<(&str, String, bool)> {
        let rows =
            mailbox.iter().flat_map(|(name, rows)| rows.iter().map(move |(id, is_read)| (*name, id.clone(), *is_read)));
        rows.collect()
    };
    let (here, there) = (rows(here), rows(there));
    assert_eq!(here.difference(&there).collect::<Vec<_>>(), there.difference(&here).collect::<Vec<_>>(), "{what}");
}

/// Requests that read a message, and those that read or change several together.
fn asked(office: &Office) -> (usize, usize) {
    let requests = office.tenant.script().requests();
    let reads = requests.iter().filter(|one| one.method == "GET" && one.path.contains("/me/messages/")).count();
    (reads, requests.iter().filter(|one| one.path.ends_with("/$batch")).count())
}

/// Changes of which none but a first batch is begun, for that is not answered for a long while: forty are moved and marked, which
/// come back with them.
async fn behind_a_batch(office: &Office, program: &Program) -> (Vec<MessageId>, Vec<MessageId>) {
    let messages = program.messages(FolderRole::Inbox).await;
    let (unread, read): (Vec<_>, Vec<_>) =
        messages.into_iter().map(|one| (one.id, one.is_read)).partition(|one| !one.1);
    // The newest, the oldest, and some in between: of each page of the folder.
    let (moves, others): (Vec<_>, Vec<_>) = read.into_iter().enumerate().partition(|(number, _)| number % 6 == 0);
    let moves: Vec<MessageId> = moves.into_iter().map(|(_, (id, _))| id).take(20).collect();
    let marks: Vec<MessageId> = unread.into_iter().step_by(3).map(|(id, _)| id).take(20).collect();
    let others: Vec<MessageId> = others.into_iter().map(|(_, (id, _))| id).take(20).collect();
    assert_eq!((moves.len(), marks.len(), others.len()), (20, 20, 20), "there is enough mail");
    let flag = |id: &MessageId| Intent::Flag { message: id.clone(), is_flagged: true };
    let archive = |id: &MessageId| Intent::Move { message: id.clone(), to: MoveTarget::Role(FolderRole::Archive) };
    let mark = |id: &MessageId| Intent::MarkRead { message: id.clone(), is_read: true };
    // One of the first batch has to be looked for, and that is answered late; rounds go by meanwhile.
    let script = office.tenant.script();
    let missing = Action::Status(404, FaultBody::Error("ErrorItemNotFound".to_owned()), None);
    script.fault(Rule::graph("/me/messages/*/permanentDelete", missing).method("POST"));
    script.fault(Rule::graph("/me/messages/*", Action::Late(200_000)).method("GET"));
    let first = std::iter::once(Intent::DeleteForEver { message: others[0].clone() });
    let intents =
        first.chain(others[1..].iter().map(flag)).chain(moves.iter().map(archive)).chain(marks.iter().map(mark));
    program.change(intents.collect()).await;
    office.settle().await;
    assert_eq!(*script.held().borrow(), 1);
    (moves, marks)
}

async fn office() -> Office {
    // More than a page of a round.
    let mut office = Office::with(WorldOptions { mail: Some(260), ..WorldOptions::default() }).await;
    // Bodies go in batches, for which there is no room while an answer is held back.
    office.config = "[send]\nhold_seconds = 0\n[cache]\nbodies = \"none\"\n";
    let inbox = office.list("/me/mailFolders/inbox/messages?$select=id,isRead").await;
    for (number, row) in inbox.iter().enumerate() {
        let path = format!("/me/messages/{}", encoded(row["id"].as_str().expect("an id")));
        let is_read = number % 3 > 0;
        if (row["isRead"] == true) != is_read {
            office.elsewhere(Method::PATCH, &path, Some(json!({"isRead": is_read}))).await;
        }
    }
    office
}

/// Rounds of the inbox go by; with `is_full` the service has forgotten where the last one ended.
async fn rounds(office: &Office, program: &Program, is_full: bool) {
    let inbox = encoded(&program.folder(FolderRole::Inbox).await.id.0);
    let path = format!("/me/mailFolders/{inbox}/messages/delta");
    if is_full {
        office.tenant.script().fault(Rule::graph(&format!("{path}*"), Action::Gone));
    }
    office.tenant.script().clear_requests();
    office.advance(150).await;
    let requests = office.tenant.script().requests();
    let of_inbox: Vec<_> = requests.iter().filter(|one| one.path.ends_with(&path)).collect();
    assert!(!of_inbox.is_empty());
    assert_eq!(of_inbox.iter().any(|one| one.status == 410), is_full);
    assert_eq!(*office.tenant.script().held().borrow(), 1, "the first batch is not answered");
}

#[tokio::test]
async fn what_the_service_never_heard_of_is_taken_back_without_asking_it() {
    for is_full in [false, true] {
        let office = office().await;
        let program = office.start().await;
        // All folders are here, and the bodies.
        office.advance(900).await;
        let mut before = shown(&program).await;
        behind_a_batch(&office, &program).await;
        rounds(&office, &program, is_full).await;
        let now = shown(&program).await;
        assert_eq!(now[1].1.len(), before[1].1.len() + 20, "they are shown as wished for");
        assert_eq!(now[0].1.len(), before[0].1.len() - 21);
        let is_here = |id: &String| now.iter().any(|(_, rows)| rows.iter().any(|(one, _)| one == id));
        before[0].1.retain(|(id, _)| is_here(id));
        office.tenant.script().clear_requests();
        program.undo().await;
        assert_same(&shown(&program).await, &before, "at once");
        // The first batch is answered, and undone as well.
        office.advance(120).await;
        assert_eq!(program.outbox().await, []);
        // What was looked for, once more if the list told of it while it was being deleted; and the flags.
        assert_eq!(asked(&office), (1 + usize::from(is_full), 1), "full: {is_full}");
        assert_same(&shown(&program).await, &before, "in the end");
        assert_same(&there(&office).await, &before, "the service in the end");
    }
}

#[tokio::test]
async fn what_somebody_else_did_meanwhile_is_shown_in_the_end() {
    for is_full in [false, true] {
        let office = office().await;
        let program = office.start().await;
        office.advance(900).await;
        let (moves, marks) = behind_a_batch(&office, &program).await;
        let path = |id: &MessageId| format!("/me/messages/{}", encoded(&id.0));
        let moved = |to: &str| Some(json!({"destinationId": to}));
        let post = Method::POST;
        for ids in [&moves[..6], &marks[..6]] {
            office.elsewhere(Method::DELETE, &path(&ids[0]), None).await;
            office.elsewhere(post.clone(), &format!("{}/permanentDelete", path(&ids[1])), None).await;
            office.elsewhere(post.clone(), &format!("{}/move", path(&ids[2])), moved("junkemail")).await;
            office.elsewhere(post.clone(), &format!("{}/move", path(&ids[3])), moved("archive")).await;
            office.elsewhere(Method::PATCH, &path(&ids[4]), Some(json!({"isRead": true}))).await;
            office.elsewhere(Method::PATCH, &path(&ids[5]), Some(json!({"importance": "high"}))).await;
        }
        // They tell it, or leave out what is gone.
        rounds(&office, &program, is_full).await;
        office.tenant.script().clear_requests();
        program.undo().await;
        office.settle().await;
        let now = shown(&program).await;
        for (name, rows) in &now {
            let lie_here = |ids: &[MessageId]| ids.iter().filter(|id| rows.iter().any(|(one, _)| *one == id.0)).count();
            let left = lie_here(&moves[6..]) + lie_here(&marks[6..]);
            assert_eq!(left, if *name == "inbox" { 28 } else { 0 }, "{name}: the others lie where they lay");
        }
        // The first batch is answered; the inbox is right before anybody compares it with the service.
        office.advance(120).await;
        assert_eq!(program.outbox().await, []);
        let (here, service) = (shown(&program).await, there(&office).await);
        assert_same(&here[..1].to_vec(), &service[..1].to_vec(), &format!("full: {is_full}"));
        office.advance(2_400).await;
        assert_same(&shown(&program).await, &there(&office).await, &format!("full: {is_full}, in the end"));
    }
}

/// A folder is read as a whole, in two pages, while something in it waits to be moved away.
#[tokio::test]
async fn of_what_a_whole_list_told_at_any_time_nothing_is_in_doubt() {
    let home = tempfile::tempdir().expect("a folder");
    let db = Db::open(&home.path().join("cache.db"), &Activity::default()).expect("a cache").db;
    let cache = db.cache(&AccountKey { tenant: "t".to_owned(), object: "o".to_owned() }).await.expect("an account");
    let (inbox, archive) = (FolderId("inbox".to_owned()), FolderId("archive".to_owned()));
    let now = Timestamp::UNIX_EPOCH;
    let row = |id: &str| {
        Change::Upsert(MessagePatch {
            subject: Some(id.to_owned()),
            received: Some(now),
            is_read: Some(false),
            ..MessagePatch::new(MessageId(id.to_owned()))
        })
    };
    let page = async |ids: &[&str], link: Link| {
        let rows = ids.iter().map(|id| row(id)).collect();
        let step = Step { link, is_full: true, window: None, at: now };
        cache.asking().apply(Changes::Messages { folder: inbox.clone(), rows }, Some(step)).await.expect("applied");
    };
    let next = || Link::Next("next".to_owned());
    let done = || Link::Done(Some("done".to_owned()));
    let entries: Vec<Entry> = ["a", "b", "c"]
        .iter()
        .zip(1..)
        .map(|(id, number)| {
            let to = MoveTarget::Folder(archive.clone());
            waits(number, Intent::Move { message: MessageId((*id).to_owned()), to })
        })
        .collect();
    page(&["a", "b", "c", "d"], done()).await;
    // Wanted before the list, within it, after a list that was begun and given up; told before that and after it, or not at all.
    for (told, when, doubtful) in [
        ([&["a", "d"][..], &["b", "c"][..]], 0, &[][..]),
        ([&["a", "d"], &["b", "c"]], 1, &[]),
        ([&["a", "b", "c"], &["d"]], 1, &[]),
        ([&["a", "d"], &["b"]], 0, &["c"]),
        ([&["a", "d"], &["b"]], 1, &["c"]),
        ([&["d"], &[]], 2, &["a", "b", "c"]),
    ] {
        let what = format!("{told:?}, {when}");
        let wish = async || {
            cache.set_wishes(Wishes::of(&entries));
            cache.show_wishes().await.expect("shown");
        };
        if when == 2 {
            wish().await;
            page(&["a", "b", "c", "d"], next()).await;
            cache.forget_link(&Scope::Messages(inbox.clone())).await.expect("forgotten");
        }
        if when == 0 {
            wish().await;
        }
        page(told[0], next()).await;
        if when == 1 {
            wish().await;
        }
        page(told[1], done()).await;
        cache.set_wishes(Wishes::default());
        cache.put_back(entries.clone()).await.expect("put back");
        let ids = cache.messages(&inbox, PageStart::Newest, 9).await.expect("read").rows;
        let ids: BTreeSet<String> = ids.into_iter().map(|row| row.message.id.0).collect();
        assert_eq!(ids, ["a", "b", "c", "d"].map(str::to_owned).into(), "{what}");
        let doubts = cache.doubts().await.expect("read");
        let expected: Vec<Doubt> = doubtful.iter().map(|id| Doubt::Message(MessageId((*id).to_owned()))).collect();
        assert_eq!(doubts, expected, "{what}");
        cache.settle_doubts(doubts).await.expect("settled");
    }
}
