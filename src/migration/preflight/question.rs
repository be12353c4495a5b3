//! Questions on the data, and what their answers mean.

use super::finding::Severity;
use std::time::Duration;

/// One query that reads. Its first row holds whole numbers or NULL in every column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Question {
    pub sql: String,
    pub purpose: Purpose,
    /// Asked when the server refuses the first: how many rows are the reason.
    pub count: Option<String>,
}

/// What a question is asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Purpose {
    /// Whether rows stand in a statement's way.
    Breaks(Claim),
    /// `count, bytes` of a table.
    Size { table: (String, String) },
    /// How many rows a statement changes.
    Matches { statement: usize },
    /// `rows read` of a sample of a table, for the server's speed.
    Rate { table: (String, String) },
}

/// That a statement fails if rows break what it demands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claim {
    /// Which statement, by its place in the chain.
    pub statement: usize,
    /// [`Severity::WillFail`], or [`Severity::MayFail`] when an earlier statement touches what it rests on.
    pub severity: Severity,
    /// Why it is only *may fail*.
    pub because: Option<String>,
    /// Why an answer without such rows settles nothing.
    pub unseen: Option<String>,
    pub table: String,
    pub broken: Broken,
}

/// What the rows break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Broken {
    /// NULLs in a column that must not have them.
    Nulls {
        column: String,
    },
    /// Rows that a new column without a default would leave empty.
    RowsWithoutValue {
        column: String,
    },
    Repeats {
        columns: String,
        by: String,
    },
    Check {
        name: String,
        text: String,
    },
    Orphans {
        columns: String,
        references: String,
    },
    /// Values that cannot become the new type; the server refuses the query.
    Cast {
        column: String,
        to: String,
    },
    /// A value that the server computes, in words; it refuses the query when it cannot.
    Computed {
        what: String,
    },
    TooLong {
        column: String,
        limit: i64,
    },
    /// Values or rows that cannot be had back, in words.
    Lost {
        what: String,
    },
}

/// What came of a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub reply: Reply,
    pub took: Duration,
    /// The answer to [`Question::count`], when it was asked and answered.
    pub counted: Option<i64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reply {
    Row(Vec<Option<i64>>),
    /// The server refused because of a value it read, in its words.
    Values(String),
    /// Not answered within this time.
    TimedOut(Duration),
    /// Somebody holds a lock on what it reads.
    Locked,
    /// It could not be asked: no rights, no connection, or a query the server does not take.
    Broken(String),
}

impl Reply {
    pub(crate) fn first(&self) -> Option<i64> {
        match self {
            Self::Row(values) => values.first().copied().flatten(),
            _ => None,
        }
    }
}
