//! deskbell
pub mod base;
#[cfg(feature = "demo")]
pub mod sim;
