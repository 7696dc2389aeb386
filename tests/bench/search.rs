//! Bodies and the full-text index of a large mailbox: filling, size, finding, and typing a search.
//!
//! The floor is SQLite with the same rows, the same compression and the same words on one thread: plain statements, batches of a
//! thousand, no domain types. Bodies follow the sizes of real mail (median 7.7 KB, ninetieth percentile 29 KB, mostly HTML), words the
//! law by which few are common. `cargo bench -- search` takes 100 000 messages, with `--quick` 10 000.

use crate::measure::{amount, cpu, line, median, now, percentile, ratio, time, times};
use deskbell::base::activity::Activity;
use deskbell::db::{Cache, Changes, Db, Link, Ongoing, Search, Step};
use deskbell::domain::account::AccountKey;
use deskbell::domain::change::{Change, MessagePatch};
use deskbell::domain::mail::{Body, BodyContent, FolderId, Importance, MessageId, Recipient};
use deskbell::domain::query::{Query, skim};
use deskbell::domain::request::PageStart;
use deskbell::engine::index::bring_up_to_date;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Messages written at a time.
const BATCH: usize = 1_000;
/// One in this many holds the rare word.
const RARE_EVERY: usize = 9_001;

/// Runs all of it.
pub fn run() {
    let messages = if crate::is_quick() { 10_000 } else { 100_000 };
    let runtime = crate::house::runtime();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let words = Vocabulary::new();
    line(&format!("  {messages} messages, load of the machine {}", load()));
    let plain = plain_fill(&folder.path().join("floor.db"), &words, messages);
    let path = folder.path().join("cache.db");
    let ours = fill(&runtime, &path, &words, messages);
    ratio("ingest with bodies and index", ours.all, plain.all, Some(1.25));
    ratio("  the same in CPU time, for a busy machine", ours.cpu, plain.cpu, Some(1.25));
    ratio("  the first page, to be listed", ours.first_page, Duration::from_millis(100), Some(1.0));
    amount("  time of text and index at the floor", plain.index.as_secs_f64(), "s", None, Some(60.0));
    let bytes = ours.bodies as f64;
    amount("bodies as they came", bytes / 1e6, "MB", None, None);
    amount("database", size(&path) as f64 / 1e6, "MB", Some(size(&folder.path().join("floor.db")) as f64 / 1e6), None);
    amount("database to bodies", size(&path) as f64 / bytes, "", None, Some(0.5));
    amount("index", index_bytes(&path) as f64 / 1e6, "MB", None, Some(400.0));
    find(&runtime, &path, messages);
    line(&format!("  load of the machine {}", load()));
}

fn load() -> String {
    std::fs::read_to_string("/proc/loadavg").map_or_else(|_| "unknown".to_owned(), |all| all.chars().take(4).collect())
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}

fn index_bytes(path: &Path) -> i64 {
    let file = rusqlite::Connection::open(path).expect("the file");
    let sum = "SELECT sum(length(block)) FROM mail_words_data";
    file.query_row(sum, [], |row| row.get(0)).expect("a sum")
}

/// Pseudo-random numbers, the same for the same seed.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Between 0 and 1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// Forty thousand words, the first ones common.
struct Vocabulary(Vec<String>);

impl Vocabulary {
    fn new() -> Self {
        let mut dice = Dice(3);
        let syllables =
            ["ta", "re", "mo", "li", "sen", "ka", "por", "ti", "on", "be", "ul", "ver", "chi", "da", "en", "st"];
        let word = |number: usize, dice: &mut Dice| {
            let count = if number < 60 { 1 } else { 2 } + usize::try_from(dice.next() % 3).unwrap_or(0);
            let part = |dice: &mut Dice| syllables[usize::try_from(dice.next() % 16).unwrap_or(0)];
            (0..count).map(|_| part(dice)).collect::<String>()
        };
        Self((0..40_000).map(|number| word(number, &mut dice)).collect())
    }

    fn pick(&self, dice: &mut Dice) -> &str {
        // Zipf, nearly: the logarithm of the rank is even.
        let rank = (dice.unit() * (self.0.len() as f64).ln()).exp();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank")]
        let rank = rank as usize;
        &self.0[rank.min(self.0.len() - 1)]
    }

