//! Whether those who may be meant are free at the proposed time.
//!
//! What is kept of them is shown at once. When the list has rested, as it does before their presence is asked for, the service is asked
//! about all of them in one question, over the weeks that are shown, so that whoever is taken is there already. Must stay true: while
//! letters are still coming nobody is asked; only people of the directory are asked about; of whom nothing is known, nothing is said.

use super::FindTime;
use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::freebusy::{Cell, Reading, Schedule};
use crate::domain::person::Person;
use crate::domain::request::{Answer, FoundPeople, Request};
use crate::state::event::{Ticket, Wake};
use crate::state::slot::Slot;
use crate::state::surface::Turn;
use jiff::SignedDuration;

/// The service is asked about those in the list when it has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(300);

impl FindTime {
    /// What somebody who may be meant has at the proposed time; nothing where that is not known.
    #[must_use]
    pub fn offered_state<'a>(&'a self, person: &Person) -> Option<Cell> {
        let is_theirs = |schedule: &&Schedule| schedule.address.eq_ignore_ascii_case(&person.address);
        let of = |slot: &'a Slot<Vec<Schedule>>| slot.value().and_then(|all| all.iter().find(is_theirs));
        let known = self.answers.of(&person.address).or(of(&self.offered_anew)).or(of(&self.offered));
        let cell = Reading::new(known?).over(self.slot()?);
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
                turn.wake_after(Wake::Completion, REST);
            }
        }
        is_ours
            || [&mut self.offered, &mut self.offered_anew].into_iter().any(|slot| {
                slot.take(ticket, result, |answer| match answer {
                    Answer::Availability(schedules) => Some(schedules.clone()),
                    _ => None,
                })
            })
    }

    /// The list is that of what is typed, and has rested.
    pub(super) fn has_found_typed(&self) -> bool {
        self.found.value().is_some_and(|found| found.text == self.field.text().trim()) && !self.found.is_waiting()
    }

    /// Asks about everybody in the list; who was asked a moment ago costs nothing, as the engine keeps what it heard.
    pub(super) fn ask_offered(&mut self, turn: &mut Turn<'_>) {
        let Some(window) = self.window(turn.zone) else { return };
        let addresses = self.found.value().map(addresses).unwrap_or_default();
        if !addresses.is_empty() && turn.session.is_open(Feature::FreeBusy) && !turn.session.is_offline() {
            self.offered_anew.ask(Request::Availability { addresses, window, refresh: false }, turn);
        }
    }
}

/// Of the people that are shown, those whose calendar the organisation keeps.
fn addresses(found: &FoundPeople) -> Vec<String> {
    let shown = found.people.iter().filter(|person| !person.address.is_empty()).take(super::MOST_COMPLETIONS);
    shown.filter(|person| person.id.is_of_directory()).map(|person| person.address.clone()).collect()
}
