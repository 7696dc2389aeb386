//! Coming with the engine: reader.
