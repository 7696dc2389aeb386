//! The cache: rows come back as they went in, cursor and rows move together, pages are read by key, and nothing is lost by moves,
//! removals, resyncs, foreign or damaged files.

use deskbell::base::activity::Activity;
use deskbell::db::{Cache, Changes, Db, DbError, Link, Relation, Scope, Step};
use deskbell::domain::account::{Account, AccountKey, AccountKind, Scopes};
use deskbell::domain::change::{Change, MessagePatch};
use deskbell::domain::event::{Attendee, CalendarId, Event, EventId, Response, When};
use deskbell::domain::freebusy::{Availability, Block, Schedule, ScheduleError, WorkingHours};
use deskbell::domain::mail::{
    Attachment, Body, BodyContent, Folder, FolderId, FolderRole, Importance, MeetingMessage, Message, MessageId,
    MessageKey, Recipient,
};
use deskbell::domain::me::Me;
use deskbell::domain::person::{Person, PersonId};
use deskbell::domain::presence::{self, AutomaticReply, Presence, WorkPlace};
use deskbell::domain::request::PageStart;
use deskbell::domain::time::{Span, Zone};
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday, date};
use proptest::prelude::*;
use std::future::Future;
use tempfile::TempDir;

/// A cache in a folder of its own.
struct Place {
    folder: TempDir,
    db: Db,
    cache: Cache,
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn key() -> AccountKey {
    AccountKey { tenant: "tenant".to_owned(), object: "lena".to_owned() }
}

fn place() -> Place {
    let folder = tempfile::tempdir().expect("a folder");
    let db = Db::open(&folder.path().join("data/cache.db"), &Activity::default()).expect("a cache").db;
    let cache = wait(db.cache(&key())).expect("an account");
    Place { folder, db, cache }
}

impl Place {
    /// Closes nothing and opens the same file again, as after a crash.
    fn again(&self) -> Cache {
        let db = Db::open(&self.folder.path().join("data/cache.db"), &Activity::default()).expect("a cache").db;
        wait(db.cache(&key())).expect("an account")
    }

    fn apply(&self, folder: &FolderId, rows: Vec<Change<MessagePatch, MessageId>>, step: Option<Step>) -> u32 {
        let changes = Changes::Messages { folder: folder.clone(), rows };
        wait(self.cache.asking().apply(changes, step)).expect("applied").changed
    }

    fn ids(&self, folder: &FolderId, start: PageStart, count: u16) -> Vec<String> {
        let page = wait(self.cache.messages(folder, start, count)).expect("a page");
        page.rows.into_iter().map(|row| row.message.id.0).collect()
    }
}

fn folder(id: &str) -> FolderId {
    FolderId(id.to_owned())
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).expect("a time")
}

fn message(id: &str, received: Timestamp) -> Message {
    Message {
        id: MessageId(id.to_owned()),
        folder: folder("inbox"),
        conversation: format!("thread of {id}"),
        subject: format!("Subject of {id}"),
        from: Some(Recipient { name: "Ben Okafor".to_owned(), address: "ben@contoso.com".to_owned() }),
        to: vec![Recipient { name: "Lena".to_owned(), address: "lena@contoso.com".to_owned() }],
        cc: Vec::new(),
        received,
        is_read: false,
        is_flagged: false,
        importance: Importance::Normal,
        has_attachments: false,
        is_draft: false,
        meeting: None,
        preview: "Good morning".to_owned(),
        categories: Vec::new(),
    }
}

fn patch(message: &Message) -> MessagePatch {
    let message = message.clone();
    MessagePatch {
        folder: Some(message.folder),
        conversation: Some(message.conversation),
        subject: Some(message.subject),
        from: Some(message.from),
        to: Some(message.to),
        cc: Some(message.cc),
        received: Some(message.received),
        is_read: Some(message.is_read),
        is_flagged: Some(message.is_flagged),
        importance: Some(message.importance),
        has_attachments: Some(message.has_attachments),
        is_draft: Some(message.is_draft),
        meeting: message.meeting,
        preview: Some(message.preview),
        categories: Some(message.categories),
        ..MessagePatch::new(message.id)
    }
}

fn arrived(id: &str, at: i64) -> Change<MessagePatch, MessageId> {
    Change::Upsert(patch(&message(id, second(at))))
}

fn removed(id: &str) -> Change<MessagePatch, MessageId> {
    Change::Removed(MessageId(id.to_owned()))
}

fn body(text: &str) -> Body {
    Body { content: BodyContent::Html(text.to_owned()), attachments: Vec::new() }
}

fn next(link: &str, is_full: bool) -> Step {
    Step { link: Link::Next(link.to_owned()), is_full, window: None, at: second(0) }
}

fn done(link: &str, is_full: bool) -> Step {
    Step { link: Link::Done(Some(link.to_owned())), is_full, window: None, at: second(0) }
}

// Rounds

/// A start reads a journal through from its beginning, so none is left behind: not the own one, not that of a killed run.
#[test]
fn the_end_of_the_program_leaves_no_journal() {
    let place = place();
    let length = |suffix: &str| {
        let beside = place.folder.path().join(format!("data/cache.db{suffix}"));
        std::fs::metadata(beside).map_or(0, |file| file.len())
    };
    assert!(length("-wal") > 0, "what was written stands in the journal");
    let later = Db::open(&place.folder.path().join("data/cache.db"), &Activity::default()).expect("a cache").db;
    wait(later.close()).expect("left tidy");
    assert_eq!(length("-wal"), 0, "also by a run that wrote nothing");
    wait(place.cache.put_calendars(Vec::new())).expect("written");
    wait(place.cache.put_people(Vec::new(), second(1))).expect("written");
    wait(place.db.close()).expect("left tidy");
    assert_eq!(length("-wal"), 0);
}

