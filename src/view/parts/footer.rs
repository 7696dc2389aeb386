//! The last lines: what happens and how old it is; then the likely keys in two tones.

use crate::config::Role;
use crate::domain::sync::{Connection, WaitReason};
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{progress, words};

pub(in crate::view) fn draw(store: &Store, status: Area, hints: Area, painter: &mut Painter<'_>) {
    // No shadow of an overlay falls on what has to be read.
    painter.ground(status, Role::Surface);
    painter.ground(hints, Role::Surface);
    draw_status(store, status, painter);
    draw_hints(store, hints, painter);
}

fn draw_status(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let right = draw_sync(store, area, painter);
    let room = right.saturating_sub(area.x + 3);
    if let Some(sentence) = store.session.status.sentence() {
        painter.text(area.x + 1, area.y, room, sentence, Role::Text);
    } else if store.session.status.is_slow {
        let words = if store.is_weighing() { "Counting what would change. Esc gives it up." } else { "Fetching" };
        painter.text(area.x + 1, area.y, room, words, Role::Quiet);
    } else if let Some((words, role)) = outbox_words(store, painter) {
        painter.text(area.x + 1, area.y, room, &words, role);
    } else if let Some(words) = store.session.service_words() {
        painter.text(area.x + 1, area.y, room, &words, Role::Quiet);
    }
}

/// What has not reached the service yet, and how to see it.
fn outbox_words(store: &Store, painter: &Painter<'_>) -> Option<(String, Role)> {
    let outbox = &store.session.changes.outbox;
    if outbox.is_empty() {
        return None;
    }
    let now = painter.context.now;
    let mut words = format!("outbox {}", outbox.held + outbox.waiting + outbox.troubled);
    if let Some(at) = outbox.next_send.filter(|at| *at > now) {
        words.push_str(&format!(", a message goes in {} s", at.duration_since(now).as_secs()));
    }
    if outbox.troubled > 0 {
        let keys = store.keymap().keys_of(CommandId::Outbox, KeyContext::Everywhere).map(crate::config::keys_text);
        let needs = if outbox.troubled == 1 { "one needs you" } else { "some need you" };
        words.push_str(&format!(", {needs}{}", keys.map_or_else(String::new, |keys| format!(" ({keys})"))));
    }
    Some((words, if outbox.troubled > 0 { Role::Warning } else { Role::Quiet }))
}

/// The state of the sync at the right; returns the column where it begins.
fn draw_sync(store: &Store, area: Area, painter: &mut Painter<'_>) -> u16 {
    let sync = &store.session.sync;
    let now = painter.context.now;
    let right = area.right().saturating_sub(1);
    let unfinished = sync.progress.iter().find(|step| step.total.is_none_or(|total| step.done < total));
    if let Some(step) = unfinished.filter(|_| !store.session.is_first_sync()) {
        return progress::at_right(step, area, painter);
    }
    // Whichever wait is longer stands; a call that is repeated says which attempt comes and why.
    let waiting = sync.waiting.filter(|waiting| sync.throttled_until.is_none_or(|until| waiting.until >= until));
    let waiting = waiting.filter(|waiting| waiting.until > now);
    // Without a connection the banner says when the next try is, and how old things are counts more than the seconds until then.
    let is_offline = matches!(sync.connection, Connection::Offline { .. });
    let (tries, waiting) = waiting.map_or((None, None), |waiting| match waiting.reason {
        WaitReason::NoConnection if is_offline => (Some(waiting), None),
        _ => (None, Some(waiting)),
    });
    if let Some(words) = waiting.and_then(|waiting| waiting.words(now)) {
        let room = area.width.saturating_sub(2);
        return painter.text_right(right, area.y, room, &words, Role::Warning);
    }
    if let Some(until) = sync.throttled_until.filter(|until| *until > now) {
        let seconds = until.duration_since(now).as_secs();
        let text = format!("Asked to slow down; goes on in {seconds} s");
        return painter.text_right(right, area.y, area.width, &text, Role::Quiet);
    }
    let age = sync.last_success.map(|last| match now.duration_since(last).as_secs() / 60 {
        ..5 => format!("synced {}", words::clock(last, painter.context.zone)),
        _ => format!("synced {} ago", words::length(last, now)),
    });
    let (sign, role, text) = match (&sync.connection, age) {
        (Connection::ForcedOffline | Connection::Offline { .. }, age) => (
            painter.signs().presence[3],
            Role::Warning,
            [
                Some("offline".to_owned()),
                tries.map(|wait| format!("attempt {} of {}", wait.attempt, wait.at_most)),
                age,
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", "),
        ),
        (Connection::Online, Some(age)) if sync.is_paused => {
            (painter.signs().presence[3], Role::Quiet, format!("{age}, fetching ahead paused"))
        }
        (Connection::Online, Some(age)) => (painter.signs().presence[0], Role::Success, age),
        (_, Some(age)) => (painter.signs().presence[3], Role::Quiet, age),
        (_, None) if store.session.is_signed_out() => {
            (painter.signs().presence[3], Role::Warning, "signed out".to_owned())
        }
        (_, None) => return right,
    };
    let x = painter.text_right(right, area.y, area.width, &text, Role::Quiet);
    let x = x.saturating_sub(2);
    painter.text(x, area.y, 1, sign, role);
    x
}

/// Hints from left to right as far as there is room; help stays.
fn draw_hints(store: &Store, area: Area, painter: &mut Painter<'_>) {
    if area.is_empty() {
        return;
    }
    let hints = store.hints();
    let width_of = |at: usize| hints.get(at).map_or(0, |hint| columns(&hint.keys) + 1 + columns(hint.word));
    let last = hints.len().saturating_sub(1);
    let reserved = width_of(last) + 3;
    let mut x = area.x + 1;
    for (at, hint) in hints.iter().enumerate() {
        let width = width_of(at);
        let needed = if at == last { width } else { width + reserved };
        if x + needed >= area.right() {
            continue;
        }
        let keys = painter.text(x, area.y, width, &hint.keys, Role::HintKey);
        painter.text(x + keys + 1, area.y, width, hint.word, Role::HintWord);
        painter.hit(Area::new(x, area.y, width, 1), Target::Command(hint.command));
        x += width + 3;
    }
}
