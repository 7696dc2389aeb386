//! Groups of people as they are saved: under a name that is asked for, with a question before another is lost.
//!
//! Must stay true: the groups themselves are the configuration's, read anew before each list of them is shown; nothing is overwritten or
//! removed unasked; what was done is said.

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::group::{self, GroupRef, SavedGroup, check_name};
use crate::domain::mail::Recipient;
use crate::domain::presence::AwayOf;
use crate::domain::recipients;
use crate::domain::request::{Answer, PersonRef, Request};
use crate::state::Context;
use crate::state::event::{Effect, Ticket};
use crate::state::layer::Layer;
use crate::state::picker::{PickEntry, Picked, Picker, Purpose};
use crate::state::question::{Deed, Question};
use crate::state::store::Store;

/// What is being done with groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Grouping {
    /// The groups as last read.
    groups: Vec<SavedGroup>,
    /// The list that opens when they are read, for these people.
    wanted: Option<(Ticket, Purpose)>,
    people: Vec<Recipient>,
    /// What waits for a yes: the name and the people.
    pending: Option<(String, Vec<Recipient>)>,
    /// The rooms, to choose one.
    rooms: Option<Ticket>,
    /// What is being saved, how it was before, and what is said when it is.
    saving: Option<(Ticket, SavedGroup, String)>,
}

impl Store {
    /// Who is under the cursor, where their address is known.
    pub(super) fn person_to_group(&self) -> Option<Recipient> {
        let focus = self.focus();
        let named = match focus.person()? {
            PersonRef::Address { address, name } => Some(Recipient { name, address }),
            PersonRef::Id(_) => match &focus.people()[..] {
                [one] => Some(one.clone()),
                _ => None,
            },
        };
        named.filter(|one| recipients::is_address(&one.address))
    }

    /// Begins to do something with a saved group: reads them, then offers them.
    pub(super) fn begin_group(
        &mut self,
        purpose: Purpose,
        people: Vec<Recipient>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        self.grouping.people = people;
        self.grouping.wanted = Some((self.asked(Request::Groups, context, effects), purpose));
    }

    /// Takes an answer about groups, if it is one.
    pub(super) fn take_groups(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if let Some((_, purpose)) = self.grouping.wanted.filter(|(asked, _)| *asked == ticket) {
            self.grouping.wanted = None;
            match result {
                Ok(Answer::Groups(groups)) => {
                    self.grouping.groups.clone_from(groups);
                    if purpose == Purpose::RemoveGroup && groups.is_empty() {
                        self.tell("No group is saved.", context, effects);
                    } else {
                        self.pick(purpose, context, effects);
                    }
                }
                Ok(_) => {}
                Err(report) => self.push_problem(report.clone()),
            }
            return true;
        }
        if self.grouping.rooms == Some(ticket) {
            self.grouping.rooms = None;
            match result {
                Ok(Answer::Rooms(rooms)) if rooms.is_empty() => {
                    self.tell("The organisation lists no rooms.", context, effects)
                }
                Ok(Answer::Rooms(rooms)) => {
                    let people = self.screens.find_time.participants().len();
                    let picker = Picker::of_rooms(rooms.clone(), u32::try_from(people).unwrap_or(0));
                    self.layers.push(Layer::Picker(Box::new(picker)));
                }
                Ok(_) => {}
                Err(report) => self.push_problem(report.clone()),
            }
            return true;
        }
        if let Some((_, before, said)) = self.grouping.saving.take_if(|(asked, ..)| *asked == ticket) {
            match result {
                Ok(_) => {
                    self.session.changes.group_changed(before);
                    self.tell(&self.with_undo(&said), context, effects);
                }
                Err(report) => self.push_problem(report.clone()),
            }
            return true;
        }
        false
    }

    /// Asks for the rooms; the list of them opens with the answer.
    pub(super) fn ask_rooms(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.grouping.rooms = Some(self.asked(Request::Rooms, context, effects));
    }

    /// The title and the rows of a list of groups.
    pub(super) fn group_entries(&self, purpose: Purpose) -> (String, Vec<PickEntry>) {
        let people = &self.grouping.people;
        let first = people.first().map(Recipient::label).unwrap_or_default();
        let title = match purpose {
            Purpose::SaveGroup => format!("Save {} as a group", counted_people(people.len())),
            Purpose::PersonGroup => format!("Groups of {first}"),
            _ => "Remove a group".to_owned(),
        };
        let row = |group: &SavedGroup| {
            let has = people.first().is_some_and(|one| group.has(&one.address));
            let note = if purpose == Purpose::PersonGroup && has {
                "is in it".to_owned()
            } else {
                counted_people(group.people.len())
            };
            let picked = Picked::Group(purpose, group.name.clone());
            PickEntry { title: group.name.clone(), note, picked, is_folder: false }
        };
        if purpose == Purpose::AwayOf {
            return ("Whose absences".to_owned(), self.away_entries());
        }
        (title, self.grouping.groups.iter().map(row).collect())
    }

