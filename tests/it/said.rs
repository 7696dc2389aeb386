//! Dates as people type them, in four languages, and what is answered where they cannot be understood.

use deskbell::domain::time::said::{Said, understand};
use jiff::civil::{DateTime, date};
use proptest::prelude::*;

/// A Monday, ten past ten.
fn now() -> DateTime {
    date(2026, 11, 23).at(10, 12, 0, 0)
}

#[track_caller]
fn said(text: &str) -> String {
    understand(text, now()).unwrap_or_else(|error| panic!("{text}: {error}")).words()
}

#[track_caller]
fn refused(text: &str) -> String {
    match understand(text, now()) {
        Ok(said) => panic!("{text} was understood as {}", said.words()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_day_and_a_time_in_four_languages() {
    let tuesday_three = "Tuesday 24 Nov 2026, 15:00";
    for text in [
        "tomorrow 3pm",
        "Morgen 15 Uhr",
        "morgen um 15:00",
        "demain à 15h",
        "mañana a las 15:00",
        "mañana a las 3pm",
        "tue 3 pm",
        "24.11. 15:00",
    ] {
        assert_eq!(said(text), tuesday_three, "{text}");
    }
    let two_to_three = "Tuesday 1 Dec 2026, 14:00 to 15:00";
    for text in [
        "next tue 2-3pm",
        "nächsten Dienstag 14-15",
        "mardi prochain 14h-15h",
        "martes que viene de 14 a 15",
        "1 dec 2pm to 3pm",
        "Tuesday 1 December 14:00 1h",
    ] {
        assert_eq!(said(text), two_to_three, "{text}");
    }
    let nine = "Monday 30 Nov 2026, 09:00 to 10:00";
    for text in ["mo 9-10", "Mo 9\u{2013}10", "montag von 9 bis 10 uhr", "lundi de 9 à 10", "lunes 9-10"] {
        assert_eq!(said(text), nine, "{text}: nine has passed today");
    }
    assert_eq!(said("mo 11-12"), "Monday 23 Nov 2026, 11:00 to 12:00");
}

#[test]
fn days_alone_and_several() {
    for (text, meant) in [
        ("today", "Monday 23 Nov 2026"),
        ("übermorgen", "Wednesday 25 Nov 2026"),
        ("24 nov", "Tuesday 24 Nov 2026"),
        ("24. November", "Tuesday 24 Nov 2026"),
        ("24 de noviembre", "Tuesday 24 Nov 2026"),
        ("le 24 novembre", "Tuesday 24 Nov 2026"),
        ("nov 24th", "Tuesday 24 Nov 2026"),
        ("11/24", "Tuesday 24 Nov 2026"),
        ("24/11/27", "Wednesday 24 Nov 2027"),
        ("2027-01-05", "Tuesday 5 Jan 2027"),
        ("22 nov", "Monday 22 Nov 2027"),
        ("29 feb", "Tuesday 29 Feb 2028"),
        ("mar 3", "Wednesday 3 Mar 2027"),
        ("mar", "Tuesday 24 Nov 2026"),
        ("am Freitag", "Friday 27 Nov 2026"),
        ("in 3 days", "Thursday 26 Nov 2026"),
        ("in zwei Wochen", "Monday 7 Dec 2026"),
        ("next week", "Monday 30 Nov 2026 to Sunday 6 Dec 2026"),
        ("die nächste Woche", "Monday 30 Nov 2026 to Sunday 6 Dec 2026"),
        ("semaine prochaine", "Monday 30 Nov 2026 to Sunday 6 Dec 2026"),
        ("this month", "Sunday 1 Nov 2026 to Monday 30 Nov 2026"),
        ("weekend", "Saturday 28 Nov 2026 to Sunday 29 Nov 2026"),
        ("wed-fri", "Wednesday 25 Nov 2026 to Friday 27 Nov 2026"),
        ("24-26 nov", "Tuesday 24 Nov 2026 to Thursday 26 Nov 2026"),
        ("du 24 au 26 novembre", "Tuesday 24 Nov 2026 to Thursday 26 Nov 2026"),
        ("30 dec to 2 jan", "Wednesday 30 Dec 2026 to Saturday 2 Jan 2027"),
    ] {
        assert_eq!(said(text), meant, "{text}");
    }
}

#[test]
fn parts_of_the_day_and_what_has_several_words() {
    for (text, meant) in [
        ("tomorrow morning", "Tuesday 24 Nov 2026, 09:00 to 12:00"),
        ("mañana por la mañana", "Tuesday 24 Nov 2026, 09:00 to 12:00"),
        ("morgen früh", "Tuesday 24 Nov 2026, 09:00 to 12:00"),
        ("demain matin", "Tuesday 24 Nov 2026, 09:00 to 12:00"),
        ("tomorrow morning 30m", "Tuesday 24 Nov 2026, 09:00 to 09:30"),
        ("this afternoon", "Monday 23 Nov 2026, 13:00 to 18:00"),
        ("cet après-midi", "Monday 23 Nov 2026, 13:00 to 18:00"),
        ("tonight", "Monday 23 Nov 2026, 18:00 to 22:00"),
        ("heute Abend", "Monday 23 Nov 2026, 18:00 to 22:00"),
        ("tue 3 in the afternoon", "Tuesday 24 Nov 2026, 15:00"),
        ("mañana a las 9 de la mañana", "Tuesday 24 Nov 2026, 09:00"),
        ("Dienstag 15 Uhr nachmittags", "Tuesday 24 Nov 2026, 15:00"),
        ("tue 8 uhr abends", "Tuesday 24 Nov 2026, 20:00"),
        ("now", "Monday 23 Nov 2026, 10:12"),
        ("jetzt bis 11", "Monday 23 Nov 2026, 10:12 to 11:00"),
        ("eod", "Monday 23 Nov 2026, 17:00"),
        ("fri end of day", "Friday 27 Nov 2026, 17:00"),
        ("pasado mañana", "Wednesday 25 Nov 2026"),
        ("après-demain 14h", "Wednesday 25 Nov 2026, 14:00"),
        ("the day after tomorrow", "Wednesday 25 Nov 2026"),
        ("nächste Woche Mittwoch", "Wednesday 2 Dec 2026"),
        ("la semana que viene", "Monday 30 Nov 2026 to Sunday 6 Dec 2026"),
        ("el mes que viene", "Tuesday 1 Dec 2026 to Thursday 31 Dec 2026"),
        ("le mois prochain", "Tuesday 1 Dec 2026 to Thursday 31 Dec 2026"),
        ("fin de semana", "Saturday 28 Nov 2026 to Sunday 29 Nov 2026"),
        ("KW 48", "Monday 23 Nov 2026 to Sunday 29 Nov 2026"),
        ("week 2", "Monday 11 Jan 2027 to Sunday 17 Jan 2027"),
        ("in an hour", "Monday 23 Nov 2026, 11:12"),
        ("in half an hour", "Monday 23 Nov 2026, 10:42"),
        ("in a week", "Monday 30 Nov 2026"),
        ("2026-12-01T09:00", "Tuesday 1 Dec 2026, 09:00"),
    ] {
        assert_eq!(said(text), meant, "{text}");
    }
    assert!(refused("in 15").starts_with("\"15\""));
}

#[test]
fn times_lengths_and_what_is_left_out() {
    for (text, meant) in [
        ("in 2h", "Monday 23 Nov 2026, 12:12"),
        ("in 20 minutes", "Monday 23 Nov 2026, 10:32"),
        ("en 2 horas", "Monday 23 Nov 2026, 12:12"),
        ("in 3 days 14:00 30m", "Thursday 26 Nov 2026, 14:00 to 14:30"),
        ("9:00", "Tuesday 24 Nov 2026, 09:00"),
        ("noon", "Monday 23 Nov 2026, 12:00"),
        ("tue 2-3", "Tuesday 24 Nov 2026, 14:00 to 15:00"),
        ("tue 02:00-03:00", "Tuesday 24 Nov 2026, 02:00 to 03:00"),
        ("tue 11-1pm", "Tuesday 24 Nov 2026, 11:00 to 13:00"),
        ("tue 12am", "Tuesday 24 Nov 2026, 00:00"),
        ("tue 12pm", "Tuesday 24 Nov 2026, 12:00"),
        ("tue 23:00 to wed 1:00", "Tuesday 24 Nov 2026, 23:00 to Wednesday 25 Nov 2026, 01:00"),
        ("von Freitag 16 Uhr bis Montag 9 Uhr", "Friday 27 Nov 2026, 16:00 to Monday 30 Nov 2026, 09:00"),
        ("tue 23:00-1:00", "Tuesday 24 Nov 2026, 23:00 to Wednesday 25 Nov 2026, 01:00"),
        ("2026-11-24 14:00 30m", "Tuesday 24 Nov 2026, 14:00 to 14:30"),
        ("tomorrow 14h30 1h30", "Tuesday 24 Nov 2026, 14:30 to 16:00"),
        ("tue 9 Uhr 30 für 1.5h", "Tuesday 24 Nov 2026, 09:30 to 11:00"),
        ("fri 16:00 for 45 min", "Friday 27 Nov 2026, 16:00 to 16:45"),
    ] {
        assert_eq!(said(text), meant, "{text}");
    }
}

#[test]
fn what_is_not_understood_is_said() {
    for nothing in ["", "am", "the", "for the", "in the", "a the", "next the"] {
        assert!(!refused(nothing).is_empty(), "{nothing}");
    }
    assert!(refused("").starts_with("Type a day"));
    assert!(refused("do 9-10").contains("Thursday or Sunday"), "Donnerstag or domingo");
    assert!(refused("soonish").starts_with("\"soonish\" is no day or time."));
    assert!(refused("tomorrow 3pm please").starts_with("\"please\""));
    assert_eq!(refused("31 nov"), "There is no 31 Nov.");
    assert_eq!(refused("2026-02-30"), "There is no 2026-02-30.");
    assert!(refused("tue 25:00").contains("no time of the day"));
    assert!(refused("tue 14:61").contains("no time of the day") || refused("tue 14:61").contains("14:61"));
    assert!(refused("tue 13pm").contains("no time of the day"));
    assert!(refused("tue 3pm-3pm").contains("end when it begins"));
    assert!(refused("next week 3pm").contains("several"));
    assert!(refused("26 nov to 24 nov").contains("before"));
}

/// Pieces of dates in four languages.
const WORDS: &[&str] = &[
    "tue",
    "mo",
    "mar",
    "sonntag",
    "vendredi",
    "lunes",
    "next",
    "nächste",
    "que viene",
    "this",
    "week",
    "woche",
    "month",
    "weekend",
    "-",
    "to",
    "bis",
    "a",
    "à",
    "until",
    "24",
    "31",
    "3",
    "9",
    "12",
    "nov",
    "24.11.",
    "2027-03-01",
    "11/24",
    "2027",
    "3pm",
    "14:30",
    "9h30",
    "14 Uhr",
    "at",
    "um",
    "las",
    "in",
    "dans",
    "2h",
    "90 min",
    "for",
    "today",
    "morgen",
    "demain",
    "mañana",
    "übermorgen",
    "noon",
    "mitternacht",
    "midi",
    "am",
    "pm",
    "dos",
    "semanas",
    "23:00",
    "1:00",
    "evening",
    "früh",
    "por la tarde",
    "now",
    "eod",
    "KW",
    "48",
    "mois",
    "prochain",
];

proptest! {
    #[test]
    fn nothing_typed_can_break_it(text in "\\PC{0,60}") {
        let _ = understand(&text, now());
    }

    #[test]
    fn words_and_numbers_in_any_order_end(pieces in proptest::collection::vec(prop_oneof![
        Just("tue"), Just("next"), Just("-"), Just("to"), Just("24"), Just("nov"), Just("2027"), Just("3pm"), Just("14:30"),
        Just("in"), Just("2h"), Just("week"), Just("mar"), Just("for"), Just("a"), Just("uhr"), Just("am"), Just("31"), Just("99999"),
    ], 0..8)) {
        if let Ok(said) = understand(&pieces.join(" "), now()) {
            prop_assert!(said.start() <= said.end());
            prop_assert!(!said.words().is_empty());
        }
    }

    /// Whatever is understood of people's words is echoed so that the echo, typed again, means the same.
    #[test]
    fn the_echo_of_anything_means_the_same(pieces in proptest::collection::vec(prop::sample::select(WORDS), 1..7), second in 0_i8..60) {
        let now = now().with().second(second).build().unwrap();
        if let Ok(said) = understand(&pieces.join(" "), now) {
            prop_assert_eq!(understand(&said.words(), now), Ok(said), "{} -> {}", pieces.join(" "), said.words());
        }
    }

    /// What the echo says, typed again, means the same.
    #[test]
    fn the_echo_is_understood_as_itself(day in 0_i32..700, from in 0_i32..1440, length in 1_i32..600) {
        let start = date(2026, 11, 23).checked_add(jiff::Span::new().days(day).minutes(0)).unwrap().at(0, 0, 0, 0)
            .checked_add(jiff::Span::new().minutes(from)).unwrap();
        let end = start.checked_add(jiff::Span::new().minutes(length)).unwrap();
        let slot = Said::Slot { start, end };
        if start.date() == end.date() {
            prop_assert_eq!(understand(&slot.words(), now()), Ok(slot), "{}", slot.words());
        }
    }
}
