//! What folders are said to hold while changes are on their way: what is wished for at each moment, and what the service counts in
//! the end, wherever its answers are held back or lost.

use crate::outbox::{Office, Program, encoded};
use deskbell::base::activity::Activity;
use deskbell::db::{Changes, Db, Wishes};
use deskbell::domain::account::AccountKey;
use deskbell::domain::intent::{Intent, IntentId, ItemState, MoveTarget, OutboxItem, Settlement};
use deskbell::domain::mail::{Folder, FolderId, FolderRole, MessageId};
use deskbell::domain::outbox::{Entry, Former, FormerMessage, Progress};
use deskbell::domain::request::Request;
use deskbell::sim::faults::{Action, FaultBody, Rule};
use deskbell::sim::world::WorldOptions;
use jiff::Timestamp;
use serde_json::json;

/// Total and unread of the inbox, and of the archive.
type Counts = [(u32, u32); 2];

async fn shown(program: &Program) -> Counts {
    let (inbox, archive) = (program.folder(FolderRole::Inbox).await, program.folder(FolderRole::Archive).await);
    [(inbox.total, inbox.unread), (archive.total, archive.unread)]
}

async fn counted(office: &Office) -> Counts {
    let mut counts = Counts::default();
    for (place, folder) in counts.iter_mut().zip(["inbox", "archive"]) {
        let told = office.elsewhere(reqwest::Method::GET, &format!("/me/mailFolders/{folder}"), None).await;
        let number = |name: &str| u32::try_from(told[name].as_u64().expect("a number")).expect("it is small");
        *place = (number("totalItemCount"), number("unreadItemCount"));
    }
    counts
}

/// Lets time pass, in steps; what is shown is `wished` throughout, whatever the folders' rounds say.
async fn stays(office: &Office, program: &Program, wished: Counts, seconds: u64, what: &str) {
    office.tenant.script().clear_requests();
    for _ in 0..seconds / 20 {
        office.advance(20).await;
        assert_eq!(shown(program).await, wished, "{what}");
    }
    let rounds = office.tenant.script().requests();
    assert!(rounds.iter().any(|one| one.path.ends_with("/mailFolders/delta")), "{what}: the folders were read");
}

/// The next two changes are answered five minutes late, or are not even read before.
fn hold_back(office: &Office, action: fn(u64) -> Action) {
    office.tenant.script().clear_faults();
    office.tenant.script().fault(Rule::graph("/me/messages/*", action(300_000)).method("PATCH").times(2));
    office.tenant.script().fault(Rule::graph("/me/messages/*/move", action(300_000)).method("POST").times(2));
}

async fn unread(program: &Program, count: usize) -> Vec<MessageId> {
    let inbox = program.messages(FolderRole::Inbox).await;
    let ids: Vec<_> = inbox.into_iter().filter(|one| !one.is_read).map(|one| one.id).take(count).collect();
    assert_eq!(ids.len(), count, "there is enough unread mail");
    ids
}

fn marked(ids: &[MessageId]) -> Vec<Intent> {
    ids.iter().map(|id| Intent::MarkRead { message: id.clone(), is_read: true }).collect()
}

fn archived(ids: &[MessageId]) -> Vec<Intent> {
    let to = MoveTarget::Role(FolderRole::Archive);
    ids.iter().map(|id| Intent::Move { message: id.clone(), to: to.clone() }).collect()
}

/// The same counts with `unread` fewer in the inbox, and `moved` of them in the archive.
fn less([(total, inbox), (other, archive)]: Counts, unread: u32, moved: u32) -> Counts {
    [(total - moved, inbox - unread), (other + moved, archive + moved)]
}

async fn mail_arrives(office: &Office, subject: &str) {
    let mail = json!({"message": {"subject": subject, "body": {"contentType": "text", "content": "?"},
        "toRecipients": [{"emailAddress": {"address": "lena@contoso.com"}}]}});
    office.by("ben", reqwest::Method::POST, "/me/sendMail", Some(mail)).await;
}

