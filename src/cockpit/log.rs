//! Which records the timeline shows: the start of a step and its end are one line, and a filter leaves lines out.

use super::model::Model;
use super::sentence::{Bearing, sentence};
use crate::deployment::about::{About, Source};
use crate::deployment::{Fact, Record};
use std::collections::BTreeSet;

/// Which records the timeline shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum LogFilter {
    #[default]
    All,
    /// Decisions, polls, sign-offs, holds, gates and endings.
    Decisions,
    /// What failed, or is in doubt.
    Failures,
    /// What people did.
    People,
}

impl LogFilter {
    pub const ALL: [LogFilter; 4] = [LogFilter::All, LogFilter::Decisions, LogFilter::Failures, LogFilter::People];

    pub fn word(self) -> &'static str {
        self.into()
    }

    /// The one after it, round the end.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|filter| *filter == self).unwrap_or(0);
        Self::ALL[(at + 1) % Self::ALL.len()]
    }
}

impl Model {
    /// The record in hand on the timeline.
    pub fn record_in_hand(&self) -> Option<&Record> {
        let at = self.cursor(super::Screen::Timeline).at;
        self.records.get(*self.log.get(at)?).map(AsRef::as_ref)
    }

    /// Makes the list of the timeline anew. In a replay every record is a moment to stand at, so none is left out.
    pub(super) fn lay_log(&mut self) {
        if self.replay.is_some() {
            self.log = (0..self.records.len()).collect();
            return;
        }
        let ended = self.records.iter().filter_map(|record| match &record.fact {
            Fact::AttemptFinished { attempt, .. } | Fact::AttemptLost { attempt, .. } => Some(*attempt),
            _ => None,
        });
        let ended: BTreeSet<_> = ended.collect();
        let shown = |record: &Record| {
            if let Fact::AttemptStarted { attempt, .. } = &record.fact
                && ended.contains(attempt)
            {
                return false;
            }
            match self.log_filter {
                LogFilter::All => true,
                LogFilter::Decisions => About::of(&record.fact).source == Source::Decision,
                LogFilter::Failures => {
                    matches!(sentence(&self.plan, record).bearing, Bearing::Bad | Bearing::Doubtful)
                }
                LogFilter::People => About::of(&record.fact).source != Source::Machine,
            }
        };
        let log = self.records.iter().enumerate().filter(|(_, record)| shown(record)).map(|(at, _)| at).collect();
        self.log = log;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_go_round() {
        let mut filter = LogFilter::All;
        for _ in LogFilter::ALL {
            filter = filter.next();
        }
        assert_eq!(filter, LogFilter::All);
    }
}
