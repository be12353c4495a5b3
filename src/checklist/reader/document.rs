//! The outermost table.

use super::marks::{Draft, Holder, Marks, UNNAMED};
use super::report::Report;
use super::table::TableReader;
use super::value::Found;
use super::{environments, panes, phases, signoffs};
use crate::checklist::ids::SlotId;
use crate::checklist::model::{Checklist, FORMAT, Journal, Slot, Window};
use crate::checklist::pane::Pane;
use std::collections::BTreeMap;

pub(crate) fn read(mut table: TableReader<'_>) -> Draft {
    let mut marks = Marks::default();
    read_format(&mut table);
    let id = table.id("id");
    let title = table.required_text("title");
    let summary = table.text("summary").map(|text| text.value);
    let source = table.text("source").map(|text| text.value);
    let window = table.table("window", "the window").map(read_window).unwrap_or_default();
    let journal = table.table("journal", "the journal").map(read_journal).unwrap_or_default();
    let slots = table.tables("slot", "a slot").into_iter().map(|slot| read_slot(slot, &mut marks)).collect();
    // Read before, and put in place.
    table.value("facts");
    let environments = environments::read(&mut table, &mut marks);
    if table.require("phase", "[[phase]]") {
        let phases = table.value("phase").and_then(|value| value.get_ref().as_array());
        if phases.is_some_and(|phases| phases.is_empty()) {
            table.report().error(table.key_at("phase"), "there is no phase", "write at least one `[[phase]]`");
        }
    }
    let phases = table.tables("phase", "a phase");
    let phases = phases.into_iter().map(|phase| phases::read(phase, &mut marks)).collect();
    let panes = table.tables("pane", "a pane").into_iter().map(|pane| panes::read(pane, &mut marks));
    let mut panes: Vec<Pane> = panes.collect();
    panes::connect(&mut panes);
    let signoffs = table.tables("signoff", "a sign-off");
    let signoffs = signoffs.into_iter().map(|group| signoffs::read(group, &mut marks)).collect();
    let allowed_signers = table.text("allowed_signers").map(|text| text.value);
    table.finish();
    let checklist = Checklist {
        format: FORMAT,
        id: or_unnamed(id),
        title: or_empty(title),
        summary,
        source,
        window,
        slots,
        environments,
        variants: BTreeMap::new(),
        phases,
        panes,
        signoffs,
        allowed_signers,
        journal,
    };
    Draft { checklist, marks }
}

fn read_format(table: &mut TableReader<'_>) {
    if !table.require("format", "1") {
        return;
    }
    let Some(format) = table.whole("format", 0..=u32::MAX) else { return };
    if i64::from(format.value) != FORMAT {
        let message = format!("this checklist is of format {}; this program reads format {FORMAT}", format.value);
        table.report().error(
            format.at,
            message,
            format!("write `format = {FORMAT}`, or use the program it was written for"),
        );
    }
}

fn read_window(mut table: TableReader<'_>) -> Window {
    let mut time = |key| table.time(key).map(|time| time.value);
    let window = Window {
        duration: time("duration"),
        downtime: time("downtime"),
        rollback: time("rollback"),
        notice: time("notice"),
    };
    table.finish();
    window
}

fn read_journal(mut table: TableReader<'_>) -> Journal {
    let journal = Journal { issues: seed_lines(&mut table, "issues"), lessons: seed_lines(&mut table, "lessons") };
    table.finish();
    journal
}

fn read_slot(mut table: TableReader<'_>, marks: &mut Marks) -> Slot {
    let id = name(&mut table, "slot", "", marks);
    let title = or_empty(table.required_text("title"));
    table.finish();
    Slot { id: SlotId::new(id), title }
}

/// Reads the `id` of something and keeps its path below `prefix`; gives the path.
pub(crate) fn name(table: &mut TableReader<'_>, kind: &'static str, prefix: &str, marks: &mut Marks) -> String {
    let id = table.id("id");
    let at = id.as_ref().map_or(table.at(), |id| id.at);
    let id = or_unnamed(id);
    let path = if prefix.is_empty() { id } else { format!("{prefix}/{id}") };
    marks.name(kind, &path, at);
    path
}

/// Reads the `slot` of something, which may be left out.
pub(crate) fn slot(table: &mut TableReader<'_>, marks: &mut Marks) -> Option<SlotId> {
    let slot = table.text("slot")?;
    marks.mention(&Holder::Aside, "slot", super::marks::Wanted::Slot, &slot.value, slot.at);
    Some(SlotId::new(slot.value))
}

/// Lines of the source, counted from 1.
pub(crate) fn seed_lines(table: &mut TableReader<'_>, key: &'static str) -> Vec<u32> {
    table.wholes(key, &(1..=u32::MAX)).into_iter().map(|line| line.value).collect()
}

pub(crate) fn or_empty(text: Option<Found<String>>) -> String {
    text.map(|text| text.value).unwrap_or_default()
}

pub(crate) fn or_unnamed(text: Option<Found<String>>) -> String {
    text.map_or_else(|| UNNAMED.to_owned(), |text| text.value)
}

/// A name that must be there, as an id, of something this table points at.
pub(crate) fn report_empty(report: &Report<'_>, found: &Found<String>, key: &str) {
    if found.value.trim().is_empty() {
        report.error(found.at, format!("`{key}` is empty"), "write what it stands for, or remove it");
    }
}
