//! Presence of many people at once. Work accounts only; ids, not addresses \[presence\].

use crate::domain::person::PersonId;
use crate::domain::presence::Presence;
use crate::graph::call::{Budget, Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page::Page;
use crate::graph::transport::Graph;
use crate::graph::wire;
use crate::graph::wire::people::WirePresence;
use jiff::Timestamp;
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
