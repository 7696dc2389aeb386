//! deskbell
pub mod auth;
pub mod base;
pub mod config;
pub mod db;
pub mod domain;
pub mod engine;
pub mod graph;
pub mod net;
#[cfg(feature = "demo")]
pub mod sim;
pub mod state;
