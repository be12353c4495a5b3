//! Phases and their sections.

use super::checks;
use super::document;
use super::items::{self, Inherited};
use super::marks::{Holder, Marks, Wanted};
use super::table::{Entry, TableReader};
use crate::checklist::evidence::Reference;
use crate::checklist::ids::{PhaseId, SectionId, SlotId};
use crate::checklist::model::{Freshness, Order, Phase, Section, Way, Within};
use crate::checklist::offset::Offset;

pub(crate) fn read(mut table: TableReader<'_>, marks: &mut Marks) -> Phase {
    let id = PhaseId::new(document::name(&mut table, "phase", "", marks));
    let title = document::or_empty(table.required_text("title"));
    let slot = document::slot(&mut table, marks);
    let note = table.text("note").map(|note| note.value);
    let (gate, gate_within) = read_gate(&mut table, &Holder::Phase(id.clone()), marks);
    let back = table.flag("rollback").is_some_and(|back| back.value);
    let sections = table.tables("section", "a section");
    let sections = sections.into_iter().map(|section| read_section(section, &id, slot.as_ref(), marks)).collect();
    table.finish();
    let way = if back { Way::Back } else { Way::Forward };
    Phase { id, title, slot, note, gate, gate_within, way, sections }
}

/// References, some of them with a time: `["p9", { item = "p1/backup/verify", within = "24h" }]`.
fn read_gate(table: &mut TableReader<'_>, holder: &Holder, marks: &mut Marks) -> (Vec<Reference>, Vec<Freshness>) {
    let (mut gate, mut within) = (Vec::new(), Vec::new());
    for entry in table.texts_and_tables("gate", "a requirement") {
        match entry {
            Entry::Text(text) => {
                marks.mention(holder, "gate", Wanted::Reference, &text.value, text.at);
                gate.push(Reference::parse(&text.value));
            }
            Entry::Table(mut table) => {
                table.require("item", "\"phase/section/item\"");
                table.require("within", "\"24h\"");
                let item = checks::item(&mut table, "item", holder, marks);
                let time = table.time("within");
                table.finish();
                if let (Some(item), Some(time)) = (item, time) {
                    gate.push(Reference::Item(item.clone()));
                    within.push(Freshness { item, within: time.value });
                }
            }
        }
    }
    (gate, within)
}

fn read_section(mut table: TableReader<'_>, phase: &PhaseId, slot: Option<&SlotId>, marks: &mut Marks) -> Section {
    let path = document::name(&mut table, "section", phase.as_str(), marks);
    let id = SectionId::new(path.clone());
    let title = document::or_empty(table.required_text("title"));
    let slot = document::slot(&mut table, marks).or_else(|| slot.cloned());
    let note = table.text("note").map(|note| note.value);
    let order = table.word("order", &[("free", Order::Free), ("steps", Order::Steps)]);
    let after = references(&mut table, "after", &Holder::Section(id.clone()), marks);
    let offset = table.offset("offset");
    let within = read_within(&mut table);
    let inherited = Inherited { path: &path, slot: slot.as_ref(), offset: offset.as_ref().map(|offset| offset.at) };
    let items = table.tables("item", "an item");
    let items = items.into_iter().map(|item| items::read(item, inherited, marks)).collect();
    table.finish();
    let order = order.map(|order| order.value).unwrap_or_default();
    Section { id, title, slot, note, order, after, offset: offset.map(|offset| offset.value), within, items }
}

/// Two offsets, the earlier one first.
fn read_within(table: &mut TableReader<'_>) -> Option<Within> {
    let written = table.texts("within");
    if !table.has("within") {
        return None;
    }
    let at = table.key_at("within");
    let offsets: Vec<Offset> = written.iter().filter_map(|text| Offset::parse(&text.value).ok()).collect();
    match offsets.as_slice() {
        [from, until] if from < until && written.len() == 2 => Some(Within { from: *from, until: *until }),
        _ => {
            let message = "`within` is not two offsets, the earlier one first";
            table.report().error(at, message, "write for example `within = [\"T+24h\", \"T+72h\"]`");
            None
        }
    }
}

/// Reads a list of references.
pub(crate) fn references(
    table: &mut TableReader<'_>,
    key: &'static str,
    holder: &Holder,
    marks: &mut Marks,
) -> Vec<Reference> {
    let texts = table.texts(key).into_iter();
    let read = |text: super::value::Found<String>| {
        marks.mention(holder, key, Wanted::Reference, &text.value, text.at);
        Reference::parse(&text.value)
    };
    texts.map(read).collect()
}
