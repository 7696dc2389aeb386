//! What a person at the keyboard feels while a mailbox is fetched, while many changes arrive at once, and while many of their own go out.
//!
//! The whole program runs in this process against the simulated tenant. The floor of keys is the same program when nothing happens;
//! that of a frame is the rate at which a screen is shown.

use crate::house::{self, Home, Program};
use crate::measure::{amount, median, now, percentile, ratio, time};
use deskbell::app::running::Running;
use deskbell::app::screen::BufferScreen;
use deskbell::base::clock::Clock;
use deskbell::base::paths::Places;
use deskbell::domain::input::{Key, KeyCode};
use deskbell::engine::SystemClock;
use deskbell::sim::graph::mail::Mailbox;
use deskbell::state::event::Event;
use std::time::Duration;
use tokio::runtime::Runtime;

/// Between two keys: faster than a held key repeats.
const GAP: Duration = Duration::from_millis(10);
const FRAME: Duration = Duration::from_millis(16);
/// Whose mailbox it is.
const LENA: usize = 0;
const IDLE_PRESSES: usize = 200;
/// What is asked for at the sign-in where something shall be changed.
const WRITES: &str = "[profile.default]\ntiers = [\"calendar\", \"mail\", \"write\"]\n";
/// So many looks in a row that find nothing under way are the end of it.
const IDLE_LOOKS: usize = 20;

/// Runs all of it.
pub fn run() {
    let (messages, changes) = if crate::is_quick() { (3_000, 1_000) } else { (30_000, 10_000) };
    let runtime = house::runtime();
    // The tenant has threads of its own, so that its work is not ours.
    let service = house::runtime();
    let tenant = service.block_on(house::tenant(messages));
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::of(folder.path(), &tenant);
    let idle = runtime.block_on(async {
        let program = Program::signing_in(&home, &tenant).await;
        let (mut running, engine, _) = program.on(BufferScreen::new(120, 40));
        engine.start();
        let (during, longest, presses) = fetched(&mut running).await;
        amount("keys while everything is fetched", presses as f64, "", None, None);
        let mut idle = Vec::with_capacity(IDLE_PRESSES);
        for at in 0..IDLE_PRESSES {
            idle.push(press(&mut running, at));
            running.settle().await.expect("the screen can be drawn on");
            // In the same rhythm: a key pressed at once finds everything of the last one still at hand in the processor.
            SystemClock.sleep(GAP).await;
        }
        idle.sort();
        ratio("  a key, 95th percentile", percentile(&during, 95), percentile(&idle, 95), Some(2.0));
        ratio("  a key, median", median(&during), median(&idle), None);
        ratio("  the longest update and frame", longest, FRAME, Some(1.0));
        let turn = |mailbox: &mut Mailbox| mailbox.turn_newest(changes);
        tenant.script().world(|world| world.mail.get_mut(LENA).map(turn)).expect("she has mail");
        engine.sync_now();
        let (during, longest, presses) = fetched(&mut running).await;
        amount(&format!("keys while a round of {changes} changes lands"), presses as f64, "", None, None);
        ratio("  a key, 95th percentile", percentile(&during, 95), percentile(&idle, 95), Some(2.0));
        ratio("  the longest update and frame", longest, FRAME, Some(1.0));
        engine.close().await;
        idle
    });
    own_changes(&runtime, &service, &idle);
}

/// A whole folder is flagged.
fn own_changes(runtime: &Runtime, service: &Runtime, idle: &[Duration]) {
    // An app may ask a mailbox ten thousand times in ten minutes, fetching included; more would only wait.
    let messages = if crate::is_quick() { 1_000 } else { 8_500 };
    let tenant = service.block_on(house::tenant(messages));
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::of(folder.path(), &tenant);
    let places = Places::under(folder.path());
    places.create().expect("the places can be made");
    std::fs::write(places.config.join("config.toml"), WRITES).expect("the configuration can be written");
    runtime.block_on(async {
        let program = Program::signing_in(&home, &tenant).await;
        let (mut running, engine, _) = program.on(BufferScreen::new(120, 40));
        engine.start();
        fetched(&mut running).await;
        running.press("2 V F").await.expect("it is asked");
        let began = now();
        running.handle(Event::Key(Key::plain(KeyCode::Char('y')))).expect("all are flagged");
        let (during, longest, presses) = fetched(&mut running).await;
        amount(&format!("keys while {messages} changes of our own go out"), presses as f64, "", None, None);
        amount("  all of them, after", began.elapsed().as_secs_f64(), "s", None, None);
        ratio("  a key, 95th percentile", percentile(&during, 95), percentile(idle, 95), Some(2.0));
        ratio("  the longest update and frame", longest, FRAME, Some(1.0));
        engine.close().await;
    });
    let flags = |mailbox: &Mailbox| mailbox.rows.iter().filter(|row| row.flag.wire() == "flagged").count();
    let flagged = tenant.script().world(|world| world.mail.get(LENA).map(flags)).expect("she has mail");
    amount("  flagged with the service", flagged as f64, "", Some(messages as f64), None);
}

/// Presses keys until everything has been fetched: their sorted times, the longest time the loop was away, and how many keys.
async fn fetched(running: &mut Running<BufferScreen>) -> (Vec<Duration>, Duration, usize) {
    let (mut times, mut longest) = (Vec::new(), Duration::ZERO);
    let mut idle = 0;
    for at in 0.. {
        let is_idle = {
            let mut settled = std::pin::pin!(running.settle());
            let polls = std::future::poll_fn(|context| {
                let began = now();
                let polled = settled.as_mut().poll(context);
                longest = longest.max(began.elapsed());
                polled
            });
            tokio::select! {
                biased;
                () = SystemClock.sleep(GAP) => false,
                ended = polls => {
                    ended.expect("the screen can be drawn on");
                    true
                }
            }
        };
        times.push(press(running, at));
        // Between two rounds nothing may be under way for a moment.
        idle = if is_idle { idle + 1 } else { 0 };
        if idle == IDLE_LOOKS {
            break;
        }
        if is_idle {
            SystemClock.sleep(GAP).await;
        }
    }
    let presses = times.len();
    times.sort();
    (times, longest, presses)
}

fn press(running: &mut Running<BufferScreen>, at: usize) -> Duration {
    // Down a screenful and up again, and a page now and then; first of all to the mail.
    let code = match at % 60 {
        0 => KeyCode::Char('2'),
        59 => KeyCode::PageDown,
        step if step < 30 => KeyCode::Char('j'),
        _ => KeyCode::Char('k'),
    };
    time(|| {
        running.handle(Event::Key(Key::plain(code))).expect("the key is handled");
        running.draw_if_needed().expect("the screen can be drawn on");
    })
}