    /// Whose absences can be shown: teams, and the saved groups.
    fn away_entries(&self) -> Vec<PickEntry> {
        let row = |title: &str, note: String, of: AwayOf| PickEntry {
            title: title.to_owned(),
            note,
            picked: Picked::Away(of),
            is_folder: false,
        };
        let mut rows = vec![row("My team", "who reports to you".to_owned(), AwayOf::Team)];
        if self.session.is_open(Feature::Manager) {
            rows.push(row("My manager's team", "who has your manager".to_owned(), AwayOf::Peers));
        }
        rows.extend(self.grouping.groups.iter().map(|group| {
            row(&group.name, counted_people(group.people.len()), AwayOf::Group(GroupRef::Saved(group.name.clone())))
        }));
        rows
    }

    /// Does with the group of this name what the list was for.
    pub(super) fn group_picked(
        &mut self,
        purpose: Purpose,
        name: &str,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        if let Err(why) = check_name(name) {
            return self.tell(why, context, effects);
        }
        let known = group::find(&self.grouping.groups, name).cloned();
        let people = self.grouping.people.clone();
        match (purpose, known) {
            (Purpose::SaveGroup, None) => {
                let said = format!("Saved {} as {name}.", counted_people(people.len()));
                self.save_group(name, people, said, context, effects);
            }
            (Purpose::SaveGroup, Some(known)) => {
                let sentences = vec![
                    format!("{} has {} now: {}.", known.name, counted_people(known.people.len()), names(&known.people)),
                    format!("It would have {} instead: {}.", counted_people(people.len()), names(&people)),
                ];
                let title = format!("Replace the group {}?", known.name);
                let question = Question::of(title, sentences, "Keep it", "Replace", Deed::Group);
                self.grouping.pending = Some((known.name, people));
                self.layers.push(Layer::Question(Box::new(question)));
            }
            (Purpose::PersonGroup, known) => {
                let Some(person) = people.first().cloned() else { return };
                let name = known.as_ref().map_or_else(|| name.to_owned(), |known| known.name.clone());
                let mut inside = known.map_or_else(Vec::new, |known| known.people);
                let before = inside.len();
                inside.retain(|one| !one.address.eq_ignore_ascii_case(&person.address));
                let label = person.label().to_owned();
                let said = match (inside.len() < before, inside.is_empty()) {
                    (true, true) => format!("{label} was the last of {name}; the group is gone."),
                    (true, false) => format!("{label} is no longer in {name}."),
                    (false, _) => {
                        inside.push(person);
                        format!("{label} is in {name} now.")
                    }
                };
                self.save_group(&name, inside, said, context, effects);
            }
            (Purpose::RemoveGroup, Some(known)) => {
                let sentences = vec![
                    format!("It is taken out of the configuration: {}.", names(&known.people)),
                    "Nothing is changed at Microsoft 365.".to_owned(),
                ];
                let title = format!("Remove the group {}?", known.name);
                let question = Question::of(title, sentences, "Keep it", "Remove", Deed::Group);
                self.grouping.pending = Some((known.name, Vec::new()));
                self.layers.push(Layer::Question(Box::new(question)));
            }
            _ => {}
        }
    }

    /// The question was answered with yes.
    pub(super) fn keep_group(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let Some((name, people)) = self.grouping.pending.take() else { return };
        let said = match people.len() {
            0 => format!("The group {name} is removed."),
            count => format!("{name} has {} now.", counted_people(count)),
        };
        self.save_group(&name, people, said, context, effects);
    }

    fn save_group(
        &mut self,
        name: &str,
        people: Vec<Recipient>,
        said: String,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let before = group::find(&self.grouping.groups, name).cloned();
        let before = before.unwrap_or_else(|| SavedGroup { name: name.to_owned(), people: Vec::new() });
        let request = Request::SaveGroup { name: name.to_owned(), people };
        self.grouping.saving = Some((self.asked(request, context, effects), before, said));
    }
}

pub(super) fn counted_people(people: usize) -> String {
    if people == 1 { "1 person".to_owned() } else { format!("{people} people") }
}

/// The first few names.
fn names(people: &[Recipient]) -> String {
    let first: Vec<&str> = people.iter().take(4).map(Recipient::label).collect();
    match people.len().saturating_sub(4) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
