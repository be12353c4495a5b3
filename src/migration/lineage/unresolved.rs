//! Why a name or a step means no revision of a lineage.

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unresolved {
    #[error("revision {name} is not one of the migrator's {known}")]
    Unknown { name: String, known: usize },
    #[error("{name} may be {among}; write more of it")]
    Ambiguous { name: String, among: String },
    #[error("{to} is {target}, and the database is at {now}, which is not above it")]
    NotAbove { to: String, target: String, now: String },
    #[error("the migrator's revisions are not known, so nobody can tell its head")]
    NoHead,
    /// Worded by `several_heads`.
    #[error("{0}")]
    SeveralHeads(String),
    #[error(
        "{to} can be distinguished from one revision only, and the database is at {revisions} ({now}); write the revision to go to"
    )]
    FromSeveral { to: String, revisions: usize, now: String },
    #[error("the branch {label} has {heads} heads")]
    Branch { label: String, heads: usize },
    #[error("`{to}` leads out of the migrator's {known} revisions")]
    OutOf { to: String, known: usize },
    #[error("`{to}` may mean {among}; write the revision to go to")]
    Fork { to: String, among: String },
}
