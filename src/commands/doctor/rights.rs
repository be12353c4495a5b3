//! The rights that a plan needs in an environment, asked of the database that it is carried out on.

use super::State;
use super::looks::{Found, LIMIT};
use crate::checklist::check::BackupStage;
use crate::checklist::environment::Environment;
use crate::checklist::pane::{PostgresNumber, Source};
use crate::checklist::{Check, Checklist};
use crate::database::{Database, DatabaseError, Purpose};
use std::path::Path;

/// What the items and metrics of a slot ask of its environment.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is one question, and any of them may be asked")]
pub(super) struct Wanted {
    /// A backup is restored to the scratch place.
    scratch: bool,
    /// A backup is put in the place of the database.
    swap: bool,
    /// Something reads the database, and so acts as the observer's role.
    reads: bool,
    /// A metric is drawn from `pg_stat_statements`.
    statements: bool,
    migrates: bool,
}

impl Wanted {
    pub(crate) fn of(checklist: &Checklist, environment: &Environment) -> Self {
        let mut wanted = Self::default();
        for item in checklist.items().filter(|item| item.slot.as_ref() == Some(&environment.slot)) {
            wanted.reads |= item.check.reaches_database();
            match &item.check {
                Check::Backup(backup) => {
                    wanted.scratch |= matches!(backup.stage, BackupStage::Full | BackupStage::Restore);
                    wanted.swap |= backup.stage == BackupStage::Swap;
                }
                Check::Migration(_) => wanted.migrates = true,
                Check::Manual
                | Check::Value(_)
                | Check::Command(_)
                | Check::Sql(_)
                | Check::Http(_)
                | Check::Load(_)
                | Check::Tcp(_)
                | Check::Schema(_)
                | Check::Consistency(_)
                | Check::Rows(_)
                | Check::File(_)
                | Check::Notify(_)
                | Check::Watch(_)
                | Check::Evidence(_) => {}
            }
        }
        for pane in checklist.panes.iter().filter(|pane| pane.slot == environment.slot) {
            wanted.reads |= matches!(pane.source, Source::Sql { .. });
            wanted.statements |= matches!(
                pane.source,
                Source::Postgres {
                    number: PostgresNumber::Calls | PostgresNumber::MeanTime | PostgresNumber::SlowStatements,
                    ..
                }
            );
        }
        wanted
    }
}

/// What is in the way of what is wanted; `environment` has its variables in place.
pub(crate) async fn look(environment: &Environment, home: &Path, wanted: Wanted) -> Vec<Found> {
    let mut found = Vec::new();
    if let Some(url) = &environment.database {
        found.extend(asked(url, home, wanted, environment.observer_role.as_deref(), Place::Database).await);
    }
    if let Some(url) = environment.scratch.as_ref().filter(|url| wanted.scratch && url.contains("://")) {
        found.extend(asked(url, home, wanted, None, Place::Scratch).await);
    }
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Database,
    Scratch,
}

async fn asked(url: &str, home: &Path, wanted: Wanted, observer: Option<&str>, place: Place) -> Vec<Found> {
    let about = if place == Place::Scratch { "scratch" } else { "rights" };
    let ask = async {
        let mut database = Database::connect(url, home, Purpose::Observe).await?;
        let found = match place {
            Place::Database => of_database(&mut database, wanted, observer).await,
            Place::Scratch => of_scratch(&mut database).await,
        };
        database.close().await;
        found
    };
    match tokio::time::timeout(LIMIT, ask).await {
        Ok(Ok(found)) => found,
        // The database itself was asked before, and said so.
        Ok(Err(_)) | Err(_) if place == Place::Database => Vec::new(),
        Ok(Err(error)) => vec![(about, State::Failed, error.to_string())],
        Err(_) => vec![(about, State::Failed, format!("no answer in {} s", LIMIT.as_secs()))],
    }
}

async fn of_scratch(database: &mut Database) -> Result<Vec<Found>, DatabaseError> {
    let Database::Postgres(postgres) = database else { return Ok(Vec::new()) };
    let role = postgres.role().await?;
    Ok(vec![match role.may_create() {
        Ok(()) => ("scratch", State::Ok, format!("{} may create databases there", role.name)),
        Err(why) => ("scratch", State::Failed, why.to_string()),
    }])
}

async fn of_database(
    database: &mut Database,
    wanted: Wanted,
    observer: Option<&str>,
) -> Result<Vec<Found>, DatabaseError> {
    let Database::Postgres(postgres) = database else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    if wanted.swap {
        let name = postgres.address().database().to_owned();
        let obstacles = postgres.swap_obstacles(&name).await?;
        if obstacles.is_empty() {
            found.push(("rights", State::Ok, format!("a restored copy can take the place of {name}")));
        }
        found.extend(obstacles.into_iter().map(|why| ("rights", State::Failed, why)));
    }
    if wanted.migrates {
        let set = database.rows("SELECT set_config('lock_timeout', '3s', true)", 1).await;
        found
            .extend(set.err().map(|error| {
                ("rights", State::Failed, format!("lock_timeout cannot be set for a migration: {error}"))
            }));
    }
    if wanted.statements {
        let asked = database.rows("SELECT count(*) FROM (SELECT 1 FROM pg_stat_statements LIMIT 1) one", 1).await;
        found.push(match asked {
            Ok(_) => ("rights", State::Ok, "pg_stat_statements can be read".to_owned()),
            Err(error) => (
                "rights",
                State::Failed,
                format!(
                    "pg_stat_statements cannot be read, and a metric needs it: {error}; load it with the server, CREATE \
                     EXTENSION pg_stat_statements, and GRANT pg_read_all_stats to the role"
                ),
            ),
        });
    }
    if let Some(role) = observer.filter(|_| wanted.reads) {
        found.push(match database.take_role(Some(role)).await {
            Ok(()) => ("rights", State::Ok, format!("read-only checks can act as {role}")),
            Err(why) => ("rights", State::Failed, why.to_string()),
        });
    }
    Ok(found)
}
