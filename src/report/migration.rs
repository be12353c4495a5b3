//! Every migration that was run: from where to where, how long, what it locked, what it did to the rows.

use super::View;
use super::words::{Measured, Said, Tone, Took, tone};
use crate::checklist::Check;
use crate::checklist::check::{Direction, MigrationTarget};
use crate::deployment::attempt::{Attempt, AttemptPhase, End, Moment, Outcome, TableProof};
use crate::deployment::numbers;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Migration {
    pub attempt: u32,
    pub item: String,
    pub title: String,
    pub environment: String,
    /// `upgrade` or `downgrade`.
    pub direction: String,
    /// As the checklist asks for it.
    pub to: String,
    /// Run on a copy that was thrown away.
    pub scratch: bool,
    /// Where the database was seen afterwards.
    pub revision: Option<String>,
    pub started: Said,
    pub took_ms: Option<Took>,
    /// `pass`, `fail`, `inconclusive`, `running`, `unknown`, `cancelled`, `timed out` or `could not start`.
    pub result: String,
    pub detail: String,
    /// The longest lock of each table, where it was measured.
    pub locks: Vec<Measured>,
    /// Whatever else was measured.
    pub measured: Vec<Measured>,
    pub tables: Vec<Table>,
}

impl Migration {
    pub fn tone(&self) -> Tone {
        tone(&self.result)
    }
}

/// A table before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Table {
    pub table: String,
    pub rows_before: Option<i64>,
    pub rows_after: Option<i64>,
    /// Whether the fingerprints of the columns that both have are the same; null when they were not compared.
    pub same: Option<bool>,
    /// Order-free, over the columns that were compared.
    pub fingerprint_before: Option<String>,
    pub fingerprint_after: Option<String>,
}

impl Table {
    pub fn before(&self) -> String {
        rows(self.rows_before)
    }

    pub fn after(&self) -> String {
        rows(self.rows_after)
    }

    /// What the fingerprints say, with their first digits.
    pub fn words(&self) -> String {
        let short = |fingerprint: &Option<String>| -> String {
            fingerprint.as_ref().map_or_else(|| "–".to_owned(), |text| text.chars().take(12).collect())
        };
        let (before, after) = (short(&self.fingerprint_before), short(&self.fingerprint_after));
        match self.same {
            Some(true) => format!("same content ({after})"),
            Some(false) => format!("content changed ({before} → {after})"),
            None => "not compared".to_owned(),
        }
    }
}

fn rows(rows: Option<i64>) -> String {
    rows.map_or_else(|| "not counted".to_owned(), |rows| numbers::grouped(&rows.to_string()))
}

pub(super) fn migrations(at: &View<'_>) -> Vec<Migration> {
    at.state.attempts.iter().filter_map(|attempt| migration(at, attempt)).collect()
}

fn migration(at: &View<'_>, attempt: &Attempt) -> Option<Migration> {
    let item = at.plan.item(&attempt.item)?;
    let Check::Migration(check) = &item.check else { return None };
    let direction = match check.direction {
        Direction::Upgrade => "upgrade",
        Direction::Downgrade => "downgrade",
        Direction::Current => return None,
    };
    let outcome = attempt.outcome();
    let (locks, measured): (Vec<Measured>, Vec<Measured>) = outcome
        .into_iter()
        .flat_map(|outcome| &outcome.measured)
        .map(Measured::of)
        .partition(|measured| measured.name == "lock");
    Some(Migration {
        attempt: attempt.number.0,
        item: item.id.to_string(),
        title: item.title.clone(),
        environment: attempt.environment.to_string(),
        direction: direction.to_owned(),
        to: check.to.clone(),
        scratch: check.on == MigrationTarget::Scratch,
        revision: outcome.and_then(|outcome| outcome.revision.clone()),
        started: super::attempts::started(at, attempt),
        took_ms: outcome.map(|outcome| Took(outcome.took_ms)),
        result: result(attempt).to_owned(),
        detail: outcome.map(|outcome| outcome.detail.clone()).unwrap_or_default(),
        locks,
        measured,
        tables: outcome.map(tables).unwrap_or_default(),
    })
}

/// How an attempt ended, in a word.
pub(super) fn result(attempt: &Attempt) -> &'static str {
    match &attempt.phase {
        AttemptPhase::Running { .. } => "running",
        AttemptPhase::Lost { .. } => "unknown",
        AttemptPhase::Finished(outcome) => match outcome.end {
            End::Completed => outcome.verdict.word(),
            End::Cancelled => "cancelled",
            End::TimedOut => "timed out",
            End::NotStarted => "could not start",
        },
    }
}

fn tables(outcome: &Outcome) -> Vec<Table> {
    let mut tables: Vec<(&str, Option<&TableProof>, Option<&TableProof>)> = Vec::new();
    for proof in &outcome.tables {
        let at = tables.iter().position(|(table, ..)| *table == proof.table).unwrap_or_else(|| {
            tables.push((&proof.table, None, None));
            tables.len() - 1
        });
        match proof.when {
            Moment::Before => tables[at].1 = Some(proof),
            Moment::After => tables[at].2 = Some(proof),
            Moment::Restored | Moment::Now => {}
        }
    }
    let compare = |before: &TableProof, after: &TableProof| {
        let same_columns = before.columns == after.columns;
        before.fingerprint.as_ref().zip(after.fingerprint.as_ref()).filter(|_| same_columns).map(|(a, b)| a == b)
    };
    let one = tables.into_iter().map(|(table, before, after)| Table {
        table: table.to_owned(),
        rows_before: before.map(|proof| proof.rows),
        rows_after: after.map(|proof| proof.rows),
        same: before.zip(after).and_then(|(before, after)| compare(before, after)),
        fingerprint_before: before.and_then(|proof| proof.fingerprint.clone()),
        fingerprint_after: after.and_then(|proof| proof.fingerprint.clone()),
    });
    one.collect()
}
