//! Finding a time on the screen: whose calendar says what, and times that are as free as they claim.

use crate::support::stage::{Stage, StageOptions};
use deskbell::sim::faults::{Action, FaultBody, Rule, Side};
use std::collections::HashMap;
use std::time::Duration;

async fn add(stage: &mut Stage, typed: &str) {
    stage.type_text(typed).await;
    stage.advance(Duration::from_millis(500)).await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
}

fn line_with(stage: &mut Stage, text: &str) -> String {
    let (_, row) = stage.find(text);
    stage.lines()[usize::from(row)].clone()
}

async fn with(config: &str, people: &[&str]) -> Stage {
    let mut stage = Stage::with(StageOptions { config: config.to_owned(), ..StageOptions::default() }).await;
    stage.press("4").await;
    for person in people {
        add(&mut stage, person).await;
    }
    stage.press("Esc").await;
    stage
}

#[tokio::test]
async fn names_are_completed_and_failures_stay_in_their_own_row() {
    let mut stage = Stage::new().await;
    stage.press("4").await;
    stage.type_text("gra").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("grace@contoso.com");
    stage.press("Enter").await;
    for typed in ["hugo", "chen", "priya", "nobody@contoso.com"] {
        add(&mut stage, typed).await;
    }
    stage.press("Esc").await;
    assert!(line_with(&mut stage, "Hugo Lima").contains("This calendar may not be seen."));
    assert!(line_with(&mut stage, "• nobody@contoso.com").contains("Nobody has this address here."));
    // The others have their rows, and their own wall time at the proposed 10:30 of Madrid.
    for (name, local) in
        [("Grace Kim", "04:30"), ("Chen Wei", "17:30"), ("Priya Nair", "15:00"), ("Lena Ortiz", "10:30")]
    {
        let line = line_with(&mut stage, &format!("• {name}"));
        assert!(line.contains(local), "{name} has {local}: {line}");
        assert!(line.contains('█') || line.contains('▒') || line.contains('·'), "{line}");
    }
    assert!(line_with(&mut stage, "• Hugo Lima").contains("not known"));
    stage.press("w").await;
    stage.sees("No time shown suits everybody who is required.");
    assert_eq!(stage.copied(), None);
}

/// The half hours of Monday in a row: free where every cell of it is.
fn free_half_hours(line: &str, first: usize, per_hour: usize) -> Vec<bool> {
    let cells: Vec<char> = line.chars().skip(first).take(per_hour * 13).collect();
    cells.chunks(per_hour / 2).map(|half| half.iter().all(|cell| matches!(cell, '.' | ' '))).collect()
}

#[tokio::test]
async fn counts_and_suggestions_agree_with_the_rows() {
    let people = ["Lena Ortiz", "Grace Kim", "Ben Okafor", "Chen Wei", "Hugo Lima"];
    let mut stage = with("[look]\nglyphs = \"ascii\"\n", &["grace", "ben", "chen", "hugo"]).await;
    let hours = line_with(&mut stage, "at 10:30");
    let first = hours.find("07").unwrap();
    let per_hour = hours.find("08").unwrap() - first;
    let mut rows: HashMap<&str, Vec<bool>> = HashMap::new();
    for name in people {
        let line = line_with(&mut stage, name);
        let free =
            if line.contains("may not be seen") { vec![false; 26] } else { free_half_hours(&line, first, per_hour) };
        assert_eq!(free.len(), 26, "{line}");
        rows.insert(name, free);
    }
    // The row of counts is a recount.
    let counts: Vec<char> = line_with(&mut stage, "free of 5").chars().skip(first).take(per_hour * 13).collect();
    for (at, count) in counts.chunks(per_hour / 2).enumerate() {
        let recount = people.iter().filter(|name| rows[*name][at]).count();
        let shown = count[0].to_digit(10).unwrap_or(0) as usize;
        assert_eq!(shown, recount, "half hour {at}:\n{}", stage.text());
    }
    assert!(rows.values().flatten().any(|free| *free), "somebody is free at some time");

    // Whoever a suggestion of Monday does not name as hindered is free in their row.
    let suggestions: Vec<String> =
        stage.lines().into_iter().filter(|line| line.contains(" Mon 23 Nov ") && line.contains(" of 5 ")).collect();
    let mut seen = 0;
    for line in suggestions {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(times) = words.iter().find(|word| word.len() == 11 && word.as_bytes()[2] == b':') else { continue };
        let (hour, minute): (usize, usize) = (times[..2].parse().unwrap(), times[3..5].parse().unwrap());
        if minute % 30 != 0 {
            continue;
        }
        let at = (hour - 7) * 2 + minute / 30;
        for name in people {
            let first_name = if name == "Lena Ortiz" { "you" } else { name.split(' ').next().unwrap() };
            let is_hindered = words.contains(&first_name);
            assert_eq!(rows[name][at], !is_hindered, "{name} at {times}: {line}\n{}", stage.text());
        }
        seen += 1;
    }
    assert!(seen > 0, "some suggestion is for today:\n{}", stage.text());
}

