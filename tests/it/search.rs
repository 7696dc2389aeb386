//! The full-text index and what is found by it: every hit and no other, newest first, by pages; kept right through changes, moves,
//! removals and the end of an account; and no query that the database refuses.

use deskbell::base::activity::Activity;
use deskbell::db::{Cache, Changes, Db, DbError, Ongoing, Search, Walk};
use deskbell::domain::account::AccountKey;
use deskbell::domain::change::{Change, MessagePatch};
use deskbell::domain::mail::{Body, BodyContent, Folder, FolderId, FolderRole, Importance, MessageId, Recipient};
use deskbell::domain::query::{Query, word_spans, words};
use deskbell::engine::index::bring_up_to_date;
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::future::Future;
use std::sync::Arc;
use tempfile::TempDir;

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

struct Place {
    _folder: TempDir,
    path: std::path::PathBuf,
    db: Db,
    cache: Cache,
}

fn key(name: &str) -> AccountKey {
    AccountKey { tenant: "t".to_owned(), object: name.to_owned() }
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cache.db");
    let db = Db::open(&path, &Activity::default()).expect("a cache").db;
    let cache = wait(db.cache(&key("lena"))).expect("an account");
    Place { _folder: folder, path, db, cache }
}

fn id(name: &str) -> MessageId {
    MessageId(name.to_owned())
}

fn folder(name: &str) -> FolderId {
    FolderId(name.to_owned())
}

fn person(name: &str, address: &str) -> Recipient {
    Recipient { name: name.to_owned(), address: address.to_owned() }
}

/// A message received so many days before the 23rd of November.
fn patch(name: &str, subject: &str, days: i64) -> MessagePatch {
    let day = date(2026, 11, 23).at(12, 0, 0, 0).to_zoned(TimeZone::UTC).expect("a time").timestamp();
    MessagePatch {
        conversation: Some(String::new()),
        subject: Some(subject.to_owned()),
        from: Some(Some(person("Ben Okafor", "ben.okafor@contoso.com"))),
        to: Some(vec![person("Lena Olsen", "lena@contoso.com")]),
        cc: Some(vec![person("Zoë Müller", "zoe@fabrikam.com")]),
        received: Some(day - jiff::SignedDuration::from_hours(24 * days)),
        is_read: Some(true),
        is_flagged: Some(false),
        importance: Some(Importance::Normal),
        has_attachments: Some(false),
        is_draft: Some(false),
        preview: Some(String::new()),
        categories: Some(Vec::new()),
        ..MessagePatch::new(id(name))
    }
}

fn body(html: &str) -> Body {
    Body { content: BodyContent::Html(html.to_owned()), attachments: Vec::new() }
}

impl Place {
    fn put(&self, into: &str, patches: Vec<MessagePatch>) {
        let rows = patches.into_iter().map(Change::Upsert).collect();
        wait(self.cache.asking().apply(Changes::Messages { folder: folder(into), rows }, None)).expect("applied");
    }

    fn remove(&self, from: &str, name: &str) {
        let rows = vec![Change::Removed(id(name))];
        wait(self.cache.asking().apply(Changes::Messages { folder: folder(from), rows }, None)).expect("applied");
    }

    fn bodies(&self, bodies: &[(&str, &str)]) {
        let bodies = bodies.iter().map(|(name, html)| (id(name), body(html))).collect();
        wait(self.cache.put_bodies(bodies)).expect("kept");
    }

    fn index(&self) {
        wait(bring_up_to_date(&self.db, usize::MAX)).expect("indexed");
        assert_eq!(wait(self.db.unindexed()).expect("a count"), 0);
    }

    fn search(&self, text: &str) -> Search {
        Search {
            query: Arc::new(Query::parse(text).expect("a query")),
            folder: None,
            today: date(2026, 11, 23),
            zone: TimeZone::UTC,
            also: Arc::default(),
        }
    }

