//! The person's own editor in a real terminal: handed over whole, taken back whole, also when the editor dies, is stopped or
//! interrupted.
#![cfg(unix)]

use crate::support::pty::Console;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The demo has fetched everything.
const SYNCED: &str = "synced";

/// An editor made of a script.
fn editor(script: &str) -> (TempDir, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("editor");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("it can be run");
    let command = format!("'{}'", path.display());
    (folder, command)
}

/// Every file below `folder` that was handed to an editor.
fn letters(folder: &Path) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if entry.file_name().to_string_lossy().starts_with("letter-") {
                found.push(path);
            }
        }
    }
    found
}

/// A message is begun, with a word in it, and its text goes to the editor.
fn write_outside(console: &mut Console) {
    console.wait_for(SYNCED);
    console.keys("2");
    console.wait_for("Dana Levy");
    console.keys("c");
    console.wait_for("New message");
    console.keys("\t\t\t\tmine");
    console.wait_for("mine");
    console.keys("\u{7}");
}

fn is_taken_again(console: &mut Console, text: &str) {
    console.wait_until(text, |screen| screen.alternate_screen() && screen.contents().contains(text));
    let screen = console.screen();
    assert!(screen.bracketed_paste(), "pastes are not told");
    assert_ne!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    assert!(!console.has_its_modes_back(), "keys would be echoed");
}

#[test]
fn an_editor_has_the_terminal_alone_and_its_text_comes_back() {
    // It says what it was given: the file's mode, a terminal that reads lines and echoes, and what is typed.
    let script = r#"stty -a | grep -q ' icanon' && cooked=yes
echo "editor runs"
read line
{ cat "$1"; echo "mode $(stat -c %a "$1") cooked $cooked typed $line"; } > "$1.new"
cat "$1.new" > "$1"; rm "$1.new"
echo "left over" "#;
    let (_script, command) = editor(script);
    let mut console = Console::open("demo", (100, 30), &[("VISUAL", &command), ("PATH", "/usr/bin:/bin")]);
    write_outside(&mut console);
    console.wait_until("the editor", |screen| !screen.alternate_screen() && screen.contents().contains("editor runs"));
    assert!(console.has_its_modes_back(), "the editor has a terminal as the shell's");
    // Letters that are commands: none of them may reach us.
    console.keys("qDd\n");
    is_taken_again(&mut console, "mode 600 cooked yes typed qDd");
    assert!(console.screen().contents().contains("mine"), "{}", console.screen().contents());
    assert_eq!(letters(console.folder()), Vec::<PathBuf>::new());
    console.keys("\u{1b}");
    console.wait_for("Before it goes");
    console.keys("q");
    console.wait_for("Keep it");
    console.keys("y");
    console.wait_until("the message is gone", |screen| !screen.contents().contains("New message"));
    console.keys("q");
    assert_eq!(console.ended(), 0);
}

#[test]
fn an_editor_that_dies_or_is_interrupted_leaves_its_file_and_the_program() {
    for (script, key) in [
        ("echo 'by then written' >> \"$1\"; kill -9 $$", ""),
        ("echo 'by then written' >> \"$1\"; echo ready; read line", "\u{3}"),
    ] {
        let (_script, command) = editor(script);
        let mut console = Console::open("demo", (100, 30), &[("EDITOR", &command)]);
        write_outside(&mut console);
        if !key.is_empty() {
            console.wait_for("ready");
            console.keys(key);
        }
        is_taken_again(&mut console, "was not taken");
        let kept = letters(console.folder());
        assert_eq!(kept.len(), 1, "{kept:?}");
        assert_eq!(fs::read_to_string(&kept[0]).expect("it is there"), "mine\nby then written\n");
        assert_eq!(fs::metadata(&kept[0]).expect("facts").permissions().mode() & 0o777, 0o600);
        console.keys("\u{1b}");
        console.wait_until("the message as it was", |screen| {
            screen.contents().contains("mine") && !screen.contents().contains("was not taken")
        });
        console.keys(" goes on");
        console.wait_for("mine goes on");
    }
}

#[test]
fn an_editor_that_is_stopped_stops_us_and_both_go_on() {
    let (_script, command) = editor("echo editing; kill -TSTP 0; echo 'after the stop' >> \"$1\"");
    let mut console = Console::in_shell("demo", (100, 30), &[("EDITOR", &command)]);
    write_outside(&mut console);
    console.wait_until("the shell's word", |screen| {
        !screen.alternate_screen() && screen.contents().contains("job stopped")
    });
    console.keys("\n");
    is_taken_again(&mut console, "after the stop");
    console.keys("\u{3}");
    console.wait_for("Leave now?");
    console.keys("y");
    console.wait_until("the shell's screen", |screen| !screen.alternate_screen());
    assert_eq!(console.ended(), 0);
}
