//! Keeping in step: what another client does appears here, what was begun is not begun again, and whatever the service does, nothing
//! that could be read a moment ago disappears.

use crate::support::office::{Office, PERSON, at, encoded};
use deskbell::db::{Db, Link, Scope};
use deskbell::domain::account::AccountKey;
use deskbell::domain::mail::FolderRole;
use deskbell::domain::notice::Notice;
use deskbell::domain::sync::{Area, Connection};
use deskbell::engine::sync::Interest;
use deskbell::sim::faults::{Action, FaultBody};
use deskbell::sim::world::WorldOptions;
use jiff::civil::date;
use serde_json::json;
use std::time::{Duration, SystemTime};

const MESSAGES: &str = "/me/mailFolders/*/messages/delta*";
const CALENDAR: &str = "/me/calendars/*/calendarView/delta*";

#[tokio::test]
async fn a_first_sync_brings_folders_inbox_calendar_and_the_newest_bodies() {
    let office = Office::open().await;
    let program = office.start().await;
    let inbox = office.folder(FolderRole::Inbox).await;
    let messages = office.inbox().await;
    assert_eq!(messages.len(), inbox.total as usize, "the service counts what we have");
    assert!(messages.len() >= 300);
    assert!(messages.is_sorted_by(|newer, older| newer.received >= older.received));
    let unread = messages.iter().filter(|message| !message.is_read).count();
    assert_eq!(unread, inbox.unread as usize);
    assert!(office.events().await.len() > 50, "the calendar is there");
    assert!(office.cache.lacking_bodies(&inbox.id, 50).await.expect("read").is_empty(), "bodies ahead");
    assert!(!office.cache.lacking_bodies(&inbox.id, 60).await.expect("read").is_empty(), "and no more than that");
    let status = program.status();
    assert_eq!((status.connection, status.progress.len()), (Connection::Online, 0));
    assert_eq!(status.last_success, Some(at("2026-11-23T09:00:00Z")));
    assert!(program.heard(&Notice::FoldersChanged) && program.heard(&Notice::EventsChanged));
    assert!(program.heard(&Notice::MessagesChanged(inbox.id)));
    assert!(!program.heard.lock().expect("no panic").iter().any(|notice| matches!(notice, Notice::Problem(_))));
}

#[tokio::test]
async fn what_is_in_step_is_asked_for_at_its_pace_and_found_unchanged() {
    let office = Office::open().await;
    let program = office.start().await;
    // The other folders, bodies and lists follow in the first minutes; then everything is here.
    office.advance(1_200).await;
    program.forget();
    office.tenant.script().clear_requests();
    office.advance(600).await;
    let id = encoded(&office.folder(FolderRole::Inbox).await.id.0);
    let inbox = office.requests(&format!("{id}/messages/delta"));
    assert!((8..=13).contains(&inbox), "{inbox} rounds of the inbox in ten minutes");
    let all = office.tenant.script().requests().len();
    assert!(all <= 50, "{all} requests in ten minutes at rest");
    let calendar = office.requests("calendarView/delta");
    assert!((2..=5).contains(&calendar), "{calendar} rounds of the calendar");
    let heard = program.heard.lock().expect("no panic").clone();
    assert!(
        heard.iter().all(|notice| matches!(notice, Notice::Sync(_))),
        "nothing changed, so nothing is drawn: {heard:?}"
    );
}

