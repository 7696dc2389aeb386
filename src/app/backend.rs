//! What a frame says to the terminal: nothing if nothing changed, else everything in one write.
//!
//! It stands between the drawing library and standard output because the library alone writes several times a frame, writes even
//! when nothing changed, and asks the terminal where its cursor is before it clears. Must stay true: no query is ever sent (an
//! answer that comes late would be read as typed keys); what is written goes out in [`FrameBackend::send`] and nowhere else.

use crate::app::sgr;
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, Clear, ClearType as Cleared, EndSynchronizedUpdate};
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::cell::Cell as Kept;
use std::io::{self, Write};

/// Collects a frame and sends it to `out` as a whole.
#[derive(Debug)]
pub struct FrameBackend<W> {
    out: W,
    pending: Vec<u8>,
    /// Where the cursor is; `None` once cells were drawn.
    cursor: Option<Position>,
    /// Whether the cursor is shown; `None` if nobody knows.
    is_shown: Option<bool>,
    /// The screen was cleared and nothing was drawn since.
    is_clear: bool,
    /// The size, until the screen is cleared: whoever hears of another size clears it. Asking at each frame opens the terminal anew.
    size: Kept<Option<Size>>,
}

impl<W: Write> FrameBackend<W> {
    /// A backend that writes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, pending: Vec::new(), cursor: None, is_shown: None, is_clear: false, size: Kept::new(None) }
    }

    /// Writes what has come together as one synchronized update; nothing if nothing has.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn send(&mut self) -> io::Result<()> {
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

    /// Somebody else wrote to the terminal: what was known about the cursor holds no longer.
    pub fn forget(&mut self) {
        self.pending.clear();
        self.cursor = None;
        self.is_shown = None;
        self.is_clear = false;
        self.size.set(None);
    }

    fn show(&mut self, shown: bool) -> io::Result<()> {
        if self.is_shown != Some(shown) {
            self.is_shown = Some(shown);
            if shown { queue!(self.pending, Show)? } else { queue!(self.pending, Hide)? }
        }
        Ok(())
    }
}

impl<W: Write> Backend for FrameBackend<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        self.cursor = None;
        self.is_clear = false;
        sgr::write(&mut self.pending, content);
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.show(false)
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.show(true)
    }

    /// Where we put it last; the terminal is not asked.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor != Some(position) {
            self.cursor = Some(position);
            queue!(self.pending, MoveTo(position.x, position.y))?;
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.size.set(None);
        if !self.is_clear {
            self.is_clear = true;
            queue!(self.pending, Clear(Cleared::All))?;
        }
        Ok(())
    }

    /// Only the whole screen is ever cleared: we draw nothing inline.
    fn clear_region(&mut self, _region: ClearType) -> io::Result<()> {
        self.clear()
    }

    /// As the system says; 80x24 where a line has no size of its own. No program is started to find out.
    fn size(&self) -> io::Result<Size> {
        if let Some(size) = self.size.get() {
            return Ok(size);
        }
        let said = crossterm::terminal::window_size()?;
        let is_said = said.columns > 0 && said.rows > 0;
        let size = if is_said { Size::new(said.columns, said.rows) } else { Size::new(80, 24) };
        self.size.set(Some(size));
        Ok(size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    /// Nothing: a frame goes out when it is whole, by [`FrameBackend::send`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::FrameBackend;
    use ratatui::Terminal;
    use ratatui::TerminalOptions;
    use ratatui::Viewport;
    use ratatui::backend::Backend;
    use ratatui::layout::{Position, Rect};
    use ratatui::text::Line;

    fn frame(terminal: &mut Terminal<FrameBackend<Vec<u8>>>, text: &str) -> String {
        terminal
            .draw(|frame| {
                frame.render_widget(Line::raw(text), frame.area());
                frame.set_cursor_position(Position::new(2, 0));
            })
            .unwrap();
        terminal.backend_mut().send().unwrap();
        String::from_utf8(std::mem::take(&mut terminal.backend_mut().out)).unwrap()
    }

    fn terminal() -> Terminal<FrameBackend<Vec<u8>>> {
        let viewport = Viewport::Fixed(Rect::new(0, 0, 20, 1));
        Terminal::with_options(FrameBackend::new(Vec::new()), TerminalOptions { viewport }).unwrap()
    }

    #[test]
    fn a_frame_that_changes_nothing_writes_nothing() {
        let mut terminal = terminal();
        assert!(frame(&mut terminal, "hello").contains("hello"));
        assert_eq!(frame(&mut terminal, "hello"), "");
    }

    #[test]
    fn a_small_change_costs_few_bytes() {
        let mut terminal = terminal();
        frame(&mut terminal, "hello");
        assert_eq!(frame(&mut terminal, "hallo"), "\x1b[?2026h\x1b[1;2Ha\x1b[1;3H\x1b[?2026l");
    }

    #[test]
    fn clearing_asks_the_terminal_nothing() {
        let mut backend = FrameBackend::new(Vec::new());
        backend.get_cursor_position().unwrap();
        backend.clear().unwrap();
        backend.clear().unwrap();
        backend.send().unwrap();
        assert_eq!(backend.out, b"\x1b[?2026h\x1b[2J\x1b[?2026l");
    }
}
