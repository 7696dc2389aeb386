//! Events that the service does not know yet, as the cache shows them until the real ones take their place.
//!
//! A series is shown by its days, so that nothing has to know that it is not there yet; they have one id each and that of their
//! change as their series. Must stay true: what is shown is bounded, whatever repeats for ever. Deliberately absent: days of a series
//! that is changed as a whole; they are drawn anew once the service has them.

use crate::domain::event::{Attendee, CalendarId, Event, EventId, Response};
use crate::domain::event_draft::{EventDraft, Invitee};
use crate::domain::intent::IntentId;
use crate::domain::mail::Importance;
use crate::domain::time::add_months;

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

pub(super) fn attendee(invitee: &Invitee) -> Attendee {
    Attendee {
        recipient: invitee.recipient.clone(),
        is_optional: invitee.is_optional,
        is_resource: invitee.is_resource,
        response: Response::None,
    }
}

pub(super) fn preview(body: &str) -> String {
    crate::base::text::tame(body).chars().take(255).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::event_draft::EventTime;
    use crate::domain::time::Zone;
    use crate::domain::time::repeats::understand;
    use jiff::civil::date;
    use jiff::tz::TimeZone;

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
