//! A clock that is ahead of another, or behind it: the servers' clock, where the client's is wrong.

use crate::base::clock::{Clock, SharedClock, Sleep};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

/// A clock so many seconds ahead of `real`.
pub(crate) struct Ahead {
    real: SharedClock,
    pub(crate) seconds: Arc<AtomicI64>,
}

impl Ahead {
    pub(crate) fn new(real: SharedClock, seconds: i64) -> Self {
        Self { real, seconds: Arc::new(AtomicI64::new(seconds)) }
    }

    fn moved(&self, at: SystemTime, backwards: bool) -> SystemTime {
        let seconds = self.seconds.load(Ordering::SeqCst);
        let by = Duration::from_secs(seconds.unsigned_abs());
        let moved = if (seconds < 0) == backwards { at.checked_add(by) } else { at.checked_sub(by) };
        moved.unwrap_or(at)
    }
}

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        self.moved(self.real.now(), false)
    }

    fn sleep_until(&self, at: SystemTime) -> Sleep {
        self.real.sleep_until(self.moved(at, true))
    }
}
