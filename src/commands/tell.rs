//! Shows people elsewhere of what a command recorded.

use super::Failure;
use crate::attempts::notify::Targets;
use crate::deployment::{Intent, Operator, Record};
use crate::ledger::Ledger;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A place in a ledger: what this person's commands record after it is reported.
pub(crate) struct Since {
    path: PathBuf,
    records: usize,
    by: Operator,
}

impl Since {
    /// From where the ledger stands now.
    pub(crate) fn now(path: &Path, by: &Operator) -> Self {
        let records = Ledger::open(path).map_or(0, |ledger| ledger.records().len());
        Self { path: path.to_owned(), records, by: by.clone() }
    }

    /// From where an open ledger stands.
    pub(crate) fn of(ledger: &Ledger, by: &Operator) -> Self {
        Self { path: ledger.path().to_owned(), records: ledger.records().len(), by: by.clone() }
    }

    /// Reports the records made since. That somebody could not be reported is said and recorded, and is no failure of the
    /// command.
    pub(crate) async fn tell(self, out: &mut dyn Write) -> Result<(), Failure> {
        let Ok(mut ledger) = Ledger::open(&self.path) else { return Ok(()) };
        let fresh = ledger.records().iter().skip(self.records);
        let own = fresh.filter(|record| self.is_own(record)).cloned().collect::<Vec<_>>();
        let Some(first) = ledger.records().first().map(|first| first.sum.clone()) else { return Ok(()) };
        let plan = ledger.plan().clone();
        let targets = match Targets::of(&plan, ledger.layout().home()) {
            Ok(targets) if targets.is_empty() => return Ok(()),
            Ok(targets) => targets,
            Err(error) => {
                writeln!(out, "nobody was notified: {error}")?;
                return Ok(());
            }
        };
        for unsent in targets.tell(&plan, &first, &own).await {
            writeln!(out, "{} could not be notified: {}", unsent.target, unsent.reason)?;
            let (event, target, reason) = (unsent.event.to_owned(), unsent.target, unsent.reason);
            if let Err(error) = ledger.append(&self.by, Intent::ReportNotice { event, target, reason }) {
                writeln!(out, "nor could that be recorded: {error}")?;
            }
        }
        Ok(())
    }

    /// Whether this person made a record, or a simulated answer of theirs did.
    fn is_own(&self, record: &Record) -> bool {
        let by = &record.by;
        by.user == self.by.user && by.host == self.by.host && (by.says == self.by.says || by.simulated.is_some())
    }
}

/// Carries a command out and reports the records it made.
pub(crate) async fn telling(
    path: &Path,
    by: &Operator,
    out: &mut dyn Write,
    act: impl FnOnce(&mut dyn Write) -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    let since = Since::now(path, by);
    let done = act(out);
    since.tell(out).await?;
    done
}
