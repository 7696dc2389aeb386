//! The simulated tenant's calendars, free/busy, directory, presence, mail tips and settings, asked as Graph is asked.
//!
//! No HTTP here: the areas are the same behind a socket and inside a batch.

use deskbell::base::clock::CrankedClock;
use deskbell::base::ids::SeededIds;
use deskbell::sim::graph;
use deskbell::sim::graph::calendar::recurrence::{Pattern, Range, Recurrence};
use deskbell::sim::graph::calendar::store::{Day, Details};
use deskbell::sim::request::{Answer, Body, Caller, Request};
use deskbell::sim::world::{World, WorldOptions};
use deskbell::sim::zones::Zone;
use jiff::civil::{Date, Weekday, date};
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A world, its clock, and who asks with what.
struct Bench {
    world: World,
    clock: CrankedClock,
    person: &'static str,
    scopes: &'static str,
    prefer: String,
    eventual: bool,
}

const ALL: &str = "calendars.read calendars.read.shared user.read user.readbasic.all presence.read.all \
    mailtips.readbasic.shared people.read mailboxsettings.readwrite";

impl Bench {
    fn new() -> Self {
        Self::with(WorldOptions::default())
    }

    fn with(options: WorldOptions) -> Self {
        let now: Timestamp = "2026-11-23T09:12:00Z".parse().unwrap();
        let clock = CrankedClock::at(now.into());
        let world = World::new(Arc::new(clock.clone()), Arc::new(SeededIds::new(1)), options);
        Self { world, clock, person: "lena", scopes: ALL, prefer: String::new(), eventual: false }
    }

    fn index(&self, alias: &str) -> usize {
        self.world.company.find(alias).unwrap()
    }

    fn send(&mut self, method: &str, address: &str, body: Value) -> Answer {
        let address = address.strip_prefix("http://graph/v1.0").unwrap_or(address);
        let url = url::Url::parse(&format!("http://graph{address}")).unwrap();
        let decode = |text: &str| {
            url::form_urlencoded::parse(format!("x={}", text.replace('+', "%2B")).as_bytes())
                .next()
                .unwrap()
                .1
                .into_owned()
        };
        let mut headers = vec![("prefer".to_owned(), self.prefer.clone())];
        if self.eventual {
            headers.push(("consistencylevel".to_owned(), "eventual".to_owned()));
        }
        let request = Request {
            method: method.to_owned(),
            path: url.path_segments().unwrap().map(decode).collect(),
            query: url.query_pairs().map(|(name, value)| (name.to_lowercase(), value.into_owned())).collect(),
            headers,
            body,
            caller: Caller {
                person: Some(self.world.person(self.index(self.person)).id.clone()),
                granted: self.scopes.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>(),
                ..Caller::default()
            },
            base: "http://graph".to_owned(),
        };
        graph::answer(&mut self.world, &request)
    }

    fn get(&mut self, address: &str) -> Value {
        let answer = self.send("GET", address, Value::Null);
        assert_eq!(answer.status, 200, "{address}: {answer:?}");
        json_of(answer)
    }

    /// Status and error code.
    fn refusal(&mut self, method: &str, address: &str, body: Value) -> (u16, String) {
        let answer = self.send(method, address, body);
        let status = answer.status;
        (status, json_of(answer)["error"]["code"].as_str().unwrap_or_default().to_owned())
    }

    /// Every page of a list, and the link behind the last one.
    fn pages(&mut self, address: &str) -> (Vec<Value>, String) {
        let mut rows = Vec::new();
        let mut next = address.to_owned();
        for _ in 0..500 {
            let page = self.get(&next);
            rows.extend(page["value"].as_array().unwrap().iter().cloned());
            match page["@odata.nextLink"].as_str() {
                Some(link) => next = link.to_owned(),
                None => return (rows, page["@odata.deltaLink"].as_str().unwrap_or_default().to_owned()),
            }
        }
        panic!("{address} never ends");
    }

    /// Puts an event into somebody's calendar.
    fn add(&mut self, alias: &str, details: Details) -> String {
        let person = self.index(alias);
        let now = self.clock_now();
        self.world.calendar.mailbox(person).unwrap().add(0, "uid", details, now)
    }

    fn clock_now(&self) -> Timestamp {
        Timestamp::try_from(self.world.now()).unwrap()
    }
}

fn json_of(answer: Answer) -> Value {
    match answer.body {
        Body::Json(value) => value,
        other => panic!("not JSON: {other:?}"),
    }
}

fn starts(rows: &[Value], subject: &str) -> Vec<String> {
    let of = rows.iter().filter(|row| row["subject"] == subject);
    of.map(|row| row["start"]["dateTime"].as_str().unwrap()[..16].to_owned()).collect()
}

fn series(subject: &str, zone: &str, first: Date, hour: i8, days: &[Weekday]) -> Details {
    let start = first.at(hour, 0, 0, 0);
    let pattern = Pattern::Weekly { days: days.to_vec(), first_day: Weekday::Monday };
    Details {
        recurrence: Some(Recurrence::new(pattern, 1, Range::NoEnd, first)),
        ..Details::new(subject, start, first.at(hour + 1, 0, 0, 0), Zone::named(zone).unwrap())
    }
}

