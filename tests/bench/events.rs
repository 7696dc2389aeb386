//! Looking for events in the calendar, as it is typed: the whole answer to each key, over ten thousand events with up to a dozen
//! people each.
//!
//! The floor is SQLite asked for the same words as a part of the same columns, in small ASCII letters only and without making an
//! answer of it. Nobody waits for it on the way from a key to a frame; it is to be there within one all the same.

use crate::measure::{line, median, percentile, ratio, times};
use deskbell::base::activity::Activity;
use deskbell::db::{Cache, Changes, Db, Ongoing, Standing};
use deskbell::domain::account::AccountKey;
use deskbell::domain::change::Change;
use deskbell::domain::event::{Attendee, CalendarId, Event, EventId, Response, When};
use deskbell::domain::mail::{Importance, Recipient};
use deskbell::domain::query::fold;
use deskbell::domain::time::Span;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::path::Path;
use std::time::Duration;

const EVENTS: usize = 10_000;
/// A frame.
const KEY: Duration = Duration::from_millis(16);
const RUNS: usize = 9;
/// What is typed letter by letter: a common word, a rare one, several, a person who is invited, accents, what no event has.
const TYPED: [&str; 6] = ["review", "zirconium", "review budget", "person 137", "réunion", "nothing at all"];
const SUBJECTS: [&str; 8] = [
    "Design review",
    "Budget review with the whole team",
    "Réunion d’équipe",
    "Stand-up",
    "One to one",
    "Quarterly planning, second part",
    "Interview",
    "Lunch and learn: what we found",
];

/// Runs all of it.
pub fn run() {
    let runtime = crate::house::runtime();
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = folder.path().join("cache.db");
    let db = Db::open(&path, &Activity::default()).expect("a cache").db;
    let cache = runtime.block_on(async {
        let key = AccountKey { tenant: "t".to_owned(), object: "o".to_owned() };
        let cache = db.cache(&key).await.expect("an account");
        for first in (0..EVENTS).step_by(500) {
            let rows = (first..first + 500).map(|number| Change::Upsert(event(number))).collect();
            cache.asking().apply(Changes::Events(rows), None).await.expect("written");
        }
        cache
    });
    line(&format!("  {EVENTS} events"));
    let find = |text: &str| runtime.block_on(find(&cache, text));
    assert_eq!(find("zirconium"), 2, "every hit is found");
    assert_eq!(find("reunion"), 1_000, "accents or not");
    let mut keys = Vec::new();
    for text in TYPED {
        let ours = times(RUNS, || _ = find(text));
        let floor = times(RUNS, || plain_find(&path, text));
        ratio(&format!("find {text} ({} hits)", find(text)), median(&ours), median(&floor), None);
        let ends = text.char_indices().map(|(at, letter)| at + letter.len_utf8());
        keys.extend(ends.map(|end| median(&times(3, || _ = find(&text[..end])))));
    }
    keys.sort();
    ratio("a key to all hits, median", median(&keys), KEY, Some(1.0));
    ratio("  slowest", percentile(&keys, 100), KEY, Some(1.0));
}

async fn find(cache: &Cache, text: &str) -> usize {
    let words = text.split_whitespace().map(fold).collect();
    let day = (Timestamp::UNIX_EPOCH + SignedDuration::from_hours(495_000)).to_zoned(TimeZone::UTC).date();
    let standing = Standing { day, zone: TimeZone::UTC, most: 1_000 };
    cache.find_events(words, standing, &Ongoing::default()).await.expect("an answer").hits.len()
}

fn event(number: usize) -> Event {
    let person = |number: usize| Recipient {
        name: format!("Person {}", number % 331),
        address: format!("person{}@contoso.com", number % 331),
    };
    let hours = i64::try_from(number).unwrap_or_default();
    let start = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(490_000 + hours);
    let rare = if number.is_multiple_of(9_001) { " about zirconium" } else { "" };
    Event {
        id: EventId(format!(
            "AAMkAGI2TG93AAA-an-id-as-long-as-they-are-{number:08}-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        )),
        calendar: CalendarId("main".to_owned()),
        series: None,
        subject: format!("{}{rare}", SUBJECTS[number * 7 % SUBJECTS.len()]),
        when: When::Timed(Span { start, end: start + SignedDuration::from_mins(50) }),
        show_as: None,
        location: format!("Room {}", number % 40),
        preview: "What this is about, in as many words as the service tells of the text of an event in its lists. "
            .repeat(2),
        is_cancelled: false,
        is_private: false,
        is_organizer: false,
        response: Response::Accepted,
        organizer: Some(person(number)),
        attendees: (0..number % 13)
            .map(|guest| Attendee {
                recipient: person(number * 17 + guest * 5),
                is_optional: guest > 4,
                is_resource: false,
                response: Response::None,
            })
            .collect(),
        join_url: Some(format!("https://teams.microsoft.com/l/meetup-join/19%3ameeting_{number:040}")),
        web_link: Some(format!("https://outlook.office365.com/owa/?itemid={number:080}&exvsurl=1&path=/calendar/item")),
        categories: Vec::new(),
        importance: Importance::Normal,
        has_attachments: false,
    }
}

fn plain_find(path: &Path, text: &str) {
    let connection = rusqlite::Connection::open(path).expect("the file");
    let word = format!("%{}%", text.split_whitespace().next().unwrap_or_default());
    let sql = "SELECT count(*) FROM events WHERE subject LIKE ?1 OR location LIKE ?1 OR organizer_name LIKE ?1
               OR organizer_address LIKE ?1 OR attendees LIKE ?1";
    let hits: i64 = connection.query_row(sql, [word], |row| row.get(0)).expect("a count");
    std::hint::black_box(hits);
}
