//! The system's keyring as the vault sees it: four words and a limit of time.
//!
//! A keyring may be absent, locked, refuse, or hang: a locked one blocks for minutes, one that has to be started for as long
//! as the bus likes. Must stay true: it is asked on a plain thread (never inside an async runtime) and for no longer than the
//! limit; a thread that hangs is neither joined nor doubled: asking again waits for the same one. Deliberately absent: tokens. A
//! keyring keeps one small key.

use crate::base::secret::Secret;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How long a keyring may take.
pub const LIMIT: Duration = Duration::from_secs(3);

/// Why a keyring gave nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is none here; why, in the system's words.
    #[error("no keyring: {0}")]
    Absent(String),
    /// It is locked.
    #[error("the keyring is locked: {0}")]
    Locked(String),
    /// It said no.
    #[error("the keyring refused: {0}")]
    Refused(String),
    /// It did not answer in time.
    #[error("the keyring did not answer")]
    Silent,
}

impl StoreError {
    /// As a sentence for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Absent(cause) => format!("There is no keyring here: {cause}."),
            Self::Locked(_) => "The keyring is locked.".to_owned(),
            Self::Refused(cause) => format!("The keyring refused: {cause}."),
            Self::Silent => format!("The keyring did not answer within {} seconds.", LIMIT.as_secs()),
        }
    }
}

/// A keyring. Each call may block for as long as it likes.
pub trait KeyStore: Send + Sync {
    /// Its name for people, e.g. "Secret Service".
    fn name(&self) -> &'static str;

    /// What is kept under `entry`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn read(&self, entry: &str) -> Result<Option<Secret<String>>, StoreError>;

    /// Keeps `value` under `entry`.
    ///
    /// # Errors
    /// [`StoreError`].
    fn write(&self, entry: &str, value: &Secret<String>) -> Result<(), StoreError>;

    /// Forgets `entry`; one that is not there is no error.
    ///
    /// # Errors
    /// [`StoreError`].
    fn remove(&self, entry: &str) -> Result<(), StoreError>;
}

/// What is kept under `entry`, within the limit of time. Blocks so long at most.
///
/// # Errors
/// [`StoreError`].
pub fn read_within(
    store: &Arc<dyn KeyStore>,
    entry: &str,
    limit: Duration,
) -> Result<Option<Secret<String>>, StoreError> {
    Guarded::new(store.clone(), limit).read(entry)
}

/// Keeps `value` under `entry` and reads it back, within the limit of time. Blocks so long at most.
///
/// # Errors
/// [`StoreError`].
pub fn keep_within(
    store: &Arc<dyn KeyStore>,
    entry: &str,
    value: &Secret<String>,
    limit: Duration,
) -> Result<(), StoreError> {
    Guarded::new(store.clone(), limit).establish(entry, value)
}

type Outcome = Result<Option<Secret<String>>, StoreError>;

/// A keyring with a limit of time.
pub(super) struct Guarded {
    store: Arc<dyn KeyStore>,
    limit: Duration,
    /// A read that was not answered in time and may still be.
    late: Mutex<Option<(String, Receiver<Outcome>)>>,
}

impl Guarded {
    pub(super) fn new(store: Arc<dyn KeyStore>, limit: Duration) -> Self {
        Self { store, limit, late: Mutex::default() }
    }

    pub(super) fn name(&self) -> &'static str {
        self.store.name()
    }

    pub(super) fn read(&self, entry: &str) -> Outcome {
        let mut late = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = late.take().filter(|(asked, _)| asked == entry).map(|(_, answer)| answer);
        let answer = match pending {
            Some(answer) => answer,
            None => {
                let (store, name) = (self.store.clone(), entry.to_owned());
                on_a_thread(move || store.read(&name))?
            }
        };
        match answer.recv_timeout(self.limit) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => {
                *late = Some((entry.to_owned(), answer));
                Err(StoreError::Silent)
            }
            Err(RecvTimeoutError::Disconnected) => Err(broke_off()),
        }
    }

    /// Writes and reads back, all within the limit: a keyring that takes a key need not be one that gives it back.
    pub(super) fn establish(&self, entry: &str, value: &Secret<String>) -> Result<(), StoreError> {
        let (store, name, value) = (self.store.clone(), entry.to_owned(), value.clone());
        let answer = on_a_thread(move || {
            store.write(&name, &value)?;
            match store.read(&name)? {
                Some(kept) if kept == value => Ok(None),
                _ => Err(StoreError::Refused("it does not give back what it was given".to_owned())),
            }
        })?;
        match answer.recv_timeout(self.limit) {
            Ok(outcome) => outcome.map(|_| ()),
            Err(RecvTimeoutError::Timeout) => Err(StoreError::Silent),
            Err(RecvTimeoutError::Disconnected) => Err(broke_off()),
        }
    }

    /// Asks to forget `entry`, and does not wait for it: nothing depends on it.
    pub(super) fn remove(&self, entry: &str) {
        let (store, name) = (self.store.clone(), entry.to_owned());
        let _ = on_a_thread(move || store.remove(&name).map(|()| None));
    }
}

fn on_a_thread(job: impl FnOnce() -> Outcome + Send + 'static) -> Result<Receiver<Outcome>, StoreError> {
    let (sender, receiver) = sync_channel(1);
    let spawned = thread::Builder::new().name("keyring".to_owned()).spawn(move || {
        // Nobody may be waiting any more; the answer is for the next one who asks, or for nobody.
        let _ = sender.send(job());
    });
    match spawned {
        Ok(_) => Ok(receiver),
        Err(error) => Err(StoreError::Refused(format!("no thread can be started ({error})"))),
    }
}

fn broke_off() -> StoreError {
    StoreError::Refused("it broke off".to_owned())
}