#[tokio::test]
async fn texts_are_looked_for_when_messages_changed_and_otherwise_now_and_then() {
    let office = Office::open().await;
    let _program = office.start().await;
    // Everything is here.
    office.advance(1_200).await;
    let inbox = office.folder(FolderRole::Inbox).await;
    let lack_texts = || office.cache.lacking_bodies(&inbox.id, 50);
    let throw_away = || {
        let file = rusqlite::Connection::open(office.folder.path().join("cache.db")).expect("the file");
        let inbox = "SELECT row FROM folders WHERE role = 'inbox'";
        let newest = format!("SELECT row FROM messages WHERE folder = ({inbox}) ORDER BY received DESC LIMIT 20");
        let gone = file.execute(&format!("DELETE FROM bodies WHERE message IN ({newest})"), []);
        assert_eq!(gone, Ok(20));
    };
    let message = office.inbox().await[0].clone();
    let path = format!("/me/messages/{}", encoded(&message.id.0));
    for is_read in [!message.is_read, message.is_read] {
        throw_away();
        office.elsewhere(reqwest::Method::PATCH, &path, Some(json!({ "isRead": is_read }))).await;
        office.advance(120).await;
        assert!(lack_texts().await.expect("read").is_empty(), "what changed may need its text");
        throw_away();
        office.tenant.script().clear_requests();
        office.advance(180).await;
        assert!(office.requests("messages/delta") > 2, "the inbox was asked for several times");
        assert_eq!(lack_texts().await.expect("read").len(), 20, "nothing changed, so nothing was looked for");
        office.advance(600).await;
        assert!(lack_texts().await.expect("read").is_empty(), "and yet they are here again after a while");
    }
}

#[tokio::test]
async fn what_another_client_does_appears() {
    let office = Office::open().await;
    let program = office.start().await;
    let inbox = office.folder(FolderRole::Inbox).await;
    let archive = office.folder(FolderRole::Archive).await;
    let before = office.inbox().await;
    let read = before.iter().find(|message| !message.is_read).expect("unread mail").id.clone();
    let mut others = before.iter().filter(|message| message.id != read);
    let moved = others.next().expect("mail").id.clone();
    let deleted = others.next().expect("mail").id.clone();
    let path = |id: &str| format!("/me/messages/{}", encoded(id));
    office.elsewhere(reqwest::Method::PATCH, &path(&read.0), Some(json!({"isRead": true}))).await;
    let target = json!({"destinationId": archive.id.0});
    office.elsewhere(reqwest::Method::POST, &format!("{}/move", path(&moved.0)), Some(target)).await;
    office.elsewhere(reqwest::Method::DELETE, &path(&deleted.0), None).await;
    program.forget();
    program.handle.interest(Interest { folder: Some(archive.id.clone()), ..Interest::default() });
    // The inbox is due within this time, the folders' own round is not.
    office.advance(75).await;
    let after = office.inbox().await;
    let find = |id| after.iter().find(|message| message.id == id);
    assert!(find(read.clone()).expect("still there").is_read);
    assert!(find(moved.clone()).is_none() && find(deleted).is_none());
    assert_eq!(after.len(), before.len() - 2);
    let archived = office.messages(&archive.id).await;
    assert!(archived.iter().any(|message| message.id == moved), "it is where it was moved to");
    assert!(program.heard(&Notice::MessagesChanged(inbox.id.clone())));
    let counted = office.folder(FolderRole::Inbox).await;
    assert_eq!(counted.total as usize, after.len(), "the counts follow the messages");
    let gone = before.iter().filter(|m| !m.is_read && !after.iter().any(|a| a.id == m.id)).count();
    assert_eq!(counted.unread as usize + gone, inbox.unread as usize - 1);
}

#[tokio::test]
async fn a_new_message_appears_with_its_body() {
    let office = Office::open().await;
    let program = office.start().await;
    let mail = json!({"message": {"subject": "Lunch?", "body": {"contentType": "text", "content": "At one?"},
        "toRecipients": [{"emailAddress": {"address": "lena@contoso.com"}}]}});
    office.elsewhere(reqwest::Method::POST, "/me/sendMail", Some(mail)).await;
    // Accepted is not delivered.
    office.advance(3).await;
    program.handle.sync_now();
    office.settle().await;
    let arrived = office.inbox().await.into_iter().find(|message| message.subject == "Lunch?").expect("the mail");
    assert!(office.cache.body(&arrived.id).await.expect("read").is_some());
    assert!(program.heard(&Notice::BodyArrived(arrived.id)));
}

