//! The calendar on the screen: days, weeks, the agenda, and what other programs do to it meanwhile.

use crate::support::stage::{MONDAY, Stage, StageOptions};
use deskbell::sim::graph::calendar::store::Details;
use deskbell::sim::zones::Zone;
use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use std::time::Duration;

/// Lena's index in the company.
const LENA: usize = 0;

fn event(subject: &str, start: DateTime, hours: i64) -> Details {
    let end = start.checked_add(jiff::SignedDuration::from_hours(hours)).unwrap();
    Details::new(subject, start, end, Zone::named("Europe/Madrid").unwrap())
}

/// Changes Lena's calendar behind the program's back.
fn behind<T>(
    stage: &Stage,
    change: impl FnOnce(&mut deskbell::sim::graph::calendar::store::Mailbox, Timestamp) -> T,
) -> T {
    stage.tenant.script().world(|world| {
        let now = Timestamp::try_from(world.clock.now()).unwrap();
        change(world.calendar.mailbox(LENA).unwrap(), now)
    })
}

fn line_with(stage: &mut Stage, text: &str) -> String {
    let (_, row) = stage.find(text);
    stage.lines()[usize::from(row)].clone()
}

#[tokio::test]
async fn a_day_shows_its_events_at_their_hours_side_by_side_where_they_overlap() {
    let mut stage = Stage::new().await;
    stage.press("3 z d").await;
    stage.sees("Monday 23 November 2026");
    assert!(line_with(&mut stage, "Stand-up").contains("09:00 │▎Stand-up"));
    assert!(line_with(&mut stage, "1:1 Ana").starts_with(" 11:00 │"));
    assert!(line_with(&mut stage, "Lunch with Hugo").starts_with(" 13:00 │"));
    assert!(line_with(&mut stage, "Eva away until Fri").contains("all day"));
    // Two at the same time stand beside each other.
    let report = stage.find("Write the status report");
    let budget = stage.find("Budget review Q1");
    assert!(budget.0 > report.0 + 20 && budget.1 == report.1 + 1, "{report:?} {budget:?}");
    // Now is a line at its time, with the time.
    assert!(line_with(&mut stage, " 10:12 │").contains("────────"));

    stage.press("l").await;
    stage.sees("Tuesday 24 November 2026");
    stage.sees("Backlog triage");
    assert!(!stage.lines()[2..36].join("\n").contains("10:12"), "now is not on another day");
    stage.press("h h").await;
    stage.sees("Sunday 22 November 2026");
    stage.press("t").await;
    stage.sees("Monday 23 November 2026");
}

#[tokio::test]
async fn weeks_and_the_agenda_are_one_key_away() {
    let mut stage = Stage::new().await;
    stage.press("3").await;
    stage.sees("Week 48");
    for day in ["Monday 23", "Tuesday 24", "Friday 27", "Sunday 29"] {
        stage.sees(day);
    }
    stage.press("]").await;
    stage.sees("Week 49");
    stage.sees("Tuesday 1");
    stage.press("[ [").await;
    stage.sees("Week 47");
    stage.press("t z a").await;
    stage.sees("10:00–11:00  ▎ Write the status report");
    stage.sees("Tomorrow  Tue 24 Nov");
    stage.press("j").await;
    let (_, row) = stage.cursor();
    assert!(stage.lines()[usize::from(row)].contains("Budget review Q1"), "the cursor is on the chosen event");
    stage.press("z o").await;
    stage.sees("Friday 27");
    stage.sees_no("Saturday 28");
}

#[tokio::test]
async fn what_another_program_does_appears_with_the_next_round() {
    let mut stage = Stage::new().await;
    stage.press("3 z a").await;
    stage.sees_no("Fire drill");
    let id = behind(&stage, |calendar, now| {
        calendar.add(0, "uid-fire", event("Fire drill", date(2026, 11, 23).at(15, 0, 0, 0), 1), now)
    });
    stage.sees_no("Fire drill");
    stage.advance(Duration::from_secs(150)).await;
    stage.sees("15:00–16:00  ▎ Fire drill");
    behind(&stage, |calendar, now| {
        calendar.change(&id, now, |details| {
            details.start = date(2026, 11, 23).at(16, 0, 0, 0);
            details.end = date(2026, 11, 23).at(17, 0, 0, 0);
            details.subject = "Fire drill, later".to_owned();
        })
    });
    stage.advance(Duration::from_secs(150)).await;
    stage.sees("16:00–17:00  ▎ Fire drill, later");
    stage.sees_no("15:00–16:00  ▎ Fire drill");
    behind(&stage, |calendar, now| calendar.remove(&id, now));
    // F5 asks at once.
    stage.press("F5").await;
    stage.sees_no("Fire drill");
}

#[tokio::test]
async fn a_week_with_a_change_of_the_clocks_keeps_wall_times() {
    // Monday 19 October 2026; Spain puts its clocks back in the night to Sunday 25.
    let now = MONDAY.checked_sub(Duration::from_hours(840)).unwrap();
    let mut stage = Stage::with(StageOptions { now, ..StageOptions::default() }).await;
    behind(&stage, |calendar, now| {
        for (subject, day, hour) in [("Before", 24, 10), ("Across", 25, 1), ("After", 25, 10), ("Monday", 26, 10)] {
            calendar.add(0, subject, event(&format!("{subject} it"), date(2026, 10, day).at(hour, 0, 0, 0), 3), now);
        }
    });
    stage.press("3").await;
    stage.sees("Week 43");
    stage.press("F5 z d l*5").await;
    stage.sees("Saturday 24 October 2026");
    assert!(line_with(&mut stage, "Before it").starts_with(" 10:00 │"), "{}", stage.text());
    stage.press("l").await;
    stage.sees("Sunday 25 October 2026");
    assert!(line_with(&mut stage, "After it").starts_with(" 10:00 │"), "{}", stage.text());
    stage.press("z a").await;
    stage.sees("01:00–04:00  ▎ Across it");
    stage.sees("10:00–13:00  ▎ After it");
    stage.press("z d l").await;
    assert!(line_with(&mut stage, "Monday it").starts_with(" 10:00 │"), "{}", stage.text());
}
