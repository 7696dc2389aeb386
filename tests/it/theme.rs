//! Themes: complete, readable by computed contrast, and safe where red and green look the same.

use deskbell::base::environment::Environment;
use deskbell::config::{Colour, Role, StyleData, ThemeChoice, ThemeData, ThemeName, parse_theme};
use std::path::Path;

const TRUECOLOR: [ThemeName; 2] = [ThemeName::Dark, ThemeName::Light];

/// Roles that fill cells or are signs, not words.
const BLOCKS: [Role; 11] = [
    Role::Free,
    Role::Tentative,
    Role::Busy,
    Role::Away,
    Role::Elsewhere,
    Role::Unknown,
    Role::PresenceAvailable,
    Role::PresenceBusy,
    Role::PresenceDoNotDisturb,
    Role::PresenceAway,
    Role::PresenceOffline,
];

/// Decoration that says nothing by itself.
const DECORATION: [Role; 3] = [Role::Line, Role::Shadow, Role::OffHours];

fn rgb(colour: Option<Colour>) -> Option<[f64; 3]> {
    match colour {
        Some(Colour::Rgb(red, green, blue)) => Some([red, green, blue].map(|part| f64::from(part) / 255.0)),
        _ => None,
    }
}

fn linear(part: f64) -> f64 {
    if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
}

/// WCAG 2 relative luminance.
fn luminance(colour: [f64; 3]) -> f64 {
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: [f64; 3], two: [f64; 3]) -> f64 {
    let (one, two) = (luminance(one), luminance(two));
    (one.max(two) + 0.05) / (one.min(two) + 0.05)
}

/// What somebody without the green cones sees (Viénot 1999, in linear light).
fn deuteranope(colour: [f64; 3]) -> [f64; 3] {
    let [red, green, blue] = colour.map(linear);
    [0.292_75 * red + 0.707_25 * green, 0.292_75 * red + 0.707_25 * green, -0.022_34 * red + 0.022_34 * green + blue]
}

fn foreground(theme: &ThemeData, role: Role) -> [f64; 3] {
    rgb(theme.style(role).foreground).unwrap_or_else(|| panic!("{} has a colour", role.name()))
}

