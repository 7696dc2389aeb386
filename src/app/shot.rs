//! A picture of a frame as SVG, from the very cells a terminal would get.
//!
//! Blocks and lines are drawn as shapes, so that they join as they do in a good terminal; everything else is text in a fixed grid.
//! The sixteen colours get the values of a palette that suits the ground, since only a terminal knows its own.

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use std::fmt::Write;

const CELL_WIDTH: f64 = 9.0;
const CELL_HEIGHT: f64 = 20.0;
const FONT_SIZE: f64 = 15.0;
const MARGIN: f64 = 14.0;

/// The ground a picture stands on, for cells that leave their colours to the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Light text on dark.
    Dark,
    /// Dark text on light.
    Light,
}

/// The sixteen colours on a dark and on a light ground, black first.
const DARK: [u32; 16] = [
    0x1b_1d23, 0xe0_6c75, 0x98_c379, 0xd1_9a66, 0x61_afef, 0xb4_8ead, 0x56_b6c2, 0xab_b2bf, 0x5c_6370, 0xef_7a85,
    0xa9_d48a, 0xe5_c07b, 0x7c_c0ff, 0xc7_92ea, 0x6f_d3df, 0xe6_e9ef,
];
const LIGHT: [u32; 16] = [
    0x2a_2c33, 0xb3_261e, 0x2f_7d32, 0x96_6500, 0x1f_5fbf, 0x7b_3fa0, 0x0b_7285, 0x8a_8f98, 0x5b_606b, 0xc6_3a30,
    0x3c_8f40, 0xa8_7300, 0x2f_74d8, 0x93_52bb, 0x1a_8599, 0x1b_1d23,
];

impl Ground {
    const fn paper(self) -> u32 {
        match self {
            Self::Dark => 0x16_181d,
            Self::Light => 0xfb_fbf9,
        }
    }

    const fn ink(self) -> u32 {
        match self {
            Self::Dark => 0xd7_dae0,
            Self::Light => 0x24_292f,
        }
    }

    fn rgb(self, color: Color, otherwise: u32) -> u32 {
        let palette = match self {
            Self::Dark => &DARK,
            Self::Light => &LIGHT,
        };
        match color {
            Color::Reset => otherwise,
            Color::Rgb(red, green, blue) => u32::from(red) << 16 | u32::from(green) << 8 | u32::from(blue),
            Color::Indexed(index) if index < 16 => palette[usize::from(index)],
            Color::Indexed(index) => indexed(index),
            Color::Black => palette[0],
            Color::Red => palette[1],
            Color::Green => palette[2],
            Color::Yellow => palette[3],
            Color::Blue => palette[4],
            Color::Magenta => palette[5],
            Color::Cyan => palette[6],
            Color::Gray => palette[7],
            Color::DarkGray => palette[8],
            Color::LightRed => palette[9],
            Color::LightGreen => palette[10],
            Color::LightYellow => palette[11],
            Color::LightBlue => palette[12],
            Color::LightMagenta => palette[13],
            Color::LightCyan => palette[14],
            Color::White => palette[15],
        }
    }
}

/// The colour cube and the greys of the 256-colour palette.
fn indexed(index: u8) -> u32 {
    if index >= 232 {
        let grey = 8 + 10 * u32::from(index - 232);
        return grey << 16 | grey << 8 | grey;
    }
    let cube = u32::from(index.saturating_sub(16));
    let level = |part: u32| if part == 0 { 0 } else { 55 + 40 * part };
    level(cube / 36) << 16 | level(cube / 6 % 6) << 8 | level(cube % 6)
}

/// What a cell looks like once reversal is resolved.
#[derive(Clone, Copy, PartialEq)]
struct Ink {
    front: u32,
    back: u32,
    modifier: Modifier,
}

fn ink(cell: &Cell, ground: Ground) -> Ink {
    let front = ground.rgb(cell.fg, ground.ink());
    let back = ground.rgb(cell.bg, ground.paper());
    if cell.modifier.contains(Modifier::REVERSED) {
        Ink { front: back, back: front, modifier: cell.modifier }
    } else {
        Ink { front, back, modifier: cell.modifier }
    }
}

