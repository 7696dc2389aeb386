//! The chart: a ribbon a person, the count of who is free, the proposed time, and what it means in words.

use super::{Row, word};
use crate::config::Role;
use crate::domain::freebusy::{Cell, cells};
use crate::domain::request::PersonRef;
use crate::domain::time::{Span, after_minutes};
use crate::state::find_time::{FindTime, HOURS, Participant};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::state::when;
use crate::view::painter::Painter;
use crate::view::parts::{ribbon, words};
use jiff::Timestamp;
use jiff::civil::Date;

/// Minutes a column may stand for, the finest first.
const STEPS: [u16; 8] = [5, 10, 15, 20, 30, 60, 120, 240];

/// Where everything of the chart stands.
struct Plan {
    names: u16,
    right: u16,
    minutes: u16,
    /// Each day with its first column and how many it takes.
    days: Vec<(Date, u16, u16)>,
}

impl Plan {
    /// Whether there is room for whole words.
    const fn is_wide(&self) -> bool {
        self.right > 11
    }

    /// The column of an instant, if it is shown.
    fn column(&self, instant: Timestamp, painter: &Painter<'_>) -> Option<u16> {
        self.days.iter().find_map(|(day, x, width)| {
            let hours = FindTime::hours_of(*day, painter.context.zone);
            let minutes = instant.duration_since(hours.start).as_secs().div_euclid(60);
            let column = u16::try_from(minutes / i64::from(self.minutes)).ok()?;
            (instant >= hours.start && column < *width).then_some(x + column)
        })
    }
}

fn plan(store: &Store, area: Area) -> Plan {
    let view = &store.screens.find_time;
    let is_wide = area.width >= 110;
    let names = if is_wide { 22 } else { 17 };
    let right = if is_wide { 17 } else { 11 };
    let room = area.width.saturating_sub(names + right + 1);
    let days = view.days();
    let count = u16::try_from(days.len()).unwrap_or(1).max(1);
    let gap = u16::from(count > 1);
    let shown = u16::try_from(HOURS.1 - HOURS.0).unwrap_or(13) * 60;
    let fits = |minutes: &u16| (shown.div_ceil(*minutes) + gap) * count <= room;
    let minutes = STEPS.into_iter().find(fits).unwrap_or(240);
    let width = shown.div_ceil(minutes);
    let first = area.x + names + 1;
    let days = (first..).step_by(usize::from(width + gap)).zip(days).map(|(x, day)| (day, x, width)).collect();
    Plan { names, right, minutes, days }
}

pub(super) fn draw(store: &Store, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let view = &store.screens.find_time;
    let plan = plan(store, area);
    let people = super::rows(view);
    let (header, rest) = area.split_top(2);
    let (rows, below) =
        rest.split_top(u16::try_from(people.len()).unwrap_or(u16::MAX).min(rest.height.saturating_sub(5)));
    draw_header(view, header, &plan, painter);
    let chosen =
        view.selected().and_then(|selected| people.iter().position(|each| each.participant == selected)).unwrap_or(0);
    let first = chosen.saturating_sub(usize::from(rows.height).saturating_sub(1));
    for (y, person) in (rows.y..rows.bottom()).zip(people.iter().skip(first)) {
        let row = Area { y, height: 1, ..rows };
        draw_person(view, person, row, &plan, painter);
        painter.hit(row, target(person.participant));
        if view.selected() == Some(person.participant) {
            let name = Area { width: plan.names, ..row };
            painter.select(name);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            if has_focus {
                painter.cursor(row.x, y);
            }
        }
    }
    draw_count(&people, below, &plan, painter);
    draw_slot(view, Area { y: rows.y, height: rows.height + 1, ..rows }, &plan, painter);
    draw_times(rows, &plan, painter);
    draw_words(view, &people, Area { y: below.y + 2, height: below.height.saturating_sub(2), ..below }, painter);
}

fn target(participant: &Participant) -> Target {
    let recipient = &participant.recipient;
    Target::Person(PersonRef::Address { address: recipient.address.clone(), name: recipient.name.clone() })
}

