//! Every attempt, and what was done about those that did not pass.

use super::words::{Measured, Said, Time, Tone, Took, tone};
use super::{Excerpt, View};
use crate::checklist::Item;
use crate::deployment::attempt::{self, AttemptNumber, AttemptPhase, Output};
use crate::deployment::{Board, ItemStatus, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Attempt {
    pub attempt: u32,
    pub item: String,
    pub title: String,
    pub environment: String,
    /// The kind of the check.
    pub check: String,
    /// What was run, its variables unexpanded.
    pub command: Option<String>,
    pub started: Said,
    pub took_ms: Option<Took>,
    /// As for a migration.
    pub result: String,
    pub exit: Option<i32>,
    pub detail: String,
    pub measured: Vec<Measured>,
    /// The file it made, a backup.
    pub made: Option<File>,
    pub output: Option<Written>,
}

impl Attempt {
    pub fn tone(&self) -> Tone {
        tone(&self.result)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct File {
    pub file: String,
    pub bytes: u64,
    pub sha256: String,
}

/// What an attempt wrote: the file in the ledger's folder, and what is quoted of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Written {
    #[serde(flatten)]
    pub file: File,
    pub excerpt: Option<Excerpt>,
}

/// An attempt that did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failed {
    pub attempt: u32,
    pub item: String,
    pub title: String,
    pub phase: String,
    pub environment: String,
    pub started: Said,
    pub result: String,
    pub detail: String,
    /// What was done, in order; the last says how the step stands now.
    pub then: Vec<String>,
    /// Whether the step is complete now.
    pub completed: bool,
}

impl Failed {
    pub fn tone(&self) -> Tone {
        tone(&self.result)
    }
}

/// Who started an attempt, and in which record.
pub(super) fn started(at: &View<'_>, attempt: &attempt::Attempt) -> Said {
    Said {
        by: attempt.by.says.clone(),
        user: attempt.by.user.clone(),
        at: Time(attempt.started),
        record: at.starts.get(&attempt.number).map_or(0, |start| start.record),
        simulated: attempt.by.simulated.is_some(),
    }
}

pub(super) fn attempts(at: &View<'_>, outputs: &BTreeMap<AttemptNumber, Excerpt>) -> Vec<Attempt> {
    let one = at.state.attempts.iter().map(|attempt| {
        let outcome = attempt.outcome();
        let start = at.starts.get(&attempt.number);
        Attempt {
            attempt: attempt.number.0,
            item: attempt.item.to_string(),
            title: at.title(&attempt.item),
            environment: attempt.environment.to_string(),
            check: start.map(|start| start.check.to_owned()).unwrap_or_default(),
            command: start.and_then(|start| start.command.map(ToOwned::to_owned)),
            started: started(at, attempt),
            took_ms: outcome.map(|outcome| Took(outcome.took_ms)),
            result: super::migration::result(attempt).to_owned(),
            exit: outcome.and_then(|outcome| outcome.exit),
            detail: detail(attempt),
            measured: outcome.map(|outcome| outcome.measured.iter().map(Measured::of).collect()).unwrap_or_default(),
            made: outcome.and_then(|outcome| outcome.made.as_ref()).map(file),
            output: outcome
                .and_then(|outcome| outcome.output.as_ref())
                .map(|output| Written { file: file(output), excerpt: outputs.get(&attempt.number).cloned() }),
        }
    });
    one.collect()
}

fn file(output: &Output) -> File {
    File { file: output.file.clone(), bytes: output.bytes, sha256: output.sha256.to_string() }
}

fn detail(attempt: &attempt::Attempt) -> String {
    match &attempt.phase {
        AttemptPhase::Running { cancel: None } => String::new(),
        AttemptPhase::Running { cancel: Some(cancel) } => format!("asked to stop by {}: {}", cancel.by, cancel.why),
        AttemptPhase::Finished(outcome) => outcome.detail.clone(),
        AttemptPhase::Lost { why, resolution: None } => why.clone(),
        AttemptPhase::Lost { why, resolution: Some(found) } => format!("{why}; resolved: {found}"),
    }
}

pub(super) fn failed(at: &View<'_>, board: &Board) -> Vec<Failed> {
    let wrong = |attempt: &&attempt::Attempt| match &attempt.phase {
        AttemptPhase::Running { .. } => false,
        AttemptPhase::Finished(outcome) => outcome.verdict != Verdict::Pass,
        AttemptPhase::Lost { .. } => true,
    };
    let one = at.state.attempts.iter().filter(wrong).map(|attempt| {
        let item = at.plan.item(&attempt.item);
        Failed {
            attempt: attempt.number.0,
            item: attempt.item.to_string(),
            title: at.title(&attempt.item),
            phase: attempt.item.phase().to_string(),
            environment: attempt.environment.to_string(),
            started: started(at, attempt),
            result: super::migration::result(attempt).to_owned(),
            detail: detail(attempt),
            then: item.map(|item| then(at, board, item, attempt.number)).unwrap_or_default(),
            completed: board.status(&attempt.item).is_complete(),
        }
    });
    one.collect()
}

/// What became of a step after an attempt of it did not pass.
fn then(at: &View<'_>, board: &Board, item: &Item, number: AttemptNumber) -> Vec<String> {
    let Some(history) = at.state.history(&item.id) else { return Vec::new() };
    let mut then = Vec::new();
    let later: Vec<&attempt::Attempt> =
        history.attempts.iter().filter(|later| **later > number).filter_map(|later| at.state.attempt(*later)).collect();
    match later.iter().find(|later| later.outcome().is_some_and(|outcome| outcome.verdict == Verdict::Pass)) {
        Some(passed) => then.push(format!("passed in attempt {} at {}", passed.number.0, Time(passed.started))),
        None => match later.len() {
            0 => {}
            1 => then.push("attempted once more, without a pass".to_owned()),
            more => then.push(format!("attempted {more} times more, without a pass")),
        },
    }
    for armed in history.armed.iter().filter(|armed| !armed.stamp.by.says.is_empty() && armed.before > 0) {
        then.push(format!("another command was enabled by {}", armed.stamp.by));
    }
    if let Some(waived) = &history.waived {
        then.push(format!("{} by {}: {}", waived.how.word(), waived.stamp.by, waived.reason));
    }
    if then.is_empty() || !board.status(&item.id).is_complete() {
        let now = match board.status(&item.id) {
            ItemStatus::Done => "passes now".to_owned(),
            status => format!("now {}", status.word()),
        };
        then.push(now);
    }
    then
}