async fn much_unread() -> Office {
    much_unread_of(30).await
}

async fn much_unread_of(mail: usize) -> Office {
    let office = Office::with(WorldOptions { mail: Some(mail), ..WorldOptions::default() }).await;
    let inbox = office.list("/me/mailFolders/inbox/messages?$select=id,isRead").await;
    for row in inbox.iter().filter(|row| row["isRead"] == true) {
        let path = format!("/me/messages/{}", encoded(row["id"].as_str().expect("an id")));
        office.elsewhere(reqwest::Method::PATCH, &path, Some(json!({"isRead": false}))).await;
    }
    office
}

#[tokio::test]
async fn counts_stay_as_wished_while_answers_are_held_back_and_are_the_service_s_in_the_end() {
    let mut office = much_unread().await;
    for action in [Action::Late, Action::Slow] {
        office.renew();
        let program = office.start().await;
        // What is fetched ahead is here, so that nothing but changes and short rounds is on its way.
        office.advance(600).await;
        let what = format!("{:?}", action(0));
        let before = shown(&program).await;
        assert_eq!(before, counted(&office).await, "{what}");
        let ids = unread(&program, 4).await;
        // Marked, and rounds of the folders go by before the answer.
        hold_back(&office, action);
        program.change(marked(&ids)).await;
        let wished = less(before, 4, 0);
        stays(&office, &program, wished, 280, &format!("{what}: marked")).await;
        stays(&office, &program, wished, 300, &format!("{what}: marked and answered")).await;
        assert_eq!(counted(&office).await, wished, "{what}");
        // Undone once it was answered, while the undoing is on its way.
        hold_back(&office, action);
        program.undo().await;
        stays(&office, &program, before, 280, &format!("{what}: undone")).await;
        stays(&office, &program, before, 300, &format!("{what}: undone and answered")).await;
        assert_eq!(counted(&office).await, before, "{what}");
        // Undone while it is on its way; the undoing waits behind it, and is held back as well.
        hold_back(&office, action);
        program.change(marked(&ids)).await;
        office.settle().await;
        program.undo().await;
        stays(&office, &program, before, 280, &format!("{what}: undone at once")).await;
        stays(&office, &program, before, 300, &format!("{what}: undone at once, marked")).await;
        stays(&office, &program, before, 300, &format!("{what}: undone at once, answered")).await;
        assert_eq!(counted(&office).await, before, "{what}");
        // Moved, and undone on the way; what another program reads meanwhile is counted in the end.
        let ids = unread(&program, 2).await;
        hold_back(&office, action);
        program.change(archived(&ids)).await;
        stays(&office, &program, less(before, 2, 2), 140, &format!("{what}: moved")).await;
        program.undo().await;
        let read = unread(&program, 5).await.pop().expect("another");
        let path = format!("/me/messages/{}", encoded(&read.0));
        // What is held back already stays so.
        office.tenant.script().clear_faults();
        office.elsewhere(reqwest::Method::PATCH, &path, Some(json!({"isRead": true}))).await;
        office.advance(400).await;
        assert_eq!(shown(&program).await, less(before, 1, 0), "{what}: one was read");
        assert_eq!(counted(&office).await, less(before, 1, 0), "{what}");
        assert_eq!(program.outbox().await, [], "{what}");
    }
}

