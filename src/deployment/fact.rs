//! Everything that can have happened, in the past tense.

use super::attempt::{AttemptNumber, Outcome};
use super::measurement::{Measurement, Verdict};
use crate::checklist::{Digest, EnvironmentKind, EnvironmentName, GroupId, ItemId, RoleId, SlotId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One fact. `kind` and the fields stand in the ledger just as they stand here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Fact {
    LedgerOpened(LedgerOpened),
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
    ItemJudged {
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
        check: String,
        /// What is run, with its variables unexpanded.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        command: Option<String>,
    },
    AttemptFinished {
        environment: EnvironmentName,
        item: ItemId,
        attempt: AttemptNumber,
        #[serde(flatten)]
        outcome: Outcome,
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
    /// Somebody else's session that stood in the way was ended on the server.
    BlockerCancelled {
        environment: EnvironmentName,
        pid: i64,
        application: String,
        user: String,
        how: Ending,
        reason: String,
    },
    NoteAdded {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        item: Option<ItemId>,
        text: String,
    },
    IssueOpened {
        issue: u32,
        title: String,
        #[serde(flatten)]
        account: IssueAccount,
    },
    IssueUpdated {
        issue: u32,
        #[serde(flatten)]
        account: IssueAccount,
    },
    LessonAdded {
        text: String,
    },
    Signed(Signed),
    Decided(Decided),
    /// A torn last record was cut off and kept aside.
    LedgerRepaired {
        kept: String,
        bytes: u64,
    },
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Waiver::Skipped => "skipped",
            Waiver::Overridden => "overridden",
            Waiver::Inapplicable => "inapplicable",
            Waiver::Deferred => "deferred",
        }
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Approval {
    Go,
    NoGo,
}

impl Approval {
    #[must_use]
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
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionStood {
    pub item: ItemId,
    pub verdict: String,
    pub value: String,
}
