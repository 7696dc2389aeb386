//! Changing what stands in the calendar, and answering invitations.
//!
//! A new event carries a `transactionId`, so that making it twice makes it once \[event\]. Must stay true: what tells people
//! (answers, cancellations with words) is repeated by nobody; a text is never written over the block that joins an online
//! meeting [outlook-calendar-online-meetings]; whole days are dates, told as midnights. Deliberately absent: deciding what to
//! do after a failure (the outbox).

use crate::domain::event::{Attendee, CalendarId, Event, EventId, When};
use crate::domain::freebusy::Availability;
use crate::domain::mail::{BodyContent, Importance};
use crate::domain::time::Span;
use crate::graph::call::{Call, Priority, Repeat};
use crate::graph::error::GraphError;
use crate::graph::mail_write::{importance_word, recipient_json};
use crate::graph::transport::{Graph, Response};
use crate::graph::wire;
use crate::graph::wire::event::WireEvent;
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// What an event says. `None` stays as it is (in a new event: the service's default).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFields {
    /// Subject.
    pub subject: Option<String>,
    /// When, and the zone its times are told in: a series keeps to the clocks of that zone.
    pub when: Option<(When, TimeZone)>,
    /// Where, in words.
    pub location: Option<String>,
    /// Text. Leave it out of a change of an online meeting: the joining data would vanish.
    pub body: Option<BodyContent>,
    /// Everybody invited. Who is new or left out is told at once.
    pub attendees: Option<Vec<Attendee>>,
    /// With a place to meet online; can be switched on once and never off.
    pub is_online: Option<bool>,
    /// How it shows to others.
    pub show_as: Option<Availability>,
    /// Hidden from those who look into the calendar.
    pub is_private: Option<bool>,
    /// Importance.
    pub importance: Option<Importance>,
    /// Category names.
    pub categories: Option<Vec<String>>,
}

/// An answer to an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Yes.
    Accept,
    /// Perhaps.
    Tentative,
    /// No; the event leaves the calendar.
    Decline,
}

impl Reply {
    const fn action(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Tentative => "tentativelyAccept",
            Self::Decline => "decline",
        }
    }
}

/// The call that makes an event, in the main calendar unless another is named. The same `transaction` again gives the
/// first event back, so it may be repeated.
#[must_use]
pub fn create_call(calendar: Option<&CalendarId>, fields: &EventFields, transaction: &str) -> Call {
    let mut body = event_json(fields);
    body.insert("transactionId".to_owned(), json!(transaction));
    let body = Value::Object(body);
    let call = match calendar {
        None => Call::post(&["me", "events"], body),
        Some(calendar) => Call::post(&["me", "calendars", &calendar.0, "events"], body),
    };
    call.repeat(Repeat::Safe)
}

/// Makes an event; those who are invited are told at once.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn create(
    graph: &Graph,
    calendar: Option<&CalendarId>,
    fields: &EventFields,
    transaction: &str,
    priority: Priority,
) -> Result<Event, GraphError> {
    let response = graph.send(create_call(calendar, fields, transaction).priority(priority)).await?;
    event_of(response, calendar)
}

/// The call that changes an event: a day of a series by its own id, all of it by the id of the series.
#[must_use]
pub fn update_call(event: &EventId, fields: &EventFields) -> Call {
    Call::patch(&["me", "events", &event.0], Value::Object(event_json(fields)))
}

/// Changes an event; those who are invited are told of what concerns them, if the mailbox organizes it.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn update(
    graph: &Graph,
    calendar: Option<&CalendarId>,
    event: &EventId,
    fields: &EventFields,
    priority: Priority,
) -> Result<Event, GraphError> {
    let response = graph.send(update_call(event, fields).priority(priority)).await?;
    event_of(response, calendar)
}

/// The call that deletes an event. A second one finds nothing, so it may be repeated.
#[must_use]
pub fn delete_call(event: &EventId) -> Call {
    Call::delete(&["me", "events", &event.0]).repeat(Repeat::Safe)
}

/// Deletes an event; whoever the mailbox had invited is told that it is cancelled.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; one that is gone already is 404 ([`GraphError::is_not_found`]).
pub async fn delete(graph: &Graph, event: &EventId, priority: Priority) -> Result<(), GraphError> {
    graph.send(delete_call(event).priority(priority)).await.map(drop)
}

