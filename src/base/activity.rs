//! Whether anybody is at work, so that a test can wait for idle and never for milliseconds.
//!
//! Work is counted *before* it is handed over: a message to a worker carries its [`Working`] token, so there is no gap
//! between "asked" and "running". A task that only waits for the clock, a key or a command holds no token.
//! Deliberately absent: names and progress of the work; those are notices for people, this is a count.

use crate::base::clock::{Clock, SharedClock, Sleep};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

/// Counts work in flight.
#[derive(Clone, Default)]
pub struct Activity {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    working: usize,
    asleep: usize,
    waiting: Vec<Waker>,
}

impl Shared {
    /// Work that is not merely waiting for the clock.
    fn awake(&self) -> usize {
        self.working.saturating_sub(self.asleep)
    }

    /// Whoever waits for idle, if it is idle now.
    fn take_waiting_if_idle(&mut self) -> Vec<Waker> {
        if self.awake() == 0 { std::mem::take(&mut self.waiting) } else { Vec::new() }
    }
}

impl Activity {
    /// Begins a piece of work; it ends when the token is dropped.
    #[must_use]
    pub fn begin(&self) -> Working {
        self.lock().working += 1;
        Working { activity: self.clone() }
    }

    /// How many pieces of work are in flight and not merely waiting for the clock.
    #[must_use]
    pub fn count(&self) -> usize {
        self.lock().awake()
    }

    /// Waits for the clock in the middle of counted work (a back-off, a pause the service asked for): meanwhile one piece of work
    /// counts as idle, since only the clock can move it.
    pub async fn asleep<F: Future<Output = ()>>(&self, until: F) {
        let _asleep = Asleep::begin(self.clone());
        until.await;
    }

    /// `clock` for those who wait in the middle of counted work, such as the client between two tries: their waits are
    /// [`Activity::asleep`]. Not for a task that waits without a token.
    #[must_use]
    pub fn resting(&self, clock: SharedClock) -> SharedClock {
        Arc::new(Resting { clock, activity: self.clone() })
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
            shared.take_waiting_if_idle()
        };
        for waker in waiting {
            waker.wake();
        }
    }
}

/// See [`Activity::resting`].
struct Resting {
    clock: SharedClock,
    activity: Activity,
}

impl Clock for Resting {
    fn now(&self) -> SystemTime {
        self.clock.now()
    }

    fn sleep_until(&self, at: SystemTime) -> Sleep {
        let activity = self.activity.clone();
        let sleep = self.clock.sleep_until(at);
        Box::pin(async move { activity.asleep(sleep).await })
    }

    fn limit(&self, duration: Duration) -> Sleep {
        self.clock.limit(duration)
    }
}

/// Counts work that waits for the clock; ends with the wait, also when the waiting task is dropped.
struct Asleep {
    activity: Activity,
}

impl Asleep {
    fn begin(activity: Activity) -> Self {
        let waiting = {
            let mut shared = activity.lock();
            shared.asleep += 1;
            shared.take_waiting_if_idle()
        };
        for waker in waiting {
            waker.wake();
        }
        Self { activity }
    }
}

impl Drop for Asleep {
    fn drop(&mut self) {
        self.activity.lock().asleep -= 1;
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
        if shared.awake() == 0 {
            return Poll::Ready(());
        }
        shared.waiting.push(context.waker().clone());
        Poll::Pending
    }
}
