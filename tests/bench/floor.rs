//! The floors of the screen: a plain list drawn by the library alone, as a widget and as a whole program.
//!
//! The list has a hundred thousand rows and makes only those in sight, as any good list does. The program can begin it with the newest
//! rows of a cache: what SQLite needs in a process of its own belongs to the floor of a start.

use crossterm::event::{Event, KeyCode, KeyEventKind};
use crossterm::execute;
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::text::Line;
use ratatui::{Frame, Terminal};
use std::io;
use std::path::Path;

/// The hidden argument by which this program becomes the floor of the pseudo-terminal benches.
pub const ARGUMENT: &str = "floor-program";

/// What the first row begins with; a reader of the screen waits for it.
pub const FIRST_ROW: &str = "Subject number 0";

const ROWS: usize = 100_000;

/// A list with a selection.
#[derive(Debug, Default)]
pub struct PlainList {
    selected: usize,
    top: usize,
    /// What the first rows say instead of their numbers.
    subjects: Vec<String>,
}

impl PlainList {
    /// Moves the selection and keeps it in sight.
    pub fn step(&mut self, steps: isize, height: usize) {
        self.selected = self.selected.saturating_add_signed(steps).min(ROWS - 1);
        self.top = self.top.clamp((self.selected + 1).saturating_sub(height), self.selected);
    }

    /// Draws the rows in sight, the selected one on a ground of its own in true colour.
    pub fn draw(&self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let chosen = Style::new().bg(Color::Rgb(40, 52, 74)).fg(Color::Rgb(220, 223, 228));
        for (row, y) in (self.top..ROWS).zip(area.top()..area.bottom()) {
            let subject = self.subjects.get(row).map_or_else(|| format!("Subject number {row}"), Clone::clone);
            let text = format!(
                "{:<2}{:<24} {subject} of a thread about something, and a few words of what it says",
                if row.is_multiple_of(7) { "*" } else { "" },
                format!("Person {}", row % 97)
            );
            let place = Rect { y, height: 1, ..area };
            frame.render_widget(Line::raw(text), place);
            if row == self.selected {
                frame.buffer_mut().set_style(place, chosen);
            }
        }
    }
}

/// The whole program: the list, moved by `j` and page keys, left by `q`. With a cache it begins with what is newest there.
pub fn program(cache: Option<&Path>) {
    let subjects = cache.map(|cache| crate::start::newest(cache, 60)).unwrap_or_default();
    if let Err(error) = list(subjects) {
        crate::measure::line(&error.to_string());
    }
}

fn list(subjects: Vec<String>) -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(io::stdout()))?;
    let mut list = PlainList { subjects, ..PlainList::default() };
    loop {
        let height = usize::from(terminal.draw(|frame| list.draw(frame))?.area.height);
        let page = isize::try_from(height).unwrap_or(1);
        // Whatever is not a key press costs a frame that writes nothing.
        let Event::Key(key) = crossterm::event::read()? else { continue };
        match key.code {
            _ if key.kind == KeyEventKind::Release => {}
            KeyCode::Char('j') => list.step(1, height),
            KeyCode::PageDown => list.step(page, height),
            KeyCode::End => list.step(isize::MAX, height),
            KeyCode::Home => list.step(isize::MIN, height),
            KeyCode::Char('q') => break,
            _ => {}
        }
    }
    execute!(io::stdout(), LeaveAlternateScreen)?;
    disable_raw_mode()
}