    fn sentence(&self, dice: &mut Dice, into: &mut String) {
        for at in 0..8 + dice.next() % 30 {
            if at > 0 {
                into.push(' ');
            }
            into.push_str(self.pick(dice));
        }
        into.push_str(". ");
    }
}

fn body(words: &Vocabulary, number: usize) -> String {
    let mut dice = Dice(u64::try_from(number).unwrap_or(0) ^ 0x5555);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a size")]
    let target = (7_700.0 * (1.035 * dice.normal()).exp()).clamp(900.0, 400_000.0) as usize;
    let mut html = String::with_capacity(target + 600);
    html.push_str("<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><style>");
    // Every third comes from a machine, with more style than text.
    let style = if number.is_multiple_of(3) { target / 2 } else { 400 };
    while html.len() < style {
        html.push_str(&format!(
            ".c{} {{ padding: 0 {}px; color: #{:06x}; }}\r\n",
            dice.next() % 1000,
            dice.next() % 30,
            dice.next() & 0xff_ffff
        ));
    }
    html.push_str("</style></head><body>");
    if number.is_multiple_of(RARE_EVERY) {
        html.push_str("<p>zirconium</p>");
    }
    while html.len() < target {
        html.push_str(
            "<p class=\"MsoNormal\" style=\"margin: 0 0 8pt; line-height: 107%;\"><span lang=\"EN-GB\" style=\"font-size: \
             11.0pt; font-family: &quot;Aptos&quot;,sans-serif; color: #1f1f1f;\">",
        );
        for _ in 0..=dice.next() % 4 {
            words.sentence(&mut dice, &mut html);
        }
        html.push_str("</span></p>\r\n");
    }
    html.push_str("</body></html>");
    html
}

fn inbox() -> FolderId {
    FolderId("inbox".to_owned())
}

fn id(number: usize) -> MessageId {
    MessageId(format!("AAkALgAAAAAAHYQDEapmEc2byACqAC{:0>110}=", number.wrapping_mul(2_654_435_761) % 1_000_003))
}

fn patch(words: &Vocabulary, number: usize) -> MessagePatch {
    let mut dice = Dice(u64::try_from(number).unwrap_or(0));
    let mut person = || {
        let number = dice.next() % 900;
        Recipient {
            name: format!("Person{number} Family{}", number % 77),
            address: format!("person{number}@contoso.com"),
        }
    };
    let (from, to) = (person(), vec![person(), person()]);
    let mut subject = String::new();
    words.sentence(&mut dice, &mut subject);
    let received = Timestamp::from_second(1_795_000_000 - 1_500 * i64::try_from(number).unwrap_or(0)).expect("a time");
    let preview: String = {
        let mut preview = String::new();
        while preview.len() < 200 {
            words.sentence(&mut dice, &mut preview);
        }
        preview.chars().take(200).collect()
    };
    MessagePatch {
        conversation: Some(format!("{:0>80}", number / 3)),
        subject: Some(subject.chars().take(60).collect()),
        from: Some(Some(from)),
        to: Some(to),
        cc: Some(Vec::new()),
        received: Some(received),
        is_read: Some(!number.is_multiple_of(7)),
        is_flagged: Some(false),
        importance: Some(Importance::Normal),
        has_attachments: Some(number.is_multiple_of(9)),
        is_draft: Some(false),
        preview: Some(preview),
        categories: Some(Vec::new()),
        ..MessagePatch::new(id(number))
    }
}

struct Filled {
    all: Duration,
    cpu: Duration,
    first_page: Duration,
    bodies: u64,
}

