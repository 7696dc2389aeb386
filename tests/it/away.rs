//! The away board on the screen.

use crate::support::stage::{Stage, StageOptions};
use std::time::Duration;

fn line_with(stage: &mut Stage, text: &str) -> String {
    let (_, row) = stage.find(text);
    stage.lines()[usize::from(row)].clone()
}

#[tokio::test]
async fn the_board_says_who_is_away_until_when_and_in_whose_words() {
    let mut stage = Stage::new().await;
    stage.press("6").await;
    assert!(line_with(&mut stage, "Tom Berg  ").contains("until Wed 25 Nov"));
    assert!(line_with(&mut stage, "Jonas Weber  ").contains("until Thu 26 Nov  Hello, I am on par"));
    assert!(line_with(&mut stage, "Priya Nair  ").contains("I am on leave."));
    assert!(line_with(&mut stage, "Nadia Petrova  ").contains("Mon 30 Nov – Wed 2 Dec"));
    // The counts under the days are the rows above them.
    let days = line_with(&mut stage, "23  24  25  26  27");
    let counts = line_with(&mut stage, "    away    ");
    let column = days.find("23").unwrap();
    let rows: Vec<String> =
        stage.lines().into_iter().filter(|line| line.contains('█') && !line.contains("away")).collect();
    let away = rows.iter().filter(|line| line.chars().nth(column) == Some('█')).count();
    let counted: usize = counts.chars().skip(column).take(4).collect::<String>().trim().parse().unwrap();
    assert_eq!(counted, away, "{}", stage.text());
    // Where a reply is missing, the source is named.
    stage.sees("The calendar says away; there is no automatic reply.");
    stage.sees("Back Thu 26 Nov.");
    stage.sees("Mon 23 Nov: away all day");
    stage.press("j").await;
    stage.sees("Automatic reply from Sat 21 Nov 00:00 to Thu 26 Nov 08:00");
    stage.sees("Back Thu 26 Nov.");
    stage.sees("Please write to Tom Berg");
    stage.press("p").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("╭─ Jonas Weber ─");
    stage.sees("I am on parental leave for a few days.");
    stage.press("Esc +").await;
    stage.sees("13");
}

#[tokio::test]
async fn a_reply_switched_on_elsewhere_is_seen() {
    let mut stage = Stage::new().await;
    stage.press("6").await;
    stage.tenant.script().world(|world| {
        let tom = world.company.find("tom").unwrap();
        let settings = world.settings.of_mut(tom);
        settings.status = "alwaysEnabled".to_owned();
        settings.internal = "<p>At the dentist.</p>".to_owned();
    });
    stage.press("F5").await;
    stage.advance(Duration::from_mins(20)).await;
    stage.sees("At the dentist.");
}

#[tokio::test]
async fn another_group_is_chosen_and_remembered_and_meetings_they_miss_are_listed() {
    let config = "[groups]\n\"Legal friends\" = [\"eva@contoso.com\", \"Ana Ruiz <ana@contoso.com>\", \"hugo@contoso.com\"]\n[profile.default]\ntiers = [\"calendar\", \"mail\", \"directory\"]\n";
    let mut stage = Stage::with(StageOptions { config: config.to_owned(), ..StageOptions::default() }).await;
    stage.press("6").await;
    stage.sees("my team");
    // Which of my meetings they miss stands beside; Tab goes among them, Enter goes to the meeting.
    stage.sees("Your meetings they miss");
    let (_, row) = stage.find("Your meetings they miss");
    let first = stage.lines()[usize::from(row) + 1].clone();
    assert!(first.contains("Mon 23 10:30   Budget review Q1  Tom Berg (cal"), "{first}");
    stage.press("Tab").await;
    stage.sees("go to it");
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("Week 48");
    stage.sees("Budget review Q1  in 17 min");

    // A saved group; somebody whose calendar is not shared is unknown and not present.
    stage.press("6 c").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("Whose absences");
    stage.sees("My manager's team");
    stage.type_text("legal").await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("Legal friends");
    assert!(line_with(&mut stage, "Hugo Lima").contains('?'));
    stage.sees_no("Jonas Weber");

    // A group of the directory is found by typing; the choice outlives the program.
    stage.press("z g").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.type_text("platform").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.press("Enter").await;
    stage.advance(Duration::from_millis(500)).await;
    stage.sees("Platform engineers");
    stage.sees("Katya Sadykova");
    let home = stage.end().await;
    let mut again =
        Stage::with(StageOptions { home: Some(home), config: config.to_owned(), ..StageOptions::default() }).await;
    again.press("6").await;
    again.sees("Platform engineers");
}

#[tokio::test]
async fn with_the_least_permissions_the_board_works_and_says_what_more_would_show() {
    let config = "[profile.default]\ntiers = []\n".to_owned();
    let mut stage = Stage::with(StageOptions { config, ..StageOptions::default() }).await;
    stage.press("6").await;
    stage.advance(Duration::from_millis(500)).await;
    // Words of replies and presence are there; days that nothing tells of are unknown, not free.
    assert!(line_with(&mut stage, "Jonas Weber  ").contains("until Thu 26 Nov"));
    assert!(line_with(&mut stage, "Yuki Tanaka  ").contains('?'));
    stage.sees("Days to come are known from automatic replies only; calendars need");
    stage.press("G").await;
    stage.sees("Nothing tells of the days to come: they are not known, not free.");
}
