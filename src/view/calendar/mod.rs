//! The calendar: the grid of days, the agenda, and what is known of the event under the cursor.

mod agenda;
mod cards;
pub(in crate::view) mod chooser;
mod detail;
pub(in crate::view) mod form;
mod grid;

pub(super) use detail::broken;

use crate::config::Role;
use crate::domain::account::Feature;
use crate::domain::time::{add_days, iso_week, month_name};
use crate::state::calendar::{Calendar, Mode, detail_rows};
use crate::state::command::CommandId;
use crate::state::geometry::{Area, Shape};
use crate::state::store::Store;
use crate::state::surface::Pane;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{empty, field, pane};

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let calendar = &store.screens.calendar;
    let has_focus = store.layers.is_empty();
    let note = match calendar.mode() {
        Mode::Day => "day",
        Mode::Week => "week",
        Mode::WorkWeek => "work week",
        Mode::Agenda => "agenda",
    };
    let inside = pane::open(area, &title(calendar), note, has_focus, painter);
    pane::hit(inside, Pane::Main, painter);
    if calendar.events().value().is_none() {
        let closed = store.session.closed(Feature::Calendar);
        let sentence = match calendar.events().problem().or(closed.as_ref()) {
            Some(report) => report.what.as_str(),
            None => "",
        };
        return empty::draw(
            store,
            inside,
            sentence,
            Some(CommandId::ShowProblem).filter(|_| !sentence.is_empty()),
            painter,
        );
    }
    let is_looked_for = calendar.find().line().is_some() || !calendar.find().text().is_empty();
    let (inside, line) = inside.split_bottom(u16::from(is_looked_for));
    find(calendar, line, has_focus, painter);
    if calendar.mode() == Mode::Agenda && matches!(store.session.shape(), Shape::ThreePanes | Shape::Beside) {
        let (list, rest) = inside.split_left(inside.width * 3 / 5);
        let (_, beside) = rest.split_left(1);
        agenda::draw(calendar, list, has_focus, painter);
        pane::line_after(Area { y: list.y.saturating_sub(1), height: list.height + 1, ..list }, painter);
        detail::draw(store, beside.inside(1, 0), painter);
        return;
    }
    let (top, bottom) = inside.split_bottom(detail_rows(area.height, calendar.is_detail_open()));
    if calendar.mode() == Mode::Agenda {
        agenda::draw(calendar, top, has_focus, painter);
    } else {
        grid::draw(store, top, has_focus, painter);
    }
    if !bottom.is_empty() {
        let below = pane::open(bottom, "", "", false, painter);
        detail::draw(store, below.inside(1, 0), painter);
    }
}

/// What is looked for, and how far it has come.
fn find(calendar: &Calendar, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let words = calendar.find().words();
    let right = painter.text_right(area.right().saturating_sub(1), area.y, columns(&words), &words, Role::Quiet);
    let label = painter.text(area.x + 1, area.y, 6, "Find ", Role::Accent);
    let width = right.saturating_sub(area.x + 2 + label);
    match calendar.find().line() {
        Some(line) => field::draw(area.x + 1 + label, area.y, width, line, "words", has_focus, painter),
        None => {
            painter.text(area.x + 1 + label, area.y, width, calendar.find().text(), Role::Text);
        }
    }
}

/// "Week 48  23–29 Nov 2026", or the day.
fn title(calendar: &Calendar) -> String {
    let Some((from, days)) = calendar.shown() else { return "Calendar".to_owned() };
    let last = add_days(from, days - 1);
    if days == 1 {
        return from.strftime("%A %-d %B %Y").to_string();
    }
    let (_, week) = iso_week(from);
    let start = if from.month() == last.month() {
        from.day().to_string()
    } else {
        format!("{} {}", from.day(), month_name(from))
    };
    format!("Week {week}  {start}-{} {} {}", last.day(), month_name(last), last.year())
}
