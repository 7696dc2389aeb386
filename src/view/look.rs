//! The look: a style per role for this terminal, and the signs.
//!
//! Themes say colours as data; here they become styles at the depth the terminal has. Must stay true: every sign is one column
//! wide, and the ASCII set stays below 0x7F.

use crate::config::{Colour, Glyphs, Role, StyleData, ThemeData};
use ratatui::style::{Color, Modifier, Style};

/// How many colours the terminal has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// None: weight, underline and reverse only.
    Mono,
    /// The terminal's sixteen.
    Sixteen,
    /// 256, of which the upper 240 are fixed.
    Indexed,
    /// Any.
    True,
}

/// Styles and signs of one terminal.
#[derive(Clone, Debug)]
pub struct Look {
    styles: Vec<Style>,
    /// The signs.
    pub signs: &'static Signs,
    /// ASCII only: lines and ellipsis too.
    pub is_ascii: bool,
}

impl Look {
    /// The look of a theme at a depth.
    #[must_use]
    pub fn new(theme: &ThemeData, glyphs: Glyphs, depth: Depth) -> Self {
        let styles = Role::ALL.iter().map(|role| style(theme.style(*role), depth)).collect();
        let signs = match glyphs {
            Glyphs::Unicode => &UNICODE,
            Glyphs::Ascii => &ASCII,
            Glyphs::Nerd => &NERD,
        };
        Self { styles, signs, is_ascii: glyphs == Glyphs::Ascii }
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }

    /// What stands for text that was cut off.
    #[must_use]
    pub const fn ellipsis(&self) -> &'static str {
        if self.is_ascii { crate::base::text::ASCII_ELLIPSIS } else { crate::base::text::ELLIPSIS }
    }
}

fn style(data: StyleData, depth: Depth) -> Style {
    let mut style = Style::new();
    if depth != Depth::Mono {
        style.fg = data.foreground.map(|colour| color(colour, depth));
        style.bg = data.background.map(|colour| color(colour, depth));
    }
    let marks = [
        (data.is_bold, Modifier::BOLD),
        (data.is_underlined, Modifier::UNDERLINED),
        (data.is_reversed, Modifier::REVERSED),
        (data.is_italic, Modifier::ITALIC),
        (data.is_struck, Modifier::CROSSED_OUT),
    ];
    for (is_set, modifier) in marks {
        if is_set {
            style = style.add_modifier(modifier);
        }
    }
    style
}

fn color(colour: Colour, depth: Depth) -> Color {
    match colour {
        Colour::Default => Color::Reset,
        Colour::Ansi(index) => ansi(index),
        Colour::Rgb(red, green, blue) => match depth {
            Depth::True => Color::Rgb(red, green, blue),
            Depth::Indexed => Color::Indexed(nearest_indexed(red, green, blue)),
            Depth::Sixteen | Depth::Mono => ansi(nearest_ansi(red, green, blue)),
        },
    }
}

/// Named rather than indexed colours: the short escape sequences, a fifth of the bytes of a key press.
const fn ansi(index: u8) -> Color {
    match index {
        0 => Color::Black,
        1 => Color::Red,
        2 => Color::Green,
        3 => Color::Yellow,
        4 => Color::Blue,
        5 => Color::Magenta,
        6 => Color::Cyan,
        7 => Color::Gray,
        8 => Color::DarkGray,
        9 => Color::LightRed,
        10 => Color::LightGreen,
        11 => Color::LightYellow,
        12 => Color::LightBlue,
        13 => Color::LightMagenta,
        14 => Color::LightCyan,
        _ => Color::White,
    }
}

/// The six steps of the colour cube of xterm.
const CUBE: [u8; 6] = [0, 95, 135, 175, 215, 255];

fn nearest_indexed(red: u8, green: u8, blue: u8) -> u8 {
    let step = |value: u8| (0..6u8).min_by_key(|at| CUBE[usize::from(*at)].abs_diff(value)).unwrap_or(0);
    let (r, g, b) = (step(red), step(green), step(blue));
    let cube = (CUBE[usize::from(r)], CUBE[usize::from(g)], CUBE[usize::from(b)]);
    let average = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
    let grey_step = u8::try_from((average.saturating_sub(3) / 10).min(23)).unwrap_or(23);
    let grey = 8 + 10 * grey_step;
    let wanted = (red, green, blue);
    if distance(wanted, (grey, grey, grey)) < distance(wanted, cube) {
        232 + grey_step
    } else {
        16 + 36 * r + 6 * g + b
    }
}

/// What terminals show for the sixteen, about; only to choose the nearest.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (190, 50, 50),
    (70, 150, 70),
    (180, 130, 40),
    (60, 100, 200),
    (150, 80, 170),
    (50, 150, 170),
    (190, 190, 190),
    (100, 100, 100),
    (240, 100, 100),
    (130, 210, 130),
    (240, 210, 110),
    (120, 170, 250),
    (210, 150, 230),
    (120, 220, 230),
    (255, 255, 255),
];

fn nearest_ansi(red: u8, green: u8, blue: u8) -> u8 {
    let nearest = (0..16u8).min_by_key(|at| distance((red, green, blue), SIXTEEN[usize::from(*at)]));
    nearest.unwrap_or(7)
}

