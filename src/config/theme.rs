//! Themes: which style a role has.
//!
//! Code says what a thing is, the theme says how it looks. A style is written as a person would say it: `"sky on night bold"`,
//! with colours from the theme's own palette, `#rrggbb`, a name of the terminal's sixteen, or `default`.
//! Must stay true: every built-in theme has a style for every role; meaning never rests on a colour alone, so `mono` tells the
//! same things by weight, underline and reverse.
//! The built-in themes are files in `assets/themes`. A start wants one of them before anything can be drawn, so its styles are taken
//! from `assets/themes.tsv`, the same files read before: a test makes it, and refuses one that says anything else.

use std::collections::BTreeMap;

use toml::de::DeTable;

use crate::base::report::Report;
use crate::config::source::{Source, Value};

macro_rules! roles {
    ($($(#[$documentation:meta])* $role:ident = $name:literal,)*) => {
        /// What a thing on the screen is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Role {
            $($(#[$documentation])* $role,)*
        }

        impl Role {
            /// All roles, in the order of the theme files.
            pub const ALL: &'static [Self] = &[$(Self::$role,)*];

            /// Its name in a theme file.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$role => $name,)*
                }
            }
        }
    };
}

roles! {
    /// What is read.
    Text = "text",
    /// What supports: readable, never faint.
    Quiet = "quiet",
    /// The one accent: focus, the current thing.
    Accent = "accent",
    /// The row or cell under the cursor.
    Selection = "selection",
    /// Lines between panes, light rules.
    Line = "line",
    /// The ground everything stands on.
    Surface = "surface",
    /// The ground of overlays.
    Overlay = "overlay",
    /// The shadow of overlays.
    Shadow = "shadow",
    /// The bar at the top.
    Header = "header",
    /// The current view's word in the header.
    HeaderCurrent = "header_current",
    /// The title of the focused pane.
    Title = "title",
    /// The title of any other pane.
    TitleQuiet = "title_quiet",
    /// A key in a hint.
    HintKey = "hint_key",
    /// The word of a hint.
    HintWord = "hint_word",
    /// Text being typed.
    Input = "input",
    /// What a filter or search found in a text.
    Match = "match",
    /// Today's date.
    Today = "today",
    /// The line of the present moment.
    Now = "now",
    /// What is past.
    Past = "past",
    /// Free inside working hours.
    Free = "free",
    /// Tentative.
    Tentative = "tentative",
    /// Busy.
    Busy = "busy",
    /// Out of office.
    Away = "away",
    /// Working elsewhere.
    Elsewhere = "elsewhere",
    /// Nobody told us.
    Unknown = "unknown",
    /// Outside working hours.
    OffHours = "off_hours",
    /// The proposed slot.
    Slot = "slot",
    /// Count row: nobody or few are free.
    HeatLow = "heat_low",
    /// Count row: some are free.
    HeatMiddle = "heat_middle",
    /// Count row: most are free.
    HeatHigh = "heat_high",
    /// Count row: all are free.
    HeatFull = "heat_full",
    /// Unread.
    Unread = "unread",
    /// Flagged.
    Flagged = "flagged",
    /// From outside the organisation.
    External = "external",
    /// Needs attention.
    Warning = "warning",
    /// Failed.
    Error = "error",
    /// Done, connected.
    Success = "success",
    /// Presence: available.
    PresenceAvailable = "presence_available",
    /// Presence: busy.
    PresenceBusy = "presence_busy",
    /// Presence: do not disturb.
    PresenceDoNotDisturb = "presence_do_not_disturb",
    /// Presence: away.
    PresenceAway = "presence_away",
    /// Presence: offline or unknown.
    PresenceOffline = "presence_offline",
    /// Category colour 1: the bar, on the tinted body of a card.
    Category1 = "category_1",
    /// Category colour 2.
    Category2 = "category_2",
    /// Category colour 3.
    Category3 = "category_3",
    /// Category colour 4.
    Category4 = "category_4",
    /// Category colour 5.
    Category5 = "category_5",
    /// Category colour 6.
    Category6 = "category_6",
    /// Category colour 7.
    Category7 = "category_7",
    /// Category colour 8.
    Category8 = "category_8",
    /// Quoted once.
    Quote1 = "quote_1",
    /// Quoted twice.
    Quote2 = "quote_2",
    /// Quoted three times.
    Quote3 = "quote_3",
    /// Quoted four times or more.
    Quote4 = "quote_4",
    /// A link.
    Link = "link",
    /// Code and preformatted text.
    Code = "code",
    /// A heading in a body.
    Heading = "heading",
}

impl Role {
    /// The role called `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|role| role.name() == name)
    }

    /// The category colour of any number, round and round.
    #[must_use]
    pub const fn category(number: usize) -> Self {
        match number % 8 {
            0 => Self::Category1,
            1 => Self::Category2,
            2 => Self::Category3,
            3 => Self::Category4,
            4 => Self::Category5,
            5 => Self::Category6,
            6 => Self::Category7,
            _ => Self::Category8,
        }
    }

    /// The role of text quoted `depth` times; plain text for 0.
    #[must_use]
    pub const fn quote(depth: u8) -> Self {
        match depth {
            0 => Self::Text,
            1 => Self::Quote1,
            2 => Self::Quote2,
            3 => Self::Quote3,
            _ => Self::Quote4,
        }
    }
}

