//! Where the proposed time stands: steps, days, and a range that is marked.
//!
//! Must stay true: a range lies within the shown hours of one day, and is the proposed time from its first step on; a week shows
//! Monday to Friday, so nothing steps into a weekend there.

use super::{FindTime, Scale};
use crate::domain::time::{Span, add_days, after_minutes};
use crate::state::surface::Turn;
use crate::state::when;
use jiff::Timestamp;
use jiff::civil::{Date, Time, Weekday};

/// How fine the grid is, and how far a step goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resolution {
    /// As fine as the screen allows; steps of 15 minutes, of an hour over weeks.
    #[default]
    Fitting,
    /// So many minutes.
    Minutes(u16),
}

impl Resolution {
    /// Those that can be chosen, in the order in which the key walks them.
    const ALL: [Self; 6] =
        [Self::Fitting, Self::Minutes(5), Self::Minutes(10), Self::Minutes(15), Self::Minutes(30), Self::Minutes(60)];

    /// The chosen minutes.
    #[must_use]
    pub const fn minutes(self) -> Option<u16> {
        match self {
            Self::Fitting => None,
            Self::Minutes(minutes) => Some(minutes),
        }
    }
}

/// A range that is being marked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The step at which it began.
    from: Timestamp,
    /// The step at which it stands.
    to: Timestamp,
    /// The proposed time and the length before.
    before: (Option<Timestamp>, u16),
}

impl FindTime {
    /// Minutes of a step.
    fn step(&self) -> u16 {
        match (self.resolution, self.scale) {
            (Resolution::Minutes(minutes), _) => minutes,
            (Resolution::Fitting, Scale::Day) => 15,
            (Resolution::Fitting, Scale::Week | Scale::Fortnight) => 60,
        }
    }

    /// Another size of the steps.
    pub fn next_resolution(&mut self, turn: &mut Turn<'_>) {
        let at = Resolution::ALL.iter().position(|each| *each == self.resolution).unwrap_or(0);
        self.resolution = Resolution::ALL[(at + 1) % Resolution::ALL.len()];
        turn.tell(match self.resolution {
            Resolution::Fitting => "The grid is as fine as the screen allows.".to_owned(),
            Resolution::Minutes(minutes) => format!("Steps of {minutes} minutes."),
        });
    }

    /// Begins to mark a range at the proposed time, or ends it: then it is the proposed time.
    pub fn toggle_mark(&mut self, turn: &mut Turn<'_>) {
        if self.mark.take().is_some() {
            return self.recount(turn);
        }
        let Some(slot) = self.slot else { return };
        self.mark_range(slot, slot, turn);
    }

    /// Marks one step more in this direction.
    pub fn extend_mark(&mut self, steps: i64, turn: &mut Turn<'_>) {
        let Some(slot) = self.slot else { return };
        let (from, to) = match &self.mark {
            Some(mark) => (mark.from, mark.to),
            // The proposed time is what is marked; the step goes beyond its end.
            None if steps > 0 => (slot, after_minutes(slot, i64::from(self.length) - i64::from(self.step()))),
            None => (after_minutes(slot, (i64::from(self.length) - i64::from(self.step())).max(0)), slot),
        };
        self.mark_range(from, after_minutes(to, steps * i64::from(self.step())), turn);
    }

    /// Gives up marking: what was proposed before is proposed again. False: nothing was being marked.
    pub(super) fn unmark(&mut self, turn: &mut Turn<'_>) -> bool {
        let Some(mark) = self.mark.take() else { return false };
        (self.slot, self.length) = mark.before;
        self.recount(turn);
        true
    }

    /// From one step to another; both belong to the range.
    fn mark_range(&mut self, from: Timestamp, to: Timestamp, turn: &mut Turn<'_>) {
        let step = i64::from(self.step());
        let hours = Self::hours_of(when::date(from, turn.zone), turn.zone);
        let to = to.clamp(hours.start.min(from), after_minutes(hours.end, -step).max(from));
        let range = Span { start: from.min(to), end: after_minutes(from.max(to), step) };
        let before = self.mark.take().map_or((self.slot, self.length), |mark| mark.before);
        self.mark = Some(Mark { from, to, before });
        self.slot = Some(range.start);
        self.length = u16::try_from(range.minutes()).unwrap_or(self.length);
        self.suggestion = None;
        self.recount(turn);
    }

