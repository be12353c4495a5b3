//! Checks that would pass on an empty target too: asked for by `--strict`.

use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::Report;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    for (item, marks) in draft.checklist.items().zip(&draft.marks.items) {
        let Some(check) = marks.check else { continue };
        if let Some(hollow) = item.check.kind().hollow(&item.targets) {
            report.warning(check.detail.unwrap_or(check.at), hollow.why, hollow.remedy);
        }
    }
}