/// The hours, the days where there are several, and the bracket of the proposed time.
fn draw_header(view: &FindTime, area: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let per_hour = 60 / plan.minutes.min(60);
    let today = when::date(painter.context.now, painter.context.zone);
    for (day, x, width) in &plan.days {
        if plan.days.len() > 1 {
            let role = if *day == today { Role::Today } else { Role::Quiet };
            // A day of two weeks has a few columns: its name gives way before its number does.
            let form = if *width >= 9 {
                "%a %-d %b"
            } else if *width >= 6 {
                "%a %-d"
            } else {
                "%-d"
            };
            painter.text(*x, area.y, *width, &day.strftime(form).to_string(), role);
        }
        let y = area.y + 1;
        if plan.minutes > 60 {
            continue;
        }
        // Every hour where two digits and air fit, else every third, so that days read alike.
        let every = if per_hour >= 3 { 1 } else { 3 };
        for hour in (HOURS.0..HOURS.1).step_by(every) {
            let at = u16::try_from(hour - HOURS.0).unwrap_or(0) * 60 / plan.minutes;
            if at + 2 <= *width {
                painter.text(x + at, y, 2, &format!("{hour:02}"), Role::Quiet);
            }
        }
    }
    if let Some(slot) = view.slot() {
        let label = words::clock(slot.start, painter.context.zone);
        let x = area.right().saturating_sub(plan.right);
        painter.text(x, area.y + 1, plan.right, &format!("at {label}"), Role::Slot);
        if plan.days.len() == 1
            && let Some(column) = plan.column(slot.start, painter)
        {
            let text = format!("{label}{}{}", painter.signs().dash, words::clock(slot.end, painter.context.zone));
            painter.text(column, area.y, 12, &text, Role::Slot);
        }
    }
}

fn draw_person(view: &FindTime, person: &Row<'_>, row: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let participant = person.participant;
    let signs = painter.signs();
    let mark = if participant.is_required { signs.bullet } else { "o" };
    painter.text(row.x + 1, row.y, 1, mark, if participant.is_required { Role::Accent } else { Role::Quiet });
    let label = participant.recipient.label();
    let name = match (participant.is_me, plan.is_wide()) {
        (true, true) => format!("{label} (you)"),
        (true, false) => "You".to_owned(),
        (false, _) => label.to_owned(),
    };
    painter.text(row.x + 3, row.y, plan.names.saturating_sub(4), &name, Role::Text);
    let Some(schedule) = person.schedule else {
        if let Some((_, x, _)) = plan.days.first() {
            let sentence = if view.answers().is_waiting() { "asking" } else { "nothing is known" };
            painter.text(*x, row.y, row.width, sentence, Role::Quiet);
        }
        return;
    };
    if let (Err(error), Some((_, x, _))) = (&schedule.blocks, plan.days.first()) {
        let room = row.right().saturating_sub(x + plan.right + 1);
        let taken = painter.text(*x, row.y, 2, signs.unknown, Role::Unknown);
        painter.text(x + taken + 1, row.y, room.saturating_sub(2), &error.message, Role::Unknown);
    } else {
        let per_hour = usize::from(60 / plan.minutes.min(60));
        for (day, x, _) in &plan.days {
            let hours = FindTime::hours_of(*day, painter.context.zone);
            ribbon::draw(*x, row.y, &cells(schedule, hours, plan.minutes), per_hour, painter);
        }
    }
    let Some(slot) = view.slot() else { return };
    let x = row.right().saturating_sub(plan.right);
    let cell = person.over(slot);
    // Where the service does not say where somebody works, their time is not known; it is not taken for mine.
    let zone = match (&schedule.working_hours, participant.is_me) {
        (Some(hours), _) => Some(&hours.zone),
        (None, true) => Some(painter.context.zone),
        (None, false) => None,
    };
    let local = match zone {
        Some(zone) if zone.rules.is_some() => {
            format!("{}{}", if zone.is_approximate { "~" } else { "" }, words::clock(slot.start, zone))
        }
        _ => painter.signs().unknown.to_owned(),
    };
    painter.text(x, row.y, 6, &local, Role::Quiet);
    let role = if cell.is_free() { Role::Success } else { ribbon::of_cell(cell, true, painter).1 };
    // Words on a dark ground of their own would look like a hole in the row.
    let role = if matches!(cell, Cell::OffHours | Cell::Unknown) { Role::Quiet } else { role };
    let word = if plan.is_wide() { word(cell) } else { short_word(cell) };
    painter.text(x + 6, row.y, plan.right.saturating_sub(6), word, role);
}

