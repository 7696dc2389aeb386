//! Free/busy of people and rooms.
//!
//! Must stay true: the answer has one schedule for each address asked, in the order asked; whoever's calendar cannot be seen has a
//! reason in their own row and spoils nobody else's [calendar-getschedule].

use crate::domain::freebusy::Schedule;
use crate::domain::time::Span;
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::schedule::{WireSchedule, unreadable};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Addresses in one call; members of a distribution list count [calendar-getschedule].
pub const AT_A_TIME: usize = 20;
/// Minutes of a digit.
pub const VIEW_MINUTES: u16 = 15;

/// The call for at most [`AT_A_TIME`] addresses, through the own mailbox or through this one.
#[must_use]
pub fn call(through: Option<&str>, addresses: &[String], window: Span) -> Call {
    let path = match through {
        Some(mailbox) => vec!["users", mailbox, "calendar", "getSchedule"],
        None => vec!["me", "calendar", "getSchedule"],
    };
    Call::ask(
        &path,
        json!({
            "schedules": addresses,
            "startTime": wall_time(window.start),
            "endTime": wall_time(window.end),
            "availabilityViewInterval": VIEW_MINUTES,
        }),
    )
}

/// Reads an answer to [`call`]. `addresses` are those asked, `as_of` is when it came.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse(bytes: &[u8], addresses: &[String], window: Span, as_of: Timestamp) -> Result<Vec<Schedule>, String> {
    let mut rows: Vec<Option<WireSchedule>> = wire::page::<WireSchedule>(bytes)?.rows.into_iter().map(Some).collect();
    let mut schedules = Vec::with_capacity(addresses.len());
    for address in addresses {
        let place = rows.iter().position(|row| row.as_ref().is_some_and(|row| row.is_about(address)));
        let row = place.and_then(|place| rows[place].take());
        schedules.push(match row {
            Some(row) => row.schedule(address, window, VIEW_MINUTES, as_of),
            None => silent(address, window, as_of),
        });
    }
    Ok(schedules)
}

fn silent(address: &str, window: Span, as_of: Timestamp) -> Schedule {
    Schedule {
        address: address.to_owned(),
        window,
        blocks: Err(unreadable()),
        view: String::new(),
        view_minutes: VIEW_MINUTES,
        working_hours: None,
        as_of,
    }
}

/// Schedules of at most [`AT_A_TIME`] addresses, in the order asked. The window is under 62 days.
///
/// There is no "me" for a service: it asks through the first of its mailboxes that has a calendar, and goes on to the next where one
/// has none.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]: then nothing of it is known.
pub async fn schedules(
    graph: &Graph,
    addresses: &[String],
    window: Span,
    priority: Priority,
) -> Result<Vec<Schedule>, GraphError> {
    let homes = match graph.asked_through() {
        Some(known) => vec![Some(known)],
        None if graph.mailboxes().is_empty() => vec![None],
        None => graph.mailboxes().iter().map(|mailbox| Some(mailbox.as_str())).collect::<Vec<_>>(),
    };
    let mut refused = None;
    for home in homes {
        let response = match graph.send(call(home, addresses, window).priority(priority)).await {
            Ok(response) => response,
            Err(GraphError::Refused(refusal)) if home.is_some() && refusal.is_no_mailbox() => {
                refused = Some(GraphError::Refused(refusal));
                continue;
            }
            Err(error) => return Err(error),
        };
        if let Some(home) = home {
            graph.ask_through(home);
        }
        let read = parse(&response.body, addresses, window, graph.now());
        return read.map_err(|what| response.unreadable(what));
    }
    Err(refused.unwrap_or(GraphError::Circle))
}

/// Whole seconds in UTC, as the service writes them.
fn wall_time(instant: Timestamp) -> Value {
    let whole = instant.round(jiff::Unit::Second).unwrap_or(instant);
    let wall = whole.to_zoned(jiff::tz::TimeZone::UTC).datetime();
    json!({ "dateTime": wall.to_string(), "timeZone": "UTC" })
}

/// The longest window the service takes [calendar-getschedule].
pub const LONGEST_WINDOW: SignedDuration = SignedDuration::from_hours(62 * 24 - 1);

#[cfg(test)]
mod tests {
    use super::*;

    fn window() -> Span {
        Span {
            start: "2026-11-23T08:00:00Z".parse().expect("an instant"),
            end: "2026-11-23T18:00:00Z".parse().expect("an instant"),
        }
    }

    #[test]
    fn the_body_is_as_the_service_wants_it() {
        let call = call(None, &["ada@example.com".to_owned()], window());
        let body = call.body().expect("a body");
        assert_eq!(body["startTime"], json!({"dateTime": "2026-11-23T08:00:00", "timeZone": "UTC"}));
        assert_eq!(body["availabilityViewInterval"], 15);
    }

    #[test]
    fn everybody_asked_has_a_row_in_the_order_asked() {
        let addresses: Vec<String> = ["b@x.example", "a@x.example", "lost@x.example"].map(str::to_owned).to_vec();
        let body = br#"{"value":[
            {"scheduleId":"A@X.example","availabilityView":"02","scheduleItems":[
              {"status":"Busy","start":{"dateTime":"2026-11-23T09:00:00.0","timeZone":"UTC"},"end":{"dateTime":"2026-11-23T10:00:00.0","timeZone":"UTC"}},
              {"status":"Surfing","start":{"dateTime":"2026-11-23T10:00:00.0","timeZone":"UTC"},"end":{"dateTime":"2026-11-23T11:00:00.0","timeZone":"UTC"}},
              {"status":"busy","start":7}]},
            {"scheduleId":"b@x.example","error":{"responseCode":"ErrorNoFreeBusyAccess","message":"no"}}]}"#;
        let schedules = parse(body, &addresses, window(), Timestamp::UNIX_EPOCH).expect("schedules");
        let codes: Vec<_> = schedules
            .iter()
            .map(|one| one.blocks.as_ref().map_err(|error| error.code.as_str()).map(Vec::len))
            .collect();
        assert_eq!(codes, [Err("notShared"), Ok(2), Err("unreadable")]);
        let blocks = schedules[1].blocks.as_ref().expect("blocks");
        assert_eq!(blocks[0].status, Some(crate::domain::freebusy::Availability::Busy));
        assert_eq!(blocks[1].status, None, "a word we do not know is unknown, never free");
        assert_eq!(schedules[1].view, "02");
    }

    #[test]
    fn a_block_is_read_also_where_its_subject_was_cut_in_two() {
        let body = br#"{"value":[{"scheduleId":"a@x.example","availabilityView":"2","scheduleItems":[
              {"status":"busy","subject":"Offsite \ud83d","isPrivate":"no",
               "start":{"dateTime":"2026-11-23T09:00:00.0","timeZone":"utc"},"end":{"dateTime":"2026-11-23T10:00:00Z","timeZone":"UTC"}},
              [], 7, null, {"status":"busy"}]}]}"#;
        let schedules = parse(body, &["a@x.example".to_owned()], window(), Timestamp::UNIX_EPOCH).expect("schedules");
        let blocks = schedules[0].blocks.as_ref().expect("blocks");
        let subjects: Vec<&str> = blocks.iter().filter_map(|block| block.subject.as_deref()).collect();
        assert_eq!((blocks.len(), subjects[0].starts_with("Offsite")), (1, true));
        assert_eq!(blocks[0].span.duration().as_mins(), 60);
    }
}
