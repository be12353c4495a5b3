//! Watches that are evaluated by themselves: when their time is over, or as soon as one can no longer hold. The verdict is
//! an attempt like every other, under a supervisor of its own.

use crate::attempts::arguments::SuperviseArguments;
use crate::attempts::checks::watch;
use crate::attempts::spawn;
use crate::checklist::ItemId;
use crate::deployment::{Board, Operator, watching};
use crate::ledger::Ledger;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::BTreeMap;

/// How often it is looked whether a watch can still hold, while days pass as they do, and in a rehearsal's minutes.
const USUALLY: TimeDelta = TimeDelta::minutes(1);
const HURRIED: TimeDelta = TimeDelta::seconds(2);

/// One that came to nothing is tried again after this.
const AGAIN: TimeDelta = TimeDelta::minutes(5);

/// When each watch was looked at and started last.
#[derive(Debug, Default)]
pub(super) struct Watches {
    looked: Option<DateTime<Utc>>,
    started: BTreeMap<ItemId, DateTime<Utc>>,
}

impl Watches {
    /// Starts the attempts that are due at `now`. A store or a ledger that cannot be read is looked at again.
    pub(super) async fn turn(&mut self, ledger: &Ledger, by: &Operator, now: DateTime<Utc>) {
        let (plan, state) = (ledger.plan(), ledger.state());
        let mut board = Board::at(plan, state, now);
        let watching = watching::under_way(plan, state, &board, now);
        let over = watching.iter().any(|one| one.period.is_over(now) && self.may_start(&one.item.id, now));
        let hurried = watching.iter().any(|one| one.period.is_shortened());
        let pause = if hurried { HURRIED } else { USUALLY };
        if watching.is_empty() || !over && self.looked.is_some_and(|looked| now - looked < pause) {
            return;
        }
        self.looked = Some(now);
        let Ok(readings) = watch::under_way(ledger.evidence(), plan, state, now).await else { return };
        for (item, _, reading) in readings {
            if reading.verdict.is_none()
                || !self.may_start(&item, now)
                || !watching::may_begin(plan, state, &mut board, &item)
            {
                continue;
            }
            let arguments = SuperviseArguments::new(ledger.path().to_owned(), &item, by, None);
            // What it says is in the ledger; one that could not be started is tried again.
            let _ = spawn::spawn(&arguments);
            self.started.insert(item, now);
        }
    }

    fn may_start(&self, item: &ItemId, now: DateTime<Utc>) -> bool {
        self.started.get(item).is_none_or(|at| now - *at >= AGAIN)
    }
}
