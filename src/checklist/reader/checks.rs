//! The checks: which kind one is, and what every kind reads the same way.

use super::document;
use super::marks::{CheckMarks, Holder, Marks, Wanted};
use super::table::TableReader;
use crate::checklist::check::Check;
use crate::checklist::ids::ItemId;
use crate::checklist::span::Span;
use crate::checklist::target::Target;

/// A check as it is in the source, and what is known around it.
pub(crate) struct Written<'r, 't> {
    pub table: TableReader<'t>,
    pub holder: &'r Holder,
    pub targets: &'r [Target],
    pub marks: &'r mut Marks,
    /// The value that a problem of the check is best shown at.
    pub detail: Option<Span>,
}

impl Written<'_, '_> {
    /// The id of another item, which may be left out.
    pub(crate) fn item(&mut self, key: &'static str) -> Option<ItemId> {
        item(&mut self.table, key, self.holder, self.marks)
    }
}

/// Reads a check. None when it is too broken to say more about it; what is wrong is noted then.
pub(crate) fn read(
    mut table: TableReader<'_>,
    holder: &Holder,
    targets: &[Target],
    marks: &mut Marks,
) -> Option<(Check, CheckMarks)> {
    if !table.require("kind", "\"manual\"") {
        return None;
    }
    let reads = table.word("kind", Check::KINDS)?.value;
    let mut written = Written { table, holder, targets, marks, detail: None };
    let check = reads(&mut written);
    let Written { table, detail, .. } = written;
    let at = table.at();
    table.finish();
    Some((check?, CheckMarks { at, detail }))
}

/// The id of another item, which may be left out.
pub(crate) fn item(
    table: &mut TableReader<'_>,
    key: &'static str,
    holder: &Holder,
    marks: &mut Marks,
) -> Option<ItemId> {
    let text = table.text(key)?;
    marks.mention(holder, key, Wanted::Item, &text.value, text.at);
    Some(ItemId::new(document::or_empty(Some(text))))
}
