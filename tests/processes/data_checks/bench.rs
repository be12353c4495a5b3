//! A folder with a database, and assignments that look at it.

use gonogo::attempts::{Assignment, Console};
use gonogo::checklist::check::{Backup, BackupStage, Check, Migration};
use gonogo::checklist::environment::Writes;
use gonogo::checklist::target::Bound;
use gonogo::checklist::{
    Checklist, Digest, Environment, EnvironmentKind, EnvironmentName, Item, ItemId, Phase, Section, Target,
};
use gonogo::deployment::attempt::{Attempt, AttemptNumber, AttemptPhase, End, Outcome};
use gonogo::deployment::progress::Progress;
use gonogo::deployment::{Operator, Plan, State, Verdict};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tokio::sync::watch;

pub(crate) const SCHEMA: &str = "
CREATE TABLE lots (id INTEGER PRIMARY KEY, lot_number TEXT NOT NULL UNIQUE, weight REAL);
CREATE TABLE serials (id INTEGER PRIMARY KEY, lot_id INTEGER NOT NULL REFERENCES lots (id) ON DELETE RESTRICT ON UPDATE CASCADE,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP, measurements JSONB,
  CONSTRAINT chk_id CHECK (id BETWEEN 1  AND 100000));
CREATE INDEX idx_serials_lot ON serials (lot_id);
CREATE INDEX idx_serials_torque ON serials (json_extract(measurements, '$.torque'));
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO lots SELECT i, 'L-' || i, i / 7.0 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
  INSERT INTO serials (id, lot_id, created_at, measurements) SELECT i, 1 + i % 40, '2026-11-22T14:00:07Z', '{\"torque\": ' || i || '}' FROM n;
";

pub(crate) struct Bench {
    folder: TempDir,
    pub state: State,
    pub stop: watch::Sender<Option<End>>,
    pub environment: Environment,
    name: EnvironmentName,
    pub targets: Vec<Target>,
    /// Items of the plan besides the one in hand.
    pub items: Vec<Item>,
}

/// Keeps what an attempt says.
#[derive(Default)]
pub(crate) struct Heard {
    pub lines: Mutex<Vec<String>>,
    pub stages: Mutex<Vec<Progress>>,
}

impl Console for Heard {
    fn line(&self, text: &str) {
        assert!(!text.contains('\n'), "{text:?}");
        self.lines.lock().unwrap().push(text.to_owned());
    }

    fn output(&self, bytes: &[u8]) {
        self.line(&String::from_utf8_lossy(bytes));
    }

    fn progress(&self, progress: &Progress) {
        self.stages.lock().unwrap().push(progress.clone());
    }
}

