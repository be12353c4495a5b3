//! An Alembic project in a folder of its own, and migration attempts on it with the files a cockpit would follow.

use super::plan;
use super::postgres::{alembic_programs, fixtures};
use gonogo::attempts::files::AttemptFiles;
use gonogo::attempts::open_databases::OpenDatabases;
use gonogo::attempts::redact::Secrets;
use gonogo::attempts::spool::Spool;
use gonogo::attempts::{Assignment, follow, migration_check};
use gonogo::checklist::check::{Direction, Migration, MigrationTarget};
use gonogo::checklist::environment::{Migrator, MigratorKind, Revision};
use gonogo::checklist::target::Bound;
use gonogo::checklist::{Check, Target};
use gonogo::deployment::State;
use gonogo::deployment::attempt::{AttemptNumber, End, Outcome};
use gonogo::deployment::live::Live;
use gonogo::deployment::progress::Progress;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Longer than anything takes on a loaded machine.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) struct Stage {
    pub folder: tempfile::TempDir,
    pub migrator: Migrator,
    pub targets: Vec<Target>,
    pub scratch: Option<String>,
    pub stop: watch::Sender<Option<End>>,
    pub files: AttemptFiles,
    attempt: AttemptNumber,
}

/// A revision of a test's own chain: its identifier and the Python body of `upgrade`.
pub(crate) type Step<'a> = (&'a str, &'a str);

impl Stage {
    /// The NeuroHub chain. Attempts are numbered apart, because tests share a server and sessions go by their number.
    pub(crate) fn neurohub(attempt: u32) -> Self {
        let chain = ["0001_initial_schema", "0002_add_wip_link_constraints", "0003_add_wip_unique_index"];
        Self::at(attempt, &fixtures().join("neurohub"), &chain)
    }

    /// A chain of its own with the surroundings of the NeuroHub chain.
    pub(crate) fn chain(attempt: u32, steps: &[Step<'_>]) -> Self {
        let project = tempfile::tempdir().unwrap().keep();
        let from = fixtures().join("neurohub");
        std::fs::create_dir_all(project.join("alembic/versions")).unwrap();
        for file in ["alembic.ini", "alembic/env.py", "alembic/script.py.mako"] {
            std::fs::copy(from.join(file), project.join(file)).unwrap();
        }
        let mut before = "None".to_owned();
        for (id, body) in steps {
            let body = body.lines().fold(String::new(), |all, line| format!("{all}    {line}\n"));
            let text = format!(
                "\"\"\"{id}\"\"\"\nfrom alembic import op\nrevision = \"{id}\"\ndown_revision = {before}\n\
                 branch_labels = None\ndepends_on = None\n\n\ndef upgrade() -> None:\n{body}\n\n\
                 def downgrade() -> None:\n    pass\n"
            );
            std::fs::write(project.join(format!("alembic/versions/{id}.py")), text).unwrap();
            before = format!("\"{id}\"");
        }
        Self::at(attempt, &project, &steps.iter().map(|(id, _)| *id).collect::<Vec<_>>())
    }

    fn at(attempt: u32, project: &Path, chain: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("attempts")).unwrap();
        let revisions = chain.iter().map(|id| Revision { id: (*id).into(), title: String::new() });
        let command = format!(
            "PYTHONDONTWRITEBYTECODE=1 '{}' -c '{}'",
            alembic_programs().join("alembic").display(),
            project.join("alembic.ini").display()
        );
        let attempt = AttemptNumber(attempt);
        Self {
            migrator: Migrator::new(MigratorKind::Alembic, command, revisions.collect()),
            targets: Vec::new(),
            scratch: None,
            stop: watch::Sender::new(None),
            files: AttemptFiles::new(folder.path(), attempt),
            attempt,
            folder,
        }
    }

    /// Makes it the next attempt with the same project.
    pub(crate) fn again(&mut self) {
        self.folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(self.folder.path().join("attempts")).unwrap();
        self.attempt = AttemptNumber(self.attempt.0 + 1);
        self.files = AttemptFiles::new(self.folder.path(), self.attempt);
    }

    pub(crate) fn target(mut self, measure: &str, below: f64, unit: &str) -> Self {
        self.targets.push(Target { measure: measure.into(), bound: Bound::Below(below), unit: unit.into() });
        self
    }

    pub(crate) fn tag(&self) -> String {
        gonogo::deployment::live::tag(&State::default(), self.attempt)
    }

    pub(crate) async fn carry_out(&self, url: &str, check: Migration) -> Outcome {
        let mut environment = plan::environment();
        environment.database = Some(url.to_owned());
        environment.scratch.clone_from(&self.scratch);
        environment.migrator = Some(self.migrator.clone());
        let mut item = plan::item("p/s/migrate", Check::Migration(check.clone()));
        item.targets.clone_from(&self.targets);
        let assignment = Assignment {
            plan: plan::plan(environment.clone(), vec![item.clone()]),
            state: Arc::new(State::default()),
            item,
            attempt: self.attempt,
            environment_name: "real-production".into(),
            environment,
            variables: BTreeMap::new(),
            home: self.folder.path().to_owned(),
            evidence: self.folder.path().to_owned(),
            secrets: std::sync::Arc::default(),
            stop: self.stop.subscribe(),
        };
        let secrets = Arc::new(Secrets::gather([("", url.as_bytes())], &[]));
        let spool = Arc::new(Spool::create(&self.files, secrets).unwrap());
        let ticking = async {
            loop {
                spool.tick();
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let carried =
            migration_check::carry_out(&assignment, &check, spool.as_ref(), Duration::from_secs(5), &OpenDatabases);
        let outcome = tokio::select! {
            outcome = tokio::time::timeout(PATIENCE, carried) => outcome,
            () = ticking => unreachable!("it ticks for ever"),
        };
        spool.finish();
        outcome.unwrap_or_else(|_| panic!("the migration did not end; its output:\n{}", self.log()))
    }

    pub(crate) async fn go(&self, url: &str, direction: Direction, to: &str) -> Outcome {
        let check =
            Migration { direction, to: to.into(), from: None, on: MigrationTarget::Environment, rewrites: rewritten() };
        self.carry_out(url, check).await
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.files.log()).unwrap_or_default()
    }

    /// What a cockpit reads of the progress file just now.
    pub(crate) fn progress(&self) -> Option<Progress> {
        follow::progress(&self.files)
    }

    /// Waits until the server's part of the progress satisfies `wanted`.
    pub(crate) async fn until(&self, what: &str, wanted: impl Fn(&Live) -> bool) -> Live {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let live = self.progress().and_then(|progress| progress.live);
            if let Some(live) = live.as_ref().filter(|live| wanted(live)) {
                return live.as_ref().clone();
            }
            assert!(Instant::now() < deadline, "{what} was never seen; the last was {live:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }
}

/// Tables whose contents the chains change.
fn rewritten() -> Vec<String> {
    ["process_data", "lots", "serials", "wip_items", "parts"].map(ToOwned::to_owned).into()
}

pub(crate) fn value(outcome: &Outcome, name: &str) -> Option<f64> {
    outcome.measured.iter().find(|m| m.name == name).map(|m| m.value)
}