/// The mail as a sync brings it: pages of headers and of bodies, and the index fed behind each until it is up to date.
fn fill(runtime: &Runtime, path: &Path, words: &Vocabulary, messages: usize) -> Filled {
    let db = Db::open(path, &Activity::default()).expect("a cache").db;
    let key = AccountKey { tenant: "t".to_owned(), object: "o".to_owned() };
    let cache = runtime.block_on(db.cache(&key)).expect("an account");
    let (mut all, mut used, mut first_page, mut bytes) = (Duration::ZERO, Duration::ZERO, None, 0);
    runtime.block_on(async {
        for first in (0..messages).step_by(BATCH) {
            let last = (first + BATCH).min(messages);
            let patches: Vec<MessagePatch> = (first..last).map(|number| patch(words, number)).collect();
            let html: Vec<String> = (first..last).map(|number| body(words, number)).collect();
            bytes += html.iter().map(|html| html.len() as u64).sum::<u64>();
            let (started, before) = (now(), cpu());
            let rows = patches.into_iter().map(Change::Upsert).collect();
            let link = if last == messages { Link::Done(Some("d".to_owned())) } else { Link::Next("n".to_owned()) };
            let step = Step { link, is_full: true, window: None, at: Timestamp::UNIX_EPOCH };
            cache.asking().apply(Changes::Messages { folder: inbox(), rows }, Some(step)).await.expect("applied");
            if first_page.is_none() {
                cache.messages(&inbox(), PageStart::Newest, 60).await.expect("a page");
                first_page = Some(started.elapsed());
            }
            let bodies = html
                .into_iter()
                .enumerate()
                .map(|(at, html)| (id(first + at), Body { content: BodyContent::Html(html), attachments: Vec::new() }));
            cache.put_bodies(bodies.collect()).await.expect("kept");
            bring_up_to_date(&db, usize::MAX).await.expect("indexed");
            used += cpu().saturating_sub(before);
            all += started.elapsed();
        }
        db.close().await.expect("closed");
    });
    Filled { all, cpu: used, first_page: first_page.unwrap_or_default(), bodies: bytes }
}

struct Plain {
    all: Duration,
    cpu: Duration,
    index: Duration,
}

/// The same by plain statements on this thread.
fn plain_fill(path: &Path, words: &Vocabulary, messages: usize) -> Plain {
    let mut connection = rusqlite::Connection::open(path).expect("a file");
    connection
        .execute_batch(
            "PRAGMA journal_mode = wal; PRAGMA synchronous = normal;
             CREATE TABLE m (row INTEGER PRIMARY KEY, folder INTEGER, received INTEGER, id TEXT, subject TEXT, sender TEXT,
             receivers TEXT, preview TEXT, conversation TEXT);
             CREATE UNIQUE INDEX by_id ON m (id, folder); CREATE INDEX by_date ON m (folder, received);
             CREATE TABLE b (m INTEGER PRIMARY KEY, deflated BLOB);
             CREATE VIRTUAL TABLE f USING fts5 (subject, people, body, content = '', contentless_delete = 1,
             tokenize = 'unicode61 remove_diacritics 2', detail = column);",
        )
        .expect("a schema");
    let mut packer = zstd_safe::CCtx::create();
    let (mut all, mut used, mut index) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for first in (0..messages).step_by(BATCH) {
        let last = (first + BATCH).min(messages);
        let mail: Vec<(MessagePatch, String)> =
            (first..last).map(|number| (patch(words, number), body(words, number))).collect();
        let (started, before) = (now(), cpu());
        let transaction = connection.transaction().expect("a transaction");
        for (patch, html) in &mail {
            let received = patch.received.map(Timestamp::as_microsecond);
            let people = format!("{:?} {:?}", patch.from, patch.to);
            transaction
                .prepare_cached("INSERT INTO m VALUES (NULL, 1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)")
                .and_then(|mut insert| {
                    let subject = patch.subject.as_deref();
                    insert.execute(rusqlite::params![
                        received,
                        patch.id.0,
                        subject,
                        "",
                        people,
                        patch.preview,
                        patch.conversation
                    ])
                })
                .expect("inserted");
            let row = transaction.last_insert_rowid();
            let mut packed = Vec::with_capacity(zstd_safe::compress_bound(html.len()));
            packer.compress(&mut packed, html.as_bytes(), 3).expect("packed");
            transaction
                .prepare_cached("INSERT INTO b VALUES (?1, ?2)")
                .and_then(|mut insert| insert.execute(rusqlite::params![row, packed]))
                .expect("inserted");
        }
        // Mail comes newest first, and the index takes rising numbers only without a flush for each.
        for (at, (patch, html)) in mail.into_iter().enumerate().rev() {
            index += time(|| {
                let people = format!("{:?} {:?}", patch.from, patch.to);
                let text = skim(&BodyContent::Html(html));
                let doc = i64::try_from(messages - first - at).unwrap_or(0);
                transaction
                    .prepare_cached("INSERT INTO f (rowid, subject, people, body) VALUES (?1, ?2, ?3, ?4)")
                    .and_then(|mut insert| insert.execute(rusqlite::params![doc, patch.subject, people, text]))
                    .expect("inserted");
            });
        }
        index += time(|| transaction.commit().expect("committed"));
        used += cpu().saturating_sub(before);
        all += started.elapsed();
    }
    Plain { all, cpu: used, index }
}

