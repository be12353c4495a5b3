//! Items, to any depth.

use super::document;
use super::marks::{CheckMarks, Holder, ItemMarks, Marks, Wanted};
use super::table::TableReader;
use super::{checks, phases, proposals, targets};
use crate::checklist::check::Check;
use crate::checklist::evidence::Reference;
use crate::checklist::ids::{ItemId, SlotId};
use crate::checklist::model::{Access, Due, Item, Risk, Sense};
use crate::checklist::span::Span;

/// What an item has from those it is nested in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inherited<'a> {
    pub path: &'a str,
    pub slot: Option<&'a SlotId>,
    /// Where the offset active stands.
    pub offset: Option<Span>,
}

pub(super) fn read(mut table: TableReader<'_>, inherited: Inherited<'_>, marks: &mut Marks) -> Item {
    let path = document::name(&mut table, "item", inherited.path, marks);
    let id = ItemId::new(path.clone());
    let holder = Holder::Item(id.clone());
    let title = document::or_empty(table.required_text("title"));
    let seed_lines = document::seed_lines(&mut table, "seed_line");
    let ours = table.text("ours");
    if let Some(ours) = &ours {
        document::report_empty(table.report(), ours, "ours");
    }
    let note = table.text("note").map(|note| note.value);
    let slot = document::slot(&mut table, marks).or_else(|| inherited.slot.cloned());
    let after = phases::references(&mut table, "after", &holder, marks);
    let needs = table.texts("needs").into_iter().map(|need| need.value).collect();
    let writes = table.flag("writes").is_some_and(|writes| writes.value);
    let changes = table.flag("changes").is_some_and(|changes| changes.value);
    let offset = table.offset("offset");
    let due = table.word("due", &[("decision", Due::Decision), ("24h", Due::Day), ("7d", Due::Week)]);
    let timeout = table.time("timeout").map(|timeout| timeout.value);
    let sense = table.table("sense", "a sense").and_then(|sense| read_sense(sense, marks));
    let no_return = table.text("no_return");
    if let Some(text) = &no_return {
        document::report_empty(table.report(), text, "no_return");
    }
    let latest = table.offset("latest").map(|latest| latest.value);
    let fresh = table.time("fresh").map(|fresh| fresh.value);
    let inapplicable = table.text("inapplicable");
    if let Some(reason) = &inapplicable {
        document::report_empty(table.report(), reason, "inapplicable");
    }
    let (targets, target_marks) = targets::read(&mut table);
    let check = if table.has("check") {
        table.table("check", "a check").and_then(|check| checks::read(check, &holder, &targets, marks))
    } else {
        Some((Check::Manual, CheckMarks { at: table.at(), detail: None }))
    };
    // Asked for in any case, so that it is known.
    table.value("check");
    let (check, check_marks) = check.map_or((Check::Manual, None), |(check, marks)| (check, Some(marks)));
    let (proposals, proposal_marks) = proposals::read(&mut table);
    let offset_at = offset.as_ref().map(|offset| offset.at).or(inherited.offset);
    marks.items.push(ItemMarks {
        at: table.at(),
        check: check_marks,
        targets: target_marks,
        proposals: proposal_marks,
        offset: offset_at,
        seed_line: table.has("seed_line").then(|| table.key_at("seed_line")),
        ours: ours.as_ref().map(|_| table.key_at("ours")),
    });
    let inherited = Inherited { path: &path, slot: slot.as_ref(), offset: offset_at };
    let items = table.tables("item", "an item");
    let items = items.into_iter().map(|item| read(item, inherited, marks)).collect();
    let line = table.report().line_of(table.at());
    table.finish();
    Item {
        id,
        title,
        seed_lines,
        ours: ours.map(|ours| ours.value),
        note,
        slot,
        check,
        proposals,
        targets,
        after,
        needs,
        access: if writes { Access::Writes } else { Access::Reads },
        risk: if changes { Risk::Changes } else { Risk::Routine },
        offset: offset.map(|offset| offset.value),
        due: due.map(|due| due.value),
        timeout,
        sense,
        no_return: no_return.map(|text| text.value),
        latest,
        fresh,
        inapplicable: inapplicable.map(|reason| reason.value),
        items,
        line,
    }
}

/// Nothing waits for what a sense lasts until, so it makes no cycle.
fn read_sense(mut table: TableReader<'_>, marks: &mut Marks) -> Option<Sense> {
    table.require("every", "\"30s\"");
    let every = table.time("every");
    let until = table.text("until").map(|until| {
        marks.mention(&Holder::Aside, "until", Wanted::Reference, &until.value, until.at);
        Reference::parse(&until.value)
    });
    table.finish();
    Some(Sense { every: every?.value, until })
}
