//! Calendars, the window of a calendar, and delta rounds of a window.
//!
//! A window query gives events that can be drawn; a delta round gives singles, masters, exceptions, and stubs of occurrences
//! that must be filled from their master [delta-query-events]. Must stay true: a master is never drawn (it carries the
//! first occurrence's time); windows are asked a day wider on both sides, because the service matches all-day events as UTC
//! midnights \[event\]. Deliberately absent: writing.

use crate::domain::change::Change;
use crate::domain::event::{Calendar, CalendarId, Event, EventId, When};
use crate::domain::time::Span;
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page::{self, Onward, Page};
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::event::{EventKind, WireCalendar, WireEvent};
use jiff::{SignedDuration, Timestamp};
use std::collections::HashMap;

const CALENDAR_FIELDS: &str = "id,name,isDefaultCalendar,canEdit,owner";
pub(crate) const EVENT_FIELDS: &str = "id,subject,start,end,isAllDay,isCancelled,isOrganizer,showAs,sensitivity,importance,type,\
                            seriesMasterId,location,organizer,attendees,responseStatus,isOnlineMeeting,onlineMeeting,\
                            webLink,categories,hasAttachments,bodyPreview";
/// No window holds more; more is a server gone wrong.
const MOST_EVENTS: usize = 20_000;
const MOST_CALENDARS: usize = 1_000;

/// Where a page of a delta round begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Round {
    /// A first round over a window. The window is frozen into the link; to move it, begin anew.
    First(Span),
    /// A next link of this round, or the delta link of the last one.
    Link(String),
}

/// One row of a delta round of a window.
#[derive(Clone, Debug, PartialEq)]
pub enum EventRow {
    /// A single event or an exception: drawn as it is.
    Whole(Event),
    /// The pattern of a series; fills the stubs and is not drawn. Its times are those of the first occurrence.
    Master(Event),
    /// An occurrence told by its times only.
    Stub {
        /// Its own id.
        id: EventId,
        /// The master that fills it.
        series: EventId,
        /// When it is. A stub does not say whether it is all day: its master does.
        when: When,
        /// The same as dates, for a series of whole days.
        dates: Option<When>,
    },
    /// Gone; ids never seen may come too. The id of a master means the whole series.
    Removed(EventId),
}

/// The calendars of the mailbox, those shared with its owner among them.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn calendars(graph: &Graph) -> Result<Vec<Calendar>, GraphError> {
    let call = Call::get(&["me", "calendars"]).select(CALENDAR_FIELDS).query("$top", "100");
    let page = page::all::<WireCalendar>(graph, call, Call::link, MOST_CALENDARS).await?;
    Ok(page.filter_map(WireCalendar::calendar).rows)
}

/// Reads a page of calendars.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_calendars(bytes: &[u8]) -> Result<Page<Calendar>, String> {
    Ok(wire::page::<WireCalendar>(bytes)?.filter_map(WireCalendar::calendar))
}

/// Reads one calendar.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_calendar(bytes: &[u8]) -> Result<Calendar, String> {
    wire::object::<WireCalendar>(bytes)?.calendar().ok_or_else(|| "it is no calendar".to_owned())
}

/// Reads a page of events of `calendar`.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_events(bytes: &[u8], calendar: &CalendarId) -> Result<Page<Event>, String> {
    Ok(wire::page::<WireEvent>(bytes)?.filter_map(|row| row.event(calendar)))
}

/// Reads one event of `calendar`.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_event(bytes: &[u8], calendar: &CalendarId) -> Result<Event, String> {
    wire::object::<WireEvent>(bytes)?.event(calendar).ok_or_else(|| "it is no event".to_owned())
}

/// The owner's main calendar.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn default_calendar(graph: &Graph) -> Result<Calendar, GraphError> {
    let response = graph.send(Call::get(&["me", "calendar"]).select(CALENDAR_FIELDS)).await?;
    parse_calendar(&response.body).map_err(|what| response.unreadable(what))
}

/// The call for what stands in `calendar` over `window`.
#[must_use]
pub fn view_call(calendar: &CalendarId, window: Span) -> Call {
    let window = widened(window);
    Call::get(&["me", "calendars", &calendar.0, "calendarView"])
        .query("startDateTime", window.start.to_string())
        .query("endDateTime", window.end.to_string())
        .select(EVENT_FIELDS)
        .query("$top", "200")
}

