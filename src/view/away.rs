//! The away board: a ribbon a person by day, who is back first at the top, the reply of whoever is under the cursor, and my meetings
//! that somebody is away from.

mod meetings;

use crate::config::Role;
use crate::domain::presence::{AwayBoard, AwayOf, AwayRow, AwaySource, DayState, Presence};
use crate::domain::time::add_days;
use crate::state::away::person_of;
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::surface::Pane;
use crate::state::target::Target;
use crate::state::when;
use crate::view::calendar::broken;
use crate::view::painter::Painter;
use crate::view::parts::{empty, pane, presence, ribbon, words};
use jiff::civil::Date;

/// Where the columns of the board stand.
struct Plan {
    names: u16,
    day: u16,
    days: Vec<Date>,
    /// Where the words about the absence begin.
    words: u16,
}

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let view = &store.screens.away;
    let has_focus = store.layers.is_empty();
    let note = view.board().value().map_or(String::new(), |board| match board.as_of {
        Some(at) => {
            format!("{} {} as of {}", board.title, painter.signs().dot, words::clock(at, painter.context.zone))
        }
        None => board.title.clone(),
    });
    let inside = pane::open(area, "Who is away", &note, has_focus, painter);
    pane::hit(inside, Pane::Main, painter);
    let Some(board) = view.board().value() else {
        let sentence = view.board().problem().map_or("Asking who is away.", |report| report.what.as_str());
        let command = view.board().problem().map(|_| CommandId::AwayChoose);
        return empty::draw(store, inside, sentence, command, painter);
    };
    if board.rows.is_empty() {
        let sentence = match board.of {
            AwayOf::Team | AwayOf::Remembered => "Nobody reports to you. Choose a group to see who of it is away.",
            AwayOf::Peers => "Nobody else has your manager. Choose a group to see who of it is away.",
            AwayOf::Group(_) | AwayOf::People(_) => "Nobody is in this group. Choose another one.",
        };
        return empty::draw(store, inside, sentence, Some(CommandId::AwayChoose), painter);
    }
    // What the rows leave over is the words'.
    let rows = u16::try_from(board.rows.len()).unwrap_or(u16::MAX).saturating_add(5);
    let least = (inside.height / 3).clamp(5, 12);
    // What the board does not need is for the words of whoever is under the cursor, and nothing is empty in between.
    let (top, bottom) = inside.split_bottom(inside.height.saturating_sub(rows).max(least));
    let plan = plan(board.from, board.days, top);
    let (names, rest) = top.split_top(2);
    let (rows, legend) = rest.split_bottom(1);
    let (rows, count) =
        rows.split_top(u16::try_from(board.rows.len()).unwrap_or(u16::MAX).min(rows.height.saturating_sub(1)));
    draw_days(view.day(), names, &plan, painter);
    let chosen =
        view.selected().and_then(|selected| board.rows.iter().position(|row| row.person.id == selected.person.id));
    let first = chosen.unwrap_or(0).saturating_sub(usize::from(rows.height).saturating_sub(1));
    for (y, (at, row)) in (rows.y..rows.bottom()).zip(board.rows.iter().enumerate().skip(first)) {
        let line = Area { y, height: 1, ..rows };
        draw_row(row, seen(row, store), line, &plan, painter);
        painter.hit(line, Target::Person(person_of(row)));
        if chosen == Some(at) {
            // While the cursor is among the meetings, whose detail is shown is marked only.
            let has_focus = has_focus && view.meeting_at().is_none();
            painter.select(Area { width: plan.names, ..line });
            painter.sign(line.x, y, painter.signs().cursor, painter.style(Role::Selection));
            if has_focus {
                painter.cursor(line.x, y);
            }
        }
    }
    draw_count(&board.rows, count, &plan, painter);
    draw_legend(legend, painter);
    let meetings = view.meetings().len();
    let is_beside = bottom.width >= 100 && meetings > 0;
    if view.meeting_at().is_some() && !is_beside {
        return meetings::draw(view, store.session.is_service(), bottom, has_focus, painter);
    }
    let (left, right) = if is_beside { bottom.split_left(bottom.width * 11 / 20) } else { (bottom, Area::default()) };
    if let Some(row) = view.selected() {
        let seen = seen(row, store);
        let mut note = ages(row, seen, painter);
        if meetings > 0 && !is_beside {
            note.push(if meetings == 1 { "1 meeting: tab".to_owned() } else { format!("{meetings} meetings: tab") });
        }
        let note = note.join(&format!(" {} ", painter.signs().dot));
        let below = pane::open(left, &row.person.name, &note, false, painter);
        draw_detail(row, seen, view.day(), board, below.inside(2, 0), painter);
    }
    if is_beside {
        meetings::draw(view, store.session.is_service(), right, has_focus && view.meeting_at().is_some(), painter);
    }
}

