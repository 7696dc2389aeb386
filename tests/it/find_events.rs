//! Events by words, held against a slow and obvious recount.

use deskbell::base::activity::Activity;
use deskbell::db::{Cache, Changes, Db, Near, Ongoing, Standing};
use deskbell::domain::account::AccountKey;
use deskbell::domain::change::Change;
use deskbell::domain::event::{Attendee, CalendarId, Event, EventId, Response, When};
use deskbell::domain::mail::{Importance, Recipient};
use deskbell::domain::query::fold;
use deskbell::domain::time::{Span, date_at};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn open(path: &Path) -> Db {
    Db::open(path, &Activity::default()).expect("a cache").db
}

fn cache(db: &Db, who: &str) -> Cache {
    let key = AccountKey { tenant: "tenant".to_owned(), object: who.to_owned() };
    wait(db.cache(&key)).expect("an account")
}

/// Few letters, so that words meet; what JSON writes in another way, accents and line ends among them.
fn any_text() -> impl Strategy<Value = String> {
    let part = proptest::sample::select(vec![
        "a", "b", "ab", "B", "É", "e\u{301}", "\"", "\\", " ", "@", "\n", "ß", "日", "-",
    ]);
    vec(part, 0..6).prop_map(|parts| parts.concat())
}

fn any_person() -> impl Strategy<Value = Recipient> {
    (any_text(), any_text()).prop_map(|(name, address)| Recipient { name, address })
}

fn any_event() -> impl Strategy<Value = Event> {
    let when = (any::<bool>(), 0_i64..48).prop_map(|(is_all_day, step)| {
        let start = "2026-03-01T00:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_hours(6 * step);
        let first = start.to_zoned(TimeZone::UTC).date();
        match is_all_day {
            true => When::AllDay { start: first, end: first.tomorrow().expect("a day") },
            false => When::Timed(Span { start, end: start + SignedDuration::from_mins(30) }),
        }
    });
    let guest = any_person().prop_map(|recipient| Attendee {
        recipient,
        is_optional: false,
        is_resource: false,
        response: Response::None,
    });
    let people = (proptest::option::of(any_person()), vec(guest, 0..4));
    (0..12_u8, when, any_text(), any_text(), people).prop_map(
        |(id, when, subject, location, (organizer, attendees))| Event {
            id: EventId(format!("e{id}")),
            calendar: CalendarId("main".to_owned()),
            series: None,
            subject,
            when,
            show_as: None,
            location,
            preview: "ab".to_owned(),
            is_cancelled: false,
            is_private: false,
            is_organizer: false,
            response: Response::None,
            organizer,
            attendees,
            join_url: None,
            web_link: None,
            categories: vec!["ab".to_owned()],
            importance: Importance::Normal,
            has_attachments: false,
        },
    )
}

fn any_change() -> impl Strategy<Value = Change<Event, EventId>> {
    prop_oneof![
        5 => any_event().prop_map(Change::Upsert),
        1 => (0..12_u8).prop_map(|id| Change::Removed(EventId(format!("e{id}")))),
    ]
}

/// Where an event stands among others: its day, those of the whole day first, its start.
type Place = (Date, bool, Option<Timestamp>);

fn place(event: &Event, zone: &TimeZone) -> Place {
    match event.when {
        When::AllDay { start, .. } => (start, false, None),
        When::Timed(span) => (date_at(span.start, zone), true, Some(span.start)),
    }
}

/// One event after the other, one part after the other.
fn recount(events: &BTreeMap<EventId, Event>, typed: &str, zone: &TimeZone) -> Vec<(Place, EventId)> {
    let has = |event: &Event, word: &str| {
        let people = event.attendees.iter().map(|one| &one.recipient).chain(&event.organizer);
        let parts = people.flat_map(|one| [&one.name, &one.address]).chain([&event.subject, &event.location]);
        parts.into_iter().any(|part| fold(part).contains(word))
    };
    let words: Vec<String> = typed.split_whitespace().map(fold).collect();
    let hits = events.values().filter(|event| words.iter().all(|word| has(event, word)));
    let mut hits: Vec<_> = hits.map(|event| (place(event, zone), event.id.clone())).collect();
    hits.sort();
    hits
}

fn find(cache: &Cache, typed: &str, zone: &TimeZone, day: Date, most: usize) -> Near {
    let words = typed.split_whitespace().map(fold).collect();
    let standing = Standing { day, zone: zone.clone(), most };
    wait(cache.find_events(words, standing, &Ongoing::default())).expect("an answer")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_event_with_the_words_is_found_and_no_other(
        changes in vec(any_change(), 1..40),
        asked in vec((any_text(), 0..25_i64, 1..6_usize), 8),
        zone in proptest::sample::select(vec!["UTC", "America/Los_Angeles", "Pacific/Auckland"]),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("cache.db");
        let (db, zone) = (open(&path), TimeZone::get(zone).expect("a zone"));
        let (lena, ben) = (cache(&db, "lena"), cache(&db, "ben"));
        let mut events = BTreeMap::new();
        for change in changes {
            match &change {
                Change::Upsert(event) => drop(events.insert(event.id.clone(), event.clone())),
                Change::Removed(id) => drop(events.remove(id)),
            }
            wait(lena.asking().apply(Changes::Events(vec![change]), None)).expect("applied");
        }
        for (typed, days, most) in &asked {
            let expected = recount(&events, typed, &zone);
            let day = date(2026, 2, 25).saturating_add(jiff::Span::new().days(*days));
            let all = find(&lena, typed, &zone, day, 100);
            prop_assert!(!all.is_cut);
            let places: Vec<Place> = all.hits.iter().map(|hit| place(&events[&hit.event], &zone)).collect();
            prop_assert_eq!(&places, &expected.iter().map(|(place, _)| *place).collect::<Vec<_>>());
            let mut ids: Vec<_> = all.hits.iter().map(|hit| hit.event.clone()).collect();
            ids.sort();
            ids.dedup();
            prop_assert_eq!(ids.len(), expected.len(), "each once");
            prop_assert!(all.hits.iter().zip(&places).all(|(hit, place)| hit.day == place.0));
            let nearest = places.iter().position(|place| place.0 >= day).unwrap_or(places.len().saturating_sub(1));
            prop_assert_eq!(all.nearest, nearest);
            // Only some of them: those next to the day.
            let some = find(&lena, typed, &zone, day, *most);
            prop_assert_eq!(some.hits.len(), expected.len().min(*most));
            prop_assert_eq!(some.is_cut, expected.len() > *most);
            prop_assert_eq!(some.hits.get(some.nearest), all.hits.get(all.nearest));
            let first = all.hits.iter().position(|hit| Some(hit) == some.hits.first()).unwrap_or(0);
            prop_assert_eq!(&some.hits[..], &all.hits[first..first + some.hits.len()]);
            prop_assert!(find(&ben, typed, &zone, day, 100).hits.is_empty(), "they are somebody else's");
        }
        // A cache of a release that had no texts for this gets them when it is opened.
        drop((lena, ben, db));
        let file = rusqlite::Connection::open(&path).expect("the file");
        file.execute_batch("DROP TABLE event_texts; PRAGMA user_version = 6;").expect("as it was");
        drop(file);
        let lena = cache(&open(&path), "lena");
        for (typed, ..) in asked {
            let found = find(&lena, &typed, &zone, date(2026, 3, 1), 100).hits.len();
            prop_assert_eq!(found, recount(&events, &typed, &zone).len());
        }
    }
}
