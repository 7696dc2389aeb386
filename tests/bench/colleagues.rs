//! Several people's time over two weeks: the finder, from a key to the finished frame, from the service, and two hundred at once.
//!
//! The store is driven without an engine where drawing is measured, so that nothing but update and frame is in the figure; the way
//! from the service is the engine's, beside the same call sent by hand in the same run.

use crate::house::{self, Home, Program};
use crate::measure::{amount, cpu, median, times};
use deskbell::config::{Glyphs, KeymapData, ThemeData, ThemeName, parse_keys};
use deskbell::domain::account::{AccountKind, Scopes};
use deskbell::domain::freebusy::{Candidate, Part, Schedule, Wanted, find};
use deskbell::domain::mail::Recipient;
use deskbell::domain::me::Me;
use deskbell::domain::notice::Notice;
use deskbell::domain::person::{Person, PersonId};
use deskbell::domain::request::{Answer, Request};
use deskbell::domain::time::{Span, Zone, after_minutes};
use deskbell::graph::schedule;
use deskbell::state::event::{Effect, Event, Ticket};
use deskbell::state::geometry::Size;
use deskbell::state::keys::Keymap;
use deskbell::state::surface::Turn;
use deskbell::state::{self, Context, Store, StoreOptions};
use deskbell::view::{self, Depth, Look};
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use serde_json::json;
use std::time::Duration;

const RUNS: usize = 60;

/// Monday 23 November 2026, 10:12 in Madrid.
fn monday() -> Timestamp {
    "2026-11-23T09:12:00Z".parse().expect("an instant")
}

fn fortnight() -> Span {
    let at = |text: &str| text.parse().expect("an instant");
    Span { start: at("2026-11-22T23:00:00Z"), end: at("2026-12-06T23:00:00Z") }
}

fn addresses(count: usize) -> Vec<String> {
    (0..count)
        .map(|at| if at == 0 { "lena@contoso.com".to_owned() } else { format!("guest{at}@contoso.com") })
        .collect()
}

/// An answer of the service about these people: five blocks a working day each.
fn body(addresses: &[String]) -> Vec<u8> {
    let zones = ["Romance Standard Time", "GMT Standard Time", "Eastern Standard Time", "India Standard Time"];
    let person = |(at, address): (usize, &String)| {
        let items: Vec<_> = (0..50)
            .map(|block| {
                let (day, hour) = (block / 5 + block / 25 * 2, 7 + (block * 2 + i64::try_from(at).unwrap_or(0)) % 11);
                let start = after_minutes(fortnight().start, day * 1440 + hour * 60);
                let wall = |at: Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S").to_string();
                json!({
                    "status": if block % 4 == 0 { "tentative" } else { "busy" }, "subject": "Something", "location": "",
                    "isPrivate": false, "start": {"dateTime": wall(start), "timeZone": "UTC"},
                    "end": {"dateTime": wall(after_minutes(start, 45)), "timeZone": "UTC"},
                })
            })
            .collect();
        json!({
            "scheduleId": address, "availabilityView": "0".repeat(14 * 96), "scheduleItems": items,
            "workingHours": {
                "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"], "startTime": "08:00:00",
                "endTime": "18:00:00", "timeZone": {"name": zones[at % zones.len()]},
            },
        })
    };
    let value: Vec<_> = addresses.iter().enumerate().map(person).collect();
    json!({ "value": value }).to_string().into_bytes()
}

fn read(addresses: &[String]) -> Vec<Schedule> {
    schedule::parse(&body(addresses), addresses, fortnight(), monday()).expect("schedules")
}

/// A store and a screen, without an engine.
struct Desk {
    store: Store,
    look: Look,
    zone: Zone,
    asked: Vec<(Ticket, Request)>,
}

