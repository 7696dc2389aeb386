//! Graph v1.0 of the simulated tenant: one area a file, each a function from world and request to an answer.
//!
//! `gate` stands before everything (token, permits, faults, headers); `odata` holds what every area needs ($select, pages);
//! `batch` takes a request apart. An area answers `None` for a path that is not its own, so their order only matters where
//! one path lies below another.

pub mod applications;
pub mod calendar;
mod categories;
pub mod filter;
pub mod gate;
mod groups;
pub mod mail;
pub(crate) mod limits;
pub mod mail_tips;
pub mod odata;
pub mod people;
pub mod permits;
pub mod presence;
pub mod meeting_times;
pub mod schedule;
pub mod search;
pub mod settings;

mod address;
mod batch;
mod quirks;
mod tokens;

use crate::sim::request::{Answer, Request};
use crate::sim::world::World;

type Area = fn(&mut World, &Request) -> Option<Answer>;

/// In the order asked.
const AREAS: [Area; 10] = [
    mail::handle,
    schedule::handle,
    meeting_times::handle,
    calendar::handle,
    presence::handle,
    mail_tips::handle,
    settings::handle,
    people::handle,
    groups::handle,
    applications::handle,
];

/// The answer of the area the path belongs to.
pub fn answer(world: &mut World, request: &Request) -> Answer {
    AREAS.iter().find_map(|area| area(world, request)).unwrap_or_else(|| {
        let segment = request.path.last().map_or("", String::as_str);
        Answer::error(400, "BadRequest", &format!("Resource not found for the segment '{segment}'."))
    })
}
