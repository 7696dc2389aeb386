//! Bytes of the terminal into events: keys, pastes, the mouse, the focus.
//!
//! The forms are those of xterm and its relatives: CSI and SS3 sequences, alt as a leading escape, mouse reports in three codings.
//! Must stay true: any bytes in any pieces are taken without waiting and without growing; what means nothing to us is dropped as a
//! whole sequence, never as typed letters. Deliberately absent: asking the terminal anything, and answers it gives (see `late`).

use crate::domain::input::{Key, KeyCode, Mouse, MouseKind};
use crate::state::event::Event;
use std::collections::VecDeque;

const ESC: u8 = 0x1b;
const PASTE_ENDS: &[u8] = b"\x1b[201~";
/// What is pasted beyond this is left out.
const MOST_PASTED: usize = 1 << 20;
/// No sequence we know is longer; a longer one is given up.
const LONGEST: usize = 64;

/// Makes events of bytes; holds what is not whole yet.
#[derive(Debug, Default)]
pub struct Decoder {
    held: Vec<u8>,
    paste: Option<Paste>,
}

/// A paste under way.
#[derive(Debug, Default)]
struct Paste {
    text: Vec<u8>,
    /// The last bytes, in which the end may have begun.
    tail: Vec<u8>,
}

/// What the bytes begin with.
#[expect(clippy::large_enum_variant, reason = "it lives for one key")]
enum Step {
    /// So many bytes are done with, and mean this.
    Took(usize, Option<Event>),
    /// A paste begins behind so many bytes.
    Pastes(usize),
    /// More has to come.
    Waits,
}

impl Decoder {
    /// Takes `bytes` and puts what they mean into `events`. `is_all`: nothing more waits, so a lone escape is the key.
    pub fn take(&mut self, bytes: &[u8], is_all: bool, events: &mut VecDeque<Event>) {
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_slice();
        loop {
            if let Some(paste) = &mut self.paste {
                let Some(taken) = paste.take(rest) else { return };
                rest = &rest[taken..];
                let text = std::mem::take(&mut paste.text);
                self.paste = None;
                events.push_back(Event::Paste(String::from_utf8_lossy(&text).into_owned()));
            }
            match step(rest, is_all) {
                Step::Took(count, event) => {
                    events.extend(event);
                    rest = &rest[count..];
                }
                Step::Pastes(count) => {
                    self.paste = Some(Paste::default());
                    rest = &rest[count..];
                }
                Step::Waits => break,
            }
        }
        self.held.extend_from_slice(rest);
    }
}

impl Paste {
    /// Takes bytes up to the paste's end; how many, if the end is among them.
    fn take(&mut self, bytes: &[u8]) -> Option<usize> {
        let before = self.tail.len();
        self.tail.extend_from_slice(bytes);
        if let Some(end) = self.tail.windows(PASTE_ENDS.len()).position(|window| window == PASTE_ENDS) {
            self.keep(end);
            return Some(end + PASTE_ENDS.len() - before);
        }
        let done = self.tail.len().saturating_sub(PASTE_ENDS.len() - 1);
        self.keep(done);
        None
    }

    /// Moves the first `count` bytes of the tail into the text, as far as there is room.
    fn keep(&mut self, count: usize) {
        let room = MOST_PASTED.saturating_sub(self.text.len());
        self.text.extend(self.tail.drain(..count).take(room));
    }
}

fn step(bytes: &[u8], is_all: bool) -> Step {
    match *bytes {
        [ESC] if is_all => plain(1, KeyCode::Esc),
        [] | [ESC] | [ESC, b'[' | b'O'] => Step::Waits,
        [ESC, ESC, ..] => plain(1, KeyCode::Esc),
        [ESC, b'O', last, ..] => Step::Took(3, application_key(last).map(|code| Event::Key(Key::plain(code)))),
        [ESC, b'[', ..] => control_sequence(bytes),
        [ESC, ..] => match step(&bytes[1..], is_all) {
            Step::Took(count, Some(Event::Key(key))) => {
                Step::Took(count + 1, Some(Event::Key(Key { alt: true, ..key })))
            }
            Step::Took(count, event) => Step::Took(count + 1, event),
            other => other,
        },
        [b'\r', ..] => plain(1, KeyCode::Enter),
        [b'\t', ..] => plain(1, KeyCode::Tab),
        [0x7f, ..] => plain(1, KeyCode::Backspace),
        [0, ..] => control(' '),
        [byte @ 0x01..=0x1a, ..] => control(char::from(byte - 1 + b'a')),
        [byte @ 0x1c..=0x1f, ..] => control(char::from(byte - 0x1c + b'4')),
        [_, ..] => letter(bytes),
    }
}

