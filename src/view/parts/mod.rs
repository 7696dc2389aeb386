//! Pieces that several views share.

pub(super) mod avatar;
pub(super) mod banner;
pub(super) mod continuations;
pub(super) mod empty;
pub(super) mod field;
pub(super) mod footer;
pub(super) mod header;
pub(super) mod overlay;
pub(super) mod pane;
pub(super) mod presence;
pub(super) mod progress;
pub(super) mod ribbon;
pub(super) mod scrollbar;
pub(super) mod text_area;
pub(super) mod who;
pub(super) mod words;