/// The call that cancels a meeting with words of one's own. Only for whoever organizes it.
#[must_use]
pub fn cancel_call(event: &EventId, comment: &str) -> Call {
    Call::post(&["me", "events", &event.0, "cancel"], json!({ "comment": comment }))
}

/// Cancels a meeting and tells everybody.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; 404 when it is gone already.
pub async fn cancel(graph: &Graph, event: &EventId, comment: &str, priority: Priority) -> Result<(), GraphError> {
    graph.send(cancel_call(event, comment).priority(priority)).await.map(drop)
}

/// The call that answers an invitation. With a proposal the answer must be told \[event-decline\].
#[must_use]
pub fn respond_call(event: &EventId, reply: Reply, comment: &str, tell: bool, proposal: Option<Span>) -> Call {
    let mut body = json!({ "sendResponse": tell || proposal.is_some() });
    if !comment.is_empty() {
        body["comment"] = json!(comment);
    }
    if let Some(proposal) = proposal.filter(|_| reply != Reply::Accept) {
        let when = |at: Timestamp| wall_json(at.to_zoned(TimeZone::UTC).datetime(), "UTC");
        body["proposedNewTime"] = json!({ "start": when(proposal.start), "end": when(proposal.end) });
    }
    Call::post(&["me", "events", &event.0, reply.action()], body)
}

/// Answers an invitation.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; 400 for a meeting of one's own, or when no other time may be proposed.
pub async fn respond(
    graph: &Graph,
    event: &EventId,
    reply: Reply,
    comment: &str,
    tell: bool,
    proposal: Option<Span>,
    priority: Priority,
) -> Result<(), GraphError> {
    graph.send(respond_call(event, reply, comment, tell, proposal).priority(priority)).await.map(drop)
}

