//! Whether to send a call again, and when: a pure decision over facts.
//!
//! `Retry-After` is honoured in both forms; without it the wait is a random part of a doubling ceiling (full jitter). Only what
//! is safe to repeat is repeated; what is not, only when the service says that it did nothing. Must stay true: nothing here reads
//! a clock or sleeps. Deliberately absent: the loop that obeys (`graph::transport`).

use crate::domain::calls::{RetryMode, RetryPolicy};
use crate::graph::call::Repeat;
use std::time::{Duration, SystemTime};

/// The ceiling of the first back-off; it doubles from there.
pub const FIRST_BACKOFF: Duration = Duration::from_secs(1);
/// No back-off of our own is longer.
pub const LONGEST_BACKOFF: Duration = Duration::from_mins(1);
/// What is added at most to a wait that the service asked for, so that not everybody comes back in the same instant.
pub const MOST_JITTER: Duration = Duration::from_secs(1);

/// What came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer with this status.
    Status(u16),
    /// No connection was made: nothing was sent.
    NotSent,
    /// The connection broke or the time ran out: it may have been processed.
    Lost,
}

/// Everything the decision needs.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'policy> {
    /// What the person configured.
    pub policy: &'policy RetryPolicy,
    /// Whether the call may be sent again.
    pub repeat: Repeat,
    /// What came back.
    pub outcome: Outcome,
    /// What the service asked us to wait, if it did.
    pub retry_after: Option<Duration>,
    /// How often the call was sent, this time included.
    pub attempts: u32,
    /// How long the call has waited already.
    pub waited: Duration,
    /// How long it may wait in all.
    pub patience: Duration,
    /// A random number from 0 (inclusive) to 1 (exclusive).
    pub random: f64,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The outcome stands.
    Accept,
    /// Wait this long and send again.
    Repeat(Duration),
    /// It could be repeated, but only after a longer wait than this call may take.
    TooLong(Duration),
}

/// Decides.
#[must_use]
pub fn decide(facts: &Facts<'_>) -> Decision {
    let policy = facts.policy;
    let may_repeat = match facts.outcome {
        Outcome::NotSent => true,
        Outcome::Lost => facts.repeat == Repeat::Safe,
        Outcome::Status(status) => {
            // 429 says that nothing was done; after any other it may have been.
            policy.statuses.contains(&status) && (status == 429 || facts.repeat == Repeat::Safe)
        }
    };
    if policy.mode == RetryMode::Off || !may_repeat || facts.attempts >= policy.at_most {
        return Decision::Accept;
    }
    let wait = match facts.retry_after {
        Some(asked) => asked.saturating_add(MOST_JITTER.mul_f64(facts.random)),
        None if policy.growing => backoff(facts.attempts).mul_f64(facts.random),
        None => FIRST_BACKOFF.mul_f64(facts.random),
    };
    if facts.waited.saturating_add(wait) > facts.patience {
        return Decision::TooLong(wait);
    }
    Decision::Repeat(wait)
}

/// The ceiling of the wait after the `attempts`th send.
fn backoff(attempts: u32) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    FIRST_BACKOFF.saturating_mul(1 << doublings).min(LONGEST_BACKOFF)
}

