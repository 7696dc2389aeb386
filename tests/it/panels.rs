//! Overlays about the program itself: pages of text and the doctor's panel.

use crate::support::desk::{Desk, look};
use crate::support::stage::Stage;
use deskbell::base::report::{Kind, Report};
use deskbell::base::text::wrap;
use deskbell::config::{Glyphs, ThemeName};
use deskbell::domain::check::{CheckResult, Diagnosis, Outcome};
use deskbell::domain::notice::Notice;
use deskbell::domain::request::Answer;
use deskbell::state::command::CommandId;
use deskbell::state::event::{Effect, Event};
use deskbell::state::layer::Layer;
use deskbell::state::page::{Page, PageLine};
use deskbell::view::Depth;
use std::time::Duration;

fn diagnosis(desk: &Desk) -> Diagnosis {
    let mut checks = vec![
        CheckResult::passed("terminal", "Terminal", "120 columns, truecolor, UTF-8."),
        CheckResult::passed("clock", "Clock", "In step with the service."),
        CheckResult::new(
            "consent",
            "Permissions",
            Outcome::Failed,
            "consentRequired",
            "An administrator has to agree.",
        )
        .remedy("Ask your administrator.")
        .detail("request-id", "5f3c1e20-0000-4000-8000-00000000009a"),
        CheckResult::new("proxy", "Proxy", Outcome::Warning, "proxySlow", "The proxy takes long."),
        CheckResult::skipped("mailbox", "Mailbox", "Not looked at: nobody is signed in."),
    ];
    let names = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
    checks.extend(names.map(|name| CheckResult::passed(name, "Another", "All is well.")));
    Diagnosis { at: desk.now, subject: vec![("version".to_owned(), "0.0.0".to_owned())], checks }
}

/// The panel with its diagnosis.
fn examined(width: u16, height: u16) -> Desk {
    let mut desk = Desk::new(width, height);
    desk.run(CommandId::Doctor);
    let Some(Effect::Examine(ticket)) = desk.take_effects().pop() else { panic!("nothing is examined") };
    assert!(desk.screen().contains("Looking at terminal"), "{}", desk.screen());
    let answer = Answer::Diagnosis(Box::new(diagnosis(&desk)));
    desk.send(Event::Answered(ticket, Box::new(Ok(answer))));
    desk
}

#[test]
fn the_doctor_begins_at_what_failed_and_says_what_to_do() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut desk = examined(width, height);
        let screen = desk.screen();
        assert!(screen.contains("1 failed, 1 with a warning"), "{screen}");
        assert!(desk.cursor_line().contains("› × Permissions"), "{screen}");
        assert!(screen.contains("→ Ask your administrator."), "{screen}");
        desk.keys("j");
        assert!(desk.cursor_line().contains("! Proxy"), "{}", desk.screen());
        desk.keys("G");
        assert!(desk.cursor_line().contains("✓ Another"), "{}", desk.screen());
        desk.keys("y");
        let Some(Effect::Copy(text)) = desk.take_effects().pop() else { panic!("nothing was copied") };
        assert!(text.contains("[failed] consent (consentRequired): An administrator has to agree."), "{text}");
    }
}

#[test]
fn a_check_opens_as_a_page_and_a_new_examination_keeps_the_old_one_on_the_screen() {
    let mut desk = examined(80, 24);
    desk.keys("enter");
    let screen = desk.screen();
    assert!(screen.contains("Permissions: failed") && screen.contains("5f3c1e20"), "{screen}");
    desk.keys("y");
    let Some(Effect::Copy(text)) = desk.take_effects().pop() else { panic!("nothing was copied") };
    assert!(text.contains("Next: Ask your administrator.") && text.contains("request-id"), "{text}");
    desk.keys("esc r");
    assert!(matches!(desk.take_effects().as_slice(), [Effect::Examine(_)]));
    let screen = desk.screen();
    assert!(screen.contains("examining") && screen.contains("Permissions"), "{screen}");
}

#[test]
fn the_panel_is_readable_without_colours_and_in_plain_signs() {
    let mut desk = examined(80, 24);
    desk.look = look(ThemeName::Mono, Glyphs::Ascii, Depth::Mono);
    let screen = desk.screen();
    for line in ["+ Terminal", "x Permissions", "! Proxy", "- Mailbox"] {
        assert!(screen.contains(line), "{line}:\n{screen}");
    }
}

