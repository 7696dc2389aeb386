//! The times that suit: made anew when people, length or answers change, walked through, and copied as text.

use super::{FindTime, MOST_SUGGESTIONS, SUGGESTION_STEP};
use crate::domain::freebusy::{Candidate, Part, Wanted, find};
use crate::domain::time::add_days;
use crate::state::surface::Turn;
use crate::state::when;

impl FindTime {
    /// Proposes the next (1) or previous (-1) suggestion.
    pub fn walk(&mut self, steps: isize, turn: &mut Turn<'_>) {
        if self.suggestions.is_empty() {
            let sentence = if self.within_hours {
                "No time shown suits all of them within their own hours; W shows the others."
            } else {
                "No time shown suits anybody; go on with ] or take somebody off."
            };
            turn.tell(sentence);
            return;
        }
        let to = match self.suggestion {
            Some(at) => at.saturating_add_signed(steps).min(self.suggestions.len() - 1),
            None => 0,
        };
        self.suggestion = Some(to);
        self.mark = None;
        let start = self.suggestions[to].span.start;
        self.slot = Some(start);
        self.day = Some(when::date(start, turn.zone));
    }

    /// Makes the suggestions anew and keeps the proposed one where it still is one.
    pub(super) fn recount(&mut self, turn: &Turn<'_>) {
        let was_walking = self.suggestion.take().is_some();
        let Some(window) = self.window(turn.zone) else { return };
        let candidates: Vec<(usize, Candidate<'_>)> = self
            .participants
            .iter()
            .enumerate()
            .filter_map(|(at, each)| {
                let part = if each.is_required { Part::Required } else { Part::Optional };
                Some((at, Candidate { schedule: self.schedule(each)?, part }))
            })
            .collect();
        if candidates.is_empty() {
            self.suggestions.clear();
            self.hindrances.clear();
            self.never.clear();
            self.nearest = None;
            return;
        }
        let mut plain: Vec<Candidate<'_>> = candidates.iter().map(|(_, candidate)| *candidate).collect();
        // Rooms stand behind the people; each place is that of the room in the choice.
        let rooms: Vec<(usize, Candidate<'_>)> = self
            .rooms()
            .iter()
            .enumerate()
            .filter_map(|(at, room)| {
                Some((at, Candidate { schedule: self.answers.of(&room.address)?, part: Part::Room }))
            })
            .collect();
        plain.extend(rooms.iter().map(|(_, candidate)| *candidate));
        let zone = turn.zone;
        let monday = when::date(window.start, zone);
        let wanted = Wanted {
            windows: (0..7 * self.scale.weeks()).map(|day| Self::hours_of(add_days(monday, day), zone)).collect(),
            minutes: u32::from(self.length()),
            step: SUGGESTION_STEP,
            buffer: 0,
            not_before: turn.now,
            // With everybody's hours kept only what suits all is shown; without, also what suits some.
            at_least: if self.within_hours { None } else { Some(0) },
            any_hours: false,
            most: MOST_SUGGESTIONS,
        };
        let found = find(&plain, &wanted);
        let place = |at: usize| candidates[at].0;
        let mut kept = found.slots;
        for (at, _) in kept.iter_mut().flat_map(|each| &mut each.affected) {
            *at = place(*at);
        }
        for at in kept.iter_mut().flat_map(|each| &mut each.rooms) {
            *at = rooms[*at - candidates.len()].0;
        }
        // A room that is wanted and of which nothing is known yet is not free.
        if self.room.is_some() && rooms.is_empty() {
            kept.clear();
        }
        if self.within_hours {
            kept.retain(|each| each.affected.is_empty());
        }
        let mut hindrances = found.hindrances;
        for hindrance in &mut hindrances {
            hindrance.who = hindrance.who.map(place);
        }
        let never = found.never.into_iter().map(|(who, cell)| (place(who), cell)).collect();
        let mut nearest = found.nearest;
        if let Some(each) = &mut nearest {
            each.rooms.clear();
        }
        for (at, _) in nearest.iter_mut().flat_map(|each| &mut each.affected) {
            *at = place(*at);
        }
        self.hindrances = hindrances;
        self.never = never;
        self.nearest = nearest;
        let at = kept.iter().position(|each| Some(each.span.start) == self.slot);
        self.suggestion = at.filter(|_| was_walking);
        self.suggestions = kept;
    }
}
