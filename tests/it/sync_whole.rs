//! The whole mailbox in step: every folder that is shown, what went without a word, days outside the window, other calendars, a pause,
//! rows that make no sense, a line that is dead without saying so, and a long run with everything at once.

use crate::support::office::{Office, at, encoded};
use crate::support::soak;
use deskbell::base::clock::Clock;
use deskbell::db::{Link, Scope};
use deskbell::domain::event::CalendarId;
use deskbell::domain::mail::FolderRole;
use deskbell::domain::sync::{Area, Connection};
use deskbell::domain::time::Span;
use deskbell::engine::sync::{Days, Interest};
use deskbell::sim::faults::{Action, FaultBody};
use deskbell::sim::world::WorldOptions;
use jiff::civil::{Date, date};
use serde_json::json;
use std::time::Duration;

fn days(from: Date, count: i64) -> Days {
    Days { from, to: from.saturating_add(jiff::Span::new().days(count)) }
}

#[tokio::test]
async fn every_folder_that_is_shown_comes_into_step_and_stays_there() {
    let office = Office::open().await;
    let program = office.start().await;
    office.advance(200).await;
    let folders = office.cache.folders().await.expect("read");
    assert!(folders.len() > 8);
    let unread = |role| matches!(role, Some(FolderRole::Junk | FolderRole::Deleted));
    for folder in folders.iter().filter(|folder| !unread(folder.role)) {
        let cursor = office.cache.cursor(&Scope::Messages(folder.id.clone())).await.expect("read");
        let is_done = cursor.is_some_and(|cursor| matches!(cursor.link, Some(Link::Done(_))));
        // A folder of searches tells no changes.
        assert!(is_done || folder.cached == 0, "{}", folder.name);
    }
    let junk = office.folder(FolderRole::Junk).await;
    assert_eq!(junk.cached, 0, "nobody looked at it");
    program.handle.interest(Interest { folder: Some(junk.id.clone()), ..Interest::default() });
    office.settle().await;
    assert_eq!(office.messages(&junk.id).await.len(), junk.total as usize);
    // Filed by another client: the tree says that the folder was counted anew, and it is read at once.
    let archive = office.folder(FolderRole::Archive).await;
    let moved = office.inbox().await[5].id.clone();
    let path = format!("/me/messages/{}/move", encoded(&moved.0));
    office.elsewhere(reqwest::Method::POST, &path, Some(json!({"destinationId": archive.id.0}))).await;
    office.advance(150).await;
    assert!(office.messages(&archive.id).await.iter().any(|message| message.id == moved));
    // Counts of the work on other folders never run backwards, and say how long it takes.
    let mut done = 0;
    for progress in program.statuses().iter().flat_map(|status| status.progress.clone()) {
        if progress.area == Area::OtherFolders {
            assert!(progress.done >= done && progress.total >= Some(progress.done), "{progress:?} after {done}");
            done = progress.done;
        }
    }
    assert!(done > 0);
}

#[tokio::test]
async fn a_folder_that_may_not_be_read_is_left_alone_and_every_form_of_a_lost_link_begins_anew() {
    let office = Office::open().await;
    let program = office.start().await;
    let sent = office.folder(FolderRole::Sent).await;
    let path = format!("/me/mailFolders/{}/messages/delta*", encoded(&sent.id.0));
    let refused = Action::Status(403, FaultBody::Error("ErrorAccessDenied".to_owned()), None);
    office.fault(&path, 1, None, refused);
    office.advance(3_600).await;
    let asked = |office: &Office| office.requests(&format!("{}/messages/delta", encoded(&sent.id.0)));
    assert_eq!(asked(&office), 1, "once, and not again");
    assert!(program.status().problem.is_none(), "nobody looks at it");
    office.tenant.script().clear_faults();
    program.handle.interest(Interest { folder: Some(sent.id.clone()), ..Interest::default() });
    office.settle().await;
    assert_eq!(office.messages(&sent.id).await.len(), sent.total as usize);
    let before = office.inbox().await;
    for (status, code) in [(400, "syncStateNotFound"), (404, "SyncStateNotFound"), (400, "resyncRequired"), (410, "x")]
    {
        let gone = Action::Status(status, FaultBody::Error(code.to_owned()), None);
        office.fault("/me/mailFolders/*/messages/delta*", 1, Some(1), gone);
        program.handle.sync_now();
        office.settle().await;
        assert_eq!(office.inbox().await, before, "{status} {code}");
        let cursor = office.cache.cursor(&Scope::Messages(before[0].folder.clone())).await.expect("read").expect("one");
        assert!(matches!(cursor.link, Some(Link::Done(Some(_)))), "{status} {code}");
    }
}

