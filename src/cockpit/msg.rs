//! What happens to the cockpit.

use super::effect::Ticket;
use super::key::Key;
use crate::checklist::PaneId;
use crate::deployment::Record;
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::progress::Progress;
use chrono::{DateTime, Utc};

#[derive(Debug, Clone)]
pub enum Msg {
    Key(Key),
    Paste(String),
    /// Records that are on disk, in order: our own and others'.
    Recorded(Vec<Record>),
    /// A request was carried out; its records came before this.
    Done(Ticket),
    /// A request was refused, with the sentence to show.
    Refused(Ticket, String),
    /// Output of an attempt; `from` is where in the spool it starts, so that a gap is noticed.
    Output {
        attempt: AttemptNumber,
        from: u64,
        bytes: Vec<u8>,
    },
    Progress(AttemptNumber, Box<Progress>),
    Sampled(Vec<Sample>),
    /// Something is wrong with the ledger or its folder; `None` when it is well again.
    Trouble(Option<String>),
    /// A worker stopped working: its name and what it said.
    WorkerFailed {
        worker: &'static str,
        why: String,
    },
    /// The answer of this number has had its time.
    AnswerRead(u64),
    /// Time moved on while something is moving.
    Tick(DateTime<Utc>),
    /// The lists were laid out in windows of these heights.
    LaidOut(Windows),
}

/// One number of a pane, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub pane: PaneId,
    pub at: DateTime<Utc>,
    pub value: Result<f64, String>,
}

/// Heights in lines of the lists that scroll, as the screen laid them out last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Windows {
    pub phases: usize,
    pub items: usize,
    pub tree: usize,
    pub list: usize,
    pub output: usize,
    /// The lines of the output that are in sight.
    pub shown: Shown,
    /// The second list or text of a screen: the reasons of the outlook, what was written down.
    pub aside: usize,
    /// How far a text in [`Self::list`] or [`Self::aside`] can be scrolled.
    pub list_end: usize,
    pub aside_end: usize,
    pub dialog: usize,
    /// How far the text of a dialog can be scrolled.
    pub dialog_end: usize,
}

/// Lines of an output by their numbers, from the first to the one after the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    pub first: u64,
    pub end: u64,
}
