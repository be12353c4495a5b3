//! What may answer in the place of what was released, or work on another database, and pass.

use crate::checklist::check::{Check, Http, Reachability};
use crate::checklist::ids::SlotId;
use crate::checklist::model::{Checklist, Item, Risk};
use crate::checklist::reader::marks::{Draft, ItemMarks};
use crate::checklist::reader::report::Report;

pub(crate) fn check(draft: &Draft, report: &Report<'_>) {
    let items: Vec<(&Item, &ItemMarks)> = draft.checklist.items().zip(&draft.marks.items).collect();
    for (at, (step, _)) in items.iter().enumerate() {
        if step.risk == Risk::Changes && matches!(step.check, Check::Command(_)) {
            ghost(step, items.get(at + 1..).unwrap_or_default(), report);
        }
    }
}

/// Whether the database of a slot is migrated, its service is asked, and no check asks whether the two belong together.
pub(crate) fn is_unproven(checklist: &Checklist, slot: &SlotId) -> bool {
    let here = || checklist.items().filter(|item| item.slot.as_ref() == Some(slot));
    let migrates = |item: &Item| item.risk == Risk::Changes && matches!(item.check, Check::Migration(_));
    let mut asked = here().filter_map(answers).peekable();
    here().any(migrates) && asked.peek().is_some() && !asked.any(|http| http.own_database)
}

/// A step of which nothing shows that what it started answers.
fn ghost(step: &Item, behind: &[(&Item, &ItemMarks)], report: &Report<'_>) {
    let behind = behind.iter().filter(|(item, _)| item.slot == step.slot);
    let until_the_next = behind.take_while(|(item, _)| item.risk != Risk::Changes);
    let asked = until_the_next.filter_map(|(item, marks)| Some((answers(item)?, marks.check?)));
    let asked: Vec<_> = asked.collect();
    let reports = |http: &Http| http.started_since.is_some() || http.distinguishes_answers();
    let Some((_, first)) = asked.first().filter(|_| !asked.iter().any(|(http, _)| reports(http))) else { return };
    report.warning(
        first.detail.unwrap_or(first.at),
        format!(
            "after \"{}\" only a status is asked for: a process from before it that still answers passes",
            step.title
        ),
        format!(
            "ask for what only the new process answers (`contains`, `json`, `response_headers`), or, on this machine, \
             `started_since = \"{}\"`",
            step.id
        ),
    );
}

/// The request of an item that expects an answer.
fn answers(item: &Item) -> Option<&Http> {
    match &item.check {
        Check::Http(http) => Some(http).filter(|http| http.expect == Reachability::Answers),
        _ => None,
    }
}