    /// All hits of a walk, by pages of `count`.
    fn walk(&self, search: &Search, from: Walk, count: usize) -> Vec<String> {
        let (mut names, mut onward) = (Vec::new(), Some(from));
        while let Some(walk) = onward {
            let walked = wait(self.cache.search(search.clone(), walk, count)).expect("a walk");
            assert!(walked.rows.len() <= count);
            names.extend(walked.rows.into_iter().map(|(row, _)| row.message.id.0));
            onward = walked.onward;
        }
        names
    }

    /// The hits of a query, newest first; the same by any pages and from either end.
    fn found(&self, text: &str) -> String {
        let search = self.search(text);
        let names = self.walk(&search, Walk::NEWEST, 100);
        assert_eq!(self.walk(&search, Walk::NEWEST, 1), names, "{text}: one by one");
        let mut back = self.walk(&search, Walk::OLDEST, 2);
        back.reverse();
        assert_eq!(back, names, "{text}: from the oldest on");
        names.join(" ")
    }
}

#[test]
fn every_part_of_the_language_finds_what_it_says() {
    let place = place();
    let folders =
        [("inbox", "Posteingang", Some(FolderRole::Inbox)), ("f2", "Project Falcon", None)].map(|(id, name, role)| {
            Folder {
                id: folder(id),
                parent: None,
                name: name.to_owned(),
                role,
                total: 0,
                unread: 0,
                cached: 0,
                hidden: false,
            }
        });
    wait(place.cache.asking().apply(Changes::Folders(folders.to_vec()), None)).expect("applied");
    let mut report = patch("a", "Quarterly report", 0);
    report.is_read = Some(false);
    report.has_attachments = Some(true);
    let mut lunch = patch("b", "Lunch?", 1);
    lunch.from = Some(Some(person("Lena Olsen", "lena.olsen@contoso.com")));
    lunch.is_flagged = Some(true);
    let mut draft = patch("c", "Überprüfung der Räume", 40);
    draft.is_draft = Some(true);
    draft.from = Some(None);
    place.put("inbox", vec![report, lunch, draft]);
    place.put("f2", vec![patch("d", "会议室 report", 400)]);
    place.bodies(&[
        ("a", "<style>x{}</style><p>The num<b>bers</b> are in the annex.</p><div style='display:none'>hidden</div>"),
        ("b", "<p>At noon? The annex is closed; the numbers are not.</p>"),
    ]);
    place.index();
    for (query, hits) in [
        // Words, whole or begun, in subject, names, addresses and bodies; accents and letter case do not matter.
        ("report", "a d"),
        ("REP", "a d"),
        ("numbers", "a b"),
        ("annex lunch", "b"),
        ("uberprufung raume", "c"),
        ("hidden", ""),
        ("x", ""),
        // A part of a Chinese sentence.
        ("议室", "d"),
        ("num", ""),
        ("numb", "a b"),
        ("议会", ""),
        // Whole words and phrases in quotes.
        ("\"rep\"", ""),
        ("\"numbers are in\"", "a"),
        ("\"are numbers\"", ""),
        // People by parts of words too, each in their line.
        ("from:lsen", "b"),
        ("from:okaf", "a d"),
        ("from:ben.okafor@contoso.com", "a d"),
        ("from:\"lsen\"", ""),
        ("to:lsen", "a b c d"),
        ("cc:muller", "a b c d"),
        ("from:report", ""),
        ("subject:annex", ""),
        ("body:annex", "a b"),
        // What only the row knows.
        ("is:unread", "a"),
        ("is:read report", "d"),
        ("is:flagged", "b"),
        ("is:draft", "c"),
        ("has:attachment", "a"),
        ("in:inbox", "a b c"),
        ("in:posteingang annex", "a b"),
        ("in:\"project falcon\"", "d"),
        ("in:proj", "d"),
        // Days.
        ("after:yesterday", "a b"),
        ("before:7d", "c d"),
        ("on:2026-11-22", "b"),
        ("on:2025 report", "d"),
        ("before:2026", "d"),
        ("on:today", "a"),
        // Not, or, and all together.
        ("-report", "b c"),
        ("annex -lunch", "a"),
        ("-is:read", "a"),
        ("lunch OR in:f2", "b"),
        ("lunch OR in:proj", "b d"),
        ("lunch OR -annex", "b c d"),
        ("uberprufung OR report -is:unread", "c d"),
        ("from:okafor numbers OR report before:2026", "d"),
    ] {
        assert_eq!(place.found(query), hits, "{query}");
    }
    let mut here = place.search("report");
    here.folder = Some(folder("f2"));
    assert_eq!(place.walk(&here, Walk::NEWEST, 10), ["d"]);
    assert_eq!(wait(place.cache.count_hits(place.search("report"))).expect("a count"), Some((2, true)));
    assert_eq!(wait(place.cache.count_hits(place.search("is:read"))).expect("a count"), None);
}