#[tokio::test]
async fn the_best_times_are_copied_as_text_for_a_mail() {
    let mut stage = with("", &["ben"]).await;
    stage.sees("2 required");
    stage.press("w").await;
    let copied = stage.copied().expect("something was copied");
    let lines: Vec<&str> = copied.lines().collect();
    assert_eq!(lines.first(), Some(&"Mon 23 Nov 2026  11:30-12:00"));
    assert_eq!(lines.last(), Some(&"(times in Europe/Madrid)"));
    assert!((2..=5).contains(&lines.len()), "{copied}");

    // Which times are copied can be chosen: the suggestions one after the other, or any time of one's own.
    stage.sees(" copy best four ");
    stage.press("n n Space Space").await;
    stage.sees("2 picked");
    stage.sees(" copy picked ");
    stage.press("w").await;
    let picked = stage.copied().expect("something was copied");
    // The second and the third of the list, as they stand there: "2  Mon 23 Nov 12:00-12:30".
    let shown = stage.lines();
    let suggested = |at: &str| {
        let words = shown.iter().map(|line| line.split_whitespace().filter(|word| *word != "✓").collect::<Vec<_>>());
        let row = words.into_iter().find(|words| words.len() > 4 && words[0] == at && words[4].len() > 10);
        let row = row.unwrap_or_else(|| panic!("no suggestion {at}"));
        format!("{} {} {} 2026  {}", row[1], row[2], row[3], row[4].replace('–', "-"))
    };
    let lines: Vec<&str> = picked.lines().collect();
    assert_eq!(lines[..2], [suggested("2"), suggested("3")], "{picked}");
    assert_eq!(lines.len(), 3, "{picked}");
    stage.press("Esc").await;
    stage.sees_no("picked");
    stage.press("w").await;
    assert_eq!(stage.copied(), Some(copied));
    stage.press("N N N N N t").await;

    // n walks the suggestions, the length changes, somebody becomes optional, somebody goes.
    stage.press("n").await;
    stage.sees("at 11:30");
    stage.sees("2 of 2 free");
    stage.press("m").await;
    stage.sees("45 min");
    stage.press("x").await;
    stage.sees("1 optional");
    stage.press("X").await;
    stage.sees_no("• Ben Okafor");
    stage.sees("1 required");
    stage.press("]").await;
    stage.sees("Tuesday 24 November 2026");
}

#[tokio::test]
async fn while_names_are_typed_enter_is_said_to_add() {
    let mut stage = Stage::new().await;
    stage.press("4").await;
    stage.type_text("ben").await;
    stage.sees(" enter add ");
    stage.sees_no(" enter open ");
}

