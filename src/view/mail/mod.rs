//! The mail view: folders, list, reader.

mod folders;
mod list;
mod reader;
mod search;

pub(super) use list::{Columns, of_sender, row_one_line};

use crate::state::store::Store;
use crate::view::painter::Painter;
use crate::view::parts::pane;

pub(super) fn draw(store: &Store, painter: &mut Painter<'_>) {
    let areas = store.screens.mail.areas(&store.session);
    if let Some(area) = areas.folders {
        folders::draw(store, area, painter);
    }
    if let Some(area) = areas.list {
        list::draw(store, area, painter);
    }
    if let Some(area) = areas.reader {
        reader::draw(store, area, painter);
    }
    // Lines between panes come last: each begins on the rule of the panes it parts.
    if let (Some(folders), true) = (areas.folders, areas.list.is_some() || areas.reader.is_some()) {
        pane::line_after(folders, painter);
    }
    if let (Some(list), Some(_), false) = (areas.list, areas.reader, areas.is_stacked) {
        pane::line_after(list, painter);
    }
    if let Some(area) = areas.list {
        search::draw_offers(store, area, painter);
    }
}
