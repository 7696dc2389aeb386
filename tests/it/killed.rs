//! The real program killed with `kill -9` while the service holds one of its requests: for every change that a command can make, once
//! before the service acted and once after it acted and before it answered. Whoever comes next makes each change once.
//!
//! One home goes through all of it, so whatever an earlier kill left behind is in the way of the later ones, as it would be.

use crate::outbox::encoded;
use crate::support::kinds::KINDS;
use crate::support::program::{Program, ran};
use deskbell::base::activity::Activity;
use deskbell::base::clock::Clock;
use deskbell::base::environment::Environment;
use deskbell::base::ids::RandomIds;
use deskbell::base::paths::Places;
use deskbell::config::{self, Flags};
use deskbell::domain::draft::{Draft, DraftId, DraftKind};
use deskbell::domain::freebusy::WorkingHours;
use deskbell::domain::intent::Intent;
use deskbell::domain::mail::{MessageId, Recipient};
use deskbell::domain::own_settings::WorkingTime;
use deskbell::domain::request::{Answer, Request};
use deskbell::domain::time::{Zone, instant};
use deskbell::engine::notices::News;
use deskbell::engine::{Engine, Limits, Setup, SystemClock};
use deskbell::sim::faults::{Action, Rule};
use jiff::civil::{Weekday, time};
use reqwest::Method;
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::Arc;

/// Longer than any test.
const FOR_EVER: u64 = 1_000_000_000;

/// When the program dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// The service holds the request and has done nothing.
    Before,
    /// The service has done it, and the answer never arrives.
    After,
}

const BOTH: &[When] = &[When::Before, When::After];

/// A request of a change that acts: its method, its path, and when the program dies of it.
type Act<'a> = (&'static str, &'a str, &'a [When]);

/// The program, its home, and the service.
struct Desk {
    program: Program,
    client: reqwest::Client,
    /// How many seconds the service's clock is ahead.
    ahead: Cell<i64>,
}

impl Desk {
    fn new() -> Self {
        let program = Program::new();
        program.configure("[send]\nhold_seconds = 0\n[time]\nzone = \"Europe/Madrid\"\n");
        Self {
            program,
            client: reqwest::Client::builder().no_proxy().build().expect("a client"),
            ahead: Cell::default(),
        }
    }

