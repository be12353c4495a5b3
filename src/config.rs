//! What the program is told by its surroundings.

pub mod folder;
pub mod recent;
pub mod theme;
pub mod variables;
