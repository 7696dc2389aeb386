//! Cells as bytes: from one look to the next, and from one place to the next, in as few as there are.
//!
//! The library's own writer names every colour anew, one sequence each, and every place from the corner of the screen. Here what
//! stays is not said, what changes is said in one sequence, and a gap within a line is a step to the right. Must stay true: a step
//! is taken only behind plain ASCII, for terminals do not agree on how wide other signs are; colours are named as the library names
//! them (38;5 and 38;2), so that bold text is not made bright. [ECMA-48, SGR and CUF]

use crate::base::text::sign_width;
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Each look beside its colours: what switches it on, and what switches it off.
const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// The look that the terminal writes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
struct Look {
    foreground: Color,
    background: Color,
    underline: Color,
    modifier: Modifier,
}

/// Writes cells one after the other. It begins with the terminal's own look at an unknown place; [`Pen::end`] leaves that look.
#[derive(Debug, Default)]
pub(super) struct Pen {
    look: Look,
    /// Where the cursor stands for sure.
    place: Option<(u16, u16)>,
    /// Whether a step from there leads where it should.
    is_plain: bool,
}

impl Pen {
    /// Writes a cell.
    pub(super) fn cell(&mut self, out: &mut Vec<u8>, x: u16, y: u16, cell: &Cell) {
        match self.place {
            Some(here) if here == (x, y) => {}
            Some((column, row)) if self.is_plain && row == y && column < x => match x - column {
                1 => out.extend_from_slice(b"\x1b[C"),
                steps => {
                    out.extend_from_slice(b"\x1b[");
                    number(out, steps.into(), b'C');
                }
            },
            _ => {
                move_to(out, x, y);
                self.is_plain = true;
            }
        }
        let next =
            Look { foreground: cell.fg, background: cell.bg, underline: cell.underline_color, modifier: cell.modifier };
        if next != self.look {
            change(out, self.look, next);
            self.look = next;
        }
        let symbol = cell.symbol();
        out.extend_from_slice(symbol.as_bytes());
        self.is_plain &= symbol.is_ascii();
        // Behind a wide sign the next place is always named.
        self.place = (sign_width(symbol) == 1).then_some((x.saturating_add(1), y));
    }

    /// Ends with the terminal's own look.
    pub(super) fn end(self, out: &mut Vec<u8>) {
        if self.look != Look::default() {
            out.extend_from_slice(b"\x1b[0m");
        }
    }
}

/// Names a place, counted from nought.
pub(super) fn move_to(out: &mut Vec<u8>, x: u16, y: u16) {
    out.extend_from_slice(b"\x1b[");
    number(out, u32::from(y) + 1, b';');
    number(out, u32::from(x) + 1, b'H');
}

fn change(out: &mut Vec<u8>, from: Look, to: Look) {
    if to == Look::default() {
        out.extend_from_slice(b"\x1b[0m");
        return;
    }
    out.extend_from_slice(b"\x1b[");
    let begin = out.len();
    let mut kept = from.modifier;
    for (modifier, _, off) in MODIFIERS {
        if kept.contains(modifier) && !to.modifier.contains(modifier) {
            number(out, off.into(), b';');
            // Bold and dim, and both ways to blink, are switched off together.
            for (other, ..) in MODIFIERS.into_iter().filter(|(.., same)| *same == off) {
                kept.remove(other);
            }
        }
    }
    for (modifier, on, _) in MODIFIERS {
        if to.modifier.contains(modifier) && !kept.contains(modifier) {
            number(out, on.into(), b';');
        }
    }
    for (old, new, kind) in
        [(from.foreground, to.foreground, 3), (from.background, to.background, 4), (from.underline, to.underline, 5)]
    {
        if old != new {
            colour(out, new, kind);
        }
    }
    if out.len() > begin {
        out.pop();
    }
    out.push(b'm');
}

