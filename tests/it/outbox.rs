//! Changes that are never lost: kept before they are made, shown at once, made once, taken back; whatever the service, the network and
//! the power do.

use deskbell::base::activity::Activity;
use deskbell::base::clock::{Clock, CrankedClock, SharedClock};
use deskbell::base::environment::Environment;
use deskbell::base::ids::{Ids, SeededIds};
use deskbell::base::paths::Places;
use deskbell::base::report::Report;
use deskbell::config::{self, Flags};
use deskbell::domain::draft::{Draft, DraftKind};
use deskbell::domain::intent::{Intent, ItemState, MoveTarget, OutboxItem, OutboxSummary, Settlement};
use deskbell::domain::mail::{Folder, FolderRole, Message, MessageId, Recipient};
use deskbell::domain::notice::Notice;
use deskbell::domain::request::{Answer, PageStart, Request};
use deskbell::engine::{Engine, Limits, Setup};
use deskbell::sim::faults::{Action, FaultBody, Rule};
use deskbell::sim::tenant::{Tenant, TenantOptions};
use deskbell::sim::world::WorldOptions;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// A tenant, a home, and a clock that only the test turns. Programs come and go.
pub(crate) struct Office {
    pub(crate) clock: CrankedClock,
    pub(crate) activity: Activity,
    pub(crate) tenant: Tenant,
    pub(crate) home: TempDir,
    client: reqwest::Client,
    pub(crate) config: &'static str,
    pub(crate) limits: Limits,
    /// What the program may do, as a sign-in asks for it; empty: everything. It holds from the next [`Office::renew`] on.
    pub(crate) scopes: &'static str,
    token: String,
}

/// A running program without a screen; what is under way ends with it, as by a kill.
pub(crate) struct Program {
    pub(crate) engine: Engine,
    heard: Arc<Mutex<Vec<Notice>>>,
    reader: tokio::task::AbortHandle,
}

impl Drop for Program {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

pub(crate) const PERSON: &str = "lena";

impl Office {
    pub(crate) async fn open() -> Self {
        Self::with(WorldOptions { mail: Some(30), ..WorldOptions::default() }).await
    }

    pub(crate) async fn with(world: WorldOptions) -> Self {
        // A Monday morning.
        let clock = CrankedClock::at("2026-11-23T09:00:00Z".parse::<Timestamp>().expect("a time").into());
        let activity = Activity::default();
        let options = TenantOptions { world, activity: Some(activity.clone()), ..TenantOptions::default() };
        let ids = Arc::new(SeededIds::new(7));
        let tenant = Tenant::start(options, Arc::new(clock.clone()), ids).await.expect("a tenant");
        let home = tempfile::tempdir().expect("a folder");
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        let token = tenant.script().token(PERSON, "").expect("a token");
        Self { clock, activity, tenant, home, client, config: "", limits: Limits::default(), scopes: "", token }
    }

    pub(crate) fn setup(&self, offline: bool) -> Setup {
        let places = Places::under(self.home.path());
        places.create().expect("the places can be made");
        if !self.config.is_empty() {
            std::fs::write(places.config_file(), self.config).expect("the configuration can be written");
        }
        let environment = Environment::from_pairs([("DESKBELL_TOKEN", self.token.as_str())]);
        let flags = Flags {
            authority: Some(self.tenant.authority().to_owned()),
            graph: Some(self.tenant.graph().to_owned()),
            zone: Some("Europe/Madrid".to_owned()),
            ..Flags::default()
        };
        let config::Loaded { config, .. } = config::load(&places, &environment, &flags);
        let clock: SharedClock = Arc::new(self.clock.clone());
        let ids: Arc<dyn Ids> = Arc::new(deskbell::base::ids::RandomIds);
        Setup {
            places,
            zone: config.zone.clone(),
            config,
            environment,
            clock,
            ids,
            activity: self.activity.clone(),
            offline,
            passphrase: None,
            approver: None,
            approves_by_itself: false,
            show_requests: None,
            limits: self.limits.clone(),
        }
    }

