//! What somebody wants to happen, in the imperative. The ledger decides each one again under its lock.

use super::attempt::{AttemptNumber, Outcome};
use super::fact::{Approval, Ending, IssueAccount, LedgerOpened, Waiver};
use super::live::Session;
use crate::checklist::{EnvironmentName, GroupId, ItemId, RoleId};
use chrono::{DateTime, NaiveDate, Utc};
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq)]
pub enum Intent {
    OpenLedger(LedgerOpened),
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
    JudgeItem {
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
        how: Ending,
        reason: String,
    },
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
        date: NaiveDate,
    },
    Decide {
        decision: Approval,
        reason: String,
    },
    /// Only the ledger itself does this.
    RecordRepair {
        kept: String,
        bytes: u64,
    },
}
