//! The directory of the simulated tenant.

use crate::sim::request::{Answer, Request};
use crate::sim::world::World;

/// Answers what is ours.
pub fn handle(_world: &mut World, _request: &Request) -> Option<Answer> {
    None
}
