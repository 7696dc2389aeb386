//! Coming with the engine: away.
