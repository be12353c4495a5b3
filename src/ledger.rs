//! The ledger: one append-only TOML file with everything that happened, and a folder beside it for bulk evidence.
//!
//! Reading takes no lock and repairs nothing: an incomplete tail means *not yet*. Appending takes the lock, reads what
//! others appended, decides the intent again on that state, writes the whole record at once, syncs it, and only then
//! acknowledges it. Every record carries the SHA-256 of its own bytes and that of the record before.
//!
//! ```text
//! NAME.ledger.toml          header, then records
//! NAME.ledger.d/            lock, seat.lock, head, checklist.toml, torn-SEQ-N
//! NAME.ledger.d/attempts/   one set of files an attempt
//! ```

mod anchor;
mod append;
mod chain;
mod create;
pub mod error;
mod frame;
mod layout;
mod line;
pub mod operator;
mod own;
mod reading;
mod reserve;
mod seat;
pub(crate) mod snapshot;
pub(crate) mod storage;
mod text;
pub mod verify;
pub mod watch;

pub use create::LedgerOpening;
pub use error::{AppendError, LedgerError};
pub use layout::Layout;

use crate::deployment::seat::SessionId;
use crate::deployment::{Board, Plan, Record, Seq, State};
use chain::Head;
use chrono::{DateTime, Utc};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use storage::FileIdentity;

/// Where a ledger takes the time from. Nothing is ordered by it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// An opened ledger: its records as far as they were read, and the state they fold to.
pub struct Ledger {
    layout: Layout,
    identity: FileIdentity,
    plan: Arc<Plan>,
    state: State,
    /// Shared with whoever shows them: a long ledger is kept once.
    records: Vec<Arc<Record>>,
    /// Where each record begins in the file.
    offsets: Vec<u64>,
    /// Where the last whole record ends in the file.
    end: u64,
    /// Bytes after that which were no whole record when last looked at.
    incomplete: u64,
    clock: Clock,
    place: Place,
    session: SessionId,
    /// `seat.lock`, held while this session drives.
    seat: Option<File>,
    /// Takes secrets out of what people write.
    mask: Mask,
}

/// Takes secrets out of a text before it is recorded.
pub type Mask = Arc<dyn Fn(&str) -> String + Send + Sync>;

/// Whether the place was found fit for writing; asked once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Unknown,
    Local,
}

/// Nothing is a secret where nobody said what is.
fn unmasked() -> Mask {
    Arc::new(str::to_owned)
}

impl Ledger {
    /// From here on what people write is masked so before it is recorded.
    pub fn mask_with(&mut self, mask: Mask) {
        self.mask = mask;
    }

    /// A text as it would be recorded: without secrets.
    pub fn masked(&self, text: &str) -> String {
        (self.mask)(text)
    }

    pub fn path(&self) -> &Path {
        self.layout.ledger()
    }

    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The folder `NAME.ledger.d` beside the ledger.
    pub fn evidence(&self) -> &Path {
        self.layout.evidence()
    }

    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Where every item stands now; made anew at each call.
    #[must_use]
    pub fn board(&self) -> Board {
        Board::new(&self.plan, &self.state)
    }

    pub fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    /// The records after `seq`, in order: what somebody who has seen up to there has yet to see, whoever wrote it.
    pub fn records_after(&self, seq: Seq) -> &[Arc<Record>] {
        let seen = usize::try_from(seq.0).unwrap_or(usize::MAX).min(self.records.len());
        &self.records[seen..]
    }

    /// So many bytes of the file hold the records that were read.
    pub fn bytes(&self) -> u64 {
        self.end
    }

    /// Bytes at the end that were no whole record when last read: a record on its way, or a torn one.
    pub fn incomplete_bytes(&self) -> u64 {
        self.incomplete
    }

    /// Takes the time from elsewhere than the host's clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    fn head(&self) -> Head {
        self.records.last().map_or_else(Head::start, |last| Head { seq: last.seq, sum: last.sum.clone() })
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let head = self.head();
        f.debug_struct("Ledger").field("path", &self.path()).field("head", &head.seq).finish_non_exhaustive()
    }
}
