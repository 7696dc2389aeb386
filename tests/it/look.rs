//! How it looks: small pictures as text, every size, every theme, and meaning without colour.

use crate::support::desk::{Desk, look};
use deskbell::base::text;
use deskbell::config::{Glyphs, ThemeName};
use deskbell::view::{Depth, Look};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::collections::HashSet;

#[test]
fn mail_at_120_by_40() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2");
    let screen = desk.screen();
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(
        lines[..8],
        [
            " 1 Home  2 Mail  3 Calendar  4 Find time  5 People  6 Away             lena@contoso.com  Madrid  Mon 23 Nov 2026  10:12",
            "─ Folders ──────────┬─ Inbox ────────────── 4 unread of 12 ─┬─ Message ─────────────────────────────────────────────────",
            "▎ Inbox           4 │  Today  Mon 23 Nov                    │ Contract draft v3: two open points",
            "    Clients       1 │› ● @ Dana Levy                 10:06  │  DL      Dana Levy <dana@fabrikam.com>        ↗ EXTERNAL",
            "    Projects        │      Contract draft v3: two open po…  │ To       Lena Ortiz; Ana Ruiz",
            "  Drafts            │  ● @ Build Bot                 09:58  │ Date     Mon 23 Nov 2026 10:06  Madrid",
            "  Sent Items        │      Nightly failed: 3 tests          │ Attached @ contract-v3.docx (84 KB)",
            "  Archive           │  ● ◇ Ana Ruiz                  09:41  │          @ redline.pdf (1.2 MB)",
        ]
    );
    assert_eq!(lines.len(), 40);
    assert!(lines[38].ends_with("● synced 10:11"));
}

#[test]
fn home_at_80_by_24() {
    let mut desk = Desk::new(80, 24);
    let screen = desk.screen();
    let lines: Vec<&str> = screen.lines().collect();
    assert_eq!(
        lines[..6],
        [
            " 1 Home  2 Mail  3 Calendar  4 Find time  5 People  6 Away    Mon 23 Nov  10:12",
            "─ Today  Mon 23 Nov ────────────────────────────────────────────────── week 48 ─",
            "  09:00–09:25 ▎ Stand-up  Teams",
            "  10:12 ───────────────────────────────────────────────────────────────────────",
            "› 10:30–11:30 ▎ Budget review Q1  in 18 min · Room 4.01",
            "  11:00–11:30 ▎ 1:1 Ana  overlaps Budget review Q1 · in 48 min",
        ]
    );
    assert!(screen.contains("─ Inbox ") && screen.contains("─ Away "), "{screen}");
    assert!(lines.iter().all(|line| text::width(line) <= 80));
}

/// Ways to every screen.
const SCREENS: &[&str] =
    &["1", "2", "2 enter", "2 h", "3", "4", "5", "6", "2 ?", "2 :", "2 p", "1 tab", "2 o", "1 tab tab"];

#[test]
fn every_size_from_200_by_60_down_to_40_by_10_draws_inside_and_keeps_the_selection() {
    for screen in SCREENS {
        let mut desk = Desk::new(200, 60);
        desk.keys("2 j j");
        desk.keys(screen);
        desk.advance(500);
        let selected = desk.store.screens.mail.list.selected().map(|row| row.key);
        let sizes = (40u16..=200).rev().map(|width| (width, 10 + (width - 40) * 50 / 160));
        for (width, height) in sizes.clone().chain(sizes.rev().step_by(9)) {
            desk.resize(width, height);
            let buffer = desk.buffer();
            assert_eq!((buffer.area.width, buffer.area.height), (width, height));
            if width < 60 || height < 16 {
                assert!(desk.screen().contains("at least 60 columns"), "{width}x{height}");
            }
            let (x, y) = desk.drawn.cursor.unwrap_or_else(|| panic!("no cursor at {width}x{height} in {screen}"));
            assert!(x < width && y < height);
            for (area, target) in desk.drawn.hits.iter() {
                assert!(area.x < width && area.y < height, "{target:?} at {area:?} in {width}x{height}");
            }
        }
        assert_eq!(desk.store.screens.mail.list.selected().map(|row| row.key), selected, "{screen}");
    }
}

