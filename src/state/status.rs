//! The status line: a passing sentence, else how the cache stands against the service.

use crate::state::event::{Effect, Wake};
use jiff::{SignedDuration, Timestamp};

/// Long enough to read a sentence, short enough not to stand in the way.
const SHOWN_FOR: SignedDuration = SignedDuration::from_secs(6);

/// The passing sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    sentence: Option<String>,
    /// An answer has been awaited for long enough to say so.
    pub is_slow: bool,
    /// An answer is awaited.
    pub is_waiting: bool,
}

impl Status {
    /// Shows a sentence for a while; the effect wakes the program to take it away.
    pub fn tell(&mut self, sentence: String, now: Timestamp) -> Effect {
        self.sentence = Some(sentence);
        Effect::WakeAt(Wake::StatusExpires, now.checked_add(SHOWN_FOR).unwrap_or(now))
    }

    /// Takes the sentence away.
    pub fn expire(&mut self) {
        self.sentence = None;
    }

    /// The sentence, while it is shown.
    #[must_use]
    pub fn sentence(&self) -> Option<&str> {
        self.sentence.as_deref()
    }
}