impl Desk {
    fn with(people: &[String]) -> Self {
        let (keymap, _) = Keymap::from_data(&KeymapData::built_in());
        let options = StoreOptions {
            size: Size { width: 120, height: 40 },
            keymap,
            second_zone: None,
            hint_delay: SignedDuration::from_millis(300),
            is_demo: false,
            is_read_only: false,
            marks_read: true,
            version: String::new(),
        };
        let look = Look::new(&ThemeData::built_in(ThemeName::Dark), Glyphs::Unicode, Depth::True);
        let mut desk = Self { store: Store::new(options), look, zone: Zone::find("Europe/Madrid"), asked: Vec::new() };
        let me = Me {
            kind: AccountKind::Work,
            person: Person {
                id: PersonId("lena".to_owned()),
                name: "Lena Ortiz".to_owned(),
                address: "lena@contoso.com".to_owned(),
                job_title: None,
                department: None,
                office: None,
                phones: Vec::new(),
            },
            granted: Scopes::parse("User.Read Calendars.Read"),
            zone: None,
            working_hours: None,
            replies: None,
            chosen: None,
            note: None,
        };
        desk.send(Event::Notice(Notice::Me(Box::new(me))));
        let zone = desk.zone.clone();
        let mut effects = Vec::new();
        let mut session = desk.store.session.clone();
        let mut turn =
            Turn { now: monday(), zone: &zone, session: &mut session, effects: &mut effects, steps: Vec::new() };
        let guests = people.iter().skip(1).map(|address| Recipient { name: String::new(), address: address.clone() });
        desk.store.screens.find_time.with(guests.collect(), &mut turn);
        desk.store.session = session;
        desk.perform(effects);
        desk.keys("4 -");
        desk.keys("-");
        desk
    }

    fn send(&mut self, event: Event) {
        let zone = self.zone.clone();
        let effects = state::update(&mut self.store, event, &Context { now: monday(), zone: &zone });
        self.perform(effects);
    }

    fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::Ask(ticket, request @ Request::Availability { .. }) = effect {
                self.asked.push((ticket, request));
            }
        }
    }

    fn keys(&mut self, keys: &str) {
        for key in parse_keys(keys).expect("keys") {
            self.send(Event::Key(key));
        }
    }

    fn paint(&self) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 120, 40));
        let context = Context { now: monday(), zone: &self.zone };
        drop(view::paint(&self.store, &self.look, &context, &mut buffer));
    }

    /// Answers the last questions with what the service says, a frame after each.
    fn answer(&mut self) {
        for (ticket, request) in std::mem::take(&mut self.asked) {
            let Request::Availability { addresses, .. } = request else { continue };
            let schedules = read(&addresses);
            self.send(Event::Answered(ticket, Box::new(Ok(Answer::Availability(schedules)))));
            self.paint();
        }
    }
}

/// Runs all of it.
pub fn run() {
    let people = addresses(20);
    let schedules = read(&people);
    let candidates: Vec<Candidate<'_>> =
        schedules.iter().map(|schedule| Candidate { schedule, part: Part::Required }).collect();
    let day = |at: i64| {
        let start = after_minutes(fortnight().start, at * 1440 + 7 * 60);
        Span { start, end: after_minutes(start, 13 * 60) }
    };
    for (name, at_least) in
        [("20 people, two weeks: all of them", None), ("20 people, two weeks: any of them", Some(0))]
    {
        let wanted = Wanted {
            windows: (0..14).map(day).collect(),
            minutes: 30,
            step: 15,
            buffer: 0,
            not_before: monday(),
            at_least,
            any_hours: false,
            most: 40,
        };
        let found = median(&times(RUNS, || drop(find(&candidates, &wanted))));
        amount(name, millis(found), "ms", None, Some(2.0));
    }
    key_to_frame(&people);
    many();
    from_the_service(&people);
}

/// A key that moves the proposed time, and one that shows the other weeks from what is known.
fn key_to_frame(people: &[String]) {
    let mut desk = Desk::with(people);
    desk.asked.retain(|(_, request)| matches!(request, Request::Availability { window, .. } if *window == fortnight()));
    desk.answer();
    let moved = times(RUNS, || {
        desk.keys("l");
        desk.paint();
    });
    amount("20 people, two weeks: key to frame", millis(median(&moved)), "ms", None, Some(16.0));
    let counted = times(RUNS, || {
        desk.keys("m");
        desk.paint();
    });
    amount("20 people, two weeks: new times to frame", millis(median(&counted)), "ms", None, Some(16.0));
}

