//! What the loop needs of a screen. The real one is in `terminal`; tests bring their own.

use crate::app::canvas::Render;
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};
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
    fn draw(&mut self, render: &mut Render<'_>) -> io::Result<()>;

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
    shown: Buffer,
    next: Buffer,
    cursor: (u16, u16),
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
        let shown = Buffer::empty(Rect::new(0, 0, width, height));
        Self { next: shown.clone(), shown, cursor: (0, 0), copied: Vec::new(), frames: 0, changes: 0 }
    }

    /// What is on the screen.
    #[must_use]
    pub const fn buffer(&self) -> &Buffer {
        &self.shown
    }

    /// Where the cursor stands, as (column, row).
    pub const fn cursor(&self) -> (u16, u16) {
        self.cursor
    }

    /// Another size, as when the window is dragged. The program hears of it by an event of its own.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.shown = Buffer::empty(Rect::new(0, 0, width, height));
        self.next = self.shown.clone();
    }
}

impl Screen for BufferScreen {
    fn size(&self) -> io::Result<Size> {
        Ok(Size { width: self.shown.area.width, height: self.shown.area.height })
    }

    fn draw(&mut self, render: &mut Render<'_>) -> io::Result<()> {
        self.frames += 1;
        self.next.reset();
        self.cursor = render(&mut self.next).unwrap_or(self.cursor);
        self.changes += usize::from(self.next != self.shown);
        std::mem::swap(&mut self.next, &mut self.shown);
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.shown.reset();
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
