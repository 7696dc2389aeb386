//! Finding a time: every possible start, judged by whom it suits, and what would help where none does.
//!
//! Ours and not the service's: its own finder is unstable, silent about its reasons and slow [user-findmeetingtimes]. Must stay true:
//! unknown is never free; a slot that is said to suit somebody suits them for all of its length; the best is best by the order told at
//! [`find`]; nothing found comes with whom it fails for. Each schedule is read once into spans, so that two weeks of quarter hours for
//! twenty people cost a fraction of a frame.

use std::borrow::Cow;
use std::cmp::Reverse;

use jiff::Timestamp;

use super::grid::{Reading, lies_in};
use super::{Cell, Schedule};
use crate::domain::time::{Span, after_minutes};

/// So many starts are looked at to say what is in somebody's way.
const MOST_SAMPLES: usize = 64;

/// What somebody, or something, is to the meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Has to be there.
    Required,
    /// May be there.
    Optional,
    /// A room; one of them has to be free.
    Room,
}

/// Somebody a time is looked for.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// What is known of their time.
    pub schedule: &'a Schedule,
    /// What they are to it.
    pub part: Part,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// A slot lies within one of these; starts are counted in steps from the beginning of each.
    pub windows: Vec<Span>,
    /// Its length.
    pub minutes: u32,
    /// Minutes between two starts.
    pub step: u16,
    /// Minutes before and after it in which nobody it suits has anything else; being outside their hours does no harm there.
    pub buffer: u16,
    /// It begins then or later.
    pub not_before: Timestamp,
    /// So many of the required people are enough; `None`: all of them.
    pub at_least: Option<usize>,
    /// Times outside of somebody's hours suit them too.
    pub any_hours: bool,
    /// So many slots at most, no two of which overlap.
    pub most: usize,
}

/// A possible time, and whom it hurts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// When.
    pub span: Span,
    /// Required people it suits.
    pub free_required: usize,
    /// Of how many.
    pub of_required: usize,
    /// Optional people it suits.
    pub free_optional: usize,
    /// Of how many.
    pub of_optional: usize,
    /// The rooms that are free, by their place among the candidates.
    pub rooms: Vec<usize>,
    /// Every person it does not suit, by their place among the candidates, with the worst that is in their way.
    pub affected: Vec<(usize, Cell)>,
}

/// Who stands in the way where everybody else could.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hindrance {
    /// Their place among the candidates; `None`: no room is free.
    pub who: Option<usize>,
    /// How many starts fail for them alone.
    pub starts: usize,
    /// The first slot there would be without them.
    pub first: Span,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundSlots {
    /// The slots, best first.
    pub slots: Vec<Suggestion>,
    /// Where there is none: what would help, the most helpful first. Empty where no single one would.
    pub hindrances: Vec<Hindrance>,
    /// Where there is none: required people whom no start at all suits, by their place, with what is most often in their way.
    pub never: Vec<(usize, Cell)>,
    /// Where there is none: the one that suits the most of them.
    pub nearest: Option<Suggestion>,
}

/// Why a suggestion stands where it does, as a short sentence without an end; `at` is its place among `slots`.
#[must_use]
pub fn reason(slots: &[Suggestion], at: usize) -> &'static str {
    let Some(this) = slots.get(at) else { return "" };
    let suits_required = this.free_required == this.of_required;
    let before = at.checked_sub(1).and_then(|before| slots.get(before));
    // Who is merely outside their hours has nothing else.
    let taken = |slot: &Suggestion| slot.affected.iter().filter(|(_, cell)| *cell != Cell::OffHours).count();
    match before {
        None if this.affected.is_empty() => "the first that suits everybody",
        None if suits_required && this.of_optional > 0 => "suits all who are required, and most of the others",
        None if suits_required => "the first that suits all who are required",
        None => "suits the most of those who are required",
        Some(before) if this.free_required < before.free_required => "suits fewer of those who are required",
        Some(before) if this.free_optional < before.free_optional => "suits fewer of those who are optional",
        Some(before) if taken(this) > taken(before) => "as many can, more of the others have something else",
        Some(_) => "as good, and later",
    }
}

/// What a candidate has to say to each of the starts.
struct Answers {
    part: Part,
    /// It suits them.
    suits: Vec<bool>,
    /// They have nothing else then.
    open: Vec<bool>,
}

