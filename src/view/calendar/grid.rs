//! The grid: days beside each other, hours downwards, overlapping events sharing the width.

use super::cards;
use crate::config::Role;
use crate::domain::event::{Event, When};
use crate::domain::time::add_days;
use crate::state::calendar::lanes::{Lane, Stretch, lanes};
use crate::state::calendar::{Calendar, end_minute, start_minute};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::state::when;
use crate::view::painter::Painter;
use crate::view::parts::words;
use jiff::civil::{Date, Weekday};

/// Columns of one zone's hours.
const HOURS: u16 = 6;

/// The marked range over its day, with its times in its first row.
fn draw_mark(calendar: &Calendar, plan: &Plan, has_focus: bool, painter: &mut Painter<'_>) {
    let (Some((day, from, to)), Some(words)) = (calendar.marked(), calendar.marked_words()) else { return };
    let Some((_, column)) = plan.days.iter().find(|(each, _)| *each == day) else { return };
    let inside = Area { x: column.x + 1, width: column.width.saturating_sub(1), ..*column };
    let stretch = Stretch { start: from, end: to };
    let Some(area) = place(stretch, Lane { index: 0, of: 1 }, inside, plan) else { return };
    for y in area.y..area.bottom() {
        let row = Area { y, height: 1, ..area };
        painter.ground(row, Role::Selection);
        painter.text(row.x, y, row.width, &" ".repeat(usize::from(row.width)), Role::Selection);
    }
    painter.sign(area.x, area.y, painter.signs().cursor, painter.style(Role::Selection));
    let room = area.width.saturating_sub(2);
    painter.text(area.x + 2, area.y, room, crate::base::text::head(&words, usize::from(room)), Role::Selection);
    if has_focus {
        painter.cursor(area.x, area.y);
    }
}

/// Where everything of the grid stands.
struct Plan {
    /// Hours of the own zone, and of the second where it is shown.
    gutter: Area,
    has_second: bool,
    names: Area,
    all_day: Area,
    grid: Area,
    days: Vec<(Date, Area)>,
    top: i32,
    row_minutes: i32,
}

impl Plan {
    /// The row of a minute of the day, from the top of the grid; may lie outside.
    fn row(&self, minute: i32) -> i32 {
        (minute - self.top).div_euclid(self.row_minutes)
    }
}

pub(super) fn draw(store: &Store, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let calendar = &store.screens.calendar;
    let Some(plan) = plan(store, area) else { return };
    draw_hours(store, &plan, painter);
    for (day, column) in &plan.days {
        draw_ground(store, *day, *column, &plan, painter);
        draw_name(calendar, *day, *column, &plan, painter);
    }
    draw_now(&plan, painter);
    for (day, column) in &plan.days {
        draw_timed(calendar, *day, *column, &plan, has_focus, painter);
    }
    draw_all_day(calendar, &plan, has_focus, painter);
    draw_mark(calendar, &plan, has_focus, painter);
}

fn plan(store: &Store, area: Area) -> Option<Plan> {
    let calendar = &store.screens.calendar;
    let (from, count) = calendar.shown()?;
    let has_second = calendar.shows_second_zone() && store.session.second_zone.is_some() && area.width >= 100;
    let (names, rest) = area.split_top(1);
    let (all_day, body) = rest.split_top(1);
    let (gutter, grid) = body.split_left(if has_second { 2 * HOURS } else { HOURS } + 1);
    let count = u16::try_from(count).ok()?;
    let wide = grid.width / count;
    let days = (0..count)
        .map(|at| {
            let x = grid.x + at * wide;
            let width = if at + 1 == count { grid.right() - x } else { wide };
            (add_days(from, i64::from(at)), Area { x, width, ..grid })
        })
        .collect();
    let (top, row_minutes) = (calendar.top(), i32::from(calendar.row_minutes()));
    Some(Plan { gutter, has_second, names, all_day, grid, days, top, row_minutes })
}

fn draw_hours(store: &Store, plan: &Plan, painter: &mut Painter<'_>) {
    let zone = painter.context.zone;
    if plan.has_second
        && let Some(second) = &store.session.second_zone
    {
        painter.text(plan.names.x + 1, plan.names.y, HOURS - 1, &words::city(zone), Role::Quiet);
        painter.text(plan.names.x + 1 + HOURS, plan.names.y, HOURS, &words::city(second), Role::Quiet);
    }
    painter.text(plan.all_day.x + 1, plan.all_day.y, plan.gutter.width, "all day", Role::Quiet);
    let Some((day, _)) = plan.days.first() else { return };
    for row in 0..plan.grid.height {
        let minute = plan.top + i32::from(row) * plan.row_minutes;
        if minute % 60 != 0 || minute >= 24 * 60 {
            continue;
        }
        let y = plan.grid.y + row;
        painter.text(plan.gutter.x + 1, y, HOURS, &format!("{:02}:00", minute / 60), Role::Quiet);
        if plan.has_second
            && let Some(second) = &store.session.second_zone
            && let Ok(hour) = i8::try_from(minute / 60)
        {
            let instant = when::instant(*day, jiff::civil::Time::constant(hour, 0, 0, 0), zone);
            painter.text(plan.gutter.x + 1 + HOURS, y, HOURS, &words::clock(instant, second), Role::Quiet);
        }
    }
}

