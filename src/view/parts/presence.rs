//! Presence as a dot whose shape says as much as its colour, and as words.

use crate::config::Role;
use crate::domain::presence::{Availability, Presence};
use crate::domain::time::relative_age;
use crate::state::presences::OLD;
use crate::view::painter::Painter;
use jiff::Timestamp;

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

/// The dot beside a sender; nothing where nothing is known. Takes the columns of the dot and of the air before it.
pub(in crate::view) fn beside(known: Option<&Presence>, x: u16, y: u16, painter: &mut Painter<'_>) -> u16 {
    if known.is_none_or(|known| known.availability == Availability::Unknown) {
        return 0;
    }
    let (sign, role) = dot(known, painter);
    1 + painter.text(x + 1, y, 1, sign, role)
}

/// "Busy, in a call"; what is older than the pace says so: "Busy, in a call, 7 min ago".
pub(in crate::view) fn words_now(presence: &Presence, now: Timestamp) -> String {
    let mut words = words(presence);
    if now.duration_since(presence.as_of) > OLD {
        words.push_str(&format!(", {} ago", relative_age(presence.as_of, now)));
    }
    words
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
