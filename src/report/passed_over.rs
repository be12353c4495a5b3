//! What was passed over, changed or forced, each with who and why.

use super::View;
use super::words::{Said, Time};
use crate::deployment::amendment::Amended;
use crate::deployment::fact::Ending;
use crate::deployment::{Board, Fact, ItemStatus};
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PassedOver {
    pub waivers: Vec<Waiver>,
    pub overrides: Vec<Override>,
    pub amendments: Vec<Amendment>,
    /// Sessions of others that were ended on a server.
    pub blockers: Vec<Blocker>,
    /// Steps that do not apply in the environments bound.
    pub not_applicable: usize,
}

/// A step passed over by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Waiver {
    pub item: String,
    pub title: String,
    pub phase: String,
    /// `skipped`, `overridden`, `inapplicable` or `deferred`.
    pub how: String,
    pub reason: String,
    pub said: Said,
    pub until: Option<Time>,
    /// Taken back later.
    pub withdrawn: Option<Said>,
}

/// A gate opened by two people although something was missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Override {
    pub phase: String,
    pub title: String,
    pub reason: String,
    pub missing: Vec<String>,
    pub requested: Said,
    /// Null while the second person has not agreed: then the gate is closed.
    pub confirmed: Option<Said>,
    pub word: Option<String>,
}

/// Another checklist taken over while the ledger was open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Amendment {
    pub said: Said,
    pub checklist: String,
    pub reason: String,
    /// Steps open again because their meaning changed.
    pub changed: usize,
    pub loosened: Vec<String>,
    /// Steps made easier after they had failed: a target that lets more pass, another check, or the step removed.
    pub after_failure: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Blocker {
    pub said: Said,
    pub environment: String,
    pub what: String,
    pub reason: String,
}

impl PassedOver {
    pub(super) fn of(at: &View<'_>, board: &Board) -> Self {
        let mut over = Self {
            waivers: Vec::new(),
            overrides: at.state.overrides.iter().map(|known| overridden(at, known)).collect(),
            amendments: Vec::new(),
            blockers: Vec::new(),
            not_applicable: at
                .plan
                .checklist()
                .items()
                .filter(|item| matches!(board.status(&item.id), ItemStatus::Inapplicable(_)))
                .count(),
        };
        for record in at.records {
            let said = || Said::at(&record.by, record.at, record.seq.0);
            match &record.fact {
                Fact::ItemWaived { item, how, reason, until } => over.waivers.push(Waiver {
                    item: item.to_string(),
                    title: at.title(item),
                    phase: item.phase().to_string(),
                    how: how.word().to_owned(),
                    reason: reason.clone(),
                    said: said(),
                    until: until.map(Time),
                    withdrawn: None,
                }),
                Fact::WaiverWithdrawn { item, .. } => {
                    let of_it = |waiver: &&mut Waiver| waiver.item == item.as_str() && waiver.withdrawn.is_none();
                    if let Some(waiver) = over.waivers.iter_mut().rev().find(of_it) {
                        waiver.withdrawn = Some(said());
                    }
                }
                Fact::ChecklistAmended(amended) => over.amendments.push(Amendment {
                    said: said(),
                    checklist: amended.checklist.clone(),
                    reason: amended.reason.clone(),
                    changed: amended.changed.len(),
                    loosened: [&amended.loosened[..], &amended.relaxed].concat(),
                    after_failure: eased(at, amended),
                }),
                Fact::BlockerCancelled { environment, pid, application, user, how, reason } => {
                    let what = match how {
                        Ending::Statement => "cancelled the statement of",
                        Ending::Session => "ended the session of",
                    };
                    let who = if application.is_empty() { user } else { application };
                    over.blockers.push(Blocker {
                        said: said(),
                        environment: environment.to_string(),
                        what: format!("{what} {who} (pid {pid})"),
                        reason: reason.clone(),
                    });
                }
                _ => {}
            }
        }
        over
    }

    pub fn is_empty(&self) -> bool {
        self.waivers.is_empty() && self.overrides.is_empty() && self.amendments.is_empty() && self.blockers.is_empty()
    }
}

/// The titles of the steps that an amendment made easier after they had failed, each once.
fn eased(at: &View<'_>, amended: &Amended) -> Vec<String> {
    let marks = amended.loosened.iter().filter_map(|mark| Some(at.title(&mark.split_once(": ")?.0.into())));
    let mut titles: Vec<String> = marks.collect();
    titles.dedup();
    titles
}

fn overridden(at: &View<'_>, known: &crate::deployment::overrides::Override) -> Override {
    let phase = at.plan.checklist().phase(&known.phase);
    Override {
        phase: known.phase.to_string(),
        title: phase.map_or_else(|| known.phase.to_string(), |phase| phase.title.clone()),
        reason: known.reason.clone(),
        missing: known.missing.clone(),
        requested: Said::of(&known.requested),
        confirmed: known.confirmed.as_ref().map(|(stamp, _)| Said::of(stamp)),
        word: known.confirmed.as_ref().map(|(_, word)| word.clone()),
    }
}
