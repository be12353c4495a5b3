//! Getting an outcome into the ledger, however long that takes.

use crate::attempts::book::{Book, BookError};
use crate::attempts::files::{AttemptFiles, Durability};
use crate::checklist::EnvironmentName;
use crate::deployment::attempt::{AttemptNumber, Outcome};
use crate::deployment::measurement::Verdict;
use crate::deployment::{Intent, Operator, Refusal};
use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Writes the outcome beside the ledger, synced, then appends it; both again and again while the disk is full or the
/// lock is held, for as long as the ledger is there.
///
/// # Errors
/// When the ledger is gone or damaged. The outcome then is in its file.
pub(super) async fn record(
    book: &mut dyn Book,
    by: &Operator,
    attempt: AttemptNumber,
    outcome: Outcome,
    files: &AttemptFiles,
) -> Result<(), BookError> {
    let json = serde_json::to_vec_pretty(&outcome).map_err(|error| unusable(error.to_string()))?;
    let mut kept = false;
    let mut pause = FIRST_PAUSE;
    loop {
        // The file comes first: when this process dies between the two, whoever finds it appends the record.
        kept = kept || files.replace(&files.outcome(), &json, Durability::Durable).is_ok();
        match book.append(by, Intent::FinishAttempt { attempt, outcome: outcome.clone() }) {
            Ok(()) | Err(BookError::Refused(Refusal::AlreadyRecorded(_))) => return Ok(()),
            Err(BookError::Unavailable(why)) => {
                if !book.path().exists() {
                    return Err(unusable(format!("the ledger is gone, so nothing can be recorded: {why}")));
                }
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Records which database is in an environment's place after another may have been put there; whoever comes next is
/// held against that one.
pub(super) fn swapped(
    book: &mut dyn Book,
    by: &Operator,
    environment: &EnvironmentName,
    identity: Result<String, String>,
    outcome: Outcome,
) -> Outcome {
    let recorded = identity.and_then(|identity| {
        let intent = Intent::RecordIdentity { environment: environment.clone(), identity };
        book.append(by, intent).map_err(|error| error.to_string())
    });
    match recorded {
        Ok(()) => outcome,
        Err(why) => {
            let detail = format!("{}; which database stands there now could not be recorded: {why}", outcome.detail);
            Outcome { verdict: outcome.verdict.and(Verdict::Inconclusive), detail, ..outcome }
        }
    }
}

fn unusable(sentence: String) -> BookError {
    BookError::Unusable { sentence, status: 3 }
}
