//! A room for the meeting: any one that would do, or a certain one.
//!
//! Must stay true: a room is no participant; a time suits only where one of the rooms is free, and which one a slot would get is known.

use super::FindTime;
use crate::domain::freebusy::{Cell, Suggestion};
use crate::domain::mail::Recipient;
use crate::domain::place::Room;
use crate::domain::time::Span;
use crate::state::surface::Turn;

/// What is wanted of a room, and the rooms that fulfil it, the smallest that is large enough first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomChoice {
    /// "any room in Madrid with 8 seats", or its name.
    pub words: String,
    /// The rooms.
    pub rooms: Vec<Room>,
}

impl FindTime {
    /// What is wanted of a room.
    #[must_use]
    pub const fn room_choice(&self) -> Option<&RoomChoice> {
        self.room.as_ref()
    }

    /// The rooms a time is looked for with.
    pub(super) fn rooms(&self) -> &[Room] {
        self.room.as_ref().map_or(&[], |choice| choice.rooms.as_slice())
    }

    /// Wants a room, or none any more.
    pub fn choose_room(&mut self, choice: Option<RoomChoice>, turn: &mut Turn<'_>) {
        match &choice {
            Some(choice) => turn.tell(format!("Looking for a time with {}.", choice.words)),
            None => turn.tell("No room is looked for."),
        }
        self.room = choice;
        self.ask(turn);
    }

    /// The room a suggestion would get.
    #[must_use]
    pub fn room_of(&self, suggestion: &Suggestion) -> Option<&Room> {
        self.rooms().get(*suggestion.rooms.first()?)
    }

    /// The room that is free at the proposed time.
    #[must_use]
    pub fn free_room(&self, span: Span) -> Option<&Room> {
        self.rooms().iter().find(|room| self.is_room_free(room, span))
    }

    /// How many of the rooms are free for all of `span`.
    #[must_use]
    pub fn free_rooms(&self, span: Span) -> usize {
        self.rooms().iter().filter(|room| self.is_room_free(room, span)).count()
    }

    /// A room has no hours of its own.
    fn is_room_free(&self, room: &Room, span: Span) -> bool {
        self.answers.reading(&room.address).is_some_and(|reading| {
            let cell = reading.over(span);
            cell.is_free() || cell == Cell::OffHours
        })
    }

    /// The room as somebody who is invited.
    pub(super) fn invited_room(&self) -> Option<Recipient> {
        let room = self.free_room(self.slot()?)?;
        Some(Recipient { name: room.name.clone(), address: room.address.clone() })
    }
}
