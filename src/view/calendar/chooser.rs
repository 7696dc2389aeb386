//! Which calendars are shown, one line each.

use crate::config::Role;
use crate::state::calendar::chooser::CalendarsPanel;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::overlay;

pub(in crate::view) fn draw(panel: &CalendarsPanel, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let calendars = panel.calendars();
    let rows = u16::try_from(calendars.len().max(1)).unwrap_or(u16::MAX).saturating_add(2);
    let width = body.width.saturating_sub(4).min(64);
    let inside = overlay::open(body.centred(width, rows.min(body.height)), "Calendars", "", painter);
    if calendars.is_empty() {
        let sentence = match panel.problem() {
            Some(report) => report.what.clone(),
            None if panel.is_asking() => format!("Looking{}", painter.look.ellipsis()),
            None => "No calendar is known yet.".to_owned(),
        };
        painter.text(inside.x, inside.y, inside.width, &sentence, Role::Quiet);
        return painter.cursor(inside.x, inside.y);
    }
    let first = panel.at().saturating_sub(usize::from(inside.height).saturating_sub(1));
    for ((y, at), (calendar, is_shown)) in (inside.y..inside.bottom()).zip(first..).zip(calendars.iter().skip(first)) {
        let row = Area { y, height: 1, ..inside };
        let mark = if *is_shown { "[x]" } else { "[ ]" };
        painter.text(row.x + 2, y, 3, mark, if *is_shown { Role::Accent } else { Role::Quiet });
        let note = match &calendar.owner {
            _ if calendar.is_default => "always shown".to_owned(),
            Some(owner) if !owner.address.eq_ignore_ascii_case(store.session.my_address()) => {
                format!("of {}", owner.label())
            }
            _ => String::new(),
        };
        let right = painter.text_right(row.right(), y, columns(&note).min(row.width / 2), &note, Role::Quiet);
        painter.text(row.x + 6, y, right.saturating_sub(row.x + 7), &calendar.name, Role::Text);
        if at == panel.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
}
