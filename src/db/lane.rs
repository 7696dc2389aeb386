//! The threads that own the connections: one writer, two readers, each fed by a bounded queue.
//!
//! SQLite blocks, so no connection ever meets the event loop: a job travels to a thread and its answer comes back. A job carries
//! its [`Working`](crate::base::activity::Working) token there and back. A thread without a job sleeps without waking up.

use crate::base::activity::Activity;
use crate::db::error::DbError;
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// How many jobs may wait; whoever brings one more waits with it.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A queue with one or more threads behind it, each with a connection of its own.
pub(super) struct Lane {
    jobs: mpsc::Sender<Job>,
    activity: Activity,
}

impl Lane {
    /// Starts a thread for each connection. They end when the lane is dropped.
    pub(super) fn start(name: &str, connections: Vec<Connection>, activity: &Activity) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        for mut connection in connections {
            let queue = Arc::clone(&queue);
            std::thread::Builder::new().name(name.to_owned()).spawn(move || {
                loop {
                    let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
                    match job {
                        Some(job) => job(&mut connection),
                        None => return,
                    }
                }
            })?;
        }
        Ok(Self { jobs, activity: activity.clone() })
    }

    /// Runs `work` on one of the threads and brings its answer.
    ///
    /// # Errors
    /// What `work` returned, or [`DbError::Closed`] when the threads have ended.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, DbError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let working = self.activity.begin();
        let job: Job = Box::new(move |connection| {
            // A panic would take the thread and all later jobs with it; its transaction is rolled back by unwinding.
            let result = catch_unwind(AssertUnwindSafe(|| work(connection)))
                .unwrap_or_else(|_| Err(DbError::Other("a job of the cache panicked".to_owned())));
            // Whoever asked may have gone; the work is done all the same.
            drop(reply.send((result, working)));
        });
        self.jobs.send(job).await.map_err(|_| DbError::Closed)?;
        let (result, _working) = answer.await.map_err(|_| DbError::Closed)?;
        result
    }
}
