//! Groups of people: those a person saved in the configuration, and those of the directory.
//!
//! Must stay true: a group that is cut short, or of which somebody cannot be shown, says so ([`Members::words`]); a name means one
//! group, without regard to case.

use crate::domain::mail::Recipient;
use crate::domain::person::Person;
use jiff::Timestamp;

/// Of a group of the directory so many people are taken at most.
pub const MOST_MEMBERS: usize = 50;
/// Characters of a group's name at most.
pub const LONGEST_NAME: usize = 60;

/// A group that was saved in the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedGroup {
    /// Its name.
    pub name: String,
    /// Who is in it, in the order they were put in.
    pub people: Vec<Recipient>,
}

impl SavedGroup {
    /// Whether somebody with this address is in it.
    #[must_use]
    pub fn has(&self, address: &str) -> bool {
        self.people.iter().any(|each| each.address.eq_ignore_ascii_case(address))
    }
}

/// The group of this name among `groups`, without regard to case.
#[must_use]
pub fn find<'a>(groups: &'a [SavedGroup], name: &str) -> Option<&'a SavedGroup> {
    let name = name.trim().to_lowercase();
    groups.iter().find(|group| group.name.to_lowercase() == name)
}

/// Whether a group may be called this.
///
/// # Errors
/// What is allowed, as a sentence.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    let is_plain = !name.chars().any(|letter| letter.is_control() || "\"\\@<>".contains(letter));
    let is_fitting = name.trim() == name && (1..=LONGEST_NAME).contains(&name.chars().count());
    if is_plain && is_fitting && crate::base::text::tame(name) == name {
        Ok(())
    } else {
        Err("Allowed is a name of up to 60 characters without quotes, angle brackets and the sign @.")
    }
}

/// How a group is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GroupRef {
    /// Saved, by its name.
    Saved(String),
    /// Of the directory, by its id; with the shown name.
    Directory {
        /// Object id.
        id: String,
        /// Shown name.
        name: String,
    },
    /// As somebody typed it: a saved group's name, else an address or a name of the directory.
    Named(String),
}

/// A group of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryGroup {
    /// Object id.
    pub id: String,
    /// Shown name, tamed.
    pub name: String,
    /// Its address; empty where it has none.
    pub address: String,
}

/// A group that fits what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundGroup {
    /// Which.
    pub group: GroupRef,
    /// Shown name.
    pub name: String,
    /// Its address; empty where it has none.
    pub address: String,
    /// How many are in it, where that is known without asking.
    pub count: Option<usize>,
}

impl FoundGroup {
    /// A saved one.
    #[must_use]
    pub fn saved(group: &SavedGroup) -> Self {
        Self {
            group: GroupRef::Saved(group.name.clone()),
            name: group.name.clone(),
            address: String::new(),
            count: Some(group.people.len()),
        }
    }

    /// One of the directory.
    #[must_use]
    pub fn of_directory(group: DirectoryGroup) -> Self {
        let DirectoryGroup { id, name, address } = group;
        Self { group: GroupRef::Directory { id, name: name.clone() }, name, address, count: None }
    }

    /// What sort of group it is, in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        match self.count {
            Some(1) => "group of 1 person".to_owned(),
            Some(count) => format!("group of {count} people"),
            None if self.address.is_empty() => "group of the directory".to_owned(),
            None => self.address.clone(),
        }
    }
}

/// Who is in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// The group's name.
    pub name: String,
    /// People with an address, at most [`MOST_MEMBERS`] of a group of the directory.
    pub people: Vec<Person>,
    /// How many are in it altogether, those of groups within it counted, as far as the service says.
    pub total: usize,
    /// How many were looked at and cannot be taken: hidden ones, and those without an address.
    pub without_address: usize,
    /// When it was read; nothing for a saved one.
    pub as_of: Option<Timestamp>,
}

impl Members {
    /// What is not shown, as sentences; `None` where everybody is.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let mut sentences = Vec::new();
        let seen = self.people.len() + self.without_address;
        if self.total > seen {
            sentences.push(format!(
                "{} has {} people: the first {} are shown.",
                self.name,
                self.total,
                self.people.len()
            ));
        }
        match self.without_address {
            0 => {}
            1 => sentences.push(format!("1 of {} has no address or is hidden from you.", self.name)),
            many => sentences.push(format!("{many} of {} have no address or are hidden from you.", self.name)),
        }
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    /// Everybody as a recipient.
    #[must_use]
    pub fn recipients(&self) -> Vec<Recipient> {
        let one = |person: &Person| Recipient { name: person.name.clone(), address: person.address.clone() };
        self.people.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::person::PersonId;

    fn person(name: &str) -> Person {
        Person {
            id: PersonId(name.to_owned()),
            name: name.to_owned(),
            address: format!("{name}@x.org"),
            job_title: None,
            department: None,
            office: None,
            phones: Vec::new(),
        }
    }

    #[test]
    fn what_is_left_out_is_said() {
        let people: Vec<Person> = ["a", "b"].into_iter().map(person).collect();
        let members = |total, without_address| Members {
            name: "All".to_owned(),
            people: people.clone(),
            total,
            without_address,
            as_of: None,
        };
        assert_eq!(members(2, 0).words(), None);
        assert_eq!(members(240, 0).words().as_deref(), Some("All has 240 people: the first 2 are shown."));
        assert_eq!(members(3, 1).words().as_deref(), Some("1 of All has no address or is hidden from you."));
    }

    #[test]
    fn names_are_found_without_case_and_checked() {
        let groups = [SavedGroup { name: "Contracts Team".to_owned(), people: Vec::new() }];
        assert!(find(&groups, " contracts team").is_some() && find(&groups, "contracts").is_none());
        for name in ["Team", "Équipe 1/2", "a.b"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in ["", " a", "a@b", "say \"x\"", "a\tb", "a\u{202e}b", &"x".repeat(61)] {
            assert!(check_name(name).is_err(), "{name}");
        }
    }
}
