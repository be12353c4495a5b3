//! What the deployment came to, and who said so.

use super::View;
use super::words::{Said, Tone, Took, tone};
use crate::checklist::ItemId;
use crate::deployment::criteria::{self, Call};
use crate::deployment::fact::{Approval, Decided};
use crate::deployment::rollback::{self, Ending};
use crate::deployment::state::{self, Stamp, State};
use crate::deployment::{Board, Plan, Record, Seq};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Outcome {
    /// `open`, `go`, `no-go`, `aborted`, `failed`, `rolled-back`: what it came to, also when it is closed.
    pub word: String,
    /// In words: `GO, 13 of 14 criteria measured`.
    pub headline: String,
    pub tone: Tone,
    pub opened: Option<Said>,
    /// Every decision, the last one last.
    pub decisions: Vec<Decision>,
    /// What a decision would be now, while none stands.
    pub outlook: Option<Outlook>,
    /// Aborted or failed.
    pub ending: Option<Remark>,
    pub rollback: Option<Rollback>,
    pub closed: Option<Remark>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Decision {
    pub said: Said,
    /// `go` or `no-go`.
    pub decision: String,
    pub reason: String,
    /// What it rested on; missing where the checklist was changed afterwards.
    pub coverage: Option<String>,
    /// Whether it is the one that stands.
    pub stands: bool,
    pub answers: Vec<Answer>,
    /// What had been made easier after a failure when it was made.
    pub loosened: Vec<String>,
    /// Gates, sign-offs and protections that amendments had made ask for less when it was made.
    pub relaxed: Vec<String>,
}

impl Decision {
    pub fn tone(&self) -> Tone {
        tone(&self.decision)
    }
}

/// What a role of the poll answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Answer {
    pub station: String,
    pub answer: String,
    pub by: String,
    pub reason: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Outlook {
    pub call: String,
    pub coverage: String,
    pub reasons: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rollback {
    pub begun: Said,
    pub reason: String,
    pub ended: Option<Said>,
    pub took_ms: Took,
    pub budget_ms: Option<Took>,
    /// What was not shown to be as before; empty when the old state is verified.
    pub unverified: Vec<String>,
    pub note: Option<String>,
}

/// Something written down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Remark {
    pub said: Said,
    pub text: String,
    /// The step it is about.
    pub about: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Issue {
    pub number: usize,
    pub title: String,
    pub opened: Said,
    pub impact: Option<String>,
    pub mitigation: Option<String>,
    /// An issue without one is open.
    pub resolution: Option<String>,
}

impl Outcome {
    pub(super) fn of(at: &View<'_>, board: &Board) -> Self {
        let (plan, state) = (at.plan, at.state);
        let standing = state.decision().map(|(stamp, _)| stamp.seq);
        let decisions: Vec<Decision> =
            state.decisions.iter().map(|(stamp, decided)| decision(at, stamp, decided, standing)).collect();
        let rollback = rolled_back(at, board);
        let outlook = standing.is_none() && state.ending.is_none();
        let outlook = outlook.then(|| criteria::outlook(plan, state, board)).map(|outlook| Outlook {
            call: outlook.call.word().to_owned(),
            coverage: outlook.coverage.to_string(),
            reasons: outlook.reasons.into_iter().map(|reason| reason.text).collect(),
        });
        let lost = standing.is_some() && state.ending.is_none() && state.closed.is_none();
        let lost = lost && criteria::outlook(plan, state, board).call == Call::NoGo;
        let (word, headline, tone) = headline(state, decisions.last(), rollback.as_ref(), outlook.as_ref(), lost);
        Self {
            word: word.to_owned(),
            headline,
            tone,
            opened: state.opened.as_ref().map(|(stamp, _)| Said::of(stamp)),
            decisions,
            outlook,
            ending: state.ending.as_ref().map(|ended| Remark {
                said: Said::of(&ended.stamp),
                text: ended.reason.clone(),
                about: None,
            }),
            rollback,
            closed: state.closed.as_ref().map(|(stamp, note)| Remark {
                said: Said::of(stamp),
                text: note.clone().unwrap_or_default(),
                about: None,
            }),
        }
    }

    /// The decision that stands.
    pub fn decided(&self) -> Option<&Decision> {
        self.decisions.iter().rev().find(|decision| decision.stands)
    }
}

fn headline(
    state: &State,
    decided: Option<&Decision>,
    rollback: Option<&Rollback>,
    outlook: Option<&Outlook>,
    lost: bool,
) -> (&'static str, String, Tone) {
    if let Some(rollback) = rollback {
        return match (&rollback.ended, rollback.unverified.len()) {
            (None, _) => ("failed", "Rollback under way".to_owned(), Tone::Bad),
            (Some(_), 0) => ("rolled-back", "Rolled back; the old state is verified".to_owned(), Tone::Doubtful),
            (Some(_), 1) => ("rolled-back", "Rolled back; 1 point is not verified".to_owned(), Tone::Bad),
            (Some(_), more) => ("rolled-back", format!("Rolled back; {more} points are not verified"), Tone::Bad),
        };
    }
    if let Some(ended) = &state.ending {
        let headline = match ended.ending {
            Ending::Aborted => "Aborted",
            Ending::Failed => "Failed",
        };
        return (ended.ending.word(), headline.to_owned(), Tone::Bad);
    }
    if let Some(decided) = decided.filter(|decided| decided.stands) {
        let go = decided.decision == Approval::Go.word();
        let word = if go { "GO" } else { "NO-GO" };
        let rests = decided.coverage.as_ref().map(|coverage| format!(", {coverage}")).unwrap_or_default();
        let tone = if go && !lost { Tone::Good } else { Tone::Bad };
        // What failed after the decision stands where the decision does.
        let now = if go && lost { "; criteria now NO-GO" } else { "" };
        return (if go { "go" } else { "no-go" }, format!("{word}{rests}{now}"), tone);
    }
    let would = outlook.map(|outlook| format!("; so far {}, {}", outlook.call.to_uppercase(), outlook.coverage));
    ("open", format!("No decision yet{}", would.unwrap_or_default()), Tone::Plain)
}

fn decision(at: &View<'_>, stamp: &Stamp, decided: &Decided, standing: Option<Seq>) -> Decision {
    Decision {
        said: Said::of(stamp),
        decision: decided.decision.word().to_owned(),
        reason: decided.reason.clone(),
        coverage: coverage(at, stamp, decided),
        stands: standing == Some(stamp.seq),
        answers: decided
            .answers
            .iter()
            .map(|answered| Answer {
                station: answered.station.clone(),
                answer: answered.answer.word().to_owned(),
                by: answered.by.clone(),
                reason: answered.reason.clone(),
            })
            .collect(),
        loosened: decided.loosened.clone(),
        relaxed: decided.relaxed.clone(),
    }
}

/// What the criteria rested on at the moment of the decision.
fn coverage(at: &View<'_>, stamp: &Stamp, decided: &Decided) -> Option<String> {
    if decided.checklist != *at.plan.digest() {
        return None;
    }
    let before = at.records.iter().take_while(|record| record.seq < stamp.seq);
    let state = State::replay(before);
    let board = Board::at(at.plan, &state, stamp.at);
    let outlook = criteria::outlook(at.plan, &state, &board);
    (outlook.coverage.total > 0 || outlook.call != Call::Inconclusive).then(|| outlook.coverage.to_string())
}

fn rolled_back(at: &View<'_>, board: &Board) -> Option<Rollback> {
    let known = at.state.rollback.as_ref()?;
    let clock = rollback::clock(at.plan, at.state, at.as_of)?;
    let over = known.over.as_ref();
    Some(Rollback {
        begun: Said::of(&known.begun),
        reason: known.reason.clone(),
        ended: over.map(|(stamp, _)| Said::of(stamp)),
        took_ms: Took(clock.ms),
        budget_ms: clock.budget_ms.map(Took),
        unverified: over
            .map_or_else(|| rollback::unverified(at.plan, at.state, board), |(_, over)| over.unverified.clone()),
        note: over.and_then(|(_, over)| over.note.clone()),
    })
}

pub(super) fn issues(state: &State) -> Vec<Issue> {
    let one = state.issues.iter().enumerate().map(|(index, issue)| Issue {
        number: index + 1,
        title: issue.title.clone(),
        opened: Said::of(&issue.opened),
        impact: issue.account.impact.clone(),
        mitigation: issue.account.mitigation.clone(),
        resolution: issue.account.resolution.clone(),
    });
    one.collect()
}

pub(super) fn lessons(state: &State) -> Vec<Remark> {
    let one = state.lessons.iter();
    one.map(|(stamp, text)| Remark { said: Said::of(stamp), text: text.clone(), about: None }).collect()
}

pub(super) fn notes(plan: &Plan, state: &State, records: &[Arc<Record>]) -> Vec<Remark> {
    let title = |item: &ItemId| plan.item(item).map_or_else(|| item.to_string(), |item| item.title.clone());
    let one = state::notes(state, records).map(|note| Remark {
        said: Said::of(&note.record.into()),
        text: note.text.to_owned(),
        about: note.item.map(title),
    });
    one.collect()
}
