//! Metrics that are watched.

mod sources;

use super::marks::{Holder, Marks, PaneMarks, UNNAMED, Wanted};
use super::table::TableReader;
use super::{document, targets};
use crate::checklist::ids::{ItemId, PaneId, SlotId};
use crate::checklist::offset::Span as Duration;
use crate::checklist::pane::{Baseline, Pane, Patience, Source, Stable, Statistic, Worse};
use crate::checklist::span::Span;
use crate::checklist::target::Target;

/// How often a pane looks unless it says otherwise.
const EVERY: Duration = Duration::from_millis(2_000);

pub(crate) fn read(mut table: TableReader<'_>, marks: &mut Marks) -> Pane {
    let id = document::name(&mut table, "pane", "", marks);
    let title = document::or_empty(table.required_text("title"));
    table.require("slot", "\"…\"");
    let slot = document::slot(&mut table, marks).unwrap_or_else(|| SlotId::new(UNNAMED));
    table.require("source", "{ kind = \"…\" }");
    let source_at = table.value("source").map_or(table.at(), |value| value.span().into());
    // A source that cannot be read is an error, so that what stands for it is never used.
    let source =
        table.table("source", "a source").and_then(|table| sources::read(table, marks)).unwrap_or(Source::DatabaseSize);
    let unit = document::or_empty(table.required_text("unit"));
    let every = table.time("every").map_or(EVERY, |every| every.value);
    let (target, stable) = match table.table("target", "a pane's target") {
        Some(target) => read_target(target, &id, &unit),
        None => (None, None),
    };
    let baseline = table.table("baseline", "a baseline").map(|baseline| read_baseline(baseline, marks));
    let (baseline, measure): (Option<Baseline>, Option<Span>) = match baseline {
        Some((baseline, at)) => (baseline, at),
        None => (None, None),
    };
    marks.panes.push(PaneMarks { source: source_at, measure });
    let patience = patience(&mut table);
    let worse = table.word("worse", &[("higher", Worse::Higher), ("lower", Worse::Lower)]).map(|word| word.value);
    let ca = table.text("ca");
    if let Some(ca) = ca.as_ref().filter(|_| !source.may_use_tls()) {
        let message = "`ca` is for sources that ask over HTTP";
        table.report().error(ca.at, message, "remove `ca`");
    }
    let ca = ca.map(|ca| ca.value);
    table.finish();
    let id = PaneId::new(id);
    let asked_every = None;
    Pane { id, title, slot, source, unit, every, asked_every, target, stable, baseline, worse, ca, patience }
}

/// Availability takes each sample of another pane.
pub(crate) fn connect(panes: &mut [Pane]) {
    let every: Vec<(PaneId, Duration)> = panes.iter().map(|pane| (pane.id.clone(), pane.every)).collect();
    for pane in panes {
        if let Source::Availability { of, .. } = &pane.source {
            pane.asked_every = every.iter().find(|(id, _)| id == of).map(|(_, every)| *every);
        }
    }
}

fn patience(table: &mut TableReader<'_>) -> Patience {
    let mut samples = |key| table.whole(key, 1..=1_000).map(|count| count.value);
    let usual = Patience::default();
    Patience {
        raise_after: samples("raise_after").unwrap_or(usual.raise_after),
        clear_after: samples("clear_after").unwrap_or(usual.clear_after),
    }
}

/// A path below the environment's URL.
pub(crate) fn path(table: &mut TableReader<'_>) -> String {
    let Some(path) = table.required_text("path") else { return String::new() };
    if !path.value.starts_with('/') && !path.value.trim().is_empty() {
        let message = format!("the path `{}` does not begin with `/`", path.value);
        table.report().error(path.at, message, "write it below the environment's `url`, such as `/health`");
    }
    path.value
}

/// A bound, how much it may grow, or both.
fn read_target(mut table: TableReader<'_>, id: &str, unit: &str) -> (Option<Target>, Option<Stable>) {
    let stable = table.text("stable").and_then(|text| {
        let percent = Stable::parse(&text.value);
        if percent.is_none() {
            let message = format!("`{}` is no limit of growth", text.value);
            table.report().error(text.at, message, "write for example 5 %/h or 20 %/d");
        }
        percent
    });
    let over = table.time("over");
    if let Some(over) = over.as_ref().filter(|_| !table.has("stable")) {
        table.report().error(over.at, "`over` goes with `stable`", "add `stable = \"5 %/h\"`, or remove it");
    }
    let bound = if table.has("stable") && !targets::has_bound(&table) { None } else { targets::read_bound(&mut table) };
    table.finish();
    let over = over.map_or(Stable::OVER, |over| over.value);
    // The pane has one number, so that its name and unit are the pane's own.
    let target = bound.map(|bound| Target { measure: id.to_owned(), bound, unit: unit.to_owned() });
    (target, stable.map(|percent| Stable { percent, over }))
}

/// What an item measured, or the pane's own samples before T-0.
fn read_baseline(mut table: TableReader<'_>, marks: &mut Marks) -> (Option<Baseline>, Option<Span>) {
    let before = table.time("before");
    let of = table.word("of", &[("median", Statistic::Median), ("p95", Statistic::P95)]);
    let sampled = table.has("before");
    if let Some(of) = of.as_ref().filter(|_| !sampled) {
        table.report().error(of.at, "`of` goes with `before`", "add `before = \"1h\"`, or remove it");
    }
    let [item, measure] =
        ["item", "measure"].map(|key| if sampled { table.text(key) } else { table.required_text(key) });
    if sampled && (item.is_some() || measure.is_some()) {
        let message = "the baseline has both `before` and what an item measures";
        table.report().error(table.at(), message, "keep one of them");
    }
    if let Some(item) = &item {
        marks.mention(&Holder::Aside, "baseline", Wanted::Item, &item.value, item.at);
    }
    table.finish();
    if let Some(before) = before {
        return (Some(Baseline::Before { before: before.value, of: of.map(|of| of.value) }), None);
    }
    let at = measure.as_ref().map(|measure| measure.at);
    let baseline = item.zip(measure);
    (baseline.map(|(item, measure)| Baseline::Item { item: ItemId::new(item.value), measure: measure.value }), at)
}
