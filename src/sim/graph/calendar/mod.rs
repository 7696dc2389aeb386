//! Calendars of the simulated tenant.

pub mod recurrence;

use crate::sim::company::Company;
use crate::sim::request::{Answer, Request};
use crate::sim::world::{World, WorldOptions};
use std::time::SystemTime;

/// Calendars of everybody.
#[derive(Debug, Default)]
pub struct CalendarState {}

impl CalendarState {
    /// The state at the beginning, relative to `now`.
    #[must_use]
    pub fn build(_company: &Company, _now: SystemTime, _options: &WorldOptions) -> Self {
        Self::default()
    }
}

/// Answers what is ours.
pub fn handle(_world: &mut World, _request: &Request) -> Option<Answer> {
    None
}
