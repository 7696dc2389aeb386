//! The form of an event, and the question before something is done with one.

use crate::config::Role;
use crate::state::calendar::deed::EventAsk;
use crate::state::calendar::form::{EventForm, Field};
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::{field, overlay, who};

/// Columns of the labels.
const LABELS: u16 = 10;

pub(in crate::view) fn draw(form: &EventForm, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(76);
    let inside = overlay::open(body.centred(width, 12.min(body.height)), form.title(), "", painter);
    let mut lines: Vec<(Field, Area)> = Vec::new();
    let mut y = inside.y + 1;
    for which in Field::ALL {
        let area = Area { y, height: 1, ..inside };
        lines.push((which, area));
        draw_field(which, form, area, painter);
        y += 1;
        if which == Field::When {
            echo(form, Area { y, height: 1, ..inside }, painter);
            y += 1;
        }
    }
    let told = match form.told() {
        0 => "Nobody is invited; it is yours alone.".to_owned(),
        1 => "One person is invited and told.".to_owned(),
        count => format!("{count} people are invited and told."),
    };
    painter.text(inside.x, y + 1, inside.width, &told, Role::Quiet);
    completions(form, &lines, store, painter);
}

fn draw_field(which: Field, form: &EventForm, area: Area, painter: &mut Painter<'_>) {
    let is_focused = form.focused() == which;
    let role = if is_focused { Role::Accent } else { Role::Quiet };
    painter.text(area.x, area.y, LABELS, which.label(), role);
    painter.hit(area, Target::FormField(which));
    let (x, width) = (area.x + LABELS, area.width.saturating_sub(LABELS));
    match which {
        Field::Online => {
            let words = if form.is_online() { "yes, with a link to join" } else { "no" };
            painter.text(x, area.y, width, words, Role::Text);
            if is_focused {
                painter.text_right(area.right(), area.y, 16, "space switches", Role::Quiet);
                painter.cursor(x, area.y);
            }
        }
        Field::People => {
            let people = form.people_field();
            let joined: String = people.people().iter().map(|one| format!("{}; ", one.label())).collect();
            // The last names stay in sight beside what is typed.
            let room = width.saturating_sub(14);
            let mut shown = joined.as_str();
            while crate::base::text::width(shown) > usize::from(room) {
                match shown.split_once("; ") {
                    Some((_, rest)) => shown = rest,
                    None => break,
                }
            }
            let taken = painter.text(x, area.y, room, shown, Role::Text);
            let placeholder = if people.people().is_empty() { "Nobody; a name or an address invites" } else { "" };
            field::draw(x + taken, area.y, width - taken, people.line(), placeholder, is_focused, painter);
        }
        _ => {
            let placeholder = match which {
                Field::Subject => "What it is about",
                Field::When => "tomorrow 3pm, tue 14:00-15:00, 24 nov",
                _ => "Where, in words",
            };
            if let Some(line) = form.line_of(which) {
                field::draw(x, area.y, width, line, placeholder, is_focused, painter);
            }
        }
    }
}

/// What was understood of the time.
fn echo(form: &EventForm, area: Area, painter: &mut Painter<'_>) {
    let (words, role) = match form.understood() {
        Some(Ok(said)) => (said.words(), Role::Quiet),
        Some(Err(why)) => (why.to_string(), Role::Warning),
        None => return,
    };
    painter.text(area.x + LABELS, area.y, area.width.saturating_sub(LABELS), &words, role);
}

fn completions(form: &EventForm, lines: &[(Field, Area)], store: &Store, painter: &mut Painter<'_>) {
    let people = form.completions();
    let Some((_, line)) = lines.iter().find(|(which, _)| *which == Field::People) else { return };
    if people.is_empty() {
        return;
    }
    let height = u16::try_from(people.len()).unwrap_or(u16::MAX).saturating_add(2);
    let area = Area { x: line.x + LABELS, y: line.y + 1, width: line.width.saturating_sub(LABELS), height };
    let inside = overlay::open(area, "Who?", "tab takes", painter);
    for (y, (at, person)) in (inside.y..inside.bottom()).zip(people.iter().enumerate()) {
        let row = Area { y, height: 1, ..inside };
        who::draw(person, &store.session, row, painter);
        painter.hit(row, Target::Entry(at));
        if at == form.completion() {
            painter.select(row);
        }
    }
}

/// The question.
pub(in crate::view) fn draw_ask(ask: &EventAsk, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let rows: Vec<(char, &str)> = ask.rows().collect();
    let extra = if ask.note().is_some() { 5 } else { 3 };
    let height = u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(extra);
    let width = body.width.saturating_sub(4).min(64);
    let inside = overlay::open(body.centred(width, height.min(body.height)), &ask.title(), "", painter);
    let mut y = inside.y;
    if let Some(note) = ask.note() {
        let (label, placeholder) = ask.line_words();
        painter.text(inside.x, y, LABELS, label, Role::Accent);
        let width = inside.width.saturating_sub(LABELS);
        field::draw(inside.x + LABELS, y, width, note, placeholder, true, painter);
        if let Some((words, can_be)) = ask.echo(painter.context.now, painter.context.zone) {
            painter.text(inside.x + LABELS, y + 1, width, &words, if can_be { Role::Quiet } else { Role::Warning });
        }
        y += 1;
    }
    for (at, (letter, words)) in rows.into_iter().enumerate() {
        y += 1;
        let row = Area { y, height: 1, ..inside };
        if ask.note().is_none() {
            painter.text(row.x + 2, y, 2, &letter.to_string(), Role::HintKey);
        }
        painter.text(row.x + 5, y, row.width.saturating_sub(5), words, Role::Text);
        painter.hit(row, Target::Entry(at));
        if at == ask.at() {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            if ask.note().is_none() {
                painter.cursor(row.x, y);
            }
        }
    }
}
