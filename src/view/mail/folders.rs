//! The folder tree with unread counts.

use crate::config::Role;
use crate::state::geometry::Area;
use crate::state::mail::folders::branches;
use crate::state::store::Store;
use crate::state::surface::{Pane, Surface};
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::{empty, pane, words};

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let mail = &store.screens.mail;
    let has_focus = mail.pane() == Pane::Folders && store.layers.is_empty();
    let inside = pane::open(area, "Folders", "", has_focus, painter);
    pane::hit(inside, Pane::Folders, painter);
    let Some(folders) = store.session.folders.value() else {
        let sentence = if store.session.folders.problem().is_some() { "No folders." } else { "" };
        return empty::draw(store, inside, sentence, None, painter);
    };
    let branches = branches(folders);
    let cursor = branches.iter().position(|branch| Some(&branch.folder.id) == mail.folders.cursor.as_ref());
    let rows = usize::from(inside.height);
    let top = cursor.unwrap_or(0).saturating_sub(rows.saturating_sub(1));
    for (y, branch) in (inside.y..inside.bottom()).zip(branches.iter().skip(top)) {
        let is_open = mail.list.folder() == Some(&branch.folder.id);
        let indent = u16::try_from(branch.depth * 2).unwrap_or(0).min(area.width / 3);
        let count = if branch.folder.unread > 0 { words::count(branch.folder.unread) } else { String::new() };
        let right = painter.text_right(inside.right().saturating_sub(1), y, 8, &count, Role::Unread);
        let x = inside.x + 2 + indent;
        let role = if is_open { Role::Accent } else { Role::Text };
        painter.text(x, y, right.saturating_sub(x + 1), &branch.folder.name, role);
        let line = Area::new(inside.x, y, inside.width, 1);
        if is_open {
            painter.text(inside.x, y, 1, painter.signs().bar, Role::Accent);
        }
        if has_focus && Some(&branch.folder.id) == mail.folders.cursor.as_ref() {
            painter.select(line);
            painter.sign(inside.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(x, y);
        }
        painter.hit(line, Target::Folder(branch.folder.id.clone()));
    }
}
