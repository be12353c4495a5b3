//! Looks through a database for what should not be in it: how much of it there is, and where to find some.

use super::{Database, DatabaseError, Value};
use crate::checklist::check::{Consistency, Look};

/// How many keys of what was found are reported.
const SAMPLES: usize = 5;

/// What was found in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub look: Look,
    /// `serials.lot_id → lots`
    pub place: String,
    pub count: u64,
    /// Keys or names of the first few.
    pub samples: Vec<String>,
}

/// All that was found, and what this kind of database has nothing to say of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    pub found: Vec<Finding>,
    pub not_applicable: Vec<Look>,
    /// Places looked at.
    pub places: u64,
}

/// A way to find something: a statement that gives one row with a count for each of its places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Probe {
    pub counts: String,
    pub places: Vec<Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub name: String,
    /// Gives a text for each thing found; asked only where the count is not 0.
    pub samples: String,
}

/// Looks for everything that the check names. `at` is reported how many places have been looked at, and the one in hand.
///
/// # Errors
/// When the database cannot be read. A table that is not there is an error too: nothing would be found in it.
pub(crate) async fn look(
    database: &mut Database,
    check: &Consistency,
    at: &mut (dyn for<'a> FnMut(u64, &'a str) + Send),
) -> Result<Findings, DatabaseError> {
    let all = database.tables().await?;
    let tables = if check.tables.is_empty() { all } else { check.tables.clone() };
    for table in &tables {
        if database.columns(table).await?.is_empty() {
            return Err(DatabaseError::Statement(format!("there is no table {table}")));
        }
    }
    let mut findings = Findings::default();
    for look in &check.look_for {
        at(findings.places, look.word());
        let Some(probes) = database.probes(*look, &tables, check).await? else {
            findings.not_applicable.push(*look);
            continue;
        };
        for probe in probes {
            at(findings.places, &format!("{} {}", look.word(), probe.places.first().map_or("", |place| &place.name)));
            let counted = database.rows(&probe.counts, 1).await?;
            let row = counted.rows.first().map(Vec::as_slice).unwrap_or_default();
            for (place, count) in probe.places.iter().zip(row) {
                findings.places += 1;
                let Value::Integer(count @ 1..) = count else { continue };
                let samples = database.rows(&format!("{} LIMIT {SAMPLES}", place.samples), SAMPLES).await?;
                findings.found.push(Finding {
                    look: *look,
                    place: place.name.clone(),
                    count: count.unsigned_abs(),
                    samples: samples.rows.iter().filter_map(|row| row.first()).map(ToString::to_string).collect(),
                });
            }
        }
    }
    Ok(findings)
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.look.word(), self.place, self.count)?;
        if self.samples.is_empty() {
            return Ok(());
        }
        let more = if self.count > self.samples.len() as u64 { ", …" } else { "" };
        write!(f, " ({}{more})", self.samples.join(", "))
    }
}

/// Pairs of columns of which the second cannot be earlier.
pub(crate) const SPANS: [(&str, &str); 8] = [
    ("started_at", "completed_at"),
    ("started_at", "finished_at"),
    ("started_at", "ended_at"),
    ("start_time", "end_time"),
    ("start_at", "end_at"),
    ("start_date", "end_date"),
    ("valid_from", "valid_to"),
    ("valid_from", "valid_until"),
];
