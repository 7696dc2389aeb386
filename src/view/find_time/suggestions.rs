//! The times that suit, the best first, each with whom it hurts.

use super::chart::first_name;
use super::word;
use crate::config::Role;
use crate::domain::account::Feature;
use crate::domain::freebusy::{Cell, Suggestion, reason};
use crate::state::find_time::{FindTime, Scale};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::state::when;
use crate::view::painter::Painter;
use crate::view::parts::{pane, words};

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let view = &store.screens.find_time;
    if area.height < 2 {
        return;
    }
    let closed = store.session.closed(Feature::FreeBusy);
    if view.participants().len() < 2 {
        let inside = pane::open(area, "Times that suit", "", false, painter);
        let sentence = match &closed {
            Some(report) => report.what.as_str(),
            None => "Add somebody, and the times that suit all of you are listed here.",
        };
        painter.text(inside.x + 3, inside.y, inside.width.saturating_sub(4), sentence, Role::Quiet);
        return;
    }
    let (suggestions, chosen) = view.suggestions();
    let is_one_week = view.scale() != Scale::Fortnight;
    let note = if suggestions.is_empty() {
        String::new()
    } else {
        format!("{} {}", suggestions.len(), if is_one_week { "this week" } else { "in two weeks" })
    };
    let inside = pane::open(area, "Times that suit", &note, false, painter);
    if suggestions.is_empty() {
        let sentence = match view.answers().problem().or(closed.as_ref()) {
            Some(report) => report.what.as_str(),
            None if view.answers().is_empty() => "",
            None if view.within_hours() => "No time shown suits everybody within their own hours. W shows the others.",
            None => "No time shown suits anybody. Try later ones with ].",
        };
        painter.text(inside.x + 3, inside.y, inside.width.saturating_sub(4), sentence, Role::Quiet);
        if view.answers().is_empty() {
            return;
        }
        for (y, sentence) in (inside.y + 1..inside.bottom()).zip(why_none(view, painter)) {
            painter.text(inside.x + 3, y, inside.width.saturating_sub(4), &sentence, Role::Text);
        }
        return;
    }
    // The last line says why the proposed one, or the best, stands where it does.
    let (inside, why) = inside.split_top(inside.height - u16::from(inside.height > 3));
    let at = chosen.unwrap_or(0);
    let sentence = format!("why {}: {}", at + 1, reason(suggestions, at));
    painter.text(why.x + 6, why.y, why.width.saturating_sub(7), &sentence, Role::Quiet);
    let rows = usize::from(inside.height);
    let first = chosen.unwrap_or(0).saturating_sub(rows.saturating_sub(1));
    for (y, (at, suggestion)) in (inside.y..inside.bottom()).zip(suggestions.iter().enumerate().skip(first)) {
        let row = Area { y, height: 1, ..inside };
        draw_row(view, at, suggestion, row, painter);
        painter.hit(row, Target::Entry(at));
        if chosen == Some(at) {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
        }
    }
}

/// Where no time suits: without whom one would, whom none at all suits, and which suits the most.
fn why_none(view: &FindTime, painter: &Painter<'_>) -> Vec<String> {
    let zone = painter.context.zone;
    let when = |start| format!("{} {}", when::date(start, zone).strftime("%a %-d %b"), words::clock(start, zone));
    let who = |at: usize| view.participants().get(at).map_or("somebody", |each| first_name(each));
    let hindered = view
        .hindrances()
        .iter()
        .filter_map(|each| Some(format!("without {}: {}", who(each.who?), when(each.first.start))));
    let never = view.never().iter().map(|(at, cell)| match cell {
        Cell::Unknown => format!("{}: nothing is known of their time", who(*at)),
        cell => format!("{}: at no time, mostly {}", who(*at), word(*cell)),
    });
    let nearest = view.nearest().map(|nearest| {
        let (free, of) = (nearest.free_required, nearest.of_required);
        format!("most at once: {free} of {of}, {}", when(nearest.span.start))
    });
    hindered.take(3).chain(never.take(3)).chain(nearest).collect()
}

fn draw_row(view: &FindTime, at: usize, suggestion: &Suggestion, row: Area, painter: &mut Painter<'_>) {
    let zone = painter.context.zone;
    let day = when::date(suggestion.span.start, zone).strftime("%a %-d %b").to_string();
    let times = format!(
        "{}{}{}",
        words::clock(suggestion.span.start, zone),
        painter.signs().dash,
        words::clock(suggestion.span.end, zone)
    );
    if view.picks().contains(&suggestion.span) {
        painter.text(row.x + 1, row.y, 1, painter.signs().marked, Role::Accent);
    }
    painter.text_right(row.x + 4, row.y, 2, &(at + 1).to_string(), Role::Quiet);
    painter.text(row.x + 6, row.y, 11, &day, Role::Text);
    painter.text(row.x + 17, row.y, 12, &times, Role::Text);
    let all = suggestion.free_required == suggestion.of_required;
    let counted = format!("{} of {}", suggestion.free_required, suggestion.of_required);
    painter.text(row.x + 30, row.y, 9, &counted, if all { Role::Success } else { Role::Quiet });
    let hurt: Vec<String> = suggestion
        .affected
        .iter()
        .filter_map(|(at, cell)| Some(format!("{} {}", first_name(view.participants().get(*at)?), word(*cell))))
        .collect();
    let mut sentence = if hurt.is_empty() { "everybody is free".to_owned() } else { hurt.join(", ") };
    // Where the meeting would be goes before whom it hurts: there is one of it.
    if let Some(room) = view.room_of(suggestion) {
        sentence = format!("in {}; {sentence}", room.name);
    }
    let x = row.x + 40;
    painter.text(x, row.y, row.right().saturating_sub(x + 1), &sentence, Role::Quiet);
}
