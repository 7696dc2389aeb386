//! The fields of the form of an event: their order, what can be chosen in them, and where they stand.
//!
//! Must stay true: every field can be reached on a screen of any height; what does not fit is scrolled to.

use crate::domain::freebusy::Availability;
use crate::state::geometry::Area;
use crate::state::session::Session;

/// Columns of the labels.
pub const LABELS: u16 = 10;
/// Rows above the text: a row a field, and the two echoes.
const ROWS_ABOVE: u16 = 10;
/// The text has so many rows at least.
const LEAST_TEXT: u16 = 3;

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// What it is about.
    Subject,
    /// When.
    When,
    /// Who is invited.
    People,
    /// Where.
    Place,
    /// With a place to meet online.
    Online,
    /// How it repeats.
    Repeats,
    /// When it reminds.
    Reminder,
    /// How it shows to others.
    ShowAs,
    /// The text.
    Text,
}

impl Field {
    /// All, in the order of Tab.
    pub const ALL: [Self; 9] = [
        Self::Subject,
        Self::When,
        Self::People,
        Self::Place,
        Self::Online,
        Self::Repeats,
        Self::Reminder,
        Self::ShowAs,
        Self::Text,
    ];

    /// Its label.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Subject => "Subject",
            Self::When => "When",
            Self::People => "People",
            Self::Place => "Place",
            Self::Online => "Online",
            Self::Repeats => "Repeats",
            Self::Reminder => "Reminder",
            Self::ShowAs => "Show as",
            Self::Text => "Text",
        }
    }

    /// Its row, counted from the first; the echoes stand below When and Repeats.
    const fn row(self) -> u16 {
        match self {
            Self::Subject => 0,
            Self::When => 1,
            Self::People => 3,
            Self::Place => 4,
            Self::Online => 5,
            Self::Repeats => 6,
            Self::Reminder => 8,
            Self::ShowAs => 9,
            Self::Text => ROWS_ABOVE,
        }
    }
}

/// The reminders that can be chosen, in minutes.
const REMINDERS: [Option<u32>; 10] =
    [None, Some(0), Some(5), Some(10), Some(15), Some(30), Some(60), Some(120), Some(24 * 60), Some(7 * 24 * 60)];

/// The reminder after this one, or before it; from one of elsewhere to the next longer or shorter.
#[must_use]
pub fn next_reminder(now: Option<u32>, is_back: bool) -> Option<u32> {
    if is_back {
        let shorter = REMINDERS.iter().rev().find(|other| **other < now).copied();
        shorter.unwrap_or(REMINDERS[REMINDERS.len() - 1])
    } else {
        REMINDERS.iter().find(|other| **other > now).copied().unwrap_or(None)
    }
}

/// "15 minutes before".
#[must_use]
pub fn reminder_words(reminder: Option<u32>) -> String {
    let count = |number: u32, unit: &str| format!("{number} {unit}{} before", if number == 1 { "" } else { "s" });
    match reminder {
        None => "none".to_owned(),
        Some(0) => "when it begins".to_owned(),
        Some(minutes) if minutes % (7 * 24 * 60) == 0 => count(minutes / (7 * 24 * 60), "week"),
        Some(minutes) if minutes % (24 * 60) == 0 => count(minutes / (24 * 60), "day"),
        Some(minutes) if minutes % 60 == 0 => count(minutes / 60, "hour"),
        Some(minutes) => count(minutes, "minute"),
    }
}

/// The ways to show that can be chosen.
const SHOWN: [Availability; 5] = [
    Availability::Busy,
    Availability::Tentative,
    Availability::Free,
    Availability::WorkingElsewhere,
    Availability::OutOfOffice,
];

/// The way to show after this one, or before it.
#[must_use]
pub fn next_shown(now: Option<Availability>, is_back: bool) -> Availability {
    let at = SHOWN.iter().position(|one| Some(*one) == now);
    let to = match (at, is_back) {
        (None, _) => 0,
        (Some(at), false) => (at + 1) % SHOWN.len(),
        (Some(at), true) => (at + SHOWN.len() - 1) % SHOWN.len(),
    };
    SHOWN[to]
}

/// "busy".
#[must_use]
pub const fn shown_words(shown: Option<Availability>) -> &'static str {
    match shown {
        Some(Availability::Busy) => "busy",
        Some(Availability::Tentative) => "tentative",
        Some(Availability::Free) => "free",
        Some(Availability::WorkingElsewhere) => "working elsewhere",
        Some(Availability::OutOfOffice) => "out of office",
        None => "not known",
    }
}

/// Where the parts stand on the screen; what is scrolled away has no height.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormAreas {
    /// The overlay.
    pub frame: Area,
    /// A row a field; the text's is its first.
    pub fields: Vec<(Field, Area)>,
    /// What was understood of the time.
    pub time: Area,
    /// What was understood of the repetition.
    pub repeats: Area,
    /// The text, without its label.
    pub text: Area,
    /// How many are told.
    pub told: Area,
}

/// Where everything stands while `focus` has the letters.
#[must_use]
pub fn areas(session: &Session, focus: Field) -> FormAreas {
    let body = session.screen().body;
    let frame = body.centred(body.width.saturating_sub(4).min(84), body.height.min(22));
    let inside = frame.inside(2, 1);
    let rows = inside.height.saturating_sub(ROWS_ABOVE + 1).max(LEAST_TEXT.min(inside.height));
    let end = match focus {
        Field::Text => ROWS_ABOVE + rows,
        field => field.row() + 2,
    };
    let gone = end.saturating_sub(inside.height);
    let at = |row: u16, height: u16| {
        let first = row.saturating_sub(gone);
        let last = (row + height).saturating_sub(gone).min(inside.height);
        Area { y: inside.y + first, height: last.saturating_sub(first), ..inside }
    };
    let value = |area: Area| Area { x: area.x + LABELS, width: area.width.saturating_sub(LABELS), ..area };
    let text = value(at(ROWS_ABOVE, rows));
    FormAreas {
        frame,
        fields: Field::ALL.into_iter().map(|field| (field, at(field.row(), 1))).collect(),
        time: value(at(Field::When.row() + 1, 1)),
        repeats: value(at(Field::Repeats.row() + 1, 1)),
        // A column stays for the scrollbar.
        text: Area { width: text.width.saturating_sub(1), ..text },
        told: at(ROWS_ABOVE + rows, 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_and_ways_to_show_go_round_in_both_directions() {
        let (mut at, mut seen) = (Some(15), Vec::new());
        for _ in 0..REMINDERS.len() {
            seen.push(reminder_words(at));
            at = next_reminder(at, false);
        }
        assert_eq!(at, Some(15));
        assert_eq!(seen[..4], ["15 minutes before", "30 minutes before", "1 hour before", "2 hours before"]);
        assert_eq!(seen[4..8], ["1 day before", "1 week before", "none", "when it begins"]);
        assert_eq!((next_reminder(Some(20), false), next_reminder(Some(20), true)), (Some(30), Some(15)));
        assert_eq!((next_reminder(None, true), next_reminder(Some(0), true)), (Some(7 * 24 * 60), None));
        let round = SHOWN.iter().fold(Availability::Free, |now, _| next_shown(Some(now), true));
        assert_eq!((round, next_shown(None, true)), (Availability::Free, Availability::Busy));
    }
}
