//! Where a check looks: the environment's database, files and folders.

use super::account::Trouble;
use super::rows;
use crate::attempts::{Assignment, Console};
use crate::checklist::ItemId;
use crate::database::{Address, Database, Dialect, Interrupt, Purpose};
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};

/// The folder that relative paths of the environment count from.
pub(crate) fn folder(assignment: &Assignment) -> PathBuf {
    let folder = assignment.environment.folder.as_deref().unwrap_or_default();
    assignment.home.join(folder)
}

/// The environment's database address.
///
/// # Errors
/// When it has none, or one of a kind that is not served.
pub(crate) fn address(assignment: &Assignment) -> Result<Address, Trouble> {
    let url = field(assignment, assignment.environment.database.as_deref(), "database")?;
    Ok(Address::parse(url)?.within(&folder(assignment)))
}

/// Connects to the environment's database; `interrupt` ends what the connection is at.
///
/// # Errors
/// When it has none or cannot be reached.
pub(crate) async fn connect(
    assignment: &Assignment,
    purpose: Purpose,
    interrupt: &Interrupt,
) -> Result<Database, Trouble> {
    let mut database = Database::open(&address(assignment)?, purpose, interrupt).await?;
    if purpose == Purpose::Read {
        let role = assignment.environment.observer_role.as_deref();
        database.take_role(role).await.map_err(|why| Trouble::NotStarted(why.to_string()))?;
    }
    Ok(database)
}

/// When the item's latest attempt began, in the same environment.
///
/// # Errors
/// When it has not been carried out, or not here.
pub(crate) fn began(assignment: &Assignment, item: &ItemId) -> Result<DateTime<Utc>, Trouble> {
    let title = rows::title(assignment, item);
    let Some(attempt) = assignment.state.latest(item) else {
        return Err(Trouble::Open(format!("{title} has not been carried out, so nothing came after it")));
    };
    if attempt.environment != assignment.environment_name {
        return Err(Trouble::Open(format!("{title} was carried out in {}, not here", attempt.environment)));
    }
    Ok(attempt.started)
}

/// A warning when a check's connection could do everything: nothing but its read-only transaction holds it back then.
pub(crate) async fn warn_of_superuser(database: &mut Database, console: &dyn Console) {
    if database.dialect() != Dialect::Postgres {
        return;
    }
    let asked = "SELECT current_user::text FROM pg_roles WHERE rolname = current_user AND rolsuper";
    if let Ok(Some(name)) = database.scalar(asked).await {
        console.line(&format!(
            "warning: this check reads as {name}, a superuser; name a role without rights as `observer_role` in the environment"
        ));
    }
}

/// A folder that the environment names, such as `backups`; a relative one counts from its folder.
///
/// # Errors
/// When the environment does not name it, or it is not there.
pub(crate) fn named_folder(assignment: &Assignment, value: Option<&str>, name: &str) -> Result<PathBuf, Trouble> {
    let path = folder(assignment).join(field(assignment, value, name)?);
    if path.is_dir() {
        return Ok(path);
    }
    Err(Trouble::NotStarted(format!("the folder {} does not exist; make it, then run this again", path.display())))
}

/// A path as it is kept in the ledger: relative to the ledger's folder where it lies inside.
pub(crate) fn kept_path(assignment: &Assignment, path: &Path) -> String {
    path.strip_prefix(&assignment.home).unwrap_or(path).display().to_string()
}

fn field<'a>(assignment: &Assignment, value: Option<&'a str>, name: &str) -> Result<&'a str, Trouble> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Trouble::NotStarted(format!("the environment {} has no `{name}`", assignment.environment_name)))
}