/// A colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Colour {
    /// The terminal's own foreground or background.
    Default,
    /// One of the terminal's sixteen, 0 to 15.
    Ansi(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a role looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct StyleData {
    /// Foreground; `None` leaves what is there.
    pub foreground: Option<Colour>,
    /// Background; `None` leaves what is there.
    pub background: Option<Colour>,
    /// Bold.
    pub is_bold: bool,
    /// Underlined.
    pub is_underlined: bool,
    /// Foreground and background swapped.
    pub is_reversed: bool,
    /// Italic.
    pub is_italic: bool,
    /// Struck through.
    pub is_struck: bool,
}

/// A built-in theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThemeName {
    /// The terminal's own sixteen colours on its own background.
    Terminal,
    /// Truecolor on a dark ground.
    Dark,
    /// Truecolor on a light ground.
    Light,
    /// No colours.
    Mono,
}

impl ThemeName {
    /// All built-in themes.
    pub const ALL: [Self; 4] = [Self::Terminal, Self::Dark, Self::Light, Self::Mono];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Mono => "mono",
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Terminal => include_str!("../../assets/themes/terminal.toml"),
            Self::Dark => include_str!("../../assets/themes/dark.toml"),
            Self::Light => include_str!("../../assets/themes/light.toml"),
            Self::Mono => include_str!("../../assets/themes/mono.toml"),
        }
    }
}

/// A theme: a style for each role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThemeData {
    styles: BTreeMap<Role, StyleData>,
}

impl ThemeData {
    /// A built-in theme.
    #[must_use]
    pub fn built_in(name: ThemeName) -> Self {
        let palette = Palette::new();
        let rows = include_str!("../../assets/themes.tsv").lines().filter_map(|row| {
            let (role, style) = row.strip_prefix(name.name())?.strip_prefix('\t')?.split_once('\t')?;
            Some((role, parse_style(style, &palette).ok()?))
        });
        // The rows stand in the order of the roles.
        let mut roles = Role::ALL.iter();
        let styles = rows.filter_map(|(name, style)| Some((*roles.find(|role| role.name() == name)?, style))).collect();
        Self { styles }
    }

    /// The built-in themes as they stand in their files, without a mistake, in the form [`Self::built_in`] reads.
    ///
    /// # Errors
    /// What is wrong in the files.
    pub fn baked() -> Result<String, Vec<Report>> {
        let mut rows = String::new();
        for name in ThemeName::ALL {
            let (theme, problems) = parse_theme(name.name(), name.text());
            if !problems.is_empty() {
                return Err(problems);
            }
            for (role, style) in &theme.styles {
                rows.push_str(&format!("{}\t{}\t{}\n", name.name(), role.name(), style_text(*style)));
            }
        }
        Ok(rows)
    }

    /// The style of `role`; plain if the theme does not say.
    #[must_use]
    pub fn style(&self, role: Role) -> StyleData {
        self.styles.get(&role).copied().unwrap_or_default()
    }

    /// Roles the theme has no style for.
    #[must_use]
    pub fn missing(&self) -> Vec<Role> {
        Role::ALL.iter().copied().filter(|role| !self.styles.contains_key(role)).collect()
    }
}

