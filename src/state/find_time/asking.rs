//! Whom a time is looked for with, and asking about their days.
//!
//! What the cache knows is asked for first and shown at once; the service is asked for as many at a time as it takes, side by side,
//! and each part is shown when it comes. Must stay true: an answer to an older question is never shown; what was known stays until
//! something newer is.

use super::{FindTime, MOST_PEOPLE, Participant, STALE};
use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::freebusy::{Reading, Schedule};
use crate::domain::mail::Recipient;
use crate::domain::request::{Answer, Request};
use crate::domain::time::Span;
use crate::state::accounts;
use crate::state::completion::{Completion, Taken};
use crate::state::event::{Ticket, Wake};
use crate::state::line::LineEdit;
use crate::state::surface::Turn;
use jiff::Timestamp;
use std::collections::HashMap;

/// Addresses in one question: as many as one call of the service takes [calendar-getschedule].
const AT_A_TIME: usize = 20;
/// So many people are counted anew with every part.
const FEW: usize = 40;

/// A day as it was answered, and as it is drawn: prepared once, because every frame asks it a thousand times.
#[derive(Clone, Debug)]
struct Known {
    schedule: Schedule,
    reading: Reading,
}

/// What was answered about people's days, and what is on its way.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// By address in lower case.
    known: HashMap<String, Known>,
    /// The time that is asked about.
    window: Option<Span>,
    /// The question to the cache.
    cached: Option<Ticket>,
    /// The questions to the service.
    parts: Vec<Ticket>,
    problem: Option<Report>,
}

impl Answers {
    /// What is known of the time of this address.
    #[must_use]
    pub fn of(&self, address: &str) -> Option<&Schedule> {
        self.known(address).map(|known| &known.schedule)
    }

    /// The same, prepared for many questions.
    #[must_use]
    pub fn reading(&self, address: &str) -> Option<&Reading> {
        self.known(address).map(|known| &known.reading)
    }

    fn known(&self, address: &str) -> Option<&Known> {
        let known = self.known.get(&address.to_lowercase())?;
        self.window.is_none_or(|window| known.schedule.window.overlaps(&window)).then_some(known)
    }

    /// Whether an answer of the service is on its way.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Whether anything was answered at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Why the last question failed, if it did.
    #[must_use]
    pub const fn problem(&self) -> Option<&Report> {
        self.problem.as_ref()
    }

    /// Takes an answer. `None`: it was not waited for.
    fn take(&mut self, ticket: Ticket, result: &Result<Answer, Report>) -> Option<()> {
        let is_cached = self.cached == Some(ticket);
        let part = self.parts.iter().position(|each| *each == ticket);
        if !is_cached && part.is_none() {
            return None;
        }
        if is_cached {
            self.cached = None;
        }
        if let Some(part) = part {
            self.parts.remove(part);
        }
        match result {
            Ok(Answer::Availability(schedules)) => {
                for schedule in schedules {
                    self.put(schedule, is_cached);
                }
            }
            // The cache's failure is told by the question to the service, which stands on it too.
            Err(report) if !is_cached => self.problem = Some(report.clone()),
            _ => {}
        }
        Some(())
    }

    fn put(&mut self, schedule: &Schedule, is_cached: bool) {
        let address = schedule.address.to_lowercase();
        let is_newer = self.known.get(&address).is_none_or(|Known { schedule: known, .. }| {
            let covers = self.window.is_none_or(|window| known.window.covers(&window));
            !is_cached || !covers || known.as_of < schedule.as_of
        });
        if is_newer {
            self.known.insert(address, Known { schedule: schedule.clone(), reading: Reading::new(schedule) });
        }
    }

    fn covers(&self, address: &str, window: Span) -> bool {
        self.known.get(&address.to_lowercase()).is_some_and(|known| known.schedule.window.covers(&window))
    }
}

impl FindTime {
    /// The oldest of the answers that are shown.
    #[must_use]
    pub fn oldest_answer(&self) -> Option<Timestamp> {
        self.participants.iter().filter_map(|each| self.schedule(each)).map(|schedule| schedule.as_of).min()
    }

    pub(super) fn answer(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        if self.answers.take(ticket, result).is_none() {
            return false;
        }
        if result.is_ok() && turn.session.is_service() && turn.session.asked_through().is_none() {
            // Which of its mailboxes it was asked through is known now.
            accounts::ask(turn);
        }
        // Each part is drawn when it comes; times are looked for among very many people once all have.
        if self.participants.len() <= FEW || !self.answers.is_waiting() {
            self.recount(turn);
        }
        true
    }

