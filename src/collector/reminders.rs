//! What the collector records is sent to people elsewhere: what a watch came to, and once a day what is due.

use super::alerting::is_of_alert;
use crate::attempts::notify::Targets;
use crate::deployment::{Board, Intent, Operator, due};
use crate::ledger::Ledger;
use chrono::{DateTime, TimeDelta, Utc};

/// How often it is looked whether something fell due.
const PAUSE: TimeDelta = TimeDelta::seconds(20);

/// Up to which record people were notified, and when it was looked last.
#[derive(Debug)]
pub(super) struct Reminders {
    reported: usize,
    looked: Option<DateTime<Utc>>,
}

impl Reminders {
    /// What is on record already was recognised by whoever recorded it.
    pub(super) fn after(ledger: &Ledger) -> Self {
        Self { reported: ledger.records().len(), looked: None }
    }

    /// Reminds of what fell due, and reports everything that was recorded in the name of `by`. A ledger that cannot be
    /// written at the moment is tried again.
    pub(super) fn turn(&mut self, ledger: &mut Ledger, by: &Operator, now: DateTime<Utc>) {
        if self.looked.is_none_or(|looked| now - looked >= PAUSE || now < looked) {
            self.looked = Some(now);
            let (plan, state) = (ledger.plan().clone(), ledger.state());
            let board = Board::at(&plan, state, now);
            if !due::to_remind_of(&plan, state, &board, now).is_empty() {
                let _ = ledger.append(by, Intent::RemindOfDue);
            }
        }
        let fresh = ledger.records().iter().skip(self.reported);
        let own: Vec<_> = fresh.filter(|record| *record.by == *by && !is_of_alert(record)).cloned().collect();
        self.reported = ledger.records().len();
        let plan = ledger.plan().clone();
        let Ok(targets) = Targets::of(&plan, ledger.layout().home()) else { return };
        if own.is_empty() || targets.is_empty() {
            return;
        }
        let Some(first) = ledger.records().first().map(|record| record.sum.clone()) else { return };
        let (path, by) = (ledger.path().to_owned(), by.clone());
        tokio::spawn(async move {
            let unsent = targets.tell(&plan, &first, &own).await;
            let Ok(mut ledger) = Ledger::open(&path) else { return };
            for one in unsent {
                let (event, target, reason) = (one.event.to_owned(), one.target, one.reason);
                // A ledger that cannot be written now says so to whoever looks at it.
                let _ = ledger.append(&by, Intent::ReportNotice { event, target, reason });
            }
        });
    }
}
