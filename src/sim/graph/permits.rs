//! Throttling as Outlook does it: per application and mailbox, four requests at a time and 10,000 in ten minutes.
//! [throttling-limits]
//!
//! *Whose* mailbox counts, not who calls. Refused requests count too. Must stay true: the ten minutes are the injected clock's.

use crate::sim::request::Answer;
use crate::sim::tenant::{Shared, lock};
use std::collections::HashMap;
use std::sync::Arc;

const AT_A_TIME: usize = 4;
const IN_A_WINDOW: u64 = 10_000;
const WINDOW: u64 = 600;

/// An application and a mailbox.
type Lane = (String, String);

/// What is in flight and what was counted.
#[derive(Debug, Default)]
pub struct Permits {
    lanes: HashMap<Lane, Traffic>,
}

#[derive(Debug, Default)]
struct Traffic {
    running: usize,
    window: u64,
    counted: u64,
}

/// A request in flight; it ends when this is dropped.
pub(crate) struct Permit {
    shared: Arc<Shared>,
    lane: Lane,
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(traffic) = lock(&self.shared.permits).lanes.get_mut(&self.lane) {
            traffic.running = traffic.running.saturating_sub(1);
        }
    }
}

/// Begins a request of `client` to the mailbox of `person` at `now` (seconds since 1970).
pub(crate) fn begin(shared: &Arc<Shared>, client: &str, person: &str, now: u64) -> Result<Permit, Answer> {
    let lane = (client.to_owned(), person.to_owned());
    lock(&shared.permits).take(&lane, now)?;
    Ok(Permit { shared: shared.clone(), lane })
}

impl Permits {
    fn take(&mut self, lane: &Lane, now: u64) -> Result<(), Answer> {
        let traffic = self.lanes.entry(lane.clone()).or_default();
        if now >= traffic.window + WINDOW {
            traffic.window = now;
            traffic.counted = 0;
        }
        traffic.counted += 1;
        if traffic.counted > IN_A_WINDOW {
            let message = "Application is over its RequestsPerTenMinutes limit.";
            return Err(throttled(message, traffic.window + WINDOW - now));
        }
        if traffic.running >= AT_A_TIME {
            return Err(throttled("Application is over its MailboxConcurrency limit.", 1));
        }
        traffic.running += 1;
        Ok(())
    }
}

fn throttled(message: &str, seconds: u64) -> Answer {
    Answer::error(429, "ApplicationThrottled", message).with("Retry-After", &seconds.max(1).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_counts_refusals_and_ends() {
        let lane = ("client".to_owned(), "person".to_owned());
        let mut permits = Permits::default();
        for number in 0..IN_A_WINDOW {
            let taken = permits.take(&lane, 1_000_000).is_ok();
            assert_eq!(taken, number < AT_A_TIME as u64, "request {number}");
        }
        let refused = permits.take(&lane, 1_000_100).unwrap_err();
        assert!(refused.headers.contains(&("Retry-After".to_owned(), "500".to_owned())), "{:?}", refused.headers);
        permits.lanes.get_mut(&lane).unwrap().running = 0;
        assert!(permits.take(&lane, 1_000_599).is_err());
        assert!(permits.take(&lane, 1_000_600).is_ok());
        assert!(permits.take(&("client".to_owned(), "another".to_owned()), 1_000_100).is_ok());
    }
}
