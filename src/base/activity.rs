//! Whether anybody is at work, so that a test can wait for idle and never for milliseconds.
//!
//! Work is counted *before* it is handed over: a message to a worker carries its [`Working`] token, so there is no gap
//! between "asked" and "running". A task that only waits for the clock, a key or a command holds no token.
//! Deliberately absent: names and progress of the work; those are notices for people, this is a count.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// Counts work in flight.
#[derive(Clone, Default)]
pub struct Activity {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    working: usize,
    waiting: Vec<Waker>,
}

impl Activity {
    /// Begins a piece of work; it ends when the token is dropped.
    #[must_use]
    pub fn begin(&self) -> Working {
        self.lock().working += 1;
        Working { activity: self.clone() }
    }

    /// How many pieces of work are in flight.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().working
    }

    /// Ends when nothing is in flight.
    #[must_use]
    pub fn idle(&self) -> Idle {
        Idle { activity: self.clone() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token for a piece of work in flight.
pub struct Working {
    activity: Activity,
}

impl Clone for Working {
    fn clone(&self) -> Self {
        self.activity.begin()
    }
}

impl std::fmt::Debug for Working {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Working")
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        let waiting = {
            let mut shared = self.activity.lock();
            shared.working -= 1;
            if shared.working > 0 {
                return;
            }
            std::mem::take(&mut shared.waiting)
        };
        for waker in waiting {
            waker.wake();
        }
    }
}

/// See [`Activity::idle`].
pub struct Idle {
    activity: Activity,
}

impl Future for Idle {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.activity.lock();
        if shared.working == 0 {
            return Poll::Ready(());
        }
        shared.waiting.push(context.waker().clone());
        Poll::Pending
    }
}
