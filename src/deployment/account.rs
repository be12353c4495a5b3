//! The status document of format 1. Scripts rely on it: fields are added, never changed or taken away.

pub(crate) mod alerts;
pub(crate) mod availability;
pub mod counts;
pub(crate) mod due;
pub(crate) mod flight;
pub mod handover;
pub mod metrics;
pub(crate) mod migration;

use super::amendment::{Amended, Retarget};
use crate::checklist::{Digest, EnvironmentName, GroupId, ItemId, PhaseId, RoleId, SlotId};
use crate::deployment::attempt::{Attempt, AttemptPhase, End};
use crate::deployment::coverage::{self, Attested, Coverage};
use crate::deployment::criteria::{Call, Reason};
use crate::deployment::fact::{Approval, Preflighted};
use crate::deployment::signoff::{self, Standing};
use crate::deployment::state::Stamp;
use crate::deployment::status::Tally;
use crate::deployment::{Board, ItemStatus, Plan, State, Verdict, criteria, gate};
use alerts::{OpenAlerts, open_alerts};
use availability::AvailabilityLine;
use chrono::{DateTime, Utc};
use counts::{Counts, CriteriaCounts};
use due::{DueLine, WatchLine, due_lines, watch_lines};
use flight::Flight;
use metrics::{Metric, metrics};
use migration::{MigrationState, migration};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Serialize)]
pub struct Account {
    pub format: u32,
    pub title: String,
    pub environments: BTreeMap<SlotId, EnvironmentName>,
    pub outcome: &'static str,
    pub criteria: Criteria,
    pub items: Items,
    /// Lines measured before a step was run again, which are open until they are measured again.
    pub outdated: Vec<OutdatedLine>,
    pub lines: Lines,
    /// Lines that are due after the decision, overdue ones first.
    pub due: Vec<DueLine>,
    pub watches: Vec<WatchLine>,
    pub phases: Vec<Phase>,
    pub attempts: Vec<AttemptLine>,
    pub signoffs: Vec<Signoff>,
    pub metrics: Vec<Metric>,
    pub alerts: OpenAlerts,
    /// Empty where no store could be read.
    pub availability: Vec<AvailabilityLine>,
    pub migration: MigrationState,
    /// What the latest preflight of each environment found.
    pub preflights: BTreeMap<EnvironmentName, Preflighted>,
    #[serde(flatten)]
    pub flight: Flight,
    /// Checklists adopted since the opening, oldest first.
    pub amendments: Vec<Amendment>,
    pub ledger: LedgerState,
}

/// `loosened` is what was made easier after it had failed.
#[derive(Debug, Serialize)]
pub struct Amendment {
    pub seq: u64,
    pub at: DateTime<Utc>,
    pub by: String,
    pub reason: String,
    pub checklist: String,
    pub digest: Digest,
    pub added: Vec<ItemId>,
    pub removed: Vec<ItemId>,
    pub changed: Vec<ItemId>,
    pub targets: Vec<Retarget>,
    pub loosened: Vec<String>,
}

/// What the decision would be now, what that rests on, and what speaks against GO.
#[derive(Debug, Serialize)]
pub struct Criteria {
    pub call: &'static str,
    #[serde(flatten)]
    pub coverage: Coverage,
    pub counts: CriteriaCounts,
    pub reasons: Vec<Against>,
    /// Migrations whose database somebody vouches for.
    pub attested: Vec<Attested>,
}

/// `pending`: nothing was found out yet, good or bad.
#[derive(Debug, Serialize)]
pub struct Against {
    pub item: ItemId,
    pub text: String,
    pub pending: bool,
}

/// `done`, `failed`, `waived`, `not_applicable` and `open` add up to `total`; what is running is open. `measured` of them have a verdict
/// that the program made.
#[derive(Debug, Serialize)]
pub struct Items {
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    pub waived: usize,
    pub not_applicable: usize,
    pub open: usize,
    pub measured: usize,
}

#[derive(Debug, Serialize)]
pub struct OutdatedLine {
    pub item: ItemId,
    pub why: String,
}