fn plain(count: usize, code: KeyCode) -> Step {
    Step::Took(count, Some(Event::Key(Key::plain(code))))
}

fn control(letter: char) -> Step {
    Step::Took(1, Some(Event::Key(Key { code: KeyCode::Char(letter), ctrl: true, alt: false })))
}

/// A character in UTF-8; a byte that begins none is dropped.
fn letter(bytes: &[u8]) -> Step {
    let first = &bytes[..bytes.len().min(4)];
    let valid = match std::str::from_utf8(first) {
        Ok(text) => text,
        Err(error) if error.valid_up_to() > 0 => std::str::from_utf8(&first[..error.valid_up_to()]).unwrap_or_default(),
        Err(error) => return error.error_len().map_or(Step::Waits, |count| Step::Took(count, None)),
    };
    valid.chars().next().map_or(Step::Waits, |letter| plain(letter.len_utf8(), KeyCode::Char(letter)))
}

/// What follows `ESC O`, and what ends the control sequences of the same keys.
fn application_key(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

fn control_sequence(bytes: &[u8]) -> Step {
    match *bytes {
        // The Linux console's first five function keys.
        [_, _, b'[', last, ..] => {
            let code = (b'A'..=b'E').contains(&last).then(|| KeyCode::F(last - b'A' + 1));
            return Step::Took(4, code.map(|code| Event::Key(Key::plain(code))));
        }
        // The oldest coding of the mouse: three bytes behind the final one.
        [_, _, b'M', button, column, row, ..] => {
            let [button, column, row] = [button, column, row].map(|byte| u32::from(byte).saturating_sub(32));
            return Step::Took(6, mouse(button, column, row, false));
        }
        [_, _, b'[' | b'M', ..] => return Step::Waits,
        _ => {}
    }
    let Some(end) = bytes[2..].iter().position(|byte| !(0x20..=0x3f).contains(byte)) else {
        return if bytes.len() > LONGEST { Step::Took(bytes.len(), None) } else { Step::Waits };
    };
    let (inside, last) = (&bytes[2..2 + end], bytes[2 + end]);
    if !(0x40..=0x7e).contains(&last) {
        // Cut off by something else, which is looked at next.
        return Step::Took(2 + end, None);
    }
    let length = end + 3;
    if (inside, last) == (b"200", b'~') {
        return Step::Pastes(length);
    }
    Step::Took(length, meaning(inside, last))
}

/// The numbers of a control sequence, each with what stands behind its colon.
struct Numbers(Vec<(u32, u32)>);

impl Numbers {
    fn of(inside: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(inside).ok()?;
        let number = |text: &str| if text.is_empty() { Some(0) } else { text.parse().ok() };
        let pair = |text: &str| match text.split_once(':') {
            Some((first, more)) => Some((number(first)?, number(more.split(':').next().unwrap_or_default())?)),
            None => Some((number(text)?, 0)),
        };
        text.split(';').map(pair).collect::<Option<_>>().map(Self)
    }

    fn get(&self, place: usize) -> u32 {
        self.0.get(place).map_or(0, |pair| pair.0)
    }

    /// Alt, control and shift, of the second number.
    fn modifiers(&self) -> (bool, bool, bool) {
        let bits = self.get(1).saturating_sub(1);
        (bits & 2 != 0, bits & 4 != 0, bits & 1 != 0)
    }

    /// Some terminals tell that a key was let go.
    fn is_release(&self) -> bool {
        self.0.get(1).is_some_and(|pair| pair.1 == 3)
    }
}

fn meaning(inside: &[u8], last: u8) -> Option<Event> {
    if let (Some(b'<'), b'M' | b'm') = (inside.first(), last) {
        let numbers = Numbers::of(&inside[1..])?;
        return mouse(numbers.get(0), numbers.get(1), numbers.get(2), last == b'm');
    }
    let numbers = Numbers::of(inside)?;
    let (alt, ctrl, shift) = numbers.modifiers();
    let code = match last {
        b'I' if inside.is_empty() => return Some(Event::Focus(true)),
        b'O' if inside.is_empty() => return Some(Event::Focus(false)),
        b'M' => return mouse(numbers.get(0).checked_sub(32)?, numbers.get(1), numbers.get(2), false),
        _ if numbers.is_release() => return None,
        b'Z' => return Some(Event::Key(Key::plain(KeyCode::BackTab))),
        // With other numbers it is the answer where the cursor is.
        b'R' if numbers.get(0) > 1 => return None,
        b'A'..=b'D' | b'F' | b'H' | b'P'..=b'S' => application_key(last)?,
        b'~' => numbered_key(numbers.get(0))?,
        b'u' => coded_key(numbers.get(0), shift)?,
        _ => return None,
    };
    let code = match code {
        KeyCode::Left if shift && !ctrl && !alt => KeyCode::ShiftLeft,
        KeyCode::Right if shift && !ctrl && !alt => KeyCode::ShiftRight,
        code => code,
    };
    Some(Event::Key(Key { code, ctrl, alt }))
}

/// Keys that are numbers before a tilde.
fn numbered_key(number: u32) -> Option<KeyCode> {
    let function = |from: u32| u8::try_from(number - from).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(10),
        17..=21 => function(11),
        23..=26 => function(12),
        28..=29 => function(15),
        31..=34 => function(17),
        _ => None,
    }
}

