//! A newcomer in front of the demo, with nothing but the keys that the screen names.

use crate::support::stage::{Stage, StageOptions};
use deskbell::state::event::Event;
use std::time::Duration;

/// Keys everybody knows.
const KNOWN: &[&str] = &["Enter", "Esc", "Tab", "Up", "Down", "Left", "Right"];

/// Somebody who presses only what they know or read off the screen.
struct Newcomer {
    stage: Stage,
    presses: usize,
}

impl Newcomer {
    async fn before(width: u16, height: u16) -> Self {
        Self { stage: Stage::sized(width, height).await, presses: 0 }
    }

    /// In one colour and 80 by 24, with leave to write.
    async fn in_one_colour() -> Self {
        Self::on(StageOptions::default().now).await
    }

    /// The same, at another time.
    async fn on(now: Duration) -> Self {
        let options = StageOptions {
            now,
            width: 80,
            height: 24,
            config: "[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n".to_owned(),
            environment: vec![("TERM", "xterm-256color"), ("NO_COLOR", "1")],
            ..StageOptions::default()
        };
        Self { stage: Stage::with(options).await, presses: 0 }
    }

    /// The keys that header and hints name at this moment.
    fn named(&mut self) -> Vec<String> {
        let lines = self.stage.lines();
        let is_view = |entry: &&str| matches!(entry.trim().as_bytes(), [digit, b' ', ..] if digit.is_ascii_digit());
        let views = lines[0].split("  ").filter(is_view);
        let hints = lines.last().map(String::as_str).unwrap_or_default().split("   ");
        views.chain(hints).filter_map(|entry| entry.split_whitespace().next()).map(str::to_owned).collect()
    }

    async fn press(&mut self, key: &str) {
        if !KNOWN.contains(&key) {
            let named = self.named();
            assert!(named.iter().any(|each| each == key), "{key} is not named among {named:?}:\n{}", self.stage.text());
        }
        self.presses += 1;
        self.stage.press(key).await;
        self.stage.advance(Duration::from_millis(500)).await;
    }

    async fn write(&mut self, name: &str) {
        self.stage.type_text(name).await;
        self.stage.advance(Duration::from_millis(500)).await;
    }
}

async fn walk(width: u16, height: u16) {
    let mut newcomer = Newcomer::before(width, height).await;
    // Reads a mail.
    newcomer.press("2").await;
    newcomer.press("Enter").await;
    newcomer.stage.sees("Two points are left before we sign:");
    newcomer.press("Esc").await;

    // Sees three colleagues' week.
    newcomer.press("4").await;
    for name in ["grace", "chen", "tom b"] {
        newcomer.write(name).await;
        newcomer.press("Enter").await;
    }
    newcomer.press("Esc").await;
    newcomer.press("-").await;
    newcomer.stage.sees("Mon 23");
    newcomer.stage.sees("Fri 27");
    for name in ["Grace Kim", "Chen Wei", "Tom Berg"] {
        let (_, row) = newcomer.stage.find(name);
        let line = newcomer.stage.lines()[usize::from(row)].clone();
        let blocks = line.chars().filter(|sign| "█▒▄".contains(*sign)).count();
        assert!(blocks > 3, "a week of {name} has something in it: {line}");
    }

    // Finds out who is away and what their reply says.
    newcomer.press("6").await;
    newcomer.stage.sees("until Thu 26 Nov");
    newcomer.press("Down").await;
    newcomer.stage.sees("Automatic reply from Sat 21 Nov 00:00 to Thu 26 Nov 08:00");
    newcomer.stage.sees("I am on parental leave for a few days.");
    assert!(newcomer.presses <= 40, "{} key presses", newcomer.presses);
}

#[tokio::test]
async fn forty_keys_read_a_mail_a_week_and_who_is_away() {
    walk(120, 40).await;
}

#[tokio::test]
async fn the_same_forty_keys_do_in_a_small_terminal() {
    walk(80, 24).await;
}

