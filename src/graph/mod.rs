//! Floor 4½: Microsoft Graph, spoken to politely.
//!
//! A [`Call`] is a value; [`Graph::send`] is the only await on HTTP to Graph; each area has one file of functions that build
//! calls, send them and give back our own words (`domain`). Permits, waits and repeats are decided in [`permits`] and
//! [`retry`]. Must stay true: the token goes to Graph's own host only; what is partly readable is partly used; every error keeps
//! the request ids. Deliberately absent: caching, and when to ask (that is the engine's), and the service's JSON, which
//! stays in `wire`.

pub mod batch;
pub mod calendar;
pub mod calendar_details;
pub mod calendar_write;
pub mod call;
pub mod diagnostics;
pub mod draft;
pub mod error;
pub mod folders;
pub mod groups;
pub mod mail;
pub mod mail_search;
pub mod mail_tips;
pub mod mail_write;
pub mod me;
pub mod page;
pub mod people;
mod permits;
pub mod places;
pub mod presence;
pub mod reach;
pub mod raw;
pub mod retry;
pub mod meeting_times;
pub mod schedule;
pub mod send;
pub mod settings;
pub mod standing;
pub mod transport;
mod wire;

pub use call::{Budget, Call, Priority, Repeat};
pub use error::{GraphError, Refusal, Trace, Unreachable};
pub use page::{Onward, Page, Trail};
pub use reach::Reach;
pub use transport::upload::Uploaded;
pub use transport::{Graph, News, Observer, Response};
