//! The document that `gonogo preflight --json` prints: format 1. Fields are added, never changed or taken away.
//!
//! ```text
//! { format: 1, environment, database,                  the environment's name; what the database calls itself, or null
//!   from, to,                                          revisions: where the database stands (null: base), where the chain ends
//!   verdict: "will-fail" | "inconclusive" | "may-fail" | "clear",     the first of these that a finding calls for
//!   point_of_no_return,                                the first revision there is no rollback from, or null
//!   findings: [{ severity: "will-fail" | "may-fail" | "will-lock" | "no-way-back" | "hazard" | "inconclusive" | "note",
//!                revision, line, statement, table, rows, what, safer, basis, seconds }],       null where it does not apply
//!   holds: [{ table, mode, waits, revision, line, until, seconds }],     how long each table stays locked, estimated
//!   read: { revisions: [id], statements, questions },  how much was read and asked
//!   speed: { rows_per_second, basis } }                what the estimates rest on
//! ```

use super::estimate::Speed;
use super::finding::{Finding, Severity};
use super::holds::Hold;
use crate::checklist::EnvironmentName;
use crate::deployment::fact::Preflighted;
use crate::deployment::measurement;
use serde::Serialize;

/// What a preflight shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Report {
    pub format: u32,
    pub environment: String,
    pub database: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub verdict: Verdict,
    pub point_of_no_return: Option<String>,
    pub findings: Vec<Finding>,
    pub holds: Vec<Hold>,
    pub read: Read,
    pub speed: Option<Rate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    WillFail,
    /// Some part was not read or not complete: nothing is certain of the whole.
    Inconclusive,
    MayFail,
    Clear,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Read {
    pub revisions: Vec<String>,
    pub statements: usize,
    pub questions: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Rate {
    pub rows_per_second: f64,
    pub basis: String,
}

impl From<Speed> for Rate {
    fn from(speed: Speed) -> Self {
        Self { rows_per_second: speed.rows.round(), basis: speed.basis }
    }
}

impl Report {
    /// A report that holds only findings so far.
    #[must_use]
    pub(crate) fn of(environment: &str, findings: Vec<Finding>) -> Self {
        let mut report = Self {
            format: 1,
            environment: environment.to_owned(),
            database: None,
            from: None,
            to: None,
            verdict: Verdict::Clear,
            point_of_no_return: None,
            findings,
            holds: Vec::new(),
            read: Read::default(),
            speed: None,
        };
        report.evaluate();
        report
    }

    /// Draws the verdict anew from the findings.
    pub(crate) fn evaluate(&mut self) {
        super::settle::sort(&mut self.findings);
        let has = |severity| self.findings.iter().any(|finding| finding.severity == severity);
        self.verdict = match () {
            () if has(Severity::WillFail) => Verdict::WillFail,
            () if has(Severity::Inconclusive) => Verdict::Inconclusive,
            () if has(Severity::MayFail) => Verdict::MayFail,
            () => Verdict::Clear,
        };
    }

    /// 1 when something will fail, or when some part may or is inconclusive and that was not allowed.
    pub(crate) fn exit_status(&self, allow_inconclusive: bool) -> u8 {
        match self.verdict {
            Verdict::WillFail => 1,
            Verdict::Inconclusive | Verdict::MayFail => u8::from(!allow_inconclusive),
            Verdict::Clear => 0,
        }
    }
}

/// The first revision of the chain, in its order, that there is no rollback from.
pub(crate) fn point_of_no_return(chain: &[String], findings: &[Finding]) -> Option<String> {
    let bad = |finding: &&Finding| finding.severity == Severity::Irreversible;
    let stuck: Vec<&str> = findings.iter().filter(bad).filter_map(|finding| finding.revision.as_deref()).collect();
    chain.iter().find(|revision| stuck.contains(&revision.as_str())).cloned()
}

impl Report {
    /// What a ledger keeps of it.
    pub(crate) fn in_short(&self) -> Preflighted {
        let count = |severity: Severity| self.findings.iter().filter(|found| found.severity == severity).count();
        let counted = [
            (Severity::WillFail, "will fail"),
            (Severity::MayFail, "may fail"),
            (Severity::WillLock, "locks"),
            (Severity::Irreversible, "without a rollback"),
            (Severity::Hazard, "hazards"),
            (Severity::Inconclusive, "not evaluated"),
        ];
        let reported = counted.into_iter().filter(|(severity, _)| count(*severity) > 0);
        let reported: Vec<String> = reported.map(|(severity, words)| format!("{} {words}", count(severity))).collect();
        let no_return = self.point_of_no_return.as_ref().map(|revision| {
            let of_it = |found: &&Finding| {
                found.severity == Severity::Irreversible && found.revision.as_deref() == Some(revision.as_str())
            };
            let why = self.findings.iter().find(of_it).map(|found| format!(": {}", found.what)).unwrap_or_default();
            format!("from {revision} on{why}")
        });
        Preflighted {
            environment: EnvironmentName::new(&self.environment),
            from: self.from.clone(),
            to: self.to.clone(),
            verdict: match self.verdict {
                Verdict::WillFail => measurement::Verdict::Fail,
                Verdict::Inconclusive | Verdict::MayFail => measurement::Verdict::Inconclusive,
                Verdict::Clear => measurement::Verdict::Pass,
            },
            detail: if reported.is_empty() { "nothing is in its way".to_owned() } else { reported.join(", ") },
            no_return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_chain_is_the_point_of_no_return() {
        let chain = ["1", "2", "3"].map(ToOwned::to_owned);
        let of = |revision: &str, severity| Finding { revision: Some(revision.into()), ..Finding::new(severity, "") };
        let found = [of("1", Severity::Note), of("3", Severity::Irreversible), of("2", Severity::Irreversible)];
        assert_eq!(point_of_no_return(&chain, &found).as_deref(), Some("2"));
        assert_eq!(point_of_no_return(&chain, &found[..1]), None);
    }

    #[test]
    fn what_will_fail_or_was_not_evaluated_is_no_success() {
        let of = |severity| Report::of("e", vec![Finding::new(Severity::Note, ""), Finding::new(severity, "")]);
        let status = |severity, allow| of(severity).exit_status(allow);
        assert_eq!(
            [status(Severity::WillFail, true), status(Severity::MayFail, false), status(Severity::MayFail, true)],
            [1, 1, 0]
        );
        assert_eq!([status(Severity::Inconclusive, false), status(Severity::Inconclusive, true)], [1, 0]);
        assert_eq!(of(Severity::WillFail).findings[0].severity, Severity::WillFail);
        // What may fail is worse than what was not evaluated, but says less of the whole.
        let mixed =
            Report::of("e", vec![Finding::new(Severity::Inconclusive, ""), Finding::new(Severity::MayFail, "")]);
        assert_eq!(mixed.verdict, Verdict::Inconclusive);
    }
}
