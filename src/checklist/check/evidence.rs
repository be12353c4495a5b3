//! A verdict drawn from what the ledger already holds; nothing is run.

use super::kind::{Completion, Kind, Measure, Measures, Sabotage, Title};
use crate::checklist::evidence::Reference;
use crate::checklist::ids::ItemId;
use crate::checklist::reader::checks::Written;
use crate::checklist::reader::phases;
use crate::checklist::reader::suggest::did_you_mean;
use schemars::JsonSchema;
use serde::Serialize;

/// Passes when all of `of` hold and, where a reading is given, every target of the item does. Written
/// `check = { kind = "evidence", of = ["…"] }`, `of = "children"`, or
/// `check = { kind = "evidence", item = "…", measure = "duration", against = "…", compute = "reduction" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Evidence {
    pub of: EvidenceOf,
    pub reading: Option<Reading>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceOf {
    /// The items nested in this one.
    Children,
    These(Vec<Reference>),
}

/// A number that an item's latest finished attempt measured, alone or held against another item's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reading {
    pub item: ItemId,
    pub measure: String,
    pub against: Option<Against>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Against {
    pub item: ItemId,
    pub compute: Compute,
}

/// By how many percent `item` is below `against`, or `item` minus `against`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compute {
    /// By how many percent `item` is below `against`; measured as `reduction` in `%`.
    Reduction,
    /// `item` minus `against`, in their unit; measured as `difference`.
    Difference,
}

impl Evidence {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        written.table.call("an evidence check");
        let of = read_of(written);
        let reading = read_reading(written);
        let table = &mut written.table;
        if !table.has("of") && !table.has("item") {
            table.missing("of", "\"children\"`, `of = [\"…\"]` or `item = \"…\"");
            return None;
        }
        // Half a reading is noted; nothing more can be said of it.
        if table.has("item") && reading.is_none() {
            return None;
        }
        Some(Self { of: of?, reading })
    }
}

fn read_of(written: &mut Written<'_, '_>) -> Option<EvidenceOf> {
    let Written { table, holder, marks, .. } = written;
    let word = table.value("of").is_some_and(|value| value.get_ref().is_str());
    if !word {
        return Some(EvidenceOf::These(phases::references(table, "of", holder, marks)));
    }
    let word = table.text("of")?;
    if word.value == "children" {
        return Some(EvidenceOf::Children);
    }
    let suggestion = match did_you_mean(&word.value, ["children"], "") {
        near if near.starts_with("did") => near,
        _ => format!("write `of = [\"{}\"]`", word.value),
    };
    table.report().error(word.at, format!("`of` is `{}`, neither `children` nor a list", word.value), suggestion);
    None
}

fn read_reading(written: &mut Written<'_, '_>) -> Option<Reading> {
    let item = written.item("item");
    let measure = written.table.text("measure");
    let against = written.item("against");
    let table = &mut written.table;
    let compute = table.word("compute", &[("reduction", Compute::Reduction), ("difference", Compute::Difference)]);
    if table.has("item") {
        table.require("measure", "\"…\"");
        match (table.has("against"), table.has("compute")) {
            (true, false) => table.missing("compute", "\"reduction\"` or `compute = \"difference\""),
            (false, true) => table.missing("against", "\"phase/section/item\""),
            _ => {}
        }
    } else if let Some(key) = ["measure", "against", "compute"].into_iter().find(|key| table.has(key)) {
        let message = format!("`{key}` is of a reading, but no `item` is read");
        table.report().error(table.key_at(key), message, "add `item = \"phase/section/item\"`");
    }
    written.detail = measure.as_ref().map(|measure| measure.at);
    let (item, measure) = (item?, measure?.value);
    let against = match (table.has("against"), against, compute) {
        (false, ..) => None,
        (true, Some(item), Some(compute)) => Some(Against { item, compute: compute.value }),
        (true, ..) => return None,
    };
    Some(Reading { item, measure, against })
}

impl Kind for Evidence {
    fn completion(&self) -> Completion {
        Completion::Evaluated
    }

    fn measures(&self, of: Measures<'_>) -> Vec<Measure> {
        let measure = |reading: &Reading| {
            // A reading of another reading is looked up one step deep: its unit is only known where the number is taken.
            let taken = of.get(&reading.item).filter(|item| item.check.kind().completion() != Completion::Evaluated);
            let found =
                taken.and_then(|item| item.check.kind().measures(of).into_iter().find(|m| m.name == reading.measure));
            let unit = found.and_then(|found| found.unit);
            match reading.against.as_ref().map(|against| against.compute) {
                Some(Compute::Reduction) => Measure::of("reduction", "%"),
                Some(Compute::Difference) => Measure { name: "difference".to_owned(), unit },
                None => Measure { name: reading.measure.clone(), unit },
            }
        };
        self.reading.iter().map(measure).collect()
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![Sabotage::NoEvidence]
    }

    fn describe(&self, title: Title<'_>) -> Vec<String> {
        let mut parts = Vec::new();
        match &self.of {
            EvidenceOf::Children => parts.push("rests on the items below it".to_owned()),
            EvidenceOf::These(references) if !references.is_empty() => {
                let names = references.iter().map(|reference| match reference {
                    Reference::Item(id) => format!("\"{}\"", title(id)),
                    other => other.to_string(),
                });
                parts.push(format!("rests on {}", names.collect::<Vec<_>>().join(", ")));
            }
            EvidenceOf::These(_) => {}
        }
        if let Some(reading) = &self.reading {
            let measured = format!("{} of \"{}\"", reading.measure, title(&reading.item));
            parts.push(match &reading.against {
                None => measured,
                Some(against) => {
                    let how = match against.compute {
                        Compute::Reduction => "reduction of",
                        Compute::Difference => "difference of",
                    };
                    format!("{how} {measured} against \"{}\"", title(&against.item))
                }
            });
        }
        parts
    }

    fn looks_at_a_moment(&self) -> bool {
        false
    }

    fn compares_with(&self) -> Option<&ItemId> {
        Some(&self.reading.as_ref()?.against.as_ref()?.item)
    }
}
