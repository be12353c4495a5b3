//! The ledger as the supervisor's book.

use super::book::{Book, BookError};
use crate::deployment::{Fact, Intent, Operator, Plan, State};
use crate::ledger::{AppendError, Ledger, LedgerError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

impl Book for Ledger {
    fn path(&self) -> &Path {
        Ledger::path(self)
    }

    fn evidence(&self) -> PathBuf {
        Ledger::evidence(self).to_owned()
    }

    fn plan(&self) -> Arc<Plan> {
        Arc::clone(Ledger::plan(self))
    }

    fn state(&self) -> Arc<State> {
        Arc::new(Ledger::state(self).clone())
    }

    fn refresh(&mut self) -> Result<(), BookError> {
        self.follow().map(|_| ()).map_err(|error| trouble(&error))
    }

    fn append_with(
        &mut self,
        by: &Operator,
        intent: Intent,
        prepare: &mut dyn FnMut(&[Fact]) -> io::Result<()>,
    ) -> Result<(), BookError> {
        match Ledger::append_with(self, by, intent, prepare) {
            Ok(_) => Ok(()),
            Err(AppendError::Refused(refusal)) => Err(BookError::Refused(refusal)),
            Err(AppendError::Ledger(error)) => Err(trouble(&error)),
        }
    }
}

/// A full disk may have room again; a damaged file does not mend itself.
fn trouble(error: &LedgerError) -> BookError {
    let (status, sentence) = (error.exit_status(), error.to_string());
    if status == 1 { BookError::Unavailable(sentence) } else { BookError::Unusable { sentence, status } }
}