#[test]
fn a_page_and_its_link_survive_a_crash_together() {
    let place = place();
    let inbox = folder("inbox");
    place.apply(&inbox, vec![arrived("a", 1)], Some(next("page 2", true)));
    let again = place.again();
    let cursor = wait(again.cursor(&Scope::Messages(inbox.clone()))).expect("read").expect("a cursor");
    assert_eq!(cursor.link, Some(Link::Next("page 2".to_owned())));
    assert!(cursor.is_full, "the round under way is remembered as a full one");
    assert_eq!(cursor.as_of, None, "not in step before the round is over");
    assert_eq!(wait(again.messages(&inbox, PageStart::Newest, 9)).expect("a page").rows.len(), 1);
}

#[test]
fn rows_that_cannot_be_written_leave_the_link_where_it_was() {
    let place = place();
    let inbox = folder("inbox");
    place.apply(&inbox, vec![arrived("a", 1)], Some(done("first", true)));
    // Somebody else's trigger makes the second row of the page fail.
    let other = rusqlite::Connection::open(place.folder.path().join("data/cache.db")).expect("the file");
    other
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON messages WHEN NEW.id = 'c' BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .expect("a trigger");
    let changes = Changes::Messages { folder: inbox.clone(), rows: vec![arrived("b", 2), arrived("c", 3)] };
    let refused = wait(place.cache.asking().apply(changes, Some(done("second", false))));
    assert!(refused.is_err());
    let cursor = wait(place.cache.cursor(&Scope::Messages(inbox.clone()))).expect("read").expect("a cursor");
    assert_eq!(cursor.link, Some(Link::Done(Some("first".to_owned()))));
    assert_eq!(place.ids(&inbox, PageStart::Newest, 9), ["a"], "neither the page's rows nor its link");
}

#[test]
fn a_partial_change_keeps_what_it_does_not_say() {
    let place = place();
    let inbox = folder("inbox");
    place.apply(&inbox, vec![arrived("a", 1)], Some(done("1", true)));
    let read = MessagePatch { is_read: Some(true), ..MessagePatch::new(MessageId("a".to_owned())) };
    assert_eq!(place.apply(&inbox, vec![Change::Upsert(read.clone())], Some(done("2", false))), 1);
    let stored = wait(place.cache.message(&MessageId("a".to_owned()))).expect("read").expect("there").message;
    assert_eq!(stored, Message { is_read: true, ..message("a", second(1)) });
    assert_eq!(place.apply(&inbox, vec![Change::Upsert(read)], Some(done("3", false))), 0, "a replay changes nothing");
}

#[test]
fn a_partial_change_of_a_stranger_is_asked_for_whole() {
    let place = place();
    let read = MessagePatch { is_read: Some(true), ..MessagePatch::new(MessageId("x".to_owned())) };
    let changes = Changes::Messages { folder: folder("inbox"), rows: vec![Change::Upsert(read)] };
    let applied = wait(place.cache.asking().apply(changes, Some(done("1", false)))).expect("applied");
    assert_eq!(applied.incomplete, [MessageId("x".to_owned())]);
}

#[test]
fn a_move_loses_nothing_in_either_order() {
    for addition_first in [true, false] {
        let place = place();
        let (inbox, archive) = (folder("inbox"), folder("archive"));
        place.apply(&inbox, vec![arrived("a", 1)], Some(done("1", true)));
        wait(place.cache.put_bodies(vec![(MessageId("a".to_owned()), body("hello"))])).expect("kept");
        if addition_first {
            place.apply(&archive, vec![arrived("a", 1)], Some(done("2", true)));
            place.apply(&inbox, vec![removed("a")], Some(done("3", false)));
            let kept = wait(place.cache.body(&MessageId("a".to_owned()))).expect("read");
            assert_eq!(kept, Some(body("hello")), "the body moves along");
        } else {
            place.apply(&inbox, vec![removed("a")], Some(done("2", false)));
            place.apply(&archive, vec![arrived("a", 1)], Some(done("3", true)));
        }
        assert!(place.ids(&inbox, PageStart::Newest, 9).is_empty());
        assert_eq!(place.ids(&archive, PageStart::Newest, 9), ["a"]);
        let stored = wait(place.cache.message(&MessageId("a".to_owned()))).expect("read").expect("there");
        assert_eq!(stored.message.folder, archive);
    }
}

#[test]
fn a_message_that_moved_and_came_back_keeps_its_body() {
    let place = place();
    let (inbox, archive) = (folder("inbox"), folder("archive"));
    let id = MessageId("a".to_owned());
    place.apply(&inbox, vec![arrived("a", 1)], Some(done("1", true)));
    wait(place.cache.put_bodies(vec![(id.clone(), body("hello"))])).expect("kept");
    place.apply(&archive, vec![arrived("a", 1)], Some(done("2", true)));
    place.apply(&archive, vec![removed("a")], Some(done("3", false)));
    assert_eq!(place.ids(&inbox, PageStart::Newest, 9), ["a"]);
    assert_eq!(wait(place.cache.body(&id)).expect("read"), Some(body("hello")));
}

#[test]
fn a_resync_never_blanks_and_ends_with_what_it_showed() {
    let place = place();
    let inbox = folder("inbox");
    place.apply(&inbox, vec![arrived("a", 1), arrived("b", 2), arrived("c", 3)], Some(done("1", true)));
    wait(place.cache.forget_link(&Scope::Messages(inbox.clone()))).expect("forgotten");
    assert_eq!(wait(place.cache.cursor(&Scope::Messages(inbox.clone()))).expect("read").expect("one").link, None);
    assert_eq!(place.ids(&inbox, PageStart::Newest, 9), ["c", "b", "a"]);
    place.apply(&inbox, vec![arrived("d", 4)], Some(next("p2", true)));
    assert_eq!(place.ids(&inbox, PageStart::Newest, 9), ["d", "c", "b", "a"], "old rows stay while the round runs");
    place.apply(&inbox, vec![arrived("b", 2)], Some(done("2", true)));
    assert_eq!(place.ids(&inbox, PageStart::Newest, 9), ["d", "b"], "what the round did not show is gone");
    place.apply(&inbox, Vec::new(), Some(done("3", false)));
    assert_eq!(place.ids(&inbox, PageStart::Newest, 9), ["d", "b"], "an ordinary round removes nothing by silence");
}

