//! Text of strangers on the screen: it may be ugly, it may not move anything.

use crate::support::desk::{Desk, recipient};
use deskbell::base::report::{Kind, Report};
use deskbell::base::text;
use deskbell::domain::mail::FolderId;
use deskbell::domain::notice::Notice;
use deskbell::state::event::Event;

/// What the border should have taken out, had it failed: the second line of defence is the drawing itself.
const ATTACKS: &[&str] = &[
    "\u{1b}[2J\u{1b}[31mred",
    "title\u{1b}]0;owned\u{7}",
    "nul\u{0}bell\u{7}back\u{8}\u{8}\u{8}",
    "\u{202e}gnp.exe\u{202c}",
    "\r\n\r\nsecond line",
    "tab\ttab",
    "\u{9b}31mC1",
    "\u{200b}\u{2066}hidden\u{2069}",
];

fn assert_tame(desk: &mut Desk) {
    let buffer = desk.buffer();
    for cell in buffer.content() {
        let symbol = cell.symbol();
        assert!(!symbol.chars().any(char::is_control), "{symbol:?}");
        assert!(text::width(symbol) <= 2, "{symbol:?}");
    }
}

#[test]
fn no_control_character_reaches_a_cell() {
    for attack in ATTACKS {
        let mut desk = Desk::new(120, 40);
        for row in &mut desk.mail {
            row.message.subject = (*attack).to_owned();
            row.message.preview = (*attack).to_owned();
            row.message.from = Some(recipient(attack, "mallory@evil.example"));
        }
        for event in &mut desk.events {
            event.subject = (*attack).to_owned();
            event.location = (*attack).to_owned();
        }
        desk.send(Event::Notice(Notice::EventsChanged));
        desk.send(Event::Notice(Notice::MessagesChanged(FolderId("inbox".to_owned()))));
        assert_tame(&mut desk);
        desk.keys("2 enter");
        assert_tame(&mut desk);
        let report = Report::new(Kind::Failure, "x", *attack).because(*attack).next(*attack).detail("id", *attack);
        desk.send(Event::Notice(Notice::Problem(report)));
        assert_tame(&mut desk);
        desk.send(Event::Told((*attack).to_owned()));
        assert_tame(&mut desk);
    }
}

#[test]
fn marks_without_end_and_wide_signs_stay_in_their_row() {
    let marks = format!("Z{}algo", "\u{301}".repeat(5_000));
    let wide = "宽".repeat(500);
    let family = "👨‍👩‍👧‍👦".repeat(50);
    for subject in [text::tame(&marks).into_owned(), wide, family, "ﷺ".repeat(200)] {
        let mut desk = Desk::new(80, 24);
        desk.keys("2");
        let before = desk.screen();
        desk.mail[1].message.subject = subject;
        desk.send(Event::Notice(Notice::MessagesChanged(FolderId("inbox".to_owned()))));
        let after = desk.screen();
        let differing: Vec<usize> = before
            .lines()
            .zip(after.lines())
            .enumerate()
            .filter(|(_, (before, after))| before != after)
            .map(|(row, _)| row)
            .collect();
        assert_eq!(differing, [4], "only the row of that message changed");
        assert_tame(&mut desk);
    }
}

#[test]
fn a_pasted_escape_sequence_is_only_text() {
    let mut desk = Desk::new(100, 30);
    desk.keys(":");
    desk.send(Event::Paste("\u{1b}[201~\u{1b}[2Jq\u{3}".to_owned()));
    assert_tame(&mut desk);
    assert!(desk.screen().contains(": q"), "{}", desk.screen());
    assert!(desk.take_effects().is_empty());
}
