//! Keys: one table, and every word about a key on the screen is true.

use crate::support::desk::{Desk, default_keymap};
use deskbell::config::{KeymapData, keys_text, parse_keys};
use deskbell::state::command::{self, CommandId};
use deskbell::state::keys::{KeyContext, Keymap, Meaning};
use std::collections::HashSet;

#[test]
fn every_command_has_one_row_and_a_name_of_its_own() {
    let mut ids = Vec::new();
    let mut names = HashSet::new();
    for row in command::all() {
        assert!(!ids.contains(&row.id), "{:?} has two rows", row.id);
        ids.push(row.id);
        assert!(names.insert((row.context, row.name)), "{} is taken", row.name);
        assert_eq!(command::named(row.name).map(|found| found.id), Some(row.id), "{}", row.name);
        assert_eq!(row.id.row().name, row.name);
        assert!(row.name.chars().all(|character| character.is_ascii_lowercase() || character == '_'), "{}", row.name);
        assert!(!row.help.is_empty() && !row.help.ends_with('.'), "{}: {}", row.name, row.help);
    }
}

#[test]
fn the_default_keymap_names_every_command_with_its_own_sentence() {
    let data = KeymapData::built_in();
    for row in command::all() {
        let section = data.context(row.context.name()).unwrap_or_else(|| panic!("no section for {}", row.name));
        let binding = section.bindings.iter().find(|binding| binding.command == row.name);
        let binding = binding.unwrap_or_else(|| panic!("{} stands in no [{}]", row.name, row.context.name()));
        assert_eq!(binding.sentence, format!("{}.", row.help), "{}", row.name);
    }
}

#[test]
fn a_keymap_with_unknown_names_says_where_and_keeps_the_rest() {
    let text = "[everywhere]\nnext = [\"j\"]\nfly = [\"F7\"]\n\n[garden]\nnext = [\"n\"]\n";
    let (data, problems) = KeymapData::parse("mine.toml", text);
    assert_eq!(problems, Vec::new());
    let (keymap, problems) = Keymap::from_data(&data);
    let told: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(
        told,
        [
            "mine.toml, line 3: there is no command called \"fly\".",
            "mine.toml, line 6: there is no place called \"garden\"."
        ]
    );
    let j = parse_keys("j").expect("a key");
    assert_eq!(keymap.meaning(KeyContext::Mail, &j), Meaning::Command(CommandId::Next));
}

#[test]
fn a_key_given_twice_in_one_place_is_refused() {
    let (_, problems) = KeymapData::parse("mine.toml", "[mail]\nnext = [\"j\"]\nprevious = [\"j\"]\n");
    assert_eq!(problems.len(), 1);
    assert!(problems[0].what.contains("\"j\" of previous is already \"j\" of next"), "{}", problems[0].what);
}

#[test]
fn the_keys_of_a_place_win_over_those_of_everywhere() {
    let keymap = default_keymap();
    let y = parse_keys("y").expect("a key");
    assert_eq!(keymap.meaning(KeyContext::Problem, &y), Meaning::Command(CommandId::CopyProblem));
    assert_eq!(keymap.meaning(KeyContext::Mail, &y), Meaning::Beginning);
    let o = parse_keys("o").expect("a key");
    assert_eq!(keymap.meaning(KeyContext::SignIn, &o), Meaning::Command(CommandId::SignInOpen));
    assert_eq!(keymap.meaning(KeyContext::Mail, &o), Meaning::Command(CommandId::OpenOutside));
}

#[test]
fn an_unknown_key_is_answered_with_a_sentence() {
    let mut desk = Desk::new(100, 30);
    desk.keys("X");
    assert!(desk.screen().contains("X is not used here; ? shows keys."));
    desk.keys("g Q");
    assert!(desk.screen().contains("gQ is not used here; ? shows keys."));
    desk.advance(10_000);
    assert!(!desk.screen().contains("not used here"));
}