#[test]
fn the_index_follows_every_change() {
    let place = place();
    place.put("inbox", vec![patch("a", "apple", 0), patch("b", "banana", 1)]);
    place.index();
    place.bodies(&[("a", "orange")]);
    assert_eq!(place.found("orange"), "", "not before it is indexed");
    place.index();
    assert_eq!((place.found("orange"), place.found("apple")), ("a".to_owned(), "a".to_owned()));
    // Another subject, another day, another body.
    let mut other = MessagePatch::new(id("a"));
    other.subject = Some("cherry".to_owned());
    other.received = patch("a", "", 5).received;
    place.put("inbox", vec![other]);
    place.bodies(&[("a", "grape"), ("b", "grape")]);
    place.index();
    assert_eq!(place.found("orange OR apple"), "");
    assert_eq!(place.found("grape"), "b a", "in the order of the new day");
    // A change that touches no word needs no work.
    let mut read = MessagePatch::new(id("b"));
    read.is_read = Some(false);
    place.put("inbox", vec![read]);
    assert_eq!(wait(place.db.unindexed()).expect("a count"), 0);
    assert_eq!(place.found("is:unread"), "b");
    // A move tells its halves in any order, and the body goes along.
    place.put("archive", vec![patch("b", "banana", 1)]);
    place.index();
    assert_eq!(place.found("grape"), "b a", "one message, whatever the number of its rows");
    place.remove("inbox", "b");
    place.index();
    assert_eq!((place.found("banana"), place.found("grape")), ("b".to_owned(), "b a".to_owned()));
    place.remove("archive", "b");
    assert_eq!(place.found("banana OR grape"), "a", "a removal needs no index");
    // What was read for the index before a change must not hide the change, whoever is faster.
    let mut late = MessagePatch::new(id("a"));
    for (before, after, is_stale_last) in [("first", "second", true), ("third", "fourth", false)] {
        late.subject = Some(before.to_owned());
        place.put("inbox", vec![late.clone()]);
        let read = wait(place.db.next_unindexed(0)).expect("a batch");
        late.subject = Some(after.to_owned());
        place.put("inbox", vec![late.clone()]);
        if is_stale_last {
            place.index();
        }
        let stale = read.messages.into_iter().map(deskbell::engine::index::indexed).collect();
        wait(place.db.put_indexed(stale, read.gone)).expect("written");
        place.index();
        assert_eq!((place.found(before), place.found(after)), (String::new(), "a".to_owned()));
    }
    // Another account has its own hits; its end takes its words and nobody else's.
    let other = wait(place.db.cache(&key("ola"))).expect("an account");
    let rows = vec![Change::Upsert(patch("z", "fourth", 0))];
    wait(other.asking().apply(Changes::Messages { folder: folder("inbox"), rows }, None)).expect("applied");
    place.index();
    assert_eq!(place.found("fourth"), "a");
    wait(place.db.remove_account(&key("ola"))).expect("removed");
    assert_eq!(place.found("fourth"), "a");
    wait(place.db.rebuild_index()).expect("noted");
    place.index();
    assert_eq!(place.found("fourth OR is:read"), "a");
    wait(place.db.remove_account(&key("lena"))).expect("removed");
    let file = rusqlite::Connection::open(&place.path).expect("the file");
    let left: i64 = file
        .query_row("SELECT (SELECT count(*) FROM mail_docs) + (SELECT count(*) FROM mail_words_idx)", [], |row| {
            row.get(0)
        })
        .expect("a count");
    assert_eq!(left, 0, "nothing of anybody stays in the index");
}

