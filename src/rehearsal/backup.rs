//! A backup of one database: a real, whole copy.

use super::error::RehearsalError;
use super::fault::Fault;
use super::settings::Settings;
use super::slot::Slot;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::path::Path;
use std::time::Duration;

/// Copies `database` into the new file `to` and syncs it; returns its size in bytes. In a rehearsal with the fault
/// `bad-backup` the copy of production loses its second half.
pub(crate) async fn backup(folder: &Path, database: &Path, to: &Path) -> Result<u64, RehearsalError> {
    if !database.is_file() {
        return Err(RehearsalError::NoDatabase(database.to_path_buf()));
    }
    let doing = || RehearsalError::database(format!("back up {} to {}", database.display(), to.display()));
    let mut connection = SqliteConnectOptions::new()
        .filename(database)
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(10))
        .connect()
        .await
        .map_err(doing())?;
    let copied = sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy().into_owned()).execute(&mut connection).await;
    connection.close().await.map_err(doing())?;
    copied.map_err(doing())?;

    let file = std::fs::OpenOptions::new().write(true).open(to).map_err(RehearsalError::file("open", to))?;
    let mut bytes = file.metadata().map_err(RehearsalError::file("read", to))?.len();
    if is_production(folder, database) && Settings::read(folder).is_ok_and(|settings| settings.has(Fault::BadBackup)) {
        bytes /= 2;
        file.set_len(bytes).map_err(RehearsalError::file("write", to))?;
    }
    file.sync_all().map_err(RehearsalError::file("sync", to))?;
    Ok(bytes)
}

fn is_production(folder: &Path, database: &Path) -> bool {
    let production = Slot::Production.database(folder);
    matches!((production.canonicalize(), database.canonicalize()), (Ok(one), Ok(other)) if one == other)
}
