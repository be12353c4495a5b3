//! Whatever is killed, nothing is left that nobody knows of.

use super::postgres::{cluster, connect};
use super::processes::kill;
use super::stage::Stage;
use gonogo::checklist::check::Direction;
use gonogo::deployment::Verdict;
use gonogo::deployment::attempt::End;
use gonogo::deployment::live::Live;
use sqlx::{AssertSqlSafe, Connection};

/// A revision that takes until it is ended, with a lock in its hands.
const SLOW: [(&str, &str); 2] = [
    ("0001", "op.execute(\"CREATE TABLE parts (id int)\")"),
    ("0002", "op.execute(\"ALTER TABLE parts ADD COLUMN note text\")\nop.execute(\"SELECT pg_sleep(100)\")"),
];

fn sleeps(live: &Live) -> bool {
    live.statement.as_ref().is_some_and(|statement| statement.text.contains("pg_sleep"))
}

async fn number(url: &str, sql: &str) -> i64 {
    let mut connection = connect(url).await;
    let number = sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    number
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_is_killed_fails_the_attempt_and_leaves_the_version() {
    let base = cluster().database("CREATE TABLE other (id int)").await;
    let stage = Stage::chain(301, &SLOW);
    let tag = stage.tag();
    let killing = async {
        stage.until("the slow statement", sleeps).await;
        let sql =
            format!("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = '{tag}'");
        assert!(number(&base.url, &sql).await >= 1);
    };
    let (outcome, ()) = tokio::join!(stage.go(&base.url, Direction::Upgrade, "head"), killing);
    assert_eq!((outcome.verdict, outcome.exit), (Verdict::Fail, Some(1)), "{}", outcome.detail);
    assert!(
        outcome.detail.contains("terminating connection") || outcome.detail.contains("closed the connection"),
        "{}",
        outcome.detail
    );
    assert!(outcome.detail.contains("; database still at base"), "{}", outcome.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alembic_that_is_killed_leaves_no_statement_running_on_the_server() {
    let base = cluster().database("CREATE TABLE other (id int)").await;
    let stage = Stage::chain(302, &SLOW);
    let tag = stage.tag();
    let killing = async {
        stage.until("the slow statement", sleeps).await;
        // Found by what is unique to this test in its command line: the folder of its chain.
        let project = stage.migrator.command.split('\'').nth(3).unwrap();
        let is_python = |word: &String| word.ends_with("/python") || word.ends_with("/python3");
        kill(|process| {
            process.words.first().is_some_and(is_python) && process.words.iter().any(|word| word == project)
        });
    };
    let (outcome, ()) = tokio::join!(stage.go(&base.url, Direction::Upgrade, "head"), killing);
    assert_eq!((outcome.end, outcome.verdict), (End::Completed, Verdict::Fail), "{}", outcome.detail);
    assert!(outcome.signal == Some(9) || outcome.exit == Some(137), "{outcome:?}");
    assert!(outcome.detail.contains("no session and no lock left"), "{}\n{}", outcome.detail, stage.log());
    let sql = format!("SELECT count(*) FROM pg_stat_activity WHERE application_name = '{tag}'");
    assert_eq!(number(&base.url, &sql).await, 0);
    assert_eq!(number(&base.url, "SELECT (to_regclass('parts') IS NULL)::int::int8").await, 1);
}
