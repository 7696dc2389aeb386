//! The service's own finder of meeting times: a second opinion.
//!
//! Delegated only, and every attendee counts as required; its reasons are its own and are given back as they are
//! [user-findmeetingtimes]. Must stay true: what it says is never mixed with what we found.

use crate::domain::meeting_times::{Opinion, OpinionSlot};
use crate::domain::time::Span;
use crate::graph::call::{Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::meeting_times::WireOpinion;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

/// Suggestions it is asked for.
const MOST: u16 = 10;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Addresses of those who have to be there.
    pub required: Vec<String>,
    /// Addresses of those who may be there.
    pub optional: Vec<String>,
    /// Within which time.
    pub window: Span,
    /// How long.
    pub minutes: u16,
}

/// The call.
#[must_use]
pub fn call(asked: &Asked) -> Call {
    let attendee = |address: &String, kind: &str| json!({"type": kind, "emailAddress": {"address": address}});
    let required = asked.required.iter().map(|address| attendee(address, "required"));
    let optional = asked.optional.iter().map(|address| attendee(address, "optional"));
    Call::ask(
        &["me", "findMeetingTimes"],
        json!({
            "attendees": required.chain(optional).collect::<Vec<Value>>(),
            "timeConstraint": {
                "activityDomain": "work",
                "timeSlots": [{"start": wall_time(asked.window.start), "end": wall_time(asked.window.end)}],
            },
            "meetingDuration": format!("PT{}M", asked.minutes),
            "maxCandidates": MOST,
            "isOrganizerOptional": false,
            "returnSuggestionReasons": true,
            "minimumAttendeePercentage": 50,
        }),
    )
}

/// Reads an answer to [`call`].
///
/// # Errors
/// Says in words what is there instead.
pub fn parse(bytes: &[u8], as_of: Timestamp) -> Result<Opinion, String> {
    let wire = wire::object::<WireOpinion>(bytes)?;
    let mut slots: Vec<(i64, OpinionSlot)> = wire.slots();
    slots.sort_by_key(|(order, _)| *order);
    Ok(Opinion { slots: slots.into_iter().map(|(_, slot)| slot).collect(), empty_reason: wire.empty_reason(), as_of })
}

/// What the service suggests.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn find(graph: &Graph, asked: &Asked) -> Result<Opinion, GraphError> {
    let response = graph.send(call(asked).priority(Priority::Person)).await?;
    parse(&response.body, graph.now()).map_err(|what| response.unreadable(what))
}

/// Whole seconds in UTC, as the service writes them.
fn wall_time(instant: Timestamp) -> Value {
    let whole = instant.round(jiff::Unit::Second).unwrap_or(instant);
    json!({ "dateTime": whole.to_zoned(TimeZone::UTC).datetime().to_string(), "timeZone": "UTC" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_reasons_stay_its_own_and_nonsense_is_left_out() {
        let body = br#"{"emptySuggestionsReason":"","meetingTimeSuggestions":[
            {"order":2,"confidence":50,"suggestionReason":"second\u001b[2J","meetingTimeSlot":{
              "start":{"dateTime":"2026-11-24T10:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-11-24T10:30:00","timeZone":"UTC"}},
             "attendeeAvailability":[{"availability":"Busy","attendee":{"emailAddress":{"address":"ben@x.example"}}}]},
            {"order":1,"confidence":100,"meetingTimeSlot":{
              "start":{"dateTime":"2026-11-24T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-11-24T09:30:00","timeZone":"UTC"}}},
            {"order":3,"meetingTimeSlot":{"start":null}}]}"#;
        let opinion = parse(body, Timestamp::UNIX_EPOCH).expect("an opinion");
        let told: Vec<(&str, Option<u8>)> =
            opinion.slots.iter().map(|slot| (slot.reason.as_str(), slot.confidence)).collect();
        assert_eq!(told[0], ("", Some(100)));
        assert!(told[1].0.starts_with("second") && !told[1].0.contains('\u{1b}'), "{told:?}");
        assert_eq!(opinion.slots[1].attendees, [("ben@x.example".to_owned(), "Busy".to_owned())]);
        assert_eq!(opinion.slots.len(), 2);
    }
}