#[test]
fn a_fill_that_is_cut_anywhere_hides_nothing() {
    let place = place();
    let names: Vec<String> = (0..600).map(|number| format!("m{number:03}")).collect();
    let patches = names.iter().zip(0..).map(|(name, days)| patch(name, "early", days));
    place.put("inbox", patches.collect());
    for (names, steps) in names.chunks(50).zip([0, 1, 2, 3, 5, 8, 20, 50, 200, 1_000, 5_000, 20_000]) {
        let bodies: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "<p>late</p>")).collect();
        place.bodies(&bodies);
        // As far as it comes, and then no further.
        wait(async {
            let mut work = std::pin::pin!(bring_up_to_date(&place.db, usize::MAX));
            for _ in 0..steps {
                tokio::select! {
                    biased;
                    done = &mut work => {
                        done.expect("indexed");
                        break;
                    }
                    () = tokio::task::yield_now() => {}
                }
            }
        });
    }
    // Some go while their words are made, and some come again.
    let read = wait(place.db.next_unindexed(0)).expect("a batch");
    place.bodies(&[("m000", "<p>late</p>")]);
    let stale = wait(place.db.next_unindexed(0)).expect("a batch");
    place.remove("inbox", "m000");
    for batch in [read, stale] {
        let made = batch.messages.into_iter().map(deskbell::engine::index::indexed).collect();
        wait(place.db.put_indexed(made, batch.gone)).expect("written");
    }
    // The next process does what was left.
    let next = Place { db: Db::open(&place.path, &Activity::default()).expect("a cache").db, ..place };
    next.index();
    for word in ["early", "late"] {
        assert_eq!(next.walk(&next.search(word), Walk::NEWEST, 100), names[1..], "{word}");
    }
    let file = rusqlite::Connection::open(&next.path).expect("the file");
    let words: i64 = file.query_row("SELECT count(*) FROM mail_words_docsize", [], |row| row.get(0)).expect("a count");
    assert_eq!(words, 599, "no words without their message");
}

#[test]
fn many_of_one_second_and_of_any_year_are_found_in_order() {
    let place = place();
    let mut all: Vec<MessagePatch> = (0..300).map(|number| patch(&format!("m{number}"), "same", 3)).collect();
    let mut ancient = patch("ancient", "same", 0);
    ancient.received = Some("0001-01-02T00:00:00Z".parse().expect("a time"));
    let mut distant = patch("distant", "same", 0);
    distant.received = Some(Timestamp::MAX);
    all.extend([ancient, distant, patch("after", "same", 2), patch("before", "same", 5)]);
    place.put("inbox", all);
    place.index();
    let names = place.walk(&place.search("same"), Walk::NEWEST, 7);
    assert_eq!(names.len(), 304);
    assert_eq!((names[0].as_str(), names[1].as_str()), ("distant", "after"));
    assert_eq!((names[302].as_str(), names[303].as_str()), ("before", "ancient"));
    assert_eq!(place.walk(&place.search("same on:3d"), Walk::NEWEST, 50).len(), 300);
    assert_eq!(place.found("same before:4d"), "before ancient");
}

