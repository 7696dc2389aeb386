//! Coming with the engine: people.
