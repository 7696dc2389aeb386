//! What is remembered of earlier sign-ins of a profile: that codes are blocked, and how the last ones failed.
//!
//! A small file in the state folder. Must stay true: it holds no name, no address and no secret; losing it loses nothing but an
//! advice; what cannot be read counts as nothing remembered, what cannot be written is remembered until the program ends.

use super::errors::AuthError;
use crate::base::paths::{read_private, write_private};
use crate::domain::login::LoginMethod;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

/// So many sign-ins in a row make a loop.
const LOOP: usize = 2;
/// Failures further apart are not in a row.
const ROW: Duration = Duration::from_hours(24);
/// A block is believed for so long; policies change.
const BLOCK: Duration = Duration::from_hours(24 * 30);

/// How a sign-in came to nothing in a way that repeats itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Consent was missing.
    Consent,
    /// Nobody came back until the time was over.
    Silence,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Notes {
    code_blocked: Option<u64>,
    troubles: Vec<(Trouble, u64)>,
}

/// The memory of one profile.
#[derive(Debug)]
pub struct Remembered {
    file: Option<PathBuf>,
    notes: Mutex<Option<Notes>>,
}

impl Remembered {
    /// The memory in `file`; nothing is read yet. Without a file it ends with the program.
    #[must_use]
    pub const fn new(file: Option<PathBuf>) -> Self {
        Self { file, notes: Mutex::new(None) }
    }

    /// Whether codes were blocked lately.
    #[must_use]
    pub fn code_is_blocked(&self, now: SystemTime) -> bool {
        self.with(|notes| notes.code_blocked.is_some_and(|at| is_within(at, now, BLOCK)))
    }

    /// Whether the last sign-in came to nothing for want of consent, or in silence as it does behind a page that wants an
    /// administrator.
    #[must_use]
    pub fn is_troubled(&self, now: SystemTime) -> bool {
        self.with(|notes| notes.troubles.iter().any(|(_, at)| is_within(*at, now, ROW)))
    }

    /// Takes notice of a success by `method`.
    pub fn succeeded(&self, method: LoginMethod) {
        self.change(|notes| {
            notes.troubles.clear();
            if method == LoginMethod::DeviceCode {
                notes.code_blocked = None;
            }
        });
    }

    /// Takes notice of a block that was met elsewhere than at a sign-in.
    pub fn code_was_blocked(&self, now: SystemTime) {
        self.change(|notes| notes.code_blocked = Some(seconds(now)));
    }

    /// Takes notice of a failure by `method`. True when it makes a loop of sign-ins that all end like this.
    pub fn failed(&self, method: LoginMethod, error: &AuthError, now: SystemTime) -> bool {
        let is_blocked = method == LoginMethod::DeviceCode && error.is_policy_block();
        let trouble = match error {
            AuthError::TimedOut => Some(Trouble::Silence),
            error if error.is_consent() => Some(Trouble::Consent),
            _ => None,
        };
        let mut is_loop = false;
        self.change(|notes| {
            if is_blocked {
                notes.code_blocked = Some(seconds(now));
            }
            notes.troubles.retain(|(_, at)| is_within(*at, now, ROW));
            match trouble {
                Some(trouble) => notes.troubles.push((trouble, seconds(now))),
                // Anything else breaks the row.
                None => notes.troubles.clear(),
            }
            is_loop = notes.troubles.len() >= LOOP;
        });
        is_loop
    }

    fn with<T>(&self, look: impl FnOnce(&Notes) -> T) -> T {
        look(self.notes().get_or_insert_with(|| self.read()))
    }

    fn change(&self, change: impl FnOnce(&mut Notes)) {
        let mut held = self.notes();
        let notes = held.get_or_insert_with(|| self.read());
        change(notes);
        let Some((file, text)) = self.file.as_ref().zip(serde_json::to_vec(notes).ok()) else { return };
        if let Err(error) = write_private(file, &text) {
            tracing::warn!(%error, "the sign-in's memory was not written");
        }
    }

    fn read(&self) -> Notes {
        let bytes = self.file.as_deref().and_then(|file| read_private(file).ok().flatten());
        bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    fn notes(&self) -> MutexGuard<'_, Option<Notes>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Whether `at` lies less than `span` back. What lies ahead was written by a wrong clock.
fn is_within(at: u64, now: SystemTime, span: Duration) -> bool {
    seconds(now).checked_sub(at).is_some_and(|since| since < span.as_secs())
}
