//! What tests share.
pub(crate) mod entrance;
pub(crate) mod scripted;
