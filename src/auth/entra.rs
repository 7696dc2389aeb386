//! Coming with the flows.
