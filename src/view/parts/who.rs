//! A line of people to choose from: initials, presence where it is known, with its age where that is old, name and address; or a
//! group.

use crate::config::Role;
use crate::domain::time::relative_age;
use crate::state::completion::Completion;
use crate::state::geometry::Area;
use crate::state::presences::OLD;
use crate::state::session::Session;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{avatar, presence};

pub(in crate::view) fn draw(line: &Completion<'_>, session: &Session, row: Area, painter: &mut Painter<'_>) {
    avatar::draw(row.x, row.y, line.name(), &line.note(), painter);
    let now = painter.context.now;
    let seen = match line {
        Completion::Person(person) => session.presences.of(&person.id),
        Completion::Group(_) => None,
    };
    let mut age = String::new();
    if let Some(known) = seen {
        let (sign, role) = presence::dot(seen, painter);
        painter.text(row.x + 5, row.y, 1, sign, role);
        if now.duration_since(known.as_of) > OLD {
            age = format!("{} ago", relative_age(known.as_of, now));
        }
    }
    let half = row.width.saturating_sub(8) / 2;
    painter.text(row.x + 7, row.y, half.saturating_sub(1), line.name(), Role::Text);
    let right = painter.text_right(row.right(), row.y, columns(&age), &age, Role::Quiet);
    let x = row.x + 7 + half;
    painter.text(x, row.y, right.saturating_sub(x + u16::from(!age.is_empty())).min(half), &line.note(), Role::Quiet);
}
