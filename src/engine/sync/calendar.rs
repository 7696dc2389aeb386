//! Rounds of the windows of calendars: from the month before this one to six months ahead; and the list of calendars.
//!
//! The window is frozen into the delta link, so it is renewed by a full round when the month changes. Occurrences come as stubs that
//! only their series' master can fill, and the master may come later than they do: pages are shown as they come, but the link
//! moves once, when the round is whole. A round that is cut begins again from the last link.

use crate::db::{Asking, Changes, Cursor, Link, Scope, Step};
use crate::domain::change::Change;
use crate::domain::event::{CalendarId, Event, EventId};
use crate::domain::notice::Notice;
use crate::domain::time::{Span, add_months, date_at, day_start};
use crate::engine::sync::plan::{Days, Round};
use crate::engine::sync::round::{Ending, RoundError, Tools};
use crate::graph::calendar::{self, EventRow};
use crate::graph::call::Priority;
use crate::graph::{GraphError, Onward, Trail};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::HashMap;

const MONTHS_BACK: i32 = 1;
/// This month counts as ahead, and a month begun is asked for whole.
const MONTHS_AHEAD: i32 = 7;

/// The window that belongs to `now`: whole months in `zone`.
pub(super) fn window_at(now: Timestamp, zone: &TimeZone) -> Span {
    let month = date_at(now, zone).first_of_month();
    Span {
        start: day_start(add_months(month, -MONTHS_BACK), zone),
        end: day_start(add_months(month, MONTHS_AHEAD), zone),
    }
}

/// The days of a window.
pub(super) fn days_of(window: Span, zone: &TimeZone) -> Days {
    Days { from: date_at(window.start, zone), to: date_at(window.end, zone) }
}

/// Whose window a round is about.
struct Course {
    calendar: CalendarId,
    scope: Scope,
    round: Round,
}

impl Course {
    fn changes(&self, rows: Vec<Change<Event, EventId>>) -> Changes {
        match &self.scope {
            Scope::OtherCalendar(calendar) => Changes::OtherEvents { calendar: calendar.clone(), rows },
            _ => Changes::Events(rows),
        }
    }
}

/// One round of the window of the main calendar.
pub(super) async fn main(tools: &Tools) -> Ending {
    let calendar = main_calendar(tools).await?;
    window(tools, &Course { calendar, scope: Scope::Calendar, round: Round::Calendar }).await
}

/// One round of the window of a calendar beside it.
pub(super) async fn other(tools: &Tools, calendar: &CalendarId) -> Ending {
    let scope = Scope::OtherCalendar(calendar.clone());
    let round = Round::OtherCalendar(calendar.clone());
    window(tools, &Course { calendar: calendar.clone(), scope, round }).await
}

/// The calendars of the mailbox, those shared with its owner among them.
pub(super) async fn list(tools: &Tools) -> Ending {
    let calendars = calendar::calendars(&tools.graph).await?;
    // A list without the main calendar is no list.
    if !calendars.iter().any(|calendar| calendar.is_default) {
        return Ok(0);
    }
    let is_new = tools.cache.replace_calendars(calendars).await?;
    if is_new {
        tools.notices.tell(Notice::EventsChanged);
    }
    Ok(u32::from(is_new))
}

async fn window(tools: &Tools, course: &Course) -> Ending {
    let wanted = window_at(tools.now(), &tools.zone);
    let cursor = tools.cursor(&course.scope).await?;
    if cursor.as_ref().is_some_and(|cursor| cursor.link.is_some() && cursor.window != Some(wanted)) {
        tools.cache.forget_link(&course.scope).await?;
    }
    match walk(tools, course, wanted).await {
        Err(RoundError::Graph(GraphError::CursorExpired(_))) => {
            tracing::info!("the service dropped a calendar's delta link; a full round begins");
            tools.cache.forget_link(&course.scope).await?;
            walk(tools, course, wanted).await
        }
        Err(RoundError::Graph(error @ (GraphError::Circle | GraphError::TooManyPages(_)))) => {
            // The link leads into the circle.
            tools.cache.forget_link(&course.scope).await?;
            Err(error.into())
        }
        other => other,
    }
}

