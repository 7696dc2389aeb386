//! Help: keys by group in one, two or three columns, and what the signs mean.

use crate::config::Role;
use crate::state::command::Group;
use crate::state::geometry::Area;
use crate::state::help::{Help, HelpRow};
use crate::state::keys::KeyContext;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{field, overlay};

/// Columns of keys before what they do.
const KEYS: u16 = 15;

/// A line of help on the screen.
enum Line<'a> {
    Title(Group),
    Row(usize, &'a HelpRow),
    Blank,
}

pub(super) fn draw(help: &Help, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let area = body.centred(body.width.saturating_sub(4).min(112), body.height.saturating_sub(1));
    let title = format!("Help: {}", help.place.title());
    let inside = overlay::open(area, &title, "enter runs the line", painter);
    let (top, inside) =
        if help.is_typing() || !help.filter().is_empty() { inside.split_top(2) } else { inside.split_top(0) };
    if top.height > 0 {
        let taken = painter.text(top.x, top.y, 2, "/", Role::Accent);
        field::draw(top.x + taken + 1, top.y, top.width - 3, help.filter(), "Filter", help.is_typing(), painter);
    }
    let (rest, signs) = inside.split_bottom(if inside.height > 12 { 2 } else { 0 });
    let (list, explained) = rest.split_bottom(2);
    draw_rows(help, list, painter);
    if let Some(row) = help.shown().get(help.at()) {
        overlay::rule(explained, explained.y, painter);
        painter.text(explained.x + 1, explained.y + 1, explained.width, row.help, Role::Quiet);
    }
    draw_signs(help.place, signs, painter);
}

fn draw_rows(help: &Help, area: Area, painter: &mut Painter<'_>) {
    let shown = help.shown();
    let across = (area.width / 50).clamp(1, 3);
    let width = area.width / across;
    let height = usize::from(area.height).max(1);
    let lines = lines_of(&shown, height);
    let at = lines.iter().position(|line| matches!(line, Line::Row(at, _) if *at == help.at())).unwrap_or(0);
    // The columns scroll together, a whole column at a time.
    let column_of_cursor = at / height;
    let first = column_of_cursor.saturating_sub(usize::from(across) - 1) * height;
    for (place, line) in lines.iter().skip(first).take(height * usize::from(across)).enumerate() {
        let column = u16::try_from(place / height).unwrap_or(0);
        let row = u16::try_from(place % height).unwrap_or(0);
        let cell = Area::new(area.x + column * width, area.y + row, width.saturating_sub(1), 1);
        draw_line(line, help, cell, painter);
    }
    if shown.is_empty() {
        painter.text(area.x, area.y, area.width, "No line holds these words.", Role::Quiet);
    }
}

/// The lines for columns of `height` lines. No heading stands alone at the foot of a column, no gap at its head.
fn lines_of<'a>(shown: &[&'a HelpRow], height: usize) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut group = None;
    for (at, row) in shown.iter().enumerate() {
        if group != Some(row.group) {
            if lines.len() % height != 0 {
                lines.push(Line::Blank);
            }
            if lines.len() % height == height - 1 {
                lines.push(Line::Blank);
            }
            lines.push(Line::Title(row.group));
            group = Some(row.group);
        }
        lines.push(Line::Row(at, row));
    }
    lines
}

fn draw_line(line: &Line<'_>, help: &Help, cell: Area, painter: &mut Painter<'_>) {
    match line {
        Line::Blank => {}
        Line::Title(group) => {
            painter.text(cell.x + 1, cell.y, cell.width, group.title(), Role::Title);
        }
        Line::Row(at, row) => {
            painter.text(cell.x + 1, cell.y, KEYS - 1, &row.keys, Role::HintKey);
            painter.text(cell.x + 1 + KEYS, cell.y, cell.width.saturating_sub(KEYS + 2), row.title, Role::Text);
            if *at == help.at() {
                painter.select(cell);
                if !help.is_typing() {
                    painter.cursor(cell.x, cell.y);
                }
            }
            painter.hit(cell, Target::Entry(*at));
        }
    }
}

/// What the signs of that place mean.
fn draw_signs(place: KeyContext, area: Area, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    overlay::rule(area, area.y, painter);
    let signs = painter.signs();
    let meanings: Vec<(&str, Role, &str)> = match place {
        KeyContext::Mail | KeyContext::Home => vec![
            (signs.unread, Role::Unread, "unread"),
            (signs.flagged, Role::Flagged, "flagged"),
            (signs.important, Role::Warning, "important"),
            (signs.invitation, Role::Accent, "meeting"),
            (signs.attachment, Role::Quiet, "attachment"),
            (signs.draft, Role::Quiet, "draft"),
            (signs.external, Role::External, "from outside"),
        ],
        KeyContext::People | KeyContext::Card => vec![
            (signs.presence[0], Role::PresenceAvailable, "available"),
            (signs.presence[1], Role::PresenceBusy, "busy"),
            (signs.presence[2], Role::PresenceAway, "away"),
            (signs.presence[3], Role::PresenceOffline, "offline"),
            (signs.presence[4], Role::PresenceDoNotDisturb, "do not disturb"),
            (signs.presence[5], Role::Unknown, "unknown"),
        ],
        _ => vec![
            (signs.busy, Role::Busy, "busy"),
            (signs.tentative, Role::Tentative, "tentative"),
            (signs.away, Role::Away, "out of office"),
            (signs.elsewhere, Role::Elsewhere, "working elsewhere"),
            (signs.free, Role::Free, "free"),
            (signs.unknown, Role::Unknown, "not known"),
        ],
    };
    let mut x = area.x + 1;
    for (sign, role, meaning) in meanings {
        if x + 2 + columns(meaning) > area.right() {
            break;
        }
        painter.text(x, area.y + 1, 1, sign, role);
        x += 2 + painter.text(x + 2, area.y + 1, area.right().saturating_sub(x + 2), meaning, Role::Quiet) + 3;
    }
}
