//! Typing a name: the field, and who may be meant.

use super::word;
use crate::config::Role;
use crate::domain::account::Feature;
use crate::state::completion::Completion;
use crate::state::find_time::MOST_COMPLETIONS;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::surface::Pane;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::{field, overlay, who, words};

/// Columns of "10:30 off hours".
const STATE: u16 = 15;

pub(super) fn draw(store: &Store, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let view = &store.screens.find_time;
    let completions = view.completions();
    let rows = u16::try_from(completions.len().clamp(1, MOST_COMPLETIONS)).unwrap_or(1);
    let frame = Area::new(
        area.x + 2,
        area.y + 1,
        76.min(area.width.saturating_sub(6)),
        (rows + 4).min(area.height.saturating_sub(1)),
    );
    let inside = overlay::open(frame, "Who?", "enter adds", painter);
    let width = inside.width;
    field::draw(inside.x, inside.y, width, view.line(), "Type a name or an address", has_focus, painter);
    painter.hit(Area { height: 1, ..inside }, Target::Pane(Pane::Field));
    overlay::rule(inside, inside.y + 1, painter);
    let list = Area { y: inside.y + 2, height: inside.height.saturating_sub(2), ..inside };
    if completions.is_empty() {
        let typed = view.line().text().trim();
        let sentence = match view.found().problem() {
            Some(report) => report.what.clone(),
            None if typed.is_empty() => "Colleagues, groups, rooms, any address. Esc closes.".to_owned(),
            None if view.found().is_waiting() => "Looking".to_owned(),
            None if typed.contains('@') => "Enter adds this address.".to_owned(),
            None => "Nobody of that name is found.".to_owned(),
        };
        painter.text(list.x, list.y, list.width, &sentence, Role::Quiet);
        return;
    }
    // "10:30 free": a place for it is kept where anybody's may be told, so that nothing moves when it comes.
    let has_states = store.session.is_open(Feature::FreeBusy) && view.slot().is_some();
    let taken = if has_states { STATE } else { 0 };
    for (y, (at, person)) in (list.y..list.bottom()).zip(completions.iter().enumerate()) {
        let row = Area { y, height: 1, ..list };
        let state = match person {
            Completion::Person(person) => view.offered_state(person),
            Completion::Group(_) => None,
        };
        who::draw(person, &store.session, Area { width: row.width.saturating_sub(taken), ..row }, painter);
        if let (Some(cell), Some(slot)) = (state, view.slot()) {
            let role = if cell.is_free() { Role::Success } else { Role::Quiet };
            let said = format!("{} {}", words::clock(slot.start, painter.context.zone), word(cell));
            painter.text(row.right().saturating_sub(STATE), y, STATE, &said, role);
        }
        painter.hit(row, Target::Entry(at));
        if at == view.completion() {
            painter.select(row);
        }
    }
}