/// Two hundred: read, found anew and drawn with every part that comes.
fn many() {
    let people = addresses(200);
    let mut desk = Desk::with(&people);
    let questions: Vec<(Ticket, Request)> = std::mem::take(&mut desk.asked);
    let last: Vec<(Ticket, Request)> = questions
        .into_iter()
        .filter(|(_, request)| matches!(request, Request::Availability { window, .. } if *window == fortnight()))
        .collect();
    amount("200 people: questions", f64::from(u32::try_from(last.len()).unwrap_or(0)), "", None, Some(10.0));
    let bodies: Vec<Vec<u8>> = people.chunks(20).map(body).collect();
    let runs = 10_u32;
    let before = cpu();
    for _ in 0..runs {
        let mut desk = Desk::with(&people);
        let asked = std::mem::take(&mut desk.asked);
        let part = |(_, request): &(Ticket, Request)| matches!(request, Request::Availability { window, .. } if *window == fortnight());
        for ((ticket, request), body) in asked.into_iter().filter(part).zip(&bodies) {
            let Request::Availability { addresses, .. } = request else { continue };
            let schedules = schedule::parse(body, &addresses, fortnight(), monday()).expect("schedules");
            desk.send(Event::Answered(ticket, Box::new(Ok(Answer::Availability(schedules)))));
            desk.paint();
        }
    }
    let spent = cpu().saturating_sub(before) / runs;
    amount("200 people: read, found, drawn (CPU)", millis(spent), "ms", None, Some(50.0));
}

/// The engine's way to the service and back, beside the same call by hand.
fn from_the_service(people: &[String]) {
    let folder = tempfile::tempdir().expect("a folder");
    house::runtime().block_on(async {
        let tenant = house::tenant(10).await;
        let home = Home::of(folder.path(), &tenant);
        let program = Program::open(&home, Some(&tenant)).await;
        let token = tenant.script().token("lena", "").expect("a token");
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let address = format!("{}/v1.0/me/calendar/getSchedule", tenant.graph());
        let wall = |at: Timestamp| json!({"dateTime": at.strftime("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC"});
        let asked = json!({
            "schedules": people, "startTime": wall(fortnight().start), "endTime": wall(fortnight().end),
            "availabilityViewInterval": 15,
        });
        let (mut ours, mut floor): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
        for _ in 0..RUNS / 3 {
            let start = crate::measure::now();
            let sent = client.post(&address).bearer_auth(&token).json(&asked).send().await.expect("an answer");
            assert!(sent.status().is_success(), "the call by hand is answered");
            drop(sent.bytes().await.expect("a body"));
            floor.push(start.elapsed());
            let start = crate::measure::now();
            let request = Request::Availability { addresses: people.to_vec(), window: fortnight(), refresh: true };
            drop(program.engine.perform(request).await.expect("schedules"));
            ours.push(start.elapsed());
        }
        ours.sort();
        floor.sort();
        let (ours, floor) = (median(&ours), median(&floor));
        amount("20 people from the service", millis(ours), "ms", Some(millis(floor)), None);
        amount("  of it beyond one round trip", millis(ours.saturating_sub(floor)), "ms", None, Some(5.0));
        let known = Request::KnownAvailability { addresses: people.to_vec(), window: fortnight() };
        let mut cached: Vec<Duration> = Vec::new();
        for _ in 0..RUNS {
            let start = crate::measure::now();
            drop(program.engine.perform(known.clone()).await.expect("schedules"));
            cached.push(start.elapsed());
        }
        cached.sort();
        amount("20 people from the cache", millis(median(&cached)), "ms", None, Some(16.0));
        program.close().await;
    });
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
