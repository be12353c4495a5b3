//! The rehearsal's folder: built, opened, its services started and stopped.

use super::error::RehearsalError;
use super::fault::Fault;
use super::migrator;
use super::progress::Lines;
use super::revision::Direction;
use super::seed;
use super::service::{Deployment, daemon};
use super::settings::Settings;
use super::slot::{Release, Slot};
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// Names the services that were put to rest, one a line.
const RESTING: &str = "services.resting";

/// The variable whose command gets every notice.
const NOTIFY: &str = "GONOGO_NOTIFY_COMMAND";

/// What people would be notified of, one JSON object a line.
const NOTICES: &str = "notices.jsonl";

/// Staging has a fifth of production's rows, but not fewer than this unless production has.
const FEWEST_STAGING_ROWS: u64 = 20_000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sandbox {
    pub folder: PathBuf,
    pub settings: Settings,
}

impl Sandbox {
    /// Rows of `process_data` in production unless asked otherwise.
    pub const ROWS: u64 = 120_000;

    /// Builds the rehearsal in an empty or new folder: both databases at 0001 with their data, the old release deployed
    /// to both, nothing running. `say` is reported what is being done, a line at a time. `rows` counts `process_data` in
    /// production; fewer than 1,000 are taken as 1,000.
    pub async fn build(
        folder: &Path,
        rows: u64,
        faults: &[Fault],
        mut say: impl FnMut(&str),
    ) -> Result<Self, RehearsalError> {
        std::fs::create_dir_all(folder).map_err(RehearsalError::file("create", folder))?;
        let folder = folder.canonicalize().map_err(RehearsalError::file("find", folder))?;
        let mut entries = std::fs::read_dir(&folder).map_err(RehearsalError::file("read", &folder))?;
        if entries.next().is_some() {
            return Err(RehearsalError::FolderTaken(folder));
        }
        for name in ["backups", "scratch"] {
            let path = folder.join(name);
            std::fs::create_dir(&path).map_err(RehearsalError::file("create", &path))?;
        }
        let rows = rows.max(seed::FEWEST_ROWS);
        let mut settings = Settings::new(rows, faults)?;
        // Nobody is woken by a rehearsal: what people would be notified of is kept in its folder.
        settings.variables.insert(NOTIFY.to_owned(), keeping(&folder.join(NOTICES)));
        for slot in Slot::ALL {
            let (rows, faults) = match slot {
                Slot::Production => (rows, settings.faults.clone()),
                Slot::Staging => {
                    (staging_rows(rows), settings.has(Fault::Orphans).then_some(Fault::Orphans).into_iter().collect())
                }
            };
            say(&format!("{slot}: building {} with {rows} rows of process_data", slot.database_name()));
            create(&slot.database(&folder), rows, &faults).await?;
            Deployment::of(Release::Old).write(&folder, slot)?;
        }
        // Written last: a folder with this file is whole.
        settings.write(&folder)?;
        Ok(Self { folder, settings })
    }

    /// Reads a rehearsal that was built before.
    pub fn open(folder: &Path) -> Result<Self, RehearsalError> {
        let settings = Settings::read(folder)?;
        let folder = folder.canonicalize().map_err(RehearsalError::file("find", folder))?;
        for slot in Slot::ALL {
            let database = slot.database(&folder);
            if !database.is_file() {
                return Err(RehearsalError::NoDatabase(database));
            }
        }
        Ok(Self { folder, settings })
    }

    /// Services that are started from here on report how long answers take by a model, so that days can pass on a busy
    /// machine.
    pub fn time_by_model(&mut self) -> Result<(), RehearsalError> {
        if self.settings.timed_by_model {
            return Ok(());
        }
        self.settings.timed_by_model = true;
        self.settings.write(&self.folder)
    }

    /// Starts the services that do not run yet. `program` is the gonogo binary; each service outlives this process.
    pub async fn start_services(&self, program: &Path) -> Result<(), RehearsalError> {
        for slot in Slot::ALL {
            if daemon::running(&self.folder, slot)?.is_none() {
                daemon::start(&self.folder, slot, program).await?;
            }
        }
        Ok(())
    }

    /// Stops the services that run and keeps in mind which did: a service that a step of the checklist stopped must not
    /// come back by itself.
    pub async fn rest_services(&self) -> Result<(), RehearsalError> {
        let mut resting = Vec::new();
        for slot in Slot::ALL {
            if daemon::running(&self.folder, slot)?.is_some() {
                resting.push(slot.to_string());
            }
            daemon::stop(&self.folder, slot).await?;
        }
        let path = self.folder.join(RESTING);
        std::fs::write(&path, resting.join("\n")).map_err(RehearsalError::file("write", &path))
    }

    /// A step stops this service on purpose: it does not come back by itself, whether it ran or rested.
    pub fn stay_stopped(folder: &Path, slot: Slot) -> Result<(), RehearsalError> {
        let path = folder.join(RESTING);
        let Ok(resting) = std::fs::read_to_string(&path) else { return Ok(()) };
        let others: Vec<&str> = resting.lines().filter(|line| *line != slot.to_string()).collect();
        std::fs::write(&path, others.join("\n")).map_err(RehearsalError::file("write", &path))
    }

    /// Starts the services that [`Sandbox::rest_services`] stopped. Whether they were at rest at all.
    pub async fn wake_services(&self, program: &Path) -> Result<bool, RehearsalError> {
        let path = self.folder.join(RESTING);
        // Without the note nothing was put to rest: what is running runs, what is stopped was stopped on purpose.
        let Ok(resting) = std::fs::read_to_string(&path) else { return Ok(false) };
        for slot in Slot::ALL {
            let rests = resting.lines().any(|line| line == slot.to_string());
            if rests && daemon::running(&self.folder, slot)?.is_none() {
                daemon::start(&self.folder, slot, program).await?;
            }
        }
        std::fs::remove_file(&path).map_err(RehearsalError::file("remove", &path))?;
        Ok(true)
    }

    /// Stops the services that run.
    pub async fn stop_services(&self) -> Result<(), RehearsalError> {
        for slot in Slot::ALL {
            daemon::stop(&self.folder, slot).await?;
        }
        Ok(())
    }
}

/// A shell command that adds what it reads to a file, one line each.
fn keeping(file: &Path) -> String {
    format!("{{ cat; echo; }} >> '{}'", file.display().to_string().replace('\'', r"'\''"))
}

fn staging_rows(production: u64) -> u64 {
    (production / 5).max(production.min(FEWEST_STAGING_ROWS))
}

/// Makes one database at 0001 and fills it.
async fn create(database: &Path, rows: u64, faults: &[Fault]) -> Result<(), RehearsalError> {
    let connection = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .connect()
        .await
        .map_err(RehearsalError::database(format!("create {}", database.display())))?;
    drop(connection);
    let silent: Lines = Arc::new(Mutex::new(|_: &str| {}));
    migrator::migrate(database, Direction::Upgrade, "0001", &silent).await?;
    seed::fill(database, rows, faults).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staging_has_a_fifth_but_never_more_than_production() {
        assert_eq!(staging_rows(120_000), 24_000);
        assert_eq!(staging_rows(50_000), 20_000);
        assert_eq!(staging_rows(2_000), 2_000);
        assert_eq!(staging_rows(1_000_000), 200_000);
    }
}