/// The main calendar's id never changes, so it is asked for once.
pub(super) async fn main_calendar(tools: &Tools) -> Result<CalendarId, RoundError> {
    if let Some(known) = tools.cache.calendars().await?.into_iter().find(|calendar| calendar.is_default) {
        return Ok(known.id);
    }
    let calendar = calendar::default_calendar(&tools.graph).await?;
    let id = calendar.id.clone();
    tools.cache.put_calendars(vec![calendar]).await?;
    Ok(id)
}

async fn walk(tools: &Tools, course: &Course, window: Span) -> Ending {
    let (calendar, asking) = (&course.calendar, tools.cache.asking());
    let link = tools.cursor(&course.scope).await?.and_then(stored_link);
    let is_full = link.is_none();
    let mut at = link.map_or(calendar::Round::First(window), calendar::Round::Link);
    let mut trail = Trail::default();
    let mut rows: Vec<EventRow> = Vec::new();
    let (mut changed, mut skipped) = (0, 0);
    let delta = loop {
        if let calendar::Round::Link(link) = &at {
            trail.follow(link)?;
        }
        let page = calendar::round(&tools.graph, calendar, &at, Priority::Background).await?;
        skipped += page.skipped;
        let first = rows.len();
        rows.extend(page.rows);
        match page.onward {
            Onward::Next(link) => {
                let (early, _) = calendar::complete(&rows[first..], &HashMap::new());
                changed += show(tools, &asking, course.changes(early), None).await?;
                tools.page(course.round.clone(), u32::try_from(rows.len()).unwrap_or(u32::MAX), None);
                at = calendar::Round::Link(link);
            }
            Onward::Delta(link) => break Some(link),
            Onward::End => break None,
        }
    };
    let whole = filled(tools, calendar, &rows).await?;
    let step = Step { link: Link::Done(delta), is_full, window: Some(window), at: tools.now() };
    let changed = changed + show(tools, &asking, course.changes(whole), Some(step)).await?;
    tools.skip(&course.scope, skipped).await;
    Ok(changed)
}

fn stored_link(cursor: Cursor) -> Option<String> {
    match cursor.link {
        Some(Link::Done(link)) => link,
        Some(Link::Next(link)) => Some(link),
        None => None,
    }
}

/// The changes of a whole round, with the masters asked for that were not among its rows.
async fn filled(
    tools: &Tools,
    calendar: &CalendarId,
    rows: &[EventRow],
) -> Result<Vec<Change<Event, EventId>>, RoundError> {
    let mut masters: HashMap<EventId, Option<Event>> = HashMap::new();
    loop {
        let (changes, missing) = calendar::complete(rows, &masters);
        if missing.is_empty() {
            return Ok(changes);
        }
        for series in missing {
            let master = calendar::master(&tools.graph, calendar, &series).await?;
            masters.insert(series, master);
        }
    }
}

async fn show(tools: &Tools, asking: &Asking, changes: Changes, step: Option<Step>) -> Ending {
    let changed = asking.apply(changes, step).await?.changed;
    if changed > 0 {
        tools.notices.tell(Notice::EventsChanged);
    }
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_whole_months_of_the_persons_zone() {
        let madrid = TimeZone::get("Europe/Madrid").expect("a zone");
        let span = |now: &str| window_at(now.parse().expect("a time"), &madrid);
        let november = span("2026-11-23T10:00:00Z");
        assert_eq!(november.start.to_string(), "2026-09-30T22:00:00Z");
        assert_eq!(november.end.to_string(), "2027-05-31T22:00:00Z");
        assert_eq!(span("2026-11-30T22:59:59Z"), november);
        assert_ne!(span("2026-11-30T23:00:00Z"), november, "midnight in Madrid begins December");
    }
}
