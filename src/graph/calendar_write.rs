//! Changing what stands in the calendar, and answering invitations.
//!
//! A new event carries a `transactionId`, so that making it twice makes it once \[event\]. Must stay true: what tells people
//! (answers, cancellations with words) is repeated by nobody; a text is never written over the block that joins an online
//! meeting [outlook-calendar-online-meetings]; whole days are dates, told as midnights. Deliberately absent: deciding what to
//! do after a failure (the outbox).

use crate::domain::event::{CalendarId, Event, EventId};
use crate::domain::event_draft::{EventChange, EventDraft, EventTime, Invitee};
use crate::domain::freebusy::Availability;
use crate::domain::intent::InvitationAnswer;
use crate::domain::mail::MessageId;
use crate::domain::time::Span;
use crate::graph::call::{Call, Priority, Repeat};
use crate::graph::error::GraphError;
use crate::graph::mail_write::recipient_json;
use crate::graph::transport::{Graph, Response};
use crate::graph::wire;
use crate::graph::wire::event::WireEvent;
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

/// The call that makes an event, in the main calendar unless another is named. The same `transaction` again gives the
/// first event back, so it may be repeated.
#[must_use]
pub fn create_call(calendar: Option<&CalendarId>, draft: &EventDraft, transaction: &str) -> Call {
    let mut body = change_json(&whole(draft));
    if draft.is_private {
        body.insert("sensitivity".to_owned(), json!("private"));
    }
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
    draft: &EventDraft,
    transaction: &str,
    priority: Priority,
) -> Result<Event, GraphError> {
    let response = graph.send(create_call(calendar, draft, transaction).priority(priority)).await?;
    event_of(response, calendar)
}

/// The call that changes an event: a day of a series by its own id, all of it by the id of the series.
#[must_use]
pub fn update_call(event: &EventId, change: &EventChange) -> Call {
    Call::patch(&["me", "events", &event.0], Value::Object(change_json(change)))
}

