//! A long run: two other clients change a mailbox all the time, the service misbehaves, the line breaks, and at its end the cache
//! says what the service says. The same seed is the same run.

use super::office::{Office, at, encoded};
use deskbell::domain::event::When;
use deskbell::domain::mail::{FolderId, FolderRole, MessageId};
use deskbell::engine::sync::{Days, Interest};
use deskbell::sim::faults::{Action, FaultBody};
use deskbell::sim::world::WorldOptions;
use jiff::civil::date;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a run did.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// Changes by the other clients that the service took.
    pub(crate) changes: usize,
    /// Rules of misbehaviour.
    pub(crate) faults: usize,
    /// Requests of everybody.
    pub(crate) requests: usize,
    /// Messages and events that were compared at the end.
    pub(crate) compared: usize,
}

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).expect("a count")).expect("a count")
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// Runs for so many seconds of the invented clock, and compares.
pub(crate) async fn run(seed: u64, seconds: u64, messages: usize) -> Account {
    let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let office = Office::with(WorldOptions { mail: Some(messages), ..WorldOptions::default() }).await;
    let program = office.start().await;
    let mut account = Account::default();
    let mut clients = Clients { office: &office, made: Vec::new(), number: 0 };
    let mut passed = 0;
    while passed < seconds {
        for _ in 0..dice.below(4) {
            account.changes += usize::from(clients.change(&mut dice).await);
        }
        if dice.chance(25) {
            account.faults += 1;
            let (path, nth, times, action) = fault(&mut dice);
            office.fault(path, nth, times, action);
        }
        if dice.chance(4) {
            office.tenant.script().offline(true);
        } else if dice.chance(40) {
            office.tenant.script().offline(false);
        }
        if dice.chance(10) {
            program.handle.interest(clients.glance(&mut dice).await);
        }
        if dice.chance(5) {
            program.handle.focus(dice.chance(50));
        }
        if dice.chance(3) {
            program.handle.sync_now();
        }
        if dice.chance(3) {
            program.handle.pause(dice.chance(30));
        }
        if dice.chance(2) {
            office.tenant.script().world(|world| world.calendar.expire_deltas());
        }
        let step = 5 + u64::try_from(dice.below(20)).expect("a count");
        office.advance(step).await;
        passed += step;
    }
    office.tenant.script().offline(false);
    office.tenant.script().clear_faults();
    program.handle.focus(true);
    program.handle.pause(false);
    // Whatever was asked to be waited for is over.
    office.advance(700).await;
    program.handle.sync_all();
    office.settle().await;
    program.handle.sync_all();
    office.settle().await;
    account.requests = office.tenant.script().requests().len();
    account.compared = compare(&office).await;
    account
}

fn fault(dice: &mut Dice) -> (&'static str, u64, Option<u64>, Action) {
    let path = [
        "/me/mailFolders/*/messages/delta*",
        "/me/mailFolders/delta*",
        "/me/calendars/*",
        "/$batch",
        "/me/mailFolders/*/messages",
        "*",
    ];
    let actions = [
        Action::Throttle(Some(1 + dice.next() % 20), dice.chance(30)),
        Action::Throttle(None, false),
        Action::Status(503, FaultBody::Html, Some(5)),
        Action::Status(500, FaultBody::Empty, None),
        Action::Status(502, FaultBody::Html, None),
        Action::Status(200, FaultBody::Empty, None),
        Action::Status(404, FaultBody::Error("SyncStateNotFound".to_owned()), None),
        Action::Status(400, FaultBody::Error("resyncRequired".to_owned()), None),
        Action::Status(403, FaultBody::Error("ErrorAccessDenied".to_owned()), None),
        Action::Cut,
        Action::WrongJson,
        Action::Loop,
        Action::Gone,
    ];
    let action = actions[dice.below(actions.len())].clone();
    (path[dice.below(path.len())], 1 + dice.next() % 3, Some(1 + dice.next() % 3), action)
}

/// What other programs of the same person do; a change that the service refuses is none.
struct Clients<'a> {
    office: &'a Office,
    made: Vec<String>,
    number: usize,
}

