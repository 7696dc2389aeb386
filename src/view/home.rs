//! The home view: agenda of today and tomorrow, the newest mail, who is away.

use crate::config::Role;
use crate::domain::account::Feature;
use crate::domain::event::{Event, Response, When};
use crate::domain::freebusy::Availability;
use crate::domain::mail::FolderRole;
use crate::domain::presence::{AwayOf, AwayRow, DayState};
use crate::domain::request::PersonRef;
use crate::state::calendar::touches;
use crate::state::command::CommandId;
use crate::state::geometry::{Area, Shape};
use crate::state::store::Store;
use crate::state::surface::{Pane, Surface};
use crate::state::target::Target;
use crate::state::when;
use crate::view::mail::{Columns, of_sender, row_one_line};
use crate::view::painter::Painter;
use crate::view::parts::{empty, pane, words};
use jiff::civil::Date;
use ratatui::style::Modifier;

pub(super) fn draw(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let areas = divide(store.session.shape(), area);
    draw_agenda(store, areas.agenda, painter);
    draw_away(store, areas.away, painter);
    draw_inbox(store, areas.inbox, painter);
    if areas.is_beside {
        pane::line_after(areas.left, painter);
        let junction = painter.style(Role::Line);
        painter.sign(areas.left.right(), areas.away.y, painter.signs().tee_left, junction);
    }
}

struct HomeAreas {
    left: Area,
    agenda: Area,
    away: Area,
    inbox: Area,
    is_beside: bool,
}

/// Agenda above the absent at the left, mail at the right; below 100 columns all above each other.
fn divide(shape: Shape, area: Area) -> HomeAreas {
    if matches!(shape, Shape::ThreePanes | Shape::Beside) {
        let (left, rest) = area.split_left((area.width * 2 / 5).min(60));
        let (_, inbox) = rest.split_left(1);
        let (agenda, away) = left.split_bottom((left.height / 3).clamp(4, 14));
        HomeAreas { left, agenda, away, inbox, is_beside: true }
    } else {
        let (agenda, rest) = area.split_top(area.height * 9 / 20);
        let (inbox, away) = rest.split_bottom((rest.height / 3).clamp(3, 6));
        HomeAreas { left: agenda, agenda, away, inbox, is_beside: false }
    }
}

fn draw_agenda(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let home = &store.screens.home;
    let has_focus = home.pane() == Pane::HomeAgenda && store.layers.is_empty();
    let today = when::date(painter.context.now, painter.context.zone);
    let week = today.iso_week_date().week();
    let inside = pane::open(area, &words::day(today, today), &format!("week {week}"), has_focus, painter);
    pane::hit(inside, Pane::HomeAgenda, painter);
    let Some(agenda) = home.agenda().value() else {
        if let Some(report) = home.agenda().problem() {
            empty::draw(store, inside, &report.what, Some(CommandId::ShowProblem), painter);
        }
        return;
    };
    let lines = agenda_lines(&agenda.events, today, painter);
    let lines = add_notes(&lines, &agenda.events, usize::from(inside.height), painter);
    let selected = home.selection().0;
    let at = lines.iter().position(|line| matches!(line, AgendaLine::Event(event) if Some(&event.id) == selected));
    let rows = usize::from(inside.height);
    let top = at.unwrap_or(0).saturating_sub(rows.saturating_sub(2)).min(lines.len().saturating_sub(rows));
    for ((y, at), line) in (inside.y..inside.bottom()).zip(top..).zip(lines.iter().skip(top)) {
        let row = Area { y, height: 1, ..inside };
        let has_note_below = matches!(lines.get(at + 1), Some(AgendaLine::Note(_)));
        draw_agenda_line(line, row, &agenda.events, !has_note_below, painter);
        if let AgendaLine::Event(event) = line {
            if Some(&event.id) == selected {
                mark(row, has_focus, painter);
            }
            painter.hit(row, Target::Event(event.id.clone()));
        }
    }
}

