//! The links of a message: number, true host, address.

use crate::config::Role;
use crate::state::geometry::Area;
use crate::state::links::Links;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::overlay;

pub(super) fn draw(links: &Links, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let rows = u16::try_from(links.links().len()).unwrap_or(u16::MAX);
    let area = body.centred(body.width.saturating_sub(6).min(96), rows.saturating_add(2).min(body.height));
    let inside = overlay::open(area, "Open a link", "the host is where it really leads", painter);
    let first = links.at().saturating_sub(usize::from(inside.height).saturating_sub(1));
    let host_width = (inside.width / 3).clamp(12, 30);
    for ((y, at), link) in (inside.y..inside.bottom()).zip(first..).zip(links.links().iter().skip(first)) {
        let row = Area { y, height: 1, ..inside };
        painter.text_right(row.x + 5, y, 3, &(at + 1).to_string(), Role::HintKey);
        painter.text(row.x + 7, y, host_width, &link.host, Role::Text);
        let x = row.x + 8 + host_width;
        painter.text(x, y, row.right().saturating_sub(x), &link.target, Role::Quiet);
        if at == links.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
}
