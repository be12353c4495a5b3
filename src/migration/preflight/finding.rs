//! What a preflight finds.

use serde::Serialize;

/// How bad a finding is, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    /// Shown on the data as it is.
    WillFail,
    /// Shown too, but an earlier statement of the chain touches what it rests on.
    MayFail,
    WillLock,
    /// Called so since format 1.
    #[serde(rename = "no-way-back")]
    Irreversible,
    Hazard,
    /// Could not be evaluated, and why.
    Inconclusive,
    Note,
}

impl Severity {
    pub(crate) const ALL: [Self; 7] = [
        Self::WillFail,
        Self::MayFail,
        Self::WillLock,
        Self::Irreversible,
        Self::Hazard,
        Self::Inconclusive,
        Self::Note,
    ];

    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::WillFail => "will fail",
            Self::MayFail => "may fail",
            Self::WillLock => "will lock",
            Self::Irreversible => "will not go back",
            Self::Hazard => "hazard of the moment",
            Self::Inconclusive => "inconclusive",
            Self::Note => "note",
        }
    }
}

/// One finding. `null` where a part does not apply.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Finding {
    pub severity: Severity,
    pub revision: Option<String>,
    /// Line of the chain's SQL, from 1.
    pub line: Option<usize>,
    /// The statement, shortened.
    pub statement: Option<String>,
    pub table: Option<String>,
    /// Rows in the way: those that break a rule, or those that a lock's work goes over.
    pub rows: Option<i64>,
    /// What will happen.
    pub what: String,
    /// The form that avoids it.
    pub safer: Option<String>,
    /// How it is known: the query whose answer it is, or what an estimate rests on.
    pub basis: Option<String>,
    /// An estimate of the time a lock is held for this statement's own work.
    pub seconds: Option<f64>,
}

impl Finding {
    #[must_use]
    pub(crate) fn new(severity: Severity, what: impl Into<String>) -> Self {
        Self {
            severity,
            revision: None,
            line: None,
            statement: None,
            table: None,
            rows: None,
            what: what.into(),
            safer: None,
            basis: None,
            seconds: None,
        }
    }
}