#[tokio::test]
async fn a_first_sync_that_was_cut_goes_on_where_it_stopped() {
    let office = Office::with(WorldOptions { mail: Some(900), ..WorldOptions::default() }).await;
    office.fault(MESSAGES, 3, None, Action::Status(403, FaultBody::Error("ErrorAccessDenied".to_owned()), None));
    let program = office.start().await;
    let first = office.inbox().await;
    assert!(!first.is_empty(), "the first page can be read");
    let inbox = office.folder(FolderRole::Inbox).await;
    assert!(first.len() < inbox.total as usize);
    let scope = Scope::Messages(inbox.id.clone());
    let cursor = office.cache.cursor(&scope).await.expect("read").expect("a cursor");
    assert!(matches!(cursor.link, Some(Link::Next(_))), "the next page is remembered");
    drop(program);
    office.settle().await;
    office.tenant.script().clear_faults();
    office.tenant.script().clear_requests();
    let program = office.start().await;
    assert_eq!(office.inbox().await.len(), inbox.total as usize);
    let asked = office.tenant.script().requests();
    let first_asked = asked.iter().find(|request| request.path.contains("messages/delta")).expect("a round");
    assert!(first_asked.query.contains("skiptoken"), "it did not begin anew: {}", first_asked.query);
    let mut done = 0;
    for progress in program.statuses().iter().flat_map(|status| status.progress.clone()) {
        if progress.area == Area::Mail {
            assert!(progress.done >= done, "progress never runs backwards");
            assert!(progress.total.is_none_or(|total| total >= progress.done));
            done = progress.done;
        }
    }
    assert!(done as usize >= first.len());
}

#[tokio::test]
async fn a_resync_blanks_nothing_and_finds_what_went_meanwhile() {
    let office = Office::open().await;
    let program = office.start().await;
    let before = office.inbox().await;
    let gone = before[3].id.clone();
    office.elsewhere(reqwest::Method::DELETE, &format!("/me/messages/{}", encoded(&gone.0)), None).await;
    // The link is refused once, and the full round stops after its first page.
    office.fault(MESSAGES, 1, Some(1), Action::Gone);
    office.fault(MESSAGES, 3, None, Action::Status(403, FaultBody::Error("ErrorAccessDenied".to_owned()), None));
    program.handle.sync_now();
    office.settle().await;
    assert_eq!(office.inbox().await.len(), before.len(), "in the middle of the resync everything is still there");
    office.tenant.script().clear_faults();
    program.handle.sync_now();
    office.settle().await;
    let after = office.inbox().await;
    assert_eq!(after.len(), before.len() - 1);
    assert!(!after.iter().any(|message| message.id == gone));
    assert!(
        !office.cache.lacking_bodies(&after[0].folder, 20).await.expect("read").iter().any(|id| *id == after[0].id)
    );
}

#[tokio::test]
async fn what_was_kept_from_another_address_is_read_anew_without_a_word() {
    let office = Office::open().await;
    drop(office.start().await);
    office.settle().await;
    let before = office.inbox().await;
    let gone = before[3].id.clone();
    office.elsewhere(reqwest::Method::DELETE, &format!("/me/messages/{}", encoded(&gone.0)), None).await;
    let file = rusqlite::Connection::open(office.folder.path().join("cache.db")).expect("the file");
    let elsewhere = "UPDATE cursors SET link = replace(link, 'http://127.0.0.1', 'http://localhost')";
    assert!(file.execute(elsewhere, []).expect("written") >= 3, "folders, mail and the calendar have links");
    let program = office.start().await;
    let heard = program.heard.lock().expect("no panic").clone();
    assert!(!heard.iter().any(|notice| matches!(notice, Notice::Problem(_))), "{heard:?}");
    assert_eq!(program.status().problem, None);
    let after = office.inbox().await;
    assert_eq!(after.len(), before.len() - 1);
    assert!(!after.iter().any(|message| message.id == gone));
    assert!(office.events().await.len() > 50);
    program.handle.sync_now();
    office.advance(300).await;
    let kept = "SELECT count(*) FROM cursors WHERE link LIKE 'http://localhost%'";
    let kept: i64 = file.query_row(kept, [], |row| row.get(0)).expect("a count");
    assert_eq!(kept, 0, "every link is the service's own again");
}