#[test]
fn a_full_round_begun_again_in_the_middle_trusts_only_its_own_rows() {
    let place = place();
    let inbox = folder("inbox");
    place.apply(&inbox, vec![arrived("a", 1)], Some(next("p2", true)));
    wait(place.cache.forget_link(&Scope::Messages(inbox.clone()))).expect("forgotten");
    place.apply(&inbox, vec![arrived("b", 2)], Some(done("1", true)));
    assert_eq!(place.ids(&inbox, PageStart::Newest, 9), ["b"]);
}

#[test]
fn a_changed_draft_forgets_its_old_body() {
    let place = place();
    let drafts = folder("drafts");
    place.apply(&drafts, vec![arrived("a", 1)], Some(done("1", true)));
    let id = MessageId("a".to_owned());
    wait(place.cache.put_bodies(vec![(id.clone(), body("first"))])).expect("kept");
    let flagged = MessagePatch { is_flagged: Some(true), ..MessagePatch::new(id.clone()) };
    place.apply(&drafts, vec![Change::Upsert(flagged)], Some(done("2", false)));
    assert!(wait(place.cache.body(&id)).expect("read").is_some(), "a flag does not change the text");
    let written = MessagePatch { preview: Some("second".to_owned()), ..MessagePatch::new(id.clone()) };
    place.apply(&drafts, vec![Change::Upsert(written)], Some(done("3", false)));
    assert_eq!(wait(place.cache.body(&id)).expect("read"), None);
}

// Folders

fn named(id: &str, parent: Option<&str>, name: &str, role: Option<FolderRole>) -> Folder {
    Folder {
        id: folder(id),
        parent: parent.map(folder),
        name: name.to_owned(),
        role,
        total: 3,
        unread: 1,
        cached: 0,
        hidden: false,
    }
}

#[test]
fn folders_come_as_a_tree_and_what_went_takes_its_messages() {
    let place = place();
    let step = || Some(Step { link: Link::Done(None), is_full: true, window: None, at: second(7) });
    let tree = vec![
        named("z", None, "Zebra", None),
        named("b", Some("inbox"), "beta", None),
        named("a", Some("inbox"), "Alpha", None),
        named("inbox", None, "Posteingang", Some(FolderRole::Inbox)),
        named("loop", Some("loop"), "Loop", None),
    ];
    wait(place.cache.asking().apply(Changes::Folders(tree), step())).expect("applied");
    place.apply(&folder("z"), vec![arrived("m", 1)], Some(done("1", true)));
    let names = |folders: Vec<Folder>| folders.into_iter().map(|folder| folder.name).collect::<Vec<_>>();
    let stored = wait(place.cache.folders()).expect("read");
    assert_eq!(stored.iter().find(|one| one.name == "Zebra").map(|one| one.cached), Some(1));
    assert_eq!(names(stored), ["Posteingang", "Alpha", "beta", "Zebra", "Loop"]);
    let fewer = vec![named("inbox", None, "Posteingang", Some(FolderRole::Inbox))];
    let applied = wait(place.cache.asking().apply(Changes::Folders(fewer.clone()), step())).expect("applied");
    assert_eq!(applied.changed, 4);
    assert_eq!(names(wait(place.cache.folders()).expect("read")), ["Posteingang"]);
    assert!(wait(place.cache.message(&MessageId("m".to_owned()))).expect("read").is_none());
    assert!(wait(place.cache.cursor(&Scope::Messages(folder("z")))).expect("read").is_none());
    assert_eq!(wait(place.cache.asking().apply(Changes::Folders(fewer), step())).expect("applied").changed, 0);
}

// Pages

