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

/// Words in names of columns whose times lie ahead in a healthy database: what ends a loan, when a job runs next.
const AHEAD: [&str; 36] = [
    "due",
    "dues",
    "duedate",
    "expire",
    "expires",
    "expiry",
    "expiration",
    "expiring",
    "until",
    "deadline",
    "next",
    "scheduled",
    "planned",
    "upcoming",
    "eta",
    "ends",
    "starts",
    "renew",
    "renews",
    "renewal",
    "matures",
    "maturity",
    "retention",
    "remind",
    "reminder",
    "retry",
    "publish",
    "send",
    "run",
    "effective",
    "valid",
    "appointment",
    "departure",
    "arrival",
    "estimated",
    "expected",
];
/// Words in names of columns whose times may lie before 2000.
const LONG_AGO: [&str; 14] = [
    "birth",
    "birthday",
    "birthdate",
    "born",
    "dob",
    "founded",
    "established",
    "built",
    "died",
    "death",
    "published",
    "hired",
    "manufactured",
    "historic",
];

/// Which times are possible in a column, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Possible {
    /// Any time ahead, and `infinity`.
    pub ahead: bool,
    /// Before 2000.
    pub long_ago: bool,
}

impl Possible {
    pub(crate) fn of(column: &str) -> Self {
        let mut spelled = String::new();
        for c in column.chars() {
            if c.is_ascii_uppercase() && spelled.ends_with(|before: char| before.is_ascii_lowercase()) {
                spelled.push('_');
            }
            spelled.push(c.to_ascii_lowercase());
        }
        let has = |known: &[&str]| spelled.split(|c: char| !c.is_alphanumeric()).any(|word| known.contains(&word));
        Self { ahead: has(&AHEAD) && !has(&["last", "previous"]), long_ago: has(&LONG_AGO) }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_show_which_times_are_possible() {
        for ahead in ["due_at", "dueDate", "expires_at", "valid_until", "next_run_at", "trial_ends_at", "token_expiry"]
        {
            assert_eq!(Possible::of(ahead), Possible { ahead: true, long_ago: false }, "{ahead}");
        }
        for past in [
            "created_at",
            "updated_at",
            "lent_at",
            "completed_at",
            "start_time",
            "end_time",
            "at",
            "residue_at",
            "last_run_at",
        ] {
            assert_eq!(Possible::of(past), Possible { ahead: false, long_ago: false }, "{past}");
        }
        assert_eq!(Possible::of("date_of_birth"), Possible { ahead: false, long_ago: true });
    }
}
