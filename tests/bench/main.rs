//! What things cost, each beside its floor in the same run. `cargo bench` runs all; `cargo bench -- keys` runs one.
//!
//! The benches: `busy` (keys and frames while much is fetched), `cache` (SQLite alone), `colleagues` (several people's time), `events`
//! (ten thousand of them), `frames` (drawing each view), `keys` (event to finished frame), `rounds` (a delta round), `search` (bodies
//! and the full-text index), `soak` (an hour of everything at once), `start` (first frame from the cache), `step` (polling where
//! nothing happens), `terminal` (the real program in a pseudo-terminal) and `typing` (a search as it is typed). Homes filled from the
//! simulated tenant are kept under `target/` between runs. `cargo test --benches` runs nothing here: a bench proves nothing in passing.

mod busy;
mod cache;
mod colleagues;
mod events;
mod floor;
mod frames;
mod house;
mod keys;
#[path = "../it/support/soak.rs"]
mod long_run;
mod measure;
#[path = "../it/support/office.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod office;
mod rounds;
mod search;
mod soak;
mod start;
mod terminal;
mod typing;

/// A name to ask for, and what it runs.
type Bench = (&'static str, fn());

const BENCHES: [Bench; 13] = [
    ("busy", busy::run),
    ("colleagues", colleagues::run),
    ("events", events::run),
    ("frames", frames::run),
    ("keys", keys::run),
    ("rounds", rounds::run),
    ("soak", soak::run),
    ("start", start::run),
    ("step", terminal::in_step),
    ("terminal", terminal::run),
    ("typing", typing::run),
    ("cache", cache::run),
    ("search", search::run),
];

/// `--quick`: a tenth of the work, for a look in passing.
#[expect(clippy::disallowed_methods, reason = "the wish comes as an argument")]
fn is_quick() -> bool {
    std::env::args().any(|argument| argument == "--quick")
}

#[expect(clippy::disallowed_methods, reason = "the names of the benches to run come as arguments")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == floor::ARGUMENT) {
        floor::program(arguments.get(1).map(std::path::Path::new));
        return;
    }
    // `cargo bench` says --bench; `cargo test` says --test or nothing at all.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    let wanted: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with('-')).collect();
    for (name, run) in BENCHES {
        if wanted.is_empty() || wanted.iter().any(|wanted| *wanted == name) {
            measure::line(&format!("\n{name}"));
            run();
        }
    }
}