#[derive(Clone, Copy)]
enum AgendaLine<'a> {
    Event(&'a Event),
    /// What there is to say of the event above, where there is room for a second line.
    Note(&'a Event),
    Now,
    Day(Date),
    Nothing(&'static str),
    Blank,
}

/// Today with the line of the present moment in its place, then tomorrow.
fn agenda_lines<'a>(events: &'a [Event], today: Date, painter: &Painter<'_>) -> Vec<AgendaLine<'a>> {
    let (now, zone) = (painter.context.now, painter.context.zone);
    let tomorrow = when::plus_days(today, 1);
    let mut lines = Vec::new();
    for day in [today, tomorrow] {
        if day == tomorrow {
            lines.extend([AgendaLine::Blank, AgendaLine::Day(day)]);
        }
        let mut has_passed_now = day != today;
        let before = lines.len();
        for event in events.iter().filter(|event| touches(event, day, zone)) {
            if let When::Timed(span) = event.when
                && !has_passed_now
                && span.start > now
            {
                lines.push(AgendaLine::Now);
                has_passed_now = true;
            }
            // What lasts into tomorrow is listed once.
            if !(day == tomorrow && touches(event, today, zone)) {
                lines.push(AgendaLine::Event(event));
            }
        }
        if !has_passed_now {
            lines.push(AgendaLine::Now);
        }
        let has_events = lines[before..].iter().any(|line| matches!(line, AgendaLine::Event(_)));
        if !has_events {
            lines.push(AgendaLine::Nothing(if day == today { "Nothing today." } else { "Nothing tomorrow." }));
        }
    }
    lines
}

/// The same lines with a second one under each event that has something to say, the soonest first, as far as there is room.
fn add_notes<'a>(
    lines: &[AgendaLine<'a>],
    events: &[Event],
    room: usize,
    painter: &Painter<'_>,
) -> Vec<AgendaLine<'a>> {
    let mut spare = room.saturating_sub(lines.len());
    let mut with_notes = Vec::with_capacity(lines.len() + spare);
    for line in lines {
        with_notes.push(*line);
        if let AgendaLine::Event(event) = line
            && spare > 0
            && !is_past(event, painter)
            && !note_of(event, events, painter).is_empty()
        {
            with_notes.push(AgendaLine::Note(event));
            spare -= 1;
        }
    }
    with_notes
}

fn is_past(event: &Event, painter: &Painter<'_>) -> bool {
    matches!(event.when, When::Timed(span) if span.end <= painter.context.now)
}

const TIMES: u16 = 13;

fn draw_agenda_line(
    line: &AgendaLine<'_>,
    row: Area,
    events: &[Event],
    has_note_beside: bool,
    painter: &mut Painter<'_>,
) {
    let signs = painter.signs();
    let (now, zone) = (painter.context.now, painter.context.zone);
    match line {
        AgendaLine::Blank => {}
        AgendaLine::Nothing(words) => {
            painter.text(row.x + 2, row.y, row.width, words, Role::Quiet);
        }
        AgendaLine::Day(date) => {
            let today = when::date(now, zone);
            painter.text(row.x + 1, row.y, row.width, &words::day(*date, today), Role::TitleQuiet);
        }
        AgendaLine::Now => {
            let taken = painter.text(row.x + 2, row.y, 6, &words::clock(now, zone), Role::Now);
            let x = row.x + 2 + taken + 1;
            painter.across(Area::new(x, row.y, row.right().saturating_sub(x + 1), 1), signs.horizontal, Role::Now);
        }
        AgendaLine::Event(event) => {
            let rest = draw_event(event, row, painter);
            if has_note_beside {
                draw_note(event, rest, events, painter);
            }
        }
        AgendaLine::Note(event) => {
            let (bar, bar_role) = bar_of(event, painter);
            let x = row.x + 2 + TIMES - 1;
            painter.text(x, row.y, 1, bar, bar_role);
            draw_note(event, Area { x: x + 2, width: row.right().saturating_sub(x + 3), ..row }, events, painter);
        }
    }
}

/// Draws times, bar and subject; returns what is left of the line.
fn draw_event(event: &Event, row: Area, painter: &mut Painter<'_>) -> Area {
    let signs = painter.signs();
    let zone = painter.context.zone;
    let is_past = is_past(event, painter);
    let times = match event.when {
        When::AllDay { .. } => "all day".to_owned(),
        When::Timed(span) => {
            format!("{}{}{}", words::clock(span.start, zone), signs.dash, words::clock(span.end, zone))
        }
    };
    painter.text(row.x + 2, row.y, TIMES, &times, if is_past { Role::Past } else { Role::Text });
    let (bar, bar_role) = bar_of(event, painter);
    let x = row.x + 2 + TIMES - 1;
    painter.text(x, row.y, 1, bar, bar_role);
    let mut style = painter.style(if is_past { Role::Past } else { Role::Text });
    if event.is_cancelled || event.response == Response::Declined {
        style = painter.style(Role::Quiet).add_modifier(Modifier::CROSSED_OUT);
    } else if !is_past {
        style = style.add_modifier(Modifier::BOLD);
    }
    let x = x + 2;
    let room = row.right().saturating_sub(x + 1);
    let subject = if event.subject.is_empty() { "(no subject)" } else { &event.subject };
    let taken = painter.styled(x, row.y, room, subject, style);
    Area { x: x + taken + 2, width: room.saturating_sub(taken + 2), ..row }
}

fn draw_note(event: &Event, area: Area, events: &[Event], painter: &mut Painter<'_>) {
    let note = note_of(event, events, painter);
    if note.is_empty() || area.width < 6 {
        return;
    }
    let is_past = is_past(event, painter);
    let role = match (is_past, has_conflict(event, events)) {
        (true, _) => Role::Past,
        (false, true) => Role::Warning,
        (false, false) => Role::Quiet,
    };
    painter.text(area.x, area.y, area.width, &note, role);
}

fn bar_of(event: &Event, painter: &Painter<'_>) -> (&'static str, Role) {
    let signs = painter.signs();
    match event.show_as {
        Some(Availability::Tentative) => (signs.bar_tentative, Role::Tentative),
        Some(Availability::OutOfOffice) => (signs.bar, Role::Away),
        Some(Availability::WorkingElsewhere) => (signs.bar, Role::Elsewhere),
        Some(Availability::Free) => (signs.bar, Role::Free),
        Some(Availability::Busy) => (signs.bar, Role::Busy),
        None => (signs.bar, Role::Unknown),
    }
}

/// Conflict first, then how long until it begins, place, and whether an answer is awaited.
fn note_of(event: &Event, events: &[Event], painter: &Painter<'_>) -> String {
    let now = painter.context.now;
    let mut notes: Vec<String> = Vec::new();
    if let Some(other) = conflict(event, events) {
        notes.push(format!("overlaps {}", other.subject));
    }
    if let When::Timed(span) = event.when {
        let minutes = span.start.duration_since(now).as_secs() / 60;
        if span.start > now && minutes < 60 {
            notes.push(format!("in {}", words::length(now, span.start)));
        } else if span.contains(now) {
            notes.push(format!("until {}", words::clock(span.end, painter.context.zone)));
        }
    }
    if !event.location.is_empty() {
        notes.push(event.location.clone());
    } else if event.join_url.is_some() {
        notes.push("online".to_owned());
    }
    if event.response == Response::NotResponded {
        notes.push("not answered".to_owned());
    }
    notes.join(&format!(" {} ", painter.signs().dot))
}

fn has_conflict(event: &Event, events: &[Event]) -> bool {
    conflict(event, events).is_some()
}

/// An earlier event that shares time with this one; both take the time.
fn conflict<'a>(event: &Event, events: &'a [Event]) -> Option<&'a Event> {
    let When::Timed(span) = event.when else { return None };
    let takes_time = |event: &Event| {
        !event.is_cancelled
            && event.response != Response::Declined
            && !matches!(event.show_as, Some(Availability::Free | Availability::WorkingElsewhere))
    };
    if !takes_time(event) {
        return None;
    }
    events
        .iter()
        .take_while(|other| other.id != event.id)
        .find(|other| takes_time(other) && matches!(other.when, When::Timed(theirs) if theirs.overlaps(&span)))
}

