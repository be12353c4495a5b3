//! What the program is told by its surroundings.

pub mod variables;
