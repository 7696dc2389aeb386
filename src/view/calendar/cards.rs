//! How an event shows: the bar at its left, its colours, and how its words are set.

use crate::config::Role;
use crate::domain::event::{Event, Response, When};
use crate::domain::freebusy::Availability;
use crate::view::painter::Painter;
use ratatui::style::{Modifier, Style};

/// Whether the event is over.
pub(in crate::view) fn is_past(event: &Event, painter: &Painter<'_>) -> bool {
    match event.when {
        When::Timed(span) => span.end <= painter.context.now,
        When::AllDay { end, .. } => end <= crate::state::when::date(painter.context.now, painter.context.zone),
    }
}

/// Whether it takes no time any more: cancelled, or declined.
pub(in crate::view) fn is_off(event: &Event) -> bool {
    event.is_cancelled || event.response == Response::Declined
}

/// Whether it is not certain: tentative, or not answered.
pub(in crate::view) fn is_uncertain(event: &Event) -> bool {
    matches!(event.show_as, Some(Availability::Tentative))
        || matches!(event.response, Response::NotResponded | Response::Tentative)
}

/// The sign of the left bar: hatched where it is not certain.
pub(super) fn bar(event: &Event, painter: &Painter<'_>) -> &'static str {
    if is_uncertain(event) { painter.signs().bar_tentative } else { painter.signs().bar }
}

/// The role of the left bar, by how the event shows to others.
pub(super) fn bar_role(event: &Event) -> Role {
    match event.show_as {
        Some(Availability::Tentative) => Role::Tentative,
        Some(Availability::OutOfOffice) => Role::Away,
        Some(Availability::WorkingElsewhere) => Role::Elsewhere,
        Some(Availability::Free) => Role::Free,
        Some(Availability::Busy) => Role::Busy,
        None => Role::Unknown,
    }
}

/// The tinted ground of a card: the colour of its first category, else a plain raised one.
pub(super) fn ground(event: &Event) -> Role {
    event.categories.first().map_or(Role::Overlay, |name| Role::category(number_of(name)))
}

/// A number for a category's name, the same on every run.
fn number_of(name: &str) -> usize {
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    usize::try_from(hash % 8).unwrap_or_default()
}

/// How the title is set: bold, quieter once over, struck when it is off. Laid over the ground of the card.
pub(super) fn title_style(event: &Event, painter: &Painter<'_>) -> Style {
    let only_front = |role: Role| {
        let style = painter.style(role);
        Style { bg: None, ..style }
    };
    if is_off(event) {
        only_front(Role::Quiet).add_modifier(Modifier::CROSSED_OUT)
    } else if is_past(event, painter) {
        only_front(Role::Past)
    } else {
        only_front(Role::Text).add_modifier(Modifier::BOLD)
    }
}

/// The title, with signs for what is private or online before it.
pub(super) fn title(event: &Event, painter: &Painter<'_>) -> String {
    let signs = painter.signs();
    let subject = if event.subject.is_empty() { "(no subject)" } else { event.subject.as_str() };
    let mark = if event.is_private { format!("{} ", signs.private) } else { String::new() };
    let doubt = if event.response == Response::NotResponded { "? " } else { "" };
    format!("{mark}{doubt}{subject}")
}
