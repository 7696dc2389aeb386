//! The own presence: how others see one, the choices, until when, and the message beside it.

use crate::config::Role;
use crate::domain::own_settings::PresenceChoice;
use crate::domain::presence::Presence;
use crate::state::geometry::Area;
use crate::state::own::presence::{Field, PresencePanel};
use crate::state::own::{OwnField, words as own_words};
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::own::unset;
use crate::view::painter::Painter;
use crate::view::parts::{field, overlay, presence};

/// Columns of the labels.
const LABELS: u16 = 14;

pub(in crate::view) fn draw(panel: &PresencePanel, store: &Store, painter: &mut Painter<'_>) {
    let body = store.session.screen().body;
    let width = body.width.saturating_sub(4).min(70);
    let note = unset(panel.is_touched(), panel.is_resumed());
    let inside = overlay::open(body.centred(width, 18.min(body.height)), "My presence", note, painter);
    let line = |y: u16| Area { y: inside.y + y, height: 1, ..inside };
    let (now, zone) = (painter.context.now, painter.context.zone);
    let room = inside.width.saturating_sub(LABELS);
    painter.text(inside.x, line(0).y, LABELS, "Others see", Role::Quiet);
    let (sign, role) = presence::dot(panel.seen(), painter);
    painter.text(inside.x + LABELS, line(0).y, 2, sign, role);
    let seen = match panel.seen() {
        Some(seen) => format!("{}{}", presence::words(seen), note_words(seen)),
        None if panel.is_asking() => format!("Asking{}", painter.look.ellipsis()),
        None => "not known".to_owned(),
    };
    painter.text(inside.x + LABELS + 2, line(0).y, room.saturating_sub(2), &seen, Role::Text);
    let chosen = store.session.me.as_ref().and_then(|me| me.chosen).filter(|chosen| chosen.holds(now));
    let held = match chosen {
        Some(chosen) => format!("{} until {}", chosen.choice.words(), own_words::moment(chosen.until, now, zone)),
        None => "nothing here: it follows what you do".to_owned(),
    };
    painter.text(inside.x, line(1).y, LABELS, "You chose", Role::Quiet);
    painter.text(inside.x + LABELS, line(1).y, room, &held, Role::Text);

    label(panel, Field::Choice, line(3), painter);
    let names = PresenceChoice::ALL.into_iter().map(PresenceChoice::words).chain(["As it is"]);
    for (at, name) in names.enumerate() {
        let row = Area { x: inside.x + LABELS, width: room, ..line(3 + u16::try_from(at).unwrap_or(0)) };
        painter.text(row.x + 2, row.y, 2, &(at + 1).to_string(), Role::HintKey);
        let shown = PresenceChoice::ALL.get(at).map(|choice| Presence {
            availability: choice.availability(),
            activity: String::new(),
            status_message: String::new(),
            is_out_of_office: false,
            work_place: None,
            as_of: now,
        });
        if let Some(shown) = &shown {
            let (sign, role) = presence::dot(Some(shown), painter);
            painter.text(row.x + 4, row.y, 2, sign, role);
        }
        painter.text(row.x + 6, row.y, room.saturating_sub(6), name, Role::Text);
        painter.hit(row, Target::Entry(at));
        if at == panel.at() {
            if panel.focused() == Field::Choice {
                painter.select(row);
                painter.cursor(row.x, row.y);
            }
            painter.sign(row.x, row.y, painter.signs().cursor, painter.style(Role::Accent));
        }
    }
    draw_line(panel, Field::Length, line(10), "1h, until 15:00, today", painter);
    let (echo, role) = match panel.until(now, zone) {
        Ok(Some(until)) => (format!("until {}", own_words::moment(until, now, zone)), Role::Quiet),
        Ok(None) => ("the choice is taken back".to_owned(), Role::Quiet),
        Err(why) => (why, Role::Warning),
    };
    painter.text(inside.x + LABELS, line(11).y, room, &echo, role);
    draw_line(panel, Field::Note, line(13), "a few words for others; empty takes it away", painter);
    draw_line(panel, Field::NoteLength, line(14), "until you take it away", painter);
    if panel.changes_note() {
        let (echo, role) = match panel.note_until(now, zone) {
            Ok(Some(until)) => (format!("until {}", own_words::moment(until, now, zone)), Role::Quiet),
            Ok(None) => return,
            Err(why) => (why, Role::Warning),
        };
        painter.text(inside.x + LABELS, line(15).y, room, &echo, role);
    }
}

fn note_words(seen: &Presence) -> String {
    if seen.status_message.is_empty() { String::new() } else { format!(": \"{}\"", seen.status_message) }
}

fn label(panel: &PresencePanel, which: Field, area: Area, painter: &mut Painter<'_>) {
    let role = if panel.focused() == which { Role::Accent } else { Role::Quiet };
    painter.text(area.x, area.y, LABELS, which.label(), role);
    painter.hit(area, Target::Own(OwnField::Presence(which)));
}

fn draw_line(panel: &PresencePanel, which: Field, area: Area, placeholder: &str, painter: &mut Painter<'_>) {
    label(panel, which, area, painter);
    if let Some(line) = panel.line_of(which) {
        let width = area.width.saturating_sub(LABELS);
        field::draw(area.x + LABELS, area.y, width, line, placeholder, panel.focused() == which, painter);
    }
}
