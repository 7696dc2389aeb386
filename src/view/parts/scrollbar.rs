//! A scrollbar in one column: only a thumb, and only when there is more than fits.

use crate::config::Role;
use crate::state::geometry::Area;
use crate::view::painter::Painter;

/// Draws the thumb in `area`, one column wide: `shown` of `total` lines are in sight, `above` of them lie above.
pub(in crate::view) fn draw(area: Area, above: u32, shown: u32, total: u32, painter: &mut Painter<'_>) {
    if total <= shown || area.is_empty() {
        return;
    }
    let height = u64::from(area.height);
    let (above, shown, total) = (u64::from(above), u64::from(shown), u64::from(total));
    let length = (height * shown / total).clamp(1, height);
    let hidden = total - shown;
    let offset = (above.min(hidden) * (height - length) + hidden / 2) / hidden;
    let top = area.y + u16::try_from(offset).unwrap_or(0);
    let thumb = Area::new(area.x, top, 1, u16::try_from(length).unwrap_or(1));
    painter.down(thumb, painter.signs().thumb, Role::Line);
}
