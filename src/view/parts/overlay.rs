//! Overlays: a rounded frame with the title set into it, and a soft shadow of one cell.

use crate::config::Role;
use crate::state::geometry::Area;
use crate::view::painter::{Painter, columns};
use ratatui::style::Color;

/// Draws the frame with a title and a quiet word at its right; returns the inside with a cell of air at both sides.
pub(in crate::view) fn open(area: Area, title: &str, note: &str, painter: &mut Painter<'_>) -> Area {
    shadow(area, painter);
    painter.ground(area, Role::Overlay);
    let signs = painter.signs();
    let [top_left, top_right, bottom_left, bottom_right] = signs.corners;
    let (right, bottom) = (area.right().saturating_sub(1), area.bottom().saturating_sub(1));
    painter.across(Area::new(area.x, area.y, area.width, 1), signs.horizontal, Role::Line);
    painter.across(Area::new(area.x, bottom, area.width, 1), signs.horizontal, Role::Line);
    painter.down(Area::new(area.x, area.y, 1, area.height), signs.vertical, Role::Line);
    painter.down(Area::new(right, area.y, 1, area.height), signs.vertical, Role::Line);
    let line = painter.style(Role::Line);
    painter.sign(area.x, area.y, top_left, line);
    painter.sign(right, area.y, top_right, line);
    painter.sign(area.x, bottom, bottom_left, line);
    painter.sign(right, bottom, bottom_right, line);
    let room = area.width.saturating_sub(6);
    let taken = painter.text(area.x + 2, area.y, room, &format!(" {title} "), Role::Title);
    let note_width = columns(note) + 2;
    if !note.is_empty() && taken + note_width < room {
        painter.text(right - 1 - note_width, area.y, note_width, &format!(" {note} "), Role::Quiet);
    }
    area.inside(2, 1)
}

/// A rule across an overlay.
pub(in crate::view) fn rule(inside: Area, y: u16, painter: &mut Painter<'_>) {
    painter.across(Area::new(inside.x, y, inside.width, 1), painter.signs().horizontal, Role::Line);
}

/// Only where the theme has a ground for it: a shadow made of letters would swallow what they say.
fn shadow(area: Area, painter: &mut Painter<'_>) {
    if matches!(painter.style(Role::Shadow).bg, None | Some(Color::Reset)) {
        return;
    }
    painter.tint(Area::new(area.right(), area.y + 1, 1, area.height), Role::Shadow);
    painter.tint(Area::new(area.x + 1, area.bottom(), area.width, 1), Role::Shadow);
}