impl Clients<'_> {
    async fn ask(&self, method: Method, path: &str, body: Value) -> Option<Value> {
        let token = self.office.tenant.script().token("lena", "").expect("a token");
        let address = format!("{}/v1.0{path}", self.office.tenant.graph());
        let request = self.office.client.request(method, address).bearer_auth(token);
        let answer = request.header("Prefer", "IdType=\"ImmutableId\"").json(&body).send().await.ok()?;
        let is_done = answer.status().is_success();
        let text = answer.text().await.ok()?;
        is_done.then(|| serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    async fn folder(&self, dice: &mut Dice) -> FolderId {
        let folders = self.office.cache.folders().await.expect("read");
        let inbox = folders.iter().find(|folder| folder.role == Some(FolderRole::Inbox));
        match inbox {
            Some(inbox) if dice.chance(50) => inbox.id.clone(),
            _ => folders[dice.below(folders.len())].id.clone(),
        }
    }

    async fn message(&self, dice: &mut Dice) -> Option<MessageId> {
        let messages = self.office.messages(&self.folder(dice).await).await;
        (!messages.is_empty()).then(|| messages[dice.below(messages.len().min(60))].id.clone())
    }

    async fn glance(&self, dice: &mut Dice) -> Interest {
        let from =
            date(2026, 11, 23).saturating_add(jiff::Span::new().weeks(i64::try_from(dice.below(80)).expect("a count")));
        let days = dice.chance(50).then(|| Days { from, to: from.saturating_add(jiff::Span::new().days(7)) });
        Interest { folder: Some(self.folder(dice).await), calendar: days.is_some(), days }
    }

    /// Changes one thing; whether the service took it.
    async fn change(&mut self, dice: &mut Dice) -> bool {
        self.number += 1;
        let number = self.number;
        let kind = dice.below(10);
        if kind >= 7 {
            return self.change_calendar(dice, kind).await;
        }
        if kind == 0 {
            let mail = json!({"message": {"subject": format!("Number {number}"), "body": {"contentType": "text", "content": "Hello"},
                "toRecipients": [{"emailAddress": {"address": "lena@contoso.com"}}]}});
            return self.ask(Method::POST, "/me/sendMail", mail).await.is_some();
        }
        let Some(id) = self.message(dice).await else { return false };
        let path = format!("/me/messages/{}", encoded(&id.0));
        let asked = match kind {
            1 | 2 => self.ask(Method::PATCH, &path, json!({"isRead": dice.chance(50)})).await,
            3 => {
                let status = if dice.chance(50) { "flagged" } else { "notFlagged" };
                self.ask(Method::PATCH, &path, json!({"flag": {"flagStatus": status}})).await
            }
            4 => self.ask(Method::PATCH, &path, json!({"categories": [format!("Colour {}", number % 7)]})).await,
            5 => {
                let target = self.folder(dice).await;
                self.ask(Method::POST, &format!("{path}/move"), json!({"destinationId": target.0})).await
            }
            _ => self.ask(Method::DELETE, &path, Value::Null).await,
        };
        asked.is_some()
    }

    async fn change_calendar(&mut self, dice: &mut Dice, kind: usize) -> bool {
        let number = self.number;
        let time = |hour: usize| json!({"dateTime": format!("2026-12-{:02}T{hour:02}:00:00", 1 + number % 28), "timeZone": "UTC"});
        if kind == 7 || self.made.is_empty() {
            let hour = 8 + dice.below(8);
            let event = json!({"subject": format!("Event {number}"), "start": time(hour), "end": time(hour + 1)});
            let made = self.ask(Method::POST, "/me/events", event).await;
            let id = made.as_ref().and_then(|event| event["id"].as_str());
            self.made.extend(id.map(str::to_owned));
            return made.is_some();
        }
        let at = dice.below(self.made.len());
        let path = format!("/me/events/{}", encoded(&self.made[at]));
        if kind == 8 {
            let hour = 8 + dice.below(8);
            let change =
                json!({"subject": format!("Event moved {number}"), "start": time(hour), "end": time(hour + 1)});
            return self.ask(Method::PATCH, &path, change).await.is_some();
        }
        let is_gone = self.ask(Method::DELETE, &path, Value::Null).await.is_some();
        if is_gone {
            self.made.remove(at);
        }
        is_gone
    }
}

/// Whether the cache says what the service says: folders, the marks of every message, and events. How many things were compared.
pub(crate) async fn compare(office: &Office) -> usize {
    let mut compared = 0;
    let tree = everything(office, "/me/mailFolders/delta").await;
    let folders = office.cache.folders().await.expect("read");
    let ids: Vec<&str> = tree.iter().filter_map(|folder| folder["id"].as_str()).collect();
    assert_eq!(ids.len(), folders.len(), "the same folders");
    for folder in &folders {
        let there = tree.iter().find(|there| there["id"] == folder.id.0.as_str()).expect("the folder is there");
        // What a search finds is no folder of its own.
        if there["@odata.type"].as_str().is_some_and(|kind| kind.contains("SearchFolder")) {
            continue;
        }
        let counts = (there["totalItemCount"].as_u64(), there["unreadItemCount"].as_u64());
        assert_eq!(there["displayName"], folder.name.as_str());
        assert_eq!(counts, (Some(u64::from(folder.total)), Some(u64::from(folder.unread))), "{}", folder.name);
        let path = format!(
            "/me/mailFolders/{}/messages?$top=500&$select=id,subject,isRead,flag,categories",
            encoded(&folder.id.0)
        );
        let there: BTreeMap<String, Value> = everything(office, &path)
            .await
            .into_iter()
            .map(|row| {
                let is_flagged = row["flag"]["flagStatus"] == "flagged";
                let id = row["id"].as_str().expect("an id").to_owned();
                (id, json!([row["subject"], row["isRead"], is_flagged, row["categories"]]))
            })
            .collect();
        let here: BTreeMap<String, Value> = office
            .messages(&folder.id)
            .await
            .into_iter()
            .map(|row| (row.id.0, json!([row.subject, row.is_read, row.is_flagged, row.categories])))
            .collect();
        compared += here.len();
        for (id, row) in &there {
            let here = here.get(id).unwrap_or_else(|| panic!("{} misses {row}", folder.name));
            // Subjects are made tame on the way in.
            assert_eq!(
                here.as_array().map(|row| &row[1..]),
                row.as_array().map(|row| &row[1..]),
                "{}: {row}",
                folder.name
            );
        }
        assert_eq!(here.len(), there.len(), "{} has what is no longer there", folder.name);
    }
    let path = "/me/calendarView?startDateTime=2026-11-01T00:00:00Z&endDateTime=2027-05-01T00:00:00Z&$top=500&$select=id,subject,start";
    let there = everything(office, path).await;
    let here = office.events().await;
    for event in &there {
        let found = here.iter().find(|found| event["id"] == found.id.0.as_str());
        let found = found.unwrap_or_else(|| panic!("the cache misses {event}"));
        let subject = event["subject"].as_str().unwrap_or_default();
        if subject.chars().all(|sign| sign.is_ascii_graphic() || sign == ' ') {
            // Others are made tame on the way in.
            assert_eq!(subject.trim(), found.subject);
        }
        if let When::Timed(span) = found.when {
            let start = event["start"]["dateTime"].as_str().and_then(|start| start.get(..19)).expect("a time");
            assert_eq!(at(&format!("{start}Z")), span.start, "{event}");
        }
    }
    let inside = here.iter().filter(|event| match event.when {
        When::Timed(span) => span.start > at("2026-11-02T00:00:00Z") && span.end < at("2027-04-30T00:00:00Z"),
        When::AllDay { start, end } => start > date(2026, 11, 2) && end < date(2027, 4, 30),
    });
    for event in inside {
        assert!(there.iter().any(|other| other["id"] == event.id.0.as_str()), "{} is no longer there", event.subject);
    }
    compared + there.len()
}

async fn everything(office: &Office, path: &str) -> Vec<Value> {
    let mut path = path.to_owned();
    let mut rows = Vec::new();
    loop {
        let mut page = office.elsewhere(Method::GET, &path, None).await;
        if let Some(Value::Array(value)) = page.get_mut("value").map(Value::take) {
            rows.extend(value);
        }
        match page["@odata.nextLink"].as_str() {
            Some(next) => path = next.split_once("/v1.0").expect("a link").1.to_owned(),
            None => return rows,
        }
    }
}
