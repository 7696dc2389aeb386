//! What tests share: the way in (`entrance`), scripted servers (`scripted`), and the whole program in a test's hands (`stage`).

pub(crate) mod entrance;
pub(crate) mod scripted;
pub(crate) mod stage;
