//! Floor 5½: the shared state store, and the one function that changes it.
//!
//! [`update`] is synchronous and total: no I/O, no await, no clock of its own (the time comes in [`Context`]). It decides and
//! returns work as values. Each view keeps its own struct in its own file; [`store::Store`] only holds them and routes.
//! Deliberately absent: a terminal library, colours, the engine, locks.

pub mod event;

use crate::domain::time::Zone;
use jiff::Timestamp;

/// What [`update`] is told besides the event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The present moment.
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: &'a Zone,
}
