//! A date or a time, typed as people say it: what was understood is said before anything moves.

use super::{FindTime, Scale};
use crate::domain::time::days_between;
use crate::domain::time::said::{NotUnderstood, Said, understand};
use crate::state::line::LineEdit;
use crate::state::surface::Turn;
use crate::state::when;
use jiff::civil::DateTime;

/// The longest meeting a typed time makes, in minutes.
const LONGEST: i64 = 24 * 60;

/// What is typed, and the wall time by which "tomorrow" is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jump {
    pub(super) line: LineEdit,
    now: DateTime,
}

impl Jump {
    /// What is typed.
    #[must_use]
    pub const fn line(&self) -> &LineEdit {
        &self.line
    }

    /// What was understood of it; nothing while nothing is typed.
    #[must_use]
    pub fn understood(&self) -> Option<Result<Said, NotUnderstood>> {
        (!self.line.text().trim().is_empty()).then(|| understand(self.line.text(), self.now))
    }
}

impl FindTime {
    /// Opens the line for a date or a time.
    pub fn start_jump(&mut self, turn: &mut Turn<'_>) {
        self.is_typing = false;
        self.jump = Some(Jump { line: LineEdit::default(), now: when::wall(turn.now, turn.zone) });
    }

    /// Goes where the line says; with something in it that is not understood it stays, and says what. A time with an end is
    /// proposed as it is; several days are shown as weeks.
    pub(super) fn take_jump(&mut self, turn: &mut Turn<'_>) {
        let said = match self.jump.as_ref().and_then(Jump::understood) {
            Some(Ok(said)) => said,
            Some(Err(_)) => return,
            None => {
                self.jump = None;
                return;
            }
        };
        self.jump = None;
        self.mark = None;
        let at = |wall: DateTime| when::instant(wall.date(), wall.time(), turn.zone);
        match said {
            Said::Days { start, end } => {
                match days_between(start, end) {
                    2..=7 if self.scale == Scale::Day => self.scale = Scale::Week,
                    8.. => self.scale = Scale::Fortnight,
                    _ => {}
                }
                self.monday = None;
                self.go_to(start, turn);
            }
            Said::Moment(moment) => {
                self.slot = Some(at(moment));
                self.change_day(moment.date(), turn);
            }
            Said::Slot { start, end } => {
                let minutes = at(end).duration_since(at(start)).as_mins().clamp(5, LONGEST);
                self.length = u16::try_from(minutes).unwrap_or(self.length);
                self.slot = Some(at(start));
                self.change_day(start.date(), turn);
            }
        }
        self.recount(turn);
    }
}
