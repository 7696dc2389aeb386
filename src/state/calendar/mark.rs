//! A range of time that is marked in the grid, to make an event of it.
//!
//! First a row is looked for, then the range grows from it. Must stay true: a range lies within one day and begins and ends with a
//! row; what is marked is in sight. Deliberately absent: marking in the agenda, which has no hours.

use super::{Calendar, Mode, minute, rows_of_grid};
use crate::domain::event::When;
use crate::domain::time::{Span, add_days, after_minutes, day_start, duration_words};
use crate::state::surface::{Motion, Turn};
use crate::state::when;
use jiff::Timestamp;
use jiff::civil::{Date, Time};

/// Where marking begins on a day without anything else to go by.
const MORNING: i32 = 9 * 60;
const DAY: i32 = 24 * 60;

/// What is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    day: Date,
    /// The minute of the row that moves.
    at: i32,
    /// The minute of the row it grows from, once it grows.
    from: Option<i32>,
}

impl Calendar {
    /// Whether something is marked, and whether the mark grows.
    #[must_use]
    pub fn marking(&self) -> Option<bool> {
        self.mark.map(|mark| mark.from.is_some())
    }

    /// The marked day, and the minutes of it from where to where.
    #[must_use]
    pub fn marked(&self) -> Option<(Date, i32, i32)> {
        let mark = self.mark?;
        let from = mark.from.unwrap_or(mark.at);
        let row = i32::from(self.row_minutes);
        Some((mark.day, from.min(mark.at), (from.max(mark.at) + row).min(DAY)))
    }

    /// The same as instants.
    #[must_use]
    pub fn marked_span(&self, turn: &Turn<'_>) -> Option<Span> {
        let (day, from, to) = self.marked()?;
        let rules = when::rules(turn.zone);
        let at = |minute: i32| match i8::try_from(minute / 60) {
            Ok(hour @ 0..=23) => {
                let within = i8::try_from(minute % 60).unwrap_or(0);
                when::instant(day, Time::constant(hour, within, 0, 0), turn.zone)
            }
            _ => day_start(add_days(day, 1), &rules),
        };
        Some(Span { start: at(from), end: at(to) })
    }

    /// Takes what is marked, to make an event of it; a row that was only looked at means the usual length.
    pub fn take_marked(&mut self, turn: &Turn<'_>) -> Option<Span> {
        let span = self.marked_span(turn);
        self.unmark();
        span
    }

    /// Begins to look for a time, lets the range grow from there, or ends it.
    pub fn toggle_mark(&mut self, turn: &mut Turn<'_>) {
        let Some(day) = self.day else { return };
        match self.mark {
            None => {
                let at = self.first_free(day, turn);
                self.mark = Some(Mark { day, at, from: None });
                turn.tell("j k move it, v grows it, c makes an event, esc ends it.");
            }
            Some(mark) if mark.from.is_none() => self.mark = Some(Mark { from: Some(mark.at), ..mark }),
            Some(_) => self.mark = None,
        }
        self.reveal_mark(turn);
    }

    /// Ends marking. False: nothing was marked.
    pub(super) fn unmark(&mut self) -> bool {
        self.mark.take().is_some()
    }

    /// The row where marking begins: the end of the chosen event, the next row of today, or the morning; the first that is free from
    /// there on.
    fn first_free(&self, day: Date, turn: &Turn<'_>) -> i32 {
        let row = i32::from(self.row_minutes);
        let wall = when::wall(turn.now, turn.zone);
        let begin = match self.selected().map(|event| event.when) {
            Some(When::Timed(span)) if when::date(span.end, turn.zone) == day => {
                minute(when::wall(span.end, turn.zone).time())
            }
            _ if day == wall.date() => minute(wall.time()) + 1,
            _ => MORNING,
        };
        let last = (DAY - row) / row * row;
        let mut at = ((begin + row - 1) / row * row).min(last);
        let is_taken = |at: i32| {
            self.on(day, turn.zone).any(|event| {
                let stretch = super::start_minute(event, day, turn.zone).zip(super::end_minute(event, day, turn.zone));
                stretch.is_some_and(|(start, end)| start < at + row && end > at)
            })
        };
        while at < last && is_taken(at) {
            at += row;
        }
        at
    }

    /// Moves what is marked. False: nothing is, or the motion means nothing for it.
    pub(super) fn move_mark(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        let Some(mark) = self.mark else { return false };
        let row = i32::from(self.row_minutes);
        let last = (DAY - row) / row * row;
        let hours = rows_of_grid(turn) / 2 * row;
        let at = match motion {
            Motion::Next => mark.at + row,
            Motion::Previous => mark.at - row,
            Motion::HalfPageDown | Motion::PageDown => mark.at + hours,
            Motion::HalfPageUp | Motion::PageUp => mark.at - hours,
            Motion::First => 0,
            Motion::Last => last,
            Motion::Left | Motion::Right => {
                let by = if motion == Motion::Left { -1 } else { 1 };
                self.move_days(by, turn);
                self.mark = self.day.map(|day| Mark { day, ..mark });
                self.reveal_mark(turn);
                return true;
            }
            _ => return false,
        };
        self.mark = Some(Mark { at: at.clamp(0, last), ..mark });
        self.reveal_mark(turn);
        true
    }

    /// The mouse went down on a row, or was drawn there with its button held.
    pub(super) fn mark_with_mouse(&mut self, at: Timestamp, is_first: bool, turn: &Turn<'_>) {
        let wall = when::wall(at, turn.zone);
        let row = i32::from(self.row_minutes);
        let at = minute(wall.time()) / row * row;
        self.mark = Some(match self.mark.filter(|mark| !is_first && mark.day == wall.date()) {
            Some(mark) => Mark { at, from: Some(mark.from.unwrap_or(mark.at)), ..mark },
            // Another day is another range.
            None if !is_first => return,
            None => Mark { day: wall.date(), at, from: None },
        });
        self.day = Some(wall.date());
    }

    /// Rows of another size: the range keeps within its rows.
    pub(super) fn fit_mark(&mut self) {
        let row = i32::from(self.row_minutes);
        if let Some(mark) = &mut self.mark {
            mark.at = mark.at / row * row;
            mark.from = mark.from.map(|from| from / row * row);
        }
    }

    fn reveal_mark(&mut self, turn: &Turn<'_>) {
        let Some(mark) = self.mark else { return };
        let rows = rows_of_grid(turn);
        let (row, height) = (i32::from(self.row_minutes), rows * i32::from(self.row_minutes));
        if mark.at < self.top {
            self.top = mark.at;
        } else if mark.at + row > self.top + height {
            self.top = mark.at + row - height;
        }
        let top = self.top;
        self.scroll_to(top, rows);
    }

    /// What is marked in words, and what can be done with it: "14:00-15:30  1 h 30 min".
    #[must_use]
    pub fn marked_words(&self) -> Option<String> {
        let (_, from, to) = self.marked()?;
        let clock = |minute: i32| format!("{:02}:{:02}", minute / 60, minute % 60);
        let length = duration_words(
            after_minutes(Timestamp::UNIX_EPOCH, i64::from(to - from)).duration_since(Timestamp::UNIX_EPOCH),
        );
        Some(format!("{}-{}  {length}", clock(from), clock(to)))
    }

    /// Whether something can be marked in what is shown.
    #[must_use]
    pub const fn has_hours(&self) -> bool {
        !matches!(self.mode, Mode::Agenda)
    }
}
