//! What is measured again by itself, and who has seen what came of it.

use super::{known, tidy};
use crate::checklist::ItemId;
use crate::deployment::fact::Fact;
use crate::deployment::measurement::{Measurement, Verdict};
use crate::deployment::plan::Plan;
use crate::deployment::record::Seq;
use crate::deployment::refusal::{NamedItem, Refusal};
use crate::deployment::sensing::FAILURES;
use crate::deployment::state::State;
use crate::deployment::status::{Board, ItemStatus};

/// One measurement of a sensed item.
pub(super) struct Sensed {
    pub item: ItemId,
    pub verdict: Verdict,
    pub detail: String,
    pub measured: Vec<Measurement>,
    pub failures: u32,
}

/// Only a change is recorded. A tick that an attempt never earned is not given here.
pub(super) fn report(plan: &Plan, state: &State, sensed: Sensed) -> Result<Vec<Fact>, Refusal> {
    let Sensed { item: id, verdict, detail, measured, failures } = sensed;
    if known(plan, &id)?.sense.is_none() {
        return Err(Refusal::NotSensed(NamedItem::item(plan, &id)));
    }
    let regressed = state.history(&id).is_some_and(|history| history.regressed.is_some());
    Ok(match verdict {
        Verdict::Pass if regressed => vec![Fact::ItemRecovered { item: id, detail }],
        Verdict::Fail if failures >= FAILURES && !regressed => {
            let holds = *Board::new(plan, state).status(&id) == ItemStatus::Done;
            let fact = Fact::ItemRegressed { item: id, reason: detail, failures, measured };
            if holds { vec![fact] } else { Vec::new() }
        }
        _ => Vec::new(),
    })
}

/// Once is enough: that somebody has seen it already is no error.
pub(super) fn acknowledge(state: &State, record: Seq, note: Option<String>) -> Result<Vec<Fact>, Refusal> {
    if !state.asking.contains(&record) {
        return Err(Refusal::NothingToAcknowledge(record));
    }
    let seen = state.acknowledged.contains_key(&record);
    Ok(if seen { Vec::new() } else { vec![Fact::Acknowledged { record, note: tidy(note) }] })
}
