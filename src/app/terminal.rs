//! The owner of the real terminal: taking it, drawing on it, giving it back as it was.
//!
//! Must stay true: every mode that is switched on here is switched off in [`give_back`], which the guard, the crash hook, the
//! suspend path and lending share. What frames write is in `canvas`.

use crate::app::canvas::{Canvas, Render};
use crate::app::clipboard;
use crate::app::screen::Screen;
use crate::base::environment::Environment;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::layout::Size;
use std::io::{self, Stdout, Write};

/// Saves the title on the terminal's own stack and takes it back (XTWINOPS 22 and 23; ignored where unknown).
const PUSH_TITLE: &str = "\x1b[22;0t";
const POP_TITLE: &str = "\x1b[23;0t";

/// The taken terminal. Dropping it gives it back.
pub struct TakenTerminal {
    canvas: Canvas<Stdout>,
    is_mouse_on: bool,
    environment: Environment,
}

/// A terminal that can be taken: it has said how large it is, and there is room for a frame.
pub struct FreeTerminal {
    canvas: Canvas<Stdout>,
    mouse: bool,
    environment: Environment,
}

impl FreeTerminal {
    /// The terminal of this program; nothing is sent to it.
    ///
    /// # Errors
    /// When standard output is no terminal or does not answer.
    pub fn find(mouse: bool, environment: &Environment) -> io::Result<Self> {
        Ok(Self { canvas: Canvas::new(io::stdout(), size()?), mouse, environment: environment.clone() })
    }

    /// Takes it: raw mode, alternate screen, paste and focus reports, the mouse if wished.
    ///
    /// # Errors
    /// When it is gone.
    pub fn take(self) -> io::Result<TakenTerminal> {
        let Self { mut canvas, mouse, environment } = self;
        // Whoever waited for the network until now may have a window of another size.
        let size = size()?;
        if canvas.size() != size {
            canvas = Canvas::new(io::stdout(), size);
        }
        enter(mouse)?;
        Ok(TakenTerminal { canvas, is_mouse_on: mouse, environment })
    }
}

/// As the system says; 80x24 where a line has no size of its own. No program is started to find out.
fn size() -> io::Result<Size> {
    let said = crossterm::terminal::window_size()?;
    let is_said = said.columns > 0 && said.rows > 0;
    Ok(if is_said { Size::new(said.columns, said.rows) } else { Size::new(80, 24) })
}

fn enter(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    let mut out = io::stdout();
    let entered = (|| {
        out.write_all(PUSH_TITLE.as_bytes())?;
        queue!(out, SetTitle("deskbell"), EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
        if mouse {
            queue!(out, EnableMouseCapture)?;
        }
        out.flush()
    })();
    if entered.is_err() {
        give_back();
    }
    entered
}

/// Puts the terminal back as it was. Safe to call twice, and from a crash.
pub fn give_back() {
    let mut out = io::stdout();
    // Each on its own: one that fails must not keep the others from being tried.
    let _ = execute!(out, EndSynchronizedUpdate);
    let _ = execute!(out, DisableMouseCapture);
    let _ = execute!(out, DisableFocusChange, DisableBracketedPaste);
    let _ = execute!(out, LeaveAlternateScreen, Show);
    let _ = out.write_all(POP_TITLE.as_bytes());
    let _ = out.flush();
    let _ = disable_raw_mode();
}

impl Screen for TakenTerminal {
    /// As it was when the screen was last cleared: whoever hears of another size clears it.
    fn size(&self) -> io::Result<Size> {
        Ok(self.canvas.size())
    }

    fn draw(&mut self, render: &mut Render<'_>) -> io::Result<()> {
        self.canvas.draw(render)
    }

    /// The next frame clears the screen, in the same write.
    fn clear(&mut self) -> io::Result<()> {
        self.canvas.clear(size()?);
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        give_back();
        stop_until_continued()?;
        enter(self.is_mouse_on)?;
        self.canvas.forget();
        self.clear()
    }

    fn lend(&mut self, run: &mut dyn FnMut()) -> io::Result<()> {
        give_back();
        run();
        forget_typed();
        enter(self.is_mouse_on)?;
        self.canvas.forget();
        self.clear()
    }

    fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.is_mouse_on = on;
        if on { execute!(io::stdout(), EnableMouseCapture) } else { execute!(io::stdout(), DisableMouseCapture) }
    }

    fn copy(&mut self, text: &str) -> String {
        clipboard::copy(text, &self.environment)
    }
}

impl Drop for TakenTerminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// Drops what nobody has read: keys meant for the other program, and answers of the terminal to its questions.
#[cfg(unix)]
fn forget_typed() {
    let _ = rustix::termios::tcflush(io::stdin(), rustix::termios::QueueSelector::IFlush);
}

#[cfg(not(unix))]
fn forget_typed() {}

#[cfg(unix)]
fn stop_until_continued() -> io::Result<()> {
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TSTP)?;
    Ok(())
}

#[cfg(not(unix))]
fn stop_until_continued() -> io::Result<()> {
    Ok(())
}
