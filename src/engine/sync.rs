//! Coming with the engine: sync.
