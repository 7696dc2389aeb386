//! The drafts of this computer, and the way to the folder of the mailbox.

use crate::config::Role;
use crate::domain::mail::FolderRole;
use crate::state::drafts::DraftsPanel;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{overlay, words};

pub(super) fn draw(panel: &DraftsPanel, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(84);
    let drafts = panel.drafts();
    let rows = u16::try_from(drafts.len() + 1).unwrap_or(u16::MAX).saturating_add(3);
    let inside = overlay::open(body.centred(width, rows.min(body.height)), "Drafts", "", painter);
    let first = panel.at().saturating_sub(usize::from(inside.height).saturating_sub(1));
    let (now, zone) = (painter.context.now, painter.context.zone);
    let folder = store.session.folder_with_role(FolderRole::Drafts);
    let folder = folder.map_or_else(
        || "Drafts folder of the mailbox".to_owned(),
        |folder| format!("{} folder of the mailbox ({})", folder.name, words::count(folder.total)),
    );
    for (y, at) in (inside.y..inside.bottom()).zip(first..=drafts.len()) {
        let row = Area { y, height: 1, ..inside };
        match drafts.get(at) {
            Some(draft) => {
                let note =
                    if draft.is_sending { "on its way".to_owned() } else { words::moment(draft.kept, now, zone) };
                let right = painter.text_right(row.right(), y, columns(&note), &note, Role::Quiet);
                let to = draft.to.first().map_or("nobody yet", |person| person.label());
                let half = row.width / 3;
                painter.text(row.x + 2, y, half.saturating_sub(3), to, Role::Quiet);
                painter.text(row.x + half, y, right.saturating_sub(row.x + half + 2), draft.label(), Role::Text);
            }
            None if panel.is_asking() => {
                let words = format!("Looking{}", painter.look.ellipsis());
                painter.text(row.x + 2, y, row.width, &words, Role::Quiet);
            }
            None => {
                painter.text(row.x + 2, y, row.width.saturating_sub(2), &folder, Role::Text);
            }
        }
        if at == panel.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
    if let Some(report) = panel.problem() {
        let (_, bottom) = inside.split_bottom(1);
        painter.text(bottom.x, bottom.y, bottom.width, &report.what, Role::Warning);
    }
}