/// `buffer` as an SVG document.
#[must_use]
pub fn svg(buffer: &Buffer, ground: Ground, title: &str) -> String {
    let area = buffer.area;
    let width = f64::from(area.width) * CELL_WIDTH + 2.0 * MARGIN;
    let height = f64::from(area.height) * CELL_HEIGHT + 2.0 * MARGIN;
    let mut out = String::with_capacity(256 * 1024);
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" \
         role=\"img\"><title>{}</title><style>text{{font-family:'DejaVu Sans Mono','JetBrains Mono',Menlo,Consolas,monospace;\
         font-size:{FONT_SIZE}px;white-space:pre}}</style><rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#{:06x}\"/>",
        escaped(title),
        ground.paper()
    );
    for row in 0..area.height {
        draw_grounds(&mut out, buffer, row, ground);
        draw_row(&mut out, buffer, row, ground);
    }
    out.push_str("</svg>\n");
    out
}

fn draw_grounds(out: &mut String, buffer: &Buffer, row: u16, ground: Ground) {
    let mut column = 0;
    while column < buffer.area.width {
        let back = ink(&buffer[(column, row)], ground).back;
        let first = column;
        while column < buffer.area.width && ink(&buffer[(column, row)], ground).back == back {
            column += 1;
        }
        if back != ground.paper() {
            rectangle(out, left(first), top(row), f64::from(column - first) * CELL_WIDTH, CELL_HEIGHT, back, 1.0);
        }
    }
}

fn draw_row(out: &mut String, buffer: &Buffer, row: u16, ground: Ground) {
    let mut run = String::new();
    let mut run_at = 0;
    let mut run_ink: Option<Ink> = None;
    let mut columns = 0_u16;
    let flush = |out: &mut String, run: &mut String, at: u16, ink: Option<Ink>, columns: u16| {
        if let Some(ink) = ink
            && !run.trim().is_empty()
        {
            draw_text(out, run, at, row, columns, ink);
        }
        run.clear();
    };
    for column in 0..buffer.area.width {
        let cell = &buffer[(column, row)];
        let look = ink(cell, ground);
        let symbol = cell.symbol();
        let is_shape = draw_shape(out, symbol, left(column), top(row), look.front);
        // A wide character covers the next cell, whose symbol is empty; it stands alone so that the grid holds.
        let stands_alone = !symbol.is_ascii() && !is_shape;
        if run_ink != Some(look) || is_shape || stands_alone {
            flush(out, &mut run, run_at, run_ink, columns);
            run_ink = Some(look);
            run_at = column;
            columns = 0;
        }
        if is_shape {
            run_ink = None;
            continue;
        }
        run.push_str(symbol);
        columns += 1;
        if stands_alone {
            flush(out, &mut run, run_at, run_ink, 0);
            run_ink = None;
        }
    }
    flush(out, &mut run, run_at, run_ink, columns);
}

fn draw_text(out: &mut String, text: &str, column: u16, row: u16, columns: u16, ink: Ink) {
    let baseline = top(row) + CELL_HEIGHT * 0.74;
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{baseline:.1}\" fill=\"#{:06x}\" xml:space=\"preserve\"",
        left(column),
        ink.front
    );
    if columns > 1 {
        let _ = write!(out, " textLength=\"{:.1}\" lengthAdjust=\"spacing\"", f64::from(columns) * CELL_WIDTH);
    }
    if ink.modifier.contains(Modifier::BOLD) {
        out.push_str(" font-weight=\"bold\"");
    }
    if ink.modifier.contains(Modifier::ITALIC) {
        out.push_str(" font-style=\"italic\"");
    }
    if ink.modifier.contains(Modifier::DIM) {
        out.push_str(" opacity=\"0.6\"");
    }
    match (ink.modifier.contains(Modifier::UNDERLINED), ink.modifier.contains(Modifier::CROSSED_OUT)) {
        (true, _) => out.push_str(" text-decoration=\"underline\""),
        (false, true) => out.push_str(" text-decoration=\"line-through\""),
        _ => {}
    }
    let _ = write!(out, ">{}</text>", escaped(text));
}

