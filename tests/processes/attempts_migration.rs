//! The `migration` check on real SQLite databases, with this test binary as the migrator.
//!
//! Longer than 400 lines because every case needs the same migrator and its databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use crate::common::named;
use crate::plan;

use futures_util::future::BoxFuture;
use gonogo::attempts::databases::{Databases, sqlite_path};
use gonogo::attempts::{Assignment, Console, migration_check};
use gonogo::checklist::check::{Direction, Migration, MigrationTarget};
use gonogo::checklist::environment::{Migrator, MigratorKind, Revision};
use gonogo::checklist::model::Way;
use gonogo::checklist::target::Bound;
use gonogo::checklist::{Check, Target};
use gonogo::deployment::attempt::{AttemptNumber, End, Moment, Outcome, TableProof};
use gonogo::deployment::progress::Progress;
use gonogo::deployment::{Plan, State, Verdict};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, Row as _};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;

const ARGUMENTS: &str = "GONOGO_TEST_MIGRATOR";

async fn open(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path).create_if_missing(true)).await.unwrap()
}

async fn run(path: &Path, sql: &str) -> Result<(), sqlx::Error> {
    let mut database = open(path).await;
    let done = database.execute(AssertSqlSafe(sql.to_owned())).await.map(|_| ());
    database.close().await?;
    done
}

async fn number(path: &Path, sql: &str) -> i64 {
    let mut database = open(path).await;
    let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut database).await.unwrap();
    database.close().await.unwrap();
    number
}

/// Not a test of its own: a migrator of three revisions whose place is SQLite's `user_version`.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the harness would turn the migrator's exit status into its own")]
async fn reinvoked_as_migrator() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else { return };
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let path = sqlite_path(&std::env::var("GONOGO_DATABASE_URL").unwrap()).unwrap();
    let now = number(&path, "PRAGMA user_version").await;
    println!();
    let steps: Vec<i64> = match words[..] {
        ["current"] => {
            match now {
                0 => {}
                3 => println!("0003_third (head)"),
                now => println!("{now:04}_some"),
            }
            Vec::new()
        }
        ["upgrade", "head"] => (now + 1..=3).collect(),
        ["downgrade", "base"] => (0..now).rev().collect(),
        ["downgrade", "-1"] => vec![now - 1],
        _ => std::process::exit(255),
    };
    let (mut from, mut sleeping) = (now, Path::new("slow").exists());
    for to in steps {
        let name = |revision: i64| if revision == 0 { String::new() } else { format!("{revision:04}") };
        let way = if to > from { "upgrade" } else { "downgrade" };
        println!("INFO  [test.migration] Running {way} {} -> {}, some words", name(from), name(to));
        let revision = from.max(to);
        println!("PROGRESS {revision:04} 50/100 lots");
        if std::mem::take(&mut sleeping) {
            tokio::time::sleep(Duration::from_mins(1)).await;
        }
        let extra = match to {
            2 if to > from => "UPDATE parts SET note = 'x';",
            _ => "",
        };
        let sabotage = std::fs::read_to_string("sabotage.sql").ok().filter(|_| to == 3).unwrap_or_default();
        if let Err(error) = run(&path, &format!("BEGIN; {extra} {sabotage} PRAGMA user_version = {to}; COMMIT")).await {
            println!("ERROR {error}");
            std::process::exit(1);
        }
        println!("DONE {revision:04} rows=7 locked=0.{revision}00s took=0.500s");
        from = to;
    }
    std::process::exit(0);
}

/// Proofs by counting and by summing text, straight from SQLite; of definitions where it is to tell them.
struct Sqlite {
    reports_definitions: bool,
}

impl Databases for Sqlite {
    fn identity<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(async move { Ok(url.to_owned()) })
    }

    fn prove<'a>(
        &'a self,
        url: &'a str,
        _: &'a [TableProof],
        when: Moment,
        console: &'a dyn Console,
    ) -> BoxFuture<'a, Result<Vec<TableProof>, String>> {
        Box::pin(async move {
            console.line("counting");
            let mut database = open(&sqlite_path(url).unwrap()).await;
            let names = sqlx::query("SELECT name FROM sqlite_schema WHERE type = 'table'");
            let names = names.fetch_all(&mut database).await.map_err(|error| error.to_string())?;
            let mut proofs = Vec::new();
            for name in names {
                let table: String = name.get(0);
                let sql = format!("SELECT count(*), coalesce(group_concat(note, ';'), '') FROM {table}");
                let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut database).await.unwrap();
                let (rows, fingerprint) = (row.get(0), Some(row.get(1)));
                proofs.push(TableProof { table, when, rows, fingerprint, columns: Some("note".into()) });
            }
            database.close().await.unwrap();
            Ok(proofs)
        })
    }

    fn definitions<'a>(&'a self, url: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        Box::pin(async move {
            if !self.reports_definitions {
                return Ok(None);
            }
            let mut database = open(&sqlite_path(url).unwrap()).await;
            let sql = "SELECT coalesce(group_concat(sql, ';'), '') FROM sqlite_schema";
            let sum = sqlx::query_scalar(sql).fetch_one(&mut database).await.unwrap();
            database.close().await.unwrap();
            Ok(Some(sum))
        })
    }

    fn copy<'a>(&'a self, url: &'a str, to: &'a Path) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async move {
            let sql = format!("VACUUM INTO '{}'", to.display());
            run(&sqlite_path(url).unwrap(), &sql).await.map_err(|error| error.to_string())
        })
    }
}

