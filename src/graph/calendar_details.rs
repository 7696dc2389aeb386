//! What lists do not tell of an event: its text, its reminder, how its series repeats, and the days of a series.
//!
//! A text is asked for as plain lines. Must stay true: a recurrence that cannot be read is none, so nobody writes a changed one over it
//! unseen.

use crate::base::text::tame_lines;
use crate::domain::event::{CalendarId, Event, EventDetails, EventId};
use crate::domain::time::Span;
use crate::graph::calendar::EVENT_FIELDS;
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page;
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::event::WireEvent;
use crate::graph::wire::recurrence::WireRecurrence;
use serde::Deserialize;

/// No window holds more days of a series; more is a server gone wrong.
const MOST_DAYS: usize = 2_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WireBeside {
    body: Option<WireBody>,
    is_reminder_on: Option<bool>,
    reminder_minutes_before_start: Option<i64>,
    recurrence: Option<WireRecurrence>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireBody {
    content: Option<String>,
}

/// The call for everything that is known of an event.
#[must_use]
pub fn details_call(event: &EventId) -> Call {
    Call::get(&["me", "events", &event.0])
        .select(&format!("{EVENT_FIELDS},body,isReminderOn,reminderMinutesBeforeStart,recurrence"))
        .prefer("outlook.body-content-type=\"text\"")
}

/// Reads it.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_details(bytes: &[u8]) -> Result<EventDetails, String> {
    let document = wire::document(bytes)?;
    let beside: WireBeside = wire::lenient(document.clone()).unwrap_or_default();
    let event = wire::lenient::<WireEvent>(document).and_then(|event| event.event(&CalendarId(String::new())));
    let text = beside.body.and_then(|body| body.content).unwrap_or_default();
    let minutes = beside.reminder_minutes_before_start.and_then(|minutes| u32::try_from(minutes).ok());
    Ok(EventDetails {
        event: event.ok_or_else(|| "it is no event".to_owned())?,
        body: tame_lines(text.trim_end()).into_owned(),
        reminder: minutes.filter(|_| beside.is_reminder_on == Some(true)),
        recurrence: beside.recurrence.and_then(WireRecurrence::recurrence),
    })
}

/// Everything that is known of an event; `None` when it is gone.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn details(graph: &Graph, event: &EventId, priority: Priority) -> Result<Option<EventDetails>, GraphError> {
    let response = match graph.send(details_call(event).priority(priority)).await {
        Ok(response) => response,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    parse_details(&response.body).map(Some).map_err(|what| response.unreadable(what))
}

/// The days of a series that touch `window`; nothing when the series is gone.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn days_of(
    graph: &Graph,
    calendar: &CalendarId,
    series: &EventId,
    window: Span,
    priority: Priority,
) -> Result<Vec<Event>, GraphError> {
    let call = Call::get(&["me", "events", &series.0, "instances"])
        .query("startDateTime", window.start.to_string())
        .query("endDateTime", window.end.to_string())
        .select(EVENT_FIELDS)
        .query("$top", "200");
    let again = |link: &str| Call::link(link).priority(priority);
    match page::all::<WireEvent>(graph, call.priority(priority), again, MOST_DAYS).await {
        Ok(page) => Ok(page.filter_map(|row| row.event(calendar)).rows),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reminder_and_recurrence_are_read_and_strange_ones_are_none() {
        let read = |beside: &str| {
            let text = format!(
                "{{\"id\":\"E\",\"subject\":\"Plan\",\"start\":{{\"dateTime\":\"2026-11-24T09:00:00\",\"timeZone\":\"UTC\"}},\
                 \"end\":{{\"dateTime\":\"2026-11-24T10:00:00\",\"timeZone\":\"UTC\"}},{beside}}}"
            );
            parse_details(text.as_bytes()).expect("details")
        };
        let whole = read(
            "\"body\":{\"contentType\":\"text\",\"content\":\"One\\r\\nTwo\\u001b[2J\\r\\n\"},\"isReminderOn\":true,\
             \"reminderMinutesBeforeStart\":30,\"recurrence\":{\"pattern\":{\"type\":\"daily\",\"interval\":1},\
             \"range\":{\"type\":\"numbered\",\"numberOfOccurrences\":3}}",
        );
        assert!(whole.body.starts_with("One\nTwo") && !whole.body.contains('\u{1b}'), "{:?}", whole.body);
        assert_eq!(
            (whole.reminder, whole.recurrence.map(|one| one.words()).as_deref()),
            (Some(30), Some("every day, 3 times"))
        );
        let none = read("\"body\":7,\"isReminderOn\":false,\"reminderMinutesBeforeStart\":30,\"recurrence\":\"often\"");
        assert_eq!((none.body.as_str(), none.reminder, none.recurrence), ("", None, None));
        assert!(parse_details(b"{\"id\":\"E\"}").is_err(), "an event without times is none");
    }
}
