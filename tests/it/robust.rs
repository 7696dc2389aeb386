//! What a home goes through: another process that writes and ends, a wish to keep nothing, hundreds of changes at once and what becomes
//! of them when the service takes only some.

use crate::outbox::{Office, Program};
use deskbell::base::activity::Activity;
use deskbell::base::clock::{Clock, CrankedClock, Sleep};
use deskbell::db::{Changes, Db};
use deskbell::domain::change::{Change, MessagePatch};
use deskbell::domain::intent::{Intent, MoveTarget};
use deskbell::domain::mail::{FolderRole, MessageId};
use deskbell::domain::request::{Answer, FoundPage, PageStart, Request};
use deskbell::engine::nudge::{Kind, Nudge};
use deskbell::engine::{Engine, Setup};
use deskbell::sim::faults::{Action, FaultBody, Rule};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

fn cache_file(office: &Office) -> PathBuf {
    office.setup(true).places.cache.join("deskbell.db")
}

fn number(office: &Office, sql: &str) -> i64 {
    let file = rusqlite::Connection::open(cache_file(office)).expect("the cache");
    file.query_row(sql, [], |row| row.get(0)).expect("a number")
}

async fn found(program: &Program, text: &str) -> Vec<String> {
    let request = Request::Search {
        text: text.to_owned(),
        folder: None,
        start: PageStart::Newest,
        count: 20,
        from_service: false,
        as_typed: false,
    };
    match program.ask(request).await {
        Answer::Found(page) => page.rows.into_iter().map(|row| row.row.message.subject).collect(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_another_process_wrote_is_found_here() {
    let office = Office::open().await;
    let program = office.start().await;
    let inbox = program.folder(FolderRole::Inbox).await.id;
    let known = program.messages(FolderRole::Inbox).await.remove(0);
    // It writes, says so, and ends without having indexed anything.
    let db = Db::open(&cache_file(&office), &Activity::default()).expect("the cache").db;
    let account = db.accounts().await.expect("accounts").remove(0);
    let cache = db.cache(&account.key).await.expect("the account");
    let mut patch = MessagePatch::new(MessageId("from-elsewhere".to_owned()));
    patch.subject = Some("Zirconium".to_owned());
    (patch.received, patch.from) = (Some(known.received), Some(known.from));
    let rows = vec![Change::Upsert(patch)];
    cache.asking().apply(Changes::Messages { folder: inbox.clone(), rows }, None).await.expect("written");
    assert!(found(&program, "zirconium").await.is_empty(), "nobody has looked yet");
    Nudge::new(&office.setup(true).places.state).send(&Kind::Messages(inbox));
    for _ in 0..5_000 {
        tokio::task::yield_now().await;
        office.settle().await;
        if found(&program, "zirconium").await == ["Zirconium"] {
            return;
        }
    }
    panic!("it is not found");
}

async fn read(office: &Office, program: &Program, message: &MessageId) -> String {
    for _ in 0..2 {
        let request = Request::Read { message: message.clone(), width: 80, unfold: false };
        match program.ask(request).await {
            Answer::Read(reading) if reading.text.is_some() => return format!("{:?}", reading.text),
            Answer::Read(_) => office.settle().await,
            other => panic!("{other:?}"),
        }
    }
    String::new()
}

#[tokio::test]
async fn where_no_body_is_kept_none_stays_on_the_disk() {
    let mut office = Office::open().await;
    office.config = "[cache]\nbodies = \"none\"\n";
    let program = office.start().await;
    let first = program.messages(FolderRole::Inbox).await.remove(0).id;
    let text = read(&office, &program, &first).await;
    assert!(text.len() > 100, "it is read all the same");
    let asked = office.tenant.script().requests().len();
    assert_eq!(read(&office, &program, &first).await, text);
    assert_eq!(office.tenant.script().requests().len(), asked, "going back to it asks nobody");
    assert_eq!(number(&office, "SELECT count(*) FROM bodies"), 0);
}

/// How many bodies are here some time after a start, those of messages older than two days for themselves.
async fn held_after_a_while(config: &'static str) -> (i64, i64) {
    let mut office = Office::open().await;
    office.config = config;
    let program = office.start().await;
    office.advance(900).await;
    drop(program);
    let old = "SELECT count(*) FROM bodies b JOIN messages m ON m.row = b.message
               WHERE m.received < (SELECT max(received) FROM messages) - 2 * 86400000000";
    (number(&office, "SELECT count(*) FROM bodies"), number(&office, old))
}

#[tokio::test]
async fn texts_are_fetched_ahead_as_far_back_and_as_much_as_is_allowed() {
    let (usual, usual_old) = held_after_a_while("").await;
    let (_, young_old) = held_after_a_while("[cache]\nbody_days = 1\n").await;
    let (few, _) = held_after_a_while("[cache]\nbody_megabytes = 1\n").await;
    assert!(young_old < usual_old, "{young_old} of {usual_old}: the newest of a folder only");
    assert!(few < usual, "{few} of {usual}");
}

/// Marks some messages and moves others; how often the service was asked at once.
async fn change_many(office: &Office, program: &Program, is_flagged: bool) -> usize {
    let all = program.messages(FolderRole::Inbox).await;
    let flag = |message: &MessageId| Intent::Flag { message: message.clone(), is_flagged };
    let file =
        |message: &MessageId| Intent::Move { message: message.clone(), to: MoveTarget::Role(FolderRole::Archive) };
    let mut wanted: Vec<Intent> = all[..14].iter().map(|message| flag(&message.id)).collect();
    wanted.extend(all[14..17].iter().map(|message| file(&message.id)));
    office.tenant.script().clear_requests();
    program.change(wanted).await;
    office.settle().await;
    let asked = office.tenant.script().requests().len();
    for _ in 0..8 {
        office.advance(120).await;
    }
    assert_eq!(program.outbox().await, [], "everything is made");
    // As another client sees it.
    for message in &all[..14] {
        let status = &office.message(&message.id.0).await["flag"]["flagStatus"];
        assert_eq!(status, if is_flagged { "flagged" } else { "notFlagged" });
    }
    let archive = program.folder(FolderRole::Archive).await.id;
    for message in &all[14..17] {
        assert_eq!(office.message(&message.id.0).await["parentFolderId"], archive.0);
    }
    asked
}

#[tokio::test]
async fn many_changes_are_few_requests_and_each_is_made_whatever_becomes_of_a_batch() {
    let office = Office::open().await;
    let program = office.start().await;
    assert_eq!(change_many(&office, &program, true).await, 1, "seventeen changes in one request");
    let script = office.tenant.script();
    let status = |status, code: &str| Action::Status(status, FaultBody::Error(code.to_owned()), None);
    // Items of a batch: throttled, not processed because of another, failed; then the batch as a whole: cut before and after the
    // service acted, refused, and no sense in the answer.
    script.fault(Rule::graph("/me/messages/*", Action::Throttle(Some(20), false)).nth(3).times(2));
    script.fault(Rule::graph("/me/messages/*", status(424, "FailedDependency")).nth(7).times(2));
    script.fault(Rule::graph("/me/messages/*", status(503, "ServiceUnavailable")).nth(11));
    change_many(&office, &program, false).await;
    for (is_flagged, action) in [
        (true, Action::Drop),
        (false, Action::Cut),
        (true, Action::WrongJson),
        (false, status(503, "ServiceUnavailable")),
    ] {
        script.clear_faults();
        // What lies in the archive comes back, so that there is enough to change.
        let archived = program.messages(FolderRole::Archive).await;
        let back = archived
            .iter()
            .map(|message| Intent::Move { message: message.id.clone(), to: MoveTarget::Role(FolderRole::Inbox) });
        program.change(back.collect()).await;
        office.advance(60).await;
        script.fault(Rule::graph("/$batch", action.clone()).method("POST"));
        change_many(&office, &program, is_flagged).await;
    }
}

/// A clock by which, once it is in a hurry, every limit is over at once, so that what takes any time at all takes too long.
struct Hasty(CrankedClock, AtomicBool);

impl Clock for Hasty {
    fn now(&self) -> SystemTime {
        self.0.now()
    }

    fn sleep_until(&self, at: SystemTime) -> Sleep {
        self.0.sleep_until(at)
    }

    fn limit(&self, duration: Duration) -> Sleep {
        if self.1.load(Ordering::SeqCst) { Box::pin(std::future::ready(())) } else { self.0.limit(duration) }
    }
}

#[tokio::test]
async fn a_key_of_a_search_is_answered_soon_and_then_wholly() {
    let office = Office::open().await;
    let program = office.start().await;
    let all = program.messages(FolderRole::Inbox).await;
    let word = all[0].subject.split_whitespace().next().expect("a word").to_lowercase();
    program.engine.index_some().await.expect("indexed");
    program.engine.close().await;
    drop(program);
    office.settle().await;
    let clock = Arc::new(Hasty(office.clock.clone(), AtomicBool::new(false)));
    let (engine, _news) =
        Engine::open(Setup { clock: clock.clone(), ..office.setup(false) }).await.expect("the engine opens");
    clock.1.store(true, Ordering::SeqCst);
    let typed = |text: &str, as_typed: bool| {
        let text = text.to_owned();
        let request =
            Request::Search { text, folder: None, start: PageStart::Newest, count: 60, from_service: false, as_typed };
        let engine = engine.clone();
        async move {
            match engine.perform(request).await {
                Ok(Answer::Found(page)) => *page,
                other => panic!("{other:?}"),
            }
        }
    };
    let ids = |page: &FoundPage| page.rows.iter().map(|row| row.row.message.id.clone()).collect::<Vec<_>>();
    let soon = typed(&word, true).await;
    assert!(soon.is_partial && !soon.is_counted && !soon.at_oldest, "{soon:?}");
    let whole = typed(&word, false).await;
    assert!(!whole.is_partial && whole.is_counted && whole.rows.len() >= soon.rows.len() && !soon.rows.is_empty());
    assert!(ids(&soon).iter().all(|id| ids(&whole).contains(id)), "nothing that was shown is taken back");
    // Letters that follow each other quickly: whatever becomes of the earlier ones, none ends in a failure, and the last is whole.
    let beginnings: Vec<String> = (1..=word.len()).filter_map(|end| word.get(..end).map(str::to_owned)).collect();
    let pages = futures_util::future::join_all(beginnings.iter().map(|text| typed(text, true))).await;
    assert!(pages.iter().all(|page| page.is_partial));
    let (_, last) = futures_util::future::join(typed(&beginnings[0], false), typed(&word, false)).await;
    assert_eq!(ids(&last), ids(&whole));
    assert_eq!(ids(&typed(&word, false).await), ids(&whole));
    engine.close().await;
}

#[tokio::test]
async fn many_deletes_for_ever_are_few_requests_and_each_is_made_whatever_becomes_of_a_batch() {
    let mut office = Office::open().await;
    office.config = "[send]\nhold_seconds = 5\n";
    let program = office.start().await;
    let script = office.tenant.script();
    let actions = [None, Some(Action::Drop), Some(Action::Cut), Some(Action::WrongJson)];
    for action in actions {
        let all = program.messages(FolderRole::Inbox).await;
        let doomed: Vec<MessageId> = all[..6].iter().map(|message| message.id.clone()).collect();
        program.change(doomed.iter().map(|id| Intent::DeleteForEver { message: id.clone() }).collect()).await;
        office.settle().await;
        script.clear_requests();
        script.clear_faults();
        if let Some(action) = action.clone() {
            script.fault(Rule::graph("/$batch", action).method("POST"));
        }
        office.advance(6).await;
        let asked = script.requests().iter().filter(|request| request.method == "POST").count();
        assert!(asked >= 1 && (asked == 1 || action.is_some()), "six deletes in one request: {asked}");
        for _ in 0..8 {
            office.advance(120).await;
        }
        assert_eq!(program.outbox().await, [], "everything is made");
        let there = office.list("/me/messages?$select=id").await;
        assert!(!there.iter().any(|row| doomed.iter().any(|id| row["id"] == id.0)), "they are gone");
        assert_eq!(program.messages(FolderRole::Inbox).await.len(), all.len() - 6, "and nothing else is");
    }
}
