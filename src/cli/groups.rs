//! Groups and rooms as commands take them: `--group`, `--building`, `--capacity`.

use crate::base::report::{Kind, Report};
use crate::cli::arguments::Slots;
use crate::cli::output::{Out, plain};
use crate::cli::session::{Found, Session};
use crate::domain::group::{self, GroupRef};
use crate::domain::person::{Person, PersonId};
use crate::domain::place::{Room, RoomWish, buildings};
use crate::domain::request::{Answer, Request};

impl Session {
    /// Everybody who is meant by `names`, each once: people by name or address, and the people of a saved group whose whole name is
    /// written where nobody is called exactly so. Addresses get the names that belong to them, where those are known.
    pub(crate) async fn everybody(&self, names: &[String], out: &Out) -> Result<Vec<Found>, Report> {
        let Answer::Groups(saved) = self.engine.perform(Request::Groups).await? else { return Err(Self::mixed_up()) };
        let mut all: Vec<Found> = Vec::new();
        for name in names {
            let found = self.find_all(std::slice::from_ref(name)).await?;
            let is_person = found.iter().any(|one| one.label().to_lowercase() == name.trim().to_lowercase());
            let found = match group::find(&saved, name) {
                Some(group) if !is_person || found.iter().all(|one| one.address().is_none()) => {
                    self.members_of(std::slice::from_ref(&group.name), out).await?
                }
                _ => found,
            };
            for one in found {
                if !all.iter().any(|other| other.is_same(&one)) {
                    all.push(one);
                }
            }
        }
        self.name(&mut all).await;
        Ok(all)
    }

    /// Names for those who stand there by their address alone. Without any the address says who is meant.
    async fn name(&self, all: &mut [Found]) {
        let nameless = |one: &Found| match one {
            Found::One { asked, person: None } => Some(asked.clone()),
            Found::One { person: Some(person), .. } if person.name.eq_ignore_ascii_case(&person.address) => {
                Some(person.address.clone())
            }
            _ => None,
        };
        let addresses: Vec<String> = all.iter().filter_map(nameless).collect();
        if addresses.is_empty() {
            return;
        }
        let Ok(Answer::FoundPeople(known)) = self.engine.perform(Request::PeopleAt { addresses }).await else { return };
        for one in all {
            let Some(address) = nameless(one) else { continue };
            let named = known.people.iter().find(|person| person.address.eq_ignore_ascii_case(&address));
            if let (Found::One { person, .. }, Some(named)) = (one, named) {
                *person = Some(named.clone());
            }
        }
    }

    /// Everybody in these groups. A group that is not found is its own error and does not stop the others; who is left out is said.
    pub(crate) async fn members_of(&self, groups: &[String], out: &Out) -> Result<Vec<Found>, Report> {
        let mut found: Vec<Found> = Vec::new();
        for group in groups {
            let asked = group.clone();
            match self.engine.perform(Request::Members(GroupRef::Named(group.clone()))).await {
                Ok(Answer::Members(members)) => {
                    if let Some(words) = members.words() {
                        out.aside(&words);
                    }
                    for person in members.people {
                        let is_there = found
                            .iter()
                            .any(|one| one.address().is_some_and(|known| known.eq_ignore_ascii_case(&person.address)));
                        if !is_there {
                            found.push(Found::One { asked: person.address.clone(), person: Some(person) });
                        }
                    }
                }
                Ok(_) => return Err(Self::mixed_up()),
                Err(reason) => found.push(Found::Nobody { asked, reason }),
            }
        }
        self.name(&mut found).await;
        Ok(found)
    }

    /// The rooms that fulfil `--building` and `--capacity`, the smallest that is large enough first; none where neither is given.
    ///
    /// # Errors
    /// When the rooms may not be read, or none would do.
    pub(crate) async fn rooms_for(&self, slots: &Slots) -> Result<Vec<Found>, Report> {
        let wish = RoomWish {
            building: slots.building.clone().unwrap_or_default(),
            seats: slots.capacity.unwrap_or_default(),
        };
        if wish == RoomWish::default() {
            return Ok(Vec::new());
        }
        let Answer::Rooms(rooms) = self.engine.perform(Request::Rooms).await? else { return Err(Self::mixed_up()) };
        let chosen = wish.choose(&rooms);
        if chosen.is_empty() {
            let known: Vec<String> =
                buildings(&rooms).into_iter().map(|(name, count)| format!("{} ({count})", plain(&name))).collect();
            let known = if known.is_empty() {
                "The list of rooms names no buildings.".to_owned()
            } else {
                format!("Buildings with their rooms: {}.", known.join(", "))
            };
            let what = format!("There is not {}.", plain(&wish.words()));
            return Err(Report::new(Kind::Failure, "noSuchRoom", what)
                .because(known)
                .next("Name another building, or ask for fewer seats."));
        }
        Ok(chosen
            .into_iter()
            .map(|room| Found::One { asked: room.address.clone(), person: Some(person(room)) })
            .collect())
    }
}

/// A room as somebody a time is looked for.
fn person(room: Room) -> Person {
    Person {
        id: PersonId::of_address(&room.address),
        name: room.name,
        address: room.address,
        job_title: None,
        department: None,
        office: None,
        phones: Vec::new(),
    }
}