/// How many of the required are free: the more, the brighter.
fn draw_count(people: &[Row<'_>], area: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let required: Vec<&Row<'_>> = people.iter().filter(|each| each.participant.is_required).collect();
    if area.is_empty() || required.is_empty() {
        return;
    }
    painter.text(area.x + 3, area.y, plan.names.saturating_sub(4), &format!("free of {}", required.len()), Role::Quiet);
    let group = (30 / plan.minutes).max(1);
    for (day, x, width) in &plan.days {
        let hours = FindTime::hours_of(*day, painter.context.zone);
        for first in (0..*width).step_by(usize::from(group)) {
            let start = after_minutes(hours.start, i64::from(first) * i64::from(plan.minutes));
            let span = Span::of_minutes(start, u32::from(group) * u32::from(plan.minutes));
            let free = required.iter().filter(|each| each.over(span).is_free()).count();
            let role = heat(free, required.len());
            let cells = Area::new(x + first, area.y, group.min(width - first), 1);
            painter.ground(cells, role);
            let text = if free == 0 { painter.signs().free.to_owned() } else { free.to_string() };
            painter.text(cells.x, cells.y, cells.width, &text, role);
        }
    }
}

fn heat(free: usize, of: usize) -> Role {
    match (free, of) {
        (free, of) if free == of => Role::HeatFull,
        (free, of) if free * 3 >= of * 2 => Role::HeatHigh,
        (free, of) if free * 3 >= of => Role::HeatMiddle,
        _ => Role::HeatLow,
    }
}

/// The proposed time: the accent's tint behind all rows, and a bracket that also shows without colour.
fn draw_slot(view: &FindTime, rows: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let Some(slot) = view.slot() else { return };
    let Some(x) = plan.column(slot.start, painter) else { return };
    let width = view.length().div_ceil(plan.minutes).max(1);
    painter.back(Area { x, width, ..rows }, Role::Slot);
    let signs = painter.signs();
    let style = painter.style(Role::Slot);
    let bottom = rows.bottom();
    let [_, _, left, right] = signs.corners;
    painter.across(Area::new(x, bottom, width, 1), signs.horizontal, Role::Slot);
    painter.sign(x, bottom, left, style);
    if width > 1 {
        painter.sign(x + width - 1, bottom, right, style);
    }
}

/// Now as a fine line through free time, and the places where a click means a time.
fn draw_times(rows: Area, plan: &Plan, painter: &mut Painter<'_>) {
    // In the week the hours stand too close for a line between them.
    if plan.days.len() == 1
        && let Some(x) = plan.column(painter.context.now, painter)
    {
        let style = painter.style(Role::Now);
        painter.sign(x, rows.y.saturating_sub(1), painter.signs().vertical, style);
    }
    for (day, x, width) in &plan.days {
        let hours = FindTime::hours_of(*day, painter.context.zone);
        let step = (15 / plan.minutes).max(1);
        for column in (0..*width).step_by(usize::from(step)) {
            let at = after_minutes(hours.start, i64::from(column) * i64::from(plan.minutes));
            painter.hit(Area { x: x + column, width: step, ..rows }, Target::Instant(at));
        }
    }
}

/// The proposed time in words, and what the signs mean.
fn draw_words(view: &FindTime, people: &[Row<'_>], area: Area, painter: &mut Painter<'_>) {
    let Some(slot) = view.slot() else { return };
    let required: Vec<&Row<'_>> = people.iter().filter(|each| each.participant.is_required).collect();
    let free = required.iter().filter(|each| each.over(slot).is_free()).count();
    let zone = painter.context.zone;
    let day = when::date(slot.start, zone).strftime("%a %-d %b").to_string();
    let mut sentence = format!(
        "{day} {}{}{}: {free} of {} free",
        words::clock(slot.start, zone),
        painter.signs().dash,
        words::clock(slot.end, zone),
        required.len()
    );
    let others: Vec<String> = people
        .iter()
        .map(|each| (each.participant, each.over(slot)))
        .filter(|(_, cell)| !cell.is_free())
        .map(|(each, cell)| format!("{} {}", first_name(each), word(cell)))
        .collect();
    if !others.is_empty() {
        sentence.push_str(". ");
        sentence.push_str(&others.join(", "));
    }
    sentence.push('.');
    if let Some(choice) = view.room_choice() {
        match view.free_room(slot) {
            Some(room) => sentence.push_str(&format!(" {} is free.", room.name)),
            None if choice.rooms.len() == 1 => sentence.push_str(" The room is not free."),
            None => sentence.push_str(" No room is free."),
        }
    }
    if area.height > 0 {
        painter.text(area.x + 3, area.y, area.width.saturating_sub(4), &sentence, Role::Text);
    }
    if area.height > 1 {
        let line = Area { x: area.x + 3, y: area.y + 1, width: area.width.saturating_sub(4), height: 1 };
        let entries = [
            (Cell::Free, "free"),
            (Cell::Busy, "busy"),
            (Cell::Tentative, "maybe"),
            (Cell::OutOfOffice, "away"),
            (Cell::Elsewhere, "elsewhere"),
            (Cell::OffHours, "off hours"),
            (Cell::Unknown, "not known"),
        ];
        ribbon::legend(line, &entries, painter);
    }
}

/// A state in at most five letters.
fn short_word(cell: Cell) -> &'static str {
    match cell {
        Cell::OffHours => "off",
        Cell::Elsewhere => "else",
        Cell::Unknown => "?",
        other => word(other),
    }
}

/// The first word of a name; enough inside a sentence about few people.
pub(super) fn first_name(participant: &Participant) -> &str {
    if participant.is_me {
        return "you";
    }
    let label = participant.recipient.label();
    label.split([' ', '@']).next().unwrap_or(label)
}
