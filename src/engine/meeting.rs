//! The event that a mail invites to, what only the service knows of an event, and the own automatic replies.
//!
//! The service knows it for certain; without a connection the calendar on this computer is looked through for the one event of the
//! same subject and organizer, and two that fit are no answer.

use crate::base::report::{Kind, Report};
use crate::db::Cache;
use crate::domain::event::{Event, EventDetails, EventId};
use crate::domain::event_draft::AutomaticRepliesSetting;
use crate::domain::mail::MessageId;
use crate::domain::time::{Span, add_days, date_at, day_start};
use crate::engine::own::shown_replies;
use crate::graph::{Graph, Priority, calendar_details, calendar_write, settings};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// So far ahead the calendar is looked through.
const DAYS_AHEAD: i64 = 180;

/// The event, as it stands in the calendar of this computer where it is there.
pub(super) async fn of_message(
    graph: &Graph,
    cache: &Cache,
    message: &MessageId,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Option<Event>, Report> {
    let today = date_at(now, zone);
    let (from, to) = (add_days(today, -1), add_days(today, DAYS_AHEAD));
    let span = Span { start: day_start(from, zone), end: day_start(to, zone) };
    let known = cache.events(from, to, span).await.map_err(|error| error.report())?;
    let by_sight = || async {
        let row = cache.message(message).await.map_err(|error| error.report())?;
        Ok::<_, Report>(row.and_then(|row| alone(&known, &row.message)).cloned())
    };
    match calendar_write::event_of_message(graph, message, Priority::Person).await {
        Ok(Some(found)) => {
            let held = known.iter().find(|event| event.id == found.id);
            // The id of a series stands for its next day.
            let day = known.iter().find(|event| event.series.as_ref() == Some(&found.id));
            Ok(held.or(day).cloned().or(Some(found)))
        }
        Ok(None) => Ok(None),
        Err(error) if error.is_offline() => match by_sight().await? {
            Some(event) => Ok(Some(event)),
            None => Err(Report::new(Kind::Network, "offline", "Which event this is about cannot be told now.")
                .because("There is no connection, and nothing in the calendar here fits it alone.")
                .next("Answer it in the calendar, or when there is a connection again.")),
        },
        Err(error) => match by_sight().await? {
            Some(event) => Ok(Some(event)),
            None => Err(error.report("The event of this invitation could not be found.")),
        },
    }
}

/// What only the service knows of an event. How a day of a series repeats is known of its pattern.
pub(super) async fn details(graph: &Graph, cache: &Cache, event: &EventId) -> Result<EventDetails, Report> {
    let what = "The text of this event could not be read.";
    let failed = |error: crate::graph::GraphError| error.report(what);
    if crate::db::provisional_intent(event).is_some() {
        return Err(Report::new(Kind::Failure, "notMadeYet", what)
            .because("The event waits in the outbox; the service does not know it yet.")
            .next("Open it again when it is made."));
    }
    let series = cache.event(event).await.ok().flatten().and_then(|event| event.series);
    let pattern = async {
        match &series {
            Some(series) => calendar_details::details(graph, series, Priority::Person).await,
            None => Ok(None),
        }
    };
    let (found, pattern) = futures_util::join!(calendar_details::details(graph, event, Priority::Person), pattern);
    let Some(found) = found.map_err(failed)? else {
        return Err(Report::new(Kind::Failure, "gone", what)
            .because("The event is gone: it was moved or deleted elsewhere.")
            .next("Close the form; the calendar shows it soon."));
    };
    let recurrence = pattern.map_err(failed)?.and_then(|pattern| pattern.recurrence).or(found.recurrence);
    Ok(EventDetails { recurrence, ..found })
}

/// The own automatic replies, asked of the service.
pub(super) async fn own_replies(graph: &Graph) -> Result<Box<AutomaticRepliesSetting>, Report> {
    let replies = settings::automatic_replies(graph, Priority::Person).await;
    let replies = replies.map_err(|error| error.report("Your automatic replies could not be read."))?;
    Ok(Box::new(shown_replies(replies)))
}

/// The one event, or the next day of the one series, that a mail can be about.
fn alone<'a>(events: &'a [Event], mail: &crate::domain::mail::Message) -> Option<&'a Event> {
    let from = mail.from.as_ref()?;
    let fits = |event: &&Event| {
        let organizer = event.organizer.as_ref();
        event.subject == mail.subject && organizer.is_some_and(|one| one.address.eq_ignore_ascii_case(&from.address))
    };
    let mut fitting = events.iter().filter(fits);
    let first = fitting.next()?;
    let is_same = |other: &Event| other.series.is_some() && other.series == first.series;
    fitting.all(is_same).then_some(first)
}