fn distance(one: (u8, u8, u8), two: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    square(one.0, two.0) + square(one.1, two.1) + square(one.2, two.2)
}

/// The signs of our own words and lines; each takes one column.
#[derive(Clone, Debug)]
pub struct Signs {
    /// Line between panes, downwards.
    pub vertical: &'static str,
    /// Line between panes, across.
    pub horizontal: &'static str,
    /// Where a line downwards begins under one across.
    pub tee_down: &'static str,
    /// Where a line downwards ends on one across.
    pub tee_up: &'static str,
    /// Where a line across meets one downwards at its left.
    pub tee_left: &'static str,
    /// Where a line across begins at one downwards.
    pub tee_right: &'static str,
    /// Where both cross.
    pub cross: &'static str,
    /// Corners of overlays: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// The row under the cursor.
    pub cursor: &'static str,
    /// A row that is selected with others.
    pub marked: &'static str,
    /// Unread.
    pub unread: &'static str,
    /// Flagged.
    pub flagged: &'static str,
    /// Important.
    pub important: &'static str,
    /// Has attachments.
    pub attachment: &'static str,
    /// An invitation or other meeting mail.
    pub invitation: &'static str,
    /// A draft.
    pub draft: &'static str,
    /// From outside.
    pub external: &'static str,
    /// The left bar of a card or a quote.
    pub bar: &'static str,
    /// The same, hatched: tentative.
    pub bar_tentative: &'static str,
    /// Busy.
    pub busy: &'static str,
    /// Tentative.
    pub tentative: &'static str,
    /// Out of office.
    pub away: &'static str,
    /// Working elsewhere.
    pub elsewhere: &'static str,
    /// Free, at the hour.
    pub free: &'static str,
    /// Outside working hours.
    pub off_hours: &'static str,
    /// Nobody told us.
    pub unknown: &'static str,
    /// The left and right half of a cell.
    pub halves: [&'static str; 2],
    /// Presence: available, busy, away, offline, do not disturb, unknown.
    pub presence: [&'static str; 6],
    /// The scrollbar's thumb.
    pub thumb: &'static str,
    /// The done and the open part of a progress bar.
    pub progress: [&'static str; 2],
    /// Between two facts on one line.
    pub dot: &'static str,
    /// An item of a list.
    pub bullet: &'static str,
    /// Up to.
    pub dash: &'static str,
    /// Leads to.
    pub arrow: &'static str,
    /// All is well.
    pub passed: &'static str,
    /// It failed.
    pub failed: &'static str,
    /// A recurring event.
    pub recurring: &'static str,
    /// An online meeting.
    pub online: &'static str,
    /// Private.
    pub private: &'static str,
    /// Goes on before or after what is shown.
    pub goes_on: [&'static str; 2],
}

static UNICODE: Signs = Signs {
    vertical: "│",
    horizontal: "─",
    tee_down: "┬",
    tee_up: "┴",
    tee_left: "┤",
    tee_right: "├",
    cross: "┼",
    corners: ["╭", "╮", "╰", "╯"],
    cursor: "›",
    marked: "✓",
    unread: "●",
    flagged: "⚑",
    important: "!",
    attachment: "@",
    invitation: "◇",
    draft: "✎",
    external: "↗",
    bar: "▎",
    bar_tentative: "┊",
    busy: "█",
    tentative: "▒",
    away: "█",
    elsewhere: "▄",
    free: "·",
    off_hours: " ",
    unknown: "?",
    halves: ["▌", "▐"],
    presence: ["●", "◐", "◌", "○", "⊘", "?"],
    thumb: "▐",
    progress: ["━", "─"],
    dot: "·",
    bullet: "•",
    dash: "–",
    arrow: "→",
    passed: "✓",
    failed: "×",
    recurring: "↻",
    online: "▷",
    private: "◆",
    goes_on: ["‹", "›"],
};

static ASCII: Signs = Signs {
    vertical: "|",
    horizontal: "-",
    tee_down: "+",
    tee_up: "+",
    tee_left: "+",
    tee_right: "+",
    cross: "+",
    corners: ["+", "+", "+", "+"],
    cursor: ">",
    marked: "+",
    unread: "*",
    flagged: "F",
    important: "!",
    attachment: "@",
    invitation: "i",
    draft: "d",
    external: "^",
    bar: "|",
    bar_tentative: ":",
    busy: "#",
    tentative: "/",
    away: "O",
    elsewhere: "w",
    free: ".",
    off_hours: "-",
    unknown: "?",
    halves: ["#", "#"],
    presence: ["+", "#", "o", "-", "x", "?"],
    thumb: "#",
    progress: ["=", "."],
    dot: "-",
    bullet: "*",
    dash: "-",
    arrow: ">",
    passed: "+",
    failed: "x",
    recurring: "r",
    online: "T",
    private: "P",
    goes_on: ["<", ">"],
};

static NERD: Signs = Signs {
    flagged: "\u{f024}",
    attachment: "\u{f0c6}",
    invitation: "\u{f073}",
    draft: "\u{f040}",
    external: "\u{f08e}",
    recurring: "\u{f021}",
    online: "\u{f03d}",
    private: "\u{f023}",
    ..UNICODE
};
