//! deskbell
pub mod base;
pub mod domain;
#[cfg(feature = "demo")]
pub mod sim;
pub mod state;
