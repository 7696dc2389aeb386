//! Where a computer fails the program: a disk without room, a file somebody else holds, folders that may not be written, a night of
//! sleep between two moments, a clock that goes back. Nothing is said to be taken that was not, nothing is done twice, and when the
//! trouble is over things go on by themselves.

use crate::outbox::{Office, PERSON};
use crate::support::office;
use crate::support::program::Program;
use crate::support::second_client::SecondClient;
use crate::support::stage::{Stage, StageOptions};
use deskbell::base::clock::Clock;
use deskbell::base::paths::Places;
use deskbell::db::DbError;
use deskbell::db::outbox::OutboxError;
use deskbell::domain::intent::{Intent, ItemState};
use deskbell::domain::mail::FolderRole;
use deskbell::domain::request::Request;
use deskbell::engine::{Limits, Room};
use deskbell::sim::faults::{Action, FaultBody, Rule, Side};
use rusqlite::{Connection, ffi};
use serde_json::{Value, json};
use std::time::Duration;

/// Everything that may be granted is.
const WRITER: &str = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n";

fn limits(patience: Duration) -> (Limits, Room) {
    let limits = Limits { patience, ..Limits::default() };
    let room = limits.room.clone();
    (limits, room)
}

async fn writer(limits: Limits) -> Stage {
    Stage::with(StageOptions { config: WRITER.to_owned(), limits, ..StageOptions::default() }).await
}

async fn seconds(stage: &mut Stage, seconds: u64) {
    stage.advance(Duration::from_secs(seconds)).await;
}

/// What the tenant says to Lena.
async fn asked(stage: &Stage, path: &str) -> Value {
    let token = stage.tenant.script().token(PERSON, "").expect("a token");
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let address = format!("{}/v1.0/me/{path}", stage.tenant.graph());
    client.get(address).bearer_auth(token).send().await.expect("an answer").json().await.expect("json")
}

