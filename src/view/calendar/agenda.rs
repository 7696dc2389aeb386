//! The agenda: two weeks as a list, a heading a day.

use super::cards;
use crate::config::Role;
use crate::domain::event::{Event, When};
use crate::domain::time::add_days;
use crate::state::calendar::Calendar;
use crate::state::geometry::Area;
use crate::state::target::Target;
use crate::state::when;
use crate::view::painter::Painter;
use crate::view::parts::words;
use jiff::civil::Date;

/// Columns of the times.
const TIMES: u16 = 13;

enum Line<'a> {
    Day(Date),
    Event(Date, &'a Event),
    Nothing,
    Blank,
}

pub(super) fn draw(calendar: &Calendar, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let Some((from, days)) = calendar.shown() else { return };
    let zone = painter.context.zone;
    let mut lines = Vec::new();
    for day in (0..days).map(|step| add_days(from, step)) {
        lines.push(Line::Day(day));
        let before = lines.len();
        lines.extend(calendar.on(day, zone).map(|event| Line::Event(day, event)));
        if lines.len() == before {
            lines.push(Line::Nothing);
        }
        lines.push(Line::Blank);
    }
    let is_chosen = |line: &Line<'_>| match line {
        Line::Event(day, event) => {
            calendar.day() == Some(*day) && calendar.selected().is_some_and(|selected| selected.id == event.id)
        }
        _ => false,
    };
    let at = lines.iter().position(is_chosen).unwrap_or(0);
    let rows = usize::from(area.height);
    let top = at.saturating_sub(rows * 2 / 3).min(lines.len().saturating_sub(rows));
    for (y, line) in (area.y..area.bottom()).zip(lines.iter().skip(top)) {
        let row = Area { y, height: 1, ..area };
        match line {
            Line::Blank => {}
            Line::Nothing => {
                painter.text(row.x + 3, y, row.width, "nothing", Role::Quiet);
            }
            Line::Day(day) => {
                let today = when::date(painter.context.now, zone);
                let role = if *day == today { Role::Today } else { Role::TitleQuiet };
                painter.text(row.x + 1, y, row.width, &words::day(*day, today), role);
            }
            Line::Event(day, event) => {
                draw_event(event, *day, row, painter);
                if is_chosen(line) {
                    painter.select(row);
                    painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
                    if has_focus {
                        painter.cursor(row.x, y);
                    }
                }
                painter.hit(row, Target::Event(event.id.clone()));
            }
        }
    }
}

fn draw_event(event: &Event, day: Date, row: Area, painter: &mut Painter<'_>) {
    let zone = painter.context.zone;
    let times = match event.when {
        When::AllDay { .. } => "all day".to_owned(),
        When::Timed(span) => {
            let begins = when::date(span.start, zone) == day;
            let ends = when::date(span.end, zone) == day;
            let clock = |at, is_here: bool| if is_here { words::clock(at, zone) } else { "     ".to_owned() };
            format!("{}{}{}", clock(span.start, begins), painter.signs().dash, clock(span.end, ends))
        }
    };
    let is_past = cards::is_past(event, painter);
    painter.text(row.x + 3, row.y, TIMES, &times, if is_past { Role::Past } else { Role::Text });
    let x = row.x + 3 + TIMES;
    let style = painter.style(cards::bar_role(event));
    painter.sign(x, row.y, cards::bar(event, painter), style);
    let room = row.right().saturating_sub(x + 3);
    let taken = painter.styled(x + 2, row.y, room, &cards::title(event, painter), cards::title_style(event, painter));
    if !event.location.is_empty() && taken + 8 < room {
        painter.text(x + 2 + taken + 2, row.y, room - taken - 2, &event.location, Role::Quiet);
    }
}