    /// Starts the program; waits until it is in step.
    pub(crate) async fn start(&self) -> Program {
        let program = self.begin(false).await;
        program.engine.start();
        self.settle().await;
        program
    }

    /// Opens the program without starting what runs by itself.
    pub(crate) async fn begin(&self, offline: bool) -> Program {
        let (engine, mut news) = Engine::open(self.setup(offline)).await.expect("the engine opens");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keep = heard.clone();
        let reader = tokio::spawn(async move {
            while let Some((notice, _working)) = news.recv().await {
                keep.lock().expect("no panic").push(notice);
            }
        });
        Program { engine, heard, reader: reader.abort_handle() }
    }

    pub(crate) async fn settle(&self) {
        loop {
            self.activity.idle().await;
            tokio::task::yield_now().await;
            let is_due = self.clock.next_due().is_some_and(|due| due <= self.clock.now());
            if !is_due && self.activity.count() == 0 {
                return;
            }
        }
    }

    /// Turns the clock, stopping wherever somebody waits for it.
    pub(crate) async fn advance(&self, seconds: u64) {
        let end = self.clock.now() + Duration::from_secs(seconds);
        self.settle().await;
        while let Some(due) = self.clock.next_due().filter(|due| *due <= end) {
            self.clock.set(due);
            self.settle().await;
        }
        self.clock.set(end);
        self.settle().await;
    }

    /// A token that is good for another while.
    pub(crate) fn renew(&mut self) {
        self.token = self.tenant.script().token(PERSON, self.scopes).expect("a token");
    }

    /// What another client of the same person sees or does.
    pub(crate) async fn elsewhere(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        self.by(PERSON, method, path, body).await
    }

    /// What somebody sees or does.
    pub(crate) async fn by(&self, person: &str, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let token = self.tenant.script().token(person, "").expect("a token");
        let address = format!("{}/v1.0{path}", self.tenant.graph());
        let mut request =
            self.client.request(method, address).bearer_auth(token).header("Prefer", "IdType=\"ImmutableId\"");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Rows of a list as another client sees them.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let page = self.elsewhere(reqwest::Method::GET, &format!("{path}{separator}$top=500"), None).await;
        page["value"].as_array().cloned().unwrap_or_default()
    }

    pub(crate) async fn message(&self, id: &str) -> Value {
        self.elsewhere(reqwest::Method::GET, &format!("/me/messages/{}", encoded(id)), None).await
    }

    /// How many messages of this subject lie in a folder.
    pub(crate) async fn count(&self, folder: &str, subject: &str) -> usize {
        let rows = self.list(&format!("/me/mailFolders/{folder}/messages?$select=subject")).await;
        rows.iter().filter(|row| row["subject"] == subject).count()
    }
}

impl Program {
    pub(crate) async fn ask(&self, request: Request) -> Answer {
        self.engine.perform(request).await.unwrap_or_else(|report| panic!("{}", report.as_text()))
    }

    pub(crate) async fn refused(&self, request: Request) -> Report {
        match self.engine.perform(request).await {
            Ok(answer) => panic!("{answer:?}"),
            Err(report) => report,
        }
    }