fn find(runtime: &Runtime, path: &Path, messages: usize) {
    let db = Db::open(path, &Activity::default()).expect("a cache").db;
    let key = AccountKey { tenant: "t".to_owned(), object: "o".to_owned() };
    let cache = runtime.block_on(db.cache(&key)).expect("an account");
    let plain = rusqlite::Connection::open(path).expect("the file");
    let hits = page(runtime, &cache, "zirconium").1;
    assert_eq!(hits, messages.div_ceil(RARE_EVERY), "every hit of the rare word is found");
    let all = [
        "zirconium",
        "ta",
        "tareon",
        "re",
        "t",
        "mo ta",
        "\"ta re\"",
        "from:erson12",
        "ta is:unread",
        "is:unread",
        "ta -re",
        "verchi",
        "in:inbox on:2026-01",
    ];
    for text in all {
        let ours = times(15, || _ = page(runtime, &cache, text));
        let floor = times(15, || plain_find(&plain, text.split(' ').next().unwrap_or_default()));
        let name = format!("search {text} ({} hits of a page)", page(runtime, &cache, text).1);
        ratio(&name, median(&ours), median(&floor), None);
    }
    // Whole pages for every beginning of a common word. A typed key that takes longer is answered by a look at the newest first.
    let mut typed = Vec::new();
    for word in ["tareonverchi", "sentapor", "meeting notes", "kata from:person5"] {
        for end in 1..=word.len() {
            typed.extend(times(3, || _ = page(runtime, &cache, &word[..end])));
        }
    }
    typed.sort();
    ratio("all hits of what is typed, slowest", percentile(&typed, 100), Duration::from_millis(16), None);
    ratio("all hits of what is typed, median", median(&typed), Duration::from_millis(16), Some(1.0));
    let mut looked = Vec::new();
    for text in ["tareonverchi", "meeting notes", "kata from:person5", "\"ta re\""] {
        looked.extend(times(15, || glance(runtime, &cache, text)));
    }
    looked.sort();
    ratio("a look at the newest, slowest", percentile(&looked, 100), Duration::from_millis(10), Some(1.0));
}

fn page(runtime: &Runtime, cache: &Cache, text: &str) -> (Duration, usize) {
    let Ok(query) = Query::parse(text) else { return (Duration::ZERO, 0) };
    let today = jiff::civil::date(2026, 11, 23);
    let search = Search { query: Arc::new(query), folder: None, today, zone: TimeZone::UTC, also: Arc::default() };
    let mut found = 0;
    let took = time(|| {
        let ongoing = Ongoing::default();
        let (walked, _) = runtime.block_on(cache.search_counted(search, 60, &ongoing)).expect("a walk");
        found = walked.rows.len();
    });
    (took, found)
}

fn glance(runtime: &Runtime, cache: &Cache, text: &str) {
    let query = Arc::new(Query::parse(text).expect("a query"));
    let today = jiff::civil::date(2026, 11, 23);
    let search = Search { query, folder: None, today, zone: TimeZone::UTC, also: Arc::default() };
    std::hint::black_box(runtime.block_on(cache.glance(search, 60, &Ongoing::default())).expect("a look"));
}

fn plain_find(connection: &rusqlite::Connection, word: &str) {
    let mut statement = connection
        .prepare_cached(
            "SELECT m.subject FROM mail_words w JOIN mail_docs d ON d.doc = w.rowid JOIN messages m ON m.row = d.message
             WHERE mail_words MATCH ?1 ORDER BY w.rowid DESC LIMIT 60",
        )
        .expect("a statement");
    let word: String = word.chars().filter(|c| c.is_alphanumeric()).collect();
    let rows = statement.query_map([format!("\"{word}\"")], |row| row.get::<_, String>(0)).expect("rows");
    std::hint::black_box(rows.collect::<Result<Vec<_>, _>>().expect("rows"));
}
