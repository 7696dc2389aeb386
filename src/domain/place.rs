//! Meeting rooms: where they are, how many sit in them, and which of them would do.
//!
//! Pure. Must stay true: a room whose seats nobody wrote down is never said to be large enough.

/// A room, as the organisation lists it \[room\].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// Shown name, tamed.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The building; empty where nobody wrote it down.
    pub building: String,
    /// The floor, in words; empty where nobody wrote it down.
    pub floor: String,
    /// How many sit in it.
    pub capacity: Option<u32>,
}

impl Room {
    /// "Madrid, floor 4, 8 seats", as far as it is known.
    #[must_use]
    pub fn words(&self) -> String {
        let seats = self.capacity.map(|seats| format!("{seats} seats"));
        let parts = [self.building.clone(), self.floor.clone(), seats.unwrap_or_default()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }
}

/// Any room that fulfils this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RoomWish {
    /// In this building; empty: in any.
    pub building: String,
    /// With at least so many seats; 0: with any number.
    pub seats: u32,
}

impl RoomWish {
    /// Whether `room` fulfils it.
    #[must_use]
    pub fn suits(&self, room: &Room) -> bool {
        let is_there = self.building.is_empty() || room.building.to_lowercase() == self.building.to_lowercase();
        is_there && (self.seats == 0 || room.capacity.is_some_and(|seats| seats >= self.seats))
    }

    /// The rooms that fulfil it, the smallest that is large enough first.
    #[must_use]
    pub fn choose(&self, rooms: &[Room]) -> Vec<Room> {
        let mut chosen: Vec<Room> = rooms.iter().filter(|room| self.suits(room)).cloned().collect();
        chosen.sort_by_cached_key(|room| (room.capacity.unwrap_or(u32::MAX), room.name.to_lowercase()));
        chosen
    }

    /// "any room in Madrid with 8 seats".
    #[must_use]
    pub fn words(&self) -> String {
        let place = if self.building.is_empty() { String::new() } else { format!(" in {}", self.building) };
        match self.seats {
            0 => format!("any room{place}"),
            1 => format!("any room{place} with a seat"),
            seats => format!("any room{place} with {seats} seats"),
        }
    }
}

/// The buildings of `rooms`, in alphabetical order, each with how many rooms it has.
#[must_use]
pub fn buildings(rooms: &[Room]) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for room in rooms.iter().filter(|room| !room.building.is_empty()) {
        match found.iter_mut().find(|(name, _)| name.to_lowercase() == room.building.to_lowercase()) {
            Some((_, count)) => *count += 1,
            None => found.push((room.building.clone(), 1)),
        }
    }
    found.sort_by_cached_key(|(name, _)| name.to_lowercase());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str, building: &str, capacity: Option<u32>) -> Room {
        Room {
            name: name.to_owned(),
            address: format!("{name}@x.org"),
            building: building.to_owned(),
            floor: String::new(),
            capacity,
        }
    }

    #[test]
    fn the_smallest_room_that_is_large_enough_comes_first() {
        let rooms = [
            room("hall", "Madrid", Some(20)),
            room("four", "madrid", Some(4)),
            room("eight", "Madrid", Some(8)),
            room("unknown", "Madrid", None),
            room("thames", "London", Some(12)),
        ];
        let names = |wish: &RoomWish| wish.choose(&rooms).into_iter().map(|room| room.name).collect::<Vec<_>>();
        assert_eq!(names(&RoomWish { building: "MADRID".to_owned(), seats: 5 }), ["eight", "hall"]);
        assert_eq!(names(&RoomWish { building: "Madrid".to_owned(), seats: 0 }), ["four", "eight", "hall", "unknown"]);
        assert_eq!(names(&RoomWish { building: String::new(), seats: 10 }), ["thames", "hall"]);
        assert_eq!(buildings(&rooms), [("London".to_owned(), 1), ("Madrid".to_owned(), 4)]);
    }

    #[test]
    fn rooms_and_wishes_are_told_in_words() {
        assert_eq!(room("x", "Madrid", Some(8)).words(), "Madrid, 8 seats");
        let wish = RoomWish { building: "Madrid".to_owned(), seats: 8 };
        assert_eq!(wish.words(), "any room in Madrid with 8 seats");
        assert_eq!(RoomWish::default().words(), "any room");
    }
}
