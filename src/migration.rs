//! Reading migrators: what their lines mean, how far a run has come, and where the database stands.

pub(crate) mod compare;
pub(crate) mod current;
pub(crate) mod lineage;
pub(crate) mod lines;
pub(crate) mod live;
pub(crate) mod patterns;
pub(crate) mod preflight;
pub(crate) mod track;
