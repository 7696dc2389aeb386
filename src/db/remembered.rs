//! Small things that are remembered for an account: its rooms, the size of its groups, whose absences were looked at last.
//!
//! Each is a line under a name of its own. Must stay true: what cannot be read any more counts as never remembered.

use crate::db::encode::{from_json, to_json};
use crate::db::{Cache, DbError};
use crate::domain::place::Room;
use jiff::Timestamp;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

/// A room as it is kept.
#[derive(Serialize, Deserialize)]
struct RoomJson {
    name: String,
    address: String,
    building: String,
    floor: String,
    capacity: Option<u32>,
}

/// All rooms, with when they were read.
#[derive(Serialize, Deserialize)]
struct RoomsJson {
    as_of: Timestamp,
    rooms: Vec<RoomJson>,
}

impl Cache {
    /// What was remembered for this account under `name`.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn recall(&self, name: &'static str) -> Result<Option<String>, DbError> {
        self.read(move |reader, account| {
            Ok(reader
                .prepare_cached("SELECT value FROM memory WHERE name = ?1")?
                .query_row([format!("{name} {account}")], |row| row.get(0))
                .optional()?)
        })
        .await
    }

    /// Remembers `value` for this account under `name`. Writes nothing when it is remembered already.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn remember(&self, name: &'static str, value: String) -> Result<(), DbError> {
        if self.recall(name).await?.as_ref() == Some(&value) {
            return Ok(());
        }
        self.write(move |writer, account| {
            writer
                .prepare_cached("REPLACE INTO memory (name, value) VALUES (?1, ?2)")?
                .execute([format!("{name} {account}"), value])?;
            Ok(())
        })
        .await
    }

    /// The rooms of the organisation, with when they were read; `None`: never.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn rooms(&self) -> Result<Option<(Vec<Room>, Timestamp)>, DbError> {
        let Some(kept) = self.recall("rooms").await? else { return Ok(None) };
        let Ok(RoomsJson { as_of, rooms }) = from_json::<RoomsJson>(&kept) else { return Ok(None) };
        let room =
            |RoomJson { name, address, building, floor, capacity }| Room { name, address, building, floor, capacity };
        Ok(Some((rooms.into_iter().map(room).collect(), as_of)))
    }

    /// Keeps the rooms as read at `as_of`.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn put_rooms(&self, rooms: &[Room], as_of: Timestamp) -> Result<(), DbError> {
        let room = |room: &Room| RoomJson {
            name: room.name.clone(),
            address: room.address.clone(),
            building: room.building.clone(),
            floor: room.floor.clone(),
            capacity: room.capacity,
        };
        let json = to_json(&RoomsJson { as_of, rooms: rooms.iter().map(room).collect() })?;
        self.remember("rooms", json).await
    }
}
