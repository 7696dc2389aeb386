//! Finding a time: every possible start, judged by whom it suits.

use std::cmp::Reverse;

use jiff::Timestamp;

use super::grid::Reading;
use super::{Cell, Schedule};
use crate::domain::time::{Span, after_minutes};

/// Somebody a time is looked for.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// What is known of their time.
    pub schedule: &'a Schedule,
    /// They have to be there.
    pub is_required: bool,
}

/// A possible time, and whom it hurts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// When.
    pub span: Span,
    /// Required people who are free all the time.
    pub free_required: usize,
    /// Of how many.
    pub of_required: usize,
    /// Optional people who are free all the time.
    pub free_optional: usize,
    /// Of how many.
    pub of_optional: usize,
    /// Everybody who is not free, by their place among the candidates, with the worst that is in their way.
    pub affected: Vec<(usize, Cell)>,
}

/// Times of `minutes` within `window` that begin on a multiple of `step` minutes from its start and not before `now`, best
/// first: most required people, then most optional ones, then fewest who are in the way for more than being outside their hours, then
/// the earliest. Times that suit nobody are left out.
#[must_use]
pub fn suggest(candidates: &[Candidate<'_>], window: Span, minutes: u32, step: u16, now: Timestamp) -> Vec<Suggestion> {
    if minutes == 0 {
        return Vec::new();
    }
    let readings: Vec<(Reading<'_>, bool)> =
        candidates.iter().map(|candidate| (Reading::new(candidate.schedule), candidate.is_required)).collect();
    let mut suggestions = Vec::new();
    let mut start = window.start;
    loop {
        let span = Span::of_minutes(start, minutes);
        if !window.covers(&span) || span.duration().is_zero() {
            break;
        }
        if start >= now {
            suggestions.push(judge(&readings, span));
        }
        start = after_minutes(start, i64::from(step.max(1)));
    }
    suggestions.retain(|suggestion| suggestion.free_required + suggestion.free_optional > 0);
    suggestions.sort_by_key(|suggestion| {
        let blocked = suggestion.affected.iter().filter(|(_, cell)| *cell != Cell::OffHours).count();
        (Reverse(suggestion.free_required), Reverse(suggestion.free_optional), blocked, suggestion.span.start)
    });
    suggestions
}

fn judge(readings: &[(Reading<'_>, bool)], span: Span) -> Suggestion {
    let mut suggestion =
        Suggestion { span, free_required: 0, of_required: 0, free_optional: 0, of_optional: 0, affected: Vec::new() };
    for (index, (reading, is_required)) in readings.iter().enumerate() {
        let cell = reading.over(span);
        let (free, of) = if *is_required {
            (&mut suggestion.free_required, &mut suggestion.of_required)
        } else {
            (&mut suggestion.free_optional, &mut suggestion.of_optional)
        };
        *of += 1;
        if cell.is_free() {
            *free += 1;
        } else {
            suggestion.affected.push((index, cell));
        }
    }
    suggestion
}
