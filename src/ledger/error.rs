//! What can be wrong with a ledger, where, and what to do next.

use crate::checklist::Digest;
use crate::deployment::{Refusal, Seq};
use std::io;
use std::path::PathBuf;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum LedgerError {
    #[error("there is no ledger at {}; `gonogo open CHECKLIST` makes one", .0.display())]
    NotFound(PathBuf),
    #[error("{} exists already and is never overwritten; open it as it is or name another ledger", .0.display())]
    Exists(PathBuf),
    #[error(
        "{} holds evidence of a ledger that is not there any more; put the ledger back or move the folder away",
        .0.display()
    )]
    EvidenceLeft(PathBuf),
    #[error("{} is no ledger: {why}; name a NAME.ledger.toml that `gonogo open CHECKLIST` made", .path.display())]
    NotALedger { path: PathBuf, why: String },
    #[error("{} holds no record yet: its opening was interrupted; remove it and open the checklist again", .0.display())]
    NeverOpened(PathBuf),
    #[error("{} is of format {format}, and this gonogo reads format 1; use a newer gonogo", .path.display())]
    Format { path: PathBuf, format: String },
    #[error("record {seq} of {} is a `{kind}`, which a newer gonogo wrote; use that one", .path.display())]
    Newer { path: PathBuf, seq: Seq, kind: String },
    #[error(
        "{} is damaged: record {seq} at byte {offset}: {why}; nothing was changed, `gonogo verify` shows more",
        .path.display()
    )]
    Altered { path: PathBuf, seq: Seq, offset: u64, why: String },
    #[error(
        "{} is damaged: it ends with record {found} at byte {offset}, but {anchored} was acknowledged; nothing was changed, bring the missing records back from a copy",
        .path.display()
    )]
    Truncated { path: PathBuf, found: Seq, offset: u64, anchored: Seq },
    #[error("the snapshot {} cannot be followed: {why}; bring it back from a copy", .path.display())]
    Snapshot { path: PathBuf, why: String },
    #[error(
        "the snapshot {} means something else than what was opened ({} instead of {}); bring it back from a copy",
        .path.display(), .found.short(), .opened.short()
    )]
    SnapshotAltered { path: PathBuf, opened: Digest, found: Digest },
    #[error(
        "{} lies on a network file system ({kind}), where locks and syncing cannot be relied on; keep the ledger on a local disk",
        .path.display()
    )]
    Network { path: PathBuf, kind: &'static str },
    #[error(
        "this ledger was opened on host {opened_on} and only that host writes it; this is {here}, where it can be read and watched"
    )]
    OtherHost { opened_on: String, here: String },
    #[error(
        "{} cannot be written by {user}: it belongs to {owner} ({source}); work as {owner}, or have the ledger opened with --group for a team",
        .path.display()
    )]
    NotWritable { path: PathBuf, user: String, owner: String, source: io::Error },
    #[error("there is no group `{0}` on this host; name one that `getent group` lists")]
    NoSuchGroup(String),
    #[error("the record was not written to {}: {source}; {left}; see to the disk, then try again", .path.display())]
    NotWritten { path: PathBuf, source: io::Error, left: Left },
    #[error("this cannot be written as a record: {0}")]
    Unwritable(String),
    #[error("nothing was recorded, because what must come first failed: {0}")]
    NotPrepared(#[source] io::Error),
    #[error("cannot {doing} {}: {source}", .path.display())]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

/// What a failed write left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The file is as long as it was.
    Nothing,
    /// A torn tail that the next append keeps aside.
    TornTail,
}

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Left::Nothing => "the ledger is as it was before",
            Left::TornTail => "a torn end is left that the next record will set aside",
        })
    }
}

impl LedgerError {
    /// 3 for damage, 4 where writing is refused, 2 for a path that is none, 1 for the rest.
    pub fn exit_status(&self) -> u8 {
        match self {
            LedgerError::Altered { .. }
            | LedgerError::Truncated { .. }
            | LedgerError::NeverOpened(_)
            | LedgerError::Snapshot { .. }
            | LedgerError::SnapshotAltered { .. } => 3,
            LedgerError::Network { .. } | LedgerError::OtherHost { .. } | LedgerError::NotWritable { .. } => 4,
            LedgerError::NotFound(_)
            | LedgerError::Exists(_)
            | LedgerError::EvidenceLeft(_)
            | LedgerError::NotALedger { .. }
            | LedgerError::NoSuchGroup(_) => 2,
            _ => 1,
        }
    }
}

/// Why nothing was appended.
#[derive(Debug, Error)]
pub enum AppendError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl AppendError {
    pub fn exit_status(&self) -> u8 {
        match self {
            AppendError::Refused(refusal) => refusal.exit_status(),
            AppendError::Ledger(error) => error.exit_status(),
        }
    }
}
