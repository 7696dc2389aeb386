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

/// Opens a connection on the thread that will own it.
pub(super) type Opener = Box<dyn FnOnce() -> Result<Connection, DbError> + Send>;

/// A queue with one or more threads behind it, each with a connection of its own.
pub(super) struct Lane {
    jobs: mpsc::Sender<Job>,
    activity: Activity,
}

impl Lane {
    /// Starts a thread for `first`, and one for each connection that `more` open there, behind the back of whoever waits for the
    /// first frame. They end when the lane is dropped. One that cannot be opened is missed by nobody but in speed.
    pub(super) fn start(
        name: &str,
        first: Connection,
        more: Vec<Opener>,
        activity: &Activity,
    ) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel::<Job>(QUEUE);
        let queue = Arc::new(Mutex::new(queue));
        let thread = || std::thread::Builder::new().name(name.to_owned());
        let jobs_of_first = Arc::clone(&queue);
        thread().spawn(move || work_off(&jobs_of_first, first))?;
        for open in more {
            let queue = Arc::clone(&queue);
            thread().spawn(move || match open() {
                Ok(connection) => work_off(&queue, connection),
                Err(error) => tracing::warn!(%error, "one connection to the cache fewer"),
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

/// Does the jobs of the queue one after the other until the lane is dropped.
fn work_off(queue: &Mutex<mpsc::Receiver<Job>>, mut connection: Connection) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        match job {
            Some(job) => job(&mut connection),
            None => return,
        }
    }
}
