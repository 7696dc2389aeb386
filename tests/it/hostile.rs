//! Text of strangers on the screen: it may be ugly, it may not move anything.

use crate::support::desk::{Desk, recipient};
use crate::support::second_client::SecondClient;
use crate::support::stage::Stage;
use deskbell::base::report::{Kind, Report};
use deskbell::base::text;
use deskbell::domain::mail::FolderId;
use deskbell::domain::notice::Notice;
use deskbell::state::event::Event;
use std::time::Duration;

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

/// No cell holds anything that moves a cursor, and the frame around it is where it was.
fn assert_stage_is_tame(stage: &mut Stage) {
    let lines = stage.lines();
    for line in &lines {
        assert!(!line.chars().any(|sign| sign.is_control() || ('\u{202a}'..='\u{202e}').contains(&sign)), "{line:?}");
        assert!(text::width(line) <= 120, "{line:?}");
    }
    assert!(lines[0].contains("1 Home") && lines[0].contains("10:1"), "{}", lines[0]);
    assert!(lines[39].contains("help"), "{}", lines[39]);
}

#[tokio::test]
async fn a_hostile_mail_is_listed_and_read_without_harm() {
    let mut stage = Stage::new().await;
    let mallory = SecondClient::of(&stage, "farid");
    let marks = format!("Z{}algo", "\u{301}".repeat(5_000));
    let subjects = [
        "\u{1b}[2J\u{1b}[31mred \u{1b}]0;owned\u{7}".to_owned(),
        "\u{202e}gnp.exe\u{202c} \u{2066}isolated\u{2069}".to_owned(),
        marks.clone(),
        "long ".repeat(2_000),
        "\u{9b}31mC1 \u{0}nul\r\nSecond: line".to_owned(),
    ];
    let body = format!(
        "<p>Begin</p><p>&#27;[2J&#x9b;31m \u{1b}[?1049l &#x202e;desrever</p><p>{marks}</p><pre>{}</pre><script>alert(1)</script>\
         <table><tr><td>{}</td></tr></table><a href=\"javascript:alert(2)\">press</a><p>End of it</p>",
        "\u{1b}]52;c;aGk=\u{7}".repeat(10),
        "<table><tr><td>deep".repeat(200),
    );
    for subject in &subjects {
        mallory.send(subject, &body).await;
    }
    stage.advance(Duration::from_secs(80)).await;
    assert_stage_is_tame(&mut stage);
    stage.press("2").await;
    stage.sees("15 unread of 305");
    assert_stage_is_tame(&mut stage);
    for _ in &subjects {
        stage.press("Enter").await;
        stage.advance(Duration::from_millis(500)).await;
        stage.sees("Begin");
        stage.sees_no("alert(");
        assert_stage_is_tame(&mut stage);
        stage.press("o").await;
        assert_stage_is_tame(&mut stage);
        stage.press("Esc*3 j").await;
    }
    // The rest of the list stands where it stands.
    stage.sees("Dana Levy");
    stage.sees("─ Folders ─");
}