impl Answers {
    fn of(candidate: &Candidate<'_>, reading: &Reading, starts: &[Span], wanted: &Wanted) -> Self {
        let open = reading.spans_where(|cell| cell.is_free() || cell == Cell::OffHours);
        let any_hours = wanted.any_hours || candidate.part == Part::Room;
        let free = if any_hours { Cow::Borrowed(&open) } else { Cow::Owned(reading.spans_where(Cell::is_free)) };
        let suits =
            |span: &Span| lies_in(&free, *span) && (wanted.buffer == 0 || lies_in(&open, wanted.with_buffer(*span)));
        Self {
            part: candidate.part,
            suits: starts.iter().map(suits).collect(),
            open: starts.iter().map(|span| lies_in(&open, *span)).collect(),
        }
    }

    fn suits(&self, at: usize) -> bool {
        self.suits.get(at).copied().unwrap_or_default()
    }

    fn is_open(&self, at: usize) -> bool {
        self.open.get(at).copied().unwrap_or_default()
    }
}

impl Wanted {
    /// Every slot that may be one.
    fn starts(&self) -> impl Iterator<Item = Span> {
        let step = i64::from(self.step.max(1));
        self.windows.iter().flat_map(move |window| {
            (0..)
                .map(move |index| Span::of_minutes(after_minutes(window.start, index * step), self.minutes))
                .take_while(move |span| window.covers(span) && !span.duration().is_zero())
                .filter(|span| span.start >= self.not_before)
        })
    }

    fn with_buffer(&self, span: Span) -> Span {
        let buffer = i64::from(self.buffer);
        Span { start: after_minutes(span.start, -buffer), end: after_minutes(span.end, buffer) }
    }
}

/// Looks for slots, the best first: most required people, then most optional ones, then fewest who have something else (and are not
/// merely outside their hours), then the earliest. A slot that suits nobody is none; of two that overlap the better is kept.
#[must_use]
pub fn find(candidates: &[Candidate<'_>], wanted: &Wanted) -> FoundSlots {
    if wanted.minutes == 0 {
        return FoundSlots::default();
    }
    let readings: Vec<Reading> = candidates.iter().map(|candidate| Reading::new(candidate.schedule)).collect();
    let starts: Vec<Span> = wanted.starts().collect();
    let answers: Vec<Answers> = candidates
        .iter()
        .zip(&readings)
        .map(|(candidate, reading)| Answers::of(candidate, reading, &starts, wanted))
        .collect();
    let finder = Finder { answers: &answers, readings: &readings, starts: &starts, wanted };
    let mut judged: Vec<Judged> = finder.judged(wanted.at_least).collect();
    if judged.is_empty() {
        return FoundSlots {
            slots: Vec::new(),
            hindrances: finder.hindrances(),
            never: finder.never(),
            nearest: finder.judged(Some(0)).min_by_key(|judged| judged.rank).map(|judged| finder.tell(judged)),
        };
    }
    judged.sort_by_key(|judged| judged.rank);
    let mut slots: Vec<Suggestion> = Vec::new();
    for judged in judged {
        if slots.len() >= wanted.most {
            break;
        }
        if !slots.iter().any(|slot| slot.span.overlaps(&judged.span)) {
            slots.push(finder.tell(judged));
        }
    }
    FoundSlots { slots, ..FoundSlots::default() }
}

struct Finder<'a> {
    answers: &'a [Answers],
    readings: &'a [Reading],
    starts: &'a [Span],
    wanted: &'a Wanted,
}

#[derive(Clone, Copy)]
struct Judged {
    /// Its place among the starts.
    at: usize,
    span: Span,
    rank: (Reverse<usize>, Reverse<usize>, usize, Timestamp),
}

