//! Answers that were asked for before a change and are written after it: what is shown never goes back, not for a moment, and what
//! such an answer says otherwise is read anew at once.

use crate::outbox::{Office, Program, encoded};
use crate::outbox_counts::waits;
use deskbell::base::activity::Activity;
use deskbell::db::{Changes, Db, Doubt, Link, Step, Wishes};
use deskbell::domain::account::AccountKey;
use deskbell::domain::event::{Event, EventId, Response};
use deskbell::domain::event_draft::{EventChange, EventDraft, EventTime};
use deskbell::domain::intent::{Intent, InvitationAnswer, MoveTarget};
use deskbell::domain::mail::{FolderRole, Message, MessageId};
use deskbell::domain::outbox::{Entry, Former};
use deskbell::domain::request::{Answer, Request};
use deskbell::domain::time::{Span, Zone, day_start};
use deskbell::sim::faults::{Action, Rule};
use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use reqwest::Method;
use serde_json::{Value, json};

const CALENDAR: &str = "/me/calendars/*/calendarView/delta*";

/// Starts the program. What is fetched ahead is here, so that nothing but changes and short rounds is on its way.
async fn started(office: &Office) -> Program {
    let program = office.start().await;
    office.advance(600).await;
    program
}

/// The rounds of the inbox.
async fn inbox(program: &Program) -> String {
    format!("/me/mailFolders/{}/messages/delta*", encoded(&program.folder(FolderRole::Inbox).await.id.0))
}

/// The next round there is asked for, and answered as things are now; the answer is on its way from here on. With `is_full` the
/// service has forgotten where the last one ended.
async fn ask(office: &Office, path: &str, is_full: bool) {
    let script = office.tenant.script();
    if is_full {
        script.fault(Rule::graph(path, Action::Gone));
    }
    script.fault(Rule::graph(path, Action::Late(25_000)).nth(1 + u64::from(is_full)));
    for _ in 0..600 {
        if *script.held().borrow() > 0 {
            return;
        }
        office.advance(1).await;
    }
    panic!("nobody asked for {path}");
}

/// The service has all changes, and the answer that was asked for before is still on its way.
async fn is_made(office: &Office, program: &Program, what: &str) {
    office.settle().await;
    assert_eq!(program.outbox().await, [], "{what}");
    assert_eq!(*office.tenant.script().held().borrow(), 1, "{what}: the round is on its way");
    office.tenant.script().clear_requests();
}

/// Lets the answer arrive; `check` holds all the while.
async fn arrives(office: &Office, mut check: impl AsyncFnMut(&str)) {
    check("before").await;
    while *office.tenant.script().held().borrow() > 0 {
        office.advance(1).await;
        check("on its way, or here").await;
    }
    office.tenant.script().clear_faults();
}

/// How often a message was read by itself since the requests were last forgotten.
fn reads(office: &Office, id: &str) -> usize {
    let path = format!("/me/messages/{}", encoded(id));
    let requests = office.tenant.script().requests();
    requests.iter().filter(|one| one.method == "GET" && one.path.ends_with(&path)).count()
}

async fn shown(program: &Program, role: FolderRole, id: &MessageId) -> Option<Message> {
    program.messages(role).await.into_iter().find(|message| message.id == *id)
}

async fn touch(office: &Office, id: &MessageId) {
    let path = format!("/me/messages/{}", encoded(&id.0));
    office.elsewhere(Method::PATCH, &path, Some(json!({"importance": "high"}))).await;
}