#[tokio::test]
async fn an_expired_calendar_link_and_a_new_month_renew_the_window() {
    let office = Office::open().await;
    let program = office.start().await;
    let before = office.events().await.len();
    office.fault(CALENDAR, 1, Some(1), Action::Gone);
    program.handle.sync_now();
    office.settle().await;
    assert_eq!(office.events().await.len(), before);
    let window = |cursor: deskbell::db::Cursor| cursor.window.expect("a window");
    let november = window(office.cache.cursor(&Scope::Calendar).await.expect("read").expect("a cursor"));
    drop(program);
    office.settle().await;
    office.clock.set(SystemTime::from(at("2026-12-01T09:00:00Z")));
    let _program = office.start().await;
    let december = window(office.cache.cursor(&Scope::Calendar).await.expect("read").expect("a cursor"));
    assert!(november.start < december.start && november.end < december.end);
    let first = office.events().await;
    let day_before_window = at("2026-10-30T00:00:00Z");
    assert!(
        first.iter().all(|event| match event.when {
            deskbell::domain::event::When::Timed(span) => span.end > day_before_window,
            deskbell::domain::event::When::AllDay { end, .. } => end > date(2026, 10, 30),
        }),
        "what left the window is gone"
    );
}

#[tokio::test]
async fn occurrences_wear_the_words_of_their_series() {
    let office = Office::open().await;
    let _program = office.start().await;
    let events = office.events().await;
    let of_series: Vec<_> = events.iter().filter(|event| event.series.is_some()).collect();
    assert!(!of_series.is_empty());
    assert!(of_series.iter().all(|event| event.show_as.is_some() && !event.subject.is_empty()));
    // The service's own expansion of one week says the same.
    let path = "/me/calendarView?startDateTime=2026-11-23T00:00:00Z&endDateTime=2026-11-28T00:00:00Z&$top=500&$select=id,subject";
    let view = office.elsewhere(reqwest::Method::GET, path, None).await;
    for row in view["value"].as_array().expect("rows") {
        let found = events.iter().find(|event| Some(event.id.0.as_str()) == row["id"].as_str());
        let subject = found.map(|event| event.subject.as_str());
        assert_eq!(subject, row["subject"].as_str(), "{row}");
    }
}

#[tokio::test]
async fn a_throttled_round_waits_says_so_and_goes_on() {
    let office = Office::open().await;
    let program = office.start().await;
    office.fault(MESSAGES, 1, Some(1), Action::Throttle(Some(40), false));
    program.forget();
    program.handle.sync_now();
    office.settle().await;
    let status = program.status();
    assert_eq!(status.throttled_until, Some(at("2026-11-23T09:00:40Z")));
    office.tenant.script().clear_requests();
    office.advance(39).await;
    assert_eq!(office.requests("delta"), 0, "nothing is asked before its time");
    office.advance(30).await;
    assert_eq!(program.status().throttled_until, None);
    assert!(office.requests("messages/delta") >= 1);
    assert!(program.status().problem.is_none());
}

#[tokio::test]
async fn without_the_network_everything_stays_and_comes_back_by_itself() {
    let office = Office::open().await;
    let program = office.start().await;
    let before = office.inbox().await;
    office.tenant.script().offline(true);
    program.forget();
    office.advance(400).await;
    let Connection::Offline { since, next_try } = program.status().connection else {
        panic!("offline is noticed: {:?}", program.status());
    };
    assert!(since > at("2026-11-23T09:00:00Z") && next_try.is_some(), "{since} {next_try:?}");
    assert_eq!(office.inbox().await, before, "nothing is lost");
    assert!(!program.heard.lock().expect("no panic").iter().any(|notice| matches!(notice, Notice::Problem(_))));
    office.tenant.script().offline(false);
    office.advance(330).await;
    assert_eq!(program.status().connection, Connection::Online);
    assert!(program.status().last_success > Some(since));
}

