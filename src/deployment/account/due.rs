//! What the status document says of the time after the decision: lines that are due, and watches under way.

use crate::checklist::{ItemId, PaneId};
use crate::deployment::{Board, Plan, State, due, watching};
use chrono::{DateTime, Utc};
use serde::Serialize;

/// A line to be done between two moments; `overdue` when the second is over.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DueLine {
    pub item: ItemId,
    pub title: String,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub overdue: bool,
}

/// A watch under way. `detail` and `coverage` (percent) are there where the samples could be read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WatchLine {
    pub item: ItemId,
    pub title: String,
    pub pane: PaneId,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    /// Of the time that has passed, from 0 to 1.
    pub share: f64,
    pub coverage: Option<f64>,
    pub detail: Option<String>,
}

/// Overdue lines first.
pub(crate) fn due_lines(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Vec<DueLine> {
    let lines = due::due(plan, state, board, now).into_iter().map(|one| DueLine {
        item: one.item.id.clone(),
        title: one.item.title.clone(),
        from: one.from,
        until: one.until,
        overdue: one.is_overdue(now),
    });
    lines.collect()
}

pub(crate) fn watch_lines(plan: &Plan, state: &State, board: &Board, now: DateTime<Utc>) -> Vec<WatchLine> {
    let watching = watching::under_way(plan, state, board, now).into_iter().map(|one| WatchLine {
        item: one.item.id.clone(),
        title: one.item.title.clone(),
        pane: one.watch.pane.clone(),
        from: one.period.from,
        until: one.period.until,
        share: one.period.share(now),
        coverage: None,
        detail: None,
    });
    watching.collect()
}
