//! What happens to the cockpit.

use super::effect::Ticket;
use super::key::Key;
use super::offer::Offer;
use super::pane_view::series::Bucket;
use super::watches::Watched;
use crate::checklist::{Digest, EnvironmentName, GroupId, ItemId, PaneId};
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::live::Live;
use crate::deployment::progress::Progress;
use crate::deployment::{Plan, Record, Refusal};
use chrono::{DateTime, FixedOffset, TimeDelta, Utc};
use std::sync::Arc;

/// Why a request was refused, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declined {
    pub why: String,
    /// The captain's seat is in the way.
    pub about_seat: bool,
}

impl From<String> for Declined {
    fn from(why: String) -> Self {
        Self { why, about_seat: false }
    }
}

impl From<&Refusal> for Declined {
    fn from(refusal: &Refusal) -> Self {
        Self { why: refusal.to_string(), about_seat: refusal.is_about_seat() }
    }
}

#[derive(Debug, Clone)]
pub enum Msg {
    Key(Key),
    Paste(String),
    /// A paste of so many bytes, which is more than is taken.
    PasteRefused(usize),
    /// A paste that broke off after so many bytes. Nothing of it was taken.
    PasteCut(usize),
    Mouse(Mouse),
    /// A text came back from the person's editor, or why it did not.
    Edited(Result<String, String>),
    /// Records that are on disk, in order: our own and others'.
    Recorded(Vec<Arc<Record>>),
    /// Another checklist is followed from here on; the record of it comes after this.
    Amended(Arc<Plan>),
    /// The checklist file that is followed, as it is now; `None` when it is not there.
    Offered(Option<Box<Offer>>),
    /// A request was carried out; its records came before this.
    Done(Ticket),
    /// A request was refused.
    Refused(Ticket, Declined),
    /// Output of an attempt; `from` is where in the spool it starts, so that a gap is noticed.
    Output {
        attempt: AttemptNumber,
        from: u64,
        bytes: Vec<u8>,
    },
    Progress(AttemptNumber, Box<Progress>),
    Sampled(Vec<Sample>),
    /// What was kept of a pane before this cockpit was sent its samples, oldest first.
    Buckets {
        pane: PaneId,
        buckets: Vec<Bucket>,
    },
    /// What a group signs for, or why it cannot be reported.
    Reviewed(GroupId, Box<Result<Review, String>>),
    /// What watches under way come to so far: all that was asked for.
    Watches(Vec<Watched>),
    /// What an environment's database server shows of locks, when that changed.
    Server {
        environment: EnvironmentName,
        live: Box<Live>,
    },
    /// Something is wrong with the ledger or its folder; `None` when it is well again.
    Trouble(Option<String>),
    /// A worker stopped working: its name and what it said.
    WorkerFailed {
        worker: &'static str,
        why: String,
    },
    /// The answer of this number has had its time.
    AnswerRead(u64),
    /// Time moved on.
    Tick(DateTime<Utc>),
    /// What local clocks show against UTC.
    Zone(FixedOffset),
    /// The host's clock was set forward, or back, by so much; `None` when it is right again.
    ClockSet(Option<TimeDelta>),
    /// The cockpit was opened and the captain's seat is somebody else's.
    Arrived,
    /// The lists were laid out in windows of these heights.
    LaidOut(Box<Windows>),
}

/// The evidence of a group as a reviewer reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    pub lines: Vec<ReviewLine>,
    /// The digest of the evidence that the lines tell of.
    pub evidence: Digest,
    /// The person's own key, as they named it; nothing where nobody's key is allowed.
    pub key: Option<String>,
}

/// A line of it, set in as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewLine {
    pub text: String,
    /// What can be opened from it.
    pub opens: Option<Behind>,
}

/// What stands behind a line of the evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behind {
    Item(ItemId),
    /// With its output.
    Attempt(AttemptNumber),
    /// Counted from 1.
    Issue(usize),
}

/// Where the lines of the evidence that can be opened were laid out: each by its place in the review, and the line of the
/// text that it begins on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Links {
    /// The line that the chosen one begins on.
    pub chosen: Option<usize>,
    /// The one behind it, or the first in sight while none is chosen.
    pub next: Option<(usize, usize)>,
    /// The one before it, or the last above what is in sight.
    pub previous: Option<(usize, usize)>,
}

/// One number of a pane, or why there is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub pane: PaneId,
    pub at: DateTime<Utc>,
    pub value: Result<f64, String>,
}

/// What the mouse did, and in which cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mouse {
    pub did: MouseDid,
    pub column: u16,
    pub line: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MouseDid {
    Click,
    WheelUp,
    WheelDown,
}

/// Where a list or a text was drawn, and which of its lines came first; without cells when it was not drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Place {
    pub column: u16,
    pub line: u16,
    pub columns: u16,
    pub lines: u16,
    /// The line of the list at the top.
    pub top: usize,
    /// Lines of the screen that one of the list takes; 0 means one.
    pub each: u16,
    /// How many of the list stand beside each other; 0 means one.
    pub across: u16,
}

impl Place {
    pub fn holds(&self, column: u16, line: u16) -> bool {
        let within = |at: u16, from: u16, size: u16| at >= from && at - from < size;
        within(column, self.column, self.columns) && within(line, self.line, self.lines)
    }

    /// Which line of the list is drawn on this line of the screen.
    pub fn at(&self, line: u16) -> usize {
        self.top + usize::from(line.saturating_sub(self.line) / self.each.max(1)) * usize::from(self.across.max(1))
    }

    /// Which of the list is drawn in this cell, where several stand beside each other.
    pub fn beside(&self, column: u16, line: u16) -> usize {
        let across = self.across.max(1);
        let wide = (self.columns / across).max(1);
        self.at(line) + usize::from((column.saturating_sub(self.column) / wide).min(across - 1))
    }
}

/// Where the parts of the screen that answer to the mouse are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Places {
    pub phases: Place,
    pub items: Place,
    pub tree: Place,
    pub list: Place,
    pub aside: Place,
    pub output: Place,
    pub dialog: Place,
    /// The names of the screens, in the order of [`super::screens::Screen::ALL`].
    pub tabs: [Place; 8],
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
    /// Cells that a chart of a pane is wide, and charts beside each other.
    pub chart: u16,
    pub across: usize,
    pub dialog: usize,
    /// How far the text of a dialog can be scrolled.
    pub dialog_end: usize,
    pub links: Links,
    pub places: Places,
}

/// Lines of an output by their numbers, from the first to the one after the last.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    pub first: u64,
    pub end: u64,
}
