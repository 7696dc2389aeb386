//! A message that is written: fields above, the text below, and at the bottom what is to be said before it is sent.

use crate::base::text;
use crate::config::Role;
use crate::domain::draft::DraftKind;
use crate::domain::draft_check::Check;
use crate::domain::mail::Recipient;
use crate::state::command::CommandId;
use crate::state::compose::people::PeopleField;
use crate::state::compose::review::Choice;
use crate::state::compose::{Compose, Field};
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::layer::Layer;
use crate::state::mail::reader::size_words;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{field, overlay, pane, text_area, who, words};

/// Columns of the labels.
const LABELS: u16 = 9;

pub(super) fn draw(compose: &Compose, store: &Store, painter: &mut Painter<'_>) {
    let areas = compose.areas(&store.session);
    painter.ground(store.session.screen().body, Role::Surface);
    let is_on_top = matches!(store.layers.last(), Some(Layer::Compose(_)));
    let note = match (compose.problem(), compose.kept(), compose.is_beginning()) {
        (Some(report), _, _) => report.what.clone(),
        (None, _, true) => format!("beginning{}", painter.look.ellipsis()),
        (None, Some(at), _) if !compose.is_unkept() => {
            format!("kept {}", words::clock(at, painter.context.zone))
        }
        _ => String::new(),
    };
    let has_focus = is_on_top && compose.review().is_none();
    let title = if compose.is_from_elsewhere() { "Draft begun elsewhere" } else { title(compose.kind()) };
    pane::open(areas.title, title, &note, has_focus, painter);
    for (which, area) in &areas.fields {
        draw_field(*which, compose, *area, has_focus, painter);
    }
    if let Some(area) = areas.attached {
        painter.text(area.x + 1, area.y, LABELS, "Attached", Role::Quiet);
        let there = compose.files_there().map(|(_, file)| (&file.name, file.size));
        let here = compose.attachments().iter().map(|file| (&file.name, file.size));
        let names: Vec<String> =
            there.chain(here).map(|(name, size)| format!("{name} ({})", size_words(size))).collect();
        painter.text(area.x + 1 + LABELS, area.y, area.width.saturating_sub(LABELS + 2), &names.join("  "), Role::Text);
    }
    let rule = Area { y: areas.body.y.saturating_sub(1), height: 1, ..areas.title };
    painter.across(rule, painter.signs().horizontal, Role::Line);
    let is_writing = has_focus && compose.focused() == Field::Body;
    painter.hit(areas.body, Target::Field(Field::Body));
    text_area::draw(areas.body, compose.body(), is_writing, painter);
    if compose.body().text().is_empty() && !is_writing {
        painter.text(areas.body.x, areas.body.y, areas.body.width, "The text comes here.", Role::Quiet);
    }
    draw_checks(compose, store, areas.checks, painter);
    draw_completions(compose, &areas.fields, has_focus, store, painter);
    if let Some(at) = compose.review() {
        review(compose, at, store, painter);
    }
}

const fn title(kind: DraftKind) -> &'static str {
    match kind {
        DraftKind::New => "New message",
        DraftKind::Reply => "Reply",
        DraftKind::ReplyAll => "Reply to all",
        DraftKind::Forward => "Forward",
    }
}

fn draw_field(which: Field, compose: &Compose, area: Area, has_focus: bool, painter: &mut Painter<'_>) {
    let is_focused = has_focus && compose.focused() == which;
    let label_role = if is_focused { Role::Accent } else { Role::Quiet };
    painter.text(area.x + 1, area.y, LABELS, which.label(), label_role);
    painter.hit(area, Target::Field(which));
    let (x, width) = (area.x + 1 + LABELS, area.width.saturating_sub(LABELS + 2));
    match compose.people_of(which) {
        Some(people) => draw_people(people, x, area.y, width, is_focused, painter),
        None => {
            let placeholder = if which == Field::Subject { "What it is about" } else { "" };
            field::draw(x, area.y, width, compose.subject(), placeholder, is_focused, painter);
        }
    }
}