#[test]
fn nothing_of_a_page_is_cut_and_all_of_it_can_be_reached() {
    let long = "https://login.example/".to_owned() + &"x".repeat(300);
    let words = "The quick brown fox jumps over the lazy dog. ".repeat(40);
    let lines = vec![
        PageLine::Title("A title".to_owned()),
        PageLine::Text(words.clone()),
        PageLine::Pair("Name".to_owned(), words.clone()),
        PageLine::Step("Do this.".to_owned()),
        PageLine::Verbatim(long.clone()),
        PageLine::Text("The last line.".to_owned()),
    ];
    let mut desk = Desk::new(80, 24);
    let page = Page::of("A page".to_owned(), lines, "copied".to_owned());
    let laid = page.laid(60);
    let joined: String = laid.iter().flatten().map(|(_, words, _)| words.as_str()).collect();
    assert!(joined.contains(&long), "{joined}");
    assert!(laid.iter().flatten().all(|(at, words, _)| at + words.len() <= 60));
    desk.store.layers.push(Layer::Page(Box::new(page)));
    assert!(desk.screen().contains("A title"));
    desk.keys("G");
    assert!(desk.screen().contains("The last line."), "{}", desk.screen());
    desk.keys("G G G k*3".replace("k*3", "k k k").as_str());
    assert!(!desk.screen().contains("The last line."), "scrolling up begins at once: {}", desk.screen());
    desk.keys("g g");
    assert!(desk.screen().contains("A title"));
    desk.keys("y");
    assert_eq!(desk.take_effects(), [Effect::Copy("copied".to_owned())]);
    desk.keys("esc");
    assert!(desk.store.layers.is_empty());
}

#[test]
fn a_long_word_is_broken_and_a_short_one_is_not() {
    assert_eq!(wrap("one two three", 7), ["one two", "three"]);
    assert_eq!(wrap("abcdefghij k", 4), ["abcd", "efgh", "ij k"]);
    assert_eq!(wrap("界界界", 1), Vec::<String>::new());
}

#[tokio::test]
async fn the_last_calls_are_told_and_copied_without_secrets() {
    for (width, height) in [(120, 40), (80, 24)] {
        let mut stage = Stage::sized(width, height).await;
        stage.advance(Duration::from_mins(5)).await;
        stage.press("2 g l").await;
        stage.sees("Recent calls");
        stage.sees("made as");
        stage.sees("lena@contoso.com, a person's work or school account");
        stage.press("y").await;
        let copied = stage.copied().expect("a call was copied");
        assert!(copied.contains("/v1.0/") && copied.contains("request-id"), "{copied}");
        stage.press("Y").await;
        let copied = stage.copied().expect("the calls were copied");
        assert!(copied.lines().count() > 5 && copied.contains("/oauth2/v2.0/token"), "{copied}");
        assert!(!copied.contains("Bearer") && !copied.contains("eyJ") && !copied.contains("lena"), "{copied}");

        // The cursor stays on its call while newer ones come.
        stage.press("j j j").await;
        // The row may move with what is above it; what stands in the panel does not change.
        let chosen = |stage: &mut Stage| {
            let line = stage.lines()[usize::from(stage.cursor().1)].clone();
            line.split(['›', '│', '▐']).find(|part| part.contains("/v1.0/")).map(|part| part.trim().to_owned())
        };
        let line = chosen(&mut stage);
        assert!(line.is_some(), "{}", stage.text());
        stage.advance(Duration::from_secs(90)).await;
        assert_eq!(chosen(&mut stage), line, "{}", stage.text());
        stage.press("Enter").await;
        stage.sees("our id");
        stage.press("Esc Esc").await;
        stage.sees("Inbox");
    }
}

#[test]
fn the_doctor_is_one_key_away_and_named_on_the_card_of_every_problem() {
    for kind in [Kind::NeedsPerson, Kind::Network, Kind::Failure, Kind::Configuration] {
        let mut desk = Desk::new(80, 24);
        let report =
            Report::new(kind, "test", "The inbox could not be read.").because("It is a test.").next("Nothing.");
        desk.send(Event::Notice(Notice::Problem(report)));
        desk.take_effects();
        desk.run(CommandId::ShowProblem);
        let screen = desk.screen();
        assert!(screen.contains("ge") && screen.contains("Doctor: find out what is wrong"), "{kind:?}: {screen}");
        desk.keys("g");
        desk.keys("e");
        assert!(matches!(desk.take_effects().pop(), Some(Effect::Examine(_))), "{kind:?}: {}", desk.screen());
        assert!(desk.screen().contains("Looking at terminal"), "{kind:?}: {}", desk.screen());
    }
}