/// An event as it stands now, a day of a series or the series itself; `None` when it is gone.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn event(
    graph: &Graph,
    calendar: Option<&CalendarId>,
    event: &EventId,
    priority: Priority,
) -> Result<Option<Event>, GraphError> {
    let call = Call::get(&["me", "events", &event.0]).select(crate::graph::calendar::EVENT_FIELDS);
    match graph.send(call.priority(priority)).await {
        Ok(response) => event_of(response, calendar).map(Some),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The event that a meeting mail in the mailbox is about; `None` when there is none (any more).
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn event_of_message(
    graph: &Graph,
    message: &crate::domain::mail::MessageId,
    priority: Priority,
) -> Result<Option<Event>, GraphError> {
    let call = Call::get(&["me", "messages", &message.0])
        .select("id,subject")
        .query("$expand", "microsoft.graph.eventMessage/event");
    let response = match graph.send(call.priority(priority)).await {
        Ok(response) => response,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let document = wire::document(&response.body).map_err(|what| response.unreadable(what))?;
    let event = document.get("event").cloned().and_then(wire::lenient::<WireEvent>);
    Ok(event.and_then(|event| event.event(&CalendarId(String::new()))))
}

fn event_of(response: Response, calendar: Option<&CalendarId>) -> Result<Event, GraphError> {
    let calendar = calendar.cloned().unwrap_or_else(|| CalendarId(String::new()));
    crate::graph::calendar::parse_event(&response.body, &calendar).map_err(|what| response.unreadable(what))
}

fn wall_json(wall: DateTime, zone: &str) -> Value {
    json!({ "dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": zone })
}

/// Start and end as the service reads them: wall times with the name of their zone.
fn when_json(body: &mut Map<String, Value>, when: When, zone: &TimeZone) {
    let (zone, name) = match zone.iana_name() {
        Some(name) => (zone.clone(), name),
        None => (TimeZone::UTC, "UTC"),
    };
    let name = if name == "Etc/Unknown" { "UTC" } else { name };
    let (start, end, is_all_day) = match when {
        When::AllDay { start, end } => (start.to_datetime(Time::midnight()), end.to_datetime(Time::midnight()), true),
        When::Timed(span) => (zone.to_datetime(span.start), zone.to_datetime(span.end), false),
    };
    body.insert("start".to_owned(), wall_json(start, name));
    body.insert("end".to_owned(), wall_json(end, name));
    body.insert("isAllDay".to_owned(), json!(is_all_day));
}

fn event_json(fields: &EventFields) -> Map<String, Value> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    put("subject", fields.subject.as_ref().map(|subject| json!(subject)));
    put("location", fields.location.as_ref().map(|place| json!({ "displayName": place })));
    put(
        "body",
        fields.body.as_ref().map(|content| match content {
            BodyContent::Html(text) => json!({ "contentType": "html", "content": text }),
            BodyContent::Text(text) => json!({ "contentType": "text", "content": text }),
        }),
    );
    put("attendees", fields.attendees.as_ref().map(|all| all.iter().map(attendee_json).collect()));
    put("isOnlineMeeting", fields.is_online.map(|is_online| json!(is_online)));
    put("onlineMeetingProvider", fields.is_online.filter(|is_online| *is_online).map(|_| json!("teamsForBusiness")));
    put("showAs", fields.show_as.map(|show_as| json!(availability_word(show_as))));
    put("sensitivity", fields.is_private.map(|private| json!(if private { "private" } else { "normal" })));
    put("importance", fields.importance.map(|importance| json!(importance_word(importance))));
    put("categories", fields.categories.as_ref().map(|categories| json!(categories)));
    if let Some((when, zone)) = &fields.when {
        when_json(&mut body, *when, zone);
    }
    body
}

fn attendee_json(attendee: &Attendee) -> Value {
    let kind = match (attendee.is_resource, attendee.is_optional) {
        (true, _) => "resource",
        (false, true) => "optional",
        (false, false) => "required",
    };
    let mut value = recipient_json(&attendee.recipient);
    value["type"] = json!(kind);
    value
}

const fn availability_word(availability: Availability) -> &'static str {
    match availability {
        Availability::Free => "free",
        Availability::WorkingElsewhere => "workingElsewhere",
        Availability::Tentative => "tentative",
        Availability::Busy => "busy",
        Availability::OutOfOffice => "oof",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn times_are_told_by_the_clocks_of_their_zone_and_whole_days_as_midnights() {
        let madrid = TimeZone::get("Europe/Madrid").expect("a zone");
        let span = Span { start: at("2026-11-24T13:00:00Z"), end: at("2026-11-24T13:30:00Z") };
        let timed = EventFields { when: Some((When::Timed(span), madrid.clone())), ..EventFields::default() };
        assert_eq!(
            Value::Object(event_json(&timed)),
            json!({
                "start": {"dateTime": "2026-11-24T14:00:00", "timeZone": "Europe/Madrid"},
                "end": {"dateTime": "2026-11-24T14:30:00", "timeZone": "Europe/Madrid"}, "isAllDay": false,
            })
        );
        let (start, end) = (jiff::civil::date(2026, 12, 24), jiff::civil::date(2026, 12, 27));
        let days = EventFields { when: Some((When::AllDay { start, end }, madrid)), ..EventFields::default() };
        let body = event_json(&days);
        assert_eq!(body["start"]["dateTime"], "2026-12-24T00:00:00");
        assert_eq!((&body["end"]["dateTime"], &body["isAllDay"]), (&json!("2026-12-27T00:00:00"), &json!(true)));
    }

    #[test]
    fn making_an_event_may_be_repeated_and_telling_people_may_not() {
        let id = EventId("E/1".to_owned());
        let create = create_call(None, &EventFields::default(), "t-1");
        assert_eq!(create.body(), Some(&json!({"transactionId": "t-1"})));
        assert_eq!((create.repeats(), delete_call(&id).repeats()), (Repeat::Safe, Repeat::Safe));
        assert_eq!(cancel_call(&id, "").repeats(), Repeat::OnlyIfNotProcessed);
        let span = Span { start: at("2026-11-24T13:00:00Z"), end: at("2026-11-24T13:30:00Z") };
        let answer = respond_call(&id, Reply::Decline, "Sorry", false, Some(span));
        assert_eq!(answer.repeats(), Repeat::OnlyIfNotProcessed);
        assert_eq!(answer.relative().as_deref(), Ok("/me/events/E%2F1/decline"));
        let body = answer.body().expect("a body");
        assert_eq!((&body["sendResponse"], &body["comment"]), (&json!(true), &json!("Sorry")));
        assert_eq!(body["proposedNewTime"]["start"], json!({"dateTime": "2026-11-24T13:00:00", "timeZone": "UTC"}));
        let yes = respond_call(&id, Reply::Accept, "", false, None);
        assert_eq!(yes.body(), Some(&json!({"sendResponse": false})));
    }
}
