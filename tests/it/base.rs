//! The base floor: taming and cutting text, the environment, places on disk, the log.

use std::io::Write;
use std::sync::{Arc, Mutex};

use deskbell::base::environment::{Colours, Environment};
use deskbell::base::log::{self, Level};
use deskbell::base::paths::{self, PlaceError, Places};
use deskbell::base::text::{
    ASCII_ELLIPSIS, cut, cut_with, head, link_host, pad, pad_left, tame, tame_file_name, tame_lines, tame_link, width,
};
use proptest::prelude::*;

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, failure_persistence: None, ..ProptestConfig::default() }
}

/// Text made of what attackers use, mixed with what people write.
fn hostile_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        "[ -~]{0,6}",
        prop::sample::select(vec![
            "\u{1b}[31m",
            "\u{1b}]0;title\u{7}",
            "\u{1b}]8;;https://x\u{1b}\\",
            "\u{1b}P1;2q",
            "\u{9b}2J",
            "\u{9d}0;x\u{9c}",
            "\u{1b}",
            "\u{202e}",
            "\u{2066}",
            "\u{e0041}",
            "e\u{301}",
            "👩\u{200d}👩\u{200d}👧",
            "日本",
            "שלום",
            "\r\n",
            "\t",
            "\u{85}",
            "\u{2028}",
            "\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
            "🇪🇸",
            "❤\u{fe0f}",
            "\u{0}",
            "\u{7f}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn tamed_text_holds_no_control_and_taming_again_changes_nothing(text in hostile_text()) {
        let once = tame(&text).into_owned();
        prop_assert!(!once.chars().any(char::is_control), "{once:?}");
        prop_assert!(!once.contains(['\u{202e}', '\u{2066}', '\u{e0041}', '\u{2028}']), "{once:?}");
        prop_assert_eq!(tame(&once).into_owned(), once);
    }

    #[test]
    fn tamed_lines_hold_no_control_but_line_feeds(text in hostile_text()) {
        let once = tame_lines(&text).into_owned();
        prop_assert!(!once.chars().any(|character| character.is_control() && character != '\n'), "{once:?}");
        prop_assert_eq!(tame_lines(&once).into_owned(), once);
    }

    #[test]
    fn a_cut_text_fits_and_a_padded_one_fills(text in hostile_text(), columns in 0_usize..30) {
        let text = tame(&text);
        prop_assert!(width(&cut(&text, columns)) <= columns);
        prop_assert!(width(head(&text, columns)) <= columns);
        prop_assert_eq!(width(&pad(&text, columns)), columns);
        prop_assert_eq!(width(&pad_left(&text, columns)), columns);
    }

    #[test]
    fn a_link_is_printable_ascii_of_three_schemes(text in hostile_text(), scheme in prop::sample::select(vec!["https://", "http://", "mailto:", "javascript:", "file:///", ""])) {
        if let Some(link) = tame_link(&format!("{scheme}{text}")) {
            prop_assert!(link.bytes().all(|byte| (0x21..0x7f).contains(&byte)), "{link:?}");
            prop_assert!(["https://", "http://", "mailto:"].iter().any(|known| link.starts_with(known)), "{link:?}");
            prop_assert!(!link_host(&link).is_empty());
            prop_assert_eq!(tame_link(&link), Some(link.clone()));
        }
    }

    #[test]
    fn a_file_name_is_never_a_path(text in hostile_text()) {
        let name = tame_file_name(&text);
        prop_assert!(!name.is_empty() && name.len() <= 121, "{name:?}");
        prop_assert!(!name.contains(['/', '\\', ':', '\0', '\n']) && !name.starts_with('.') && !name.ends_with(['.', ' ']), "{name:?}");
    }

    #[test]
    fn redaction_leaves_no_secret(before in "[ -~&&[^\"']]{0,20}", secret in "[A-Za-z0-9_-]{24,60}") {
        for line in [
            format!("{before} Authorization: Bearer {secret} x"),
            format!("{before} access_token={secret}&x=1"),
            format!("{before} {{\"refresh_token\":\"{secret}\"}}"),
            format!("{before} http://localhost/?code={secret}&state=1"),
            format!("{before} eyJ{secret}.eyJ{secret}.{secret}"),
        ] {
            prop_assert!(!log::redact(&line).contains(&secret), "{line} -> {}", log::redact(&line));
        }
    }
}

