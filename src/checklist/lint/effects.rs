//! Queries of checks and metrics that may do more than read.

use crate::checklist::check::{Check, Expectation, Query};
use crate::checklist::pane::Source;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::Report;
use crate::checklist::span::Span;
use crate::checklist::sql;

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let checklist = &draft.checklist;
    for (item, marks) in checklist.items().zip(&draft.marks.items) {
        let (Check::Sql(check), Some(mark)) = (&item.check, &marks.check) else { continue };
        let one = if check.expect == Some(Expectation::Refused) { sql::one_change } else { sql::one_query };
        let at = mark.detail.unwrap_or(mark.at);
        refuse(&check.query, one, at, report);
        if let Some(among) = &check.among {
            refuse(among, sql::one_query, at, report);
        }
    }
    for (pane, marks) in checklist.panes.iter().zip(&draft.marks.panes) {
        if let Source::Sql { query, .. } = &pane.source {
            refuse(query, sql::one_query, marks.source, report);
        }
    }
}

fn refuse(query: &Query, one: impl Fn(&str) -> Result<(), sql::Unfit>, at: Span, report: &Report<'_>) {
    let texts = match query {
        Query::Any(text) => [Some(text), None],
        Query::Each { sqlite, postgres } => [sqlite.as_ref(), postgres.as_ref()],
    };
    // An empty one is notified of where it is read.
    for text in texts.into_iter().flatten().filter(|text| !text.trim().is_empty()) {
        if let Err(why) = one(text) {
            report.error(
                at,
                why.to_string(),
                "a check only reads: use one query without side effects, or a `command` check",
            );
        }
    }
}
