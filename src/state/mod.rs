//! Floor 5½: the shared state store, and the one function that changes it.
//!
//! [`update()`] is synchronous and total: no I/O, no await, no clock of its own (the time comes in [`Context`]). It decides and
//! returns work as values. Each view keeps its own struct in its own file; [`store::Store`] only holds them and routes.
//! Deliberately absent: a terminal library, colours, the engine, locks.

pub mod accounts;
pub mod away;
pub mod calendar;
pub mod calls;
pub mod card;
pub mod changes;
pub mod command;
pub mod completion;
pub mod compose;
pub mod doctor;
pub mod drafts;
pub mod event;
pub mod find_time;
pub mod form;
pub mod geometry;
pub mod grouping;
pub mod help;
pub mod history;
pub mod home;
pub mod keys;
pub mod layer;
pub mod line;
pub mod links;
pub mod mail;
pub mod outbox;
pub mod own;
pub mod page;
pub mod palette;
pub mod missing;
mod panels;
pub mod people;
pub mod permissions;
pub mod meeting;
pub mod picker;
pub mod presences;
pub mod problem;
pub mod question;
pub mod session;
pub mod sign_in;
pub mod slot;
pub mod status;
pub mod store;
pub mod surface;
pub mod target;
pub mod text_area;
mod update;
pub mod when;
mod writing;

pub use session::StoreOptions;
pub use store::Store;
pub use update::update;

use crate::domain::time::Zone;
use jiff::Timestamp;

/// What [`update()`] is told besides the event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The present moment.
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: &'a Zone,
}
