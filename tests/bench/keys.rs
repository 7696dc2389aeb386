//! From a key to the finished frame in a list of a hundred thousand messages, and what the frame says to the terminal.
//!
//! The whole program runs in this process, offline, on a screen whose bytes are counted. The floor is a plain list moved by the same
//! key and written by the library alone.

use crate::floor::PlainList;
use crate::house::{self, Home, Program};
use crate::measure::{amount, line, median, percentile, ratio, time};
use deskbell::app::canvas::{Canvas, Render};
use deskbell::app::keys;
use deskbell::app::running::Running;
use deskbell::app::screen::Screen;
use deskbell::domain::input::Key;
use deskbell::state::event::Event;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Rect, Size};
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::Cell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

const MESSAGES: usize = 100_000;
const PRESSES: usize = 400;
const FLOOD: usize = 300;
const SIZE: Size = Size { width: 120, height: 40 };

/// Runs all of it.
pub fn run() {
    let runtime = house::runtime();
    let home = Home::filled(&runtime, MESSAGES);
    runtime.block_on(async {
        let program = Program::open(&home, None).await;
        let bytes = Counter::default();
        let (mut running, engine, _) = program.on(CountedScreen::new(bytes.clone()));
        engine.start();
        running.settle().await.expect("the screen can be drawn on");
        for (name, motion, target) in [("j", "j", Some(1.3)), ("page down", "PageDown", Some(2.0))] {
            running.press("2 g g").await.expect("the list is there");
            let ours = presses(&mut running, &[motion], &bytes).await;
            ours.tell(name, &plain_presses(if motion == "j" { 1 } else { 30 }), target);
        }
        running.press("2 g g").await.expect("the list is there");
        let ours = presses(&mut running, &["End", "Home"], &bytes).await;
        // A jump draws a screenful anew, as a page does.
        let floor = plain_presses(30);
        ours.tell("End and Home", &floor, Some(2.0));
        let (ninety, floor) = (percentile(&ours.times, 95), percentile(&floor.times, 95));
        ratio("End and Home: event to frame, 95th", ninety, floor, Some(2.0));
        running.press("G").await.expect("the end is there");
        presses(&mut running, &["k"], &bytes).await.tell("k at the oldest of 100 000", &plain_presses(1), Some(1.3));
        flood(&mut running, &bytes).await;
        engine.close().await;
    });
}

/// Times and bytes of many presses, sorted each for itself.
struct Presses {
    times: Vec<Duration>,
    bytes: Vec<usize>,
}

impl Presses {
    fn of(mut all: Vec<(Duration, usize)>) -> Self {
        all.sort();
        let times = all.iter().map(|(time, _)| *time).collect();
        let mut bytes: Vec<usize> = all.into_iter().map(|(_, bytes)| bytes).collect();
        bytes.sort_unstable();
        Self { times, bytes }
    }

    fn tell(&self, name: &str, floor: &Self, target: Option<f64>) {
        ratio(&format!("{name}: event to frame, median"), median(&self.times), median(&floor.times), target);
        let tail = percentile(&self.times, 99).as_secs_f64() / median(&self.times).as_secs_f64();
        let ninety = |bytes: &[usize]| bytes[bytes.len() * 9 / 10] as f64;
        let middle = |bytes: &[usize]| bytes[bytes.len() / 2] as f64;
        line(&format!("  {:<42} {tail:>10.2}", format!("{name}: 99th percentile over median")));
        amount(&format!("{name}: bytes, median"), middle(&self.bytes), "B", Some(middle(&floor.bytes)), None);
        amount(&format!("{name}: bytes, 90th percentile"), ninety(&self.bytes), "B", Some(ninety(&floor.bytes)), None);
    }
}

/// Presses these keys in turn.
async fn presses(running: &mut Running<CountedScreen>, scripts: &[&str], bytes: &Counter) -> Presses {
    let keys: Vec<Key> = scripts.iter().map(|script| key(script)).collect();
    let mut all = Vec::with_capacity(PRESSES);
    for at in 0..PRESSES {
        bytes.0.set(0);
        let key = keys[at % keys.len()];
        let took = time(|| {
            running.handle(Event::Key(key)).expect("the key is handled");
            running.draw_if_needed().expect("the screen can be drawn on");
        });
        all.push((took, bytes.0.get()));
        running.settle().await.expect("the screen can be drawn on");
    }
    Presses::of(all)
}

/// A held key whose presses all wait when the loop comes round.
async fn flood(running: &mut Running<CountedScreen>, bytes: &Counter) {
    running.press("g g").await.expect("the list is there");
    let key = key("j");
    bytes.0.set(0);
    let took = time(|| {
        for _ in 0..FLOOD {
            running.handle(Event::Key(key)).expect("the key is handled");
        }
        running.draw_if_needed().expect("the screen can be drawn on");
    });
    amount("300 keys at once, to the frame", took.as_secs_f64() * 1e3, "ms", None, Some(25.0));
    amount("300 keys at once, bytes", bytes.0.get() as f64, "B", None, None);
    running.settle().await.expect("the screen can be drawn on");
}

fn plain_presses(steps: isize) -> Presses {
    let bytes = Counter::default();
    let options = TerminalOptions { viewport: Viewport::Fixed(Rect::from((ratatui::layout::Position::ORIGIN, SIZE))) };
    let mut terminal =
        Terminal::with_options(CrosstermBackend::new(bytes.clone()), options).expect("a terminal in memory");
    let mut list = PlainList::default();
    terminal.draw(|frame| list.draw(frame)).expect("a frame");
    let mut press = || {
        bytes.0.set(0);
        let took = time(|| {
            list.step(steps, usize::from(SIZE.height));
            terminal.draw(|frame| list.draw(frame)).expect("a frame");
        });
        (took, bytes.0.get())
    };
    // Presses within a screenful, as most are: a list that scrolls line by line would write everything each time.
    let all = (0..PRESSES).map(|_| press()).take(if steps == 1 { 38 } else { PRESSES });
    Presses::of(all.collect())
}

fn key(script: &str) -> Key {
    keys::parse(script).expect("a key")[0]
}

/// Counts what is written.
#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The program's own way to the terminal, ending in a counter.
struct CountedScreen(Canvas<Counter>);

impl CountedScreen {
    fn new(bytes: Counter) -> Self {
        Self(Canvas::new(bytes, SIZE))
    }
}

impl Screen for CountedScreen {
    fn size(&self) -> io::Result<Size> {
        Ok(SIZE)
    }

    fn draw(&mut self, render: &mut Render<'_>) -> io::Result<()> {
        self.0.draw(render)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.0.clear(SIZE);
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn lend(&mut self, run: &mut dyn FnMut()) -> io::Result<()> {
        run();
        Ok(())
    }

    fn set_mouse(&mut self, _on: bool) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, _text: &str) -> String {
        String::new()
    }
}
