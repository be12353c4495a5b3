//! What each kind of fact is: who brings it about, which step it is about, and what of it others may hear. The one list of
//! all kinds behind notices, annotations, charts, alerts and the timeline.

use super::alerts::fact::AlertFact;
use super::attempt::Outcome;
use super::fact::{Anchored, Decided, Fact, OverrideRequested, RolledBack, Signed};
use super::poll::Answer;
use crate::checklist::offset::Offset;
use crate::checklist::{EnvironmentName, ItemId};

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct About<'a> {
    pub(crate) source: Source,
    /// The step; nothing for what is about the whole deployment.
    pub(crate) item: Option<&'a ItemId>,
    pub(crate) news: Option<News<'a>>,
}

/// Who brings a record about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Machine,
    Person,
    /// Decisions, polls, sign-offs, holds, gates and endings.
    Decision,
}

/// What people elsewhere may be notified of, and what charts may show.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum News<'a> {
    AttemptStarted { environment: &'a EnvironmentName, item: &'a ItemId },
    AttemptFinished { environment: &'a EnvironmentName, item: &'a ItemId, outcome: &'a Outcome },
    AttemptLost { item: &'a ItemId, reason: &'a str },
    ItemRegressed { item: &'a ItemId, reason: &'a str },
    ItemRecovered { item: &'a ItemId },
    ItemsDue { items: &'a [ItemId], overdue: u32 },
    ClockStarted { from: Offset },
    ClockHeld { reason: &'a str },
    ClockResumed,
    PollOpened { stations: usize },
    PollAnswered { station: &'a str, answer: Answer, reason: Option<&'a str> },
    OverrideRequested(&'a OverrideRequested),
    Signed(&'a Signed),
    Decided(&'a Decided),
    SeatTakenOver { from: &'a str, reason: &'a str },
    Handover { to: Option<&'a str>, note: Option<&'a str> },
    Aborted { reason: &'a str },
    Failed { reason: &'a str },
    RollbackBegun { reason: &'a str },
    RolledBack(&'a RolledBack),
    Anchored(&'a Anchored),
    Closed,
    Alert(AlertFact<'a>),
}

impl<'a> About<'a> {
    pub(crate) fn of(fact: &'a Fact) -> Self {
        use Source::{Decision, Machine, Person};
        let about = |source, item, news| About { source, item, news };
        let silent = |source| about(source, None, None);
        let step = |source, item| about(source, Some(item), None);
        let news = |source, news| about(source, None, Some(news));
        let on_step = |source, item, news| about(source, Some(item), Some(news));
        let alert = |source, fact| news(source, News::Alert(fact));
        match fact {
            Fact::LedgerOpened(_)
            | Fact::EnvironmentReached { .. }
            | Fact::MigrationPreflighted(_)
            | Fact::SeatFoundEmpty { .. }
            | Fact::NotificationFailed { .. }
            | Fact::LedgerRepaired { .. } => silent(Machine),
            Fact::BlockerCancelled { .. }
            | Fact::IssueOpened { .. }
            | Fact::IssueUpdated { .. }
            | Fact::LessonAdded { .. }
            | Fact::SignersRecorded(_)
            | Fact::SeatTaken { .. }
            | Fact::SeatHandedOver { .. }
            | Fact::SeatLeft { .. }
            | Fact::EstimatesAdopted(_)
            | Fact::RoleAssigned { .. }
            | Fact::RoleReleased { .. }
            | Fact::Acknowledged { .. } => silent(Person),
            Fact::ChecklistAmended(_)
            | Fact::SignoffWithdrawn { .. }
            | Fact::DecisionReopened { .. }
            | Fact::WindowPlanned { .. }
            | Fact::ClockPaced { .. }
            | Fact::OverrideConfirmed { .. } => silent(Decision),
            Fact::ItemEvaluated { item, .. } => step(Machine, item),
            Fact::ItemChecked { item, .. }
            | Fact::ItemUnchecked { item, .. }
            | Fact::ItemWaived { item, .. }
            | Fact::WaiverWithdrawn { item, .. }
            | Fact::ValueFilled { item, .. }
            | Fact::CommandArmed { item, .. }
            | Fact::CommandDisarmed { item, .. }
            | Fact::AttemptResolved { item, .. }
            | Fact::CancelRequested { item, .. } => step(Person, item),
            Fact::NoteAdded { item, .. } => about(Person, item.as_ref(), None),
            Fact::AttemptStarted { environment, item, .. } => {
                on_step(Machine, item, News::AttemptStarted { environment, item })
            }
            Fact::AttemptFinished { environment, item, outcome, .. } => {
                on_step(Machine, item, News::AttemptFinished { environment, item, outcome })
            }
            Fact::AttemptLost { item, reason, .. } => on_step(Machine, item, News::AttemptLost { item, reason }),
            Fact::ItemRegressed { item, reason, .. } => on_step(Machine, item, News::ItemRegressed { item, reason }),
            Fact::ItemRecovered { item, .. } => on_step(Machine, item, News::ItemRecovered { item }),
            Fact::ItemsDue { items, overdue } => news(Machine, News::ItemsDue { items, overdue: *overdue }),
            Fact::ClockStarted { from, .. } => news(Decision, News::ClockStarted { from: *from }),
            Fact::ClockHeld { reason } => news(Decision, News::ClockHeld { reason }),
            Fact::ClockResumed { .. } => news(Decision, News::ClockResumed),
            Fact::PollOpened { stations, .. } => news(Decision, News::PollOpened { stations: stations.len() }),
            Fact::PollAnswered { station, answer, reason } => {
                news(Decision, News::PollAnswered { station, answer: *answer, reason: reason.as_deref() })
            }
            Fact::OverrideRequested(asked) => news(Decision, News::OverrideRequested(asked)),
            Fact::Signed(signed) => news(Decision, News::Signed(signed)),
            Fact::Decided(decided) => news(Decision, News::Decided(decided)),
            Fact::SeatTakenOver { from, reason, .. } => news(Person, News::SeatTakenOver { from, reason }),
            Fact::HandoverRecorded { to, note, .. } => {
                news(Person, News::Handover { to: to.as_deref(), note: note.as_deref() })
            }
            Fact::Aborted { reason } => news(Decision, News::Aborted { reason }),
            Fact::Failed { reason } => news(Decision, News::Failed { reason }),
            Fact::RollbackBegun { reason } => news(Decision, News::RollbackBegun { reason }),
            Fact::RolledBack(over) => news(Decision, News::RolledBack(over)),
            Fact::Anchored(anchored) => news(Machine, News::Anchored(anchored)),
            Fact::Closed { .. } => news(Decision, News::Closed),
            Fact::AlertRaised(raised) => alert(Machine, AlertFact::Raised(raised)),
            Fact::AlertChanged { alert: number, pane, seen } => {
                alert(Machine, AlertFact::Changed { alert: *number, pane, seen })
            }
            Fact::AlertAcknowledged { alert: number, pane, note } => {
                alert(Person, AlertFact::Acknowledged { alert: *number, pane, note: note.as_deref() })
            }
            Fact::AlertCleared { alert: number, pane, since, value, sentence } => {
                let cleared = AlertFact::Cleared { alert: *number, pane, since: *since, value: *value, sentence };
                alert(Machine, cleared)
            }
            Fact::AlertSilenced { pane, until, reason } => {
                alert(Person, AlertFact::Silenced { pane: pane.as_ref(), until: *until, reason })
            }
            Fact::SilenceEnded { pane } => alert(Person, AlertFact::SilenceEnded { pane: pane.as_ref() }),
        }
    }
}
