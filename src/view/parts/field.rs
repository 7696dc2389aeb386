//! A text field of one line; it scrolls sideways so that the cursor stays in sight.

use crate::base::text;
use crate::config::Role;
use crate::state::line::LineEdit;
use crate::view::painter::{Painter, columns};

/// Draws the field; with the focus, the terminal's cursor goes there. An empty field shows `placeholder`.
pub(in crate::view) fn draw(
    x: u16,
    y: u16,
    width: u16,
    line: &LineEdit,
    placeholder: &str,
    has_focus: bool,
    painter: &mut Painter<'_>,
) {
    if line.is_empty() {
        painter.text(x, y, width, placeholder, Role::Quiet);
    }
    let before = columns(line.before());
    let room = width.saturating_sub(1);
    let skipped = before.saturating_sub(room);
    let shown = skip_columns(line.text(), usize::from(skipped));
    let head = text::head(shown, usize::from(width));
    painter.text(x, y, width, head, Role::Input);
    if has_focus {
        painter.cursor(x + before.saturating_sub(skipped).min(room), y);
    }
}

/// The text without its first columns; never splits a grapheme.
fn skip_columns(text: &str, columns: usize) -> &str {
    &text[text::head(text, columns).len()..]
}
