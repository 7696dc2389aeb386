//! Groups in find time: a name or a list's address that stands for several people.

use super::FindTime;
use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::group::GroupRef;
use crate::domain::request::Answer;
use crate::state::event::Ticket;
use crate::state::surface::Turn;

impl FindTime {
    /// Asks who is in a group, to look for a time with all of them.
    pub(super) fn expand(&mut self, group: GroupRef, turn: &mut Turn<'_>) {
        self.members.ask(group, turn);
    }

    /// An address nobody offered may be that of a list, whose own row would say nothing of anybody: where groups may be read, its
    /// people take its place.
    pub(super) fn look_behind(&mut self, address: &str, turn: &mut Turn<'_>) {
        if turn.session.is_open(Feature::Groups) {
            self.list = Some(address.to_owned());
            self.behind.ask(crate::domain::request::Request::Members(GroupRef::Named(address.to_owned())), turn);
        }
    }

    /// Takes the people of a group.
    pub(super) fn take_members(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        turn: &mut Turn<'_>,
    ) -> bool {
        if self.behind.waits_for(ticket) {
            self.behind.take(ticket, result, |answer| match answer {
                Answer::Members(members) => Some((**members).clone()),
                _ => None,
            });
            let address = self.list.take().unwrap_or_default();
            // No group has the address: it is a person's, and stays as it is.
            if let (Ok(Answer::Members(members)), false) = (result, address.is_empty()) {
                self.participants.retain(|each| !each.recipient.address.eq_ignore_ascii_case(&address));
                turn.tell(members.words().unwrap_or_else(|| format!("Added the people of {}.", members.name)));
                self.add_all(members.recipients(), turn);
            }
            return true;
        }
        let Some(people) = self.members.take(ticket, result, turn) else { return false };
        self.add_all(people, turn);
        true
    }

    fn add_all(&mut self, people: Vec<crate::domain::mail::Recipient>, turn: &mut Turn<'_>) {
        let before = self.participants.len();
        for recipient in people {
            let is_there =
                self.participants.iter().any(|each| each.recipient.address.eq_ignore_ascii_case(&recipient.address));
            // The first who finds no room says so for all.
            if !is_there && !self.add(recipient, turn) {
                break;
            }
        }
        if self.participants.len() == before {
            self.recount(turn);
        } else {
            self.ask(turn);
        }
    }
}