/// Draws blocks and lines as shapes; false if `symbol` is text.
fn draw_shape(out: &mut String, symbol: &str, x: f64, y: f64, color: u32) -> bool {
    let (width, height) = (CELL_WIDTH, CELL_HEIGHT);
    let mut characters = symbol.chars();
    let (Some(character), None) = (characters.next(), characters.next()) else { return false };
    match character {
        '█' => rectangle(out, x, y, width, height, color, 1.0),
        '▌' => rectangle(out, x, y, width / 2.0, height, color, 1.0),
        '▐' => rectangle(out, x + width / 2.0, y, width / 2.0, height, color, 1.0),
        '▀' => rectangle(out, x, y, width, height / 2.0, color, 1.0),
        '▄' => rectangle(out, x, y + height / 2.0, width, height / 2.0, color, 1.0),
        '▎' => rectangle(out, x, y, width / 4.0, height, color, 1.0),
        '▏' => rectangle(out, x, y, width / 8.0, height, color, 1.0),
        '▕' => rectangle(out, x + width * 0.875, y, width / 8.0, height, color, 1.0),
        '▁' => rectangle(out, x, y + height * 0.875, width, height / 8.0, color, 1.0),
        '▂' => rectangle(out, x, y + height * 0.75, width, height * 0.25, color, 1.0),
        '▔' => rectangle(out, x, y, width, height / 8.0, color, 1.0),
        '░' => rectangle(out, x, y, width, height, color, 0.25),
        '▒' => hatch(out, x, y, color),
        '▓' => rectangle(out, x, y, width, height, color, 0.75),
        _ => return lines(out, character, x, y, color),
    }
    true
}

fn hatch(out: &mut String, x: f64, y: f64, color: u32) {
    rectangle(out, x, y, CELL_WIDTH, CELL_HEIGHT, color, 0.25);
    let _ = write!(out, "<path d=\"");
    for step in 0..4 {
        let at = y + CELL_HEIGHT * f64::from(step) / 4.0;
        let _ = write!(out, "M{x:.1} {:.1}L{:.1} {at:.1}", at + CELL_HEIGHT / 4.0, x + CELL_WIDTH);
    }
    let _ = write!(out, "\" stroke=\"#{color:06x}\" stroke-width=\"1.6\" fill=\"none\"/>");
}

/// Box drawing: which of the four arms a character has, and how heavy.
fn lines(out: &mut String, character: char, x: f64, y: f64, color: u32) -> bool {
    let (up, down, left, right) = match character {
        '─' | '╌' | '┄' => (false, false, true, true),
        '│' | '╎' | '┆' | '┊' => (true, true, false, false),
        '┌' | '╭' => (false, true, false, true),
        '┐' | '╮' => (false, true, true, false),
        '└' | '╰' => (true, false, false, true),
        '┘' | '╯' => (true, false, true, false),
        '├' => (true, true, false, true),
        '┤' => (true, true, true, false),
        '┬' => (false, true, true, true),
        '┴' => (true, false, true, true),
        '┼' => (true, true, true, true),
        '╴' => (false, false, true, false),
        '╶' => (false, false, false, true),
        '╵' => (true, false, false, false),
        '╷' => (false, true, false, false),
        _ => return false,
    };
    let (middle_x, middle_y) = (x + CELL_WIDTH / 2.0, y + CELL_HEIGHT / 2.0);
    let mut path = String::new();
    if matches!(character, '╭' | '╮' | '╰' | '╯') {
        let end_x = if right { x + CELL_WIDTH } else { x };
        let end_y = if down { y + CELL_HEIGHT } else { y };
        let _ = write!(path, "M{middle_x:.1} {end_y:.1}Q{middle_x:.1} {middle_y:.1} {end_x:.1} {middle_y:.1}");
    } else {
        for (has, end_x, end_y) in [
            (up, middle_x, y),
            (down, middle_x, y + CELL_HEIGHT),
            (left, x, middle_y),
            (right, x + CELL_WIDTH, middle_y),
        ] {
            if has {
                let _ = write!(path, "M{middle_x:.1} {middle_y:.1}L{end_x:.1} {end_y:.1}");
            }
        }
    }
    let dashes =
        if matches!(character, '╌' | '┄' | '╎' | '┆' | '┊') { " stroke-dasharray=\"2 2\"" } else { "" };
    let _ = write!(out, "<path d=\"{path}\" stroke=\"#{color:06x}\" stroke-width=\"1.1\" fill=\"none\"{dashes}/>");
    true
}

fn rectangle(out: &mut String, x: f64, y: f64, width: f64, height: f64, color: u32, opacity: f64) {
    let _ = write!(
        out,
        "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" fill=\"#{color:06x}\""
    );
    if opacity < 1.0 {
        let _ = write!(out, " fill-opacity=\"{opacity}\"");
    }
    out.push_str(" shape-rendering=\"crispEdges\"/>");
}

fn left(column: u16) -> f64 {
    MARGIN + f64::from(column) * CELL_WIDTH
}

fn top(row: u16) -> f64 {
    MARGIN + f64::from(row) * CELL_HEIGHT
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
