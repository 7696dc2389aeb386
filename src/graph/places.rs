//! Meeting rooms as the organisation lists them [place-list]. Needs `Place.Read.All`, which an administrator grants.

use crate::domain::place::Room;
use crate::graph::call::{Budget, Call, Priority};
use crate::graph::error::GraphError;
use crate::graph::page;
use crate::graph::transport::Graph;
use crate::graph::wire::groups::WireRoom;

/// Rooms that are read at most.
const MOST: usize = 2_000;

fn places(call: Call) -> Call {
    call.budget(Budget::Directory).priority(Priority::Person)
}

/// The call for all rooms.
#[must_use]
pub fn rooms_call() -> Call {
    places(Call::get(&["places", "microsoft.graph.room"]))
        .select("displayName,emailAddress,building,floorLabel,floorNumber,capacity")
        .query("$top", "100")
}

/// All rooms, by building and name.
///
/// # Errors
/// [`GraphError`] as from [`Graph::send`].
pub async fn rooms(graph: &Graph) -> Result<Vec<Room>, GraphError> {
    let page = page::all::<WireRoom>(graph, rooms_call(), |link| places(Call::link(link)), MOST).await?;
    let mut rooms = page.filter_map(WireRoom::room).rows;
    rooms.sort_by_cached_key(|room| (room.building.to_lowercase(), room.name.to_lowercase()));
    Ok(rooms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::wire;

    #[test]
    fn a_room_without_an_address_is_none_and_nought_seats_are_not_known() {
        let bytes = br#"{"value":[
            {"id":"1","displayName":"Retiro","emailAddress":"retiro@x.org","building":"Madrid","floorNumber":5,"capacity":20},
            {"id":"2","displayName":"Nowhere","capacity":4},
            {"id":"3","displayName":null,"emailAddress":"bare@x.org","floorLabel":"Mezzanine","floorNumber":1,"capacity":0}]}"#;
        let page = wire::page::<WireRoom>(bytes).expect("a page").filter_map(WireRoom::room);
        assert_eq!(page.skipped, 1);
        assert_eq!(page.rows[0].words(), "Madrid, floor 5, 20 seats");
        assert_eq!((page.rows[1].name.as_str(), page.rows[1].floor.as_str()), ("bare@x.org", "Mezzanine"));
        assert_eq!(page.rows[1].capacity, None);
    }
}
