//! What happens when something panics.
//!
//! On the loop's own thread the terminal is given back first, then a file is written, then we speak. On any other thread the
//! program goes on: the panic is logged, written to a file, and shown as a card. The file holds place, message and version:
//! nothing that was read from the network or typed.

use crate::base::log::redact;
use crate::base::paths::write_private;
use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::ThreadId;

/// Hears of panics outside the loop.
pub type Listener = Arc<dyn Fn(Report) + Send + Sync>;

/// Installs the hook. Call it on the thread that runs the loop. `folder` is where the file is written, if one is wished.
pub fn install(folder: Option<PathBuf>, listener: Listener) {
    let loop_thread = std::thread::current().id();
    std::panic::set_hook(Box::new(move |panic| on_panic(panic, loop_thread, folder.as_deref(), &listener)));
}

fn on_panic(panic: &std::panic::PanicHookInfo<'_>, loop_thread: ThreadId, folder: Option<&Path>, listener: &Listener) {
    let place = panic.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let message = panic
        .payload()
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.payload().downcast_ref::<String>().cloned())
        .unwrap_or_default();
    // A message of ours may quote what it stumbled over.
    let message: String = redact(&tame(&message)).chars().take(300).collect();
    let file = folder.and_then(|folder| write_crash_file(folder, &place, &message));
    let told = file.as_ref().map_or_else(String::new, |path| path.display().to_string());
    tracing::error!(place, message, "panic");
    if std::thread::current().id() == loop_thread {
        crate::app::terminal::give_back();
        speak(&place, &message, &told);
    } else {
        let report = Report::new(Kind::Failure, "panic", "A part of deskbell stopped because of a mistake of ours.")
            .because(format!("At {place}: {message}"))
            .next("Go on working; nothing you see is lost.")
            .next("If it comes back, please report it with what is written here.");
        listener(if told.is_empty() { report } else { report.detail("file", told) });
    }
}

/// Says on the terminal that was just given back what happened. That nobody may be there to read it is no second panic.
fn speak(place: &str, message: &str, file: &str) {
    let mut text = format!(
        "deskbell stopped because of a mistake of ours: {message} ({place}).\n\
         Your mail and calendar are safe: what you saw is in the cache, and nothing was half written.\n"
    );
    if !file.is_empty() {
        text.push_str(&format!("Please report it with this file, which holds no mail and no token: {file}\n"));
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn write_crash_file(folder: &Path, place: &str, message: &str) -> Option<PathBuf> {
    let path = folder.join("crash.txt");
    let text = format!(
        "deskbell {}\nsystem {} {}\nplace {place}\nmessage {message}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH
    );
    write_private(&path, text.as_bytes()).ok().map(|()| path)
}
