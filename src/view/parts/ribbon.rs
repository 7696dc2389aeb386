//! Free/busy as a ribbon: each state with its own fill, so that a row reads at a glance and without colour.
//!
//! Used by find time, the card and the away board. Free is the ground with a dot at the hour; what is not known is a question mark; two
//! states that a theme draws in the same style get their letters instead of blocks.

use crate::config::Role;
use crate::domain::freebusy::Cell;
use crate::domain::presence::DayState;
use crate::state::geometry::Area;
use crate::view::painter::Painter;
use ratatui::style::Color;

/// The sign and role of a state.
pub(in crate::view) fn of_cell(cell: Cell, is_hour: bool, painter: &Painter<'_>) -> (&'static str, Role) {
    let signs = painter.signs();
    match cell {
        Cell::Free => (if is_hour { signs.free } else { " " }, Role::Free),
        Cell::OffHours => (off_hours_sign(painter), Role::OffHours),
        Cell::Elsewhere => (signs.elsewhere, Role::Elsewhere),
        Cell::Tentative => (signs.tentative, Role::Tentative),
        Cell::Busy => (signs.busy, Role::Busy),
        Cell::OutOfOffice => (away_sign(painter), Role::Away),
        Cell::Unknown => (signs.unknown, Role::Unknown),
    }
}

/// The block of being away; its letter where the theme cannot tell it from busy.
fn away_sign(painter: &Painter<'_>) -> &'static str {
    if painter.style(Role::Away) == painter.style(Role::Busy) { "O" } else { painter.signs().away }
}

/// Off hours are a darker ground; a theme without grounds shows a light shade, or they would look free.
fn off_hours_sign(painter: &Painter<'_>) -> &'static str {
    let has_ground = painter.style(Role::OffHours).bg.is_some_and(|ground| ground != Color::Reset);
    if has_ground || painter.look.is_ascii { painter.signs().off_hours } else { "░" }
}

/// Draws cells from `x` on, one column each. `per_hour`: how many columns an hour takes; the dots of free time stand at hours.
pub(in crate::view) fn draw(x: u16, y: u16, cells: &[Cell], per_hour: usize, painter: &mut Painter<'_>) {
    for (at, (column, cell)) in (x..).zip(cells).enumerate() {
        let (sign, role) = of_cell(*cell, at % per_hour.max(1) == 0, painter);
        if *cell == Cell::OffHours {
            painter.ground(Area::new(column, y, 1, 1), role);
        }
        let style = painter.style(role);
        painter.sign(column, y, sign, style);
    }
}

/// Draws a day of the away board, `width` columns wide.
pub(in crate::view) fn day(x: u16, y: u16, width: u16, state: DayState, painter: &mut Painter<'_>) {
    let signs = painter.signs();
    let (sign, role) = match state {
        DayState::Here => (" ", Role::Free),
        DayState::Away => (away_sign(painter), Role::Away),
        DayState::PartAway => (signs.halves[0], Role::Away),
        DayState::Elsewhere => (signs.elsewhere, Role::Elsewhere),
        DayState::Tentative => (signs.tentative, Role::Tentative),
        DayState::OffHours => (off_hours_sign(painter), Role::OffHours),
        DayState::Unknown => (signs.unknown, Role::Unknown),
    };
    let area = Area::new(x, y, width, 1);
    match state {
        DayState::OffHours => {
            painter.ground(area, role);
            painter.across(area, sign, role);
        }
        // One sign in the middle: a row of them would shout.
        DayState::Here | DayState::Unknown => {
            let sign = if state == DayState::Here { signs.free } else { sign };
            let style = painter.style(role);
            painter.sign(x + width / 2, y, sign, style);
        }
        DayState::PartAway => {
            let half = Area::new(x, y, width.div_ceil(2), 1);
            let full = away_sign(painter);
            let sign = if full == "O" || painter.look.is_ascii { "o" } else { full };
            painter.across(half, sign, role);
        }
        DayState::Away | DayState::Elsewhere | DayState::Tentative => painter.across(area, sign, role),
    }
}

/// What the signs mean, on one line.
pub(in crate::view) fn legend(area: Area, entries: &[(Cell, &str)], painter: &mut Painter<'_>) {
    let mut x = area.x;
    for (cell, word) in entries {
        let width = u16::try_from(crate::base::text::width(word)).unwrap_or(0);
        if x + width + 2 > area.right() {
            return;
        }
        let (sign, role) = of_cell(*cell, true, painter);
        if *cell == Cell::OffHours {
            painter.ground(Area::new(x, area.y, 1, 1), role);
        }
        let style = painter.style(role);
        painter.sign(x, area.y, sign, style);
        painter.text(x + 2, area.y, width, word, Role::Quiet);
        x += width + 5;
    }
}
