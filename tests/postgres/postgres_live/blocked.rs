//! A migration that waits, and those who wait behind it.

use super::postgres::{Base, cluster, connect};
use super::stage::{PATIENCE, Stage};
use gonogo::attempts::observer::orphans;
use gonogo::checklist::check::Direction;
use gonogo::checklist::offset::Span;
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::End;
use gonogo::deployment::fact::Ending;
use gonogo::deployment::live::{LockStanding, Session};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection};

async fn parts() -> Base {
    cluster()
        .database("CREATE TABLE parts (id int PRIMARY KEY); INSERT INTO parts SELECT generate_series(1, 100)")
        .await
}

async fn execute(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await.map(drop)
}

/// A session that has read the table and keeps its transaction open.
async fn report(base: &Base) -> PgConnection {
    let mut report = connect(&base.url).await;
    execute(&mut report, "SET application_name = 'report'; BEGIN; SELECT count(*) FROM parts").await.unwrap();
    report
}

/// Sessions that read the table behind whoever stands before them.
fn readers(base: &Base, count: usize) -> Vec<tokio::task::JoinHandle<()>> {
    let read = |url: String| async move {
        let mut shop = connect(&url).await;
        // A server that goes away ends the wait as well.
        let _ = execute(&mut shop, "SET application_name = 'shop'; SELECT count(*) FROM parts").await;
        let _ = shop.close().await;
    };
    (0..count).map(|_| tokio::spawn(read(base.url.clone()))).collect()
}

