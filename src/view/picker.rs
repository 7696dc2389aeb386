//! A list to choose from by typing.

use crate::config::Role;
use crate::state::geometry::Area;
use crate::state::picker::{Picker, Purpose};
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{field, overlay};

pub(super) fn draw(picker: &Picker, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let has_list = !matches!(picker.purpose(), Purpose::Select | Purpose::Number(_));
    let height = if has_list { body.height.saturating_sub(4).clamp(8, 20) } else { 5 };
    let width = body.width.saturating_sub(4).min(68);
    let inside = overlay::open(body.centred(width, height.min(body.height)), &picker.title, "", painter);
    let placeholder = match picker.purpose() {
        Purpose::Move => "Type a part of the folder's name",
        Purpose::Categorise => "Type a category, also a new one",
        Purpose::Attach => "Type a path",
        Purpose::Save | Purpose::RemoveGroup => "Type a part of the name",
        Purpose::Select => "Type words of sender, subject or text",
        Purpose::Number(_) => "Type their number; they cannot be brought back",
        Purpose::SaveGroup => "Type a name",
        Purpose::PersonGroup => "Type a group's name, also a new one",
        Purpose::Room => "Type a building or a room, and how many seats",
        Purpose::AwayOf => "Type a part of a team's or group's name",
    };
    field::draw(inside.x, inside.y, inside.width, picker.line(), placeholder, true, painter);
    let (_, rest) = inside.split_top(2);
    if !has_list {
        let words = match picker.purpose() {
            Purpose::Number(count) => {
                format!("Type {count} and press enter. They cannot be brought back, here or anywhere else.")
            }
            _ => "What is loaded of this folder is searched; enter selects.".to_owned(),
        };
        painter.text(rest.x, rest.y, rest.width, &words, Role::Quiet);
        return;
    }
    overlay::rule(inside, inside.y + 1, painter);
    if picker.count() == 0 {
        let words = match (picker.purpose(), picker.problem()) {
            (_, Some(report)) => report.what.clone(),
            (Purpose::Categorise, _) if picker.line().is_empty() => "No category is in use here yet.".to_owned(),
            (Purpose::Categorise, _) => "Enter makes this category.".to_owned(),
            (Purpose::SaveGroup | Purpose::PersonGroup, _) => "No group is saved yet; type a name for one.".to_owned(),
            _ => "Nothing is called that.".to_owned(),
        };
        painter.text(rest.x + 2, rest.y, rest.width.saturating_sub(2), &words, Role::Quiet);
        return;
    }
    let first = picker.at().saturating_sub(usize::from(rest.height).saturating_sub(1));
    for ((y, at), entry) in (rest.y..rest.bottom()).zip(first..).zip(picker.matching().skip(first)) {
        let row = Area { y, height: 1, ..rest };
        let right = painter.text_right(row.right(), y, columns(&entry.note), &entry.note, Role::Quiet);
        painter.text(row.x + 2, y, right.saturating_sub(row.x + 3), &entry.title, Role::Text);
        if at == picker.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
        }
        painter.hit(row, Target::Entry(at));
    }
}