/// The inbox and the archive as they are shown are what the service has, their counts too.
async fn is_in_step(office: &Office, program: &Program, what: &str) {
    for (role, name) in [(FolderRole::Inbox, "inbox"), (FolderRole::Archive, "archive")] {
        let mut here: Vec<_> = program
            .messages(role)
            .await
            .into_iter()
            .map(|one| (one.id.0, one.is_read, one.is_flagged, one.categories))
            .collect();
        let rows = office.list(&format!("/me/mailFolders/{name}/messages?$select=id,isRead,flag,categories")).await;
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let mut there: Vec<_> = rows
            .iter()
            .map(|row| {
                let categories = row["categories"].as_array().expect("a list").iter().map(text).collect::<Vec<_>>();
                (text(&row["id"]), row["isRead"] == true, row["flag"]["flagStatus"] == "flagged", categories)
            })
            .collect();
        here.sort();
        there.sort();
        assert_eq!(here, there, "{what}: {name}");
        let (folder, told) =
            (program.folder(role).await, office.elsewhere(Method::GET, &format!("/me/mailFolders/{name}"), None).await);
        assert_eq!(
            (json!(folder.total), json!(folder.unread)),
            (told["totalItemCount"].clone(), told["unreadItemCount"].clone()),
            "{what}: {name}"
        );
    }
}

#[tokio::test]
async fn what_was_changed_stays_changed_when_an_earlier_page_arrives() {
    let mut office = Office::open().await;
    office.config = "[send]\nhold_seconds = 0\n";
    let program = started(&office).await;
    let inbox = inbox(&program).await;
    let archive = MoveTarget::Role(FolderRole::Archive);
    for number in 0..5 {
        let messages = program.messages(FolderRole::Inbox).await;
        let message = messages.iter().find(|one| !one.is_read && !one.is_flagged).expect("unread mail").id.clone();
        let id = || message.clone();
        let intent = match number {
            0 => Intent::MarkRead { message: id(), is_read: true },
            1 => Intent::Flag { message: id(), is_flagged: true },
            2 => Intent::Categorise { message: id(), categories: vec!["Blue category".to_owned()] },
            3 => Intent::Move { message: id(), to: archive.clone() },
            _ => Intent::DeleteForEver { message: id() },
        };
        let what = format!("{intent:?}");
        // Somebody else changes something of it, so the next round tells of it.
        touch(&office, &message).await;
        ask(&office, &inbox, false).await;
        program.change(vec![intent]).await;
        is_made(&office, &program, &what).await;
        arrives(&office, async |when: &str| {
            let here = shown(&program, FolderRole::Inbox, &message).await;
            let there = shown(&program, FolderRole::Archive, &message).await;
            let holds = match number {
                0 => here.is_some_and(|one| one.is_read),
                1 => here.is_some_and(|one| one.is_flagged),
                2 => here.is_some_and(|one| one.categories == ["Blue category"]),
                3 => here.is_none() && there.is_some(),
                _ => here.is_none() && there.is_none(),
            };
            assert!(holds, "{what}: {when}");
        })
        .await;
        assert_eq!(reads(&office, &message.0), 1, "{what}: nobody has to wake up for it to be read anew");
        office.advance(300).await;
        is_in_step(&office, &program, &what).await;
    }
}

#[tokio::test]
async fn what_was_undone_stays_undone_when_a_page_from_in_between_arrives() {
    let office = Office::open().await;
    let program = started(&office).await;
    let inbox = inbox(&program).await;
    // Asked for before the change, or between the change and its undoing.
    for (number, is_between) in [(0, false), (0, true), (1, false), (1, true)] {
        let messages = program.messages(FolderRole::Inbox).await;
        let message = messages.into_iter().find(|one| !one.is_read).expect("unread mail");
        let intent = match number {
            0 => Intent::MarkRead { message: message.id.clone(), is_read: true },
            _ => Intent::Move { message: message.id.clone(), to: MoveTarget::Role(FolderRole::Archive) },
        };
        let what = format!("{intent:?}, between: {is_between}");
        touch(&office, &message.id).await;
        if is_between {
            program.change(vec![intent]).await;
            office.settle().await;
            ask(&office, &inbox, false).await;
        } else {
            ask(&office, &inbox, false).await;
            program.change(vec![intent]).await;
            is_made(&office, &program, &what).await;
        }
        program.undo().await;
        is_made(&office, &program, &what).await;
        arrives(&office, async |when: &str| {
            let here = shown(&program, FolderRole::Inbox, &message.id).await;
            assert!(here.is_some_and(|one| !one.is_read), "{what}: {when}");
            assert_eq!(shown(&program, FolderRole::Archive, &message.id).await, None, "{what}: {when}");
        })
        .await;
        office.advance(300).await;
        is_in_step(&office, &program, &what).await;
    }
}

