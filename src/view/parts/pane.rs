//! Panes: a thin line that carries the title, a line between neighbours, and nothing else around them.

use crate::config::Role;
use crate::state::geometry::Area;
use crate::state::surface::Pane;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};

/// Draws the rule of a pane with its title, unbroken where it has none, and a quiet word at its right; returns the area below.
pub(in crate::view) fn open(area: Area, title: &str, note: &str, has_focus: bool, painter: &mut Painter<'_>) -> Area {
    let (rule, inside) = area.split_top(1);
    painter.across(rule, painter.signs().horizontal, Role::Line);
    let title_role = if has_focus { Role::Title } else { Role::TitleQuiet };
    let room = rule.width.saturating_sub(4);
    let title = if title.is_empty() { String::new() } else { format!(" {title} ") };
    let taken = painter.text(rule.x + 1, rule.y, room, &title, title_role);
    let note_width = columns(note) + 2;
    if !note.is_empty() && taken + note_width < room {
        let x = rule.right() - 1 - note_width;
        painter.text(x, rule.y, note_width, &format!(" {note} "), Role::Quiet);
    }
    inside
}

/// Notes that a click beside the rows means the pane.
pub(in crate::view) fn hit(area: Area, pane: Pane, painter: &mut Painter<'_>) {
    painter.hit(area, Target::Pane(pane));
}

/// Draws the line between two panes beside each other, in the column right of `left`.
pub(in crate::view) fn line_after(left: Area, painter: &mut Painter<'_>) {
    let signs = painter.signs();
    let line = Area::new(left.right(), left.y, 1, left.height);
    painter.down(line, signs.vertical, Role::Line);
    let style = painter.style(Role::Line);
    painter.sign(line.x, line.y, signs.tee_down, style);
}
