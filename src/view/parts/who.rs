//! A line of people to choose from: initials, presence where it is known, name and address; or a group.

use crate::config::Role;
use crate::state::completion::Completion;
use crate::state::geometry::Area;
use crate::state::session::Session;
use crate::view::painter::Painter;
use crate::view::parts::{avatar, presence};

pub(in crate::view) fn draw(line: &Completion<'_>, session: &Session, row: Area, painter: &mut Painter<'_>) {
    avatar::draw(row.x, row.y, line.name(), &line.note(), painter);
    let seen = match line {
        Completion::Person(person) => session.presences.of(&person.id),
        Completion::Group(_) => None,
    };
    if seen.is_some() {
        let (sign, role) = presence::dot(seen, painter);
        painter.text(row.x + 5, row.y, 1, sign, role);
    }
    let half = row.width.saturating_sub(8) / 2;
    painter.text(row.x + 7, row.y, half.saturating_sub(1), line.name(), Role::Text);
    painter.text(row.x + 7 + half, row.y, half, &line.note(), Role::Quiet);
}
