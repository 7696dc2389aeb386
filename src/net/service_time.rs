//! The service's clock, as far as its answers tell: each carries a `Date`.
//!
//! A computer whose clock is wrong still signs in, if lives of tokens are measured by the service's clock. Must stay true: a
//! small difference (the header counts whole seconds, and travels) is no difference. Deliberately absent: setting any clock.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

/// A smaller difference is the way of the answer.
const NOTHING: i64 = 30;
/// Nothing was heard yet.
const UNKNOWN: i64 = i64::MIN;

/// How far this computer's clock is from the service's.
#[derive(Debug)]
pub struct ServiceTime {
    ahead: AtomicI64,
}

impl Default for ServiceTime {
    fn default() -> Self {
        Self { ahead: AtomicI64::new(UNKNOWN) }
    }
}

impl ServiceTime {
    /// Takes the `Date` of an answer that has just come, at `now` by this computer's clock. What is no date is not heard.
    pub fn hear(&self, date: &str, now: SystemTime) {
        let parsed = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(date.trim());
        if let (Ok(theirs), Ok(ours)) = (parsed, jiff::Timestamp::try_from(now)) {
            let ahead = ours.as_second() - theirs.as_second();
            self.ahead.store(if ahead.abs() < NOTHING { 0 } else { ahead }, Ordering::Relaxed);
        }
    }

    /// Seconds by which this computer's clock is ahead of the service's (negative: behind); nothing before the first answer.
    #[must_use]
    pub fn ahead(&self) -> Option<i64> {
        Some(self.ahead.load(Ordering::Relaxed)).filter(|ahead| *ahead != UNKNOWN)
    }

    /// `now` by this computer's clock as the service would tell it.
    #[must_use]
    pub fn correct(&self, now: SystemTime) -> SystemTime {
        shift(now, self.ahead().unwrap_or(0))
    }
}

/// What a clock showed that was `ahead` seconds fast.
#[must_use]
pub fn shift(time: SystemTime, ahead: i64) -> SystemTime {
    let by = Duration::from_secs(ahead.unsigned_abs());
    let shifted = if ahead > 0 { time.checked_sub(by) } else { time.checked_add(by) };
    shifted.unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_is_noticed_seconds_and_nonsense_are_not() {
        let time = ServiceTime::default();
        let noon = SystemTime::UNIX_EPOCH + Duration::from_hours(498_684);
        assert_eq!((time.ahead(), time.correct(noon)), (None, noon));
        time.hear("Sat, 21 Nov 2026 12:00:00 GMT", noon + Duration::from_hours(1));
        assert_eq!(time.ahead(), Some(3600));
        assert_eq!(time.correct(noon + Duration::from_hours(1)), noon);
        time.hear("yesterday", noon);
        time.hear("\u{1b}[2J", noon);
        assert_eq!(time.ahead(), Some(3600));
        time.hear("Sat, 21 Nov 2026 12:00:00 GMT", noon - Duration::from_hours(2));
        assert_eq!(time.ahead(), Some(-7200));
        time.hear("Sat, 21 Nov 2026 12:00:02 GMT", noon);
        assert_eq!(time.ahead(), Some(0));
    }
}
