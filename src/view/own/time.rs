//! The own working hours and zone: the days of a week, from when to when, and the zone with its time now.

use crate::config::Role;
use crate::domain::time::weekday_name;
use crate::state::geometry::Area;
use crate::state::own::OwnField;
use crate::state::own::time::{Field, TimeForm, WEEK};
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::own::unset;
use crate::view::painter::Painter;
use crate::view::parts::{field, overlay, words};

/// Columns of the labels.
const LABELS: u16 = 10;

pub(in crate::view) fn draw(form: &TimeForm, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(70);
    let note = unset(form.is_touched(), form.is_resumed());
    let inside = overlay::open(body.centred(width, 12.min(body.height)), "My working hours and zone", note, painter);
    let line = |y: u16| Area { y: inside.y + y, height: 1, ..inside };
    let room = inside.width.saturating_sub(LABELS);
    days(form, line(1), painter);
    for (which, y, placeholder) in [(Field::From, 2, "9:00"), (Field::Until, 3, "17:30")] {
        draw_line(form, which, line(y), placeholder, painter);
    }
    let (echo, role) = match form.times() {
        Ok((start, end)) => {
            let minute = |time: jiff::civil::Time| i64::from(time.hour()) * 60 + i64::from(time.minute());
            let minutes = (minute(end) - minute(start)).rem_euclid(24 * 60);
            let night = if end < start { ", until the next day" } else { "" };
            (format!("{} h {:02} min{night}", minutes / 60, minutes % 60), Role::Quiet)
        }
        Err(_) if form.is_empty() => ("Your mailbox says nothing of working hours yet.".to_owned(), Role::Quiet),
        Err(why) => (why, Role::Warning),
    };
    painter.text(inside.x + LABELS, line(4).y, room, &echo, role);
    draw_line(form, Field::Zone, line(6), "a city or a zone", painter);
    let (echo, role) = match form.typed_zone() {
        Some(zone) => (format!("It is {} there now.", zone.clock_time(painter.context.now)), Role::Quiet),
        None => ("No zone of this name is known.".to_owned(), Role::Warning),
    };
    painter.text(inside.x + LABELS, line(7).y, room, &echo, role);
    let here = format!("The screen shows times in {}, the zone of this computer.", words::city(painter.context.zone));
    painter.text(inside.x, line(9).y, inside.width, &here, Role::Quiet);
    zones(form, line(6), painter);
}

fn label(which: Field, form: &TimeForm, area: Area, painter: &mut Painter<'_>) {
    let role = if form.focused() == which { Role::Accent } else { Role::Quiet };
    painter.text(area.x, area.y, LABELS, which.label(), role);
    painter.hit(area, Target::Own(OwnField::Time(which)));
}

fn draw_line(form: &TimeForm, which: Field, area: Area, placeholder: &str, painter: &mut Painter<'_>) {
    label(which, form, area, painter);
    let (x, width) = (area.x + LABELS, area.width.saturating_sub(LABELS));
    if let Some(line) = form.line_of(which) {
        field::draw(x, area.y, width, line, placeholder, form.focused() == which, painter);
    }
}

fn days(form: &TimeForm, area: Area, painter: &mut Painter<'_>) {
    label(Field::Days, form, area, painter);
    let has_focus = form.focused() == Field::Days;
    let mut x = area.x + LABELS;
    for (at, day) in WEEK.into_iter().enumerate() {
        let name = weekday_name(day);
        let works = form.works_on(day);
        let text = if works { format!("[{name}]") } else { format!(" {name} ") };
        let role = match (has_focus && form.day() == at, works) {
            (true, _) => Role::Selection,
            (false, true) => Role::Text,
            (false, false) => Role::Quiet,
        };
        painter.text(x, area.y, 5, &text, role);
        painter.hit(Area { x, width: 5, ..area }, Target::Entry(at));
        if has_focus && form.day() == at {
            painter.cursor(x + 1, area.y);
        }
        x += 6;
    }
    if has_focus {
        painter.text_right(area.right(), area.y, 14, "space switches", Role::Quiet);
    }
}

fn zones(form: &TimeForm, line: Area, painter: &mut Painter<'_>) {
    let zones = form.zones();
    if zones.is_empty() {
        return;
    }
    let height = u16::try_from(zones.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = Area { x: line.x + LABELS, y: line.y + 1, width: line.width.saturating_sub(LABELS), height };
    let inside = overlay::open(area, "Which zone?", "tab takes", painter);
    for (y, (at, zone)) in (inside.y..inside.bottom()).zip(zones.iter().enumerate()) {
        let row = Area { y, height: 1, ..inside };
        painter.text(row.x, y, row.width, zone, Role::Text);
        painter.hit(row, Target::Entry(at));
        if at == form.choice() {
            painter.select(row);
        }
    }
}
