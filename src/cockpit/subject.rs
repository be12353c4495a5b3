//! Which step a record is about.

use crate::checklist::ItemId;
use crate::deployment::Fact;

/// The step; nothing for what is about the whole deployment.
#[must_use]
pub(crate) fn item_of(fact: &Fact) -> Option<&ItemId> {
    match fact {
        Fact::ItemChecked { item, .. }
        | Fact::ItemUnchecked { item, .. }
        | Fact::ItemWaived { item, .. }
        | Fact::WaiverWithdrawn { item, .. }
        | Fact::ValueFilled { item, .. }
        | Fact::ItemEvaluated { item, .. }
        | Fact::CommandArmed { item, .. }
        | Fact::CommandDisarmed { item, .. }
        | Fact::AttemptStarted { item, .. }
        | Fact::AttemptFinished { item, .. }
        | Fact::AttemptLost { item, .. }
        | Fact::AttemptResolved { item, .. }
        | Fact::CancelRequested { item, .. }
        | Fact::ItemRegressed { item, .. }
        | Fact::ItemRecovered { item, .. } => Some(item),
        Fact::NoteAdded { item, .. } => item.as_ref(),
        Fact::LedgerOpened(_)
        | Fact::ChecklistAmended(_)
        | Fact::EnvironmentReached { .. }
        | Fact::BlockerCancelled { .. }
        | Fact::MigrationPreflighted(_)
        | Fact::IssueOpened { .. }
        | Fact::IssueUpdated { .. }
        | Fact::LessonAdded { .. }
        | Fact::Signed(_)
        | Fact::SignoffWithdrawn { .. }
        | Fact::SignersRecorded(_)
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
        | Fact::EstimatesAdopted(_)
        | Fact::RoleAssigned { .. }
        | Fact::RoleReleased { .. }
        | Fact::OverrideRequested(_)
        | Fact::OverrideConfirmed { .. }
        | Fact::PollOpened { .. }
        | Fact::PollAnswered { .. }
        | Fact::Acknowledged { .. }
        | Fact::Aborted { .. }
        | Fact::Failed { .. }
        | Fact::RollbackBegun { .. }
        | Fact::RolledBack(_)
        | Fact::Closed { .. }
        | Fact::NotificationFailed { .. }
        | Fact::Anchored(_)
        | Fact::ClockPaced { .. }
        | Fact::AlertRaised(_)
        | Fact::AlertChanged { .. }
        | Fact::AlertAcknowledged { .. }
        | Fact::AlertCleared { .. }
        | Fact::AlertSilenced { .. }
        | Fact::SilenceEnded { .. }
        | Fact::ItemsDue { .. }
        | Fact::HandoverRecorded { .. }
        | Fact::LedgerRepaired { .. } => None,
    }
}
