//! Tells people elsewhere of what a command recorded.

use super::Failure;
use crate::attempts::notify::Targets;
use crate::deployment::{Intent, Operator};
use crate::ledger::Ledger;
use std::io::Write;
use std::path::Path;

/// Carries a command out and tells of the records it made. That somebody could not be told is said and recorded, and is
/// no failure of the command.
pub async fn telling(
    path: &Path,
    by: &Operator,
    out: &mut dyn Write,
    act: impl FnOnce(&mut dyn Write) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let before = Ledger::open(path).map_or(0, |ledger| ledger.records().len());
    let done = act(out);
    let Ok(mut ledger) = Ledger::open(path) else { return done };
    let own = ledger.records().iter().skip(before).filter(|record| record.by == *by).cloned().collect::<Vec<_>>();
    let plan = ledger.plan().clone();
    let targets = match Targets::of(&plan, ledger.layout().home()) {
        Ok(targets) if targets.is_empty() => return done,
        Ok(targets) => targets,
        Err(error) => {
            writeln!(out, "nobody was told: {error}")?;
            return done;
        }
    };
    for unsent in targets.tell(&plan, &own).await {
        writeln!(out, "{} could not be told of it: {}", unsent.target, unsent.reason)?;
        let (event, target, reason) = (unsent.event.to_owned(), unsent.target, unsent.reason);
        if let Err(error) = ledger.append(by, Intent::ReportNotice { event, target, reason }) {
            writeln!(out, "nor could that be recorded: {error}")?;
        }
    }
    done
}
