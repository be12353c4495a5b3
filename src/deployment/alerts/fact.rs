//! The facts that speak of alerts.

use super::AlertNumber;
use crate::checklist::PaneId;
use crate::deployment::about::{About, News};
use crate::deployment::fact::{AlertRaised, Fact, Observed};
use chrono::{DateTime, Utc};

/// A fact about alerts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum AlertFact<'a> {
    Raised(&'a AlertRaised),
    Changed { alert: AlertNumber, pane: &'a PaneId, seen: &'a Observed },
    Acknowledged { alert: AlertNumber, pane: &'a PaneId, note: Option<&'a str> },
    Cleared { alert: AlertNumber, pane: &'a PaneId, since: DateTime<Utc>, value: Option<f64>, sentence: &'a str },
    Silenced { pane: Option<&'a PaneId>, until: DateTime<Utc>, reason: &'a str },
    SilenceEnded { pane: Option<&'a PaneId> },
}

impl<'a> AlertFact<'a> {
    #[must_use]
    pub(crate) fn of(fact: &'a Fact) -> Option<Self> {
        match About::of(fact).news {
            Some(News::Alert(alert)) => Some(alert),
            _ => None,
        }
    }

    /// Whether the collector made it.
    pub(crate) fn is_of_collector(&self) -> bool {
        match self {
            Self::Raised(_) | Self::Changed { .. } | Self::Cleared { .. } => true,
            Self::Acknowledged { .. } | Self::Silenced { .. } | Self::SilenceEnded { .. } => false,
        }
    }
}
