//! Events that the service does not know yet, as the cache shows them, and their place being taken by the real ones.
//!
//! A series is shown by its days, so that nothing has to know that it is not there yet; they have one id each and that of their
//! change as their series. Must stay true: what is shown is bounded, whatever repeats for ever. Deliberately absent: days of a series
//! that is changed as a whole; they are drawn anew once the service has them.

use crate::db::wishes::{Wishes, attendee, preview};
use crate::db::{Cache, DbError, Scope, calendar, cursor};
use crate::domain::event::{CalendarId, Event, EventId, Response};
use crate::domain::event_draft::EventDraft;
use crate::domain::intent::IntentId;
use crate::domain::mail::Importance;
use crate::domain::time::{Span, add_months};
use jiff::tz::TimeZone;
use rusqlite::Transaction;

/// As far ahead as the window of the calendar reaches, days of a new series are shown; and no more of them than this.
const MONTHS_AHEAD: i32 = 7;
const MOST_DAYS: usize = 250;

/// The id under which an event is shown that the service does not know yet; for the days of a series that of the series.
#[must_use]
pub fn provisional_id(id: IntentId) -> EventId {
    EventId(format!("outbox:{}", id.0))
}

/// The change behind such an id, or behind that of a day of such a series.
#[must_use]
pub fn provisional_intent(id: &EventId) -> Option<IntentId> {
    let rest = id.0.strip_prefix("outbox:")?;
    rest.split_once('/').map_or(rest, |(change, _)| change).parse().ok().map(IntentId)
}

/// Whether it is the id of one day of a series that the service does not know yet.
#[must_use]
pub fn is_provisional_day(id: &EventId) -> bool {
    provisional_intent(id).is_some() && id.0.contains('/')
}

/// An event that the service does not know yet; of a series its days.
pub(super) fn provisional(id: &EventId, draft: &EventDraft, calendar: &CalendarId) -> Vec<Event> {
    let one = Event {
        id: id.clone(),
        calendar: calendar.clone(),
        series: None,
        subject: draft.subject.clone(),
        when: draft.time.when(),
        show_as: Some(draft.show_as),
        location: draft.location.clone(),
        preview: preview(&draft.body),
        is_cancelled: false,
        is_private: draft.is_private,
        is_organizer: true,
        response: Response::Organizer,
        organizer: None,
        attendees: draft.attendees.iter().map(attendee).collect(),
        join_url: None,
        web_link: None,
        categories: Vec::new(),
        importance: Importance::Normal,
        has_attachments: false,
    };
    let Some(recurrence) = &draft.recurrence else { return vec![one] };
    let first = draft.time.first_day();
    let days = recurrence.days(first, first, add_months(first, MONTHS_AHEAD), MOST_DAYS);
    let day = |day| Event {
        id: EventId(format!("{}/{day}", id.0)),
        series: Some(id.clone()),
        when: draft.time.on(day).when(),
        ..one.clone()
    };
    days.into_iter().map(day).collect()
}

/// Provisional events that no change wants any more.
pub(super) fn left_behind(reader: &Transaction<'_>, account: i64, wishes: &Wishes) -> Result<Vec<EventId>, DbError> {
    let mut statement =
        reader.prepare_cached("SELECT id FROM events WHERE account = ?1 AND id >= 'outbox:' AND id < 'outbox;'")?;
    let ids = statement.query_map([account], |row| Ok(EventId(row.get(0)?)))?;
    let ids: Vec<EventId> = ids.collect::<Result<_, _>>()?;
    let mut wanted = std::collections::BTreeSet::new();
    if let Some((first, _)) = wishes.created.first() {
        let main = calendar::main(reader, account)?;
        wanted.insert(first.clone());
        wanted.extend(wishes.provisional(&main).map(|event| event.id));
    }
    Ok(ids.into_iter().filter(|id| provisional_intent(id).is_some() && !wanted.contains(id)).collect())
}

impl Cache {
    /// Takes the provisional event, or all days of the provisional series, away and puts the real ones in its place.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn replace_provisional(&self, id: IntentId, real: Vec<Event>) -> Result<(), DbError> {
        let cache = self.clone();
        self.write(move |writer, account| {
            let generation = cursor::generation(writer, account, &Scope::Calendar.name(), None)?;
            calendar::remove(writer, account, &provisional_id(id))?;
            cache.end_events(real.iter().map(|event| event.series.as_ref().unwrap_or(&event.id)));
            let wishes = cache.wishes();
            for event in real.into_iter().filter_map(|event| wishes.wished(event)) {
                calendar::put(writer, account, generation, &event)?;
            }
            Ok(())
        })
        .await
    }

    /// Puts these in the place of what is known of a series within `window`: its days, or the single event that it was or became.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn replace_series(&self, series: EventId, window: Span, real: Vec<Event>) -> Result<(), DbError> {
        let cache = self.clone();
        self.write(move |writer, account| {
            let generation = cursor::generation(writer, account, &Scope::Calendar.name(), None)?;
            cache.end_events(std::iter::once(&series));
            let wishes = cache.wishes();
            for known in calendar::meant(writer, account, &series, Some(&series))? {
                let (start, end) = (known.when.start(&TimeZone::UTC), known.when.end(&TimeZone::UTC));
                if start < window.end && end > window.start && !real.iter().any(|event| event.id == known.id) {
                    calendar::remove(writer, account, &known.id)?;
                }
            }
            for event in real.into_iter().filter_map(|event| wishes.wished(event)) {
                calendar::put(writer, account, generation, &event)?;
            }
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event_draft::EventTime;
    use crate::domain::time::Zone;
    use crate::domain::time::repeats::understand;
    use jiff::civil::date;

    #[test]
    fn a_series_is_shown_by_its_days_at_the_hour_of_its_zone() {
        let zone = Zone::find("Europe/Madrid");
        let start = date(2027, 3, 23).at(9, 0, 0, 0);
        let time = EventTime::Timed { start, end: start.date().at(9, 30, 0, 0), zone };
        let recurrence = understand("weekly 3 times", start.date()).expect("understood");
        let draft = EventDraft { recurrence, ..EventDraft::new("Plan".to_owned(), time) };
        let id = provisional_id(IntentId(7));
        let events = provisional(&id, &draft, &CalendarId(String::new()));
        let starts: Vec<String> = events.iter().map(|event| event.when.start(&TimeZone::UTC).to_string()).collect();
        // The clocks change in between; nine o'clock stays nine o'clock.
        assert_eq!(starts, ["2027-03-23T08:00:00Z", "2027-03-30T07:00:00Z", "2027-04-06T07:00:00Z"]);
        for event in &events {
            assert_eq!((provisional_intent(&event.id), event.series.as_ref()), (Some(IntentId(7)), Some(&id)));
            assert!(is_provisional_day(&event.id) && !is_provisional_day(&id));
        }
        let daily = understand("daily", start.date()).expect("understood");
        let count = provisional(&id, &EventDraft { recurrence: daily, ..draft }, &CalendarId(String::new())).len();
        assert!((200..=MOST_DAYS).contains(&count), "{count}");
    }
}
