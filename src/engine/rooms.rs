//! The organisation's rooms: the cache while it is young, else the service.

use crate::base::report::Report;
use crate::db::Cache;
use crate::domain::account::Feature;
use crate::domain::place::Room;
use crate::engine::kept::kept;
use crate::engine::permission;
use crate::graph::{self, Graph};
use jiff::SignedDuration;

/// A list of rooms this young is taken for the present: walls stay where they are.
const ROOMS_FRESH: SignedDuration = SignedDuration::from_hours(24);

/// All rooms, by building and name.
///
/// # Errors
/// When they may not be read and were never read.
pub(super) async fn rooms(graph: &Graph, cache: &Cache) -> Result<Vec<Room>, Report> {
    let known = kept(cache.rooms().await).flatten();
    if let Some((rooms, as_of)) = &known
        && graph.now().duration_since(*as_of) <= ROOMS_FRESH
    {
        return Ok(rooms.clone());
    }
    let what = "The list of rooms could not be read.";
    match permission::ask(&graph.granted(), Feature::Places, what, graph::places::rooms(graph)).await {
        Ok(rooms) => {
            kept(cache.put_rooms(&rooms, graph.now()).await);
            Ok(rooms)
        }
        Err(report) => known.map(|(rooms, _)| rooms).ok_or(report),
    }
}