#[tokio::test]
async fn what_came_into_a_folder_outlives_a_list_of_it_that_was_made_before() {
    let office = Office::open().await;
    let program = started(&office).await;
    let inbox = inbox(&program).await;
    let message = program.messages(FolderRole::Inbox).await.remove(3);
    let to = |role| vec![Intent::Move { message: message.id.clone(), to: MoveTarget::Role(role) }];
    program.change(to(FolderRole::Archive)).await;
    office.advance(120).await;
    ask(&office, &inbox, true).await;
    program.change(to(FolderRole::Inbox)).await;
    is_made(&office, &program, "moved").await;
    arrives(&office, async |when: &str| {
        assert!(shown(&program, FolderRole::Inbox, &message.id).await.is_some(), "{when}");
        assert_eq!(program.messages(FolderRole::Inbox).await.len(), 30, "{when}");
    })
    .await;
    office.advance(300).await;
    is_in_step(&office, &program, "in the end").await;
}

#[tokio::test]
async fn counts_that_were_made_before_a_change_do_not_count_it_away() {
    let office = Office::open().await;
    let inbox = office.list("/me/mailFolders/inbox/messages?$select=id").await;
    for row in &inbox[..15] {
        let path = format!("/me/messages/{}", encoded(row["id"].as_str().expect("an id")));
        office.elsewhere(Method::PATCH, &path, Some(json!({"isRead": false}))).await;
    }
    let program = started(&office).await;
    let counts = async || {
        let (inbox, archive) = (program.folder(FolderRole::Inbox).await, program.folder(FolderRole::Archive).await);
        [(inbox.total, inbox.unread), (archive.total, archive.unread)]
    };
    let unread: Vec<MessageId> =
        program.messages(FolderRole::Inbox).await.into_iter().filter(|one| !one.is_read).map(|one| one.id).collect();
    let read: Vec<MessageId> =
        program.messages(FolderRole::Inbox).await.into_iter().filter(|one| one.is_read).map(|one| one.id).collect();
    for number in 0..3 {
        // So that the next round tells of the inbox.
        let path = format!("/me/messages/{}", encoded(&read[number].0));
        office.elsewhere(Method::PATCH, &path, Some(json!({"isRead": false}))).await;
        ask(&office, "/me/mailFolders/delta*", false).await;
        let mark = |id: &MessageId| Intent::MarkRead { message: id.clone(), is_read: true };
        let archive = |id: &MessageId| Intent::Move { message: id.clone(), to: MoveTarget::Role(FolderRole::Archive) };
        let ids = &unread[4 * number..][..4];
        program.change(ids[..2].iter().map(mark).chain(ids[2..].iter().map(archive)).collect()).await;
        let mut wished = counts().await;
        is_made(&office, &program, "changed").await;
        if number == 2 {
            program.undo().await;
            wished = counts().await;
            is_made(&office, &program, "undone").await;
        }
        let what = format!("{number}");
        arrives(&office, async |when: &str| {
            let now = counts().await;
            // Whether the one that somebody marked is counted yet nobody knows.
            let is_other = now == [(wished[0].0, wished[0].1 + 1), wished[1]];
            assert!(now == wished || is_other, "{what} {when}: {now:?} of {wished:?}");
        })
        .await;
        office.advance(400).await;
        is_in_step(&office, &program, &what).await;
    }
}

