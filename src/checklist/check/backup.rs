//! A backup made, read back, restored to scratch and compared.

use super::kind::{Destroys, Kind, Measure, Measures, Need, Sabotage, Title};
use crate::checklist::environment::Environment;
use crate::checklist::ids::ItemId;
use crate::checklist::reader::checks::Written;
use schemars::JsonSchema;
use serde::Serialize;
use std::time::Duration;

/// Made by the environment's `backup` command if it has one (with `GONOGO_BACKUP_FILE` set), else by the program. Measures
/// `bytes`, `duration` (s, of the backup), `restore` (s; of a swap until the copy is in its place) and records the file's SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// How far this check goes.
    pub stage: BackupStage,
    /// The item that made the backup, for every stage but `make`.
    pub of: Option<ItemId>,
}

/// How far a backup check goes; `full` unless given: made, read back, restored and compared. `swap` restores beside the
/// environment's own database, compares, and puts the copy in its place by renaming, the one before kept; or has the
/// environment's `restore` command put it back, and compares then.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BackupStage {
    /// Make it, read it back, restore it to scratch, compare: all in one.
    #[default]
    Full,
    Make,
    /// Read it back whole and compare its checksum.
    Verify,
    /// Restore into scratch and compare the fingerprints with those taken when it was made.
    Restore,
    /// Restore beside the environment's own database, compare, and put the copy in its place by renaming; the one before
    /// is kept under a name with the time. Where the environment has a `restore` command, that puts it back (with
    /// `GONOGO_BACKUP_FILE` set), and what stands then is compared.
    Swap,
}

impl BackupStage {
    /// The name of the environment's command that this stage runs where there is one.
    pub fn command(self) -> &'static str {
        match self {
            BackupStage::Swap => "restore",
            _ => "backup",
        }
    }

    /// Whether passing it shows that a backup can be read back or restored, and leaves everything as it was.
    pub fn verifies(self) -> bool {
        matches!(self, BackupStage::Full | BackupStage::Verify | BackupStage::Restore)
    }
}

impl Backup {
    pub(in crate::checklist) fn read(written: &mut Written<'_, '_>) -> Option<Self> {
        written.table.call("a backup check");
        let stages = [
            ("full", BackupStage::Full),
            ("make", BackupStage::Make),
            ("verify", BackupStage::Verify),
            ("restore", BackupStage::Restore),
            ("swap", BackupStage::Swap),
        ];
        let stage = written.table.word("stage", &stages).map(|stage| stage.value).unwrap_or_default();
        let of = written.item("of");
        let table = &mut written.table;
        let makes = matches!(stage, BackupStage::Full | BackupStage::Make);
        if makes && table.has("of") {
            let suggestion = "remove `of`, or write `stage = \"verify\"` or `\"restore\"`";
            table.report().error(
                table.key_at("of"),
                "this check makes a backup of its own, so that `of` has no use",
                suggestion,
            );
        } else if !makes {
            table.require("of", "\"…\"` with the item that made the backup: `\"phase/section/item\"");
        }
        Some(Self { stage, of })
    }
}

impl Kind for Backup {
    fn needs(&self) -> Vec<Need<'_>> {
        // Every stage asks what kind of database it is.
        let places: &[Need<'_>] = match self.stage {
            BackupStage::Full => &[Need::Backups, Need::Scratch],
            BackupStage::Make => &[Need::Backups],
            BackupStage::Verify | BackupStage::Swap => &[],
            BackupStage::Restore => &[Need::Scratch],
        };
        [Need::Database, Need::OwnCommand(self.stage.command())].iter().chain(places).copied().collect()
    }

    fn measures(&self, _: Measures<'_>) -> Vec<Measure> {
        let mut measures = vec![Measure::unitless("bytes")];
        if matches!(self.stage, BackupStage::Full | BackupStage::Make) {
            measures.push(Measure::of("duration", "s"));
        }
        if matches!(self.stage, BackupStage::Full | BackupStage::Restore | BackupStage::Swap) {
            measures.push(Measure::of("restore", "s"));
        }
        measures
    }

    fn sabotages(&self) -> Vec<Sabotage> {
        vec![if self.of.is_some() { Sabotage::CorruptBackup } else { Sabotage::EmptyDatabase }]
    }

    fn describe(&self, title: Title<'_>) -> Vec<String> {
        let mut parts = vec![
            match self.stage {
                BackupStage::Full => "a backup is made, read back, restored to scratch and compared",
                BackupStage::Make => "a backup is made",
                BackupStage::Verify => "the backup is read back whole",
                BackupStage::Restore => "the backup is restored to scratch and compared",
                BackupStage::Swap => {
                    "the backup is put in the database's place and compared; the database before is kept"
                }
            }
            .to_owned(),
        ];
        parts.extend(self.of.as_ref().map(|item| format!("the one of \"{}\"", title(item))));
        parts
    }

    fn command(&self, environment: &Environment) -> Option<String> {
        environment.commands.get(self.stage.command()).cloned()
    }

    fn timeout(&self) -> Option<Duration> {
        None
    }

    fn runs_alone(&self) -> bool {
        true
    }

    fn only_looks(&self) -> bool {
        self.stage == BackupStage::Verify
    }

    fn swaps_database(&self) -> bool {
        self.stage == BackupStage::Swap
    }

    /// What was written since the backup is not in the copy that takes the database's place.
    fn destroys(&self) -> Destroys {
        if self.swaps_database() { Destroys::Always } else { Destroys::Never }
    }

    fn looks_at_a_moment(&self) -> bool {
        false
    }
}