/// Events that overlap `window` (a day wider on both sides), recurring series expanded by the service. Whole-day events of
/// the neighbour days may be among them: choose by date.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn view(
    graph: &Graph,
    calendar: &CalendarId,
    window: Span,
    priority: Priority,
) -> Result<Page<Event>, GraphError> {
    let again = |link: &str| Call::link(link).priority(priority);
    let page =
        page::all::<WireEvent>(graph, view_call(calendar, window).priority(priority), again, MOST_EVENTS).await?;
    Ok(page.filter_map(|row| row.event(calendar)))
}

/// The call for a page of a round of `calendar`. It takes no query options but the window [event-delta].
#[must_use]
pub fn round_call(calendar: &CalendarId, round: &Round) -> Call {
    let call = match round {
        Round::Link(link) => Call::link(link),
        Round::First(window) => {
            let window = widened(*window);
            Call::get(&["me", "calendars", &calendar.0, "calendarView", "delta"])
                .query("startDateTime", window.start.to_string())
                .query("endDateTime", window.end.to_string())
        }
    };
    call.prefer("odata.maxpagesize=200")
}

/// Reads a page of a round.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_round(bytes: &[u8], calendar: &CalendarId) -> Result<Page<EventRow>, String> {
    Ok(wire::page::<WireEvent>(bytes)?.filter_map(|row| event_row(row, calendar)))
}

fn event_row(row: WireEvent, calendar: &CalendarId) -> Option<EventRow> {
    let id = row.id()?;
    Some(match row.kind() {
        EventKind::Removed => EventRow::Removed(id),
        EventKind::Master => EventRow::Master(row.event(calendar)?),
        EventKind::Stub => EventRow::Stub { id, series: row.series()?, when: row.when()?, dates: row.dates() },
        EventKind::Whole => EventRow::Whole(row.event(calendar)?),
    })
}

/// One page of a delta round of a window of `calendar`.
///
/// # Errors
/// [`GraphError::CursorExpired`] when the link is too old; else as from [`Graph::send`].
pub async fn round(
    graph: &Graph,
    calendar: &CalendarId,
    round: &Round,
    priority: Priority,
) -> Result<Page<EventRow>, GraphError> {
    let response = graph.send(round_call(calendar, round).priority(priority)).await?;
    let page = parse_round(&response.body, calendar).map_err(|what| response.unreadable(what))?;
    if page.onward == Onward::End {
        return Err(response.unreadable("the round ends without a link for the next one".to_owned()));
    }
    Ok(page)
}

/// The master of a series, or `None` when the series is gone.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn master(graph: &Graph, calendar: &CalendarId, series: &EventId) -> Result<Option<Event>, GraphError> {
    let response = match graph.send(Call::get(&["me", "events", &series.0]).select(EVENT_FIELDS)).await {
        Ok(response) => response,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    parse_event(&response.body, calendar).map(Some).map_err(|what| response.unreadable(what))
}

/// Turns the rows of a whole round into changes: stubs are filled from `masters` and from the masters among the rows, masters
/// vanish, the last row of an id wins. The second part names the series whose master must be asked for; call again with it.
#[must_use]
pub fn complete<S: std::hash::BuildHasher>(
    rows: &[EventRow],
    masters: &HashMap<EventId, Option<Event>, S>,
) -> (Vec<Change<Event, EventId>>, Vec<EventId>) {
    let mut known: HashMap<&EventId, Option<&Event>> =
        masters.iter().map(|(series, event)| (series, event.as_ref())).collect();
    for row in rows {
        if let EventRow::Master(master) = row {
            known.insert(&master.id, Some(master));
        }
    }
    let mut missing = Vec::new();
    let mut order: Vec<&EventId> = Vec::new();
    let mut last: HashMap<&EventId, Change<Event, EventId>> = HashMap::new();
    for row in rows {
        let (id, change) = match row {
            EventRow::Master(_) => continue,
            EventRow::Whole(event) => (&event.id, Change::Upsert(event.clone())),
            EventRow::Removed(id) => (id, Change::Removed(id.clone())),
            EventRow::Stub { id, series, when, dates } => match known.get(series) {
                Some(Some(master)) => (id, Change::Upsert(filled(id, series, *when, *dates, master))),
                Some(None) => (id, Change::Removed(id.clone())),
                None => {
                    if !missing.contains(series) {
                        missing.push(series.clone());
                    }
                    continue;
                }
            },
        };
        if last.insert(id, change).is_none() {
            order.push(id);
        }
    }
    (order.into_iter().filter_map(|id| last.remove(id)).collect(), missing)
}