#[derive(Default)]
struct Kept {
    text: Mutex<String>,
    progress: Mutex<Vec<Progress>>,
}

impl Console for Kept {
    fn line(&self, text: &str) {
        let mut kept = self.text.lock().unwrap();
        kept.push_str(text);
        kept.push('\n');
    }

    fn output(&self, bytes: &[u8]) {
        self.text.lock().unwrap().push_str(&String::from_utf8_lossy(bytes));
    }

    fn progress(&self, progress: &Progress) {
        self.progress.lock().unwrap().push(progress.clone());
    }
}

struct Stage {
    folder: tempfile::TempDir,
    kept: Kept,
    stop: watch::Sender<Option<End>>,
    command: String,
    targets: Vec<Target>,
    reports_definitions: bool,
    /// The step is one of a rollback.
    back: bool,
}

impl Stage {
    /// A database at revision 0001 with two tables.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sql = "CREATE TABLE lots (note TEXT); CREATE TABLE parts (note TEXT); INSERT INTO lots VALUES ('a'), ('b');
            INSERT INTO parts VALUES ('c'); PRAGMA user_version = 1";
        run(&folder.path().join("real.db"), sql).await.unwrap();
        let program = std::env::current_exe().unwrap();
        let command = format!(
            "# $GONOGO_DATABASE_URL\nmigrate() {{ {ARGUMENTS}=\"$*\" '{}' --exact {} --nocapture; }}; migrate",
            program.display(),
            named(module_path!(), "reinvoked_as_migrator")
        );
        Self {
            folder,
            kept: Kept::default(),
            stop: watch::Sender::new(None),
            command,
            targets: Vec::new(),
            reports_definitions: false,
            back: false,
        }
    }

    async fn carry_out(&self, direction: Direction, to: &str, on: MigrationTarget, rewrites: &[&str]) -> Outcome {
        let check = Migration {
            direction,
            to: to.into(),
            from: None,
            on,
            rewrites: rewrites.iter().map(|table| (*table).to_owned()).collect(),
        };
        let mut environment = plan::environment();
        environment.database = Some(format!("sqlite:{}", self.folder.path().join("real.db").display()));
        environment.scratch = Some("scratch".into());
        environment.migrator = Some(Migrator::new(
            MigratorKind::Sqlx,
            &self.command,
            ["0001", "0002", "0003"].map(|id| Revision { id: id.into(), title: String::new() }).into(),
        ));
        let mut item = plan::item("p/s/migrate", Check::Migration(check.clone()));
        item.targets.clone_from(&self.targets);
        let mut plan = plan::plan(environment.clone(), vec![item.clone()]);
        if self.back {
            let mut checklist = gonogo::checklist::Checklist::clone(plan.checklist());
            checklist.phases[0].way = Way::Back;
            plan = Arc::new(Plan::new(Arc::new(checklist), plan.bindings().clone()));
        }
        let assignment = Assignment {
            plan,
            state: Arc::new(State::default()),
            item,
            attempt: AttemptNumber(1),
            environment_name: "real-production".into(),
            environment,
            variables: BTreeMap::new(),
            home: self.folder.path().to_owned(),
            evidence: self.folder.path().to_owned(),
            secrets: std::sync::Arc::default(),
            stop: self.stop.subscribe(),
        };
        let databases = Sqlite { reports_definitions: self.reports_definitions };
        migration_check::carry_out(&assignment, &check, &self.kept, Duration::from_millis(300), &databases).await
    }

    async fn upgrade(&self, rewrites: &[&str]) -> Outcome {
        self.carry_out(Direction::Upgrade, "head", MigrationTarget::Environment, rewrites).await
    }

    fn sabotage(&self, sql: &str) {
        std::fs::write(self.folder.path().join("sabotage.sql"), sql).unwrap();
    }

    async fn stands_at(&self) -> i64 {
        number(&self.folder.path().join("real.db"), "PRAGMA user_version").await
    }
}

