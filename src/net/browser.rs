//! Starting the person's browser, where there is one.
//!
//! Must stay true: only parsed https and http addresses are handed over; nothing is started without a display (a text
//! browser would draw into our screen); nothing waits for the browser. "Started" is not "opened": whoever calls this
//! shows the address as well.

use crate::base::environment::Environment;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use url::Url;

/// Where a browser started here would show itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Display {
    /// On this computer, before the person.
    Here,
    /// The terminal is remote (ssh): a browser here could not be seen, or would be on the wrong computer.
    Remote,
    /// There is no display at all.
    Absent,
}

impl Display {
    /// What the environment says.
    #[must_use]
    pub fn of(environment: &Environment) -> Self {
        if environment.is_ssh() {
            Self::Remote
        } else if environment.has_display() {
            Self::Here
        } else {
            Self::Absent
        }
    }
}

/// Opens addresses for the person.
pub trait Browser: Send + Sync {
    /// Tries to open `address`; true when a browser was started. Waits for its start at most, never for its end.
    fn open(&self, address: &Url) -> BoxFuture<'static, bool>;
}

/// The system's browser; opens only where `display` is here.
#[derive(Clone, Copy, Debug)]
pub struct SystemBrowser {
    display: Display,
}

impl SystemBrowser {
    /// The system's browser for a session with this display.
    #[must_use]
    pub const fn new(display: Display) -> Self {
        Self { display }
    }
}

impl Browser for SystemBrowser {
    fn open(&self, address: &Url) -> BoxFuture<'static, bool> {
        if self.display != Display::Here || !is_web(address) {
            return ready(false).boxed();
        }
        let address = address.to_string();
        // Each launcher is watched for a quarter of a second; that is no wait for the thread that drives the program.
        let start = tokio::task::spawn_blocking(move || match open::that_detached(&address) {
            Ok(()) => true,
            Err(error) => {
                tracing::info!(kind = ?error.kind(), "no browser could be started");
                false
            }
        });
        start.map(|started| started.unwrap_or(false)).boxed()
    }
}

/// A browser that is never there: for `--no-open` and for tests.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBrowser;

impl Browser for NoBrowser {
    fn open(&self, _address: &Url) -> BoxFuture<'static, bool> {
        ready(false).boxed()
    }
}

/// Whether a browser may be sent there at all.
#[must_use]
pub fn is_web(address: &Url) -> bool {
    matches!(address.scheme(), "https" | "http") && address.has_host()
}
