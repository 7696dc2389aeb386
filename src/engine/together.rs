//! What somebody and I had to do with each other lately: mail by the index, meetings by the calendar, both from the cache.

use crate::base::report::Report;
use crate::db::Cache;
use crate::domain::event::{Event, Response};
use crate::domain::mail::{Message, MessageRow};
use crate::domain::request::Together;
use crate::domain::time::{add_days, date_at, days_span};
use crate::engine::search;
use crate::graph::Graph;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Mails that are shown.
const MOST_MAILS: usize = 3;
/// Meetings that are shown.
const MOST_MEETINGS: usize = 3;
/// Hits that are looked at: the index knows words, and an address has several.
const MOST_LOOKED_AT: usize = 12;
/// Days ahead in which a meeting is looked for.
const DAYS_AHEAD: u16 = 42;

/// The newest mails from and to `address`, and the next meetings with them.
///
/// # Errors
/// When the cache cannot be read.
pub(super) async fn together(graph: &Graph, cache: &Cache, zone: &TimeZone, address: &str) -> Result<Together, Report> {
    let now = graph.now();
    let mails = mails(cache, zone, address, now).await?;
    let today = date_at(now, zone);
    let window = days_span(today, DAYS_AHEAD, zone);
    let events = cache.events(today, add_days(today, i64::from(DAYS_AHEAD)), window).await;
    let events = events.map_err(|error| error.report())?;
    let mut meetings: Vec<Event> = events.into_iter().filter(|event| is_with(event, address, now, zone)).collect();
    meetings.sort_by_key(|event| event.when.start(zone));
    meetings.truncate(MOST_MEETINGS);
    Ok(Together { mails, meetings })
}

async fn mails(cache: &Cache, zone: &TimeZone, address: &str, now: Timestamp) -> Result<Vec<MessageRow>, Report> {
    // A search of its own, so that one that is typed goes on.
    let text = format!("from:\"{address}\" OR to:\"{address}\"");
    let found = search::newest(cache, &text, MOST_LOOKED_AT, now, zone).await?;
    let mut rows = Vec::new();
    for found in found.into_iter().filter(|found| is_between(&found.message, address)).take(MOST_MAILS) {
        // The place of a hit is one of the index; the folder has another.
        if let Some(row) = cache.message(&found.message.id).await.map_err(|error| error.report())? {
            rows.push(row);
        }
    }
    Ok(rows)
}

fn is_between(message: &Message, address: &str) -> bool {
    let people = message.from.iter().chain(&message.to).chain(&message.cc);
    people.into_iter().any(|one| one.address.eq_ignore_ascii_case(address))
}

fn is_with(event: &Event, address: &str, now: Timestamp, zone: &TimeZone) -> bool {
    let has = |one: &str| one.eq_ignore_ascii_case(address);
    let is_there = event.organizer.as_ref().is_some_and(|organizer| has(&organizer.address))
        || event.attendees.iter().any(|attendee| has(&attendee.recipient.address));
    is_there && !event.is_cancelled && event.response != Response::Declined && event.when.end(zone) > now
}
