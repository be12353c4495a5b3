//! Items that cannot do what is asked of them by time.

use crate::checklist::model::Item;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::Report;
use crate::checklist::span::Span;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    for (item, marks) in draft.checklist.items().zip(&draft.marks.items) {
        check_one(item, marks.at, report);
    }
    for phase in &draft.checklist.phases {
        let mentions = draft.marks.mentions.iter().filter(|mention| mention.key == "gate");
        for mention in mentions.filter(|mention| mention.target == phase.id.as_str() && !phase.way.is_forward()) {
            let message = format!("the rollback `{}` is never complete when all goes well", phase.id);
            report.error(mention.at, message, "remove it from the gate");
        }
    }
}

fn check_one(item: &Item, at: Span, report: &Report<'_>) {
    if item.sense.is_some() && !item.check.is_attempted() {
        let message = format!("`{}` is a {} item, which nothing measures again by itself", item.id, item.check.word());
        report.error(at, message, "remove `sense`, or give it a check that the program carries out");
    }
    if item.sense.is_some() && item.check.is_attempted() && !item.only_looks() {
        let message = format!("`{}` is measured again by itself, and carrying it out changes something", item.id);
        report.error(at, message, "remove `sense`, or let another item look at what this one does");
    }
    if item.fresh.is_some() && item.due.is_none() {
        let message = format!("`{}` has `fresh` and is no go/no-go criterion", item.id);
        report.error(at, message, "add `due = \"decision\"`, or remove `fresh`");
    }
}
