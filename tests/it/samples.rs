//! The documentation's example answers, read by the functions that read the real ones.
//!
//! The folder is named by `DESKBELL_GRAPH_SAMPLES`; it is not part of the repository. Each file that belongs to a call we make
//! must be read whole: not one row skipped.

use deskbell::domain::event::CalendarId;
use deskbell::domain::time::Span;
use deskbell::graph::{Page, Trace, batch, calendar, error, mail, mail_tips, me, people, presence, schedule};
use jiff::Timestamp;
use std::path::Path;

fn whole<T>(page: Result<Page<T>, String>) -> Result<(), String> {
    let page = page?;
    match (page.skipped, page.rows.len()) {
        (0, 1..) => Ok(()),
        (skipped, rows) => Err(format!("{rows} rows read, {skipped} skipped")),
    }
}

fn schedules(bytes: &[u8], addresses: &[&str]) -> Result<(), String> {
    let window = Span { start: Timestamp::UNIX_EPOCH, end: Timestamp::MAX };
    let addresses: Vec<String> = addresses.iter().map(|&address| address.to_owned()).collect();
    let schedules = schedule::parse(bytes, &addresses, window, Timestamp::UNIX_EPOCH)?;
    for one in schedules {
        let blocks = one.blocks.map_err(|error| format!("{}: {}", one.address, error.message))?;
        if blocks.is_empty() || blocks.iter().any(|block| block.status.is_none()) {
            return Err(format!("{} has {blocks:?}", one.address));
        }
        if one.working_hours.is_none_or(|hours| hours.days.len() != 5 || hours.zone.rules.is_none()) {
            return Err(format!("the hours of {} are not read", one.address));
        }
    }
    Ok(())
}

fn refused(status: u16, bytes: &[u8], code: &str) -> Result<(), String> {
    let refusal = error::parse(status, bytes, Trace::default());
    if refusal.has_code(code) && !refusal.message.is_empty() { Ok(()) } else { Err(format!("{refusal:?}")) }
}

/// Reads the file as the product does; `None` when it belongs to no call we make.
fn read(name: &str, bytes: &[u8]) -> Option<Result<(), String>> {
    let calendar_id = CalendarId("calendar".to_owned());
    Some(match name {
        "calendar-get-1" | "outlook-calendar-online-meetings-1" => calendar::parse_calendar(bytes).map(drop),
        "user-list-calendars-1" | "outlook-get-shared-events-calendars-1" => whole(calendar::parse_calendars(bytes)),
        "event-get-1"
        | "user-post-events-1"
        | "user-post-events-2"
        | "user-post-events-4"
        | "outlook-calendar-meeting-proposals-1"
        | "outlook-calendar-online-meetings-2"
        | "outlook-create-event-in-shared-delegated-calendar-2" => calendar::parse_event(bytes, &calendar_id).map(drop),
        "event-list-instances-1" | "user-list-events-1" => whole(calendar::parse_events(bytes, &calendar_id)),
        "delta-query-events-1" | "delta-query-events-3" | "delta-query-events-4" => {
            whole(calendar::parse_round(bytes, &calendar_id))
        }
        "user-list-messages-1"
        | "delta-query-messages-1"
        | "delta-query-messages-2"
        | "delta-query-messages-3"
        | "outlook-calendar-meeting-proposals-3" => whole(mail::parse_round(bytes)),
        "message-get-1"
        | "outlook-create-event-in-shared-delegated-calendar-5"
        | "message-move-1"
        | "message-createreply-2"
        | "user-post-messages-1" => mail::parse_body(bytes).map(drop),
        "user-list-mailfolders-1" | "mailfolder-list-childfolders-2" => whole(mail::parse_folders(bytes, None)),
        "user-get-mailboxsettings-1" => me::parse_settings(bytes).and_then(|settings| {
            settings.zone.zip(settings.working_hours).map(drop).ok_or_else(|| "zone or hours are not read".to_owned())
        }),
        "user-getmailtips-1" => whole(mail_tips::parse(bytes)),
        "presence-get-1" => presence::parse_one(bytes, Timestamp::UNIX_EPOCH).map(drop),
        "cloudcommunications-getpresencesbyuserid-1" => whole(presence::parse(bytes, Timestamp::UNIX_EPOCH)),
        "user-get-2" | "user-list-manager-1" => people::parse_one(bytes).map(drop),
        "user-list-6" => whole(people::parse_page(bytes)),
        "calendar-getschedule-1" => schedules(bytes, &["adelev@contoso.com", "MeganB@contoso.com"]),
        "calendar-getschedule-2" => {
            schedules(bytes, &["adelev@contoso.onmicrosoft.com", "meganb@contoso.onmicrosoft.com"])
        }
        "json-batching-1" => batch::parse(bytes).and_then(|answers| {
            let refused = answers.iter().filter(|(_, result)| result.is_err()).count();
            if answers.len() >= 4 && refused >= 2 { Ok(()) } else { Err(format!("{answers:?}")) }
        }),
        "errors-1" => refused(400, bytes, "invalidRange"),
        "throttling-1" => refused(429, bytes, "TooManyRequests"),
        "query-parameters-1" => {
            let refusal = error::parse(400, bytes, Trace::default());
            if refusal.message.is_empty() { Err(format!("{refusal:?}")) } else { Ok(()) }
        }
        _ => return None,
    })
}

#[expect(clippy::disallowed_methods, reason = "the folder is named by the environment, and the program is not running")]
#[expect(clippy::print_stderr, reason = "a test that was skipped says so")]
#[test]
fn the_documentations_examples_are_read_whole() {
    let Ok(folder) = std::env::var("DESKBELL_GRAPH_SAMPLES") else {
        eprintln!("\n*** NOT TESTED: set DESKBELL_GRAPH_SAMPLES to the folder of Graph's example answers ***\n");
        return;
    };
    let mut belonging = 0;
    let mut problems = Vec::new();
    for entry in std::fs::read_dir(Path::new(&folder)).expect("DESKBELL_GRAPH_SAMPLES names a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file that can be read");
        match read(&name, &bytes) {
            Some(Ok(())) => belonging += 1,
            Some(Err(problem)) => problems.push(format!("{name}: {problem}")),
            None => {}
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(belonging >= 35, "only {belonging} files were found in {folder}");
}