fn waiting_stage(attempt: u32) -> Stage {
    let mut stage = Stage::chain(attempt, &[("0001", "op.execute(\"ALTER TABLE parts ADD COLUMN note text\")")]);
    stage.migrator.lock_timeout = Some(Span::parse("110s").unwrap());
    stage
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_behind_a_blocked_migration_is_seen_and_its_cause_is_ended() {
    let base = parts().await;
    let stage = waiting_stage(201);
    let mut report = report(&base).await;
    let tag = stage.tag();
    let watching = async {
        stage.until("the migration's wait", |live| live.queue.iter().any(|waiter| waiter.is_migration(&tag))).await;
        let shops = readers(&base, 3);
        let live = stage.until("three sessions behind", |live| live.behind(&tag).count() == 3).await;
        let migration = live.queue.iter().find(|waiter| waiter.is_migration(&tag)).unwrap();
        assert_eq!((migration.what.as_str(), migration.wants.as_str()), ("parts", "AccessExclusiveLock"));
        let blocker = &migration.blockers[0];
        assert!(blocker.holds && blocker.session.application == "report", "{blocker:?}");
        assert_eq!(blocker.session.state, "idle in transaction");
        for shop in live.behind(&tag) {
            assert_eq!(shop.session.application, "shop");
            let before = shop.blockers.iter().find(|blocker| blocker.session.application == tag).unwrap();
            assert!(!before.holds, "the migration holds nothing yet: {before:?}");
        }
        assert!(live.locks.iter().any(|lock| lock.table == "parts" && lock.standing == LockStanding::Wanted));
        let live = stage.until("the statement", |live| live.statement.is_some()).await;
        let statement = live.statement.as_ref().unwrap();
        assert!(statement.text.starts_with("ALTER TABLE parts ADD"), "{statement:?}");
        assert_eq!((statement.phase.as_str(), statement.percent), ("waits for a lock", None));

        let culprit = live.culprit().unwrap().clone();
        assert_eq!(culprit.application, "report");
        // One that has another start is another session, whatever its number; and nobody ends an observer.
        let other = Session { started: "2001-01-01 00:00:00+00".into(), ..culprit.clone() };
        let why = orphans::end_one(&base.url, &other).await.unwrap_err().to_string();
        assert!(why.contains("is gone, or is not what it was"), "{why}");
        let observer = Session { application: "gonogo observer".into(), ..culprit.clone() };
        assert!(orphans::end_one(&base.url, &observer).await.unwrap_err().to_string().contains("gonogo itself"));
        assert_eq!(orphans::end_one(&base.url, &culprit).await.unwrap(), Ending::Session);
        for shop in shops {
            tokio::time::timeout(PATIENCE, shop).await.unwrap().unwrap();
        }
    };
    let (outcome, ()) = tokio::join!(stage.go(&base.url, Direction::Upgrade, "head"), watching);
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, stage.log());
    assert!(execute(&mut report, "SELECT 1").await.is_err(), "the report's session was ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_waits_too_long_gives_up_by_itself() {
    let base = parts().await;
    let mut stage = waiting_stage(202);
    stage.migrator.lock_timeout = Some(Span::parse("200ms").unwrap());
    let report = report(&base).await;
    let outcome = stage.go(&base.url, Direction::Upgrade, "head").await;
    assert_eq!((outcome.verdict, outcome.exit), (Verdict::Fail, Some(1)), "{}", outcome.detail);
    assert!(outcome.detail.contains("cancelled after waiting for parts for"), "{}", outcome.detail);
    assert!(
        outcome.detail.contains("held by") && outcome.detail.contains("database still at base"),
        "{}",
        outcome.detail
    );
    report.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ends_the_statement_on_the_server_and_nobody_elses() {
    let base = parts().await;
    let stage = waiting_stage(203);
    let mut report = report(&base).await;
    let tag = stage.tag();
    let cancelling = async {
        stage.until("the migration's wait", |live| live.queue.iter().any(|waiter| waiter.is_migration(&tag))).await;
        let shops = readers(&base, 1);
        stage.until("a session behind", |live| live.behind(&tag).count() == 1).await;
        stage.stop.send_replace(Some(End::Cancelled));
        for shop in shops {
            tokio::time::timeout(PATIENCE, shop).await.unwrap().unwrap();
        }
    };
    let (outcome, ()) = tokio::join!(stage.go(&base.url, Direction::Upgrade, "head"), cancelling);
    assert_eq!((outcome.end, outcome.verdict), (End::Cancelled, Verdict::Inconclusive), "{}", outcome.detail);
    assert!(outcome.detail.contains("; database still at base"), "{}", outcome.detail);
    assert!(outcome.detail.contains("no session and no lock left"), "{}\n{}", outcome.detail, stage.log());
    execute(&mut report, "SELECT 1").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn building_concurrently_waits_for_old_transactions_beyond_the_limit_for_tables() {
    let base = parts().await;
    base.run("CREATE TABLE other (id int); INSERT INTO other VALUES (1)").await;
    let build = "with op.get_context().autocommit_block():\n    \
                 op.execute(\"CREATE INDEX CONCURRENTLY parts_id_too ON parts (id)\")";
    let mut stage = Stage::chain(204, &[("0001", build)]);
    stage.migrator.lock_timeout = Some(Span::parse("300ms").unwrap());
    // Its snapshot is what the build waits for; the table it read is another one.
    let mut old = connect(&base.url).await;
    execute(&mut old, "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM other").await.unwrap();
    let tag = stage.tag();
    let releasing = async {
        let waits = |waiter: &gonogo::deployment::live::Waiter| waiter.is_migration(&tag) && waiter.waited_ms > 1_000;
        stage.until("a wait beyond the limit", |live| live.queue.iter().any(waits)).await;
        execute(&mut old, "COMMIT").await.unwrap();
    };
    let (outcome, ()) = tokio::join!(stage.go(&base.url, Direction::Upgrade, "head"), releasing);
    assert_eq!(outcome.verdict, Verdict::Pass, "{}\n{}", outcome.detail, stage.log());
    let valid = "SELECT indisvalid::text FROM pg_index WHERE indexrelid = 'parts_id_too'::regclass";
    assert_eq!(base.text(valid).await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migrator_under_another_name_is_known_by_its_connection_and_never_offered() {
    let base = parts().await;
    let mut stage = waiting_stage(205);
    let ini = stage.migrator.command.rsplit('\'').nth(1).unwrap().to_owned();
    let env = std::path::Path::new(&ini).with_file_name("alembic").join("env.py");
    let text = std::fs::read_to_string(&env).unwrap();
    let named = text
        .replace("poolclass=pool.NullPool)", "poolclass=pool.NullPool, connect_args={\"application_name\": \"shop\"})");
    assert_ne!(text, named);
    std::fs::write(&env, named).unwrap();
    stage.migrator.lock_timeout = Some(Span::parse("1s").unwrap());
    let report = report(&base).await;
    let tag = stage.tag();
    let watching = async {
        let live =
            stage.until("the wait of our own", |live| live.queue.iter().any(|waiter| waiter.is_migration(&tag))).await;
        assert_eq!(live.culprit().map(|session| session.application.as_str()), Some("report"), "{live:?}");
    };
    let (outcome, ()) = tokio::join!(stage.go(&base.url, Direction::Upgrade, "head"), watching);
    // Its driver takes no PGOPTIONS limit either: what gives up for it is reported with who held the table.
    assert_eq!(outcome.verdict, Verdict::Fail, "{}", outcome.detail);
    assert!(outcome.detail.contains("held by report"), "{}", outcome.detail);
    report.close().await.unwrap();
}
