//! A copy of the environment's database that a migration is tried on and that is thrown away afterwards.

use crate::attempts::assignment::Assignment;
use crate::attempts::console::Console;
use crate::attempts::databases::{Databases, sqlite_path};
use crate::checklist::environment::Migrator;
use std::path::PathBuf;

/// The copy; deleted with what the database laid beside it when this is dropped.
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// # Errors
    /// A sentence when the copy cannot be made, or when the migrator would not run on it.
    pub(super) async fn make(
        assignment: &Assignment,
        migrator: &Migrator,
        databases: &dyn Databases,
        console: &dyn Console,
    ) -> Result<Self, String> {
        // A migrator that finds its database elsewhere would run on the real one.
        if !migrator.command.contains("GONOGO_DATABASE_URL") {
            return Err(
                "the migrator's command does not name $GONOGO_DATABASE_URL, so it would run on the environment's \
                 own database; name it there"
                    .to_owned(),
            );
        }
        let environment = &assignment.environment;
        let name = &assignment.environment_name;
        let url = environment.database.as_deref().ok_or_else(|| format!("{name} has no database to copy"))?;
        let folder =
            environment.scratch.as_deref().ok_or_else(|| format!("{name} has no scratch place to copy into"))?;
        if sqlite_path(url).is_none() {
            return Err("only SQLite databases can be copied to scratch by the program".to_owned());
        }
        let folder = assignment.home.join(folder);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
        let scratch = Self { path: folder.join(format!("migration-{}.db", assignment.attempt)) };
        scratch.remove();
        console.line(&format!("copying the database to {}", scratch.path.display()));
        tokio::select! {
            copied = databases.copy(url, &scratch.path) => copied?,
            _ = assignment.stopped() => return Err("ended while copying the database to scratch".to_owned()),
        }
        Ok(scratch)
    }

    pub(super) fn url(&self) -> String {
        format!("sqlite:{}", self.path.display())
    }

    fn remove(&self) {
        for ending in ["", "-wal", "-shm", "-journal"] {
            let mut path = self.path.clone().into_os_string();
            path.push(ending);
            // What is not there need not go.
            let _ = std::fs::remove_file(path);
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}