#[tokio::test]
async fn two_weeks_are_seen_and_a_meeting_is_made_from_the_slot() {
    let config = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n";
    let mut stage = with(config, &["ben", "ana"]).await;
    // From a day over the week to two: ten days stand side by side, and times of both weeks are found.
    stage.press("-").await;
    stage.press("-").await;
    stage.sees("Mon 23 Nov – Fri 4 Dec 2026");
    stage.sees("in two weeks");
    stage.press("j").await;
    stage.press("j").await;
    stage.press("x").await;
    stage.press("n").await;
    let proposed = line_with(&mut stage, "1  ");
    stage.press("Enter").await;
    stage.sees("New event");
    stage.sees("Ben Okafor");
    stage.type_text("Plan the offsite").await;
    stage.press("ctrl-s").await;
    stage.advance(Duration::from_secs(30)).await;
    let made = stage.tenant.script().world(|world| {
        let mailbox = world.calendar.peek(0).expect("Lena's calendars");
        let made = mailbox.items_from(0).find(|item| item.details.subject == "Plan the offsite");
        made.map(|item| item.details.clone()).expect("the meeting is in her calendar")
    });
    let guests: Vec<(&str, &str)> =
        made.attendees.iter().map(|guest| (guest.address.as_str(), guest.kind.as_str())).collect();
    assert_eq!(guests, [("ben@contoso.com", "required"), ("ana@contoso.com", "optional")], "{proposed}");
}

/// Twenty-four people are asked for in two parts; each row has its own error, and its own age once a part of them is old.
#[tokio::test]
async fn more_than_twenty_are_asked_for_in_parts_and_each_row_has_its_own_error_and_age() {
    let names = [
        "ben", "ana", "chen", "eva", "farid", "grace", "hugo", "priya", "jonas", "tom", "nadia", "noah", "katya",
        "nina", "rosa", "sita", "fatima", "yuki", "omar", "iris", "nobody", "nobody2", "nobody3",
    ];
    let list: Vec<String> = names.iter().map(|name| format!("\"{name}@contoso.com\"")).collect();
    let config = format!("[look]\nglyphs = \"ascii\"\n[groups]\ncrowd = [{}]\n", list.join(", "));
    let mut stage = Stage::with(StageOptions { config, height: 50, ..StageOptions::default() }).await;
    stage.press("4").await;
    stage.type_text("crowd").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.tenant.script().clear_requests();
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(900)).await;
    stage.press("Esc").await;
    stage.sees("24 required");
    let asked = |stage: &Stage| {
        stage.tenant.script().requests().iter().filter(|request| request.path.contains("getSchedule")).count()
    };
    assert_eq!(asked(&stage), 2, "twenty at a time");
    assert!(line_with(&mut stage, "* Hugo").contains("This calendar may not be seen."));
    assert!(line_with(&mut stage, "* nobody2@").contains("Nobody has this address here."));
    assert!(line_with(&mut stage, "* Ben").contains('#'), "{}", stage.text());
    // Rows of people, by whether an age stands before their hours.
    let ages = |stage: &mut Stage| {
        let start = |line: &str, count: usize| line.chars().take(count).collect::<String>();
        let rows: Vec<String> = stage.lines().into_iter().filter(|line| start(line, 4).contains('*')).collect();
        let old = rows.iter().filter(|row| start(row, 22).trim_end().ends_with("3m")).count();
        (rows.len(), old)
    };
    assert_eq!(ages(&mut stage), (24, 0), "{}", stage.text());

    // The next time one part is refused: its rows, and only those, grow old.
    let path = "/me/calendar/getSchedule".to_owned();
    let action = Action::Status(400, FaultBody::Error("ErrorInternal".to_owned()), None);
    stage.tenant.script().fault(Rule {
        side: Side::Graph,
        method: None,
        path,
        grant: None,
        nth: 1,
        times: Some(1),
        action,
    });
    // When that is depends on when the grid was opened: what counts is the round that was refused, and the next is not due yet.
    let is_refused = |stage: &Stage| {
        let requests = stage.tenant.script().requests();
        requests.iter().any(|request| request.path.contains("getSchedule") && request.status == 400)
    };
    for _ in 0..60 {
        if is_refused(&stage) {
            break;
        }
        stage.advance(Duration::from_secs(5)).await;
    }
    stage.advance(Duration::from_secs(100)).await;
    // Ages are drawn at the turn of a minute, and whenever something else is.
    stage.press("j").await;
    let (rows, old) = ages(&mut stage);
    assert!(rows == 24 && (old == 20 || old == 4), "{old} of {rows}:\n{}", stage.text());
}
