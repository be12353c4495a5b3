//! What is to be done about something, as data. The runtime carries effects out and answers with messages.

use crate::checklist::target::Bound;
use crate::checklist::{EnvironmentName, GroupId, ItemId, PaneId, RoleId, Target};
use crate::deployment::Intent;
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::fact::Approval;
use crate::deployment::live::Session;
use crate::deployment::watching::Period;
use chrono::{DateTime, Utc};
use std::ops::Range;

/// Joins a request with its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// A watch whose samples are to be looked at, as of a time.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchAsked {
    pub item: ItemId,
    pub pane: PaneId,
    pub environment: EnvironmentName,
    pub period: Period,
    pub targets: Vec<Target>,
    pub unit: String,
    /// The metric's own target.
    pub wanted: Option<Bound>,
    pub now: DateTime<Utc>,
}

/// Who has the mouse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Capture {
    /// The terminal, which marks and copies with it.
    #[default]
    Off,
    /// The cockpit.
    On,
}

/// A sign-off, and the key that signs it: a file, or `agent`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signing {
    pub group: GroupId,
    pub role: RoleId,
    pub name: String,
    pub decision: Approval,
    pub comment: Option<String>,
    pub key: String,
}

#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there are few of them at a time, and none is kept")]
pub enum Effect {
    /// Hand an intent to the ledger. `simulated` names the role that a simulated answer answers for.
    AppendRecord { ticket: Ticket, intent: Intent, simulated: Option<String> },
    /// Start a supervisor for an item.
    StartAttempt { ticket: Ticket, item: ItemId, confirmation: Option<String>, simulated: Option<String> },
    /// Read what a group signs for; [`super::Msg::Reviewed`] brings it.
    ReadEvidence { group: GroupId },
    /// Have a sign-off signed with a key, and record it.
    SignWithKey { ticket: Ticket, signing: Box<Signing> },
    /// End a session on an environment's database server, and record it.
    EndBlocker { ticket: Ticket, environment: EnvironmentName, session: Box<Session>, reason: String },
    /// Read an attempt's spooled output from its end backwards, and follow it while it runs.
    ReadOutput { attempt: AttemptNumber },
    /// Read what was kept of a pane in a length of time, in buckets of a width; [`super::Msg::Buckets`] brings them.
    ReadBuckets {
        pane: PaneId,
        environment: EnvironmentName,
        /// Milliseconds since 1970.
        span_ms: Range<i64>,
        width_ms: i64,
    },
    /// Read what watches under way come to; [`super::Msg::Watches`] brings it.
    ReadWatches(Vec<WatchAsked>),
    /// Remember that this person has read the card of a first run.
    FirstRunRead,
    /// What the terminal itself does; everything else is the workers'.
    Terminal(Order),
}

/// What the terminal is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Take the mouse from the terminal, or give it back.
    CaptureMouse(Capture),
    /// Hand a text to the terminal's clipboard.
    Copy(String),
    /// Let the person's editor work on a text; [`super::Msg::Edited`] brings it back.
    Edit(String),
    /// Call a person who looks elsewhere: bell, and a notification where the terminal has such.
    Alert(String),
    /// Progress in percent, for terminals that show it; `None` takes it away.
    ShowProgress(Option<u8>),
    /// Give the terminal back and stop until the shell brings the program to the front again.
    Suspend,
    Quit,
}

impl From<Order> for Effect {
    fn from(order: Order) -> Self {
        Self::Terminal(order)
    }
}
