//! The terminal's events in our own words, until it is gone or the program is asked to end.
//!
//! A thread of its own waits for the terminal: the library's reader never returns once the terminal has hung up, so it may not
//! run where the loop runs. Signals and the hang-up are heard beside it. Releases are dropped (some terminals report them), and so
//! is what means nothing to us, late answers of the terminal among it. Deliberately absent: meaning.

use crate::app::late::LateAnswers;
use crate::domain::input::{Key, KeyCode, Mouse, MouseKind};
use crate::state::event::Event;
use crossterm::event::{
    Event as TerminalEvent, KeyCode as Code, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent,
    MouseEventKind,
};
use futures_util::{Stream, StreamExt, stream};
use std::io;
use tokio::sync::mpsc;

/// Everything the terminal says, until it is gone or the program is asked to end.
///
/// Nothing else may read the terminal from now on.
///
/// # Errors
/// When no thread can be started.
pub fn stream(mut ending: Ending) -> io::Result<impl Stream<Item = Event> + Unpin> {
    let (sender, mut events) = mpsc::unbounded_channel();
    // It waits for the terminal when the program ends, and ends with it.
    std::thread::Builder::new().name("terminal".to_owned()).spawn(move || {
        while let Ok(event) = crossterm::event::read() {
            if sender.send(event).is_err() {
                return;
            }
        }
    })?;
    let mut late = LateAnswers::default();
    let events = stream::poll_fn(move |context| events.poll_recv(context));
    let events = events.flat_map(move |event| stream::iter(late.pass(self::event(event))));
    let events = stream::select(events, resizes());
    let over = async move {
        tokio::select! {
            () = ending.arrived() => {}
            () = hung_up() => {}
        }
    };
    Ok(Box::pin(events.take_until(Box::pin(over))))
}

/// Every change of the window's size, heard by ourselves: the terminal library tells it too, but forgets it when a key arrives in
/// the same instant. Hearing of a size twice costs a frame.
#[cfg(unix)]
fn resizes() -> impl Stream<Item = Event> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut changes = signal(SignalKind::window_change()).ok();
    let changes = stream::poll_fn(move |context| match &mut changes {
        Some(changes) => changes.poll_recv(context),
        None => std::task::Poll::Pending,
    });
    changes.filter_map(|()| async {
        let (width, height) = crossterm::terminal::size().ok()?;
        Some(Event::Resize { width, height })
    })
}

#[cfg(not(unix))]
fn resizes() -> impl Stream<Item = Event> {
    stream::pending()
}

/// The wish of the system or of somebody else that the program ends: SIGTERM, SIGHUP, SIGINT.
#[derive(Debug)]
pub struct Ending {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

impl Ending {
    /// Listens from now on, so that whoever asks the program to end finds it tidying up. Where that cannot be, the system
    /// ends us the hard way. Call it inside the runtime.
    #[must_use]
    pub fn listen() -> Self {
        Self {
            #[cfg(unix)]
            signals: {
                use tokio::signal::unix::{SignalKind, signal};
                let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
                kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect()
            },
        }
    }

    /// Ends when the program is asked to end, also if that was before.
    #[cfg(unix)]
    pub async fn arrived(&mut self) {
        let each = self.signals.iter_mut().map(|signal| Box::pin(signal.recv()));
        let mut each: stream::FuturesUnordered<_> = each.collect();
        if each.next().await.is_none() {
            std::future::pending().await
        }
    }

    /// Never ends: there are no such signals here.
    #[cfg(not(unix))]
    pub async fn arrived(&mut self) {
        std::future::pending().await
    }
}

/// Ends when the other side of the terminal is gone, which not everybody is told by a signal.
#[cfg(target_os = "linux")]
#[expect(
    deprecated,
    reason = "its successor is unsafe because a descriptor could be closed; standard input stays open"
)]
async fn hung_up() {
    use std::io::IsTerminal;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;
    // Asked for nothing but trouble: keys wake the reader, not us.
    let watched = io::stdin().is_terminal().then(|| AsyncFd::with_interest(io::stdin(), Interest::PRIORITY));
    let Some(Ok(terminal)) = watched else { return std::future::pending().await };
    while let Ok(mut ready) = terminal.ready(Interest::PRIORITY).await {
        if ready.ready().is_read_closed() || ready.ready().is_error() {
            return;
        }
        ready.clear_ready();
    }
    std::future::pending().await
}

#[cfg(not(target_os = "linux"))]
async fn hung_up() {
    std::future::pending().await
}

/// What the terminal said, or `None` if it is nothing to us.
#[must_use]
pub fn event(event: TerminalEvent) -> Option<Event> {
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