fn single(subject: &str, zone: &str, day: Date, hour: i8) -> Details {
    let start = day.at(hour, 0, 0, 0);
    Details::new(subject, start, start.saturating_add(1.hour()), Zone::named(zone).unwrap())
}

const WEEK: &str = "startDateTime=2026-11-23T00:00:00Z&endDateTime=2026-11-30T00:00:00Z";

#[test]
fn a_series_crosses_daylight_saving_in_its_own_zone() {
    let mut bench = Bench::new();
    bench.add("lena", series("Madrid nine", "Europe/Madrid", date(2026, 10, 19), 9, &[Weekday::Monday]));
    bench.add("lena", series("New York nine", "Eastern Standard Time", date(2026, 10, 19), 9, &[Weekday::Monday]));
    let (rows, _) = bench.pages("/me/calendarView?startDateTime=2026-10-19&endDateTime=2026-11-10&$top=100");
    // Europe goes back on 25 October, the United States on 1 November.
    assert_eq!(
        starts(&rows, "Madrid nine"),
        ["2026-10-19T07:00", "2026-10-26T08:00", "2026-11-02T08:00", "2026-11-09T08:00"]
    );
    assert_eq!(
        starts(&rows, "New York nine"),
        ["2026-10-19T13:00", "2026-10-26T13:00", "2026-11-02T14:00", "2026-11-09T14:00"]
    );
    let (rows, _) = bench.pages("/me/calendarView?startDateTime=2027-03-08&endDateTime=2027-03-31&$top=100");
    // Forward on 14 March in the United States, on 28 March in Europe.
    assert_eq!(
        starts(&rows, "New York nine"),
        ["2027-03-08T14:00", "2027-03-15T13:00", "2027-03-22T13:00", "2027-03-29T13:00"]
    );
    assert_eq!(
        starts(&rows, "Madrid nine"),
        ["2027-03-08T08:00", "2027-03-15T08:00", "2027-03-22T08:00", "2027-03-29T07:00"]
    );
}

#[test]
fn a_time_that_the_clocks_skip_is_moved_behind_the_gap() {
    let mut bench = Bench::new();
    bench.add("lena", series("Night", "Europe/Madrid", date(2027, 3, 21), 2, &[Weekday::Sunday]));
    let (rows, _) = bench.pages("/me/calendarView?startDateTime=2027-03-20&endDateTime=2027-04-05&$top=100");
    assert_eq!(starts(&rows, "Night"), ["2027-03-21T01:00", "2027-03-28T01:00", "2027-04-04T00:00"]);
}

#[test]
fn exceptions_move_and_cancelled_days_are_gone() {
    let mut bench = Bench::new();
    let first = date(2026, 11, 23);
    let id = bench.add("lena", series("Sync", "Europe/Madrid", first, 9, &[Weekday::Monday, Weekday::Wednesday]));
    let (person, now) = (bench.index("lena"), bench.clock_now());
    let mailbox = bench.world.calendar.mailbox(person).unwrap();
    let moved = Day::Changed {
        start: date(2026, 11, 27).at(15, 0, 0, 0),
        end: date(2026, 11, 27).at(16, 0, 0, 0),
        subject: Some("Sync, late".to_owned()),
    };
    assert!(mailbox.change_day(&id, date(2026, 11, 25), moved, now));
    assert!(mailbox.change_day(&id, date(2026, 11, 30), Day::Cancelled, now));
    let (rows, _) = bench.pages("/me/calendarView?startDateTime=2026-11-23&endDateTime=2026-12-05&$top=100");
    assert_eq!(starts(&rows, "Sync"), ["2026-11-23T08:00", "2026-12-02T08:00"]);
    assert_eq!(starts(&rows, "Sync, late"), ["2026-11-27T14:00"]);
    let late = rows.iter().find(|row| row["subject"] == "Sync, late").unwrap();
    assert_eq!(late["type"], "exception");
    assert_eq!(late["originalStart"], "2026-11-25T08:00:00Z");
    assert_eq!(late["seriesMasterId"], json!(id));
    assert!(late["recurrence"].is_null());
    let again = bench.get(&format!("/me/events/{}", late["id"].as_str().unwrap()));
    assert_eq!(again["subject"], "Sync, late");
    let master = bench.get(&format!("/me/events/{id}?$select=subject,recurrence,cancelledOccurrences"));
    assert_eq!(master["recurrence"]["range"]["startDate"], "2026-11-23");
    assert_eq!(master["cancelledOccurrences"].as_array().unwrap().len(), 1);
    let window = "startDateTime=2026-11-23&endDateTime=2026-12-05";
    assert_eq!(bench.get(&format!("/me/events/{id}/instances?{window}"))["value"].as_array().unwrap().len(), 3);
}