fn plan(from: Date, days: u16, area: Area) -> Plan {
    let names = (area.width / 5).clamp(18, 28);
    let room = area.width.saturating_sub(names);
    // At least a word of room for "until Fri 27 Nov" stays at the right; a day takes two to four columns.
    let day = (room.saturating_sub(20) / days.max(1)).clamp(2, 4);
    let shown = (room.saturating_sub(17) / day).min(days).max(1);
    let days = (0..i64::from(shown)).map(|step| add_days(from, step)).collect();
    Plan { names, day, days, words: area.x + names + shown * day + 2 }
}

fn draw_days(chosen: Option<Date>, area: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let today = when::date(painter.context.now, painter.context.zone);
    for (x, day) in (area.x + plan.names..).step_by(usize::from(plan.day)).zip(&plan.days) {
        let role = if *day == today { Role::Today } else { Role::Quiet };
        let letter = day.strftime("%a").to_string();
        painter.text(
            x,
            area.y,
            plan.day.saturating_sub(1).max(1),
            &letter[..usize::from(plan.day.saturating_sub(1)).clamp(1, 3)],
            role,
        );
        painter.text(x, area.y + 1, 2, &format!("{:02}", day.day()), role);
        if chosen == Some(*day) {
            painter.select(Area::new(x, area.y + 1, 2, 1));
        }
    }
}

/// Their presence: as it was read with the board, or since.
fn seen<'a>(row: &'a AwayRow, store: &'a Store) -> Option<&'a Presence> {
    store.session.presences.newer(&row.person.id, row.presence.as_ref())
}

fn draw_row(row: &AwayRow, seen: Option<&Presence>, line: Area, plan: &Plan, painter: &mut Painter<'_>) {
    let (dot, role) = presence::dot(seen, painter);
    painter.text(line.x + 2, line.y, 1, dot, role);
    painter.text(line.x + 4, line.y, plan.names.saturating_sub(5), &row.person.name, Role::Text);
    for (x, state) in (line.x + plan.names..).step_by(usize::from(plan.day)).zip(&row.days).take(plan.days.len()) {
        ribbon::day(x, line.y, plan.day, *state, painter);
    }
    let room = line.right().saturating_sub(plan.words);
    let taken = painter.text(
        plan.words,
        line.y,
        room,
        &summary(row, painter),
        if row.is_away_now { Role::Text } else { Role::Quiet },
    );
    let rest = room.saturating_sub(taken + 3);
    if let Some(message) =
        row.reply.as_ref().map(|reply| reply.message.as_str()).filter(|message| !message.is_empty() && rest >= 10)
    {
        painter.text(plan.words + taken + 2, line.y, rest, &words::in_one_line(message), Role::Quiet);
    }
}

/// Until when, or from when, in a few words.
fn summary(row: &AwayRow, painter: &Painter<'_>) -> String {
    let date = |date: Date| date.strftime("%a %-d %b").to_string();
    match (row.is_away_now, row.since, row.until) {
        (true, _, Some(until)) => format!("until {}", date(until)),
        (true, _, None) => "away, no end known".to_owned(),
        (false, Some(since), Some(until)) if since == until => format!("away {}", date(since)),
        (false, Some(since), Some(until)) => format!("{} {} {}", date(since), painter.signs().dash, date(until)),
        (false, Some(since), None) => format!("from {}", date(since)),
        (false, None, _) => match row.days.first() {
            Some(DayState::PartAway) => "part of today".to_owned(),
            Some(DayState::Elsewhere) => "elsewhere today".to_owned(),
            Some(DayState::Unknown) => "not known".to_owned(),
            _ => String::new(),
        },
    }
}

fn draw_count(rows: &[AwayRow], area: Area, plan: &Plan, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    painter.text(area.x + 4, area.y, plan.names, "away", Role::Quiet);
    for (at, x) in (area.x + plan.names..).step_by(usize::from(plan.day)).take(plan.days.len()).enumerate() {
        let away =
            rows.iter().filter(|row| matches!(row.days.get(at), Some(DayState::Away | DayState::PartAway))).count();
        let text = if away == 0 { painter.signs().free.to_owned() } else { away.to_string() };
        painter.text(x + plan.day / 2, area.y, 2, &text, if away == 0 { Role::Quiet } else { Role::Text });
    }
}