impl Heard {
    pub(crate) fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

impl Bench {
    pub(crate) async fn new(sql: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["backups", "scratch"] {
            std::fs::create_dir(folder.path().join(name)).unwrap();
        }
        run(&folder.path().join("neurohub.db"), sql).await;
        let environment = Environment {
            slot: "production".into(),
            kind: EnvironmentKind::Rehearsal,
            writes: Writes::Allowed,
            database: Some("sqlite:neurohub.db".into()),
            scratch: Some("scratch".into()),
            folder: Some(folder.path().display().to_string()),
            backups: Some("backups".into()),
            log: Some("production.log".into()),
            ..Environment::default()
        };
        // Benches share a server, and what an attempt makes there goes by its ledger.
        let first = Some(Digest::of(folder.path().as_os_str().as_encoded_bytes()));
        let state = State { first, ..State::default() };
        Self {
            folder,
            state,
            stop: watch::channel(None).0,
            environment,
            name: "rehearsal-production".into(),
            targets: Vec::new(),
            items: Vec::new(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) async fn change(&self, sql: &str) {
        run(&self.path("neurohub.db"), sql).await;
    }

    pub(crate) fn target(&mut self, measure: &str, bound: Bound, unit: &str) {
        self.targets = vec![Target { measure: measure.into(), bound, unit: unit.into() }];
    }

    pub(crate) fn assignment(&self) -> Assignment {
        let own = item("p/s/own", Check::Manual, self.targets.clone());
        let section = Section {
            id: "p/s".into(),
            title: "Section".into(),
            items: self.items.iter().cloned().chain([own.clone()]).collect(),
            ..Section::default()
        };
        let phase = Phase {
            id: "p".into(),
            title: "Phase".into(),
            slot: Some("production".into()),
            sections: vec![section],
            ..Phase::default()
        };
        let checklist = Checklist {
            format: 1,
            id: "bench".into(),
            title: "Bench".into(),
            environments: BTreeMap::from([(self.name.clone(), self.environment.clone())]),
            phases: vec![phase],
            ..Checklist::default()
        };
        let bindings = BTreeMap::from([("production".into(), self.name.clone())]);
        Assignment {
            plan: Arc::new(Plan::new(Arc::new(checklist), bindings)),
            state: Arc::new(self.state.clone()),
            item: own,
            attempt: AttemptNumber(u32::try_from(self.state.attempts.len()).unwrap() + 1),
            environment_name: self.name.clone(),
            environment: self.environment.clone(),
            variables: BTreeMap::new(),
            home: self.folder.path().to_path_buf(),
            evidence: self.folder.path().join("neurohub.ledger.d"),
            secrets: std::sync::Arc::default(),
            stop: self.stop.subscribe(),
        }
    }

    /// Adds an item with this outcome to the past.
    pub(crate) fn past(&mut self, id: &str, outcome: Outcome) {
        self.past_in(id, outcome, "rehearsal-production");
    }

    pub(crate) fn past_in(&mut self, id: &str, outcome: Outcome, environment: &str) {
        let number = AttemptNumber(u32::try_from(self.state.attempts.len()).unwrap() + 1);
        let by = Operator { user: "u".into(), says: "u".into(), host: "h".into(), simulated: None };
        self.state.attempts.push(Attempt {
            number,
            item: id.into(),
            environment: environment.into(),
            by: by.into(),
            started: chrono::Utc::now(),
            phase: AttemptPhase::Finished(outcome.into()),
        });
        self.state.items.entry(ItemId::new(id)).or_default().attempts.push(number);
    }

    pub(crate) fn backup(&mut self, id: &str, stage: BackupStage, of: Option<&str>) {
        let check = Check::Backup(Backup { stage, of: of.map(ItemId::new) });
        self.items.push(item(id, check, Vec::new()));
    }

    pub(crate) fn migration(&mut self, id: &str, rewrites: &[&str]) {
        let migration = Migration {
            direction: gonogo::checklist::check::Direction::Upgrade,
            to: "head".into(),
            from: None,
            on: gonogo::checklist::check::MigrationTarget::Environment,
            rewrites: rewrites.iter().map(ToString::to_string).collect(),
        };
        self.items.push(item(id, Check::Migration(migration), Vec::new()));
    }
}

fn item(id: &str, check: Check, targets: Vec<Target>) -> Item {
    Item {
        id: id.into(),
        title: format!("Item {id}"),
        slot: Some("production".into()),
        check,
        targets,
        ..Item::default()
    }
}

pub(crate) async fn run(path: &Path, sql: &str) {
    let mut connection = writer(path).await;
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

pub(crate) async fn writer(path: &Path) -> SqliteConnection {
    try_writer(path).await.unwrap()
}

pub(crate) async fn try_writer(path: &Path) -> sqlx::Result<SqliteConnection> {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path).create_if_missing(true)).await
}

/// A finished attempt with nothing in it but its verdict.
pub(crate) fn outcome(verdict: Verdict) -> Outcome {
    Outcome {
        exit: None,
        signal: None,
        took_ms: 1,
        end: End::Completed,
        verdict,
        detail: String::new(),
        measured: Vec::new(),
        tables: Vec::new(),
        output: None,
        made: None,
        revision: None,
        left: Vec::new(),
        attested: None,
    }
}

pub(crate) fn measured(outcome: &Outcome, name: &str) -> Option<f64> {
    outcome.measured.iter().find(|measured| measured.name == name).map(|measured| measured.value)
}

/// Checks run inside tasks, so their futures must be able to move between threads.
pub(crate) fn movable<T>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    future
}