    pub(crate) async fn change(&self, intents: Vec<Intent>) -> String {
        match self.ask(Request::Change(intents)).await {
            Answer::Changed { words, .. } => words,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn undo(&self) -> String {
        match self.ask(Request::Undo).await {
            Answer::Undone { words } => words,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn outbox(&self) -> Vec<OutboxItem> {
        match self.ask(Request::Outbox).await {
            Answer::Outbox(items) => items,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn folder(&self, role: FolderRole) -> Folder {
        match self.ask(Request::Folders).await {
            Answer::Folders(folders) => folders.into_iter().find(|one| one.role == Some(role)).expect("the folder"),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn messages(&self, role: FolderRole) -> Vec<Message> {
        let folder = self.folder(role).await.id;
        match self.ask(Request::Messages { folder, start: PageStart::Newest, count: 500 }).await {
            Answer::Messages(page) => page.rows.into_iter().map(|row| row.message).collect(),
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn draft(&self, kind: DraftKind, about: Option<&Message>) -> Draft {
        match self.ask(Request::BeginDraft { kind, about: about.map(|message| message.id.clone()) }).await {
            Answer::Draft(draft) => *draft,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn drafts(&self) -> Vec<Draft> {
        match self.ask(Request::Drafts).await {
            Answer::Drafts(drafts) => drafts,
            other => panic!("{other:?}"),
        }
    }

    /// A new message, written and kept.
    pub(crate) async fn written(&self, subject: &str) -> Draft {
        let mut draft = self.draft(DraftKind::New, None).await;
        draft.subject = subject.to_owned();
        draft.body = "At one?".to_owned();
        draft.to = vec![Recipient { name: "Ben".to_owned(), address: "ben@contoso.com".to_owned() }];
        match self.ask(Request::KeepDraft(Box::new(draft))).await {
            Answer::Draft(draft) => *draft,
            other => panic!("{other:?}"),
        }
    }

    /// Whether a problem was told with this sentence.
    pub(crate) fn has_heard_of(&self, what: &str) -> bool {
        let heard = self.heard.lock().expect("no panic");
        heard.iter().any(|notice| matches!(notice, Notice::Problem(report) if report.what == what))
    }

    pub(crate) fn summary(&self) -> OutboxSummary {
        let heard = self.heard.lock().expect("no panic");
        let told = heard.iter().rev().find_map(|notice| match notice {
            Notice::OutboxChanged(summary) => Some(*summary),
            _ => None,
        });
        told.expect("the outbox was told of")
    }
}

pub(crate) fn encoded(id: &str) -> String {
    id.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")
}

fn archive(message: &Message) -> Intent {
    Intent::Move { message: message.id.clone(), to: MoveTarget::Role(FolderRole::Archive) }
}

#[tokio::test]
async fn what_is_wanted_is_shown_at_once_made_and_undone() {
    let office = Office::open().await;
    let program = office.start().await;
    let before = program.messages(FolderRole::Inbox).await;
    let counts = program.folder(FolderRole::Inbox).await;
    let unread = before.iter().find(|message| !message.is_read).expect("unread mail").clone();
    let words = program
        .change(vec![
            Intent::MarkRead { message: unread.id.clone(), is_read: true },
            Intent::Flag { message: unread.id.clone(), is_flagged: !unread.is_flagged },
            archive(&unread),
        ])
        .await;
    assert_eq!(words, "Changed 3 things.");
    // Before anything was asked of the service.
    let inbox = program.messages(FolderRole::Inbox).await;
    assert!(!inbox.iter().any(|message| message.id == unread.id));
    let archived = program.messages(FolderRole::Archive).await;
    let shown = archived.iter().find(|message| message.id == unread.id).expect("it is archived");
    assert_eq!((shown.is_read, shown.is_flagged), (true, !unread.is_flagged));
    let now = program.folder(FolderRole::Inbox).await;
    assert_eq!((now.total, now.unread), (counts.total - 1, counts.unread - 1));
    office.settle().await;
    // The service has it; rounds change nothing of what is shown.
    assert_eq!(program.outbox().await, []);
    assert!(program.summary().is_empty());
    let there = office.message(&unread.id.0).await;
    assert_eq!((&there["isRead"], &there["parentFolderId"]), (&json!(true), &json!(archived[0].folder.0)));
    office.advance(120).await;
    assert!(!program.messages(FolderRole::Inbox).await.iter().any(|message| message.id == unread.id));
    let now = program.folder(FolderRole::Inbox).await;
    assert_eq!((now.total, now.unread), (counts.total - 1, counts.unread - 1));
    // Undone after the service had it.
    assert_eq!(program.undo().await, "Undone: 3 changes.");
    let inbox = program.messages(FolderRole::Inbox).await;
    assert_eq!(inbox.iter().find(|message| message.id == unread.id), Some(&unread), "shown as it was at once");
    office.settle().await;
    let there = office.message(&unread.id.0).await;
    assert_eq!((&there["isRead"], &there["parentFolderId"]), (&json!(false), &json!(unread.folder.0)));
    office.advance(120).await;
    assert_eq!(program.messages(FolderRole::Inbox).await, before);
    let now = program.folder(FolderRole::Inbox).await;
    assert_eq!((now.total, now.unread), (counts.total, counts.unread));
    assert_eq!(program.refused(Request::Undo).await.code, "nothingToUndo");
}

#[tokio::test]
async fn a_message_is_held_then_sent_once_and_can_be_stopped_before() {
    let office = Office::open().await;
    let program = office.start().await;
    let draft = program.written("Lunch?").await;
    let words = program.change(vec![Intent::Send { draft: draft.id }]).await;
    assert_eq!(words, "Sending \"Lunch?\".");
    office.settle().await;
    assert_eq!(program.summary().held, 1);
    assert!(program.drafts().await[0].is_sending);
    let refused = program.refused(Request::KeepDraft(Box::new(draft.clone()))).await;
    assert_eq!(refused.code, "onItsWay");
    // Stopped within the hold: nothing reached the service, and the draft is a draft again.
    office.advance(5).await;
    assert_eq!(program.undo().await, "Undone: Send \"Lunch?\".");
    office.advance(30).await;
    assert_eq!(program.drafts().await, std::slice::from_ref(&draft));
    assert_eq!(office.count("sentitems", "Lunch?").await + office.count("drafts", "Lunch?").await, 0);
    // And now for good.
    program.change(vec![Intent::Send { draft: draft.id }]).await;
    office.advance(20).await;
    assert_eq!(program.outbox().await, []);
    assert_eq!(program.drafts().await, []);
    assert_eq!((office.count("sentitems", "Lunch?").await, office.count("drafts", "Lunch?").await), (1, 0));
    let report = program.refused(Request::Undo).await;
    assert_eq!((report.code.as_str(), report.why.as_str()), ("cannotUndo", "It has been sent."));
}

#[tokio::test]
async fn without_a_line_it_waits_and_the_next_start_makes_it() {
    let office = Office::open().await;
    let program = office.start().await;
    let unread = program.messages(FolderRole::Inbox).await.into_iter().find(|one| !one.is_read).expect("unread mail");
    office.tenant.script().offline(true);
    let draft = program.written("Later").await;
    program.change(vec![Intent::MarkRead { message: unread.id.clone(), is_read: true }]).await;
    program.change(vec![Intent::Send { draft: draft.id }]).await;
    office.advance(90).await;
    let waiting = program.outbox().await;
    assert_eq!(waiting.len(), 2, "{waiting:#?}");
    assert!(waiting.iter().all(|item| item.state == ItemState::Waiting), "{waiting:#?}");
    assert!(waiting[0].report.is_some(), "it says why: {waiting:#?}");
    // Killed, and the line is mended before the next start.
    drop(program);
    office.tenant.script().offline(false);
    let program = office.start().await;
    office.advance(90).await;
    assert_eq!(program.outbox().await, []);
    assert_eq!(office.message(&unread.id.0).await["isRead"], json!(true));
    assert_eq!(office.count("sentitems", "Later").await, 1);
    // What an earlier run wanted is no longer undone.
    assert_eq!(program.refused(Request::Undo).await.code, "nothingToUndo");
}

#[tokio::test]
async fn what_arrives_meanwhile_hides_nothing_and_what_is_given_up_is_put_back() {
    let office = Office::open().await;
    let program = office.start().await;
    let before = program.messages(FolderRole::Inbox).await;
    let unread = before.iter().find(|one| !one.is_read && !one.is_flagged).expect("unread mail").clone();
    let busy = Action::Status(503, FaultBody::Error("ServiceUnavailable".to_owned()), None);
    office.tenant.script().fault(Rule::graph("/me/messages/*", busy).method("PATCH").always());
    program.change(vec![Intent::MarkRead { message: unread.id.clone(), is_read: true }]).await;
    office.advance(30).await;
    // Somebody flags it elsewhere: the row arrives with the old word for "read" in it.
    let path = format!("/me/messages/{}/move", encoded(&unread.id.0));
    office.elsewhere(reqwest::Method::POST, &path, Some(json!({"destinationId": "archive"}))).await;
    office.elsewhere(reqwest::Method::POST, &path, Some(json!({"destinationId": "inbox"}))).await;
    office.advance(150).await;
    let shown = program.messages(FolderRole::Inbox).await.into_iter().find(|one| one.id == unread.id);
    assert!(shown.expect("it is there").is_read, "still as it was wanted");
    let waiting = program.outbox().await;
    assert!(waiting[0].attempts > 1 && waiting[0].report.is_some(), "{waiting:#?}");
    office.tenant.script().clear_faults();
    program.ask(Request::Settle { id: waiting[0].id, how: Settlement::Cancel }).await;
    let shown = program.messages(FolderRole::Inbox).await.into_iter().find(|one| one.id == unread.id);
    assert!(!shown.expect("it is there").is_read, "put back at once");
    office.advance(90).await;
    assert_eq!(program.outbox().await, []);
    let shown = program.messages(FolderRole::Inbox).await.into_iter().find(|one| one.id == unread.id);
    assert_eq!(
        json!(shown.expect("it is there").is_read),
        office.message(&unread.id.0).await["isRead"],
        "and as the service has it"
    );
}

#[tokio::test]
async fn what_was_not_tried_because_something_else_failed_is_tried_again() {
    let office = Office::open().await;
    let program = office.start().await;
    let inbox: Vec<Message> = program.messages(FolderRole::Inbox).await.into_iter().take(6).collect();
    let not_tried = || Action::Status(424, FaultBody::Error("FailedDependency".to_owned()), None);
    // Some of those that go together, all of them, and one alone.
    for (path, method, times, count) in
        [("/me/messages/*", "PATCH", 2, 6), ("/$batch", "POST", 1, 6), ("/me/messages/*", "PATCH", 1, 1)]
    {
        let wanted: Vec<Intent> = inbox[..count]
            .iter()
            .map(|one| Intent::Categorise { message: one.id.clone(), categories: vec![format!("{path} {count}")] })
            .collect();
        let script = office.tenant.script();
        script.fault(Rule::graph(path, not_tried()).method(method).times(times));
        program.change(wanted).await;
        office.settle().await;
        let waiting = program.outbox().await;
        assert_eq!(
            waiting.len(),
            if method == "POST" { count } else { usize::try_from(times).expect("few") },
            "{path}"
        );
        for item in &waiting {
            assert_eq!(item.state, ItemState::Waiting, "{path}: nobody said no: {item:?}");
            let report = item.report.as_ref().expect("it says why");
            assert!(report.code == "notTried" && !report.as_text().contains("refused"), "{}", report.as_text());
        }
        let shown = program.messages(FolderRole::Inbox).await;
        let is_shown =
            |id: &MessageId| shown.iter().any(|one| one.id == *id && one.categories == [format!("{path} {count}")]);
        assert!(inbox[..count].iter().all(|one| is_shown(&one.id)), "{path}: it is shown as it is wanted");
        office.advance(120).await;
        assert_eq!(program.outbox().await, [], "{path}");
        for one in &inbox[..count] {
            assert_eq!(office.message(&one.id.0).await["categories"], json!([format!("{path} {count}")]));
        }
        script.clear_faults();
    }
}

#[tokio::test]
async fn without_leave_nothing_is_queued_and_the_report_says_which_is_missing() {
    let mut office = Office::open().await;
    let intent = || vec![Intent::MarkRead { message: MessageId("m".to_owned()), is_read: true }];
    office.config = "read_only = true\n";
    let program = office.begin(false).await;
    assert_eq!(program.refused(Request::Change(intent())).await.code, "readOnly");
    assert_eq!(program.refused(Request::Undo).await.code, "readOnly");
    drop(program);
    office.config = "read_only = false\n";
    office.token = office.tenant.script().token(PERSON, "User.Read Mail.Read").expect("a token");
    let program = office.begin(false).await;
    let report = program.refused(Request::Change(intent())).await;
    assert_eq!(
        (report.code.as_str(), report.why.as_str()),
        ("consentRequired", "The permission Mail.ReadWrite was not granted.")
    );
    assert!(!office.home.path().join("state/outbox.db").exists(), "nothing was kept");
}

#[tokio::test]
async fn a_damaged_outbox_is_kept_and_said_aloud_and_a_newer_one_is_left_alone() {
    use deskbell::db::outbox::OutboxFile;
    use deskbell::domain::account::AccountKey;
    use deskbell::domain::outbox::{Former, NewEntry, Progress};
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("outbox.db");
    let key = AccountKey { tenant: "t".to_owned(), object: "o".to_owned() };
    let now = Timestamp::UNIX_EPOCH;
    let new = || NewEntry {
        intent: Intent::MarkRead { message: MessageId("m".to_owned()), is_read: true },
        words: "Mark it".to_owned(),
        held: None,
        progress: Progress::default(),
        former: Former::default(),
    };
    let (file, other) = {
        let open = || OutboxFile::at(&path, &Activity::default());
        (open(), open())
    };
    let outbox = file.of(&key).await.expect("it opens");
    let kept = outbox.add(vec![new(), new()], "s", false, now).await.expect("kept");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600);
    }
    // Another process: one has leave, one takes a change up, and a killed holder leaves nothing locked.
    let second = other.of(&key).await.expect("it opens");
    let leave = outbox.leave().expect("a lock").expect("nobody has it");
    assert!(second.leave().expect("a lock").is_none());
    assert!(outbox.take_up(kept[0].item.id).await.expect("written").is_some());
    assert!(second.take_up(kept[0].item.id).await.expect("written").is_none());
    assert!(second.take_back(kept[0].item.id).await.expect("written").is_none(), "it is under way");
    drop(leave);
    let _leave = second.leave().expect("a lock").expect("it was given back");
    second.put_down_what_was_left().await.expect("written");
    assert!(second.take_back(kept[0].item.id).await.expect("written").is_some());
    drop((outbox, second, file, other));
    // A later release wrote it.
    let version = |number: i64| {
        let connection = rusqlite::Connection::open(&path).expect("a file");
        connection.pragma_update(None, "user_version", number).expect("written");
    };
    version(99);
    let file = OutboxFile::at(&path, &Activity::default());
    let report = file.of(&key).await.err().expect("it is refused").report();
    assert_eq!(report.code, "outboxNewer");
    drop(file);
    version(1);
    // Whoever had it open writes its journal into it at the end, which is over when there is none.
    while path.with_extension("db-wal").exists() {
        tokio::task::yield_now().await;
    }
    // Bytes of a table are gone; what can be read goes on.
    let bytes = std::fs::read(&path).expect("a file");
    let mut broken = bytes.clone();
    let page = 4096;
    let at = broken.len() - page;
    broken[at..].fill(0xa5);
    std::fs::write(&path, &broken).expect("written");
    let file = OutboxFile::at(&path, &Activity::default());
    let outbox = file.of(&key).await.expect("it goes on");
    let report = file.take_set_aside().expect("it says so");
    assert_eq!(report.code, "outboxSetAside");
    let aside = home.path().join("outbox.db.damaged-1");
    assert!(std::fs::read(&aside).expect("it was kept").starts_with(b"SQLite format 3"), "{report:?}");
    outbox.add(vec![new()], "s", false, now).await.expect("and takes changes");
}
