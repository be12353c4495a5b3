//! Ids given twice.

use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::Report;
use std::collections::HashMap;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let mut known = HashMap::new();
    let mut names: Vec<_> = draft.marks.names.iter().collect();
    names.sort_by_key(|name| name.at);
    for name in names {
        let (kind, id) = (name.kind, name.id.as_str());
        match known.get(&(kind, id)) {
            Some(first) => {
                let message = format!("the {kind} `{id}` is already there on line {first}");
                report.error(name.at, message, "give one of the two another id");
            }
            None => drop(known.insert((kind, id), report.line_of(name.at))),
        }
    }
}
