//! A schedule read as a row of cells.
//!
//! A row is looked at a thousand times for one frame, so what is taken is laid out once as stretches in order, and a question finds
//! its place among them by halving. Must stay true: a stretch has the worst state of all that touches it.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::{Availability, Block, Cell, Schedule, WorkingHours};
use crate::domain::time::{Span, add_days, after_minutes, date_at, instant_of};

/// A row is never longer; a window of 62 days in minutes fits.
const MOST_CELLS: i64 = 100_000;

/// A schedule prepared for many questions.
#[derive(Clone, Debug)]
pub struct Reading {
    window: Span,
    /// What is not free, in order and without overlaps; `None` when the schedule could not be read.
    taken: Option<Vec<(Span, Cell)>>,
    /// Working time, merged and in order; `None` when nobody told us, and then no time is outside of it.
    working: Option<Vec<Span>>,
}

impl Reading {
    /// Prepares `schedule`.
    #[must_use]
    pub fn new(schedule: &Schedule) -> Self {
        let Ok(all) = &schedule.blocks else {
            return Self { window: schedule.window, taken: None, working: None };
        };
        let blocks: Vec<&Block> = all.iter().filter(|block| block.status != Some(Availability::Free)).collect();
        let mut taken = unexplained_digits(schedule, &blocks);
        taken.extend(blocks.iter().map(|block| (block.span, block.status.map_or(Cell::Unknown, Cell::from))));
        let working = schedule.working_hours.as_ref().and_then(|hours| working_time(hours, schedule.window));
        Self { window: schedule.window, taken: Some(stretches(&taken)), working }
    }

    /// Whether their working hours are known. If not, nothing is [`Cell::OffHours`], and whoever shows the row has to say so.
    #[must_use]
    pub const fn knows_hours(&self) -> bool {
        self.working.is_some()
    }

    /// The worst state that `span` touches. An empty span has the state of its instant.
    #[must_use]
    pub fn over(&self, span: Span) -> Cell {
        let span = if span.start < span.end { span } else { instant_span(span.start) };
        let Some(taken) = &self.taken else {
            return Cell::Unknown;
        };
        if !self.window.covers(&span) {
            return Cell::Unknown;
        }
        let base = if self.is_working(span) { Cell::Free } else { Cell::OffHours };
        let first = taken.partition_point(|(stretch, _)| stretch.end <= span.start);
        let touching = taken.iter().skip(first).take_while(|(stretch, _)| stretch.start < span.end);
        let worst = touching.map(|(_, cell)| *cell).fold(base, worse);
        // Somewhere else but not at work: nobody counts on them.
        if worst == Cell::Elsewhere && base == Cell::OffHours { Cell::OffHours } else { worst }
    }

    /// `window` in cells of `minutes` each, the last one as long as what is left. A cell shows the worst state it touches.
    #[must_use]
    pub fn cells(&self, window: Span, minutes: u16) -> Vec<Cell> {
        let step = i64::from(minutes.max(1));
        let count = ((window.duration().as_secs() + step * 60 - 1) / (step * 60)).min(MOST_CELLS);
        (0..count)
            .map(|index| {
                let start = after_minutes(window.start, index * step);
                self.over(Span { start, end: after_minutes(start, step).min(window.end) })
            })
            .collect()
    }

    /// The state at an instant.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> Cell {
        self.over(instant_span(instant))
    }

    /// The whole of `span` lies in their working time, as far as anybody told us.
    fn is_working(&self, span: Span) -> bool {
        self.working.as_ref().is_none_or(|working| lies_in(working, span))
    }

    /// The times within the window whose state is one of those wanted, merged and in order.
    pub(super) fn spans_where(&self, is_wanted: impl Fn(Cell) -> bool) -> Vec<Span> {
        let mut borders = self.borders();
        borders.push(self.window.end);
        borders.retain(|border| self.window.start <= *border && *border <= self.window.end);
        borders.sort_unstable();
        borders.dedup();
        let mut spans: Vec<Span> = Vec::new();
        for (start, end) in borders.iter().zip(borders.iter().skip(1)) {
            let span = Span { start: *start, end: *end };
            if !is_wanted(self.over(span)) {
                continue;
            }
            match spans.last_mut() {
                Some(before) if before.end == span.start => before.end = span.end,
                _ => spans.push(span),
            }
        }
        spans
    }

    /// Where something begins or ends: the only places where the state can change.
    fn borders(&self) -> Vec<Timestamp> {
        let taken = self.taken.iter().flatten().map(|(stretch, _)| *stretch);
        let working = self.working.iter().flatten().copied();
        let mut borders: Vec<Timestamp> = taken.chain(working).flat_map(|span| [span.start, span.end]).collect();
        borders.push(self.window.start);
        borders.sort_unstable();
        borders.dedup();
        borders
    }
}

/// The shortest span there is, beginning at `instant`.
fn instant_span(instant: Timestamp) -> Span {
    let end = instant.checked_add(jiff::SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MAX);
    Span { start: instant, end }
}

/// How bad a state is. What nobody told us is worse than a maybe and better than a no.
const fn rank(cell: Cell) -> usize {
    match cell {
        Cell::Free => 0,
        Cell::OffHours => 1,
        Cell::Elsewhere => 2,
        Cell::Tentative => 3,
        Cell::Unknown => 4,
        Cell::Busy => 5,
        Cell::OutOfOffice => 6,
    }
}

/// The worse of two states.
const fn worse(one: Cell, two: Cell) -> Cell {
    if rank(two) > rank(one) { two } else { one }
}