/// Reads a theme; what is wrong in it is left out and reported. `name` is the file's, for the reports.
#[must_use]
pub fn parse_theme(name: &str, text: &str) -> (ThemeData, Vec<Report>) {
    let source = Source::new(name, text);
    let mut theme = ThemeData::default();
    let mut problems = Vec::new();
    let table = match source.parse() {
        Ok(table) => table,
        Err(problem) => return (theme, vec![problem]),
    };
    let palette = read_palette(&source, &table, &mut problems);
    for (key, value) in &table {
        match (key.get_ref().as_ref(), value.get_ref().as_table()) {
            ("palette", _) => {}
            ("roles", Some(roles)) => {
                for (key, value) in roles {
                    let Some(role) = Role::from_name(key.get_ref()) else {
                        let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
                        problems.push(source.unknown(key.span(), "The role", key.get_ref(), &known));
                        continue;
                    };
                    match read_style(&source, value, &palette) {
                        Ok(style) => drop(theme.styles.insert(role, style)),
                        Err(problem) => problems.push(problem),
                    }
                }
            }
            _ => problems.push(source.unknown(key.span(), "The table", key.get_ref(), &["palette", "roles"])),
        }
    }
    (theme, problems)
}

type Palette = BTreeMap<String, Colour>;

fn read_palette(source: &Source<'_>, table: &DeTable<'_>, problems: &mut Vec<Report>) -> Palette {
    let mut palette = Palette::new();
    let Some(entries) = table.get("palette").and_then(|value| value.get_ref().as_table()) else {
        return palette;
    };
    for (key, value) in entries {
        match value.get_ref().as_str().and_then(parse_colour) {
            Some(colour) => drop(palette.insert(key.get_ref().to_string(), colour)),
            None => problems.push(wrong_colour(source, value)),
        }
    }
    palette
}

fn wrong_colour(source: &Source<'_>, value: &Value<'_>) -> Report {
    source
        .problem(value.span(), "This is no colour")
        .because("A colour is #rrggbb, default, a name of the palette, or one of the terminal's sixteen.")
        .next("Write it as \"#4f9dde\", \"bright-blue\" or \"default\".")
}

fn read_style(source: &Source<'_>, value: &Value<'_>, palette: &Palette) -> Result<StyleData, Report> {
    let Some(text) = value.get_ref().as_str() else {
        return Err(source.problem(value.span(), "A style is a text, like \"sky on night bold\""));
    };
    parse_style(text, palette).map_err(|word| wrong_colour(source, value).detail("word", word))
}

/// # Errors
/// The word that is neither a mark nor a colour.
fn parse_style<'a>(text: &'a str, palette: &Palette) -> Result<StyleData, &'a str> {
    let mut style = StyleData::default();
    let mut is_background = false;
    for word in text.split_whitespace() {
        match word {
            "on" => is_background = true,
            "bold" => style.is_bold = true,
            "underline" => style.is_underlined = true,
            "reverse" => style.is_reversed = true,
            "italic" => style.is_italic = true,
            "strike" => style.is_struck = true,
            _ => {
                let colour = palette.get(word).copied().or_else(|| parse_colour(word)).ok_or(word)?;
                let ground = if is_background { &mut style.background } else { &mut style.foreground };
                *ground = Some(colour);
            }
        }
    }
    Ok(style)
}

/// A style as [`parse_style`] reads it without a palette.
fn style_text(style: StyleData) -> String {
    let marks = [
        (style.is_bold, "bold"),
        (style.is_underlined, "underline"),
        (style.is_reversed, "reverse"),
        (style.is_italic, "italic"),
        (style.is_struck, "strike"),
    ];
    let mut words: Vec<String> = style.foreground.map(colour_text).into_iter().collect();
    words.extend(marks.into_iter().filter(|(is_set, _)| *is_set).map(|(_, mark)| mark.to_owned()));
    words.extend(style.background.map(|colour| format!("on {}", colour_text(colour))));
    words.join(" ")
}

/// The terminal's first eight; the others are the bright ones of these.
const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/// A colour as [`parse_colour`] reads it.
fn colour_text(colour: Colour) -> String {
    match colour {
        Colour::Default => "default".to_owned(),
        Colour::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
        Colour::Ansi(index) => {
            let bright = if index < 8 { "" } else { "bright-" };
            format!("{bright}{}", NAMES[usize::from(index) % NAMES.len()])
        }
    }
}

fn parse_colour(word: &str) -> Option<Colour> {
    if word == "default" {
        return Some(Colour::Default);
    }
    if let Some(hex) = word.strip_prefix('#') {
        let is_hex = hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = is_hex.then(|| u32::from_str_radix(hex, 16).ok()).flatten()?;
        let [_, red, green, blue] = number.to_be_bytes();
        return Some(Colour::Rgb(red, green, blue));
    }
    let (name, bright) = word.strip_prefix("bright-").map_or((word, 0), |name| (name, 8));
    let index = NAMES.iter().position(|known| *known == name)?;
    u8::try_from(index + bright).ok().map(Colour::Ansi)
}
