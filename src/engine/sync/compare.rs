//! Comparing what is visible with what the service has, one by one: what went without a word is found, and what stands outside the
//! calendar's window is read.
//!
//! Rounds of changes tell almost everything; a single day of a series that was deleted was at times not among it \[field\]. Must stay
//! true: nothing is removed because a list did not name it. Between the list and the look into the cache something may have come; so
//! each thing that is missed is asked for by its id, and goes only if the service does not know it (any more).

use crate::db::{Changes, Scope, provisional_intent};
use crate::domain::change::Change;
use crate::domain::event::{CalendarId, Event, EventId, When};
use crate::domain::mail::{FolderId, Message};
use crate::domain::notice::Notice;
use crate::domain::request::PageStart;
use crate::domain::time::{Span, day_start};
use crate::engine::sync::calendar::{days_of, main_calendar, window_at};
use crate::engine::sync::plan::Days;
use crate::engine::sync::round::{Ending, RoundError, Tools};
use crate::graph::call::Priority;
use crate::graph::{calendar, folders};
use jiff::SignedDuration;
use std::collections::HashSet;

/// How many messages are visible at most.
const NEWEST: u16 = 100;
/// How many things that are missed are looked into in one round; the rest comes with the next.
const MOST_MISSED: usize = 40;
/// Plain views that nobody looked at for so long are forgotten.
const FORGET_VIEWS: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The newest messages of a folder.
pub(super) async fn newest(tools: &Tools, folder: &FolderId) -> Ending {
    let asking = tools.cache.asking();
    let (rows, is_all) = folders::newest(&tools.graph, folder, NEWEST).await?;
    let oldest = rows.iter().filter_map(|row| row.received).min();
    let listed: HashSet<_> = rows.iter().map(|row| row.id.clone()).collect();
    let cached = tools.cache.messages(folder, PageStart::Newest, 2 * NEWEST).await?.rows;
    let missed: Vec<&Message> = cached
        .iter()
        .map(|row| &row.message)
        .filter(|message| !listed.contains(&message.id))
        .filter(|message| is_all || oldest.is_some_and(|oldest| message.received > oldest))
        .take(MOST_MISSED)
        .collect();
    let places = folders::whereabouts(&tools.graph, &missed).await?;
    let gone = missed.into_iter().zip(places).filter(|(_, place)| place.as_ref() != Some(folder));
    let mut changes: Vec<Change<_, _>> = gone.map(|(message, _)| Change::Removed(message.id.clone())).collect();
    if !changes.is_empty() {
        tracing::info!(count = changes.len(), "messages went without a word");
    }
    changes.extend(rows.into_iter().map(Change::Upsert));
    let changed = asking.apply(Changes::Messages { folder: folder.clone(), rows: changes }, None).await?.changed;
    if changed > 0 {
        tools.notices.tell(Notice::MessagesChanged(folder.clone()));
    }
    Ok(changed)
}

/// The days on the screen, in all calendars that are shown.
pub(super) async fn view(tools: &Tools, days: Days) -> Ending {
    let main = main_calendar(tools).await?;
    let mut changed = one_view(tools, &main, true, days).await?;
    for calendar in tools.cache.shown_calendars().await? {
        changed += one_view(tools, &calendar, false, days).await?;
    }
    if changed > 0 {
        tools.notices.tell(Notice::EventsChanged);
    }
    Ok(changed)
}

async fn one_view(tools: &Tools, calendar: &CalendarId, is_main: bool, days: Days) -> Ending {
    let span = Span { start: day_start(days.from, &tools.zone), end: day_start(days.to, &tools.zone) };
    let asking = tools.cache.asking();
    let page = calendar::view(&tools.graph, calendar, span, Priority::Background).await?;
    let scope = if is_main { Scope::Calendar } else { Scope::OtherCalendar(calendar.clone()) };
    tools.skip(&scope, page.skipped).await;
    let listed: HashSet<EventId> = page.rows.iter().map(|event| event.id.clone()).collect();
    let cached = tools.cache.events(days.from, days.to, span).await?;
    let missed = cached.into_iter().filter(|event| {
        // What is still to be made is not known there yet.
        event.calendar == *calendar && !listed.contains(&event.id) && provisional_intent(&event.id).is_none()
    });
    let mut rows = Vec::new();
    for event in missed.take(MOST_MISSED) {
        rows.push(whereabouts(tools, calendar, event).await?);
    }
    rows.extend(page.rows.into_iter().filter(|event| touches(event, days, span)).map(Change::Upsert));
    let changes =
        if is_main { Changes::Events(rows) } else { Changes::OtherEvents { calendar: calendar.clone(), rows } };
    let changed = asking.apply(changes, None).await?.changed;
    let now = tools.now();
    let window = days_of(window_at(now, &tools.zone), &tools.zone);
    if days.from < window.from || days.to > window.to {
        tools.cache.note_view(calendar, span, now).await?;
        tools.cache.forget_views(now.checked_sub(FORGET_VIEWS).unwrap_or(now)).await?;
    }
    Ok(changed)
}

/// Where an event is that a view did not name: somewhere else, or nowhere.
async fn whereabouts(tools: &Tools, calendar: &CalendarId, event: Event) -> Result<Change<Event, EventId>, RoundError> {
    Ok(match calendar::master(&tools.graph, calendar, &event.id).await? {
        // Some answers leave out what a list says; what is here is not made poorer.
        Some(found) if found.when == event.when => Change::Upsert(event),
        Some(found) => Change::Upsert(Event { series: found.series.clone().or(event.series), ..found }),
        None => Change::Removed(event.id),
    })
}

/// The service is asked a day wider on both sides; what only lies there is not ours.
fn touches(event: &Event, days: Days, span: Span) -> bool {
    match event.when {
        When::AllDay { start, end } => start < days.to && end > days.from,
        When::Timed(when) => when.start < span.end && (when.end > span.start || when.start == span.start),
    }
}
