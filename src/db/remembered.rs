//! Small things that are remembered for an account: its rooms, the size of its groups, whose absences were looked at last, what was
//! searched for.
//!
//! Each is a line under a name of its own. Must stay true: what cannot be read any more counts as never remembered.

use crate::db::encode::{from_json, to_json};
use crate::db::{Cache, DbError};
use crate::domain::place::Room;
use jiff::Timestamp;
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

/// The name of what was searched for.
const SEARCHES: &str = "searches";
/// More searches than these are forgotten, the oldest first.
const MOST_SEARCHES: usize = 50;

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

    /// What was searched for, the latest last.
    ///
    /// # Errors
    /// When the cache cannot be read.
    pub async fn searches(&self) -> Result<Vec<String>, DbError> {
        let kept = self.recall(SEARCHES).await?;
        Ok(kept.and_then(|kept| from_json(&kept).ok()).unwrap_or_default())
    }

    /// Remembers a search as the latest, each once; gives back all of them.
    ///
    /// # Errors
    /// When the cache cannot be written.
    pub async fn keep_search(&self, text: String) -> Result<Vec<String>, DbError> {
        self.write(move |writer, account| {
            let name = format!("{SEARCHES} {account}");
            let kept: Option<String> = writer
                .prepare_cached("SELECT value FROM memory WHERE name = ?1")?
                .query_row([&name], |row| row.get(0))
                .optional()?;
            let mut searches: Vec<String> = kept.and_then(|kept| from_json(&kept).ok()).unwrap_or_default();
            if searches.last() == Some(&text) {
                return Ok(searches);
            }
            searches.retain(|known| *known != text);
            searches.push(text);
            let over = searches.len().saturating_sub(MOST_SEARCHES);
            searches.drain(..over);
            writer
                .prepare_cached("REPLACE INTO memory (name, value) VALUES (?1, ?2)")?
                .execute([name, to_json(&searches)?])?;
            Ok(searches)
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
