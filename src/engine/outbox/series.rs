//! Changes of all of a series: what the service has to be told, and what it made of it.
//!
//! A person changes one day and means all of them. Must stay true: the pattern and its first day go together, or the service refuses
//! both; days are read from the service after a change, never guessed, for it knows which were moved or taken out.

use crate::db::Scope;
use crate::domain::event::{Event, EventId, When};
use crate::domain::event_draft::{EventChange, EventTime};
use crate::domain::notice::Notice;
use crate::domain::time::{Span, add_days, add_months, date_at, day_start, days_between};
use crate::engine::outbox::Shared;
use crate::graph::{Graph, GraphError, Priority, calendar_details};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// As the window of the calendar: what is further away is read when somebody looks there.
const MONTHS_BACK: i32 = 1;
const MONTHS_AHEAD: i32 = 7;

/// The change as the series has to be told it: its first day moves as the day did that somebody changed, and its pattern along with it.
pub(super) async fn of_series(
    graph: &Graph,
    day: Option<&Event>,
    master: &EventId,
    change: &EventChange,
) -> Result<EventChange, GraphError> {
    let mut told = change.clone();
    let Some(time) = &change.time else {
        // A pattern without its first day cannot be told.
        told.recurrence = None;
        return Ok(told);
    };
    let (Some(day), Some(details)) = (day, calendar_details::details(graph, master, Priority::Background).await?)
    else {
        (told.time, told.recurrence) = (None, None);
        return Ok(told);
    };
    let rules = match time {
        EventTime::Timed { zone, .. } => zone.rules.clone().unwrap_or(TimeZone::UTC),
        EventTime::AllDay { .. } => TimeZone::UTC,
    };
    let before = first_day(details.event.when, &rules);
    let moved = add_days(before, days_between(first_day(day.when, &rules), time.first_day()));
    match &change.recurrence {
        Some(recurrence) => told.time = Some(time.on(recurrence.first(moved).unwrap_or(moved))),
        None => {
            told.time = Some(time.on(moved));
            told.recurrence = details.recurrence.filter(|_| moved != before).map(|known| known.moved(before, moved));
        }
    }
    Ok(told)
}

fn first_day(when: When, rules: &TimeZone) -> Date {
    match when {
        When::AllDay { start, .. } => start,
        When::Timed(span) => date_at(span.start, rules),
    }
}

impl Shared {
    fn window(&self) -> Span {
        let month = date_at(self.now(), &TimeZone::UTC).first_of_month();
        let at = |months| day_start(add_months(month, months), &TimeZone::UTC);
        Span { start: at(-MONTHS_BACK), end: at(MONTHS_AHEAD) }
    }

    /// The days of a series as the service has them; nothing when they cannot be read now, and then the next round brings them.
    pub(super) async fn days_of(&self, series: &EventId) -> Option<(Span, Vec<Event>)> {
        let (window, calendar) = (self.window(), self.calendar().await);
        match calendar_details::days_of(&self.graph, &calendar, series, window, Priority::Background).await {
            Ok(days) => Some((window, days)),
            Err(error) => {
                tracing::info!(%error, "the days of a series are not read yet");
                if let Err(error) = self.cache.forget_link(&Scope::Calendar).await {
                    tracing::warn!(%error, "the calendar is not read anew");
                }
                None
            }
        }
    }

    /// Draws the days of a series that was changed as the service has them now.
    pub(super) async fn read_series(&self, series: &EventId) {
        let Some((window, days)) = self.days_of(series).await else { return };
        match self.cache.replace_series(series.clone(), window, days).await {
            Ok(()) => self.notices.tell(Notice::EventsChanged),
            Err(error) => tracing::warn!(%error, "the days of a series are not in the cache yet"),
        }
    }
}