fn value(outcome: &Outcome, name: &str) -> Option<f64> {
    outcome.measured.iter().find(|m| m.name == name).map(|m| m.value)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_is_followed_measured_and_proven() {
    let mut stage = Stage::new().await;
    stage.targets = vec![Target { measure: "duration".into(), bound: Bound::Below(30.0), unit: "s".into() }];
    let outcome = stage.upgrade(&["parts"]).await;
    assert_eq!((outcome.verdict, outcome.exit), (Verdict::Pass, Some(0)), "{}", outcome.detail);
    assert!(outcome.detail.starts_with("0001 → 0003 in "), "{}", outcome.detail);
    assert!(outcome.detail.contains("2 tables kept their rows; duration "), "{}", outcome.detail);
    assert_eq!(outcome.revision.as_deref(), Some("0003"));
    assert_eq!((value(&outcome, "revisions"), value(&outcome, "rows-changed")), (Some(2.0), Some(14.0)));
    assert_eq!(value(&outcome, "lock"), Some(0.3));
    assert!(value(&outcome, "duration").is_some() && value(&outcome, "size-increase").is_some());
    assert_eq!(outcome.tables.iter().filter(|proof| proof.when == Moment::After).count(), 2);
    let steps: Vec<_> = stage.kept.progress.lock().unwrap().iter().filter_map(|p| p.step).collect();
    assert!(steps.is_sorted() && steps.first() == Some(&(2, 3)) && steps.last() == Some(&(3, 3)), "{steps:?}");
    // Nothing is left to do, and nothing was shown by doing it.
    let again = stage.upgrade(&[]).await;
    assert_eq!((again.verdict, value(&again, "revisions")), (Verdict::Inconclusive, Some(0.0)), "{}", again.detail);
    assert!(again.detail.contains("it stood there already"), "{}", again.detail);
    let current = stage.carry_out(Direction::Current, "head", MigrationTarget::Environment, &[]).await;
    assert_eq!(current.verdict, Verdict::Pass);
    let current = stage.carry_out(Direction::Current, "0002", MigrationTarget::Environment, &[]).await;
    assert_eq!(current.detail, "the database stands at 0003 instead of 0002");
    let down = stage.carry_out(Direction::Downgrade, "-1", MigrationTarget::Environment, &[]).await;
    assert_eq!((down.verdict, stage.stands_at().await), (Verdict::Pass, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_from_where_it_leads_has_nothing_to_do_and_passes() {
    let mut stage = Stage::new().await;
    let down = stage.carry_out(Direction::Downgrade, "base", MigrationTarget::Environment, &[]).await;
    assert_eq!((down.verdict, stage.stands_at().await), (Verdict::Pass, 0), "{}", down.detail);
    // Forwards a run that carried nothing out shows nothing.
    let again = stage.carry_out(Direction::Downgrade, "base", MigrationTarget::Environment, &[]).await;
    assert_eq!(again.verdict, Verdict::Inconclusive, "{}", again.detail);
    stage.back = true;
    let back = stage.carry_out(Direction::Downgrade, "base", MigrationTarget::Environment, &[]).await;
    assert_eq!(back.verdict, Verdict::Pass, "{}", back.detail);
    assert!(back.detail.contains("already: nothing to roll back"), "{}", back.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_names_the_error_and_where_the_database_stands() {
    let stage = Stage::new().await;
    stage.sabotage("INSERT INTO missing VALUES (1);");
    let outcome = stage.upgrade(&["parts"]).await;
    assert_eq!((outcome.verdict, outcome.exit), (Verdict::Fail, Some(1)));
    assert!(outcome.detail.starts_with("migration failed: exit 1, "), "{}", outcome.detail);
    assert!(outcome.detail.contains("; database at 0002"), "{}", outcome.detail);
    assert!(outcome.detail.contains("no such table: missing"), "{}", outcome.detail);
    assert_eq!(outcome.revision.as_deref(), Some("0002"));
    let outcome = stage.upgrade(&["parts"]).await;
    assert!(
        outcome.detail.starts_with("migration failed: exit 1, ") && outcome.detail.contains("; database still at 0002"),
        "{}",
        outcome.detail
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_rows_and_touched_contents_fail_although_the_migrator_is_content() {
    let stage = Stage::new().await;
    stage.sabotage("DELETE FROM lots WHERE note = 'a';");
    let outcome = stage.upgrade(&[]).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.detail.contains("lots: 2 rows before, 1 now (1 fewer)"), "{}", outcome.detail);
    assert!(outcome.detail.contains("as before, but their contents differ"), "{}", outcome.detail);
    // A migrator that says it is done and is not.
    let stage = Stage::new().await;
    stage.sabotage("COMMIT; PRAGMA user_version = 2; --");
    let outcome = stage.upgrade(&["parts"]).await;
    assert_eq!(outcome.detail, "the migrator ended well, but the database stands at 0002, not at 0003");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scratch_run_leaves_the_real_database_and_no_file_behind() {
    let mut stage = Stage::new().await;
    let outcome = stage.carry_out(Direction::Downgrade, "base", MigrationTarget::Scratch, &[]).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    assert!(outcome.detail.starts_with("0001 → base"), "{}", outcome.detail);
    assert_eq!((stage.stands_at().await, outcome.revision), (1, None));
    assert_eq!(std::fs::read_dir(stage.folder.path().join("scratch")).unwrap().count(), 0);
    // One that would look for its database elsewhere must not be let near the real one.
    stage.command = "touch ran; alembic".into();
    let outcome = stage.carry_out(Direction::Downgrade, "base", MigrationTarget::Scratch, &[]).await;
    assert_eq!((outcome.end, outcome.verdict), (End::NotStarted, Verdict::Inconclusive));
    assert!(!stage.folder.path().join("ran").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_migration_says_where_it_left_the_database() {
    let stage = Stage::new().await;
    std::fs::write(stage.folder.path().join("slow"), "").unwrap();
    let running = async {
        while !stage.kept.text.lock().unwrap().contains("PROGRESS 0002") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stage.stop.send_replace(Some(End::Cancelled));
    };
    let both = futures_util::future::join(stage.upgrade(&[]), running);
    let (outcome, ()) = tokio::time::timeout(Duration::from_secs(30), both).await.unwrap();
    assert_eq!((outcome.end, outcome.verdict), (End::Cancelled, Verdict::Inconclusive));
    assert_eq!(outcome.detail, "migration failed: ended by SIGINT; database still at 0001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_changes_nothing_proves_nothing() {
    let mut stage = Stage::new().await;
    stage.reports_definitions = true;
    stage.sabotage("ALTER TABLE lots ADD COLUMN more TEXT;");
    let outcome = stage.upgrade(&["parts"]).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}", outcome.detail);
    // The rollback of 0003 does nothing: the column is still there.
    let outcome = stage.carry_out(Direction::Downgrade, "-1", MigrationTarget::Environment, &[]).await;
    assert_eq!((outcome.verdict, stage.stands_at().await), (Verdict::Inconclusive, 2), "{}", outcome.detail);
    assert!(outcome.detail.contains("this run changed nothing"), "{}", outcome.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrator_that_says_nothing_is_counted_by_where_it_went() {
    let mut stage = Stage::new().await;
    let loud = stage.command.trim_end_matches("; migrate").to_owned();
    stage.command = format!("{loud}; silent() {{ migrate \"$@\" | grep -v -e Running -e DONE; }}; silent");
    let outcome = stage.upgrade(&["parts"]).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{} {}", outcome.detail, stage.command);
    assert_eq!(value(&outcome, "revisions"), Some(2.0), "{}", outcome.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_who_opens_the_file_is_not_the_migrator() {
    let mut stage = Stage::new().await;
    let folder = stage.folder.path().to_owned();
    std::fs::copy(folder.join("real.db"), folder.join("other.db")).unwrap();
    let script =
        "case \"$1\" in current) sleep 0.3; cat other.db > /dev/null; echo 0001_some ;; *) echo moved > moved ;; esac";
    std::fs::write(folder.join("migrate.sh"), script).unwrap();
    stage.command = "sh migrate.sh".into();
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (ended, path) = (Arc::clone(&done), folder.join("real.db"));
    // A service of the environment, which has its database open all the time and opens it again and again.
    let service = std::thread::spawn(move || {
        while !ended.load(std::sync::atomic::Ordering::Relaxed) {
            let held = std::fs::File::open(&path).unwrap();
            std::thread::park_timeout(Duration::from_millis(20));
            drop(held);
        }
    });
    let outcome = stage.upgrade(&[]).await;
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    service.join().unwrap();
    assert_eq!((outcome.end, outcome.verdict), (End::NotStarted, Verdict::Inconclusive), "{}", outcome.detail);
    assert!(outcome.detail.contains("nothing was run"), "{}", outcome.detail);
    assert!(!folder.join("moved").exists());
}