#[test]
fn the_cursor_stands_on_the_focused_row_or_field_of_every_screen() {
    for screen in SCREENS {
        for (width, height) in [(120, 40), (80, 24)] {
            let mut desk = Desk::new(width, height);
            desk.keys(screen);
            desk.advance(500);
            let _ = desk.screen();
            assert!(desk.drawn.cursor.is_some(), "{screen} at {width}x{height}");
        }
    }
    let mut desk = Desk::new(120, 40);
    desk.keys("5");
    desk.write("ana");
    desk.screen();
    assert!(desk.drawn.is_typing);
    assert!(desk.cursor_line().contains("ana"));
}

#[test]
fn in_ascii_no_sign_of_ours_is_above_7f() {
    for screen in SCREENS {
        for (width, height) in [(120, 40), (80, 24)] {
            let mut desk = Desk::new(width, height);
            desk.mail.retain(|row| row.message.subject.is_ascii());
            desk.look = look(ThemeName::Terminal, Glyphs::Ascii, Depth::Sixteen);
            desk.keys(screen);
            // What a mail says is its own.
            let text = desk.screen().replace("─────────────────────────────", "");
            let odd: HashSet<char> = text.chars().filter(|character| !character.is_ascii()).collect();
            assert!(odd.is_empty(), "{odd:?} in {screen}:\n{text}");
        }
    }
}

/// Symbol and attributes of a line: all that is left without colours.
fn without_colour(buffer: &Buffer, row: u16, from: u16, to: u16) -> Vec<(String, Modifier)> {
    (from..to).map(|x| &buffer[(x, row)]).map(|cell| (cell.symbol().to_owned(), cell.modifier)).collect()
}

#[test]
fn without_colours_nothing_is_told_by_colour_alone() {
    let mut desk = Desk::new(120, 40);
    desk.look = look(ThemeName::Mono, Glyphs::Unicode, Depth::Mono);
    desk.keys("2");
    let buffer = desk.buffer();
    let has_colour = |color: Color| !matches!(color, Color::Reset);
    assert!(!buffer.content().iter().any(|cell| has_colour(cell.fg) || has_colour(cell.bg)));
    let is_marked = |row: u16, modifier: Modifier| {
        without_colour(&buffer, row, 21, 56).iter().any(|(_, marks)| marks.contains(modifier))
    };
    assert!(is_marked(3, Modifier::REVERSED), "selected");
    assert!(is_marked(5, Modifier::BOLD) && !is_marked(5, Modifier::REVERSED), "unread");
    assert!(!is_marked(9, Modifier::BOLD), "read");
    let title = |row: u16, from: u16, to: u16| {
        without_colour(&buffer, row, from, to).iter().any(|(_, marks)| marks.contains(Modifier::BOLD))
    };
    assert!(title(1, 21, 30) && !title(1, 0, 12), "the focused pane is told from the others");
}

#[test]
fn states_of_time_have_different_signs_in_every_set() {
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii, Glyphs::Nerd] {
        let signs = look(ThemeName::Mono, glyphs, Depth::Mono).signs;
        let states = [signs.busy, signs.tentative, signs.elsewhere, signs.free, signs.unknown, signs.off_hours];
        assert_eq!(states.iter().collect::<HashSet<_>>().len(), states.len(), "{states:?}");
        let presence: HashSet<&str> = signs.presence.into_iter().collect();
        assert_eq!(presence.len(), signs.presence.len());
    }
}

#[test]
fn every_sign_is_one_column_wide() {
    for glyphs in [Glyphs::Unicode, Glyphs::Ascii, Glyphs::Nerd] {
        let signs = look(ThemeName::Dark, glyphs, Depth::True).signs;
        let all = [
            signs.vertical,
            signs.horizontal,
            signs.tee_down,
            signs.tee_up,
            signs.tee_left,
            signs.tee_right,
            signs.cross,
            signs.cursor,
            signs.unread,
            signs.flagged,
            signs.important,
            signs.attachment,
            signs.invitation,
            signs.draft,
            signs.external,
            signs.bar,
            signs.bar_tentative,
            signs.busy,
            signs.tentative,
            signs.away,
            signs.elsewhere,
            signs.free,
            signs.off_hours,
            signs.unknown,
            signs.thumb,
            signs.dot,
            signs.bullet,
            signs.dash,
            signs.arrow,
            signs.recurring,
            signs.online,
            signs.private,
        ];
        let more = signs.corners.into_iter().chain(signs.halves).chain(signs.presence).chain(signs.progress);
        for sign in all.into_iter().chain(more).chain(signs.goes_on) {
            assert_eq!(text::width(sign), 1, "{sign:?}");
            if glyphs == Glyphs::Ascii {
                assert!(sign.is_ascii(), "{sign:?}");
            }
        }
    }
}

