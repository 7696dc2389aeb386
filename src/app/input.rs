//! Where the loop waits: for the terminal, for whoever rings the bell, for a time.
//!
//! Everything the terminal says comes out of [`Input`] in our own words, until it is gone or the program is asked to end. On Linux the
//! loop's own thread waits for the terminal and takes its bytes, so a key wakes nobody but the loop (`linux`); elsewhere a thread
//! reads for it (`elsewhere`). Must stay true: who waits wakes up for nothing else, and nothing here waits once the terminal has
//! hung up. Deliberately absent: meaning.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
#[cfg(target_os = "linux")]
mod linux;

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

use crate::app::late::LateAnswers;
use crate::base::clock::SharedClock;
use crate::state::event::Event;
use futures_util::{Stream, StreamExt, stream};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

/// An interrupt of the keyboard reaches every program of the terminal, so ours hears those that end another one; so late at most.
const FORGIVENESS: Duration = Duration::from_secs(1);

/// Events of the terminal, and waiting for the next.
pub trait Input {
    /// Whoever wakes it rings the bell: the wait ends, now or when it begins.
    fn bell(&self) -> Waker;

    /// What is there now, without waiting; `Ready(None)` once the terminal is gone or the program is asked to end. When there is
    /// nothing, the bell of `context` is rung by whatever does not end a wait by itself.
    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>>;

    /// Waits until something may be there, the bell was rung, or the time is over.
    fn wait(&mut self, time: Duration);

    /// Another program has the terminal: nothing is read until [`Input::resume`].
    fn pause(&mut self);

    /// The terminal is ours again. What was half read before, and what interrupted the other program, is forgotten.
    fn resume(&mut self);
}

/// The real terminal.
pub struct TerminalInput {
    terminal: system::Terminal,
    late: LateAnswers,
    passed: VecDeque<Event>,
    signals: Signals,
}

struct Signals {
    resizes: Pin<Box<dyn Stream<Item = Event>>>,
    ending: Ending,
    has_ended: bool,
    clock: SharedClock,
    /// Interrupts until then were meant for the program that had the terminal.
    forgiven_until: Option<SystemTime>,
}

impl TerminalInput {
    /// Begins to read the terminal; nothing else may read it from now on. Call it inside the runtime, on the loop's thread.
    ///
    /// # Errors
    /// When the system gives us nothing to wait with.
    pub fn open(ending: Ending, clock: SharedClock) -> io::Result<Self> {
        let resizes = Box::pin(resizes());
        let signals = Signals { resizes, ending, has_ended: false, clock, forgiven_until: None };
        Ok(Self { terminal: system::Terminal::open()?, late: LateAnswers::default(), passed: VecDeque::new(), signals })
    }
}

impl Input for TerminalInput {
    fn bell(&self) -> Waker {
        self.terminal.bell()
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        loop {
            if let Some(event) = self.passed.pop_front() {
                return Poll::Ready(Some(event));
            }
            match self.terminal.next(context) {
                Poll::Ready(Some(event)) => self.passed.extend(self.late.pass(Some(event))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return self.signals.next(context),
            }
        }
    }

    fn wait(&mut self, time: Duration) {
        if self.passed.is_empty() {
            self.terminal.wait(time);
        }
    }

    fn pause(&mut self) {
        self.terminal.pause();
    }

    fn resume(&mut self) {
        self.terminal.resume();
        self.late = LateAnswers::default();
        self.passed.clear();
        self.signals.forgiven_until = self.signals.clock.now().checked_add(FORGIVENESS);
    }
}

impl Signals {
    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        if !self.has_ended {
            let is_interrupted = self.ending.poll_interrupted(context).is_ready();
            let is_forgiven = self.forgiven_until.is_some_and(|until| self.clock.now() < until);
            self.has_ended = self.ending.poll_asked(context).is_ready() || (is_interrupted && !is_forgiven);
        }
        if self.has_ended { Poll::Ready(None) } else { self.resizes.poll_next_unpin(context) }
    }
}

/// Every change of the window's size, heard by ourselves: the terminal library tells it too, but forgets it when a key arrives in
/// the same instant. Hearing of a size twice costs a frame.
#[cfg(unix)]
fn resizes() -> impl Stream<Item = Event> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut changes = signal(SignalKind::window_change()).ok();
    let changes = stream::poll_fn(move |context| match &mut changes {
        Some(changes) => changes.poll_recv(context),
        None => Poll::Pending,
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
    #[cfg(unix)]
    interrupts: Option<tokio::signal::unix::Signal>,
}

impl Ending {
    /// Listens from now on, so that whoever asks the program to end finds it tidying up. Where that cannot be, the system
    /// ends us the hard way. Call it inside the runtime.
    #[must_use]
    pub fn listen() -> Self {
        #[cfg(unix)]
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            #[cfg(unix)]
            signals: [SignalKind::terminate(), SignalKind::hangup()]
                .into_iter()
                .filter_map(|kind| signal(kind).ok())
                .collect(),
            #[cfg(unix)]
            interrupts: signal(SignalKind::interrupt()).ok(),
        }
    }

    /// Ends when the program is asked to end, also if that was before.
    pub async fn arrived(&mut self) {
        std::future::poll_fn(|context| {
            let asked = self.poll_asked(context);
            if asked.is_ready() { asked } else { self.poll_interrupted(context) }
        })
        .await;
    }

    /// Whether somebody asked the program to end, or the terminal has hung up.
    #[cfg(unix)]
    fn poll_asked(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let is_asked = self.signals.iter_mut().any(|signal| matches!(signal.poll_recv(context), Poll::Ready(Some(()))));
        if is_asked { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Whether an interrupt came from outside: a key is none while the terminal is ours.
    #[cfg(unix)]
    fn poll_interrupted(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match self.interrupts.as_mut().map(|signal| signal.poll_recv(context)) {
            Some(Poll::Ready(Some(()))) => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }

    /// Never: there are no such signals here.
    #[cfg(not(unix))]
    fn poll_asked(&mut self, _context: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    /// Never: there are no such signals here.
    #[cfg(not(unix))]
    fn poll_interrupted(&mut self, _context: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}