/// Working hours lie on the plain ground, everything else on a darker one; a quiet line tells the days apart.
fn draw_ground(store: &Store, day: Date, column: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let hours = store.session.me.as_ref().and_then(|me| me.working_hours.as_ref());
    let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
    for row in 0..column.height {
        let minute = plan.top + i32::from(row) * plan.row_minutes;
        let is_working = match hours {
            Some(hours) => {
                let start = i32::from(hours.start.hour()) * 60 + i32::from(hours.start.minute());
                let end = i32::from(hours.end.hour()) * 60 + i32::from(hours.end.minute());
                hours.days.contains(&day.weekday()) && (start..end).contains(&minute)
            }
            // Nobody told us the hours; days are all that can be told apart.
            None => !is_weekend,
        };
        if let Ok(hour @ 0..=23) = i8::try_from(minute / 60) {
            // An empty row can be pointed at; events are drawn above.
            let time = jiff::civil::Time::constant(hour, i8::try_from(minute % 60).unwrap_or(0), 0, 0);
            let at = when::instant(day, time, painter.context.zone);
            painter.hit(Area { y: column.y + row, height: 1, ..column }, Target::Instant(at));
        }
        if !is_working {
            let line = Area { y: column.y + row, height: 1, x: column.x + 1, width: column.width.saturating_sub(1) };
            painter.ground(line, Role::OffHours);
            if painter.look.is_ascii {
                painter.sign(line.x + line.width / 2, line.y, painter.signs().off_hours, painter.style(Role::OffHours));
            }
        }
    }
    painter.down(Area { width: 1, ..column }, painter.signs().vertical, Role::Line);
}

fn draw_name(calendar: &Calendar, day: Date, column: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let is_today = day == when::date(painter.context.now, painter.context.zone);
    let is_chosen = calendar.day() == Some(day);
    let role = match (is_today, is_chosen) {
        (true, _) => Role::Today,
        (false, true) => Role::Text,
        (false, false) => Role::Quiet,
    };
    let name = if column.width >= 14 { day.strftime("%A %-d").to_string() } else { day.strftime("%a %-d").to_string() };
    let name = if is_today && column.width >= 20 { format!("{name}  today") } else { name };
    let area = Area { x: column.x + 1, y: plan.names.y, width: column.width.saturating_sub(1), height: 1 };
    painter.text(area.x, area.y, area.width, &name, role);
    if is_chosen {
        painter.select(area);
    }
}

/// The present moment: its time in the gutter, a fine line through today.
fn draw_now(plan: &Plan, painter: &mut Painter<'_>) {
    let zone = painter.context.zone;
    let wall = when::wall(painter.context.now, zone);
    let minute = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
    let Ok(row) = u16::try_from(plan.row(minute)) else { return };
    let today = plan.days.iter().find(|(day, _)| *day == wall.date());
    if let (Some((_, column)), true) = (today, row < plan.grid.height) {
        let y = plan.grid.y + row;
        painter.text(plan.gutter.x + 1, y, HOURS, &words::clock(painter.context.now, zone), Role::Now);
        let line = Area { x: column.x + 1, y, width: column.width.saturating_sub(1), height: 1 };
        painter.across(line, painter.signs().horizontal, Role::Now);
    }
}

fn draw_timed(calendar: &Calendar, day: Date, column: Area, plan: &Plan, has_focus: bool, painter: &mut Painter<'_>) {
    let zone = painter.context.zone;
    let timed: Vec<(&Event, Stretch)> = calendar
        .on(day, zone)
        .filter_map(|event| {
            let stretch = Stretch { start: start_minute(event, day, zone)?, end: end_minute(event, day, zone)? };
            Some((event, stretch))
        })
        .collect();
    let stretches: Vec<Stretch> = timed.iter().map(|(_, stretch)| *stretch).collect();
    let inside = Area { x: column.x + 1, width: column.width.saturating_sub(1), ..column };
    for ((event, stretch), lane) in timed.iter().zip(lanes(&stretches, plan.row_minutes)) {
        let Some(card) = place(*stretch, lane, inside, plan) else { continue };
        draw_card(event, card, painter);
        painter.hit(card, Target::Event(event.id.clone()));
        if calendar.selected().is_some_and(|selected| selected.id == event.id) {
            painter.select(card);
            if has_focus && calendar.day() == Some(day) {
                painter.cursor(card.x, card.y);
            }
        }
    }
}

