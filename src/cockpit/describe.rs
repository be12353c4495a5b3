//! Where a check does what it does.

use super::model::Model;
use crate::checklist::Item;

/// Where a command of the item runs.
pub(crate) fn place(model: &Model, item: &Item) -> String {
    let environment = model.plan.environment_of(item);
    let folder = environment.and_then(|(_, environment)| environment.folder.clone());
    let folder = folder.unwrap_or_else(|| model.home.clone());
    match environment {
        Some((name, environment)) if environment.shell.is_some() => format!("{folder} of {name}"),
        Some((name, _)) => format!("{folder} ({name})"),
        None => folder,
    }
}
