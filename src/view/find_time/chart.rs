//! The chart: a ribbon a person, the count of who is free, the proposed time, and what it means in words.

use super::{Row, said, word};
use crate::config::Role;
use crate::domain::freebusy::Cell;
use crate::domain::request::PersonRef;
use crate::domain::time::{Span, Zone, after_minutes};
use crate::state::find_time::{FindTime, HOURS, Participant};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::state::when;
use crate::view::painter::Painter;
use crate::view::parts::{ribbon, words};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// Minutes a column may stand for, the finest first.
const STEPS: [u16; 8] = [5, 10, 15, 20, 30, 60, 120, 240];

/// A day, or the part of it that has room.
struct Day {
    date: Date,
    /// Its first column, and how many it takes.
    x: u16,
    width: u16,
    /// What the first column stands for.
    start: Timestamp,
}

/// Where everything of the chart stands.
struct Plan {
    names: u16,
    right: u16,
    /// Minutes of a cell, and how many columns it takes.
    minutes: u16,
    each: u16,
    days: Vec<Day>,
    has_second_zone: bool,
}

impl Plan {
    /// Whether there is room for whole words.
    const fn is_wide(&self) -> bool {
        self.right > 11
    }

    /// Columns of so many minutes, rounded down.
    fn columns(&self, minutes: i64) -> i64 {
        (minutes * i64::from(self.each)).div_euclid(i64::from(self.minutes))
    }

    /// Columns of an hour; at least one.
    fn per_hour(&self) -> usize {
        usize::try_from(self.columns(60)).unwrap_or(1).max(1)
    }

    /// The column of an instant, if it is shown.
    fn column(&self, instant: Timestamp) -> Option<u16> {
        self.days.iter().find_map(|day| {
            let minutes = instant.duration_since(day.start).as_secs().div_euclid(60);
            let column = u16::try_from(self.columns(minutes)).ok()?;
            (instant >= day.start && column < day.width).then_some(day.x + column)
        })
    }

    /// What a day's columns stand for.
    fn span(&self, day: &Day) -> Span {
        Span::of_minutes(day.start, u32::from(day.width / self.each) * u32::from(self.minutes))
    }
}

fn plan(store: &Store, area: Area, painter: &Painter<'_>) -> Plan {
    let view = &store.screens.find_time;
    let is_wide = area.width >= 110;
    let names = if is_wide { 22 } else { 17 };
    let right = if is_wide { 17 } else { 11 };
    let room = area.width.saturating_sub(names + right + 1);
    let dates = view.days();
    let count = u16::try_from(dates.len()).unwrap_or(1).max(1);
    let gap = u16::from(count > 1);
    let shown = u16::try_from(HOURS.1 - HOURS.0).unwrap_or(13) * 60;
    // As many columns a cell as fit, none where not even one does.
    let columns = |minutes: u16| (room / count).saturating_sub(gap) / shown.div_ceil(minutes);
    let (minutes, each) = match view.resolution().minutes() {
        Some(minutes) if columns(minutes) > 0 => (minutes, columns(minutes)),
        // A day that is too long for such steps shows the part around the proposed time.
        Some(minutes) if count == 1 => (minutes, 1),
        _ => (STEPS.into_iter().find(|minutes| columns(*minutes) > 0).unwrap_or(240), 1),
    };
    let width = (shown.div_ceil(minutes) * each).min(room / each * each).max(1);
    let first = area.x + names + 1;
    let zone = painter.context.zone;
    let day = |x: u16, date: Date| {
        let hours = FindTime::hours_of(date, zone);
        let span = i64::from(width / each) * i64::from(minutes);
        let slot = view.slot().map_or(0, |slot| slot.start.duration_since(hours.start).as_mins()).max(0);
        // Pages of half the width, so that the cursor has air on both sides.
        let half = (span / 2).max(1);
        let page = (slot / half - i64::from(slot % half < half / 2)).max(0) * half;
        let last = (i64::from(shown) - span).max(0);
        Day { date, x, width, start: after_minutes(hours.start, page.min(last)) }
    };
    let days = (first..).step_by(usize::from(width + gap)).zip(dates).map(|(x, date)| day(x, date)).collect();
    let has_second_zone =
        view.shows_second_zone() && store.session.second_zone.is_some() && area.height > rows_needed(view);
    Plan { names, right, minutes, each, days, has_second_zone }
}

/// Header, people, count, bracket, words and legend.
pub(super) fn rows_needed(view: &FindTime) -> u16 {
    u16::try_from(view.participants().len()).unwrap_or(u16::MAX).saturating_add(7)
}