    /// What another client of this person sees or does.
    async fn by(&self, person: &str, method: Method, path: &str, body: Option<Value>) -> Value {
        let token = self.program.tenant.script().token(person, "").expect("a token");
        let address = format!("{}/v1.0{path}", self.program.tenant.graph());
        let mut request = self.client.request(method, address).bearer_auth(token);
        request = request.header("Prefer", "IdType=\"ImmutableId\"");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let (status, text) = (response.status(), response.text().await.expect("a body"));
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    fn get(&self, person: &str, path: &str) -> Value {
        self.program.runtime.block_on(self.by(person, Method::GET, path, None))
    }

    fn post(&self, person: &str, path: &str, body: Value) -> String {
        let made = self.program.runtime.block_on(self.by(person, Method::POST, path, Some(body)));
        made["id"].as_str().expect("an id").to_owned()
    }

    /// A message in the inbox.
    fn message(&self, subject: &str) -> String {
        let mail = json!({"subject": subject, "body": {"contentType": "text", "content": "?"}, "isRead": true,
            "toRecipients": [{"emailAddress": {"address": "lena@contoso.com"}}]});
        self.post("lena", "/me/mailFolders/inbox/messages", mail)
    }

    /// A draft that another program began.
    fn begun(&self, subject: &str) -> String {
        let body = json!({"contentType": "text", "content": "Dear Ben,"});
        self.post("lena", "/me/messages", json!({"subject": subject, "body": body}))
    }

    /// Tomorrow in somebody's calendar.
    fn event(&self, person: &str, subject: &str, with: &str) -> String {
        let start = instant(SystemClock.now()) + jiff::SignedDuration::from_hours(24);
        let at = |hours: i64| {
            let at = start + jiff::SignedDuration::from_hours(hours);
            json!({"dateTime": at.strftime("%Y-%m-%dT%H:00:00").to_string(), "timeZone": "UTC"})
        };
        let attendees = json!([{"type": "required", "emailAddress": {"address": with, "name": with}}]);
        let event = json!({"subject": subject, "start": at(0), "end": at(1), "attendees": attendees});
        self.post(person, "/me/events", event)
    }

    /// How many messages of this subject somebody has in a folder.
    fn count(&self, person: &str, folder: &str, subject: &str) -> usize {
        self.subjects(person, &format!("/me/mailFolders/{folder}/messages?$select=subject&$top=500"), subject).len()
    }

    fn events(&self, person: &str, subject: &str) -> Vec<Value> {
        self.subjects(person, "/me/events?$top=500", subject)
    }

    fn subjects(&self, person: &str, path: &str, subject: &str) -> Vec<Value> {
        let mut rows = self.get(person, path)["value"].as_array().cloned().unwrap_or_default();
        rows.retain(|row| row["subject"].as_str().is_some_and(|text| text.ends_with(subject)));
        rows
    }

    /// A file of the outbox: how many changes are in this state.
    fn in_state(&self, state: &str) -> usize {
        let file = self.outbox();
        let sql = "SELECT count(*) FROM intents WHERE state = ?1";
        file.query_row(sql, [state], |row| row.get::<_, i64>(0)).expect("a number").try_into().expect("a count")
    }

    /// How many changes the service does not have.
    fn open(&self) -> usize {
        ["held", "waiting", "underWay", "gone", "changedElsewhere", "refused", "unclear"]
            .iter()
            .map(|state| self.in_state(state))
            .sum()
    }

    /// The kinds of changes the service has.
    fn kinds_done(&self) -> BTreeSet<String> {
        let file = self.outbox();
        let mut rows = file.prepare("SELECT intent FROM intents WHERE state = 'done'").expect("a table");
        let texts = rows.query_map([], |row| row.get::<_, String>(0)).expect("rows");
        let kind = |text: rusqlite::Result<String>| {
            let intent: Value = serde_json::from_str(&text.expect("a text")).expect("JSON");
            let kind = intent["do"].as_str().expect("a kind").to_lowercase();
            kind.strip_prefix("moveto").map_or(kind.clone(), |_| "move".to_owned())
        };
        texts.map(kind).collect()
    }

    fn outbox(&self) -> rusqlite::Connection {
        let path = Places::under(self.program.home.path()).state.join("outbox.db");
        rusqlite::Connection::open(path).expect("the outbox")
    }

    /// What waits has waited long enough, for the service too.
    fn time_passes(&self) {
        self.ahead.set(self.ahead.get() + 30);
        self.program.tenant.script().clock_ahead(self.ahead.get());
        let file = self.outbox();
        file.execute("UPDATE intents SET not_before = made WHERE not_before IS NOT NULL", []).expect("written");
    }

    /// Runs a command; kills it once the service holds one of its requests, as `rule` says. Whether it came so far.
    fn killed(&self, arguments: &str, scopes: &str, rule: Rule) -> bool {
        let script = self.program.tenant.script();
        script.fault(rule);
        let mut held = script.held();
        let mut command = self.program.command(arguments);
        command.env("DESKBELL_TOKEN", script.token("lena", scopes).expect("a token"));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.program.runtime.block_on(async {
            let mut child = tokio::process::Command::from(command).spawn().expect("it starts");
            let is_held = tokio::select! {
                held = held.wait_for(|count| *count > 0) => held.is_ok(),
                ended = child.wait() => {
                    let code = ended.expect("it ends").code();
                    assert!(matches!(code, Some(0 | 5)), "it ended with {code:?}");
                    false
                }
            };
            if is_held {
                child.kill().await.expect("it is killed");
                // The service sees that nobody waits any more; before that it might act.
                held.wait_for(|count| *count == 0).await.expect("the service runs");
            }
            script.clear_faults();
            is_held
        })
    }

    /// Lets the program come to an end with everything, with nobody in its way.
    fn drain(&self, scopes: &str) {
        for _ in 0..4 {
            let ended = self.program.run_with_token("sync --once", "lena", scopes);
            assert!(matches!(ended.code, 0 | 5), "{ended:?}");
            if self.open() == self.in_state("unclear") {
                return;
            }
            self.time_passes();
        }
        panic!("{} changes wait", self.open());
    }

    /// Kills the program before and after each request of a change that acts.
    fn kill_at_each(&self, what: &str, scopes: &str, begin: Option<String>, acts: &[Act<'_>]) {
        let mut next = begin.unwrap_or_else(|| "sync --once".to_owned());
        for &(method, path, times) in acts {
            for &when in times {
                let action = if when == When::Before { Action::Slow(FOR_EVER) } else { Action::Late(FOR_EVER) };
                let rule = Rule::graph(path, action).method(method);
                let mut tries = 0;
                while !self.killed(&next, scopes, rule.clone()) {
                    tries += 1;
                    assert!(tries < 4, "{what}: {method} {path} never comes");
                    // What may be on its way is looked at twice before it is sent again.
                    self.time_passes();
                }
                assert!(self.in_state("underWay") > 0, "{what}: {when:?} {path}: it is noted before it is sent");
                "sync --once".clone_into(&mut next);
            }
        }
    }
}

impl Desk {
    /// It was sent once, arrived once, and no draft of it is left.
    fn is_sent(&self, subject: &str, files: usize) {
        let sent = self.subjects("lena", "/me/mailFolders/sentitems/messages?$top=500", subject);
        assert_eq!((sent.len(), self.count("lena", "drafts", subject)), (1, 0), "{subject} sent, and drafts of it");
        let id = encoded(sent[0]["id"].as_str().expect("an id"));
        let there = self.get("lena", &format!("/me/messages/{id}/attachments"));
        assert_eq!(there["value"].as_array().map(Vec::len), Some(files), "{subject}: its files");
    }
}

impl Desk {
    /// The program without a screen, in this process; for what no command begins.
    async fn engine(&self) -> (Engine, News) {
        let places = Places::under(self.program.home.path());
        let tenant = &self.program.tenant;
        let token = tenant.script().token("lena", "").expect("a token");
        let environment = Environment::from_pairs([("DESKBELL_TOKEN", token.as_str())]);
        let flags = Flags {
            authority: Some(tenant.authority().to_owned()),
            graph: Some(tenant.graph().to_owned()),
            tenant: Some(tenant.tenant_id().to_owned()),
            client_id: Some(tenant.clients().public.clone()),
            ..Flags::default()
        };
        let config = config::load(&places, &environment, &flags).config;
        let setup = Setup {
            zone: config.zone.clone(),
            places,
            config,
            environment,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            activity: Activity::default(),
            offline: false,
            passphrase: None,
            approver: None,
            approves_by_itself: false,
            show_requests: None,
            limits: Limits::default(),
        };
        Engine::open(setup).await.expect("the engine opens")
    }

    /// Keeps a change; the program is gone before the service has heard of it.
    fn wants(&self, intent: Intent) {
        let script = self.program.tenant.script();
        self.program.runtime.block_on(async {
            let (engine, _news) = self.engine().await;
            script.fault(Rule::graph("*", Action::Slow(FOR_EVER)).always());
            engine.perform(Request::Change(vec![intent])).await.expect("it is kept");
            drop(engine);
            script.held().wait_for(|count| *count == 0).await.expect("the service runs");
        });
        script.clear_faults();
        assert_eq!(self.open(), 1, "it waits");
    }
}

async fn draft(engine: &Engine, request: Request) -> Draft {
    match engine.perform(request).await {
        Ok(Answer::Draft(draft)) => *draft,
        other => panic!("{other:?}"),
    }
}

/// A draft of this computer, written; with a file.
async fn written(engine: &Engine, request: Request, subject: &str, file: Option<PathBuf>) -> DraftId {
    let mut begun = draft(engine, request).await;
    if let Some(path) = file {
        let request = Request::Attach { path: path.to_string_lossy().into_owned() };
        match engine.perform(request).await {
            Ok(Answer::Attached(file)) => begun.attachments.push(file),
            other => panic!("{other:?}"),
        }
    }
    subject.clone_into(&mut begun.subject);
    begun.to = vec![Recipient { name: "Ben".to_owned(), address: "ben@contoso.com".to_owned() }];
    draft(engine, Request::KeepDraft(Box::new(begun))).await.id
}

#[test]
fn whatever_a_command_changes_is_changed_once_when_it_is_killed() {
    let desk = Desk::new();
    let one = |subject: &str| desk.message(subject);
    let (read, flagged, red, filed, moved, gone) = (one("K1"), one("K2"), one("K3"), one("K4"), one("K5"), one("K6"));
    let together: Vec<String> = (0..6).map(|at| one(&format!("K7 {at}"))).collect();
    let (asked, passed) = (one("K8"), one("K9"));
    desk.event("lena", "K10 changed", "ben@contoso.com");
    desk.event("lena", "K11 gone", "ben@contoso.com");
    desk.event("ben", "K12 invited", "lena@contoso.com");
    let first = desk.program.run_with_token("sync --once", "lena", "");
    assert_eq!(first.code, 0, "{first:?}");
    let path = |id: &str| format!("/me/messages/{}", encoded(id));
    let kill = |command: String, method: &'static str, path: &str| {
        desk.kill_at_each(&command.clone(), "", Some(command), &[(method, path, BOTH)]);
    };
    kill(format!("mail mark {read} --unread"), "PATCH", &path(&read));
    kill(format!("mail flag {flagged}"), "PATCH", &path(&flagged));
    kill(format!("mail category {red} --set Red"), "PATCH", &path(&red));
    kill(format!("mail archive {filed}"), "POST", &format!("{}/move", path(&filed)));
    kill(format!("mail move {moved} --to Inbox/Clients"), "POST", &format!("{}/move", path(&moved)));
    kill(format!("mail delete {gone} --for-ever --yes"), "POST", &format!("{}/permanentDelete", path(&gone)));
    // In one request, held at one of its items.
    let third = path(&together[2]);
    for (how, when) in [("--unread", When::Before), ("--unread", When::After)] {
        let command = format!("mail mark {} {how}", together.join(" "));
        desk.kill_at_each("together", "", Some(command), &[("PATCH", &third, &[when])]);
        assert!(desk.in_state("underWay") >= 6, "in one request");
        desk.drain("");
    }
    let file = desk.program.home.path().join("plan.txt");
    std::fs::write(&file, "a plan").expect("a file");
    let send = format!("mail send --to ben@contoso.com --subject K13 --body Hello --attach {}", file.display());
    let sending = ("POST", "/me/messages/*/send", BOTH);
    desk.kill_at_each(
        "send",
        "",
        Some(send),
        &[("POST", "/me/messages", BOTH), ("POST", "*/attachments", BOTH), sending],
    );
    let answer = [("POST", "*/createReply", BOTH), ("PATCH", "/me/messages/*", BOTH), sending];
    desk.kill_at_each("reply", "", Some(format!("mail reply {asked} --to ben@contoso.com --body Yes.")), &answer);
    let forward = [("POST", "*/createForward", BOTH), ("PATCH", "/me/messages/*", BOTH), sending];
    desk.kill_at_each(
        "forward",
        "",
        Some(format!("mail forward {passed} --to ben@contoso.com --body Look.")),
        &forward,
    );
    kill("event new K14 --when \"tomorrow 11:00-12:00\" --with ben@contoso.com".to_owned(), "POST", "/me/*events");
    kill("event edit K10 --place \"Room 4\" --yes".to_owned(), "PATCH", "/me/*events/*");
    kill("event delete K11 --yes --note Sorry".to_owned(), "POST", "/me/*events/*/cancel");
    kill("event accept K12 --note Fine".to_owned(), "POST", "/me/*events/*/accept");
    kill("out --text K15".to_owned(), "PATCH", "/me/mailboxSettings");
    kill("presence set dnd --for 2h".to_owned(), "POST", "*/presence/setUserPreferredPresence");
    kill("presence set --message K16".to_owned(), "POST", "*/presence/setStatusMessage");
    // What the program does beside its screen: drafts, its own and those of others, and the hours.
    let large = desk.program.home.path().join("large.bin");
    std::fs::write(&large, vec![7; 3 * 1024 * 1024 + 1]).expect("a file");
    let (theirs, sent_theirs) = (desk.begun("K21 begun"), desk.begun("K22 begun"));
    let (kept, discarded, large, adopted, sent_adopted) = desk.program.runtime.block_on(async {
        let (engine, _news) = desk.engine().await;
        let new = || Request::BeginDraft { kind: DraftKind::New, about: None };
        let adopt = |id: &str| Request::AdoptDraft(MessageId(id.to_owned()));
        let discarded = written(&engine, new(), "K18", None).await;
        let made = engine.perform(Request::Change(vec![Intent::KeepDraft { draft: discarded }])).await;
        let Ok(Answer::Changed { ids, .. }) = made else { panic!("{made:?}") };
        engine.follow(&ids).await.expect("it is kept there");
        let drafts = (
            written(&engine, new(), "K17", None).await,
            discarded,
            written(&engine, new(), "K19", Some(large)).await,
            written(&engine, adopt(&theirs), "K21", None).await,
            written(&engine, adopt(&sent_theirs), "K22", None).await,
        );
        engine.close().await;
        drafts
    });
    assert_eq!(desk.count("lena", "drafts", "K18"), 1);
    desk.drain("");
    let made = ("POST", "/me/messages", BOTH);
    let rewritten = ("PATCH", "/me/messages/*", BOTH);
    desk.wants(Intent::KeepDraft { draft: kept });
    desk.kill_at_each("keep", "", None, &[made]);
    desk.drain("");
    desk.wants(Intent::DiscardDraft { draft: discarded });
    desk.kill_at_each("discard", "", None, &[("POST", "/me/messages/*/move", BOTH)]);
    desk.drain("");
    desk.wants(Intent::Send { draft: large });
    let pieces = [("POST", "*/createUploadSession", BOTH), ("PUT", "*", BOTH)];
    desk.kill_at_each("large", "", None, &pieces);
    desk.drain("");
    desk.wants(Intent::KeepDraft { draft: adopted });
    desk.kill_at_each("adopted", "", None, &[rewritten]);
    desk.drain("");
    desk.wants(Intent::Send { draft: sent_adopted });
    desk.kill_at_each("adopted and sent", "", None, &[rewritten, sending]);
    let hours = WorkingHours {
        days: vec![Weekday::Monday],
        start: time(7, 17, 0, 0),
        end: time(16, 0, 0, 0),
        zone: Zone::find("Europe/Madrid"),
    };
    desk.drain("");
    desk.wants(Intent::WorkingTime(Box::new(WorkingTime { zone: None, hours: Some(hours) })));
    desk.kill_at_each("hours", "", None, &[("PATCH", "/me/mailboxSettings", BOTH)]);
    desk.drain("");

    let there = |id: &str| desk.get("lena", &path(id));
    assert_eq!(there(&read)["isRead"], false);
    assert_eq!(there(&flagged)["flag"]["flagStatus"], "flagged");
    assert_eq!(there(&red)["categories"], json!(["Red"]));
    assert_eq!((desk.count("lena", "archive", "K4"), desk.count("lena", "inbox", "K4")), (1, 0));
    let clients = desk.get("lena", "/me/mailFolders/inbox/childFolders?$filter=displayName%20eq%20'Clients'");
    assert_eq!(there(&moved)["parentFolderId"], clients["value"][0]["id"]);
    assert!(desk.subjects("lena", "/me/messages?$top=999", "K6").is_empty());
    assert!(together.iter().all(|id| there(id)["isRead"] == false));
    desk.is_sent("K13", 1);
    desk.is_sent("K8", 0);
    desk.is_sent("K9", 0);
    desk.is_sent("K19", 1);
    desk.is_sent("K22", 0);
    assert_eq!(desk.events("lena", "K14").len(), 1);
    assert_eq!(desk.events("lena", "K10 changed")[0]["location"]["displayName"], "Room 4");
    assert!(desk.events("lena", "K11 gone").is_empty());
    assert_eq!(desk.events("ben", "K12 invited")[0]["attendees"][0]["status"]["response"], "accepted");
    // What was told to others: each once. It is on its way for a moment.
    desk.program.tenant.script().clock_ahead(30);
    let sent = ["K13", "K8", "K9", "K19", "K22"];
    for told in sent.into_iter().chain(["K14", "Canceled: K11 gone", "Accepted: K12 invited"]) {
        assert_eq!(desk.count("ben", "inbox", told), 1, "{told}");
    }
    assert_eq!(desk.count("lena", "drafts", "K17"), 1);
    assert_eq!(desk.count("lena", "drafts", "K18"), 0);
    let adopted = desk.subjects("lena", "/me/mailFolders/drafts/messages?$top=500", "K21");
    assert_eq!((adopted.len(), &adopted[0]["id"]), (1, &json!(theirs)), "that draft, and no other");
    let left = desk.count("lena", "drafts", "K21 begun") + desk.count("lena", "drafts", "K22 begun");
    assert_eq!(left, 0);
    let settings = desk.get("lena", "/me/mailboxSettings");
    assert!(settings["automaticRepliesSetting"]["internalReplyMessage"].as_str().expect("a text").contains("K15"));
    assert_eq!(settings["workingHours"]["startTime"].as_str().map(|text| &text[..5]), Some("07:17"));
    let presence = desk.get("lena", "/me/presence");
    assert_eq!(presence["availability"], "DoNotDisturb", "{presence}");
    assert!(presence["statusMessage"]["message"]["content"].as_str().is_some_and(|text| text.contains("K16")));
    let all: BTreeSet<String> = KINDS.iter().map(|kind| kind.to_lowercase()).collect();
    assert_eq!(desk.kinds_done(), all, "every kind of change was killed and made");
}

#[test]
fn a_message_that_goes_whole_is_sent_once_or_stays_and_asks_when_the_program_is_killed() {
    const NO_DRAFTS: &str = "User.Read Mail.Read Mail.Send";
    let desk = Desk::new();
    let whole = |subject: &str, when: When| {
        let command = format!("mail send --to ben@contoso.com --subject {subject} --body Hello");
        desk.kill_at_each(subject, NO_DRAFTS, Some(command), &[("POST", "/me/sendMail", &[when])]);
        desk.drain(NO_DRAFTS);
    };
    // Its copy is found, so it was sent.
    whole("W1", When::After);
    desk.is_sent("W1", 0);
    assert_eq!(desk.open(), 0);
    // Nothing is found, and that is no proof: a person decides.
    whole("W2", When::Before);
    assert_eq!((desk.count("lena", "sentitems", "W2"), desk.open(), desk.in_state("unclear")), (0, 1, 1));
    let asks = desk.program.run_with_token("outbox --json", "lena", NO_DRAFTS).json();
    let (id, why) = (&asks["items"][0]["id"], &asks["items"][0]["error"]);
    assert!(why["message"].as_str().is_some_and(|text| !text.is_empty()), "{asks}");
    let once_more = desk.program.run_with_token(&format!("outbox keep-mine {id}"), "lena", NO_DRAFTS);
    assert_eq!(once_more.code, 0, "{once_more:?}");
    desk.time_passes();
    desk.is_sent("W2", 0);
    assert_eq!((desk.count("ben", "inbox", "W1"), desk.count("ben", "inbox", "W2"), desk.open()), (1, 1, 0));
}

#[cfg(unix)]
#[test]
fn where_no_file_may_grow_it_says_so_and_goes_on_later() {
    let desk = Desk::new();
    // Too little for the file to begin with, and too little for all that is to come into it.
    for blocks in [100, 1_000] {
        let mut command = desk.program.limited(blocks, "sync --once");
        command.env("DESKBELL_TOKEN", desk.program.tenant.script().token("lena", "").expect("a token"));
        let ended = ran(command);
        assert!(ended.code == 1 && ended.err.contains("ulimit -f"), "{ended:?}");
        assert!(!ended.err.contains("disk is full") && !ended.err.contains("panicked"), "{ended:?}");
    }
    let later = desk.program.run_with_token("sync --once", "lena", "");
    assert_eq!(later.code, 0, "{later:?}");
}
