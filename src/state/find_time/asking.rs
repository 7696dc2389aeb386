//! Whom a time is looked for with, and asking about their days.

use super::{FindTime, MOST_PEOPLE, Participant, STALE};
use crate::domain::account::Feature;
use crate::domain::mail::Recipient;
use crate::domain::request::Request;
use crate::state::event::Wake;
use crate::state::line::LineEdit;
use crate::state::surface::Turn;

impl FindTime {
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
        self.participants.push(Participant { recipient, is_required: true, is_me: false });
        true
    }

    /// Takes the completion under the cursor, or what is typed if it is an address.
    pub(super) fn take_typed(&mut self, turn: &mut Turn<'_>) {
        let typed = self.field.text().trim().to_owned();
        let completions = self.completions();
        let recipient = match completions.get(self.completion.min(completions.len().saturating_sub(1))) {
            Some(person) => Recipient { name: person.name.clone(), address: person.address.clone() },
            None if typed.contains('@') && !typed.contains(char::is_whitespace) => {
                Recipient { name: String::new(), address: typed.clone() }
            }
            None => {
                let sentence = if self.found.is_waiting() {
                    "The directory has not answered yet."
                } else {
                    "Nobody is found by that name."
                };
                turn.tell(sentence);
                return;
            }
        };
        self.field = LineEdit::default();
        self.completion = 0;
        self.found.clear();
        if self.add(recipient, turn) {
            self.ask(turn);
        } else {
            turn.tell("They are already there.");
        }
    }

    pub(super) fn ask(&mut self, turn: &mut Turn<'_>) {
        self.ask_for(false, turn);
    }

    pub(super) fn ask_for(&mut self, refresh: bool, turn: &mut Turn<'_>) {
        let Some(window) = self.window(turn.zone) else { return };
        let addresses: Vec<String> = self.participants.iter().map(|each| each.recipient.address.clone()).collect();
        if !addresses.is_empty() && turn.session.is_open(Feature::FreeBusy) {
            self.schedules.ask(Request::Availability { addresses, window, refresh }, turn);
            turn.wake_after(Wake::Stale, STALE);
        }
        self.recount(turn);
    }
}