#[test]
fn whole_days_float_and_are_matched_as_midnights_of_utc() {
    let mut bench = Bench::new();
    let details = Details {
        all_day: true,
        ..Details::new(
            "Fair",
            date(2026, 11, 25).at(0, 0, 0, 0),
            date(2026, 11, 26).at(0, 0, 0, 0),
            Zone::named("Asia/Tokyo").unwrap(),
        )
    };
    bench.add("lena", details);
    // Tokyo's 25th ends at 15:00 UTC; the day is found behind that all the same.
    let evening = "/me/calendarView?startDateTime=2026-11-25T20:00:00Z&endDateTime=2026-11-25T23:00:00Z&$top=50";
    bench.prefer = "outlook.timezone=\"Tokyo Standard Time\"".to_owned();
    let fair = bench.get(evening)["value"].as_array().unwrap().iter().find(|row| row["subject"] == "Fair").cloned();
    let fair = fair.expect("the whole day is in the evening's window");
    assert_eq!(fair["start"], json!({"dateTime": "2026-11-25T00:00:00.0000000", "timeZone": "Tokyo Standard Time"}));
    assert_eq!(fair["end"]["dateTime"], "2026-11-26T00:00:00.0000000");
    let before = "/me/calendarView?startDateTime=2026-11-24T16:00:00Z&endDateTime=2026-11-25T00:00:00Z&$top=50";
    let (rows, _) = bench.pages(before);
    assert!(starts(&rows, "Fair").is_empty(), "it is Tokyo's 25th already, yet not that of UTC");
}

#[test]
fn zones_are_preferred_by_windows_and_by_iana_names() {
    let mut bench = Bench::new();
    bench.add("lena", single("Call", "Europe/Madrid", date(2026, 11, 24), 18));
    for (name, start) in [
        ("Europe/Madrid", "2026-11-24T18:00"),
        ("Romance Standard Time", "2026-11-24T18:00"),
        ("Asia/Kolkata", "2026-11-24T22:30"),
        ("India Standard Time", "2026-11-24T22:30"),
    ] {
        bench.prefer = format!("odata.maxpagesize=500, outlook.timezone=\"{name}\"");
        let answer = bench.send("GET", &format!("/me/calendarView?{WEEK}"), Value::Null);
        let applied = answer.headers.iter().find(|(header, _)| header == "Preference-Applied").unwrap().1.clone();
        assert!(applied.contains(name), "{applied}");
        let rows = json_of(answer);
        assert_eq!(starts(rows["value"].as_array().unwrap(), "Call"), [start], "{name}");
    }
    bench.prefer = "outlook.timezone=\"Atlantis Standard Time\"".to_owned();
    let refusal = bench.refusal("GET", &format!("/me/calendarView?{WEEK}"), Value::Null);
    assert_eq!(refusal, (400, "TimeZoneNotSupportedException".to_owned()));
}

#[test]
fn a_window_is_required_counts_its_offsets_and_has_a_limit() {
    let mut bench = Bench::new();
    bench.add("lena", single("Early", "UTC", date(2026, 11, 23), 23));
    assert_eq!(bench.refusal("GET", "/me/calendarView", Value::Null).0, 400);
    let five_years = "/me/calendarView?startDateTime=2026-01-01T00:00:00Z&endDateTime=2030-12-31T00:00:00Z";
    assert_eq!(bench.get(five_years)["value"].as_array().unwrap().len(), 10);
    let more = "/me/calendarView?startDateTime=2026-01-01T00:00:00Z&endDateTime=2030-12-31T00:00:01Z";
    assert_eq!(bench.refusal("GET", more, Value::Null), (400, "ErrorInvalidRequest".to_owned()));
    let madrid = "startDateTime=2026-11-24T00:00:00%2B01:00&endDateTime=2026-11-25T00:00:00%2B01:00";
    let (rows, _) = bench.pages(&format!("/me/calendarView?{madrid}&$top=50"));
    assert_eq!(starts(&rows, "Early"), ["2026-11-23T23:00"]);
    let utc = "startDateTime=2026-11-24T00:00:00&endDateTime=2026-11-25T00:00:00";
    let (rows, _) = bench.pages(&format!("/me/calendarView?{utc}&$top=50"));
    assert!(starts(&rows, "Early").is_empty());
}

#[test]
fn select_leaves_out_what_it_does_not_name() {
    let mut bench = Bench::new();
    let page = bench.get(&format!("/me/calendarView?{WEEK}&$select=subject,createdDateTime,onlineMeeting&$top=1"));
    let row = page["value"][0].as_object().unwrap();
    assert!(row.contains_key("id") && row.contains_key("subject"));
    assert!(!row.contains_key("body") && !row.contains_key("createdDateTime"));
    assert_eq!(page["value"].as_array().unwrap().len(), 1);
    assert!(page["@odata.nextLink"].is_string());
    let (rows, _) = bench
        .pages(&format!("/me/calendarView?{WEEK}&$filter=subject eq 'Stand-up'&$select=isOnlineMeeting,onlineMeeting"));
    assert!(rows[0]["onlineMeeting"]["joinUrl"].is_string());
    let without = bench.get(&format!("/me/calendarView?{WEEK}&$filter=subject eq 'Stand-up'&$select=onlineMeeting"));
    assert!(without["value"][0]["onlineMeeting"].is_null());
}

#[test]
fn the_demo_week_has_something_of_everything() {
    let mut bench = Bench::new();
    let (rows, _) = bench.pages(&format!("/me/calendarView?{WEEK}&$top=100"));
    let any = |wanted: &dyn Fn(&Value) -> bool| rows.iter().any(wanted);
    assert!(rows.len() > 30, "{}", rows.len());
    assert!(any(&|row| row["type"] == "occurrence") && any(&|row| row["isAllDay"] == true));
    assert!(any(&|row| row["responseStatus"]["response"] == "notResponded"));
    assert!(any(&|row| row["sensitivity"] == "private") && any(&|row| row["isCancelled"] == true));
    for show in ["busy", "tentative", "oof", "workingElsewhere", "free"] {
        assert!(any(&|row| row["showAs"] == show), "{show}");
    }
    assert_eq!(starts(&rows, "Budget review Q1"), ["2026-11-23T09:30"]);
    assert_eq!(starts(&rows, "Roadmap sync"), ["2026-11-24T14:30"]);
}

