//! The brush: writes text by role into cells, and notes what the mouse may point at.
//!
//! Must stay true: nothing is written outside the buffer, wide graphemes are never halved, and a control character never reaches a
//! cell (ratatui drops them; what is written here was tamed before).

use crate::base::text;
use crate::config::Role;
use crate::domain::query::Sought;
use crate::state::Context;
use crate::state::geometry::Area;
use crate::state::target::{HitMap, Target};
use crate::view::Drawn;
use crate::view::look::{Look, Signs};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

/// Where everything is written.
pub(super) struct Painter<'a> {
    buffer: &'a mut Buffer,
    /// Styles and signs.
    pub(super) look: &'a Look,
    /// Time and zone.
    pub(super) context: &'a Context<'a>,
    hits: HitMap,
    cursor: Option<(u16, u16)>,
}

impl<'a> Painter<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, look: &'a Look, context: &'a Context<'a>) -> Self {
        Self { buffer, look, context, hits: HitMap::default(), cursor: None }
    }

    pub(super) fn finish(self, is_typing: bool) -> Drawn {
        Drawn { hits: self.hits, cursor: self.cursor, is_typing }
    }

    pub(super) fn signs(&self) -> &'static Signs {
        self.look.signs
    }

    pub(super) fn style(&self, role: Role) -> Style {
        self.look.style(role)
    }

    /// Writes text, cut with `…` to `width` columns; returns the columns it took.
    pub(super) fn text(&mut self, x: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        self.styled(x, y, width, text, self.style(role))
    }

    /// The same in any style.
    pub(super) fn styled(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if x < area.x || x >= area.right() || y < area.y || y >= area.bottom() {
            return 0;
        }
        let room = usize::from(width.min(area.right() - x));
        if text::width(text) <= room {
            self.put(x, y, room, text, style)
        } else {
            let cut = text::cut_with(text, room, self.look.ellipsis());
            self.put(x, y, room, &cut, style)
        }
    }

    /// Writes text from a cell of the buffer on; `room` ends within its row. What is plain ASCII, nearly everything, goes into its
    /// cells as it is: taking text apart into graphemes is most of what a frame costs.
    fn put(&mut self, x: u16, y: u16, room: usize, text: &str, style: Style) -> u16 {
        let plain = text::plain(text).min(room);
        let first = self.buffer.index_of(x, y);
        for (at, cell) in self.buffer.content[first..first + plain].iter_mut().enumerate() {
            cell.set_symbol(&text[at..=at]).set_style(style);
        }
        let taken = u16::try_from(plain).unwrap_or(u16::MAX);
        if plain == room || plain == text.len() {
            return taken;
        }
        self.buffer.set_stringn(x + taken, y, &text[plain..], room - plain, style).0 - x
    }

    /// Writes text that ends before the column `right`; returns the column where it begins.
    pub(super) fn text_right(&mut self, right: u16, y: u16, width: u16, text: &str, role: Role) -> u16 {
        let cut = text::cut_with(text, usize::from(width), self.look.ellipsis());
        let taken = u16::try_from(text::width(&cut)).unwrap_or(width);
        let x = right.saturating_sub(taken);
        self.text(x, y, taken, &cut, role);
        x
    }

    /// Repeats a sign along a row.
    pub(super) fn across(&mut self, area: Area, sign: &str, role: Role) {
        let style = self.style(role);
        for x in area.x..area.right() {
            self.sign(x, area.y, sign, style);
        }
    }

    /// Repeats a sign down a column.
    pub(super) fn down(&mut self, area: Area, sign: &str, role: Role) {
        let style = self.style(role);
        for y in area.y..area.bottom() {
            self.sign(area.x, y, sign, style);
        }
    }

    /// Writes one sign of ours.
    pub(super) fn sign(&mut self, x: u16, y: u16, sign: &str, style: Style) {
        if self.buffer.area.contains((x, y).into()) {
            match sign.chars().count() {
                1 => drop(self.buffer[(x, y)].set_symbol(sign).set_style(style)),
                _ => drop(self.buffer.set_stringn(x, y, sign, 1, style)),
            }
        }
    }

    /// Empties an area and lays a ground.
    pub(super) fn ground(&mut self, area: Area, role: Role) {
        let style = self.style(role);
        let inside = rect(area).intersection(self.buffer.area);
        for y in inside.top()..inside.bottom() {
            for x in inside.left()..inside.right() {
                let cell = &mut self.buffer[(x, y)];
                cell.reset();
                cell.set_style(style);
            }
        }
    }

    /// Lays a style over what is written.
    pub(super) fn tint(&mut self, area: Area, role: Role) {
        let style = self.style(role);
        self.buffer.set_style(rect(area), style);
    }

    /// Lays only the ground of a role under what is written.
    pub(super) fn back(&mut self, area: Area, role: Role) {
        let style = Style { fg: None, ..self.style(role) };
        let style = Style { add_modifier: Modifier::empty(), ..style };
        self.buffer.set_style(rect(area), style);
    }

    /// Marks the words that a search looks for, wherever they are written in an area; in names and addresses parts of words too.
    pub(super) fn mark(&mut self, area: Area, sought: &[Sought], is_people: bool) {
        let style = self.style(Role::Match);
        let inside = rect(area).intersection(self.buffer.area);
        if sought.is_empty() {
            return;
        }
        for y in inside.top()..inside.bottom() {
            let (mut line, mut places) = (String::new(), Vec::new());
            for x in inside.left()..inside.right() {
                places.push((line.len(), x));
                line.push_str(self.buffer[(x, y)].symbol());
            }
            for span in sought.iter().flat_map(|sought| sought.places_in(&line, is_people)) {
                for (_, x) in places.iter().filter(|(at, _)| span.contains(at)) {
                    self.buffer[(*x, y)].set_style(style);
                }
            }
        }
    }

    /// Marks the row or cell under the cursor. Signs keep their colour and quiet words become as clear as the others; where the
    /// theme reverses, colours would become a patchwork of grounds, so they give way.
    pub(super) fn select(&mut self, area: Area) {
        let style = self.style(Role::Selection);
        let quiet = self.style(Role::Quiet).fg;
        let is_reversed = style.add_modifier.contains(Modifier::REVERSED);
        let inside = rect(area).intersection(self.buffer.area);
        for y in inside.top()..inside.bottom() {
            for x in inside.left()..inside.right() {
                let cell = &mut self.buffer[(x, y)];
                if is_reversed {
                    cell.fg = Color::Reset;
                    cell.bg = Color::Reset;
                }
                let is_quiet = quiet == Some(cell.fg);
                cell.set_style(if is_reversed || is_quiet { style } else { Style { fg: None, ..style } });
            }
        }
    }

    /// Notes what the mouse may point at.
    pub(super) fn hit(&mut self, area: Area, target: Target) {
        self.hits.add(area, target);
    }

    /// Puts the terminal's cursor; the last word counts, so that overlays win.
    pub(super) fn cursor(&mut self, x: u16, y: u16) {
        let area = self.buffer.area;
        self.cursor = Some((x.min(area.right().saturating_sub(1)), y.min(area.bottom().saturating_sub(1))));
    }
}

