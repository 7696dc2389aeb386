//! Answers of the terminal that come too late and arrive as if somebody had typed them.
//!
//! The question about the background waits 300 ms. A slower terminal answers `ESC ] 11 ; rgb:1616/1818/1d1d ESC \` while keys are
//! read, and each of these characters is a command somewhere. So a run of keys that spells such an answer is taken out; as soon as it
//! spells anything else, all of it is passed on.

use crate::domain::input::{Key, KeyCode};
use crate::state::event::Event;

/// No answer is longer; what goes on beyond was typed by somebody.
const LONGEST: usize = 48;

/// Holds back what may become an answer.
#[derive(Debug, Default)]
pub struct LateAnswers {
    held: Vec<Key>,
}

/// What the keys held so far spell.
enum Spelling {
    Answer,
    Beginning,
    Else,
}

impl LateAnswers {
    /// What is to be handled now that `event` has come.
    pub fn pass(&mut self, event: Option<Event>) -> Vec<Event> {
        let Some(event) = event else { return Vec::new() };
        let Event::Key(key) = event else {
            // Reports of focus or size come in between; they are nobody's typing.
            return vec![event];
        };
        self.held.push(key);
        match spelling(&self.held) {
            Spelling::Beginning => Vec::new(),
            Spelling::Answer => {
                self.held.clear();
                Vec::new()
            }
            Spelling::Else => {
                let mut passed: Vec<Event> = std::mem::take(&mut self.held).into_iter().map(Event::Key).collect();
                // The key that broke the spelling may begin another.
                if passed.len() > 1 && is_introducer(key) {
                    passed.pop();
                    self.held.push(key);
                }
                passed
            }
        }
    }
}

/// `ESC ]`, which reads as alt and a bracket.
fn is_introducer(key: Key) -> bool {
    key == Key { code: KeyCode::Char(']'), ctrl: false, alt: true }
}

fn spelling(keys: &[Key]) -> Spelling {
    let [first, rest @ ..] = keys else { return Spelling::Beginning };
    if !is_introducer(*first) || rest.len() > LONGEST {
        return Spelling::Else;
    }
    let mut said = String::new();
    for (place, key) in rest.iter().enumerate() {
        let is_last = place + 1 == rest.len();
        match *key {
            Key { code: KeyCode::Char(letter), ctrl: false, alt: false } => said.push(letter),
            // BEL reads as ctrl-g, ESC \ as alt and a backslash.
            Key { code: KeyCode::Char('g'), ctrl: true, alt: false }
            | Key { code: KeyCode::Char('\\'), ctrl: false, alt: true }
                if is_last && said.contains("rgb") =>
            {
                return Spelling::Answer;
            }
            _ => return Spelling::Else,
        }
    }
    if is_colour_report(&said) { Spelling::Beginning } else { Spelling::Else }
}

/// Whether `said` begins as `10;rgb:ffff/ffff/ffff` or its relatives do.
fn is_colour_report(said: &str) -> bool {
    let number = said.trim_start_matches(|letter: char| letter.is_ascii_digit());
    if said.len() - number.len() > 3 || number.len() == said.len() && !said.is_empty() {
        return false;
    }
    let Some(value) = number.strip_prefix(';') else { return number.is_empty() };
    // Number 4 has the number of a palette's entry before its value.
    let value = value.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';');
    ["rgb:", "rgba:"].iter().any(|word| {
        if value.len() <= word.len() {
            word.starts_with(value)
        } else {
            value.strip_prefix(word).is_some_and(|hex| hex.chars().all(|c| c.is_ascii_hexdigit() || c == '/'))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::LateAnswers;
    use crate::domain::input::{Key, KeyCode};
    use crate::state::event::Event;

    fn alt(letter: char) -> Key {
        Key { code: KeyCode::Char(letter), ctrl: false, alt: true }
    }

    fn passed(keys: &[Key]) -> Vec<Key> {
        let mut late = LateAnswers::default();
        keys.iter()
            .flat_map(|key| late.pass(Some(Event::Key(*key))))
            .filter_map(|event| if let Event::Key(key) = event { Some(key) } else { None })
            .collect()
    }

    fn typed(text: &str) -> Vec<Key> {
        text.chars().map(|letter| Key::plain(KeyCode::Char(letter))).collect()
    }

    #[test]
    fn an_answer_about_colours_is_no_typing() {
        for said in ["11;rgb:1616/1818/1d1d", "10;rgba:ff/ff/ff/ff", "4;7;rgb:0/0/0"] {
            for end in [alt('\\'), Key { code: KeyCode::Char('g'), ctrl: true, alt: false }] {
                let keys = [vec![alt(']')], typed(said), vec![end], typed("j")].concat();
                assert_eq!(passed(&keys), typed("j"), "{said}");
            }
        }
    }

    #[test]
    fn what_only_begins_like_one_is_passed_on_whole() {
        for said in ["j", "1j", "11;rgc", "11;rgb:xx"] {
            let keys = [vec![alt(']')], typed(said)].concat();
            assert_eq!(passed(&keys), keys, "{said}");
        }
        let long = [vec![alt(']')], typed("11;rgb:"), typed(&"f".repeat(60))].concat();
        assert_eq!(passed(&long), long);
    }

    #[test]
    fn an_answer_behind_the_beginning_of_one_is_still_seen() {
        let keys = [vec![alt(']')], vec![alt(']')], typed("11;rgb:0/0/0"), vec![alt('\\')]].concat();
        assert_eq!(passed(&keys), vec![alt(']')]);
    }
}
