//! What time it is, and waiting until a time.
//!
//! [`Clock`] is handed to everything that asks; nothing else in the house may read the wall clock. The
//! real one lives in `net::clock` (its waiting half needs tokio's timers); [`CrankedClock`] stands still until
//! a test turns it, so an hour passes in microseconds, or is taken back.
//! Deliberately absent: a monotonic clock. Machines suspend, and every deadline here is a wall deadline.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime};

/// A future that ends when the clock reaches its time.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Tells the time and waits for a time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> SystemTime;
    /// Ends once [`Clock::now`] is at or after `at`; at once if it already is. It may end early when the clock was set back: as much
    /// time has then passed as was left when the wait began.
    fn sleep_until(&self, at: SystemTime) -> Sleep;
    /// The same for a limit that runs beside work: whoever waits like this is not idle meanwhile.
    fn limit(&self, duration: Duration) -> Sleep {
        self.sleep(duration)
    }
    /// Ends `duration` from now.
    fn sleep(&self, duration: Duration) -> Sleep {
        self.sleep_until(self.now() + duration)
    }
}

/// A shared clock, as it is handed around.
pub type SharedClock = Arc<dyn Clock>;

/// A clock that moves only when cranked.
#[derive(Clone)]
pub struct CrankedClock {
    shared: Arc<Mutex<Cranked>>,
}

struct Cranked {
    now: SystemTime,
    next_sleeper: u64,
    sleepers: Vec<Sleeper>,
}

struct Sleeper {
    id: u64,
    due: SystemTime,
    /// A limit beside work: nobody waits for it to come.
    is_limit: bool,
    waker: Option<Waker>,
}

impl CrankedClock {
    /// A clock standing at `now`.
    #[must_use]
    pub fn at(now: SystemTime) -> Self {
        Self { shared: Arc::new(Mutex::new(Cranked { now, next_sleeper: 0, sleepers: Vec::new() })) }
    }

    /// Moves the clock to `to` and wakes every sleeper that is due. Never moves backwards.
    pub fn set(&self, to: SystemTime) {
        let mut due = Vec::new();
        {
            let mut shared = self.lock();
            if to > shared.now {
                shared.now = to;
            }
            let now = shared.now;
            for sleeper in &mut shared.sleepers {
                if sleeper.due <= now {
                    due.extend(sleeper.waker.take());
                }
            }
        }
        for waker in due {
            waker.wake();
        }
    }

    /// Moves the clock forward by `by`.
    pub fn advance(&self, by: Duration) {
        let to = self.now() + by;
        self.set(to);
    }

    /// Sets the clock back by `by`. Who waits, waits as long as before, as by the machine's own clock.
    pub fn set_back(&self, by: Duration) {
        let mut shared = self.lock();
        let earlier = |at: SystemTime| at.checked_sub(by).unwrap_or(SystemTime::UNIX_EPOCH);
        shared.now = earlier(shared.now);
        for sleeper in &mut shared.sleepers {
            sleeper.due = earlier(sleeper.due);
        }
    }

    /// The earliest time somebody waits for, if anybody waits. Limits beside work are not waited for.
    #[must_use]
    pub fn next_due(&self) -> Option<SystemTime> {
        self.lock().sleepers.iter().filter(|sleeper| !sleeper.is_limit).map(|sleeper| sleeper.due).min()
    }

    fn sleeper(&self, due: SystemTime, is_limit: bool) -> Sleep {
        let mut shared = self.lock();
        let id = shared.next_sleeper;
        shared.next_sleeper += 1;
        shared.sleepers.push(Sleeper { id, due, is_limit, waker: None });
        drop(shared);
        Box::pin(CrankedSleep { clock: self.clone(), id })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Cranked> {
        self.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Clock for CrankedClock {
    fn now(&self) -> SystemTime {
        self.lock().now
    }

    fn sleep_until(&self, at: SystemTime) -> Sleep {
        self.sleeper(at, false)
    }

    fn limit(&self, duration: Duration) -> Sleep {
        self.sleeper(self.now() + duration, true)
    }
}

struct CrankedSleep {
    clock: CrankedClock,
    id: u64,
}

impl Future for CrankedSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut shared = self.clock.lock();
        let (now, id) = (shared.now, self.id);
        match shared.sleepers.iter_mut().find(|sleeper| sleeper.id == id) {
            Some(sleeper) if sleeper.due > now => {
                sleeper.waker = Some(context.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}

impl Drop for CrankedSleep {
    fn drop(&mut self) {
        let id = self.id;
        self.clock.lock().sleepers.retain(|sleeper| sleeper.id != id);
    }
}
