//! An office without a screen: a tenant, a cache, the part of the program that keeps in step, and a clock that only the test turns.
//! Shared with the benches.

use deskbell::auth::StaticToken;
use deskbell::base::activity::Activity;
use deskbell::base::clock::{Clock, CrankedClock};
use deskbell::base::ids::{Ids, SeededIds};
use deskbell::base::secret::Secret;
use deskbell::config::CacheLimits;
use deskbell::db::{Cache, Db};
use deskbell::domain::account::AccountKey;
use deskbell::domain::account::{AccountKind, Scopes};
use deskbell::domain::calls::RetryPolicy;
use deskbell::domain::event::Event;
use deskbell::domain::mail::{Folder, FolderId, FolderRole, Message};
use deskbell::domain::me::Me;
use deskbell::domain::notice::Notice;
use deskbell::domain::person::{Person, PersonId};
use deskbell::domain::request::PageStart;
use deskbell::domain::sync::SyncStatus;
use deskbell::domain::time::Span;
use deskbell::engine::notices::Notices;
use deskbell::engine::own::Own;
use deskbell::engine::sync::{self, SyncContext, SyncHandle};
use deskbell::graph::Graph;
use deskbell::graph::transport::Parts;
use deskbell::net::client::Clients;
use deskbell::net::cloud::Cloud;
use deskbell::sim::faults::{Action, Rule, Side};
use deskbell::sim::tenant::{Tenant, TenantOptions};
use deskbell::sim::world::WorldOptions;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

/// A tenant, a cache in a folder of its own, and a clock that only the test turns.
pub(crate) struct Office {
    pub(crate) clock: CrankedClock,
    pub(crate) activity: Activity,
    pub(crate) ids: Arc<SeededIds>,
    pub(crate) tenant: Tenant,
    pub(crate) folder: TempDir,
    pub(crate) db: Db,
    pub(crate) cache: Cache,
    pub(crate) client: reqwest::Client,
}

/// A program that keeps in step; it stops when dropped.
pub(crate) struct Program {
    pub(crate) handle: SyncHandle,
    pub(crate) heard: Arc<Mutex<Vec<Notice>>>,
    /// Takes the news away; ends with the program.
    _reader: Reader,
}

pub(crate) struct Reader(tokio::task::AbortHandle);

impl Drop for Reader {
    fn drop(&mut self) {
        self.0.abort();
    }
}

pub(crate) const PERSON: &str = "lena";

impl Office {
    pub(crate) async fn open() -> Self {
        Self::with(WorldOptions::default()).await
    }

    pub(crate) async fn with(world: WorldOptions) -> Self {
        // A Monday morning.
        let clock = CrankedClock::at("2026-11-23T09:00:00Z".parse::<Timestamp>().expect("a time").into());
        let activity = Activity::default();
        let ids = Arc::new(SeededIds::new(7));
        let options = TenantOptions { world, activity: Some(activity.clone()), ..TenantOptions::default() };
        let tenant = Tenant::start(options, Arc::new(clock.clone()), ids.clone()).await.expect("a tenant");
        let folder = tempfile::tempdir().expect("a folder");
        let db = Db::open(&folder.path().join("cache.db"), &activity).expect("a cache").db;
        let key = AccountKey { tenant: "t".to_owned(), object: PERSON.to_owned() };
        let cache = db.cache(&key).await.expect("an account");
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        Self { clock, activity, ids, tenant, folder, db, cache, client }
    }

    /// Starts the program and waits until it has nothing to do.
    pub(crate) async fn start(&self) -> Program {
        let program = self.start_as(false);
        self.settle().await;
        program
    }

