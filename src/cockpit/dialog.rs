//! What may lie over a screen.

use super::effect::Ticket;
use super::form::Form;
use super::list::ListCursor;
use super::msg::{Behind, Review};
use super::palette::Palette;
use crate::checklist::offset::Offset;
use crate::checklist::{Digest, EnvironmentName, GroupId, ItemId, PaneId, PhaseId, RoleId};
use crate::deployment::Seq;
use crate::deployment::alerts::AlertNumber;
use crate::deployment::attempt::AttemptNumber;
use crate::deployment::flight::Crew;
use crate::deployment::live::Session;

#[derive(Debug, Clone)]
pub enum Dialog {
    Form {
        form: Box<Form>,
        purpose: Purpose,
        ticket: Option<Ticket>,
    },
    Palette(Box<Palette>),
    /// Whether the autopilot shall really start.
    Autopilot {
        crew: Crew,
    },
    Details {
        item: ItemId,
        scroll: usize,
    },
    /// One of an item's proposed commands, counted from 1, as written.
    Command {
        item: ItemId,
        proposal: u32,
        scroll: usize,
    },
    /// What a sign-off is given for, before it is given.
    Evidence(Box<Evidence>),
    /// Who has which role; the cursor counts roles in the order of the checklist.
    Roles {
        cursor: ListCursor,
    },
    Notice {
        title: String,
        lines: Vec<String>,
    },
    /// The captain's seat, with the cursor on one of [`Model::offers`](super::Model::offers).
    Seat {
        at: usize,
    },
}

/// The evidence of a group, to be read to its end by whoever signs.
#[derive(Debug, Clone)]
pub struct Evidence {
    pub group: GroupId,
    pub role: RoleId,
    /// Nothing while it is being read.
    pub read: Option<Review>,
    pub scroll: usize,
    /// How far it can be scrolled, once it was drawn.
    pub end: Option<usize>,
    /// Whether its end has been in sight.
    pub seen: bool,
    /// The line under the cursor, among those that can be opened.
    pub chosen: Option<usize>,
    /// What was opened of it; leaving that comes back to the same place.
    pub opened: Option<Opened>,
}

/// What was opened of the evidence, and how far it is scrolled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    pub what: Behind,
    pub scroll: usize,
}

/// What a form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    Waive(ItemId),
    Fill(ItemId),
    Note(ItemId),
    OpenIssue,
    UpdateIssue(u32),
    Lesson,
    /// With the digest of the evidence that was shown.
    Sign(GroupId, RoleId, Digest),
    Decide,
    /// The environment's name is typed before something risky.
    Confirm(ItemId),
    /// A proposed command, counted from 1, is filled in and armed.
    Arm(ItemId, u32),
    Disarm(ItemId),
    Cancel(AttemptNumber),
    Resolve(AttemptNumber),
    /// End a session on the database server.
    EndBlocker(EnvironmentName, Box<Session>),
    TakeBack(ItemId),
    HandOver,
    TakeOver,
    /// The window first, then the clock; what was recorded already is not asked for again.
    PlanWindow(WindowStep),
    Hold,
    Resume,
    OpenPoll,
    /// Answer for the station of this id.
    AnswerPoll(String),
    ReopenDecision,
    RequestOverride(PhaseId),
    ConfirmOverride(PhaseId),
    AssignRole(GroupId, RoleId),
    ReleaseRole(GroupId, RoleId),
    Abort,
    BeginRollback,
    EndRollback,
    Close,
    Acknowledge(Seq),
    AcknowledgeAlert(AlertNumber),
    /// Alerts of this metric, or of all of them.
    Silence(PaneId),
    /// A handover with the text that the program wrote.
    WriteHandover(String),
    /// Adopt the checklist file as it was edited.
    Amend,
}

/// How far planning a window has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowStep {
    Planning,
    /// The window is on its way into the ledger, or there already; then the clock is started.
    Starting {
        from: Option<Offset>,
        pace: u32,
    },
}