#[test]
fn every_day_of_a_year_finds_a_busy_demo() {
    for step in 0..8 {
        let now: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let now = now.saturating_add(jiff::SignedDuration::from_hours(24 * 47 * step)).unwrap();
        let mut bench = Bench::new();
        bench.clock = CrankedClock::at(now.into());
        bench.world = World::new(Arc::new(bench.clock.clone()), Arc::new(SeededIds::new(1)), WorldOptions::default());
        let end = now.saturating_add(jiff::SignedDuration::from_hours(24 * 7)).unwrap();
        let (rows, _) = bench.pages(&format!("/me/calendarView?startDateTime={now}&endDateTime={end}&$top=200"));
        assert!(rows.len() > 25, "{now}: {}", rows.len());
        let away = bench.index("priya");
        assert!(bench.world.settings.of(away).replying(now), "{now}");
        let eva = bench.index("eva");
        assert!(bench.world.settings.of(eva).replying(now), "{now}");
    }
}

#[test]
fn a_delta_tells_masters_stubs_and_then_only_what_changed() {
    let mut bench = Bench::new();
    let id = bench.add("lena", series("Sync", "Europe/Madrid", date(2026, 11, 23), 9, &[Weekday::Monday]));
    let lone = bench.add("lena", single("Lone", "Europe/Madrid", date(2026, 11, 24), 9));
    bench.prefer = "odata.maxpagesize=7".to_owned();
    let window = "startDateTime=2026-11-23T00:00:00Z&endDateTime=2026-12-14T00:00:00Z";
    let (rows, link) = bench.pages(&format!("/me/calendarView/delta?{window}"));
    let ids: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rows.len(), "no row comes twice");
    let master = rows.iter().find(|row| row["id"] == json!(id)).unwrap();
    assert_eq!((&master["type"], master["recurrence"].is_object()), (&json!("seriesMaster"), true));
    let stubs: Vec<&Value> = rows.iter().filter(|row| row["seriesMasterId"] == json!(id)).collect();
    assert_eq!(stubs.len(), 3);
    let members: Vec<&String> = stubs[0].as_object().unwrap().keys().collect();
    assert_eq!(members, ["@odata.etag", "@odata.type", "end", "id", "seriesMasterId", "start", "type"]);

    let (rows, link) = bench.pages(&link);
    assert!(rows.is_empty(), "nothing has changed");

    let (person, now) = (bench.index("lena"), bench.clock_now());
    let second = stubs[1]["id"].as_str().unwrap().to_owned();
    let mailbox = bench.world.calendar.mailbox(person).unwrap();
    assert!(mailbox.remove(&lone, now));
    assert!(mailbox.remove(&second, now));
    let (rows, link) = bench.pages(&link);
    let gone: Vec<&Value> =
        rows.iter().filter(|row| row["@removed"]["reason"] == "deleted").map(|row| &row["id"]).collect();
    assert_eq!(gone, [&json!(second), &json!(lone)]);

    let mailbox = bench.world.calendar.mailbox(person).unwrap();
    assert!(mailbox.change(&id, now, |details| details.subject = "Sync, new".to_owned()));
    let (rows, link) = bench.pages(&link);
    assert_eq!(rows.len(), 4, "master and all three days: a change of the whole forgets its exceptions");
    assert_eq!(rows[0]["subject"], "Sync, new");

    let mailbox = bench.world.calendar.mailbox(person).unwrap();
    assert!(mailbox.change(&id, now, |details| {
        let first = date(2026, 11, 24);
        *details = series("Sync, on Tuesdays", "Europe/Madrid", first, 9, &[Weekday::Tuesday]);
    }));
    let (rows, link) = bench.pages(&link);
    assert_eq!(rows.iter().filter(|row| row["@removed"].is_object()).count(), 3, "the Mondays go");
    assert_eq!(rows.iter().filter(|row| row["type"] == "occurrence").count(), 3, "the Tuesdays come");

    let mailbox = bench.world.calendar.mailbox(person).unwrap();
    assert!(mailbox.change(&id, now, |details| {
        details.recurrence = None;
        details.start = date(2027, 5, 1).at(9, 0, 0, 0);
        details.end = date(2027, 5, 1).at(10, 0, 0, 0);
    }));
    let (rows, link) = bench.pages(&link);
    assert!(rows.iter().any(|row| row["id"] == json!(id) && row["@removed"].is_object()), "moved out of the window");

    bench.world.calendar.expire_deltas();
    assert_eq!(bench.refusal("GET", &link, Value::Null), (410, "SyncStateNotFound".to_owned()));
}

