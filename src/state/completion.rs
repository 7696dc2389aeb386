//! Who may be meant by what is typed: people, and groups that stand for several.
//!
//! Wherever people are typed the same list is offered. Must stay true: a group is one line of it, and taking it takes the people in it.

use crate::base::report::Report;
use crate::domain::group::{FoundGroup, GroupRef, Members};
use crate::domain::mail::Recipient;
use crate::domain::person::{Person, PersonId};
use crate::domain::request::{Answer, FoundPeople, Request};
use crate::state::event::Ticket;
use crate::state::slot::Slot;
use crate::state::surface::Turn;

/// Groups among the offered at most, where there are people too.
const MOST_GROUPS: usize = 3;

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completion<'a> {
    /// Somebody.
    Person(&'a Person),
    /// Several people.
    Group(&'a FoundGroup),
}

/// What taking a line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Somebody.
    Person(Recipient),
    /// Everybody in a group.
    Group(GroupRef),
}

impl Completion<'_> {
    /// Whose presence stands beside it.
    #[must_use]
    pub fn id(&self) -> Option<PersonId> {
        match self {
            Self::Person(person) => Some(person.id.clone()),
            Self::Group(_) => None,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Group(group) => &group.name,
        }
    }

    /// The address, or what sort of group it is.
    #[must_use]
    pub fn note(&self) -> String {
        match self {
            Self::Person(person) => person.address.clone(),
            Self::Group(group) => group.words(),
        }
    }

    /// What taking it means.
    #[must_use]
    pub fn taken(&self) -> Taken {
        match self {
            Self::Person(person) => {
                Taken::Person(Recipient { name: person.name.clone(), address: person.address.clone() })
            }
            Self::Group(group) => Taken::Group(group.group.clone()),
        }
    }
}

/// The lines for what was found, at most `most`; `is_meant` says which people are among them.
///
/// People come first, but for a group whose whole name is typed: whoever writes a name out means what bears it.
pub fn offered<'a>(
    found: &'a FoundPeople,
    typed: &str,
    most: usize,
    is_meant: impl Fn(&Person) -> bool,
) -> Vec<Completion<'a>> {
    let people: Vec<&Person> = found.people.iter().filter(|person| is_meant(person)).take(most).collect();
    let groups = found.groups.len().min(if people.is_empty() { most } else { MOST_GROUPS });
    let typed = typed.trim().to_lowercase();
    let (named, others): (Vec<&FoundGroup>, Vec<&FoundGroup>) =
        found.groups.iter().take(groups).partition(|group| group.name.to_lowercase() == typed);
    let people = people.into_iter().take(most - groups).map(Completion::Person);
    let named = named.into_iter().map(Completion::Group);
    named.chain(people).chain(others.into_iter().map(Completion::Group)).collect()
}

/// A group whose people are asked for, to be put where somebody types.
#[derive(Clone, Debug, Default)]
pub struct Expanding(Slot<Members>);

impl Expanding {
    /// Asks who is in a group.
    pub fn ask(&mut self, group: GroupRef, turn: &mut Turn<'_>) {
        self.0.ask(Request::Members(group), turn);
    }

    /// Takes the answer: who is in it. Problems, and what is left out, are told. `None`: the answer is somebody else's.
    pub fn take(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        turn: &mut Turn<'_>,
    ) -> Option<Vec<Recipient>> {
        let is_ours = self.0.take(ticket, result, |answer| match answer {
            Answer::Members(members) => Some((**members).clone()),
            _ => None,
        });
        if !is_ours {
            return None;
        }
        if let Err(report) = result {
            turn.tell(format!("{} {}", report.what, report.why).trim_end());
            return Some(Vec::new());
        }
        let members = self.0.value()?;
        let words = match members.words() {
            Some(words) => words,
            None if members.people.is_empty() => format!("Nobody is in {}.", members.name),
            None => format!("Added the people of {}.", members.name),
        };
        turn.tell(words);
        Some(members.recipients())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_whose_whole_name_is_typed_is_offered_before_people_who_only_begin_so() {
        let person = |name: &str| Person {
            id: PersonId(name.to_owned()),
            name: name.to_owned(),
            address: String::new(),
            job_title: None,
            department: None,
            office: None,
            phones: Vec::new(),
        };
        let group = |name: &str| FoundGroup {
            group: GroupRef::Named(name.to_owned()),
            name: name.to_owned(),
            address: String::new(),
            count: None,
        };
        let found = FoundPeople {
            people: vec![person("Projector 2")],
            groups: vec![group("Projects of old"), group("Project")],
            ..FoundPeople::default()
        };
        let names = |typed: &str| {
            offered(&found, typed, 5, |_| true).iter().map(|each| each.name().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("proj"), ["Projector 2", "Projects of old", "Project"]);
        assert_eq!(names("project "), ["Project", "Projector 2", "Projects of old"]);
    }
}
