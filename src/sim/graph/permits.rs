//! Coming.
#[derive(Debug, Default)]
pub struct Permits {}
