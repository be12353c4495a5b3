//! Watches against the metrics they watch.

use crate::checklist::check::Check;
use crate::checklist::check::watch::NUMBERS;
use crate::checklist::pane::Source;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::{Cause, Report};
use crate::checklist::reader::suggest::did_you_mean;

/// Fewer samples than this make no quantile.
const FEWEST: u32 = 20;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let checklist = &draft.checklist;
    for (item, marks) in checklist.items().zip(&draft.marks.items) {
        let (Check::Watch(watch), Some(check)) = (&item.check, marks.check) else { continue };
        let at = check.detail.unwrap_or(check.at);
        let Some(pane) = checklist.panes.iter().find(|pane| pane.id == watch.pane) else {
            let message = format!("there is no metric `{}`", watch.pane);
            let known = checklist.panes.iter().map(|pane| pane.id.as_str());
            report.error_because(
                Cause::Dangling,
                at,
                message,
                did_you_mean(watch.pane.as_str(), known, "the metrics are"),
            );
            continue;
        };
        if item.slot.as_ref().is_some_and(|slot| *slot != pane.slot) {
            let message =
                format!("the metric `{}` is taken in {}, the item belongs to another slot", pane.id, pane.slot);
            report.error(at, message, format!("add `slot = \"{}\"` to the item", pane.slot));
        }
        if pane.interval().duration().saturating_mul(FEWEST) > watch.over.duration() {
            let message = format!("{} of samples every {} are too few to tell", watch.over, pane.interval());
            report.error(at, message, format!("watch for at least {FEWEST} samples"));
        }
        for (target, marks) in item.targets.iter().zip(&marks.targets) {
            if NUMBERS.contains(&target.measure.as_str()) && target.unit != pane.unit {
                let message = format!("the metric is in {}, the target is in {}", pane.unit, target.unit);
                report.error(
                    marks.unit,
                    message,
                    format!("write `unit = \"{}\"` and its number in {}", pane.unit, pane.unit),
                );
            }
            if target.measure == "availability"
                && let Source::Availability { of, .. } = &pane.source
            {
                let message = format!("the metric `{}` is availability itself", pane.id);
                report.error(marks.measure, message, format!("watch `{of}`, whose samples it takes"));
            }
            if target.measure == "within" && pane.target.is_none() {
                let message = format!("`within` counts samples that meet the target of `{}`, which has none", pane.id);
                report.error(marks.measure, message, "add a target to the metric, or use `p95` or `max`");
            }
        }
    }
}
