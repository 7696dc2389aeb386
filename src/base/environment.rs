//! Coming with the base floor.
