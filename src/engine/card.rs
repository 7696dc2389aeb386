//! Coming with the engine: card.
