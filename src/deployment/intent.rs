//! What somebody wants to happen, in the imperative. The ledger decides each one again under its lock.

use super::alerts::AlertNumber;
use super::attempt::{AttemptNumber, Outcome};
use super::fact::{self, Approval, EstimatesAdopted, IssueAccount, LedgerOpened, Observed, Waiver};
use super::live::Session;
use super::measurement::{Measurement, Verdict};
use super::poll::Answer;
use super::record::Seq;
use super::rollback::Ending;
use super::seat::Seat;
use crate::checklist::offset::Offset;
use crate::checklist::{Checklist, EnvironmentName, GroupId, ItemId, PaneId, PhaseId, RoleId};
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A checklist to take over, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    pub checklist: Arc<Checklist>,
    /// Its file name, for people.
    pub file: String,
    /// Its text, which is kept beside the ledger.
    pub text: Arc<str>,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    OpenLedger(LedgerOpened),
    /// Follow another checklist from here on.
    AmendChecklist(Amendment),
    RecordIdentity {
        environment: EnvironmentName,
        identity: String,
    },
    CheckItem {
        item: ItemId,
        note: Option<String>,
    },
    UncheckItem {
        item: ItemId,
        reason: String,
    },
    WaiveItem {
        item: ItemId,
        how: Waiver,
        reason: String,
        until: Option<DateTime<Utc>>,
    },
    WithdrawWaiver {
        item: ItemId,
        reason: String,
    },
    FillValue {
        item: ItemId,
        value: String,
    },
    /// Draw an evidence item's verdict from what the ledger holds.
    EvaluateItem {
        item: ItemId,
    },
    /// Make one of an item's proposed commands runnable.
    ArmCommand {
        item: ItemId,
        /// Which one, counted from 1.
        proposal: u32,
        /// What takes the place of each placeholder, by its text; of a variable, by its name behind `$`.
        values: BTreeMap<String, String>,
        /// What the command destroys, as typed: `removes files`.
        destroys: Option<String>,
        /// The environment's name, as typed.
        confirmation: Option<String>,
    },
    DisarmCommand {
        item: ItemId,
        reason: String,
    },
    /// Appended by the supervisor itself; `confirmation` is the environment's name as typed.
    StartAttempt {
        item: ItemId,
        confirmation: Option<String>,
    },
    FinishAttempt {
        attempt: AttemptNumber,
        outcome: Outcome,
    },
    LoseAttempt {
        attempt: AttemptNumber,
        reason: String,
    },
    ResolveAttempt {
        attempt: AttemptNumber,
        reason: String,
    },
    RequestCancel {
        attempt: AttemptNumber,
        reason: String,
    },
    /// Appended by whoever ended the session, after it was done.
    RecordBlockerCancelled {
        environment: EnvironmentName,
        session: Session,
        how: fact::Ending,
        reason: String,
    },
    /// What a preflight of an environment's migration found.
    RecordPreflight(fact::Preflighted),
    AddNote {
        item: Option<ItemId>,
        text: String,
    },
    OpenIssue {
        title: String,
        account: IssueAccount,
    },
    UpdateIssue {
        issue: u32,
        account: IssueAccount,
    },
    AddLesson {
        text: String,
    },
    Sign {
        group: GroupId,
        role: RoleId,
        name: String,
        decision: Approval,
        comment: Option<String>,
    },
    /// A sign-off whose text was signed by a key that may sign for its role; whoever asks has seen to that.
    SignStatement(fact::Signature),
    WithdrawSignoff {
        group: GroupId,
        role: RoleId,
        reason: String,
    },
    RecordSigners(fact::SignersRecorded),
    /// Given out already; whoever asks has seen to that.
    RecordAnchor(fact::Anchored),
    /// Once; a poll opened anew or [`Intent::ReopenDecision`] allows another.
    Decide {
        decision: Approval,
        reason: String,
    },
    ReopenDecision {
        reason: String,
    },
    /// For the session that asks. The captain's is taken when it is free, handed to this person, or this person's own from
    /// before; whoever asks holds `seat.lock`.
    TakeSeat {
        seat: Seat,
    },
    /// The captain's, from somebody who has been gone for long enough.
    TakeOverSeat {
        reason: String,
    },
    /// `to` is a name as stated or a user; `word` is what is said with it.
    HandOverSeat {
        to: String,
        word: String,
    },
    /// Whatever seat this session has; nothing when it has none.
    LeaveSeat,
    /// Say that the captain's session is gone, if it is; nothing otherwise.
    ReportSeatEmpty,
    /// `end` may be left to the checklist's length of the window.
    PlanWindow {
        zero: DateTime<Utc>,
        end: Option<DateTime<Utc>>,
    },
    /// Without `from` the count goes by the planned T-0. `pace` above 1 only in a rehearsal.
    StartClock {
        from: Option<Offset>,
        pace: u32,
    },
    HoldClock {
        reason: String,
    },
    ResumeClock {
        reason: Option<String>,
    },
    /// In a rehearsal: how many T-seconds pass in a second from now on.
    PaceClock {
        pace: u32,
    },
    AdoptEstimates(EstimatesAdopted),
    AssignRole {
        group: GroupId,
        role: RoleId,
        person: String,
    },
    ReleaseRole {
        group: GroupId,
        role: RoleId,
        reason: String,
    },
    RequestOverride {
        phase: PhaseId,
        reason: String,
    },
    /// By somebody else than who requested it.
    ConfirmOverride {
        phase: PhaseId,
        word: String,
    },
    /// Ask the stations; also reopens a decision.
    OpenPoll {
        reason: Option<String>,
    },
    AnswerPoll {
        station: String,
        answer: Answer,
        reason: Option<String>,
    },
    /// Remind people of what is due; nothing for what they were reminded of within a day.
    RemindOfDue,
    /// `text` is what the program wrote, `note` what the person adds.
    RecordHandover {
        to: Option<String>,
        note: Option<String>,
        text: String,
    },
    /// A sensed item was measured again; `failures` counts those in a row, this one too. Only a change is recorded.
    ReportSensed {
        item: ItemId,
        verdict: Verdict,
        detail: String,
        measured: Vec<Measurement>,
        failures: u32,
    },
    Acknowledge {
        record: Seq,
        note: Option<String>,
    },
    /// A metric is in trouble; recorded only where that is news. Whether it is expected is decided here.
    RaiseAlert {
        pane: PaneId,
        seen: Observed,
    },
    /// A metric is well again, or not watched any more; nothing where no alert of it is open.
    ClearAlert {
        pane: PaneId,
        /// When the numbers were well again.
        since: DateTime<Utc>,
        value: Option<f64>,
        sentence: String,
    },
    AcknowledgeAlert {
        alert: AlertNumber,
        note: Option<String>,
    },
    /// Of every metric where none is named.
    SilenceAlerts {
        pane: Option<PaneId>,
        until: DateTime<Utc>,
        reason: String,
    },
    EndSilence {
        pane: Option<PaneId>,
    },
    /// End it without carrying on; what is running is asked to stop.
    Abort {
        ending: Ending,
        reason: String,
    },
    /// `ending` is recorded too when the deployment has not ended yet.
    BeginRollback {
        ending: Ending,
        reason: String,
    },
    /// A reason is needed when not everything is verified.
    EndRollback {
        note: Option<String>,
    },
    Close {
        note: Option<String>,
    },
    ReportNotice {
        event: String,
        target: String,
        reason: String,
    },
    /// Only the ledger itself does this.
    RecordRepair {
        kept: String,
        bytes: u64,
    },
}
