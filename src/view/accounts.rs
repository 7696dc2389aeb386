//! The panel of accounts: one line each, and below them the one under the cursor in full.

use crate::base::text::wrap;
use crate::config::Role;
use crate::domain::account::AccountKind;
use crate::state::accounts::{AccountsPanel, facts, kind_words};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::overlay;

/// Columns of a fact's name.
const NAMES: u16 = 12;
/// Accounts shown at once; more are scrolled to.
const MOST_ROWS: usize = 8;

pub(super) fn draw(panel: &AccountsPanel, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(92);
    let room = usize::from(width.saturating_sub(4 + NAMES));
    let known = store.session.accounts.value().map_or(&[][..], |accounts| accounts.known.as_slice());
    let mut lines: Vec<(&str, String)> = Vec::new();
    for (name, words) in facts(panel, &store.session, painter.context.now, painter.context.zone) {
        for (at, line) in wrap(&words, room).into_iter().enumerate() {
            lines.push((if at == 0 { name } else { "" }, line));
        }
    }
    let rows = known.len().clamp(1, MOST_ROWS);
    let needed = u16::try_from(rows + lines.len()).unwrap_or(u16::MAX).saturating_add(3);
    let area = body.centred(width, needed.min(body.height));
    let inside = overlay::open(area, "Accounts", "", painter);
    if known.is_empty() {
        let sentence = match store.session.accounts.problem() {
            Some(report) => report.what.clone(),
            None if store.session.accounts.is_waiting() => format!("Looking{}", painter.look.ellipsis()),
            None => "Nobody is signed in here.".to_owned(),
        };
        painter.text(inside.x, inside.y, inside.width, &sentence, Role::Quiet);
        painter.cursor(inside.x, inside.y);
        return;
    }
    let (list, detail) = inside.split_top(u16::try_from(rows).unwrap_or(u16::MAX));
    draw_list(panel, store, list, painter);
    overlay::rule(detail, detail.y, painter);
    let (_, detail) = detail.split_top(1);
    for (y, (name, words)) in (detail.y..detail.bottom()).zip(&lines) {
        painter.text(detail.x, y, NAMES, name, Role::Quiet);
        painter.text(detail.x + NAMES, y, detail.width.saturating_sub(NAMES), words, Role::Text);
    }
}

fn draw_list(panel: &AccountsPanel, store: &Store, area: Area, painter: &mut Painter<'_>) {
    let Some(accounts) = store.session.accounts.value() else { return };
    let at = panel.at(accounts);
    let first = at.saturating_sub(usize::from(area.height).saturating_sub(1));
    for ((y, place), known) in (area.y..area.bottom()).zip(first..).zip(accounts.known.iter().skip(first)) {
        let row = Area { y, height: 1, ..area };
        let account = &known.account;
        let is_in_use = Some(&account.key) == accounts.in_use.as_ref();
        let shown = if account.address.is_empty() { &account.name } else { &account.address };
        let state = if known.is_lost {
            ("sign in again", Role::Warning)
        } else if is_in_use {
            ("in use", Role::Success)
        } else {
            ("", Role::Quiet)
        };
        let right = painter.text_right(row.right(), y, columns(state.0), state.0, state.1);
        let taken = painter.text(row.x + 2, y, row.width.saturating_sub(2), shown, Role::Text);
        let mut note = kind_words(account.kind).to_owned();
        if !account.address.is_empty() && account.kind != AccountKind::Service {
            note = format!("{}, {note}", account.name);
        }
        let x = row.x + 2 + taken + 3;
        painter.text(x, y, right.saturating_sub(x + 2), &note, Role::Quiet);
        if place == at {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(place));
    }
}