/// Whoever is taken, then what is typed. Without the focus as many whole names as there is room for; with it the end is in sight.
fn draw_people(people: &PeopleField, x: u16, y: u16, width: u16, is_focused: bool, painter: &mut Painter<'_>) {
    let names: Vec<&str> = people.people().iter().map(Recipient::label).collect();
    let joined = names.iter().map(|name| format!("{name}; ")).collect::<String>();
    let typed = people.line();
    if !is_focused {
        let all = format!("{joined}{}", typed.text());
        let all = all.trim_end_matches("; ");
        if columns(all) <= width {
            painter.text(x, y, width, all, Role::Text);
            return;
        }
        let fits = |count: usize| {
            let line = format!("{} and {} more", names[..count].join("; "), names.len() - count);
            (columns(&line) <= width).then_some(line)
        };
        let line = (1..names.len()).rev().find_map(fits);
        painter.text(x, y, width, line.as_deref().unwrap_or(all), Role::Text);
        return;
    }
    // The last names stay in sight, as far as the typed text leaves room.
    let room = usize::from(width).saturating_sub(12.max(text::width(typed.text()) + 1).min(usize::from(width) / 2));
    let mut shown = joined.as_str();
    while text::width(shown) > room {
        match shown.split_once("; ") {
            Some((_, rest)) => shown = rest,
            None => break,
        }
    }
    let taken = painter.text(x, y, width, shown, Role::Text);
    let placeholder = if names.is_empty() { "A name or an address" } else { "" };
    field::draw(x + taken, y, width.saturating_sub(taken), typed, placeholder, true, painter);
}

fn draw_checks(compose: &Compose, store: &Store, area: Area, painter: &mut Painter<'_>) {
    painter.across(Area { height: 1, ..area }, painter.signs().horizontal, Role::Line);
    let room = usize::from(area.height.saturating_sub(1));
    let mut lines: Vec<(String, Role)> = Vec::new();
    // Before anything is typed, what is missing is no news.
    if compose.is_touched() {
        for check in compose.checks(&store.session) {
            let role = if check.is_quiet() { Role::Quiet } else { Role::Warning };
            // What is still being typed is not wrong yet.
            let typed = compose.people_of(compose.focused()).map_or("", |field| field.line().text().trim());
            let is_early = match &check {
                Check::NoRecipient | Check::NoSubject => compose.focused() != Field::Body,
                Check::NotAnAddress(text) => text == typed,
                _ => false,
            };
            if !is_early {
                lines.push((check.words(), role));
            }
        }
    }
    let send = store.keymap().keys_of(CommandId::ComposeSend, KeyContext::Compose).map(crate::config::keys_text);
    let undo = store.keymap().keys_of(CommandId::Undo, KeyContext::Everywhere).map(crate::config::keys_text);
    if let (Some(send), Some(undo), true) = (send, undo, lines.len() < room) {
        lines.push((format!("It goes a moment after {send}; {undo} stops it until then."), Role::Quiet));
    }
    let mut rows = area.y + 1..area.bottom();
    // The gravest come first; where there is no room for each, they share a line.
    if lines.len() > room {
        let keep = lines.len() - room.saturating_sub(1);
        let shared: Vec<String> = lines.drain(..keep.min(lines.len())).map(|(words, _)| words).collect();
        lines.insert(0, (shared.join(" "), Role::Warning));
    }
    for (words, role) in lines {
        let Some(y) = rows.next() else { return };
        if role == Role::Warning {
            painter.text(area.x + 1, y, 1, painter.signs().important, Role::Warning);
        }
        painter.text(area.x + 3, y, area.width.saturating_sub(4), &words, role);
    }
}