/// What a page must be, by sorting everything.
fn expected(all: &[MessageKey], start: PageStart, count: usize) -> Vec<MessageKey> {
    let newest_first = |mut keys: Vec<MessageKey>| {
        keys.sort();
        keys.reverse();
        keys
    };
    let all = newest_first(all.to_vec());
    match start {
        PageStart::Newest => all.into_iter().take(count).collect(),
        PageStart::OlderThan(key) => all.into_iter().filter(|one| *one < key).take(count).collect(),
        PageStart::Oldest => newest_first(all.into_iter().rev().take(count).collect()),
        PageStart::NewerThan(key) => newest_first(all.into_iter().rev().filter(|one| *one > key).take(count).collect()),
        PageStart::Around(key) => {
            let newer: Vec<_> = all.iter().rev().copied().filter(|one| *one > key).collect();
            let older: Vec<_> = all.iter().copied().filter(|one| *one <= key).collect();
            let half = (count / 2).min(newer.len());
            let below = (count - half).min(older.len());
            let half = (count - below).min(newer.len());
            newest_first(newer.into_iter().take(half).chain(older.into_iter().take(below)).collect())
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_by_key_are_windows_of_the_sorted_folder(
        days in proptest::collection::vec(0_i64..40, 0..60),
        gone in proptest::collection::vec(0_usize..60, 0..10),
        pick in 0_usize..60,
        count in 1_u16..12,
    ) {
        let place = place();
        let inbox = folder("inbox");
        let rows = days.iter().enumerate().map(|(index, day)| arrived(&format!("m{index}"), day * 43_200)).collect();
        place.apply(&inbox, rows, Some(next("p", true)));
        let rows = gone.iter().map(|index| removed(&format!("m{index}"))).collect();
        place.apply(&inbox, rows, Some(done("d", true)));
        let all = wait(place.cache.messages(&inbox, PageStart::Newest, 1000)).expect("all");
        let keys: Vec<MessageKey> = all.rows.iter().map(|row| row.key).collect();
        prop_assert_eq!(all.cached as usize, keys.len());
        let key = keys.get(pick).copied().unwrap_or(MessageKey { received: second(600_000).as_microsecond(), row: 7 });
        for start in [
            PageStart::Newest,
            PageStart::Oldest,
            PageStart::OlderThan(key),
            PageStart::NewerThan(key),
            PageStart::Around(key),
        ] {
            let page = wait(place.cache.messages(&inbox, start, count)).expect("a page");
            let got: Vec<MessageKey> = page.rows.iter().map(|row| row.key).collect();
            prop_assert_eq!(&got, &expected(&keys, start, usize::from(count)), "{:?}", start);
            if let (Some(first), Some(last)) = (got.first(), got.last()) {
                let newer = keys.iter().filter(|one| *one > first).count();
                prop_assert_eq!(page.newer as usize, newer, "{:?}", start);
                prop_assert_eq!(page.at_newest, newer == 0, "{:?}", start);
                prop_assert_eq!(page.at_oldest, !keys.iter().any(|one| one < last), "{:?}", start);
            }
        }
    }
}

#[test]
fn a_folder_nobody_read_is_an_empty_page() {
    let place = place();
    let page = wait(place.cache.messages(&folder("nowhere"), PageStart::Newest, 10)).expect("a page");
    assert!(page.rows.is_empty() && page.at_newest && page.at_oldest);
}

#[test]
fn bodies_are_lacking_only_among_the_newest() {
    let place = place();
    let inbox = folder("inbox");
    place.apply(&inbox, (0..5).map(|n| arrived(&format!("m{n}"), n)).collect(), Some(done("d", true)));
    let kept = vec![(MessageId("m4".to_owned()), body("x")), (MessageId("gone".to_owned()), body("y"))];
    assert_eq!(wait(place.cache.put_bodies(kept)).expect("kept"), 1, "a message that went meanwhile keeps no body");
    let lacking = wait(place.cache.lacking_bodies(&inbox, 3)).expect("read");
    assert_eq!(lacking, [MessageId("m3".to_owned()), MessageId("m2".to_owned())]);
}

#[test]
fn the_oldest_bodies_go_first_and_only_as_many_as_have_to() {
    let place = place();
    let inbox = folder("inbox");
    place.apply(&inbox, (0..20).map(|n| arrived(&format!("m{n}"), n)).collect(), Some(done("d", true)));
    // Words that cannot be packed to nothing.
    let noise = |n: u64| {
        (0..400_u64)
            .map(|word| format!("{:x} ", (n * 1_000 + word).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
            .collect::<String>()
    };
    let kept = (0..20).map(|n| (MessageId(format!("m{n}")), body(&noise(n)))).collect();
    assert_eq!(wait(place.cache.put_bodies(kept)).expect("kept"), 20);
    let has = |n: u64| wait(place.cache.body(&MessageId(format!("m{n}")))).expect("read").is_some();
    assert_eq!(wait(place.cache.trim_bodies(10 << 20)).expect("trimmed"), 0, "there is room for all");
    let file = rusqlite::Connection::open(place.folder.path().join("data/cache.db")).expect("the file");
    let bytes = || {
        file.query_row("SELECT sum(length(packed)) FROM bodies", [], |row| row.get::<_, i64>(0))
            .expect("a sum")
            .unsigned_abs()
    };
    let half = bytes() / 2;
    let gone = wait(place.cache.trim_bodies(half)).expect("trimmed");
    assert!((9..=11).contains(&gone) && bytes() <= half, "{gone}");
    assert!((0..20).all(|n| has(n) == (n >= gone)), "the oldest went");
}

// Round trips

fn any_instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000_000_000).prop_map(|micros| Timestamp::from_microsecond(micros).expect("in range"))
}

fn any_date() -> impl Strategy<Value = Date> {
    (1990_i16..2100, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| date(year, month, day))
}

fn any_span() -> impl Strategy<Value = Span> {
    (any_instant(), 0_i64..10_000_000_000)
        .prop_map(|(start, length)| Span { start, end: start + jiff::SignedDuration::from_micros(length) })
}

fn any_recipient() -> impl Strategy<Value = Recipient> {
    (any::<String>(), any::<String>()).prop_map(|(name, address)| Recipient { name, address })
}

fn any_importance() -> impl Strategy<Value = Importance> {
    prop_oneof![Just(Importance::Low), Just(Importance::Normal), Just(Importance::High)]
}

fn any_show_as() -> impl Strategy<Value = Option<Availability>> {
    proptest::option::of(prop_oneof![
        Just(Availability::Free),
        Just(Availability::WorkingElsewhere),
        Just(Availability::Tentative),
        Just(Availability::Busy),
        Just(Availability::OutOfOffice),
    ])
}

fn any_response() -> impl Strategy<Value = Response> {
    prop_oneof![
        Just(Response::None),
        Just(Response::Organizer),
        Just(Response::Tentative),
        Just(Response::Accepted),
        Just(Response::Declined),
        Just(Response::NotResponded),
    ]
}

fn any_message() -> impl Strategy<Value = Message> {
    let meeting = proptest::option::of(prop_oneof![
        Just(MeetingMessage::Request),
        Just(MeetingMessage::Cancelled),
        Just(MeetingMessage::Response)
    ]);
    let people = || proptest::collection::vec(any_recipient(), 0..3);
    let words = (any::<String>(), any::<String>(), any::<String>(), proptest::collection::vec(any::<String>(), 0..3));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (any_instant(), proptest::option::of(any_recipient()), people(), people(), any_importance(), meeting, words, flags)
        .prop_map(|(received, from, to, cc, importance, meeting, words, flags)| Message {
            conversation: words.0,
            subject: words.1,
            preview: words.2,
            categories: words.3,
            from,
            to,
            cc,
            is_read: flags.0,
            is_flagged: flags.1,
            has_attachments: flags.2,
            is_draft: flags.3,
            importance,
            meeting,
            ..message("a", received)
        })
}

fn any_event() -> impl Strategy<Value = Event> {
    let when = prop_oneof![
        (any_date(), 1_i64..20)
            .prop_map(|(start, days)| When::AllDay { start, end: start.saturating_add(jiff::Span::new().days(days)) }),
        any_span().prop_map(When::Timed),
    ];
    let attendee = (any_recipient(), any::<bool>(), any::<bool>(), any_response()).prop_map(
        |(recipient, is_optional, is_resource, response)| Attendee { recipient, is_optional, is_resource, response },
    );
    let words = (any::<String>(), any::<String>(), any::<String>(), proptest::collection::vec(any::<String>(), 0..3));
    let maybe = || proptest::option::of(any::<String>());
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    let attendees = proptest::collection::vec(attendee, 0..3);
    let organizer = proptest::option::of(any_recipient());
    let own = (any_show_as(), any_response(), any_importance());
    (when, attendees, organizer, words, (maybe(), maybe(), maybe()), flags, own).prop_map(
        |(when, attendees, organizer, words, links, flags, own)| Event {
            id: EventId("e".to_owned()),
            calendar: CalendarId("calendar".to_owned()),
            series: links.0.map(EventId),
            subject: words.0,
            when,
            show_as: own.0,
            location: words.1,
            preview: words.2,
            is_cancelled: flags.0,
            is_private: flags.1,
            is_organizer: flags.2,
            response: own.1,
            organizer,
            attendees,
            join_url: links.1,
            web_link: links.2,
            categories: words.3,
            importance: own.2,
            has_attachments: flags.3,
        },
    )
}

fn any_zone() -> impl Strategy<Value = Zone> {
    let rules = prop_oneof![Just(None), Just(Some("Europe/Madrid")), Just(Some("Asia/Kolkata")), Just(Some("UTC")),];
    (any::<String>(), rules, any::<bool>()).prop_map(|(name, rules, is_approximate)| Zone {
        name,
        rules: rules.map(|name| jiff::tz::TimeZone::get(name).expect("a known zone")),
        is_approximate,
    })
}

fn any_hours() -> impl Strategy<Value = WorkingHours> {
    (any_zone(), 0_i8..24, 0_i8..60).prop_map(|(zone, hour, minute)| WorkingHours {
        days: vec![Weekday::Monday, Weekday::Saturday],
        start: Time::constant(hour, minute, 0, 0),
        end: Time::constant(17, minute, 30, 0),
        zone,
    })
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let block = (any_span(), any_show_as(), proptest::option::of(any::<String>()), any::<bool>()).prop_map(
        |(span, status, subject, is_private)| Block { span, status, location: subject.clone(), subject, is_private },
    );
    let error = any::<[String; 4]>().prop_map(|[code, message, remedy, service]| ScheduleError {
        code,
        message,
        remedy,
        service,
    });
    let blocks = prop_oneof![proptest::collection::vec(block, 0..4).prop_map(Ok), error.prop_map(Err)];
    (any_span(), blocks, "[0-4]{0,9}", proptest::option::of(any_hours()), any_instant()).prop_map(
        |(window, blocks, view, working_hours, as_of)| Schedule {
            address: "ben@contoso.com".to_owned(),
            window,
            blocks,
            view,
            view_minutes: 15,
            working_hours,
            as_of,
        },
    )
}

fn any_person() -> impl Strategy<Value = Person> {
    let maybe = || proptest::option::of(any::<String>());
    (any::<String>(), any::<String>(), maybe(), maybe(), maybe(), proptest::collection::vec(any::<String>(), 0..3))
        .prop_map(|(name, address, job_title, department, office, phones)| Person {
            id: PersonId("ben".to_owned()),
            name,
            address,
            job_title,
            department,
            office,
            phones,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_message_comes_back_as_it_went_in(wanted in any_message(), text in any::<String>(), name in any::<String>()) {
        let place = place();
        place.apply(&folder("inbox"), vec![Change::Upsert(patch(&wanted))], None);
        let stored = wait(place.cache.message(&wanted.id)).expect("read").expect("there");
        prop_assert_eq!(&stored.message, &wanted);
        let attachment =
            Attachment { id: name.clone(), name, content_type: "text/plain".to_owned(), size: 7, is_inline: true };
        let kept = Body { content: BodyContent::Text(text), attachments: vec![attachment.clone(), attachment] };
        wait(place.cache.put_bodies(vec![(wanted.id.clone(), kept.clone())])).expect("kept");
        prop_assert_eq!(wait(place.cache.body(&wanted.id)).expect("read"), Some(kept));
    }

    #[test]
    fn an_event_comes_back_as_it_went_in(wanted in any_event()) {
        let place = place();
        wait(place.cache.asking().apply(Changes::Events(vec![Change::Upsert(wanted.clone())]), None)).expect("applied");
        prop_assert_eq!(wait(place.cache.event(&wanted.id)).expect("read"), Some(wanted));
    }

    #[test]
    fn people_and_schedules_come_back_as_they_went_in(
        person in any_person(),
        schedule in any_schedule(),
        zone in any_zone(),
        hours in any_hours(),
        as_of in any_instant(),
    ) {
        let place = place();
        wait(place.cache.put_people(vec![person.clone()], as_of)).expect("kept");
        prop_assert_eq!(wait(place.cache.person(&person.id)).expect("read"), Some((person.clone(), as_of)));
        wait(place.cache.put_schedules(vec![schedule.clone()])).expect("kept");
        let found = wait(place.cache.schedules(vec!["BEN@contoso.com".to_owned()], schedule.window)).expect("read");
        prop_assert_eq!(found, [Some(schedule)]);
        let me = Me {
            kind: deskbell::domain::account::AccountKind::Work,
            person,
            granted: Scopes::parse("User.Read Mail.Read"),
            zone: Some(zone),
            working_hours: Some(hours),
            replies: None,
            chosen: None,
            note: None,
        };
        wait(place.cache.put_me(me.clone())).expect("kept");
        prop_assert_eq!(wait(place.again().me()).expect("read"), Some(me));
    }
}

// Calendar

#[test]
fn a_stand_in_whose_change_is_over_goes() {
    let place = place();
    // As if a program had ended between making an event and taking its stand-in away; what a calendar calls so by chance stays.
    let ids = ["outbox:4711", "outbox:party", "real"];
    let rows = ids.iter().map(|id| timed(id, "2026-11-24T09:00:00Z", "2026-11-24T10:00:00Z")).collect();
    wait(place.cache.asking().apply(Changes::Events(rows), None)).expect("applied");
    assert!(wait(place.cache.show_wishes()).expect("shown").events, "the calendar is drawn anew");
    let is_there = |id: &&str| wait(place.cache.event(&EventId((*id).to_owned()))).expect("read").is_some();
    assert_eq!(ids.iter().copied().filter(is_there).collect::<Vec<_>>(), ["outbox:party", "real"]);
    assert!(!wait(place.cache.show_wishes()).expect("shown").events, "and then nothing is left to do");
}

fn event(id: &str, when: When) -> Event {
    Event {
        id: EventId(id.to_owned()),
        calendar: CalendarId("calendar".to_owned()),
        series: None,
        subject: id.to_owned(),
        when,
        show_as: Some(Availability::Busy),
        location: String::new(),
        preview: String::new(),
        is_cancelled: false,
        is_private: false,
        is_organizer: true,
        response: Response::Organizer,
        organizer: None,
        attendees: Vec::new(),
        join_url: None,
        web_link: None,
        categories: Vec::new(),
        importance: Importance::Normal,
        has_attachments: false,
    }
}

fn timed(id: &str, from: &str, to: &str) -> Change<Event, EventId> {
    let span = Span { start: from.parse().expect("a time"), end: to.parse().expect("a time") };
    Change::Upsert(event(id, When::Timed(span)))
}

fn all_day(id: &str, start: Date, end: Date) -> Change<Event, EventId> {
    Change::Upsert(event(id, When::AllDay { start, end }))
}

#[test]
fn a_day_shows_what_touches_it_and_all_day_events_by_their_dates() {
    let place = place();
    let rows = vec![
        timed("yesterday until midnight", "2026-11-22T20:00:00Z", "2026-11-22T23:00:00Z"),
        timed("over midnight", "2026-11-22T22:00:00Z", "2026-11-22T23:30:00Z"),
        timed("morning", "2026-11-23T08:00:00Z", "2026-11-23T09:00:00Z"),
        timed("a month long", "2026-11-01T08:00:00Z", "2026-12-01T09:00:00Z"),
        timed("no length", "2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z"),
        timed("tomorrow", "2026-11-23T23:00:00Z", "2026-11-24T00:00:00Z"),
        all_day("today", date(2026, 11, 23), date(2026, 11, 24)),
        all_day("a week", date(2026, 11, 20), date(2026, 11, 27)),
        all_day("the day before", date(2026, 11, 22), date(2026, 11, 23)),
        all_day("the day after", date(2026, 11, 24), date(2026, 11, 25)),
    ];
    wait(place.cache.asking().apply(Changes::Events(rows), None)).expect("applied");
    // The day in Madrid, one hour ahead of UTC.
    let span = Span {
        start: "2026-11-22T23:00:00Z".parse().expect("a time"),
        end: "2026-11-23T23:00:00Z".parse().expect("a time"),
    };
    let shown = wait(place.cache.events(date(2026, 11, 23), date(2026, 11, 24), span)).expect("read");
    let subjects: Vec<_> = shown.iter().map(|event| event.subject.as_str()).collect();
    assert_eq!(subjects, ["a week", "today", "a month long", "over midnight", "morning", "no length"]);
}

#[test]
fn a_removed_series_takes_its_occurrences_along() {
    let place = place();
    let mut occurrence = event("o", When::AllDay { start: date(2026, 11, 23), end: date(2026, 11, 24) });
    occurrence.series = Some(EventId("master".to_owned()));
    let rows = vec![Change::Upsert(occurrence), Change::Removed(EventId("never seen".to_owned()))];
    wait(place.cache.asking().apply(Changes::Events(rows), None)).expect("applied");
    let rows = vec![Change::Removed(EventId("master".to_owned()))];
    assert_eq!(wait(place.cache.asking().apply(Changes::Events(rows), None)).expect("applied").changed, 1);
    assert_eq!(wait(place.cache.event(&EventId("o".to_owned()))).expect("read"), None);
}

#[test]
fn a_new_window_drops_what_the_old_one_showed() {
    let place = place();
    let window = |from: i64| Some(Span { start: second(from), end: second(from + 1000) });
    let full = |window: Option<Span>| {
        Some(Step { link: Link::Done(Some("l".to_owned())), is_full: true, window, at: second(0) })
    };
    let rows = vec![timed("old", "2026-10-01T08:00:00Z", "2026-10-01T09:00:00Z")];
    wait(place.cache.asking().apply(Changes::Events(rows), full(window(0)))).expect("applied");
    wait(place.cache.forget_link(&Scope::Calendar)).expect("forgotten");
    let rows = vec![timed("new", "2026-11-01T08:00:00Z", "2026-11-01T09:00:00Z")];
    wait(place.cache.asking().apply(Changes::Events(rows), full(window(5)))).expect("applied");
    assert!(wait(place.cache.event(&EventId("old".to_owned()))).expect("read").is_none());
    assert!(wait(place.cache.event(&EventId("new".to_owned()))).expect("read").is_some());
    assert_eq!(wait(place.cache.cursor(&Scope::Calendar)).expect("read").expect("one").window, window(5));
}

// People

fn colleague(id: &str, name: &str, address: &str) -> Person {
    Person {
        id: PersonId(id.to_owned()),
        name: name.to_owned(),
        address: address.to_owned(),
        job_title: None,
        department: None,
        office: None,
        phones: Vec::new(),
    }
}

#[test]
fn people_are_found_by_the_beginnings_of_their_words() {
    let place = place();
    let people = vec![
        colleague("1", "Ben Okafor", "ben.okafor@contoso.com"),
        colleague("2", "Benedikta Öztürk", "bö@contoso.com"),
        colleague("3", "Anna-Lena Berg", "alb@contoso.com"),
    ];
    wait(place.cache.put_people(people, second(0))).expect("kept");
    let names = |text: &str| -> Vec<String> {
        let found = wait(place.cache.find_people(text, 10)).expect("read");
        found.into_iter().map(|person| person.name).collect()
    };
    assert_eq!(names("BEN"), ["Ben Okafor", "Benedikta Öztürk"]);
    assert_eq!(names("oka be"), ["Ben Okafor"]);
    assert_eq!(names("öz"), ["Benedikta Öztürk"]);
    assert_eq!(names("lena"), ["Anna-Lena Berg"]);
    assert_eq!(names("alb"), ["Anna-Lena Berg"]);
    assert!(names("afor").is_empty() && names("  -").is_empty() && names("%' OR 1=1").is_empty());
    let renamed = vec![colleague("1", "Benjamin Okoro", "ben.okafor@contoso.com")];
    wait(place.cache.put_people(renamed, second(1))).expect("kept");
    assert_eq!(names("okoro"), ["Benjamin Okoro"], "a new name is found");
    assert_eq!(wait(place.cache.find_people("be", 1)).expect("read").len(), 1);
}

#[test]
fn a_narrower_reading_does_not_erase_what_was_known() {
    let place = place();
    let full = Person { job_title: Some("Engineer".to_owned()), ..colleague("1", "Ben", "ben@contoso.com") };
    wait(place.cache.put_people(vec![full.clone()], second(0))).expect("kept");
    wait(place.cache.put_people(vec![colleague("1", "Ben", "ben@contoso.com")], second(1))).expect("kept");
    let found = wait(place.cache.person_by_address("Ben@Contoso.com")).expect("read");
    assert_eq!(found, Some((full, second(1))));
}

#[test]
fn an_empty_team_is_knowledge_and_a_team_never_read_is_not() {
    let place = place();
    let lena = PersonId("lena".to_owned());
    assert_eq!(wait(place.cache.related(&lena, Relation::Reports)).expect("read"), None);
    wait(place.cache.put_related(&lena, Relation::Reports, Vec::new(), second(1))).expect("kept");
    assert_eq!(wait(place.cache.related(&lena, Relation::Reports)).expect("read"), Some((Vec::new(), second(1))));
    let boss = colleague("9", "Hugo Lima", "hugo@contoso.com");
    wait(place.cache.put_related(&lena, Relation::Manager, vec![boss.clone()], second(2))).expect("kept");
    let manager = wait(place.cache.related(&lena, Relation::Manager)).expect("read");
    assert_eq!(manager, Some((vec![boss], second(2))));
}

#[test]
fn presence_and_replies_tell_whether_they_changed() {
    let place = place();
    let ben = PersonId("ben".to_owned());
    let presence = |at: i64| Presence {
        availability: presence::Availability::DoNotDisturb,
        activity: "Presenting".to_owned(),
        status_message: String::new(),
        work_place: Some(WorkPlace::Remote),
        is_out_of_office: false,
        as_of: second(at),
    };
    assert_eq!(wait(place.cache.put_presence(vec![(ben.clone(), presence(1))])).expect("kept"), 1);
    assert_eq!(wait(place.cache.put_presence(vec![(ben.clone(), presence(2))])).expect("kept"), 0);
    let asked = vec![ben.clone(), PersonId("nobody".to_owned())];
    assert_eq!(wait(place.cache.presence(asked)).expect("read"), [(ben, presence(2))]);
    let reply = |at: i64| AutomaticReply {
        message: "On leave".to_owned(),
        start: Some(second(0)),
        end: None,
        as_of: second(at),
    };
    let kept = |at| wait(place.cache.put_automatic_replies(vec![("Ben@contoso.com".to_owned(), reply(at))]));
    assert_eq!((kept(1).expect("kept"), kept(2).expect("kept")), (1, 0));
    assert_eq!(wait(place.cache.automatic_reply("ben@Contoso.com")).expect("read"), Some(reply(2)));
}

#[test]
fn a_schedule_answers_for_windows_inside_its_own() {
    let place = place();
    let schedule = |from: i64, to: i64, at: i64| Schedule {
        address: "ben@contoso.com".to_owned(),
        window: Span { start: second(from), end: second(to) },
        blocks: Ok(Vec::new()),
        view: String::new(),
        view_minutes: 15,
        working_hours: None,
        as_of: second(at),
    };
    wait(place.cache.put_schedules(vec![schedule(0, 100, 1), schedule(0, 50, 2)])).expect("kept");
    let found = |from, to| {
        let window = Span { start: second(from), end: second(to) };
        let found = wait(place.cache.schedules(vec!["ben@contoso.com".to_owned()], window)).expect("read").remove(0);
        found.map(|found| found.as_of)
    };
    assert_eq!(found(10, 20), Some(second(2)), "the youngest that covers it");
    assert_eq!(found(10, 80), Some(second(1)));
    assert_eq!(found(10, 101), None);
    let many = (0..40).map(|n| schedule(n, n + 5, 10 + n)).collect();
    wait(place.cache.put_schedules(many)).expect("kept");
    assert_eq!(found(10, 80), None, "the oldest made room");
    assert_eq!(found(39, 44), Some(second(49)));
}

// The file

#[test]
fn accounts_do_not_see_each_other_and_leave_nothing_behind() {
    let place = place();
    let ben = AccountKey { tenant: "tenant".to_owned(), object: "ben".to_owned() };
    let other = wait(place.db.cache(&ben)).expect("an account");
    place.apply(&folder("inbox"), vec![arrived("a", 1)], Some(done("1", true)));
    assert!(wait(other.message(&MessageId("a".to_owned()))).expect("read").is_none());
    assert!(wait(other.folders()).expect("read").is_empty());
    assert!(wait(other.cursor(&Scope::Messages(folder("inbox")))).expect("read").is_none());
    wait(place.db.remove_account(&key())).expect("removed");
    let file = rusqlite::Connection::open(place.folder.path().join("data/cache.db")).expect("the file");
    let left: i64 = file.query_row("SELECT count(*) FROM messages", [], |row| row.get(0)).expect("a count");
    assert_eq!(left, 0);
}

#[test]
fn what_is_remembered_is_there_the_next_time() {
    let place = place();
    assert_eq!(wait(place.db.recall("look")).expect("read"), None);
    wait(place.db.remember("look", "dark")).expect("kept");
    wait(place.db.remember("look", "light")).expect("kept");
    assert_eq!(wait(place.db.recall("look")).expect("read").as_deref(), Some("light"));
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let place = place();
    place.apply(&folder("inbox"), vec![arrived("a", 1)], None);
    let rights = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let data = place.folder.path().join("data");
    assert_eq!(rights(&data), 0o700);
    for entry in std::fs::read_dir(&data).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(rights(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_file_of_a_later_release_is_refused_in_words_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cache.db");
    let later = rusqlite::Connection::open(&path).expect("a file");
    later.execute_batch("CREATE TABLE future (x); PRAGMA user_version = 4711;").expect("written");
    let error = Db::open(&path, &Activity::default()).map(drop).expect_err("refused");
    assert!(matches!(error, DbError::Newer { found: 4711, .. }));
    let report = error.report();
    assert!(report.what.contains("later deskbell") && !report.next.is_empty());
    let kept: i64 = later.query_row("SELECT count(*) FROM future", [], |row| row.get(0)).expect("still there");
    assert_eq!(kept, 0);
}

#[test]
fn a_damaged_file_is_set_aside_and_a_new_one_begun() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("cache.db");
    std::fs::write(&path, b"this was never a database, however long it goes on about it").expect("written");
    let opened = Db::open(&path, &Activity::default()).expect("a new cache");
    let report = opened.set_aside.expect("a report");
    assert!(report.what.contains("begun anew"));
    assert!(folder.path().join("cache.db.damaged-1").exists());
    let cache = wait(opened.db.cache(&key())).expect("an account");
    assert!(wait(cache.folders()).expect("read").is_empty());
}

#[test]
fn damage_found_while_running_is_mended_at_the_next_start() {
    let place = place();
    let path = place.folder.path().join("data/cache.db");
    let rows = (0..300).map(|n| arrived(&format!("m{n}"), n)).collect();
    place.apply(&folder("inbox"), rows, Some(done("1", true)));
    let file = rusqlite::Connection::open(&path).expect("the file");
    file.pragma_update(None, "wal_checkpoint", "truncate").ok();
    let mut bytes = std::fs::read(&path).expect("the file");
    let half = bytes.len() / 4;
    bytes[half..].fill(0xa5);
    std::fs::write(&path, bytes).expect("written");
    let fresh = Db::open(&path, &Activity::default());
    let failed = match fresh {
        Err(_) => return,
        Ok(opened) if opened.set_aside.is_some() => return,
        Ok(opened) => wait(async {
            let cache = opened.db.cache(&key()).await?;
            cache.messages(&folder("inbox"), PageStart::Newest, 300).await
        }),
    };
    assert!(matches!(failed, Err(DbError::Damaged(_))), "{failed:?}");
    let next_start = Db::open(&path, &Activity::default()).expect("a cache");
    assert!(next_start.set_aside.is_some());
}

#[test]
fn work_in_flight_is_counted_until_its_answer_was_taken() {
    let folder = tempfile::tempdir().expect("a folder");
    let activity = Activity::default();
    let db = Db::open(&folder.path().join("cache.db"), &activity).expect("a cache").db;
    assert_eq!(activity.count(), 0);
    // As long as somebody else writes, ours waits.
    let other = rusqlite::Connection::open(folder.path().join("cache.db")).expect("the file");
    other.execute_batch("BEGIN IMMEDIATE").expect("the lock");
    wait(async {
        let mut asked = Box::pin(db.put_account(account()));
        assert!(futures_util::poll!(&mut asked).is_pending());
        assert_eq!(activity.count(), 1);
        other.execute_batch("COMMIT").expect("released");
        asked.await.expect("written");
    });
    assert_eq!(activity.count(), 0);
    assert_eq!(wait(db.accounts()).expect("read"), [account()]);
}

fn account() -> Account {
    Account {
        key: key(),
        name: "Lena Ortiz".to_owned(),
        address: "lena@contoso.com".to_owned(),
        kind: AccountKind::Work,
        granted: Scopes::parse("Mail.Read"),
    }
}
