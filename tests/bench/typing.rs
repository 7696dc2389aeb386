//! A search as it is typed, on the whole program in this process: from a key to the hits on the screen, over a hundred thousand
//! messages.
//!
//! The floor is FTS5 itself asked for the newest sixty of one common word, on a connection of its own.

use crate::house::{self, Home, Program};
use crate::measure::{amount, line, median, percentile, ratio, times};
use crate::start;
use deskbell::app::running::Running;
use deskbell::app::screen::BufferScreen;
use deskbell::base::clock::Clock;
use deskbell::domain::input::{Key, KeyCode};
use deskbell::engine::SystemClock;
use deskbell::engine::index::bring_up_to_date;
use deskbell::state::event::Event;
use std::task::Poll;
use std::time::Duration;

/// A key is answered within a frame.
const KEY: Duration = Duration::from_millis(16);
/// What is typed, letter by letter: common words, their long beginnings, several words, a phrase, a part of a name.
const TYPED: [&str; 5] =
    ["correction survived", "nightly failed", "\"open points\"", "from:olga", "subject:roadmap is:unread"];
const RUNS: usize = 9;

/// Runs all of it.
pub fn run() {
    let messages = if crate::is_quick() { 10_000 } else { 100_000 };
    let runtime = house::runtime();
    let home = Home::filled(&runtime, messages);
    let rare = start::newest_subject(&home.cache());
    runtime.block_on(async {
        let db =
            deskbell::db::Db::open(&home.cache(), &deskbell::base::activity::Activity::default()).expect("a cache").db;
        bring_up_to_date(&db, usize::MAX).await.expect("indexed");
    });
    let plain = rusqlite::Connection::open(home.cache()).expect("the file");
    let floor = median(&times(RUNS, || plain_find(&plain)));
    runtime.block_on(async {
        let program = Program::open(&home, None).await;
        let (mut running, engine, _) = program.on(BufferScreen::new(120, 40));
        engine.start();
        running.press("2").await.expect("the list is there");
        let mut keys = Vec::new();
        let mut whole = Vec::new();
        let mut slowest = (Duration::ZERO, String::new(), ' ');
        for text in TYPED {
            running.press("/").await.expect("the line is there");
            for letter in text.chars() {
                let key = Key::plain(KeyCode::Char(letter));
                let (first, settled) = answer(&mut running, key).await;
                keys.push(first);
                whole.push(settled);
                slowest = slowest.max((first, text.to_owned(), letter));
            }
            running.press("Esc Esc").await.expect("the list is back");
        }
        keys.sort();
        whole.sort();
        ratio("a key of a search to its first new frame, median", median(&keys), KEY, Some(1.0));
        ratio("  95th percentile", percentile(&keys, 95), KEY, Some(1.0));
        ratio("  slowest", percentile(&keys, 100), KEY, Some(1.0));
        line(&format!("    it was {} in {}", slowest.2, slowest.1));
        ratio("a key of a search to all of its hits, median", median(&whole), KEY, None);
        ratio("  slowest", percentile(&whole, 100), KEY, None);
        let mut entered = Vec::new();
        for _ in 0..RUNS {
            running.press("/").await.expect("the line is there");
            let words = format!("subject:\"{rare}\"");
            running.handle(Event::Paste(words)).expect("pasted");
            let enter = Key::plain(KeyCode::Enter);
            entered.push(answer(&mut running, enter).await.1);
            running.press("Esc Esc").await.expect("the list is back");
        }
        entered.sort();
        ratio("a rare subject, Enter to painted hits", median(&entered), floor, None);
        amount("  the same", median(&entered).as_secs_f64() * 1e3, "ms", None, Some(10.0));
        engine.close().await;
    });
}

/// From a key to the first frame with an answer, and until everything is there.
async fn answer(running: &mut Running<BufferScreen>, key: Key) -> (Duration, Duration) {
    let began = crate::measure::now();
    running.handle(Event::Key(key)).expect("the key is handled");
    running.draw_if_needed().expect("drawn");
    let frames = running.screen().frames;
    let mut first = None;
    loop {
        // One look at what there is; then whether that was a new frame.
        let is_idle = {
            let mut settled = std::pin::pin!(running.settle());
            std::future::poll_fn(|context| Poll::Ready(settled.as_mut().poll(context).is_ready())).await
        };
        if first.is_none() && running.screen().frames > frames {
            first = Some(began.elapsed());
        }
        if is_idle {
            let all = began.elapsed();
            return (first.unwrap_or(all), all);
        }
        SystemClock.sleep(Duration::from_micros(200)).await;
    }
}

fn plain_find(connection: &rusqlite::Connection) {
    let mut statement = connection
        .prepare_cached("SELECT rowid FROM mail_words WHERE mail_words MATCH 'correction' ORDER BY rowid DESC LIMIT 60")
        .expect("a statement");
    let rows = statement.query_map([], |row| row.get::<_, i64>(0)).expect("rows");
    std::hint::black_box(rows.collect::<Result<Vec<_>, _>>().expect("rows"));
}
