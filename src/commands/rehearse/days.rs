//! The 24 hours and the 7 days after the decision, flown in minutes.

use crate::checklist::Check;
use crate::checklist::model::Due;
use crate::commands::Failure;
use crate::commands::fly::Headless;
use crate::deployment::criteria::{self, Call};
use crate::deployment::{Board, ItemStatus};
use chrono::Utc;

/// Decides, and flies everything behind the decision. Gives the exit status: that of the decision when it is no GO, 1 when
/// something behind it failed, 6 when something could not be reported.
pub(super) async fn fly(headless: &mut Headless<'_>) -> Result<Option<u8>, Failure> {
    let by = headless.operator.clone();
    let status = super::decide(&mut headless.ledger, &by, headless.out)?;
    if status != 0 {
        return Ok(Some(status));
    }
    if let Some(mut script) = headless.script.take() {
        let acted = script.act(headless);
        headless.script = Some(script);
        acted?;
    }
    Box::pin(headless.fly(None)).await?;
    Box::pin(prove(headless)).await;
    account(headless).map(Some)
}

/// Watches are evaluated by the collector, so they are sabotaged here.
async fn prove(headless: &mut Headless<'_>) {
    let plan = headless.ledger.plan().clone();
    let Some(prover) = &mut headless.prover else { return };
    for item in plan.checklist().items().filter(|item| matches!(item.check, Check::Watch(_))) {
        prover.prove(&headless.ledger, &item.id).await;
    }
}

/// What the days showed: every watch, and the criteria that were due in them.
fn account(headless: &mut Headless<'_>) -> Result<u8, Failure> {
    headless.ledger.follow()?;
    let plan = headless.ledger.plan().clone();
    let state = headless.ledger.state();
    let board = Board::at(&plan, state, Utc::now());
    writeln!(headless.out, "\nWatched")?;
    let (mut failed, mut open) = (0, 0);
    for item in plan.checklist().items().filter(|item| matches!(item.check, Check::Watch(_))) {
        let status = board.status(&item.id);
        let (word, why) = match status {
            ItemStatus::Done => ("pass", criteria::verdict_text(state, item)),
            ItemStatus::Failed(why) => ("FAIL", why.clone()),
            ItemStatus::Inconclusive(why) => ("inconclusive", why.clone()),
            other => (other.word(), String::new()),
        };
        failed += usize::from(matches!(status, ItemStatus::Failed(_)));
        open += usize::from(!status.is_complete() && !matches!(status, ItemStatus::Failed(_)));
        writeln!(headless.out, "  {word:<13}{} ({}): {why}", item.title, item.id)?;
    }
    writeln!(headless.out, "\nCriteria of the 24 hours and the 7 days")?;
    for line in criteria::criteria(&plan, state, &board).iter().filter(|line| line.due != Due::Decision) {
        failed += usize::from(line.call == Call::NoGo);
        writeln!(headless.out, "  {:<13}{:<9}{}: {}", line.call.word(), line.due.word(), line.item.title, line.value)?;
    }
    Ok(match (failed, open) {
        (0, 0) => 0,
        (0, _) => crate::commands::NO_GO,
        _ => 1,
    })
}