#[test]
fn what_the_service_found_stands_among_the_rest() {
    let place = place();
    place
        .put("inbox", vec![patch("a", "apple", 0), patch("b", "other", 1), patch("c", "apple", 2), patch("d", "x", 3)]);
    place.index();
    let ids = ["a", "b", "d", "gone"].map(id).to_vec();
    let mut search = place.search("apple");
    search.also = Arc::new(wait(place.cache.places(ids)).expect("places"));
    for count in [1, 2, 3, 10] {
        assert_eq!(place.walk(&search, Walk::NEWEST, count), ["a", "b", "c", "d"], "{count}");
        assert_eq!(place.walk(&search, Walk::OLDEST, count), ["d", "c", "b", "a"], "{count}");
    }
    // Two of its own, and two that only the service found; what is no longer here counts for nothing.
    assert_eq!(wait(place.cache.count_hits(search.clone())).expect("a count"), Some((4, true)));
    assert_eq!(wait(place.cache.count_hits(place.search("apple"))).expect("a count"), Some((2, true)));
    let walked = wait(place.cache.search(search, Walk::NEWEST, 10)).expect("a walk");
    let marks: Vec<bool> = walked.rows.iter().map(|(_, is_from_service)| *is_from_service).collect();
    assert_eq!(marks, [false, true, false, true]);
    // The service knows nothing of states and days of ours: they are held against its rows.
    let mut unread = place.search("apple is:unread");
    unread.also = Arc::new(wait(place.cache.places(vec![id("b")])).expect("places"));
    assert!(place.walk(&unread, Walk::NEWEST, 10).is_empty());
}

#[test]
fn a_search_that_is_ended_ends_and_the_next_one_is_whole() {
    let place = place();
    place.put("inbox", (0..400).map(|number| patch(&format!("m{number:03}"), "Alphabet", number)).collect());
    place.index();
    let whole: Vec<String> = (0..400).map(|number| format!("m{number:03}")).collect();
    for yields in 0..60 {
        let ongoing = Ongoing::default();
        let ended = wait(async {
            let mut search = std::pin::pin!(place.cache.search_counted(place.search("alph"), 500, &ongoing));
            for _ in 0..yields {
                tokio::select! {
                    biased;
                    done = &mut search => return Some(done),
                    () = tokio::task::yield_now() => std::thread::yield_now(),
                }
            }
            ongoing.end();
            match search.await {
                Err(DbError::Interrupted) => None,
                done => Some(done),
            }
        });
        if let Some(done) = ended {
            let (walked, counted) = done.expect("done before it was ended");
            assert_eq!((walked.rows.len(), counted), (400, Some((400, true))));
        }
        // Ended once more, in the middle of the next one, which is meant by nobody.
        let next = Ongoing::default();
        let found = wait(async {
            let mut search = std::pin::pin!(place.cache.search_counted(place.search("alph"), 500, &next));
            for _ in 0..yields % 9 {
                tokio::select! {
                    biased;
                    done = &mut search => return done,
                    () = tokio::task::yield_now() => std::thread::yield_now(),
                }
            }
            ongoing.end();
            search.await
        });
        let names: Vec<String> = found.expect("whole").0.rows.into_iter().map(|(row, _)| row.message.id.0).collect();
        assert_eq!(names, whole, "after {yields}");
    }
}

#[test]
fn the_last_of_several_words_goes_on_by_the_rule_of_a_word_alone() {
    let place = place();
    place.put("inbox", vec![patch("headers", "Alp alpha", 0), patch("text", "", 1)]);
    place.bodies(&[("text", "Alp alpha")]);
    place.index();
    // In a text a word of three letters stands for itself, also behind another; one of four may go on.
    assert_eq!(place.found("alp-alp"), "headers");
    assert_eq!(place.found("alp-alph"), "headers text");
}