fn draw_inbox(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let home = &store.screens.home;
    let has_focus = home.pane() == Pane::HomeInbox && store.layers.is_empty();
    let folder = store.session.folder_with_role(FolderRole::Inbox);
    let note = folder.map_or(String::new(), |folder| {
        format!("{} unread of {}", words::count(folder.unread), words::count(folder.total))
    });
    let inside = pane::open(area, "Inbox", &note, has_focus, painter);
    pane::hit(inside, Pane::HomeInbox, painter);
    let rows = home.inbox().value().map_or(&[][..], |page| page.rows.as_slice());
    if let (true, Some(report)) = (rows.is_empty(), store.session.closed(Feature::Mail)) {
        return empty::draw(store, inside, &report.what, Some(CommandId::ShowProblem), painter);
    }
    if rows.is_empty() {
        let sentence = match (home.inbox().problem(), store.session.sync.progress.is_empty()) {
            (Some(report), _) => report.what.as_str(),
            (None, false) => "The newest mail is on its way.",
            (None, true) if home.inbox().value().is_some() => "The inbox is empty.",
            (None, true) => "",
        };
        return empty::draw(store, inside, sentence, None, painter);
    }
    let columns = Columns::of(inside.width, 14);
    let selected = home.selection().1;
    let at = rows.iter().position(|row| Some(row.key) == selected).unwrap_or(0);
    let top = at.saturating_sub(usize::from(inside.height).saturating_sub(1));
    for (y, row) in (inside.y..inside.bottom()).zip(rows.iter().skip(top)) {
        let line = Area { y, height: 1, ..inside };
        let known = of_sender(&row.message, &store.session, painter);
        row_one_line(&row.message, known, line, &columns, false, painter);
        if Some(row.key) == selected {
            mark(line, has_focus, painter);
        }
        painter.hit(line, Target::Message(row.key));
    }
}

