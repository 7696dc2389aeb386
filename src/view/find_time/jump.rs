//! Typing a date or a time: the field, and what is understood of it.

use crate::base::text::wrap;
use crate::config::Role;
use crate::state::find_time::Jump;
use crate::state::geometry::Area;
use crate::view::painter::Painter;
use crate::view::parts::{field, overlay};

pub(super) fn draw(jump: &Jump, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let frame =
        Area::new(area.x + 2, area.y + 1, 64.min(area.width.saturating_sub(6)), 6.min(area.height.saturating_sub(1)));
    let inside = overlay::open(frame, "When?", "enter goes there", painter);
    field::draw(
        inside.x,
        inside.y,
        inside.width,
        jump.line(),
        "tomorrow 3pm, next tue 2-3pm, 24 nov",
        has_focus,
        painter,
    );
    overlay::rule(inside, inside.y + 1, painter);
    let (words, role) = match jump.understood() {
        Some(Ok(said)) => (said.words(), Role::Text),
        Some(Err(why)) => (why.to_string(), Role::Warning),
        None => ("A time with an end is how long you meet. Esc closes.".to_owned(), Role::Quiet),
    };
    for (y, line) in (inside.y + 2..inside.bottom()).zip(wrap(&words, usize::from(inside.width))) {
        painter.text(inside.x, y, inside.width, &line, role);
    }
}