#[tokio::test]
async fn several_that_are_in_doubt_are_read_in_one_request() {
    let office = Office::open().await;
    let program = started(&office).await;
    let inbox = inbox(&program).await;
    let several: Vec<MessageId> =
        program.messages(FolderRole::Inbox).await.into_iter().map(|one| one.id).take(4).collect();
    for id in &several {
        touch(&office, id).await;
    }
    ask(&office, &inbox, false).await;
    let gone = |id: &MessageId| Intent::Move { message: id.clone(), to: MoveTarget::Role(FolderRole::Archive) };
    program.change(several.iter().map(gone).collect()).await;
    is_made(&office, &program, "moved").await;
    arrives(&office, async |when: &str| {
        let left = program.messages(FolderRole::Inbox).await;
        assert!(!left.iter().any(|one| several.contains(&one.id)), "{when}");
    })
    .await;
    let requests = office.tenant.script().requests();
    assert_eq!(requests.iter().filter(|one| one.path.ends_with("/$batch")).count(), 1, "{requests:#?}");
    assert_eq!(several.iter().map(|id| reads(&office, &id.0)).sum::<usize>(), 0);
    office.advance(400).await;
    is_in_step(&office, &program, "in the end").await;
}

async fn agenda(program: &Program, subject: &str) -> Vec<Event> {
    let (from, to) = (date(2026, 11, 23), date(2027, 3, 1));
    match program.ask(Request::Agenda { from, to }).await {
        Answer::Agenda { mut events, .. } => {
            events.retain(|event| event.subject.starts_with(subject));
            events
        }
        other => panic!("{other:?}"),
    }
}