/// The cells of a card; `None` if it lies outside of what is shown.
fn place(stretch: Stretch, lane: Lane, inside: Area, plan: &Plan) -> Option<Area> {
    let first = plan.row(stretch.start);
    let last = plan.row(stretch.end.max(stretch.start + 1) - 1).max(first);
    if last < 0 || first >= i32::from(inside.height) {
        return None;
    }
    let y = u16::try_from(first.max(0)).ok()?;
    let end = u16::try_from(last + 1).ok()?.min(inside.height);
    let of = lane.of.max(1);
    let x = inside.x + inside.width * lane.index / of;
    let right = inside.x + inside.width * (lane.index + 1) / of;
    Some(Area { x, y: inside.y + y, width: right.saturating_sub(x).max(1), height: end - y })
}

fn draw_card(event: &Event, card: Area, painter: &mut Painter<'_>) {
    // A cell of the day's ground stays free at the right, so that neighbours do not run together.
    let body = Area { width: if card.width > 4 { card.width - 1 } else { card.width }, ..card };
    painter.ground(body, cards::ground(event));
    let bar = cards::bar(event, painter);
    let ground = painter.style(cards::ground(event));
    let bar_style = ratatui::style::Style { bg: ground.bg, ..painter.style(cards::bar_role(event)) };
    for y in body.y..body.bottom() {
        painter.sign(body.x, y, bar, bar_style);
    }
    let (x, room) = (body.x + 1, body.width.saturating_sub(1));
    let title = cards::title(event, painter);
    let style = cards::title_style(event, painter);
    let lines = if body.height >= 3 { wrapped(&title, room) } else { vec![title.as_str()] };
    let mut y = body.y;
    for line in lines {
        painter.styled(x, y, room, line.trim(), style);
        y += 1;
    }
    let quiet = ratatui::style::Style { bg: None, ..painter.style(Role::Quiet) };
    if let When::Timed(span) = event.when
        && y < body.bottom()
        && room >= 5
    {
        let zone = painter.context.zone;
        let start = words::clock(span.start, zone);
        let times = format!("{start}{}{}", painter.signs().dash, words::clock(span.end, zone));
        painter.styled(x, y, room, if room >= 11 { &times } else { &start }, quiet);
        y += 1;
    }
    if !event.location.is_empty() && y < body.bottom() {
        painter.styled(x, y, room, &event.location, quiet);
    }
}

/// The title on two lines at most, broken between words where it can be.
fn wrapped(title: &str, room: u16) -> Vec<&str> {
    let room = usize::from(room);
    if crate::base::text::width(title) <= room {
        return vec![title];
    }
    let fits = crate::base::text::head(title, room).len();
    match title[..fits].rfind(' ') {
        Some(at) if at > 0 => vec![&title[..at], &title[at + 1..]],
        _ => vec![title],
    }
}

/// All-day events as bars over the days they touch; what has no room is counted.
fn draw_all_day(calendar: &Calendar, plan: &Plan, has_focus: bool, painter: &mut Painter<'_>) {
    let zone = painter.context.zone;
    let mut drawn: Option<&Event> = None;
    for (at, (day, column)) in plan.days.iter().enumerate() {
        let of_day: Vec<&Event> =
            calendar.on(*day, zone).filter(|event| matches!(event.when, When::AllDay { .. })).collect();
        let chosen = calendar.selected().filter(|selected| of_day.iter().any(|event| event.id == selected.id));
        let Some(event) = chosen
            .or_else(|| of_day.iter().copied().find(|event| drawn.is_some_and(|drawn| drawn.id == event.id)))
            .or(of_day.first().copied())
        else {
            drawn = None;
            continue;
        };
        let goes_on = drawn.is_some_and(|drawn| drawn.id == event.id) && at > 0;
        let bar = Area {
            x: column.x + u16::from(!goes_on),
            y: plan.all_day.y,
            width: column.width.saturating_sub(u16::from(!goes_on)),
            height: 1,
        };
        painter.ground(bar, cards::ground(event));
        if !goes_on {
            let ground = painter.style(cards::ground(event));
            let style = ratatui::style::Style { bg: ground.bg, ..painter.style(cards::bar_role(event)) };
            painter.sign(bar.x, bar.y, cards::bar(event, painter), style);
            painter.styled(
                bar.x + 1,
                bar.y,
                bar.width.saturating_sub(1),
                &cards::title(event, painter),
                cards::title_style(event, painter),
            );
        }
        if of_day.len() > 1 {
            let more = format!(" +{}", of_day.len() - 1);
            painter.text_right(column.right(), bar.y, 3, &more, Role::Quiet);
        }
        if chosen.is_some() {
            painter.select(bar);
            if has_focus && calendar.day() == Some(*day) {
                painter.cursor(bar.x, bar.y);
            }
        }
        painter.hit(bar, Target::Event(event.id.clone()));
        drawn = Some(event);
    }
}