    pub(super) fn add(&mut self, recipient: Recipient, turn: &mut Turn<'_>) -> bool {
        let is_there =
            self.participants.iter().any(|each| each.recipient.address.eq_ignore_ascii_case(&recipient.address));
        if recipient.address.is_empty() || is_there {
            return false;
        }
        if self.participants.len() >= MOST_PEOPLE {
            turn.tell(format!("No more than {MOST_PEOPLE} people fit here."));
            return false;
        }
        self.selected = Some(recipient.address.clone());
        let added = self.participants.iter().map(|each| each.added + 1).max().unwrap_or(0);
        self.participants.push(Participant { recipient, is_required: true, is_me: false, added });
        true
    }

    /// Takes the completion under the cursor, or what is typed if it is an address.
    pub(super) fn take_typed(&mut self, turn: &mut Turn<'_>) {
        let typed = self.field.text().trim().to_owned();
        let completions = self.completions();
        let taken = completions.get(self.completion.min(completions.len().saturating_sub(1))).map(Completion::taken);
        let is_offered = taken.is_some();
        let recipient = match taken {
            Some(Taken::Person(recipient)) => recipient,
            Some(Taken::Group(group)) => {
                self.field = LineEdit::default();
                self.completion = 0;
                self.found.clear();
                return self.expand(group, turn);
            }
            None if typed.contains('@') && !typed.contains(char::is_whitespace) => {
                Recipient { name: String::new(), address: typed.clone() }
            }
            None => {
                let sentence = if self.found.is_waiting() {
                    "The directory has not answered yet."
                } else {
                    "Nobody of that name is found."
                };
                turn.tell(sentence);
                return;
            }
        };
        self.field = LineEdit::default();
        self.completion = 0;
        self.found.clear();
        let address = recipient.address.clone();
        if self.add(recipient, turn) {
            self.ask(turn);
            if !is_offered {
                self.look_behind(&address, turn);
            }
        } else {
            turn.tell("They are already there.");
        }
    }

    pub(super) fn ask(&mut self, turn: &mut Turn<'_>) {
        self.ask_for(false, turn);
    }

    pub(super) fn ask_for(&mut self, refresh: bool, turn: &mut Turn<'_>) {
        let Some(window) = self.window(turn.zone) else { return };
        let people = self.participants.iter().map(|each| &each.recipient.address);
        let addresses: Vec<String> = people.chain(self.rooms().iter().map(|room| &room.address)).cloned().collect();
        if !addresses.is_empty() && turn.session.is_open(Feature::FreeBusy) {
            self.answers.window = Some(window);
            self.answers.problem = None;
            let is_new = |address: &String| !self.answers.covers(address, window);
            let unknown: Vec<String> = addresses.iter().filter(|address| is_new(address)).cloned().collect();
            self.answers.cached =
                (!unknown.is_empty()).then(|| turn.ask(Request::KnownAvailability { addresses: unknown, window }));
            self.answers.parts = addresses
                .chunks(AT_A_TIME)
                .map(|part| turn.ask(Request::Availability { addresses: part.to_vec(), window, refresh }))
                .collect();
            if !turn.session.is_offline() {
                turn.wake_after(Wake::Stale, STALE);
            }
        }
        self.ask_names(turn);
        self.recount(turn);
    }

    /// Asks who has the addresses that stand here without a name; once for the same ones.
    fn ask_names(&mut self, turn: &mut Turn<'_>) {
        let nameless = self.participants.iter().map(|each| &each.recipient).filter(|each| is_nameless(each));
        let addresses: Vec<String> = nameless.map(|each| each.address.clone()).collect();
        if !addresses.is_empty() && addresses != self.nameless {
            self.nameless.clone_from(&addresses);
            self.names.ask(Request::PeopleAt { addresses }, turn);
        }
    }

    pub(super) fn take_names(&mut self, ticket: Ticket, result: &Result<Answer, Report>) -> bool {
        let is_taken = self.names.take(ticket, result, |answer| match answer {
            Answer::FoundPeople(found) => Some(found.clone()),
            _ => None,
        });
        let found = self.names.value().filter(|_| is_taken).map_or(&[][..], |found| found.people.as_slice());
        for recipient in self.participants.iter_mut().map(|each| &mut each.recipient).filter(|each| is_nameless(each)) {
            let person = found.iter().find(|person| person.address.eq_ignore_ascii_case(&recipient.address));
            if let Some(person) = person {
                recipient.name.clone_from(&person.name);
            }
        }
        is_taken
    }
}

/// Whether somebody stands there by their address alone.
fn is_nameless(recipient: &Recipient) -> bool {
    recipient.name.is_empty() || recipient.name.eq_ignore_ascii_case(&recipient.address)
}
