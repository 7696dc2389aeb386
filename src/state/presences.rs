//! Presence of whoever is in sight, kept fresh while they are: one question for all of them, again every minute or two.
//!
//! Must stay true: who is not in sight is not asked about; nothing is asked without the permission; an answer that is older than the
//! pace says its age where it is shown. Deliberately absent: how the service is asked (in batches, by the engine).

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::person::PersonId;
use crate::domain::presence::Presence;
use crate::domain::request::{Answer, Request};
use crate::state::Context;
use crate::state::event::{Effect, Ticket, Wake};
use crate::state::session::Session;
use jiff::SignedDuration;
use std::collections::HashMap;

/// Younger answers are not asked for again when somebody comes into sight.
const YOUNG: SignedDuration = SignedDuration::from_secs(60);
/// More people than this are in no list.
const MOST: usize = 650;

/// What is known of those in sight.
#[derive(Clone, Debug, Default)]
pub struct Presences {
    known: HashMap<PersonId, Presence>,
    in_sight: Vec<PersonId>,
    waiting: Option<Ticket>,
}

impl Presences {
    /// Somebody's presence, if it is known.
    #[must_use]
    pub fn of(&self, id: &PersonId) -> Option<&Presence> {
        self.known.get(id)
    }

    /// Takes an answer that was asked for here. False: it is somebody else's.
    pub(super) fn take(&mut self, ticket: Ticket, result: &Result<Answer, Report>) -> bool {
        if self.waiting != Some(ticket) {
            return false;
        }
        self.waiting = None;
        if let Ok(Answer::Presence(found)) = result {
            self.known.retain(|id, _| self.in_sight.contains(id));
            self.known.extend(found.iter().cloned());
        }
        true
    }
}

impl Session {
    /// These people are in sight: asks about those of whom nothing young is known.
    pub(super) fn see(&mut self, people: &[PersonId], context: &Context<'_>, effects: &mut Vec<Effect>) {
        let mut in_sight: Vec<PersonId> = people.iter().filter(|id| id.is_of_directory()).cloned().collect();
        in_sight.truncate(MOST);
        if in_sight == self.presences.in_sight {
            return;
        }
        self.presences.in_sight = in_sight;
        if self.presences.in_sight.is_empty() {
            return effects.push(Effect::Unwake(Wake::Presence));
        }
        let is_young = |presence: &Presence| context.now.duration_since(presence.as_of) < YOUNG;
        if !self.presences.in_sight.iter().all(|id| self.presences.of(id).is_some_and(is_young)) {
            self.ask_presences(context, effects);
        }
    }

    /// The pace has come round.
    pub(super) fn look_again(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if !self.presences.in_sight.is_empty() {
            self.ask_presences(context, effects);
        }
    }

    fn ask_presences(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if !self.is_open(Feature::Presence) || self.me.is_none() {
            return;
        }
        let ticket = self.next_ticket();
        self.presences.waiting = Some(ticket);
        effects.push(Effect::Ask(ticket, Request::Presence { people: self.presences.in_sight.clone() }));
        // Where in the second it is now serves as the dice: many programs do not ask in step.
        let jitter = i64::from(context.now.subsec_millisecond().unsigned_abs()) * 40;
        let pace = SignedDuration::from_millis(80_000 + jitter);
        let pace = if self.has_focus { pace } else { pace * 2 };
        let at = context.now.checked_add(pace).unwrap_or(context.now);
        effects.push(Effect::WakeAt(Wake::Presence, at));
    }
}
