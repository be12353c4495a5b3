//! Reading migrators: what their lines mean, how far a run has come, and where the database stands.

pub mod compare;
pub mod current;
pub mod decode;
pub mod lineage;
pub mod lines;
pub mod live;
pub mod patterns;
pub mod preflight;
pub mod track;
