//! The person card: who they are, whether they are there, what their reply says, and their day.

use crate::config::Role;
use crate::domain::event::When;
use crate::domain::freebusy::{Cell, cells, next_free};
use crate::domain::person::Person;
use crate::domain::presence::Presence;
use crate::domain::request::{Card, PersonRef, Together};
use crate::domain::time::{after_minutes, offset_difference};
use crate::state::card::{CardRow, MOST_REPORTS, PersonCard};
use crate::state::find_time::FindTime;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::state::when;
use crate::view::calendar::broken;
use crate::view::painter::Painter;
use crate::view::parts::{avatar, overlay, presence, ribbon, words};
use ratatui::style::Modifier;

/// Columns of the quiet words at the left.
const LABELS: u16 = 14;
/// Minutes a column of today's ribbon stands for.
const STEP: u16 = 15;

/// One line of the card, or a piece that is drawn.
enum Line {
    Words(&'static str, String, Role),
    Ribbon,
    Row(&'static str, CardRow, String),
    Blank,
}

pub(super) fn draw(person: &PersonCard, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = 78.min(body.width.saturating_sub(2));
    let Some(card) = person.card().value() else {
        let area = body.centred(width, 7);
        let inside = overlay::open(area, person.name(), "", painter);
        let sentence = person.card().problem().map_or("Asking who this is.", |report| report.what.as_str());
        for (y, line) in (inside.y + 1..inside.bottom()).zip(broken(sentence, inside.width)) {
            painter.text(inside.x, y, inside.width, line, Role::Quiet);
        }
        painter.cursor(inside.x, inside.y);
        return;
    };
    let seen = store.session.presences.newer(&card.person.id, card.presence.as_ref());
    let lines =
        lines(card, seen, person.together(), store.session.my_address(), width.saturating_sub(4 + LABELS), painter);
    let selected = person.selected();
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(6).min(body.height);
    let note = card.as_of.map_or(String::new(), |at| format!("as of {}", words::clock(at, painter.context.zone)));
    let inside = overlay::open(body.centred(width, height), &card.person.name, &note, painter);
    let (head, rest) = inside.split_top(4);
    draw_head(card, seen, head, store, painter);
    let room = usize::from(rest.height);
    // The row under the cursor is always in sight.
    let chosen = lines.iter().position(|line| matches!(line, Line::Row(_, row, _) if Some(row) == selected.as_ref()));
    let below = chosen.map_or(0, |at| (at + 1).saturating_sub(room));
    let most = lines.len().saturating_sub(room).min(chosen.unwrap_or(usize::MAX));
    let top = usize::from(person.scroll()).max(below).min(most);
    for (y, line) in (rest.y..rest.bottom()).zip(lines.iter().skip(top)) {
        let row = Area { y, height: 1, ..rest };
        draw_line(line, row, card, painter);
        if let Line::Row(_, which, _) = line
            && Some(which) == selected.as_ref()
        {
            painter.select(Area { x: row.x + LABELS.saturating_sub(2), width: row.width - LABELS + 2, ..row });
            painter.sign(row.x + LABELS - 2, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x + LABELS - 2, y);
        }
    }
    if selected.is_none() {
        painter.cursor(inside.x, inside.y);
    }
}

/// Initials, name, what they do and where, how to reach them.
fn draw_head(card: &Card, seen: Option<&Presence>, area: Area, store: &Store, painter: &mut Painter<'_>) {
    let person = &card.person;
    avatar::draw(area.x, area.y, &person.name, &person.address, painter);
    let (dot, role) = presence::dot(seen, painter);
    painter.text(area.x + 5, area.y, 1, dot, role);
    let style = painter.style(Role::Text).add_modifier(Modifier::BOLD);
    let room = area.width.saturating_sub(7);
    let taken = painter.styled(area.x + 7, area.y, room, &person.name, style);
    if store.session.is_external(&person.address) {
        painter.text(area.x + 7 + taken + 2, area.y, 8, "EXTERNAL", Role::External);
    }
    let join = |parts: [&Option<String>; 2]| parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ");
    let role_line = join([&person.job_title, &person.department]);
    painter.text(area.x + 7, area.y + 1, room, &role_line, Role::Quiet);
    let mut reach = vec![person.address.clone()];
    reach.extend(person.office.clone());
    painter.text(area.x + 7, area.y + 2, room, &reach.join(&format!("  {}  ", painter.signs().dot)), Role::Quiet);
}

fn lines(
    card: &Card,
    seen: Option<&Presence>,
    together: Option<&Together>,
    me: &str,
    width: u16,
    painter: &Painter<'_>,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let (now, zone) = (painter.context.now, painter.context.zone);
    if !card.person.phones.is_empty() {
        push(&mut lines, "Phone", &card.person.phones.join(", "), Role::Text, width);
    }
    if let Some(known) = seen {
        let mut text = presence::words_now(known, now);
        if !known.status_message.is_empty() {
            text.push_str(&format!("  \"{}\"", known.status_message));
        }
        push(&mut lines, "Presence", &text, Role::Text, width);
        if let Some(place) = known.work_place {
            push(&mut lines, "Works today", place.words(), Role::Text, width);
        }
    }
    if let Some(hours) = card.schedule.as_ref().and_then(|schedule| schedule.working_hours.as_ref()) {
        let theirs = &hours.zone;
        let local = if theirs.rules.is_some() { words::clock(now, theirs) } else { "?".to_owned() };
        let works = format!("{}{}{}", hours.start.strftime("%H:%M"), painter.signs().dash, hours.end.strftime("%H:%M"));
        // A Windows name stands for many cities, so it is told by its distance from here rather than by one of them.
        let place = if zone.has_same_clocks(theirs, now) {
            "as here".to_owned()
        } else if theirs.name.contains('/') {
            words::city(theirs)
        } else {
            offset_difference(theirs, &when::rules(zone), now)
        };
        push(&mut lines, "Local time", &format!("{local} {place}  works {works}"), Role::Text, width);
    }
    match card.reply.as_ref().filter(|reply| !reply.message.is_empty()) {
        Some(reply) => {
            let moment = |at| {
                let wall = when::wall(at, zone);
                format!("{} {:02}:{:02}", wall.date().strftime("%a %-d %b"), wall.hour(), wall.minute())
            };
            let dates = match (reply.start, reply.end) {
                (Some(start), Some(end)) => format!("{} {} {}", moment(start), painter.signs().dash, moment(end)),
                (None, Some(end)) => format!("until {}", moment(end)),
                _ => "on, without an end".to_owned(),
            };
            let role = if reply.is_on(now) { Role::Away } else { Role::Text };
            push(&mut lines, "Out of office", &dates, role, width);
            for line in reply.message.lines().flat_map(|line| broken(line, width.saturating_sub(2))) {
                lines.push(Line::Words("", format!("{} {line}", painter.signs().bar), Role::Quote1));
            }
        }
        None if card.reply.is_some() => push(&mut lines, "Out of office", "no automatic reply", Role::Quiet, width),
        None => {}
    }
    if let Some(schedule) = &card.schedule {
        lines.push(Line::Blank);
        match &schedule.blocks {
            Ok(_) => {
                lines.push(Line::Ribbon);
                let today = crate::domain::time::day_span(when::date(now, zone), &when::rules(zone));
                let ahead = schedule.blocks.iter().flatten().filter(|block| block.span.end > now);
                let blocks = words::blocks(ahead, today, painter.signs().dash, zone);
                let text = if blocks.is_empty() { "nothing more today".to_owned() } else { blocks.join(", ") };
                push(&mut lines, "", &text, Role::Quiet, width);
                if let Some(free) = next_free(schedule, now, 30) {
                    let day = when::date(free, zone);
                    let at = if day == when::date(now, zone) {
                        words::clock(free, zone)
                    } else {
                        format!("{} {}", day.strftime("%a %-d %b"), words::clock(free, zone))
                    };
                    let text = if free <= after_minutes(now, 1) {
                        "free for half an hour from now".to_owned()
                    } else {
                        format!("free for half an hour from {at}")
                    };
                    push(&mut lines, "", &text, Role::Text, width);
                }
            }
            Err(error) => {
                push(&mut lines, "Today", &format!("{} {}", error.message, error.remedy), Role::Unknown, width)
            }
        }
    }
    path(card, together, me, &mut lines, painter);
    if !card.problems.is_empty() {
        lines.push(Line::Blank);
    }
    for problem in &card.problems {
        push(&mut lines, "", &format!("{} {}", problem.what, problem.why), Role::Quiet, width);
    }
    lines
}

/// What leads on: manager and reports, the next meetings, the newest mails.
fn path(card: &Card, together: Option<&Together>, me: &str, lines: &mut Vec<Line>, painter: &Painter<'_>) {
    let (now, zone) = (painter.context.now, painter.context.zone);
    let titled = |person: &Person| match &person.job_title {
        Some(title) => format!("{}, {title}", person.name),
        None => person.name.clone(),
    };
    let reports = card.reports.iter().take(MOST_REPORTS).map(|person| ("Reports", person));
    let people: Vec<(&'static str, &Person)> = card.manager.iter().map(|one| ("Manager", one)).chain(reports).collect();
    if !people.is_empty() {
        lines.push(Line::Blank);
    }
    let mut before = "";
    for (label, person) in people {
        let shown = if label == before { "" } else { label };
        before = label;
        let text = format!("{} {}", painter.signs().arrow, titled(person));
        lines.push(Line::Row(shown, CardRow::Person(person.id.clone()), text));
    }
    if card.reports.len() > MOST_REPORTS {
        let more = format!("and {} more", card.reports.len() - MOST_REPORTS);
        lines.push(Line::Words("", more, Role::Quiet));
    }
    let Some(together) = together else { return };
    if !together.meetings.is_empty() || !together.mails.is_empty() {
        lines.push(Line::Blank);
    }
    let rules = when::rules(zone);
    for (at, event) in together.meetings.iter().enumerate() {
        let day = when::date(event.when.start(&rules), zone).strftime("%a %-d %b").to_string();
        let time = match event.when {
            When::AllDay { .. } => "all day".to_owned(),
            When::Timed(span) => words::clock(span.start, zone),
        };
        let text = format!("{day} {time}  {}", event.subject);
        lines.push(Line::Row(if at == 0 { "Together" } else { "" }, CardRow::Meeting(event.id.clone()), text));
    }
    for (at, row) in together.mails.iter().enumerate() {
        let message = &row.message;
        let from = message.from.as_ref();
        let is_theirs = from.is_some_and(|from| from.address.eq_ignore_ascii_case(&card.person.address));
        let who = match from {
            _ if is_theirs => card.person.name.split(' ').next().unwrap_or_default(),
            Some(from) if !from.address.eq_ignore_ascii_case(me) => from.label(),
            _ => "you",
        };
        let text = format!("{}  {who}: {}", words::moment(message.received, now, zone), message.subject);
        lines.push(Line::Row(if at == 0 { "Mail" } else { "" }, CardRow::Mail(message.id.clone()), text));
    }
}

/// A labelled text, broken over as many lines as it needs.
fn push(lines: &mut Vec<Line>, label: &'static str, text: &str, role: Role, width: u16) {
    for (at, line) in broken(text, width).into_iter().enumerate() {
        lines.push(Line::Words(if at == 0 { label } else { "" }, line.to_owned(), role));
    }
}

fn draw_line(line: &Line, row: Area, card: &Card, painter: &mut Painter<'_>) {
    let x = row.x + LABELS;
    let room = row.width.saturating_sub(LABELS);
    match line {
        Line::Blank => {}
        Line::Words(label, text, role) => {
            painter.text(row.x, row.y, LABELS, label, Role::Quiet);
            painter.text(x, row.y, room, text, *role);
        }
        Line::Row(label, which, text) => {
            painter.text(row.x, row.y, LABELS, label, Role::Quiet);
            let taken = painter.text(x, row.y, room, text, Role::Accent);
            if let CardRow::Person(id) = which {
                painter.hit(Area::new(x, row.y, taken, 1), Target::Person(PersonRef::Id(id.clone())));
            }
        }
        Line::Ribbon => {
            painter.text(row.x, row.y, LABELS, "Today", Role::Quiet);
            let Some(schedule) = &card.schedule else { return };
            let hours = FindTime::hours_of(when::date(painter.context.now, painter.context.zone), painter.context.zone);
            let cells: Vec<Cell> = cells(schedule, hours, STEP).into_iter().take(usize::from(room)).collect();
            let start = words::clock(hours.start, painter.context.zone);
            let end = words::clock(hours.end, painter.context.zone);
            painter.text(x, row.y, 6, &start, Role::Quiet);
            let width = u16::try_from(cells.len()).unwrap_or(0).min(room.saturating_sub(12));
            ribbon::draw(x + 6, row.y, &cells[..usize::from(width)], usize::from(60 / STEP), painter);
            painter.text(x + 7 + width, row.y, 6, &end, Role::Quiet);
        }
    }
}
