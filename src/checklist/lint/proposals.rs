//! Commands proposed beside items.

use super::slots::with_article;
use crate::checklist::check::Check;
use crate::checklist::proposal::ProposalLanguage;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::{Cause, Report};
use crate::checklist::reader::suggest::listed;

/// A proposal stands beside an item that a person ticks, and a command of the shell needs a place to run in.
pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let checklist = &draft.checklist;
    for (item, marks) in checklist.items().zip(&draft.marks.items) {
        let manual = matches!(item.check, Check::Manual);
        for (proposal, at) in item.proposals.iter().zip(&marks.proposals) {
            if !manual && marks.check.is_some() {
                let message = format!("`{}` has {} check and a proposal", item.id, with_article(item.check.word()));
                report.error(*at, message, "keep one of them: only an item that a person ticks takes proposals");
            } else if proposal.language == ProposalLanguage::Shell && item.slot.is_none() {
                let message = format!("`{}` has a proposal but no slot to run it in", item.id);
                let slots = listed(checklist.slots.iter().map(|slot| slot.id.as_str()));
                let suggestion =
                    format!("add `slot = \"…\"` to the item, its section or its phase; the slots are {slots}");
                report.error_because(Cause::Dangling, *at, message, suggestion);
            }
        }
    }
}
