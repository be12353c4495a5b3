//! What a person sets once: themes, and later settings and keys.

pub mod theme;
