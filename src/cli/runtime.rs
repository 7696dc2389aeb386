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
        .map_err(|error| none(&error))
}

/// A runtime whose tasks run while somebody waits for one of them, and on that thread.
///
/// # Errors
/// As [`shared`].
pub(crate) fn alone() -> Result<Runtime, Report> {
    Builder::new_current_thread().thread_keep_alive(KEPT).enable_all().build().map_err(|error| none(&error))
}

fn none(error: &std::io::Error) -> Report {
    Report::new(Kind::Failure, "threads", "deskbell could not start.")
        .because(error.to_string())
        .next("Look whether the system limits threads or open files for you.")
}