/// Changes an event; those who are invited are told of what concerns them, if the mailbox organizes it.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn update(
    graph: &Graph,
    calendar: Option<&CalendarId>,
    event: &EventId,
    change: &EventChange,
    priority: Priority,
) -> Result<Event, GraphError> {
    let response = graph.send(update_call(event, change).priority(priority)).await?;
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
pub fn respond_call(
    event: &EventId,
    answer: InvitationAnswer,
    comment: &str,
    tell: bool,
    proposal: Option<Span>,
) -> Call {
    let mut body = json!({ "sendResponse": tell || proposal.is_some() });
    if !comment.is_empty() {
        body["comment"] = json!(comment);
    }
    if let Some(proposal) = proposal.filter(|_| answer != InvitationAnswer::Accept) {
        let when = |at: Timestamp| wall_json(at.to_zoned(TimeZone::UTC).datetime(), "UTC");
        body["proposedNewTime"] = json!({ "start": when(proposal.start), "end": when(proposal.end) });
    }
    Call::post(&["me", "events", &event.0, action(answer)], body)
}

/// Answers an invitation.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`]; 400 for a meeting of one's own, or when no other time may be proposed.
pub async fn respond(
    graph: &Graph,
    event: &EventId,
    answer: InvitationAnswer,
    comment: &str,
    tell: bool,
    proposal: Option<Span>,
    priority: Priority,
) -> Result<(), GraphError> {
    graph.send(respond_call(event, answer, comment, tell, proposal).priority(priority)).await.map(drop)
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
    message: &MessageId,
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

/// All that a new event says, as a change of nothing.
fn whole(draft: &EventDraft) -> EventChange {
    let said = |text: &String| (!text.is_empty()).then(|| text.clone());
    EventChange {
        subject: Some(draft.subject.clone()),
        time: Some(draft.time.clone()),
        location: said(&draft.location),
        attendees: (!draft.attendees.is_empty()).then(|| draft.attendees.clone()),
        is_online: draft.is_online.then_some(true),
        body: said(&draft.body),
        show_as: Some(draft.show_as),
        reminder: Some(draft.reminder),
        categories: None,
        recurrence: draft.recurrence.clone(),
    }
}

fn change_json(change: &EventChange) -> Map<String, Value> {
    let mut body = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    };
    put("subject", change.subject.as_ref().map(|subject| json!(subject)));
    put("location", change.location.as_ref().map(|place| json!({ "displayName": place })));
    put("body", change.body.as_ref().map(|text| json!({ "contentType": "text", "content": text })));
    put("attendees", change.attendees.as_ref().map(|all| all.iter().map(invitee_json).collect()));
    put("isOnlineMeeting", change.is_online.map(|is_online| json!(is_online)));
    put("onlineMeetingProvider", change.is_online.filter(|is_online| *is_online).map(|_| json!("teamsForBusiness")));
    put("showAs", change.show_as.map(|show_as| json!(availability_word(show_as))));
    put("isReminderOn", change.reminder.map(|reminder| json!(reminder.is_some())));
    put("reminderMinutesBeforeStart", change.reminder.flatten().map(|minutes| json!(minutes)));
    put("categories", change.categories.as_ref().map(|categories| json!(categories)));
    // Its range begins on the day of the event \[recurrencerange\].
    if let (Some(recurrence), Some(time)) = (&change.recurrence, &change.time) {
        put("recurrence", Some(wire::recurrence::json(recurrence, time.first_day())));
    }
    match &change.time {
        None => {}
        Some(EventTime::Timed { start, end, zone }) => {
            put("start", Some(wall_json(*start, &zone.name)));
            put("end", Some(wall_json(*end, &zone.name)));
            put("isAllDay", Some(json!(false)));
        }
        Some(EventTime::AllDay { start, end }) => {
            put("start", Some(wall_json(start.to_datetime(Time::midnight()), "UTC")));
            put("end", Some(wall_json(end.to_datetime(Time::midnight()), "UTC")));
            put("isAllDay", Some(json!(true)));
        }
    }
    body
}

fn invitee_json(invitee: &Invitee) -> Value {
    let kind = match (invitee.is_resource, invitee.is_optional) {
        (true, _) => "resource",
        (false, true) => "optional",
        (false, false) => "required",
    };
    let mut value = recipient_json(&invitee.recipient);
    value["type"] = json!(kind);
    value
}

const fn action(answer: InvitationAnswer) -> &'static str {
    match answer {
        InvitationAnswer::Accept => "accept",
        InvitationAnswer::Tentative => "tentativelyAccept",
        InvitationAnswer::Decline => "decline",
    }
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
    use crate::domain::time::Zone;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    #[test]
    fn times_are_told_by_the_clocks_of_their_zone_and_whole_days_as_midnights() {
        let start = jiff::civil::date(2026, 11, 24).at(14, 0, 0, 0);
        let time = EventTime::Timed { start, end: start.date().at(14, 30, 0, 0), zone: Zone::find("Europe/Madrid") };
        assert_eq!(
            Value::Object(change_json(&EventChange { time: Some(time.clone()), ..EventChange::default() })),
            json!({
                "start": {"dateTime": "2026-11-24T14:00:00", "timeZone": "Europe/Madrid"},
                "end": {"dateTime": "2026-11-24T14:30:00", "timeZone": "Europe/Madrid"}, "isAllDay": false,
            })
        );
        let time = EventTime::AllDay { start: jiff::civil::date(2026, 12, 24), end: jiff::civil::date(2026, 12, 27) };
        let draft = EventDraft { is_private: true, reminder: None, ..EventDraft::new("Away".to_owned(), time) };
        let call = create_call(None, &draft, "t-1");
        assert_eq!(
            call.body(),
            Some(&json!({
                "subject": "Away", "showAs": "busy", "isReminderOn": false, "sensitivity": "private", "isAllDay": true,
                "start": {"dateTime": "2026-12-24T00:00:00", "timeZone": "UTC"},
                "end": {"dateTime": "2026-12-27T00:00:00", "timeZone": "UTC"}, "transactionId": "t-1",
            }))
        );
        assert_eq!(call.repeats(), Repeat::Safe);
    }

    #[test]
    fn a_goal_may_be_repeated_and_telling_people_may_not() {
        let id = EventId("E/1".to_owned());
        assert_eq!(delete_call(&id).repeats(), Repeat::Safe);
        assert_eq!(cancel_call(&id, "").repeats(), Repeat::OnlyIfNotProcessed);
        let span = Span { start: at("2026-11-24T13:00:00Z"), end: at("2026-11-24T13:30:00Z") };
        let answer = respond_call(&id, InvitationAnswer::Decline, "Sorry", false, Some(span));
        assert_eq!(answer.repeats(), Repeat::OnlyIfNotProcessed);
        assert_eq!(answer.relative().as_deref(), Ok("/me/events/E%2F1/decline"));
        let body = answer.body().expect("a body");
        assert_eq!((&body["sendResponse"], &body["comment"]), (&json!(true), &json!("Sorry")));
        assert_eq!(body["proposedNewTime"]["start"], json!({"dateTime": "2026-11-24T13:00:00", "timeZone": "UTC"}));
        let yes = respond_call(&id, InvitationAnswer::Accept, "", false, None);
        assert_eq!(yes.body(), Some(&json!({"sendResponse": false})));
    }
}