impl Finder<'_> {
    /// The starts that do, where so many of the required are enough.
    fn judged(&self, at_least: Option<usize>) -> impl Iterator<Item = Judged> {
        (0..).zip(self.starts).filter_map(move |(at, span)| self.judge(at, *span, at_least))
    }

    /// The worth of a slot; `None` for one that does not do.
    fn judge(&self, at: usize, span: Span, at_least: Option<usize>) -> Option<Judged> {
        let (mut required, mut of_required, mut optional, mut blocked) = (0, 0, 0, 0);
        let (mut rooms, mut of_rooms) = (0, 0);
        for each in self.answers {
            let suits = each.suits(at);
            match each.part {
                Part::Required => {
                    of_required += 1;
                    required += usize::from(suits);
                }
                Part::Optional => optional += usize::from(suits),
                Part::Room => {
                    of_rooms += 1;
                    rooms += usize::from(suits);
                    continue;
                }
            }
            blocked += usize::from(!suits && !each.is_open(at));
        }
        let enough = at_least.map_or(of_required, |least| least.min(of_required));
        let does = required >= enough && required + optional > 0 && (of_rooms == 0 || rooms > 0);
        does.then_some(Judged { at, span, rank: (Reverse(required), Reverse(optional), blocked, span.start) })
    }

    fn tell(&self, Judged { at, span, .. }: Judged) -> Suggestion {
        let mut told = Suggestion {
            span,
            free_required: 0,
            of_required: 0,
            free_optional: 0,
            of_optional: 0,
            rooms: Vec::new(),
            affected: Vec::new(),
        };
        let around = self.wanted.with_buffer(span);
        for (index, (each, reading)) in self.answers.iter().zip(self.readings).enumerate() {
            let suits = each.suits(at);
            let (free, of) = match each.part {
                Part::Required => (&mut told.free_required, &mut told.of_required),
                Part::Optional => (&mut told.free_optional, &mut told.of_optional),
                Part::Room => {
                    told.rooms.extend(suits.then_some(index));
                    continue;
                }
            };
            *of += 1;
            if suits {
                *free += 1;
            } else {
                let cell = reading.over(span);
                // Free themselves, but not around it.
                let cell = if cell.is_free() { reading.over(around) } else { cell };
                told.affected.push((index, cell));
            }
        }
        told
    }

    /// Required people whom none of the starts suits, with what is most often in their way.
    fn never(&self) -> Vec<(usize, Cell)> {
        let starts = self.starts;
        let is_hopeless =
            |each: &Answers| each.part == Part::Required && !starts.is_empty() && !each.suits.contains(&true);
        let hopeless = self.answers.iter().enumerate().filter(|(_, each)| is_hopeless(each));
        hopeless
            .filter_map(|(index, _)| {
                let mut counts: Vec<(Cell, usize)> = Vec::new();
                // A sample over all of the time tells enough.
                for span in starts.iter().step_by(starts.len().div_ceil(MOST_SAMPLES).max(1)) {
                    let cell = self.readings.get(index)?.over(*span);
                    match counts.iter_mut().find(|(known, _)| *known == cell) {
                        Some((_, count)) => *count += 1,
                        None => counts.push((cell, 1)),
                    }
                }
                counts.into_iter().max_by_key(|(_, count)| *count).map(|(cell, _)| (index, cell))
            })
            .collect()
    }

    /// Whoever alone keeps starts from being slots.
    fn hindrances(&self) -> Vec<Hindrance> {
        let mut found: Vec<Hindrance> = Vec::new();
        let mut note = |who: Option<usize>, span: Span| match found.iter_mut().find(|known| known.who == who) {
            Some(known) => known.starts += 1,
            None => found.push(Hindrance { who, starts: 1, first: span }),
        };
        let needs_room = self.answers.iter().any(|each| each.part == Part::Room);
        let enough = self.wanted.at_least;
        for (at, span) in self.starts.iter().enumerate() {
            let of = |part: Part| self.answers.iter().enumerate().filter(move |(_, each)| each.part == part);
            let missing: Vec<usize> =
                of(Part::Required).filter(|(_, each)| !each.suits(at)).map(|(index, _)| index).collect();
            let has_room = !needs_room || of(Part::Room).any(|(_, each)| each.suits(at));
            let spare = enough.map_or(0, |least| of(Part::Required).count().saturating_sub(least));
            match (missing.as_slice(), has_room) {
                ([one], true) if spare == 0 => note(Some(*one), *span),
                (missing, false) if missing.len() <= spare => note(None, *span),
                _ => {}
            }
        }
        found.sort_by_key(|hindrance| (Reverse(hindrance.starts), hindrance.first.start));
        found
    }
}
