//! Ending without success, and the rollback.

use super::attempt::{Attempt, AttemptPhase, End, Moment};
use super::fact::RolledBack;
use super::plan::Plan;
use super::standing;
use super::state::{Stamp, State};
use super::status::{Board, ItemStatus};
use super::timing::{self, Basis};
use super::window::Level;
use crate::checklist::check::{Direction, MigrationTarget};
use crate::checklist::environment::Protection;
use crate::checklist::{Check, EnvironmentName, Item, ItemId, Phase};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Tables named in a sentence.
const NAMED: usize = 3;

/// How a deployment ended before it was done. The difference matters afterwards: what was aborted was not approved and
/// may be tried again as it is; what failed has to be understood first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    Aborted,
    Failed,
}

impl Ending {
    pub fn word(self) -> &'static str {
        match self {
            Ending::Aborted => "aborted",
            Ending::Failed => "failed",
        }
    }
}

/// The end, with who said so and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    pub stamp: Stamp,
    pub ending: Ending,
    pub reason: String,
}

/// A rollback under way or over.
#[derive(Debug, Clone, PartialEq)]
pub struct Rollback {
    pub begun: Stamp,
    pub reason: String,
    pub over: Option<(Stamp, RolledBack)>,
}

/// The rollback's own clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollbackClock {
    /// Milliseconds since it began; it stands once the rollback is over.
    pub ms: u64,
    /// How long the checklist allows.
    pub budget_ms: Option<u64>,
    /// Amber from two minutes before the budget is spent.
    pub level: Level,
}

/// The phases that lead back.
pub fn phases(plan: &Plan) -> impl Iterator<Item = &Phase> {
    plan.checklist().phases.iter().filter(|phase| !phase.way.is_forward())
}

/// What the rollback's clock reads; nothing before one has begun.
pub fn clock(plan: &Plan, state: &State, now: DateTime<Utc>) -> Option<RollbackClock> {
    let rollback = state.rollback.as_ref()?;
    let running = || u64::try_from((now - rollback.begun.at).num_milliseconds()).unwrap_or(0);
    let ms = rollback.over.as_ref().map_or_else(running, |(_, over)| over.took_ms);
    let budget_ms = promised(plan);
    let amber = u64::try_from(super::window::AMBER.num_milliseconds()).unwrap_or(0);
    let level = match budget_ms {
        Some(budget) if ms >= budget => Level::Red,
        Some(budget) if ms.saturating_add(amber) >= budget => Level::Amber,
        _ => Level::Green,
    };
    Some(RollbackClock { ms, budget_ms, level })
}

fn promised(plan: &Plan) -> Option<u64> {
    let promised = plan.checklist().window.rollback?;
    u64::try_from(promised.duration().as_millis()).ok()
}

/// How long going back takes: as a rehearsal measured it, as the sum of measured steps when every step is known, or as the
/// checklist promises.
pub fn estimate(plan: &Plan, state: &State) -> Option<(u64, Basis)> {
    let rehearsed = state.estimates.as_ref().and_then(|(_, estimates)| estimates.rollback_ms);
    if let Some(ms) = rehearsed {
        return Some((ms, Basis::Rehearsal));
    }
    let steps: Vec<&Item> =
        phases(plan).flat_map(Phase::items).filter(|item| plan.inapplicable(item).is_none()).collect();
    let known: Option<Vec<timing::Estimate>> = steps.iter().map(|item| timing::estimate(plan, state, item)).collect();
    if let Some(known) = known.filter(|known| known.iter().any(|one| one.basis < Basis::Promise)) {
        let basis = known.iter().map(|one| one.basis).filter(|basis| *basis != Basis::Nothing).max();
        return Some((known.iter().map(|one| one.ms).sum(), basis.unwrap_or(Basis::Nothing)));
    }
    promised(plan).map(|ms| (ms, Basis::Promise))
}

/// The steps already begun that cannot simply be undone, each with what its author says about that; of one that did not
/// pass, that this was planned, and what was measured instead.
pub fn points_of_no_return<'a>(plan: &'a Plan, state: &'a State) -> Vec<(&'a Item, String)> {
    let taken = plan.order().iter().filter(|id| state.times.contains_key(*id));
    let items = taken.filter_map(|id| plan.item(id));
    items.filter_map(|item| Some((item, as_measured(plan, state, item, no_return(plan, state, item)?)))).collect()
}

