//! The form of an event, and the question before something is done with one.

use crate::config::Role;
use crate::state::calendar::deed::EventAsk;
use crate::state::calendar::fields::{self, Field, LABELS};
use crate::state::calendar::form::EventForm;
use crate::state::geometry::Area;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::Painter;
use crate::view::parts::{field, overlay, text_area, who};

pub(in crate::view) fn draw(form: &EventForm, store: &Store, painter: &mut Painter<'_>) {
    let areas = fields::areas(&store.session, form.focused());
    overlay::open(areas.frame, form.title(), "", painter);
    for (which, area) in &areas.fields {
        if area.height > 0 {
            draw_field(*which, form, *area, painter);
        }
    }
    if areas.text.height > 0 {
        if form.text().text().is_empty() {
            painter.text(areas.text.x, areas.text.y, areas.text.width, form.text_placeholder(), Role::Quiet);
        }
        text_area::draw(areas.text, form.text(), form.focused() == Field::Text, painter);
        painter.hit(areas.text, Target::FormField(Field::Text));
    }
    let time = match form.understood() {
        Some(Ok(said)) => Some((said.words(), Role::Quiet)),
        Some(Err(why)) => Some((why.to_string(), Role::Warning)),
        None => None,
    };
    let repeats = match form.repeated(painter.context.zone) {
        Some(Ok(words)) => Some((words, Role::Quiet)),
        Some(Err(why)) => Some((why, Role::Warning)),
        None => None,
    };
    for (area, echo) in [(areas.time, time), (areas.repeats, repeats)] {
        if let Some((words, role)) = echo.filter(|_| area.height > 0) {
            painter.text(area.x, area.y, area.width, &words, role);
        }
    }
    if areas.told.height > 0 {
        let told = match form.told() {
            0 => "Nobody is invited; it is yours alone.".to_owned(),
            1 => "One person is invited and told.".to_owned(),
            count => format!("{count} people are invited and told."),
        };
        painter.text(areas.told.x, areas.told.y, areas.told.width, &told, Role::Quiet);
    }
    completions(form, &areas.fields, store, painter);
}

fn draw_field(which: Field, form: &EventForm, area: Area, painter: &mut Painter<'_>) {
    let is_focused = form.focused() == which;
    let role = if is_focused { Role::Accent } else { Role::Quiet };
    painter.text(area.x, area.y, LABELS, which.label(), role);
    painter.hit(area, Target::FormField(which));
    let (x, width) = (area.x + LABELS, area.width.saturating_sub(LABELS));
    if let Some(words) = form.chosen(which) {
        painter.text(x, area.y, width, &words, Role::Text);
        if is_focused {
            painter.text_right(area.right(), area.y, 16, "space switches", Role::Quiet);
            painter.cursor(x, area.y);
        }
        return;
    }
    match which {
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
                Field::Repeats => form.repeats_placeholder(),
                _ => "Where, in words",
            };
            if let Some(line) = form.line_of(which) {
                field::draw(x, area.y, width, line, placeholder, is_focused, painter);
            }
        }
    }
}

fn completions(form: &EventForm, lines: &[(Field, Area)], store: &Store, painter: &mut Painter<'_>) {
    let people = form.completions();
    let Some((_, line)) = lines.iter().find(|(which, _)| *which == Field::People) else { return };
    if people.is_empty() || line.height == 0 {
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
