//! Where one wait for the terminal and for a bell cannot be had: a thread reads the terminal and rings.
//!
//! The library's reader never returns once the terminal has hung up, so it may not run where the loop runs. Releases of keys are
//! dropped (some terminals report them), and so is what means nothing to us.

use crate::domain::input::{Key, KeyCode, Mouse, MouseKind};
use crate::state::event::Event;
use crossterm::event::{
    Event as TerminalEvent, KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;
use tokio::sync::mpsc;

/// So long the reading thread looks at the terminal before it looks whether it still may.
const GLANCE: Duration = Duration::from_millis(250);

/// The terminal as another thread reads it.
pub(super) struct Terminal {
    events: mpsc::UnboundedReceiver<TerminalEvent>,
    bell: Arc<Bell>,
    turn: Arc<ReadingTurn>,
}

/// Whether the thread may read, and whether it does.
#[derive(Default)]
struct ReadingTurn {
    state: Mutex<Reading>,
    changed: Condvar,
}

#[derive(Default)]
struct Reading {
    is_paused: bool,
    is_looking: bool,
}

impl ReadingTurn {
    fn lock(&self) -> MutexGuard<'_, Reading> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the terminal may be looked at.
    fn begin(&self) {
        let state = self.changed.wait_while(self.lock(), |state| state.is_paused);
        state.unwrap_or_else(PoisonError::into_inner).is_looking = true;
    }

    fn end(&self) {
        self.lock().is_looking = false;
        self.changed.notify_all();
    }

    /// Waits until nobody looks at the terminal.
    fn pause(&self) {
        self.lock().is_paused = true;
        drop(self.changed.wait_while(self.lock(), |state| state.is_looking));
    }

    fn resume(&self) {
        self.lock().is_paused = false;
        self.changed.notify_all();
    }
}

/// Wakes the loop's thread.
struct Bell(Thread);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl Terminal {
    pub(super) fn open() -> io::Result<Self> {
        let (sender, events) = mpsc::unbounded_channel();
        let turn = Arc::new(ReadingTurn::default());
        let taken = turn.clone();
        // It waits for the terminal when the program ends, and ends with it.
        std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
            loop {
                taken.begin();
                let read = crossterm::event::poll(GLANCE)
                    .and_then(|is_there| if is_there { crossterm::event::read().map(Some) } else { Ok(None) });
                taken.end();
                match read {
                    Ok(Some(event)) if sender.send(event).is_err() => return,
                    Ok(_) => {}
                    Err(_) => return,
                }
            }
        })?;
        Ok(Self { events, bell: Arc::new(Bell(std::thread::current())), turn })
    }

    pub(super) fn bell(&self) -> Waker {
        Waker::from(self.bell.clone())
    }

    pub(super) fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            match self.events.poll_recv(context) {
                Poll::Ready(Some(said)) => {
                    if let Some(event) = event(said) {
                        return Poll::Ready(Some(event));
                    }
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    pub(super) fn pause(&mut self) {
        self.turn.pause();
    }

    pub(super) fn resume(&mut self) {
        while self.events.try_recv().is_ok() {}
        self.turn.resume();
    }

    pub(super) fn wait(&mut self, time: Duration) {
        std::thread::park_timeout(time);
    }
}

/// What the terminal said, or `None` if it is nothing to us.
fn event(event: TerminalEvent) -> Option<Event> {
    match event {
        TerminalEvent::Key(key) => self::key(key).map(Event::Key),
        TerminalEvent::Paste(text) => Some(Event::Paste(text)),
        TerminalEvent::Mouse(mouse) => self::mouse(mouse).map(|mouse| Event::Mouse(mouse, None)),
        TerminalEvent::Resize(width, height) => Some(Event::Resize { width, height }),
        TerminalEvent::FocusGained => Some(Event::Focus(true)),
        TerminalEvent::FocusLost => Some(Event::Focus(false)),
    }
}

fn key(event: KeyEvent) -> Option<Key> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let code = match event.code {
        Code::Char(character) => KeyCode::Char(character),
        Code::F(number) => KeyCode::F(number),
        Code::Enter => KeyCode::Enter,
        Code::Esc => KeyCode::Esc,
        Code::Tab => KeyCode::Tab,
        Code::BackTab => KeyCode::BackTab,
        Code::Backspace => KeyCode::Backspace,
        Code::Delete => KeyCode::Delete,
        Code::Left if event.modifiers == KeyModifiers::SHIFT => KeyCode::ShiftLeft,
        Code::Right if event.modifiers == KeyModifiers::SHIFT => KeyCode::ShiftRight,
        Code::Left => KeyCode::Left,
        Code::Right => KeyCode::Right,
        Code::Up => KeyCode::Up,
        Code::Down => KeyCode::Down,
        Code::Home => KeyCode::Home,
        Code::End => KeyCode::End,
        Code::PageUp => KeyCode::PageUp,
        Code::PageDown => KeyCode::PageDown,
        _ => return None,
    };
    let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
    let alt = event.modifiers.contains(KeyModifiers::ALT);
    Some(Key { code, ctrl, alt })
}

fn mouse(event: MouseEvent) -> Option<Mouse> {
    let kind = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => MouseKind::Press,
        MouseEventKind::Drag(MouseButton::Left) => MouseKind::Drag,
        MouseEventKind::Up(MouseButton::Left) => MouseKind::Release,
        MouseEventKind::ScrollUp => MouseKind::WheelUp,
        MouseEventKind::ScrollDown => MouseKind::WheelDown,
        _ => return None,
    };
    Some(Mouse { kind, column: event.column, row: event.row })
}
