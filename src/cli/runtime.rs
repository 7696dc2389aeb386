//! The runtimes: with threads of their own, or with none.
//!
//! Beginning threads takes longer than opening the cache, and on a small machine they are in its way. Until its first frame the program
//! on the screen therefore does everything on the thread it has ([`alone`]), and goes on with [`shared`].

use crate::base::report::{Kind, Report};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// A thread that waits for the next file costs nothing; one that ends because nothing comes wakes up for it.
const KEPT: Duration = Duration::from_hours(1);

/// A runtime whose tasks run on threads of their own, also while nobody waits for them.
///
/// # Errors
/// When the system has no threads or open files left.
pub(crate) fn shared() -> Result<Runtime, Report> {
    Builder::new_multi_thread()
        .worker_threads(2)
        .thread_keep_alive(KEPT)
        .enable_all()
        .build()
        .inspect(outlive_a_limit)
        .map_err(|error| none(&error))
}

/// A runtime whose tasks run while somebody waits for one of them, and on that thread.
///
/// # Errors
/// As [`shared`].
pub(crate) fn alone() -> Result<Runtime, Report> {
    let built = Builder::new_current_thread().thread_keep_alive(KEPT).enable_all().build();
    built.inspect(outlive_a_limit).map_err(|error| none(&error))
}

/// Where the system limits how far a file may grow (`ulimit -f`), it ends whoever goes on writing, without a word. A signal somebody
/// listens for ends nobody: the write fails instead, as on a full disk.
#[cfg(unix)]
fn outlive_a_limit(runtime: &Runtime) {
    use tokio::signal::unix::{SignalKind, signal};
    let _inside = runtime.enter();
    // Once listened for it stays so, also when nobody hears it any more.
    if let Err(error) = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())) {
        tracing::warn!(%error, "a limit on the size of files would end the program");
    }
}

#[cfg(not(unix))]
fn outlive_a_limit(_runtime: &Runtime) {}

fn none(error: &std::io::Error) -> Report {
    Report::new(Kind::Failure, "threads", "deskbell could not start.")
        .because(error.to_string())
        .next("Look whether the system limits threads or open files for you.")
}
