//! The outbox: one line a change, and below them the one under the cursor in full.

use crate::base::text::wrap;
use crate::config::Role;
use crate::domain::intent::{ItemState, OutboxItem, Trouble};
use crate::state::geometry::Area;
use crate::state::outbox::OutboxPanel;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{overlay, words};

/// Columns of a fact's name.
const NAMES: u16 = 10;

pub(super) fn draw(panel: &OutboxPanel, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(92);
    let room = usize::from(width.saturating_sub(4 + NAMES));
    let facts: Vec<(&str, String)> = panel.current().map_or_else(Vec::new, |item| facts(item, painter));
    let mut lines: Vec<(&str, String)> = Vec::new();
    for (name, words) in facts {
        for (at, line) in wrap(&words, room).into_iter().enumerate() {
            lines.push((if at == 0 { name } else { "" }, line));
        }
    }
    let items = panel.items();
    let most = usize::from(body.height / 2).max(3);
    let rows = items.len().clamp(1, most);
    let needed = u16::try_from(rows + lines.len()).unwrap_or(u16::MAX).saturating_add(3);
    let note = if items.is_empty() { String::new() } else { items.len().to_string() };
    let inside = overlay::open(body.centred(width, needed.min(body.height)), "Outbox", &note, painter);
    if items.is_empty() {
        let sentence = match panel.problem() {
            Some(report) => report.what.clone(),
            None if panel.is_asking() => format!("Looking{}", painter.look.ellipsis()),
            None => "Nothing waits: the service has everything.".to_owned(),
        };
        painter.text(inside.x, inside.y, inside.width, &sentence, Role::Quiet);
        painter.cursor(inside.x, inside.y);
        return;
    }
    let (list, detail) = inside.split_top(u16::try_from(rows).unwrap_or(u16::MAX));
    let first = panel.at().saturating_sub(usize::from(list.height).saturating_sub(1));
    for ((y, at), item) in (list.y..list.bottom()).zip(first..).zip(items.iter().skip(first)) {
        let row = Area { y, height: 1, ..list };
        let (state, role) = state(item, painter);
        let right = painter.text_right(row.right(), y, columns(&state), &state, role);
        painter.text(row.x + 2, y, right.saturating_sub(row.x + 4), &item.words, Role::Text);
        if at == panel.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
    overlay::rule(detail, detail.y, painter);
    let (_, detail) = detail.split_top(1);
    for (y, (name, words)) in (detail.y..detail.bottom()).zip(&lines) {
        painter.text(detail.x, y, NAMES, name, Role::Quiet);
        painter.text(detail.x + NAMES, y, detail.width.saturating_sub(NAMES), words, Role::Text);
    }
}

/// How far it has come, in a few words.
fn state(item: &OutboxItem, painter: &Painter<'_>) -> (String, Role) {
    let now = painter.context.now;
    match item.state {
        ItemState::Held { until } => {
            (format!("goes in {} s", until.duration_since(now).as_secs().max(0)), Role::Accent)
        }
        ItemState::Waiting => match item.next_try.filter(|at| *at > now) {
            Some(at) => (format!("tries again {}", words::clock(at, painter.context.zone)), Role::Quiet),
            None => ("waits".to_owned(), Role::Quiet),
        },
        ItemState::UnderWay => ("under way".to_owned(), Role::Quiet),
        ItemState::Done => ("done".to_owned(), Role::Success),
        ItemState::NeedsPerson(trouble) => (
            match trouble {
                Trouble::Gone => "it is gone",
                Trouble::ChangedElsewhere => "changed elsewhere",
                Trouble::Refused => "refused",
                Trouble::Unclear => "nobody knows",
            }
            .to_owned(),
            Role::Warning,
        ),
    }
}

/// Everything known of a change, name and words.
fn facts(item: &OutboxItem, painter: &Painter<'_>) -> Vec<(&'static str, String)> {
    let zone = painter.context.zone;
    let mut facts = vec![("Change", item.words.clone())];
    let wanted = words::moment(item.made, painter.context.now, zone);
    facts.push(("Wanted", wanted));
    if item.attempts > 0 {
        facts.push(("Attempts", item.attempts.to_string()));
    }
    if let Some(at) = item.next_try.filter(|at| *at > painter.context.now) {
        facts.push(("Next try", words::clock(at, zone)));
    }
    if let Some(report) = &item.report {
        facts.push(("Reason", report.what.clone()));
        if !report.why.is_empty() {
            facts.push(("", report.why.clone()));
        }
    }
    let next = item.report.as_ref().map_or(&[][..], |report| report.next.as_slice());
    for (at, step) in next.iter().enumerate() {
        facts.push((if at == 0 { "Next" } else { "" }, step.clone()));
    }
    facts
}
