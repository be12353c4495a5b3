//! Verdicts that have nothing to be drawn from.

use crate::checklist::check::Check;
use crate::checklist::evidence::EvidenceOf;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::{Cause, Report};

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    for (item, marks) in draft.checklist.items().zip(&draft.marks.items) {
        let (Check::Evidence(evidence), Some(check)) = (&item.check, marks.check) else { continue };
        let (message, suggestion) = match &evidence.of {
            EvidenceOf::Children if item.items.is_empty() => (
                format!("`{}` is evaluated from its children and has none", item.id),
                "nest items in it, or name them in `of`",
            ),
            EvidenceOf::These(these) if these.is_empty() && evidence.reading.is_none() => {
                (format!("`{}` rests on nothing", item.id), "name what it rests on in `of`")
            }
            _ => continue,
        };
        report.error_because(Cause::Dangling, check.at, message, suggestion);
    }
}
