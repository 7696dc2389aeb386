//! Presence of whoever is in sight, kept fresh while they are: one question for all of them, again every minute or two.
//!
//! Whoever comes into sight is asked about once the sight has rested, so that scrolling asks nothing. Must stay true: who is not in
//! sight is not asked about; nothing is asked without the permission; what is older than the pace is either told with its age or not
//! shown; offline by choice nobody is asked again, while a network that was lost is found again by asking. Deliberately absent: how
//! the service is asked (in batches, by the engine).

use crate::base::report::Report;
use crate::domain::account::Feature;
use crate::domain::person::PersonId;
use crate::domain::presence::Presence;
use crate::domain::request::{Answer, Request};
use crate::state::Context;
use crate::state::event::{Effect, Ticket, Wake};
use crate::state::session::Session;
use jiff::{SignedDuration, Timestamp};
use std::collections::{HashMap, HashSet};

/// Younger answers are not asked for again when somebody comes into sight.
const YOUNG: SignedDuration = SignedDuration::from_secs(60);
/// What is older is no presence any more: it is told with its age, or not shown.
pub const OLD: SignedDuration = SignedDuration::from_mins(5);
/// Whoever is in sight is asked about again after so long, at the soonest.
pub(super) const PACE: SignedDuration = SignedDuration::from_secs(80);
/// Whoever comes into sight is asked about when the sight has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(300);
/// More people than this are in no list.
const MOST: usize = 650;
/// So many are remembered, so that scrolling back shows them at once.
const MOST_KNOWN: usize = 2_000;

/// What is known of those in sight.
#[derive(Clone, Debug, Default)]
pub struct Presences {
    known: HashMap<PersonId, Presence>,
    /// Nobody of the directory: there is nothing to ask about them.
    strangers: HashSet<PersonId>,
    in_sight: Vec<PersonId>,
    waiting: Option<Ticket>,
    /// When they are asked about next.
    next: Option<Timestamp>,
    /// They were asked about where the service is never asked: what is known is known.
    is_all: bool,
}

impl Presences {
    /// Somebody's presence, if it is known.
    #[must_use]
    pub fn of(&self, id: &PersonId) -> Option<&Presence> {
        self.known.get(id)
    }

    /// The newer of what is known here and what was read elsewhere.
    #[must_use]
    pub fn newer<'a>(&'a self, id: &PersonId, other: Option<&'a Presence>) -> Option<&'a Presence> {
        let here = self.of(id);
        here.into_iter().chain(other).max_by_key(|known| known.as_of)
    }

    /// The presence at `now` of whoever has this address; nothing while it is not known, or is too old to be one.
    #[must_use]
    pub fn of_address(&self, address: &str, now: Timestamp) -> Option<&Presence> {
        let known = self.known.get(&PersonId::of_address(address));
        known.filter(|known| now.duration_since(known.as_of) <= OLD)
    }

    /// Takes an answer that was asked for here: whether somebody known has left the office or come back since. `None`: it is somebody
    /// else's.
    pub(super) fn take(&mut self, ticket: Ticket, result: &Result<Answer, Report>) -> Option<bool> {
        if self.waiting != Some(ticket) {
            return None;
        }
        self.waiting = None;
        let Ok(Answer::Presence(seen)) = result else { return Some(false) };
        let has_moved = seen
            .known
            .iter()
            .any(|(id, now)| self.of(id).is_some_and(|before| before.is_out_of_office != now.is_out_of_office));
        if self.known.len() > MOST_KNOWN {
            self.known.retain(|id, _| self.in_sight.contains(id));
        }
        self.known.extend(seen.known.iter().cloned());
        if self.strangers.len() > MOST_KNOWN {
            self.strangers.clear();
        }
        self.strangers.extend(seen.strangers.iter().cloned());
        Some(has_moved)
    }

    /// Whom to ask about.
    fn wanted(&self) -> Vec<PersonId> {
        let mut wanted: Vec<PersonId> =
            self.in_sight.iter().filter(|id| !self.strangers.contains(*id)).cloned().collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted.truncate(MOST);
        wanted
    }
}