#[tokio::test]
async fn what_went_without_a_word_is_found_where_somebody_looks() {
    let office = Office::open().await;
    let program = office.start().await;
    office.tenant.script().world(|world| world.calendar.forget_deleted_days = true);
    let week = days(date(2026, 11, 23), 7);
    program.handle.interest(Interest { calendar: true, days: Some(week), ..Interest::default() });
    office.settle().await;
    let events = office.events().await;
    let deleted = events.iter().find(|event| {
        event.series.is_some()
            && matches!(event.when, deskbell::domain::event::When::Timed(span) if span.start > at("2026-11-24T00:00:00Z") && span.start < at("2026-11-28T00:00:00Z"))
    });
    let deleted = deleted.expect("an occurrence this week").id.clone();
    office.elsewhere(reqwest::Method::DELETE, &format!("/me/events/{}", encoded(&deleted.0)), None).await;
    program.handle.sync_now();
    office.advance(1_300).await;
    assert!(office.cache.event(&deleted).await.expect("read").is_none(), "the day is gone");
    assert_eq!(office.events().await.len(), events.len() - 1, "and nothing else");
    // A message that another client deleted while the service says nothing of it.
    let gone = office.inbox().await[2].id.clone();
    office.elsewhere(reqwest::Method::DELETE, &format!("/me/messages/{}", encoded(&gone.0)), None).await;
    let scope = Scope::Messages(office.folder(FolderRole::Inbox).await.id);
    let cursor = office.cache.cursor(&scope).await.expect("read").expect("one");
    let Some(Link::Done(Some(link))) = cursor.link else { panic!("{cursor:?}") };
    let silent = json!({"value": [], "@odata.deltaLink": link});
    office.fault("/me/mailFolders/*/messages/delta*", 1, None, Action::Status(200, FaultBody::Json(silent), None));
    office.advance(120).await;
    assert!(office.inbox().await.iter().any(|message| message.id == gone), "nobody told");
    office.advance(2_400).await;
    assert!(!office.inbox().await.iter().any(|message| message.id == gone), "and yet it is found");
}

#[tokio::test]
async fn an_event_that_somebody_makes_a_series_of_stands_once_on_each_day() {
    let office = Office::open().await;
    let program = office.start().await;
    let event = json!({
        "subject": "Choir",
        "start": {"dateTime": "2026-11-25T18:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-11-25T19:00:00", "timeZone": "UTC"},
    });
    let made = office.elsewhere(reqwest::Method::POST, "/me/events", Some(event)).await;
    let path = format!("/me/events/{}", encoded(made["id"].as_str().expect("an id")));
    let on = async |office: &Office| {
        let events = office.events().await;
        let starts = events.iter().filter(|event| event.subject == "Choir").map(|event| match event.when {
            deskbell::domain::event::When::Timed(span) => span.start,
            deskbell::domain::event::When::AllDay { .. } => panic!("{event:?}"),
        });
        starts.collect::<Vec<_>>()
    };
    let days = ["2026-11-25T18:00:00Z", "2026-12-02T18:00:00Z", "2026-12-09T18:00:00Z"].map(at);
    program.handle.sync_now();
    office.settle().await;
    assert_eq!(on(&office).await, days[..1]);
    let recurrence = json!({
        "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["wednesday"], "firstDayOfWeek": "monday"},
        "range": {"type": "numbered", "startDate": "2026-11-25", "numberOfOccurrences": 3},
    });
    office.elsewhere(reqwest::Method::PATCH, &path, Some(json!({"recurrence": recurrence}))).await;
    program.handle.sync_now();
    office.settle().await;
    assert_eq!(on(&office).await, days, "once on each day");
    // Nor does it come back where somebody looks.
    let week = self::days(date(2026, 11, 23), 7);
    program.handle.interest(Interest { calendar: true, days: Some(week), ..Interest::default() });
    office.advance(700).await;
    assert_eq!(on(&office).await, days);
    // And back again.
    office.elsewhere(reqwest::Method::PATCH, &path, Some(json!({"recurrence": null}))).await;
    program.handle.sync_now();
    office.advance(700).await;
    assert_eq!(on(&office).await, days[..1], "one day again");
}

