//! Keys written as text, for pictures and tests: `2 j*3 Enter g a ctrl-p`.
//!
//! Words are separated by spaces; `*N` repeats; a word that is no key's name and begins with a quote is typed letter by letter.

use crate::domain::input::{Key, KeyCode};

/// The keys of `script`.
///
/// # Errors
/// The word that is no key.
pub fn parse(script: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    for word in script.split_whitespace() {
        if let Some(text) = word.strip_prefix('"') {
            keys.extend(text.trim_end_matches('"').chars().map(|character| {
                let character = if character == '_' { ' ' } else { character };
                Key::plain(KeyCode::Char(character))
            }));
            continue;
        }
        let (name, times) = match word.rsplit_once('*') {
            Some((name, times)) if !name.is_empty() => (name, times.parse().map_err(|_| word.to_owned())?),
            _ => (word, 1),
        };
        let key = one(name).ok_or_else(|| word.to_owned())?;
        keys.extend(std::iter::repeat_n(key, times));
    }
    Ok(keys)
}

fn one(name: &str) -> Option<Key> {
    if let Some(rest) = name.strip_prefix("ctrl-") {
        return one(rest).map(|key| Key { ctrl: true, ..key });
    }
    if let Some(rest) = name.strip_prefix("alt-") {
        return one(rest).map(|key| Key { alt: true, ..key });
    }
    let mut characters = name.chars();
    if let (Some(character), None) = (characters.next(), characters.next()) {
        return Some(Key::plain(KeyCode::Char(character)));
    }
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "BackTab" => KeyCode::BackTab,
        "Space" => KeyCode::Char(' '),
        "Backspace" => KeyCode::Backspace,
        "Delete" => KeyCode::Delete,
        "ShiftLeft" => KeyCode::ShiftLeft,
        "ShiftRight" => KeyCode::ShiftRight,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "PageUp" => KeyCode::PageUp,
        "PageDown" => KeyCode::PageDown,
        _ => KeyCode::F(name.strip_prefix('F')?.parse().ok()?),
    };
    Some(Key::plain(code))
}