pub(super) fn draw(store: &Store, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let view = &store.screens.find_time;
    let plan = plan(store, area, painter);
    let people = super::rows(view);
    let (header, rest) = area.split_top(2 + u16::from(plan.has_second_zone));
    let (rows, below) =
        rest.split_top(u16::try_from(people.len()).unwrap_or(u16::MAX).min(rest.height.saturating_sub(5)));
    draw_now(header, &plan, painter);
    draw_header(store, header, &plan, painter);
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
    draw_slot(view, Area { y: rows.y, height: rows.height + 1, ..rows }, &plan, painter);
    // After the tint of the proposed time, on which a bright count could not be read.
    draw_count(&people, below, &plan, painter);
    draw_picks(view, rows.bottom() + 1, &plan, painter);
    draw_times(rows, &plan, painter);
    said::draw(view, &people, Area { y: below.y + 2, height: below.height.saturating_sub(2), ..below }, painter);
}

fn target(participant: &Participant) -> Target {
    let recipient = &participant.recipient;
    Target::Person(PersonRef::Address { address: recipient.address.clone(), name: recipient.name.clone() })
}

/// The hours, the days where there are several, and the bracket of the proposed time.
fn draw_header(store: &Store, area: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let view = &store.screens.find_time;
    let zone = painter.context.zone;
    let today = when::date(painter.context.now, zone);
    if plan.days.len() > 1 {
        for day in &plan.days {
            let role = if day.date == today { Role::Today } else { Role::Quiet };
            // A day of two weeks has a few columns: its name gives way before its number does.
            let form = match day.width {
                9.. => "%a %-d %b",
                6..9 => "%a %-d",
                _ => "%-d",
            };
            painter.text(day.x, area.y, day.width, &day.date.strftime(form).to_string(), role);
        }
    }
    let bottom = area.bottom().saturating_sub(1);
    draw_hours(zone, bottom, plan, painter);
    if let Some(second) = store.session.second_zone.as_ref().filter(|_| plan.has_second_zone) {
        for (zone, y) in [(second, bottom.saturating_sub(1)), (zone, bottom)] {
            painter.text(area.x + 3, y, plan.names.saturating_sub(4), &words::city(zone), Role::Quiet);
        }
        draw_hours(second, bottom.saturating_sub(1), plan, painter);
    }
    if let Some(slot) = view.slot() {
        let label = words::clock(slot.start, painter.context.zone);
        let x = area.right().saturating_sub(plan.right);
        painter.text(x, bottom, plan.right, &format!("at {label}"), Role::Slot);
        if plan.days.len() == 1
            && let Some(column) = plan.column(slot.start)
        {
            let text = format!("{label}{}{}", painter.signs().dash, words::clock(slot.end, painter.context.zone));
            painter.text(column, area.y, 12, &text, Role::Slot);
        }
    }
}

