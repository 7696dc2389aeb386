//! Coming with the engine: freebusy.
