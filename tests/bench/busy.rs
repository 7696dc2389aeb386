//! What a person at the keyboard feels while a mailbox is fetched, and while many changes arrive at once.
//!
//! The whole program runs in this process against the simulated tenant. The floor of keys is the same program when nothing happens;
//! that of a frame is the rate at which a screen is shown.

use crate::house::{self, Home, Program};
use crate::measure::{amount, median, now, percentile, ratio, time};
use deskbell::app::running::Running;
use deskbell::app::screen::BufferScreen;
use deskbell::base::clock::Clock;
use deskbell::domain::input::{Key, KeyCode};
use deskbell::engine::SystemClock;
use deskbell::sim::tenant::Tenant;
use deskbell::state::event::Event;
use serde_json::{Value, json};
use std::time::Duration;

/// Between two keys: faster than a held key repeats.
const GAP: Duration = Duration::from_millis(10);
const FRAME: Duration = Duration::from_millis(16);
const IDLE_PRESSES: usize = 200;
/// So many looks in a row that find nothing under way are the end of it.
const IDLE_LOOKS: usize = 20;

/// Runs all of it.
pub fn run() {
    // An app may ask a mailbox ten thousand times in ten minutes, and the other client is the same app: one that marks more is refused.
    let (messages, changes) = if crate::is_quick() { (3_000, 1_000) } else { (30_000, 8_000) };
    let runtime = house::runtime();
    // The tenant has threads of its own, so that its work is not ours.
    let service = house::runtime();
    let tenant = service.block_on(house::tenant(messages));
    let folder = tempfile::tempdir().expect("a folder");
    let home = Home::of(folder.path(), &tenant);
    runtime.block_on(async {
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
        change(&tenant, changes).await;
        engine.sync_now();
        let (during, longest, presses) = fetched(&mut running).await;
        amount(&format!("keys while a round of {changes} changes lands"), presses as f64, "", None, None);
        ratio("  a key, 95th percentile", percentile(&during, 95), percentile(&idle, 95), Some(2.0));
        ratio("  the longest update and frame", longest, FRAME, Some(1.0));
        engine.close().await;
    });
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

/// Another client marks the newest messages.
async fn change(tenant: &Tenant, count: usize) {
    let token = tenant.script().token("lena", "").expect("a token");
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let base = format!("{}/v1.0/me", tenant.graph());
    let mut next = Some(format!("{base}/mailFolders/inbox/messages?$select=id,isRead&$top=500"));
    let mut left = count;
    while let Some(address) = next.take().filter(|_| left > 0) {
        let page: Value =
            client.get(address).bearer_auth(&token).send().await.expect("an answer").json().await.expect("json");
        let rows = page["value"].as_array().cloned().unwrap_or_default();
        for row in rows.iter().take(left) {
            let id = row["id"].as_str().unwrap_or_default().replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
            let patch = json!({"isRead": row["isRead"] != true});
            let request = client.patch(format!("{base}/messages/{id}")).bearer_auth(&token).json(&patch);
            assert!(request.send().await.expect("an answer").status().is_success(), "it is marked");
        }
        left -= rows.len().min(left);
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
}
