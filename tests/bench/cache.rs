//! The cache against SQLite alone: filling, opening, paging, bodies, memory, with a thousand and a hundred thousand messages.
//!
//! The floor is the same file read by plain statements on this thread: no domain types, no lanes, no answer to wait for.

use crate::measure::{line, median, memory, ratio, time, times};
use deskbell::base::activity::Activity;
use deskbell::db::{Cache, Changes, Db, Link, Step};
use deskbell::domain::account::AccountKey;
use deskbell::domain::change::{Change, MessagePatch};
use deskbell::domain::mail::{Body, BodyContent, FolderId, Importance, MessageId, MessageKey, Recipient};
use deskbell::domain::request::PageStart;
use jiff::Timestamp;
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

const PAGE: u16 = 60;
const BATCH: usize = 1000;

/// Runs all of it; panics where the cache cannot be used at all.
pub fn run() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for messages in [1_000, 100_000] {
        line(&format!("  with {messages} messages"));
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cache.db");
        fill(&runtime, &path, messages);
        paging(&runtime, &path, messages);
    }
}

fn key() -> AccountKey {
    AccountKey { tenant: "t".to_owned(), object: "o".to_owned() }
}

fn inbox() -> FolderId {
    FolderId("inbox".to_owned())
}

/// About the width of what the service sends: long ids, a preview of 200 characters, a few addresses.
fn patch(number: usize) -> MessagePatch {
    let person = |number: usize| Recipient {
        name: format!("Person {}", number % 97),
        address: format!("person{}@contoso.com", number % 97),
    };
    let received = Timestamp::from_second(1_795_000_000 - 600 * i64::try_from(number).unwrap_or(0)).expect("a time");
    MessagePatch {
        conversation: Some(format!("{:0>80}", number / 3)),
        subject: Some(format!("Subject number {number} of a thread about something")),
        from: Some(Some(person(number))),
        to: Some(vec![person(number + 1), person(number + 2)]),
        cc: Some(Vec::new()),
        received: Some(received),
        is_read: Some(!number.is_multiple_of(7)),
        is_flagged: Some(false),
        importance: Some(Importance::Normal),
        has_attachments: Some(number.is_multiple_of(9)),
        is_draft: Some(false),
        preview: Some("Lorem ipsum dolor sit amet ".repeat(8)),
        categories: Some(Vec::new()),
        ..MessagePatch::new(id(number))
    }
}

fn id(number: usize) -> MessageId {
    MessageId(format!("AAkALgAAAAAAHYQDEapmEc2byACqAC{:0>110}=", number.wrapping_mul(2_654_435_761) % 1_000_003))
}

fn open(runtime: &Runtime, path: &Path) -> Cache {
    let db = Db::open(path, &Activity::default()).expect("a cache").db;
    runtime.block_on(db.cache(&key())).expect("an account")
}

fn fill(runtime: &Runtime, path: &Path, messages: usize) {
    let cache = open(runtime, path);
    let ours = time(|| {
        for first in (0..messages).step_by(BATCH) {
            let last = (first + BATCH).min(messages);
            let rows = (first..last).map(|number| Change::Upsert(patch(number))).collect();
            let link = if last == messages { Link::Done(Some("d".to_owned())) } else { Link::Next("n".to_owned()) };
            let step = Step { link, is_full: true, window: None, at: Timestamp::UNIX_EPOCH };
            runtime
                .block_on(cache.asking().apply(Changes::Messages { folder: inbox(), rows }, Some(step)))
                .expect("applied");
        }
    });
    let floor = plain_fill(path, messages);
    ratio("fill, headers only", ours, floor, None);
    let bodies = (0..50).map(|number| (id(number), body(number))).collect();
    runtime.block_on(cache.put_bodies(bodies)).expect("kept");
    let size = std::fs::metadata(path).map_or(0, |file| file.len());
    line(&format!("  {:<42} {:>10} KiB", "file", size / 1024));
}

fn body(number: usize) -> Body {
    let text = format!("<p>Paragraph {number} of a long mail.</p>").repeat(200);
    Body { content: BodyContent::Html(text), attachments: Vec::new() }
}

