//! What the program is recognised by its surroundings.

pub(crate) mod first_run;
pub(crate) mod folder;
pub(crate) mod recent;
pub mod theme;
pub(crate) mod variables;