#[tokio::test]
async fn counts_stay_as_wished_where_answers_are_lost() {
    let office = much_unread().await;
    let program = office.start().await;
    office.advance(60).await;
    let script = office.tenant.script();
    let before = shown(&program).await;
    // In one request whose answer is lost, and for a while none of them can be made again alone.
    let ids = unread(&program, 12).await;
    script.fault(Rule::graph("/$batch", Action::Cut).method("POST"));
    let busy = Action::Status(503, FaultBody::Error("ServiceUnavailable".to_owned()), None);
    // What is in the request is made.
    script.fault(Rule::graph("/me/messages/*", busy.clone()).method("PATCH").nth(13).always());
    program.change(marked(&ids)).await;
    let wished = less(before, 12, 0);
    stays(&office, &program, wished, 400, "marked").await;
    assert_eq!(counted(&office).await, wished);
    assert!(!program.outbox().await.is_empty(), "nobody knows yet");
    // Other mail comes: what is shown is off by no more than what nobody knows of.
    for number in 0..20 {
        mail_arrives(&office, &format!("Mail {number}")).await;
    }
    office.advance(200).await;
    assert!(!program.outbox().await.is_empty(), "nobody knows yet");
    let ([(_, now), _], [(_, there), _]) = (shown(&program).await, counted(&office).await);
    assert!(now <= there && there - now <= 12, "{now} of {there}");
    script.clear_faults();
    office.advance(900).await;
    assert_eq!(program.outbox().await, []);
    let wished = counted(&office).await;
    assert_eq!(shown(&program).await, wished);
    assert_eq!(wished[0].1, before[0].1 - 12 + 20);
    // What was lost and is undone before it could be made again.
    script.fault(Rule::graph("/me/messages/*", Action::Cut).method("PATCH").times(2));
    script.fault(Rule::graph("/me/messages/*", busy).method("PATCH").nth(3).always());
    program.change(marked(&unread(&program, 2).await)).await;
    office.settle().await;
    program.undo().await;
    stays(&office, &program, wished, 300, "undone").await;
    script.clear_faults();
    office.advance(900).await;
    assert_eq!((program.outbox().await, counted(&office).await), (Vec::new(), wished));
    assert_eq!(shown(&program).await, wished);
}

#[tokio::test]
async fn counts_stay_as_wished_while_a_train_is_on_its_way() {
    let mut office = much_unread_of(80).await;
    office.config = "[send]\nhold_seconds = 0\n";
    let program = office.start().await;
    office.advance(600).await;
    let before = shown(&program).await;
    let ids = unread(&program, 60).await;
    let gone = |id: &MessageId| Intent::DeleteForEver { message: id.clone() };
    // Of the second batch one has to be looked for, and that is answered late: the third batch waits, and rounds go by.
    let script = office.tenant.script();
    let missing = Action::Status(404, FaultBody::Error("ErrorItemNotFound".to_owned()), None);
    script.fault(Rule::graph("/me/messages/*/permanentDelete", missing).method("POST").nth(30));
    script.fault(Rule::graph("/me/messages/*", Action::Late(300_000)).method("GET"));
    program.change(ids.iter().map(gone).collect()).await;
    let [(total, inbox), archive] = before;
    let wished = [(total - 60, inbox - 60), archive];
    stays(&office, &program, wished, 280, "on its way").await;
    assert_eq!(*script.held().borrow(), 1);
    assert_eq!(counted(&office).await[0], (total - 39, inbox - 39), "a batch and most of the next");
    stays(&office, &program, wished, 300, "answered").await;
    assert_eq!(program.outbox().await, []);
    assert_eq!(counted(&office).await, wished);
}

#[tokio::test]
async fn counts_stay_as_wished_where_a_change_is_refused_and_another_of_the_same_message_waits() {
    let office = much_unread().await;
    let program = office.start().await;
    office.advance(600).await;
    let before = shown(&program).await;
    let script = office.tenant.script();
    let ids = unread(&program, 1).await;
    let no = Action::Status(403, FaultBody::Error("ErrorAccessDenied".to_owned()), None);
    script.fault(Rule::graph("/me/messages/*", Action::Slow(30_000)).method("PATCH"));
    script.fault(Rule::graph("/me/messages/*", no).method("PATCH"));
    program.change(marked(&ids)).await;
    office.settle().await;
    program.change(archived(&ids)).await;
    let [(total, inbox), (other, archive)] = before;
    assert_eq!(shown(&program).await, [(total - 1, inbox - 1), (other + 1, archive)], "both are wished for");
    office.advance(40).await;
    // It is unread after all, and lies in the archive as far as anybody here wants it.
    let wished = [(total - 1, inbox - 1), (other + 1, archive + 1)];
    assert_eq!(shown(&program).await, wished, "one is refused");
    // Other mail comes, so that the folders are told of.
    mail_arrives(&office, "Another").await;
    office.advance(300).await;
    let wished = [(wished[0].0 + 1, wished[0].1 + 1), wished[1]];
    assert_eq!(shown(&program).await, wished, "the other waits");
    let waiting = program.outbox().await;
    let refused = waiting.iter().find(|item| item.state != ItemState::Waiting).expect("it asks");
    program.ask(Request::Settle { id: refused.id, how: Settlement::Cancel }).await;
    assert_eq!(shown(&program).await, wished, "given up");
    office.advance(300).await;
    assert_eq!(program.outbox().await, []);
    assert_eq!((shown(&program).await, counted(&office).await), (wished, wished));
}

