//! Looking for an event: words of its subject, its place or its people, and going from hit to hit.
//!
//! Must stay true: what is typed is looked for in the cache, never among what is drawn; the cursor goes to the nearest hit from where
//! it stood, and comes back when nothing was chosen.

use super::Calendar;
use crate::base::report::Report;
use crate::domain::event::EventId;
use crate::domain::request::{Answer, FoundEvents, Request};
use crate::state::event::Ticket;
use crate::state::line::LineEdit;
use crate::state::slot::Slot;
use crate::state::surface::Turn;
use jiff::civil::Date;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Find {
    line: LineEdit,
    is_typing: bool,
    found: Slot<FoundEvents>,
    /// The hit under the cursor.
    at: usize,
    /// Where the cursor stood.
    before: Option<(Date, Option<EventId>)>,
}

impl Find {
    /// The line while it is typed.
    #[must_use]
    pub fn line(&self) -> Option<&LineEdit> {
        self.is_typing.then_some(&self.line)
    }

    pub(super) fn line_mut(&mut self) -> Option<&mut LineEdit> {
        self.is_typing.then_some(&mut self.line)
    }

    /// What is looked for; nothing where nothing is.
    #[must_use]
    pub fn text(&self) -> &str {
        self.line.text().trim()
    }

    /// How far the looking has come, in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self.found.value() {
            _ if self.text().is_empty() => "subject, place, people".to_owned(),
            _ if self.found.problem().is_some() => "could not be looked for".to_owned(),
            Some(found) if found.text == self.text() => match found.hits.len() {
                0 => "nothing".to_owned(),
                count => format!("{} of {count}{}", self.at + 1, if found.is_cut { " or more" } else { "" }),
            },
            _ => String::new(),
        }
    }
}

impl Calendar {
    /// What is looked for.
    #[must_use]
    pub const fn find(&self) -> &Find {
        &self.find
    }

    /// Opens the line; what was looked for last stands in it.
    pub fn begin_find(&mut self, turn: &mut Turn<'_>) {
        self.unmark();
        self.find.is_typing = true;
        self.find.before = self.day.map(|day| (day, self.selected.clone()));
        if !self.find.text().is_empty() {
            self.ask_find(turn);
        }
    }

    /// Looks for what is typed; every key does.
    pub(super) fn ask_find(&mut self, turn: &mut Turn<'_>) {
        let text = self.find.text().to_owned();
        if text.is_empty() {
            self.find.found.clear();
            return self.come_back(turn);
        }
        let around = self.find.before.as_ref().map_or_else(|| turn.today(), |(day, _)| *day);
        self.find.found.ask(Request::FindEvents { text, around }, turn);
    }

    fn come_back(&mut self, turn: &mut Turn<'_>) {
        if let Some((day, event)) = self.find.before.clone() {
            self.show(day, event, turn);
        }
    }

    /// Takes what is typed: the cursor stays on the hit.
    pub(super) const fn take_find(&mut self) -> bool {
        std::mem::replace(&mut self.find.is_typing, false)
    }

    /// Leaves the line and goes back to where the cursor stood, or forgets the hits. False: nothing was looked for.
    pub(super) fn leave_find(&mut self, turn: &mut Turn<'_>) -> bool {
        let was_typing = std::mem::take(&mut self.find.is_typing);
        if was_typing {
            self.come_back(turn);
        }
        if !was_typing && self.find.text().is_empty() {
            return false;
        }
        self.find = Find::default();
        true
    }

    /// Whether there are hits to walk along.
    #[must_use]
    pub fn has_hits(&self) -> bool {
        !self.find.text().is_empty() && self.find.found.value().is_some_and(|found| !found.hits.is_empty())
    }

    /// Goes to the next (1) or previous (-1) hit; round at the ends.
    pub fn walk_hits(&mut self, step: isize, turn: &mut Turn<'_>) {
        let Some(count) = self.find.found.value().map(|found| found.hits.len()).filter(|count| *count > 0) else {
            return;
        };
        self.find.at = (self.find.at + count).wrapping_add_signed(step) % count;
        self.go_to_hit(turn);
    }

    fn go_to_hit(&mut self, turn: &mut Turn<'_>) {
        let hit = self.find.found.value().and_then(|found| found.hits.get(self.find.at)).cloned();
        if let Some(hit) = hit {
            self.show(hit.day, Some(hit.event), turn);
        }
    }

    pub(super) fn take_found(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        let is_taken = self.find.found.take(ticket, result, |answer| match answer {
            Answer::FoundEvents(found) => Some((**found).clone()),
            _ => None,
        });
        if is_taken {
            self.find.at = self.find.found.value().map_or(0, |found| found.nearest);
            if self.has_hits() {
                self.go_to_hit(turn);
            }
        }
        is_taken
    }
}
