//! The card of a permission that is missing.

use crate::base::text::wrap;
use crate::config::{self, Role};
use crate::domain::consent::Offer;
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::missing::{MissingCard, command};
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::overlay;

/// Columns of the names at the left.
const NAMES: u16 = 12;

pub(super) fn draw(card: &MissingCard, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(80);
    let room = usize::from(width.saturating_sub(4 + NAMES));
    let missing = card.missing();
    let mut lines: Vec<(&str, String, Role)> = Vec::new();
    let mut push = |name: &'static str, words: &str, role: Role| {
        for (at, line) in wrap(words, room).into_iter().enumerate() {
            lines.push((if at == 0 { name } else { "" }, line, role));
        }
    };
    push("Opens", missing.tier.opens(), Role::Text);
    for permission in &missing.permissions {
        push("Needs", permission.name, Role::Accent);
        push("For", permission.reason, Role::Text);
        push("Exposes", permission.risk, Role::Text);
    }
    let is_nobodys = missing.offers.iter().all(|offer| *offer == Offer::NotNow);
    let grantor = match is_nobodys {
        true => "Nobody: a personal account belongs to no organisation.",
        false => missing.grantor.sentence(),
    };
    push("Granted by", grantor, Role::Text);
    let offers = u16::try_from(missing.offers.len()).unwrap_or(0);
    let needed = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(offers + 3);
    let title = format!("{} may not be read yet", missing.tier.title());
    let inside = overlay::open(body.centred(width, needed.min(body.height)), &title, "needs a permission", painter);
    let (text, choices) = inside.split_bottom(offers + 1);
    for (y, (name, words, role)) in (text.y..text.bottom()).zip(&lines) {
        painter.text(text.x, y, NAMES, name, Role::Quiet);
        painter.text(text.x + NAMES, y, text.width.saturating_sub(NAMES), words, *role);
    }
    for ((y, at), offer) in (choices.y + 1..choices.bottom()).zip(0usize..).zip(&missing.offers) {
        let row = Area { y, height: 1, ..choices };
        let keys = store.keymap().keys_of(command(*offer), KeyContext::Missing).map(config::keys_text);
        painter.text(row.x + 2, y, 3, &keys.unwrap_or_default(), Role::HintKey);
        painter.text(row.x + 6, y, 24, offer.sentence(), Role::Text);
        let note = match offer {
            Offer::AskNow => "signs in for it; what you have stays",
            Offer::AskAdministrator => "shows a finished request to copy",
            Offer::NotNow => "nothing more of it until tomorrow",
        };
        painter.text(row.x + 30, y, row.width.saturating_sub(30), note, Role::Quiet);
        if at == card.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
}