/// A change that waits, of a message that lay unread in the inbox.
pub(crate) fn waits(id: i64, intent: Intent) -> Entry {
    let message = intent.message().cloned().unwrap_or_else(|| MessageId("m".to_owned()));
    let inbox = FolderId("inbox".to_owned());
    let former =
        FormerMessage { id: message, folder: inbox, is_read: false, is_flagged: false, categories: Vec::new() };
    Entry {
        item: OutboxItem {
            id: IntentId(id),
            intent,
            words: String::new(),
            made: Timestamp::UNIX_EPOCH,
            state: ItemState::Waiting,
            attempts: 0,
            next_try: None,
            report: None,
        },
        progress: Progress::default(),
        former: Former { message: Some(former), ..Former::default() },
        group: IntentId(id),
        session: String::new(),
        is_undo: false,
    }
}

#[tokio::test]
async fn what_is_taken_up_later_than_others_is_in_doubt_from_then_on() {
    let home = tempfile::tempdir().expect("a folder");
    let db = Db::open(&home.path().join("cache.db"), &Activity::default()).expect("a cache").db;
    let cache = db.cache(&AccountKey { tenant: "t".to_owned(), object: "o".to_owned() }).await.expect("an account");
    let told = async |total: u32, unread: u32| {
        let folder = Folder {
            id: FolderId("inbox".to_owned()),
            parent: None,
            name: "Inbox".to_owned(),
            role: Some(FolderRole::Inbox),
            total,
            unread,
            hidden: false,
            cached: 0,
        };
        cache.asking().apply(Changes::Folders(vec![folder]), None).await.expect("applied");
        let folders = cache.folders().await.expect("read");
        (folders[0].total, folders[0].unread)
    };
    assert_eq!(told(9, 9).await, (9, 9));
    let id = |number: i64| MessageId(format!("m{number}"));
    let read = (1..4).map(|number| Intent::MarkRead { message: id(number), is_read: true });
    let gone = (4..6).map(|number| Intent::DeleteForEver { message: id(number) });
    let intents: Vec<Intent> = read.chain(gone).collect();
    let entries: Vec<Entry> = intents.iter().zip(1..).map(|(intent, at)| waits(at, intent.clone())).collect();
    cache.set_wishes(Wishes::of(&entries));
    // Nothing was asked: the service counts none of them.
    assert_eq!(told(9, 9).await, (7, 4));
    assert!(!cache.are_counts_doubtful().await.expect("read"));
    // One of each is taken up; what the service says may have it or not, and the others are not in it.
    cache.begin_wishes([&intents[0], &intents[3]].into_iter());
    for (total, unread) in [(9, 9), (8, 8), (9, 8), (8, 7)] {
        assert_eq!(told(total, unread).await, (7, 4), "{total} {unread}");
    }
    assert!(!cache.are_counts_doubtful().await.expect("read"), "not before it is known");
    // Over: from now on they are, until all are told once more.
    cache.set_wishes(Wishes::default());
    assert!(cache.are_counts_doubtful().await.expect("read"));
    assert_eq!(told(7, 4).await, (7, 4));
    assert!(!cache.are_counts_doubtful().await.expect("read"));
}
