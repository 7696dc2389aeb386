//! Performs effects. Each question to the engine runs as its own task and ends in exactly one event, also when it fails or panics.
//!
//! Deliberately absent: decisions, and any effect on the terminal itself (the loop owns that).

use crate::base::activity::{Activity, Working};
use crate::base::report::{Kind, Report};
use crate::doctor::local::Terminal;
use crate::doctor::{self, Patient};
use crate::domain::request::{Answer, Request};
use crate::engine::{self, Engine};
use crate::state::event::{Event, Ticket};
use crate::state::geometry::Size;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tokio::sync::mpsc;

/// An event with the token of the work that led to it; the work ends when the event has been dealt with and drawn.
#[derive(Debug)]
pub struct Queued {
    /// What happened.
    pub event: Event,
    /// Counts as work until dropped.
    pub working: Option<Working>,
}

/// Where finished work and news arrive. Unbounded on purpose: every sender is bounded by what was asked, and a full queue would
/// make work wait for the screen.
pub type Queue = mpsc::UnboundedSender<Queued>;

/// Performs effects that need the engine.
#[derive(Clone)]
pub struct Runner {
    engine: Engine,
    activity: Activity,
    queue: Queue,
    /// What is wrong with the user's own files.
    problems: Arc<[Report]>,
}

impl Runner {
    /// A runner that puts its events into `queue`. `problems`: what is wrong with the user's own files, for the doctor.
    #[must_use]
    pub fn new(engine: Engine, activity: Activity, queue: Queue, problems: &[Report]) -> Self {
        Self { engine, activity, queue, problems: problems.into() }
    }

    /// The engine, for effects that are one call.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Puts an event of our own into the queue.
    pub fn post(&self, event: Event) {
        let _ = self.queue.send(Queued { event, working: Some(self.activity.begin()) });
    }

    /// Asks the engine; the answer arrives as [`Event::Answered`].
    pub fn ask(&self, ticket: Ticket, request: Request) {
        tokio::spawn(self.asking(ticket, request));
    }

    /// The same for what the cache alone answers: the question is with the cache when this returns.
    pub fn ask_cache(&self, ticket: Ticket, request: Request) {
        drop(engine::begin(self.asking(ticket, request)));
    }

    /// Asking, for whoever drives it.
    pub fn asking(&self, ticket: Ticket, request: Request) -> impl Future<Output = ()> + Send + use<> {
        let working = self.activity.begin();
        let queue = self.queue.clone();
        let engine = self.engine.clone();
        async move {
            let answer = AssertUnwindSafe(engine.perform(request)).catch_unwind().await;
            let answer = answer.unwrap_or_else(|_| Err(panicked()));
            let _ = queue.send(Queued { event: Event::Answered(ticket, Box::new(answer)), working: Some(working) });
        }
    }

    /// Examines what may stand in the way; the diagnosis arrives as [`Event::Answered`]. `size`: of the terminal.
    pub fn examine(&self, ticket: Ticket, size: Size) {
        let working = self.activity.begin();
        let queue = self.queue.clone();
        let engine = self.engine.clone();
        let terminal = Terminal { is_terminal: true, size: Some((size.width, size.height)) };
        let problems = self.problems.clone();
        tokio::spawn(async move {
            let examined = async {
                let patient = Patient::of(&engine, terminal, problems).await;
                Answer::Diagnosis(Box::new(doctor::examine(&patient, |_| {}).await))
            };
            let answer = AssertUnwindSafe(examined).catch_unwind().await.map_err(|_| panicked());
            let _ = queue.send(Queued { event: Event::Answered(ticket, Box::new(answer)), working: Some(working) });
        });
    }

    /// Runs work off the loop that ends in a sentence for the status line.
    pub fn tell<F>(&self, work: F)
    where
        F: Future<Output = String> + Send + 'static,
    {
        let working = self.activity.begin();
        let queue = self.queue.clone();
        tokio::spawn(async move {
            let told = AssertUnwindSafe(work).catch_unwind().await;
            let told = told.unwrap_or_else(|_| "That did not work because of a mistake of ours.".to_owned());
            let _ = queue.send(Queued { event: Event::Told(told), working: Some(working) });
        });
    }
}

fn panicked() -> Report {
    Report::new(Kind::Failure, "panic", "This could not be done because of a mistake of ours.")
        .because("A part of the program stopped while it worked on it.")
        .next("Try again. If it comes back, please report it with the file crash.txt of the state folder.")
}
