//! What measurements are held against.

use super::marks::TargetMarks;
use super::table::TableReader;
use crate::checklist::target::{Bound, Target};

type MakeBound = fn(f64) -> Bound;

const BOUNDS: [(&str, MakeBound); 4] =
    [("below", Bound::Below), ("at_most", Bound::AtMost), ("at_least", Bound::AtLeast), ("equals", Bound::Equals)];

/// Reads the `targets` of an item; those that cannot be read are left out of both lists.
pub(super) fn read(item: &mut TableReader<'_>) -> (Vec<Target>, Vec<TargetMarks>) {
    let tables = item.tables("targets", "a target");
    tables.into_iter().filter_map(read_target).unzip()
}

fn read_target(mut table: TableReader<'_>) -> Option<(Target, TargetMarks)> {
    let measure = table.required_text("measure");
    let bound = read_bound(&mut table);
    let unit = read_unit(&mut table, measure.as_ref().map(|measure| measure.value.as_str()));
    table.finish();
    let (measure, unit) = (measure?, unit?);
    let marks = TargetMarks { measure: measure.at, unit: unit.at };
    Some((Target { measure: measure.value, bound: bound?, unit: unit.value }, marks))
}

fn read_unit(table: &mut TableReader<'_>, measure: Option<&str>) -> Option<super::value::Found<String>> {
    if table.has("unit") {
        return table.required_text("unit");
    }
    table.value("unit");
    let of = measure.map(|measure| format!(" on `{measure}`")).unwrap_or_default();
    let unit = measure.and_then(usual_unit).unwrap_or("…");
    let suggestion = format!("add `unit = \"{unit}\"`");
    table.report().error_because(
        super::report::Cause::Missing,
        table.at(),
        format!("the target{of} has no unit"),
        suggestion,
    );
    None
}

/// The unit that a measure of this name has wherever the program measures it.
fn usual_unit(measure: &str) -> Option<&'static str> {
    match measure {
        "duration" | "lock" | "restore" => Some("s"),
        "latency-p50" | "latency-p95" | "latency-max" => Some("ms"),
        "bytes" | "size-increase" | "wal-written" => Some("bytes"),
        "queries" => Some("queries"),
        "reduction" => Some("%"),
        _ => None,
    }
}

pub(super) fn has_bound(table: &TableReader<'_>) -> bool {
    BOUNDS.iter().any(|(key, _)| table.has(key))
}

/// Exactly one bound.
pub(super) fn read_bound(table: &mut TableReader<'_>) -> Option<Bound> {
    let given: Vec<&'static str> = BOUNDS.iter().map(|(key, _)| *key).filter(|key| table.has(key)).collect();
    let bounds: Vec<Option<Bound>> =
        BOUNDS.iter().map(|(key, make)| table.number(key).map(|number| make(number.value))).collect();
    match given.as_slice() {
        [_] => bounds.into_iter().flatten().next(),
        [] => {
            let suggestion = "add one of `below`, `at_most`, `at_least`, `equals`";
            table.report().error_because(
                super::report::Cause::Missing,
                table.at(),
                "the target has no bound",
                suggestion,
            );
            None
        }
        [first, second, ..] => {
            let message =
                format!("the target has {} bounds: {}", given.len(), super::suggest::listed(given.iter().copied()));
            let at = table.key_at(first).max(table.key_at(second));
            table.report().error(at, message, "keep one of them, or write a target for each");
            None
        }
    }
}
