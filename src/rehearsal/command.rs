//! The hidden subcommands that the rehearsal's environments use as their migrator and commands. They work in the
//! rehearsal's folder, the current one.

use super::error::RehearsalError;
use super::progress::Lines;
use super::revision::{CHAIN, Direction};
use super::service::{self, Deployment, daemon};
use super::slot::{Release, Slot};
use super::{backup, migrator, revision};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

#[derive(Debug, clap::Subcommand)]
pub enum RehearsalCommand {
    /// Move a database along the chain of migrations.
    Migrate {
        /// The database: sqlite:PATH.
        #[arg(long)]
        database: String,
        #[arg(value_enum)]
        action: MigrateAction,
        /// A revision, head, base, +N or -N; `upgrade` goes to head unless reported.
        #[arg(allow_hyphen_values = true)]
        revision: Option<String>,
    },
    /// Start, stop or ask for the service of a slot.
    Service {
        #[arg(value_enum)]
        action: ServiceAction,
        #[arg(value_enum)]
        slot: Slot,
    },
    /// Deploy a release to a slot; it runs from the next start on.
    Deploy {
        #[arg(value_enum)]
        slot: Slot,
        #[arg(value_enum)]
        release: Release,
    },
    /// Copy the database `GONOGO_DATABASE_URL` into the new file `GONOGO_BACKUP_FILE`.
    Backup,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum MigrateAction {
    Upgrade,
    Downgrade,
    Current,
    History,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ServiceAction {
    Start,
    Stop,
    Status,
    /// The service itself, in the foreground of its own session.
    Serve,
}

/// Carries one subcommand out and returns its exit status. A migration that fails says so in its own output.
pub(crate) async fn run(command: RehearsalCommand) -> Result<u8, RehearsalError> {
    let folder = std::env::current_dir()
        .map_err(|source| RehearsalError::System { doing: "find the current folder", source })?;
    match command {
        RehearsalCommand::Migrate { database, action, revision } => {
            match migrate(&database, action, revision.as_deref()).await {
                Ok(()) => Ok(0),
                Err(error) => {
                    print(&format!("ERROR {error}"));
                    Ok(error.exit_status())
                }
            }
        }
        RehearsalCommand::Service { action, slot } => service(&folder, action, slot).await,
        RehearsalCommand::Deploy { slot, release } => {
            let before = Deployment::read(&folder, slot)?.deploy(&folder, slot, release)?;
            print(&format!("{slot}: {release} release deployed ({before} before)"));
            if daemon::running(&folder, slot)?.is_some() {
                print(&format!("{slot}: the service still runs the {before} release until it is started again"));
            }
            Ok(0)
        }
        RehearsalCommand::Backup => {
            let database = migrator::path_of(&variable("GONOGO_DATABASE_URL")?)?;
            let file = PathBuf::from(variable("GONOGO_BACKUP_FILE")?);
            let bytes = backup::backup(&folder, &database, &file).await?;
            print(&format!("{} copied to {}, {bytes} bytes", database.display(), file.display()));
            Ok(0)
        }
    }
}

async fn migrate(database: &str, action: MigrateAction, revision: Option<&str>) -> Result<(), RehearsalError> {
    let path = migrator::path_of(database)?;
    let lines: Lines = Arc::new(Mutex::new(print));
    match action {
        MigrateAction::Upgrade => {
            migrator::migrate(&path, Direction::Upgrade, revision.unwrap_or("head"), &lines).await
        }
        MigrateAction::Downgrade => {
            let revision = revision.ok_or(RehearsalError::RevisionMissing)?;
            migrator::migrate(&path, Direction::Downgrade, revision, &lines).await
        }
        MigrateAction::Current => {
            if let Some(revision) = revision::at(migrator::current(&path).await?) {
                print(&format!("{}{}", revision.full_name(), head_mark(revision.version)));
            }
            Ok(())
        }
        MigrateAction::History => {
            for revision in CHAIN.iter().rev() {
                let before = match revision::id_at(revision.version - 1) {
                    "" => "<base>",
                    id => id,
                };
                print(&format!("{before} -> {}{}, {}", revision.id, head_mark(revision.version), revision.title));
            }
            Ok(())
        }
    }
}

fn head_mark(version: i64) -> &'static str {
    if version == CHAIN[CHAIN.len() - 1].version { " (head)" } else { "" }
}

async fn service(folder: &Path, action: ServiceAction, slot: Slot) -> Result<u8, RehearsalError> {
    match action {
        ServiceAction::Serve => return service::server::serve(folder, slot).await,
        ServiceAction::Start => {
            let program = crate::program::to_start()
                .map_err(|source| RehearsalError::System { doing: "find the running program", source })?;
            let running = daemon::start(folder, slot, &program).await?;
            print(&format!("{slot}: {} release started at {} (pid {})", running.release, running.url, running.pid));
        }
        ServiceAction::Stop => {
            super::Sandbox::stay_stopped(folder, slot)?;
            match daemon::stop(folder, slot).await? {
                Some(running) => print(&format!("{slot}: {} release stopped (pid {})", running.release, running.pid)),
                None => print(&format!("{slot}: no service was running")),
            }
        }
        ServiceAction::Status => {
            let Some(running) = daemon::running(folder, slot)? else {
                let release = Deployment::read(folder, slot)?.release;
                print(&format!("{slot}: not running, {release} release deployed"));
                return Ok(1);
            };
            print(&format!("{slot}: {} release runs at {} (pid {})", running.release, running.url, running.pid));
        }
    }
    Ok(0)
}

fn variable(name: &'static str) -> Result<String, RehearsalError> {
    std::env::var(name).ok().filter(|value| !value.is_empty()).ok_or(RehearsalError::VariableMissing(name))
}

/// One line to standard output, at once. A reader that has gone away must not stop a migration.
fn print(line: &str) {
    let mut out = crate::printed::out();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}