/// The hours of a zone: where they begin there, also where that is between ours.
fn draw_hours(zone: &Zone, y: u16, plan: &Plan, painter: &mut Painter<'_>) {
    if plan.minutes > 60 {
        return;
    }
    // Every hour where two digits and air fit, else every third, so that days read alike.
    let every = if plan.per_hour() >= 3 { 1 } else { 3 };
    for day in &plan.days {
        let span = plan.span(day);
        let quarters = (0..4).map(|quarter| after_minutes(span.start, quarter * 15));
        let Some(first) = quarters.into_iter().find(|at| when::wall(*at, zone).minute() == 0) else { continue };
        for hour in (0..i64::from(HOURS.1 - HOURS.0)).step_by(every) {
            let at = after_minutes(first, hour * 60);
            let Some(column) = plan.column(at).filter(|_| span.contains(at)) else { continue };
            if (day.x..(day.x + day.width).saturating_sub(1)).contains(&column) {
                painter.text(column, y, 2, &format!("{:02}", when::wall(at, zone).hour()), Role::Quiet);
            }
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
    // What is not of the last minutes says so in its own row.
    let age = person.schedule.map(|schedule| painter.context.now.duration_since(schedule.as_of));
    let age = age.filter(|age| *age > super::YOUNG).map_or_else(String::new, short_age);
    let width = u16::try_from(age.len()).unwrap_or(0);
    let room = plan.names.saturating_sub(4 + if width > 0 { width + 1 } else { 0 });
    painter.text(row.x + 3, row.y, room, &name, Role::Text);
    painter.text_right(row.x + plan.names.saturating_sub(1 + width), row.y, width, &age, Role::Warning);
    let Some(schedule) = person.schedule else {
        if let Some(Day { x, .. }) = plan.days.first() {
            let sentence = if view.answers().is_waiting() { "asking" } else { "nothing is known" };
            painter.text(*x, row.y, row.width, sentence, Role::Quiet);
        }
        return;
    };
    if let (Err(error), Some(Day { x, .. })) = (&schedule.blocks, plan.days.first()) {
        let room = row.right().saturating_sub(x + plan.right + 1);
        let taken = painter.text(*x, row.y, 2, signs.unknown, Role::Unknown);
        painter.text(x + taken + 1, row.y, room.saturating_sub(2), &error.message, Role::Unknown);
    } else {
        for day in &plan.days {
            let each = usize::from(plan.each);
            let cells = person.reading.map(|reading| reading.cells(plan.span(day), plan.minutes)).unwrap_or_default();
            let columns: Vec<Cell> = cells.into_iter().flat_map(|cell| std::iter::repeat_n(cell, each)).collect();
            ribbon::draw(day.x, row.y, &columns, plan.per_hour(), painter);
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
    // "~03:00" is as wide as its place: the word goes on one column later.
    let taken = painter.text(x, row.y, 6, &local, Role::Quiet).max(5) + 1;
    let role = if cell.is_free() { Role::Success } else { ribbon::of_cell(cell, true, painter).1 };
    // Words on a dark ground of their own would look like a hole in the row.
    let role = if matches!(cell, Cell::OffHours | Cell::Unknown) { Role::Quiet } else { role };
    let word = if plan.is_wide() { word(cell) } else { short_word(cell) };
    painter.text(x + taken, row.y, plan.right.saturating_sub(taken), word, role);
}

/// How many of the required are free: the more, the brighter.
fn draw_count(people: &[Row<'_>], area: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let required: Vec<&Row<'_>> = people.iter().filter(|each| each.participant.is_required).collect();
    if area.is_empty() || required.is_empty() {
        return;
    }
    painter.text(area.x + 3, area.y, plan.names.saturating_sub(4), &format!("free of {}", required.len()), Role::Quiet);
    // Half hours, or what a cell stands for where that is chosen or longer.
    let group = if plan.each > 1 { 1 } else { (30 / plan.minutes).max(1) };
    for day in &plan.days {
        for first in (0..day.width / plan.each).step_by(usize::from(group)) {
            let start = after_minutes(day.start, i64::from(first) * i64::from(plan.minutes));
            let span = Span::of_minutes(start, u32::from(group) * u32::from(plan.minutes));
            let free = required.iter().filter(|each| each.over(span).is_free()).count();
            let role = heat(free, required.len());
            let first = first * plan.each;
            let cells = Area::new(day.x + first, area.y, (group * plan.each).min(day.width - first), 1);
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

/// Below the rows: where the times are that were picked.
fn draw_picks(view: &FindTime, y: u16, plan: &Plan, painter: &mut Painter<'_>) {
    for x in view.picks().iter().filter_map(|pick| plan.column(pick.start)) {
        painter.text(x, y, 1, painter.signs().marked, Role::Accent);
    }
}

/// The proposed time: the accent's tint behind all rows, and a bracket that also shows without colour.
fn draw_slot(view: &FindTime, rows: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let Some(slot) = view.slot() else { return };
    let Some(x) = plan.column(slot.start) else { return };
    let end = plan.days.iter().map(|day| day.x + day.width).find(|end| x < *end).unwrap_or(x + 1);
    let width = (view.length() * plan.each).div_ceil(plan.minutes).clamp(1, end - x);
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

/// Now, above the hours, so that it hides none of them; the proposed time goes before it.
fn draw_now(header: Area, plan: &Plan, painter: &mut Painter<'_>) {
    // In the week the hours stand too close for a line between them.
    if plan.days.len() == 1
        && let Some(x) = plan.column(painter.context.now)
    {
        let style = painter.style(Role::Now);
        painter.sign(x, header.y, painter.signs().vertical, style);
    }
}

/// The places where a click means a time.
fn draw_times(rows: Area, plan: &Plan, painter: &mut Painter<'_>) {
    for day in &plan.days {
        let step = if plan.each > 1 { 1 } else { (15 / plan.minutes).max(1) };
        for cell in (0..day.width / plan.each).step_by(usize::from(step)) {
            let at = after_minutes(day.start, i64::from(cell) * i64::from(plan.minutes));
            let area = Area { x: day.x + cell * plan.each, width: step * plan.each, ..rows };
            painter.hit(area, Target::Instant(at));
        }
    }
}

/// An age in at most three letters.
fn short_age(age: SignedDuration) -> String {
    match age.as_mins() {
        minutes @ ..60 => format!("{minutes}m"),
        minutes @ 60..1440 => format!("{}h", minutes / 60),
        minutes @ 1440..144_000 => format!("{}d", minutes / 1440),
        _ => "old".to_owned(),
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