fn draw_completions(
    compose: &Compose,
    fields: &[(Field, Area)],
    has_focus: bool,
    store: &Store,
    painter: &mut Painter<'_>,
) {
    let completions = compose.completions();
    let Some((_, line)) = fields.iter().find(|(which, _)| *which == compose.focused()).filter(|_| has_focus) else {
        return;
    };
    if completions.is_empty() {
        return;
    }
    let height = u16::try_from(completions.len()).unwrap_or(u16::MAX).saturating_add(2);
    let width = line.width.saturating_sub(LABELS + 3).min(66);
    // Far enough from the letters that are typed.
    let area = Area { x: line.x + LABELS, y: line.y + 1, width, height };
    let inside = overlay::open(area, "Who?", "tab takes", painter);
    for (y, (at, person)) in (inside.y..inside.bottom()).zip(completions.iter().enumerate()) {
        let row = Area { y, height: 1, ..inside };
        who::draw(person, &store.session, row, painter);
        painter.hit(row, Target::Entry(at));
        if at == compose.completion() {
            painter.select(row);
        }
    }
}

/// What can be done, over the message.
fn review(compose: &Compose, at: usize, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(76);
    let room = usize::from(width.saturating_sub(4));
    let choices = compose.choices();
    let mut lines: Vec<(String, Role)> =
        vec![(format!("\"{}\" to {}", compose.label(), addressed(compose)), Role::Text)];
    for check in compose.checks(&store.session) {
        let role = if check.is_quiet() { Role::Quiet } else { Role::Warning };
        lines.extend(text::wrap(&check.words(), room).into_iter().map(|line| (line, role)));
    }
    let needed = u16::try_from(lines.len() + choices.len()).unwrap_or(u16::MAX).saturating_add(3);
    let inside = overlay::open(body.centred(width, needed.min(body.height)), "Before it goes", "", painter);
    let rows = u16::try_from(choices.len()).unwrap_or(u16::MAX);
    let (top, list) = inside.split_bottom(rows.min(inside.height.saturating_sub(2)));
    for (y, (line, role)) in (top.y..top.bottom()).zip(&lines) {
        painter.text(top.x, y, top.width, line, *role);
    }
    let first = at.saturating_sub(usize::from(list.height).saturating_sub(1));
    for ((y, place), choice) in (list.y..list.bottom()).zip(first..).zip(choices.iter().skip(first)) {
        let row = Area { y, height: 1, ..list };
        let (command, words) = match choice {
            Choice::Send => (Some(CommandId::ReviewSend), "Send it; it is held for a moment first".to_owned()),
            Choice::Edit => (Some(CommandId::ReviewEdit), "Write on".to_owned()),
            Choice::Attach => (Some(CommandId::ReviewAttach), "Attach a file".to_owned()),
            Choice::Postpone => (Some(CommandId::ReviewPostpone), "Put it aside as a draft".to_owned()),
            Choice::Discard => (Some(CommandId::ReviewDiscard), "Throw it away".to_owned()),
            Choice::Detach(file) => {
                let name = compose.attachments().get(*file).map_or("", |file| file.name.as_str());
                (None, format!("Take off {name}"))
            }
            Choice::TakeOff(file) => {
                let name = compose.files_there().find(|(at, _)| at == file).map_or("", |(_, file)| file.name.as_str());
                (None, format!("Take off {name}"))
            }
        };
        let keys = command.and_then(|command| store.keymap().keys_of(command, KeyContext::Review));
        painter.text(row.x + 2, y, 4, &keys.map(crate::config::keys_text).unwrap_or_default(), Role::HintKey);
        painter.text(row.x + 7, y, row.width.saturating_sub(7), &words, Role::Text);
        if place == at {
            painter.select(row);
            painter.sign(row.x, y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(row.x, y);
        }
        painter.hit(row, Target::Entry(place));
    }
}

/// Whom it goes to, in a few words.
fn addressed(compose: &Compose) -> String {
    let all: Vec<String> = [Field::To, Field::Cc, Field::Bcc]
        .into_iter()
        .filter_map(|field| compose.people_of(field))
        .flat_map(PeopleField::recipients)
        .map(|person| person.label().to_owned())
        .collect();
    match all.as_slice() {
        [] => "nobody yet".to_owned(),
        [one] => one.clone(),
        [first, rest @ ..] => format!("{first} and {} more", rest.len()),
    }
}
