//! Verdicts drawn from what is already recorded.

use super::checks;
use super::marks::{Holder, Marks};
use super::phases;
use super::suggest::did_you_mean;
use super::table::TableReader;
use crate::checklist::evidence::{Against, Compute, Evidence, EvidenceOf, Reading};
use crate::checklist::span::Span;

pub fn read(
    table: &mut TableReader<'_>,
    holder: &Holder,
    marks: &mut Marks,
    detail: &mut Option<Span>,
) -> Option<Evidence> {
    table.call("an evidence check");
    let of = read_of(table, holder, marks);
    let reading = read_reading(table, holder, marks, detail);
    if !table.has("of") && !table.has("item") {
        table.missing("of", "\"children\"`, `of = [\"…\"]` or `item = \"…\"");
        return None;
    }
    // Half a reading is noted; nothing more can be said of it.
    if table.has("item") && reading.is_none() {
        return None;
    }
    Some(Evidence { of: of?, reading })
}

fn read_of(table: &mut TableReader<'_>, holder: &Holder, marks: &mut Marks) -> Option<EvidenceOf> {
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

fn read_reading(
    table: &mut TableReader<'_>,
    holder: &Holder,
    marks: &mut Marks,
    detail: &mut Option<Span>,
) -> Option<Reading> {
    let item = checks::item(table, "item", holder, marks);
    let measure = table.text("measure");
    let against = checks::item(table, "against", holder, marks);
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
    *detail = measure.as_ref().map(|measure| measure.at);
    let (item, measure) = (item?, measure?.value);
    let against = match (table.has("against"), against, compute) {
        (false, ..) => None,
        (true, Some(item), Some(compute)) => Some(Against { item, compute: compute.value }),
        (true, ..) => return None,
    };
    Some(Reading { item, measure, against })
}
