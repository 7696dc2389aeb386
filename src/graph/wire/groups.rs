//! Groups, their members, and rooms on the wire.

use super::people::WireUser;
use super::{line, some_line, word};
use crate::domain::group::DirectoryGroup;
use crate::domain::person::{Person, PersonId};
use crate::domain::place::Room;
use serde::Deserialize;

/// A group of the directory.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireGroup {
    id: Option<String>,
    display_name: Option<String>,
    mail: Option<String>,
}

impl WireGroup {
    /// The group; `None` without an id or a name.
    pub fn group(self) -> Option<DirectoryGroup> {
        let id = self.id.filter(|id| !id.is_empty())?;
        let address = line(self.mail.as_deref().unwrap_or_default());
        let name = some_line(self.display_name.as_deref()).or_else(|| some_line(Some(&address)))?;
        Some(DirectoryGroup { id, name, address })
    }
}

/// Something that is in a group.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WireMember {
    #[serde(rename = "@odata.type")]
    kind: Option<String>,
    #[serde(flatten)]
    user: WireUser,
}

/// What is in a group, as far as it concerns people.
#[derive(Debug)]
pub enum Member {
    /// Somebody with an address.
    Person(Person),
    /// Somebody whose address is not shown, or who has none.
    Faceless,
    /// No person: a group, whose members come by themselves; a device or a program.
    Thing,
}

impl WireMember {
    /// Who or what it is. An object that is hidden comes with its type and its id only [group-list-members].
    pub fn member(self) -> Member {
        let kind = word(self.kind.as_deref());
        match kind.rsplit('.').next().unwrap_or_default() {
            "user" | "" | "orgcontact" => match self.user.person() {
                Some(person) if person.address.is_empty() => Member::Faceless,
                // A contact of the organisation has an id that is no user's.
                Some(person) if kind.ends_with("orgcontact") => {
                    Member::Person(Person { id: PersonId::of_address(&person.address), ..person })
                }
                Some(person) => Member::Person(person),
                None => Member::Faceless,
            },
            _ => Member::Thing,
        }
    }
}

/// A room.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct WireRoom {
    display_name: Option<String>,
    email_address: Option<String>,
    building: Option<String>,
    floor_label: Option<String>,
    floor_number: Option<i64>,
    capacity: Option<i64>,
}

impl WireRoom {
    /// The room; `None` without an address, by which alone it can be asked and invited.
    pub fn room(self) -> Option<Room> {
        let address = some_line(self.email_address.as_deref())?;
        let numbered = self.floor_number.map(|floor| format!("floor {floor}"));
        Some(Room {
            name: some_line(self.display_name.as_deref()).unwrap_or_else(|| address.clone()),
            building: line(self.building.as_deref().unwrap_or_default()),
            floor: some_line(self.floor_label.as_deref()).or(numbered).unwrap_or_default(),
            // Nought is what is there before anybody writes it down.
            capacity: self.capacity.and_then(|seats| u32::try_from(seats).ok()).filter(|seats| *seats > 0),
            address,
        })
    }
}
