//! What can be pointed at with the mouse.
//!
//! Drawing notes what it drew where, and the note travels back with the next mouse event. So a click means what the person saw,
//! also when the rows have moved since, and drawing still decides nothing.

use crate::domain::event::EventId;
use crate::domain::mail::{FolderId, MessageKey};
use crate::domain::request::PersonRef;
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::surface::{Pane, View};
use jiff::Timestamp;

/// Something on the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A word in the header.
    View(View),
    /// A hint.
    Command(CommandId),
    /// A pane, beside its rows.
    Pane(Pane),
    /// A message in a list.
    Message(MessageKey),
    /// A folder.
    Folder(FolderId),
    /// An event.
    Event(EventId),
    /// A person.
    Person(PersonRef),
    /// A row of the overlay on top, by its place in the list it shows.
    Entry(usize),
    /// A time in a grid.
    Instant(Timestamp),
    /// A field of the message that is written.
    Field(crate::state::compose::Field),
    /// A field of the form of an event.
    FormField(crate::state::calendar::fields::Field),
    /// A field of one's own settings.
    Own(crate::state::own::OwnField),
    /// A link of the message that is read, by number from 1.
    Link(u16),
}

/// Areas of the last frame and what they show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HitMap {
    areas: Vec<(Area, Target)>,
}

impl HitMap {
    /// Notes that `target` was drawn in `area`, above everything noted before.
    pub fn add(&mut self, area: Area, target: Target) {
        if !area.is_empty() {
            self.areas.push((area, target));
        }
    }

    /// What was drawn at a cell, the topmost.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<&Target> {
        self.areas.iter().rev().find(|(area, _)| area.contains(column, row)).map(|(_, target)| target)
    }

    /// Every note, from bottom to top.
    pub fn iter(&self) -> impl Iterator<Item = &(Area, Target)> {
        self.areas.iter()
    }
}
