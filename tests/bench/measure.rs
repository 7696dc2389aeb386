//! Times, medians and ratios. A figure belongs to the machine; only a ratio to a floor measured in the same run says something.

use std::io::Write;
use std::time::{Duration, Instant};

/// How long `work` takes once.
#[expect(clippy::disallowed_methods, reason = "a bench measures the time that really passes")]
pub fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The sorted times of `runs` runs of `work`.
pub fn times(runs: usize, mut work: impl FnMut()) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..runs).map(|_| time(&mut work)).collect();
    times.sort();
    times
}

/// The median of sorted times.
pub fn median(times: &[Duration]) -> Duration {
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Writes a line: what was measured, its median, the floor's, and their ratio beside the ratio that is aimed at.
pub fn ratio(name: &str, ours: Duration, floor: Duration, target: Option<f64>) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64().max(f64::EPSILON);
    let target = target.map_or_else(String::new, |target| format!("  (target {target:.2})"));
    line(&format!(
        "{name:<44} {:>10.1} µs  floor {:>10.1} µs  ratio {ratio:>5.2}{target}",
        micros(ours),
        micros(floor)
    ));
}

/// Writes a line to standard output; a reader that went away is no reason to fail.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Memory of this process in kibibytes: resident, and the anonymous part of it; `None` where the system does not tell.
pub fn memory() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some((field("VmRSS:")?, field("RssAnon:")?))
}