impl Session {
    /// These people are in sight: asks about those of whom nothing young is known, once it rests there.
    pub(super) fn see(&mut self, people: &[PersonId], context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.presences.is_all &= self.is_forced_offline() && people == self.presences.in_sight;
        let is_planned = self.presences.next.is_some() || self.presences.waiting.is_some() || self.presences.is_all;
        if people == self.presences.in_sight && (is_planned || people.is_empty() || !self.may_see()) {
            return;
        }
        self.presences.in_sight = people.to_vec();
        let wanted = self.presences.wanted();
        if wanted.is_empty() {
            if self.presences.next.take().is_some() {
                effects.push(Effect::Unwake(Wake::Presence));
            }
            return;
        }
        if !self.may_see() {
            return;
        }
        let is_young = |presence: &Presence| context.now.duration_since(presence.as_of) < YOUNG;
        let all_young = wanted.iter().all(|id| self.presences.of(id).is_some_and(is_young));
        match (all_young, self.presences.next) {
            (true, Some(_)) => {}
            (true, None) if self.is_forced_offline() => self.presences.is_all = true,
            (true, None) => self.plan_presences(self.pace(PACE, context.now), context, effects),
            (false, _) => self.plan_presences(REST, context, effects),
        }
    }

    /// The pace has come round, or the sight has rested.
    pub(super) fn look_again(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.presences.next = None;
        let people = self.presences.wanted();
        if people.is_empty() || !self.may_see() {
            return;
        }
        let ticket = self.next_ticket();
        self.presences.waiting = Some(ticket);
        effects.push(Effect::Ask(ticket, Request::Presence { people }));
        if self.is_forced_offline() {
            self.presences.is_all = true;
        } else {
            self.plan_presences(self.pace(PACE, context.now), context, effects);
        }
    }

    fn may_see(&self) -> bool {
        self.me.is_some() && self.is_open(Feature::Presence)
    }

    fn plan_presences(&mut self, after: SignedDuration, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let at = context.now.checked_add(after).unwrap_or(context.now);
        self.presences.next = Some(at);
        effects.push(Effect::WakeAt(Wake::Presence, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::presence::Availability;
    use crate::domain::request::SeenPresence;

    fn seen(second: i64) -> Presence {
        Presence {
            availability: Availability::Busy,
            activity: String::new(),
            status_message: String::new(),
            is_out_of_office: false,
            work_place: None,
            as_of: Timestamp::from_second(second).expect("a second"),
        }
    }

    #[test]
    fn whoever_is_nobody_of_the_directory_is_not_asked_about_again() {
        let (ben, stranger) = (PersonId::of_address("ben@contoso.com"), PersonId::of_address("shop@contoso.com"));
        let mut presences =
            Presences { in_sight: vec![stranger.clone(), ben.clone(), ben.clone()], ..Presences::default() };
        assert_eq!(presences.wanted(), [ben.clone(), stranger.clone()], "each once");
        let answer = Answer::Presence(SeenPresence { known: vec![(ben.clone(), seen(1))], strangers: vec![stranger] });
        presences.waiting = Some(Ticket(2));
        assert_eq!(presences.take(Ticket(1), &Ok(answer.clone())), None, "an answer to somebody else");
        assert_eq!(presences.of(&ben), None);
        assert_eq!(presences.take(Ticket(2), &Ok(answer)), Some(false), "nobody was known before");
        assert_eq!(presences.of(&ben), Some(&seen(1)));
        assert_eq!(presences.wanted(), [ben]);
    }

    #[test]
    fn what_was_read_last_is_shown_wherever_it_was_read() {
        let ben = PersonId::of_address("ben@contoso.com");
        let presences = Presences { known: HashMap::from([(ben.clone(), seen(5))]), ..Presences::default() };
        assert_eq!(presences.newer(&ben, Some(&seen(7))), Some(&seen(7)));
        assert_eq!(presences.newer(&ben, Some(&seen(3))), Some(&seen(5)));
        assert_eq!(presences.newer(&ben, None), Some(&seen(5)));
        assert_eq!(presences.newer(&PersonId::of_address("eva@contoso.com"), Some(&seen(3))), Some(&seen(3)));
    }
}
