//! Whether those who may be meant are free at the proposed time, as far as that is known here.
//!
//! Must stay true: nobody outside is asked for it, so a letter more costs no round trip; of whom nothing is kept, nothing is said.

use super::FindTime;
use crate::base::report::Report;
use crate::domain::freebusy::{Cell, Reading, Schedule};
use crate::domain::person::Person;
use crate::domain::request::{Answer, FoundPeople, Request};
use crate::state::event::Ticket;
use crate::state::surface::Turn;

impl FindTime {
    /// What somebody who may be meant has at the proposed time; nothing where that is not known.
    #[must_use]
    pub fn offered_state(&self, person: &Person) -> Option<Cell> {
        let is_theirs = |schedule: &&Schedule| schedule.address.eq_ignore_ascii_case(&person.address);
        let kept = self.offered.value().and_then(|all| all.iter().find(is_theirs));
        let cell = Reading::new(self.answers.of(&person.address).or(kept)?).over(self.slot()?);
        (cell != Cell::Unknown).then_some(cell)
    }

    /// Takes the directory's answer, and looks up what is kept of those in it.
    pub(super) fn take_found(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        let is_ours = self.found.take(ticket, result, |answer| match answer {
            Answer::FoundPeople(found) => Some(found.clone()),
            _ => None,
        });
        if is_ours && let (Some(found), Some(window)) = (self.found.value(), self.slot()) {
            let addresses = addresses(found);
            if !addresses.is_empty() {
                self.offered.ask(Request::KnownAvailability { addresses, window }, turn);
            }
        }
        is_ours
            || self.offered.take(ticket, result, |answer| match answer {
                Answer::Availability(schedules) => Some(schedules.clone()),
                _ => None,
            })
    }
}

fn addresses(found: &FoundPeople) -> Vec<String> {
    let addresses = found.people.iter().map(|person| person.address.clone());
    addresses.filter(|address| !address.is_empty()).take(super::MOST_COMPLETIONS).collect()
}