/// Reads `Retry-After`: whole seconds or an HTTP date [RFC 9110]. `None` for anything else. A date in the past is no wait.
#[must_use]
pub fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX)).min(u64::from(u32::MAX))));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(value).ok()?;
    Some(SystemTime::from(date).duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::LazyLock;

    fn facts(outcome: Outcome) -> Facts<'static> {
        static POLICY: LazyLock<RetryPolicy> = LazyLock::new(RetryPolicy::default);
        Facts {
            policy: &POLICY,
            repeat: Repeat::Safe,
            outcome,
            retry_after: None,
            attempts: 1,
            waited: Duration::ZERO,
            patience: Duration::from_mins(1),
            random: 0.5,
        }
    }

    #[test]
    fn answers_that_mean_something_stand() {
        for status in [200, 204, 304, 400, 401, 403, 404, 409, 410, 412, 501, 507] {
            assert_eq!(decide(&facts(Outcome::Status(status))), Decision::Accept, "{status}");
        }
    }

    #[test]
    fn the_service_is_given_what_it_asks_and_a_little_more() {
        let mut facts = facts(Outcome::Status(429));
        facts.retry_after = Some(Duration::from_secs(10));
        assert_eq!(decide(&facts), Decision::Repeat(Duration::from_millis(10_500)));
    }

    #[test]
    fn without_a_word_the_wait_doubles_and_is_capped() {
        let mut facts = Facts { random: 0.999_999, patience: Duration::MAX, ..facts(Outcome::Status(503)) };
        for (attempts, ceiling) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
            facts.attempts = attempts;
            let Decision::Repeat(wait) = decide(&facts) else { panic!("attempt {attempts} is repeated") };
            assert!(
                wait <= Duration::from_secs(ceiling) && wait > Duration::from_secs(ceiling) / 2,
                "{attempts}: {wait:?}"
            );
        }
        assert_eq!(backoff(40), LONGEST_BACKOFF);
        facts.attempts = facts.policy.at_most;
        assert_eq!(decide(&facts), Decision::Accept);
    }

    #[test]
    fn what_was_configured_is_obeyed() {
        let off = RetryPolicy { mode: RetryMode::Off, ..RetryPolicy::default() };
        for outcome in [Outcome::NotSent, Outcome::Lost, Outcome::Status(429), Outcome::Status(503)] {
            assert_eq!(decide(&Facts { policy: &off, ..facts(outcome) }), Decision::Accept, "{outcome:?}");
        }
        let own = RetryPolicy { statuses: vec![423], at_most: 2, growing: false, ..RetryPolicy::default() };
        let own = |outcome, attempts| decide(&Facts { policy: &own, attempts, ..facts(outcome) });
        assert_eq!(own(Outcome::Status(423), 1), Decision::Repeat(Duration::from_millis(500)));
        assert_eq!(own(Outcome::Status(423), 2), Decision::Accept);
        assert_eq!(own(Outcome::Status(503), 1), Decision::Accept);
        let even = RetryPolicy { growing: false, ..RetryPolicy::default() };
        let fourth = Facts { policy: &even, attempts: 4, ..facts(Outcome::Status(503)) };
        assert_eq!(decide(&fourth), Decision::Repeat(Duration::from_millis(500)));
    }

    #[test]
    fn no_configuration_makes_what_is_not_safe_be_repeated() {
        let eager = RetryPolicy { statuses: vec![409, 500, 503], ..RetryPolicy::default() };
        for status in [409, 500, 503] {
            let facts = Facts { policy: &eager, repeat: Repeat::OnlyIfNotProcessed, ..facts(Outcome::Status(status)) };
            assert_eq!(decide(&facts), Decision::Accept, "{status}");
        }
    }

    #[test]
    fn what_is_not_safe_is_repeated_only_when_nothing_was_done() {
        let unsafe_facts = |outcome| Facts { repeat: Repeat::OnlyIfNotProcessed, ..facts(outcome) };
        for outcome in [Outcome::Lost, Outcome::Status(500), Outcome::Status(503), Outcome::Status(504)] {
            assert_eq!(decide(&unsafe_facts(outcome)), Decision::Accept, "{outcome:?}");
            assert!(matches!(decide(&facts(outcome)), Decision::Repeat(_)), "{outcome:?}");
        }
        for outcome in [Outcome::NotSent, Outcome::Status(429)] {
            assert!(matches!(decide(&unsafe_facts(outcome)), Decision::Repeat(_)), "{outcome:?}");
        }
    }

    #[test]
    fn nobody_waits_longer_than_their_patience() {
        let mut facts = facts(Outcome::Status(429));
        facts.retry_after = Some(Duration::from_secs(40));
        facts.waited = Duration::from_secs(30);
        assert_eq!(decide(&facts), Decision::TooLong(Duration::from_millis(40_500)));
    }

    #[test]
    fn both_forms_of_retry_after_are_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 30);
        assert_eq!(retry_after("120", now), Some(Duration::from_mins(2)));
        assert_eq!(retry_after(" 0 ", now), Some(Duration::ZERO));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("99999999999999999999999", now), Some(Duration::from_secs(u64::from(u32::MAX))));
        for nonsense in ["", "soon", "-5", "1.5", "\u{1b}[2J"] {
            assert_eq!(retry_after(nonsense, now), None, "{nonsense:?}");
        }
    }
}