fn draw_away(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let home = &store.screens.home;
    let has_focus = home.pane() == Pane::HomeAway && store.layers.is_empty();
    let rows = home.away_rows();
    let away_now = rows.iter().filter(|row| row.is_away_now).count();
    let note = if away_now > 0 { format!("{away_now} now") } else { String::new() };
    let inside = pane::open(area, "Away", &note, has_focus, painter);
    pane::hit(inside, Pane::HomeAway, painter);
    if rows.is_empty() {
        let sentence = match (home.away().problem(), home.away().value()) {
            (Some(report), _) => report.what.clone(),
            (None, Some(board)) if matches!(board.of, AwayOf::Team | AwayOf::Remembered) => {
                "Nobody of your team is away.".to_owned()
            }
            (None, Some(board)) => format!("Nobody of {} is away.", board.title),
            (None, None) => String::new(),
        };
        painter.text(inside.x + 2, inside.y, inside.width.saturating_sub(3), &sentence, Role::Quiet);
        return;
    }
    let selected = home.selection().2;
    let at = rows.iter().position(|row| Some(&row.person.id.0) == selected).unwrap_or(0);
    let top = at.saturating_sub(usize::from(inside.height).saturating_sub(1));
    for (y, row) in (inside.y..inside.bottom()).zip(rows.iter().skip(top)) {
        let line = Area { y, height: 1, ..inside };
        draw_away_row(row, line, painter);
        if Some(&row.person.id.0) == selected {
            mark(line, has_focus, painter);
        }
        painter.hit(line, Target::Person(PersonRef::Id(row.person.id.clone())));
    }
}

fn draw_away_row(row: &AwayRow, line: Area, painter: &mut Painter<'_>) {
    let signs = painter.signs();
    let first = row.days.first().copied();
    let (sign, role) = match (row.is_away_now, first) {
        (true, _) => (signs.away, Role::Away),
        (false, Some(DayState::PartAway)) => (signs.halves[0], Role::Away),
        (false, Some(DayState::Elsewhere)) => (signs.elsewhere, Role::Elsewhere),
        _ => (signs.halves[1], Role::Away),
    };
    painter.text(line.x + 2, line.y, 1, sign, role);
    let name_width = (line.width / 3).clamp(14, 24);
    let role = if row.is_away_now { Role::Text } else { Role::Quiet };
    painter.text(line.x + 4, line.y, name_width, &row.person.name, role);
    let x = line.x + 5 + name_width;
    let date = |date: Date| date.strftime("%a %-d %b").to_string();
    let mut words = match (row.is_away_now, row.since, row.until) {
        (true, _, Some(until)) => format!("until {}", date(until)),
        (true, _, None) => "away, no end known".to_owned(),
        (false, Some(since), Some(until)) if since == until => date(since),
        (false, Some(since), Some(until)) => format!("{} {} {}", date(since), signs.dash, date(until)),
        (false, Some(since), None) => format!("from {}", date(since)),
        (false, None, _) => String::new(),
    };
    if let Some(reply) = row.reply.as_ref().filter(|reply| !reply.message.is_empty()) {
        words = format!("{words}  {}", words::in_one_line(&reply.message));
    }
    painter.text(x, line.y, line.right().saturating_sub(x + 1), &words, Role::Quiet);
}

fn mark(row: Area, has_focus: bool, painter: &mut Painter<'_>) {
    if has_focus {
        painter.select(row);
        painter.sign(row.x, row.y, painter.signs().cursor, painter.style(Role::Selection));
        painter.cursor(row.x, row.y);
    }
}
