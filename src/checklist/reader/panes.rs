//! Metrics that are watched.

mod sources;

use super::marks::{Holder, Marks, PaneMarks, UNNAMED, Wanted};
use super::table::TableReader;
use super::{document, targets};
use crate::checklist::ids::{ItemId, PaneId, SlotId};
use crate::checklist::offset::Span as Duration;
use crate::checklist::pane::{Baseline, Pane, Source};
use crate::checklist::span::Span;
use crate::checklist::target::Target;

/// How often a pane looks unless it says otherwise.
const EVERY: Duration = Duration::from_millis(2_000);

pub fn read(mut table: TableReader<'_>, marks: &mut Marks) -> Pane {
    let id = document::name(&mut table, "pane", "", marks);
    let title = document::or_empty(table.required_text("title"));
    table.require("slot", "\"…\"");
    let slot = document::slot(&mut table, marks).unwrap_or_else(|| SlotId::new(UNNAMED));
    table.require("source", "{ kind = \"…\" }");
    let source_at = table.value("source").map_or(table.at(), |value| value.span().into());
    // A source that cannot be read is an error, so that what stands for it is never used.
    let source = table.table("source", "a source").and_then(sources::read).unwrap_or(Source::DatabaseSize);
    let unit = document::or_empty(table.required_text("unit"));
    let every = table.time("every").map_or(EVERY, |every| every.value);
    let target = table.table("target", "a pane's target").and_then(|mut target| {
        let bound = targets::read_bound(&mut target);
        target.finish();
        // The pane has one number, so that its name and unit are the pane's own.
        Some(Target { measure: id.clone(), bound: bound?, unit: unit.clone() })
    });
    let baseline = table.table("baseline", "a baseline").map(|baseline| read_baseline(baseline, marks));
    let (baseline, measure): (Option<Baseline>, Option<Span>) = match baseline {
        Some((baseline, at)) => (baseline, at),
        None => (None, None),
    };
    marks.panes.push(PaneMarks { source: source_at, measure });
    table.finish();
    Pane { id: PaneId::new(id), title, slot, source, unit, every, target, baseline }
}

/// A path below the environment's URL.
pub fn path(table: &mut TableReader<'_>) -> String {
    let Some(path) = table.required_text("path") else { return String::new() };
    if !path.value.starts_with('/') && !path.value.trim().is_empty() {
        let message = format!("the path `{}` does not begin with `/`", path.value);
        table.report().error(path.at, message, "write it below the environment's `url`, such as `/health`");
    }
    path.value
}

fn read_baseline(mut table: TableReader<'_>, marks: &mut Marks) -> (Option<Baseline>, Option<Span>) {
    let item = table.required_text("item");
    if let Some(item) = &item {
        marks.mention(&Holder::Aside, "baseline", Wanted::Item, &item.value, item.at);
    }
    let measure = table.required_text("measure");
    table.finish();
    let at = measure.as_ref().map(|measure| measure.at);
    let baseline = item.zip(measure);
    (baseline.map(|(item, measure)| Baseline { item: ItemId::new(item.value), measure: measure.value }), at)
}
