//! Coming with the engine: login.