#[test]
fn colours_come_at_the_depth_the_terminal_has() {
    let colours = |look: Look| {
        let mut desk = Desk::new(120, 40);
        desk.look = look;
        desk.keys("2");
        let buffer = desk.buffer();
        buffer.content().iter().flat_map(|cell| [cell.fg, cell.bg]).collect::<HashSet<_>>()
    };
    let full = colours(look(ThemeName::Dark, Glyphs::Unicode, Depth::True));
    assert!(full.iter().any(|color| matches!(color, Color::Rgb(..))));
    let indexed = colours(look(ThemeName::Dark, Glyphs::Unicode, Depth::Indexed));
    assert!(!indexed.iter().any(|color| matches!(color, Color::Rgb(..))), "{indexed:?}");
    let sixteen = colours(look(ThemeName::Dark, Glyphs::Unicode, Depth::Sixteen));
    assert!(!sixteen.iter().any(|color| matches!(color, Color::Rgb(..) | Color::Indexed(_))), "{sixteen:?}");
}

#[test]
fn a_chosen_row_is_told_from_its_neighbours_in_every_theme() {
    for (theme, depth) in [
        (ThemeName::Dark, Depth::True),
        (ThemeName::Light, Depth::True),
        (ThemeName::Terminal, Depth::Sixteen),
        (ThemeName::Mono, Depth::Mono),
    ] {
        let mut desk = Desk::new(120, 40);
        desk.look = look(theme, Glyphs::Unicode, depth);
        desk.keys("2");
        let buffer = desk.buffer();
        let (chosen, other) = (&buffer[(40, 3)], &buffer[(40, 5)]);
        assert!(chosen.bg != other.bg || chosen.modifier != other.modifier, "{}", theme.name());
    }
}

#[test]
fn overlays_have_round_corners_and_their_title_in_the_frame() {
    let mut desk = Desk::new(120, 40);
    desk.keys("2 :");
    let screen = desk.screen();
    assert!(screen.contains("╭─ Commands ─") && screen.contains("╰──"), "{screen}");
}

#[test]
fn an_overlay_changes_no_letter_outside_its_frame_but_its_shadow() {
    for (theme, depth, has_shadow) in
        [(ThemeName::Terminal, Depth::Sixteen, false), (ThemeName::Dark, Depth::True, true)]
    {
        let mut desk = Desk::new(80, 24);
        desk.look = look(theme, Glyphs::Unicode, depth);
        desk.keys("2");
        let below = desk.buffer();
        desk.keys("?");
        let above = desk.buffer();
        let rows: Vec<u16> = (0..22).filter(|y| (0..80).any(|x| above[(x, *y)].symbol() == "╮")).collect();
        let right = (0..80).find(|x| above[(*x, rows[0])].symbol() == "╮").expect("a corner");
        for y in 0..22 {
            for x in right + 1..80 {
                let (before, after) = (&below[(x, y)], &above[(x, y)]);
                assert_eq!(before.symbol(), after.symbol(), "at {x},{y} in {}", theme.name());
                // The chosen row of the list gives its ground to what has the focus now.
                let is_chosen = y == 3;
                assert!(has_shadow || is_chosen || before == after, "at {x},{y} in {}", theme.name());
            }
        }
    }
}

#[test]
fn a_frame_of_another_size_than_the_store_knows_is_drawn_as_far_as_it_fits() {
    for screen in SCREENS {
        let mut desk = Desk::new(160, 50);
        desk.keys(screen);
        for (width, height) in [(60, 16), (80, 24), (200, 60), (61, 50), (160, 17), (10, 3), (1, 1)] {
            let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, width, height));
            let context = deskbell::state::Context { now: desk.now, zone: &desk.zone };
            let drawn = deskbell::view::paint(&desk.store, &desk.look, &context, &mut buffer);
            let (x, y) = drawn.cursor.expect("a cursor");
            assert!(x < width && y < height, "{screen} at {width}x{height}");
        }
    }
}
