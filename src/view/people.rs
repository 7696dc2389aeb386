//! The people view: a field, and who matches.

use crate::config::Role;
use crate::domain::person::Person;
use crate::domain::presence::Presence;
use crate::domain::request::PersonRef;
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::surface::Pane;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{avatar, empty, field, pane, presence};

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let people = &store.screens.people;
    let is_on_top = store.layers.is_empty();
    let note = match people.found().value() {
        Some(found) if !found.is_complete => "from what is kept here; the directory could not be asked".to_owned(),
        Some(found) => format!("{} found", found.people.len()),
        None => String::new(),
    };
    let inside = pane::open(area, "People", &note, is_on_top, painter);
    let (top, rest) = inside.split_top(2);
    let width = top.width.saturating_sub(2).min(60);
    field::draw(
        top.x + 1,
        top.y,
        width,
        people.line(),
        "Type a name or an address",
        people.is_typing() && is_on_top,
        painter,
    );
    pane::hit(top, Pane::Field, painter);
    let rows = people.rows();
    if rows.is_empty() {
        let (sentence, command) = match (people.found().problem(), people.found().value()) {
            (Some(report), _) => (report.what.as_str(), Some(CommandId::ShowProblem)),
            (None, Some(found)) if found.problem.is_some() => ("The directory could not be asked.", None),
            (None, Some(_)) => ("Nobody of that name is found.", None),
            (None, None) => ("Colleagues are found here, with their presence and their day.", None),
        };
        return empty::draw(store, rest, sentence, command, painter);
    }
    let at =
        people.selected().and_then(|selected| rows.iter().position(|person| person.id == selected.id)).unwrap_or(0);
    let first = at.saturating_sub(usize::from(rest.height).saturating_sub(1));
    for (y, person) in (rest.y..rest.bottom()).zip(rows.iter().skip(first)) {
        let row = Area { y, height: 1, ..rest };
        draw_person(person, store.session.presences.of(&person.id), row, painter);
        if people.selected().is_some_and(|selected| selected.id == person.id) {
            painter.select(row);
            painter.sign(row.x, row.y, painter.signs().cursor, painter.style(Role::Selection));
            if is_on_top && !people.is_typing() {
                painter.cursor(row.x, row.y);
            }
        }
        painter.hit(row, Target::Person(PersonRef::Id(person.id.clone())));
    }
}

fn draw_person(person: &Person, known: Option<&Presence>, row: Area, painter: &mut Painter<'_>) {
    avatar::draw(row.x + 2, row.y, &person.name, &person.address, painter);
    let column = (row.width / 3).clamp(16, 34);
    if known.is_some() {
        let (sign, role) = presence::dot(known, painter);
        painter.text(row.x + 7, row.y, 1, sign, role);
    }
    let x = row.x + 9;
    painter.text(x, row.y, column.saturating_sub(1), &person.name, Role::Text);
    painter.text(x + column, row.y, column.saturating_sub(1), &person.address, Role::Quiet);
    let facts: Vec<&str> = [&person.job_title, &person.department].into_iter().flatten().map(String::as_str).collect();
    let x = x + column * 2;
    let mut right = row.right().saturating_sub(1);
    if let Some(seen) = known {
        let words = presence::words_now(seen, painter.context.now);
        let width = columns(&words).min(row.width / 3);
        right = painter.text_right(right, row.y, width, &words, Role::Quiet).saturating_sub(2);
    }
    painter.text(x, row.y, right.saturating_sub(x), &facts.join(", "), Role::Quiet);
}
