//! The threads that own the connections: one writer, two readers, each fed by a bounded queue.
//!
//! SQLite blocks, so no connection ever meets the event loop: a job travels to a thread and its answer comes back. A job carries
//! its [`Working`](crate::base::activity::Working) token there and back. A thread without a job sleeps without waking up, and a job
//! wakes one thread; one that writes is not there before there is something to write.

use crate::base::activity::Activity;
use crate::db::error::DbError;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// How many jobs may wait; whoever brings one more waits with it.
const QUEUE: usize = 64;

type Job = Box<dyn FnOnce(Result<&mut Connection, DbError>) + Send>;

/// Opens a connection on the thread that will own it.
pub(super) type Opener = Box<dyn FnMut() -> Result<Connection, DbError> + Send>;

/// The jobs that wait for a thread. A channel with one receiver would wake every second thread only to stand in line for it.
#[derive(Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    news: Condvar,
}

#[derive(Default)]
struct Waiting {
    /// Each with the room it takes.
    jobs: VecDeque<(Job, OwnedSemaphorePermit)>,
    /// None will be brought any more.
    is_closed: bool,
}

impl Queue {
    fn put(&self, job: Job, room: OwnedSemaphorePermit) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).jobs.push_back((job, room));
        self.news.notify_one();
    }

    fn close(&self) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_closed = true;
        self.news.notify_all();
    }

    /// The next job, waited for; `None` once the queue is closed and empty.
    fn next(&self) -> Option<Job> {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let is_idle = |waiting: &mut Waiting| waiting.jobs.is_empty() && !waiting.is_closed;
        let mut waiting = self.news.wait_while(waiting, is_idle).unwrap_or_else(PoisonError::into_inner);
        waiting.jobs.pop_front().map(|(job, _room)| job)
    }
}

/// A queue with one or more threads behind it, each with a connection of its own.
pub(super) struct Lane {
    name: &'static str,
    queue: Arc<Queue>,
    room: Arc<Semaphore>,
    /// Opens the connection of a thread that is not there yet.
    later: Mutex<Option<Opener>>,
    was_used: AtomicBool,
    activity: Activity,
}

impl Lane {
    /// Starts a thread that does `first` before all jobs; what that brings opens its connection, and without it the thread ends. It
    /// also ends when the lane is dropped.
    pub(super) fn start<F>(name: &'static str, activity: &Activity, first: F) -> std::io::Result<Self>
    where
        F: FnOnce() -> Option<Opener> + Send + 'static,
    {
        let lane = Self::new(name, None, activity);
        let queue = Arc::clone(&lane.queue);
        std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            if let Some(open) = first() {
                work_off(&queue, open);
            }
        })?;
        Ok(lane)
    }

    /// A lane whose thread is started by its first job, which opens the connection, too: a start that only reads needs none for
    /// writing.
    pub(super) fn later(name: &'static str, open: Opener, activity: &Activity) -> Self {
        Self::new(name, Some(open), activity)
    }

    fn new(name: &'static str, open: Option<Opener>, activity: &Activity) -> Self {
        Self {
            name,
            queue: Arc::default(),
            room: Arc::new(Semaphore::new(QUEUE)),
            later: Mutex::new(open),
            was_used: AtomicBool::new(false),
            activity: activity.clone(),
        }
    }

    /// Starts the first thread, unless it is there.
    fn begin(&self) -> std::io::Result<()> {
        let mut later = self.later.lock().unwrap_or_else(PoisonError::into_inner);
        later.take().map_or(Ok(()), |open| self.widen(open))
    }

    /// Puts one more thread behind the queue.
    pub(super) fn widen(&self, open: Opener) -> std::io::Result<()> {
        let queue = Arc::clone(&self.queue);
        std::thread::Builder::new().name(self.name.to_owned()).spawn(move || work_off(&queue, open))?;
        Ok(())
    }

    /// Whether there ever was a job.
    pub(super) fn was_used(&self) -> bool {
        self.was_used.load(Ordering::Relaxed)
    }

    /// Runs `work` on one of the threads and brings its answer.
    ///
    /// # Errors
    /// What `work` returned, why there is no connection, or [`DbError::Closed`] when the threads have ended.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, DbError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, DbError> + Send + 'static,
    {
        if !self.was_used.swap(true, Ordering::Relaxed) {
            self.begin().map_err(|error| DbError::Other(format!("no thread for the cache: {error}")))?;
        }
        let (reply, answer) = oneshot::channel();
        let working = self.activity.begin();
        let job: Job = Box::new(move |connection| {
            // A panic would take the thread and all later jobs with it; its transaction is rolled back by unwinding.
            let result = catch_unwind(AssertUnwindSafe(|| work(connection?)))
                .unwrap_or_else(|_| Err(DbError::Other("a job of the cache panicked".to_owned())));
            // Whoever asked may have gone; the work is done all the same.
            drop(reply.send((result, working)));
        });
        let room = Arc::clone(&self.room).acquire_owned().await.map_err(|_| DbError::Closed)?;
        self.queue.put(job, room);
        let (result, _working) = answer.await.map_err(|_| DbError::Closed)?;
        result
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.queue.close();
    }
}

/// Does the jobs of the queue one after the other until the lane is dropped.
fn work_off(queue: &Queue, mut open: Opener) {
    let mut connection = None;
    while let Some(job) = queue.next() {
        if connection.is_none() {
            match open() {
                Ok(opened) => connection = Some(opened),
                Err(error) => {
                    // The next job tries again.
                    job(Err(error));
                    continue;
                }
            }
        }
        if let Some(connection) = &mut connection {
            job(Ok(connection));
        }
    }
}
