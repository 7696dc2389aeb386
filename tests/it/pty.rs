//! The real program in a real pseudo-terminal: starting, signing in, resizing, and leaving the terminal as it was, however it ends.
//!
//! A test waits for what is on the screen; the limit is only there so that a failure ends.

use crate::support::pty::Console;

/// In the status line once everything was fetched.
const SYNCED: &str = "synced";

fn left_behind(console: &Console) -> Vec<String> {
    std::fs::read_dir(console.folder())
        .unwrap()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("deskbell-demo"))
        .collect()
}

/// Fails unless the terminal is as it was before and the demo left nothing on the disk.
#[track_caller]
fn is_clean(console: &Console) {
    is_given_back(console);
    assert_eq!(left_behind(console), Vec::<String>::new());
}

/// Fails unless the terminal is as it was before.
#[track_caller]
fn is_given_back(console: &Console) {
    let screen = console.screen();
    assert!(!screen.alternate_screen(), "the alternate screen is still there");
    assert!(!screen.hide_cursor() && !screen.bracketed_paste(), "cursor or paste is not as it was");
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    for (on, off) in
        [("\u{1b}[?1004h", "\u{1b}[?1004l"), ("\u{1b}[?2026h", "\u{1b}[?2026l"), ("\u{1b}[22;0t", "\u{1b}[23;0t")]
    {
        let raw = console.raw();
        assert!(raw.rfind(off) > raw.rfind(on), "{on:?} was not taken back");
    }
    assert!(console.has_its_modes_back(), "raw mode is still on");
}

#[test]
fn a_person_signs_in_with_one_key_and_leaves_with_one() {
    let mut console = Console::open("demo --sign-in", (120, 40), &[]);
    console.wait_for("Code on another device");
    assert_eq!(left_behind(&console).len(), 1, "the demo has a folder while it runs");
    console.keys("b");
    console.wait_for("A approve");
    console.keys("A");
    console.wait_for(SYNCED);
    console.wait_for("1 Home");
    console.keys("q");
    assert_eq!(console.ended(), 0);
    is_clean(&console);
}

#[test]
fn the_window_may_become_any_size() {
    let mut console = Console::open("demo", (200, 60), &[]);
    console.wait_for(SYNCED);
    console.keys("2");
    console.wait_for("Inbox");
    for size in [(80, 24), (60, 16), (200, 60), (81, 25)] {
        console.resize(size);
        console.wait_until("the header on top and the hints below", move |screen| {
            let row = |number| screen.contents_between(number, 0, number, size.0);
            // The clock stands at the right edge of this size: what is left of the size before has it elsewhere.
            let header = row(0);
            let ends = header.trim_end().chars().count();
            header.starts_with(" 1 Home") && ends + 3 >= usize::from(size.0) && !row(size.1 - 1).trim().is_empty()
        });
    }
    console.resize((40, 10));
    console.wait_for("60 columns");
    console.resize((120, 40));
    console.wait_for(SYNCED);
    console.wait_for("Inbox");
    console.keys("\u{3}");
    assert_eq!(console.ended(), 0);
    is_clean(&console);
}

#[cfg(unix)]
#[test]
fn asked_to_end_it_tidies_up() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut console = Console::open("demo", (80, 24), &[]);
        console.wait_for(SYNCED);
        console.signal(signal);
        assert_eq!(console.ended(), 0, "{signal:?}");
        is_clean(&console);
    }
}

#[cfg(unix)]
#[test]
fn stopped_it_gives_the_terminal_back_and_continued_it_takes_it_again() {
    let mut console = Console::in_shell("demo", (120, 40), &[]);
    console.wait_for(SYNCED);
    console.keys("2");
    console.wait_for("Dana Levy");
    console.keys("\u{1a}");
    console.wait_until("the shell's word", |screen| {
        !screen.alternate_screen() && screen.contents().contains("job stopped")
    });
    is_given_back(&console);
    console.keys("\n");
    console.wait_until("the program again, whole", |screen| {
        screen.alternate_screen() && screen.contents().contains("Dana Levy") && screen.contents().contains(SYNCED)
    });
    let screen = console.screen();
    assert!(screen.bracketed_paste(), "pastes are not told");
    assert_ne!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    assert!(!console.has_its_modes_back(), "keys would be echoed");
    let raw = console.raw().into_owned();
    for (on, off) in
        [("\u{1b}[?1004h", "\u{1b}[?1004l"), ("\u{1b}[22;0t", "\u{1b}[23;0t"), ("\u{1b}]0;deskbell", "\u{1b}[23;0t")]
    {
        assert!(raw.rfind(on) > raw.rfind(off), "{on:?} was not asked for again");
    }
    console.keys("3");
    console.wait_for("Week ");
    console.keys("q");
    console.wait_until("the shell's screen", |screen| !screen.alternate_screen());
    assert_eq!(console.ended(), 0);
    is_clean(&console);
}

