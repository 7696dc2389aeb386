//! What a frame says to the terminal: nothing if nothing changed, else everything in one write.
//!
//! It stands in the place of the drawing library's own terminal, which asks of each cell of each frame how wide it is, writes several
//! times a frame, and asks the terminal where its cursor is before it clears. Must stay true: no query is ever sent (an answer
//! that comes late would be read as typed keys); rows that are as they were cost one comparison; where signs wider than a column come
//! and go, the library says what is to be written anew. Deliberately absent: cells that are not to be drawn (pictures of other
//! protocols).

use crate::app::sgr::{self, Pen};
use crate::base::text::sign_width;
use crossterm::cursor::{Hide, Show};
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate};
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::{Rect, Size};
use std::io::{self, Write};

/// Draws a frame into a buffer; the answer is where the cursor is to be shown, if anywhere.
pub type Render<'a> = dyn FnMut(&mut Buffer) -> Option<(u16, u16)> + 'a;

/// What `out` shows, and what it is to show next.
#[derive(Debug)]
pub struct Canvas<W> {
    out: W,
    /// Without cells until something is: the first frame waits for no room that only the second needs.
    shown: Buffer,
    next: Buffer,
    pending: Vec<u8>,
    /// Where the cursor is; `None` once cells were drawn.
    cursor: Option<(u16, u16)>,
    /// Whether the cursor is shown; `None` if nobody knows.
    is_shown: Option<bool>,
    /// The next frame clears the screen, in the same write.
    clears: bool,
}

impl<W: Write> Canvas<W> {
    /// A canvas of this size on an empty screen.
    pub fn new(out: W, size: Size) -> Self {
        let next = Buffer::empty(Rect::new(0, 0, size.width, size.height));
        Self { out, shown: Buffer::default(), next, pending: Vec::new(), cursor: None, is_shown: None, clears: false }
    }

    /// Columns and rows.
    pub const fn size(&self) -> Size {
        Size { width: self.next.area.width, height: self.next.area.height }
    }

    /// Draws a frame and sends what is different as one synchronized update; nothing if nothing is.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, render: &mut Render<'_>) -> io::Result<()> {
        self.next.reset();
        let cursor = render(&mut self.next);
        if std::mem::take(&mut self.clears) {
            queue!(self.pending, Clear(ClearType::All))?;
        }
        let before = self.pending.len();
        write_changes(&mut self.pending, &self.shown, &self.next);
        if self.pending.len() > before {
            self.cursor = None;
        }
        if let Some(place) = cursor
            && self.cursor != cursor
        {
            sgr::move_to(&mut self.pending, place.0, place.1);
            self.cursor = cursor;
        }
        if self.is_shown != Some(cursor.is_some()) {
            self.is_shown = Some(cursor.is_some());
            if cursor.is_some() { queue!(self.pending, Show)? } else { queue!(self.pending, Hide)? }
        }
        std::mem::swap(&mut self.shown, &mut self.next);
        self.send()?;
        self.next.resize(self.shown.area);
        Ok(())
    }

    fn send(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let mut update = Vec::with_capacity(self.pending.len() + 32);
        queue!(update, BeginSynchronizedUpdate)?;
        update.append(&mut self.pending);
        queue!(update, EndSynchronizedUpdate)?;
        self.out.write_all(&update)?;
        self.out.flush()
    }

    /// Forgets what was drawn, and how large it was: the next frame is written whole on an empty screen.
    pub fn clear(&mut self, size: Size) {
        let area = Rect::new(0, 0, size.width, size.height);
        self.next.resize(area);
        self.shown = Buffer::default();
        self.cursor = None;
        self.clears = true;
    }

    /// Somebody else wrote to the terminal: what was known about the cursor holds no longer.
    pub fn forget(&mut self) {
        self.pending.clear();
        self.cursor = None;
        self.is_shown = None;
    }
}

