//! Which rules an intent is under: who may have it, and how late it still has any use.

use crate::deployment::intent::Intent;
use crate::deployment::seat::Duty;

/// How late an intent still has any use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// Only while the deployment is neither aborted nor failed.
    Ended,
    /// Only until it is closed.
    Closed,
    /// A closed deployment takes it too: it looks back.
    Ever,
}

/// What an intent asks of whoever has it, and until when it is taken.
pub(super) fn rules(intent: &Intent) -> (Duty, Until) {
    match intent {
        Intent::PlanWindow { .. }
        | Intent::StartClock { .. }
        | Intent::ResumeClock { .. }
        | Intent::OpenPoll { .. }
        | Intent::RequestOverride { .. } => (Duty::Drive, Until::Ended),
        Intent::CheckItem { .. }
        | Intent::UncheckItem { .. }
        | Intent::WaiveItem { .. }
        | Intent::WithdrawWaiver { .. }
        | Intent::FillValue { .. }
        | Intent::EvaluateItem { .. }
        | Intent::ArmCommand { .. }
        | Intent::DisarmCommand { .. }
        | Intent::RecordBlockerCancelled { .. }
        | Intent::StartAttempt { .. }
        | Intent::AdoptEstimates(_)
        | Intent::Decide { .. }
        | Intent::ReopenDecision { .. }
        | Intent::AssignRole { .. }
        | Intent::ReleaseRole { .. }
        | Intent::ReportSensed { .. }
        | Intent::BeginRollback { .. }
        | Intent::EndRollback { .. }
        | Intent::AmendChecklist(_)
        | Intent::Close { .. } => (Duty::Drive, Until::Closed),
        Intent::ResolveAttempt { .. } => (Duty::Drive, Until::Ever),
        Intent::HoldClock { .. } | Intent::Abort { .. } | Intent::RequestCancel { .. } | Intent::RecordSigners(_) => {
            (Duty::Stop, Until::Closed)
        }
        Intent::AnswerPoll { .. } => (Duty::Review, Until::Ended),
        Intent::Sign { .. }
        | Intent::SignStatement(_)
        | Intent::WithdrawSignoff { .. }
        | Intent::ConfirmOverride { .. } => (Duty::Review, Until::Closed),
        Intent::SilenceAlerts { .. } | Intent::EndSilence { .. } => (Duty::Note, Until::Closed),
        Intent::AddNote { .. }
        | Intent::OpenIssue { .. }
        | Intent::UpdateIssue { .. }
        | Intent::AddLesson { .. }
        | Intent::Acknowledge { .. }
        | Intent::AcknowledgeAlert { .. }
        | Intent::RecordHandover { .. } => (Duty::Note, Until::Ever),
        Intent::PaceClock { .. } => (Duty::Anyone, Until::Ended),
        Intent::RecordPreflight(_) | Intent::RaiseAlert { .. } => (Duty::Anyone, Until::Closed),
        Intent::OpenLedger(_)
        | Intent::RecordIdentity { .. }
        | Intent::FinishAttempt { .. }
        | Intent::LoseAttempt { .. }
        | Intent::TakeSeat { .. }
        | Intent::TakeOverSeat { .. }
        | Intent::HandOverSeat { .. }
        | Intent::LeaveSeat
        | Intent::ReportSeatEmpty
        | Intent::ReportNotice { .. }
        | Intent::ClearAlert { .. }
        | Intent::RemindOfDue
        | Intent::RecordAnchor(_)
        | Intent::RecordRepair { .. } => (Duty::Anyone, Until::Ever),
    }
}
