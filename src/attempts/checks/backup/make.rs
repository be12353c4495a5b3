//! Making a backup.

use super::super::account::Trouble;
use super::super::{place, rows};
use super::copy::{self, Throwaway};
use super::dump::Watch;
use super::{Desk, Kept};
use crate::checklist::check::Depth;
use crate::database::proof::{self, Proofs};
use crate::database::{Database, Dialect, Purpose};
use crate::deployment::attempt::{Moment, Output, TableProof};
use crate::deployment::measurement::Verdict;
use chrono::Utc;
use std::path::{Path, PathBuf};
use std::time::Instant;

impl Desk<'_> {
    /// Proves the source, makes the backup, and makes sure that the source was the same all the while.
    pub(super) async fn make(&mut self) -> Result<Kept, Trouble> {
        let folder = place::named_folder(self.assignment, self.assignment.environment.backups.as_deref(), "backups")?;
        let mut source = place::connect(self.assignment, Purpose::Read, self.interrupt).await?;
        let version = source.version().await?;
        let tables = self.prove_source(&mut source).await?;
        let revision = self.revision(&mut source).await;
        // A command of the environment may run where other programs are.
        if !self.assignment.environment.commands.contains_key("backup") {
            self.fitting_tools(&source).await?;
        }
        let ending = if source.dialect() == Dialect::Postgres { "dump" } else { "db" };
        let path = free_name(&folder, self.assignment.environment_name.as_str(), ending);

        let began = Instant::now();
        match self.assignment.environment.commands.get("backup") {
            Some(command) => self.make_by_command(command, &source, &tables, &path).await?,
            None => self.make_copy(&mut source, &tables, &path).await?,
        }
        copy::sync(&path)?;
        self.account.measure("duration", began.elapsed().as_secs_f64(), "s");

        let (bytes, sha256) = self.read_file(&path, "checksum", None).await?;
        self.console.line(&format!("made {}, {bytes} bytes, SHA-256 {sha256}", path.display()));
        self.account.measure("bytes", bytes as f64, "bytes");
        let output = Output { file: place::kept_path(self.assignment, &path), bytes, sha256 };
        self.account.made = Some(output.clone());
        self.account.tables.clone_from(&tables);
        self.account.revision.clone_from(&revision);

        let mut written_to = source.version().await? != version;
        source.close().await;
        if written_to {
            // The source may have been read from a copy of its own: what it holds now is asked anew.
            let mut source = place::connect(self.assignment, Purpose::Read, self.interrupt).await?;
            written_to = self.prove_source(&mut source).await? != tables;
            source.close().await;
        }
        if written_to {
            let why = "the source was written to while the backup was made, so nothing can prove that it is whole; \
                       stop what writes and make it again";
            return Err(Trouble::Open(why.to_owned()));
        }
        let total: i64 = tables.iter().map(|table| table.rows).sum();
        let name = &output.file;
        // Whatever comes back of nothing, nothing shows that it would have been whole.
        let verdict = if total == 0 { Verdict::Inconclusive } else { Verdict::Pass };
        self.account.find(verdict, format!("{name}, {bytes} bytes, of {total} rows in {} tables", tables.len()));
        Ok(Kept { path, output, tables, revision })
    }

    async fn prove_source(&mut self, source: &mut Database) -> Result<Vec<TableProof>, Trouble> {
        let wanted = proof::all(source).await?;
        let stage = "fingerprints of the source";
        let taken = rows::take(source, &wanted, Depth::Fingerprints, Moment::Now, stage, &mut self.stages).await;
        let Proofs { tables, missing, .. } = taken?;
        // A table dropped between the list and its reading: somebody is at work on the schema.
        if let Some(sentence) = missing.into_iter().next() {
            return Err(Trouble::Open(format!("the source changes while it is read: {sentence}")));
        }
        Ok(tables)
    }

    async fn make_by_command(
        &mut self,
        command: &str,
        source: &Database,
        tables: &[TableProof],
        path: &Path,
    ) -> Result<(), Trouble> {
        let exports = [("GONOGO_BACKUP_FILE", path.display().to_string())];
        let watch = match source {
            Database::Postgres(postgres) => {
                self.stages.begin("backup command", "rows", Some(total(tables)));
                Watch::open(postgres.address()).await
            }
            Database::Sqlite(_) => {
                self.stages.begin("backup command", "bytes", None);
                None
            }
        };
        let run = self.run_command.run(command, &exports);
        let end = self.watched(watch, run).await.map_err(Trouble::NotStarted)?;
        self.account.exit = end.exit;
        self.account.signal = end.signal;
        self.go_on()?;
        match (end.exit, end.signal) {
            (Some(0), _) => {}
            (Some(status), _) => {
                return Err(Trouble::Wrong(format!("the backup command ended with exit status {status}")));
            }
            (None, signal) => {
                let signal = signal.map_or_else(String::new, |signal| format!(" {signal}"));
                return Err(Trouble::Wrong(format!("the backup command was ended by signal{signal}")));
            }
        }
        match std::fs::metadata(path) {
            Ok(about) if about.is_file() && about.len() > 0 => Ok(()),
            Ok(_) => Err(Trouble::Wrong(format!("the backup command left {} empty", path.display()))),
            Err(_) => Err(Trouble::Wrong(format!(
                "the backup command ended well but made no {}; it must write to $GONOGO_BACKUP_FILE",
                path.display()
            ))),
        }
    }

    async fn make_copy(&mut self, source: &mut Database, tables: &[TableProof], path: &Path) -> Result<(), Trouble> {
        if let Database::Postgres(postgres) = source {
            let address = postgres.address().clone();
            return self.make_dump(&address, total(tables), path).await;
        }
        self.stages.begin("copy", "bytes", None);
        self.console.line(&format!("copying to {}", path.display()));
        copy::create_new(path)?;
        // Half a copy shall not be taken for a backup.
        let unfinished = Throwaway::new(path);
        source.copy_to(path).await?;
        unfinished.keep();
        Ok(())
    }
}

fn total(tables: &[TableProof]) -> u64 {
    tables.iter().map(|table| u64::try_from(table.rows).unwrap_or_default()).sum()
}

/// `NAME-YYYYmmdd-HHMMSS.ENDING` in UTC, with a number behind it where that is taken.
fn free_name(folder: &Path, name: &str, ending: &str) -> PathBuf {
    let name: String = name.chars().map(|c| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let stamp = Utc::now().format("%Y%m%d-%H%M%S");
    let first = folder.join(format!("{name}-{stamp}.{ending}"));
    let mut others = (2_u32..).map(|number| folder.join(format!("{name}-{stamp}-{number}.{ending}")));
    if first.exists() { others.find(|path| !path.exists()).unwrap_or(first) } else { first }
}
