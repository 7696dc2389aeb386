//! What may follow a half-typed key, shown after it has waited.

use crate::config::{self, Role};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::overlay;

pub(in crate::view) fn draw(store: &Store, painter: &mut Painter<'_>) {
    let rows = store.continuations();
    if rows.is_empty() {
        return;
    }
    let keys = config::keys_text(store.pending_keys());
    let title = match store.keymap().title_of(store.pending_keys()) {
        Some(title) => format!("{keys}  {title}"),
        None => keys,
    };
    let size = store.session.size;
    let keys_width = rows.iter().map(|(keys, _)| columns(keys)).max().unwrap_or(0);
    let longest = rows.iter().map(|(_, row)| keys_width + 2 + columns(row.title)).max().unwrap_or(0);
    let room = size.height.saturating_sub(6).max(1);
    let columns_needed = u16::try_from(rows.len()).unwrap_or(1).div_ceil(room);
    let height = u16::try_from(rows.len()).unwrap_or(1).div_ceil(columns_needed);
    let width = (longest + 2) * columns_needed + 4;
    let bottom = size.height.saturating_sub(2);
    let area = Area::new(
        size.width.saturating_sub(width + 2),
        bottom.saturating_sub(height + 2),
        width.min(size.width),
        height + 2,
    );
    let inside = overlay::open(area, &title, "", painter);
    for (at, (keys, row)) in (0u16..).zip(&rows) {
        let x = inside.x + 1 + at / height * (longest + 2);
        let y = inside.y + at % height;
        painter.text(x, y, longest, keys, Role::HintKey);
        painter.text(x + keys_width + 2, y, longest, row.title, Role::Text);
        painter.hit(Area::new(x, y, longest, 1), Target::Command(row.id));
    }
}
