//! Panics on purpose, in debug builds only, so that a test can see what one leaves behind.
//!
//! With `DESKBELL_PROVOKE=panic-ui` F12 panics in the loop, with `panic-task` in a task beside it. Release builds do not hold this file.

use crate::base::environment::Environment;
use crate::domain::input::{Key, KeyCode};
use crate::state::event::Event;
use futures_util::{Stream, StreamExt};

/// `input`, with F12 as the environment says.
pub fn provoking(
    input: impl Stream<Item = Event> + Unpin,
    environment: &Environment,
) -> impl Stream<Item = Event> + Unpin {
    let wish = environment.get("DESKBELL_PROVOKE").unwrap_or_default().to_owned();
    input.inspect(move |event| {
        if !matches!(event, Event::Key(key) if *key == Key::plain(KeyCode::F(12))) {
            return;
        }
        match wish.as_str() {
            "panic-ui" => panic!("provoked in the loop"),
            "panic-task" => drop(tokio::spawn(async { panic!("provoked in a task") })),
            _ => {}
        }
    })
}