/// The same rows by one plain statement into a table with the same two indexes.
fn plain_fill(path: &Path, messages: usize) -> Duration {
    let other = path.with_extension("floor");
    let mut connection = rusqlite::Connection::open(&other).expect("a file");
    connection
        .execute_batch(
            "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;
             CREATE TABLE m (row INTEGER PRIMARY KEY, folder INTEGER, received INTEGER, id TEXT, subject TEXT, sender TEXT,
             receivers TEXT, preview TEXT, conversation TEXT);
             CREATE UNIQUE INDEX by_id ON m (id, folder); CREATE INDEX by_date ON m (folder, received);",
        )
        .expect("a schema");
    time(|| {
        for first in (0..messages).step_by(BATCH) {
            let transaction = connection.transaction().expect("a transaction");
            (first..(first + BATCH).min(messages)).for_each(|number| plain_insert(&transaction, number));
            transaction.commit().expect("committed");
        }
    })
}

fn plain_insert(transaction: &rusqlite::Connection, number: usize) {
    let row = patch(number);
    transaction
        .prepare_cached("INSERT INTO m VALUES (NULL, 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .and_then(|mut insert| {
            insert.execute(rusqlite::params![
                row.received.map(Timestamp::as_microsecond),
                row.id.0,
                row.subject,
                row.from.flatten().map(|from| from.address),
                format!("{:?}", row.to),
                row.preview,
                row.conversation,
            ])
        })
        .expect("inserted");
}

fn paging(runtime: &Runtime, path: &Path, messages: usize) {
    let newest = |cache: &Cache| runtime.block_on(cache.messages(&inbox(), PageStart::Newest, PAGE)).expect("a page");
    let ours = times(15, || drop(newest(&open(runtime, path))));
    let floor = times(15, || assert_ne!(plain_page(&plain_open(path), i64::MAX, i64::MAX).1, i64::MAX));
    ratio("open and newest page", median(&ours), median(&floor), None);

    let cache = open(runtime, path);
    let before = memory();
    let first = newest(&cache);
    let mut at = first.rows.last().expect("rows").key;
    let ours = times(200, || at = next_page(runtime, &cache, at));
    let plain = plain_open(path);
    let mut key = (i64::MAX, i64::MAX);
    let floor = times(200, || key = plain_page(&plain, key.0, key.1));
    ratio("next page by key", median(&ours), median(&floor), None);
    let ours = times(50, || drop(runtime.block_on(cache.messages(&inbox(), PageStart::Oldest, PAGE)).expect("a page")));
    ratio("oldest page", median(&ours), median(&floor), None);
    let middle = MessageKey { received: at.received - 300_000_000 * i64::try_from(messages).unwrap_or(0), row: 0 };
    let ours = times(50, || {
        drop(runtime.block_on(cache.messages(&inbox(), PageStart::Around(middle), PAGE)).expect("a page"));
    });
    ratio("page in the middle", median(&ours), median(&floor), None);
    let ours = times(100, || drop(runtime.block_on(cache.body(&id(7))).expect("read")));
    line(&format!("  {:<42} {:>10.1} µs", "body", median(&ours).as_secs_f64() * 1e6));
    if let (Some((before, _)), Some((after, anonymous))) = (before, memory()) {
        let more = after.saturating_sub(before);
        line(&format!(
            "  {:<42} {more:>10} KiB more, {after} KiB in all, {anonymous} KiB anonymous",
            "memory after paging"
        ));
    }
}

fn next_page(runtime: &Runtime, cache: &Cache, at: MessageKey) -> MessageKey {
    let page = runtime.block_on(cache.messages(&inbox(), PageStart::OlderThan(at), PAGE)).expect("a page");
    page.rows.last().map_or(MessageKey { received: i64::MAX, row: i64::MAX }, |row| row.key)
}

fn plain_open(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file")
}

fn plain_page(connection: &rusqlite::Connection, received: i64, row: i64) -> (i64, i64) {
    let mut statement = connection
        .prepare_cached(
            "SELECT received, row, id, subject, from_name, from_address, preview, to_line, is_read FROM messages
             WHERE folder = 1 AND (received, row) < (?1, ?2) ORDER BY received DESC, row DESC LIMIT ?3",
        )
        .expect("a statement");
    let mut rows = statement.query(rusqlite::params![received, row, PAGE]).expect("rows");
    let mut last = (i64::MAX, i64::MAX);
    while let Some(row) = rows.next().expect("a row") {
        let texts: Vec<String> = (2..8).map(|column| row.get(column).unwrap_or_default()).collect();
        std::hint::black_box(texts);
        last = (row.get(0).expect("a time"), row.get(1).expect("a row"));
    }
    last
}
