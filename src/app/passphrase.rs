//! Asking for a passphrase on the terminal, before the screen is taken.
//!
//! Must stay true: what is typed is not shown and is wiped when dropped; the terminal is put back whatever happens.

use crate::base::secret::Secret;
use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, read};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use std::io::{self, Write};

/// Longer ones are not typed.
const LONGEST: usize = 1024;

/// Puts the terminal back.
struct Raw;

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = disable_raw_mode();
        let _ = writeln!(io::stderr());
    }
}

/// Shows `prompt` and reads a line without showing it. Nothing for Esc, Ctrl-C and Ctrl-D. Blocks.
///
/// # Errors
/// When the terminal cannot be read.
pub fn ask(prompt: &str) -> io::Result<Option<Secret<String>>> {
    write!(io::stderr(), "{prompt} ")?;
    io::stderr().flush()?;
    enable_raw_mode()?;
    let _raw = Raw;
    let mut typed = Secret::new(String::with_capacity(LONGEST));
    loop {
        let Event::Key(key) = read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let is_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(Some(typed)),
            KeyCode::Esc => return Ok(None),
            KeyCode::Char('c' | 'd') if is_control => return Ok(None),
            KeyCode::Char('u') if is_control => typed = Secret::new(String::with_capacity(LONGEST)),
            KeyCode::Backspace => {
                let mut text = typed.expose().clone();
                text.pop();
                typed = Secret::new(text);
            }
            KeyCode::Char(character) if !is_control && typed.expose().len() < LONGEST - 4 => {
                let mut text = String::with_capacity(LONGEST);
                text.push_str(typed.expose());
                text.push(character);
                typed = Secret::new(text);
            }
            _ => {}
        }
    }
}
