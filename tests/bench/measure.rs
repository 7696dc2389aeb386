//! Times, medians and ratios. A figure belongs to the machine; only a ratio to a floor measured in the same run says something.

use std::io::Write;
use std::time::{Duration, Instant};

/// The time that really passes.
#[expect(clippy::disallowed_methods, reason = "a bench measures the time that really passes")]
pub fn now() -> Instant {
    Instant::now()
}

/// How long `work` takes once.
pub fn time(work: impl FnOnce()) -> Duration {
    let start = now();
    work();
    start.elapsed()
}

/// The CPU time this process has used, all its threads together: what counts where the machine is busy. Zero where it is not told.
pub fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name in brackets may hold spaces; user and system time are the twelfth and thirteenth field behind it.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// The sorted times of `runs` runs of `work`.
pub fn times(runs: usize, mut work: impl FnMut()) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..runs).map(|_| time(&mut work)).collect();
    times.sort();
    times
}

/// The median of sorted times.
pub fn median(times: &[Duration]) -> Duration {
    percentile(times, 50)
}

/// The time that `percent` of the sorted times do not exceed.
pub fn percentile(times: &[Duration], percent: usize) -> Duration {
    times.get((times.len() * percent / 100).min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Writes a line: what was measured, its median, the floor's, and their ratio beside the ratio that is aimed at.
pub fn ratio(name: &str, ours: Duration, floor: Duration, target: Option<f64>) {
    let ratio = ours.as_secs_f64() / floor.as_secs_f64().max(f64::EPSILON);
    let target = target.map_or_else(String::new, |target| format!("  (target {target:.2})"));
    line(&format!(
        "  {name:<42} {:>10.1} µs  floor {:>10.1} µs  ratio {ratio:>5.2}{target}",
        micros(ours),
        micros(floor)
    ));
}

/// Writes a line: an amount that is counted, the floor's where there is one, and the amount that is aimed at.
pub fn amount(name: &str, ours: f64, unit: &str, floor: Option<f64>, target: Option<f64>) {
    let floor = floor.map_or_else(String::new, |floor| {
        format!("  floor {floor:>10.1} {unit}  ratio {:>5.2}", ours / floor.max(f64::EPSILON))
    });
    let target = target.map_or_else(String::new, |target| format!("  (target {target})"));
    line(&format!("  {name:<42} {ours:>10.1} {unit}{floor}{target}"));
}

/// Writes a line to standard output; a reader that went away is no reason to fail.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Microseconds.
pub fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Memory of this process in kibibytes: resident, and the anonymous part of it; `None` where the system does not tell.
pub fn memory() -> Option<(u64, u64)> {
    memory_of("self")
}

/// The same of another process, by its number.
pub fn memory_of(process: &str) -> Option<(u64, u64)> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    Some((field("VmRSS:")?, field("RssAnon:")?))
}
