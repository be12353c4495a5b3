//! Locks over time: what each statement does under them, and how long the transaction keeps them.

use super::act::{Act, Mode};
use super::catalog::Catalog;
use super::estimate::Speed;
use super::evaluate::{Evaluation, Work, WorkKind, at_statement};
use super::finding::{Finding, Severity};
use super::statement::Statement;
use super::words::{about, bytes, rows};
use super::world::Key;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// How many rows and bytes tables have: counted where it could be, else by the server's own estimate.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sizes {
    known: BTreeMap<Key, (i64, i64)>,
    counted: BTreeSet<Key>,
    /// Rows that statements change, by their place.
    changed: BTreeMap<usize, i64>,
}

impl Sizes {
    #[must_use]
    pub(crate) fn of(catalog: &Catalog) -> Self {
        let mut sizes = Self::default();
        for relation in &catalog.relations {
            let key = (relation.schema.clone(), relation.name.clone());
            #[expect(clippy::cast_possible_truncation, reason = "an estimate of rows")]
            sizes.known.insert(key, (relation.rows.max(0.0) as i64, relation.bytes));
        }
        sizes
    }

    pub(crate) fn set(&mut self, table: &Key, rows: Option<i64>, bytes: Option<i64>) {
        let known = self.known.entry(table.clone()).or_default();
        if let Some(rows) = rows {
            known.0 = rows;
            self.counted.insert(table.clone());
        }
        known.1 = bytes.unwrap_or(known.1);
    }

    pub(crate) fn rows(&self, table: &Key) -> i64 {
        self.known.get(table).map_or(0, |known| known.0)
    }

    pub(crate) fn bytes(&self, table: &Key) -> i64 {
        self.known.get(table).map_or(0, |known| known.1)
    }

    /// A statement changes so many rows.
    pub(crate) fn changes(&mut self, statement: usize, rows: i64) {
        self.changed.insert(statement, rows);
    }

    /// The rows that a piece of work goes over.
    fn of_work(&self, work: &Work) -> i64 {
        let all = self.rows(&work.table);
        if work.kind == WorkKind::Change { self.changed.get(&work.statement).copied().unwrap_or(all) } else { all }
    }

    fn reported(&self, table: &Key) -> String {
        let how = if self.counted.contains(table) { "" } else { " by the server's own estimate" };
        match self.bytes(table) {
            0 => format!("{}{how}", rows(self.rows(table))),
            size => format!("{}{how}, {}", rows(self.rows(table)), bytes(size)),
        }
    }
}

/// How long one table stays locked by one transaction of the chain.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Hold {
    pub table: String,
    /// The strongest lock, by the server's name.
    pub mode: &'static str,
    /// Who is waiting meanwhile.
    pub waits: &'static str,
    /// Where it is taken.
    pub revision: Option<String>,
    pub line: usize,
    /// The last line before it is given back.
    pub until: usize,
    /// Estimated, from the first lock to the end of the transaction.
    pub seconds: f64,
}

/// Findings about locks, and the holds they add up to.
pub(crate) fn locks(
    statements: &[Statement],
    evaluation: &Evaluation,
    sizes: &Sizes,
    speed: &Speed,
) -> (Vec<Finding>, Vec<Hold>) {
    let took = |work: &Work| speed.seconds(work.kind, sizes.of_work(work), work.indexes);
    let mut findings = by_statement(statements, evaluation, sizes, speed, &took);
    let mut holds = Vec::new();
    let ends = |work: &Work| statements[work.statement].transaction;
    let transactions: BTreeSet<Option<usize>> = evaluation.works.iter().map(ends).collect();
    for transaction in transactions {
        let works = evaluation.works.iter().filter(|work| ends(work) == transaction);
        let Some(transaction) = transaction else {
            for work in works.filter(|work| work.mode.stops_writers()) {
                holds.push(hold(statements, &work.table, work.mode, (work.statement, work.statement), took(work)));
            }
            continue;
        };
        let inside = of_transaction(statements, transaction, works, &took);
        findings.extend(shared(statements, transaction, &inside));
        holds.extend(inside);
    }
    (findings, holds)
}

fn hold(statements: &[Statement], table: &Key, mode: Mode, (from, until): (usize, usize), seconds: f64) -> Hold {
    Hold {
        table: table.1.clone(),
        mode: mode.name(),
        waits: mode.who_waits(),
        revision: statements[from].revision.clone(),
        line: statements[from].line,
        until: statements[until].line,
        seconds,
    }
}

