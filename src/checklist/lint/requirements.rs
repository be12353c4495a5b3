//! What a check needs of the environments that may fill its slot.

use crate::checklist::check::Need;
use crate::checklist::environment::{Environment, Writes};
use crate::checklist::ids::{EnvironmentName, SlotId};
use crate::checklist::model::{Access, Checklist, Item};
use crate::checklist::pane::Asks;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::{Cause, Report};
use crate::checklist::reader::suggest::{listed, nearest};
use crate::checklist::span::Span;

fn is_met(need: &Need<'_>, environment: &Environment) -> bool {
    match need {
        Need::Database => environment.database.is_some(),
        Need::Scratch => environment.scratch.is_some(),
        Need::Url => environment.url.is_some(),
        Need::Backups => environment.backups.is_some(),
        Need::Log => environment.log.is_some(),
        Need::Migrator => environment.migrator.is_some(),
        Need::Command(name) => environment.commands.contains_key(*name),
        // Made use of where they are there.
        Need::OwnCommand(_) | Need::Shell(_) | Need::Folder | Need::Path(_) | Need::Text(_) => true,
    }
}

/// What is lacking, and how to add it to the environment.
fn lack(need: &Need<'_>, environment: &EnvironmentName) -> (String, String) {
    let (what, key) = match need {
        Need::Database => ("a `database`", "database"),
        Need::Scratch => ("a `scratch` place", "scratch"),
        Need::Url => ("a `url`", "url"),
        Need::Backups => ("a `backups` folder", "backups"),
        Need::Log => ("a `log`", "log"),
        Need::Folder | Need::Path(_) | Need::Text(_) | Need::Shell(_) => ("a `folder`", "folder"),
        Need::Migrator => return ("a migrator".to_owned(), format!("add `[environments.{environment}.migrator]`")),
        Need::Command(name) | Need::OwnCommand(name) => {
            let remedy = format!("add `{name} = \"…\"` to `[environments.{environment}.commands]`");
            return (format!("the command `{name}`"), remedy);
        }
    };
    (what.to_owned(), format!("add `{key} = \"…\"` to `[environments.{environment}]`"))
}

pub(super) fn check(draft: &Draft, report: &Report<'_>) {
    let checklist = &draft.checklist;
    for (item, marks) in checklist.items().zip(&draft.marks.items) {
        let (Some(check), Some(slot)) = (marks.check, &item.slot) else { continue };
        for need in item.check.kind().needs() {
            let at = check.detail.unwrap_or(check.at);
            let applies = |environment: &Environment| applies(item, environment);
            evaluate(checklist, slot, &need, applies, at, report);
        }
    }
    for (pane, marks) in checklist.panes.iter().zip(&draft.marks.panes) {
        let need = match pane.source.asks() {
            Asks::Service => Need::Url,
            Asks::Database => Need::Database,
            Asks::Host | Asks::Elsewhere | Asks::Pane => continue,
        };
        evaluate(checklist, &pane.slot, &need, |_| true, marks.source, report);
    }
}

/// Whether the item makes sense in the environment at all.
fn applies(item: &Item, environment: &Environment) -> bool {
    let writes = item.access == Access::Writes && environment.writes == Writes::Forbidden;
    !writes && !item.needs.iter().any(|need| environment.lacks.contains_key(need))
}

/// None of the slot's environments meeting the need is an error; some of them, a warning.
fn evaluate(
    checklist: &Checklist,
    slot: &SlotId,
    need: &Need<'_>,
    applies: impl Fn(&Environment) -> bool,
    at: Span,
    report: &Report<'_>,
) {
    let candidates: Vec<_> = checklist
        .environments
        .iter()
        .filter(|(_, environment)| environment.slot == *slot && applies(environment))
        .collect();
    let (met, unmet): (Vec<_>, Vec<_>) = candidates.iter().partition(|(_, environment)| is_met(need, environment));
    let Some((first, _)) = unmet.first() else { return };
    let lacking = listed(unmet.iter().map(|(name, _)| name.as_str()));
    let (what, remedy) = lack(need, first);
    let suggestion = match need {
        Need::Command(name) => {
            let known = candidates.iter().flat_map(|(_, environment)| environment.commands.keys().map(String::as_str));
            let near = nearest(name, known).filter(|_| met.is_empty());
            near.map_or(remedy, |near| format!("did you mean `{near}`?"))
        }
        _ => remedy,
    };
    if met.is_empty() {
        let message = format!("no environment of the slot `{slot}` has {what}; it is lacking in {lacking}");
        report.error_because(Cause::Dangling, at, message, suggestion);
    } else {
        report.warning(at, format!("{what} is lacking in {lacking}, which may fill the slot `{slot}`"), suggestion);
    }
}