#[test]
fn a_delta_refuses_what_it_cannot_do_and_links_it_never_gave() {
    let mut bench = Bench::new();
    for option in ["$select=subject", "$filter=subject eq 'x'", "$top=5", "$orderby=subject"] {
        assert_eq!(bench.refusal("GET", &format!("/me/calendarView/delta?{WEEK}&{option}"), Value::Null).0, 400);
    }
    assert_eq!(bench.refusal("GET", "/me/calendarView/delta?$deltatoken=abc", Value::Null).0, 410);
    let (_, link) = bench.pages(&format!("/me/calendarView/delta?{WEEK}"));
    let other = link.replace("/me/", "/users/ana@contoso.com/");
    assert_eq!(bench.refusal("GET", &other, Value::Null).0, 410, "a link belongs to one mailbox");
}

#[test]
fn a_deleted_day_can_be_forgotten_by_the_delta() {
    let mut bench = Bench::new();
    let id = bench.add("lena", series("Sync", "Europe/Madrid", date(2026, 11, 23), 9, &[Weekday::Monday]));
    bench.world.calendar.forget_deleted_days = true;
    let (_, link) = bench.pages(&format!("/me/calendarView/delta?{WEEK}"));
    let (person, now) = (bench.index("lena"), bench.clock_now());
    bench.world.calendar.mailbox(person).unwrap().change_day(&id, date(2026, 11, 23), Day::Cancelled, now);
    let (rows, _) = bench.pages(&link);
    assert!(rows.iter().all(|row| row["@removed"].is_null()), "{rows:?}");
}

#[test]
fn changes_between_two_pages_come_with_the_next_round() {
    let mut bench = Bench::new();
    let (person, now) = (bench.index("lena"), bench.clock_now());
    bench.prefer = "odata.maxpagesize=5".to_owned();
    let first = bench.get(&format!("/me/calendarView/delta?{WEEK}"));
    let seen = first["value"][0]["id"].as_str().unwrap().to_owned();
    bench.world.calendar.mailbox(person).unwrap().change(&seen, now, |details| details.subject = "Other".to_owned());
    let (rest, link) = bench.pages(first["@odata.nextLink"].as_str().unwrap());
    assert!(rest.iter().all(|row| row["id"] != json!(seen)));
    let (rows, _) = bench.pages(&link);
    assert!(rows.iter().any(|row| row["id"] == json!(seen) && row["subject"] == "Other"));
}

fn ask(addresses: &[&str], start: &str, end: &str, interval: i64) -> Value {
    json!({"schedules": addresses, "availabilityViewInterval": interval,
        "startTime": {"dateTime": start, "timeZone": "UTC"}, "endTime": {"dateTime": end, "timeZone": "UTC"}})
}

const ASK: &str = "/me/calendar/getSchedule";

