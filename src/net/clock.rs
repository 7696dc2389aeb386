//! The real clock: the only reader of the system's time and the only user of tokio's timers.
//!
//! Must stay true: a wait ends by the wall clock, also after the machine was suspended. Tokio's timers stand still
//! during a suspend, so a long wait is cut into slices and looks at the wall clock between them. A short wait is one
//! timer and wakes nobody in between. A clock that is set back prolongs no wait: what was slept counts, whatever the wall says.

use crate::base::clock::{Clock, Sleep};
use std::time::{Duration, SystemTime};

/// The longest time a wait trusts a timer: after a resume, a deadline that has passed is noticed this late at most. One
/// minute, because the screen's own clock wakes once a minute anyway.
const SLICE: Duration = Duration::from_mins(1);

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one home of the wall clock")]
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one home of tokio's timers")]
    fn sleep_until(&self, at: SystemTime) -> Sleep {
        Box::pin(async move {
            let mut longest = remaining(SystemClock.now(), at).unwrap_or_default();
            while let Some(left) =
                remaining(SystemClock.now(), at).map(|left| left.min(longest)).filter(|left| !left.is_zero())
            {
                let slice = slice(left);
                tokio::time::sleep(slice).await;
                longest = longest.saturating_sub(slice);
            }
        })
    }
}

/// What is left until `at`; nothing once it is reached.
fn remaining(now: SystemTime, at: SystemTime) -> Option<Duration> {
    at.duration_since(now).ok().filter(|left| !left.is_zero())
}

/// How long one timer may run when `left` remains.
fn slice(left: Duration) -> Duration {
    left.min(SLICE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_waits_are_one_timer_and_long_ones_look_at_the_wall_clock() {
        assert_eq!(slice(Duration::from_secs(59)), Duration::from_secs(59));
        assert_eq!(slice(Duration::from_hours(1)), SLICE);
    }

    #[test]
    fn a_reached_or_passed_time_leaves_nothing() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(100);
        assert_eq!(remaining(at, at), None);
        assert_eq!(remaining(at + Duration::from_secs(1), at), None);
        assert_eq!(remaining(at - Duration::from_secs(1), at), Some(Duration::from_secs(1)));
    }
}