/// Lines of the document that the checklist comes from. A line is `measured` when the program itself found that an item
/// of it passes or fails; what it could not tell does not count, nor what a person waived. `slots` shows in which.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Lines {
    pub total: usize,
    pub measured: usize,
    pub slots: BTreeMap<SlotId, usize>,
}

#[derive(Debug, Serialize)]
pub struct Phase {
    pub id: PhaseId,
    pub title: String,
    pub state: PhaseState,
    pub done: usize,
    pub total: usize,
    pub gate: Gate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseState {
    /// Its gate is closed and nothing in it was touched.
    Waiting,
    Open,
    Running,
    Failed,
    Done,
}

#[derive(Debug, Serialize)]
pub struct Gate {
    pub open: bool,
    pub missing: Vec<String>,
    /// Who can give each of what is missing, in the same order.
    pub who: Vec<String>,
}

#[derive(Debug, Serialize)]
pub struct AttemptLine {
    pub item: ItemId,
    pub environment: EnvironmentName,
    pub attempt: u32,
    pub state: &'static str,
    pub exit: Option<i32>,
    pub took_ms: Option<u64>,
    pub verdict: Option<Verdict>,
}

/// `signed` is the time of the signature, null for a line that nobody has signed.
#[derive(Debug, Serialize)]
pub struct Signoff {
    pub group: GroupId,
    pub role: RoleId,
    pub name: Option<String>,
    /// The operating system's user who signed under that name.
    pub user: Option<String>,
    pub decision: Option<Approval>,
    pub signed: Option<DateTime<Utc>>,
    pub stale: bool,
    pub withdrawn: bool,
    /// What the key was allowed as, and its fingerprint; null for a sign-off that is attested and not signed.
    pub principal: Option<String>,
    pub fingerprint: Option<String>,
}

/// `head` is the sum of the last record. `intact` is false when bytes stand at the end that are no whole record.
#[derive(Debug, Serialize)]
pub struct LedgerState {
    pub records: usize,
    pub head: Option<String>,
    pub intact: bool,
}

impl Account {
    /// As the deployment stands at `now`.
    #[must_use]
    pub fn at(plan: &Plan, state: &State, ledger: LedgerState, now: DateTime<Utc>) -> Self {
        let mut board = Board::at(plan, state, now);
        let counts = Counts::of(plan, state, &board);
        let tally = counts.items;
        Self {
            format: 1,
            title: plan.checklist().title.clone(),
            environments: plan.bindings().clone(),
            outcome: criteria::outcome(state),
            criteria: criteria_now(plan, state, counts),
            items: Items {
                total: tally.total,
                done: tally.done,
                failed: tally.failed,
                waived: tally.waived,
                not_applicable: tally.inapplicable,
                open: tally.open + tally.running,
                measured: tally.measured,
            },
            outdated: outdated(plan, &board),
            lines: lines(plan, &board),
            due: due_lines(plan, state, &board, now),
            watches: watch_lines(plan, state, &board, now),
            phases: phases(plan, state, &mut board),
            attempts: state.attempts.iter().map(attempt_line).collect(),
            signoffs: signoffs(plan, state, &mut board),
            metrics: metrics(plan, state),
            alerts: open_alerts(plan, state, now),
            availability: Vec::new(),
            migration: migration(plan, state),
            preflights: state.preflights.clone(),
            flight: Flight::of(plan, state, now),
            amendments: state.amendments.iter().map(amendment).collect(),
            ledger,
        }
    }
}

fn amendment((stamp, amended): &(Stamp, Amended)) -> Amendment {
    let Amended { checklist, digest, reason, added, removed, changed, targets, loosened, relaxed, .. } =
        amended.clone();
    let loosened = [loosened, relaxed].concat();
    let (seq, at, by) = (stamp.seq.0, stamp.at, stamp.by.to_string());
    Amendment { seq, at, by, reason, checklist, digest, added, removed, changed, targets, loosened }
}

fn criteria_now(plan: &Plan, state: &State, counts: Counts) -> Criteria {
    let coverage = counts.coverage();
    let call = counts.outlook.as_ref().map_or(Call::Inconclusive, |outlook| outlook.call);
    let against = counts.outlook.into_iter().flat_map(|outlook| outlook.reasons);
    Criteria {
        call: call.word(),
        coverage,
        counts: counts.criteria,
        attested: coverage::attested(plan, state),
        reasons: against.map(|Reason { item, text, pending }| Against { item, text, pending }).collect(),
    }
}

fn outdated(plan: &Plan, board: &Board) -> Vec<OutdatedLine> {
    let outdated = plan.order().iter().filter_map(|id| match board.status(id) {
        ItemStatus::Outdated(why) => Some(OutdatedLine { item: id.clone(), why: why.clone() }),
        _ => None,
    });
    outdated.collect()
}

fn lines(plan: &Plan, board: &Board) -> Lines {
    let (mut all, mut measured) = (BTreeSet::new(), BTreeSet::new());
    let mut slots: BTreeMap<SlotId, BTreeSet<u32>> = BTreeMap::new();
    for item in plan.checklist().items() {
        all.extend(item.seed_lines.iter().copied());
        let reported = matches!(board.status(&item.id), ItemStatus::Done | ItemStatus::Failed(_));
        if !reported || !item.check.is_measured() {
            continue;
        }
        measured.extend(item.seed_lines.iter().copied());
        if let Some(slot) = &item.slot {
            slots.entry(slot.clone()).or_default().extend(item.seed_lines.iter().copied());
        }
    }
    let slots = slots.into_iter().map(|(slot, lines)| (slot, lines.len())).collect();
    Lines { total: all.len(), measured: measured.len(), slots }
}

/// Every phase of the plan in its order.
pub fn phases(plan: &Plan, state: &State, board: &mut Board) -> Vec<Phase> {
    let phases = plan.checklist().phases.iter();
    let one = phases.map(|phase| {
        let tally = board.tally(phase.items());
        let needs = gate::needs(plan, state, board, phase);
        Phase {
            id: phase.id.clone(),
            title: phase.title.clone(),
            state: phase_state(&tally, needs.is_empty()),
            done: tally.completed(),
            total: tally.applicable(),
            gate: Gate {
                open: needs.is_empty(),
                missing: needs.iter().map(|need| need.missing.clone()).collect(),
                who: needs.into_iter().map(|need| need.who).collect(),
            },
        }
    });
    one.collect()
}

fn phase_state(tally: &Tally, gate_open: bool) -> PhaseState {
    if tally.running > 0 {
        PhaseState::Running
    } else if tally.failed > 0 {
        PhaseState::Failed
    } else if tally.is_complete() {
        PhaseState::Done
    } else if gate_open || tally.done > 0 {
        PhaseState::Open
    } else {
        PhaseState::Waiting
    }
}

fn attempt_line(attempt: &Attempt) -> AttemptLine {
    let outcome = attempt.outcome();
    let state = match &attempt.phase {
        AttemptPhase::Running { .. } => "running",
        AttemptPhase::Lost { .. } => "lost",
        AttemptPhase::Finished(outcome) if outcome.end == End::Cancelled => "cancelled",
        AttemptPhase::Finished(_) => "finished",
    };
    AttemptLine {
        item: attempt.item.clone(),
        environment: attempt.environment.clone(),
        attempt: attempt.number.0,
        state,
        exit: outcome.and_then(|outcome| outcome.exit),
        took_ms: outcome.map(|outcome| outcome.took_ms),
        verdict: outcome.map(|outcome| outcome.verdict),
    }
}

fn signoffs(plan: &Plan, state: &State, board: &mut Board) -> Vec<Signoff> {
    let lines = signoff::lines(plan, state, board).into_iter();
    let one = lines.map(|line| Signoff {
        group: line.group.id.clone(),
        role: line.role.id.clone(),
        name: line.signed.map(|(_, signed)| signed.name.clone()),
        user: line.signed.map(|(stamp, _)| stamp.by.user.clone()),
        decision: line.signed.map(|(_, signed)| signed.decision),
        signed: line.signed.map(|(stamp, _)| stamp.at),
        stale: line.standing == Standing::Stale,
        withdrawn: line.standing == Standing::Withdrawn,
        principal: line.signed.and_then(|(_, signed)| Some(signed.signature.as_ref()?.principal.clone())),
        fingerprint: line.signed.and_then(|(_, signed)| Some(signed.signature.as_ref()?.fingerprint.clone())),
    });
    one.collect()
}