#[tokio::test]
async fn days_outside_the_window_are_read_when_somebody_looks_and_outlive_a_full_round() {
    let office = Office::open().await;
    let program = office.start().await;
    let start = json!({"dateTime": "2029-03-05T09:00:00", "timeZone": "UTC"});
    let end = json!({"dateTime": "2029-03-05T10:00:00", "timeZone": "UTC"});
    let event = json!({"subject": "In three years", "start": start, "end": end});
    office.elsewhere(reqwest::Method::POST, "/me/events", Some(event)).await;
    let week = days(date(2029, 3, 5), 7);
    let span = Span { start: at("2029-03-04T23:00:00Z"), end: at("2029-03-11T23:00:00Z") };
    let here = async |office: &Office| {
        let events = office.cache.events(week.from, week.to, span).await.expect("read");
        events.iter().any(|event| event.subject == "In three years")
    };
    program.handle.interest(Interest { calendar: true, days: Some(week), ..Interest::default() });
    assert!(!here(&office).await);
    office.advance(1).await;
    assert!(here(&office).await);
    assert!(office.cache.view_as_of(span).await.expect("read").is_some());
    program.handle.interest(Interest::default());
    office.tenant.script().world(|world| world.calendar.expire_deltas());
    program.handle.sync_now();
    office.settle().await;
    assert!(here(&office).await, "a full round of the window knows nothing of it");
}

#[tokio::test]
async fn calendars_beside_the_main_one_come_when_they_are_shown_and_go_when_they_are_not() {
    let office = Office::open().await;
    let program = office.start().await;
    office.advance(20).await;
    let calendars = office.cache.calendars().await.expect("read");
    let other = calendars.iter().find(|calendar| calendar.name == "Release train").expect("a calendar").id.clone();
    let before = office.events().await.len();
    let of = |id: &CalendarId, events: &[deskbell::domain::event::Event]| {
        events.iter().filter(|event| event.calendar == *id).count()
    };
    assert!(office.cache.show_calendar(&other, true).await.expect("written"));
    program.handle.calendars_chosen();
    office.settle().await;
    let shown = office.events().await;
    assert!(of(&other, &shown) > 0 && shown.len() == before + of(&other, &shown));
    // A full round of the main calendar leaves the others alone.
    office.tenant.script().world(|world| world.calendar.expire_deltas());
    program.handle.sync_now();
    office.settle().await;
    assert_eq!(office.events().await.len(), shown.len());
    office.cache.show_calendar(&other, false).await.expect("written");
    program.handle.calendars_chosen();
    office.settle().await;
    assert_eq!(office.events().await.len(), before);
}

#[tokio::test]
async fn a_pause_holds_long_work_where_it_is_and_what_is_asked_for_comes_all_the_same() {
    let office = Office::with(WorldOptions { mail: Some(2_500), ..WorldOptions::default() }).await;
    let program = office.start_as(false);
    program.handle.pause(true);
    office.settle().await;
    office.tenant.script().clear_requests();
    office.advance(1_800).await;
    assert!(program.status().is_paused);
    assert!(office.tenant.script().requests().is_empty(), "{:?}", office.tenant.script().requests());
    program.handle.sync_now();
    office.settle().await;
    assert!(office.requests("messages/delta") > 0, "asked for");
    let archive = office.folder(FolderRole::Archive).await;
    assert!(office.messages(&archive.id).await.is_empty(), "long work waits");
    program.handle.pause(false);
    office.advance(400).await;
    assert!(!program.status().is_paused);
    assert_eq!(office.messages(&archive.id).await.len(), archive.total as usize);
    assert_eq!(office.inbox().await.len(), office.folder(FolderRole::Inbox).await.total as usize);
}

