//! Presence of many people at once, and choosing one's own. Work accounts only; ids, not addresses \[presence\].

use crate::domain::own_settings::{ChosenPresence, PresenceChoice, StatusNote};
use crate::domain::person::PersonId;
use crate::domain::presence::Presence;
use crate::graph::call::{Budget, Call, Priority, Repeat};
use crate::graph::error::GraphError;
use crate::graph::page::Page;
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::people::WirePresence;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

/// Ids in one call; more is refused [cloudcommunications-getpresencesbyuserid].
pub const AT_A_TIME: usize = 650;

/// The call for at most [`AT_A_TIME`] people.
#[must_use]
pub fn call(people: &[PersonId]) -> Call {
    let ids: Vec<&str> = people.iter().map(|person| person.0.as_str()).collect();
    Call::ask(&["communications", "getPresencesByUserId"], json!({ "ids": ids })).budget(Budget::Presence)
}

/// Reads an answer to [`call`] that came at `as_of`.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse(bytes: &[u8], as_of: Timestamp) -> Result<Page<(PersonId, Presence)>, String> {
    Ok(wire::page::<WirePresence>(bytes)?.filter_map(|row| row.presence(as_of)))
}

/// Reads the presence of one person.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse_one(bytes: &[u8], as_of: Timestamp) -> Result<(PersonId, Presence), String> {
    wire::object::<WirePresence>(bytes)?.presence(as_of).ok_or_else(|| "it names nobody".to_owned())
}

/// The call that chooses the presence of `me` until an instant that lies ahead of `now`, or lets it be as the service sees it. The
/// goal is said whole, so it may be repeated [presence-setuserpreferredpresence].
#[must_use]
pub fn choose_call(me: &PersonId, chosen: Option<&ChosenPresence>, now: Timestamp) -> Call {
    let path = |action| ["users", me.0.as_str(), "presence", action];
    let Some(chosen) = chosen else {
        return Call::post(&path("clearUserPreferredPresence"), json!({}))
            .budget(Budget::Presence)
            .repeat(Repeat::Safe);
    };
    let (availability, activity) = match chosen.choice {
        PresenceChoice::Available => ("Available", "Available"),
        PresenceChoice::Busy => ("Busy", "Busy"),
        PresenceChoice::DoNotDisturb => ("DoNotDisturb", "DoNotDisturb"),
        PresenceChoice::BeRightBack => ("BeRightBack", "BeRightBack"),
        PresenceChoice::Away => ("Away", "Away"),
        PresenceChoice::Offline => ("Offline", "OffWork"),
    };
    let minutes = (chosen.until.duration_since(now).as_secs() + 59).max(60) / 60;
    let body = json!({
        "availability": availability, "activity": activity, "expirationDuration": format!("PT{minutes}M"),
    });
    Call::post(&path("setUserPreferredPresence"), body).budget(Budget::Presence).repeat(Repeat::Safe)
}

/// The call that sets the note beside the presence of `me`, or takes it away.
#[must_use]
pub fn note_call(me: &PersonId, note: &StatusNote) -> Call {
    let mut status = json!({ "message": { "content": note.text, "contentType": "text" } });
    if let Some(until) = note.until {
        let wall = until.to_zoned(TimeZone::UTC).datetime();
        status["expiryDateTime"] =
            json!({ "dateTime": wall.strftime("%Y-%m-%dT%H:%M:%S").to_string(), "timeZone": "UTC" });
    }
    let path = ["users", me.0.as_str(), "presence", "setStatusMessage"];
    Call::post(&path, json!({ "statusMessage": status })).budget(Budget::Presence).repeat(Repeat::Safe)
}

/// Presence of `people`; those of whom the service says nothing are missing. Needs `Presence.Read.All`.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn of(
    graph: &Graph,
    people: &[PersonId],
    priority: Priority,
) -> Result<Vec<(PersonId, Presence)>, GraphError> {
    let mut found = Vec::with_capacity(people.len());
    for chunk in people.chunks(AT_A_TIME) {
        let response = graph.send(call(chunk).priority(priority)).await?;
        found.extend(parse(&response.body, graph.now()).map_err(|what| response.unreadable(what))?.rows);
    }
    Ok(found)
}
