//! The last calls to the service: one line each, and below them the one under the cursor in full.

use crate::base::text::wrap;
use crate::config::Role;
use crate::domain::calls::{CallEnd, CallRecord};
use crate::state::calls::{Calls, facts};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::state::when;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{overlay, scrollbar};

/// Rows kept for the call under the cursor.
const DETAIL: u16 = 9;
/// Columns of a fact's name.
const NAMES: u16 = 17;

pub(super) fn draw(calls: &Calls, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let area = body.centred(body.width.saturating_sub(4).min(112), body.height);
    let inside = overlay::open(area, "Recent calls", "nothing secret or personal", painter);
    if calls.list().is_empty() {
        let sentence = match calls.slot().problem() {
            Some(report) => report.what.as_str(),
            None => "No call was made since the program began.",
        };
        painter.text(inside.x, inside.y, inside.width, sentence, Role::Quiet);
        painter.cursor(inside.x, inside.y);
        return;
    }
    let (list, detail) = inside.split_bottom(DETAIL.min(inside.height / 2) + 1);
    draw_list(calls, list, painter);
    overlay::rule(detail, detail.y, painter);
    let (_, detail) = detail.split_top(1);
    if let Some(call) = calls.call() {
        draw_call(call, detail, painter);
    }
}

fn draw_list(calls: &Calls, area: Area, painter: &mut Painter<'_>) {
    let room = usize::from(area.height);
    let first = calls.at().saturating_sub(room.saturating_sub(1));
    for ((y, at), call) in (area.y..area.bottom()).zip(first..).zip(calls.list().iter().skip(first)) {
        let row = Area { y, height: 1, ..area };
        draw_row(call, row, painter);
        if at == calls.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
    let counts = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let bar = Area::new(area.right(), area.y, 1, area.height);
    scrollbar::draw(bar, counts(first), counts(room), counts(calls.list().len()), painter);
}

fn draw_row(call: &CallRecord, row: Area, painter: &mut Painter<'_>) {
    let time = when::wall(call.at, painter.context.zone).strftime("%H:%M:%S").to_string();
    painter.text(row.x + 2, row.y, 8, &time, Role::Quiet);
    let (sign, end, role) = match &call.end {
        end @ CallEnd::Status(status) if end.is_success() => {
            (painter.signs().passed, status.to_string(), Role::Success)
        }
        CallEnd::Status(status @ (429 | 503)) => (painter.signs().important, status.to_string(), Role::Warning),
        CallEnd::Status(status) => (painter.signs().failed, status.to_string(), Role::Error),
        CallEnd::Failed(_) => (painter.signs().failed, "none".to_owned(), Role::Error),
    };
    painter.text(row.x + 12, row.y, 1, sign, role);
    painter.text(row.x + 14, row.y, 4, &end, role);
    painter.text(row.x + 19, row.y, 6, call.method, Role::Text);
    let mut took = format!("{} ms", call.duration.as_millis());
    if call.attempt > 1 {
        took = format!("attempt {}  {took}", call.attempt);
    }
    let right = painter.text_right(row.right(), row.y, columns(&took), &took, Role::Quiet);
    let x = row.x + 26;
    painter.text(x, row.y, right.saturating_sub(x + 2), &call.path, Role::Text);
}

fn draw_call(call: &CallRecord, area: Area, painter: &mut Painter<'_>) {
    let mut y = area.y;
    let room = usize::from(area.width.saturating_sub(NAMES));
    for (name, value) in facts(call) {
        for (at, line) in wrap(&value, room).into_iter().enumerate() {
            if y >= area.bottom() {
                return;
            }
            if at == 0 {
                painter.text(area.x, y, NAMES, name, Role::Quiet);
            }
            painter.text(area.x + NAMES, y, area.width.saturating_sub(NAMES), &line, Role::Text);
            y += 1;
        }
    }
}
