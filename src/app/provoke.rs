//! Panics on purpose, in debug builds only, so that a test can see what one leaves behind.
//!
//! With `DESKBELL_PROVOKE=panic-ui` F12 panics in the loop, with `panic-secret` over a message that quotes secrets, with `panic-task` in
//! a task beside it. Release builds do not hold this file.

use crate::app::input::Input;
use crate::base::environment::Environment;
use crate::domain::input::{Key, KeyCode};
use crate::state::event::Event;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Another input, with F12 as the environment says.
pub struct Provoking<I> {
    input: I,
    wish: String,
}

impl<I> Provoking<I> {
    /// `input`, provoked.
    pub fn new(input: I, environment: &Environment) -> Self {
        Self { input, wish: environment.get("DESKBELL_PROVOKE").unwrap_or_default().to_owned() }
    }
}

impl<I: Input> Input for Provoking<I> {
    fn bell(&self) -> Waker {
        self.input.bell()
    }

    fn next(&mut self, context: &mut Context<'_>) -> Poll<Option<Event>> {
        let said = self.input.next(context);
        if matches!(&said, Poll::Ready(Some(Event::Key(key))) if *key == Key::plain(KeyCode::F(12))) {
            match self.wish.as_str() {
                "panic-ui" => panic!("provoked in the loop"),
                "panic-secret" => panic!("provoked over refresh_token=planted.0.AXoA-secret and Bearer planted-too"),
                "panic-task" => drop(tokio::spawn(async { panic!("provoked in a task") })),
                _ => {}
            }
        }
        said
    }

    fn wait(&mut self, time: Duration) {
        self.input.wait(time);
    }

    fn pause(&mut self) {
        self.input.pause();
    }

    fn resume(&mut self) {
        self.input.resume();
    }
}
