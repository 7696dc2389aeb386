//! A delta round of a thousand messages from the simulated tenant over loopback into the cache.
//!
//! The floor asks for the same pages, parses them into the fewest types, and inserts them by one plain statement.

use crate::house;
use crate::measure::{amount, median, ratio, times};
use deskbell::auth::StaticToken;
use deskbell::base::activity::Activity;
use deskbell::base::ids::RandomIds;
use deskbell::base::secret::Secret;
use deskbell::db::{Cache, Changes, Db, Link, Step};
use deskbell::domain::account::AccountKey;
use deskbell::domain::calls::RetryPolicy;
use deskbell::domain::mail::FolderId;
use deskbell::engine::SystemClock;
use deskbell::graph::call::Priority;
use deskbell::graph::transport::{NobodyListens, Parts};
use deskbell::graph::{Graph, Onward, mail};
use deskbell::net::client::Clients;
use deskbell::net::cloud::Cloud;
use deskbell::sim::tenant::Tenant;
use jiff::Timestamp;
use rusqlite::Connection;
use serde::Deserialize;
use std::sync::Arc;

const MESSAGES: usize = 1_000;
const RUNS: usize = 7;

/// Runs all of it.
pub fn run() {
    let runtime = house::runtime();
    // The tenant has threads of its own, so that its work is not ours.
    let service = house::runtime();
    let tenant = service.block_on(house::tenant(MESSAGES));
    let token = tenant.script().token("lena", "Mail.Read").expect("a token");
    let folder = tempfile::tempdir().expect("a folder");
    let graph = graph(&tenant, &token);
    let mut run = 0;
    let ours = times(RUNS, || {
        run += 1;
        let db = Db::open(&folder.path().join(format!("{run}.db")), &Activity::default()).expect("a cache").db;
        let rows = runtime.block_on(async {
            let key = AccountKey { tenant: "t".to_owned(), object: "o".to_owned() };
            let cache = db.cache(&key).await.expect("an account");
            round(&graph, &cache).await
        });
        assert!(rows >= MESSAGES, "the whole folder came");
    });
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let floor = times(RUNS, || {
        run += 1;
        let connection = plain_cache(&folder.path().join(format!("{run}.db")));
        let rows = runtime.block_on(plain_round(&client, &tenant, &token, connection));
        assert!(rows >= MESSAGES, "the whole folder came");
    });
    ratio("delta round of 1 000 messages", median(&ours), median(&floor), Some(1.25));
    amount("messages a second", MESSAGES as f64 / median(&ours).as_secs_f64(), "/s", None, None);
}

fn inbox() -> FolderId {
    FolderId("inbox".to_owned())
}

fn graph(tenant: &Tenant, token: &str) -> Graph {
    Graph::new(Parts {
        reach: deskbell::graph::Reach::Own,
        clients: Arc::new(Clients::new(Cloud::at(tenant.authority(), tenant.graph()).expect("addresses"))),
        tokens: Arc::new(StaticToken::new(&Secret::new(token.to_owned()))),
        clock: Arc::new(SystemClock),
        ids: Arc::new(RandomIds),
        observer: Arc::new(NobodyListens),
        is_offline: false,
        made_as: None,
        retry: RetryPolicy::default(),
    })
}

async fn round(graph: &Graph, cache: &Cache) -> usize {
    let mut at = mail::Round::First { since: None };
    let mut count = 0;
    loop {
        let page = mail::round(graph, &inbox(), &at, Priority::Background).await.expect("a page");
        count += page.rows.len();
        let (link, next) = match page.onward {
            Onward::Next(link) => (Link::Next(link.clone()), Some(link)),
            Onward::Delta(link) => (Link::Done(Some(link)), None),
            Onward::End => (Link::Done(None), None),
        };
        let step = Step { link, is_full: true, window: None, at: Timestamp::UNIX_EPOCH };
        let changes = Changes::Messages { folder: inbox(), rows: page.rows };
        cache.asking().apply(changes, Some(step)).await.expect("applied");
        match next {
            Some(link) => at = mail::Round::Link(link),
            None => return count,
        }
    }
}

/// A page, as little of it as a list needs.
#[derive(Deserialize)]
struct PlainPage {
    value: Vec<PlainMessage>,
    #[serde(rename = "@odata.nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainMessage {
    id: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    received_date_time: String,
    #[serde(default)]
    body_preview: String,
    #[serde(default)]
    conversation_id: String,
    #[serde(default)]
    from: serde_json::Value,
    #[serde(default)]
    to_recipients: serde_json::Value,
}

fn plain_cache(path: &std::path::Path) -> Connection {
    let connection = Connection::open(path).expect("a file");
    connection
        .execute_batch(
            "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;
             CREATE TABLE m (row INTEGER PRIMARY KEY, received TEXT, id TEXT, subject TEXT, sender TEXT, receivers TEXT,
             preview TEXT, conversation TEXT);
             CREATE UNIQUE INDEX by_id ON m (id); CREATE INDEX by_date ON m (received);",
        )
        .expect("a schema");
    connection
}

async fn plain_round(client: &reqwest::Client, tenant: &Tenant, token: &str, mut connection: Connection) -> usize {
    let call = mail::round_call(&inbox(), &mail::Round::First { since: None });
    let mut next = Some(format!("{}/v1.0/{}", tenant.graph(), call.relative().expect("an address")));
    let mut count = 0;
    while let Some(address) = next {
        let request = client.get(address).bearer_auth(token).header("Prefer", call.prefer_line());
        let answer = request.send().await.expect("an answer").bytes().await.expect("a body");
        let page: PlainPage = serde_json::from_slice(&answer).expect("a page");
        count += page.value.len();
        plain_insert(&mut connection, &page.value);
        next = page.next;
    }
    count
}

fn plain_insert(connection: &mut Connection, rows: &[PlainMessage]) {
    let transaction = connection.transaction().expect("a transaction");
    for row in rows {
        let (from, to) = (row.from.to_string(), row.to_recipients.to_string());
        transaction
            .prepare_cached("INSERT INTO m VALUES (NULL, ?1, ?2, ?3, ?4, ?5, ?6, ?7)")
            .and_then(|mut insert| {
                insert.execute(rusqlite::params![
                    row.received_date_time,
                    row.id,
                    row.subject,
                    from,
                    to,
                    row.body_preview,
                    row.conversation_id
                ])
            })
            .expect("inserted");
    }
    transaction.commit().expect("committed");
}
