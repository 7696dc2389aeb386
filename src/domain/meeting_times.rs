//! A second opinion about when to meet: what the service itself suggests, with its reasons as they came.
//!
//! Ours is in [`crate::domain::freebusy`]; the two are never mixed.

use crate::domain::time::Span;
use jiff::Timestamp;

/// A time the service suggests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpinionSlot {
    /// When.
    pub span: Span,
    /// How sure it is that everybody comes, in percent.
    pub confidence: Option<u8>,
    /// Its reason, in its words, tamed; may be empty.
    pub reason: String,
    /// Addresses with what it says of each, in its word, tamed.
    pub attendees: Vec<(String, String)>,
}

/// What the service suggests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Its suggestions, in its order.
    pub slots: Vec<OpinionSlot>,
    /// Its word for why there are none, tamed; empty where there are some.
    pub empty_reason: String,
    /// When it said so.
    pub as_of: Timestamp,
}