fn filled(id: &EventId, series: &EventId, when: When, dates: Option<When>, master: &Event) -> Event {
    let is_all_day = matches!(master.when, When::AllDay { .. });
    let when = if is_all_day { dates.unwrap_or(when) } else { when };
    Event { id: id.clone(), series: Some(series.clone()), when, ..master.clone() }
}

/// A day wider on both sides, in whole seconds.
fn widened(window: Span) -> Span {
    let day = SignedDuration::from_hours(24);
    let whole = |instant: Timestamp| Timestamp::from_second(instant.as_second()).unwrap_or(instant);
    Span {
        start: whole(window.start.checked_sub(day).unwrap_or(window.start)),
        end: whole(window.end.checked_add(day).unwrap_or(window.end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: &[u8] = br#"{"@odata.deltaLink":"d","value":[
        {"id":"o1","type":"occurrence","seriesMasterId":"m","start":{"dateTime":"2026-11-24T09:00:00.0","timeZone":"UTC"},"end":{"dateTime":"2026-11-24T10:00:00.0","timeZone":"UTC"}},
        {"id":"m","type":"SeriesMaster","subject":"Stand-up","showAs":"Busy","start":{"dateTime":"2026-01-05T09:00:00.0","timeZone":"UTC"},"end":{"dateTime":"2026-01-05T10:00:00.0","timeZone":"UTC"}},
        {"id":"o2","type":"occurrence","seriesMasterId":"other","start":{"dateTime":"2026-11-25T00:00:00.0","timeZone":"UTC"},"end":{"dateTime":"2026-11-26T00:00:00.0","timeZone":"UTC"}},
        {"id":"s","type":"singleInstance","subject":"Once","start":{"dateTime":"2026-11-24T12:00:00.0","timeZone":"UTC"},"end":{"dateTime":"2026-11-24T11:00:00.0","timeZone":"UTC"}},
        {"id":"gone","@removed":{"reason":"deleted"}},
        {"id":"timeless","type":"singleInstance","subject":"never"}]}"#;

    fn calendar() -> CalendarId {
        CalendarId("c".to_owned())
    }

    #[test]
    fn stubs_are_filled_from_their_master_and_masters_are_not_drawn() {
        let page = parse_round(ROUND, &calendar()).expect("a page");
        assert_eq!(page.skipped, 1);
        let (changes, missing) = complete(&page.rows, &HashMap::new());
        assert_eq!(missing, [EventId("other".to_owned())]);
        let Change::Upsert(first) = &changes[0] else { panic!("the stub is filled") };
        assert_eq!((first.id.0.as_str(), first.subject.as_str()), ("o1", "Stand-up"));
        assert_eq!(first.series, Some(EventId("m".to_owned())));
        assert!(matches!(first.when, When::Timed(span) if span.start.to_string() == "2026-11-24T09:00:00Z"));
        assert!(!changes.iter().any(|change| matches!(change, Change::Upsert(event) if event.id.0 == "m")));
        assert!(changes.contains(&Change::Removed(EventId("gone".to_owned()))));
    }

    #[test]
    fn a_stub_of_a_series_of_whole_days_is_a_day_and_one_of_a_lost_series_is_gone() {
        let page = parse_round(ROUND, &calendar()).expect("a page");
        let EventRow::Master(master) = &page.rows[1] else { panic!("a master") };
        let day: jiff::civil::Date = "2026-01-05".parse().expect("a date");
        let mut master = master.clone();
        master.when = When::AllDay { start: day, end: day.tomorrow().expect("a day") };
        let (changes, missing) = complete(&page.rows, &HashMap::from([(EventId("other".to_owned()), Some(master))]));
        assert!(missing.is_empty());
        let start = "2026-11-25".parse().expect("a date");
        let end = "2026-11-26".parse().expect("a date");
        assert!(changes.iter().any(
            |change| matches!(change, Change::Upsert(event) if event.id.0 == "o2" && event.when == When::AllDay { start, end })
        ));
        let (changes, _) = complete(&page.rows, &HashMap::from([(EventId("other".to_owned()), None)]));
        assert!(changes.contains(&Change::Removed(EventId("o2".to_owned()))));
    }

    #[test]
    fn a_window_is_asked_a_day_wider() {
        let window = Span {
            start: "2026-11-23T00:00:00Z".parse().expect("an instant"),
            end: "2026-11-30T00:00:00Z".parse().expect("an instant"),
        };
        let relative = view_call(&calendar(), window).relative().expect("an address");
        assert!(relative.contains("startDateTime=2026-11-22T00%3A00%3A00Z"), "{relative}");
        assert!(relative.contains("endDateTime=2026-12-01T00%3A00%3A00Z"), "{relative}");
    }
}