#[tokio::test]
async fn three_names_and_a_free_half_hour_and_four_of_them_in_a_mail() {
    let mut newcomer = Newcomer::in_one_colour().await;
    newcomer.press("4").await;
    for name in ["ben", "ana", "zoe"] {
        newcomer.write(name).await;
        newcomer.press("Enter").await;
    }
    newcomer.press("Esc").await;
    newcomer.press("n").await;
    assert!(newcomer.presses <= 12, "{} presses", newcomer.presses);
    newcomer.stage.sees("4 of 4 free.");
    newcomer.stage.sees("everybody is free");
    newcomer.stage.sees("why 1: the first that suits everybody");

    // Four of them go into a mail, by pasting.
    newcomer.press("w").await;
    let copied = newcomer.stage.copied().expect("times were copied");
    assert_eq!(copied.lines().count(), 5, "{copied}");
    newcomer.press("2").await;
    newcomer.press("r").await;
    newcomer.stage.event(Event::Paste(copied.clone())).await;
    for line in copied.lines() {
        newcomer.stage.sees(line);
    }
}

#[tokio::test]
async fn who_is_away_next_week_and_what_they_say_takes_two_keys() {
    let mut newcomer = Newcomer::in_one_colour().await;
    newcomer.press("6").await;
    newcomer.press("Down").await;
    assert_eq!(newcomer.presses, 2);
    newcomer.stage.sees("Jonas Weber");
    newcomer.stage.sees("until Thu 26 Nov");
    newcomer.stage.sees("I am on parental leave for a few days.");
}

/// On the day before a week begins it is that week's absences which one is asked about.
#[tokio::test]
async fn on_a_sunday_the_same_two_keys_tell_of_next_week() {
    let mut newcomer = Newcomer::on(StageOptions::default().now.saturating_sub(Duration::from_hours(24))).await;
    newcomer.press("6").await;
    newcomer.stage.sees("Su Mo Tu We Th Fr Sa");
    newcomer.stage.sees("22 23 24 25 26 27 28");
    newcomer.press("Down").await;
    assert_eq!(newcomer.presses, 2);
    newcomer.stage.sees("until Wed 25 Nov");
    newcomer.stage.sees("Automatic reply from Fri 20 Nov 00:00 to Wed 25 Nov 08:00");
    newcomer.stage.sees("I am on parental leave for a few days.");
}

/// Read from top to bottom and without colours, as a screen reader does: whose row, what they have, what it comes to, what suits.
#[tokio::test]
async fn what_the_views_say_has_an_order_that_makes_sense_without_colour() {
    let mut newcomer = Newcomer::in_one_colour().await;
    newcomer.press("4").await;
    for name in ["hugo", "ben"] {
        newcomer.write(name).await;
        newcomer.press("Enter").await;
    }
    newcomer.press("Esc").await;
    let text = newcomer.stage.text();
    let mut last = 0;
    for said in [
        "Find time  Monday 23 November 2026",
        "at 10:30",
        "You",
        "Hugo Lima",
        "This calendar may not be seen.",
        "Ben Okafor",
        "free of 3",
        "Mon 23 Nov 10:30\u{2013}11:00: ",
        "Ben Okafor (London 09:30): ",
        "not known",
        "Times that suit",
        "Hugo not known",
        "why 1: ",
    ] {
        let at = text[last..].find(said).unwrap_or_else(|| panic!("\"{said}\" does not follow:\n{text}"));
        last += at;
    }
    // Each row ends with what the person has at the proposed time, in a word; and states differ by their signs.
    for (name, words) in [("You", ["free", "busy", "maybe"]), ("Ben Okafor", ["free", "busy", "maybe"])] {
        let row = text.lines().find(|line| line.contains(name)).expect("a row").trim_end().to_owned();
        assert!(words.iter().any(|word| row.ends_with(word)), "{row}");
    }
    let legend = text.lines().find(|line| line.contains("off hours") && line.contains("maybe")).expect("a legend");
    let signs: Vec<&str> = legend.split_whitespace().filter(|word| word.chars().count() == 1).collect();
    let distinct: std::collections::BTreeSet<&&str> = signs.iter().collect();
    assert_eq!((signs.len(), distinct.len()), (7, 7), "{legend}");

    newcomer.press("6").await;
    newcomer.press("Down").await;
    let text = newcomer.stage.text();
    let mut last = 0;
    for said in ["Jonas Weber", "until Thu 26 Nov", "Automatic reply from", "I am on parental leave"] {
        let at = text[last..].find(said).unwrap_or_else(|| panic!("\"{said}\" does not follow:\n{text}"));
        last += at;
    }
}