/// Our area as ratatui's.
pub(super) const fn rect(area: Area) -> Rect {
    Rect { x: area.x, y: area.y, width: area.width, height: area.height }
}

/// Columns of a text.
pub(super) fn columns(text: &str) -> u16 {
    u16::try_from(text::width(text)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::Painter;
    use crate::config::{Glyphs, ThemeData, ThemeName};
    use crate::domain::time::Zone;
    use crate::state::Context;
    use crate::view::look::{Depth, Look};
    use jiff::Timestamp;
    use ratatui::buffer::Buffer;
    use ratatui::style::{Color, Style};

    #[test]
    fn what_is_put_into_cells_is_what_the_library_would_put_there() {
        let look = Look::new(&ThemeData::built_in(ThemeName::Dark), Glyphs::Unicode, Depth::True);
        let zone = Zone::utc();
        let context = Context { now: Timestamp::UNIX_EPOCH, zone: &zone };
        let style = Style::new().fg(Color::Red).bg(Color::Blue);
        let texts = [
            "",
            "plain",
            "a\u{301}b",
            "ab\u{301}",
            "ab日本c",
            "日",
            "x\u{7}y",
            "e\u{301}",
            "long enough to be cut",
            "ab…",
        ];
        for text in texts {
            for (x, room) in [(0, 0), (0, 1), (0, 2), (1, 3), (2, 4), (0, 8), (5, 3)] {
                let before = Buffer::with_lines(["日日日日", "........"]);
                let (mut ours, mut theirs) = (before.clone(), before);
                let taken = Painter::new(&mut ours, &look, &context).put(x, 1, room, text, style);
                let end = theirs.set_stringn(x, 1, text, room, style).0;
                assert_eq!((&ours, taken), (&theirs, end - x), "{text:?} at {x} in {room}");
            }
        }
    }
}