/// Keys that are told by their character's number.
fn coded_key(number: u32, shift: bool) -> Option<KeyCode> {
    Some(match char::from_u32(number)? {
        '\u{1b}' => KeyCode::Esc,
        '\r' => KeyCode::Enter,
        '\t' if shift => KeyCode::BackTab,
        '\t' => KeyCode::Tab,
        '\u{7f}' => KeyCode::Backspace,
        // Where such terminals keep the keys that have no character.
        '\u{e000}'..='\u{f8ff}' => return None,
        letter if letter.is_control() => return None,
        letter if shift && letter.is_ascii_lowercase() => KeyCode::Char(letter.to_ascii_uppercase()),
        letter => KeyCode::Char(letter),
    })
}

/// A report of the mouse; columns and rows count from 1.
fn mouse(bits: u32, column: u32, row: u32, is_release: bool) -> Option<Event> {
    let is_moving = bits & 0x20 != 0;
    let kind = match (bits & 3 | (bits & 0xc0) >> 4, is_moving) {
        (0, false) if is_release => MouseKind::Release,
        (0, false) => MouseKind::Press,
        (0, true) => MouseKind::Drag,
        (3, false) => MouseKind::Release,
        (4, false) => MouseKind::WheelUp,
        (5, false) => MouseKind::WheelDown,
        _ => return None,
    };
    let cell = |number: u32| u16::try_from(number.checked_sub(1)?).ok();
    Some(Event::Mouse(Mouse { kind, column: cell(column)?, row: cell(row)? }, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Events cannot be compared; what they say can.
    fn told(pieces: &[&[u8]]) -> Vec<String> {
        let (mut decoder, mut events) = (Decoder::default(), VecDeque::new());
        for piece in pieces {
            decoder.take(piece, true, &mut events);
        }
        events.iter().map(|event| format!("{event:?}")).collect()
    }

    fn said(event: Event) -> String {
        format!("{event:?}")
    }

    fn key(code: KeyCode) -> String {
        said(Event::Key(Key::plain(code)))
    }

    fn with(ctrl: bool, alt: bool, code: KeyCode) -> String {
        said(Event::Key(Key { code, ctrl, alt }))
    }

    fn typed(letter: char) -> String {
        key(KeyCode::Char(letter))
    }

    #[test]
    fn keys_of_the_usual_terminals() {
        let cases: &[(&[u8], KeyCode)] = &[
            (b"\r", KeyCode::Enter),
            (b"\t", KeyCode::Tab),
            (b"\x7f", KeyCode::Backspace),
            (b"\x1b", KeyCode::Esc),
            (b"\x1b[Z", KeyCode::BackTab),
            (b"\x1b[A", KeyCode::Up),
            (b"\x1bOB", KeyCode::Down),
            (b"\x1b[H", KeyCode::Home),
            (b"\x1bOF", KeyCode::End),
            (b"\x1b[1~", KeyCode::Home),
            (b"\x1b[8~", KeyCode::End),
            (b"\x1b[3~", KeyCode::Delete),
            (b"\x1b[5~", KeyCode::PageUp),
            (b"\x1b[6~", KeyCode::PageDown),
            (b"\x1bOP", KeyCode::F(1)),
            (b"\x1b[[E", KeyCode::F(5)),
            (b"\x1b[15~", KeyCode::F(5)),
            (b"\x1b[24~", KeyCode::F(12)),
            ("ß".as_bytes(), KeyCode::Char('ß')),
            ("𝄞".as_bytes(), KeyCode::Char('𝄞')),
            (b"\x1b[27u", KeyCode::Esc),
            (b"\x1b[97;2u", KeyCode::Char('A')),
        ];
        for (bytes, code) in cases {
            assert_eq!(told(&[bytes]), [key(*code)], "{bytes:?}");
        }
    }

    #[test]
    fn control_and_alt_in_each_form() {
        assert_eq!(
            told(&[b"\x01\n\0\x1c"]),
            [
                with(true, false, KeyCode::Char('a')),
                with(true, false, KeyCode::Char('j')),
                with(true, false, KeyCode::Char(' ')),
                with(true, false, KeyCode::Char('4')),
            ]
        );
        assert_eq!(
            told(&[b"\x1bx\x1b\x01"]),
            [with(false, true, KeyCode::Char('x')), with(true, true, KeyCode::Char('a'))]
        );
        assert_eq!(
            told(&[b"\x1b[1;5C\x1b[1;3R\x1b[3;7~"]),
            [with(true, false, KeyCode::Right), with(false, true, KeyCode::F(3)), with(true, true, KeyCode::Delete),]
        );
        assert_eq!(told(&[b"\x1b[99;5u"]), [with(true, false, KeyCode::Char('c'))]);
        assert_eq!(told(&[b"\x1b\x1b[A"]), [key(KeyCode::Esc), key(KeyCode::Up)]);
    }

    #[test]
    fn the_mouse_in_each_coding() {
        let at = |kind, column, row| said(Event::Mouse(Mouse { kind, column, row }, None));
        assert_eq!(
            told(&[b"\x1b[<0;3;4M\x1b[<32;3;5M\x1b[<0;3;5m"]),
            [at(MouseKind::Press, 2, 3), at(MouseKind::Drag, 2, 4), at(MouseKind::Release, 2, 4),]
        );
        assert_eq!(told(&[b"\x1b[M\x60!!"]), [at(MouseKind::WheelUp, 0, 0)]);
        assert_eq!(told(&[b"\x1b[97;2;3M"]), [at(MouseKind::WheelDown, 1, 2)]);
        assert_eq!(told(&[b"\x1b[<0;0;0Mj"]), [typed('j')], "a place that is none");
    }

    #[test]
    fn the_focus_and_what_means_nothing() {
        assert_eq!(told(&[b"\x1b[I\x1b[O"]), [said(Event::Focus(true)), said(Event::Focus(false))]);
        // Answers to questions nobody asked, a key let go, a key without a meaning here, bytes that are no text.
        assert_eq!(
            told(&[b"\x1b[?62;4c\x1b[12;40R\x1b[97;1:3u\x1b[2~\x1b[57358u\xff\xc3(j"]),
            [typed('('), typed('j')]
        );
    }

    #[test]
    fn a_sequence_may_come_in_pieces() {
        assert_eq!(told(&[b"\x1b[", b"1;", b"5C"]), [with(true, false, KeyCode::Right)]);
        assert_eq!(told(&[b"\xc3", b"\x9f"]), [typed('ß')]);
        let (mut decoder, mut events) = (Decoder::default(), VecDeque::new());
        decoder.take(b"\x1b", false, &mut events);
        decoder.take(b"[A", true, &mut events);
        assert_eq!(events.drain(..).map(said).collect::<Vec<_>>(), [key(KeyCode::Up)], "more was said to come");
    }

    #[test]
    fn a_paste_is_text_however_it_comes() {
        let whole: &[u8] = b"j\x1b[200~two\nlines \x1b[A\x1b[201~k";
        let expected = [typed('j'), said(Event::Paste("two\nlines \u{1b}[A".to_owned())), typed('k')];
        assert_eq!(told(&[whole]), expected);
        for cut in 5..whole.len() - 1 {
            assert_eq!(told(&[&whole[..cut], &whole[cut..]]), expected, "cut at {cut}");
        }
        let long = [b"\x1b[200~".as_slice(), &b"x".repeat(MOST_PASTED + 9), PASTE_ENDS, b"j"].concat();
        assert_eq!(told(&[&long]), [said(Event::Paste("x".repeat(MOST_PASTED))), typed('j')]);
    }

    proptest! {
        #[test]
        fn any_bytes_are_taken_and_nothing_piles_up(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..20)) {
            let (mut decoder, mut events) = (Decoder::default(), VecDeque::new());
            for piece in &pieces {
                decoder.take(piece, true, &mut events);
                prop_assert!(decoder.held.len() <= LONGEST + 40);
            }
        }
    }
}