#[test]
fn free_busy_has_limits() {
    let mut bench = Bench::new();
    let many: Vec<String> = (0..21).map(|number| format!("p{number}@contoso.com")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let too_big = (400, "ErrorTimeIntervalTooBig".to_owned());
    let day = ("2026-11-24T00:00:00", "2026-11-25T00:00:00");
    assert_eq!(bench.refusal("POST", ASK, ask(&many, day.0, day.1, 30)), too_big);
    assert_eq!(bench.send("POST", ASK, ask(&many[..20], day.0, day.1, 30)).status, 200);
    let long = ask(&["ana@contoso.com"], "2026-11-01T00:00:00", "2027-01-02T00:00:00", 30);
    assert_eq!(bench.refusal("POST", ASK, long), too_big);
    let fits = ask(&["ana@contoso.com"], "2026-11-01T00:00:00", "2027-01-01T23:00:00", 30);
    assert_eq!(bench.send("POST", ASK, fits).status, 200);
    assert_eq!(bench.refusal("POST", ASK, ask(&["ana@contoso.com"], day.0, day.1, 4)).0, 400);
    bench.scopes = "user.read";
    assert_eq!(bench.refusal("POST", ASK, ask(&["ana@contoso.com"], day.0, day.1, 30)).0, 403);
}

#[test]
fn digits_show_the_strongest_of_each_slot() {
    let mut bench = Bench::new();
    let day = date(2027, 1, 3); // a Sunday on which nobody of the company works
    let person = bench.index("zoe");
    let put = |bench: &mut Bench, show: &str, from: (i8, i8), to: (i8, i8)| {
        let utc = Zone::utc();
        let details = Details {
            show: show.to_owned(),
            ..Details::new(show, day.at(from.0, from.1, 0, 0), day.at(to.0, to.1, 0, 0), utc)
        };
        let now = bench.clock_now();
        bench.world.calendar.mailbox(person).unwrap().add(0, "uid", details, now);
    };
    put(&mut bench, "tentative", (9, 0), (10, 0));
    put(&mut bench, "busy", (9, 30), (10, 0));
    put(&mut bench, "oof", (10, 29), (10, 31));
    put(&mut bench, "workingElsewhere", (11, 0), (12, 0));
    put(&mut bench, "tentative", (11, 30), (12, 0));
    put(&mut bench, "free", (12, 0), (12, 30));
    let body = ask(&["ZOE@contoso.com"], "2027-01-03T09:00:00", "2027-01-03T12:45:00", 30);
    let row = json_of(bench.send("POST", ASK, body.clone()))["value"][0].clone();
    assert_eq!(row["scheduleId"], "ZOE@contoso.com");
    assert_eq!(row["availabilityView"], "12334100", "the last slot is a part of one");
    assert_eq!(row["scheduleItems"].as_array().unwrap().len(), 6);
    bench.world.options.quirks = true;
    let row = json_of(bench.send("POST", ASK, body))["value"][0].clone();
    assert_eq!(row["availabilityView"], "12330100", "newer pages show working elsewhere as free");
    assert_eq!(row["scheduleItems"][0]["status"], "Tentative");
}

#[test]
fn one_sees_as_much_as_the_other_shares() {
    let mut bench = Bench::new();
    let day = date(2027, 1, 3);
    for alias in ["zoe", "ben", "lena"] {
        bench.add(alias, single("Open", "UTC", day, 9));
        let secret = Details { sensitivity: "private".to_owned(), ..single("Secret", "UTC", day, 11) };
        bench.add(alias, secret);
    }
    let asked = [
        "zoe@contoso.com",
        "ben@contoso.com",
        "lena@contoso.com",
        "hugo@contoso.com",
        "noah@contoso.com",
        "nobody@contoso.com",
    ];
    let body = ask(&asked, "2027-01-03T08:00:00", "2027-01-03T13:00:00", 60);
    let rows = json_of(bench.send("POST", ASK, body))["value"].as_array().unwrap().clone();
    assert_eq!(rows.iter().map(|row| row["scheduleId"].as_str().unwrap()).collect::<Vec<_>>(), asked);
    let items = |row: usize| rows[row]["scheduleItems"].as_array().unwrap().clone();
    assert!(items(0).iter().all(|item| item["subject"].is_null() && item.get("isPrivate").is_none()), "free/busy only");
    assert_eq!((&items(1)[0]["subject"], &items(1)[0]["isPrivate"]), (&json!("Open"), &json!(false)));
    assert!(items(1)[1].get("subject").is_none() && items(1)[1]["isPrivate"] == true, "limited, but private");
    assert_eq!(items(2)[1]["subject"], "Secret", "one's own is always whole");
    for row in &rows[3..] {
        assert!(row["error"]["responseCode"].is_string() && row["availabilityView"].is_null(), "{row}");
    }
    assert_eq!(rows[0]["availabilityView"], "02020");
}

#[test]
fn working_hours_come_in_every_form() {
    let mut bench = Bench::new();
    let asked = ["lena@contoso.com", "ben@contoso.com", "peter@contoso.com", "leo@contoso.com", "noor@contoso.com"];
    let body = ask(&asked, "2026-11-24T00:00:00", "2026-11-25T00:00:00", 60);
    let rows = json_of(bench.send("POST", ASK, body))["value"].as_array().unwrap().clone();
    assert_eq!(rows[0]["workingHours"]["timeZone"]["name"], "Europe/Madrid");
    assert_eq!(rows[1]["workingHours"]["timeZone"]["name"], "GMT Standard Time");
    let custom = &rows[2]["workingHours"]["timeZone"];
    assert_eq!((&custom["@odata.type"], &custom["bias"]), (&json!("#microsoft.graph.customTimeZone"), &json!(360)));
    assert_eq!(custom["daylightOffset"]["daylightBias"], -60);
    assert!(rows[3]["workingHours"].is_null());
    assert_eq!(rows[4]["workingHours"]["daysOfWeek"][0], "sunday");
}

#[test]
fn whole_days_lie_in_their_owners_zone_in_free_busy() {
    let mut bench = Bench::new();
    let body = ask(&["priya@contoso.com"], "2026-11-19T00:00:00", "2026-12-05T00:00:00", 60);
    let row = json_of(bench.send("POST", ASK, body))["value"][0].clone();
    let leave = row["scheduleItems"].as_array().unwrap().iter().find(|item| item["status"] == "oof").unwrap().clone();
    assert_eq!(leave["start"]["dateTime"], "2026-11-19T18:30:00.0000000", "midnight of the 20th in Kolkata");
}

#[test]
fn calendars_of_others_open_as_far_as_they_are_shared() {
    let mut bench = Bench::new();
    let view = |who: &str| format!("/users/{who}@contoso.com/calendarView?{WEEK}&$top=100");
    let (full, _) = bench.pages(&view("ana"));
    let hold = full.iter().find(|row| row["sensitivity"] == "private").unwrap();
    assert_eq!(hold["subject"], "Private Appointment");
    assert!(full.iter().any(|row| row["attendees"].as_array().is_some_and(|all| !all.is_empty())));
    let (limited, _) = bench.pages(&view("ben"));
    assert!(limited.iter().all(|row| row["attendees"].as_array().is_some_and(Vec::is_empty)));
    assert_eq!(bench.refusal("GET", &view("grace"), Value::Null), (403, "ErrorAccessDenied".to_owned()));
    assert_eq!(bench.refusal("GET", &view("hugo"), Value::Null), (404, "ErrorItemNotFound".to_owned()));
    assert_eq!(bench.refusal("GET", &view("noah"), Value::Null), (404, "MailboxNotEnabledForRESTAPI".to_owned()));
    bench.scopes = "calendars.read";
    assert_eq!(bench.refusal("GET", &view("ana"), Value::Null).0, 403);
}

#[test]
fn a_directory_search_needs_its_header_on_every_page() {
    let mut bench = Bench::new();
    let search = "/users?$search=\"displayName:s\"&$top=2";
    let unsupported = (400, "Request_UnsupportedQuery".to_owned());
    assert_eq!(bench.refusal("GET", search, Value::Null), unsupported);
    bench.eventual = true;
    let page = bench.get(search);
    assert_eq!(page["value"].as_array().unwrap().len(), 2);
    let next = page["@odata.nextLink"].as_str().unwrap().to_owned();
    bench.eventual = false;
    assert_eq!(bench.refusal("GET", &next, Value::Null), unsupported);
    bench.eventual = true;
    assert!(!bench.get(&next)["value"].as_array().unwrap().is_empty());
    let names = |page: Value| -> Vec<String> {
        page["value"].as_array().unwrap().iter().map(|row| row["displayName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(bench.get("/users?$search=\"displayName:ruiz an\"")), ["Ana Ruiz"]);
    assert!(names(bench.get("/users?$search=\"displayName:uiz\"")).is_empty(), "there is no contains");
    bench.eventual = false;
    assert_eq!(names(bench.get("/users?$filter=startswith(mail,'ana@')")), ["Ana Ruiz"]);
}

#[test]
fn the_basic_scope_gives_basic_members() {
    let mut bench = Bench::new();
    let ana = bench.get("/users/ana@contoso.com");
    assert_eq!(ana["displayName"], "Ana Ruiz");
    assert!(ana.get("jobTitle").is_none() && ana.get("department").is_none());
    assert!(bench.get("/me").get("jobTitle").is_some());
    let reports = bench.get("/me/directReports");
    assert_eq!(reports["value"].as_array().unwrap().len(), 7);
    let denied = (403, "Authorization_RequestDenied".to_owned());
    assert_eq!(bench.refusal("GET", "/me/manager", Value::Null), denied);
    bench.scopes = "user.read user.read.all";
    assert_eq!(bench.get("/me/manager")["displayName"], "Olga Stern");
    assert_eq!(bench.get("/users/ana@contoso.com")["jobTitle"], "Head of Contracts");
    let none = bench.refusal("GET", "/users/ingrid@contoso.com/manager", Value::Null);
    assert_eq!(none, (404, "Request_ResourceNotFound".to_owned()));
    assert_eq!(bench.refusal("GET", "/me/photo/$value", Value::Null), (404, "ImageNotFound".to_owned()));
    assert_eq!(bench.refusal("GET", "/users/who@contoso.com", Value::Null).0, 404);
}

fn tips(bench: &mut Bench, addresses: &[&str]) -> Vec<Value> {
    let body =
        json!({"EmailAddresses": addresses, "MailTipsOptions": "automaticReplies, mailboxFullStatus, recipientScope"});
    json_of(bench.send("POST", "/me/getMailTips", body))["value"].as_array().unwrap().clone()
}

#[test]
fn mail_tips_tell_who_replies_now() {
    let mut bench = Bench::new();
    let asked = [
        "eva@contoso.com",
        "ben@contoso.com",
        "priya@contoso.com",
        "yuki@contoso.com",
        "nadia@contoso.com",
        "dana@fabrikam.com",
        "nobody@contoso.com",
    ];
    let rows = tips(&mut bench, &asked);
    let message = |row: usize| rows[row]["automaticReplies"]["message"].as_str().unwrap().to_owned();
    assert!(message(0).contains("For contracts ask Ana Ruiz."));
    assert_eq!(rows[0]["automaticReplies"]["scheduledEndTime"]["dateTime"], "2026-11-27T22:59:00.0000000");
    assert_eq!(message(1), "", "nobody away is an empty message");
    assert!(message(2).contains("Yuki Tanaka") && rows[2]["automaticReplies"].get("scheduledStartTime").is_none());
    assert_eq!(message(3), "", "a schedule that has ended");
    assert_eq!(message(4), "", "a schedule that has not begun");
    assert_eq!(rows[5]["recipientScope"], "external");
    assert!(rows[5].get("automaticReplies").is_none());
    assert!(rows[6]["error"]["code"].is_string());
    bench.clock.advance(Duration::from_hours(192));
    let rows = tips(&mut bench, &["eva@contoso.com", "nadia@contoso.com"]);
    assert_eq!(rows[0]["automaticReplies"]["message"], "");
    assert!(rows[1]["automaticReplies"]["message"].as_str().unwrap().contains("mountains"));
    bench.scopes = "user.read";
    assert_eq!(bench.refusal("POST", "/me/getMailTips", json!({})).0, 403);
}

#[test]
fn automatic_replies_can_be_set_and_are_seen_by_others() {
    let mut bench = Bench::new();
    let body = |status: &str, end: &str| {
        json!({"automaticRepliesSetting": {"status": status, "internalReplyMessage": "<p>Gone fishing</p>",
            "scheduledStartDateTime": {"dateTime": "2026-11-23T09:00:00", "timeZone": "Europe/Madrid"},
            "scheduledEndDateTime": {"dateTime": end, "timeZone": "Romance Standard Time"}}})
    };
    let wrong = bench.refusal("PATCH", "/me/mailboxSettings", body("scheduled", "2026-11-23T08:00:00"));
    assert_eq!(wrong, (400, "ErrorInvalidTimeSettings".to_owned()));
    let wrong = bench.refusal("PATCH", "/me/mailboxSettings", body("sometimes", "2026-11-24T08:00:00"));
    assert_eq!(wrong, (400, "RequestBodyRead".to_owned()));
    let wrong = bench.refusal("PATCH", "/me/mailboxSettings", json!({"timeZone": "Atlantis"}));
    assert_eq!(wrong, (400, "InvalidTimeZone".to_owned()));
    assert_eq!(bench.get("/me/mailboxSettings/automaticRepliesSetting")["status"], "disabled");
    assert_eq!(bench.send("PATCH", "/me/mailboxSettings", body("scheduled", "2026-11-24T08:00:00")).status, 200);
    bench.person = "ben";
    let rows = tips(&mut bench, &["lena@contoso.com"]);
    assert_eq!(rows[0]["automaticReplies"]["message"], "<p>Gone fishing</p>");
    assert_eq!(rows[0]["automaticReplies"]["scheduledEndTime"]["dateTime"], "2026-11-24T07:00:00.0000000");
    let others = bench.refusal("GET", "/users/lena@contoso.com/mailboxSettings", Value::Null);
    assert_eq!(others, (403, "ErrorAccessDenied".to_owned()));
    assert_eq!(bench.get("/me/mailboxSettings/timeZone")["value"], "GMT Standard Time");
}

#[test]
fn presence_is_for_at_most_650_and_says_what_it_likes() {
    let mut bench = Bench::new();
    let ids: Vec<String> = bench
        .world
        .company
        .people
        .iter()
        .filter(|person| !person.is_outsider())
        .map(|person| person.id.clone())
        .collect();
    let address = "/communications/getPresencesByUserId";
    let rows = json_of(bench.send("POST", address, json!({"ids": ids})))["value"].as_array().unwrap().clone();
    assert_eq!(rows.len(), ids.len());
    let words: BTreeSet<&str> = rows.iter().map(|row| row["availability"].as_str().unwrap()).collect();
    assert!(
        ["Available", "available", "Hologram", "PresenceUnknown"].iter().all(|word| words.contains(word)),
        "{words:?}"
    );
    let many: Vec<&String> = ids.iter().cycle().take(651).collect();
    assert_eq!(bench.refusal("POST", address, json!({"ids": many})).0, 400);
    assert_eq!(bench.refusal("POST", address, json!({"ids": ["lena@contoso.com"]})).0, 400);
    let eva = bench.get("/users/eva@contoso.com/presence");
    assert_eq!(eva["outOfOfficeSettings"]["isOutOfOffice"], true);
    bench.scopes = "presence.read";
    assert_eq!(bench.get("/me/presence")["availability"], "Available");
    assert_eq!(bench.refusal("GET", "/users/eva@contoso.com/presence", Value::Null).0, 403);
}

#[test]
fn suggestions_begin_with_those_one_works_with() {
    let mut bench = Bench::new();
    let page = bench.get("/me/people");
    assert_eq!(page["value"].as_array().unwrap().len(), 10);
    let first = page["value"][0]["userPrincipalName"].as_str().unwrap().to_owned();
    assert!(["tom@contoso.com", "iris@contoso.com", "priya@contoso.com"].contains(&first.as_str()), "{first}");
    let found = bench.get("/me/people?$search=\"oka\"");
    assert_eq!(found["value"][0]["displayName"], "Ben Okafor");
    bench.scopes = "user.read";
    assert_eq!(bench.refusal("GET", "/me/people", Value::Null).0, 403);
}

#[test]
fn ten_thousand_series_open_without_walking_them() {
    let mut bench = Bench::new();
    let days = [Weekday::Monday, Weekday::Tuesday, Weekday::Thursday];
    for number in 0..10_000 {
        let first = date(2001, 1, 1);
        bench.add("lena", series(&format!("S{number}"), "Europe/Madrid", first, 9, &days));
    }
    let day = "startDateTime=2026-11-24T00:00:00Z&endDateTime=2026-11-25T00:00:00Z";
    let page = bench.get(&format!("/me/calendarView?{day}&$top=10&$count=true&$select=subject"));
    assert!(page["@odata.count"].as_u64() > Some(10_000), "{}", page["@odata.count"]);
    assert_eq!(page["value"].as_array().unwrap().len(), 10);
}

#[test]
fn with_quirks_pages_are_empty_rows_repeat_and_words_are_new() {
    let mut bench = Bench::with(WorldOptions { quirks: true, ..WorldOptions::default() });
    bench.prefer = "odata.maxpagesize=7".to_owned();
    let first = bench.get(&format!("/me/calendarView/delta?{WEEK}"));
    assert_eq!(first["value"], json!([]));
    let (rows, link) = bench.pages(first["@odata.nextLink"].as_str().unwrap());
    let ids: BTreeSet<&str> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert!(ids.len() < rows.len(), "some row comes twice");
    let mut plain = Bench::new();
    let (expected, _) = plain.pages(&format!("/me/calendarView/delta?{WEEK}"));
    assert_eq!(ids, expected.iter().map(|row| row["id"].as_str().unwrap()).collect());
    assert!(rows.iter().any(|row| row["showAs"] == "unknownFutureValue"));
    assert!(rows.iter().any(|row| row["showAs"] == "Busy"));
    assert!(rows.iter().any(|row| row.get("unheardOf").is_some()));
    assert!(bench.pages(&link).0.is_empty());
}
