//! The away board on the screen.

use crate::support::stage::Stage;
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
    stage.sees("Mon 23 Nov: away all day");
    stage.press("j").await;
    stage.sees("Automatic reply from Sat 21 Nov 00:00 to Thu 26 Nov 08:00");
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