    pub(crate) fn start_as(&self, is_offline: bool) -> Program {
        let token = self.tenant.script().token(PERSON, "").expect("a token");
        let (ear, inbox) = sync::listen(&self.activity);
        let (notices, mut news) = Notices::new(self.activity.clone());
        let cloud = Cloud::at(self.tenant.authority(), self.tenant.graph()).expect("a cloud");
        let graph = Graph::new(Parts {
            reach: deskbell::graph::Reach::Own,
            clients: Arc::new(Clients::new(cloud)),
            tokens: Arc::new(StaticToken::new(&Secret::new(token))),
            clock: self.activity.resting(Arc::new(self.clock.clone())),
            ids: self.ids.clone() as Arc<dyn Ids>,
            observer: Arc::new(ear.clone()),
            is_offline,
            made_as: None,
            retry: RetryPolicy::default(),
        });
        let me = Me {
            person: Person {
                id: PersonId("lena".to_owned()),
                name: "Lena Ortiz".to_owned(),
                address: "lena@contoso.com".to_owned(),
                job_title: None,
                department: None,
                office: None,
                phones: Vec::new(),
            },
            kind: AccountKind::Work,
            granted: Scopes::default(),
            zone: None,
            working_hours: None,
            replies: None,
            chosen: None,
            note: None,
        };
        let own = Own::new(me, self.cache.clone(), graph.clone(), notices.clone());
        let handle = sync::spawn(SyncContext {
            own: Arc::new(own),
            graph,
            cache: self.cache.clone(),
            clock: Arc::new(self.clock.clone()),
            ids: self.ids.clone() as Arc<dyn Ids>,
            activity: self.activity.clone(),
            notices,
            zone: TimeZone::get("Europe/Madrid").expect("a zone"),
            is_offline,
            limits: CacheLimits::default(),
            ear,
            inbox,
        });
        let heard = Arc::new(Mutex::new(Vec::new()));
        let keep = heard.clone();
        let reader = tokio::spawn(async move {
            while let Some((notice, _working)) = news.recv().await {
                keep.lock().expect("no panic").push(notice);
            }
        });
        Program { handle, heard, _reader: Reader(reader.abort_handle()) }
    }

    /// Waits until nobody works and nobody who is due still sleeps.
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

    pub(crate) fn fault(&self, path: &str, nth: u64, times: Option<u64>, action: Action) {
        let rule = Rule { side: Side::Graph, method: None, path: path.to_owned(), grant: None, nth, times, action };
        self.tenant.script().fault(rule);
    }

    pub(crate) async fn folder(&self, role: FolderRole) -> Folder {
        let folders = self.cache.folders().await.expect("read");
        folders.into_iter().find(|folder| folder.role == Some(role)).expect("the folder")
    }

    pub(crate) async fn messages(&self, folder: &FolderId) -> Vec<Message> {
        let page = self.cache.messages(folder, PageStart::Newest, 5000).await.expect("read");
        page.rows.into_iter().map(|row| row.message).collect()
    }

    pub(crate) async fn inbox(&self) -> Vec<Message> {
        self.messages(&self.folder(FolderRole::Inbox).await.id).await
    }

    pub(crate) async fn events(&self) -> Vec<Event> {
        let span = Span { start: at("2026-10-01T00:00:00Z"), end: at("2027-06-01T00:00:00Z") };
        self.cache.events(date(2026, 10, 1), date(2027, 6, 1), span).await.expect("read")
    }

    /// What another client of the same person does.
    pub(crate) async fn elsewhere(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> Value {
        let token = self.tenant.script().token(PERSON, "").expect("a token");
        let address = format!("{}/v1.0{path}", self.tenant.graph());
        let mut request =
            self.client.request(method, address).bearer_auth(token).header("Prefer", "IdType=\"ImmutableId\"");
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        let text = response.text().await.expect("a body");
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub(crate) fn requests(&self, part: &str) -> usize {
        self.tenant.script().requests().iter().filter(|request| request.path.contains(part)).count()
    }
}

impl Program {
    pub(crate) fn status(&self) -> SyncStatus {
        let heard = self.heard.lock().expect("no panic");
        let statuses = heard.iter().rev().filter_map(|notice| match notice {
            Notice::Sync(status) => Some(status.clone()),
            _ => None,
        });
        statuses.into_iter().next().expect("a status was told")
    }

    pub(crate) fn statuses(&self) -> Vec<SyncStatus> {
        let heard = self.heard.lock().expect("no panic");
        let statuses = heard.iter().filter_map(|notice| match notice {
            Notice::Sync(status) => Some(status.clone()),
            _ => None,
        });
        statuses.collect()
    }

    pub(crate) fn heard(&self, wanted: &Notice) -> bool {
        self.heard.lock().expect("no panic").contains(wanted)
    }

    pub(crate) fn forget(&self) {
        self.heard.lock().expect("no panic").clear();
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

pub(crate) fn encoded(id: &str) -> String {
    id.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")
}