async fn event(office: &Office, subject: &str, more: Value) -> EventId {
    let mut event = json!({"subject": subject,
        "start": {"dateTime": "2026-12-01T09:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "2026-12-01T09:30:00", "timeZone": "UTC"}});
    for (name, value) in more.as_object().into_iter().flatten() {
        event[name] = value.clone();
    }
    let by = if more.get("attendees").is_some() { "ben" } else { "lena" };
    let made = office.by(by, Method::POST, "/me/events", Some(event)).await;
    EventId(made["id"].as_str().expect("an id").to_owned())
}

#[tokio::test]
async fn events_stay_as_they_were_changed_when_an_earlier_page_arrives() {
    let mut office = Office::open().await;
    office.config = "[send]\nhold_seconds = 0\n";
    let program = started(&office).await;
    for number in 0..4 {
        let subject = format!("Meeting {number}");
        let more = match number {
            2 => json!({"attendees": [{"type": "required", "emailAddress": {"address": "lena@contoso.com"}}]}),
            3 => json!({"recurrence": {"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["tuesday"]},
                "range": {"type": "numbered", "startDate": "2026-12-01", "numberOfOccurrences": 4}}}),
            _ => json!({}),
        };
        let made = event(&office, &subject, more).await;
        office.advance(240).await;
        let known = agenda(&program, &subject).await;
        assert_eq!(known.len(), if number == 3 { 4 } else { 1 }, "{subject}: {known:#?}");
        let id = known[0].id.clone();
        let touched = if number == 3 { &made } else { &id };
        let path = format!("/me/events/{}", encoded(&touched.0));
        office.elsewhere(Method::PATCH, &path, Some(json!({"importance": "high"}))).await;
        ask(&office, CALENDAR, false).await;
        let subject_of = |subject: &str| {
            let change = EventChange { subject: Some(subject.to_owned()), ..EventChange::default() };
            Box::new(change)
        };
        let changed = format!("{subject}, moved to room four");
        program
            .change(vec![match number {
                0 => Intent::UpdateEvent { event: id.clone(), series: false, change: subject_of(&changed) },
                1 => Intent::DeleteEvent { event: id.clone(), series: false, note: String::new() },
                2 => Intent::Respond {
                    event: id.clone(),
                    series: false,
                    answer: InvitationAnswer::Accept,
                    note: String::new(),
                    tell: false,
                    proposal: None,
                },
                _ => Intent::DeleteEvent { event: id.clone(), series: true, note: String::new() },
            }])
            .await;
        is_made(&office, &program, &subject).await;
        arrives(&office, async |when: &str| {
            let now = agenda(&program, &subject).await;
            let holds = match number {
                0 => now.len() == 1 && now[0].subject == changed,
                2 => now.len() == 1 && now[0].response == Response::Accepted,
                _ => now.is_empty(),
            };
            assert!(holds, "{subject} {when}: {now:#?}");
        })
        .await;
        office.advance(600).await;
        let rows =
            office.list("/me/calendarView?startDateTime=2026-11-23T00:00:00Z&endDateTime=2027-03-01T00:00:00Z").await;
        let there = rows.iter().filter(|row| row["subject"].as_str().is_some_and(|one| one.starts_with(&subject)));
        let there: Vec<_> = there.map(|row| (row["subject"].clone(), row["importance"].clone())).collect();
        let here: Vec<_> =
            agenda(&program, &subject).await.into_iter().map(|one| (json!(one.subject), json!("high"))).collect();
        assert_eq!(here, there, "{subject}");
    }
}

#[tokio::test]
async fn a_new_event_outlives_a_list_of_the_calendar_that_was_made_before() {
    let home = tempfile::tempdir().expect("a folder");
    let db = Db::open(&home.path().join("cache.db"), &Activity::default()).expect("a cache").db;
    let cache = db.cache(&AccountKey { tenant: "t".to_owned(), object: "o".to_owned() }).await.expect("an account");
    let (from, to) = (date(2026, 11, 23), date(2027, 3, 1));
    let zone = TimeZone::UTC;
    let span = Span { start: day_start(from, &zone), end: day_start(to, &zone) };
    let shown = async || {
        let events = cache.events(from, to, span).await.expect("read");
        events.into_iter().map(|event| event.id.0).collect::<Vec<_>>()
    };
    let (start, end) = (date(2026, 12, 1).at(10, 0, 0, 0), date(2026, 12, 1).at(11, 0, 0, 0));
    let draft =
        EventDraft::new("New plan".to_owned(), EventTime::Timed { start, end, zone: Zone::find("Europe/Madrid") });
    let create = Intent::CreateEvent { event: Box::new(draft) };
    let entry = Entry { former: Former::default(), ..waits(1, create) };
    let step = |number: u8| Step {
        link: Link::Done(Some(format!("link {number}"))),
        is_full: true,
        window: None,
        at: Timestamp::UNIX_EPOCH,
    };
    cache.asking().apply(Changes::Events(Vec::new()), Some(step(0))).await.expect("applied");
    for (number, series) in [(1, None), (2, Some("series"))] {
        let asking = cache.asking();
        cache.set_wishes(Wishes::of(std::slice::from_ref(&entry)));
        cache.show_wishes().await.expect("shown");
        let mut event = cache.events(from, to, span).await.expect("read").remove(0);
        event.id = EventId(format!("made {number}"));
        event.series = series.map(|id| EventId(id.to_owned()));
        // It is made while the calendar is being read as a whole.
        cache.set_wishes(Wishes::default());
        cache.replace_provisional(entry.item.id, vec![event.clone()]).await.expect("replaced");
        asking.apply(Changes::Events(Vec::new()), Some(step(number))).await.expect("applied");
        assert_eq!(shown().await, std::slice::from_ref(&event.id.0));
        assert_eq!(cache.doubts().await.expect("read"), [Doubt::Event(event.id.clone())]);
        cache.settle_doubts(vec![Doubt::Event(event.id)]).await.expect("settled");
        // A list that was asked for later knows best.
        drop(asking);
        cache.asking().apply(Changes::Events(Vec::new()), Some(step(number))).await.expect("applied");
        assert_eq!(shown().await, [""; 0]);
    }
}
