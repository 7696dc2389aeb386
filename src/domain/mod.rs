//! Floor 2: the words of the product as data, and the algebra over them.
//!
//! Pure: no I/O, no clock, no serialisation (a serialisable type is a promise to somebody; the wire and the database have their
//! own types). What crosses floors is defined here: requests and answers, notices, steps of a login, keys, styled text.
//! Deliberately absent: anything of Graph's JSON, of SQL or of a terminal library.

pub mod account;
pub mod accounts;
pub mod away_meetings;
pub mod cache;
pub mod calls;
pub mod certificate;
pub mod change;
pub mod check;
pub mod consent;
pub mod draft;
pub mod draft_check;
pub mod draft_elsewhere;
pub mod event;
pub mod event_draft;
pub mod freebusy;
pub mod group;
pub mod icalendar;
pub mod input;
pub mod intent;
pub mod login;
pub mod mail;
pub mod me;
pub mod meeting_times;
pub mod notice;
pub mod outbox;
pub mod own_settings;
pub mod pages;
pub mod permission;
pub mod person;
pub mod place;
pub mod presence;
pub mod provider;
pub mod query;
pub mod recipients;
pub mod recurrence;
pub mod request;
pub mod selection;
pub mod styled;
pub mod sync;
pub mod time;
pub mod token;
