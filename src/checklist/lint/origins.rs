//! Where items come from.

use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::Report;

/// An item comes from a line of the source or is ours, and says which where there is a source.
pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    for (item, marks) in draft.checklist.items().zip(&draft.marks.items) {
        match (marks.seed_line, marks.ours, &draft.checklist.source) {
            (Some(seed_line), Some(ours), _) => {
                let message = format!("`{}` has both `seed_line` and `ours`", item.id);
                let suggestion = "keep `seed_line` when the source has it, `ours` when the source forgot it";
                report.error(seed_line.max(ours), message, suggestion);
            }
            (None, None, Some(source)) => {
                let message = format!("`{}` does not say where in {source} it comes from", item.id);
                report.warning(marks.at, message, "add `seed_line = …`, or `ours = \"…\"` with the reason it is here");
            }
            _ => {}
        }
    }
}
