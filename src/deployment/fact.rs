//! Everything that can have happened, in the past tense.
//!
//! Longer than 400 lines because every kind of fact stands beside the others, field by field, as the ledger writes it.

use super::alerts::{AlertNumber, Trouble};
use super::amendment::Amended;
use super::attempt::{AttemptNumber, Outcome};
use super::measurement::{Measurement, Verdict};
use super::poll::{Answer, AnswerStood};
use super::record::Seq;
use super::seat::{Seat, SessionId};
use crate::checklist::offset::Offset;
use crate::checklist::shared::Shared;
use crate::checklist::{Digest, EnvironmentKind, EnvironmentName, GroupId, ItemId, PaneId, PhaseId, RoleId, SlotId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Kinds of records as older ledgers call them, with the name of today.
pub(crate) const FORMER_KINDS: [(&str, &str); 1] = [("item-judged", "item-evaluated")];

/// One fact. `kind` and the fields stand in the ledger just as they stand here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, strum::VariantNames, strum::IntoStaticStr)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Fact {
    LedgerOpened(Box<LedgerOpened>),
    /// Another checklist is followed from here on.
    ChecklistAmended(Box<Amended>),
    /// First contact with an environment's database: what it really is.
    EnvironmentReached {
        environment: EnvironmentName,
        identity: String,
    },
    ItemChecked {
        item: ItemId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    ItemUnchecked {
        item: ItemId,
        reason: String,
    },
    ItemWaived {
        item: ItemId,
        how: Waiver,
        reason: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<DateTime<Utc>>,
    },
    WaiverWithdrawn {
        item: ItemId,
        reason: String,
    },
    ValueFilled {
        item: ItemId,
        value: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
    },
    ItemEvaluated {
        item: ItemId,
        verdict: Verdict,
        detail: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        measured: Vec<Measurement>,
        /// The attempts that the verdict rests on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        attempts: Vec<AttemptNumber>,
    },
    /// A person looked at a proposed command, filled it in and made it runnable.
    CommandArmed {
        item: ItemId,
        /// Which of the item's proposals, counted from 1.
        proposal: u32,
        /// What will run, with its placeholders filled in.
        command: String,
    },
    CommandDisarmed {
        item: ItemId,
        reason: String,
    },
    AttemptStarted {
        environment: EnvironmentName,
        item: ItemId,
        attempt: AttemptNumber,
        check: Shared,
        /// What is run, with its variables unexpanded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
    AttemptFinished {
        environment: EnvironmentName,
        item: ItemId,
        attempt: AttemptNumber,
        #[serde(flatten)]
        outcome: Arc<Outcome>,
    },
    AttemptLost {
        item: ItemId,
        attempt: AttemptNumber,
        reason: String,
    },
    AttemptResolved {
        item: ItemId,
        attempt: AttemptNumber,
        reason: String,
    },
    CancelRequested {
        item: ItemId,
        attempt: AttemptNumber,
        reason: String,
    },
    /// Somebody else's session that was in the way was ended on the server.
    BlockerCancelled {
        environment: EnvironmentName,
        pid: i64,
        application: String,
        user: String,
        how: Ending,
        reason: String,
    },
    /// What a migration would do here was worked out beforehand.
    MigrationPreflighted(Box<Preflighted>),
    NoteAdded {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<ItemId>,
        text: String,
    },
    IssueOpened {
        issue: u32,
        title: String,
        #[serde(flatten)]
        account: Box<IssueAccount>,
    },
    IssueUpdated {
        issue: u32,
        #[serde(flatten)]
        account: Box<IssueAccount>,
    },
    LessonAdded {
        text: String,
    },
    Signed(Box<Signed>),
    /// Taken back by its signer; it counts no more.
    SignoffWithdrawn {
        group: GroupId,
        role: RoleId,
        reason: String,
    },
    /// Who may sign with which key, from here on.
    SignersRecorded(Box<SignersRecorded>),
    /// The head was given out, so that nobody can make the records up to it anew.
    Anchored(Box<Anchored>),
    Decided(Box<Decided>),
    /// The decision no longer stands, and another one may be taken.
    DecisionReopened {
        reason: String,
    },
    SeatTaken {
        seat: Seat,
        session: SessionId,
    },
    /// Given to somebody by name; theirs as soon as they take it.
    SeatHandedOver {
        session: SessionId,
        to: String,
        word: String,
    },
    /// From a captain who was gone.
    SeatTakenOver {
        session: SessionId,
        from: String,
        reason: String,
    },
    SeatLeft {
        seat: Seat,
        session: SessionId,
    },
    /// The captain's session does not live any more.
    SeatFoundEmpty {
        session: SessionId,
    },
    /// When T-0 is and when the window closes; the clock counts anew.
    WindowPlanned {
        zero: DateTime<Utc>,
        end: DateTime<Utc>,
    },
    /// The count began at this offset. In a rehearsal it may run at a multiple of real time.
    ClockStarted {
        from: Offset,
        #[serde(default = "real_time", skip_serializing_if = "is_real_time")]
        pace: u32,
    },
    ClockHeld {
        reason: String,
    },
    ClockResumed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// A rehearsal's clock runs at another multiple of real time from here on.
    ClockPaced {
        pace: u32,
    },
    EstimatesAdopted(Box<EstimatesAdopted>),
    RoleAssigned {
        group: GroupId,
        role: RoleId,
        person: String,
    },
    RoleReleased {
        group: GroupId,
        role: RoleId,
        reason: String,
    },
    /// A closed gate is to be opened all the same; a second person has to agree.
    OverrideRequested(Box<OverrideRequested>),
    /// `request` is the record of the request.
    OverrideConfirmed {
        phase: PhaseId,
        request: Seq,
        word: String,
    },
    PollOpened {
        stations: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    PollAnswered {
        station: String,
        answer: Answer,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// What was measured again and again does not hold any more.
    ItemRegressed {
        item: ItemId,
        reason: String,
        failures: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        measured: Vec<Measurement>,
    },
    /// It holds again.
    ItemRecovered {
        item: ItemId,
        detail: String,
    },
    /// Somebody has seen a record that asks for it, such as a regression.
    Acknowledged {
        record: Seq,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// A watched metric is over its target, worse than its baseline or without data, for long enough.
    AlertRaised(Box<AlertRaised>),
    /// An open alert is another trouble now, or no longer an expected one.
    AlertChanged {
        alert: AlertNumber,
        pane: PaneId,
        #[serde(flatten)]
        seen: Box<Observed>,
    },
    AlertAcknowledged {
        alert: AlertNumber,
        pane: PaneId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// The metric was well for long enough, or is not watched any more.
    AlertCleared {
        alert: AlertNumber,
        pane: PaneId,
        /// When the numbers were well again.
        since: DateTime<Utc>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<f64>,
        sentence: String,
    },
    /// Nobody is called for this metric, or for any, until the time named.
    AlertSilenced {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pane: Option<PaneId>,
        until: DateTime<Utc>,
        reason: String,
    },
    /// Before its time.
    SilenceEnded {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pane: Option<PaneId>,
    },
    /// Lines that are due and that people are reminded of, once a day each.
    ItemsDue {
        items: Vec<ItemId>,
        /// How many of them are overdue.
        #[serde(default)]
        overdue: u32,
    },
    /// What the next person must know, as it was written then.
    HandoverRecorded {
        /// Who takes over.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        text: String,
    },
    /// Not approved: it does not go on, although nothing need have failed.
    Aborted {
        reason: String,
    },
    /// It was carried out and did not work.
    Failed {
        reason: String,
    },
    RollbackBegun {
        reason: String,
    },
    RolledBack(Box<RolledBack>),
    /// Nothing more is to be done.
    Closed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Somebody could not be notified of something, after all the tries there are.
    NotificationFailed {
        event: String,
        target: String,
        reason: String,
    },
    /// A torn last record was cut off and kept aside; or the file with the head was gone, see [`MISSING_HEAD`].
    LedgerRepaired {
        kept: String,
        bytes: u64,
    },
}

/// What [`Fact::LedgerRepaired`] names where the file with the head was missing or unreadable. Whether records had been cut
/// off before, nobody can tell from then on.
pub(crate) const MISSING_HEAD: &str = "head";

/// What a preflight found, in short; the whole of it is asked for again where it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preflighted {
    pub environment: EnvironmentName,
    /// Where the database stood, nothing at the base, and where the chain ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// `fail` where something will fail, `inconclusive` where it may.
    pub verdict: Verdict,
    pub detail: String,
    /// From which revision on there is no rollback but a backup, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_return: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlertRaised {
    pub alert: AlertNumber,
    pub pane: PaneId,
    pub environment: EnvironmentName,
    #[serde(flatten)]
    pub seen: Observed,
}

/// What is wrong with a metric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    pub verdict: Trouble,
    /// In `unit`; absent where there is no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// What was aimed at, in words: `≤ 200 ms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    pub since: DateTime<Utc>,
    pub sentence: String,
    /// Why nobody has to be called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerOpened {
    pub title: String,
    /// File name of the checklist that was opened.
    pub checklist: String,
    /// Over its meaning.
    pub digest: Digest,
    /// The snapshot in the ledger's folder that the deployment follows.
    pub snapshot: String,
    /// Over the snapshot's bytes: what is no part of its meaning, such as a comment, is not changed unseen either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_sha256: Option<Digest>,
    pub environments: BTreeMap<SlotId, EnvironmentName>,
    pub kinds: BTreeMap<EnvironmentName, EnvironmentKind>,
}

/// How a session on the server was ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Its statement was; the session goes on.
    Statement,
    /// The session was, with its transaction.
    Session,
}

/// Why an item is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[serde(rename_all = "kebab-case")]
pub enum Waiver {
    /// Not done, and nobody says it holds.
    Skipped,
    /// A person answers for it although it was not measured or failed.
    Overridden,
    /// Makes no sense here.
    Inapplicable,
    /// To be done later; due at the time named.
    Deferred,
}

impl Waiver {
    pub fn word(self) -> &'static str {
        self.into()
    }
}

/// What is known about an issue; a later account replaces the fields it fills.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueAccount {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mitigation: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    pub group: GroupId,
    pub role: RoleId,
    /// The name as the signer writes it.
    pub name: String,
    pub decision: Approval,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    pub date: NaiveDate,
    /// What was signed: the checklist's meaning and the state of the group's evidence.
    pub checklist: Digest,
    pub evidence: Digest,
    /// How the evidence was put into words before it was digested.
    #[serde(default = "first_form", skip_serializing_if = "is_first_form")]
    pub evidence_form: u32,
    /// Without one it rests on the user that the operating system knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// The record of the sign-off by another key that this one takes the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<Seq>,
}

/// A signature by an SSH key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    /// The text that was signed, see [`super::signoff::statement::Statement`].
    pub statement: String,
    /// As `ssh-keygen -Y sign` writes it.
    pub armored: String,
    /// What the key was allowed as.
    pub principal: String,
    /// `SHA256:…` of the key, or of the key that a certificate vouches for.
    pub fingerprint: String,
}

