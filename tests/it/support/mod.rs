//! What tests share.
pub(crate) mod entrance;
