//! The error card: what happened, why, what to do, details. The next step is its brightest words.

use crate::base::text::wrap;
use crate::config::{self, Role};
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::problem::ProblemCard;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::{overlay, words};

pub(super) fn draw(card: &ProblemCard, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(6).min(76);
    let inside_width = usize::from(width.saturating_sub(4));
    let mut lines: Vec<(String, Role)> = Vec::new();
    lines.extend(wrap(&card.report.what, inside_width).into_iter().map(|line| (line, Role::Error)));
    if !card.report.why.is_empty() {
        lines.push((String::new(), Role::Text));
        lines.extend(wrap(&card.report.why, inside_width).into_iter().map(|line| (line, Role::Text)));
    }
    if !card.report.next.is_empty() {
        lines.push((String::new(), Role::Text));
        for step in &card.report.next {
            let bullet = painter.signs().arrow;
            for (at, line) in wrap(step, inside_width.saturating_sub(2)).into_iter().enumerate() {
                lines.push((format!("{} {line}", if at == 0 { bullet } else { " " }), Role::Accent));
            }
        }
    }
    if !card.report.details.is_empty() {
        lines.push((String::new(), Role::Text));
        for (name, value) in &card.report.details {
            let room = inside_width.saturating_sub(crate::base::text::width(name) + 2).max(8);
            for (at, line) in wrap(value, room).into_iter().enumerate() {
                lines.push((if at == 0 { format!("{name}  {line}") } else { format!("  {line}") }, Role::Quiet));
            }
        }
    }
    let remedies = u16::try_from(card.remedies().len()).unwrap_or(0);
    let needed = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(remedies + 4);
    let area = body.centred(width, needed.min(body.height));
    let note = words::clock(painter.context.now, painter.context.zone);
    let inside = overlay::open(area, "Problem", &note, painter);
    let (text_area, choices) = inside.split_bottom(remedies + 1);
    let room = usize::from(text_area.height);
    if lines.len() > room
        && let Some(last) = room.checked_sub(1).and_then(|last| lines.get_mut(last))
    {
        let keys = store.keymap().keys_of(CommandId::CopyProblem, KeyContext::Problem).map(config::keys_text);
        *last = (format!("{} {} copies all of it", painter.look.ellipsis(), keys.unwrap_or_default()), Role::Quiet);
    }
    for (y, (line, role)) in (text_area.y..text_area.bottom()).zip(&lines) {
        painter.text(text_area.x, y, text_area.width, line, *role);
    }
    draw_remedies(card, store, choices, painter);
}

fn draw_remedies(card: &ProblemCard, store: &Store, area: Area, painter: &mut Painter<'_>) {
    let place = store.focus().context();
    for ((y, at), command) in (area.y + 1..area.bottom()).zip(0usize..).zip(card.remedies()) {
        let row = Area { y, height: 1, ..area };
        let keys = store.keymap().keys_of(*command, place).map(config::keys_text);
        // The one under the cursor is taken by Enter; of the others only those with a key have one to name.
        let keys = keys.unwrap_or_else(|| if at == card.at() { "enter".to_owned() } else { String::new() });
        painter.text(row.x + 2, y, 6, &keys, Role::HintKey);
        painter.text(row.x + 9, y, row.width.saturating_sub(9), command.row().title, Role::Text);
        if at == card.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
}