#[tokio::test]
async fn a_start_without_the_network_shows_what_is_there_and_how_old_it_is() {
    let office = Office::open().await;
    drop(office.start().await);
    let before = office.inbox().await;
    office.clock.advance(Duration::from_hours(2));
    office.tenant.script().clear_requests();
    let program = office.start_as(true);
    office.settle().await;
    office.advance(3600).await;
    assert_eq!(program.status().connection, Connection::ForcedOffline);
    assert_eq!(program.status().last_success, Some(at("2026-11-23T09:00:00Z")));
    assert!(office.tenant.script().requests().is_empty(), "nothing is asked");
    assert_eq!(office.inbox().await, before);
    assert_eq!(office.clock.next_due(), None, "and nothing waits for the clock");
    program.handle.sync_now();
    office.settle().await;
    assert!(office.tenant.script().requests().is_empty(), "not even when asked to");
    let refused = program.handle.fetch_body(&before[200].id).await.expect_err("no network");
    assert_eq!(refused.code, "offline");
}

#[tokio::test]
async fn an_opened_message_brings_its_body() {
    let office = Office::open().await;
    let program = office.start().await;
    let old = office.inbox().await[150].id.clone();
    assert!(office.cache.body(&old).await.expect("read").is_none());
    let body = program.handle.fetch_body(&old).await.expect("a body");
    assert_eq!(office.cache.body(&old).await.expect("read"), Some(body));
    office.settle().await;
    assert!(program.heard(&Notice::BodyArrived(old)));
}

#[tokio::test]
async fn a_revoked_sign_in_stops_the_rounds_and_asks_for_a_person() {
    let office = Office::open().await;
    let program = office.start().await;
    let before = office.inbox().await;
    office.tenant.script().revoke(PERSON).expect("revoked");
    office.advance(200).await;
    let problem = program.status().problem.expect("a problem");
    assert!(!problem.next.is_empty());
    office.tenant.script().clear_requests();
    office.advance(3600).await;
    assert!(office.tenant.script().requests().is_empty(), "no knocking at a closed door");
    assert_eq!(office.inbox().await, before);
}

#[tokio::test]
async fn answers_that_make_no_sense_end_in_a_sentence_and_lose_nothing() {
    let actions = [
        Action::Status(502, FaultBody::Html, None),
        Action::Status(200, FaultBody::Empty, None),
        Action::WrongJson,
        Action::Loop,
        Action::Status(500, FaultBody::Error("generalException".to_owned()), None),
    ];
    let office = Office::open().await;
    let program = office.start().await;
    let (before, events) = (office.inbox().await, office.events().await);
    for action in actions {
        program.forget();
        office.fault(MESSAGES, 1, None, action.clone());
        office.fault(CALENDAR, 1, None, action.clone());
        program.handle.sync_now();
        office.advance(400).await;
        assert_eq!(office.inbox().await, before, "{action:?}");
        assert_eq!(office.events().await, events, "{action:?}");
        let heard = program.heard.lock().expect("no panic").clone();
        let told = heard.iter().any(|notice| matches!(notice, Notice::Sync(status) if status.problem.as_ref().is_some_and(|report| !report.next.is_empty())));
        assert!(told, "{action:?}: {heard:?}");
        office.tenant.script().clear_faults();
        program.handle.sync_now();
        office.advance(100).await;
    }
    assert_eq!(office.inbox().await, before);
    assert_eq!(program.status().connection, Connection::Online);
}

#[tokio::test]
async fn without_focus_less_is_asked() {
    let office = Office::open().await;
    let program = office.start().await;
    program.handle.focus(false);
    office.tenant.script().clear_requests();
    office.advance(1200).await;
    let away = office.requests("delta");
    program.handle.focus(true);
    office.tenant.script().clear_requests();
    office.advance(1200).await;
    let here = office.requests("delta");
    assert!(here * 10 > away * 15, "{away} without, {here} with focus");
}

#[tokio::test]
async fn a_closed_cache_file_opens_again_where_it_was() {
    let office = Office::open().await;
    drop(office.start().await);
    office.settle().await;
    office.db.close().await.expect("closed");
    let again = Db::open(&office.folder.path().join("cache.db"), &office.activity).expect("a cache").db;
    let key = AccountKey { tenant: "t".to_owned(), object: PERSON.to_owned() };
    let cache = again.cache(&key).await.expect("an account");
    assert_eq!(cache.folders().await.expect("read"), office.cache.folders().await.expect("read"));
}