/// Writes the cells of `next` that are not as in `shown`; both have the same area, or `shown` has no cells, as an empty screen.
fn write_changes(out: &mut Vec<u8>, shown: &Buffer, next: &Buffer) {
    let mut pen = Pen::default();
    let width = usize::from(next.area.width).max(1);
    let empty = if shown.content.is_empty() { vec![Cell::default(); width] } else { Vec::new() };
    let rows = shown.content.chunks(width).chain(std::iter::repeat(empty.as_slice()));
    for ((y, old), new) in (0..).zip(rows).zip(next.content.chunks(width)) {
        if old == new {
            continue;
        }
        if old.iter().chain(new).any(is_wide) {
            let row = |cells: &[Cell]| Buffer { area: Rect { y, height: 1, ..next.area }, content: cells.to_vec() };
            let (old, new) = (row(old), row(new));
            for (x, y, cell) in old.diff(&new) {
                pen.cell(out, x, y, cell);
            }
            continue;
        }
        for (x, cell) in (0..).zip(old).zip(new).filter(|((_, old), new)| old != new).map(|((x, _), new)| (x, new)) {
            pen.cell(out, x, y, cell);
        }
    }
    pen.end(out);
}

fn is_wide(cell: &Cell) -> bool {
    let symbol = cell.symbol();
    symbol.len() > 1 && sign_width(symbol) != 1
}

#[cfg(test)]
mod tests {
    use super::{Canvas, write_changes};
    use crate::app::sgr::Pen;
    use ratatui::buffer::Buffer;
    use ratatui::layout::{Rect, Size};
    use ratatui::style::{Color, Style};

    fn frame(canvas: &mut Canvas<Vec<u8>>, text: &str) -> String {
        canvas
            .draw(&mut |buffer| {
                buffer.set_string(0, 0, text, Style::new());
                Some((2, 0))
            })
            .unwrap();
        String::from_utf8(std::mem::take(&mut canvas.out)).unwrap()
    }

    fn canvas() -> Canvas<Vec<u8>> {
        Canvas::new(Vec::new(), Size::new(20, 1))
    }

    #[test]
    fn a_frame_that_changes_nothing_writes_nothing() {
        let mut canvas = canvas();
        assert!(frame(&mut canvas, "hello").contains("hello"));
        assert_eq!(frame(&mut canvas, "hello"), "");
    }

    #[test]
    fn a_small_change_costs_few_bytes() {
        let mut canvas = canvas();
        frame(&mut canvas, "hello");
        assert_eq!(frame(&mut canvas, "hallo"), "\x1b[?2026h\x1b[1;2Ha\x1b[1;3H\x1b[?2026l");
    }

    #[test]
    fn clearing_asks_the_terminal_nothing_and_what_follows_is_written_whole() {
        let mut canvas = canvas();
        frame(&mut canvas, "hello");
        canvas.clear(Size::new(10, 2));
        canvas.clear(Size::new(10, 2));
        assert_eq!(frame(&mut canvas, "hello"), "\x1b[?2026h\x1b[2J\x1b[1;1Hhello\x1b[1;3H\x1b[?2026l");
        assert_eq!(canvas.size(), Size::new(10, 2));
        canvas.forget();
        assert_eq!(frame(&mut canvas, "hello"), "\x1b[?2026h\x1b[1;3H\x1b[?25h\x1b[?2026l");
    }

    /// A screen of anything, the same for the same number; `signs`: what may stand in it.
    fn scribbled(mut seed: u64, signs: &[&str]) -> Buffer {
        let mut next = move |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(seed >> 33).unwrap_or_default() % below
        };
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 4));
        for y in 0..4 {
            let mut x = 0;
            while x < 12 && next(3) > 0 {
                let style = Style::new().bg([Color::Reset, Color::Reset, Color::Blue][next(3)]);
                x = buffer.set_stringn(x, y, signs[next(signs.len())], 12, style).0;
            }
        }
        buffer
    }

    #[test]
    fn what_is_written_is_what_the_library_would_write() {
        let signs = [&["a", "b", " ", "é", "│"][..], &["a", " ", "日", "❤\u{fe0f}", "e\u{301}"]];
        for seed in 0..400 {
            let signs = signs[usize::from(seed % 4 == 0)];
            let (before, after) = (scribbled(seed, signs), scribbled(seed + 1_000, signs));
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            write_changes(&mut ours, &before, &after);
            let mut pen = Pen::default();
            for (x, y, cell) in before.diff(&after) {
                pen.cell(&mut theirs, x, y, cell);
            }
            pen.end(&mut theirs);
            assert_eq!(String::from_utf8(ours), String::from_utf8(theirs), "seed {seed}");
            let (mut first, mut on_empty) = (Vec::new(), Vec::new());
            write_changes(&mut first, &Buffer::default(), &after);
            write_changes(&mut on_empty, &Buffer::empty(after.area), &after);
            assert_eq!(first, on_empty, "seed {seed}");
        }
    }
}