#[test]
fn a_panic_of_the_loop_gives_the_terminal_back_first() {
    let mut console = Console::open("demo", (80, 24), &[("DESKBELL_PROVOKE", "panic-ui")]);
    console.wait_for(SYNCED);
    console.keys("\u{1b}[24~");
    console.wait_for("because of a mistake of ours: provoked in the loop");
    assert_eq!(console.ended(), 1);
    is_clean(&console);
}

#[test]
fn a_panic_tells_no_secret_neither_here_nor_in_its_file() {
    let home = tempfile::tempdir().expect("a folder");
    let at = format!("--home {} --client-id 5c0a7b52-61f5-4d0b-9d7e-1f1b8f0f4e01", home.path().display());
    let mut console = Console::open(&at, (80, 24), &[("DESKBELL_PROVOKE", "panic-secret")]);
    console.wait_for("Sign in");
    console.keys("\u{1b}[24~");
    console.wait_for("because of a mistake of ours: provoked over");
    assert_eq!(console.ended(), 1);
    is_clean(&console);
    let mut files = vec![home.path().to_owned()];
    let mut crashes = 0;
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            crashes += usize::from(text.contains("provoked over"));
            assert!(!text.contains("planted"), "{}: {text}", path.display());
        }
    }
    assert!(crashes > 0, "the crash was written to no file");
    assert!(!console.raw().contains("planted"), "{}", console.raw());
}

#[test]
fn a_panic_of_a_task_is_a_card_and_work_goes_on() {
    let mut console = Console::open("demo", (120, 40), &[("DESKBELL_PROVOKE", "panic-task")]);
    console.wait_for(SYNCED);
    console.keys("\u{1b}[24~");
    console.wait_for("A part of deskbell stopped");
    console.wait_for("provoked in a task");
    assert!(console.screen().alternate_screen());
    console.keys("\u{1b}");
    console.wait_until("the card is closed", |screen| !screen.contents().contains("provoked in a task"));
    console.keys("3");
    console.wait_for("Week ");
    console.keys("q");
    assert_eq!(console.ended(), 0);
    is_clean(&console);
}

#[test]
fn a_late_answer_about_colours_runs_no_command() {
    let mut console = Console::asked_for_colours("demo", (120, 40));
    console.wait_for(SYNCED);
    assert!(console.raw().contains("\u{1b}]11;?"), "the terminal was asked");
    // In the answer are 1, r, g, b and the colon that opens the palette, into which the 3 would be typed.
    console.keys("\u{1b}]11;rgb:1616/1818/1d1d\u{1b}\\3");
    console.wait_for("Week ");
    assert!(!console.screen().contents().contains("Type what you are looking for"));
    console.keys("q");
    assert_eq!(console.ended(), 0);
}

#[test]
fn only_our_own_sequences_reach_the_terminal() {
    let mut console = Console::open("demo", (120, 40), &[]);
    console.wait_for(SYNCED);
    for (keys, seen) in
        [("2", "Dana Levy"), ("3", "Week "), ("]", "Week "), ("6", "Priya Nair"), ("?", "Help"), ("\u{1b}1", "Home")]
    {
        console.keys(keys);
        console.wait_for(seen);
    }
    console.keys("\u{3}");
    assert_eq!(console.ended(), 0);
    for sequence in console.sequences() {
        assert!(is_ours(&sequence), "{sequence:?} was written to the terminal");
    }
}

/// Cursor, colours, clearing, the modes we use, our title and its stack.
fn is_ours(sequence: &str) -> bool {
    const MODES: [&str; 9] = ["25", "1000", "1002", "1003", "1004", "1006", "1015", "1049", "2004"];
    if sequence == "\u{1b}]0;deskbell\u{7}" || ["\u{1b}[22;0t", "\u{1b}[23;0t"].contains(&sequence) {
        return true;
    }
    let Some(rest) = sequence.strip_prefix("\u{1b}[") else { return false };
    let (inside, last) = rest.split_at(rest.len() - 1);
    match last {
        "m" => inside.chars().all(|letter| letter.is_ascii_digit() || ";:".contains(letter)),
        "H" => inside.chars().all(|letter| letter.is_ascii_digit() || letter == ';'),
        "C" => inside.chars().all(|letter| letter.is_ascii_digit()),
        "J" => inside == "2",
        "h" | "l" => inside.strip_prefix('?').is_some_and(|mode| MODES.contains(&mode) || mode == "2026"),
        _ => false,
    }
}
