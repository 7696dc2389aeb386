//! The terminal and a bell in one wait of the system.
//!
//! Bytes are read on the loop's thread, and only when the system says that there are some. Must stay true: a terminal that has hung up
//! ends the stream instead of being read for ever.

use crate::app::decode::Decoder;
use crate::state::event::Event;
use rustix::event::{EventfdFlags, PollFd, PollFlags, Timespec, eventfd, poll};
use rustix::fd::{AsFd, OwnedFd};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, IsTerminal, Stdin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// The terminal as the kernel has it.
pub(super) struct Terminal {
    source: Source,
    bell: Arc<Bell>,
    decoder: Decoder,
    decoded: VecDeque<Event>,
    buffer: Vec<u8>,
    is_readable: bool,
    is_gone: bool,
}

/// Standard input where it is the terminal, else the terminal by its name.
enum Source {
    Input(Stdin),
    Named(File),
}

/// Ends a wait from any thread.
struct Bell {
    descriptor: OwnedFd,
    is_rung: AtomicBool,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Rung once is enough until it was heard.
        if !self.is_rung.swap(true, Ordering::AcqRel) {
            let _ = rustix::io::write(&self.descriptor, &1_u64.to_ne_bytes());
        }
    }
}

impl Bell {
    /// Makes it silent. Whoever rings from now on is heard by the next wait; what they rang for before is looked at after this.
    fn silence(&self) {
        let _ = rustix::io::read(&self.descriptor, &mut [0_u8; 8]);
        self.is_rung.store(false, Ordering::Release);
    }
}

impl Terminal {
    pub(super) fn open() -> io::Result<Self> {
        let source =
            if io::stdin().is_terminal() { Source::Input(io::stdin()) } else { Source::Named(File::open("/dev/tty")?) };
        let descriptor = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        Ok(Self {
            source,
            bell: Arc::new(Bell { descriptor, is_rung: AtomicBool::new(false) }),
            decoder: Decoder::default(),
            decoded: VecDeque::new(),
            buffer: vec![0; 4096],
            is_readable: false,
            is_gone: false,
        })
    }

    pub(super) fn bell(&self) -> Waker {
        Waker::from(self.bell.clone())
    }

    pub(super) fn next(&mut self, _context: &mut Context<'_>) -> Poll<Option<Event>> {
        if self.decoded.is_empty() {
            self.wait(Duration::ZERO);
            if std::mem::take(&mut self.is_readable) {
                self.read();
            }
        }
        match self.decoded.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None if self.is_gone => Poll::Ready(None),
            None => Poll::Pending,
        }
    }

    /// Nothing reads the terminal but the loop's thread, which is busy with whoever has it.
    pub(super) fn pause(&mut self) {
        self.decoder = Decoder::default();
    }

    pub(super) fn resume(&mut self) {
        self.decoded.clear();
        self.is_readable = false;
    }

    pub(super) fn wait(&mut self, time: Duration) {
        if self.is_gone || self.is_readable || !self.decoded.is_empty() {
            return;
        }
        let terminal = match &self.source {
            Source::Input(input) => input.as_fd(),
            Source::Named(file) => file.as_fd(),
        };
        let mut waited =
            [PollFd::from_borrowed_fd(terminal, PollFlags::IN), PollFd::new(&self.bell.descriptor, PollFlags::IN)];
        let time =
            Timespec { tv_sec: i64::try_from(time.as_secs()).unwrap_or(i64::MAX), tv_nsec: time.subsec_nanos().into() };
        // A signal ends the wait early; the loop looks around and waits again.
        let Ok(1..) = poll(&mut waited, Some(&time)) else { return };
        let said = waited[0].revents();
        // What was typed before the end is still read.
        self.is_readable = said.contains(PollFlags::IN);
        self.is_gone = !self.is_readable && said.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL);
        if waited[1].revents().contains(PollFlags::IN) {
            self.bell.silence();
        }
    }

    fn read(&mut self) {
        let read = match &self.source {
            Source::Input(input) => rustix::io::read(input, &mut self.buffer),
            Source::Named(file) => rustix::io::read(file, &mut self.buffer),
        };
        match read {
            Ok(0) => self.is_gone = true,
            Ok(count) => {
                let is_all = count < self.buffer.len();
                self.decoder.take(&self.buffer[..count], is_all, &mut self.decoded);
            }
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
            Err(_) => self.is_gone = true,
        }
    }
}
