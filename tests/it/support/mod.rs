//! What tests share: the way in (`entrance`), scripted servers (`scripted`), the screen without an engine (`desk`), the whole
//! program in a test's hands (`stage`), and the real one as a process (`program`).

pub(crate) mod desk;
pub(crate) mod entrance;
pub(crate) mod program;
pub(crate) mod scripted;
pub(crate) mod stage;