/// A head that was given out as a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchored {
    /// The record that was the last one then, and its sum.
    pub head: Seq,
    pub head_sum: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<Timestamp>,
}

/// What an authority answered (RFC 3161), kept in the ledger's folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timestamp {
    pub file: String,
    pub sha256: Digest,
    /// The authority's host.
    pub authority: String,
    /// The time that it states.
    pub at: DateTime<Utc>,
}

/// An `allowed_signers` file as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignersRecorded {
    /// Where it was read from, for people.
    pub source: String,
    /// Of its bytes.
    pub digest: Digest,
    /// The whole of it: whoever checks the ledger needs no other file.
    pub allowed_signers: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    Go,
    NoGo,
}

impl Approval {
    pub fn word(self) -> &'static str {
        match self {
            Approval::Go => "go",
            Approval::NoGo => "no-go",
        }
    }
}

/// The go/no-go decision, bound to what it was made on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    pub decision: Approval,
    pub reason: String,
    pub checklist: Digest,
    /// The criteria due, each with its verdict and value, in the order of the checklist.
    pub criteria: Vec<CriterionStood>,
    /// What was made easier to meet after it had failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loosened: Vec<String>,
    /// Gates, sign-offs and protections that amendments had made ask for less, also where it was restored since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relaxed: Vec<String>,
    /// What the stations answered, when they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerStood>,
    /// The record that the decision was taken on: the one before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
}

/// A record, by its place and sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    pub seq: Seq,
    pub sum: Digest,
}

/// What was measured elsewhere and is expected here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EstimatesAdopted {
    /// Where it was measured, for people: the rehearsal's title and environments.
    pub source: String,
    /// Milliseconds an item took.
    pub durations: BTreeMap<ItemId, u64>,
    /// Milliseconds a rollback took from its beginning to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_ms: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverrideRequested {
    pub phase: PhaseId,
    pub reason: String,
    /// The requirements passed over, as the checklist writes them; another one that comes to be missing closes the gate.
    pub requirements: Vec<String>,
    /// What they lacked, in words.
    pub missing: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RolledBack {
    /// Milliseconds since the rollback began.
    pub took_ms: u64,
    /// What was not shown to be as before, one sentence each; empty when the old state is verified.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unverified: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

fn first_form() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_first_form(form: &u32) -> bool {
    *form == first_form()
}

fn real_time() -> u32 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn is_real_time(pace: &u32) -> bool {
    *pace == 1
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionStood {
    pub item: ItemId,
    pub verdict: String,
    pub value: String,
    /// Where the value comes from: an attempt, a tick, evidence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How old it was, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
}
