//! What the loop needs of a screen. The real one is in `terminal`; tests bring their own.

use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use ratatui::{Frame, Terminal};
use std::io;

/// Somewhere to draw.
pub trait Screen {
    /// Columns and rows.
    ///
    /// # Errors
    /// When the terminal cannot be asked.
    fn size(&self) -> io::Result<Size>;

    /// Draws one frame; only what changed is written.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn draw(&mut self, render: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()>;

    /// Forgets what was drawn, so that the next frame is written whole.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn clear(&mut self) -> io::Result<()>;

    /// Hands the terminal back to the shell, stops, and takes it again when continued.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn suspend(&mut self) -> io::Result<()>;

    /// Hands the terminal to another program for as long as `run` takes, and takes it again.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn lend(&mut self, run: &mut dyn FnMut()) -> io::Result<()>;

    /// Switches mouse reporting.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn set_mouse(&mut self, on: bool) -> io::Result<()>;

    /// Copies `text`; the answer says in words what happened.
    fn copy(&mut self, text: &str) -> String;
}

/// A screen in memory: for pictures and for tests. What would have been copied is remembered.
pub struct BufferScreen {
    terminal: Terminal<TestBackend>,
    /// What was copied, the newest last.
    pub copied: Vec<String>,
    /// How many frames were drawn.
    pub frames: usize,
    /// How many of them changed what is on the screen; a terminal hears of no others.
    pub changes: usize,
}

impl BufferScreen {
    /// A screen of `width` columns and `height` rows.
    #[must_use]
    pub fn new(width: u16, height: u16) -> Self {
        let Ok(terminal) = Terminal::new(TestBackend::new(width, height));
        Self { terminal, copied: Vec::new(), frames: 0, changes: 0 }
    }

    /// What is on the screen.
    #[must_use]
    pub fn buffer(&self) -> &Buffer {
        self.terminal.backend().buffer()
    }

    /// Where the cursor stands, as (column, row).
    pub fn cursor(&mut self) -> (u16, u16) {
        let Ok(position) = self.terminal.get_cursor_position();
        (position.x, position.y)
    }

    /// Another size, as when the window is dragged. The program hears of it by an event of its own.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.terminal.backend_mut().resize(width, height);
    }
}

impl Screen for BufferScreen {
    fn size(&self) -> io::Result<Size> {
        let Ok(size) = self.terminal.size();
        Ok(size)
    }

    fn draw(&mut self, render: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        self.frames += 1;
        let before = self.buffer().clone();
        let Ok(_) = self.terminal.draw(|frame| render(frame));
        self.changes += usize::from(*self.buffer() != before);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        let Ok(()) = self.terminal.clear();
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn lend(&mut self, run: &mut dyn FnMut()) -> io::Result<()> {
        run();
        self.clear()
    }

    fn set_mouse(&mut self, _on: bool) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, text: &str) -> String {
        self.copied.push(text.to_owned());
        "Copied.".to_owned()
    }
}
