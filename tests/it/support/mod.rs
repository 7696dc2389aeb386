//! What tests share: the way in (`entrance`), scripted servers (`scripted`), the screen without an engine (`desk`), and the whole
//! program in a test's hands (`stage`).

pub(crate) mod desk;
pub(crate) mod entrance;
pub(crate) mod scripted;
pub(crate) mod stage;
