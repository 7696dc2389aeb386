//! The doctor's panel: the checks, and below them the one under the cursor in full.

use crate::base::text::wrap;
use crate::config::Role;
use crate::domain::check::{CheckResult, Outcome};
use crate::state::doctor::Doctor;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{overlay, scrollbar};

/// Rows kept for the check under the cursor.
const DETAIL: u16 = 8;

pub(super) fn draw(doctor: &Doctor, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let rows = u16::try_from(doctor.checks().len()).unwrap_or(u16::MAX).max(1);
    let height = rows.saturating_add(DETAIL + 3).min(body.height);
    let area = body.centred(body.width.saturating_sub(4).min(104), height);
    let inside = overlay::open(area, "Doctor", &doctor.summary(), painter);
    if doctor.checks().is_empty() {
        let (sentence, role) = match doctor.diagnosis().problem() {
            Some(report) => (report.what.as_str(), Role::Error),
            None => ("Looking at terminal, configuration, clock, network, sign-in and permissions.", Role::Quiet),
        };
        for (y, line) in (inside.y..inside.bottom()).zip(wrap(sentence, usize::from(inside.width))) {
            painter.text(inside.x, y, inside.width, &line, role);
        }
        painter.cursor(inside.x, inside.y);
        return;
    }
    let (list, detail) = inside.split_bottom(DETAIL.min(inside.height / 2) + 1);
    draw_list(doctor, list, painter);
    overlay::rule(detail, detail.y, painter);
    let (_, detail) = detail.split_top(1);
    if let Some(check) = doctor.chosen() {
        draw_check(check, detail, painter);
    }
}

fn draw_list(doctor: &Doctor, area: Area, painter: &mut Painter<'_>) {
    let checks = doctor.checks();
    let room = usize::from(area.height);
    let first = doctor.at().saturating_sub(room.saturating_sub(1));
    let titles = checks.iter().map(|check| columns(check.title)).max().unwrap_or(0).min(area.width / 3);
    for ((y, at), check) in (area.y..area.bottom()).zip(first..).zip(checks.iter().skip(first)) {
        let row = Area { y, height: 1, ..area };
        let (sign, role) = sign(check.outcome, painter);
        painter.text(row.x + 2, y, 1, sign, role);
        painter.text(row.x + 4, y, titles, check.title, Role::Text);
        let x = row.x + 4 + titles + 2;
        let words = if check.outcome == Outcome::Passed { Role::Quiet } else { Role::Text };
        painter.text(x, y, row.right().saturating_sub(x), &check.reason, words);
        if at == doctor.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(at));
    }
    let counts = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let bar = Area::new(area.right(), area.y, 1, area.height);
    scrollbar::draw(bar, counts(first), counts(room), counts(checks.len()), painter);
}

/// The sign of a result; each is another letter, so that it is told without colours.
fn sign(outcome: Outcome, painter: &Painter<'_>) -> (&'static str, Role) {
    let signs = painter.signs();
    match outcome {
        Outcome::Passed => (signs.passed, Role::Success),
        Outcome::Skipped => (signs.dot, Role::Quiet),
        Outcome::Warning => (signs.important, Role::Warning),
        Outcome::Failed => (signs.failed, Role::Error),
    }
}

fn draw_check(check: &CheckResult, area: Area, painter: &mut Painter<'_>) {
    let width = usize::from(area.width);
    let mut lines: Vec<(String, Role)> = Vec::new();
    lines.push((format!("{}: {}", check.title, check.outcome.word()), sign(check.outcome, painter).1));
    lines.extend(wrap(&check.reason, width).into_iter().map(|line| (line, Role::Text)));
    for step in &check.remedy {
        for (at, line) in wrap(step, width.saturating_sub(2)).into_iter().enumerate() {
            let bullet = if at == 0 { painter.signs().arrow } else { " " };
            lines.push((format!("{bullet} {line}"), Role::Accent));
        }
    }
    lines.extend(check.details.iter().map(|(name, value)| (format!("{name}  {value}"), Role::Quiet)));
    let room = usize::from(area.height);
    if lines.len() > room {
        lines.truncate(room.saturating_sub(1));
        lines.push((format!("enter shows all of it {}", painter.signs().arrow), Role::Quiet));
    }
    for (y, (line, role)) in (area.y..area.bottom()).zip(&lines) {
        painter.text(area.x, y, area.width, line, *role);
    }
}
