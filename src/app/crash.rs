//! What happens when something panics.
//!
//! On the loop's own thread the terminal is given back first, then a file is written, then we speak. On any other thread the
//! program goes on: the panic is logged, written to a file, and shown as a card. The file holds place, message and version:
//! nothing that was read from the network or typed.

use crate::base::paths::{Places, write_private};
use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread::ThreadId;

/// Hears of panics outside the loop.
pub type Listener = Arc<dyn Fn(Report) + Send + Sync>;

/// Installs the hook. Call it on the thread that runs the loop.
pub fn install(places: &Places, listener: Listener) {
    let loop_thread = std::thread::current().id();
    let folder = places.state.clone();
    std::panic::set_hook(Box::new(move |panic| on_panic(panic, loop_thread, &folder, &listener)));
}

fn on_panic(
    panic: &std::panic::PanicHookInfo<'_>,
    loop_thread: ThreadId,
    folder: &std::path::Path,
    listener: &Listener,
) {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let message = panic
        .payload()
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.payload().downcast_ref::<String>().cloned())
        .unwrap_or_default();
    let message: String = tame(&message).chars().take(300).collect();
    let file = write_crash_file(folder, &place, &message);
    let told = file.as_ref().map_or_else(String::new, |path| path.display().to_string());
    tracing::error!(place, message, "panic");
    if std::thread::current().id() == loop_thread {
        crate::app::terminal::give_back();
        speak(&place, &message, &told);
    } else {
        listener(
            Report::new(Kind::Failure, "panic", "A part of deskbell stopped because of a mistake of ours.")
                .because(format!("At {place}: {message}"))
                .next("Go on working; nothing you see is lost.")
                .next("Press F5 to fetch again. If it comes back, please report it with the file below.")
                .detail("file", told),
        );
    }
}

#[expect(clippy::print_stderr, reason = "the terminal was just given back; there is no screen left to draw on")]
fn speak(place: &str, message: &str, file: &str) {
    eprintln!("deskbell stopped because of a mistake of ours: {message} ({place}).");
    eprintln!("Your mail and calendar are safe: what you saw is in the cache, and nothing was half written.");
    if !file.is_empty() {
        eprintln!("Please report it with this file, which holds no mail and no token: {file}");
    }
}

fn write_crash_file(folder: &std::path::Path, place: &str, message: &str) -> Option<PathBuf> {
    let path = folder.join("crash.txt");
    let text = format!(
        "deskbell {}\nsystem {} {}\nplace {place}\nmessage {message}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    write_private(&path, text.as_bytes()).ok().map(|()| path)
}
