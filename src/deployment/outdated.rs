//! What was measured before its environment was changed again: it says nothing of what is there now.
//!
//! A changing step that is carried out again (`changes = true`: a release, a restart, a migration) leaves behind it lines
//! that were measured in the state before. They keep their verdict in the ledger and lose their tick: they are outdated
//! until they are measured again. What was measured to compare with later must never be measured again after the change,
//! so it is never outdated. An attempt that could not be started changed nothing and counts as no run.
//!
//! With F and R the first and the latest run of a step in the environment, and M the latest measurement of a line:
//!
//! | line | order of runs | is |
//! |---|---|---|
//! | behind the step | F M R | outdated |
//! | behind the step | F R M, or F M with no R | as it was |
//! | behind the step | M F R | a baseline: as it was |
//! | before the step in the checklist, or in another environment | any | a baseline: as it was |
//! | that another line or a metric compares with | any | a baseline: as it was |
//! | behind the step, before a migration that ran first between M and R | F M migration R | a baseline: as it was |
//! | behind the step, before a migration that ran first after R | F M R migration | inconclusive: too late to measure it |
//! | that found the service silent, before a step that was carried out after R | F M R start | inconclusive: too late |
//! | that failed or could not tell | F M R | as it was: a failure is never hidden |
//! | a tick, a value, a waiver, a notice, a watch, a backup | any | as it was: nothing there is measured at a moment |
//!
//! "Migration" is whatever lasts in the data: a migration, a restore into place, a step with `no_return`, and a command
//! that names a migrator or a database's client. A restart does not: what was measured before it can be measured behind it.

use super::attempt::{Attempt, AttemptNumber, End};
use super::measurement::Verdict;
use super::plan::Plan;
use super::state::State;
use crate::checklist::check::{MigrationTarget, Need};
use crate::checklist::model::Risk;
use crate::checklist::{Check, EnvironmentName, Item, ItemId};
use std::collections::HashMap;

/// What a command that lasts in the data speaks of.
const LASTING: [&str; 12] = [
    "migrat",
    "alembic",
    "flyway",
    "liquibase",
    "dbmate",
    "sqitch",
    "goose",
    "psql",
    "pg_restore",
    "sqlite3",
    "mysql",
    "mariadb",
];

/// The steps that change something, in the order of the checklist, each with its runs in one environment.
pub(crate) struct Changes<'a> {
    plan: &'a Plan,
    steps: Vec<Step<'a>>,
}

struct Step<'a> {
    item: &'a Item,
    place: usize,
    environment: &'a EnvironmentName,
    first: AttemptNumber,
    last: AttemptNumber,
    lasts: bool,
}

/// A line that was measured before a step was carried out again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outdated {
    /// What it was, behind its title: `measured before "Deploy" was run again`.
    pub(crate) why: String,
    /// Whether what is there now is no longer what the line speaks of, so that measuring it again would be wrong.
    pub(crate) too_late: bool,
}

impl<'a> Changes<'a> {
    pub(crate) fn of(plan: &'a Plan, state: &'a State) -> Self {
        let mut steps: Vec<Step<'a>> = Vec::new();
        for (place, id) in plan.order().iter().enumerate() {
            let Some(item) = plan.item(id).filter(|item| item.risk == Risk::Changes) else { continue };
            let known = steps.len();
            for attempt in runs(state, id) {
                match steps.iter_mut().skip(known).find(|step| *step.environment == attempt.environment) {
                    Some(step) => step.last = attempt.number,
                    None => steps.push(Step {
                        item,
                        place,
                        environment: &attempt.environment,
                        first: attempt.number,
                        last: attempt.number,
                        lasts: lasts(plan, item),
                    }),
                }
            }
        }
        Self { plan, steps }
    }

