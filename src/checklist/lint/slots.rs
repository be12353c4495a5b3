//! Slots and what fills them.

use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::{Cause, Report};
use crate::checklist::reader::suggest::listed;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let checklist = &draft.checklist;
    for (item, marks) in checklist.items().zip(&draft.marks.items) {
        let Some(check) = marks.check.filter(|_| item.slot.is_none() && item.check.is_attempted()) else {
            continue;
        };
        let message = format!("`{}` has {} check but no slot to run it in", item.id, with_article(item.check.word()));
        let slots = listed(checklist.slots.iter().map(|slot| slot.id.as_str()));
        let suggestion = format!("add `slot = \"…\"` to the item, its section or its phase; the slots are {slots}");
        report.error_because(Cause::Dangling, check.at, message, suggestion);
    }
    let slots = draft.marks.names.iter().filter(|name| name.kind == "slot");
    for slot in slots {
        if checklist.environments.values().all(|environment| environment.slot.as_str() != slot.id) {
            let message = format!("no environment fills the slot `{}`", slot.id);
            let suggestion = format!("add `[environments.NAME]` with `slot = \"{}\"`", slot.id);
            report.error_because(Cause::Dangling, slot.at, message, suggestion);
        }
    }
}

pub(super) fn with_article(word: &str) -> String {
    // `sql` and `http` are spelled out when read.
    let vowel = word.starts_with(['a', 'e', 'i', 'o']) || matches!(word, "sql" | "http");
    format!("{} {word}", if vowel { "an" } else { "a" })
}
