//! The first line: the views as words with their digit, and at the right who, where and when.

use crate::config::Role;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::surface::View;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::words;

pub(in crate::view) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    painter.tint(area, Role::Header);
    let is_narrow = area.width < 80;
    let mut x = area.x;
    for view in View::ALL {
        let title = if is_narrow { short(view) } else { view.title() };
        // A view without its permission is marked; the key of the same sign explains it.
        let is_closed = view != View::Home && view.feature().is_some_and(|feature| !store.is_open(feature));
        let mark = if is_closed { painter.signs().important } else { " " };
        let word = format!(" {} {title}{mark}", view.digit());
        let width = columns(&word);
        if x + width > area.right() {
            break;
        }
        if view == store.view() {
            painter.text(x, area.y, width, &word, Role::HeaderCurrent);
        } else {
            painter.text(x, area.y, 2, &word[..2], Role::HintKey);
            painter.text(x + 2, area.y, width - 2, &word[2..], Role::HintWord);
        }
        painter.hit(Area::new(x, area.y, width, 1), Target::View(view));
        x += width;
    }
    right_side(store, area, x + 1, painter);
}

const fn short(view: View) -> &'static str {
    match view {
        View::Calendar => "Cal",
        View::FindTime => "Find",
        _ => view.title(),
    }
}

/// From right to left as far as there is room: time, date, place, account.
fn right_side(store: &Store, area: Area, from: u16, painter: &mut Painter<'_>) {
    let wall = crate::view::wall(painter, painter.context.now);
    let clock = words::clock(painter.context.now, painter.context.zone);
    let date = if area.width >= 110 { wall.strftime("%a %-d %b %Y") } else { wall.strftime("%a %-d %b") }.to_string();
    let city = words::city(painter.context.zone);
    let second = store
        .session
        .second_zone
        .as_ref()
        .map(|zone| format!("{} {}", words::city(zone), words::clock(painter.context.now, zone)));
    let account = store.session.my_address().to_owned();
    // Nobody stands behind what is shown, and nobody may take it for their own mailbox: said before anything that may be left out.
    let badge = store.session.is_service().then(|| (" SERVICE ".to_owned(), Role::HeaderCurrent));
    let parts = [(date, Role::HintWord), (city, Role::HintWord)];
    let more = second.into_iter().chain((!account.is_empty()).then_some(account)).map(|text| (text, Role::HintWord));
    let parts = [(clock, Role::Text)].into_iter().chain(badge).chain(parts);
    let mut right = area.right().saturating_sub(1);
    for (text, role) in parts.chain(more) {
        let width = columns(&text);
        if right < from + width {
            break;
        }
        painter.text(right - width, area.y, width, &text, role);
        right = right.saturating_sub(width + 2);
    }
}
