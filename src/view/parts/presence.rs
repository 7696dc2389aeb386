//! Presence as a dot whose shape says as much as its colour, and as words.

use crate::config::Role;
use crate::domain::presence::{Availability, Presence};
use crate::view::painter::Painter;

/// The dot and its role; nothing known is a question mark.
pub(in crate::view) fn dot(presence: Option<&Presence>, painter: &Painter<'_>) -> (&'static str, Role) {
    let [available, busy, away, offline, do_not_disturb, unknown] = painter.signs().presence;
    match presence.map(|presence| &presence.availability) {
        Some(Availability::Available) => (available, Role::PresenceAvailable),
        Some(Availability::Busy) => (busy, Role::PresenceBusy),
        Some(Availability::DoNotDisturb) => (do_not_disturb, Role::PresenceDoNotDisturb),
        Some(Availability::Away) => (away, Role::PresenceAway),
        Some(Availability::Offline) => (offline, Role::PresenceOffline),
        Some(Availability::Unknown) | None => (unknown, Role::Unknown),
    }
}

/// "Busy, in a call".
pub(in crate::view) fn words(presence: &Presence) -> String {
    let word = match presence.availability {
        Availability::Available => "Available",
        Availability::Busy => "Busy",
        Availability::DoNotDisturb => "Do not disturb",
        Availability::Away => "Away from the desk",
        Availability::Offline => "Offline",
        Availability::Unknown => "Not known",
    };
    let mut words = word.to_owned();
    let says_away = presence.activity.to_lowercase().contains("out of office");
    if !presence.activity.is_empty() && !says_away {
        words.push_str(", ");
        words.push_str(&presence.activity);
    }
    if presence.is_out_of_office || says_away {
        words.push_str(", out of office");
    }
    words
}
