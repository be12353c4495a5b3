//! Targets against what their checks measure.

use super::slots::with_article;
use crate::checklist::check::Check;
use crate::checklist::check::kind::{Items, Measure};
use crate::checklist::model::Item;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::Report;
use crate::checklist::reader::suggest::did_you_mean;
use crate::checklist::span::Span;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let mut items = Items::new();
    for item in draft.checklist.items() {
        items.entry(&item.id).or_insert(item);
    }
    for (item, marks) in draft.checklist.items().zip(&draft.marks.items) {
        let Some(check) = marks.check else { continue };
        for (target, marks) in item.targets.iter().zip(&marks.targets) {
            if !may_measure(item, &items, &target.measure) {
                refuse(item, &items, &target.measure, marks.measure, report);
                continue;
            }
            let known = item.check.kind().measures(&items).into_iter().find(|measure| measure.name == target.measure);
            if let Some(unit) = known.and_then(|measure| measure.unit).filter(|unit| *unit != target.unit) {
                let message = format!("`{}` is measured in {unit}, the target is in {}", target.measure, target.unit);
                report.error(marks.unit, message, format!("write `unit = \"{unit}\"` and its number in {unit}"));
            }
        }
        if let Check::Evidence(evidence) = &item.check
            && let Some(reading) = &evidence.reading
        {
            if item.targets.is_empty() && marks.targets.is_empty() {
                let message = format!("the reading of `{}` has no target", reading.measure);
                report.warning(check.at, message, "add a target to the item");
            }
            let sources = [Some(&reading.item), reading.against.as_ref().map(|against| &against.item)];
            for source in sources.into_iter().flatten().filter_map(|id| items.get(id)) {
                refuse_reading(source, &items, &reading.measure, check.detail.unwrap_or(check.at), report);
            }
        }
    }
    for (pane, marks) in draft.checklist.panes.iter().zip(&draft.marks.panes) {
        let baseline = pane.baseline.as_ref().and_then(|baseline| baseline.item());
        let Some(((item, measure), at)) = baseline.zip(marks.measure) else { continue };
        if let Some(source) = items.get(item) {
            refuse_reading(source, &items, measure, at, report);
        }
    }
}

/// Notes a target that nothing will ever be held against.
fn refuse(item: &Item, items: &Items<'_>, measure: &str, at: Span, report: &Report<'_>) {
    let message = format!("{} check does not measure `{measure}`", with_article(item.check.word()));
    let suggestion = match (&item.check, measure) {
        (Check::Manual, _) => "remove the target, or write a check that measures".to_owned(),
        (Check::Evidence(evidence), _) if evidence.reading.is_none() => {
            "add `item = \"phase/section/item\"` and `measure = \"…\"` to the check".to_owned()
        }
        (Check::Evidence(_), "reduction" | "difference") => {
            format!("add `against = \"phase/section/item\"` and `compute = \"{measure}\"` to the check")
        }
        (Check::Value(_), "value") => "add `form = \"number\"` to the check".to_owned(),
        (Check::Http(_), "queries") => "add `queries = { header = \"…\" }` to the check".to_owned(),
        (Check::Command(_), _) if !near_any(item, items, measure) => {
            format!("add `numbers = [{{ measure = \"{measure}\", pattern = \"…\", unit = \"…\" }}]` to the check")
        }
        _ => choice(item, items, measure),
    };
    report.error(at, message, suggestion);
}

/// Notes a number that is to be read from an item that does not measure it.
fn refuse_reading(source: &Item, items: &Items<'_>, measure: &str, at: Span, report: &Report<'_>) {
    if !may_measure(source, items, measure) {
        let message = format!("`{}` does not measure `{measure}`", source.id);
        report.error(at, message, choice(source, items, measure));
    }
}

fn near_any(item: &Item, items: &Items<'_>, measure: &str) -> bool {
    choice(item, items, measure).starts_with("did you mean")
}

fn choice(item: &Item, items: &Items<'_>, measure: &str) -> String {
    let known: Vec<Measure> = item.check.kind().measures(items);
    did_you_mean(measure, known.iter().map(|measure| measure.name.as_str()), "it measures")
}

fn may_measure(item: &Item, items: &Items<'_>, name: &str) -> bool {
    let kind = item.check.kind();
    kind.may_measure(name) || kind.measures(items).iter().any(|measure| measure.name == name)
}