#[test]
fn whole_escape_sequences_go_and_the_text_around_them_stays() {
    assert_eq!(tame("a\u{1b}[1;31mred\u{1b}[0m b"), "ared b");
    assert_eq!(tame("a\u{1b}]0;own title\u{7}b"), "ab");
    assert_eq!(tame("a\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\b"), "aclickb");
    assert_eq!(tame("a\u{9b}2Jb\u{9d}52;c;eA==\u{9c}c"), "abc");
    assert_eq!(tame("one\r\ntwo\tthree\nfour"), "one two three four");
    assert_eq!(tame_lines("one\r\ntwo\rthree\u{2028}four"), "one\ntwo\nthree\nfour");
    assert_eq!(tame_lines("a\tb"), "a       b");
}

#[test]
fn an_unfinished_escape_hides_nothing() {
    assert_eq!(tame("a\u{1b}]0;and the rest of the mail"), "a0;and the rest of the mail");
    assert_eq!(tame("a\u{1b}"), "a");
    // Many of them stay linear: this would take minutes if each looked for its end anew.
    let many = "\u{1b}]".repeat(400_000);
    assert_eq!(tame(&many), "");
}

#[test]
fn what_people_write_is_kept() {
    for text in
        ["Zoë Núñez", "日本語のメール", "👩\u{200d}👩\u{200d}👧 family", "❤\u{fe0f}", "مرحبا", "क्षत्रिय", "plain"]
    {
        assert_eq!(tame(text), text);
    }
    let zalgo = format!("e{}x", "\u{301}".repeat(50));
    assert_eq!(tame(&zalgo).chars().count(), 10);
    assert_eq!(tame("\u{202e}gpj.exe\u{2066}\u{200e}"), "gpj.exe");
}

#[test]
fn cutting_keeps_graphemes_whole() {
    assert_eq!(cut("Alexander", 6), "Alexa…");
    assert_eq!(cut_with("Alexander", 6, ASCII_ELLIPSIS), "Alexa~");
    assert_eq!(cut("日本語", 4), "日…");
    assert_eq!(cut("日本語", 6), "日本語");
    assert_eq!(cut("abc", 0), "");
    assert_eq!(pad("日本", 6), "日本  ");
    assert_eq!(pad_left("7", 3), "  7");
    assert_eq!(width("e\u{301}"), 1);
}

#[test]
fn links_tell_their_true_host() {
    assert_eq!(tame_link("HTTPS://Example.com/a b"), Some("https://Example.com/a%20b".to_owned()));
    assert_eq!(tame_link("https://exa\nmple.com"), Some("https://example.com".to_owned()));
    assert_eq!(tame_link("javascript:alert(1)"), None);
    assert_eq!(tame_link("https://"), None);
    assert_eq!(tame_link("data:text/html,x"), None);
    assert_eq!(tame_link("mailto:a@b.example?subject=x y"), Some("mailto:a@b.example?subject=x%20y".to_owned()));
    assert_eq!(tame_link(&format!("https://e.com/{}", "a".repeat(3000))), None);
    assert_eq!(link_host("https://bank.example@evil.example:8443/x"), "evil.example");
    assert_eq!(link_host("https://[::1]:80/x"), "::1");
    assert_eq!(link_host("mailto:a@B.example?cc=x@y.z"), "b.example");
}

