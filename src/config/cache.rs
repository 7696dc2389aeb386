//! How much of what can be fetched again is kept on this computer.
//!
//! Deliberately absent: who obeys (`engine::sync` fetches within these limits, `db::house` trims to them).

/// Which bodies of messages are kept on this computer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptBodies {
    /// Every one that can be had.
    All,
    /// Those of young messages, and what was opened, within the limits.
    Recent,
    /// None: a body is fetched each time it is opened, and search knows headers only.
    None,
}

/// How much is kept of what can be fetched again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheLimits {
    /// Which bodies.
    pub bodies: KeptBodies,
    /// With [`KeptBodies::Recent`]: those of messages younger than so many days are fetched ahead of need.
    pub body_days: u16,
    /// With [`KeptBodies::Recent`]: so many megabytes at most, as they lie on the disk; the oldest go first.
    pub body_megabytes: u16,
}

impl Default for CacheLimits {
    /// As it is shipped.
    fn default() -> Self {
        Self { bodies: KeptBodies::Recent, body_days: 90, body_megabytes: 1000 }
    }
}
