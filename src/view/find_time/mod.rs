//! The find-time view: people downwards, time across, and the times that suit.

mod chart;
mod jump;
mod said;
mod suggestions;
mod typing;

use crate::domain::freebusy::{Cell, Reading, Schedule};
use crate::domain::time::Span;
use crate::state::command::CommandId;
use crate::state::find_time::{CopyZones, FindTime, Order, Participant, Scale};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::surface::Pane;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{empty, pane, words};
use jiff::SignedDuration;

/// What is older says so in its row.
const YOUNG: SignedDuration = SignedDuration::from_mins(3);

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let view = &store.screens.find_time;
    let has_focus = store.layers.is_empty();
    let note = note(store, area.width.saturating_sub(columns(&title(view, true)) + 9), painter);
    // A long day gives way to what counts: how long, with whom, how old.
    let is_narrow = columns(&title(view, false)) + columns(&note) + 9 > area.width;
    let inside = pane::open(area, &title(view, is_narrow), &note, has_focus, painter);
    pane::hit(inside, Pane::Main, painter);
    if view.participants().is_empty() {
        return empty::draw(store, inside, "Sign in to see when people are free.", Some(CommandId::SignIn), painter);
    }
    let has_second_zone = view.shows_second_zone() && store.session.second_zone.is_some();
    let wanted = chart::rows_needed(view).saturating_add(1 + u16::from(has_second_zone));
    let (top, bottom) = inside.split_top(wanted.min(inside.height.saturating_sub(5)));
    chart::draw(store, top, has_focus && !view.is_typing() && view.jump().is_none(), painter);
    suggestions::draw(store, bottom, painter);
    if view.is_typing() {
        typing::draw(store, inside, has_focus, painter);
    }
    if let Some(jump) = view.jump() {
        jump::draw(jump, inside, has_focus, painter);
    }
}

/// "Find time  Tuesday 24 November 2026", shorter where that is too long, or the week.
fn title(view: &FindTime, is_short: bool) -> String {
    let days = view.days();
    match (view.scale(), days.first(), days.last()) {
        (Scale::Day, Some(day), _) if is_short => format!("Find time  {}", day.strftime("%a %-d %b %Y")),
        (Scale::Day, Some(day), _) => format!("Find time  {}", day.strftime("%A %-d %B %Y")),
        (Scale::Week | Scale::Fortnight, Some(first), Some(last)) => {
            format!("Find time  {} – {}", first.strftime("%a %-d %b"), last.strftime("%a %-d %b %Y"))
        }
        _ => "Find time".to_owned(),
    }
}

/// Length, who counts, and how old the oldest answer is; where that is wider than `room`, without what the rows below show as well.
fn note(store: &Store, room: u16, painter: &Painter<'_>) -> String {
    let view = &store.screens.find_time;
    let required = view.participants().iter().filter(|each| each.is_required).count();
    let optional = view.participants().len() - required;
    let mut parts = vec![format!("{} min", view.length()), format!("{required} required")];
    if optional > 0 {
        parts.push(format!("{optional} optional"));
    }
    if let Some(choice) = view.room_choice() {
        parts.push(choice.words.clone());
    }
    if view.within_hours() {
        parts.push("own hours only".to_owned());
    }
    if !view.picks().is_empty() {
        parts.push(format!("{} picked", view.picks().len()));
    }
    if let Some(minutes) = view.resolution().minutes() {
        parts.push(format!("steps of {minutes}"));
    }
    if view.order() != Order::Added {
        parts.push(view.order().words().to_owned());
    }
    if view.copy_zones() == CopyZones::Everybodys {
        parts.push("copies in all zones".to_owned());
    }
    if let Some(mailbox) = store.session.asked_through() {
        parts.push(format!("asked through {mailbox}"));
    }
    if view.answers().is_waiting() {
        parts.push("asking".to_owned());
    } else if let Some(oldest) = view.oldest_answer() {
        parts.push(format!("as of {}", words::clock(oldest, painter.context.zone)));
    }
    let dot = format!(" {} ", painter.signs().dot);
    // The age stays last, how long and for how many first; of what stands between them the first gives way.
    while parts.len() > 3 && columns(&parts.join(&dot)) > room {
        parts.remove(2);
    }
    parts.join(&dot)
}

/// Somebody a time is looked for with, their time prepared once for the many questions of a frame.
struct Row<'a> {
    participant: &'a Participant,
    schedule: Option<&'a Schedule>,
    reading: Option<&'a Reading>,
}

impl Row<'_> {
    /// Their state over a stretch of time; unknown where nothing was answered.
    fn over(&self, span: Span) -> Cell {
        self.reading.map_or(Cell::Unknown, |reading| reading.over(span))
    }
}

/// Everybody of the view, in its order.
fn rows(view: &FindTime) -> Vec<Row<'_>> {
    let row =
        |participant| Row { participant, schedule: view.schedule(participant), reading: view.reading(participant) };
    view.participants().iter().map(row).collect()
}

/// One word for a state at the proposed time.
fn word(cell: Cell) -> &'static str {
    match cell {
        Cell::Free => "free",
        Cell::OffHours => "off hours",
        Cell::Elsewhere => "elsewhere",
        Cell::Tentative => "maybe",
        Cell::Busy => "busy",
        Cell::OutOfOffice => "away",
        Cell::Unknown => "not known",
    }
}
