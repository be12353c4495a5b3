//! What each check measures, as its documentation says.

use crate::checklist::check::{BackupStage, Check, Direction, ValueForm};
use crate::checklist::evidence::Compute;
use crate::checklist::ids::ItemId;
use crate::checklist::model::Item;
use std::collections::HashMap;

/// A number that a check takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub name: String,
    /// The unit it is in, where it is always the same.
    pub unit: Option<String>,
}

/// Every item by its id; of two with the same id, the first.
pub type Items<'c> = HashMap<&'c ItemId, &'c Item>;

fn measure(name: &str, unit: &str) -> Measure {
    Measure { name: name.to_owned(), unit: Some(unit.to_owned()) }
}

fn unitless(name: &str) -> Measure {
    Measure { name: name.to_owned(), unit: None }
}

/// What carrying out the item's check measures.
pub fn of(item: &Item, items: &Items<'_>) -> Vec<Measure> {
    match &item.check {
        Check::Manual | Check::Notify(_) => Vec::new(),
        Check::Value(value) => match value.form {
            ValueForm::Text => Vec::new(),
            ValueForm::Number => vec![Measure { name: "value".to_owned(), unit: value.unit.clone() }],
        },
        Check::Command(command) => {
            let numbers = command.numbers.iter().map(|number| measure(&number.measure, &number.unit));
            numbers.chain([measure("duration", "s")]).collect()
        }
        Check::Sql(sql) => vec![measure(&sql.measure, &sql.unit)],
        Check::Http(http) => {
            let mut measures: Vec<Measure> =
                ["latency-p50", "latency-p95", "latency-max"].map(|name| measure(name, "ms")).to_vec();
            measures.extend(http.queries.as_ref().map(|_| unitless("queries")));
            measures.extend(["records", "errors"].map(unitless));
            measures
        }
        Check::Schema(_) => vec![unitless("indexes")],
        Check::Consistency(consistency) => {
            consistency.look_for.iter().map(|look| measure(look.word(), "findings")).collect()
        }
        Check::Rows(rows) => rows.tables.iter().map(|table| unitless(&format!("rows {table}"))).collect(),
        Check::File(_) => vec![unitless("matches"), unitless("bytes")],
        Check::Backup(backup) => {
            let mut measures = vec![unitless("bytes")];
            if matches!(backup.stage, BackupStage::Full | BackupStage::Make) {
                measures.push(measure("duration", "s"));
            }
            if matches!(backup.stage, BackupStage::Full | BackupStage::Restore | BackupStage::Swap) {
                measures.push(measure("restore", "s"));
            }
            measures
        }
        Check::Migration(migration) if migration.direction == Direction::Current => Vec::new(),
        Check::Migration(_) => vec![
            measure("duration", "s"),
            measure("lock", "s"),
            unitless("rows-changed"),
            measure("size-increase", "bytes"),
            measure("wal-written", "bytes"),
            unitless("revisions"),
        ],
        Check::Evidence(evidence) => evidence.reading.iter().map(|reading| of_reading(reading, items)).collect(),
    }
}

fn of_reading(reading: &crate::checklist::evidence::Reading, items: &Items<'_>) -> Measure {
    // A reading of another reading is looked up one step deep: its unit is only known where the number is taken.
    let taken = items.get(&reading.item).filter(|item| !matches!(item.check, Check::Evidence(_)));
    let unit = taken.and_then(|item| of(item, items).into_iter().find(|m| m.name == reading.measure)?.unit);
    match reading.against.as_ref().map(|against| against.compute) {
        Some(Compute::Reduction) => measure("reduction", "%"),
        Some(Compute::Difference) => Measure { name: "difference".to_owned(), unit },
        None => Measure { name: reading.measure.clone(), unit },
    }
}

/// Whether the check may measure `name`; counting every table leaves the names of the tables open.
pub fn may_measure(item: &Item, items: &Items<'_>, name: &str) -> bool {
    let any_table = matches!(&item.check, Check::Rows(rows) if rows.tables.is_empty());
    (any_table && name.starts_with("rows ")) || of(item, items).iter().any(|measure| measure.name == name)
}
