//! Whether each decision is where it was taken, and says what the ledger says of it.

use crate::deployment::fact::{Approval, Decided};
use crate::deployment::{Board, Plan, Record, State, criteria};
use crate::ledger::Ledger;

/// What of a decision is not what the records before it say.
pub(super) fn wrong(ledger: &Ledger, plan: &Plan, record: &Record, decided: &Decided) -> Option<String> {
    let what = format!("the decision in record {}", record.seq);
    if decided.checklist != *plan.digest() {
        return Some(format!("{what} was taken on a checklist that was not followed then"));
    }
    let no_go = decided.criteria.iter().find(|criterion| criterion.verdict == criteria::Call::NoGo.word());
    if let Some(criterion) = no_go.filter(|_| decided.decision == Approval::Go) {
        let (item, verdict) = (&criterion.item, &criterion.verdict);
        return Some(format!("{what} is a GO, and states {verdict} for {item}"));
    }
    // Older decisions do not name the record that they were taken on.
    let head = decided.head.as_ref()?;
    let count = usize::try_from(head.seq.0).unwrap_or(usize::MAX);
    let before = ledger.records().get(..count).filter(|_| head.seq < record.seq);
    let Some(last) = before.and_then(<[_]>::last).filter(|last| last.sum == head.sum) else {
        return Some(format!("{what} was taken on record {}, which is not in this ledger before it", head.seq));
    };
    let state = State::replay(before.unwrap_or_default());
    let plan = plan.active(&state);
    let board = Board::at(&plan, &state, record.at.max(last.at));
    let stood = criteria::stood(&plan, &state, &board);
    if stood.len() != decided.criteria.len() {
        let (stated, stood) = (decided.criteria.len(), stood.len());
        return Some(format!("{what} states {stated} criteria, and there were {stood}"));
    }
    let mut both = stood.iter().zip(&decided.criteria);
    let (now, stated) = both.find(|(now, stated)| (&now.item, &now.verdict) != (&stated.item, &stated.verdict))?;
    let (item, said, verdict) = (&stated.item, &stated.verdict, &now.verdict);
    Some(format!("{what} states {said} for {item}, and the records before it say {verdict} for {}", now.item))
}