/// Whether a subject or a body holds a query of words alone, by looking.
fn holds(text: &str, is_body: bool, query: &Query) -> bool {
    let held = words(text);
    query.parts.iter().all(|part| {
        part.any.iter().any(|term| {
            let deskbell::domain::query::Wanted::Text { text, is_exact, .. } = &term.wanted else { return false };
            let wanted = words(text);
            let last = wanted.len() - 1;
            let letters = wanted[last].chars().count();
            // In a text a short word stands for itself; among several words it is looked for in the text as it was typed.
            let may_go_on = !is_exact && letters >= if is_body { 4 } else { 2 };
            let is_there = held.windows(wanted.len()).any(|held| {
                held.iter().zip(&wanted).enumerate().all(|(at, (held, wanted))| {
                    held == wanted || (at == last && may_go_on && held.starts_with(wanted.as_str()))
                })
            });
            is_there != term.is_negated
        })
    })
}

fn text() -> impl Strategy<Value = String> {
    let word =
        prop::sample::select(vec!["alpha", "alphabet", "Alp", "beta", "bêta", "be", "会议", "x", "x1", "NOT", "OR"]);
    prop::collection::vec(word, 1..6).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn words_are_found_where_they_are_and_nowhere_else(
        texts in prop::collection::vec(text(), 1..12),
        queries in prop::collection::vec("(-?(alpha|alp|be|beta|x|\"alpha beta\"|\"be\"|会|议会|\"NOT\"|x1)( OR -?(alphab|\"x\"))? ?){1,3}", 6),
    ) {
        let place = place();
        let patches = texts.iter().enumerate();
        place.put("inbox", patches.map(|(at, text)| {
            let mut patch = patch(&format!("{at:02}"), if at % 2 == 0 { text } else { "" }, i64::try_from(at).unwrap_or(0));
            patch.from = Some(None);
            patch.to = Some(Vec::new());
            patch.cc = Some(Vec::new());
            patch
        }).collect());
        let bodies = texts.iter().enumerate().filter(|(at, _)| at % 2 == 1);
        wait(place.cache.put_bodies(bodies.map(|(at, text)| (id(&format!("{at:02}")), body(text))).collect())).expect("kept");
        place.index();
        for typed in queries {
            let query = Query::parse(&typed).expect("a query");
            let expected: Vec<String> = texts.iter().enumerate()
                .filter(|(at, text)| holds(text, at % 2 == 1, &query)).map(|(at, _)| format!("{at:02}")).collect();
            prop_assert_eq!(place.found(&typed), expected.join(" "), "{}", typed);
            // Looking at each message without the index finds the same, and counting beside a walk counts the same.
            let search = place.search(&typed);
            let glanced = wait(place.cache.glance(search.clone(), 100, &Ongoing::default())).expect("a look");
            let glanced: Vec<String> = glanced.into_iter().map(|found| found.row.message.id.0).collect();
            prop_assert_eq!(glanced.join(" "), expected.join(" "), "{} by looking", typed);
            let beside = wait(place.cache.search_counted(search.clone(), 1, &Ongoing::default())).expect("a walk").1;
            prop_assert_eq!(beside, wait(place.cache.count_hits(search)).expect("a count"), "{} counted", typed);
        }
    }

    #[test]
    fn no_query_is_refused_by_the_database(typed in prop::collection::vec(
        prop_oneof![any::<String>(), "[\\PC]{1,8}", "(from:|-|subject:|OR |is:read |before:2026 )?[a-z\"*^():{}+]{1,5}"], 40)
    ) {
        let place = place();
        place.put("inbox", vec![patch("a", "apple", 0)]);
        place.index();
        for text in typed {
            for span in word_spans(&text) {
                prop_assert!(!text[span].is_empty());
            }
            if let Ok(query) = Query::parse(&text) {
                let search = Search { query: Arc::new(query), ..place.search("") };
                prop_assert!(wait(place.cache.search(search.clone(), Walk::NEWEST, 5)).is_ok(), "{}", text);
                prop_assert!(wait(place.cache.count_hits(search)).is_ok(), "{}", text);
            }
        }
    }
}
