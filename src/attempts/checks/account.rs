//! What a check has found so far, until it becomes an outcome.

use crate::checklist::Target;
use crate::database::DatabaseError;
use crate::deployment::attempt::{End, Outcome, Output, TableProof};
use crate::deployment::measurement::{Measurement, Verdict, evaluate};
use std::time::Instant;

/// Findings of one attempt.
#[derive(Debug)]
pub(crate) struct Account {
    began: Instant,
    verdict: Verdict,
    said: Vec<String>,
    pub measured: Vec<Measurement>,
    pub tables: Vec<TableProof>,
    pub made: Option<Output>,
    /// The revision that was read, for the check that knows it.
    pub revision: Option<String>,
    pub left: Vec<crate::deployment::attempt::Left>,
    /// How a command of the check ended.
    pub exit: Option<i32>,
    pub signal: Option<i32>,
}

/// Why a check could not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// Something the check needs is not set or not there: it did not begin.
    #[error("{0}")]
    NotStarted(String),
    /// Nothing can be said about what was to be checked.
    #[error("{0}")]
    Open(String),
    /// What was seen is wrong.
    #[error("{0}")]
    Wrong(String),
    /// A statement or a search ended because it was asked to.
    #[error("ended before it was finished")]
    Interrupted,
    /// The attempt had to end early.
    #[error("{}", if matches!(.0, End::TimedOut) { "did not finish within its time limit" } else { "cancelled before it was finished" })]
    Stopped(End),
}

impl From<DatabaseError> for Trouble {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Interrupted => Trouble::Interrupted,
            error @ DatabaseError::Unsupported(_) => Trouble::NotStarted(error.to_string()),
            error if error.leaves_open() => Trouble::Open(error.to_string()),
            error => Trouble::Wrong(error.to_string()),
        }
    }
}

impl Account {
    #[must_use]
    pub(crate) fn open() -> Self {
        Self {
            began: Instant::now(),
            verdict: Verdict::Pass,
            said: Vec::new(),
            measured: Vec::new(),
            tables: Vec::new(),
            made: None,
            revision: None,
            left: Vec::new(),
            exit: None,
            signal: None,
        }
    }

    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// Adds a finding; the worst of them decides.
    pub(crate) fn find(&mut self, verdict: Verdict, sentence: impl Into<String>) {
        self.verdict = self.verdict.and(verdict);
        self.said.push(sentence.into());
    }

    pub(crate) fn measure(&mut self, name: impl Into<String>, value: f64, unit: impl Into<String>) {
        self.measured.push(Measurement::new(name, value, unit));
    }

    /// The outcome: what was found, with the targets held against what was measured. Where the check could not go on,
    /// targets say nothing.
    pub(crate) fn conclude(mut self, targets: &[Target], worked: Result<(), Trouble>) -> Outcome {
        let end = match worked {
            Ok(()) => {
                let (verdict, words) = evaluate(targets, &self.measured);
                if !words.is_empty() {
                    self.find(verdict, words);
                }
                End::Completed
            }
            Err(trouble) => {
                let (verdict, end) = match &trouble {
                    Trouble::NotStarted(_) => (Verdict::Inconclusive, End::NotStarted),
                    Trouble::Open(_) | Trouble::Interrupted => (Verdict::Inconclusive, End::Completed),
                    Trouble::Wrong(_) => (Verdict::Fail, End::Completed),
                    Trouble::Stopped(end) => (Verdict::Inconclusive, *end),
                };
                self.find(verdict, trouble.to_string());
                end
            }
        };
        Outcome {
            exit: self.exit,
            signal: self.signal,
            took_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            end,
            verdict: self.verdict,
            detail: self.said.join("; "),
            measured: self.measured,
            tables: self.tables,
            output: None,
            made: self.made,
            revision: None,
            left: self.left,
            attested: None,
        }
    }
}
