//! Floor 5: the headless product. Everything the screen and the command line can do, without either.
//!
//! [`Engine`] answers requests from the cache, keeps the cache in step (`sync`), signs in (`login`), asks for what is not cached
//! (`freebusy`, `people`, `away`, `card`), makes bodies readable (`reader`), and tells its news through one channel.
//! Must stay true: it knows no terminal, no key and no view; every request ends in one answer or one report.

pub mod away;
pub mod card;
pub mod freebusy;
pub(crate) mod kept;
pub mod login;
pub mod notices;
pub mod people;
pub mod permission;
pub mod reader;
pub mod sync;