#[tokio::test]
async fn rows_without_sense_and_from_the_ends_of_time_are_counted_and_the_rest_goes_on() {
    let office = Office::open().await;
    let program = office.start().await;
    let inbox = office.folder(FolderRole::Inbox).await;
    let before = office.inbox().await;
    let scope = Scope::Messages(inbox.id.clone());
    let Some(Link::Done(Some(link))) = office.cache.cursor(&scope).await.expect("read").expect("one").link else {
        panic!("a link")
    };
    let rows = json!([
        {"id": "first", "subject": "Before time", "receivedDateTime": "0001-01-01T00:00:00Z"},
        {"id": "last", "subject": "After time", "receivedDateTime": "9999-12-31T23:59:59Z"},
        {"id": "early", "subject": "Early", "receivedDateTime": "1601-01-01T00:00:00Z"},
        {"id": "late", "subject": "Late", "receivedDateTime": "4000-12-31T23:59:59Z"},
        {"id": 7}, null, "words", {"subject": "no id"}, [],
        {"id": "odd", "subject": 5, "receivedDateTime": "2026-11-23T08:00:00Z", "isRead": "yes", "toRecipients": {}},
    ]);
    let page = json!({"value": rows, "@odata.deltaLink": link});
    office.fault(
        &format!("/me/mailFolders/{}/messages/delta*", encoded(&inbox.id.0)),
        1,
        Some(1),
        Action::Status(200, FaultBody::Json(page), None),
    );
    let event = |id: &str, year: &str| {
        json!({"id": id, "type": "singleInstance", "subject": id,
        "start": {"dateTime": format!("{year}-01-01T00:00:00.0000000"), "timeZone": "UTC"},
        "end": {"dateTime": format!("{year}-12-31T23:59:00.0000000"), "timeZone": "UTC"}})
    };
    let calendar = office.cache.cursor(&Scope::Calendar).await.expect("read").expect("one");
    let Some(Link::Done(Some(link))) = calendar.link else { panic!("a link") };
    let events = json!({"value": [event("e1", "0001"), event("e9", "9999"), {"id": "e0", "start": "soon"}], "@odata.deltaLink": link});
    office.fault("/me/calendars/*/calendarView/delta*", 1, Some(1), Action::Status(200, FaultBody::Json(events), None));
    program.handle.sync_now();
    office.settle().await;
    let after = office.inbox().await;
    assert_eq!(after.len(), before.len() + 3, "what can be read is here");
    assert_eq!((after[0].subject.as_str(), after[after.len() - 1].subject.as_str()), ("Late", "Early"));
    // Years 1 and 9999 are how services say "never": such a row has no place, and is counted with those that make no sense.
    assert_eq!(office.cache.skipped().await.expect("read"), 5 + 2 + 1 + 2);
    assert!(program.status().problem.is_none());
}

#[tokio::test]
async fn a_line_that_is_back_is_noticed_at_the_next_key() {
    let office = Office::open().await;
    let program = office.start().await;
    office.tenant.script().offline(true);
    office.advance(1_200).await;
    assert!(matches!(program.status().connection, Connection::Offline { .. }));
    office.tenant.script().clear_requests();
    office.advance(600).await;
    let tries = office.tenant.script().requests().len();
    assert!(tries <= 40, "{tries} tries in ten minutes without a line");
    office.tenant.script().offline(false);
    program.handle.touched();
    office.settle().await;
    assert_eq!(program.status().connection, Connection::Online, "nobody turned the clock");
}

/// Hears what the client tells.
#[derive(Default)]
struct Heard(std::sync::Mutex<Vec<deskbell::graph::News>>);

impl deskbell::graph::Observer for Heard {
    fn hear(&self, news: deskbell::graph::News) {
        self.0.lock().expect("no panic").push(news);
    }
}

/// Whoever calls is taken by the system and never answered; the next one finds the queue before the door full. So does a network that
/// swallows packets look from here.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_line_that_is_dead_without_a_word_is_noticed_within_five_seconds() {
    use deskbell::base::clock::CrankedClock;
    use deskbell::graph::{Call, Graph, GraphError, News, Priority};
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("bound");
    let listener = socket.listen(0).expect("it listens");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let clock = CrankedClock::at(at("2026-11-23T09:00:00Z").into());
    let heard = std::sync::Arc::new(Heard::default());
    let graph = Graph::new(deskbell::graph::transport::Parts {
        reach: deskbell::graph::Reach::Own,
        clients: std::sync::Arc::new(deskbell::net::client::Clients::new(
            deskbell::net::cloud::Cloud::at(&address, &address).expect("a cloud"),
        )),
        tokens: std::sync::Arc::new(deskbell::auth::StaticToken::new(&deskbell::base::secret::Secret::new(
            "t".to_owned(),
        ))),
        clock: std::sync::Arc::new(clock.clone()),
        ids: std::sync::Arc::new(deskbell::base::ids::SeededIds::new(7)),
        observer: heard.clone(),
        is_offline: false,
        made_as: None,
        retry: deskbell::domain::calls::RetryPolicy { at_most: 1, ..deskbell::domain::calls::RetryPolicy::default() },
    });
    let call = tokio::spawn(async move { graph.send(Call::get(&["me", "messages"]).priority(Priority::Person)).await });
    let is_told = |heard: &Heard| heard.0.lock().expect("no panic").contains(&News::Unreachable { next_try: None });
    let mut passed = Duration::ZERO;
    while !is_told(&heard) && passed <= Duration::from_secs(6) {
        for _ in 0..400 {
            tokio::task::yield_now().await;
            std::thread::yield_now();
        }
        clock.advance(Duration::from_millis(100));
        passed += Duration::from_millis(100);
    }
    assert!(passed <= Duration::from_secs(5), "noticed after {passed:?}");
    let error = call.await.expect("no panic").expect_err("nobody answers");
    assert!(matches!(error, GraphError::Unreachable { .. }), "{error:?}");
}

