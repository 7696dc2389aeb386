//! Floor 1: what everything else stands on and what stands on nothing of ours.
//!
//! Clock, activity, ids, secrets, tame text, reports, places on disk, the environment and the log.
//! Must stay true: no domain word appears here, and nothing here awaits a network or a timer of its own.
//! Deliberately absent: a grab bag. A thing lives here only when two floors above need it.

pub mod activity;
pub mod clock;
pub mod environment;
pub mod ids;
pub mod log;
pub mod paths;
pub mod report;
pub mod secret;
pub mod text;
