//! Copying text: the desktop's own command where there is one, else the terminal's clipboard (OSC 52).
//!
//! OSC 52 has no answer, so the sentence says "sent", not "copied". The text goes to the command by its standard input: never as
//! an argument, which other users could read.

use crate::base::environment::Environment;
use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;
use std::io::{self, Write};
use std::process::{Command, Stdio};

/// What terminals take at most, with room for the encoding.
const MOST_BYTES: usize = 74 * 1024;

const COMMANDS: &[(&str, &[&str], &str)] = &[
    ("wl-copy", &[], "WAYLAND_DISPLAY"),
    ("xclip", &["-selection", "clipboard"], "DISPLAY"),
    ("xsel", &["--clipboard", "--input"], "DISPLAY"),
];

/// Copies `text` and says in words what happened.
pub fn copy(text: &str, environment: &Environment) -> String {
    if text.len() > MOST_BYTES {
        return "That is too long for the clipboard.".to_owned();
    }
    for (program, arguments, needs) in COMMANDS {
        if environment.get(needs).is_some() && pipe_to(program, arguments, text) {
            return "Copied.".to_owned();
        }
    }
    if cfg!(target_os = "macos") && pipe_to("pbcopy", &[], text) || cfg!(windows) && pipe_to("clip.exe", &[], text) {
        return "Copied.".to_owned();
    }
    match execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text)) {
        Ok(()) => "Sent to the terminal's clipboard.".to_owned(),
        Err(_) => "The terminal did not take it.".to_owned(),
    }
}

#[expect(clippy::disallowed_methods, reason = "one of the two homes of started programs")]
fn pipe_to(program: &str, arguments: &[&str], text: &str) -> bool {
    let started =
        Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = started else { return false };
    let written = child.stdin.take().is_some_and(|mut input| input.write_all(text.as_bytes()).is_ok());
    // These commands stay in the background to serve the selection; their parent ends at once.
    written && child.wait().is_ok_and(|status| status.success())
}