fn draw_legend(area: Area, painter: &mut Painter<'_>) {
    let entries = [
        (DayState::Away, "away"),
        (DayState::PartAway, "part of the day"),
        (DayState::Elsewhere, "elsewhere"),
        (DayState::Tentative, "maybe"),
        (DayState::OffHours, "day off"),
        (DayState::Here, "here"),
        (DayState::Unknown, "not known"),
    ];
    let mut x = area.x + 4;
    for (state, word) in entries {
        let width = u16::try_from(word.len()).unwrap_or(0);
        if x + width + 3 > area.right() {
            return;
        }
        ribbon::day(x, area.y, 2, state, painter);
        painter.text(x + 3, area.y, width, word, Role::Quiet);
        x += width + 6;
    }
}

/// Which sources were asked, and when.
fn ages(row: &AwayRow, seen: Option<&Presence>, painter: &Painter<'_>) -> Vec<String> {
    let schedule = row.schedule.as_ref().filter(|schedule| schedule.blocks.is_ok());
    let ages = [
        ("reply", row.reply.as_ref().map(|reply| reply.as_of)),
        ("presence", seen.map(|presence| presence.as_of)),
        ("calendar", schedule.map(|schedule| schedule.as_of)),
    ];
    let told = |(source, at): (&str, Option<_>)| Some(format!("{source} {}", words::clock(at?, painter.context.zone)));
    ages.into_iter().filter_map(told).collect()
}

/// What the sources say, each by its name, so that nobody has to believe the ribbon.
fn draw_detail(
    row: &AwayRow,
    seen: Option<&Presence>,
    day: Option<Date>,
    board: &AwayBoard,
    area: Area,
    painter: &mut Painter<'_>,
) {
    let mut lines: Vec<(String, Role)> = Vec::new();
    let back = row.back(board.from).map(|day| (format!("Back {}.", day.strftime("%a %-d %b")), Role::Text));
    match row.reply.as_ref().filter(|reply| !reply.message.is_empty()) {
        Some(reply) => {
            let zone = painter.context.zone;
            let moment = |at| {
                let wall = when::wall(at, zone);
                format!("{} {:02}:{:02}", wall.date().strftime("%a %-d %b"), wall.hour(), wall.minute())
            };
            let dates = match (reply.start, reply.end) {
                (Some(start), Some(end)) => format!("Automatic reply from {} to {}", moment(start), moment(end)),
                (None, Some(end)) => format!("Automatic reply until {}", moment(end)),
                _ => "Automatic reply, without an end".to_owned(),
            };
            lines.push((dates, Role::Text));
            lines.extend(back);
            let quoted = reply.message.lines().flat_map(|line| broken(line, area.width.saturating_sub(2)));
            lines.extend(quoted.map(|line| (format!("{} {line}", painter.signs().bar), Role::Quote1)));
        }
        None if row.sources.contains(&AwaySource::Calendar) => {
            lines.push(("The calendar says away; there is no automatic reply.".to_owned(), Role::Text));
            lines.extend(back);
        }
        None => lines.push(("No automatic reply.".to_owned(), Role::Quiet)),
    }
    if let Some(known) = seen {
        let mut text = format!("Presence: {}", presence::words(known));
        if !known.status_message.is_empty() {
            text.push_str(&format!(" {} {}", painter.signs().dash, known.status_message));
        }
        lines.push((text, Role::Quiet));
    }
    if let (Some(day), Some(schedule)) = (day, &row.schedule)
        && let Ok(blocks) = &schedule.blocks
    {
        let rules = when::rules(painter.context.zone);
        let whole = crate::domain::time::day_span(day, &rules);
        let of_day = words::blocks(blocks.iter(), whole, painter.signs().dash, painter.context.zone);
        if !of_day.is_empty() {
            lines.push((format!("{}: {}", day.strftime("%a %-d %b"), of_day.join(", ")), Role::Quiet));
        }
    }
    if row.days.iter().all(|day| matches!(day, DayState::Unknown | DayState::OffHours)) {
        lines.push(("Nothing tells of the days to come: they are not known, not free.".to_owned(), Role::Quiet));
    }
    lines.extend(row.problems.iter().map(|problem| (problem.what.clone(), Role::Warning)));
    lines.extend(board.left_out.iter().chain(&board.hints).map(|sentence| (sentence.clone(), Role::Quiet)));
    let mut y = area.y;
    for (text, role) in &lines {
        for line in broken(text, area.width) {
            if y >= area.bottom() {
                return;
            }
            painter.text(area.x, y, area.width, line, *role);
            y += 1;
        }
    }
}