/// What an author planned, as far as it was reached.
fn as_measured(plan: &Plan, state: &State, item: &Item, planned: &str) -> String {
    let Some(attempt) = state.latest(&item.id).filter(|_| state.latest_passed(&item.id).is_none()) else {
        return planned.to_owned();
    };
    let instead = match &attempt.phase {
        AttemptPhase::Running { .. } => "still running".to_owned(),
        AttemptPhase::Lost { .. } => "whether it was reached is unknown".to_owned(),
        AttemptPhase::Finished(outcome) if outcome.end == End::NotStarted => {
            "not reached: it was not started".to_owned()
        }
        AttemptPhase::Finished(outcome) => {
            let step = if matches!(item.check, Check::Migration(_)) { "the migration" } else { "the step" };
            let how = if outcome.end == End::Cancelled { "was cancelled" } else { "failed" };
            match (&outcome.revision, revision_before(state, plan, item, attempt)) {
                (Some(now), Some(before)) if standing::same(now, before) => {
                    format!("not reached: {step} {how}, the database is still at {now}")
                }
                (Some(now), _) => format!("perhaps reached in part: {step} {how}, the database is at {now}"),
                (None, _) => format!("{step} {how}, and how far it came is not known"),
            }
        }
    };
    format!("planned: {planned}; {instead}")
}

/// Where the database was seen last before the first attempt at a step.
fn revision_before<'a>(state: &'a State, plan: &'a Plan, item: &Item, attempt: &Attempt) -> Option<&'a str> {
    let first = state.history(&item.id).and_then(|history| history.attempts.first()).copied()?;
    let here = state.attempts.iter().filter(|other| other.environment == attempt.environment && other.number < first);
    let seen = here.rev().find_map(|other| other.outcome()?.revision.as_deref());
    seen.or(match &plan.item(&item.id)?.check {
        Check::Migration(migration) => migration.from.as_deref(),
        _ => None,
    })
}

/// Why a step cannot simply be undone: what its author says, else what a preflight found in the chain that it runs.
pub fn no_return<'a>(plan: &Plan, state: &'a State, item: &'a Item) -> Option<&'a str> {
    let found = || match &item.check {
        Check::Migration(migration)
            if migration.direction == Direction::Upgrade && migration.on == MigrationTarget::Environment =>
        {
            let (name, _) = plan.environment_of(item)?;
            state.preflights.get(name)?.no_return.as_deref()
        }
        _ => None,
    };
    item.no_return.as_deref().or_else(found)
}

/// What the rollback has not shown, one sentence each.
pub fn unverified(plan: &Plan, state: &State, board: &Board) -> Vec<String> {
    let items = phases(plan).flat_map(Phase::items);
    let open = items.filter_map(|item| match board.status(&item.id) {
        ItemStatus::Done | ItemStatus::Inapplicable(_) => None,
        ItemStatus::Failed(why) | ItemStatus::Inconclusive(why) => Some(format!("{}: {why}", item.in_sentence())),
        ItemStatus::Outdated(why) => Some(format!("{} was {why}", item.in_sentence())),
        other => Some(format!("{} is {}", item.in_sentence(), other.word())),
    });
    open.chain(uncompared(plan, state, board)).collect()
}

/// The environments whose tables a migration wrote to, and that no step back has compared with what they held before:
/// that every step passed says nothing of the rows.
fn uncompared(plan: &Plan, state: &State, board: &Board) -> Vec<String> {
    let mut migrated: Vec<&EnvironmentName> = Vec::new();
    for attempt in &state.attempts {
        let forward = plan.phase_of(&attempt.item).is_some_and(|phase| phase.way.is_forward());
        let moved = plan.item(&attempt.item).is_some_and(|item| match &item.check {
            Check::Migration(check) => {
                check.direction == Direction::Upgrade && check.on == MigrationTarget::Environment
            }
            _ => false,
        });
        let protected = plan.environment(&attempt.environment).is_some_and(|e| e.protection == Protection::Protected);
        if forward && moved && protected && !migrated.contains(&&attempt.environment) {
            migrated.push(&attempt.environment);
        }
    }
    migrated.into_iter().filter_map(|name| uncompared_in(plan, state, board, name)).collect()
}