async fn subjects(stage: &Stage, folder: &str) -> Vec<String> {
    let path = format!("mailFolders/{folder}/messages?$select=subject&$top=50&$orderby=receivedDateTime%20desc");
    let listed = asked(stage, &path).await;
    let rows = listed["value"].as_array().unwrap_or_else(|| panic!("{listed}"));
    rows.iter().map(|row| row["subject"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn on_a_full_disk_a_change_is_refused_in_words_and_later_it_goes_on() {
    let (limits, room) = limits(Duration::from_secs(5));
    let mut stage = writer(limits).await;
    stage.press("2").await;
    let before = subjects(&stage, "inbox").await;
    room.set(Some(0));
    stage.press("a").await;
    stage.sees("Your change could not be kept, so it was not made.");
    stage.sees("The disk is full.");
    stage.press("Esc").await;
    stage.sees_no("Archived \"");
    assert_eq!(subjects(&stage, "inbox").await, before, "nothing was asked of the service");
    // What arrives cannot be kept; that is announced, and reading goes on.
    SecondClient::of(&stage, "ben").send("Is anybody there?", "<p>Hello</p>").await;
    seconds(&mut stage, 300).await;
    stage.sees("The cache cannot grow.");
    stage.sees_no("Is anybody there?");
    assert!(!stage.text().contains('╭'), "no dialog:\n{}", stage.text());
    stage.press("g g j Enter").await;
    stage.press("Esc").await;
    room.set(None);
    seconds(&mut stage, 600).await;
    stage.sees_no("The cache cannot grow.");
    stage.press("2 g g").await;
    stage.sees("Is anybody there?");
    stage.press("a").await;
    stage.sees("Archived \"");
    assert_eq!(subjects(&stage, "archive").await[0], "Is anybody there?");
    // What could not be indexed then is found now.
    SecondClient::of(&stage, "ben").send("Zirconium", "<p>Hello</p>").await;
    seconds(&mut stage, 300).await;
    stage.press("/").await;
    stage.type_text("zirconium").await;
    stage.sees("Zirconium");
}

#[tokio::test]
async fn what_was_taken_is_made_once_wherever_the_disk_is_full() {
    let mut office = Office::open().await;
    let (limits, room) = limits(Duration::from_secs(5));
    office.limits = limits;
    let program = office.start().await;
    let mut taken = 0;
    for transactions in 0..11 {
        let subject = format!("Lunch {transactions}");
        let draft = program.written(&subject).await;
        office.settle().await;
        room.set(Some(transactions));
        let answer = program.engine.perform(Request::Change(vec![Intent::Send { draft: draft.id }])).await;
        office.advance(15).await;
        room.set(None);
        if let Err(report) = &answer {
            assert_eq!(report.code, "diskFull", "{transactions}");
            assert!(report.what.contains("not made"), "{}", report.as_text());
        }
        office.advance(130).await;
        let is_taken = answer.is_ok();
        taken += usize::from(is_taken);
        assert_eq!(office.count("sentitems", &subject).await, usize::from(is_taken), "after {transactions}");
        assert_eq!(program.outbox().await, [], "after {transactions}");
    }
    assert!((5..11).contains(&taken), "{taken}");
    assert!(program.has_heard_of("Changes that wait cannot be made now."), "it is said in words");
}

#[tokio::test]
async fn a_cache_that_another_holds_stops_neither_keys_nor_changes() {
    let (limits, _room) = limits(Duration::ZERO);
    let mut stage = writer(limits).await;
    stage.press("2").await;
    let first = subjects(&stage, "inbox").await.remove(0);
    let places: Places = stage.engine().setup().places.clone();
    let other = Connection::open(places.cache.join("deskbell.db")).expect("the cache");
    other.execute_batch("BEGIN EXCLUSIVE").expect("held");
    let frames = stage.frames();
    stage.press("j j k k").await;
    assert!(stage.frames() >= frames + 4, "each key has its frame");
    // The change is kept beside the cache, and made.
    stage.press("a").await;
    stage.sees("Archived \"");
    seconds(&mut stage, 30).await;
    assert_eq!(subjects(&stage, "archive").await[0], first);
    seconds(&mut stage, 600).await;
    stage.sees("The cache is in use.");
    other.execute_batch("COMMIT").expect("released");
    seconds(&mut stage, 600).await;
    stage.sees_no("The cache is in use.");
    stage.press("2 g g").await;
    let shown = stage.text();
    assert!(!shown.contains(&first), "it has left the list:\n{shown}");
    // The same for the outbox: then nothing can be taken, and that is said.
    let other = Connection::open(places.state.join("outbox.db")).expect("the outbox");
    other.execute_batch("BEGIN EXCLUSIVE").expect("held");
    let second = subjects(&stage, "inbox").await.remove(0);
    stage.press("a").await;
    stage.sees("Your change could not be kept, so it was not made.");
    stage.sees("Another deskbell kept the outbox for too long.");
    stage.press("Esc").await;
    other.execute_batch("COMMIT").expect("released");
    assert_eq!(subjects(&stage, "inbox").await[0], second);
    stage.press("a").await;
    seconds(&mut stage, 60).await;
    assert!(subjects(&stage, "archive").await[..2].contains(&second));
}

#[tokio::test]
async fn a_night_of_sleep_is_made_up_for_at_once_and_nothing_twice() {
    let (limits, _room) = limits(Duration::from_secs(5));
    let mut stage = writer(limits).await;
    stage.press("2").await;
    let first = subjects(&stage, "inbox").await.remove(0);
    // A change whose try failed waits for its next; the line is back while nobody can know.
    stage.tenant.script().fault(
        Rule::graph(
            "/me/messages/*",
            Action::Status(503, FaultBody::Error("ServiceUnavailable".to_owned()), Some(120)),
        )
        .times(1),
    );
    stage.press("a").await;
    seconds(&mut stage, 5).await;
    SecondClient::of(&stage, "ben").send("While you slept", "<p>Hello</p>").await;
    stage.tenant.script().clear_requests();
    // More than a day in one step: the token has ended, every round is due.
    stage.skip(Duration::from_hours(32)).await;
    seconds(&mut stage, 2).await;
    stage.sees("While you slept");
    assert_eq!(subjects(&stage, "archive").await[0], first);
    let requests = stage.tenant.script().requests();
    let count = |part: &str| requests.iter().filter(|one| one.path.contains(part)).count();
    let tokens = requests.iter().filter(|one| one.side == Side::Authority && one.path.ends_with("/token")).count();
    assert_eq!(tokens, 1, "one token: {requests:?}");
    assert!(requests.iter().all(|one| one.status < 400 && one.status > 0), "nobody was refused: {requests:?}");
    assert!((1..=2).contains(&count("mailFolders/delta")), "rounds that were missed are one round: {requests:?}");
    let again = requests.len();
    stage.settle().await;
    assert_eq!(stage.tenant.script().requests().len(), again, "and then it rests");
    stage.sees("18:12");
}

#[tokio::test]
async fn a_clock_that_goes_back_keeps_nobody_waiting_and_lets_nothing_go_early() {
    let office = Office::open().await;
    let program = office.start().await;
    let hour = Duration::from_hours(1);
    // Held.
    let draft = program.written("Held").await;
    program.change(vec![Intent::Send { draft: draft.id }]).await;
    office.settle().await;
    office.clock.set_back(hour);
    office.advance(4).await;
    assert_eq!(office.count("sentitems", "Held").await, 0, "not early");
    office.advance(60).await;
    assert_eq!(office.count("sentitems", "Held").await, 1, "and not an hour late");
    // Waiting for its next try.
    let message = program.messages(FolderRole::Inbox).await.remove(0);
    let busy = Action::Status(503, FaultBody::Error("ServiceUnavailable".to_owned()), Some(600));
    office.tenant.script().fault(Rule::graph("/me/messages/*", busy).method("PATCH").times(1));
    let flag = Intent::Flag { message: message.id.clone(), is_flagged: !message.is_flagged };
    program.change(vec![flag]).await;
    office.settle().await;
    let waiting = program.outbox().await;
    assert!(matches!(waiting.first().map(|item| item.state), Some(ItemState::Waiting)), "{waiting:?}");
    office.clock.set_back(hour);
    office.advance(300).await;
    assert_eq!(program.outbox().await.len(), 1, "the service asked for more");
    office.advance(2_000).await;
    assert_eq!(program.outbox().await, []);
    // Taken back while the program was not there.
    let draft = program.written("Over night").await;
    program.change(vec![Intent::Send { draft: draft.id }]).await;
    office.settle().await;
    program.engine.close().await;
    drop(program);
    office.settle().await;
    office.clock.set_back(hour);
    let program = office.start().await;
    office.advance(4).await;
    assert_eq!(office.count("sentitems", "Over night").await, 0, "not early");
    office.advance(60).await;
    assert_eq!(office.count("sentitems", "Over night").await, 1, "and not an hour late");
    drop(program);
}

#[tokio::test]
async fn what_is_shown_for_a_while_goes_when_the_clock_went_back() {
    let mut stage = writer(Limits::default()).await;
    stage.press("2 u").await;
    stage.sees("There is nothing to undo.");
    stage.sees("10:12");
    stage.set_back(Duration::from_hours(3)).await;
    stage.sees("07:12");
    seconds(&mut stage, 10).await;
    stage.sees_no("There is nothing to undo.");
    seconds(&mut stage, 60).await;
    stage.sees("07:13");
}

#[tokio::test]
async fn a_walk_through_the_folders_that_broke_off_loses_none() {
    let office = office::Office::open().await;
    let rows = office.elsewhere(reqwest::Method::GET, "/me/mailFolders/delta", None).await;
    let (all, link) = (rows["value"].as_array().expect("rows").clone(), rows["@odata.deltaLink"].clone());
    let (first, rest) = all.split_at(all.len() / 2);
    let next = format!("{}/v1.0/me/mailFolders/delta?$skiptoken=half", office.tenant.graph());
    let page = |page: Value| Action::Status(200, FaultBody::Json(page), None);
    let half = json!({"value": first, "@odata.nextLink": next});
    let tree = "/me/mailFolders/delta";
    let denied = Action::Status(403, FaultBody::Error("ErrorAccessDenied".to_owned()), None);
    office.fault(tree, 1, Some(1), page(half.clone()));
    office.fault(tree, 2, None, denied);
    let program = office.start().await;
    assert!(office.cache.folders().await.expect("read").len() < all.len(), "no half of a tree is shown as the whole");
    drop(program);
    office.settle().await;
    // Hours later another program goes the whole way, in two steps.
    office.tenant.script().clear_faults();
    office.clock.advance(Duration::from_hours(5));
    office.fault(tree, 1, Some(1), page(half));
    office.fault(tree, 2, Some(1), page(json!({"value": rest, "@odata.deltaLink": link})));
    let program = office.start().await;
    let known = office.cache.folders().await.expect("read");
    let names = |folders: Vec<String>| {
        let mut folders = folders;
        folders.sort();
        folders
    };
    let expected = all.iter().map(|row| row["displayName"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(names(known.iter().map(|folder| folder.name.clone()).collect()), names(expected));
    // And what happens from there on is heard.
    office.elsewhere(reqwest::Method::POST, "/me/mailFolders", Some(json!({"displayName": "Later"}))).await;
    program.handle.sync_now();
    office.settle().await;
    assert!(office.cache.folders().await.expect("read").iter().any(|folder| folder.name == "Later"));
}

#[test]
fn the_doctor_tells_of_rows_left_out_and_of_files_begun_anew() {
    let program = Program::new();
    let ran = program.run_with_token("inbox", PERSON, "");
    assert_eq!(ran.code, 0, "{ran:?}");
    let places = Places::under(program.home.path());
    let path = places.cache.join("deskbell.db");
    let file = Connection::open(&path).expect("the cache");
    let skip = |end: &str, rows: u32| {
        let skip = format!("UPDATE cursors SET skipped = {rows} WHERE scope = (SELECT {end}(scope) FROM cursors)");
        assert_eq!(file.execute(&skip, []).expect("noted"), 1);
    };
    skip("min", 1);
    let check = |name: &str| {
        let said = program.run_with_token("doctor --json", PERSON, "").json();
        let checks = said["items"].as_array().expect("items").clone();
        checks.into_iter().find(|check| check["name"] == name).unwrap_or(Value::Null)
    };
    let said = check("cache");
    let one = "Whole, 1 MB. One row of the service could not be read and was left out.";
    assert_eq!((said["reason"].as_str(), &said["details"]["rows left out"]), (Some(one), &"1".into()), "{said}");
    skip("max", 2);
    let left_out = "3 rows of the service could not be read and were left out.";
    let said = check("cache");
    assert_eq!(
        (said["result"].as_str(), said["reason"].as_str().is_some_and(|it| it.contains(left_out))),
        (Some("passed"), true),
        "{said}"
    );
    assert_eq!(check("outbox"), Value::Null);
    // The journal of a damaged file is no damaged file.
    std::fs::write(path.with_file_name("deskbell.db.damaged-1-wal"), b"no journal").expect("written");
    assert_eq!(check("cache")["result"], "passed");
    std::fs::write(path.with_file_name("deskbell.db.damaged-1"), b"no database").expect("written");
    for number in [1, 2] {
        let aside = places.state.join(format!("outbox.db.damaged-{number}"));
        std::fs::write(aside, b"no database").expect("written");
    }
    let said = check("cache");
    assert_eq!((said["result"].as_str(), said["code"].as_str()), (Some("warning"), Some("cacheSetAside")), "{said}");
    assert!(said["reason"].as_str().is_some_and(|it| it.contains("begun anew") && it.contains(left_out)), "{said}");
    let outbox = check("outbox");
    assert_eq!((&outbox["code"], &outbox["result"]), (&"outboxSetAside".into(), &"warning".into()), "{outbox}");
    let newest = outbox["details"]["damaged file"].as_str().is_some_and(|it| it.ends_with("damaged-2"));
    assert!(newest, "the one that was set aside last: {outbox}");
}

/// Runs a command as somebody who owns the home and is not root; `None` where this computer does not let us.
#[cfg(unix)]
fn as_nobody(program: &Program, arguments: &str) -> Option<(i32, String)> {
    use std::os::unix::fs::{MetadataExt, chown};
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;
    let token = program.tenant.script().token(PERSON, "").expect("a token");
    let mut command = program.command(arguments);
    command.env("DESKBELL_TOKEN", token);
    let made_now = tempfile::tempdir().expect("a folder");
    if std::fs::metadata(made_now.path()).expect("a folder").uid() == 0 {
        let mut folders = vec![program.home.path().to_owned()];
        while let Some(folder) = folders.pop() {
            chown(&folder, Some(NOBODY), Some(NOBODY)).expect("given away");
            for entry in std::fs::read_dir(&folder).expect("a folder").flatten() {
                if entry.path().is_dir() {
                    folders.push(entry.path());
                } else {
                    chown(entry.path(), Some(NOBODY), Some(NOBODY)).expect("given away");
                }
            }
        }
        command.uid(NOBODY).gid(NOBODY);
    }
    let output = command.output().ok()?;
    Some((output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[cfg(unix)]
#[test]
fn places_that_may_not_be_written_end_in_a_sentence() {
    use std::os::unix::fs::PermissionsExt;
    let program = Program::new();
    let may = |folder: &std::path::Path, folder_mode: u32, file_mode: u32| {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let mode = if entry.path().is_dir() { folder_mode } else { file_mode };
            std::fs::set_permissions(entry.path(), PermissionsExt::from_mode(mode)).expect("set");
        }
        std::fs::set_permissions(folder, PermissionsExt::from_mode(folder_mode)).expect("set");
    };
    let Some((0, _)) = as_nobody(&program, "inbox") else { return };
    let places = Places::under(program.home.path());
    for (folder, needed) in [(&places.state, false), (&places.cache, true)] {
        may(folder, 0o500, 0o400);
        let (code, said) = as_nobody(&program, "inbox").expect("it ran before");
        assert!(!said.contains("panicked"), "{said}");
        if needed {
            assert_eq!(code, 3, "{said}");
            assert!(said.contains("The cache cannot be opened.") && said.contains("can be written"), "{said}");
        } else {
            assert_eq!(code, 0, "mail is read without it: {said}");
        }
        may(folder, 0o700, 0o600);
    }
    assert_eq!(as_nobody(&program, "inbox").map(|(code, _)| code), Some(0), "and then it goes on");
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_cannot_be_written_says_nothing_where_the_screen_is() {
    let program = Program::new();
    let log = Places::under(program.home.path()).log;
    std::fs::create_dir_all(&log).expect("a folder");
    // Whatever the day is where this runs: no byte goes into today's file, as on a full disk.
    let now = jiff::Timestamp::try_from(deskbell::engine::SystemClock.now()).expect("a time");
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    for day in [today, today.tomorrow().expect("a day")] {
        std::os::unix::fs::symlink("/dev/full", log.join(format!("deskbell.{day}.log"))).expect("a link");
    }
    let ran = program.run_with_token("inbox -n 1 --log trace", PERSON, "");
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{ran:?}");
    assert!(!ran.err.contains("tracing") && !ran.err.contains("No space"), "{ran:?}");
}

/// What becomes of a code of SQLite.
fn said(code: i32) -> DbError {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None).into()
}

#[test]
fn a_full_disk_a_limit_and_a_failing_disk_are_each_told_in_words_that_are_true() {
    let full = said(ffi::SQLITE_FULL).report().as_text();
    assert!(full.contains("The disk is full.") && !full.contains("ulimit"), "{full}");
    for code in [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_TRUNCATE, ffi::SQLITE_IOERR_READ] {
        let text = said(code).report().as_text();
        let of_outbox = OutboxError::from(said(code)).report().as_text();
        for told in [&text, &of_outbox] {
            assert!(!told.contains("is full") && told.contains("failing"), "{code}: {told}");
            assert_eq!(told.contains("ulimit -f"), code != ffi::SQLITE_IOERR_READ, "{code}: {told}");
        }
        assert!(text.contains("Nothing is lost") && of_outbox.contains("not made"), "{code}: {text} {of_outbox}");
    }
    // What nobody foresaw is told as SQLite says it.
    assert!(matches!(said(ffi::SQLITE_IOERR_LOCK), DbError::Other(_)));
    assert!(matches!(said(ffi::SQLITE_CORRUPT), DbError::Damaged(_)));
}
