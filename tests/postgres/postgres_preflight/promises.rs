//! Looking never harms: nothing is written, nothing waits behind a lock, and what cannot be reached is said.

use super::postgres::{Cluster, cluster};
use super::{Stage, of, reported};
use sqlx::{AssertSqlSafe, Connection};

const TABLES: &str = "CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, v int);
    INSERT INTO a SELECT i, NULLIF(i, 3) FROM generate_series(1, 50) AS i; INSERT INTO b SELECT * FROM a;";
const CHAIN: &str = "ALTER TABLE a ALTER COLUMN v SET NOT NULL;\nUPDATE b SET v = 1 WHERE v IS NULL;\nALTER TABLE b ALTER \
                     COLUMN v SET NOT NULL;\nALTER TABLE b ADD COLUMN u uuid DEFAULT gen_random_uuid();\nDROP TABLE a;";

#[tokio::test]
async fn nothing_is_written_and_select_is_right_enough() {
    let base = cluster().database(TABLES).await;
    let role = format!("reader_{}", base.name);
    base.run(&format!("CREATE ROLE {role} LOGIN PASSWORD 'reads'; GRANT pg_read_all_data, pg_monitor TO {role};"))
        .await;
    let read_only =
        super::postgres::Base { name: base.name.clone(), url: cluster().url_as(&role, "reads", &base.name) };
    // A transaction that writes takes a number; looking must not use one up.
    let numbers = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text || ' ' || (SELECT sum(tup_inserted + tup_updated + \
                   tup_deleted)::text FROM pg_stat_database WHERE datname = current_database())";
    let before = base.text(numbers).await;
    let (report, code) = Stage::of_files(&read_only, &[("1_x.sql", CHAIN)]).report(&[]);
    let fails = of(&report, "will-fail");
    assert!(code == 1 && fails.iter().any(|found| found["rows"] == 1), "{report:#}");
    assert!(
        fails.iter().any(|found| found["what"].as_str().unwrap().contains("must be owner of table a")),
        "{report:#}"
    );
    // Other tests work on the same server, so the numbers of transactions are compared by what this database did.
    let after = base.text(numbers).await;
    let written = |text: &str| text.split_once(' ').unwrap().1.to_owned();
    assert_eq!(written(&before), written(&after));
    assert_eq!(base.text("SELECT count(*)::text FROM b WHERE v IS NULL").await, "1");
}

#[tokio::test]
async fn a_locked_table_is_inconclusive_and_nothing_waits_for_it() {
    let base = cluster().database(TABLES).await;
    let mut holder = base.connect().await;
    let mut transaction = holder.begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE a IN ACCESS EXCLUSIVE MODE").execute(&mut *transaction).await.unwrap();
    let stage = Stage::of_files(&base, &[("1_x.sql", CHAIN)]);
    // It ends although the lock is held on to.
    let (report, _) = stage.report(&[]);
    transaction.rollback().await.unwrap();
    let unclear = of(&report, "inconclusive");
    assert!(
        unclear.iter().any(|f| f["table"] == "a" && f["what"].as_str().unwrap().contains("somebody holds a lock on a")),
        "{unclear:#?}"
    );
    assert!(
        reported(&report, "hazard").iter().any(|what| what.contains("holds AccessExclusiveLock on a")),
        "{report:#}"
    );
    // The other table is evaluated all the same.
    assert!(unclear.iter().all(|f| f["table"] != "b"), "{unclear:#?}");
}

#[tokio::test]
async fn a_question_that_takes_too_long_is_inconclusive() {
    let base = cluster().database(TABLES).await;
    base.run("CREATE FUNCTION slow(int) RETURNS boolean STABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN true; END $$")
        .await;
    let sql = "ALTER TABLE a ADD CONSTRAINT c CHECK (slow(v));";
    let (report, code) = Stage::of_files(&base, &[("1_x.sql", sql)]).report(&["--limit", "1"]);
    let unclear = reported(&report, "inconclusive");
    assert!(unclear.iter().any(|what| what.contains("not answered within 1.0 s")), "{unclear:#?}");
    assert_eq!(code, 1);
}

#[tokio::test]
async fn dangers_of_the_moment_are_named() {
    let cluster = Cluster::start("max_prepared_transactions = 3\n");
    let base = cluster.database(TABLES).await;
    base.run("BEGIN; INSERT INTO b VALUES (1000, 1); PREPARE TRANSACTION 'left over'").await;
    let mut dump = sqlx::PgConnection::connect(&format!("{}?application_name=pg_dump", base.url)).await.unwrap();
    let mut transaction = dump.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe("SELECT count(*) FROM a".to_owned())).execute(&mut *transaction).await.unwrap();
    let (report, _) = Stage::of_files(&base, &[("1_x.sql", CHAIN)]).report(&[]);
    transaction.rollback().await.unwrap();
    let hazards = reported(&report, "hazard");
    assert!(hazards.iter().any(|what| what.contains("a dump runs")), "{hazards:#?}");
    assert!(hazards.iter().any(|what| what.contains("left over")), "{hazards:#?}");
}

#[tokio::test]
async fn what_cannot_be_reached_or_evaluated_is_said_in_a_sentence() {
    let base = cluster().database(TABLES).await;
    let stage = Stage::of_neurohub(&base.url.replace(&base.name, "there_is_none"));
    let said = stage.run(&[]);
    assert_eq!(said.code, 5, "{}", said.errors);
    assert!(said.errors.contains("there_is_none") && !said.errors.contains("p%40ss"), "{}", said.errors);
    let checklist = stage.folder.path().join("check.toml");
    let said = super::run(&checklist, &[], &[]);
    assert_eq!(said.code, 4, "{}", said.errors);
    assert!(said.errors.contains("PREFLIGHT_TEST_URL is not set"), "{}", said.errors);
    let said = super::run(&checklist, &[("PREFLIGHT_TEST_URL", "sqlite:x.db")], &[]);
    assert_eq!(said.code, 1, "{}", said.errors);
    assert!(said.output.contains("nothing was evaluated: the database is SQLite"), "{}", said.output);
    let said = stage.run(&["--to", "no_such_revision"]);
    assert_eq!(said.code, 5);
}

#[tokio::test]
async fn a_revision_that_is_not_there_is_an_error_with_the_nearest_name() {
    let base = cluster().database(TABLES).await;
    let files = [("1_parts.sql", "SELECT 1;"), ("2_licences.sql", "ALTER TABLE a ALTER COLUMN v SET NOT NULL;")];
    let stage = Stage::of_files(&base, &files);
    for (words, expected) in [
        (["--to", "3"], "there are: `1_parts`, `2_licences`"),
        (["--to", "2_licence"], ""),
        (["--from", "no_such"], "--from no_such"),
        (["--to", "licences"], "did you mean `2_licences`?"),
    ] {
        let said = stage.run(&words);
        // A version alone names its file, whatever title stands behind it.
        let status = if expected.is_empty() { 1 } else { 2 };
        assert_eq!(said.code, status, "{words:?}: {} {}", said.output, said.errors);
        assert!(said.errors.contains(expected), "{words:?}: {}", said.errors);
    }
    let stage = Stage::of_neurohub(&base.url);
    for words in [["--to", "0003_add_wip_uniq_index"], ["--from", "0003_add_wip_uniq_index"]] {
        let said = stage.run(&words);
        assert_eq!(said.code, 2, "{words:?}: {} {}", said.output, said.errors);
        assert!(said.errors.contains("did you mean `0003_add_wip_unique_index`?"), "{}", said.errors);
    }
}
