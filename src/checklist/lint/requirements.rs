//! What a check needs of the environments that may fill its slot.

use crate::checklist::check::{BackupStage, Check, CommandSource, MigrationTarget};
use crate::checklist::environment::{Environment, Writes};
use crate::checklist::ids::{EnvironmentName, SlotId};
use crate::checklist::model::{Access, Checklist, Item};
use crate::checklist::pane::Source;
use crate::checklist::reader::marks::Draft;
use crate::checklist::reader::report::{Cause, Report};
use crate::checklist::reader::suggest::{listed, nearest};
use crate::checklist::span::Span;

/// Something an environment must say for a check to run there.
enum Need<'c> {
    Database,
    Scratch,
    Url,
    Backups,
    Log,
    Migrator,
    Command(&'c str),
}

impl Need<'_> {
    fn is_met(&self, environment: &Environment) -> bool {
        match self {
            Need::Database => environment.database.is_some(),
            Need::Scratch => environment.scratch.is_some(),
            Need::Url => environment.url.is_some(),
            Need::Backups => environment.backups.is_some(),
            Need::Log => environment.log.is_some(),
            Need::Migrator => environment.migrator.is_some(),
            Need::Command(name) => environment.commands.contains_key(*name),
        }
    }

    fn what(&self) -> String {
        match self {
            Need::Database => "a `database`".to_owned(),
            Need::Scratch => "a `scratch` place".to_owned(),
            Need::Url => "a `url`".to_owned(),
            Need::Backups => "a `backups` folder".to_owned(),
            Need::Log => "a `log`".to_owned(),
            Need::Migrator => "a migrator".to_owned(),
            Need::Command(name) => format!("the command `{name}`"),
        }
    }

    fn remedy(&self, environment: &EnvironmentName) -> String {
        let key = match self {
            Need::Database => "database = \"…\"",
            Need::Scratch => "scratch = \"…\"",
            Need::Url => "url = \"…\"",
            Need::Backups => "backups = \"…\"",
            Need::Log => "log = \"…\"",
            Need::Migrator => return format!("add `[environments.{environment}.migrator]`"),
            Need::Command(name) => return format!("add `{name} = \"…\"` to `[environments.{environment}.commands]`"),
        };
        format!("add `{key}` to `[environments.{environment}]`")
    }
}

pub fn check(draft: &Draft, report: &Report<'_>) {
    let checklist = &draft.checklist;
    for (item, marks) in checklist.items().zip(&draft.marks.items) {
        let (Some(check), Some(slot)) = (marks.check, &item.slot) else { continue };
        for need in needs(&item.check) {
            let at = check.detail.unwrap_or(check.at);
            let applies = |environment: &Environment| applies(item, environment);
            judge(checklist, slot, &need, applies, at, report);
        }
    }
    for (pane, marks) in checklist.panes.iter().zip(&draft.marks.panes) {
        let need = match &pane.source {
            Source::Latency { .. } | Source::Header { .. } | Source::Prometheus { .. } => Need::Url,
            Source::Sql { .. } | Source::DatabaseSize => Need::Database,
        };
        judge(checklist, &pane.slot, &need, |_| true, marks.source, report);
    }
}

fn needs(check: &Check) -> Vec<Need<'_>> {
    match check {
        Check::Command(command) => match &command.source {
            CommandSource::Use(name) => vec![Need::Command(name)],
            CommandSource::Run(_) => Vec::new(),
        },
        Check::Sql(_) | Check::Schema(_) | Check::Consistency(_) | Check::Rows(_) => vec![Need::Database],
        Check::Http(_) => vec![Need::Url],
        Check::File(file) if file.path.starts_with("$log") => vec![Need::Log],
        Check::Migration(migration) => match migration.on {
            MigrationTarget::Environment => vec![Need::Migrator, Need::Database],
            MigrationTarget::Scratch => vec![Need::Migrator, Need::Database, Need::Scratch],
        },
        Check::Backup(backup) => match backup.stage {
            BackupStage::Full => vec![Need::Database, Need::Backups, Need::Scratch],
            BackupStage::Make => vec![Need::Database, Need::Backups],
            BackupStage::Verify => Vec::new(),
            BackupStage::Restore => vec![Need::Scratch],
            BackupStage::Swap => vec![Need::Database],
        },
        Check::Manual | Check::Value(_) | Check::File(_) | Check::Notify(_) | Check::Evidence(_) => Vec::new(),
    }
}

/// Whether the item makes sense in the environment at all.
fn applies(item: &Item, environment: &Environment) -> bool {
    let writes = item.access == Access::Writes && environment.writes == Writes::Forbidden;
    !writes && !item.needs.iter().any(|need| environment.lacks.contains_key(need))
}

/// None of the slot's environments meeting the need is an error; some of them, a warning.
fn judge(
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
    let (met, unmet): (Vec<_>, Vec<_>) = candidates.iter().partition(|(_, environment)| need.is_met(environment));
    let Some((first, _)) = unmet.first() else { return };
    let lacking = listed(unmet.iter().map(|(name, _)| name.as_str()));
    let suggestion = match need {
        Need::Command(name) => {
            let known = candidates.iter().flat_map(|(_, environment)| environment.commands.keys().map(String::as_str));
            let near = nearest(name, known).filter(|_| met.is_empty());
            near.map_or_else(|| need.remedy(first), |near| format!("did you mean `{near}`?"))
        }
        _ => need.remedy(first),
    };
    if met.is_empty() {
        let message = format!("no environment of the slot `{slot}` has {}; it is lacking in {lacking}", need.what());
        report.error_because(Cause::Dangling, at, message, suggestion);
    } else {
        report.warning(
            at,
            format!("{} is lacking in {lacking}, which may fill the slot `{slot}`", need.what()),
            suggestion,
        );
    }
}
