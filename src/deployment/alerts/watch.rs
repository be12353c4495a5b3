//! What the collector saw of each metric, and what of it the ledger does not say yet.
//!
//! Asked again and again, so that an alert that could not be recorded is recorded later, and one that is recorded
//! already is not recorded twice.

use super::{Alert, Trouble, downtime};
use crate::checklist::PaneId;
use crate::checklist::pane::Pane;
use crate::deployment::fact::Observed;
use crate::deployment::intent::Intent;
use crate::deployment::metrics::{PaneVerdict, Transition};
use crate::deployment::plan::Plan;
use crate::deployment::state::State;
use chrono::{DateTime, Utc};
use std::collections::BTreeMap;

/// A longer sentence is cut: the ledger is no log.
const LONGEST: usize = 400;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Watch {
    seen: BTreeMap<PaneId, Seen>,
}

#[derive(Debug, Clone, PartialEq)]
enum Seen {
    Trouble {
        seen: Observed,
        /// It was never well, as far as anybody knows.
        never: bool,
    },
    Well {
        since: DateTime<Utc>,
        value: Option<f64>,
        sentence: String,
    },
}

impl Watch {
    /// Takes in that a metric stands differently. `had_data`: it has had a number at some time.
    pub fn take(&mut self, change: &Transition, had_data: bool) {
        let sentence: String = change.sentence.chars().take(LONGEST).collect();
        let (since, value) = (change.since, change.value);
        let trouble = match change.to {
            // Numbers come again, of a metric that shows nothing by them.
            PaneVerdict::Inconclusive if change.from == PaneVerdict::NoData => None,
            PaneVerdict::Ok => None,
            PaneVerdict::OverTarget => Some(Trouble::OverTarget),
            PaneVerdict::WorseThanBaseline => Some(Trouble::WorseThanBaseline),
            PaneVerdict::NoData => Some(Trouble::NoData),
            // Shows nothing either way.
            PaneVerdict::Inconclusive => return,
        };
        let seen = match trouble {
            None => Seen::Well { since, value, sentence },
            Some(verdict) => {
                let (unit, target) = (change.unit.clone(), change.target.clone());
                // The last number before the silence is none of now.
                let value = value.filter(|_| verdict != Trouble::NoData);
                let known = verdict == Trouble::NoData && had_data;
                let never = change.from == PaneVerdict::Inconclusive && !known;
                Seen::Trouble {
                    seen: Observed { verdict, value, unit, target, since, sentence, expected: None },
                    never,
                }
            }
        };
        self.seen.insert(change.pane.clone(), seen);
    }

    /// What is to be recorded now.
    #[must_use]
    pub fn due(&self, plan: &Plan, state: &State, now: DateTime<Utc>) -> Vec<Intent> {
        let panes = &plan.checklist().panes;
        let mut due = Vec::new();
        for pane in panes {
            let open = state.alerts.of(&pane.id);
            let (Some(seen), Some((environment, _))) = (self.seen.get(&pane.id), plan.environment_in(&pane.slot))
            else {
                due.extend(open.and_then(|open| unexpected(plan, state, open, pane, now)));
                continue;
            };
            match (seen, open) {
                (Seen::Well { .. }, None) => {}
                (Seen::Well { since, value, sentence }, Some(open)) => {
                    // Nobody takes a target that was loosened for a metric that got better.
                    let was = open.seen.target.as_ref().filter(|was| pane.expected().as_ref() != Some(*was));
                    let was = was.map(|was| format!("; the target was {was} when it was raised")).unwrap_or_default();
                    due.push(clear(open, *since, *value, &format!("{sentence}{was}")));
                }
                (Seen::Trouble { seen, .. }, Some(open))
                    if open.seen.verdict == seen.verdict && !is_another_kind(pane, open, seen) =>
                {
                    due.extend(unexpected(plan, state, open, pane, now));
                }
                (Seen::Trouble { seen, never }, open) => {
                    let no_news = *never && open.is_none() && downtime::awaits(plan, state, environment, now).is_some();
                    if no_news {
                        continue;
                    }
                    due.push(Intent::RaiseAlert { pane: pane.id.clone(), seen: seen.clone() });
                }
            }
        }
        for open in state.alerts.open() {
            if !panes.iter().any(|pane| pane.id == open.pane) {
                due.push(clear(open, now, None, "the checklist does not define this metric any more"));
            }
        }
        due
    }
}

fn clear(open: &Alert, since: DateTime<Utc>, value: Option<f64>, sentence: &str) -> Intent {
    Intent::ClearAlert { pane: open.pane.clone(), since, value, sentence: sentence.to_owned() }
}

/// Of a count of kinds of trouble: there are more than the alert says.
pub(in crate::deployment) fn is_another_kind(pane: &Pane, open: &Alert, seen: &Observed) -> bool {
    pane.source.counts_kinds() && seen.value > open.seen.value
}

/// An alert that was expected and is not any more is reported again.
fn unexpected(plan: &Plan, state: &State, open: &Alert, pane: &Pane, now: DateTime<Utc>) -> Option<Intent> {
    let lapsed = open.seen.expected.is_some() && downtime::expected(plan, state, pane, now).is_none();
    lapsed.then(|| Intent::RaiseAlert { pane: pane.id.clone(), seen: open.seen.clone() })
}
