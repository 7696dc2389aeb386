//! deskbell
pub mod base;
pub mod domain;
pub mod engine;
#[cfg(feature = "demo")]
pub mod sim;
pub mod state;