#[test]
fn what_may_follow_a_key_is_shown_after_it_has_waited() {
    let mut desk = Desk::new(100, 30);
    desk.keys("g");
    assert!(!desk.screen().contains("Go to sent mail"), "too early");
    desk.advance(299);
    assert!(!desk.screen().contains("Go to sent mail"), "too early");
    desk.advance(1);
    let screen = desk.screen();
    assert!(screen.contains("g  Go to") && screen.contains("Go to sent mail"), "{screen}");
    assert_eq!(screen.matches("Go to the inbox").count(), 1, "one line a command: {screen}");
    desk.keys("esc");
    assert!(!desk.screen().contains("Go to sent mail"));
    assert_eq!(desk.store.view(), deskbell::state::surface::View::Home, "esc runs nothing");
    desk.keys("g p");
    desk.advance(1_000);
    assert!(!desk.screen().contains("Go to sent mail"), "typed fast shows none");
    assert_eq!(desk.store.view(), deskbell::state::surface::View::People);
}

/// Ways to many places of the program, as keys.
const PLACES: &[&str] = &[
    "1",
    "1 tab",
    "1 tab tab",
    "2",
    "2 enter",
    "2 h",
    "3",
    "4",
    "5",
    "5 esc",
    "6",
    "2 ?",
    "2 ? /",
    "3 :",
    "2 p",
    "2 enter p",
];

#[test]
fn every_hint_on_the_screen_is_bound_and_does_what_it_says() {
    for place in PLACES {
        let mut desk = Desk::new(160, 40);
        desk.keys(place);
        desk.advance(1_000);
        let hints = desk.store.hints();
        assert!(!hints.is_empty(), "no hint at {place}");
        let context = desk.store.focus().context();
        let is_typing = desk.store.focus().field().is_some();
        for hint in hints {
            let reached = desk.store.keymap().all_keys_of(hint.command, context);
            let keys = reached.into_iter().find(|keys| keys_text(keys) == hint.keys);
            let keys = keys.unwrap_or_else(|| panic!("{} is not bound at {place}", hint.keys)).to_vec();
            assert_eq!(desk.store.keymap().meaning(context, &keys), Meaning::Command(hint.command), "at {place}");
            let mut after = Desk::new(160, 40);
            after.keys(place);
            after.advance(1_000);
            for key in keys {
                after.send(deskbell::state::event::Event::Key(key));
            }
            let screen = after.screen();
            assert!(!screen.contains("not used here"), "{} at {place}: {screen}", hint.keys);
            let typed = after.store.focus().field().map_or("", |field| field.text());
            assert!(!is_typing || typed.is_empty(), "{} was typed at {place}", hint.keys);
        }
    }
}

#[test]
fn the_footer_shows_the_hints_with_their_keys() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2");
    let screen = desk.screen();
    let footer = screen.lines().last().expect("a last line");
    assert!(
        footer.contains("enter open") && footer.contains("gn next unread") && footer.ends_with("? help"),
        "{footer}"
    );
}

#[test]
fn what_destroys_has_no_key() {
    let keymap = default_keymap();
    for context in KeyContext::ALL {
        assert_eq!(keymap.keys_of(CommandId::SignOut, context), None);
    }
}

#[test]
fn help_lists_the_keys_in_force_and_runs_a_line() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 ?");
    let screen = desk.screen();
    assert!(screen.contains("Help: Mail"), "{screen}");
    // What does not fit is scrolled to.
    desk.keys("G");
    let screen = format!("{screen}\n{}", desk.screen());
    for row in command::all().filter(|row| matches!(row.context, KeyContext::Mail)) {
        let keys = desk.store.keymap().keys_of(row.id, KeyContext::Mail).map(keys_text);
        if let Some(keys) = keys {
            let is_listed = screen.lines().any(|line| line.contains(&keys) && line.contains(row.title));
            assert!(is_listed, "{keys} {} is not in help:\n{screen}", row.title);
        }
    }
    desk.keys("/");
    desk.write("sent mail");
    assert!(desk.screen().contains("Go to sent mail"));
    desk.keys("enter");
    assert!(desk.screen().contains("─ Sent Items"), "{}", desk.screen());
}