/// What of an environment's tables no step back compared with what they held before the migration.
fn uncompared_in(plan: &Plan, state: &State, board: &Board, name: &EnvironmentName) -> Option<String> {
    let here = |item: &&Item| plan.environment_of(item).is_some_and(|(own, _)| own == name);
    let done = |item: &&Item| *board.status(&item.id) == ItemStatus::Done;
    let (mut counted, mut compared) = (BTreeSet::new(), BTreeSet::new());
    for item in phases(plan).flat_map(Phase::items).filter(here).filter(done) {
        match &item.check {
            // What takes the place was compared whole.
            Check::Backup(_) if item.check.kind().swaps_database() => return None,
            Check::Rows(rows) if rows.against.is_some() => {
                let proofs = state.latest_passed(&item.id).and_then(|attempt| attempt.outcome());
                for proof in proofs.iter().flat_map(|outcome| &outcome.tables).filter(|proof| proof.when == Moment::Now)
                {
                    counted.insert(proof.table.as_str());
                    if proof.fingerprint.is_some() {
                        compared.insert(proof.table.as_str());
                    }
                }
            }
            _ => {}
        }
    }
    if counted.is_empty() {
        return Some(format!("{name}: no step back compared its tables with what they held before the migration"));
    }
    // The tables that the first migration here found.
    let first = state.attempts.iter().filter(|attempt| attempt.environment == *name);
    let before = first.filter_map(Attempt::outcome).find_map(|outcome| {
        let tables: BTreeSet<&str> = outcome
            .tables
            .iter()
            .filter(|proof| proof.when == Moment::Before)
            .map(|proof| proof.table.as_str())
            .collect();
        (!tables.is_empty()).then_some(tables)
    });
    let all = before.unwrap_or_else(|| counted.clone());
    let left: Vec<&str> = all.iter().filter(|table| !compared.contains(*table)).copied().collect();
    let only = if left.iter().all(|table| counted.contains(table)) { ", their rows were only counted" } else { "" };
    (!left.is_empty()).then(|| {
        let named = left.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if left.len() > NAMED { ", …" } else { "" };
        format!(
            "{name}: the contents of {} of {} tables were not compared with what they held before the migration ({named}{more}){only}; \
             a `rows` check with `depth = \"fingerprints\"` does",
            left.len(),
            all.len()
        )
    })
}

/// Whether anything that changes a protected environment was begun: then ending it leaves something to undo.
pub fn has_changed(plan: &Plan, state: &State) -> bool {
    let asks = |attempt: &Attempt| plan.item(&attempt.item).is_some_and(|item| plan.changes_protected(item));
    state.attempts.iter().any(asks)
}

/// What to do about the data that users wrote between the first change and the end of the rollback, one sentence each.
/// Empty when nothing protected was changed.
pub fn written_since(plan: &Plan, state: &State) -> Vec<String> {
    let Some(rollback) = &state.rollback else { return Vec::new() };
    let changes = |attempt: &&Attempt| plan.item(&attempt.item).is_some_and(|item| plan.changes_protected(item));
    let forward = |attempt: &&Attempt| plan.phase_of(&attempt.item).is_none_or(|phase| phase.way.is_forward());
    let Some(first) = state.attempts.iter().filter(changes).find(forward) else { return Vec::new() };
    let until = rollback.over.as_ref().map_or(rollback.begun.at, |(stamp, _)| stamp.at);
    let name = &first.environment;
    let time = |at: DateTime<Utc>| at.format("%H:%M:%S");
    let mut reported = vec![
        format!(
            "What users wrote in {name} between {} and {} UTC may be missing from the old state, or be in it in the new form.",
            time(first.started),
            time(until)
        ),
        "Keep a copy of the state before the rollback, list what was written in that time, and have its owners enter it \
         again before users come back."
            .to_owned(),
    ];
    let lost = points_of_no_return(plan, state).into_iter();
    reported.extend(lost.map(|(item, lost)| format!("{}: {lost}", item.in_sentence())));
    reported
}

impl State {
    /// Whether the rollback is being taken now.
    pub fn is_going_back(&self) -> bool {
        self.rollback.as_ref().is_some_and(|rollback| rollback.over.is_none())
    }

    /// Whether this item may be carried out on the way the deployment is going, as far as its phase goes.
    pub(super) fn leads(&self, plan: &Plan, item: &ItemId) -> bool {
        let forward = plan.phase_of(item).is_none_or(|phase| phase.way.is_forward());
        if self.is_going_back() { !forward } else { forward && self.ending.is_none() }
    }
}
