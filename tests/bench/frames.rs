//! How long a frame of each view takes, beside a plain list that fills the same screen.
//!
//! The store is that of a signed-in program with everything fetched; drawing it is all that is measured.

use crate::floor::PlainList;
use crate::house::{self, Home, Program};
use crate::measure::{median, ratio, times};
use deskbell::app::running::Running;
use deskbell::app::screen::BufferScreen;
use deskbell::base::clock::Clock;
use deskbell::domain::time::instant;
use deskbell::engine::SystemClock;
use deskbell::state::Context;
use deskbell::view::{self, Look};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::Duration;

const RUNS: usize = 300;
const MESSAGES: usize = 300;

/// The views, and the keys that lead to each from the one before.
const VIEWS: [(&str, &str); 10] = [
    ("home", "1"),
    ("mail", "2 j"),
    ("calendar, a day", "3 z d"),
    ("calendar, a week", "z w"),
    ("calendar, agenda", "z a"),
    ("person card", "2 p"),
    ("find time with a message's people", "Esc b"),
    ("away board", "6"),
    ("palette", ":"),
    ("help", "Esc ?"),
];

/// Runs all of it.
pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    house::runtime().block_on(async {
        let tenant = house::tenant(MESSAGES).await;
        let home = Home::of(folder.path(), &tenant);
        let program = Program::open(&home, Some(&tenant)).await;
        let zone = program.zone();
        let (mut running, engine, look) = program.on(BufferScreen::new(120, 40));
        running.settle().await.expect("the screen can be drawn on");
        let floor = plain();
        for (name, keys) in VIEWS {
            running.press(keys).await.expect("the view is there");
            let context = Context { now: instant(SystemClock.now()), zone: &zone };
            ratio(name, frame(&running, &look, &context), floor, None);
        }
        engine.close().await;
    });
}

fn frame(running: &Running<BufferScreen>, look: &Look, context: &Context<'_>) -> Duration {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 40));
    let times = times(RUNS, || {
        let Ok(_) = terminal.draw(|frame| drop(view::paint(running.store(), look, context, frame.buffer_mut())));
    });
    median(&times)
}

/// The same screen filled with rows of a list by the library alone.
fn plain() -> Duration {
    let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 40));
    let list = PlainList::default();
    let times = times(RUNS, || {
        let Ok(_) = terminal.draw(|frame| list.draw(frame));
    });
    median(&times)
}
