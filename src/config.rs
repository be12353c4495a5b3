//! What the program is told by its surroundings.

pub mod first_run;
pub mod folder;
pub mod recent;
pub mod theme;
pub mod variables;
