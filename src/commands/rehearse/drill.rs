//! `gonogo rehearse --drill rollback`: to the migration in production, and all the rollback.

use super::Failure;
use crate::checklist::check::{Direction, MigrationTarget};
use crate::checklist::{Check, ItemId};
use crate::commands::fly::Headless;
use crate::deployment::fact::EstimatesAdopted;
use crate::deployment::rollback::Ending;
use crate::deployment::{Intent, Plan, rollback, timing};

const WHY: &str = "rollback drill: the migration is declared failed";

/// The step that changes the schema of what is protected.
pub(super) fn migration(plan: &Plan) -> Option<ItemId> {
    let items = plan.order().iter().filter_map(|id| plan.item(id));
    let changes = |check: &Check| {
        matches!(check, Check::Migration(migration)
            if migration.direction == Direction::Upgrade && migration.on == MigrationTarget::Environment)
    };
    let mut found = items.filter(|item| changes(&item.check) && plan.changes_protected(item));
    found.next().map(|item| item.id.clone())
}

/// Goes back from wherever production was changed. Exit status 0 when the old state is verified.
pub(super) async fn go_back(headless: &mut Headless<'_>) -> Result<u8, Failure> {
    let plan = headless.ledger.plan().clone();
    let captain = headless.operator.simulating("captain");
    if headless.ledger.state().rollback.is_none() {
        if !rollback::has_changed(&plan, headless.ledger.state()) {
            writeln!(headless.out, "\nproduction was not changed, so there was nothing to roll back")?;
            headless.account(None)?;
            return Ok(1);
        }
        if headless.ledger.state().ending.is_none() {
            headless.ledger.append(&captain, Intent::Abort { ending: Ending::Failed, reason: WHY.to_owned() })?;
            writeln!(headless.out, "\nFAILED  {WHY}")?;
        }
        for (item, words) in rollback::points_of_no_return(&plan, headless.ledger.state()) {
            writeln!(headless.out, "  no return from: {}. {words}", item.title)?;
        }
        headless.ledger.append(&captain, Intent::BeginRollback { ending: Ending::Failed, reason: WHY.to_owned() })?;
    }
    Box::pin(headless.fly(None)).await?;
    end(headless, &plan)
}

fn end(headless: &mut Headless<'_>, plan: &Plan) -> Result<u8, Failure> {
    let captain = headless.operator.simulating("captain");
    let note = "the drill ends here".to_owned();
    if headless.ledger.state().is_going_back() {
        headless.ledger.append(&captain, Intent::EndRollback { note: Some(note) })?;
    }
    let over = headless.ledger.state().rollback.as_ref().and_then(|rollback| rollback.over.clone());
    let Some((_, over)) = over else { return Ok(1) };
    let seconds = over.took_ms as f64 / 1_000.0;
    if !over.unverified.is_empty() {
        writeln!(headless.out, "\nrolled back in {seconds:.1} s; not verified:")?;
        for open in &over.unverified {
            writeln!(headless.out, "  {open}")?;
        }
        return Ok(1);
    }
    let environments: Vec<&str> = plan.bindings().values().map(crate::checklist::EnvironmentName::as_str).collect();
    let estimates = EstimatesAdopted {
        source: format!("rollback drill of {}, {}", plan.checklist().title, environments.join(" and ")),
        durations: timing::durations(headless.ledger.state()),
        rollback_ms: Some(over.took_ms),
    };
    headless.ledger.append(&captain, Intent::AdoptEstimates(estimates))?;
    let path = headless.ledger.path().display();
    writeln!(headless.out, "\nROLLED BACK in {seconds:.1} s; the old state is verified")?;
    writeln!(headless.out, "  `gonogo window LEDGER --estimates {path}` lets another deployment reckon with that")?;
    Ok(0)
}
