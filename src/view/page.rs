//! A page of text over any view.

use crate::config::Role;
use crate::state::page::{Page, Tone};
use crate::state::store::Store;
use crate::view::painter::Painter;
use crate::view::parts::{overlay, scrollbar};
use ratatui::style::Modifier;

pub(super) fn draw(page: &Page, store: &Store, painter: &mut Painter<'_>) {
    let inside = overlay::open(page.area(&store.session), &page.title, "", painter);
    let (text, _) = inside.split_left(inside.width.saturating_sub(1));
    let lines = page.laid(usize::from(text.width));
    let shown = usize::from(text.height);
    let top = page.top(lines.len(), shown);
    for (y, line) in (text.y..text.bottom()).zip(lines.iter().skip(top)) {
        for (column, words, tone) in line {
            let x = text.x.saturating_add(u16::try_from(*column).unwrap_or(u16::MAX));
            let (words, style) = match tone {
                Tone::Bullet => (painter.signs().arrow, painter.style(Role::Accent)),
                Tone::Title => (words.as_str(), painter.style(Role::Title).add_modifier(Modifier::BOLD)),
                Tone::Text => (words.as_str(), painter.style(Role::Text)),
                Tone::Name => (words.as_str(), painter.style(Role::Quiet)),
                Tone::Step => (words.as_str(), painter.style(Role::Accent)),
                Tone::Verbatim => (words.as_str(), painter.style(Role::Link)),
            };
            painter.styled(x, y, text.right().saturating_sub(x), words, style);
        }
    }
    painter.cursor(text.x, text.y);
    let counts = |lines: usize| u32::try_from(lines).unwrap_or(u32::MAX);
    let bar = crate::state::geometry::Area::new(inside.right(), inside.y, 1, inside.height);
    scrollbar::draw(bar, counts(top), counts(shown), counts(lines.len()), painter);
}