/// `kind`: 3 for the text, 4 for the ground, 5 for the line below.
fn colour(out: &mut Vec<u8>, colour: Color, kind: u32) {
    let index = match colour {
        Color::Reset => return number(out, kind * 10 + 9, b';'),
        Color::Rgb(red, green, blue) => {
            for value in [kind * 10 + 8, 2, red.into(), green.into(), blue.into()] {
                number(out, value, b';');
            }
            return;
        }
        Color::Indexed(index) => index,
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    for value in [kind * 10 + 8, 5, index.into()] {
        number(out, value, b';');
    }
}

/// A number and the byte behind it. There are three to a change of colour and hundreds of changes in a frame, for which the general
/// way to write numbers is long.
fn number(out: &mut Vec<u8>, value: u32, end: u8) {
    let mut digits = [0; 10];
    let mut first = digits.len();
    let mut rest = value;
    loop {
        first -= 1;
        digits[first] = b'0' + u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
    out.push(end);
}

#[cfg(test)]
mod tests {
    use super::Pen;
    use ratatui::buffer::{Buffer, Cell};
    use ratatui::layout::Rect;
    use ratatui::style::{Color, Modifier, Style};

    const SYMBOLS: [&str; 8] = ["a", "Z", " ", " ", "é", "●", "日", "│"];
    const COLOURS: [Color; 6] =
        [Color::Reset, Color::Reset, Color::Red, Color::Indexed(200), Color::Rgb(1, 2, 3), Color::White];

    /// A screen of anything, the same for the same number.
    fn scribbled(mut seed: u64) -> Buffer {
        let mut next = move |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or_default() % below
        };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 6));
        for y in 0..6 {
            let mut x = 0;
            while x < 23 {
                let mut style = Style::new().fg(COLOURS[next(6)]).bg(COLOURS[next(6)]);
                // Bold and dim together are shown in as many ways as there are terminals.
                style = style.add_modifier([Modifier::BOLD, Modifier::DIM, Modifier::empty()][next(3)]);
                for modifier in [Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED] {
                    if next(4) == 0 {
                        style = style.add_modifier(modifier);
                    }
                }
                let length = 1 + next(6);
                for _ in 0..length {
                    if x < 23 {
                        let (after, _) = buffer.set_stringn(x, y, SYMBOLS[next(8)], usize::from(23 - x), style);
                        x = after;
                    }
                }
            }
        }
        buffer
    }

    fn seen(screen: &vt100::Screen) -> Vec<String> {
        let cells = (0..6).flat_map(|y| (0..24).map(move |x| (y, x)));
        cells
            .filter_map(|(y, x)| screen.cell(y, x))
            .map(|cell| {
                let text = if cell.contents() == " " { "" } else { cell.contents() };
                let looks = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
                format!("{text:?} {:?} {:?} {looks:?}", cell.fgcolor(), cell.bgcolor())
            })
            .collect()
    }

    fn write<'a>(out: &mut Vec<u8>, content: impl Iterator<Item = (u16, u16, &'a Cell)>) {
        let mut pen = Pen::default();
        for (x, y, cell) in content {
            pen.cell(out, x, y, cell);
        }
        pen.end(out);
    }

    /// A terminal of the buffers' size.
    fn terminal() -> vt100::Parser {
        let side = |cells| std::num::NonZeroU16::new(cells).expect("a screen has cells");
        vt100::Parser::new(side(6), side(24), 0)
    }

    #[test]
    fn what_changes_on_the_way_is_what_would_be_there_at_once() {
        for seed in 0..200 {
            let (before, after) = (scribbled(seed), scribbled(seed + 1_000));
            let (mut on_the_way, mut at_once) = (terminal(), terminal());
            let mut bytes = Vec::new();
            write(&mut bytes, Buffer::empty(before.area).diff(&before).into_iter());
            on_the_way.process(&bytes);
            bytes.clear();
            write(&mut bytes, before.diff(&after).into_iter());
            on_the_way.process(&bytes);
            // The plainest way: each cell by its place, with its look from nothing.
            for (x, y, cell) in Buffer::empty(after.area).diff(&after) {
                let mut bytes = Vec::new();
                write(&mut bytes, std::iter::once((x, y, cell)));
                at_once.process(&bytes);
            }
            assert_eq!(seen(on_the_way.screen()), seen(at_once.screen()), "seed {seed}");
        }
    }

    #[test]
    fn what_stays_is_not_said() {
        let mut bytes = Vec::new();
        let mut bold = Cell::new("b");
        bold.set_style(Style::new().fg(Color::Red).add_modifier(Modifier::BOLD));
        let mut red = Cell::new("r");
        red.set_style(Style::new().fg(Color::Red));
        write(&mut bytes, [(0, 0, &bold), (1, 0, &red), (4, 0, &red), (2, 3, &red)].into_iter());
        assert_eq!(String::from_utf8(bytes).unwrap(), "\x1b[1;1H\x1b[1;38;5;1mb\x1b[22mr\x1b[2Cr\x1b[4;3Hr\x1b[0m");
    }

    #[test]
    fn no_step_is_taken_behind_a_sign_whose_width_is_disputed() {
        let mut bytes = Vec::new();
        write(&mut bytes, [(0, 0, &Cell::new("●")), (3, 0, &Cell::new("x"))].into_iter());
        assert_eq!(String::from_utf8(bytes).unwrap(), "\x1b[1;1H●\x1b[1;4Hx");
    }
}