fn ground(theme: &ThemeData, role: Role) -> [f64; 3] {
    let own = rgb(theme.style(role).background);
    own.or_else(|| rgb(theme.style(Role::Surface).background)).expect("the surface has a colour")
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a person who runs the test says so that the table shall be written")]
fn built_in_themes_are_complete_and_without_a_mistake() {
    let baked = ThemeData::baked().expect("no mistake");
    if std::env::var_os("DESKBELL_UPDATE").is_some() {
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/themes.tsv"), &baked).expect("written");
        return;
    }
    assert!(
        baked == include_str!("../../assets/themes.tsv"),
        "themes.tsv is behind the themes: run DESKBELL_UPDATE=1 cargo test --test it built_in_themes"
    );
    for name in ThemeName::ALL {
        let path = format!("{}/assets/themes/{}.toml", env!("CARGO_MANIFEST_DIR"), name.name());
        let text = std::fs::read_to_string(&path).expect("a theme");
        let (theme, problems) = parse_theme(&path, &text);
        assert_eq!(problems, [], "{path}");
        assert_eq!(theme.missing(), [], "{path}");
        assert_eq!(theme, ThemeData::built_in(name));
    }
}

#[test]
fn words_can_be_read_and_blocks_be_told() {
    for name in TRUECOLOR {
        let theme = ThemeData::built_in(name);
        for role in Role::ALL.iter().copied().filter(|role| !DECORATION.contains(role)) {
            let is_bar = role.name().starts_with("category_");
            let least = if BLOCKS.contains(&role) || is_bar { 3.0 } else { 4.5 };
            let found = contrast(foreground(&theme, role), ground(&theme, role));
            assert!(found >= least, "{} {}: {found:.2} < {least}", name.name(), role.name());
        }
    }
}

#[test]
fn words_stay_readable_on_every_ground_they_are_put_on() {
    let grounds = [Role::Selection, Role::Overlay, Role::Header, Role::Slot, Role::OffHours];
    let cards = (0..8).map(Role::category);
    for name in TRUECOLOR {
        let theme = ThemeData::built_in(name);
        for role in grounds.into_iter().chain(cards.clone()) {
            for word in [Role::Text, Role::Quiet, Role::Accent, Role::Warning, Role::Error] {
                let found = contrast(foreground(&theme, word), ground(&theme, role));
                assert!(found >= 4.5, "{}: {} on {}: {found:.2}", name.name(), word.name(), role.name());
            }
        }
    }
}

#[test]
fn states_differ_without_red_and_green() {
    let states = [Role::Tentative, Role::Busy, Role::Away, Role::Elsewhere];
    let words = [Role::Error, Role::Success];
    for name in TRUECOLOR {
        let theme = ThemeData::built_in(name);
        let seen = |role| deuteranope(foreground(&theme, role));
        let distance = |one, two| {
            let (one, two): ([f64; 3], [f64; 3]) = (seen(one), seen(two));
            one.iter().zip(two).map(|(one, two)| (one - two).powi(2)).sum::<f64>().sqrt()
        };
        for (index, one) in states.iter().enumerate() {
            for two in &states[index + 1..] {
                let found = distance(*one, *two);
                assert!(found >= 0.1, "{}: {} and {}: {found:.3}", name.name(), one.name(), two.name());
            }
        }
        assert!(distance(words[0], words[1]) >= 0.1, "{}: {:.3}", name.name(), distance(words[0], words[1]));
    }
}

#[test]
fn the_more_are_free_the_further_from_the_ground() {
    for name in TRUECOLOR {
        let theme = ThemeData::built_in(name);
        let surface = ground(&theme, Role::Surface);
        let heat = [Role::HeatLow, Role::HeatMiddle, Role::HeatHigh, Role::HeatFull];
        let steps = heat.map(|role| contrast(ground(&theme, role), surface));
        assert!(steps.is_sorted() && steps[3] > steps[0], "{}: {steps:?}", name.name());
    }
}

#[test]
fn the_terminal_theme_uses_sixteen_colours_and_the_mono_theme_none() {
    let grounds = |style: StyleData| [style.foreground, style.background];
    for role in Role::ALL {
        for colour in grounds(ThemeData::built_in(ThemeName::Terminal).style(*role)).into_iter().flatten() {
            assert!(!matches!(colour, Colour::Rgb(..)), "{}", role.name());
        }
        for colour in grounds(ThemeData::built_in(ThemeName::Mono).style(*role)).into_iter().flatten() {
            assert_eq!(colour, Colour::Default, "{}", role.name());
        }
    }
    assert!(ThemeData::built_in(ThemeName::Mono).style(Role::Selection).is_reversed);
}

#[test]
fn a_wrong_theme_says_where_and_keeps_the_rest() {
    let text =
        "[palette]\nsky = \"#12345\"\n[roles]\ntext = \"red bold on black\"\nacent = \"cyan\"\nlink = \"nosuch\"\n";
    let (theme, problems) = parse_theme("mine.toml", text);
    let style = theme.style(Role::Text);
    assert_eq!(
        (style.foreground, style.background, style.is_bold),
        (Some(Colour::Ansi(1)), Some(Colour::Ansi(0)), true)
    );
    let told: Vec<&str> = problems.iter().map(|problem| problem.what.as_str()).collect();
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[0].starts_with("mine.toml, line 2, column 7"), "{told:?}");
    let typo = problems.iter().find(|problem| problem.what.contains("acent")).expect("a report");
    assert!(typo.as_text().contains("Did you mean \"accent\"?"), "{}", typo.as_text());
}

#[test]
fn auto_suits_the_terminal() {
    let auto = |pairs: &[(&str, &str)], light| {
        ThemeChoice::Auto.resolve(&Environment::from_pairs(pairs.iter().copied()), light)
    };
    let truecolor = ("COLORTERM", "truecolor");
    assert_eq!(auto(&[truecolor], Some(true)), ThemeName::Light);
    assert_eq!(auto(&[truecolor], Some(false)), ThemeName::Dark);
    assert_eq!(auto(&[truecolor], None), ThemeName::Terminal);
    assert_eq!(auto(&[truecolor, ("COLORFGBG", "15;0")], None), ThemeName::Dark);
    assert_eq!(auto(&[("TERM", "xterm-256color")], Some(true)), ThemeName::Terminal);
    assert_eq!(auto(&[truecolor, ("NO_COLOR", "1")], Some(true)), ThemeName::Mono);
    let chosen = ThemeChoice::Named(ThemeName::Dark).resolve(&Environment::from_pairs([("NO_COLOR", "1")]), None);
    assert_eq!(chosen, ThemeName::Dark);
}
