//! An hour of an office with two other clients, faults and a line that breaks, over loopback and by an invented clock. It ends with
//! cache and service saying the same, or it panics; the limit is two minutes.

use crate::house;
use crate::long_run;
use crate::measure::{amount, now};

const SEEDS: [u64; 3] = [1, 2, 3];
const HOUR: u64 = 3_600;
const MESSAGES: usize = 1_000;

/// Runs all of it.
pub fn run() {
    let runtime = house::runtime();
    for seed in SEEDS {
        let began = now();
        let account = runtime.block_on(long_run::run(seed, HOUR, MESSAGES));
        let seconds = began.elapsed().as_secs_f64();
        amount(&format!("an hour, seed {seed}"), seconds, "s", None, Some(120.0));
        amount("  changes by others", account.changes as f64, "", None, None);
        amount("  rules of misbehaviour", account.faults as f64, "", None, None);
        amount("  requests", account.requests as f64, "", None, None);
        amount("  compared at the end", account.compared as f64, "", None, None);
    }
}