    /// The step before a measured one that was carried out after this attempt of it, in the same environment.
    ///
    /// What a changing step measured of itself, as how long it lasted, stays true of that run; a baseline stays one.
    pub(crate) fn since(&self, attempt: &Attempt) -> Option<&'a Item> {
        let item = self.plan.item(&attempt.item).filter(|item| item.risk != Risk::Changes)?;
        let again = self.before(item, &attempt.environment).filter(|step| step.last > attempt.number);
        Some(again.filter(|step| !self.is_baseline(item, attempt, step.last)).last()?.item)
    }

    /// Whether the latest attempt of a line is outdated, and by what.
    pub(crate) fn outdated(&self, attempt: &Attempt) -> Option<Outdated> {
        let item = self.plan.item(&attempt.item).filter(|item| is_measured_at_a_moment(item))?;
        let again = self
            .before(item, &attempt.environment)
            .filter(|step| step.first < attempt.number && attempt.number < step.last);
        let step = again.filter(|step| !self.is_baseline(item, attempt, step.last)).max_by_key(|step| step.last)?;
        let why = format!("measured before {} was run again", step.item.in_sentence());
        let beyond = self.behind(item, &attempt.environment).find(|later| {
            (later.lasts && attempt.number < later.first)
                || (item.check.kind().finds_silence() && step.last < later.last)
        });
        Some(match beyond {
            None => Outdated { why, too_late: false },
            Some(later) => {
                let title = later.item.in_sentence();
                let why = format!("{why}, and {title} was run since: it cannot be measured as it was");
                Outdated { why, too_late: true }
            }
        })
    }

    /// Whether an attempt measured what a change up to `until` is compared with.
    fn is_baseline(&self, item: &Item, attempt: &Attempt, until: AttemptNumber) -> bool {
        self.plan.is_compared(&item.id)
            || self
                .behind(item, &attempt.environment)
                .any(|later| later.lasts && attempt.number < later.first && later.first < until)
    }

    /// The steps before an item in the checklist that ran in an environment, and lead the same way.
    fn before(&self, item: &Item, environment: &EnvironmentName) -> impl Iterator<Item = &Step<'a>> {
        let at = self.plan.position(&item.id);
        self.beside(item, environment).filter(move |step| Some(step.place) < at)
    }

    /// Those behind it.
    fn behind(&self, item: &Item, environment: &EnvironmentName) -> impl Iterator<Item = &Step<'a>> {
        let at = self.plan.position(&item.id);
        self.beside(item, environment).filter(move |step| at.is_some_and(|at| at < step.place))
    }

    fn beside(&self, item: &Item, environment: &EnvironmentName) -> impl Iterator<Item = &Step<'a>> {
        let forward = is_forward(self.plan, &item.id);
        self.steps
            .iter()
            .filter(move |step| step.environment == environment && is_forward(self.plan, &step.item.id) == forward)
    }
}

/// Every line that is outdated.
pub(crate) fn all(plan: &Plan, state: &State) -> HashMap<ItemId, Outdated> {
    let changes = Changes::of(plan, state);
    if changes.steps.iter().all(|step| step.first == step.last) {
        return HashMap::new();
    }
    let passed = plan.order().iter().filter_map(|id| {
        let attempt = state.latest(id)?;
        let passed = attempt.outcome().is_some_and(|outcome| outcome.verdict == Verdict::Pass);
        Some((id.clone(), changes.outdated(attempt).filter(|_| passed)?))
    });
    passed.collect()
}

/// The step that has run since a baseline was due: measured now, the new state would be compared with itself.
///
/// What is in a database outlasts a restart. Anything else may be other behind any step, as a service is behind its
/// release.
pub(crate) fn too_late<'a>(plan: &'a Plan, state: &'a State, item: &'a Item) -> Option<&'a Item> {
    if item.risk == Risk::Changes || !item.check.is_attempted() || !plan.is_compared(&item.id) {
        return None;
    }
    let (environment, _) = plan.environment_of(item)?;
    let needs = item.check.kind().needs();
    let of_data = needs.contains(&Need::Database) && !needs.contains(&Need::Url);
    let changes = Changes::of(plan, state);
    let step = changes.behind(item, environment).filter(|step| step.lasts || !of_data).min_by_key(|step| step.first);
    step.map(|step| step.item)
}

/// The attempts at a step that may have changed something, in their order, also those under an earlier checklist.
fn runs<'a>(state: &'a State, id: &ItemId) -> Vec<&'a Attempt> {
    let ran = |attempt: &&Attempt| attempt.outcome().is_none_or(|outcome| outcome.end != End::NotStarted);
    if state.amendments.is_empty() {
        let numbers = state.history(id).map(|history| history.attempts.as_slice()).unwrap_or_default();
        return numbers.iter().filter_map(|number| state.attempt(*number)).filter(ran).collect();
    }
    state.attempts.iter().filter(|attempt| attempt.item == *id).filter(ran).collect()
}

fn is_forward(plan: &Plan, id: &ItemId) -> bool {
    plan.phase_of(id).is_none_or(|phase| phase.way.is_forward())
}

/// Whether what a step does is still to be found in the data after every later step.
fn lasts(plan: &Plan, item: &Item) -> bool {
    let kind = item.check.kind();
    let migrates = matches!(&item.check, Check::Migration(migration)
        if migration.changes() && migration.on == MigrationTarget::Environment);
    let speaks = || {
        let command = plan.environment_of(item).and_then(|(_, environment)| kind.command(environment));
        command.is_some_and(|command| {
            let command = command.to_ascii_lowercase();
            LASTING.iter().any(|word| command.contains(word))
        })
    };
    migrates || kind.swaps_database() || item.no_return.is_some() || speaks()
}

/// Whether an item looks at its environment as it is when it runs.
fn is_measured_at_a_moment(item: &Item) -> bool {
    item.check.kind().looks_at_a_moment() && item.risk != Risk::Changes
}
