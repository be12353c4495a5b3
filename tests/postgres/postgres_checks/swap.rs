//! A backup restored beside the database in use and swapped in by renaming.

use super::at;
use super::bench::{Bench, Heard, measured, movable, outcome};
use super::postgres::{Base, cluster, connect, text};
use gonogo::attempts::checks::backup::{self, CommandEnd, CommandRunner};
use gonogo::checklist::check::{Backup, BackupStage};
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::Outcome;
use sqlx::Connection;

pub(crate) const MADE: &str = "p/s/make";
const SCHEMA: &str = "
CREATE TABLE lots (id int PRIMARY KEY, code text);
INSERT INTO lots SELECT i, 'L' || i FROM generate_series(1, 300) AS i;
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
INSERT INTO alembic_version VALUES ('0001_initial_schema');
";

pub(crate) struct NoCommand;

impl CommandRunner for NoCommand {
    fn run<'a>(
        &'a self,
        command: &'a str,
        _: &'a [(&'static str, String)],
    ) -> futures_util::future::BoxFuture<'a, Result<CommandEnd, String>> {
        panic!("no command is to be run: {command}")
    }
}

async fn carry_out(bench: &Bench, stage: BackupStage) -> (Outcome, Heard) {
    let check = Backup { stage, of: Some(MADE.into()) };
    let console = Heard::default();
    let outcome = movable(backup::carry_out(&bench.assignment(), &check, &console, &NoCommand)).await;
    (outcome, console)
}

/// A bench with a backup that was made and read back.
async fn bench(base: &Base) -> Bench {
    let mut bench = at(&base.url).await;
    bench.environment.migrator = Some(gonogo::checklist::environment::Migrator::new(
        gonogo::checklist::environment::MigratorKind::Alembic,
        "alembic",
        Vec::new(),
    ));
    let (made, console) = carry_out(&bench, BackupStage::Make).await;
    assert_eq!(made.verdict, Verdict::Pass, "{}\n{}", made.detail, console.text());
    assert_eq!(made.revision.as_deref(), Some("0001_initial_schema"));
    bench.backup(MADE, BackupStage::Make, None);
    bench.backup("p/s/verify", BackupStage::Verify, Some(MADE));
    bench.past(MADE, made);
    bench.past("p/s/verify", outcome(Verdict::Pass));
    bench
}

async fn databases(like: &str) -> String {
    let sql = format!(
        "SELECT coalesce(string_agg(datname, ' ' ORDER BY datname), '') FROM pg_database WHERE datname LIKE '{like}'"
    );
    text(&cluster().url("postgres"), &sql).await
}

/// Databases that this bench's attempts make for themselves.
fn own(bench: &Bench) -> String {
    format!("gonogo\\_{}\\_%", bench.state.first.as_ref().unwrap().short())
}

#[tokio::test]
async fn the_copy_takes_the_databases_place_and_the_one_before_is_kept() {
    let base = cluster().database(SCHEMA).await;
    base.run(&format!(
        "CREATE ROLE swap_reader; REVOKE CONNECT ON DATABASE {0} FROM PUBLIC; GRANT CONNECT ON DATABASE {0} TO swap_reader; \
         GRANT SELECT ON lots TO swap_reader; ALTER DATABASE {0} SET search_path = public, pg_catalog; \
         ALTER DATABASE {0} SET work_mem = '5MB'; ALTER DATABASE {0} CONNECTION LIMIT 50",
        base.name
    ))
    .await;
    let bench = bench(&base).await;
    // Written since, and somebody who never left.
    base.run("DELETE FROM lots WHERE id > 10; UPDATE alembic_version SET version_num = '0003'").await;
    let mut service = connect(&base.url).await;
    let (outcome, console) = carry_out(&bench, BackupStage::Swap).await;
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, console.text());
    assert!(outcome.detail.contains("300 rows as recorded"), "{}", outcome.detail);
    assert!(outcome.detail.contains("sessions ended: client backend of neurohub"), "{}", outcome.detail);
    assert!(measured(&outcome, "restore").is_some_and(|seconds| seconds > 0.0));
    assert_eq!(outcome.revision.as_deref(), Some("0001_initial_schema"));
    assert!(service.ping().await.is_err(), "it was in the database that is no longer there by that name");

    assert_eq!(base.text("SELECT count(*)::text FROM lots").await, "300");
    assert_eq!(base.text("SELECT has_table_privilege('swap_reader', 'lots', 'SELECT')::text").await, "true");
    let about = "SELECT datconnlimit || ' ' || current_setting('search_path') || ' ' || current_setting('work_mem') || ' ' || \
                 has_database_privilege('swap_reader', datname, 'CONNECT') || ' ' || (datacl::text LIKE '%{=%') FROM pg_database WHERE datname = current_database()";
    assert_eq!(base.text(about).await, "50 public, pg_catalog 5MB true false");
    let before = databases(&format!("{}\\_before\\_%", base.name)).await;
    assert!(
        outcome.detail.contains(&before) && !before.contains(' ') && !before.is_empty(),
        "{before}: {}",
        outcome.detail
    );
    assert_eq!(text(&cluster().url(&before), "SELECT count(*)::text FROM lots").await, "10");
    assert_eq!(databases(&own(&bench)).await, "");
}

#[tokio::test]
async fn without_a_backup_that_was_read_back_everything_stays() {
    let base = cluster().database(SCHEMA).await;
    let mut bench = bench(&base).await;
    bench.items.retain(|item| item.id.as_str() != "p/s/verify");
    let (outcome, _) = carry_out(&bench, BackupStage::Swap).await;
    assert!(
        outcome.verdict == Verdict::Inconclusive && outcome.detail.contains("never read back"),
        "{}",
        outcome.detail
    );
    assert_eq!(databases(&format!("{}\\_before\\_%", base.name)).await, "");
}

#[tokio::test]
async fn a_copy_that_differs_is_thrown_away_and_the_database_stays_open() {
    let base = cluster().database(SCHEMA).await;
    let mut bench = bench(&base).await;
    let made = bench.state.attempts.iter_mut().find(|attempt| attempt.item.as_str() == MADE).unwrap();
    if let gonogo::deployment::attempt::AttemptPhase::Finished(outcome) = &mut made.phase {
        std::sync::Arc::make_mut(outcome).revision = Some("0009".into());
    }
    let (outcome, console) = carry_out(&bench, BackupStage::Swap).await;
    assert_eq!(outcome.verdict, Verdict::Fail, "{}\n{}", outcome.detail, console.text());
    assert!(outcome.detail.contains("stands at 0001_initial_schema, the database stood at 0009"), "{}", outcome.detail);
    assert_eq!(base.text("SELECT count(*)::text FROM lots").await, "300");
    assert_eq!(databases(&own(&bench)).await, "");
}