#[tokio::test]
async fn contacts_suggestions_and_categories_come_by_and_by() {
    let office = Office::open().await;
    let program = office.start().await;
    assert!(office.cache.find_people("marche", 5).await.expect("read").is_empty());
    office.advance(90).await;
    let found = office.cache.find_people("marche", 5).await.expect("read");
    assert_eq!(
        found.iter().map(|person| person.address.as_str()).collect::<Vec<_>>(),
        ["rosa.marchetti@northwind.example"]
    );
    assert!(!found[0].id.is_of_directory());
    assert!(!office.cache.find_people("ana", 5).await.expect("read").is_empty(), "whom one works with");
    let categories = office.cache.categories().await.expect("read");
    let named: Vec<(&str, Option<u8>)> = categories.iter().map(|one| (one.name.as_str(), one.colour)).collect();
    let tenants = [
        ("Blue category", Some(7)),
        ("Green category", Some(4)),
        ("Orange category", Some(1)),
        ("Red category", Some(0)),
        ("Travel", Some(5)),
        ("Yellow category", Some(3)),
    ];
    assert_eq!(named, tenants);
    assert!(program.status().problem.is_none());
}

/// Two programs on one home: what one writes the other shows, without a turn of the clock.
#[tokio::test]
async fn two_programs_on_one_home_see_each_others_changes_at_once() {
    use crate::support::stage::{Stage, StageOptions};
    use deskbell::domain::intent::Intent;
    use deskbell::domain::notice::Notice;
    use deskbell::domain::request::{Answer, PageStart, Request};
    let config = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n".to_owned();
    let mut stage = Stage::with(StageOptions { config, ..StageOptions::default() }).await;
    stage.press("2").await;
    stage.sees("10 unread of 300");
    // Its work is its own: nobody waits here for news that it has not looked at.
    let activity = deskbell::base::activity::Activity::default();
    let setup = deskbell::engine::Setup { activity, ..stage.engine().setup().clone() };
    let (other, mut news) = deskbell::engine::Engine::open(setup).await.expect("a second program");
    other.start();
    let Ok(Answer::Folders(folders)) = other.perform(Request::Folders).await else { panic!("folders") };
    let inbox = folders.into_iter().find(|folder| folder.role == Some(FolderRole::Inbox)).expect("the inbox").id;
    let page = Request::Messages { folder: inbox.clone(), start: PageStart::Newest, count: 50 };
    let Ok(Answer::Messages(page)) = other.perform(page).await else { panic!("messages") };
    let unread = page.rows.iter().find(|row| !row.message.is_read).expect("unread mail").message.id.clone();
    let change = Intent::MarkRead { message: unread, is_read: true };
    other.perform(Request::Change(vec![change])).await.expect("changed");
    stage.press_until("", "9 unread of 300").await;
    // And the other way round.
    while news.try_recv().is_ok() {}
    stage.press("j j F").await;
    // The word comes through the system; how soon is up to the machine.
    let heard = async {
        while let Some((notice, _working)) = news.recv().await {
            if notice == Notice::MessagesChanged(inbox.clone()) {
                return true;
            }
        }
        false
    };
    let never = deskbell::engine::SystemClock.sleep(Duration::from_secs(30));
    let is_heard = tokio::select! { heard = heard => heard, () = never => false };
    assert!(is_heard, "the other hears of it");
    other.close().await;
    let left = std::fs::read_dir(stage.engine().setup().places.state.join("nudge")).expect("the folder").count();
    assert_eq!(left, 1, "who left takes the socket along");
}

#[tokio::test]
async fn a_long_run_ends_with_cache_and_service_saying_the_same() {
    let account = soak::run(7, 600, 150).await;
    assert!(account.changes > 20 && account.compared > 200, "{account:?}");
}
