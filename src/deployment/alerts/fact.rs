//! The facts that speak of alerts, distinguished from all others once.

use super::AlertNumber;
use crate::checklist::PaneId;
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
        Some(match fact {
            Fact::AlertRaised(raised) => Self::Raised(raised),
            Fact::AlertChanged { alert, pane, seen } => Self::Changed { alert: *alert, pane, seen },
            Fact::AlertAcknowledged { alert, pane, note } => {
                Self::Acknowledged { alert: *alert, pane, note: note.as_deref() }
            }
            Fact::AlertCleared { alert, pane, since, value, sentence } => {
                Self::Cleared { alert: *alert, pane, since: *since, value: *value, sentence }
            }
            Fact::AlertSilenced { pane, until, reason } => {
                Self::Silenced { pane: pane.as_ref(), until: *until, reason }
            }
            Fact::SilenceEnded { pane } => Self::SilenceEnded { pane: pane.as_ref() },
            Fact::LedgerOpened(_)
            | Fact::ChecklistAmended(_)
            | Fact::EnvironmentReached { .. }
            | Fact::ItemChecked { .. }
            | Fact::ItemUnchecked { .. }
            | Fact::ItemWaived { .. }
            | Fact::WaiverWithdrawn { .. }
            | Fact::ValueFilled { .. }
            | Fact::ItemEvaluated { .. }
            | Fact::CommandArmed { .. }
            | Fact::CommandDisarmed { .. }
            | Fact::AttemptStarted { .. }
            | Fact::AttemptFinished { .. }
            | Fact::AttemptLost { .. }
            | Fact::AttemptResolved { .. }
            | Fact::CancelRequested { .. }
            | Fact::BlockerCancelled { .. }
            | Fact::MigrationPreflighted(_)
            | Fact::NoteAdded { .. }
            | Fact::IssueOpened { .. }
            | Fact::IssueUpdated { .. }
            | Fact::LessonAdded { .. }
            | Fact::Signed(_)
            | Fact::SignoffWithdrawn { .. }
            | Fact::SignersRecorded(_)
            | Fact::Anchored(_)
            | Fact::Decided(_)
            | Fact::DecisionReopened { .. }
            | Fact::SeatTaken { .. }
            | Fact::SeatHandedOver { .. }
            | Fact::SeatTakenOver { .. }
            | Fact::SeatLeft { .. }
            | Fact::SeatFoundEmpty { .. }
            | Fact::WindowPlanned { .. }
            | Fact::ClockStarted { .. }
            | Fact::ClockHeld { .. }
            | Fact::ClockResumed { .. }
            | Fact::ClockPaced { .. }
            | Fact::EstimatesAdopted(_)
            | Fact::RoleAssigned { .. }
            | Fact::RoleReleased { .. }
            | Fact::OverrideRequested(_)
            | Fact::OverrideConfirmed { .. }
            | Fact::PollOpened { .. }
            | Fact::PollAnswered { .. }
            | Fact::ItemRegressed { .. }
            | Fact::ItemRecovered { .. }
            | Fact::Acknowledged { .. }
            | Fact::ItemsDue { .. }
            | Fact::HandoverRecorded { .. }
            | Fact::Aborted { .. }
            | Fact::Failed { .. }
            | Fact::RollbackBegun { .. }
            | Fact::RolledBack(_)
            | Fact::Closed { .. }
            | Fact::NotificationFailed { .. }
            | Fact::LedgerRepaired { .. } => return None,
        })
    }

    /// Whether the collector made it.
    #[must_use]
    pub(crate) fn is_of_collector(&self) -> bool {
        match self {
            Self::Raised(_) | Self::Changed { .. } | Self::Cleared { .. } => true,
            Self::Acknowledged { .. } | Self::Silenced { .. } | Self::SilenceEnded { .. } => false,
        }
    }
}
