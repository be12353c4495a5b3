//! A metric pane as the cockpit has it: what was measured, and its gaps.

use crate::checklist::EnvironmentName;
use crate::checklist::pane::Pane;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;

/// Samples a pane keeps for its line.
pub(super) const HISTORY: usize = 240;

/// A pane with what was measured of it.
#[derive(Debug, Clone)]
pub struct PaneView {
    pub pane: Pane,
    pub environment: EnvironmentName,
    /// Oldest first; `None` is a gap.
    pub history: VecDeque<Option<f64>>,
    /// Why there is no number now.
    pub gap: Option<String>,
    pub last_at: Option<DateTime<Utc>>,
}

impl PaneView {
    /// A pane of which nothing was measured yet.
    #[must_use]
    pub fn new(pane: Pane, environment: EnvironmentName) -> Self {
        Self { pane, environment, history: VecDeque::new(), gap: None, last_at: None }
    }

    #[must_use]
    pub fn last(&self) -> Option<f64> {
        self.history.back().copied().flatten()
    }

    pub fn push(&mut self, at: DateTime<Utc>, value: Result<f64, String>) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.last_at = Some(at);
        match value {
            Ok(number) => {
                self.history.push_back(Some(number));
                self.gap = None;
            }
            Err(why) => {
                self.history.push_back(None);
                self.gap = Some(why);
            }
        }
    }
}
