//! The first frame with mail on it, from a cache of a thousand and of a hundred thousand messages, in this process.
//!
//! The floor is what nobody can leave out: a screen of a plain list, and SQLite opening the file and reading the newest rows.
//! What the whole program needs in a terminal, its own start included, is in `terminal`.

use crate::floor::PlainList;
use crate::house::{self, Home, Program};
use crate::measure::{median, now, ratio, times};
use deskbell::app::screen::BufferScreen;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;
use tokio::runtime::Runtime;

const RUNS: usize = 15;
/// No cache may take longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs all of it.
pub fn run() {
    let runtime = house::runtime();
    let medians = [1_000, 100_000].map(|messages| {
        let home = Home::filled(&runtime, messages);
        let subject = newest_subject(&home.cache());
        let mut ours: Vec<Duration> = (0..RUNS).map(|_| first_frame(&runtime, &home, &subject)).collect();
        ours.sort();
        let floor = screen_floor() + cache_floor(&home.cache());
        ratio(&format!("first frame with mail, {messages} messages"), median(&ours), floor, None);
        median(&ours)
    });
    ratio("the same, 100 000 against 1 000", medians[1], medians[0], Some(1.1));
}

/// From nothing to a frame on which the newest message can be read.
fn first_frame(runtime: &Runtime, home: &Home, subject: &str) -> Duration {
    let start = now();
    runtime.block_on(async {
        let program = Program::open(home, None).await;
        let (mut running, engine, _) = program.on(BufferScreen::new(120, 40));
        running.first_frame(PATIENCE).await.expect("the screen can be drawn on");
        let took = start.elapsed();
        let shown = running.screen().buffer().content().iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
        assert!(shown.contains(subject), "the newest message is not on the screen");
        engine.close().await;
        took
    })
}

/// What a plain list costs to draw for the first time.
pub fn screen_floor() -> Duration {
    let list = PlainList::default();
    let times = times(RUNS, || {
        let Ok(mut terminal) = Terminal::new(TestBackend::new(120, 40));
        let Ok(_) = terminal.draw(|frame| list.draw(frame));
    });
    median(&times)
}

/// What SQLite needs to open the file and read a page of the newest rows.
pub fn cache_floor(cache: &Path) -> Duration {
    let times = times(RUNS, || {
        let rows = newest(cache, 60);
        assert!(rows.len() > 50, "the cache is filled");
    });
    median(&times)
}

/// The beginning of the newest message's subject, as short as any list shows it.
pub fn newest_subject(cache: &Path) -> String {
    newest(cache, 1).remove(0).chars().take(12).collect::<String>().trim_end().to_owned()
}

/// The subjects of the newest rows.
pub fn newest(cache: &Path, count: u32) -> Vec<String> {
    let connection = Connection::open_with_flags(cache, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the cache");
    let inbox: i64 = connection
        .query_row("SELECT row FROM folders WHERE role = 'inbox'", [], |row| row.get(0))
        .expect("the cache has an inbox");
    let mut statement = connection
        .prepare("SELECT subject FROM messages WHERE folder = ?1 ORDER BY received DESC, row DESC LIMIT ?2")
        .expect("a statement");
    let rows = statement.query_map(rusqlite::params![inbox, count], |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("subjects")
}
