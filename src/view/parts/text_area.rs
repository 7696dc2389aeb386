//! A text of several lines that is being written; quoted lines stand back in the colour of their depth.

use crate::base::text;
use crate::config::Role;
use crate::state::geometry::Area;
use crate::state::text_area::TextArea;
use crate::view::painter::Painter;
use crate::view::parts::scrollbar;

/// Draws what is in sight of the text; with the focus, the terminal's cursor goes there. The area has to be the one the text was told
/// of, one column wider for the scrollbar.
pub(in crate::view) fn draw(area: Area, text: &TextArea, has_focus: bool, painter: &mut Painter<'_>) {
    let lines = text.lines();
    let (line_of_cursor, column) = text.place();
    let visible = lines.iter().enumerate().skip(text.top());
    for (y, (at, line)) in (area.y..area.bottom()).zip(visible) {
        let shown = text.text()[line.start..line.end].trim_end();
        let depth = quote_depth(text.text(), line.start);
        let role = Role::quote(depth);
        painter.text(area.x, y, area.width, text::head(shown, usize::from(area.width)), role);
        if has_focus && at == line_of_cursor {
            painter.cursor(area.x + u16::try_from(column).unwrap_or(0), y);
        }
    }
    let bar = Area::new(area.right(), area.y, 1, area.height);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    scrollbar::draw(bar, count(text.top()), u32::from(area.height), count(lines.len()), painter);
}

/// How often the line is quoted in which a shown line begins.
fn quote_depth(text: &str, start: usize) -> u8 {
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let signs = text[line..].chars().take_while(|letter| matches!(letter, '>' | ' '));
    u8::try_from(signs.filter(|letter| *letter == '>').count()).unwrap_or(u8::MAX)
}
