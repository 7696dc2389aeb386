//! The command palette.

use crate::config::Role;
use crate::state::geometry::Area;
use crate::state::palette::{Entry, Palette};
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{field, overlay};

pub(super) fn draw(palette: &Palette, store: &Store, painter: &mut Painter<'_>) {
    let size = store.session.size;
    let body = store.session.screen().body;
    let height = (size.height * 3 / 4).clamp(10, 26).min(body.height);
    let width = (size.width * 3 / 4).clamp(58, 88).min(size.width);
    let area = Area { y: body.y + 1.min(body.height - height), ..body.centred(width, height) };
    let (matching, all) = palette.counts();
    let inside = overlay::open(area, "Commands", &format!("{matching} of {all}"), painter);
    let (top, rest) = inside.split_top(2);
    let prompt = painter.text(top.x, top.y, 2, ":", Role::Accent);
    let width = top.width.saturating_sub(prompt + 1);
    field::draw(top.x + prompt + 1, top.y, width, palette.line(), "Type what you are looking for", true, painter);
    overlay::rule(inside, top.y + 1, painter);
    let (list, bottom) = rest.split_bottom(2);
    let first = palette.at().saturating_sub(usize::from(list.height).saturating_sub(1));
    for ((y, at), entry) in (list.y..list.bottom()).zip(first..).zip(palette.matching().skip(first)) {
        let row = Area { y, height: 1, ..list };
        draw_entry(entry, row, painter);
        if at == palette.at() {
            painter.select(row);
            painter.sign(row.x, row.y, painter.signs().cursor, painter.style(Role::Selection));
        }
        painter.hit(row, Target::Entry(at));
    }
    if matching == 0 {
        painter.text(list.x + 2, list.y, list.width, "Nothing is called that.", Role::Quiet);
    }
    overlay::rule(inside, bottom.y, painter);
    if let Some(entry) = palette.chosen() {
        let (line, role) = match &entry.reason {
            Some(reason) => (reason.as_str(), Role::Warning),
            None => (entry.help.as_str(), Role::Quiet),
        };
        painter.text(bottom.x, bottom.y + 1, bottom.width, line, role);
    }
}

fn draw_entry(entry: &Entry, row: Area, painter: &mut Painter<'_>) {
    let role = if entry.reason.is_some() { Role::Quiet } else { Role::Text };
    let group = if entry.reason.is_some() { "not now" } else { entry.group };
    let right = row.right();
    let group_x = right.saturating_sub(14);
    painter.text(group_x, row.y, 14, group, Role::Quiet);
    let keys_x = group_x.saturating_sub(columns(&entry.keys).max(9) + 2);
    painter.text(keys_x, row.y, group_x.saturating_sub(keys_x + 1), &entry.keys, Role::HintKey);
    painter.text(row.x + 2, row.y, keys_x.saturating_sub(row.x + 3), &entry.title, role);
}
