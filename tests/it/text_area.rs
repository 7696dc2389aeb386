//! The text area: what its keys do to text, cursor and sight. No screen is needed for it.

use deskbell::app::keys::parse;
use deskbell::state::text_area::{LONGEST, TextArea};

fn area(text: &str, width: u16) -> TextArea {
    let mut area = TextArea::with(text);
    area.resize(width, 5);
    area
}

/// Presses keys; every one has to be the text's.
fn press(area: &mut TextArea, script: &str) {
    for key in parse(script).expect("keys") {
        assert!(area.key(key), "{key:?}");
    }
}

fn shown(area: &TextArea) -> Vec<&str> {
    area.lines().iter().map(|line| &area.text()[line.start..line.end]).collect()
}

/// The text with a bar where the cursor stands.
fn barred(area: &TextArea) -> String {
    let mut text = area.text().to_owned();
    text.insert(area.cursor(), '|');
    text
}

#[test]
fn lines_are_wrapped_for_the_eye_only() {
    for (text, width, lines) in [
        ("", 10, vec![""]),
        ("one two three", 9, vec!["one two ", "three"]),
        ("one\n\ntwo", 9, vec!["one", "", "two"]),
        ("abcdefghij", 5, vec!["abcd", "efgh", "ij"]),
        ("ab      cd", 5, vec!["ab      ", "cd"]),
        // A wide sign never stands half outside.
        ("漢字漢字", 6, vec!["漢字", "漢字"]),
        ("漢字漢字", 4, vec!["漢", "字", "漢", "字"]),
    ] {
        let area = area(text, width);
        assert_eq!(shown(&area), lines, "{text:?} at {width}");
        assert_eq!(area.text(), text);
    }
}

#[test]
fn keys_move_and_change_as_in_a_shell() {
    for (text, keys, then) in [
        ("", "\"abc", "abc|"),
        ("", "\"ab Enter \"cd", "ab\ncd|"),
        ("abc", "End Backspace", "ab|"),
        ("abc", "Delete ctrl-d", "|c"),
        ("one two", "End ctrl-w", "one |"),
        ("one two", "ctrl-Right ctrl-u", "| two"),
        ("one two", "alt-f ctrl-k", "one|"),
        ("one\ntwo", "End ctrl-k", "one|two"),
        ("one\ntwo", "ctrl-x", "|two"),
        ("one\ntwo\n", "ctrl-x Down ctrl-v", "two\none\n|"),
        ("one\ntwo", "Right Down", "one\nt|wo"),
        ("longer\na\nlonger", "ctrl-e Down Down", "longer\na\nlonger|"),
        ("one\ntwo", "Up", "|one\ntwo"),
        ("one\ntwo", "Down Down", "one\ntwo|"),
        ("e\u{301}x", "Right Backspace", "|x"),
        ("👩‍👩‍👧x", "Delete", "|x"),
        ("a\nb", "Down Left Backspace", "|\nb"),
    ] {
        let mut area = area(text, 40);
        press(&mut area, keys);
        assert_eq!(barred(&area), then, "{text:?} after {keys}");
    }
}

#[test]
fn what_was_typed_is_taken_back_word_by_word_and_cuts_whole() {
    let mut area = area("", 40);
    press(&mut area, "\"one_two ctrl-w ctrl-_");
    assert_eq!(barred(&area), "one two|");
    press(&mut area, "ctrl-_");
    assert_eq!(barred(&area), "one|");
    press(&mut area, "ctrl-_ ctrl-_");
    assert_eq!(barred(&area), "|");
    area.insert("pasted\r\nlines\u{1b}[2J");
    assert_eq!(barred(&area), "pasted\nlines|");
    assert!(area.undo() && !area.undo());
    assert_eq!(area.text(), "");
}

#[test]
fn the_cursor_stays_in_sight_and_on_its_line() {
    let text = (1..=30).map(|number| format!("line {number}")).collect::<Vec<_>>().join("\n");
    let mut area = area(&text, 40);
    press(&mut area, "Down*10");
    assert_eq!((area.place(), area.top()), ((10, 0), 6));
    press(&mut area, "PageDown");
    assert_eq!((area.place(), area.top()), ((14, 0), 10));
    press(&mut area, "ctrl-End");
    assert_eq!((area.place(), area.top()), ((29, 7), 25));
    press(&mut area, "ctrl-Home");
    assert_eq!((area.place(), area.top()), ((0, 0), 0));
    // The end of a wrapped line is on that line, not on the next.
    let mut wrapped = TextArea::with("one two three");
    wrapped.resize(9, 5);
    press(&mut wrapped, "End");
    assert_eq!(wrapped.place(), (0, 7));
    press(&mut wrapped, "Down");
    assert_eq!(wrapped.place().0, 1);
}

#[test]
fn more_than_fits_is_left_out_whole_signs_at_a_time() {
    let mut area = TextArea::with(&"漢".repeat(LONGEST));
    assert!(area.text().len() <= LONGEST);
    let before = area.text().len();
    area.insert(&"字".repeat(10));
    assert!(area.text().len() <= LONGEST && area.text().len() >= before);
}

#[test]
fn no_key_is_ever_too_much() {
    let keys = parse("\"x_ Enter Backspace Delete Left Right Up Down Home End ctrl-w ctrl-u ctrl-k ctrl-x ctrl-v ctrl-_ PageUp PageDown ctrl-Left ctrl-Right \"漢 \"\u{301}")
        .expect("keys");
    let mut seed = 7_usize;
    for width in [2, 3, 7, 40] {
        let mut area = area("one e\u{301} 漢字 two\n\n> quoted 👩‍👩‍👧\n", width);
        for _ in 0..3_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            area.key(keys[(seed >> 33) % keys.len()]);
            let (line, column) = area.place();
            assert!(area.text().is_char_boundary(area.cursor()));
            assert!(line < area.lines().len() && column < usize::from(width.max(2)));
            assert!(area.top() <= line && line < area.top() + 5);
        }
    }
}
