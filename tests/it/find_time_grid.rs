//! The grid of finding a time, moved through: dates as they are said, ranges by keys and by the mouse, zones, order, a second
//! opinion, and what is asked of the service for it.

use crate::support::stage::{Stage, StageOptions};
use deskbell::domain::input::{Mouse, MouseKind};
use deskbell::state::event::Event;
use std::time::Duration;

async fn with(config: &str, people: &[&str]) -> Stage {
    let mut stage = Stage::with(StageOptions { config: config.to_owned(), ..StageOptions::default() }).await;
    stage.press("4").await;
    for person in people {
        stage.type_text(person).await;
        stage.advance(Duration::from_millis(500)).await;
        stage.press("Enter").await;
        stage.advance(Duration::from_millis(500)).await;
    }
    stage.press("Esc").await;
    stage
}

async fn jump(stage: &mut Stage, text: &str) {
    stage.press("g d").await;
    stage.type_text(text).await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
}

fn line_with(stage: &mut Stage, text: &str) -> String {
    let (_, row) = stage.find(text);
    stage.lines()[usize::from(row)].clone()
}

#[tokio::test]
async fn the_time_is_said_marked_dragged_and_copied() {
    let mut stage = with("[look]\nglyphs = \"ascii\"\n[time]\nsecond_zone = \"Asia/Kolkata\"\n", &["ben"]).await;
    // The hours of the second zone begin between ours.
    let (second, own) = (line_with(&mut stage, "   Kolkata    "), line_with(&mut stage, "   Madrid"));
    let nine = own.find("09").expect("nine o'clock here");
    assert_eq!(&second[nine - 3..nine - 1], "13", "half past eight here is one there:\n{second}\n{own}");
    stage.press("z z").await;
    stage.sees_no("   Kolkata    ");

    stage.press("g d").await;
    stage.type_text("thu 14-15:30").await;
    stage.sees("Thursday 26 Nov 2026, 14:00 to 15:30");
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("Thursday 26 November 2026");
    stage.sees("14:00-15:30");
    stage.sees("90 min");
    jump(&mut stage, "blah").await;
    stage.sees("\"blah\" is no day or time.");
    stage.press("Esc").await;
    jump(&mut stage, "tomorrow").await;
    stage.sees("Tuesday 24 November 2026");
    stage.sees("14:00-15:30");

    // What is being marked can be given up; what is taken is the proposed time, and how long.
    stage.press("v l l").await;
    stage.sees("Marking Tue 24 Nov 14:00-14:45");
    stage.press("Esc").await;
    stage.sees("90 min");
    stage.press("ShiftRight").await;
    stage.sees("105 min");
    stage.press("v").await;
    stage.sees_no("Marking");
    stage.press("y y").await;
    assert_eq!(stage.copied().as_deref(), Some("Tue 24 Nov 2026  14:00-15:45\n(times in Europe/Madrid)"));
    stage.press("z w y y").await;
    let both = stage.copied().expect("the time in two zones");
    let (_, london) = both.split_once("\n\n").unwrap_or_else(|| panic!("{both}"));
    assert!(london.starts_with("Tue 24 Nov 2026  13:00-14:45\n(times in "), "{both}");

    // The mouse: pressed at nine, drawn to eleven, let go.
    let (_, row) = stage.find("Ben Okafor");
    let hours = line_with(&mut stage, "at 14:00");
    let column = |hour: &str| u16::try_from(hours.find(hour).expect("the hour is shown")).unwrap_or(0);
    for (kind, hour) in
        [(MouseKind::Press, "09"), (MouseKind::Drag, "10"), (MouseKind::Drag, "11"), (MouseKind::Release, "11")]
    {
        stage.event(Event::Mouse(Mouse { kind, column: column(hour), row }, None)).await;
    }
    stage.sees("09:00-11:15");
    stage.sees("135 min");
    stage.sees_no("Marking");

    // Steps of five minutes do not all fit: the part of the day around the proposed time is shown.
    stage.press("s").await;
    stage.sees("steps of 5");
    let hours = line_with(&mut stage, "at 09:00");
    assert!(hours.contains("09") && hours.contains("11") && !hours.contains(" 19"), "{hours}");
    stage.press("l").await;
    stage.sees("at 09:05");
}

