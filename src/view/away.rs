//! The away board.

use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::view::painter::Painter;
use crate::view::parts::pane;

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    pane::open(area, store.view().title(), "", store.layers.is_empty(), painter);
}