#[test]
fn file_names_are_disarmed() {
    assert_eq!(tame_file_name("../../etc/passwd"), "_.._etc_passwd");
    assert_eq!(tame_file_name(".bashrc"), "bashrc");
    assert_eq!(tame_file_name("CON.txt"), "_CON.txt");
    assert_eq!(tame_file_name(" \u{202e} "), "attachment");
    let long = tame_file_name(&format!("{}.tar.gz", "x".repeat(300)));
    assert_eq!(long.rsplit_once('.').unwrap().1, "gz");
}

#[test]
fn the_environment_says_what_the_terminal_can_do() {
    let colours = |pairs: &[(&str, &str)]| Environment::from_pairs(pairs.iter().copied()).colours();
    assert_eq!(colours(&[("TERM", "xterm"), ("COLORTERM", "truecolor")]), Colours::True);
    assert_eq!(colours(&[("TERM", "xterm-256color")]), Colours::Indexed);
    assert_eq!(colours(&[("TERM", "xterm")]), Colours::Sixteen);
    assert_eq!(colours(&[("TERM", "xterm"), ("COLORTERM", "truecolor"), ("NO_COLOR", "1")]), Colours::None);
    assert_eq!(colours(&[("TERM", "xterm"), ("NO_COLOR", "")]), Colours::Sixteen);
    assert!(Environment::from_pairs([("SSH_TTY", "/dev/pts/1")]).is_ssh());
    assert_eq!(Environment::from_pairs([("COLORFGBG", "0;15")]).background_is_light(), Some(true));
    assert_eq!(Environment::from_pairs([("COLORFGBG", "15;default;0")]).background_is_light(), Some(false));
}

#[test]
fn places_stay_below_the_home_that_was_given() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = Environment::from_pairs([("DESKBELL_HOME", "/elsewhere")]);
    let places = Places::find(Some(folder.path()), &environment).expect("places");
    places.create().expect("folders");
    for place in [&places.config, &places.cache, &places.state, &places.secrets, &places.log] {
        assert!(place.starts_with(folder.path()) && place.is_dir());
    }
    let elsewhere = Places::find(None, &environment).expect("places");
    assert!(elsewhere.cache.starts_with("/elsewhere"));
}

#[cfg(unix)]
#[test]
fn private_files_are_private_and_replaced_whole() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("deep/vault");
    assert!(paths::read_private(&path).expect("no file is no error").is_none());
    paths::write_private(&path, b"old").expect("written");
    paths::write_private(&path, b"new").expect("written again");
    assert_eq!(paths::read_private(&path).expect("readable"), Some(b"new".to_vec()));
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().expect("a folder")), 0o700);
    let names = std::fs::read_dir(folder.path().join("deep")).expect("a folder").count();
    assert_eq!(names, 1, "nothing is left beside the file");

    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
    let error = paths::read_private(&path).expect_err("others may read it");
    assert!(matches!(error, PlaceError::ReadableByOthers { mode: 0o644, .. }));
    assert!(error.report().as_text().contains("chmod 600"));
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn the_log_is_plain_redacted_and_ours() {
    let written = Written::default();
    tracing::subscriber::with_default(log::subscriber(written.clone(), Level::Debug), || {
        tracing::debug!(target: "deskbell::auth", "got Bearer abcdefghij\u{1b}[2J and code=ErrorX");
        tracing::debug!(target: "hyper::client", "authorization header");
        tracing::info!(target: "deskbell::graph", "answer {{\"code\":\"ErrorItemNotFound\"}}");
    });
    let text = String::from_utf8(written.0.lock().expect("lock").clone()).expect("text");
    assert!(text.contains("Bearer [redacted]") && !text.contains("abcdefghij") && !text.contains('\u{1b}'), "{text}");
    assert!(!text.contains("hyper"), "{text}");
    assert!(text.contains("ErrorItemNotFound"), "{text}");
    assert_eq!(text.lines().count(), 2, "{text}");
}