#[tokio::test]
async fn people_are_sorted_and_told_in_words_and_the_service_has_an_opinion() {
    let config = "[profile.default]\ntiers = [\"calendar\", \"shared-calendars\"]\n";
    let mut stage = with(config, &["hugo", "ben", "ana"]).await;
    let order = |stage: &mut Stage| {
        let mut rows: Vec<(u16, &str)> =
            ["Hugo", "Ben O", "Ana R"].iter().map(|name| (stage.find(&format!("\u{2022} {name}")).1, *name)).collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    assert_eq!(order(&mut stage), ["Hugo", "Ben O", "Ana R"]);
    stage.press("z s").await;
    stage.sees("by name");
    assert_eq!(order(&mut stage), ["Ana R", "Ben O", "Hugo"]);
    stage.press("z s z s z s").await;
    assert_eq!(order(&mut stage), ["Hugo", "Ben O", "Ana R"]);

    // Why somebody's row is empty, with the service's code; and what takes somebody's time.
    stage.press("g g j").await;
    stage.sees("Hugo Lima: This calendar may not be seen (ErrorNoFreeBusyAccess) Ask for it to be shared");
    stage.press("j").await;
    jump(&mut stage, "9:00-9:30").await;
    let words = line_with(&mut stage, "Ben Okafor (London");
    assert!(words.contains("08:00): ") && words.contains("As of 10:12."), "{words}");

    stage.press("O").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("Second opinion: Microsoft 365's own suggestions");
    stage.sees("\u{201c}Suggested because it is one of the nearest times when most attendees are available.\u{201d}");
    stage.sees("Hugo Lima: unknown");
    stage.press("Esc").await;
    stage.sees_no("Second opinion");
}

#[tokio::test]
async fn where_no_time_suits_it_is_said_why_and_what_would_help() {
    let mut stage = with("", &["hugo", "ben"]).await;
    stage.press("W").await;
    stage.sees("No time shown suits everybody within their own hours. W shows the others.");
    let help = line_with(&mut stage, "without Hugo: ");
    assert!(help.contains("Nov ") && help.contains(':'), "{help}");
    stage.sees("Hugo: nothing is known of their time");
    stage.sees("most at once: 2 of 3, ");
    stage.press("W n").await;
    stage.sees("why 1: suits the most of those who are required");
    stage.press("n").await;
    stage.sees("why 2: ");
}

/// Of the simulated tenant; worth nothing elsewhere.
const SECRET: &str = "Sim8Q~not.a.real.secret~only_for-the-simulated+tenant/0";
const SERVICE: &str = "[profile.default]\nkind = \"service\"\nmailboxes = [\"noah@contoso.com\", \"ben@contoso.com\", \
                       \"ana@contoso.com\"]\nsecret_env = \"SERVICE_SECRET\"\n";

/// Noah has no mailbox: what a service asks for it asks through the next of its list.
#[tokio::test]
async fn a_service_sees_its_list_and_says_through_whom_it_asks() {
    let options = StageOptions {
        config: SERVICE.to_owned(),
        environment: vec![("TERM", "xterm-256color"), ("SERVICE_SECRET", SECRET)],
        client: |clients| &clients.confidential,
        signed_in: false,
        ..StageOptions::default()
    };
    let mut stage = Stage::with(options).await;
    stage.advance(Duration::from_secs(2)).await;
    stage.press("4").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("asked through ben@contoso.com");
    // By their names, where the directory tells them.
    for name in ["Noah", "Ben Okafor", "Ana Ruiz"] {
        stage.sees(&format!("\u{2022} {name}"));
    }
    stage.sees_no("(you)");
    let asked: Vec<String> = stage.tenant.script().requests().into_iter().map(|request| request.path).collect();
    assert!(!asked.iter().any(|path| path.contains("/me/")), "there is no me: {asked:?}");
    // On the board as well, whoever has no mailbox is still the one who was listed.
    stage.press("6").await;
    stage.advance(Duration::from_millis(500)).await;
    while !stage.text().contains("\u{2500} Noah") {
        stage.press("j").await;
    }
    stage.sees_no("may not look into");
}

/// What is kept of somebody is said beside their name while it is typed; the others are asked about together once it rests.
#[tokio::test]
async fn whoever_is_offered_is_said_to_be_free_or_not() {
    let mut stage = with("", &["ben"]).await;
    stage.press("j X A").await;
    let asked = |stage: &Stage| {
        stage.tenant.script().requests().iter().filter(|request| request.path.contains("getSchedule")).count()
    };
    let before = asked(&stage);
    // What is kept is there with the list: those beside Ben were asked about when he was added.
    stage.type_text("ben").await;
    stage.advance(Duration::from_millis(250)).await;
    let told = |line: &str| ["10:30 busy", "10:30 free", "10:30 maybe"].iter().any(|state| line.contains(state));
    for address in ["ben@contoso.com", "fatima@contoso.com"] {
        let line = line_with(&mut stage, address);
        assert!(told(&line), "{line}");
    }
    stage.press("ctrl-u").await;
    // While letters come nobody is asked; once the list rests, one question is for all of it.
    for letter in ["n", "o", "v"] {
        stage.type_text(letter).await;
        stage.advance(Duration::from_millis(250)).await;
        assert_eq!(asked(&stage), before);
    }
    let line = line_with(&mut stage, "eva@contoso.com");
    assert!(!line.contains(" 10:30 away"), "{line}");
    stage.advance(Duration::from_millis(300)).await;
    let line = line_with(&mut stage, "eva@contoso.com");
    assert!(line.contains(" 10:30 away"), "{line}");
    assert_eq!(asked(&stage), before + 1);
    // Whoever was asked about is not asked about again, and is there at once when taken.
    stage.press("Backspace").await;
    stage.type_text("v").await;
    stage.advance(Duration::from_secs(1)).await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    assert_eq!(asked(&stage), before + 1);
    stage.sees("2 required");

    // A name that was begun and given up is gone; tab keeps it.
    stage.type_text("gra").await;
    stage.press("Esc A").await;
    stage.sees("Type a name or an address");
    stage.type_text("gra").await;
    stage.press("Tab A").await;
    stage.sees_no("Type a name or an address");
}