/// `taken`, in any order and overlapping, as stretches of one state each: its worst. Neighbours of one state are one stretch.
fn stretches(taken: &[(Span, Cell)]) -> Vec<(Span, Cell)> {
    let mut borders: Vec<(Timestamp, bool, Cell)> = Vec::with_capacity(taken.len() * 2);
    for (span, cell) in taken.iter().filter(|(span, _)| span.start < span.end) {
        borders.push((span.start, true, *cell));
        borders.push((span.end, false, *cell));
    }
    borders.sort_unstable_by_key(|(at, ..)| *at);
    // How many of each state are going on, by how bad it is.
    let mut going_on = [(0_usize, Cell::Free); 7];
    let mut stretches: Vec<(Span, Cell)> = Vec::with_capacity(taken.len());
    let mut since = Timestamp::MIN;
    for (at, begins, cell) in borders {
        let worst = going_on.iter().rev().find(|(count, _)| *count > 0);
        if let Some((_, worst)) = worst.filter(|_| since < at) {
            match stretches.last_mut() {
                Some((before, same)) if before.end == since && same == worst => before.end = at,
                _ => stretches.push((Span { start: since, end: at }, *worst)),
            }
        }
        since = at;
        if let Some((count, known)) = going_on.get_mut(rank(cell)) {
            *known = cell;
            *count = if begins { *count + 1 } else { count.saturating_sub(1) };
        }
    }
    stretches
}

/// The digits that no block accounts for. A digit covers its whole interval while a block knows its minutes, so a digit counts only
/// where no block in its interval is at least as bad [calendar-getschedule].
fn unexplained_digits(schedule: &Schedule, blocks: &[&Block]) -> Vec<(Span, Cell)> {
    let minutes = schedule.view_minutes.max(1);
    let accounted = accounted_for(schedule, blocks, minutes);
    let mut digits = Vec::new();
    for (place, (digit, worst)) in (0..).zip(schedule.view.chars().zip(accounted)) {
        let told = match digit {
            '0' => continue,
            '1' => Some(Availability::Tentative),
            '2' => Some(Availability::Busy),
            '3' => Some(Availability::OutOfOffice),
            '4' => Some(Availability::WorkingElsewhere),
            _ => None,
        };
        if worst.is_none() || worst < told {
            let start = after_minutes(schedule.window.start, place * i64::from(minutes));
            digits.push((Span::of_minutes(start, u32::from(minutes)), told.map_or(Cell::Unknown, Cell::from)));
        }
    }
    digits
}

/// The worst that the blocks say in the interval of each digit. Each block goes to its own digits: there are thousands of these.
fn accounted_for(schedule: &Schedule, blocks: &[&Block], minutes: u16) -> Vec<Option<Availability>> {
    let mut worst: Vec<Option<Availability>> = vec![None; schedule.view.chars().count()];
    let step = i128::from(minutes) * 60 * 1_000_000_000;
    let since = |at: Timestamp| at.as_nanosecond() - schedule.window.start.as_nanosecond();
    // Before the first digit is the first, behind the last is the end.
    let place = |number: i128| usize::try_from(number.max(0)).unwrap_or(usize::MAX).min(worst.len());
    let places: Vec<_> = blocks
        .iter()
        .filter(|block| block.span.start < block.span.end)
        .map(|block| {
            let (from, to) = (since(block.span.start).div_euclid(step), -(-since(block.span.end)).div_euclid(step));
            (place(from)..place(to), block.status)
        })
        .collect();
    for (digits, status) in places {
        for digit in worst.get_mut(digits).unwrap_or_default() {
            *digit = (*digit).max(status);
        }
    }
    worst
}

/// Working time that touches `window`, merged and in order; `None` if their zone is unknown.
pub(super) fn working_time(hours: &WorkingHours, window: Span) -> Option<Vec<Span>> {
    let zone = hours.zone.rules.as_ref()?;
    let last = add_days(date_at(window.end, zone), 1);
    let mut date = add_days(date_at(window.start, zone), -1);
    let mut working: Vec<Span> = Vec::new();
    while date <= last {
        if hours.days.contains(&date.weekday()) {
            let end_date = if hours.end <= hours.start { add_days(date, 1) } else { date };
            let start = instant_of(DateTime::from_parts(date, hours.start), zone);
            let end = instant_of(DateTime::from_parts(end_date, hours.end), zone);
            match working.last_mut() {
                Some(before) if before.end >= start => before.end = before.end.max(end),
                _ if start < end => working.push(Span { start, end }),
                _ => {}
            }
        }
        let next = add_days(date, 1);
        if next == date {
            break;
        }
        date = next;
    }
    Some(working)
}

/// [`Reading::cells`] of a schedule that is asked for nothing else.
#[must_use]
pub fn cells(schedule: &Schedule, window: Span, minutes: u16) -> Vec<Cell> {
    Reading::new(schedule).cells(window, minutes)
}

/// How many of `rows` are free in each column; as long as the longest row, and a row that ends earlier is not free there.
#[must_use]
pub fn count_free(rows: &[Vec<Cell>]) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    (0..columns)
        .map(|column| rows.iter().filter(|row| row.get(column).is_some_and(|cell| cell.is_free())).count())
        .collect()
}

/// When they are next free for `minutes` on end, at `from` or later; `None` if not within what is known.
#[must_use]
pub fn next_free(schedule: &Schedule, from: Timestamp, minutes: u32) -> Option<Timestamp> {
    let reading = Reading::new(schedule);
    let later = reading.borders().into_iter().filter(|border| *border > from);
    std::iter::once(from).chain(later).find(|start| reading.over(Span::of_minutes(*start, minutes)).is_free())
}

/// Whether one of `spans` (merged, in order) covers all of `span`.
pub(super) fn lies_in(spans: &[Span], span: Span) -> bool {
    let at = spans.partition_point(|each| each.end < span.end);
    spans.get(at).is_some_and(|each| each.covers(&span))
}
