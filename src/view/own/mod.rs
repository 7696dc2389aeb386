//! One's own settings as overlays: automatic replies, working hours and zone, presence.

pub(in crate::view) mod presence;
pub(in crate::view) mod replies;
pub(in crate::view) mod time;

use crate::config::Role;
use crate::state::geometry::Area;
use crate::view::painter::{Painter, columns};

/// Choices beside each other: the chosen one stands between signs, so that no colour is needed.
fn choices(area: Area, words: &[&str], chosen: usize, has_focus: bool, painter: &mut Painter<'_>) {
    let mut x = area.x;
    for (at, word) in words.iter().enumerate() {
        let is_chosen = at == chosen;
        let text = if is_chosen { format!("[{word}]") } else { format!(" {word} ") };
        let width = columns(&text);
        if x + width > area.right() {
            break;
        }
        let role = match (is_chosen, has_focus) {
            (true, true) => Role::Selection,
            (true, false) => Role::Accent,
            _ => Role::Quiet,
        };
        painter.text(x, area.y, width, &text, role);
        if is_chosen && has_focus {
            painter.cursor(x + 1, area.y);
        }
        x += width + 1;
    }
    if has_focus && x + 16 <= area.right() {
        painter.text_right(area.right(), area.y, 16, "space switches", Role::Quiet);
    }
}

/// Set into the frame of a form with something in it that is not set.
const fn unset(is_touched: bool, is_resumed: bool) -> &'static str {
    match (is_touched, is_resumed) {
        (true, true) => "not set yet, from an earlier time",
        (true, false) => "not set yet",
        (false, _) => "",
    }
}
