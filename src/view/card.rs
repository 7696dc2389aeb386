//! The person card: an overlay over any view.

use crate::state::card::PersonCard;
use crate::state::store::Store;
use crate::view::painter::Painter;
use crate::view::parts::overlay;

pub(super) fn draw(_card: &PersonCard, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    overlay::open(body.centred(78, 26), "Person", "", painter);
}