fn of_transaction<'a>(
    statements: &[Statement],
    transaction: usize,
    works: impl Iterator<Item = &'a Work>,
    took: &dyn Fn(&Work) -> f64,
) -> Vec<Hold> {
    let mut clock = 0.0;
    // The strongest lock on a table, the statement that first stopped a writer there, and when.
    let mut first: BTreeMap<&Key, (Mode, usize, f64)> = BTreeMap::new();
    for work in works {
        if work.mode.stops_writers() {
            let entry = first.entry(&work.table).or_insert((work.mode, work.statement, clock));
            entry.0 = entry.0.max(work.mode);
        }
        clock += took(work);
    }
    let last = statements.iter().rposition(|statement| statement.transaction == Some(transaction)).unwrap_or(0);
    let holds = first.into_iter();
    holds.map(|(table, (mode, from, at))| hold(statements, table, mode, (from, last), clock - at)).collect()
}

/// Says that what one revision locks is kept until the last one is through.
fn shared(statements: &[Statement], transaction: usize, holds: &[Hold]) -> Option<Finding> {
    // Where each revision has its own, its BEGIN is printed before the comment that names it.
    let frame = |statement: &Statement| matches!(statement.acts(), [Act::Begin | Act::Commit | Act::Rollback]);
    let inside = statements.iter().filter(|statement| statement.transaction == Some(transaction) && !frame(statement));
    let mut revisions: Vec<&str> = inside.filter_map(|statement| statement.revision.as_deref()).collect();
    revisions.dedup();
    let longest = holds.iter().max_by(|a, b| a.seconds.total_cmp(&b.seconds))?;
    if revisions.len() < 2 {
        return None;
    }
    let what = format!(
        "{} revisions share one transaction, so each lock is kept until the last is through: {} from line {} on, {}",
        revisions.len(),
        longest.table,
        longest.line,
        about(longest.seconds)
    );
    Some(Finding {
        table: Some(longest.table.clone()),
        line: Some(longest.line),
        revision: longest.revision.clone(),
        safer: Some(EACH.to_owned()),
        seconds: Some(longest.seconds),
        ..Finding::new(Severity::WillLock, what)
    })
}

/// Says of revisions that share a transaction in print that whether they do in a run is not known.
pub(crate) fn doubt_sharing(findings: &mut [Finding], why: &str) {
    for finding in findings.iter_mut().filter(|finding| finding.safer.as_deref() == Some(EACH)) {
        finding.what = format!("{}; as printed: whether a run shares it too is not known, {why}", finding.what);
    }
}

/// The form in which revisions share no transaction.
const EACH: &str = "transaction_per_migration=True in context.configure() of env.py";

/// What a revision does to a table under one kind of lock, reported once.
fn by_statement(
    statements: &[Statement],
    evaluation: &Evaluation,
    sizes: &Sizes,
    speed: &Speed,
    took: &dyn Fn(&Work) -> f64,
) -> Vec<Finding> {
    type Group<'a> = (Option<&'a str>, &'a Key, Mode, Option<&'a str>);
    let mut groups: Vec<(Group<'_>, Vec<&Work>)> = Vec::new();
    let heavy = evaluation.works.iter().filter(|work| work.kind != WorkKind::Instant && sizes.of_work(work) > 0);
    for work in heavy {
        let revision = statements[work.statement].revision.as_deref();
        let group = (revision, &work.table, work.mode, work.safer.as_deref());
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, works)) => works.push(work),
            None => groups.push((group, vec![work])),
        }
    }
    let finding = |((_, table, mode, safer), works): (Group<'_>, Vec<&Work>)| {
        let time: f64 = works.iter().map(|work| took(work)).sum();
        let mut words: Vec<String> =
            works.iter().map(|work| format!("{} (line {})", work.words, statements[work.statement].line)).collect();
        words.dedup();
        let rewrites = works.iter().filter(|work| work.kind == WorkKind::Rewrite).count();
        let safer = if rewrites > 1 {
            Some(format!("change them in one ALTER TABLE: one rewrite instead of {rewrites}"))
        } else {
            safer.map(ToOwned::to_owned)
        };
        let what =
            format!("{} on {}, {}, {}: {}", mode.name(), table.1, mode.who_waits(), about(time), words.join("; "));
        Finding {
            rows: works.iter().map(|work| sizes.of_work(work)).max(),
            safer,
            basis: Some(format!("estimate: {}; {}", sizes.reported(table), speed.basis)),
            seconds: Some(time),
            ..at_statement(&statements[works[0].statement], severity(mode), Some(&table.1), what)
        }
    };
    groups.into_iter().map(finding).collect()
}

/// A lock that nobody waits for is worth a note.
fn severity(mode: Mode) -> Severity {
    if mode.stops_writers() { Severity::WillLock } else { Severity::Note }
}