#[tokio::test]
async fn the_demo_opens_on_a_filled_home_screen() {
    let mut stage = Stage::new().await;
    stage.sees("lena@contoso.com");
    stage.sees("Today  Mon 23 Nov");
    stage.sees("09:00–09:25 ▎ Stand-up");
    stage.sees("10 unread of 300");
    stage.sees("Contract draft v3: two open points");
    stage.sees("Jonas Weber      until Thu 26 Nov");
    stage.sees("synced 10:12");
    assert_eq!(stage.cursor().0, 0, "the cursor stands on the focused row");
    let (_, row) = stage.find("›");
    assert_eq!(stage.cursor().1, row);
}

#[tokio::test]
async fn a_minute_without_keys_or_news_is_seen_at_most_twice() {
    let mut stage = Stage::new().await;
    // The other folders come one after the other in the first minutes.
    stage.advance(Duration::from_mins(5)).await;
    let (drawn, seen) = (stage.frames(), stage.changes());
    // Rounds end in it, and what they find is what was there; one more frame finds out that nobody went away.
    stage.advance(Duration::from_secs(57)).await;
    assert!(stage.changes() - seen <= 1, "{} changes for the age of the mail", stage.changes() - seen);
    assert!(stage.frames() - drawn <= 2, "{} frames for it and for who is away", stage.frames() - drawn);
    stage.advance(Duration::from_secs(1)).await;
    assert!(stage.changes() - seen <= 2, "{} changes with the clock's", stage.changes() - seen);
    assert!(stage.frames() - drawn <= 3, "{} frames with the clock's", stage.frames() - drawn);
}

#[tokio::test]
async fn the_cursor_follows_the_focus_for_those_who_have_the_screen_read_to_them() {
    let mut stage = Stage::new().await;
    for (keys, on) in [
        ("1", "1:1 Ana"),
        ("j", "Lunch with Hugo"),
        ("2", "Dana Levy"),
        ("j", "Build Bot"),
        ("Enter", "Nightly failed: 3 tests"),
        ("Esc 3 z d", "Write the status report"),
        ("z a", "Write the status report"),
        ("4", "Type a name or an address"),
        ("Esc", "Lena Ortiz (you)"),
        ("6", "Tom Berg"),
        ("j", "Jonas Weber"),
        ("5", "Type a name or an address"),
        ("Esc :", "Type what you are looking for"),
        ("Esc ?", "enter"),
    ] {
        stage.press(keys).await;
        stage.advance(Duration::from_millis(500)).await;
        let row = usize::from(stage.cursor().1);
        let line = stage.lines()[row].clone();
        assert!(line.contains(on), "after {keys} the cursor is in: {line}\n{}", stage.text());
    }
}

#[tokio::test]
async fn every_hint_on_the_screen_is_true() {
    let mut newcomer = Newcomer::before(120, 40).await;
    for place in ["2", "2 Enter", "4 Esc", "6 p"] {
        newcomer.stage.press("Esc Esc Esc").await;
        newcomer.stage.press(place).await;
        for key in newcomer.named() {
            if key.starts_with("ctrl-") {
                continue;
            }
            // Two letters are pressed one after the other; names of keys are capitalised in scripts.
            let script = match key.as_str() {
                "esc" | "enter" | "tab" | "space" | "up" | "down" => key[..1].to_uppercase() + &key[1..],
                "pgdn" => "PageDown".to_owned(),
                other if other.starts_with('F') && other.len() > 1 => other.to_owned(),
                other => other.chars().map(String::from).collect::<Vec<_>>().join(" "),
            };
            newcomer.stage.press(&script).await;
            let screen = newcomer.stage.text();
            assert!(!screen.contains("is not used here"), "{key} in {place}:\n{screen}");
            assert!(!newcomer.stage.has_left(), "{key} in {place}");
            newcomer.stage.press("Esc Esc Esc").await;
            newcomer.stage.press(place).await;
        }
    }
}