    /// The beginning of the step in which an instant lies.
    fn step_of(&self, instant: Timestamp, turn: &Turn<'_>) -> Timestamp {
        let hours = Self::hours_of(when::date(instant, turn.zone), turn.zone);
        let step = i64::from(self.step());
        let since = instant.duration_since(hours.start).as_mins();
        after_minutes(hours.start, since.div_euclid(step) * step)
    }

    /// The button of the mouse went down on an instant.
    pub(super) fn press(&mut self, at: Timestamp, turn: &mut Turn<'_>) {
        self.is_typing = false;
        self.mark = None;
        self.pressed = Some(at);
        self.slot = Some(at);
        self.change_day(when::date(at, turn.zone), turn);
    }

    /// The mouse was drawn to an instant with the button held.
    pub(super) fn drag(&mut self, at: Timestamp, turn: &mut Turn<'_>) {
        let Some(pressed) = self.pressed else { return };
        let (from, to) = (self.step_of(pressed, turn), self.step_of(at, turn));
        if self.mark.is_some() || from != to {
            self.mark_range(from, to, turn);
        }
    }

    /// The button was let go: what is marked is the proposed time.
    pub(super) fn release(&mut self) {
        self.pressed = None;
        self.mark = None;
    }

    pub(super) fn move_person(&mut self, steps: isize) {
        let at = self.selected.as_ref().and_then(|address| {
            self.participants.iter().position(|each| each.recipient.address.eq_ignore_ascii_case(address))
        });
        let to = at.unwrap_or(0).saturating_add_signed(steps).min(self.participants.len().saturating_sub(1));
        self.selected = self.participants.get(to).map(|each| each.recipient.address.clone());
    }

    /// Moves the proposed time; over the end of the shown hours into the next day. What is being marked grows or shrinks.
    pub(super) fn move_slot(&mut self, steps: i64, turn: &mut Turn<'_>) {
        if self.mark.is_some() {
            return self.extend_mark(steps, turn);
        }
        let (Some(slot), Some(day)) = (self.slot, self.day) else { return };
        let to = after_minutes(slot, steps * i64::from(self.step()));
        let hours = Self::hours_of(day, turn.zone);
        let last = |hours: Span| after_minutes(hours.end, -i64::from(self.length)).max(hours.start);
        let to = if to < hours.start {
            last(Self::hours_of(self.beside(day, -1), turn.zone))
        } else if to >= hours.end && steps < 0 {
            last(hours)
        } else if to >= hours.end {
            Self::hours_of(self.beside(day, 1), turn.zone).start
        } else {
            to
        };
        self.slot = Some(to);
        // A time of one's own choice: the next suggestion is the best one again.
        self.suggestion = None;
        let date = when::date(to, turn.zone);
        if date != day {
            self.change_day(date, turn);
        }
    }

    /// The day after (1) or before (-1) that is shown: in weeks no day of a weekend.
    fn beside(&self, day: Date, step: i64) -> Date {
        let mut beside = add_days(day, step);
        while self.scale != Scale::Day && is_weekend(beside) {
            beside = add_days(beside, step);
        }
        beside
    }

    /// To a day, keeping the time of the proposed slot.
    pub(super) fn go_to(&mut self, day: Date, turn: &mut Turn<'_>) {
        self.mark = None;
        let time = self.slot.map(|slot| when::wall(slot, turn.zone).time());
        self.slot = Some(match time {
            Some(time) => when::instant(day, time, turn.zone),
            None => self.default_slot(day, turn),
        });
        self.change_day(day, turn);
    }

    pub(super) fn change_day(&mut self, day: Date, turn: &mut Turn<'_>) {
        let before = self.window(turn.zone);
        self.day = Some(day);
        if is_weekend(day) {
            // Weeks show no weekend; a day does.
            self.scale = Scale::Day;
        }
        self.settle_weeks();
        self.suggestion = None;
        if self.window(turn.zone) != before {
            self.ask(turn);
        }
    }

    pub(super) fn default_slot(&self, day: Date, turn: &Turn<'_>) -> Timestamp {
        if day == turn.today() {
            let minutes = turn.now.as_second().div_euclid(1800) * 1800 + 1800;
            let next = Timestamp::from_second(minutes).unwrap_or(turn.now);
            if Self::hours_of(day, turn.zone).contains(next) {
                return next;
            }
        }
        when::instant(day, Time::constant(9, 0, 0, 0), turn.zone)
    }
}

fn is_weekend(day: Date) -> bool {
    matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
}
